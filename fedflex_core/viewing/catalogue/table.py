"""From a file's bytes to the table in it: CSV, TSV or JSON, in whatever alphabet it was saved."""

from __future__ import annotations

import csv
import io
import json
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.alphabets import encoding_of
from fedflex_core.viewing.catalogue.row import clean_text

__all__ = ["MAX_BYTES", "BadCatalogue", "Table", "bytes_of", "header_of", "table_of"]

MAX_BYTES = 50_000_000
"""The largest file that is read; public lists of everything on Netflix have 4 MB."""

_CONTROLS = [chr(n) for n in (*range(9), *range(14, 32), 127, 0xFFFD)]


class BadCatalogue(FedFlexError):
    """The file cannot be used as a catalogue at all; nothing was read from it."""


def bytes_of(source: str | PathLike[str] | bytes) -> bytes:
    """The file's content.

    Raises:
        BadCatalogue: It cannot be opened.
    """
    if isinstance(source, bytes):
        return source
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one more than allowed, so that it is noticed
    except OSError as error:
        raise BadCatalogue(
            f"The catalogue file cannot be opened ({error.strerror}).",
            "A CSV file that you may read.",
            "Check the file's name and place.",
        ) from None


def header_of(source: str | PathLike[str] | bytes) -> set[str]:
    """The names of a file's columns.

    Raises:
        BadCatalogue: It cannot be read.
    """
    return set(table_of(bytes_of(source)).header)


class Table(NamedTuple):
    """The cells of a file."""

    header: list[str]
    """The names of the columns."""
    records: list[tuple[int, list[str]]]
    """The number and the cells of each line below them."""
    encoding: str
    """What the file was saved in."""


def table_of(data: bytes) -> Table:
    """The table in a file.

    Raises:
        BadCatalogue: It is too large, no text, or no table.

    >>> table_of(b"title;year\\nDark;2017\\n").records
    [(2, ['Dark', '2017'])]
    """
    text, encoding = _decode(data)
    return Table(*_records(text), encoding)


def _decode(data: bytes) -> tuple[str, str]:
    if len(data) > MAX_BYTES:
        raise BadCatalogue(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB.",
            "A catalogue with one line for each series.",
            "Choose another file.",
        )
    encoding = encoding_of(data)
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if "\0" in text or sum(map(text[:4096].count, _CONTROLS)) > 80:
        raise BadCatalogue(
            "The file is not text.",
            "A CSV file in UTF-8.",
            "In a spreadsheet, save it as 'CSV UTF-8', then choose that file.",
        )
    return text, encoding


def _records(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the number and the cells of each line below them."""
    if text.lstrip()[:1] in ("[", "{"):
        return _json_records(text)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    plain: dict[str, Any] = {"quoting": csv.QUOTE_NONE} if first.startswith("tconst\t") else {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **plain)
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


def _json_records(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The same of a JSON list, of an answer with `results`, or of a JSON object a line."""
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
    except ValueError:
        found = _json_lines(text)
    rows = found.get("results", [found]) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadCatalogue(
            "The file is JSON, and no list of series.",
            "A list of objects with a `title` or `name`, one a series.",
            "Choose another file, or save it as CSV.",
        )
    header = list(dict.fromkeys(str(name) for row in rows for name in row))
    cells = [[_plain(row.get(name)) for name in header] for row in rows]
    return header, list(enumerate(cells, start=1))


def _json_lines(text: str) -> list[Any] | None:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return _plain(value.get("name", ""))
    return "" if value is None else str(value)
