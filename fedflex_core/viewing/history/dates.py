"""Dates as exports write them: one file keeps one order of day and month, but nothing says which.

Every date text is first read in both orders. Then the whole file decides: a day above 12, no date
in the future, and rows that run newest first. Where that is not enough, the answer says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from fedflex_core.viewing.history._date_texts import (
    UNREAD,
    DateText,
    as_day,
    cut_times,
    month_reader,
    read_text,
)
from fedflex_core.viewing.history.column import Column

__all__ = ["DatesRead", "looks_like_date", "read_dates"]

_Days = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DatesRead:
    """The dates of a file.

    Attributes:
        days: One day a text, `datetime64[D]`; NaT where a text is no date.
        form: How the dates are written, such as `M/D/YY`; `mixed: …` for several; `""` for none.
        ambiguous: Whether day and month could as well be the other way round.
    """

    days: npt.NDArray[np.datetime64]
    form: str
    ambiguous: bool


def read_dates(
    texts: Sequence[str] | Column,
    times: Column | None = None,
    *,
    profiles: npt.NDArray[np.intp] | None = None,
    day_first: bool | None = None,
    today: date | None = None,
) -> DatesRead:
    """Read the dates of one file, in the file's own order of rows.

    Args:
        texts: One text a row, as it stands in the file; a time of day may follow.
        times: The forms of the times of day, where these were cut off before (see `cut_times`).
        profiles: One code a row; rows run newest first within a profile.
        day_first: What the person says, for files that cannot tell by a day above 12.
        today: No viewing is later than this (a day's grace for time zones); default, this day.

    >>> read = read_dates(["3/25/21", "3/4/21"], today=date(2022, 1, 1))
    >>> read.form, read.ambiguous, [str(day) for day in read.days]
    ('M/D/YY', False, ['2021-03-25', '2021-03-04'])
    >>> read_dates(["3/4/21"], today=date(2022, 1, 1)).ambiguous
    True
    """
    if not isinstance(texts, Column):
        days_only, forms = cut_times(texts)
        texts, times = Column.from_texts(days_only), Column.from_texts(forms)
    codes, distinct = texts.codes.astype(np.intp), texts.texts
    months = month_reader(distinct)
    table = _Table([read_text(text, months) for text in distinct], codes)
    order = np.arange(len(codes)) if profiles is None else np.argsort(profiles, kind="stable")
    switches = np.zeros(0, bool) if profiles is None else np.diff(profiles[order]) != 0
    judge = _Judge(order, switches, as_day((today or date.today()) + timedelta(days=1)))
    choice, ambiguous = _choose(table, judge, day_first)
    days = table.days(choice)
    form = _describe(table, choice, times, days)
    return DatesRead(days.astype("datetime64[D]"), form, ambiguous)


def looks_like_date(text: str) -> bool:
    """Whether a text is a date in any of the known forms, with or without a time.

    >>> looks_like_date("05-nov.-19"), looks_like_date("3/25/21 7:30"), looks_like_date("Dark")
    (True, True, False)
    """
    head = cut_times([text])[0][0]
    return read_text(head, month_reader([head])) is not None


# --- the whole file ---------------------------------------------------------------------------


class _Table:
    """The distinct dates of a file, in both orders, and which row has which."""

    def __init__(self, texts: Sequence[DateText | None], codes: npt.NDArray[np.intp]) -> None:
        self.codes = codes
        self.styles = list(dict.fromkeys(text.style for text in texts if text))
        place = {style: n for n, style in enumerate(self.styles)}
        self.style = np.array([place[t.style] if t else -1 for t in texts], dtype=np.int64)
        self.padded = np.array([t.padded if t else True for t in texts], dtype=bool)
        self.day_first = np.array([t.day_first if t else UNREAD for t in texts], dtype=np.int64)
        self.month_first = np.array([t.month_first if t else UNREAD for t in texts], dtype=np.int64)

    def evidence(self, style: int) -> bool | None:
        """True or False where days above 12 put the day first or second; None where not."""
        mine = self.style == style
        only_day_first = bool((mine & (self.month_first == UNREAD)).any())
        only_month_first = bool((mine & (self.day_first == UNREAD)).any())
        return None if only_day_first == only_month_first else only_day_first

    def days(self, choice: Sequence[bool]) -> _Days:
        """One day a row, with the chosen order for each style.

        A date that exists in one order only is read in that one.
        """
        if not self.styles:
            return np.full(len(self.codes), UNREAD)
        chosen = np.asarray(choice, dtype=bool)[self.style]
        first, other = (
            np.where(chosen, self.day_first, self.month_first),
            np.where(chosen, self.month_first, self.day_first),
        )
        return np.where(first == UNREAD, other, first)[self.codes]


class _Fit(NamedTuple):
    """How badly a reading of the file fits a viewing history; what comes first counts first.

    A spreadsheet may have turned the file round, so the better of both directions counts before
    rows that run oldest first.
    """

    in_future: bool
    against: int
    """Rows against the run of the file."""
    rises: int
    along: int

    def is_clear(self) -> bool:
        """Whether the rows run in order at all: those of a sorted or shuffled file do not."""
        return self.against * _FEWEST_ALONG <= self.along


_FEWEST_ALONG = 10


@dataclass(frozen=True)
class _Judge:
    """Says how a reading of the file fits a viewing history."""

    order: npt.NDArray[np.intp]
    switches: npt.NDArray[np.bool_]
    latest: int

    def __call__(self, days: _Days) -> _Fit:
        run = days[self.order]
        steps = np.diff(run)
        known = (run[1:] != UNREAD) & (run[:-1] != UNREAD)
        if self.switches.size:
            known &= ~self.switches
        rises = int(np.count_nonzero(known & (steps > 0)))
        falls = int(np.count_nonzero(known & (steps < 0)))
        return _Fit(bool((days > self.latest).any()), min(rises, falls), rises, max(rises, falls))


def _choose(table: _Table, judge: _Judge, day_first: bool | None) -> tuple[list[bool], bool]:
    """The order for each style (True: day before month), and whether it is a guess."""
    numeric = [n for n, style in enumerate(table.styles) if style.shape == "numeric"]
    evidence = [table.evidence(n) for n in range(len(table.styles))]
    choice = [bool(known) for known in evidence]
    decided = {n: known for n in numeric if (known := evidence[n]) is not None}
    open_ones = [n for n in numeric if n not in decided]
    year_first = _swappable(table)

    def reading(order: bool, swapped: bool) -> list[bool]:
        flips = dict.fromkeys(open_ones, order) | dict.fromkeys(year_first, swapped)
        return [flips.get(n, kept) for n, kept in enumerate(choice)]

    # A spreadsheet keeps the places of day and month, so what is decided breaks a tie.
    likely = next(iter(decided.values()), None)
    preferred = _usual_order(table, open_ones) if likely is None else likely
    orders = [preferred, not preferred] if day_first is None else [day_first]
    tried = [
        (judge(table.days(picked)), picked)
        for swapped, order in product([False, True] if year_first else [False], orders)
        for picked in [reading(order, swapped)]
    ]
    best = min(tried, key=lambda one: one[0])  # the first of equals, hence the preferred one
    # Days of the future rule a reading out; the run of the rows does so only where there is one.
    rivals = [
        picked
        for score, picked in tried
        if score == best[0] or (score.in_future == best[0].in_future and not best[0].is_clear())
    ]
    undecided = likely is None and day_first is None and bool(open_ones)
    ambiguous = undecided and any(
        not np.array_equal(table.days(rival), table.days(best[1])) for rival in rivals
    )
    return best[1], ambiguous


def _swappable(table: _Table) -> list[int]:
    """Year-first styles that a spreadsheet may have read the wrong way round.

    That happens only beside rows that it left as text, since they made no date in its own order.
    """
    shapes = [style.shape for style in table.styles]
    numeric = np.isin(table.style, [n for n, shape in enumerate(shapes) if shape == "numeric"])
    in_both = (table.day_first != UNREAD) & (table.month_first != UNREAD)
    if not numeric.any() or (numeric & in_both).any():
        return []
    return [n for n, shape in enumerate(shapes) if shape == "year first" and not table.evidence(n)]


def _usual_order(table: _Table, styles: Sequence[int]) -> bool:
    """Day first, except for what is written like `3/25/21`."""
    for n in styles:
        style, mine = table.styles[n], table.style == n
        if style.form == "/" and (style.year_digits == 2 or not table.padded[mine].all()):
            return False
    return True


# --- its name ---------------------------------------------------------------------------------


def _describe(table: _Table, choice: Sequence[bool], times: Column | None, days: _Days) -> str:
    """Name the forms of date, the most frequent first."""
    clock = times or Column([""], np.zeros(len(days), dtype=np.intc))
    clocks = [f" {form}" if form else "" for form in clock.texts]
    read = days != UNREAD
    frame = pd.DataFrame({"style": table.style[table.codes][read], "time": clock.codes[read]})
    counts: dict[str, int] = {}
    for (style, time), rows in frame.groupby(["style", "time"], sort=False).size().items():
        form = _date_form(table, int(style), choice[int(style)]) + clocks[int(time)]
        counts[form] = counts.get(form, 0) + int(rows)
    forms = _merge_hours(counts)
    return forms[0] if len(forms) == 1 else f"mixed: {', '.join(forms)}" if forms else ""


def _date_form(table: _Table, style: int, day_first: bool) -> str:
    shape, form, year_digits = table.styles[style]
    if shape == "named":
        return form
    padded = bool(table.padded[table.style == style].all())
    pair = ["DD", "MM"] if padded else ["D", "M"]
    if not day_first:
        pair.reverse()
    parts = [*pair, "Y" * year_digits] if shape == "numeric" else ["YYYY", *pair]
    return form.join(parts)


def _merge_hours(counts: dict[str, int]) -> list[str]:
    """`H:MM` covers `HH:MM` where a file has both."""
    merged: dict[str, int] = {}
    for form, rows in counts.items():
        short = form.replace(" HH:", " H:")
        name = short if short in counts else form
        merged[name] = merged.get(name, 0) + rows
    return sorted(merged, key=lambda form: -merged[form])
