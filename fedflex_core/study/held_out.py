"""People parted by time: what came first is learned from, the last fifth is held out to be guessed.

A person's known items stand in the order in which they were first watched. The last fifth of them is held
out; the stars of the others follow only from viewings up to the day on which the first held-out item was
first watched. So nothing that a person did later is in what their model learns from. The parting is each
person's own: one may have stopped before another began, as in a study with people of all kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.learning.factors import Ratings
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.history import History, NotAnExport, read_history
from fedflex_core.viewing.matching import Matcher
from fedflex_core.viewing.ratings import Rule, rate_viewings

__all__ = [
    "FEWEST",
    "TOO_FEW",
    "HeldOut",
    "NoHistories",
    "Person",
    "people_of_histories",
    "person_of_viewings",
    "places_held_out",
]

FEWEST = 5
"""Known items below which a person is left out: a fifth of fewer is nothing."""

TOO_FEW = f"person with fewer than {FEWEST} known items"
"""Why such a person is left out."""

_AGAIN = "file that is there twice"


class NoHistories(FedFlexError):
    """The folder is not there, cannot be read, or holds no file."""


@dataclass(frozen=True, eq=False)
class Person:
    """What one person's model may learn from, and what is to be guessed.

    Attributes:
        train: Stars of the items watched first.
        held_out: int64 (n,), the items watched last, in the order of time.
        last_year: The year of this person's last viewing of anything, None where years are not
            known. What was released later did not exist for them.
    """

    train: Ratings
    held_out: npt.NDArray[np.int64]
    last_year: int | None


@dataclass(frozen=True)
class HeldOut:
    """Everybody who can be evaluated, and an account of what could not.

    Attributes:
        people: In a fixed order.
        left_out: How many files, people or rows were not used, by reason in plain words; no names.
        notes: What else there is to say, a sentence each.
    """

    people: tuple[Person, ...]
    left_out: Mapping[str, int]
    notes: tuple[str, ...] = ()


def places_held_out(items: int) -> int:
    """How many of a person's items are held out: a fifth, rounded down; 0 for too few items.

    >>> [places_held_out(items) for items in (4, 5, 9, 10)]
    [0, 1, 1, 2]
    """
    return items // 5 if items >= FEWEST else 0


def person_of_viewings(viewings: pd.DataFrame, rules: Sequence[Rule]) -> Person | None:
    """Part one person's viewings by time; None where too few items are known.

    Items first watched on the same day stand in the catalogue's order.

    Args:
        viewings: Those of one person, with the column ``item`` (see :class:`Matcher`).
        rules: How watching becomes stars.
    """
    known = viewings[viewings["item"].notna()]
    first_days = known.groupby("item")["date"].min().sort_values(kind="stable")
    count = places_held_out(len(first_days))
    if not count:
        return None
    later = first_days.iloc[-count:]
    # The day itself counts: an item begun on it that is not held out would have no viewing else.
    before = known[~known["item"].isin(later.index) & (known["date"] <= later.min())]
    stars = rate_viewings(before, rules)
    train = Ratings(stars["item"].to_numpy(np.int64), stars["stars"].to_numpy(np.float32))
    last_year = int(viewings["date"].max().year)
    return Person(train, later.index.to_numpy(np.int64), last_year)


def people_of_histories(
    folder: Path,
    catalogue: Catalogue,
    rules: Sequence[Rule],
    progress: Callable[[str, float], None] = lambda _what, _share: None,
) -> HeldOut:
    """Everybody whose export lies in a folder; a household's file gives one person for each profile.

    Files whose names begin with a dot are passed over; a file that is no export is counted by its reason.

    Args:
        folder: Holds one export a person or household, not in folders below it.
        catalogue: What they can have watched.
        rules: How watching becomes stars.
        progress: Called with what is being done and the share done, 0 to 1.

    Raises:
        NoHistories: The folder cannot be read, or there is no file in it.
    """
    files, matcher = _files(folder), Matcher(catalogue)
    people: list[Person] = []
    left_out: Counter[str] = Counter()
    unsure, seen = 0, set[bytes]()
    for done, place in enumerate(files):
        progress(f"Reading history {done + 1} of {len(files)}", done / len(files))
        try:
            content = _content(place)
            if content in seen:
                left_out[_AGAIN] += 1
                continue
            seen.add(content)
            history = read_history(place)
        except NotAnExport as error:
            left_out[f"file that is no export: {error.found}"] += 1
            continue
        unsure += history.report.ambiguous_dates
        for viewings in _profiles(history):
            person = person_of_viewings(matcher.match_viewings(viewings), rules)
            if person is None:
                left_out[TOO_FEW] += 1
            else:
                people.append(person)
    return HeldOut(tuple(people), dict(left_out), _about_dates(unsure))


def _files(folder: Path) -> list[Path]:
    try:
        files = sorted(one for one in folder.iterdir() if one.is_file() and one.name[0] != ".")
    except OSError as error:
        raise NoHistories(
            f"The folder of histories cannot be read ({error.strerror}).",
            "A folder with one Netflix export for each person.",
            "Check its name and your access to it.",
        ) from None
    if not files:
        raise NoHistories(
            "There is no file in the folder of histories.",
            "One Netflix export for each person, right in the folder.",
            "Put the exports there, or name another folder with --histories.",
        )
    return files


def _content(place: Path) -> bytes:
    """What tells a file's content from others."""
    try:
        with place.open("rb") as file:
            return file_digest(file, "sha256").digest()
    except OSError:
        raise NotAnExport("The file could not be opened.") from None


def _profiles(history: History) -> Iterator[pd.DataFrame]:
    for profile in history.report.profiles:
        yield history.of_profile(profile).viewings


def _about_dates(unsure: int) -> tuple[str, ...]:
    if not unsure:
        return ()
    files = "1 file" if unsure == 1 else f"{unsure} files"
    return (f"In {files} day and month could be the other way round; read as is usual.",)
