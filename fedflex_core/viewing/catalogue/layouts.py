"""The layouts of public lists of series: which list a file is, told by its header, and what is where.

A list that is not known here can still be read: many names of columns speak for themselves, and the
others can be given by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["HEADERS", "LAYOUTS", "OTHER_KINDS", "Layout", "layout_of"]

HEADERS: Mapping[str, tuple[str, ...]] = {
    "item_id": ("item_id", "show_id", "id"),
    "title": ("title", "name"),
    "kind": ("kind", "type"),
    "year": ("year", "release_year"),
    "end_year": ("end_year",),
    "genres": ("genres", "genre", "listed_in"),
    "country": ("country", "production_countries"),
    "language": ("language",),
    "seasons": ("seasons",),
    "episodes": ("episodes",),
    "maturity": ("maturity", "rating", "age_certification"),
    "imdb_score": ("imdb_score", "imdb"),
    "imdb_votes": ("imdb_votes",),
    "cast": ("cast",),
    "synopsis": ("synopsis", "description"),
    "aliases": ("aliases",),
    "provenance": ("provenance",),
}
"""Our columns, and the names for them that speak for themselves, ours first."""

OTHER_KINDS = frozenset(
    ("tv episode", "tvepisode", "tvpilot", "video game", "videogame", "music video", "podcast series",
     "podcast episode")
)  # fmt: skip
"""What lists of everything hold that nobody watches as a series or a film."""


@dataclass(frozen=True)
class Layout:
    """One list's columns.

    Attributes:
        name: What people call the list.
        needs: Columns (in small letters) by which it is known; all of them must be there.
        columns: Ours -> theirs, in small letters.
        kind: What all of its rows are, where it does not say.
        newest_year: Whether a series' year is that of its newest season, so that its first is not known.
    """

    name: str
    needs: frozenset[str]
    columns: Mapping[str, str]
    kind: Literal["series", "film", ""] = ""
    newest_year: bool = False


LAYOUTS = (
    Layout(
        "What's on Netflix",
        frozenset({"title", "language", "rating", "imdb", "cover url"}),
        {"title": "title", "language": "language", "maturity": "rating", "imdb_score": "imdb"},
    ),
    Layout(
        "netflix_titles",
        frozenset({"show_id", "type", "listed_in", "release_year", "duration"}),
        {
            "title": "title", "kind": "type", "year": "release_year", "genres": "listed_in",
            "country": "country", "seasons": "duration", "maturity": "rating", "cast": "cast",
            "synopsis": "description",
        },
        newest_year=True,
    ),
    Layout(
        "Netflix with IMDb",
        frozenset({"type", "age_certification", "imdb_id", "imdb_score", "imdb_votes"}),
        {
            "title": "title", "kind": "type", "year": "release_year", "genres": "genres",
            "country": "production_countries", "seasons": "seasons",
            "maturity": "age_certification", "imdb_score": "imdb_score",
            "imdb_votes": "imdb_votes", "synopsis": "description",
        },
    ),
    Layout(
        "IMDb list",
        frozenset({"const", "title", "title type", "num votes"}),
        {
            "title": "title", "kind": "title type", "year": "year", "genres": "genres",
            "imdb_score": "imdb rating", "imdb_votes": "num votes", "aliases": "original title",
        },
    ),
    Layout(
        "IMDb data set",
        frozenset({"tconst", "titletype", "primarytitle", "startyear", "endyear"}),
        {
            "title": "primarytitle", "kind": "titletype", "year": "startyear",
            "end_year": "endyear", "genres": "genres", "aliases": "originaltitle",
            # where somebody has joined the ratings to it
            "imdb_score": "averagerating", "imdb_votes": "numvotes",
        },
    ),
    # TMDB's votes are few beside IMDb's: taken for those they would make every series a rarity.
    Layout(
        "TMDB series",
        frozenset({"name", "original_name", "first_air_date"}),
        {
            "title": "name", "year": "first_air_date", "end_year": "last_air_date",
            "genres": "genres", "country": "origin_country", "language": "original_language",
            "seasons": "number_of_seasons", "episodes": "number_of_episodes",
            "synopsis": "overview", "aliases": "original_name",
        },
        kind="series",
    ),
    Layout(
        "TMDB films",
        frozenset({"title", "original_title", "release_date"}),
        {
            "title": "title", "year": "release_date", "genres": "genres",
            "country": "production_countries", "language": "original_language",
            "synopsis": "overview", "aliases": "original_title",
        },
        kind="film",
    ),
)  # fmt: skip


def layout_of(header: Sequence[str]) -> Layout | None:
    """The known list that has such a header, or None.

    >>> layout_of(["Title", "Language", "Rating", "IMDB", "Cover URL"]).name
    "What's on Netflix"
    >>> layout_of(["Title", "Genre"]) is None
    True
    """
    names = {name.casefold() for name in header}
    return next((layout for layout in LAYOUTS if layout.needs <= names), None)
