"""How watching becomes stars: readable tables of rules over real dates.

A set of rules is a small CSV table, read from the top; the first line that a series meets gives its
stars. A researcher replaces the table, not the code. Its columns:

``stars``        1 to 5.
``episodes``     how many different episodes a window must hold at least.
``window``       ``N days`` (N calendar days, first and last counted), ``week`` (Monday to Sunday,
                 numbered without a break over New Year) or ``ever``.
``windows``      in how many such windows (more than one only for ``week``).
``consecutive``  ``yes`` if those weeks must follow one another.

Two sets come with FedFlex: ``default`` is the example in the FedFlex paper, section 3; ``published`` is
what the paper's released code does, on calendar weeks.
"""

from __future__ import annotations

import io
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedflex_core.errors import FedFlexError

__all__ = ["BadRules", "Rule", "bundled_rules", "rate", "rate_viewings", "read_rules"]


class BadRules(FedFlexError):
    """The table of rating rules cannot be used; the remedy is to mend the table."""


class Rule(BaseModel):
    """One line of a table of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stars: int = Field(ge=1, le=5)
    """What a series that meets the rule gets."""
    episodes: int = Field(ge=1)
    """How many different episodes a window must hold at least."""
    window: str = Field(pattern=r"^(ever|week|[1-9]\d* days)$")
    """``ever``, ``week`` or ``N days``."""
    windows: int = Field(default=1, ge=1)
    """In how many windows."""
    consecutive: Literal["yes", "no"] = "no"
    """Whether those weeks must follow one another."""

    @model_validator(mode="after")
    def _several_windows_are_weeks(self) -> Rule:
        if self.windows > 1 and self.window != "week":
            raise ValueError("more than one window is counted in weeks only")
        return self

    def is_met(self, days: Sequence[int]) -> bool:
        """Whether episodes first seen on ``days`` (ordinals, ascending) meet this rule.

        >>> Rule(stars=5, episodes=3, window="7 days").is_met([1, 4, 7])
        True
        >>> Rule(stars=5, episodes=3, window="7 days").is_met([1, 4, 8])
        False
        """
        if self.window == "ever":
            return len(days) >= self.episodes
        if self.window == "week":
            return self._met_in_weeks(days)
        length = int(re.split(r"\s", self.window)[0])
        spans = zip(days, days[self.episodes - 1 :], strict=False)
        return any(last - first < length for first, last in spans)

    def _met_in_weeks(self, days: Sequence[int]) -> bool:
        # Ordinal 1 is a Monday, so this counts Monday-to-Sunday weeks on and on: a new year is no gap.
        weeks, counts = np.unique((np.asarray(days) - 1) // 7, return_counts=True)
        full = weeks[counts >= self.episodes]
        if self.consecutive == "no":
            return len(full) >= self.windows
        runs = np.split(full, np.flatnonzero(np.diff(full) != 1) + 1)
        return max(len(run) for run in runs) >= self.windows


def read_rules(source: str | os.PathLike[str] | bytes) -> tuple[Rule, ...]:
    """Read a table of rules.

    Raises:
        BadRules: A column is missing or unknown, a value is out of range, or no rule is there.

    >>> read_rules(b"stars,episodes,window\\n2,2,ever\\n1,1,ever\\n")[0].stars
    2
    """
    try:
        text = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError:
        raise _bad_rules("The file could not be opened.") from None
    try:
        table = pd.read_csv(io.BytesIO(text), dtype=str, skipinitialspace=True)
    except (ValueError, UnicodeDecodeError) as error:
        raise _bad_rules("The file is not a table.") from error
    rules = []
    for line, row in enumerate(table.to_dict("records"), start=2):
        try:
            rules.append(Rule.model_validate({str(k): v for k, v in row.items() if pd.notna(v)}))
        except ValidationError as error:
            raise _bad_rules(f"Line {line}: {error.errors()[0]['msg']}.") from error
    if not rules:
        raise _bad_rules("The table holds no rule.")
    return tuple(rules)


def bundled_rules(name: str = "default") -> tuple[Rule, ...]:
    """The set of rules called ``name``: ``default`` or ``published``.

    >>> [rule.stars for rule in bundled_rules("default")]
    [5, 4, 3, 3, 2, 1]
    """
    folder = files("fedflex_core.viewing") / "rating_rules"
    names = sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir())
    if name not in names:
        raise _bad_rules(f"There is no set of rules called {name!r}; there are {', '.join(names)}.")
    return read_rules((folder / f"{name}.csv").read_bytes())


def rate(days: Sequence[int], rules: Sequence[Rule]) -> int:
    """Stars 1 to 5 of one series whose different episodes were first seen on ``days`` (ordinals).

    >>> rate([10, 11, 12], bundled_rules())
    5
    >>> rate([10], bundled_rules())
    1
    """
    ordered = sorted(days)
    return next((rule.stars for rule in rules if rule.is_met(ordered)), 1)


def rate_viewings(
    viewings: pd.DataFrame,
    rules: Sequence[Rule],
    corrections: Mapping[int, int] | None = None,
) -> pd.DataFrame:
    """One row per item watched: its stars, and what they follow from.

    Args:
        viewings: Columns ``item`` (Int64, missing where the catalogue does not know the series),
            ``title`` (the whole title, one per episode) and ``date`` (datetime64). With columns
            ``season`` and ``episode`` too, an episode is one whatever its title's other spellings.
        rules: Read from the top; the first that is met gives the stars.
        corrections: Stars set by hand, by item; each wins over any rule.

    Returns:
        Columns ``item`` (int64, ascending), ``stars`` (int64, 1 to 5), ``episodes`` (int64, different
        episodes), ``first`` and ``last`` (datetime64), ``corrected`` (bool).

    >>> table = pd.DataFrame({"item": pd.array([7, 7, None], "Int64"), "title": ["a", "b", "c"],
    ...                       "date": pd.to_datetime(["2024-12-30", "2025-01-02", "2025-01-03"])})
    >>> rate_viewings(table, bundled_rules())[["item", "stars", "episodes"]].values.tolist()
    [[7, 3, 2]]
    """
    known = viewings[viewings["item"].notna()]
    known = known[["item", "date"]].assign(season=known.get("season"), episode=_episodes(known))
    # Pausing an episode and going on tomorrow is one episode; it counts on the day it was begun.
    first_seen = known.sort_values("date").drop_duplicates(["item", "season", "episode"])
    rows = [_rated(int(item), dates, rules) for item, dates in first_seen.groupby("item")["date"]]
    table = pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)
    by_hand = table["item"].map(dict(corrections or {}))
    table["corrected"] = by_hand.notna()
    table["stars"] = by_hand.fillna(table["stars"]).astype("int64")
    return table


_DTYPES = {
    "item": "int64", "stars": "int64", "episodes": "int64",
    "first": "datetime64[s]", "last": "datetime64[s]",
}  # fmt: skip


def _episodes(viewings: pd.DataFrame) -> pd.Series[str]:
    """What tells the episodes of a season apart: their names, else their whole titles."""
    names = viewings["title"]
    if "episode" in viewings:
        names = viewings["episode"].fillna(names)
    return names.map({name: _letters(str(name)) for name in names.unique()})


def _letters(name: str) -> str:
    """The name without case, spaces and punctuation, which exports write in several ways."""
    small = unicodedata.normalize("NFKC", name.casefold())
    return "".join(filter(str.isalnum, small)) or small


def _rated(
    item: int, dates: pd.Series[pd.Timestamp], rules: Sequence[Rule]
) -> tuple[int, int, int, pd.Timestamp, pd.Timestamp]:
    stars = rate([date.toordinal() for date in dates], rules)
    return item, stars, len(dates), dates.min(), dates.max()


def _bad_rules(found: str) -> BadRules:
    return BadRules(
        found,
        "A CSV table with the columns stars, episodes, window, windows and consecutive.",
        "Mend the table, or take the bundled set `default`.",
    )
