"""The matched viewings as they lie in the private folder."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from fedflex_core.exchange.folder import read_private, write_private

__all__ = ["read_viewings", "write_viewings"]


def write_viewings(place: Path, viewings: pd.DataFrame) -> None:
    """Store viewings whole or not at all, readable by their owner only."""
    write_private(place, viewings.to_csv(index=False).encode())


def read_viewings(place: Path) -> pd.DataFrame | None:
    """The stored viewings, or None if there are none."""
    stored = read_private(place)
    if stored is None:
        return None
    text = ["profile", "title", "series", "episode", "kind"]
    return pd.read_csv(
        io.BytesIO(stored),
        dtype={"item": "Int64", "season": "Int64", **dict.fromkeys(text, "string")},
        parse_dates=["date"],
        keep_default_na=False,
        na_values={"item": "", "season": "", "series": "", "episode": ""},
    )
