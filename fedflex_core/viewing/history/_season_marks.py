"""Season and episode markers inside one title, in any of the languages."""

import re
import unicodedata
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
    SPECIALS,
)

__all__ = [
    "CHAPTER",
    "EPISODE",
    "NUMBER",
    "Marked",
    "TitleParts",
    "any_of",
    "closing_of",
    "episode_name",
    "find_marker",
    "folded",
    "folded_any_of",
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

_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def folded(text: str) -> str:
    """In lower case, without accents, wide digits and dashes as plain ones: `ţ` and `ț` are one.

    Signs above Japanese, Thai or Hindi letters stay: they make other letters.

    >>> folded("KISIM"), folded("Kısım"), folded("第１０季"), folded("2ª")
    ('kisim', 'kisim', '第10季', '2a')
    """
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return (
        unicodedata.normalize("NFC", _LATIN_MARKS.sub("", small))
        .replace("ı", "i")
        .translate(_DASHES)
    )


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, in lower case, the longest first."""
    longest_first = sorted((word.casefold() for word in words), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word) for word in longest_first) + ")"


def folded_any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words in texts that are `folded`."""
    return any_of({folded(word) for word in words})


_NUMBERS = {folded(word): value for word, value in NUMBER_WORDS.items()}
_WORD_OF_NUMBER = any_of(_NUMBERS)
NUMBER = rf"\d{{1,4}}|{_WORD_OF_NUMBER}"
_ORDINAL_END = r"\.?-?(?:[^\W\d_]{1,3}\.?)?"  # 2nd, 2ª, 2ème, 2-й, 2.
_NUMBER_END = (
    r"(?:-a|-lea|\s?[a-z])?(?:[-/]\d{2,4})?"
    r"(?:\s*(?:remix|redux|uncut|extended))?(?:\s*[(\[][^)\]]*[)\]])?"
)


def _numbered(words: Sequence[str]) -> re.Pattern[str]:
    """`Season 1`, `Season 1B`, `Season 2 (Channel 4)`, `1. Sezon`, `1ª temporada`, `第1季`."""
    word = folded_any_of(words)
    return re.compile(
        rf"{word}\.?\s*(?:al? )?(?P<after>\d{{1,4}}){_NUMBER_END}"
        rf"|{word}\.?\s+(?:al? )?(?P<spelled>{NUMBER})(?:-a|-lea)?"
        rf"|(?P<before>\d{{1,4}}){_ORDINAL_END}\s*{word}{_NUMBER_END}"
        rf"|[第제]\s*(?P<asian>{NUMBER})\s*{word}{_NUMBER_END}"
        rf"|(?P<ordinal>{_WORD_OF_NUMBER})\s+{word}",
    )


_SEASON = _numbered(SEASON_WORDS)
_PART = _numbered(PART_WORDS)
CHAPTER = _numbered(CHAPTER_WORDS)
EPISODE = _numbered(EPISODE_WORDS)
_LIMITED = re.compile(rf"{folded_any_of(LIMITED_SERIES)}\??")
_SPECIALS = re.compile(folded_any_of(SPECIALS))
_NAMED_YEAR = re.compile(rf"the (?P<spelled>{NUMBER}) year")
_OWN_NUMBER = re.compile(
    rf"(?P<name>.+?),?\s+(?:-\s+)?(?:(?P<number>\d{{1,3}})|{_numbered(SEASON_WORDS + PART_WORDS).pattern})"
)
_HALVED = re.compile(rf"(?P<whole>.+?)(?:,?\s+|(?<=[\d季期]))(?:-\s*)?\(?(?:{_PART.pattern})\)?")
_DASHED = re.compile(r"(?P<name>.+?)\s+[-–—]\s+(?P<marker>[^-–—]+)")
_CLOSING = re.compile(r"\s*[(（]([^()（）]*)[)）]$")

_MOST_COLONS = 12  # no title has more; a damaged file may, and time must not grow with them
_COLON = re.compile(r"\s*[：﹕︰∶꞉]\s*|\s*:(?:\s+|$)")


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
    return whole[: closing.start()] or whole if (closing := closing_of(whole)) else whole


def closing_of(text: str) -> re.Match[str] | None:
    """The `(Episode 3)` at a text's end, if it has one."""
    found = _CLOSING.search(text)
    inside = EPISODE.fullmatch(folded(found[1].strip())) if found else None
    return found if inside and not inside["spelled"] and not inside["ordinal"] else None


def number_in(found: re.Match[str], *besides: str) -> int:
    """The number in a marker, written in digits or as a word; `besides` are other groups."""
    said = {name: value for name, value in found.groupdict().items() if name not in besides}
    text = next(value for value in said.values() if value is not None)
    return int(text) if text.isdecimal() else _NUMBERS[text]


class Marked(NamedTuple):
    """A title with a season marker: the series before it, the rest after it."""

    series: str
    season: int | None
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
        if said := _sure_season(parts, at):
            series, rest = joined(parts[:at]), parts[at + 1 :]
            return Marked(series, said.season, parts[at], rest, False, False)
    for at in inner:
        if marked := _likely_season(parts, at):
            return marked
    return None


def _sure_season(parts: list[str], at: int) -> TitleParts | None:
    """What this part says for sure of a season; a limited series has season 1."""
    text = _without_half(folded(parts[at]))
    if found := _SEASON.fullmatch(text) or _NAMED_YEAR.fullmatch(text):
        return TitleParts(season=number_in(found))
    if _LIMITED.fullmatch(text):
        return TitleParts(season=1)
    if _SPECIALS.fullmatch(text):
        return TitleParts()
    number = _number_after_own_name(parts, at, text)
    return None if number is None else TitleParts(season=number)


def _number_after_own_name(parts: list[str], at: int, text: str) -> int | None:
    """`Stranger Things 3`, `Lucifer Season 5`: the series' own name, then its season's number."""
    series, before = folded(joined(parts[:at])), folded(parts[at - 1])
    found = _OWN_NUMBER.fullmatch(text)
    name = found["name"] if found else ""
    own = name in (series, before) or re.match(rf"{re.escape(name)}\b", series)
    return number_in(found, "name") if found and own else None


def _without_half(text: str) -> str:
    """`season 5 - part 2` and `part 5 vol. 2` are of season 5; the half is left out."""
    found = _HALVED.fullmatch(text)
    return found["whole"] if found and any(map(str.isdigit, found["whole"])) else text


def _likely_season(parts: list[str], at: int) -> Marked | None:
    series, marker, rest = joined(parts[:at]), parts[at], parts[at + 1 :]
    text = _without_half(folded(marker))
    if found := _PART.fullmatch(text):
        return Marked(series, number_in(found), marker, rest, False, _is_spelled(found))
    if found := CHAPTER.fullmatch(text):
        if _is_worded(found):
            return None  # `Chapter One: …` is an episode's name
        return Marked(series, number_in(found), marker, rest, True, True)
    if (dashed := _DASHED.fullmatch(marker)) and (
        found := _PART.fullmatch(folded(dashed["marker"]))
    ):
        whole = joined([series, dashed["name"]])
        return Marked(whole, number_in(found), marker, rest, False, _is_spelled(found))
    return None


def _is_spelled(found: re.Match[str]) -> bool:
    """Whether the number is written as a word, as in films: `Part One`."""
    return _is_worded(found) and not is_roman(found["spelled"])


def _is_worded(found: re.Match[str]) -> bool:
    """Whether the number is no digit: `Chapter One`, `Chapter II`, `First Chapter`."""
    text = found["spelled"] or found["ordinal"]
    return bool(text) and not text.isdecimal()


def is_roman(text: str | None) -> bool:
    """Roman numerals count the parts of sagas, never the episodes of a series."""
    return bool(text) and set(text or "") <= set("ivx")
