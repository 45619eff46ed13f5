"""The participant's second step: the stars that follow from the history, each corrected by one click."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd

from fedflex_core.faces.parts import count, paragraph
from fedflex_core.faces.stars import Stars
from fedflex_core.study.participant import Participant

__all__ = ["ratings_widgets"]


def ratings_widgets(participant: Participant) -> tuple[widgets.Widget, widgets.Widget]:
    """What the stars are, and the table of them; a correction is kept before it is shown as saved."""
    ratings = participant.ratings
    words = paragraph(
        f"{count(len(ratings), 'series was', 'series were')} recognised. Their stars follow from how much of "
        "each you watched in what time. Correct what is wrong; they stay on this computer."
    )
    stars = Stars(rows=_rows(participant, ratings))
    stars.on_rate(lambda item_id, given: _rate(participant, item_id, given))
    return widgets.HTML(words), stars


def _rows(participant: Participant, ratings: pd.DataFrame) -> list[dict[str, Any]]:
    items = participant.study.catalogue.items
    ordered = ratings.sort_values(["stars", "episodes"], ascending=False, kind="stable")
    return [
        {
            "id": str(items["item_id"].iloc[row.item]),
            "title": str(items["title"].iloc[row.item]),
            "stars": int(row.stars),
            "episodes": int(row.episodes),
            "watched": _period(row.first, row.last),
            "corrected": bool(row.corrected),
        }
        for row in ordered.itertuples()
    ]


def _rate(participant: Participant, item_id: str, stars: int | None) -> int:
    """Keep a correction, or take it back; the stars that hold now."""
    item = participant.study.catalogue.index_of(item_id)
    participant.correct(item, stars)
    ratings = participant.ratings
    return int(ratings.loc[ratings["item"] == item, "stars"].iloc[0])


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%d %b %Y}" + ("" if first == last else f" – {last:%d %b %Y}")
