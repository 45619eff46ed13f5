"""One date as an export writes it, in both orders of day and month; the file decides later."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple

import numpy as np

from fedflex_core.viewing.languages import MONTHS

__all__ = ["UNREAD", "DateStyle", "DateText", "as_day", "cut_times", "month_reader", "read_text"]

UNREAD = int(np.iinfo(np.int64).min)
"""The integer that numpy calls NaT, for a day that the calendar does not have."""

_FIRST_YEAR, _LAST_YEAR = 1997, 2199  # no viewing is older than the service
_LONGEST = 100  # no date has more letters; a damaged file may, and time must not grow with them
_BUDDHIST_YEARS = 543  # Thai calendars are ahead by so many

_NUMERIC = re.compile(r"(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|\d{2})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})\.?")
_EAST_ASIAN = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]")
_VIETNAMESE = re.compile(r"(\d{1,2}) (?:thg|tháng) (\d{1,2}),? (?:năm )?(\d{4})", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):\d{1,2}(:\d{1,2})?")
_LETTERS = r"([^\W\d_][^\d\s/,_-]*[^\d\s/,.׳'_-])[.׳']?"  # vowel signs are no letters: ธันวาคม
_DAY_NAME_YEAR = re.compile(
    rf"(\d{{1,2}})\.?[-/ ]?(?:de |of |d['’])?{_LETTERS}[-/ ,]*(?:de )?(\d{{4}}|\d{{2}})\.?"
)
_NAME_DAY_YEAR = re.compile(
    rf"{_LETTERS}[-/ ]*(\d{{1,2}})(?:st|nd|rd|th)?,?[-/ ]+(\d{{4}}|\d{{2}})"
)
_YEAR_NAME_DAY = re.compile(rf"(\d{{4}})\.?[-/ ]?{_LETTERS}[-/ ]?(\d{{1,2}})\.?")

_UNSEEN = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_WIDE = {0xFF00 + n: 0x20 + n for n in range(1, 0x5F)}
# What spreadsheets and readers' calendars put around a date: `Fri, …`, `… г.`, `… 오후` before a time
_BEFORE = re.compile(r"[^\W\d_]+\.?, ")
_BEHIND = re.compile(
    r"(?:,|\s(?:\d{1,2}\.\d\d(?:\.\d\d)?|[гр]\.|at|um|om|kl\.?|às|a las|à|alle|o)"
    r"|\s?(?:오전|오후|上午|下午|午前|午後)|\s?[(（]\w[)）])$",
    re.IGNORECASE,
)


class DateStyle(NamedTuple):
    """What dates of one form have in common; their order of day and month is still open."""

    shape: Literal["numeric", "year first", "named"]
    form: str  # for numeric, the separator; otherwise the whole form
    year_digits: int


class DateText(NamedTuple):
    """One date text in both orders."""

    style: DateStyle
    day_first: int
    month_first: int
    padded: bool


def cut_times(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part each text before the word that holds its first colon; of a time of day only its form is kept.

    >>> cut_times(["3/25/21 7:30", "3/25/21"])
    (['3/25/21', '3/25/21'], ['H:MM', ''])
    """
    # The full data request has another second in each row, and a million of them are soon there.
    if set(map(len, texts)) == {19} and _all_have(texts, 10, " ") and _all_have(texts, 13, ":"):
        return [text[:10] for text in texts], ["HH:MM:SS"] * len(texts)
    parted = [_cut(text) for text in texts]
    return [day for day, _ in parted], [form for _, form in parted]


def _cut(text: str) -> tuple[str, str]:
    colon = text.find(":")
    cut = max(text.rfind(" ", 0, colon), text.rfind("T", 0, colon)) if colon > 0 else -1
    if cut < 0:
        return text, ""
    found = _TIME.match(text[cut + 1 :])
    hours = "" if not found else "HH:MM" if len(found[1]) == 2 else "H:MM"
    return text[:cut], hours + (":SS" if found and found[2] else "")


def _all_have(texts: Sequence[str], at: int, letter: str) -> bool:
    return set(map(itemgetter(at), texts)) == {letter}


def read_text(raw: str, month_of: Callable[[str], int]) -> DateText | None:
    """The date in both orders; None where it is none in either."""
    if len(raw) > _LONGEST:
        return None
    text = " ".join(_plain_signs(raw).split()).strip("\"' ,")
    return _read_bare(text, month_of) or _read_bare(_without_words(text), month_of)


def _plain_signs(raw: str) -> str:
    """Wide digits as plain ones, and none of the marks that tell where Arabic text turns."""
    return raw if raw.isascii() else _UNSEEN.sub("", raw).translate(_WIDE)


def _without_words(text: str) -> str:
    return _BEHIND.sub("", _BEFORE.sub("", text, count=1)).strip(", ")


def _read_bare(text: str, month_of: Callable[[str], int]) -> DateText | None:
    if found := _NUMERIC.fullmatch(text):
        first, separator, second, year = found.groups()
        style = DateStyle("numeric", separator, len(year))
        return _both_orders(style, year, first, second)
    if found := _YEAR_FIRST.fullmatch(text):
        year, separator, first, second = found.groups()
        return _both_orders(DateStyle("year first", separator, 4), year, first, second)
    if found := _EAST_ASIAN.fullmatch(text):
        return _fixed("YYYY年M月D日", found[1], int(found[2]), found[3])
    if found := _VIETNAMESE.fullmatch(text):
        return _fixed("D thg M, YYYY", found[3], int(found[2]), found[1])
    return _read_named(text, month_of)


def _read_named(text: str, month_of: Callable[[str], int]) -> DateText | None:
    if found := _DAY_NAME_YEAR.fullmatch(text):
        day, name, year = found.groups()
        separator = "-" if "-" in text else "/" if "/" in text else " "
        form = separator.join(["DD" if len(day) == 2 else "D", "MMM", "Y" * len(year)])
    elif found := _NAME_DAY_YEAR.fullmatch(text):
        name, day, year = found.groups()
        form = f"MMM D, {'Y' * len(year)}"
    elif found := _YEAR_NAME_DAY.fullmatch(text):
        year, name, day = found.groups()
        form = "YYYY MMM D"
    else:
        return None
    return _fixed(form, year, month_of(_plain(name)), day)


def _both_orders(style: DateStyle, year: str, first: str, second: str) -> DateText | None:
    whole_year = _whole_year(year)
    day_first = _day_number(whole_year, int(second), int(first))
    month_first = _day_number(whole_year, int(first), int(second))
    if day_first == month_first == UNREAD:
        return None
    return DateText(style, day_first, month_first, len(first) == len(second) == 2)


def _fixed(form: str, year: str, month: int, day: str) -> DateText | None:
    number = _day_number(_whole_year(year), month, int(day))
    style = DateStyle("named", form, len(year))
    return None if number == UNREAD else DateText(style, number, number, True)


def _whole_year(text: str) -> int:
    year = int(text) + 2000 * (len(text) == 2)
    return year - _BUDDHIST_YEARS if year > _LAST_YEAR else year


def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1970, or `UNREAD` for a day that the calendar does not have."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return UNREAD
    try:
        return as_day(date(year, month, day))
    except ValueError:
        return UNREAD


def as_day(when: date) -> int:
    """Days since 1970."""
    return when.toordinal() - date(1970, 1, 1).toordinal()


# --- names of months --------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Lower case without accents and dots: `Févr.` and `fevr` are one."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i").replace(".", ""))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


_WORD = re.compile(r"[^\W\d_][^\d\s/,_-]{2,}")


@lru_cache(maxsize=1)
def _plain_months() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(_plain, names)) for names in MONTHS)


def _month_in(word: str, names: Sequence[str]) -> int:
    """The month that a word (or its beginning, at least three letters) names; 0 for none."""
    if word in names:
        return names.index(word) + 1
    hits = [n for n, name in enumerate(names, 1) if len(word) >= 3 and name.startswith(word)]
    return hits[0] if len(hits) == 1 else 0


def month_reader(texts: Sequence[str]) -> Callable[[str], int]:
    """Read months in the language that knows most of the file's words; then in any other.

    `mar` is March for most readers and November for some: one file keeps one language.
    """
    words = {_plain(word) for text in texts for word in _WORD.findall(text)}
    ranked = sorted(
        _plain_months(), key=lambda names: -sum(_month_in(word, names) > 0 for word in words)
    )

    @lru_cache(maxsize=4096)
    def month_of(word: str) -> int:
        return next((m for names in ranked if (m := _month_in(word, names))), 0)

    return month_of
