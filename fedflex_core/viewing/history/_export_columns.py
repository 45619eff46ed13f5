"""Which columns an export has: told by its header, or by what stands in the rows of one that lost it."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fedflex_core.viewing.history.dates import looks_like_date

__all__ = ["Layout", "find_layout", "said_delimiter", "split_line"]


@dataclass(frozen=True)
class Layout:
    """Where the columns are; None where a file has no such column."""

    delimiter: str
    width: int
    title: int
    date: int
    profile: int | None = None
    duration: int | None = None
    supplemental: int | None = None
    header: str | None = None
    """The header's line, which some files have twice."""


_DELIMITERS = ",;\t|"
_TITLE_NAMES = frozenset(
    {"title", "titel", "titre", "título", "titolo", "tytuł", "otsikko", "tittel", "başlık"}
)
_DATE_NAMES = frozenset({"date", "starttime", "datum", "fecha", "data", "dato", "pvm", "tarih"})


def said_delimiter(line: str) -> str | None:
    """What `sep=;` says, as the first line by which one spreadsheet program tells another.

    >>> said_delimiter("sep=;"), said_delimiter("Title;Date")
    (';', None)
    """
    said = re.fullmatch(r'"?sep=(.)"?[,;]*', line.strip())
    return said[1] if said else None


def find_layout(lines: Sequence[str], said: str | None = None) -> Layout | None:
    """The columns of a file; None where they are not those of a viewing history.

    Args:
        lines: Its first lines, one at least, up to some fifty.
        said: The delimiter that the file itself names.

    >>> layout = find_layout(["Date;Title", "3/25/21;Okja"])
    >>> layout.delimiter, layout.title, layout.date
    (';', 1, 0)
    """
    for delimiter in said if said and said in _DELIMITERS else _DELIMITERS:
        if layout := _by_header(lines[0], delimiter):
            return layout
    for delimiter in _DELIMITERS:
        if layout := _without_header(lines, delimiter):
            return layout
    return None


def split_line(line: str, delimiter: str) -> list[str]:
    """The fields of one line; none where the line is beyond any length that makes sense."""
    try:
        fields = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return []
    if len(fields) == 1 and delimiter in fields[0] and fields[0] != line:
        return split_line(fields[0], delimiter)  # a spreadsheet put the whole line in quotes
    return fields


def _by_header(header: str, delimiter: str) -> Layout | None:
    names = [_column_name(field) for field in split_line(header, delimiter)]
    while names and not names[-1]:
        names.pop()
    title, date = _first_of(names, _TITLE_NAMES), _first_of(names, _DATE_NAMES)
    if title is None or date is None:
        return None
    return Layout(
        delimiter,
        len(names),
        title,
        date,
        _first_of(names, {"profilename", "profile"}),
        _first_of(names, {"duration"}),
        _first_of(names, {"supplementalvideotype"}),
        header,
    )


def _column_name(field: str) -> str:
    text = unicodedata.normalize("NFC", field).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _first_of(names: Sequence[str], wanted: frozenset[str] | set[str]) -> int | None:
    return next((n for n, name in enumerate(names) if name in wanted), None)


def _without_header(lines: Sequence[str], delimiter: str) -> Layout | None:
    """The columns of a file without a header, told by where its dates are."""
    rows = [split_line(line, delimiter) for line in lines]
    first = rows[0]
    while first and not first[-1].strip():
        first.pop()
    if len(first) >= 9 and _mostly(rows, 1, looks_like_date) and _mostly(rows, 2, _is_duration):
        return Layout(delimiter, len(first), 4, 1, 0, 2, 5)
    if len(first) != 2:
        return None
    for date, title in ((1, 0), (0, 1)):
        if _mostly(rows, date, looks_like_date) and _mostly(rows, title, _has_letters):
            return Layout(delimiter, 2, title, date)
    return None


def _mostly(rows: list[list[str]], column: int, test: Callable[[str], object]) -> bool:
    hits = sum(bool(len(row) > column and test(row[column])) for row in rows)
    return hits * 10 >= len(rows) * 7


def _is_duration(text: str) -> bool:
    return bool(re.fullmatch(r"\s*\d{1,3}:\d\d:\d\d\s*", text))


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text)) and not looks_like_date(text)
