"""The commands `fedflex catalogue …`: make a catalogue of one's own, or check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedflex_core.faces import terminal
from fedflex_core.faces.catalogue_words import build_as_dict, show_build, show_contradictions
from fedflex_core.study.home import home_folder
from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.catalogue.building import build_catalogue, renamed
from fedflex_core.viewing.catalogue.contradictions import (
    bundled_explanations,
    contradictions,
    unexplained,
)
from fedflex_core.viewing.catalogue.pair import pair_paths, write_pair
from fedflex_core.viewing.embeddings import embed_catalogue

__all__ = ["Json", "catalogue_app", "catalogue_of"]

Json = Annotated[bool, typer.Option("--json", help="Print plain JSON, for scripts.")]

catalogue_app = typer.Typer(
    help="Make a catalogue of your own, or check one.", no_args_is_help=True
)


def catalogue_of(place: Path | None) -> Catalogue:
    """A catalogue's file, by its own name or its pair's; the bundled one if none is named."""
    if place is None:
        return load_bundled()
    return read_catalogue(place if place.exists() else pair_paths(place)[0])


@catalogue_app.command()
def build(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Lists of series, the most trusted first: files, or the word `bundled`.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Name of the two files to write, FILE.csv and FILE.safetensors.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="OURS=THEIRS, for lists with other names: --column title=Titel. May be repeated."
        ),
    ] = None,
    films: Annotated[bool, typer.Option("--films", help="Keep films, too.")] = False,
    as_json: Json = False,
) -> None:
    """Make a catalogue of your own from one list of series or several.

    Known are What's on Netflix, `netflix_titles`, Netflix with IMDb scores, lists and data sets of IMDb and
    of TMDB (CSV, TSV or JSON), catalogues of FedFlex, and any CSV whose columns you name. A series that is in
    several lists becomes one, each cell from the first list that knows it; the column `provenance` keeps
    which. Films are left out. IMDb's `title.basics.tsv` describes everything ever shown, so it completes
    series of other lists and adds none; `title.ratings.tsv` and `title.akas.tsv` beside it are used, too.
    Embedding the texts needs the extra `embeddings`: pip install "fedflex[embeddings]".
    """
    with terminal.progress() as show:
        merged = build_catalogue(sources, renamed(column or ()), films, show)
        show("Embedding titles and synopses", 0.0)
        embeddings = embed_catalogue(
            merged.catalogue,
            lambda done, total: show("Embedding titles and synopses", done / total),
            home_folder() / "embeddings.sqlite",
        )
    write_pair(out, merged.catalogue, embeddings)
    answer = build_as_dict(merged)
    terminal.print_json(answer) if as_json else show_build(answer)


@catalogue_app.command()
def check(
    against: Annotated[
        list[Path], typer.Argument(help="Other lists of series.", show_default=False)
    ],
    catalogue: Annotated[
        Path | None, typer.Option(help="Your own catalogue instead of the bundled one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold a catalogue against other lists, and name where the two cannot both be right.

    First years, genres, votes, scores, seasons and the spelling of titles are compared. Differences that the
    bundled catalogue explains are only counted. Ends with 1 if any is left without an explanation.
    """
    items = catalogue_of(catalogue)
    explained = {} if catalogue else bundled_explanations()
    found = {place.stem: contradictions(items, read_catalogue(place)) for place in against}
    left = {name: unexplained(differences, explained) for name, differences in found.items()}
    if as_json:
        terminal.print_json({name: [one._asdict() for one in ones] for name, ones in left.items()})
    else:
        show_contradictions(left, {name: len(found[name]) - len(left[name]) for name in left})
    raise typer.Exit(1 if any(left.values()) else 0)
