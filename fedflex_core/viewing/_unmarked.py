"""Whether `Name of a series: something` without a season marker is an episode, or a film.

Netflix leaves the season out of the titles of series with a single season, and of some long ones
(`ONE PIECE: Alabasta: Episode 115`). Films and specials are named after a series in the same way
(`Black Mirror: Bandersnatch`), so that the title alone does not tell: the other viewings do.
"""

from __future__ import annotations

import re

__all__ = ["episode_number", "is_episode"]

_NUMBERED_EPISODE = re.compile(
    r"\b(?:episode|episodio|épisode|episódio|odcinek|bölüm|aflevering|afsnit|avsnitt|folge"
    r"|epizoda|díl|jakso|rész|episodul)\s*(\d+)"
    r"|\b(\d+)\.\s*(?:bölüm|folge|díl|rész)\b|第\s*(\d+)\s*[話集회화]|\b(\d+)\s*[화회]",
    re.IGNORECASE,
)
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


def episode_number(rest: str) -> int:
    """The number of an episode that is counted through, 0 where there is none.

    >>> episode_number("Alabasta: Episódio 115"), episode_number("Bandersnatch")
    (115, 0)
    """
    found = _NUMBERED_EPISODE.search(rest)
    return int(next(filter(None, found.groups()))[:6]) if found else 0


def is_episode(series: str, rest: str, *, siblings: int, marked: bool, seasons: int | None) -> bool:
    """Decide on one title, cut into a known series' name and the rest.

    Args:
        series: The name, as exported.
        rest: What follows the colon.
        siblings: How many different titles of the same profile begin with this series' name.
        marked: Whether the profile has viewings of this series with a season marker.
        seasons: How many seasons the series has; None where unknown.

    >>> is_episode("ONE PIECE", "Alabasta: Episode 115", siblings=1, marked=False, seasons=20)
    True
    >>> is_episode("Black Mirror", "Bandersnatch", siblings=1, marked=True, seasons=6)
    False
    """
    if _NUMBERED_EPISODE.search(rest):
        return True
    if _FILM.search(rest):
        return False
    long_name = len(series.split()) >= _LONG_NAME
    enough = _ENOUGH_SIBLINGS if long_name else _ENOUGH_SIBLINGS_OF_SHORT_NAME
    if siblings >= enough or _is_high_number(rest):
        return True
    # With two colons, an arc's or season's name stands between the series' and the episode's; with
    # one, the title of a series of a single season needs no marker.
    two_colons = ":" in series or ":" in rest
    single_season = long_name and seasons == 1 and not marked
    return not _NUMBERED_PART.match(rest) and (two_colons or single_season)


def _is_high_number(rest: str) -> bool:
    part = _NUMBERED_PART.match(rest)
    return bool(part and part[1] and part[2].isdigit() and int(part[2]) > _HIGHEST_SEQUEL)
