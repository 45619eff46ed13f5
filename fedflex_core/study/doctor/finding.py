"""What the doctor says: a finding, and the words in which a check puts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Finding", "Said", "State", "bad", "good", "listed", "notice"]

State = Literal["good", "notice", "bad"]
"""``bad``: something does not work, or is not safe, until it is mended. ``notice``: worth a look."""

Said: TypeAlias = list[tuple[State, str, str]]
"""What a check answers: findings that still lack its name, which stands in its table."""

_MOST_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """What one check has found, in sentences for a person.

    >>> Finding("Keys", "good", "They are whole.").way_out
    ''
    """

    name: str
    """What was looked at."""
    state: State
    found: str
    way_out: str = ""
    """What to do about it; empty where all is good."""


def good(found: str) -> Said:
    """All is well."""
    return [("good", found, "")]


def notice(found: str, way_out: str) -> Said:
    """Worth a look."""
    return [("notice", found, way_out)]


def bad(found: str, way_out: str) -> Said:
    """To be mended."""
    return [("bad", found, way_out)]


def listed(names: Sequence[str]) -> str:
    """How many names there are, and some of them, without what must not reach a terminal or a page.

    >>> listed(["a", "b"]), listed(list("abcdefg")), listed(["\\n"])
    ('2 (a, b)', '7 (a, b, c, d, e and others)', '1 (?)')
    """
    some = ", ".join(names[:_MOST_NAMED])
    others = " and others" if len(names) > _MOST_NAMED else ""
    # Anybody can name a file in a shared folder.
    return f"{len(names)} ({''.join(c if c.isprintable() else '?' for c in some)}{others})"
