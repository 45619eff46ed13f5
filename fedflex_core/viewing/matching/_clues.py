"""What viewings tell of a series besides its name: numbers, how its titles are built, and when.

`ONE PIECE: Alabasta: Episode 115` is not of a series with eight episodes, and what was watched in
2017 is not of one that began in 2023.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

__all__ = ["NUMBERED_EPISODE", "Clues", "read_clues"]

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


class Clues(NamedTuple):
    """The highest numbers in viewings of one name, and how their titles go on after it."""

    season: int = 0
    episode: int = 0
    shape: Shape = ""
    """`season`: with a marker; `arc`: a name and a colon before the episode; `plain`: neither."""
    year: int = 0
    """The year of the first viewing; 0 where unknown."""

    def together(self, other: Clues) -> Clues:
        """The clues of both; they have one shape."""
        season, episode = max(self.season, other.season), max(self.episode, other.episode)
        return Clues(season, episode, self.shape, min(self.year, other.year))


def read_clues(season: int | None, episode: str | None, year: int | None = None) -> Clues:
    """The clues of one viewing.

    >>> read_clues(None, "Alabasta: Episódio 115")
    Clues(season=0, episode=115, shape='arc', year=0)
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
    return Clues(season or 0, number, shape, year or 0)
