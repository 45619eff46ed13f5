"""Plots as inline SVG that follow the page's theme, each with its numbers in a table beneath."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence

from fedflex_core.faces.parts import table

__all__ = ["HISTORY", "figure", "genre_plot"]

HISTORY = "History"
"""The group of what was watched, drawn quietly beside what was recommended."""

_INK = "#123457"  # a colour that nothing else uses: it becomes the page's own text colour
_QUIET = "#8a8a8a"  # what was watched
_COLOURS = ("#c8553d", "#3b8ea5", "#b58900")  # first list, second list


def genre_plot(shares: Mapping[str, Mapping[str, float]], most: int = 10) -> str:
    """A bar for every genre and group, as HTML.

    Args:
        shares: Share of each genre (0 to 1) by group, for example history, List 1 and List 2.
        most: How many genres are drawn, the largest of the first group and of the others in turn.

    >>> "Drama" in genre_plot({"History": {"Drama": 1.0}})
    True
    """
    from matplotlib.figure import Figure  # slow to import, and not needed by every page

    genres = _leading(shares, most)
    drawing = Figure(figsize=(7.2, 0.45 + 0.42 * max(1, len(genres))), layout="constrained")
    axes = drawing.subplots()
    height = 0.8 / len(shares)
    lists = [group for group in shares if group != HISTORY]
    colours = {group: _COLOURS[place % 3] for place, group in enumerate(lists)} | {HISTORY: _QUIET}
    for place, (group, values) in enumerate(shares.items()):
        rows = [row + (place - (len(shares) - 1) / 2) * height for row in range(len(genres))]
        widths = [100 * values.get(genre, 0.0) for genre in genres]
        axes.barh(rows, widths, height * 0.9, label=group, color=colours[group])
    axes.set_yticks(range(len(genres)), genres)
    axes.invert_yaxis()
    axes.set_xlabel("Share of series, %")
    axes.legend(frameon=False, labelcolor=_INK)
    rows_of_table = [
        [genre, *(f"{100 * values.get(genre, 0.0):.0f} %" for values in shares.values())]
        for genre in genres
    ]
    return figure(drawing, "Genres: " + " beside ".join(shares), ["Genre", *shares], rows_of_table)


def figure(
    drawing: object, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """A matplotlib figure as HTML: the drawing, its caption, and a table with the same numbers."""
    return (
        f'<figure class="fedflex-plot"><div role="img" aria-label="{html.escape(caption)}">'
        f"{_svg(drawing)}</div><figcaption>{html.escape(caption)}</figcaption>"
        f"<details><summary>The numbers</summary>{table(header, rows)}</details></figure>"
    )


def _svg(drawing: object) -> str:
    import matplotlib
    from matplotlib.figure import Figure

    assert isinstance(drawing, Figure)
    for axes in drawing.axes:
        axes.set_facecolor("none")
        axes.tick_params(colors=_INK)
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set_color(_INK)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(_INK)
    text = io.StringIO()
    # Words stay words: they take the page's own font, and a screen reader finds them.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "fedflex"}):
        drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :].replace(_INK, "currentColor")


def _leading(shares: Mapping[str, Mapping[str, float]], most: int) -> list[str]:
    largest: dict[str, float] = {}
    for values in shares.values():
        for genre, share in values.items():
            largest[genre] = max(share, largest.get(genre, 0.0))
    first = next(iter(shares.values()), {})
    kept = sorted(largest, key=lambda genre: -largest[genre])[:most]
    return sorted(kept, key=lambda genre: (-first.get(genre, 0.0), genre))
