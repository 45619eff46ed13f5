"""What the command line shows to people: progress bars and tables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from fedflex_core.errors import FedFlexError
from fedflex_core.study.results import MEASURES, Results
from fedflex_core.study.simulation import SimulatedRound

__all__ = [
    "announce_role",
    "error_text",
    "print_json",
    "progress",
    "rounds_as_dict",
    "say",
    "say_how_to_stop",
    "show_demo",
    "show_results",
    "show_rounds",
]

_ROLES = {"participant": "Your seat as a participant:", "aggregator": "The researcher's page:"}


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A progress bar on the error stream; what it yields takes a text and a share, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def error_text(error: FedFlexError) -> Text:
    """What was found, what was expected and the way out, a line each."""
    return Text.assemble(
        (error.found, "bold red"), "\nExpected: ", error.expected, "\n", (error.way_out, "bold")
    )


def print_json(answer: Any) -> None:
    """Print plain values for a script to read."""
    typer.echo(json.dumps(answer, indent=1, ensure_ascii=False))


def announce_role(role: str) -> None:
    """Say whose page the next line's address is."""
    Console().print(_ROLES[role])


def say(text: str) -> None:
    """A plain sentence; nothing in it is taken for markup."""
    Console(soft_wrap=True).print(Text(text))


def say_how_to_stop() -> None:
    """Say how the demo ends."""
    Console().print("Stop both with Ctrl-C.")


def show_results(results: Results) -> None:
    """Show a study's results table."""
    console = Console()
    console.print(_results_table(results.to_dict()["arms"]))
    console.print(
        f"{results.comparisons} comparisons answered by {results.participants} participants; "
        f"{results.left} shown but left without an answer."
    )
    if results.erased:
        console.print(f"People who asked for everything to be erased: {results.erased}.")
    for name, reason in results.passed_over:
        console.print(f"Passed over {name}: {reason}.")


def show_demo(answer: Mapping[str, Any]) -> None:
    """Show what a demo without a browser ends with."""
    console = Console()
    for arm, lists in answer.get("person", {}).items():
        table = Table("", "List A: best predicted", "List B: diverse", title=arm.upper())
        for rank, pair in enumerate(zip(lists["A"], lists["B"], strict=True), start=1):
            table.add_row(str(rank), *pair)
        console.print(table)
    console.print(_results_table(answer["arms"]))
    console.print(_privacy_line(answer["privacy"], answer["rounds"]))
    console.print("Clicks are those of made-up people: they show that all works, and nothing else.")


def rounds_as_dict(rows: Sequence[SimulatedRound]) -> dict[str, Any]:
    """Simulated rounds as plain values, by arm."""
    arms: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        values: dict[str, Any] = {
            "round": row.round,
            "trust": row.trust,
            "epsilon": _finite(row.epsilon),
        }
        for side, metrics in (("A", row.a), ("B", row.b)):
            values[side] = {"ndcg@5": metrics.ndcg, "p@5": metrics.precision, "ild": metrics.ild}
        arms.setdefault(row.arm, []).append(values)
    return {"arms": arms}


def show_rounds(rows: Sequence[SimulatedRound]) -> None:
    """Show simulated rounds."""
    table = Table("Arm", "Round", "nDCG@5 A", "nDCG@5 B", "ILD A", "ILD B", "Trust", "ε")
    for row in rows:
        values = (row.a.ndcg, row.b.ndcg, row.a.ild, row.b.ild, row.trust)
        spent = f"{row.epsilon:.2f}" if math.isfinite(row.epsilon) else "no limit"
        table.add_row(row.arm.upper(), str(row.round), *(f"{v:.3f}" for v in values), spent)
    Console().print(table)
    Console().print("Trust: the share of the noisy average that stood out from its noise.")


def _results_table(arms: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> Table:
    table = Table("Arm", "List", *MEASURES.values(), title="Results")
    for arm, sides in arms.items():
        for side, row in sides.items():
            values = (row[name] for name in MEASURES)
            table.add_row(arm.upper(), side, *("–" if v is None else f"{v:.4f}" for v in values))
    return table


def _privacy_line(privacy: Mapping[str, Any], rounds: int) -> Text:
    if privacy["epsilon_per_arm"] is None:
        return Text("Privacy is OFF: the updates were shared without noise.", style="bold red")
    return Text(
        f"Privacy spent in {rounds} rounds ({privacy['mode']} noise): "
        f"ε = {privacy['epsilon_per_arm']:.2f} per arm, "
        f"{privacy['epsilon_all_arms']:.2f} over all arms, δ = {privacy['delta']:g}."
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
