"""The command `fedflex evaluate`: would the lists have held what people went on to watch?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fedflex_core.errors import FedFlexError
from fedflex_core.faces import terminal
from fedflex_core.faces.evaluation_plot import write_curve
from fedflex_core.faces.evaluation_words import say_left_out, show_evaluation
from fedflex_core.faces.pictures import check_plot
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.evaluation import DEFAULT_ARMS, EVALUATED, evaluate, evaluation_design
from fedflex_core.study.held_out import HeldOut, people_of_histories
from fedflex_core.study.home import home_folder
from fedflex_core.study.ratings_table import items_of_table, people_of_ratings
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.catalogue.pair import read_pair
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, embed_catalogue
from fedflex_core.viewing.ratings import Rule

__all__ = ["evaluate_command"]

_Show = Callable[[str, float], None]


def evaluate_command(
    words: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="MORE")] = None,
    histories: Annotated[
        Path | None, typer.Option(help="A folder with one Netflix export for each person.")
    ] = None,
    ratings: Annotated[
        Path | None, typer.Option(help="A table of ratings: userId,movieId,rating,timestamp.")
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="With --ratings: its items: movieId,title,genres.")
    ] = None,
    arms: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARM ...",
            help=f"What to evaluate: {', '.join(EVALUATED)}. Default: {' '.join(DEFAULT_ARMS)}.",
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="How many rounds are run.")] = 10,
    epsilon: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=100,
            help="The most that one arm may cost a person over all rounds; noise then is central if no mode "
            "is given. With a mode and no epsilon: 8.",
        ),
    ] = None,
    privacy_mode: Annotated[
        Mode | None,
        typer.Option(
            help="Who adds the noise: each participant (local), the aggregator once (central), nobody (off, "
            "if no epsilon is given)."
        ),
    ] = None,
    lambda_: Annotated[
        float,
        typer.Option("--lambda", min=0, max=1, help="Weight of relevance in list B, 0 to 1."),
    ] = 0.3,
    seeds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N ...", help="One run for each, averaged; never the privacy noise. Default: 1."
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help="With --histories: your own catalogue, as `fedflex catalogue build` made it."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print plain JSON, for scripts; --json FILE.json writes it to the file."
        ),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw nDCG@5 over the rounds into this file, SVG or PNG.")
    ] = None,
) -> None:
    """Evaluate lists offline: would they have held what people went on to watch?

    The last fifth of every person's series, by the day they were first watched, is held out. Everybody's
    viewings before that make a study in memory, with the same local updates, noise, averaging and lists
    as a real one; then lists A and B are held against what was held out. Beside the arms stand what is popular
    among these people (`popularity`) and the public start without any round (`public-start`). Every mean
    has a 95 % bootstrap interval over people.

    Histories are Netflix exports; a household's file counts each profile as a person. Or take a table of
    ratings and one of items, as MovieLens has them: `--ratings ratings.csv --items movies.csv`. Their titles
    are embedded once, which takes a while and needs the extra `embeddings`.

    Several arms or seeds stand one after the other: `--arms svd bpr popularity --seeds 1 2 3`.
    """
    said = _sorted_words(arms or (), seeds or (), words or (), as_json)
    if plot:
        check_plot(plot)
    mode = privacy_mode or (Mode.OFF if epsilon is None else Mode.CENTRAL)
    design = evaluation_design(said.arms, rounds, mode, epsilon or 8.0, lambda_)
    with terminal.progress() as show:
        people, known, embeddings = _data(
            histories, ratings, items, catalogue, design.rating_rules, show
        )
        found = evaluate(design, said.arms, people, known, embeddings, said.seeds, show)
    answer = found.to_dict()
    if said.json_file:
        _write(said.json_file, json.dumps(answer, indent=1, ensure_ascii=False))
    if plot:
        write_curve(answer, plot)
    only_json = as_json and said.json_file is None
    terminal.print_json(answer) if only_json else show_evaluation(answer)
    say_left_out(people.left_out, people.notes, error=only_json)


# --- the words of the command -----------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    json_file: Path | None


def _sorted_words(
    arms: Sequence[str], seeds: Sequence[str], words: Sequence[str], as_json: bool
) -> _Said:
    """Arms, seeds and the file for JSON, from options and from the words that follow them.

    An option takes one word, so that of `--arms svd bpr --seeds 1 2` `bpr` and `2` come apart from it.
    """
    found: dict[str, None] = {}
    numbers: dict[int, None] = {}
    file: Path | None = None
    for word in (part for one in (*arms, *seeds, *words) for part in one.split(",") if part):
        if word in EVALUATED:
            found[word] = None
        elif re.fullmatch(r"[0-9]{1,9}", word):
            numbers[int(word)] = None
        elif as_json and file is None and word.endswith(".json"):
            file = Path(word)
        else:
            raise _unknown(word)
    return _Said(tuple(found) or DEFAULT_ARMS, tuple(numbers) or (1,), file)


def _unknown(word: str) -> FedFlexError:
    shown = f"{word!r}" if re.fullmatch(r"[\w-]{1,20}", word) else "One word of the command"
    return FedFlexError(
        f"{shown} is neither an arm nor a seed.",
        f"Arms: {', '.join(EVALUATED)}; seeds: whole numbers.",
        "For example: fedflex evaluate --histories FOLDER --arms svd bpr --seeds 1 2",
    )


# --- the data ---------------------------------------------------------------------------------


def _data(
    histories: Path | None,
    ratings: Path | None,
    items: Path | None,
    catalogue: Path | None,
    rules: Sequence[Rule],
    show: _Show,
) -> tuple[HeldOut, Catalogue, CatalogueEmbeddings]:
    """The people, the items and their embeddings."""
    if histories and not (ratings or items):
        known, embeddings = read_pair(catalogue)
        return people_of_histories(histories, known, rules, show), known, embeddings
    if ratings and items and not (histories or catalogue):
        show("Reading ratings", 0.0)
        known = items_of_table(items)
        people = people_of_ratings(ratings, known)
        return people, known, _embedded(known, show)
    raise FedFlexError(
        "The command does not say whom to evaluate, or says it twice.",
        "--histories FOLDER, better with --catalogue; or both --ratings FILE and --items FILE.",
        "For example: fedflex evaluate --ratings ratings.csv --items movies.csv",
    )


def _embedded(known: Catalogue, show: _Show) -> CatalogueEmbeddings:
    what = "Embedding titles"
    show(what, 0.0)
    cache = home_folder() / "embeddings.sqlite"
    return embed_catalogue(known, lambda done, total: show(what, done / total), cache)


def _write(place: Path, text: str) -> None:
    try:
        place.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FedFlexError(
            f"The JSON file cannot be written ({error.strerror}).",
            "A place that you may write to.",
            "Choose another place for --json.",
        ) from None
