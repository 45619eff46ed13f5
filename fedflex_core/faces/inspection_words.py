"""What the command line says of a person's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show_inspection"]

_MOST_SERIES = 60
_MOST_ROWS = 20
_MOST_WEEKS = 6


def show_inspection(answer: Mapping[str, Any], ambiguous: bool) -> None:
    """Show what is known of a history, and whether its dates could be read in another way."""
    console = Console()
    console.print(_counts(answer, ambiguous))
    if len(answer["profiles"]) > 1:
        console.print("Several people share this export: choose one with --profile NAME.")
    _show_series(console, "Recognised", answer["recognised"])
    _show_series(console, "Not recognised", answer["unrecognised"])
    if answer["unrecognised"]:
        console.print('Say which series a name stands for with --name "NAME=SERIES".')
    _show_left_out(console, answer["left_out"])


def _counts(answer: Mapping[str, Any], ambiguous: bool) -> Table:
    table = Table(show_header=False, box=None)
    table.add_row("Rows in the file", f"{answer['rows']:,}")
    table.add_row("Viewings read", f"{answer['viewings']:,}")
    for reason, count in answer["dropped"].items():
        table.add_row(f"  left out: {reason}", f"{count:,}")
    other = " (day and month could be the other way round: --day-first or --month-first)"
    table.add_row("Form of the dates", answer["date_format"] + (other if ambiguous else ""))
    for profile, count in answer["profiles"].items():
        if profile:
            table.add_row(f"Profile {profile}", f"{count:,} viewings")
    table.add_row("Series", _part(answer["series_matched"], answer["series"]))
    table.add_row("Episodes", _part(answer["episodes_matched"], answer["episodes"]))
    return table


def _show_series(console: Console, heading: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    table = Table("Series", "Episodes", "From", "To", "Weeks (Monday: episodes)", title=heading)
    for row in rows[:_MOST_SERIES]:
        name = row["name"] + (" (left out)" if row.get("left_out") else "")
        table.add_row(
            name,
            f"{row['episodes']:,}",
            _day(row["first"]),
            _day(row["last"]),
            _weeks(row["weeks"]),
        )
    console.print(table)
    if len(rows) > _MOST_SERIES:
        console.print(f"… and {len(rows) - _MOST_SERIES:,} more; --json has them all.")


def _show_left_out(console: Console, rows: Sequence[Mapping[str, str]]) -> None:
    if not rows:
        return
    table = Table("Why", "Date", "Title", title="Rows left out")
    for row in rows[:_MOST_ROWS]:
        table.add_row(row["reason"], row["date"], row["title"])
    console.print(table)
    if len(rows) > _MOST_ROWS:
        console.print(f"… and {len(rows) - _MOST_ROWS:,} more; --json has them all.")


def _weeks(weeks: Mapping[str, int]) -> str:
    shown = [f"{_day(monday)}: {count}" for monday, count in list(weeks.items())[-_MOST_WEEKS:]]
    earlier = len(weeks) - len(shown)
    return (f"{earlier} earlier · " if earlier else "") + " · ".join(shown)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d %b %Y}"


def _part(some: int, whole: int) -> str:
    return f"{some:,} of {whole:,} recognised" + (f" ({some / whole:.0%})" if whole else "")
