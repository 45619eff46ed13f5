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

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing._catalogue_row import GENRES, CatalogueRow, clean_text, slug

__all__ = ["MAX_BYTES", "BadCatalogue", "parse_csv", "write_csv"]

MAX_BYTES = 50_000_000
"""The largest file that is read; public lists of everything on Netflix have 4 MB."""

_MAX_LINES_NAMED = 5

# Header names that public lists of series use for our columns, ours first.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "item_id": ("item_id", "show_id", "id"),
    "title": ("title", "name"),
    "kind": ("kind", "type"),
    "year": ("year", "release_year"),
    "end_year": ("end_year",),
    "genres": ("genres", "genre", "listed_in"),
    "country": ("country", "production_countries"),
    "language": ("language",),
    "seasons": ("seasons",),
    "episodes": ("episodes",),
    "maturity": ("maturity", "rating", "age_certification"),
    "imdb_score": ("imdb_score", "imdb"),
    "imdb_votes": ("imdb_votes",),
    "cast": ("cast",),
    "synopsis": ("synopsis", "description"),
    "aliases": ("aliases",),
}

_EXPECTED = {
    "year": "a year from 1900 to 2100",
    "end_year": "a year from 1900 to 2100, not before the first year",
    "kind": '"series" or "film"',
    "imdb_score": "a number from 0 to 10",
}


class BadCatalogue(FedFlexError):
    """The file cannot be used as a catalogue at all; nothing was read from it."""


def parse_csv(
    data: bytes, columns: Mapping[str, str] | None = None
) -> tuple[list[CatalogueRow], list[str]]:
    """Read the rows of a catalogue file, sorted by id, and what there is to say about them.

    Raises:
        BadCatalogue: The file is no CSV with a title column and at least one title.
    """
    header, records = _records(_decode(data))
    where = _columns(header, columns)
    problems: dict[tuple[str, str], list[int]] = defaultdict(list)
    numbered = []
    for line, record in records:
        if any(map(str.strip, record[len(header) :])):
            problems["wide", ""].append(line)
        values = {ours: record[at] for ours, at in where.items() if at < len(record)}
        if row := _row(values, line, problems):
            numbered.append((line, row))
    rows = sorted(_with_ids(_distinct(numbered, problems), problems), key=lambda row: row.item_id)
    if not rows:
        raise BadCatalogue(
            "No row of the file has a title.",
            "A line for each series below the header line.",
            "Add the series, or choose another file.",
        )
    return rows, _notes(rows, problems)


def write_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The canonical bytes of a catalogue: UTF-8, `|` in lists, `\\n` at line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADERS)
    writer.writerows([_cell(row[column]) for column in _HEADERS] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        # One name with a comma keeps a closing bar, or it would be read as two.
        return "|".join(value) + ("|" if len(value) == 1 and "," in value[0] else "")
    if isinstance(value, str):
        return value
    return "" if value is None or value != value else str(value)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise BadCatalogue(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB.",
            "A catalogue with one line for each series.",
            "Choose another file.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadCatalogue(
            "The file is not text in UTF-8.",
            "A CSV file in UTF-8.",
            "In a spreadsheet, save it as 'CSV UTF-8', then choose that file.",
        )
    return text


def _records(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        records = [(reader.line_num, record) for record in reader if any(map(str.strip, record))]
    except csv.Error:
        raise BadCatalogue(
            f"Line {reader.line_num} cannot be read as CSV.",
            "Columns parted by commas, quotes in pairs.",
            "Correct that line, or save the file again from a spreadsheet.",
        ) from None
    if not records:
        raise BadCatalogue(
            "The file is empty.",
            "A header line with a `title` column, and a line for each series.",
            "Choose another file.",
        )
    return [clean_text(name) for name in records[0][1]], records[1:]


def _columns(header: Sequence[str], columns: Mapping[str, str] | None) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    chosen = dict(columns or {})
    if unknown := sorted(set(chosen) - set(_HEADERS)):
        raise BadCatalogue(
            f"There is no catalogue column {unknown[0]!r}.",
            f"One of {', '.join(_HEADERS)}.",
            "Correct the renaming of columns.",
        )
    if missing := sorted(set(chosen.values()) - set(header)):
        raise _no_column(missing[0], header)
    places = {name.casefold(): at for at, name in reversed(list(enumerate(header)))}
    found = {ours: header.index(theirs) for ours, theirs in chosen.items()}
    for ours, names in _HEADERS.items():
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
    numbered: Iterable[tuple[int, CatalogueRow]], problems: dict[tuple[str, str], list[int]]
) -> list[tuple[int, CatalogueRow]]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for line, row in numbered:
        facts = (row.title.casefold(), row.year, row.kind)
        names = {facts} | ({("id", slug(row.item_id))} if row.item_id else set())
        if names & seen:
            problems["double", "title"].append(line)
        else:
            kept.append((line, row))
        seen |= names
    return kept


def _with_ids(
    numbered: Sequence[tuple[int, CatalogueRow]], problems: dict[tuple[str, str], list[int]]
) -> list[CatalogueRow]:
    """Ids from titles where there are none; the year is added where two series share a title."""
    taken = {slug(row.item_id) for _, row in numbered if row.item_id}
    plain = Counter(slug(row.title) for _, row in numbered if not row.item_id)
    rows = []
    for line, row in numbered:
        made = slug(row.item_id) if row.item_id else slug(row.title)
        if not row.item_id:
            problems["id", "item_id"].append(line)
            if (plain[made] > 1 or made in taken) and row.year:
                made = f"{made}-{row.year}"
            made = next(name for name in _numbered(made) if name not in taken)
            taken.add(made)
        rows.append(row.model_copy(update={"item_id": made}))
    return rows


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


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
