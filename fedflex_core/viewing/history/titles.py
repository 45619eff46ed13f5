"""Titles as exports write them: `Series: Season marker: Episode`, in the reader's language.

Series and films hold colons too, so a season marker counts only where an episode follows it, and a
title without a marker is an episode only where the file gives evidence of a series. What stays in
doubt is a film: the catalogue may still know better.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fedflex_core.viewing.history._season_marks import (
    CHAPTER,
    EPISODE,
    NUMBER,
    Marked,
    TitleParts,
    any_of,
    closing_of,
    episode_name,
    find_marker,
    folded,
    folded_any_of,
    is_roman,
    joined,
    number_in,
    title_parts,
)
from fedflex_core.viewing.languages import (
    CHAPTER_WORDS,
    CLIP_WORDS,
    OFFICIAL_WORDS,
    PART_WORDS,
    SEASON_WORDS,
    TRAILER_WORDS,
)
from fedflex_core.viewing.watching import watched_like_series

__all__ = ["TitleParts", "clean_title", "is_clip", "split_titles"]

_FILM = TitleParts()
_FEWEST_ALIKE = 3

_TRAILER, _SHORT = any_of(TRAILER_WORDS), any_of(CLIP_WORDS)
_OFFICIAL = any_of(OFFICIAL_WORDS)
_NAMED_TRAILER = rf"(?:{_OFFICIAL}\s?)?{_TRAILER}(?:\s?\d+|\s{_OFFICIAL})*"
_NUMBERED = rf"(?:[^:]*\s)?[^:\s]*\d[^:\s]*\s(?:{any_of(SEASON_WORDS)}\s)?"  # Season 2, 2. Sezon
_CLIP = re.compile(
    rf"[(（](?:[^()（）]*\W)?{_NAMED_TRAILER}(?:\W[^()（）]*)?[)）]"  # Season 3 (Official Trailer)
    rf"|[(（](?:[^()（）]*\d+\s+)?{_SHORT}(?:\s*\d+)?(?::[^()（）]*)?[)）]"  # (Clip), (Clip: Jonas)
    r"|_(?:hook|clip|teaser|trailer|recap|promo)(?:_|\b)|_\d+x\d+(?:_|\b)"  # Season 1_hook_02_16x9
    rf"|(?:^|:\s)(?:{_NUMBERED})?{_NAMED_TRAILER}(?::|$)"  # Teaser: …
    rf"|(?:^|:\s){_NUMBERED}{_SHORT}(?::|$)"  # Season 1 Recap: …
    rf"|:\s{_SHORT}\s\d+$"  # Season 3: Clip 1
    rf"|\s[|–—-]\s(?:[^\W\d_]+\s)?{_NAMED_TRAILER}(?:\s[|–—-]\s[^|:]+)?$",  # … | Trailer | Netflix
    re.IGNORECASE,
)
_TEXTLESS = re.compile(r"(?<![^\W_])TEXTLESS(?![^\W_])")
_CLIP_HINT = re.compile(rf"{_TRAILER}|{_SHORT}|_|textless")  # in small letters: twice as fast
_LONGEST_TITLE = 400  # no title has more; a damaged file may, and time must not grow with them

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00]")


def clean_title(text: str) -> str:
    """The title with plain single spaces, composed accents, nothing invisible, no half of a quote.

    >>> clean_title("Lupin\\u00a0: Partie\\u202f1 :  Chapitre 1 ")
    'Lupin : Partie 1 : Chapitre 1'
    """
    if text.count('"') % 2:
        text = text.strip('" ')
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


def is_clip(title: str) -> bool:
    """Whether the title names a trailer, a clip, a hook or a recap.

    >>> is_clip("Dark: Season 3 (Trailer)"), is_clip("Trailer Park Boys: Season 1: Mr. Lahey")
    (True, False)
    """
    if not _CLIP_HINT.search(title.lower()):
        return False
    text = title[:_LONGEST_TITLE].replace("：", ": ")
    return bool(_CLIP.search(text) or _TEXTLESS.search(text))


def split_titles(
    titles: Sequence[str], rows: npt.NDArray[np.intp], days: npt.NDArray[np.datetime64]
) -> list[TitleParts]:
    """Split the distinct titles that one person watched.

    Args:
        titles: Distinct titles, cleaned by `clean_title`.
        rows: For each viewing, the index of its title.
        days: For each viewing, its day; several episodes on one day tell a series from films.

    >>> nothing = np.array([], dtype=np.intp), np.array([], dtype="datetime64[D]")
    >>> split_titles(["Star Trek: Discovery: Season 1: Lethe", "John Wick: Chapter 2"], *nothing)
    ... # doctest: +NORMALIZE_WHITESPACE
    [TitleParts(series='Star Trek: Discovery', season=1, episode='Lethe'),
     TitleParts(series=None, season=None, episode=None)]
    """
    split = [title_parts(title) for title in titles]
    found = {n: marker for n, parts in enumerate(split) if (marker := find_marker(parts))}
    marked = _confirmed(found)
    result = {n: marker.as_season() for n, marker in marked.items()}
    result |= {n: marked[n].as_episode() for n in _chapters_that_are_episodes(marked)}
    left = {n: parts for n, parts in enumerate(split) if n not in marked and len(parts) > 1}
    for evidence in (_by_episode_word, _by_chapter_number):
        result |= evidence(left)
        left = {n: parts for n, parts in left.items() if n not in result}
    result |= _by_shared_name(left, rows, days)
    return [result.get(n, _FILM) for n in range(len(titles))]


def _confirmed(found: dict[int, Marked]) -> dict[int, Marked]:
    """Without lone markers that films have too: `John Wick: Capítulo 3: Parabellum`.

    Such a marker needs another title of its season, two more of its series, or a sure one.
    """
    of_series = Counter(marker.series for marker in found.values())
    of_season = Counter((marker.series, marker.season) for marker in found.values())
    sure = {marker.series for marker in found.values() if not marker.like_film}
    return {
        n: marker
        for n, marker in found.items()
        if marker.series in sure
        or of_season[marker.series, marker.season] > 1
        or of_series[marker.series] >= _FEWEST_ALIKE
    }


def _chapters_that_are_episodes(marked: dict[int, Marked]) -> list[int]:
    """Three chapters or more with one title each are episodes, not seasons."""
    by_series: dict[str, dict[int | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for n, found in marked.items():
        if found.by_chapter:
            by_series[found.series][found.season].append(n)
    return [
        n
        for chapters in by_series.values()
        if len(chapters) >= 3 and all(len(ones) == 1 for ones in chapters.values())
        for ones in chapters.values()
        for n in ones
    ]


def _by_episode_word(left: dict[int, list[str]]) -> dict[int, TitleParts]:
    """`Tower: Episode 7`, `Dark Winds: Chapter One: Home`, `Rain: Home (Episode 2)`."""
    found: dict[int, tuple[int, int]] = {}
    for n, parts in left.items():
        if place := _place_of_episode(parts):
            found[n] = place
    long_runs = {left[n][0] for n, (_, number) in found.items() if number > _LONGEST_SEASON}
    result = {}
    for n, (at, _) in found.items():
        parts = left[n]
        # Episodes counted past any season's length belong to a long run: what stands between the
        # series and the episode is the name of an arc.
        first = 1 if parts[0] in long_runs else at
        result[n] = TitleParts(joined(parts[:first]), None, episode_name(parts[first:]))
    return result


_LONGEST_SEASON = 30


def _place_of_episode(parts: list[str]) -> tuple[int, int] | None:
    """Where the episode's name begins, and its number (0 where it has none)."""
    for at in range(1, len(parts)):
        text = folded(parts[at])
        found, chapter = EPISODE.fullmatch(text), CHAPTER.fullmatch(text)
        # `Bölüm 2` numbers the parts of films as well, `2. Bölüm` does not.
        if found and not is_roman(found["spelled"]) and not (chapter and found["after"]):
            return at, number_in(found)
        spelled = chapter and (chapter["spelled"] or chapter["ordinal"])
        if spelled and at < len(parts) - 1 and not is_roman(spelled):
            return at, 0
    if closing_of(parts[-1]):
        return len(parts) - 1, 0
    return None


def _by_chapter_number(left: dict[int, list[str]]) -> dict[int, TitleParts]:
    """`Monster: CHAPTER 42`: beyond what film sequels reach, or the first three in a row."""
    groups: dict[str, dict[int, int]] = defaultdict(dict)
    for n, parts in left.items():
        if found := CHAPTER.fullmatch(folded(parts[-1])):
            groups[joined(parts[:-1])][n] = number_in(found)
    return {
        n: TitleParts(series, None, left[n][-1])
        for series, chapters in groups.items()
        if max(chapters.values()) >= 6 or {1, 2, 3} <= set(chapters.values())
        for n in chapters
    }


def _by_shared_name(
    left: dict[int, list[str]], rows: npt.NDArray[np.intp], days: npt.NDArray[np.datetime64]
) -> dict[int, TitleParts]:
    """Titles that begin alike, at least three, are a series if they were watched like one.

    The longest shared name is the series. Nothing else tells of it, so two days must speak for it.
    """
    watched = _days_by_title(left, rows, days)
    groups: dict[str, list[int]] = defaultdict(list)
    for n, parts in left.items():
        for at in range(1, len(parts)):
            groups[joined(parts[:at])].append(n)
    series = {
        name
        for name, ones in groups.items()
        if len(ones) >= _FEWEST_ALIKE
        and not _are_sequels(left, name, ones)
        and watched_like_series([watched[n] for n in ones], busy_days=2)
    }
    result = {}
    for n, parts in left.items():
        for at in range(len(parts) - 1, 0, -1):
            if (name := joined(parts[:at])) in series:
                result[n] = TitleParts(name, None, episode_name(parts[at:]))
                break
    return result


def _days_by_title(
    left: dict[int, list[str]], rows: npt.NDArray[np.intp], days: npt.NDArray[np.datetime64]
) -> dict[int, set[int]]:
    mine = np.isin(rows, np.fromiter(left, dtype=np.intp, count=len(left)))
    frame = pd.DataFrame({"title": rows[mine], "day": days[mine].astype(np.int64)})
    found: dict[int, set[int]] = defaultdict(set)
    for title, day in frame.drop_duplicates().itertuples(index=False):
        found[title].add(day)
    return found


_SEQUEL = re.compile(
    rf"(?:{folded_any_of(PART_WORDS + CHAPTER_WORDS)}\.?\s+)?(?:{NUMBER})(?:\W.*)?"
)


def _are_sequels(left: dict[int, list[str]], name: str, ones: list[int]) -> bool:
    """Whether most begin with a number as sequels do, or all with one word (`Impossible - …`)."""
    depth = len(title_parts(name))
    rests = [folded(joined(left[n][depth:])) for n in ones]
    numbered = sum(bool(_SEQUEL.fullmatch(rest)) for rest in rests)
    firsts = {rest.split()[0].strip(",.") for rest in rests}
    return numbered * 2 > len(rests) or (len(firsts) == 1 and firsts.isdisjoint(_ARTICLES))


_ARTICLES = frozenset(
    {"the", "a", "an", "el", "la", "los", "las", "o", "os", "as", "le", "les"}
    | {"der", "die", "das", "il", "lo", "de", "het", "en", "et", "den", "det"}
)
