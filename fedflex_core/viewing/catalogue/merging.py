"""Several lists of series made one: each series once, each cell from the first list that knows it.

The order of the lists is the order of trust. A later list fills cells that are still empty, adds names and
adds series; it never changes what an earlier one said. Each row says where its cells are from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, NamedTuple

from fedflex_core.viewing.catalogue.items import Catalogue
from fedflex_core.viewing.catalogue.row import COLUMNS, CatalogueRow, numbered, slug
from fedflex_core.viewing.matching import Matcher
from fedflex_core.viewing.matching.names import read_name

__all__ = ["Finder", "Merged", "Source", "SourceCount", "cells_by_source", "may_be_one", "merge"]

_FACTS = tuple(column for column in COLUMNS if column not in ("item_id", "provenance"))
# Lists date a series by its pilot, its first season or its first country: more years apart is a remake.
_YEARS_APART = 2


class Source(NamedTuple):
    """One list."""

    name: str
    """How its cells are marked: letters, digits, `-`, `_` and `.`."""
    catalogue: Catalogue
    adds: bool = True
    """Whether series that no earlier list has are taken from it."""


@dataclass(frozen=True)
class SourceCount:
    """What became of the rows of one list; all counts are rows."""

    name: str
    new: int
    """Series that no earlier list had."""
    completed: int
    """Series of earlier lists that got a cell or a name from it."""
    agreed: int
    """Series of earlier lists to which it had nothing to add."""
    doubles: int
    """Rows for a series that another row of the same list had stood for."""
    unclear: int
    """Rows that may be any of several series of one name, left out."""
    films: int
    """Films, left out."""
    passed: int
    """Series that no earlier list had, left out since the list only completes."""


@dataclass(frozen=True)
class Merged:
    """The one catalogue, and how it came about."""

    catalogue: Catalogue
    sources: tuple[SourceCount, ...]

    def known(self) -> dict[str, int]:
        """For each column, in how many rows it is filled."""
        rows = self.catalogue.rows()
        return {column: sum(_is_known(getattr(row, column)) for row in rows) for column in _FACTS}


class Finder:
    """Finds the row of a series in the lists before."""

    def __init__(self, rows: Sequence[CatalogueRow]) -> None:
        self._rows = list(rows)
        self._matcher = Matcher(Catalogue.of_rows(rows), min_similarity=1)
        self.ids = {row.item_id for row in rows}
        self.titles = {_plain(row.title) for row in rows}

    def find(self, row: CatalogueRow) -> list[int]:
        """The rows that it may be: none for a new series, several where nothing tells them apart."""
        found = self._matcher.meanings(row.title, kind=row.kind or None)
        near = [at for at in found if may_be_one(self._rows[at], row)]
        alike = [at for at in near if row.year and self._rows[at].year == row.year]
        return alike or near


def merge(sources: Sequence[Source], *, films: bool = False) -> Merged:
    """Merge lists of series; with `films`, of films too.

    Two rows are one series if they have a name in common, as a history's names are matched, and were
    first shown within two years of each other as far as both say so.

    >>> from fedflex_core.viewing.catalogue.items import read_catalogue
    >>> first = read_catalogue(b"title,year,genres\\nDark,2017,\\n")
    >>> second = read_catalogue(b"title,year,genres\\nDark,2018,Sci-Fi\\nElite,2018,Drama\\n")
    >>> merged = merge([Source("mine", first), Source("public", second)])
    >>> row = merged.catalogue.items.iloc[0]
    >>> row["genres"], int(row["year"]), row["provenance"]
    (('Sci-Fi',), 2017, ('mine: title year', 'public: genres'))
    """
    rows: list[CatalogueRow] = []
    counts = []
    for source in sources:
        rows, count = _with(rows, source, films)
        counts.append(count)
    notes = tuple(f"{s.name}: {note}" for s in sources for note in s.catalogue.notes)
    ordered = sorted(rows, key=lambda row: row.item_id)
    return Merged(Catalogue.of_rows(ordered, notes), tuple(counts))


def cells_by_source(catalogue: Catalogue) -> dict[str, Counter[str]]:
    """For each source, how many cells of each column are from it."""
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    for row in catalogue.rows():
        for entry in row.provenance:
            source, _, columns = entry.partition(": ")
            cells[source].update(columns.split())
    return dict(cells)


def may_be_one(one: CatalogueRow, other: CatalogueRow) -> bool:
    """Whether two rows with a name in common can be one series: a remake is of another time or place."""
    if not one.year or not other.year or one.year == other.year:
        return True
    one_place = not one.country or not other.country or one.country == other.country
    return one_place and abs(one.year - other.year) <= _YEARS_APART


def _with(
    rows: Sequence[CatalogueRow], source: Source, films: bool
) -> tuple[list[CatalogueRow], SourceCount]:
    """The rows completed from one more list, and what became of its rows."""
    merged = list(rows)
    finder = Finder(merged)
    count: Counter[str] = Counter()
    seen: set[int] = set()
    for row in source.catalogue.rows():
        if row.kind == "film" and not films:
            count["films"] += 1
            continue
        match finder.find(row):
            case [] if source.adds:
                count["new"] += 1
                merged.append(_named(_marked(row, source.name), finder.ids))
            case []:
                count["passed"] += 1
            case [at] if at not in seen:
                seen.add(at)
                completed = _completed(merged[at], row, source.name, finder.titles)
                count["agreed" if completed is merged[at] else "completed"] += 1
                merged[at] = completed
            case [_]:
                count["doubles"] += 1
            case _:
                count["unclear"] += 1
    names = [entry.name for entry in fields(SourceCount) if entry.name != "name"]
    return merged, SourceCount(source.name, **{name: count[name] for name in names})


def _completed(
    row: CatalogueRow, other: CatalogueRow, source: str, titles: set[str]
) -> CatalogueRow:
    """The row with its empty cells filled from another; itself where there is nothing to fill."""
    changes: dict[str, Any] = {
        column: getattr(other, column)
        for column in _FACTS
        if _is_known(getattr(other, column)) and not _is_known(getattr(row, column))
    }
    if aliases := _new_names(row, other, titles):
        changes["aliases"] = (*row.aliases, *aliases)
    if not changes:
        return row
    provenance = (*row.provenance, _entry(source, changes))
    return row.model_copy(update={**changes, "provenance": provenance})


def _new_names(row: CatalogueRow, other: CatalogueRow, titles: set[str]) -> list[str]:
    """Names that the other row has besides; never the title of another series."""
    known = {_plain(name) for name in (row.title, *row.aliases)} | titles
    new = {_plain(name): name for name in (other.title, *other.aliases)}
    return [name for plain, name in new.items() if plain and plain not in known]


def _marked(row: CatalogueRow, source: str) -> CatalogueRow:
    if row.provenance:  # it was merged before, and knows
        return row
    known = {column: None for column in _FACTS if _is_known(getattr(row, column))}
    return row.model_copy(update={"provenance": (_entry(source, known),)})


def _named(row: CatalogueRow, ids: set[str]) -> CatalogueRow:
    """With an id that no other row has: that of its list, else from its title and year."""
    plain = slug(row.title)
    wished = chain([row.item_id], numbered(f"{plain}-{row.year}" if row.year else plain))
    item_id = next(name for name in wished if name and name not in ids)
    ids.add(item_id)
    return row.model_copy(update={"item_id": item_id})


def _entry(source: str, columns: Mapping[str, Any]) -> str:
    return f"{source}: {' '.join(column for column in _FACTS if column in columns)}"


def _is_known(value: Any) -> bool:
    return value is not None and value not in ("", ())


def _plain(name: str) -> str:
    return read_name(name).forms[2]
