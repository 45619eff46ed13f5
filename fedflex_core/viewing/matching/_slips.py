"""Whether two names differ by nothing but a slip of the pen."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from fedflex_core.viewing.matching.names import Name, numbers_of

__all__ = ["initials", "likeness"]

_SHORTEST_MISSPELT = 6
_LONG = 10


def initials(name: Name) -> str:
    """The first letter of each word, which slips leave as they are."""
    return "".join(word[0] for word in name.words)


def likeness(one: Name, other: Name) -> float:
    """How alike (0 to 1) two names of the same initials are; 0 if another reason is as plausible.

    >>> from fedflex_core.viewing.matching.names import read_name
    >>> likeness(read_name("Stranger Thngs"), read_name("Stranger Things")) > 0.9
    True
    >>> likeness(read_name("Stranger Thing"), read_name("Stranger Things"))
    0.0
    """
    if not _is_slip(one.words, other.words):
        return 0.0
    return float(fuzz.ratio(" ".join(one.words), " ".join(other.words)) / 100)


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
