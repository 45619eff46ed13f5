"""A person's viewing history: the export as a typed table, and an account of every row of it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.history.column import Column
from fedflex_core.viewing.history.dates import DatesRead, read_dates
from fedflex_core.viewing.history.exports import (
    MAX_EXPORT_BYTES,
    ExportRows,
    NotAnExport,
    read_rows,
)
from fedflex_core.viewing.history.titles import TitleParts, clean_title, is_clip, split_titles

__all__ = [
    "MAX_EXPORT_BYTES",
    "SHORTEST_VIEWING",
    "History",
    "HistoryReport",
    "NoSuchProfile",
    "NotAnExport",
    "read_history",
]

SHORTEST_VIEWING = 60
"""Seconds below which a row of the full data request is no viewing."""

_BROKEN, _OTHER_PROFILE = "broken row", "other profile"
_NO_DATE = "no date"
_REASONS = ("no title", _NO_DATE, "trailer or clip", "too short", "same day again")
_VIEWING = len(_REASONS)  # the code of rows that none of the reasons holds for

_MOST_PROFILES = 200


class NoSuchProfile(FedFlexError):
    """A profile was asked for that the export does not have."""


@dataclass(frozen=True)
class HistoryReport:
    """What became of each row of an export.

    Attributes:
        rows: Rows of the file; its header and blank lines are not counted.
        viewings: Rows that were read.
        dropped: Rows that were not, by reason in plain words.
        undated: Rows dropped because their date could not be read.
        date_format: How the file writes dates, such as `M/D/YY`; `mixed: …` for several forms.
        ambiguous_dates: Whether day and month could as well be the other way round; then ask the
            person, and read the file again with `day_first`.
        profiles: Viewings of each profile, the most active first; `""` where a file has none.
        dropped_of: For each profile, which of the dropped rows were its own; rows too broken to
            say whose they are belong to none.

    >>> HistoryReport(3, 2, {"no date": 1}, 1, "M/D/YY", False, {"": 2}).viewings
    2
    """

    rows: int
    viewings: int
    dropped: dict[str, int]
    undated: int
    date_format: str
    ambiguous_dates: bool
    profiles: dict[str, int]
    dropped_of: dict[str, dict[str, int]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.rows != self.viewings + sum(self.dropped.values()):
            raise ValueError("rows must be viewings and dropped rows together")


@dataclass(frozen=True)
class History:
    """The viewings of an export, in the file's order, and the report on how it was read.

    `viewings` has the columns `profile`, `title`, `series`, `episode` (string), `season` (Int64),
    `date` (datetime64[s], midnight) and `kind` (string: "episode" or "film"). Films have no series;
    an episode always has one, but not always a season. A limited series counts as season 1.

    `left_out` has the rows that were dropped, in the file's order, with the columns `profile`,
    `title`, `date` (as the file writes it, without the time) and `reason` (all string); without the
    broken rows, whose columns cannot be told apart.
    """

    viewings: pd.DataFrame
    report: HistoryReport
    left_out: pd.DataFrame

    def of_profile(self, profile: str) -> "History":
        """The history of one member of a household; of others' rows only the number is kept.

        Raises:
            NoSuchProfile: The export has no viewing of such a profile.
        """
        if profile not in self.report.profiles:
            names = len(self.report.profiles)
            raise NoSuchProfile(
                "The export has no viewings of the chosen profile.",
                f"One of its {names} profiles.",
                "Choose a profile from the list.",
            )
        mine = _of_profile(self.viewings, profile)
        own = self.report.dropped_of.get(profile, {})
        dropped = dict(own)
        if broken := self.report.dropped.get(_BROKEN):
            dropped[_BROKEN] = broken
        if others := self.report.rows - len(mine) - sum(dropped.values()):
            dropped[_OTHER_PROFILE] = others
        report = replace(
            self.report,
            viewings=len(mine),
            dropped=dropped,
            undated=own.get(_NO_DATE, 0),
            profiles={profile: len(mine)},
            dropped_of={profile: own},
        )
        return History(mine, report, _of_profile(self.left_out, profile))


def _of_profile(table: pd.DataFrame, profile: str) -> pd.DataFrame:
    return table[table["profile"] == profile].reset_index(drop=True)


def read_history(
    source: str | os.PathLike[str] | bytes | memoryview,
    *,
    day_first: bool | None = None,
    today: date | None = None,
) -> History:
    """Read a Netflix viewing-history export of any kind.

    Args:
        source: The file's path or its content.
        day_first: Whether the day stands before the month, where the file cannot tell.
        today: No viewing is later than this; default, this day.

    Raises:
        NotAnExport: What was given is not a viewing history; the message says what it is instead.

    >>> history = read_history(b"Title,Date\\nDark: Season 1: Rain,3/25/21\\nOkja,3/24/21\\n")
    >>> history.viewings["kind"].tolist(), history.viewings["season"].tolist()
    (['episode', 'film'], [1, <NA>])
    >>> history.report.date_format
    'M/D/YY'
    """
    raw = read_rows(source)
    if not len(raw):
        raise NotAnExport("The file has columns for a viewing history, but no rows.")
    titles, profiles = _clean(raw.titles), _clean(raw.profiles)
    if len(profiles.texts) > _MOST_PROFILES:
        raise NotAnExport("The file has more profiles than any household.")
    dates = read_dates(
        raw.dates,
        raw.times,
        profiles=profiles.codes.astype(np.intp),
        day_first=day_first,
        today=today,
    )
    if np.isnat(dates.days).all():
        raise NotAnExport("No date in the file could be read.")
    reasons = _reasons(raw, titles, profiles, dates)
    viewings = _viewings(titles, profiles, dates, reasons == _VIEWING)
    report = _report(raw, profiles, reasons, dates, viewings)
    return History(viewings, report, _left_out(raw, titles, profiles, reasons))


def _clean(column: Column) -> Column:
    """The same column with each text cleaned; what is equal then has one code."""
    codes, texts = pd.factorize(np.array([clean_title(t) for t in column.texts], dtype=object))
    return Column(texts.tolist(), codes.astype(np.intc)[column.codes])


# --- what was watched -------------------------------------------------------------------------


def _viewings(
    titles: Column, profiles: Column, dates: DatesRead, kept: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    whose, days = profiles.codes[kept], dates.days[kept]
    pairs = whose.astype(np.int64) * len(titles.texts) + titles.codes[kept]
    keys, rows = np.unique(pairs, return_inverse=True)  # keys are in the order of profiles
    names = [titles.texts[n] for n in keys % len(titles.texts)]
    # What one person watched says nothing of another's viewings.
    parts: list[TitleParts] = []
    for profile in np.unique(whose):
        mine = whose == profile
        first = len(parts)
        last = int(rows[mine].max()) + 1
        parts += split_titles(names[first:last], rows[mine] - first, days[mine])
    seasons = pd.array([part.season for part in parts], dtype="Int64")
    kinds = ["film" if part.series is None else "episode" for part in parts]
    return pd.DataFrame(
        {
            "profile": _text(profiles.texts, whose),
            "title": _text(names, rows),
            "series": _text([part.series for part in parts], rows),
            "season": pd.Series(seasons.take(rows)),
            "episode": _text([part.episode for part in parts], rows),
            "date": days.astype("datetime64[s]"),
            "kind": _text(kinds, rows),
        }
    )


def _text(values: Sequence[str | None], codes: npt.NDArray[np.integer]) -> pd.Series:
    return pd.Series(pd.array(list(values), dtype="string").take(codes))


# --- what was not -----------------------------------------------------------------------------


def _reasons(
    raw: ExportRows, titles: Column, profiles: Column, dates: DatesRead
) -> npt.NDArray[np.int8]:
    """For each row, the first of the reasons that holds for it, by its place in the list."""
    conditions = [
        _where(titles, lambda title: not title),
        np.isnat(dates.days),
        _where(titles, is_clip) | _where(raw.supplemental, bool),
        _where(raw.durations, lambda text: _seconds(text) < SHORTEST_VIEWING),
    ]
    reasons = np.full(len(raw), _VIEWING, dtype=np.int8)
    for reason, holds in reversed(list(enumerate(conditions))):
        reasons[holds] = reason
    if raw.full:
        reasons[_seen_again(titles, profiles, dates, reasons == _VIEWING)] = len(conditions)
    return reasons


def _where(column: Column, test: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """Which rows have a text that passes the test; each text is tested once."""
    return np.array([test(text) for text in column.texts])[column.codes]


def _seconds(text: str) -> float:
    """Seconds of an `H:MM:SS`; infinite for any other text, which is no ground to drop a row."""
    fields = text.split(":")
    if len(fields) != 3 or not all(field.isdecimal() for field in fields):
        return float("inf")
    hours, minutes, seconds = (float(field) for field in fields)
    return hours * 3600 + minutes * 60 + seconds


def _seen_again(
    titles: Column, profiles: Column, dates: DatesRead, kept: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Rows that go on with a viewing of the same day: a full data request has one row a sitting."""
    keys = pd.DataFrame(
        {
            "title": titles.codes[kept],
            "profile": profiles.codes[kept],
            "day": dates.days[kept].astype(np.int64),
        }
    )
    again = np.zeros(len(kept), dtype=bool)
    again[kept] = keys.duplicated().to_numpy()
    return again


def _left_out(
    raw: ExportRows, titles: Column, profiles: Column, reasons: npt.NDArray[np.int8]
) -> pd.DataFrame:
    dropped = reasons != _VIEWING
    columns = {
        "profile": profiles.of(dropped),
        "title": titles.of(dropped),
        "date": raw.dates.of(dropped),
        "reason": [_REASONS[reason] for reason in reasons[dropped]],
    }
    return pd.DataFrame(columns, dtype="string")


# --- the account ------------------------------------------------------------------------------


def _report(
    raw: ExportRows,
    profiles: Column,
    reasons: npt.NDArray[np.int8],
    dates: DatesRead,
    viewings: pd.DataFrame,
) -> HistoryReport:
    dropped_of = _dropped_of(profiles, reasons)
    counts = {reason: sum(own.get(reason, 0) for own in dropped_of.values()) for reason in _REASONS}
    counts[_BROKEN] = raw.broken
    return HistoryReport(
        rows=len(raw) + raw.broken,
        viewings=len(viewings),
        dropped={reason: rows for reason, rows in counts.items() if rows},
        undated=counts[_NO_DATE],
        date_format=dates.form,
        ambiguous_dates=dates.ambiguous,
        profiles={
            str(name): int(rows) for name, rows in viewings["profile"].value_counts().items()
        },
        dropped_of=dropped_of,
    )


def _dropped_of(profiles: Column, reasons: npt.NDArray[np.int8]) -> dict[str, dict[str, int]]:
    """How many rows of each profile were dropped for each reason."""
    found: dict[str, dict[str, int]] = {}
    for profile, name in enumerate(profiles.texts):
        counts = np.bincount(reasons[profiles.codes == profile], minlength=_VIEWING)
        rows_of = zip(_REASONS, counts.tolist(), strict=False)  # without the viewings
        found[name] = {reason: rows for reason, rows in rows_of if rows}
    return found
