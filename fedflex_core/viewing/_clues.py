"""What viewings tell of a series besides its name, for works that share one.

`ONE PIECE` is an anime of a thousand episodes and a live action of a few; a telenovela and its
remake have one name. Numbers that a series does not reach, and how its titles are built, tell them
apart; where they do not, nobody can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["NUMBERED_EPISODE", "Clues", "Extent", "read_clues", "told_apart"]

Shape = Literal["", "season", "arc", "plain"]

NUMBERED_EPISODE = re.compile(
    r"\b(?:episode|episodio|épisode|episódio|odcinek|bölüm|aflevering|afsnit|avsnitt|folge"
    r"|epizoda|díl|jakso|rész|episodul)\s*(\d+)"
    r"|\b(\d+)\.\s*(?:bölüm|folge|díl|rész)\b|第\s*(\d+)\s*[話集회화]|\b(\d+)\s*[화회]",
    re.IGNORECASE,
)
"""An episode's number, as only series have it."""

_NUMBERED_CHAPTER = re.compile(
    r"(?:^|:\s*)(?:chapter|cap[ií]tulo|kapitel|chapitre|rozdział|kapitola|hoofdstuk|capitolo)"
    r"\s*(\d+)(?=\s*(?:$|:))",
    re.IGNORECASE,
)
_FIRST_YEAR = 1900  # some series number their seasons by the year
_LONG_RUN = 200


class Clues(NamedTuple):
    """The highest numbers in viewings of one name, and how their titles go on after it."""

    season: int = 0
    episode: int = 0
    shape: Shape = ""
    """`season`: with a marker; `arc`: a name and a colon before the episode; `plain`: neither."""

    def together(self, other: Clues) -> Clues:
        """The clues of both; they have one shape."""
        season, episode = max(self.season, other.season), max(self.episode, other.episode)
        return Clues(season, episode, self.shape)


class Extent(NamedTuple):
    """How long a series is, as far as its catalogue says."""

    seasons: int | None
    episodes: int | None

    def reaches(self, clues: Clues) -> bool:
        """Whether the series may have such a season and episode: counts in catalogues are rough.

        >>> Extent(1, 16).reaches(Clues(episode=120)), Extent(2, 16).reaches(Clues(season=4))
        (False, True)
        """
        return (not self.episodes or clues.episode <= 2 * self.episodes) and (
            not self.seasons or clues.season <= self.seasons + 2 or clues.season >= _FIRST_YEAR
        )


def told_apart(namesakes: Mapping[int, Extent], clues: Clues) -> set[int]:
    """Of items with one name, those that the clues are of; all of them where nothing tells.

    A long run is exported by its arcs, or numbered beyond what a short series has.

    >>> told_apart({1: Extent(20, 1100), 2: Extent(1, 8)}, Clues(episode=115, shape="arc"))
    {1}
    >>> told_apart({1: Extent(20, 1100), 2: Extent(1, 8)}, Clues(season=1, shape="season"))
    {2}
    """
    long_runs = {item for item, extent in namesakes.items() if (extent.episodes or 0) > _LONG_RUN}
    short = {item: extent for item, extent in namesakes.items() if item not in long_runs}
    beyond = all(extent.episodes and clues.episode > extent.episodes for extent in short.values())
    if not clues.shape or not long_runs or not short:
        return set(namesakes)
    is_long = clues.shape == "arc" or (clues.shape == "plain" and beyond)
    return long_runs if is_long else set(short)


def read_clues(season: int | None, episode: str | None) -> Clues:
    """The clues of one viewing.

    >>> read_clues(None, "Alabasta: Episódio 115")
    Clues(season=0, episode=115, shape='arc')
    >>> read_clues(2, "Capítulo 12").shape
    'season'
    """
    text = episode or ""
    found = NUMBERED_EPISODE.search(text) or _NUMBERED_CHAPTER.search(text)
    number = int(next(filter(None, found.groups()))[:6]) if found else 0
    shape: Shape = "" if season is None and not text else "plain"
    if season is not None:
        shape = "season"
    elif ":" in text or "：" in text:
        shape = "arc"
    return Clues(season or 0, number, shape)
