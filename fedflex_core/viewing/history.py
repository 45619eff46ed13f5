"""A person's viewing history: the export as a typed table, and an account of every row of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.dates import DatesRead, read_dates
from fedflex_core.viewing.exports import MAX_EXPORT_BYTES, ExportRows, NotAnExport, read_rows
from fedflex_core.viewing.titles import TitleParts, clean_title, is_clip, split_titles

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
    """

    viewings: pd.DataFrame
    report: HistoryReport

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
        mine = self.viewings[self.viewings["profile"] == profile].reset_index(drop=True)
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
        return History(mine, report)


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
    if not raw.titles:
        raise NotAnExport("The file has columns for a viewing history, but no rows.")
    title_of, titles = _clean_texts(raw.titles)
    profile_of, profiles = _clean_texts(raw.profiles)
    dates = read_dates(raw.dates, profiles=profile_of, day_first=day_first, today=today)
    if np.isnat(dates.days).all():
        raise NotAnExport("No date in the file could be read.")
    table = _Table(titles, title_of, profiles, profile_of)
    reasons = _reasons(raw, table, dates)
    viewings = table.viewings(reasons == "", dates.days)
    return History(viewings, _report(raw, table, reasons, dates, viewings))


def _factorize(texts: Sequence[str]) -> tuple[npt.NDArray[np.intp], list[str]]:
    codes, distinct = pd.factorize(np.asarray(texts, dtype=object))
    return codes, [str(text) for text in distinct]


def _clean_texts(texts: Sequence[str]) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Distinct texts, clean, and which row has which; each is cleaned once."""
    codes, distinct = _factorize(texts)
    clean_codes, clean = _factorize([clean_title(text) for text in distinct])
    return clean_codes[codes], clean


@dataclass(frozen=True)
class _Table:
    """Distinct titles and profiles, and which row has which."""

    titles: list[str]
    title_of: npt.NDArray[np.intp]
    profiles: list[str]
    profile_of: npt.NDArray[np.intp]

    def viewings(
        self, kept: npt.NDArray[np.bool_], days: npt.NDArray[np.datetime64]
    ) -> pd.DataFrame:
        whose = self.profile_of[kept]
        keys, rows = np.unique(whose * len(self.titles) + self.title_of[kept], return_inverse=True)
        titles = [self.titles[n] for n in keys % len(self.titles)]
        # What one person watched says nothing of another's viewings.
        parts: list[TitleParts] = []
        for profile in np.unique(whose):
            mine = whose == profile
            first = len(parts)
            last = int(rows[mine].max()) + 1  # keys are in the order of profiles
            parts += split_titles(titles[first:last], rows[mine] - first, days[kept][mine])

        def text(values: Sequence[str | None], codes: npt.NDArray[np.intp]) -> pd.Series:
            return pd.Series(pd.array(list(values), dtype="string").take(codes))

        seasons = pd.array([part.season for part in parts], dtype="Int64")
        kinds = ["film" if part.series is None else "episode" for part in parts]
        return pd.DataFrame(
            {
                "profile": text(self.profiles, self.profile_of[kept]),
                "title": text(titles, rows),
                "series": text([part.series for part in parts], rows),
                "season": pd.Series(seasons.take(rows)),
                "episode": text([part.episode for part in parts], rows),
                "date": days[kept].astype("datetime64[s]"),
                "kind": text(kinds, rows),
            }
        )


def _reasons(raw: ExportRows, table: _Table, dates: DatesRead) -> npt.NDArray[np.object_]:
    """Why each row is dropped; `""` for a viewing. The first reason that holds is given."""
    empty = np.array([not title for title in table.titles])
    clips = np.array([is_clip(title) for title in table.titles])
    supplemental = np.array([bool(kind) for kind in raw.supplemental])
    conditions = [
        empty[table.title_of],
        np.isnat(dates.days),
        clips[table.title_of] | supplemental,
        _too_short(raw.durations),
    ]
    reasons = np.select(conditions, list(_REASONS[:4]), default="").astype(object)
    if raw.full:
        reasons[_seen_again(table, dates, reasons == "")] = _REASONS[4]
    return reasons


def _too_short(durations: Sequence[str]) -> npt.NDArray[np.bool_]:
    codes, distinct = _factorize(durations)
    return np.array([_seconds(text) < SHORTEST_VIEWING for text in distinct])[codes]


def _seconds(text: str) -> float:
    """Seconds of an `H:MM:SS`; infinite for any other text, which is no ground to drop a row."""
    fields = text.split(":")
    if len(fields) != 3 or not all(field.isdecimal() for field in fields):
        return float("inf")
    hours, minutes, seconds = (float(field) for field in fields)
    return hours * 3600 + minutes * 60 + seconds


def _seen_again(
    table: _Table, dates: DatesRead, kept: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Rows that go on with a viewing of the same day: a full data request has one row a sitting."""
    keys = pd.DataFrame(
        {"title": table.title_of, "profile": table.profile_of, "day": dates.days.astype(np.int64)}
    )
    again = np.zeros(len(keys), dtype=bool)
    again[kept] = keys[kept].duplicated().to_numpy()
    return again


def _report(
    raw: ExportRows,
    table: _Table,
    reasons: npt.NDArray[np.object_],
    dates: DatesRead,
    viewings: pd.DataFrame,
) -> HistoryReport:
    dropped_of = _dropped_of(table, reasons)
    counts = {reason: sum(own.get(reason, 0) for own in dropped_of.values()) for reason in _REASONS}
    counts[_BROKEN] = raw.broken
    return HistoryReport(
        rows=len(raw.titles) + raw.broken,
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


def _dropped_of(table: _Table, reasons: npt.NDArray[np.object_]) -> dict[str, dict[str, int]]:
    """How many rows of each profile were dropped for each reason."""
    found: dict[str, dict[str, int]] = {}
    for profile, name in enumerate(table.profiles):
        own = reasons[table.profile_of == profile]
        counts = {reason: int(np.count_nonzero(own == reason)) for reason in _REASONS}
        found[name] = {reason: rows for reason, rows in counts.items() if rows}
    return found
