"""The catalogue as a CSV file: how it is read, with whatever is amiss in it, and how it is written.

Reading is forgiving where a recommendation can do without (a bad year is left empty and noted) and
strict where it cannot (no title column, nothing that can be read). Writing is canonical: the same
catalogue always gives the same bytes, so that their hash names the catalogue.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from fedflex_core.viewing.catalogue.genres import GENRES
from fedflex_core.viewing.catalogue.layouts import HEADERS, OTHER_KINDS, Layout, layout_of
from fedflex_core.viewing.catalogue.row import CatalogueRow, clean_text, numbered, slug
from fedflex_core.viewing.catalogue.table import BadCatalogue, table_of

__all__ = ["parse_csv", "write_csv"]

_MAX_LINES_NAMED = 5

_EXPECTED = {
    "year": "a year from 1900 to 2100",
    "end_year": "a year from 1900 to 2100, not before the first year",
    "kind": '"series" or "film"',
    "imdb_score": "a number from 0 to 10",
}


def parse_csv(
    data: bytes, columns: Mapping[str, str] | None = None
) -> tuple[list[CatalogueRow], list[str]]:
    """Read the rows of a catalogue file, sorted by id, and what there is to say about them.

    Raises:
        BadCatalogue: The file is no CSV with a title column and at least one title.
    """
    problems: dict[tuple[str, str], list[int]] = defaultdict(list)
    header, records, encoding = table_of(data)
    layout = None if columns else layout_of(header)
    where = _columns_of(layout, header) if layout else _columns(header, columns)
    ours = set(HEADERS) - {"provenance"} <= set(header)  # written here, so nothing is garbled
    read = []
    for line, record in records:
        if any(map(str.strip, record[len(header) :])):
            problems["wide", ""].append(line)
        values = {column: record[at] for column, at in where.items() if at < len(record)}
        if not ours:
            values = _mended(values, line, problems)
        if row := _row(values, line, problems):
            read.append((line, _as_said(row, layout, line, problems)))
    rows = sorted(_with_ids(_distinct(read, problems), problems), key=lambda row: row.item_id)
    if not rows:
        raise BadCatalogue(
            "No row of the file has a title.",
            "A line for each series below the header line.",
            "Add the series, or choose another file.",
        )
    notes = [f"The file is not UTF-8; read as {encoding}."] if encoding != "utf-8" else []
    return rows, notes + _notes(rows, problems)


def write_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The canonical bytes of a catalogue: UTF-8, `|` in lists, `\\n` at line ends."""
    table = list(rows)
    # Only a merged catalogue says where its cells are from.
    known = any(row["provenance"] for row in table)
    header = [column for column in HEADERS if known or column != "provenance"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row[column]) for column in header] for row in table)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        # One name with a comma keeps a closing bar, or it would be read as two.
        return "|".join(value) + ("|" if len(value) == 1 and "," in value[0] else "")
    if isinstance(value, str):
        return value
    return "" if value is None or value != value else str(value)


def _columns_of(layout: Layout, header: Sequence[str]) -> dict[str, int]:
    """Where each of our columns stands in a list of a known layout."""
    places = _places(header)
    return {ours: places[name] for ours, name in layout.columns.items() if name in places}


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each name stands first, in small letters."""
    return {name.casefold(): at for at, name in reversed(list(enumerate(header)))}


def _mended(
    values: dict[str, Any], line: int, problems: dict[tuple[str, str], list[int]]
) -> dict[str, Any]:
    """Letters that were read in a wrong alphabet once before, as in `Ã©`, put right."""
    import ftfy  # here, since the bundled catalogue, which every page reads, needs none of it

    mended = {
        column: value if value.isascii() else ftfy.fix_encoding(value)
        for column, value in values.items()
    }
    if mended != values:
        problems["letters", ""].append(line)
    return mended


def _as_said(
    row: CatalogueRow,
    layout: Layout | None,
    line: int,
    problems: dict[tuple[str, str], list[int]],
) -> CatalogueRow:
    """The row as its list means it: of which kind all rows are, and whether a year is the first one."""
    if layout is None:
        return row
    changes: dict[str, Any] = {} if row.kind else {"kind": layout.kind}
    if layout.newest_year and row.kind != "film" and row.year:
        problems["newest", "year"].append(line)
        changes["year"] = None
    return row.model_copy(update=changes)


def _columns(header: Sequence[str], columns: Mapping[str, str] | None) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    chosen = dict(columns or {})
    if unknown := sorted(set(chosen) - set(HEADERS)):
        raise BadCatalogue(
            f"There is no catalogue column {unknown[0]!r}.",
            f"One of {', '.join(HEADERS)}.",
            "Correct the renaming of columns.",
        )
    if missing := sorted(set(chosen.values()) - set(header)):
        raise _no_column(missing[0], header)
    places = _places(header)
    found = {ours: header.index(theirs) for ours, theirs in chosen.items()}
    for ours, names in HEADERS.items():
        at = next((places[name] for name in names if name in places), None)
        if ours not in found and at is not None and at not in found.values():
            found[ours] = at
    if "title" not in found:
        raise _no_column("title", header)
    return found


def _no_column(name: str, header: Sequence[str]) -> BadCatalogue:
    shown = ", ".join(column[:30] for column in header[:12] if column) or "nothing"
    return BadCatalogue(
        f"Line 1 has no column {name!r}; it has: {shown}.",
        "A header line with a column for the title.",
        "Rename the column in the file, or say which column it is.",
    )


def _row(
    values: dict[str, Any], line: int, problems: dict[tuple[str, str], list[int]]
) -> CatalogueRow | None:
    """The row of one line; what cannot be read is left empty and noted."""
    if clean_text(values.get("kind", "")).casefold() in OTHER_KINDS:
        problems["other", "kind"].append(line)
        return None
    try:
        row = CatalogueRow.model_validate(values)
    except ValidationError as error:
        bad = {str(detail["loc"][0]) for detail in error.errors()}
        for column in sorted(bad):
            problems["bad", column].append(line)
        good = {column: value for column, value in values.items() if column not in bad}
        return None if "title" in bad or "title" not in values else _row(good, line, problems)
    if row.year and row.end_year and row.end_year < row.year:
        problems["bad", "end_year"].append(line)
        return row.model_copy(update={"end_year": None})
    return row


def _distinct(
    read: Iterable[tuple[int, CatalogueRow]], problems: dict[tuple[str, str], list[int]]
) -> list[tuple[int, CatalogueRow]]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for line, row in read:
        facts = (row.title.casefold(), row.year, row.kind)
        names = {facts} | ({("id", slug(row.item_id))} if row.item_id else set())
        if names & seen:
            problems["double", "title"].append(line)
        else:
            kept.append((line, row))
        seen |= names
    return kept


def _with_ids(
    read: Sequence[tuple[int, CatalogueRow]], problems: dict[tuple[str, str], list[int]]
) -> list[CatalogueRow]:
    """Ids from titles where there are none; the year is added where two series share a title."""
    taken = {slug(row.item_id) for _, row in read if row.item_id}
    plain = Counter(slug(row.title) for _, row in read if not row.item_id)
    rows = []
    for line, row in read:
        made = slug(row.item_id) if row.item_id else slug(row.title)
        if not row.item_id:
            problems["id", "item_id"].append(line)
            if (plain[made] > 1 or made in taken) and row.year:
                made = f"{made}-{row.year}"
            made = next(name for name in numbered(made) if name not in taken)
            taken.add(made)
        rows.append(row.model_copy(update={"item_id": made}))
    return rows


def _notes(
    rows: Sequence[CatalogueRow], problems: Mapping[tuple[str, str], Sequence[int]]
) -> list[str]:
    notes = [_note(what, column, lines) for (what, column), lines in problems.items()]
    known = set(GENRES)
    if others := sorted({genre for row in rows for genre in row.genres} - known):
        shown = ", ".join(genre[:30] for genre in others[:8])
        more = f" and {len(others) - 8} more" if len(others) > 8 else ""
        notes.append(f"Column genres: not in the usual list, kept as they are: {shown}{more}.")
    return notes


def _note(what: str, column: str, lines: Sequence[int]) -> str:
    if what == "id":
        return f"{len(lines)} series had no item_id; made from their titles."
    if what == "newest":
        return f"{len(lines)} series: the list gives the year of the newest season; left empty."
    if what == "other":
        return f"{len(lines)} rows are neither series nor films; left out."
    if what == "letters":
        return f"{_lines(lines)}: letters were garbled (`Ã©` for `é`) and have been put right."
    if what == "wide":
        return f"{_lines(lines)}: more columns than the header; text with commas needs quotes."
    if what == "double":
        return f"{_lines(lines)}, column {column}: the series is there already; left out."
    if column == "title":
        return f"{_lines(lines)}, column title: no usable title; left out."
    expected = _EXPECTED.get(column, "a whole number")
    return f"{_lines(lines)}, column {column}: not {expected}; left empty."


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_MAX_LINES_NAMED]))
    more = f" and {len(lines) - _MAX_LINES_NAMED} more" if len(lines) > _MAX_LINES_NAMED else ""
    return f"{'Line' if len(lines) == 1 else 'Lines'} {shown}{more}"
