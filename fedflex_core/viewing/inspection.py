"""What is known of a history: counts that a person can check before anything is computed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fedflex_core.viewing.history import HistoryReport

__all__ = ["inspection"]


def inspection(report: HistoryReport, matched: pd.DataFrame) -> dict[str, Any]:
    """Counts of rows, series and episodes, read and recognised.

    Args:
        report: What the reader made of the file.
        matched: The viewings with the column ``item`` (see :class:`Matcher`).

    Returns:
        ``rows, viewings, undated, dropped, date_format, profiles, series, series_matched, episodes,
        episodes_matched``; plain values, fit for JSON.
    """
    episodes = matched[matched["kind"] == "episode"]
    recognised = episodes[episodes["item"].notna()]
    return {
        "rows": report.rows,
        "viewings": report.viewings,
        "undated": report.undated,
        "dropped": dict(report.dropped),
        "date_format": report.date_format,
        "profiles": dict(report.profiles),
        "series": int(episodes["series"].nunique()),
        "series_matched": int(recognised["series"].nunique()),
        "episodes": len(episodes),
        "episodes_matched": len(recognised),
    }
