"""Names that are put together: two titles of one series, or a series' name and a season's number."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["numbered", "parts_of", "twofold"]

_BRACKETED = re.compile(r"(.+?)\s*(?:[(（]([^()（）]+)[)）]|\[([^\[\]]+)\])\s*")
_NUMBERED = re.compile(r"(\S+\s.*\S|\S+)\s+(\d{1,2})")
_FEWEST_WORDS = 3


def parts_of(name: str) -> list[str]:
    """A name and the one in brackets behind it; empty where there is none.

    A colon does not do: with one, two names of an old series may be the name of its remake.

    >>> parts_of("Money Heist (La casa de papel)"), parts_of("Money Heist: La casa de papel")
    (['Money Heist', 'La casa de papel'], [])
    """
    found = _BRACKETED.fullmatch(name)
    return [found[1], found[2] or found[3]] if found else []


def twofold(name: str) -> Iterator[str]:
    """What follows a colon, where it is a whole title that says all that stands before it.

    >>> list(twofold("DAHMER: Monster: The Jeffrey Dahmer Story"))
    ['Monster: The Jeffrey Dahmer Story']
    >>> list(twofold("Narcos: Mexico"))
    []
    """
    for colon in re.finditer(r"\s*[:：]\s+", name):
        before, after = name[: colon.start()], name[colon.end() :]
        words = set(_words(after))
        long = len(words) >= _FEWEST_WORDS and words.issuperset(_words(before))
        if long or before.casefold() == after.casefold():
            yield after


def numbered(name: str) -> tuple[str, int] | None:
    """The name and the season behind it; a single word and a number are often a title of its own.

    >>> numbered("Stranger Things 3"), numbered("Lupin 3")
    (('Stranger Things', 3), None)
    """
    found = _NUMBERED.fullmatch(name.strip())
    return (found[1], int(found[2])) if found and " " in found[1] else None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
