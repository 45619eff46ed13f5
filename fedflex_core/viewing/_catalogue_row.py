"""What a row of a catalogue holds, and the spellings of it that are understood."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["COLUMNS", "GENRES", "CatalogueRow", "clean_text", "slug"]

GENRES = (
    "Action", "Adventure", "Animation", "Anime", "Comedy", "Crime", "Documentary", "Drama",
    "Family", "Fantasy", "History", "Horror", "Kids", "Music", "Mystery", "Reality", "Romance",
    "Sci-Fi", "Sport", "Stand-up", "Superhero", "Thriller", "War", "Western",
)  # fmt: skip
"""The genres of the bundled catalogue; a catalogue of one's own may use others."""

_KINDS = {"tv show": "series", "show": "series", "tv": "series", "series": "series",
          "movie": "film", "film": "film"}  # fmt: skip
_GENRE_WORDS = {genre.casefold(): genre for genre in GENRES} | {
    "scifi": "Sci-Fi",
    "science fiction": "Sci-Fi",
    "documentation": "Documentary",
    "standup": "Stand-up",
    "stand-up comedy": "Stand-up",
}


def clean_text(value: Any) -> Any:
    """One way of writing each letter, one space between words; other than text stays as it is."""
    if not isinstance(value, str):
        return value
    return " ".join(unicodedata.normalize("NFC", value).split())


def _optional(value: Any) -> Any:
    return None if clean_text(value) == "" else value


def _score(value: Any) -> Any:
    return _optional(value.strip().removesuffix("/10") if isinstance(value, str) else value)


def _kind(value: Any) -> Any:
    return _KINDS.get(clean_text(value).casefold(), value)


def _first(value: Any) -> Any:
    """The main one where a file gives several: "['US', 'GB']" is "US"."""
    parts = _split(value)
    return parts[0] if parts else ""


def _split(value: Any) -> Any:
    """Names parted by `|`, or by commas as in "['drama', 'crime']"."""
    if not isinstance(value, str):
        return value
    parts = (clean_text(part).strip(" []'\"") for part in value.split("|" if "|" in value else ","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _genres(value: Any) -> Any:
    return tuple(_GENRE_WORDS.get(genre.casefold(), genre) for genre in _split(value))


def _aliases(value: Any) -> Any:
    # Only `|` parts aliases: a series' name may well hold a comma.
    parts = value.split("|") if isinstance(value, str) else value
    return tuple(dict.fromkeys(clean_text(part) for part in parts if clean_text(part)))


_Text = Annotated[str, BeforeValidator(clean_text)]
_Count = Annotated[Annotated[int, Field(ge=0, lt=2**53)] | None, BeforeValidator(_optional)]
_Year = Annotated[Annotated[int, Field(ge=1900, le=2100)] | None, BeforeValidator(_optional)]
_Score = Annotated[Annotated[float, Field(ge=0, le=10)] | None, BeforeValidator(_score)]
_Names = tuple[str, ...]


class CatalogueRow(BaseModel):
    """One series of a catalogue; only `title` is required."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    item_id: _Text = ""
    title: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=500)]
    kind: Annotated[Literal["series", "film", ""], BeforeValidator(_kind)] = ""
    year: _Year = None
    end_year: _Year = None
    genres: Annotated[_Names, BeforeValidator(_genres)] = ()
    country: Annotated[str, BeforeValidator(_first)] = ""
    language: _Text = ""
    seasons: _Count = None
    episodes: _Count = None
    maturity: _Text = ""
    imdb_score: _Score = None
    imdb_votes: _Count = None
    cast: Annotated[_Names, BeforeValidator(_split)] = ()
    synopsis: _Text = ""
    aliases: Annotated[_Names, BeforeValidator(_aliases)] = ()


COLUMNS = tuple(CatalogueRow.model_fields)


def slug(text: str) -> str:
    """A stable id of lower-case ASCII letters, digits and `-`.

    >>> slug("Grey's Anatomy")
    'greys-anatomy'
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    ascii_only = plain.encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    return made or "item-" + hashlib.sha256(text.encode()).hexdigest()[:10]
