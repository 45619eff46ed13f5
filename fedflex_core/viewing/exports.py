"""From the bytes of an export to its rows, whatever programs the file has been through.

Two kinds of file are known: the viewing-activity download (`Title,Date`) and `ViewingActivity.csv`
of the full data request. Rows are read line by line, since no field of either holds a line's end: a
quote that a spreadsheet lost then costs one row, not the rest of the file.
"""

import codecs
import csv
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.dates import looks_like_date

__all__ = ["MAX_EXPORT_BYTES", "ExportRows", "NotAnExport", "read_rows"]

MAX_EXPORT_BYTES = 64 * 1024 * 1024
"""No export is larger: 64 MB hold some 600,000 rows of the full data request."""

_EXPECTED = "A viewing history as Netflix gives it: a CSV file with titles and dates."
_AGAIN = "Download it again from your Netflix account (Viewing activity, Download all)."


class NotAnExport(FedFlexError):
    """A file that is not a viewing-history export; says what it seems to be instead."""

    def __init__(self, found: str, way_out: str = _AGAIN) -> None:
        super().__init__(found, _EXPECTED, way_out)


@dataclass(frozen=True)
class ExportRows:
    """The rows of an export as texts, all lists of one length.

    Attributes:
        titles, dates: As in the file, without quotes.
        profiles: `""` where the file has no profiles.
        durations: As `H:MM:SS`, or `""`.
        supplemental: What a trailer or clip is called in the full data request, or `""`.
        broken: Rows that could not be told apart into these columns; they are not in the lists.
        full: Whether the file comes from a full data request, with one row a sitting.
    """

    titles: list[str]
    dates: list[str]
    profiles: list[str]
    durations: list[str]
    supplemental: list[str]
    broken: int
    full: bool


def read_rows(source: str | os.PathLike[str] | bytes | memoryview) -> ExportRows:
    """Read the rows of an export, given its path or its bytes.

    >>> rows = read_rows(b'Title,Date\\n"Dark: Season 1: Rain","3/25/21"\\n')
    >>> rows.titles, rows.dates, rows.broken
    (['Dark: Season 1: Rain'], ['3/25/21'], 0)

    Raises:
        NotAnExport: The file is empty, too large, of another kind, or has other columns.
    """
    lines = _lines(_decode(_bytes_of(source)))
    if not lines:
        raise NotAnExport("The file is empty.")
    layout, body = _layout(lines)
    return _collect(layout, body)


# --- bytes and text ---------------------------------------------------------------------------


def _bytes_of(source: str | os.PathLike[str] | bytes | memoryview) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        _check_size(memoryview(source).nbytes)
        return bytes(source)
    try:
        facts = os.stat(source)
        if not stat.S_ISREG(facts.st_mode):
            raise NotAnExport("This is a folder or a device, not a file.", "Choose the CSV file.")
        _check_size(facts.st_size)
        with open(source, "rb") as file:
            return file.read(MAX_EXPORT_BYTES)
    except (OSError, ValueError):  # ValueError: a name with a NUL in it
        raise NotAnExport(
            "The file could not be opened.", "Check that it is there and that you may read it."
        ) from None


def _check_size(size: int) -> None:
    if size > MAX_EXPORT_BYTES:
        limit = MAX_EXPORT_BYTES // 2**20
        raise NotAnExport(f"The file has {size // 2**20} MB, and an export at most {limit} MB.")


_ZIP_WAY = "Open the zip, look for ViewingActivity.csv in it, and choose that file."
_SHEET_WAY = "Open it in the spreadsheet program and save it as CSV."
_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet", f"{_ZIP_WAY} Or: {_SHEET_WAY}"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet", _SHEET_WAY),
    (b"\x1f\x8b", "a compressed archive", _ZIP_WAY),
    (b"Rar!", "a compressed archive", _ZIP_WAY),
    (b"7z\xbc\xaf", "a compressed archive", _ZIP_WAY),
    (b"\x89PNG", "a picture", _AGAIN),
    (b"\xff\xd8\xff", "a picture", _AGAIN),
    (b"GIF8", "a picture", _AGAIN),
    (b"RIFF", "a picture or a film", _AGAIN),
    (b"%PDF", "a PDF document", _AGAIN),
    (b"{\\rtf", "a text document", _AGAIN),
)


def _decode(data: bytes) -> str:
    """The file's text: UTF-8 or UTF-16 with or without a mark, else the old Windows alphabet."""
    for start, kind, way_out in _OTHER_KINDS:
        if data.startswith(start):
            raise NotAnExport(f"The file is {kind}, whatever its name ends with.", way_out)
    text = data.decode(_encoding(data), errors="replace")
    if not text.strip("\ufeff\x00 \t\r\n,;"):
        raise NotAnExport("The file is empty.")
    unreadable = sum(map(text[:4096].count, _CONTROLS))
    if unreadable * 50 > len(text[:4096]):
        raise NotAnExport("The file is not text.")
    _refuse_markup(text[:4096].lstrip("\ufeff \t\r\n"))
    return text.lstrip("\ufeff")


_CONTROLS = [chr(n) for n in (*range(9), 11, *range(14, 28), 127, 0xFFFD)]


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    if head.count(0) * 4 > len(head):  # Latin letters in UTF-16: every second byte is zero
        return "utf-16-be" if head[:1] == b"\x00" else "utf-16-le"
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = len(data) - len(text)  # letters beyond ASCII take more than one byte
    return "utf-8" if bad == 0 or good > 4 * bad else "cp1252"


def _refuse_markup(start: str) -> None:
    if start[:1] == "<" and re.match(r"<(?:!doctype|html|\?xml|head|!--)", start, re.IGNORECASE):
        raise NotAnExport("The file is a web page.")
    if re.match(r'\{\s*["}]|\[\s*[\[{\]]', start):
        raise NotAnExport("The file is JSON.")


def _lines(text: str) -> list[str]:
    """The lines that hold something; a line of commas alone, as spreadsheets leave, does not."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    return [line for line in lines if line.strip(' \t,;"')]


# --- columns ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """Where the columns are; None where a file has no such column."""

    delimiter: str
    width: int
    title: int
    date: int
    profile: int | None = None
    duration: int | None = None
    supplemental: int | None = None


_DELIMITERS = ",;\t|"
_TITLE_NAMES = frozenset(
    {"title", "titel", "titre", "título", "titolo", "tytuł", "otsikko", "tittel", "başlık"}
)
_DATE_NAMES = frozenset({"date", "starttime", "datum", "fecha", "data", "dato", "pvm", "tarih"})


def _layout(lines: list[str]) -> tuple[_Layout, list[str]]:
    """The columns of the file and the lines below its header."""
    said = re.fullmatch(r'"?sep=(.)"?[,;]*', lines[0].strip())
    if said:  # how one spreadsheet program tells another
        lines = lines[1:]
    if not lines:
        raise NotAnExport("The file has no rows.")
    for delimiter in said[1] if said and said[1] in _DELIMITERS else _DELIMITERS:
        if layout := _by_header(_split_line(lines[0], delimiter), delimiter):
            header = lines[0]
            return layout, [line for line in lines[1:] if line != header]
    for delimiter in _DELIMITERS:
        if layout := _without_header(lines[:50], delimiter):
            return layout, lines
    raise NotAnExport("The file's columns are not those of a viewing history.")


def _by_header(fields: list[str], delimiter: str) -> _Layout | None:
    names = [_column_name(field) for field in fields]
    while names and not names[-1]:
        names.pop()
    title, date = _first_of(names, _TITLE_NAMES), _first_of(names, _DATE_NAMES)
    if title is None or date is None:
        return None
    return _Layout(
        delimiter,
        len(names),
        title,
        date,
        _first_of(names, {"profilename", "profile"}),
        _first_of(names, {"duration"}),
        _first_of(names, {"supplementalvideotype"}),
    )


def _column_name(field: str) -> str:
    text = unicodedata.normalize("NFC", field).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _first_of(names: Sequence[str], wanted: frozenset[str] | set[str]) -> int | None:
    return next((n for n, name in enumerate(names) if name in wanted), None)


def _without_header(lines: list[str], delimiter: str) -> _Layout | None:
    """The columns of a file without a header, told by where its dates are."""
    rows = [_split_line(line, delimiter) for line in lines]
    first = rows[0]
    while first and not first[-1].strip():
        first.pop()
    if len(first) >= 9 and _mostly(rows, 1, looks_like_date) and _mostly(rows, 2, _is_duration):
        return _Layout(delimiter, len(first), 4, 1, 0, 2, 5)
    if len(first) != 2:
        return None
    for date, title in ((1, 0), (0, 1)):
        if _mostly(rows, date, looks_like_date) and _mostly(rows, title, _has_letters):
            return _Layout(delimiter, 2, title, date)
    return None


def _mostly(rows: list[list[str]], column: int, test: Callable[[str], object]) -> bool:
    hits = sum(bool(len(row) > column and test(row[column])) for row in rows)
    return hits * 10 >= len(rows) * 7


def _is_duration(text: str) -> bool:
    return bool(re.fullmatch(r"\s*\d{1,3}:\d\d:\d\d\s*", text))


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text)) and not looks_like_date(text)


# --- rows -------------------------------------------------------------------------------------


_CHUNK = 500  # lines at a time: rows that soon go away again are three times as fast


def _collect(layout: _Layout, lines: list[str]) -> ExportRows:
    places = [
        layout.title, layout.date, layout.profile, layout.duration, layout.supplemental
    ]  # fmt: skip
    columns: list[list[str]] = [[] for _ in places]
    for start in range(0, len(lines), _CHUNK):
        rows = _fitting_rows(lines[start : start + _CHUNK], layout)
        for column, at in zip(columns, places, strict=True):
            if at is None:
                column.extend([""] * len(rows))
            else:
                column.extend([row[at].strip() if len(row) > at else "" for row in rows])
    titles, dates, profiles, durations, supplemental = columns
    full = layout.profile is not None and layout.duration is not None
    broken = len(lines) - len(titles)
    return ExportRows(titles, dates, profiles, durations, supplemental, broken, full)


def _fitting_rows(lines: list[str], layout: _Layout) -> list[list[str]]:
    """The rows that have the layout's columns, or can be brought to them."""
    rows = _split_all(lines, layout.delimiter)
    if all(len(row) == layout.width for row in rows):
        return rows
    fitting = [
        row if _fits(row, layout) else _repair(line, layout)
        for row, line in zip(rows, lines, strict=True)
    ]
    return [row for row in fitting if row is not None]


def _split_all(lines: list[str], delimiter: str) -> list[list[str]]:
    """One row a line: at once where all quotes are whole, else line by line."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
        if len(rows) == len(lines):
            return rows
    except csv.Error:
        pass
    return [_split_line(line, delimiter) for line in lines]


def _split_line(line: str, delimiter: str) -> list[str]:
    try:
        fields = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a field beyond any length that makes sense
        return []
    if len(fields) == 1 and delimiter in fields[0] and fields[0] != line:
        return _split_line(fields[0], delimiter)  # a spreadsheet put the whole line in quotes
    return fields


def _fits(row: list[str], layout: _Layout) -> bool:
    needed = max(layout.title, layout.date)
    if not needed < len(row):
        return False
    return len(row) <= layout.width or not any(row[layout.width :])


def _repair(line: str, layout: _Layout) -> list[str] | None:
    """A row whose quotes or commas went wrong: what is too much belongs to the title."""
    row = _split_line(line, layout.delimiter)
    if _fits(row, layout):
        return row
    fields = line.split(layout.delimiter)
    while len(fields) > layout.width and not fields[-1].strip(' "'):
        fields.pop()
    extra = len(fields) - layout.width
    if extra < 0:
        return None
    at = layout.title
    title = layout.delimiter.join(fields[at : at + extra + 1])
    merged = [*fields[:at], title, *fields[at + extra + 1 :]]
    return [_unquoted(field) for field in merged]


def _unquoted(field: str) -> str:
    text = field.strip()
    return text.removeprefix('"').removesuffix('"').replace('""', '"')
