"""The participant's second step: what their model learns from, and every word that they have in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
import pandas as pd

from fedflex_core.faces.names import Names
from fedflex_core.faces.parts import count, paragraph
from fedflex_core.faces.stars import Stars
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.inspection import recognised

__all__ = ["ratings_widgets"]


def ratings_widgets(
    participant: Participant, on_renamed: Callable[[], None]
) -> list[widgets.Widget]:
    """The table of series and their stars, and the names that are not known.

    Args:
        participant: Whose they are.
        on_renamed: Called when a name was given its series, and is safe on disk.
    """
    stars = Stars(rows=_rows(participant))
    stars.on_rate(lambda item_id, given: _rate(participant, item_id, given))
    stars.on_use(lambda item_id, used: _use(participant, item_id, used))
    words = paragraph(
        "The stars follow from how much of a series you watched in what time. Correct what is wrong, and "
        "untick what is not yours, or what nothing shall be learned from. All of it stays on this computer."
    )
    shown: list[widgets.Widget] = [widgets.HTML(words), stars]
    if rows := _names(participant):
        names = Names(rows=rows, titles=_titles(participant))
        heading = widgets.HTML(_heading(rows))

        def name(text: str, item_id: str | None) -> None:
            participant.watched.give_name(text, item_id)
            stars.rows, names.rows = _rows(participant), _names(participant)
            heading.value = _heading(names.rows)
            on_renamed()

        names.on_name(name)
        shown += [heading, names]
    return shown


def _heading(names: list[dict[str, Any]]) -> str:
    unknown = sum(row["series"] is None for row in names)
    return f"<h3>{count(unknown, 'name', 'names')} not recognised</h3>" + paragraph(
        "If one of them is a series of this study under another name, say which. What you say is remembered "
        "on this computer only; what you leave open is left out."
    )


def _titles(participant: Participant) -> list[list[str]]:
    """Ids and titles of all items; the year tells apart those that share a title."""
    items = participant.study.catalogue.items
    shared = items["title"].str.casefold().duplicated(keep=False)
    return [
        [str(item_id), f"{title} ({year})" if double and not pd.isna(year) else str(title)]
        for item_id, title, year, double in zip(
            items["item_id"], items["title"], items["year"], shared, strict=True
        )
    ]


def _names(participant: Participant) -> list[dict[str, Any]]:
    """Names told before and names not known, the most watched first."""
    titles = participant.study.catalogue.titles
    index_of = participant.study.catalogue.index_of
    unknown = [
        {
            "name": row.name,
            "episodes": int(row.episodes),
            "watched": _period(row.first, row.last),
            "series": None,
        }
        for row in participant.watched.unrecognised().itertuples(index=False)
    ]
    told = [
        {"name": name, "episodes": 0, "watched": "", "series": titles[index_of(item)]}
        for name, item in participant.watched.given_names().items()
    ]
    return told + unknown


def _rows(participant: Participant) -> list[dict[str, Any]]:
    catalogue = participant.study.catalogue
    review, viewings = participant.watched.review(), participant.watched.viewings
    seen = {} if viewings is None else _seen(recognised(viewings, catalogue), catalogue)
    ordered = review.sort_values(["stars", "episodes"], ascending=False, kind="stable")
    ids = catalogue.items["item_id"]
    return [
        {
            "id": str(ids.iloc[row.item]),
            "title": _with_own_names(catalogue.titles[row.item], seen[row.item][0]),
            "stars": int(row.stars),
            "episodes": int(row.episodes),
            "watched": _period(row.first, row.last),
            "corrected": bool(row.corrected),
            "used": bool(row.used),
            "weeks": seen[row.item][1],
        }
        for row in ordered.itertuples()
    ]


def _seen(
    table: pd.DataFrame, catalogue: Catalogue
) -> dict[int, tuple[list[str], list[list[Any]]]]:
    """By item: how the history calls it, and the weeks it was watched in."""
    return {
        catalogue.index_of(row.item_id): (
            row.names,
            [
                [f"{pd.Timestamp(monday):%d %b %Y}", episodes]
                for monday, episodes in row.weeks.items()
            ],
        )
        for row in table.itertuples()
    }


def _with_own_names(title: str, names: Sequence[str]) -> str:
    """`The Mire (Rojst)`: people know a series by the name that they watched it under."""
    others = [name for name in names if not _alike(name, title)]
    return f"{title} ({', '.join(others)})" if others else title


def _alike(one: str, other: str) -> bool:
    return _letters(one) in _letters(other) or _letters(other) in _letters(one)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _rate(participant: Participant, item_id: str, stars: int | None) -> int:
    """Keep a correction, or take it back; the stars that hold now."""
    item = participant.study.catalogue.index_of(item_id)
    participant.watched.correct(item, stars)
    review = participant.watched.review()
    return int(review.loc[review["item"] == item, "stars"].iloc[0])


def _use(participant: Participant, item_id: str, used: bool) -> None:
    participant.watched.use(participant.study.catalogue.index_of(item_id), used)


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%d %b %Y}" + ("" if first == last else f" – {last:%d %b %Y}")
