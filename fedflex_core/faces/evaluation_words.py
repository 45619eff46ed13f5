"""What the command line says of an evaluation: what lists were worth, how sure that is, who was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fedflex_core.learning.arms import ARMS

__all__ = ["say_left_out", "show_evaluation"]

_ACCURACY = {
    "p@5": "P@5",
    "ndcg@5": "nDCG@5",
    "ndcg@10": "nDCG@10",
    "recall@10": "Recall@10",
    "mrr": "MRR",
}
_DIVERSITY = {
    "ild_titles": "ILD titles",
    "ild_metadata": "ILD metadata",
    "new_genres": "New genres",
    "distinct_items": "Distinct items",
    "coverage": "Coverage",
}
_DIGITS = {"new_genres": 2, "distinct_items": 0}
_MOST_ROUNDS = 11

_NARROW: dict[str, Any] = {"box": None, "collapse_padding": True, "pad_edge": False}
"""Tables without lines, so that means and intervals fit into 80 columns."""


def show_evaluation(answer: Mapping[str, Any]) -> None:
    """Show an evaluation's plain values (see :meth:`Evaluation.to_dict`)."""
    console = Console()
    console.print(_of_what(answer), highlight=False)
    console.print(_measures("What people watched next, in their lists", _ACCURACY, answer["arms"]))
    console.print(_measures("How diverse the lists are", _DIVERSITY, answer["arms"]))
    if answer["rounds"] and any(len(arm["by_round"]) > 1 for arm in answer["arms"].values()):
        console.print(_curve(answer["arms"]))
    console.print("Below each mean: its 95 % bootstrap interval over people.", style="dim")


def say_left_out(left_out: Mapping[str, int], notes: Sequence[str], *, error: bool = False) -> None:
    """Say what was not used and why, in sentences without anybody's names; on the error stream if asked."""
    console = Console(stderr=error)
    if left_out:
        counts = "; ".join(f"{count:,} × {why.rstrip('.')}" for why, count in left_out.items())
        console.print(f"Left out: {counts}.", highlight=False, markup=False)
    for note in notes:
        console.print(note, highlight=False, markup=False)


def _of_what(answer: Mapping[str, Any]) -> str:
    epsilon = answer["epsilon"]
    privacy = (
        "privacy off" if epsilon is None else f"ε = {epsilon:g}, {answer['privacy_mode']} noise"
    )
    runs = len(answer["seeds"])
    return (
        f"{answer['people']:,} people, {answer['items']:,} items, {answer['rounds']} rounds, {privacy}, "
        f"λ = {answer['lambda']:g}, " + ("1 run." if runs == 1 else f"means over {runs} runs.")
    )


def _measures(title: str, columns: Mapping[str, str], arms: Mapping[str, Any]) -> Table:
    table = Table("Arm, list", title=title, **_NARROW)
    for name in columns.values():
        table.add_column(name, justify="right", no_wrap=True)
    for arm, found in arms.items():
        for side in "AB":
            cells = [_cell(found[side], name) for name in columns]
            table.add_row(f"{_name(arm)} {side}", *cells)
    return table


def _cell(row: Mapping[str, float], name: str) -> str:
    digits = _DIGITS.get(name, 3)
    value = f"{row[name]:,.{digits}f}"
    if f"{name}_low" not in row:
        return value
    return f"{value}\n[dim]{row[f'{name}_low']:.{digits}f}–{row[f'{name}_high']:.{digits}f}[/dim]"


def _curve(arms: Mapping[str, Any]) -> Table:
    """nDCG@5 of list A after some of the rounds, the first and the last among them."""
    numbers = max(([row["round"] for row in arm["by_round"]] for arm in arms.values()), key=len)
    shown = list(_spread(numbers))
    table = Table("Arm", *map(str, shown), title="nDCG@5 of list A after each round", **_NARROW)
    for arm, found in arms.items():
        values = {row["round"]: f"{row['ndcg@5']:.3f}" for row in found["by_round"]}
        if len(values) > 1:
            table.add_row(_name(arm), *(values[number] for number in shown))
    return table


def _spread(numbers: Sequence[int]) -> Iterator[int]:
    """At most eleven of the numbers, evenly spread."""
    steps = min(len(numbers), _MOST_ROUNDS) - 1
    yield from (
        numbers[round(step * (len(numbers) - 1) / max(steps, 1))] for step in range(steps + 1)
    )


def _name(arm: str) -> str:
    return arm.upper() if arm in ARMS else arm
