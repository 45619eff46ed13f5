"""What the command line says of a catalogue: how it came about, what it knows, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fedflex_core.viewing.catalogue.contradictions import Contradiction
from fedflex_core.viewing.catalogue.merging import Merged, cells_by_source

__all__ = ["build_as_dict", "show_build", "show_contradictions"]

_MOST_LINES = 200
_FATES = {
    "new": "series that no list before had",
    "completed": "series of lists before, which got a cell or a name from this one",
    "agreed": "series of lists before, to which this one had nothing to add",
    "doubles": "series that another row of the same list stood for; left out",
    "unclear": "rows that may be any of several series of one name; left out",
    "films": "films, left out unless asked for with --films",
    "passed": "series that no list before had, left out since this list only completes others",
}


def build_as_dict(merged: Merged) -> dict[str, Any]:
    """What was merged as plain values."""
    return {
        "series": len(merged.catalogue),
        "content_hash": merged.catalogue.content_hash,
        "sources": [vars(count) for count in merged.sources],
        "known": merged.known(),
        "cells": {name: dict(cells) for name, cells in cells_by_source(merged.catalogue).items()},
        "notes": list(merged.catalogue.notes),
    }


def show_build(answer: Mapping[str, Any]) -> None:
    """Show what each list brought, and how many series each column is known of."""
    console = Console()
    # What happened to no row of any list needs no column.
    told = [name for name in _FATES if any(count[name] for count in answer["sources"])]
    lists = Table("List", *told, title="Rows of each list")
    for count in answer["sources"]:
        lists.add_row(count["name"], *(f"{count[name]:,}" for name in told))
    console.print(lists)
    for name in told:
        console.print(f"{name}: {_FATES[name]}.", style="dim", highlight=False)
    series = answer["series"]
    known = Table("Column", "Known", "Missing", "Mostly from", title=f"{series:,} series")
    for column, rows in answer["known"].items():
        origins = {name: cells.get(column, 0) for name, cells in answer["cells"].items()}
        main = max(origins, key=lambda name: origins[name], default="") if rows else ""
        known.add_row(column, f"{rows:,}", f"{series - rows:,}" if series > rows else "", main)
    console.print(known)
    for note in answer["notes"]:
        console.print(note, highlight=False)
    console.print(f"Content hash: {answer['content_hash']}", highlight=False)


def show_contradictions(
    found: Mapping[str, Sequence[Contradiction]], explained: Mapping[str, int]
) -> None:
    """Show what a catalogue and each list of reference differ in, but for what is explained."""
    console = Console()
    for name, contradictions in found.items():
        if contradictions:
            table = Table("Series", "Column", "Here", "There", title=name)
            for one in contradictions[:_MOST_LINES]:
                table.add_row(*one)
            console.print(table)
        console.print(
            f"{name}: {len(contradictions):,} contradictions without an explanation, "
            f"{explained[name]:,} with one."
        )
