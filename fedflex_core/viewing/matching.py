"""From the name in an export to an item of the catalogue, or to none: a wrong match is worse.

A wrong match teaches the model a taste that nobody has, a missing one only wastes a viewing. So a
name is matched as it is written first, then in looser forms, and by likeness only where a slip of
the pen is the one plausible reason for the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from fedflex_core.viewing._clues import Clues, Extent, read_clues, told_apart
from fedflex_core.viewing._names import Name, numbers_of, read_name
from fedflex_core.viewing._unmarked import Siblings, is_episode
from fedflex_core.viewing.catalogue import Catalogue

__all__ = ["Match", "Matcher"]

# The forms of a name that are trusted where a title is cut at a colon: no looser than accents.
_EXACT_FORMS = 3
_SHORTEST_MISSPELT = 6
_LONG = 10

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


class _Entry(NamedTuple):
    item: int
    how: Literal["given", "title", "alias"]
    name: Name


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
        items = catalogue.items
        self._min_similarity = min_similarity
        self._years = [_number(year) for year in items["year"]]
        self._countries = [str(country) for country in items["country"]]
        self._kinds = [str(kind) for kind in items["kind"]]
        self._extents = [
            Extent(_number(seasons), _number(episodes))
            for seasons, episodes in zip(items["seasons"], items["episodes"], strict=True)
        ]
        self._by_form: dict[tuple[int, str], list[_Entry]] = defaultdict(list)
        self._by_initials: dict[str, list[_Entry]] = defaultdict(list)
        for entry in _entries(catalogue, given or {}):
            for key in enumerate(entry.name.forms):
                if key[1]:
                    self._by_form[key].append(entry)
            self._by_initials[_initials(entry.name)].append(entry)

    def match(
        self,
        name: str,
        *,
        kind: Kind | None = None,
        season: int | None = None,
        episode: str | None = None,
    ) -> Match | None:
        """The one item that `name` stands for, or None where there is none, or more than one.

        Args:
            name: A series' or film's name, in any language the catalogue has an alias in.
            kind: Look among series or films only; items of unknown kind are always looked at.
            season: The season watched; a series that has nowhere near as many is not meant.
            episode: What the title says after the name and the season; its number and its form
                tell works of one name apart.
        """
        return self._match(name, kind, read_clues(season, episode))

    def meanings(self, name: str, *, kind: Kind | None = None) -> tuple[int, ...]:
        """All items that `name` may stand for, but for slips of the pen; rows of `Catalogue.items`."""
        found = self._same(read_name(name), kind, Clues()) or []
        return tuple(sorted({entry.item for entry in found}))

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
        found = self._same(asked, kind, clues)
        return self._alike(asked, kind, clues) if found is None else _only(found)

    def _items_of_films(self, titles: pd.Series) -> pd.Series:
        found = {title: _item(self.match(str(title), kind="film")) for title in titles.unique()}
        return titles.map(found).astype("Int64")

    def _items_of_series(self, viewings: pd.DataFrame) -> pd.Series:
        """One item for all that a person watched under one name in titles of one shape."""
        columns = [viewings[name] for name in ("profile", "series", "season", "episode")]
        clues: dict[tuple[str, str, str], Clues] = {}
        keys = []
        for profile, series, season, episode in zip(*columns, strict=True):
            seen = read_clues(_number(season), None if pd.isna(episode) else str(episode))
            keys.append((str(profile), str(series), seen.shape))
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
        for key, date in zip(keys, viewings.loc[loose, "date"], strict=True):
            watched[key].add(date.toordinal())
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
    ) -> list[_Entry] | None:
        """The entries of the strictest form in which there are any; None where there are none."""
        for key in enumerate(asked.forms[:forms]):
            entries = [
                entry
                for entry in self._by_form.get(key, ())
                if self._agrees(entry, asked, kind, clues)
            ]
            if entries:
                entries = _strongest(entries)
                namesakes = {entry.item: self._extents[entry.item] for entry in entries}
                meant = told_apart(namesakes, clues)
                return [entry for entry in entries if entry.item in meant]
        return None

    def _agrees(self, entry: _Entry, asked: Name, kind: Kind | None, clues: Clues) -> bool:
        """Whether kind, year, country and length, as far as they are known, fit what was asked."""
        if entry.how == "given":
            return kind != "film"
        year = entry.name.year or self._years[entry.item]
        country = entry.name.country or self._countries[entry.item]
        return (
            (not kind or self._kinds[entry.item] in ("", kind))
            and (not asked.year or not year or asked.year == year)
            and (not asked.country or not country or asked.country == country)
            and self._extents[entry.item].reaches(clues)
        )

    def _alike(self, asked: Name, kind: Kind | None, clues: Clues) -> Match | None:
        scored: dict[int, float] = {}
        for entry in self._by_initials.get(_initials(asked), ()):
            fits = self._agrees(entry, asked, kind, clues)
            if fits and _is_slip(asked.words, entry.name.words):
                score = fuzz.ratio(" ".join(asked.words), " ".join(entry.name.words)) / 100
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
        begins = {title: self._beginning(title) for title in {title for _, title in watched}}
        known = {key: begin for key in watched if (begin := begins[key[1]])}
        days_of: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for key, begin in known.items():
            days_of[key[0], begin.item][begin.rest] |= watched[key]
        siblings = {
            (profile, item): Siblings(
                days, marked=(profile, item) in marked, seasons=self._extents[item].seasons
            )
            for (profile, item), days in days_of.items()
        }
        return {
            key: begin
            for key, begin in known.items()
            if is_episode(begin.series, begin.rest, siblings[key[0], begin.item])
        }

    def _beginning(self, title: str) -> _Beginning | None:
        """The longest known series' name that the title begins with, up to a colon.

        Where a shorter one is the same series', what stands between them is an arc's or season's
        name (`American Horror Story: Asylum: …`) and belongs to the rest.
        """
        begin = None
        colons = [at for at, letter in enumerate(title) if letter in ":："]
        for at in reversed(colons):
            series, rest = title[:at].strip(), title[at + 1 :].strip()
            clues = read_clues(None, rest)
            entries = self._same(read_name(series), "series", clues, _EXACT_FORMS)
            if rest and entries is not None:
                match = _only(entries)
                if match is None or (begin and begin.item != match.item):
                    break
                begin = _Beginning(match.item, series, rest)
        return begin


def _entries(catalogue: Catalogue, given: Mapping[str, str]) -> Iterator[_Entry]:
    for name, item_id in given.items():
        if item_id in catalogue:
            yield _Entry(catalogue.index_of(item_id), "given", read_name(name))
    titles, aliases = catalogue.titles, catalogue.items["aliases"]
    for item, (title, others) in enumerate(zip(titles, aliases, strict=True)):
        yield _Entry(item, "title", read_name(title))
        yield from (_Entry(item, "alias", read_name(alias)) for alias in others)


def _strongest(entries: list[_Entry]) -> list[_Entry]:
    """What the person said before a title, a title before another's alias."""
    for how in ("given", "title"):
        if stronger := [entry for entry in entries if entry.how == how]:
            return stronger
    return entries


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _item(match: Match | None) -> Any:
    return match.item if match else pd.NA


def _only(entries: Sequence[_Entry]) -> Match | None:
    if len({entry.item for entry in entries}) > 1:
        return None
    return Match(entries[0].item, entries[0].how, 1.0)


def _initials(name: Name) -> str:
    return "".join(word[0] for word in name.words)


def _is_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether names of several words differ in a single long one, by a letter or two, no number."""
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(one) < 2 or len(differing) != 1 or numbers_of(one) != numbers_of(other):
        return False
    a, b = differing[0]
    longest = max(len(a), len(b))
    slips = 0 if longest < _SHORTEST_MISSPELT else 1 if longest < _LONG else 2
    is_plural = b == a + "s" or a == b + "s"
    return not is_plural and OSA.distance(a, b) <= slips
