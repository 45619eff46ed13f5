"""From the name in an export to an item of the catalogue, or to none: a wrong match is worse.

A wrong match teaches the model a taste that nobody has, a missing one only wastes a viewing. So a
name is matched as it is written first, then in looser forms, and by likeness only where a slip of
the pen is the one plausible reason for the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import pandas as pd

from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.matching._clues import Clues, read_clues
from fedflex_core.viewing.matching._composed import numbered, parts_of, twofold
from fedflex_core.viewing.matching._entries import Entry, entries_of, strongest_of
from fedflex_core.viewing.matching._namesakes import (
    Work,
    overshadows,
    the_famous,
    told_apart,
    works_of,
)
from fedflex_core.viewing.matching._slips import initials, likeness
from fedflex_core.viewing.matching._unmarked import Siblings, is_episode
from fedflex_core.viewing.matching.names import EXACT_FORMS, Name, read_name

__all__ = ["Match", "Matcher"]

How = Literal["given", "title", "alias", "fuzzy"]
Kind = Literal["series", "film"]


@dataclass(frozen=True)
class Match:
    """The item that a name stands for."""

    item: int
    """Row of the item in `Catalogue.items`."""
    how: How
    """By what the person said, its title, an alias, or one of these but for a slip of the pen."""
    similarity: float
    """1 for the same name, below that (never below `min_similarity`) for a fuzzy match."""


_Key = tuple[str, str]
"""A profile and a title."""


class _Beginning(NamedTuple):
    item: int
    series: str
    rest: str


class Matcher:
    """Finds items by name; build it once, then ask as often as you like.

    Args:
        catalogue: Where to look.
        min_similarity: How alike (0 to 1) two names must be for a fuzzy match; 1 allows none. At
            the default, precision on the labelled names of the tests is at least 0.99.
        given: Names of series that the person has told, each with the id of the item it stands for;
            they win over all others. Ids that the catalogue does not hold are passed over.

    >>> from fedflex_core.viewing.catalogue import read_catalogue
    >>> matcher = Matcher(read_catalogue("title,aliases\\nDark,\\nThe Witcher,Zaklínač".encode()))
    >>> matcher.match("ZAKLINAC")
    Match(item=1, how='alias', similarity=1.0)
    >>> matcher.match("Dark Matter") is None
    True
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        min_similarity: float = 0.92,
        given: Mapping[str, str] | None = None,
    ) -> None:
        if not 0 < min_similarity <= 1:
            raise ValueError(f"min_similarity is {min_similarity}; expected above 0, at most 1")
        self._min_similarity = min_similarity
        self._works = works_of(catalogue)
        self._by_form: dict[tuple[int, str], list[Entry]] = defaultdict(list)
        self._by_initials: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries_of(catalogue, given or {}):
            for key in enumerate(entry.name.forms):
                if key[1]:
                    self._by_form[key].append(entry)
            self._by_initials[initials(entry.name)].append(entry)

    def match(
        self,
        name: str,
        *,
        kind: Kind | None = None,
        season: int | None = None,
        episode: str | None = None,
        year: int | None = None,
    ) -> Match | None:
        """The one item that `name` stands for, or None where there is none, or more than one.

        Args:
            name: A series' or film's name, in any language the catalogue has an alias in.
            kind: Look among series or films only; items of unknown kind are always looked at.
            season: The season watched; a series that has nowhere near as many is not meant.
            episode: What the title says after the name and the season; its number and its form
                tell works of one name apart.
            year: When it was first watched; of works of one name, one that began later is not meant.
        """
        return self._match(name, kind, read_clues(season, episode, year))

    def meanings(self, name: str, *, kind: Kind | None = None) -> tuple[int, ...]:
        """All items that `name` may stand for, but for slips of the pen; rows of `Catalogue.items`."""
        found = strongest_of(self._same(read_name(name), kind, Clues()))
        return tuple(sorted(told_apart(self._works_of(found), Clues())))

    def match_viewings(self, viewings: pd.DataFrame) -> pd.DataFrame:
        """A copy of `viewings` with a column `item` (Int64, `<NA>` where nothing matches).

        Series are looked up among series, films among films. A viewing without a series whose title
        begins with the name of a known one, as in `ONE PIECE: Alabasta: Episode 115`, becomes an
        episode of it, unless it may be a film. Each person's viewings are looked at alone.

        Args:
            viewings: Columns profile, title, series, season, episode, date and kind, as `history`
                gives them.
        """
        matched = viewings.reset_index(drop=True)
        has_series = matched["series"].notna()
        items = pd.Series(pd.NA, index=matched.index, dtype="Int64")
        items[has_series] = self._items_of_series(matched[has_series])
        items[~has_series] = self._items_of_films(matched.loc[~has_series, "title"])
        matched["item"] = items
        matched = self._with_unmarked(matched, ~has_series & items.isna())
        return matched.set_axis(viewings.index)

    def _match(self, name: str, kind: Kind | None, clues: Clues) -> Match | None:
        asked = read_name(name)
        if found := self._same(asked, kind, clues):
            return self._meant(found, clues)
        composed = self._composed(name, clues) if kind != "film" else None
        return composed or self._alike(asked, kind, clues)

    def _items_of_films(self, titles: pd.Series) -> pd.Series:
        found = {title: _item(self.match(str(title), kind="film")) for title in titles.unique()}
        return titles.map(found).astype("Int64")

    def _items_of_series(self, viewings: pd.DataFrame) -> pd.Series:
        """One item for all that a person watched under one name in titles of one shape."""
        names = ("profile", "series", "season", "episode")
        columns = [
            _or_none(column)
            for column in [*(viewings[name] for name in names), viewings["date"].dt.year]
        ]
        clues: dict[tuple[str, str, str], Clues] = {}
        keys = []
        for profile, series, season, episode, year in zip(*columns, strict=True):
            seen = read_clues(season, episode, year)
            keys.append((str(profile), series, seen.shape))
            clues[keys[-1]] = seen.together(clues.get(keys[-1], seen))
        asked = {(series, seen) for (_, series, _), seen in clues.items()}
        found = {one: _item(self._match(one[0], "series", one[1])) for one in asked}
        items = [found[key[1], clues[key]] for key in keys]
        return pd.Series(items, index=viewings.index, dtype="Int64")

    def _with_unmarked(self, viewings: pd.DataFrame, loose: pd.Series) -> pd.DataFrame:
        """Make episodes of the loose viewings whose title begins with a known series."""
        profiles = viewings["profile"].fillna("")
        marked = set(zip(profiles[~loose], viewings.loc[~loose, "item"], strict=True))
        keys = list(zip(profiles[loose], viewings.loc[loose, "title"], strict=True))
        watched: dict[_Key, set[int]] = defaultdict(set)
        for key, day in zip(keys, viewings.loc[loose, "date"], strict=True):
            watched[key].add(day.toordinal())
        episodes = self._episodes_among(watched, marked)
        rows = viewings.index[loose]
        found = {row: episodes[key] for row, key in zip(rows, keys, strict=True) if key in episodes}
        if found:
            values = list(found.values())
            at = list(found)
            viewings.loc[at, "item"] = [begin.item for begin in values]
            viewings.loc[at, "series"] = [begin.series for begin in values]
            viewings.loc[at, "episode"] = [begin.rest for begin in values]
            viewings.loc[at, "kind"] = "episode"
        return viewings

    def _same(
        self, asked: Name, kind: Kind | None, clues: Clues, forms: int | None = None
    ) -> list[Entry]:
        """The entries of the strictest form in which there are any."""
        for key in enumerate(asked.forms[:forms]):
            entries = [
                entry
                for entry in self._by_form.get(key, ())
                if self._agrees(entry, asked, kind, clues)
            ]
            if entries:
                return entries
        return []

    def _meant(self, entries: list[Entry], clues: Clues) -> Match | None:
        """The one item among entries of one name; None where it may as well be another."""
        strongest = strongest_of(entries)
        namesakes = self._works_of(strongest)
        items = told_apart(namesakes, clues)
        item = the_famous({item: namesakes[item] for item in items})
        if item is None:
            return None
        entry = next(entry for entry in strongest if entry.item == item)
        others = self._works_of(entries).items()
        eclipsed = entry.how != "given" and any(
            work.fits(clues) and overshadows(work, namesakes[item])
            for other, work in others
            if other not in namesakes
        )
        return None if eclipsed else Match(item, entry.how, 1.0)

    def _works_of(self, entries: Sequence[Entry]) -> dict[int, Work]:
        return {entry.item: self._works[entry.item] for entry in entries}

    def _agrees(self, entry: Entry, asked: Name, kind: Kind | None, clues: Clues) -> bool:
        """Whether kind, year, country and length, as far as they are known, fit what was asked."""
        if entry.how == "given":
            return kind != "film"
        work = self._works[entry.item]
        year = entry.name.year or work.year
        country = entry.name.country or work.country
        return (
            (not kind or work.kind in ("", kind))
            and (not asked.year or not year or asked.year == year)
            and (not asked.country or not country or asked.country == country)
            and work.may_be(clues)
        )

    def _composed(self, name: str, clues: Clues) -> Match | None:
        """What a name of several parts stands for: two titles of one series, or one and a season."""
        bracketed = self._same(read_name(name, brackets=True), "series", clues)
        if bracketed:
            return self._meant(bracketed, clues)
        parts = [self._exactly(part, clues) for part in parts_of(name)]
        if parts and len({match and match.item for match in parts}) == 1:
            return parts[0]
        for whole in twofold(name):
            if match := self._exactly(whole, clues):
                return match
        return self._of_season(name, clues) if clues.shape else None

    def _of_season(self, name: str, clues: Clues) -> Match | None:
        """The series that `Stranger Things 3` is a season of, if it has as many."""
        before, number = numbered(name) or ("", 0)
        match = self._exactly(before, clues) if before else None
        return match if match and 1 < number <= (self._works[match.item].seasons or 0) else None

    def _exactly(self, name: str, clues: Clues) -> Match | None:
        entries = self._same(read_name(name), "series", clues, EXACT_FORMS)
        return self._meant(entries, clues) if entries else None

    def _alike(self, asked: Name, kind: Kind | None, clues: Clues) -> Match | None:
        scored: dict[int, float] = {}
        for entry in self._by_initials.get(initials(asked), ()):
            if self._agrees(entry, asked, kind, clues):
                score = likeness(asked, entry.name)
                scored[entry.item] = max(score, scored.get(entry.item, 0.0))
        close = {item: score for item, score in scored.items() if score >= self._min_similarity}
        if len(close) != 1:
            return None
        ((item, score),) = close.items()
        return Match(item, "fuzzy", score)

    def _episodes_among(
        self, watched: Mapping[_Key, set[int]], marked: set[tuple[str, int]]
    ) -> dict[_Key, _Beginning]:
        """Of the titles and the days they were watched on, those that are episodes, and of what."""
        known = {
            key: begin
            for key, days in watched.items()
            if (begin := self._beginning(key[1], date.fromordinal(min(days)).year))
        }
        days_of: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for key, begin in known.items():
            days_of[key[0], begin.item][begin.rest] |= watched[key]
        siblings = {
            (profile, item): Siblings(
                days, marked=(profile, item) in marked, seasons=self._works[item].seasons
            )
            for (profile, item), days in days_of.items()
        }
        return {
            key: begin
            for key, begin in known.items()
            if is_episode(begin.series, begin.rest, siblings[key[0], begin.item])
        }

    def _beginning(self, title: str, year: int) -> _Beginning | None:
        """The longest known series' name that the title begins with, up to a colon.

        Where a shorter one is the same series', what stands between them is an arc's or season's
        name (`American Horror Story: Asylum: …`) and belongs to the rest.
        """
        begin = None
        colons = [at for at, letter in enumerate(title) if letter in ":："]
        for at in reversed(colons):
            series, rest = title[:at].strip(), title[at + 1 :].strip()
            clues = read_clues(None, rest, year)
            entries = self._same(read_name(series), "series", clues, EXACT_FORMS)
            if rest and entries:
                match = self._meant(entries, clues)
                if match is None or (begin and begin.item != match.item):
                    break
                begin = _Beginning(match.item, series, rest)
        return begin


def _or_none(column: pd.Series) -> list[Any]:
    """Plain values, None where there is none."""
    return column.astype(object).where(column.notna(), None).tolist()  # type: ignore[no-any-return]


def _item(match: Match | None) -> Any:
    return match.item if match else pd.NA
