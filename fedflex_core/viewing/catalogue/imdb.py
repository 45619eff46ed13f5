"""IMDb's public data sets, which describe everything ever shown: what they know of some series.

`title.basics.tsv` has titles, years and genres; beside it, `title.ratings.tsv` has scores and votes, and
`title.akas.tsv` the names in other countries. They hold millions of lines, so they are read line by line,
as they are downloaded (`.tsv` or `.tsv.gz`), and only the series asked for are kept.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fedflex_core.viewing.catalogue.items import Catalogue
from fedflex_core.viewing.catalogue.merging import Finder
from fedflex_core.viewing.catalogue.row import CatalogueRow
from fedflex_core.viewing.catalogue.table import BadCatalogue

__all__ = ["is_imdb_data_set", "read_imdb"]

_SERIES = frozenset({"tvSeries", "tvMiniSeries"})
_NOT_SHOWN_SO = frozenset({"working", "video", "dvd", "festival"})
_NOTHING = "\\N"


def is_imdb_data_set(path: Path) -> bool:
    """Whether a file is `title.basics`, whatever its name."""
    try:
        header = next(_lines(path), [])
    except (OSError, ValueError):
        return False
    return header[:3] == ["tconst", "titleType", "primaryTitle"]


def read_imdb(basics: Path, wanted: Catalogue) -> Catalogue:
    """What IMDb knows of the series of `wanted`, as a list to merge; of namesakes the one with most votes.

    Args:
        basics: The file `title.basics.tsv`; the other two are looked for in its folder.
        wanted: Whose series are looked up, by name and first year.

    Raises:
        BadCatalogue: A file cannot be read.
    """
    try:
        found = _found(basics, wanted)
        _add_ratings(found, _beside(basics, "title.ratings"))
        best = _with_most_votes(found)
        _add_names(best, _beside(basics, "title.akas"))
    except (OSError, EOFError, ValueError, IndexError, csv.Error) as error:
        raise BadCatalogue(
            f"An IMDb data set cannot be read ({type(error).__name__}).",
            "title.basics.tsv as IMDb publishes it, title.ratings.tsv and title.akas.tsv beside it.",
            "Download it again.",
        ) from None
    rows = [CatalogueRow.model_validate(cells) for cells in best.values()]
    return Catalogue.of_rows(sorted(rows, key=lambda row: row.item_id))


def _lines(path: Path) -> Iterator[list[str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)


def _beside(basics: Path, name: str) -> Path | None:
    places = (basics.with_name(f"{name}.tsv"), basics.with_name(f"{name}.tsv.gz"))
    return next((place for place in places if place.is_file()), None)


def _found(basics: Path, wanted: Catalogue) -> dict[str, dict[str, Any]]:
    """By IMDb's id: the cells of the series that are asked for, and which row of `wanted` each is."""
    finder = Finder(wanted.rows())
    found = {}
    lines = _lines(basics)
    next(lines, None)
    for line in lines:
        if line[1] in _SERIES:
            cells = _cells(line)
            match finder.find(CatalogueRow.model_validate(cells)):
                case [at]:
                    found[line[0]] = cells | {"at": at}
    return found


def _cells(line: list[str]) -> dict[str, Any]:
    tconst, _kind, title, original, _adult, year, end_year, _minutes, genres = line[:9]
    return {
        "item_id": tconst,
        "title": title,
        "kind": "series",
        "year": "" if year == _NOTHING else year,
        "end_year": "" if end_year == _NOTHING else end_year,
        "genres": "" if genres == _NOTHING else genres,
        "aliases": (original,),
    }


def _add_ratings(found: dict[str, dict[str, Any]], ratings: Path | None) -> None:
    for tconst, score, votes in _lines(ratings) if ratings else ():
        if tconst in found:
            found[tconst] |= {"imdb_score": score, "imdb_votes": votes}


def _with_most_votes(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    best: dict[int, str] = {}
    for tconst in sorted(found, key=lambda name: int(found[name].get("imdb_votes", 0))):
        best[found[tconst].pop("at")] = tconst
    return {tconst: found[tconst] for tconst in sorted(best.values())}


def _add_names(found: dict[str, dict[str, Any]], akas: Path | None) -> None:
    for line in _lines(akas) if akas else ():
        if line[0] in found and not _NOT_SHOWN_SO & set(line[5].split("\x02")):
            found[line[0]]["aliases"] += (line[2],)
