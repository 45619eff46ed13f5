"""Season and episode markers inside one title, in any of the languages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fedflex_core.viewing.languages import (
    CHAPTER_WORDS,
    EPISODE_WORDS,
    LIMITED_SERIES,
    NUMBER_WORDS,
    PART_WORDS,
    SEASON_WORDS,
)

__all__ = [
    "CHAPTER",
    "CLOSING",
    "EPISODE",
    "NUMBER",
    "Marked",
    "TitleParts",
    "any_of",
    "episode_name",
    "find_marker",
    "is_roman",
    "joined",
    "number_in",
    "title_parts",
]


@dataclass(frozen=True, slots=True)
class TitleParts:
    """What a title says: a film has no series, an episode may have no number of a season."""

    series: str | None = None
    season: int | None = None
    episode: str | None = None


# --- the words as patterns --------------------------------------------------------------------


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, in lower case, the longest first."""
    longest_first = sorted((word.casefold() for word in words), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word) for word in longest_first) + ")"


NUMBER = r"\d{1,4}|" + any_of(NUMBER_WORDS)
_ORDINAL_SIGN = r"(?:\.ª|\.º|\.|ª|º|st|nd|rd|th|re|ère|er|e|ème)?"
_NUMBER_END = r"[a-z]?(?:\s*remix)?(?:\s*\([^)]*\))?"


def _numbered(words: Sequence[str]) -> re.Pattern[str]:
    """`Season 1`, `Season 1B`, `Season 2 (Channel 4)`, `1. Sezon`, `1ª temporada`, `第1季`."""
    word = any_of(words)
    return re.compile(
        rf"{word}\.?\s*(?P<after>\d{{1,4}}){_NUMBER_END}"
        rf"|{word}\.?\s+(?P<spelled>{NUMBER})"
        rf"|(?P<before>\d{{1,4}}){_ORDINAL_SIGN}\s*{word}{_NUMBER_END}"
        rf"|第\s*(?P<asian>{NUMBER})\s*{word}",
    )


_SEASON = _numbered(SEASON_WORDS)
_PART = _numbered(PART_WORDS)
CHAPTER = _numbered(CHAPTER_WORDS)
EPISODE = _numbered(EPISODE_WORDS)
_LIMITED = re.compile(rf"{any_of(LIMITED_SERIES)}\??")
_NAMED_YEAR = re.compile(rf"the (?P<spelled>{NUMBER}) year")
_OWN_NUMBER = re.compile(r"(?P<name>.+?)\s+(?P<number>\d{1,3})")
_HALVED = re.compile(rf"(?P<whole>.+?),?\s+(?:[-–—]\s*)?\(?(?:{_PART.pattern})\)?")
_DASHED = re.compile(r"(?P<name>.+?)\s+[-–—]\s+(?P<marker>[^-–—]+)")

_EPISODE_WORD = any_of(EPISODE_WORDS)
CLOSING = re.compile(
    rf"\s*[(（](?:{_EPISODE_WORD}\.?\s*\d+|\d+\.?\s*{_EPISODE_WORD}|第\s*\d+\s*{_EPISODE_WORD})[)）]$",
    re.IGNORECASE,
)

_MOST_COLONS = 12  # no title has more; a damaged file may, and time must not grow with them
_COLON = re.compile(r"\s*：\s*|\s*:(?:\s+|$)")


def title_parts(title: str) -> list[str]:
    """What stands between the colons; a colon without a space behind it (`3:10`) parts nothing."""
    parts = [part for part in _COLON.split(title, maxsplit=_MOST_COLONS) if part.strip()]
    twice = len(parts) >= 4 and parts[0] == parts[1]  # `Name: Name: Book 1: …`
    return parts[1:] if twice else parts


def joined(parts: Sequence[str]) -> str:
    """Parts of a title as one text again."""
    return ": ".join(parts)


def episode_name(parts: Sequence[str]) -> str:
    """The episode's own name; `(Episode 3)` at its end goes, since only some exports have it."""
    whole = joined(parts)
    return CLOSING.sub("", whole) or whole


def number_in(found: re.Match[str]) -> int:
    """The number in a marker, written in digits or as a word."""
    text = next(value for value in found.groupdict().values() if value is not None)
    return int(text) if text.isdecimal() else NUMBER_WORDS[text]


class Marked(NamedTuple):
    """A title with a season marker: the series before it, the rest after it."""

    series: str
    season: int
    marker: str
    rest: list[str]
    by_chapter: bool
    like_film: bool
    """Whether films have such markers too, so that one alone says little."""

    def as_season(self) -> TitleParts:
        """With the marker as a season's."""
        return TitleParts(self.series, self.season, episode_name(self.rest))

    def as_episode(self) -> TitleParts:
        """With the marker as the beginning of the episode's name."""
        return TitleParts(self.series, None, episode_name([self.marker, *self.rest]))


def find_marker(parts: list[str]) -> Marked | None:
    """The first sure season marker between two other parts; else the first likely one."""
    inner = range(1, len(parts) - 1)
    for at in inner:
        if (season := _sure_season(parts, at)) is not None:
            return Marked(joined(parts[:at]), season, parts[at], parts[at + 1 :], False, False)
    for at in inner:
        if marked := _likely_season(parts, at):
            return marked
    return None


def _sure_season(parts: list[str], at: int) -> int | None:
    """The number of the season that this part names for sure; a limited series has season 1."""
    text = _without_half(parts[at].casefold())
    if found := _SEASON.fullmatch(text) or _NAMED_YEAR.fullmatch(text):
        return number_in(found)
    if _LIMITED.fullmatch(text):
        return 1
    if found := _OWN_NUMBER.fullmatch(text):
        series, name = joined(parts[:at]).casefold(), found["name"]
        own = name in (series, parts[at - 1].casefold()) or series.startswith(f"{name} ")
        return int(found["number"]) if own else None
    return None


def _without_half(text: str) -> str:
    """`season 5 - part 2` and `part 5 vol. 2` are of season 5; the half is left out."""
    found = _HALVED.fullmatch(text)
    return found["whole"] if found else text


def _likely_season(parts: list[str], at: int) -> Marked | None:
    series, marker, rest = joined(parts[:at]), parts[at], parts[at + 1 :]
    text = _without_half(marker.casefold())
    if found := _PART.fullmatch(text):
        return Marked(series, number_in(found), marker, rest, False, _is_spelled(found))
    if found := CHAPTER.fullmatch(text):
        if found["spelled"] and not found["spelled"].isdecimal():
            return None  # `Chapter One: …` is an episode's name
        return Marked(series, number_in(found), marker, rest, True, True)
    if (dashed := _DASHED.fullmatch(marker)) and (
        found := _PART.fullmatch(dashed["marker"].casefold())
    ):
        whole = joined([series, dashed["name"]])
        return Marked(whole, number_in(found), marker, rest, False, _is_spelled(found))
    return None


def _is_spelled(found: re.Match[str]) -> bool:
    """Whether the number is written as a word, as in films: `Part One`."""
    text = found["spelled"]
    return bool(text) and not text.isdecimal() and not is_roman(text)


def is_roman(text: str | None) -> bool:
    """Roman numerals count the parts of sagas, never the episodes of a series."""
    return bool(text) and set(text or "") <= set("ivx")
