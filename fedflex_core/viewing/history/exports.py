"""From the bytes of an export to its rows, whatever programs the file has been through.

Two kinds of file are known: the viewing-activity download (`Title,Date`) and `ViewingActivity.csv`
of the full data request. Rows are read line by line, since no field of either holds a line's end: a
quote that a spreadsheet lost then costs one row, not the rest of the file.

A file of a million rows goes through in small pieces, and of equal texts one is kept.
"""

import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.alphabets import encoding_of
from fedflex_core.viewing.history._date_texts import cut_times
from fedflex_core.viewing.history._export_columns import (
    Layout,
    find_layout,
    said_delimiter,
    split_line,
)
from fedflex_core.viewing.history.column import Column, ColumnBuilder

__all__ = [
    "MAX_EXPORT_BYTES",
    "MAX_EXPORT_ROWS",
    "ExportRows",
    "NotAnExport",
    "read_rows",
]

MAX_EXPORT_BYTES = 160 * 1024 * 1024
"""No export is larger: 160 MB hold more than a million rows of the full data request."""

MAX_EXPORT_ROWS = 2_000_000
"""No export is longer: a hundred viewings a day would take fifty years."""

_LONGEST_LINE = 1 << 12
"""In letters; a line that is longer is a broken row."""

_EXPECTED = "A viewing history as Netflix gives it: a CSV file with titles and dates."
_AGAIN = "Download it again from your Netflix account (Viewing activity, Download all)."


class NotAnExport(FedFlexError):
    """A file that is not a viewing-history export; says what it seems to be instead."""

    def __init__(self, found: str, way_out: str = _AGAIN) -> None:
        super().__init__(found, _EXPECTED, way_out)


@dataclass(frozen=True)
class ExportRows:
    """The rows of an export as texts, all columns of one length.

    Attributes:
        titles: As in the file, without quotes.
        dates: As in the file, without the time of day.
        times: The form of the time of day, such as `HH:MM:SS`; `""` where there is none.
        profiles: `""` where the file has no profiles.
        durations: As `H:MM:SS`, or `""`.
        supplemental: What a trailer or clip is called in the full data request, or `""`.
        broken: Rows that could not be told apart into these columns; they are in none of them.
        full: Whether the file comes from a full data request, with one row a sitting.
    """

    titles: Column
    dates: Column
    times: Column
    profiles: Column
    durations: Column
    supplemental: Column
    broken: int
    full: bool

    def __len__(self) -> int:
        return len(self.titles.codes)


def read_rows(source: str | os.PathLike[str] | bytes | memoryview) -> ExportRows:
    """Read the rows of an export, given its path or its bytes.

    >>> rows = read_rows(b'Title,Date\\n"Dark: Season 1: Rain","3/25/21"\\n')
    >>> rows.titles.texts, rows.dates.texts, rows.broken
    (['Dark: Season 1: Rain'], ['3/25/21'], 0)

    Raises:
        NotAnExport: The file is empty, too large, of another kind, or has other columns.
    """
    data = _bytes_of(source)
    _refuse_other_kinds(data)
    encoding = encoding_of(data)
    lines = chain.from_iterable(_blocks(data, encoding))
    head = list(islice(lines, _HEAD))
    if not head:
        raise NotAnExport("The file is empty.")
    _refuse_other_text(data[: 4 * _START].decode(encoding, errors="replace")[:_START])
    said = said_delimiter(head[0])
    if said and len(head) == 1:
        raise NotAnExport("The file has no rows.")
    head = head[1:] if said else head
    layout = find_layout(head, said)
    if layout is None:
        raise NotAnExport("The file's columns are not those of a viewing history.")
    return _collect(layout, chain(head, lines))


_HEAD = 50  # lines that tell the columns
_START = 4096  # letters that tell whether it is a text


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


def _refuse_other_kinds(data: bytes) -> None:
    for start, kind, way_out in _OTHER_KINDS:
        if data.startswith(start):
            raise NotAnExport(f"The file is {kind}, whatever its name ends with.", way_out)


def _refuse_other_text(start: str) -> None:
    if sum(map(start.count, _CONTROLS)) * 50 > len(start):
        raise NotAnExport("The file is not text.")
    start = start.lstrip("\ufeff \t\r\n")
    if start[:1] == "<" and re.match(r"<(?:!doctype|html|\?xml|head|!--)", start, re.IGNORECASE):
        raise NotAnExport("The file is a web page.")
    if re.match(r'\{\s*["}]|\[\s*[\[{\]]', start):
        raise NotAnExport("The file is JSON.")


_CONTROLS = [chr(n) for n in (*range(9), 11, *range(14, 28), 127, 0xFFFD)]
_BLOCK = 1 << 16


def _blocks(data: bytes, encoding: str) -> Iterator[list[str]]:
    """The lines that hold something; a line of commas alone, as spreadsheets leave, does not."""
    file = io.TextIOWrapper(io.BytesIO(data), encoding, errors="replace")
    while text := file.read(_BLOCK):
        if not text.endswith("\n"):
            text += _rest_of_line(file)
        lines = text.replace("\x00", "").replace("\ufeff", "").split("\n")
        lines = [line for line in lines if line.strip(' \t,;"')]
        yield [line if len(line) < _LONGEST_LINE else "" for line in lines]


def _rest_of_line(file: io.TextIOWrapper) -> str:
    """As much of it as it takes to see that the line is too long."""
    rest = piece = file.readline(_LONGEST_LINE)
    while piece and not piece.endswith("\n"):
        piece = file.readline(_LONGEST_LINE)
    return rest


# --- rows -------------------------------------------------------------------------------------


_CHUNK = 500  # lines at a time: rows that soon go away again are three times as fast


def _collect(layout: Layout, lines: Iterator[str]) -> ExportRows:
    places = [layout.title, layout.profile, layout.duration, layout.supplemental]
    columns = [ColumnBuilder() for _ in places]
    # Apart, since together all would be different; no more than a time's form is ever asked for.
    dates, times = ColumnBuilder(), ColumnBuilder()
    rows = 0
    while chunk := list(islice(lines, _CHUNK)):
        if layout.header is not None:
            chunk = [line for line in chunk if line != layout.header]
        rows += len(chunk)
        if rows > MAX_EXPORT_ROWS:
            raise NotAnExport("The file has more rows than any viewing history.")
        fitting = _fitting_rows(chunk, layout)
        for column, at in zip(columns, places, strict=True):
            column.extend(_fields(fitting, at))
        days, forms = cut_times(list(_fields(fitting, layout.date)))
        dates.extend(days)
        times.extend(forms)
    full = layout.profile is not None and layout.duration is not None
    titles, profiles, durations, supplemental = (column.column() for column in columns)
    return ExportRows(
        titles,
        dates.column(),
        times.column(),
        profiles,
        durations,
        supplemental,
        broken=rows - len(titles.codes),
        full=full,
    )


def _fields(rows: list[list[str]], at: int | None) -> Iterable[str]:
    if at is None:
        return [""] * len(rows)
    if min(map(len, rows), default=0) > at:
        return map(itemgetter(at), rows)
    return [row[at] if len(row) > at else "" for row in rows]


def _fitting_rows(lines: list[str], layout: Layout) -> list[list[str]]:
    """The rows that have the layout's columns, or can be brought to them."""
    rows = _split_all(lines, layout.delimiter)
    if set(map(len, rows)) == {layout.width}:
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
    return [split_line(line, delimiter) for line in lines]


def _fits(row: list[str], layout: Layout) -> bool:
    needed = max(layout.title, layout.date)
    if not needed < len(row):
        return False
    return len(row) <= layout.width or not any(row[layout.width :])


def _repair(line: str, layout: Layout) -> list[str] | None:
    """A row whose quotes or commas went wrong: what is too much belongs to the title."""
    row = split_line(line, layout.delimiter)
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
