"""One comparison on the page: two lists as posters, and their genres beside those of the history.

Which list is A and which is B is the study's matter; the page calls them List 1 and List 2.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from fedflex_core.exchange.personal_records import ImpressionRecord
from fedflex_core.faces.plots import HISTORY, genre_plot
from fedflex_core.faces.posters import Posters
from fedflex_core.lists.metrics import genre_distribution
from fedflex_core.study.comparisons import Answers, Side
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue

__all__ = ["comparison_posters", "genre_figure", "sides_of"]

_NAMES = ("List 1", "List 2")


def sides_of(shown: ImpressionRecord) -> tuple[Side, Side]:
    """Which list is List 1 and which is List 2."""
    return ("A", "B") if shown.first == "A" else ("B", "A")


def comparison_posters(
    participant: Participant, shown: ImpressionRecord, answers: Answers
) -> Posters:
    """The two lists as posters, in the order in which they were recorded.

    Args:
        participant: Whose page it is.
        shown: The comparison.
        answers: What was answered so far.
    """
    sides, catalogue = sides_of(shown), participant.study.catalogue
    return Posters(
        lists=[
            {"name": name, "items": [_card(catalogue, item) for item in shown.lists[side]]}
            for name, side in zip(_NAMES, sides, strict=True)
        ],
        selected=sorted([sides.index(side), rank - 1] for side, rank in answers.clicks),
        in_sight=True,
    )


def genre_figure(participant: Participant, shown: ImpressionRecord | None = None) -> str:
    """Genres of the history, weighted by stars, beside those of both lists if given, as HTML."""
    catalogue, ratings = participant.study.catalogue, participant.watched.ratings
    watched = [catalogue.genres[item] for item in ratings["item"]]
    shares = {HISTORY: genre_distribution(watched, ratings["stars"].tolist())}
    if shown is not None:
        for name, side in zip(_NAMES, sides_of(shown), strict=True):
            places = [catalogue.index_of(item) for item in shown.lists[side]]
            shares[name] = genre_distribution([catalogue.genres[place] for place in places])
    return genre_plot(shares)


def _card(catalogue: Catalogue, item_id: str) -> dict[str, Any]:
    place = catalogue.index_of(item_id)
    row = catalogue.items.iloc[place]
    return {
        "id": item_id,
        "title": str(row["title"]),
        "year": None if pd.isna(row["year"]) else int(row["year"]),
        "genres": list(catalogue.genres[place]),
        "synopsis": "" if pd.isna(row["synopsis"]) else str(row["synopsis"]),
    }
