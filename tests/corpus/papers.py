"""The forms of exports: which columns, dates and bytes each made-up file of the corpus has."""

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["PAPERS", "Paper"]

_SHORT = ("Title", "Date")
_FULL = (
    "Profile Name", "Start Time", "Duration", "Attributes", "Title", "Supplemental Video Type",
    "Device Type", "Bookmark", "Latest Bookmark", "Country",
)  # fmt: skip
_JOINED = tuple("StartTime" if name == "Start Time" else name for name in _FULL)


@dataclass(frozen=True)
class Paper:
    """One file's form.

    Attributes:
        share, shares: Which of the language's series are in it: each `shares`-th from `share` on.
        dates: The form of its dates; two where a spreadsheet mixed them, `swapped` where it also
            took the day for the month.
        spreadsheet: Whether the second form is for days up to 12 alone.
        days: `one month` and `this month` for short files of days up to 12, `low` for long ones.
        mixed: Whether the profiles of a household stand between each other.
    """

    name: str
    language: str
    share: int
    shares: int
    dates: tuple[str, ...]
    columns: tuple[str, ...] = _SHORT
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    header: bool = True
    quotes: Literal["whole", "lost", "wrapped", "half"] = "whole"
    blank_lines: bool = False
    trailing: bool = False
    profiles: int = 1
    closing: bool = False
    spreadsheet: bool = False
    turned: bool = False
    mixed: bool = False
    days: Literal["", "one month", "this month", "low"] = ""

    @property
    def full(self) -> bool:
        """Whether it is a full data request."""
        return "Attributes" in self.columns

    @property
    def day_first(self) -> bool:
        """What the person would say of its dates."""
        return self.dates[0].startswith("D")


_UTC = ("YYYY-MM-DD HH:MM:SS",)


def _full(language: str, share: int, shares: int, **other: Any) -> Paper:
    """A full data request as Netflix sends it, but for what is told otherwise."""
    form = {"name": "full request", "dates": _UTC, "columns": _FULL, **other}
    return Paper(language=language, share=share, shares=shares, **form)


PAPERS = (
    # The download, in the form of each country
    Paper("download", "en", 0, 3, ("M/D/YY",)),
    Paper("download", "en", 1, 3, ("DD/MM/YYYY",)),
    Paper("download", "en", 2, 3, ("M/D/YYYY",), closing=True),
    Paper("download", "es", 0, 2, ("D/M/YY",)),
    Paper("download", "es", 1, 2, ("DD-MMM.-YY",), closing=True),
    Paper("download", "pt", 0, 2, ("DD/MM/YYYY",)),
    Paper("download", "pt", 1, 2, ("M/D/YY",), closing=True),
    Paper("download", "fr", 0, 2, ("DD/MM/YYYY",)),
    Paper("download", "fr", 1, 2, ("DD-MMM.-YY",), closing=True),
    Paper("download", "de", 0, 2, ("DD.MM.YYYY",)),
    Paper("download", "de", 1, 2, ("D.M.YYYY",), closing=True),
    Paper("download", "it", 0, 2, ("DD/MM/YY",)),
    Paper("download", "it", 1, 2, ("DD-MMM-YY",), closing=True),
    Paper("download", "nl", 0, 2, ("DD-MM-YY",)),
    Paper("download", "nl", 1, 2, ("DD-MMM.-YY",), closing=True),
    Paper("download", "pl", 0, 2, ("DD.MM.YYYY",)),
    Paper("download", "pl", 1, 2, ("D.M.YYYY",), closing=True),
    Paper("download", "tr", 0, 2, ("D.M.YYYY",)),
    Paper("download", "tr", 1, 2, ("DD.MM.YYYY",), closing=True),
    Paper("download", "da", 0, 1, ("DD/MM/YYYY",)),
    Paper("download", "sv", 0, 1, ("YYYY-MM-DD",)),
    Paper("download", "no", 0, 1, ("DD.MM.YYYY",)),
    Paper("download", "fi", 0, 1, ("D.M.YYYY",)),
    Paper("download", "cs", 0, 1, ("D.M.YYYY",)),
    Paper("download", "hu", 0, 1, ("YYYY.MM.DD.",)),
    Paper("download", "ro", 0, 1, ("DD.MM.YYYY",)),
    Paper("download", "ja", 0, 1, ("YYYY/MM/DD",)),
    Paper("download", "ko", 0, 1, ("YYYY. M. D.",)),
    Paper("download", "zh", 0, 1, ("YYYY-MM-DD",)),
    # Other columns
    Paper("small letters", "en", 1, 4, ("M/D/YY",), columns=("title", "date")),
    Paper("date first", "es", 0, 3, ("DD/MM/YYYY",), columns=("Date", "Title")),
    Paper("semicolons", "de", 0, 3, ("DD.MM.YYYY",), delimiter=";", newline="\r\n"),
    Paper("extra columns", "pt", 1, 3, ("DD/MM/YY",),
          columns=("Title", "Date", "Duration", "Type")),
    Paper("no header", "fr", 1, 3, ("DD/MM/YYYY",), header=False),
    Paper("trailing commas", "it", 1, 3, ("DD/MM/YY",), trailing=True),
    # The full data request
    _full("en", 1, 4),
    _full("en", 2, 4, name="StartTime", columns=_JOINED, newline="\r\n"),
    _full("pl", 0, 3, profiles=3, name="household"),
    _full("es", 2, 3, profiles=2, mixed=True, name="household by time"),
    _full("da", 1, 2, name="full request, no seconds", dates=("YYYY-MM-DD HH:MM",)),
    _full("en", 0, 4, name="full request after a spreadsheet", dates=("M/D/YY H:MM",),
          trailing=True),
    _full("tr", 1, 3, name="full request after a spreadsheet", dates=("M/D/YYYY HH:MM",)),
    _full("nl", 0, 2, name="full request, no header", header=False),
    _full("cs", 1, 2, profiles=2, name="household"),
    _full("ko", 0, 2),
    _full("ko", 1, 3, name="full request after a spreadsheet", dates=("YYYY-MM-DD 오후 H:MM:SS",)),
    _full("da", 0, 3, name="full request after a spreadsheet", dates=("DD-MM-YYYY HH.MM",)),
    _full("ja", 1, 2, name="full request", encoding="utf-8-sig"),
    # Bytes
    Paper("with a mark", "sv", 0, 2, ("YYYY-MM-DD",), encoding="utf-8-sig", newline="\r\n"),
    Paper("UTF-16", "de", 1, 3, ("DD.MM.YYYY",), encoding="utf-16", delimiter="\t"),
    Paper("cp1250", "pl", 1, 3, ("DD.MM.YYYY",), encoding="cp1250", delimiter=";"),
    Paper("cp1250", "cs", 0, 2, ("D.M.YYYY",), encoding="cp1250", delimiter=";"),
    Paper("cp1250", "hu", 0, 2, ("YYYY.MM.DD.",), encoding="cp1250", delimiter=";"),
    Paper("cp1254", "tr", 0, 3, ("DD.MM.YYYY",), encoding="cp1254", delimiter=";"),
    Paper("cp1252", "fr", 0, 3, ("DD/MM/YYYY",), encoding="cp1252", delimiter=";",
          newline="\r\n"),
    Paper("cp1252", "es", 1, 3, ("DD/MM/YYYY",), encoding="cp1252"),
    Paper("cp932", "ja", 0, 2, ("YYYY/MM/DD",), encoding="cp932"),
    Paper("cp949", "ko", 1, 2, ("YYYY-MM-DD",), encoding="cp949"),
    Paper("gb18030", "zh", 0, 2, ("YYYY/MM/DD",), encoding="gb18030"),
    Paper("lost quotes", "en", 3, 4, ("M/D/YY",), quotes="lost"),
    Paper("wrapped lines", "pt", 0, 3, ("DD/MM/YYYY",), quotes="wrapped", newline="\r\n"),
    Paper("half quotes", "pl", 2, 3, ("DD.MM.YYYY",), quotes="half"),
    Paper("blank lines", "fi", 0, 2, ("D.M.YYYY",), blank_lines=True, newline="\r\n"),
    # Dates
    Paper("two forms", "en", 0, 5, ("M/D/YY", "YYYY-MM-DD")),
    Paper("a spreadsheet's form", "it", 0, 3, ("DD/MM/YYYY", "D-M-YY"), spreadsheet=True),
    Paper("day for month", "nl", 1, 2, ("DD/MM/YYYY", "swapped"), spreadsheet=True),
    Paper("oldest first", "no", 0, 2, ("DD.MM.YYYY",), turned=True),
    Paper("month names", "pl", 0, 4, ("DD-MMM-YY",)),
    Paper("month names", "de", 2, 3, ("DD-MMM.-YY",)),
    Paper("month names", "tr", 2, 3, ("DD-MMM-YY",)),
    Paper("month names", "cs", 1, 3, ("DD-MMM-YY",)),
    Paper("month names", "ro", 0, 2, ("DD-MMM.-YY",)),
    Paper("month names", "pt", 2, 3, ("DD-MMM.-YY",)),
    Paper("month names", "sv", 1, 2, ("DD-MMM.-YY",)),
    Paper("month names", "no", 1, 2, ("DD-MMM.-YY",)),
    Paper("month names", "da", 0, 2, ("DD-MMM.-YY",)),
    Paper("month names", "fi", 1, 2, ("DD-MMM-YY",)),
    Paper("month names", "hu", 1, 2, ("DD-MMM.-YY",)),
    Paper("signs for day and month", "zh", 1, 2, ("YYYY年M月D日",)),
    Paper("days to ask about", "en", 2, 6, ("M/D/YY",), days="one month"),
    Paper("days to ask about", "es", 3, 6, ("D/M/YY",), days="one month"),
    Paper("days of this month", "ro", 1, 2, ("DD.MM.YYYY",), days="this month"),
    Paper("low days", "hu", 1, 3, ("DD/MM/YYYY",), days="low"),
    Paper("low days", "en", 5, 6, ("M/D/YY",), days="low"),
)  # fmt: skip
