"""How well the reader and the matcher do on the corpus: shares of what is read, dated, found right."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.catalogue import Catalogue, load_bundled
from fedflex_core.viewing.history import History, read_history
from fedflex_core.viewing.history.titles import clean_title
from fedflex_core.viewing.matching import Matcher

from .exports import Export, corpus
from .viewings import Viewing

__all__ = ["TODAY", "Counts", "count", "is_ambiguous", "measure"]

TODAY = date(2024, 6, 30)
"""No made-up viewing is later."""


@dataclass
class Counts:
    """Rows that are right, out of those that could be, by what is measured."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    of: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)
    """What went wrong, one line each."""

    def add(self, what: str, right: bool, fault: str = "") -> None:
        """Count one more."""
        self.right[what] += right
        self.of[what] += 1
        if not right and fault:
            self.faults.append(f"{what}: {fault}")

    def join(self, other: "Counts") -> None:
        """Count what the other has counted."""
        for what, rows in other.of.items():
            self.of[what] += rows
            self.right[what] += other.right[what]
        self.faults += other.faults

    def share(self, what: str) -> float:
        """The share that is right; 1 where there was nothing to get right."""
        return self.right[what] / self.of[what] if self.of[what] else 1.0


def measure(exports: Iterable[Export] | None = None) -> dict[str, Counts]:
    """Counts by language, and of all under `all`."""
    catalogue = load_bundled()
    matcher = Matcher(catalogue)
    found: dict[str, Counts] = defaultdict(Counts)
    for export in corpus() if exports is None else exports:
        counted = count(export, catalogue, matcher)
        found[export.language].join(counted)
        found["all"].join(counted)
    return dict(found)


def count(export: Export, catalogue: Catalogue, matcher: Matcher) -> Counts:
    """Counts of one export."""
    counts = Counts()
    history = _read(export)
    counts.add("files", history is not None, export.name)
    if history is None:
        return counts
    rows = _by_title(matcher.match_viewings(history.viewings))
    for true in export.viewings:
        kept = true.kind in ("episode", "film")
        waiting = rows[_key(true.profile, true.title)]
        row = waiting.popleft() if waiting and (kept or len(waiting) > _due(export, true)) else None
        _count_row(counts, export, true, row, catalogue)
    for key, waiting in rows.items():
        for _ in waiting:
            counts.add("kinds", False, f"{export.name}: not in the file {key}")
    return counts


def _due(export: Export, true: Viewing) -> int:
    """How many rows of this title are true viewings."""
    return sum(
        one.kind in ("episode", "film") and one.profile == true.profile and one.title == true.title
        for one in export.viewings
    )


def is_ambiguous(export: Export) -> bool:
    """Whether the reader asks for the file's order of day and month."""
    return read_history(export.data, today=TODAY).report.ambiguous_dates


def _read(export: Export) -> History | None:
    try:
        history = read_history(export.data, today=TODAY)
        if history.report.ambiguous_dates:
            history = read_history(export.data, today=TODAY, day_first=export.day_first)
    except FedFlexError:
        return None
    return history


def _key(profile: str, title: str) -> tuple[str, str]:
    """A row's profile and title, without the quotes that a damaged file may have lost."""
    return profile, clean_title(title).replace('"', "").strip()


def _by_title(viewings: pd.DataFrame) -> dict[tuple[str, str], deque[Any]]:
    rows: dict[tuple[str, str], deque[Any]] = defaultdict(deque)
    for row in viewings.itertuples():
        rows[_key(row.profile, row.title)].append(row)
    return rows


def _count_row(
    counts: Counts, export: Export, true: Viewing, row: Any, catalogue: Catalogue
) -> None:
    what = f"{export.name}: {true.title}"
    if true.kind not in ("episode", "film"):
        counts.add("kinds", row is None, f"{what} is kept")
        counts.add("clips", row is None)
        return
    counts.add("dates", row is not None and row.date.date() == true.date,
               f"{what} {true.date} read {row and row.date}")  # fmt: skip
    counts.add("kinds", row is not None and row.kind == true.kind, f"{what} is {row and row.kind}")
    item = None if row is None or pd.isna(row.item) else catalogue.titles[row.item]
    if true.series:
        counts.add("recall", item == true.series, f"{what} is {item}, split {row and row.series}")
    if item:
        # The catalogue may have learnt of a series since: then its very name is right.
        right = item == (true.series or true.name)
        counts.add("precision", right, f"{what} is {item}")
    if true.kind == "episode" and row is not None and row.kind == "episode":
        season = None if pd.isna(row.season) else row.season
        counts.add("seasons", season == true.season, f"{what} is of {season}")


def _print() -> None:
    shares = measure()
    whats = ("files", "dates", "kinds", "clips", "recall", "precision", "seasons")
    print("language".ljust(9), *(what.rjust(10) for what in whats), "rows".rjust(7))
    for language, counts in shares.items():
        figures = (f"{counts.share(what):10.4f}" for what in whats)
        print(language.ljust(9), *figures, f"{counts.of['kinds']:7}")
    print(*sorted(set(shares["all"].faults)), sep="\n")


if __name__ == "__main__":
    _print()
