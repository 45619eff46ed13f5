"""A catalogue held against another list of series: where the two cannot both be right.

Two people who look up one series differ a little: in what counts as a season, in when they counted the
votes. Listed is what such a difference cannot be. Each is either a fault to mend, or is explained, once, in
a small table beside the catalogue.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import resources
from typing import NamedTuple

from fedflex_core.viewing.catalogue.items import Catalogue
from fedflex_core.viewing.catalogue.merging import may_be_one
from fedflex_core.viewing.catalogue.row import CatalogueRow
from fedflex_core.viewing.matching import Matcher

__all__ = ["Contradiction", "bundled_explanations", "contradictions", "unexplained"]

# A series that goes on gathers votes; a list may be some years old.
_FEWEST_VOTES, _MOST_VOTES = 0.5, 4.0
_SCORES_APART = 0.7
# What a series is made like, as against what it is about: on this, lists agree.
_FORMS = (
    frozenset({"Documentary"}),
    frozenset({"Reality"}),
    frozenset({"Stand-up"}),
    frozenset({"Animation", "Anime"}),
)


class Contradiction(NamedTuple):
    """One fact on which a catalogue and a list differ."""

    item_id: str
    column: str
    ours: str
    theirs: str


Explanations = Mapping[tuple[str, str], str]
"""Why a difference is none of ours, by item id and column."""


def contradictions(catalogue: Catalogue, reference: Catalogue) -> list[Contradiction]:
    """The facts in which `catalogue` and another list of the same series contradict each other.

    Compared are first years, genres, votes, scores and numbers of seasons, of the series that are in both
    lists by a name in common, and the spelling of those that are alike but for a slip of the pen; films, and
    series of one name with another, are passed over.

    >>> from fedflex_core.viewing.catalogue.items import read_catalogue
    >>> ours = read_catalogue(b"title,year,genres,imdb_votes\\nDark,2016,Sci-Fi,400000\\n")
    >>> theirs = read_catalogue(b"title,year,genres,imdb_votes\\nDark,2017,Sci-Fi|Drama,390000\\n")
    >>> contradictions(ours, theirs)
    [Contradiction(item_id='dark', column='year', ours='2016', theirs='2017')]
    """
    matcher, rows = Matcher(catalogue), catalogue.rows()
    told = frozenset(genre for genres in reference.genres for genre in genres)
    found = []
    for theirs in (row for row in reference.rows() if row.kind != "film"):
        meant = matcher.meanings(theirs.title, kind="series")
        if len(meant) == 1 and may_be_one(rows[meant[0]], theirs):
            found += _between(rows[meant[0]], theirs, told)
        elif not meant and (alike := matcher.match(theirs.title, kind="series")):
            found += _spelling(rows[alike.item], theirs)
    return sorted(set(found))


def unexplained(found: Iterable[Contradiction], explained: Explanations) -> list[Contradiction]:
    """Those of which nobody has said yet why they are none."""
    return [one for one in found if (one.item_id, one.column) not in explained]


def bundled_explanations() -> Explanations:
    """The explanations that come with the bundled catalogue: columns item_id, column and why."""
    source = resources.files("fedflex_core.viewing.catalogue") / "data" / "explained.csv"
    table = csv.DictReader(io.StringIO(source.read_text(encoding="utf-8")))
    return {(row["item_id"], row["column"]): row["why"] for row in table}


def _between(ours: CatalogueRow, theirs: CatalogueRow, told: frozenset[str]) -> list[Contradiction]:
    checks: dict[str, Callable[[CatalogueRow, CatalogueRow], bool]] = {
        "year": _years_differ,
        "genres": partial(_genres_differ, told=told),
        "imdb_votes": _votes_differ,
        "imdb_score": _scores_differ,
        "seasons": _seasons_differ,
    }
    return [
        Contradiction(ours.item_id, column, _said(ours, column), _said(theirs, column))
        for column, differ in checks.items()
        if differ(ours, theirs)
    ]


def _spelling(ours: CatalogueRow, theirs: CatalogueRow) -> list[Contradiction]:
    if _years_differ(ours, theirs):
        return []
    return [Contradiction(ours.item_id, "title", ours.title, theirs.title)]


def _said(row: CatalogueRow, column: str) -> str:
    value = getattr(row, column)
    return "|".join(value) if isinstance(value, tuple) else str(value)


def _years_differ(ours: CatalogueRow, theirs: CatalogueRow) -> bool:
    return bool(ours.year and theirs.year and ours.year != theirs.year)


def _genres_differ(ours: CatalogueRow, theirs: CatalogueRow, told: frozenset[str]) -> bool:
    """Whether no genre is in common, or the main one of either is a form that the other knows nothing of.

    A list that has no word for a form, as some have none for animation, tells nothing of it.
    """
    if not ours.genres or not theirs.genres:
        return False
    one, other = _wider(ours.genres), _wider(theirs.genres)
    return not one & other or any(
        (ours.genres[0] in form & told and not other & form)
        or (theirs.genres[0] in form and not one & form)
        for form in _FORMS
    )


def _wider(genres: tuple[str, ...]) -> set[str]:
    """For some lists all that children may watch is theirs, for others it is for families."""
    for_children = {"Kids", "Family"}
    return set(genres) | (for_children if for_children & set(genres) else set())


def _votes_differ(ours: CatalogueRow, theirs: CatalogueRow) -> bool:
    if not ours.imdb_votes or not theirs.imdb_votes:
        return False
    return not _FEWEST_VOTES <= ours.imdb_votes / theirs.imdb_votes <= _MOST_VOTES


def _scores_differ(ours: CatalogueRow, theirs: CatalogueRow) -> bool:
    if ours.imdb_score is None or theirs.imdb_score is None:
        return False
    return abs(ours.imdb_score - theirs.imdb_score) > _SCORES_APART


def _seasons_differ(ours: CatalogueRow, theirs: CatalogueRow) -> bool:
    """Whether they know of more seasons; of fewer, if their list is older."""
    return bool(ours.seasons and theirs.seasons and ours.seasons < theirs.seasons)
