"""A catalogue made from files: each is read as what it is, then all are merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fedflex_core.viewing.catalogue.imdb import is_imdb_data_set, read_imdb
from fedflex_core.viewing.catalogue.items import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.catalogue.layouts import HEADERS
from fedflex_core.viewing.catalogue.merging import Merged, Source, merge
from fedflex_core.viewing.catalogue.table import BadCatalogue, header_of

__all__ = ["BUNDLED", "build_catalogue", "renamed"]

BUNDLED = "bundled"
"""The word for the bundled catalogue, in place of a file."""


def renamed(pairs: Iterable[str]) -> dict[str, str]:
    """Our column -> the file's, from texts `OURS=THEIRS`.

    Raises:
        BadCatalogue: A text has no `=`, or there is no such column of ours.

    >>> renamed(["title=Titel"])
    {'title': 'Titel'}
    """
    columns = {}
    for pair in pairs:
        ours, sign, theirs = pair.partition("=")
        if not sign or ours.strip() not in HEADERS:
            raise BadCatalogue(
                "A column is named in a way that says nothing.",
                f"OURS=THEIRS, with one of {', '.join(HEADERS)} before the sign.",
                "For example: --column title=Titel.",
            )
        columns[ours.strip()] = theirs.strip()
    return columns


def build_catalogue(
    sources: Sequence[str],
    columns: dict[str, str] | None = None,
    films: bool = False,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
) -> Merged:
    """Read lists of series and merge them.

    Args:
        sources: Paths of files, or `bundled`; the most trusted first. IMDb's data sets come last
            wherever they stand, and add no series.
        columns: Our columns -> those of the lists that have them.
        films: Whether films are kept.
        progress: Called with what is being done and the share done, 0 to 1.

    Raises:
        BadCatalogue: A file cannot be used, or there is no list of series among them.
    """
    data_sets = [name for name in sources if name != BUNDLED and is_imdb_data_set(Path(name))]
    lists = [name for name in sources if name not in data_sets]
    if not lists:
        raise BadCatalogue(
            "There is no list of series to make a catalogue from.",
            "A file, or the word `bundled`; data sets of IMDb only complete other lists.",
            "For example: fedflex catalogue build bundled netflix_titles.csv --out mine",
        )
    read: list[Source] = []
    for at, name in enumerate(lists):
        progress(f"Reading list {at + 1} of {len(lists)}", at / len(sources))
        read.append(Source(_plain_name(name, {one.name for one in read}), _read(name, columns)))
    merged = merge(read, films=films)
    for at, name in enumerate(data_sets, start=len(lists)):
        progress("Looking series up in IMDb's data sets", at / len(sources))
        known = read_imdb(Path(name), merged.catalogue)
        read.append(Source(_plain_name(name, {one.name for one in read}), known, adds=False))
        merged = merge(read, films=films)
    return merged


def _read(name: str, columns: dict[str, str] | None) -> Catalogue:
    if name == BUNDLED:
        return load_bundled()
    theirs = set(columns.values()) if columns else set()
    return read_catalogue(name, columns=columns if theirs and theirs <= header_of(name) else None)


def _plain_name(name: str, taken: set[str]) -> str:
    """The file's name, without what has a meaning in `provenance`."""
    plain = re.sub(r"[^\w.-]+", "_", Path(name).stem) or "list"
    number = sum(one == plain or one.startswith(f"{plain}-") for one in taken)
    return f"{plain}-{number + 1}" if number else plain
