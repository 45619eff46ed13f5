"""Whether `Name of a series: something` without a season marker is an episode, or a film.

Netflix leaves the season out of the titles of series with a single season, and of some long ones
(`ONE PIECE: Alabasta: Episode 115`). Films and specials are named after a series in the same way
(`Black Mirror: Bandersnatch`), so that the title alone does not tell: the other viewings do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from fedflex_core.viewing.matching._clues import NUMBERED_EPISODE
from fedflex_core.viewing.watching import watched_like_series

__all__ = ["Siblings", "is_episode"]

_NUMBERED_PART = re.compile(
    r"^(chapter|part|volume|vol\.?|cap[ií]tulo|parte|kapitel|teil|partie|chapitre|rozdział|część"
    r"|kapitola|hoofdstuk|deel|del|capitolo|movie|film)?\s*(\d+|[ivx]+)\b",
    re.IGNORECASE,
)
_FILM = re.compile(
    r"\b(movie|film|filme|película|pelicula|filmen|making of|behind the scenes|reunion|afterparty"
    r"|the special|farewell)\b",
    re.IGNORECASE,
)
# A sequel's number is small: `John Wick: Chapter 4` is a film, `Monster: CHAPTER 42` an episode.
_HIGHEST_SEQUEL = 9
_ENOUGH_SIBLINGS = 3
_ENOUGH_SIBLINGS_OF_SHORT_NAME = 4
_LONG_NAME = 3


class Siblings(NamedTuple):
    """What one person watched whose title begins with the name of one known series."""

    days_of: Mapping[str, Collection[int]]
    """What follows the series' name in each title, and the days it was watched on."""
    marked: bool
    """Whether there are viewings of the series with a season marker."""
    seasons: int | None
    """How many seasons the series has; None where unknown."""


def is_episode(series: str, rest: str, siblings: Siblings) -> bool:
    """Decide on one title, cut into a known series' name and the rest.

    >>> alone = Siblings({"Alabasta: Episode 115": [1]}, marked=False, seasons=20)
    >>> is_episode("ONE PIECE", "Alabasta: Episode 115", alone)
    True
    >>> alone = Siblings({"Bandersnatch": [1]}, marked=True, seasons=6)
    >>> is_episode("Black Mirror", "Bandersnatch", alone)
    False
    """
    if NUMBERED_EPISODE.search(rest):
        return True
    if _FILM.search(rest):
        return False
    long_name = len(series.split()) >= _LONG_NAME
    enough = _ENOUGH_SIBLINGS if long_name else _ENOUGH_SIBLINGS_OF_SHORT_NAME
    alike = len(siblings.days_of) >= enough
    if _is_high_number(rest) or (
        alike and watched_like_series(siblings.days_of.values(), busy_days=1)
    ):
        return True
    single_season = long_name and siblings.seasons == 1 and not siblings.marked
    return not _NUMBERED_PART.match(rest) and (
        (single_season and len(siblings.days_of) > 1) or _is_in_arc(rest, siblings)
    )


def _is_in_arc(rest: str, siblings: Siblings) -> bool:
    """Whether a name of an arc or a season stands before the episode's (`Alabasta: …`).

    Films have subtitles of subtitles too, so one such title alone does not tell.
    """
    arc, colon, _ = rest.partition(":")
    same_arc = sum(other.startswith(f"{arc}:") for other in siblings.days_of)
    return bool(colon) and (same_arc > 1 or siblings.marked)


def _is_high_number(rest: str) -> bool:
    part = _NUMBERED_PART.match(rest)
    return bool(part and part[1] and part[2].isdigit() and int(part[2]) > _HIGHEST_SEQUEL)
