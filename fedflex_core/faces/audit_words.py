"""What an audit of one's own update found, in plain words."""

from __future__ import annotations

import math

from fedflex_core.learning.privacy import Mode
from fedflex_core.study.audit import SUMMED, Audit

__all__ = ["audit_sentences", "per_hundred"]

_UNTIL_THEN = (
    "That is what the noisy sum gives away. Until the aggregator has added the noise it can read your update "
    "itself, which is sealed to it without any."
)

_BROKEN = (
    "That is oftener than the study's noise can explain: something is wrong with it. Share nothing, and tell "
    "the researcher."
)


def audit_sentences(audit: Audit) -> tuple[str, ...]:
    """What was found, in plain words."""
    if audit.mode is Mode.OFF:
        return (
            f"This study adds no noise: {per_hundred(audit.unprotected)} of 100 guesses of what you watched "
            f"would be right, where blind guessing gives {per_hundred(audit.blind)}.",
            f"{_who_tells(audit)} would be right {_how_often(audit)}; a coin is right 50 of 100 times.",
            "Without noise nothing limits what can be read from an update.",
        )
    found = [
        f"Without protection, {per_hundred(audit.unprotected)} of 100 guesses of what you watched would be "
        f"right; with it {per_hundred(audit.protected)} of 100, where blind guessing gives "
        f"{per_hundred(audit.blind)}.",
        f"{_who_tells(audit)} would be right {_how_often(audit)}; a coin is right 50 of 100 times, and "
        f"without protection it would be {per_hundred(audit.told_unprotected.rate)}.",
        _limit(audit),
    ]
    if audit.mode is Mode.CENTRAL:
        found.append(_UNTIL_THEN)
    return (*found, *(() if audit.holds else (_BROKEN,)))


def _who_tells(audit: Audit) -> str:
    if audit.mode in SUMMED:
        return (
            "Somebody who knows your history and everybody else's updates, and has to say whether your "
            "update is in the sum,"
        )
    return (
        "Somebody who knows your history and another person's, and has to say whose update it is,"
    )


def _how_often(audit: Audit) -> str:
    low, high = (per_hundred(end) for end in audit.told.interval())
    tries = f"{audit.told.tries:,} {'try tells' if audit.told.tries == 1 else 'tries tell'}"
    return (
        f"{per_hundred(audit.told.rate)} of 100 times (between {low} and {high}, as far as {tries})"
    )


def _limit(audit: Audit) -> str:
    this, all_of_it = (math.ceil(100 * bound) for bound in (audit.bound, audit.bound_of_study))
    if this >= 100:
        return "This noise is so small that it hardly limits how often somebody can be right."
    found = f"Nobody, however clever, can be right more than {this} of 100 times with this update"
    if all_of_it >= 100:
        return f"{found}; all that you share in this study together hardly limits it."
    return f"{found}, or {all_of_it} of 100 times with all that you share in this study."


def per_hundred(share: float) -> str:
    """A share in hundredths, small ones with a decimal; none and all are said only where it is so.

    >>> [per_hundred(share) for share in (0.0, 0.0004, 0.02, 0.0183, 0.183, 0.996, 1.0)]
    ['0', 'fewer than 0.1', '2', '1.8', '18', 'more than 99', '100']
    """
    if 0 < share < 0.001:
        return "fewer than 0.1"
    if 0.995 <= share < 1:
        return "more than 99"
    return f"{100 * share:.0f}" if share >= 0.0995 else f"{100 * share:.1f}".removesuffix(".0")
