"""The audit of one's own update as a picture: of a hundred guesses, how many would be right.

Above stand rows of a hundred dots, filled as far as guesses of what was watched are right; below, on a
scale from a coin's 50 of 100 to always, how often somebody tells whose update it is, and the limit that
the noise sets. What is filled is also larger and every row has its number in words, so no colour has to
be seen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fedflex_core.faces.audit_words import audit_sentences, per_hundred
from fedflex_core.faces.parts import paragraph
from fedflex_core.faces.plots import figure
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.audit import SUMMED, Audit, HitRate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["audit_figure", "audit_html"]

_INK = "#1b1d21"  # words; on a page they take the page's own colour
_QUIET, _COVERED, _BARE = "#8a8a8a", "#3b8ea5", "#c8553d"  # seen on light ground and on dark

_WIDTH = 3.75
"""Inches: a telephone's 375 dots, on which the words are 12.5 high."""
_COLUMNS, _LINES = 25, 4
"""Of each hundred dots. All that is placed is placed in steps from dot to dot."""
_MARGIN = 0.9
_STEP = _WIDTH / (_COLUMNS - 1 + 2 * _MARGIN)
"""Inches from dot to dot."""
_LEFT, _RIGHT = -0.45, _COLUMNS - 0.55
"""Where words and bars begin and end: at the dots' own edges."""


def audit_html(audit: Audit) -> str:
    """An audit as HTML: its sentences, the picture in the page's own colours, and a table of its numbers."""
    caption = f"{audit.arm.upper()}, round {audit.round}: what your update gives away"
    page = figure(audit_figure(audit), caption, *_numbers(audit))
    # Other plots need room for their words and scroll where there is none; this one is made for little.
    narrow = '<svg style="min-width: 0; max-width: 480px"'
    page = page.replace("<svg", narrow, 1).replace(_INK, "currentColor")
    return "".join(map(paragraph, audit_sentences(audit))) + page


def _numbers(audit: Audit) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table."""
    columns = [
        ("Knowing nothing", audit.blind, "50"),
        ("With protection", audit.protected, _between(audit.told)),
        ("Without protection", audit.unprotected, _between(audit.told_unprotected)),
    ]
    if audit.mode is Mode.OFF:
        del columns[1]
    limit = f"{math.ceil(100 * audit.bound)}"
    return (
        ["Right of 100", *(name for name, _, _ in columns), "Limit"],
        [
            ["What you watched", *(per_hundred(share) for _, share, _ in columns), "–"],
            [_question(audit), *(told for _, _, told in columns), limit],
        ],
    )


def _between(told: HitRate) -> str:
    low, high = map(per_hundred, told.interval())
    return f"{per_hundred(told.rate)} ({low}–{high})"


def _question(audit: Audit) -> str:
    return "Is your update in the sum?" if audit.mode in SUMMED else "Whose update is it?"


def audit_figure(audit: Audit) -> Figure:
    """Draw an audit, in dark words on no ground of its own.

    Args:
        audit: What was found.

    Returns:
        A matplotlib figure, 3.75 inches wide, that can be saved as any kind of picture.
    """
    from matplotlib.figure import Figure  # slow to import, and not needed by every page

    drawing = Figure()
    axes = drawing.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-_MARGIN, _COLUMNS - 1 + _MARGIN)
    end = _scale(axes, audit, _guesses(axes, audit, 0.3))
    drawing.set_size_inches(_WIDTH, end * _STEP)
    axes.set_ylim(end, 0.0)
    return drawing


def _guesses(axes: Any, audit: Audit, top: float) -> float:
    """The rows of dots; where they end."""
    top = _heading(axes, top, "What you watched", "Of 100 guesses, the right ones are filled.")
    rows = [
        ("Blind guessing", audit.blind, _QUIET),
        ("With protection", audit.protected, _COVERED),
        ("Without protection", audit.unprotected, _BARE),
    ]
    if audit.mode is Mode.OFF:
        del rows[1]
    for name, share, colour in rows:
        _named(axes, top, name, share)
        _dots(axes, top + 1.8, share, colour)
        top += 6.5
    return top + 0.6


def _heading(axes: Any, top: float, words: str, below: str) -> float:
    axes.text(_LEFT, top, words, fontsize=11, fontweight="bold", color=_INK, va="top")
    axes.text(_LEFT, top + 1.35, below, fontsize=8.5, color=_INK, va="top")
    return top + 3.1


def _named(axes: Any, top: float, name: str, share: float) -> None:
    """A row's name and its number at the other end."""
    axes.text(_LEFT, top, name, fontsize=9, color=_INK, va="top")
    number = per_hundred(share)
    axes.text(_RIGHT, top, number, fontsize=9, fontweight="bold", color=_INK, va="top", ha="right")


def _dots(axes: Any, top: float, share: float, colour: str) -> None:
    """A hundred dots, filled column by column; of the one that is partly right a part of its area."""
    places = [(number // _LINES, top + number % _LINES) for number in range(_COLUMNS * _LINES)]
    right = 100 * share
    if 0.1 <= share < 0.995:  # as in words: only what is nearly none or nearly all is taken apart
        right = round(right)
    full, part = int(right + 1e-9), right % 1
    for filled, size in ((places[:full], 0.84), (places[full : full + 1], 0.84 * math.sqrt(part))):
        _circles(axes, filled, size, facecolors=colour, linewidths=0)
    _circles(axes, places[full:], 0.56, facecolors="none", edgecolors=_QUIET, linewidths=0.7)


def _circles(axes: Any, places: list[tuple[int, float]], across: float, **style: Any) -> None:
    area = (across * _STEP * 72) ** 2
    axes.scatter([x for x, _ in places], [y for _, y in places], s=area, **style)


def _scale(axes: Any, audit: Audit, top: float) -> float:
    """The bars from 50 to 100; where they end."""
    top = _heading(axes, top, _question(audit), "Right answers of 100; a coin gives 50.")
    if audit.mode is not Mode.OFF:
        _named(axes, top, "With protection", audit.told.rate)
        _bar(axes, top + 1.6, audit.told, _COVERED)
        _limit(axes, top + 1.6, audit.bound)
        top += 4.9
    _named(axes, top, "Without protection", audit.told_unprotected.rate)
    _bar(axes, top + 1.6, audit.told_unprotected, _BARE)
    for value, side in ((0.5, "left"), (0.75, "center"), (1.0, "right")):
        axes.text(
            _at(value), top + 3.2, f"{100 * value:.0f}", fontsize=8.5, color=_INK, ha=side, va="top"
        )
    left_open = f"Thin lines: what {audit.told.tries:,} tries leave open."
    axes.text(_LEFT, top + 4.7, left_open, fontsize=8.5, color=_INK, va="top")
    return top + 6.1


def _bar(axes: Any, top: float, told: HitRate, colour: str) -> None:
    """From 50 to the measured rate, on a track to 100, with the interval as a line across its end."""
    middle = top + 0.55
    axes.barh(middle, _RIGHT - _LEFT, 1.1, left=_LEFT, color=_QUIET, alpha=0.25)
    axes.barh(middle, _at(told.rate) - _LEFT, 1.1, left=_LEFT, color=colour)
    low, high = map(_at, told.interval())
    axes.plot([low, high], [middle, middle], color=_INK, linewidth=1.3, solid_capstyle="butt")
    for end in (low, high):
        if _LEFT < end < _RIGHT:
            axes.plot([end, end], [middle - 0.3, middle + 0.3], color=_INK, linewidth=1.3)


def _limit(axes: Any, top: float, bound: float) -> None:
    """A line that no attacker can pass, and its number."""
    place = _at(bound)
    axes.plot(
        [place, place], [top - 0.3, top + 1.5], color=_INK, linewidth=1.8, linestyle=(0, (2, 1))
    )
    most = math.ceil(100 * bound)
    words = f"no attacker can pass {most}" if most < 100 else "hardly any limit"
    side = "left" if bound < 0.6 else "right" if bound > 0.9 else "center"
    axes.text(place, top + 1.65, words, fontsize=8.5, color=_INK, ha=side, va="top")


def _at(rate: float) -> float:
    """Where a rate stands on the scale; below a coin's it stands at the coin's."""
    return _LEFT + (_RIGHT - _LEFT) * 2 * (max(rate, 0.5) - 0.5)
