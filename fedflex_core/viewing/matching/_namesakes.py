"""Which of several works of one name is meant, where anything tells; where nothing does, none is.

`ONE PIECE` is an anime of a thousand episodes and a live action of a few; a telenovela and its
remake have one name. Numbers that a series does not reach, the year, and how its titles are built
tell them apart. Where they do not, only a series that all the world knows is taken for one that
hardly anybody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.matching._clues import Clues

__all__ = ["Work", "overshadows", "the_famous", "told_apart", "works_of"]

_FIRST_YEAR = 1900  # some series number their seasons by the year
_LONG_RUN = 200
_SPARE_SEASONS = 2
_TIMES_AS_KNOWN = 20
# About the median of public lists: what has no votes there is hardly better known.
_VOTES_WHERE_UNKNOWN = 1000


class Work(NamedTuple):
    """What the catalogue knows of an item besides its names; None and "" where it does not."""

    kind: str = ""
    year: int | None = None
    country: str = ""
    seasons: int | None = None
    episodes: int | None = None
    votes: int | None = None
    ended: bool = False

    def may_be(self, clues: Clues) -> bool:
        """Whether the work may have such a season and episode: counts in catalogues are rough.

        >>> Work(seasons=1, episodes=16).may_be(Clues(episode=120))
        False
        >>> Work(seasons=2).may_be(Clues(season=4))
        True
        """
        in_reach = not self.episodes or clues.episode <= 2 * self.episodes
        return in_reach and self._reaches(clues, _SPARE_SEASONS)

    def fits(self, clues: Clues) -> bool:
        """Whether it needs no leniency: shown by then, and if it is over, with as many seasons."""
        in_time = not self.year or not clues.year or self.year <= clues.year
        return in_time and self._reaches(clues, 0 if self.ended else _SPARE_SEASONS)

    def _reaches(self, clues: Clues, spare: int) -> bool:
        return (
            not self.seasons or clues.season <= self.seasons + spare or clues.season >= _FIRST_YEAR
        )


def works_of(catalogue: Catalogue) -> list[Work]:
    """What is known of each item, in item order."""
    columns = ("kind", "year", "country", "seasons", "episodes", "imdb_votes", "end_year")
    cells = zip(*(catalogue.items[column] for column in columns), strict=True)
    return [
        Work(
            str(kind),
            _number(year),
            str(country),
            _number(seasons),
            _number(episodes),
            _number(votes),
            not pd.isna(end_year),
        )
        for kind, year, country, seasons, episodes, votes, end_year in cells
    ]


def told_apart(namesakes: Mapping[int, Work], clues: Clues) -> set[int]:
    """Of items with one name, those that the clues are of; all of them where nothing tells.

    A long run is exported by its arcs, or numbered beyond what a short series has.

    >>> works = {1: Work(seasons=20, episodes=1100), 2: Work(seasons=1, episodes=8)}
    >>> told_apart(works, Clues(episode=115, shape="arc"))
    {1}
    >>> told_apart(works, Clues(season=1, shape="season"))
    {2}
    """
    fitting = {item: work for item, work in namesakes.items() if work.fits(clues)}
    namesakes = fitting or namesakes
    long_runs = {item for item, work in namesakes.items() if (work.episodes or 0) > _LONG_RUN}
    short = {item: work for item, work in namesakes.items() if item not in long_runs}
    beyond = all(work.episodes and clues.episode > work.episodes for work in short.values())
    if not clues.shape or not long_runs or not short:
        return set(namesakes)
    is_long = clues.shape == "arc" or (clues.shape == "plain" and beyond)
    return long_runs if is_long else set(short)


def the_famous(namesakes: Mapping[int, Work]) -> int | None:
    """The one that is known to twenty times as many people as each other; None if there is none.

    >>> the_famous({1: Work(votes=240_000), 2: Work()}), the_famous({1: Work(votes=9000), 2: Work()})
    (1, None)
    """
    first, *others = sorted(namesakes, key=lambda item: -_known_to(namesakes[item]))
    return first if all(overshadows(namesakes[first], namesakes[one]) for one in others) else None


def overshadows(work: Work, other: Work) -> bool:
    """Whether hardly anybody who names the two means the other one."""
    known = max(_known_to(other), _VOTES_WHERE_UNKNOWN)
    return _known_to(work) >= _TIMES_AS_KNOWN * known


def _known_to(work: Work) -> int:
    return _VOTES_WHERE_UNKNOWN if work.votes is None else work.votes


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
