"""What the command line says of everything around a study on this computer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fedflex_core.study.doctor import Finding, State

__all__ = ["findings_as_dict", "show_findings"]

_SIGNS: dict[State, tuple[str, str]] = {
    "good": ("✓", "green"),
    "notice": ("!", "yellow"),
    "bad": ("✗", "bold red"),
}
_ORDER = tuple(_SIGNS)
"""From good to bad."""


def show_findings(findings: Sequence[Finding]) -> None:
    """Show every finding with its sign and its word, what to do below it, and a sentence of them all.

    What is to mend comes last, where a terminal stops.
    """
    console = Console()
    plain = console.options.ascii_only  # an old terminal; the words say the same as the signs
    table = Table.grid(padding=(0, 1))
    for column in range(3):
        table.add_column(no_wrap=column < 2)
    for one in sorted(findings, key=lambda one: _ORDER.index(one.state)):
        sign, style = _SIGNS[one.state]
        word = Text(one.state if plain else f"{sign} {one.state}", style=style)
        table.add_row(word, Text(one.name), _sentences(one))
    console.print(table)
    console.print(Text(_summary(findings), style="bold"))


def findings_as_dict(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as plain values, with the worst state of them all.

    >>> findings_as_dict([Finding("Keys", "good", "They are whole.")])["state"]
    'good'
    """
    return {"state": _worst(findings), "findings": [asdict(one) for one in findings]}


def _sentences(finding: Finding) -> Text:
    """What was found and, in a line of its own, the way out; nothing of it is taken for markup."""
    if not finding.way_out:
        return Text(finding.found)
    return Text.assemble(finding.found, "\n", (finding.way_out, "bold"))


def _summary(findings: Sequence[Finding]) -> str:
    """How much there is to do.

    >>> _summary([Finding("Keys", "bad", "They are damaged.", "Put them back.")])
    'To mend: 1.'
    """
    states = Counter(one.state for one in findings)
    if _worst(findings) == "good":
        return "All is well."
    named = (("To mend", states["bad"]), ("Worth a look", states["notice"]))
    return " ".join(f"{word}: {number}." for word, number in named if number)


def _worst(findings: Sequence[Finding]) -> State:
    return max((one.state for one in findings), key=_ORDER.index, default="good")
