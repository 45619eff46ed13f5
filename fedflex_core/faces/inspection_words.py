"""What the command line says of a person's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show_inspection"]

_MOST_SERIES = 60
_MOST_ROWS = 20
_MOST_WEEKS = 12


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
    table = Table("Series", "Episodes", "In the weeks from (Mondays)", title=heading)
    for row in rows[:_MOST_SERIES]:
        own = [one for one in row.get("names", ()) if one.casefold() != row["name"].casefold()]
        name = row["name"] + (f" ({', '.join(own)})" if own else "")
        name += " – left out" if row.get("left_out") else ""
        table.add_row(name, f"{row['episodes']:,}", _weeks(row["weeks"]))
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
    """`2024: 18 Dec 1 · 25 Dec 3 | 2025: …`, the last weeks if there are many."""
    shown = [(date.fromisoformat(monday), count) for monday, count in weeks.items()][-_MOST_WEEKS:]
    years = [
        f"{year}: " + " · ".join(f"{monday:%d %b} {count}" for monday, count in ones)
        for year, ones in groupby(shown, key=lambda week: week[0].year)
    ]
    earlier = len(weeks) - len(shown)
    return (f"{earlier} weeks before | " if earlier else "") + " | ".join(years)


def _part(some: int, whole: int) -> str:
    return f"{some:,} of {whole:,} recognised" + (f" ({some / whole:.0%})" if whole else "")
