"""The curve of an evaluation over its rounds, as a picture in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedflex_core.faces.pictures import write_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_curve"]

_COLOURS = ("#c8553d", "#3b8ea5", "#b58900", "#6b4c9a", "#4f7942", "#8a8a8a")


def write_curve(answer: Mapping[str, Any], place: Path) -> None:
    """Draw nDCG@5 of list A over the rounds, each arm a line in its interval.

    What has no rounds is a broken line across, with its interval at the end. The same values make the
    same file.

    Args:
        answer: An evaluation's plain values (see :meth:`Evaluation.to_dict`).
        place: The file, SVG or PNG by its name.

    Raises:
        CannotDraw: The file cannot be written.
    """
    write_picture(_drawn(answer), place)


def _drawn(answer: Mapping[str, Any]) -> Figure:
    from matplotlib.figure import Figure  # slow to import, and not needed by every command
    from matplotlib.ticker import MaxNLocator

    drawing = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = drawing.subplots()
    last = max(1, *(len(arm["by_round"]) - 1 for arm in answer["arms"].values()))
    levels = 0
    for place, (name, arm) in enumerate(answer["arms"].items()):
        style = {"label": name, "color": _COLOURS[place % len(_COLOURS)]}
        if len(arm["by_round"]) > 1:
            _curve(axes, arm["by_round"], style)
        else:
            levels += 1
            _level(axes, arm["by_round"][0], last, 1 + levels / 50, style)
    axes.set_xlabel("Round")
    axes.set_ylabel("nDCG@5 of list A")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
    return drawing


def _curve(axes: Any, rows: Sequence[Mapping[str, float]], style: Mapping[str, str]) -> None:
    rounds = [row["round"] for row in rows]
    low, high = ([row[f"ndcg@5_{end}"] for row in rows] for end in ("low", "high"))
    axes.plot(rounds, [row["ndcg@5"] for row in rows], **style)
    axes.fill_between(rounds, low, high, color=style["color"], alpha=0.15, linewidth=0)


def _level(
    axes: Any, row: Mapping[str, float], last: int, beside: float, style: Mapping[str, str]
) -> None:
    """A line across; its interval stands beside the last round, where bands do not hide it."""
    axes.plot([0, last * beside], [row["ndcg@5"]] * 2, linestyle="--", **style)
    axes.vlines(last * beside, row["ndcg@5_low"], row["ndcg@5_high"], color=style["color"])
