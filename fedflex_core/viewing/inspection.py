"""What is known of a history: what a person can check before anything is computed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.history import History

__all__ = ["inspection", "recognised", "unrecognised", "weeks_of"]


def inspection(history: History, matched: pd.DataFrame, catalogue: Catalogue) -> dict[str, Any]:
    """Counts of rows, series and episodes, and which series were watched in which weeks.

    Args:
        history: What the reader made of the file.
        matched: The viewings with the column ``item`` (see :class:`Matcher`).
        catalogue: What they were matched with.

    Returns:
        ``rows, viewings, undated, dropped, date_format, profiles, series, series_matched, episodes,
        episodes_matched``; the lists ``recognised`` and ``unrecognised``, a mapping a series; and
        the list ``left_out``, a mapping a row of the file; plain values, fit for JSON.
    """
    report = history.report
    episodes = matched[matched["kind"] == "episode"]
    known = episodes[episodes["item"].notna()]
    return {
        "rows": report.rows,
        "viewings": report.viewings,
        "undated": report.undated,
        "dropped": dict(report.dropped),
        "date_format": report.date_format,
        "profiles": dict(report.profiles),
        "series": int(episodes["series"].nunique()),
        "series_matched": int(known["series"].nunique()),
        "episodes": len(episodes),
        "episodes_matched": len(known),
        "recognised": _plain(recognised(matched, catalogue)),
        "unrecognised": _plain(unrecognised(matched)),
        "left_out": history.left_out.to_dict("records"),
    }


def recognised(matched: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """The series of the catalogue that were watched, most episodes first.

    Returns:
        Columns ``name`` (the title), ``names`` (how the history calls it), ``item_id``, ``episodes``
        (how many were seen, the same one twice counted twice), ``first`` and ``last`` (days) and
        ``weeks`` (see :func:`weeks_of`).
    """
    known = matched[matched["item"].notna()]
    table = _by_series(known, "item")
    items = catalogue.items.iloc[[int(item) for item in table.index]]
    names = known.dropna(subset="series").groupby("item")["series"].unique()
    return table.reset_index(drop=True).assign(
        name=list(items["title"]),
        names=[list(map(str, names.get(item, ()))) for item in table.index],
        item_id=list(items["item_id"]),
    )


def unrecognised(matched: pd.DataFrame) -> pd.DataFrame:
    """The names of series that the catalogue does not know, most episodes first.

    Returns:
        Columns ``name``, ``episodes``, ``first``, ``last`` and ``weeks``, as in :func:`recognised`.
    """
    unknown = matched[(matched["kind"] == "episode") & matched["item"].isna()]
    table = _by_series(unknown, "series")
    return table.reset_index(drop=True).assign(name=[str(name) for name in table.index])


def weeks_of(dates: pd.Series) -> dict[str, int]:
    """How many viewings fall into each week, by its Monday (`2024-12-30`), the first one first.

    >>> weeks_of(pd.Series(pd.to_datetime(["2025-01-02", "2024-12-30", "2025-01-06"])))
    {'2024-12-30': 2, '2025-01-06': 1}
    """
    mondays = dates - pd.to_timedelta(dates.dt.day_of_week, unit="D")
    counts = mondays.value_counts().sort_index()
    return {f"{monday:%Y-%m-%d}": int(count) for monday, count in counts.items()}


def _by_series(viewings: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row for each value of the column, indexed by it."""
    groups = {
        key: dates for key, dates in viewings["date"].groupby(viewings[column].to_numpy(object))
    }
    table = pd.DataFrame(
        {
            "episodes": [len(dates) for dates in groups.values()],
            "first": pd.to_datetime([dates.min() for dates in groups.values()]),
            "last": pd.to_datetime([dates.max() for dates in groups.values()]),
            "weeks": [weeks_of(dates) for dates in groups.values()],
        },
        index=list(groups),
    )
    return table.sort_values("episodes", ascending=False, kind="stable")


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    days = {column: table[column].dt.strftime("%Y-%m-%d") for column in ("first", "last")}
    return [
        {str(name): value for name, value in row.items()}
        for row in table.assign(**days).to_dict("records")
    ]
