"""What a row of a catalogue holds, and the spellings of it that are understood."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fedflex_core.viewing.catalogue._codes import country_code, language_code
from fedflex_core.viewing.catalogue.genres import genres_of

__all__ = ["COLUMNS", "CatalogueRow", "clean_text", "numbered", "slug"]

_KINDS = {
    **dict.fromkeys(
        ("series", "show", "tv", "tv show", "tv series", "tvseries", "tv mini series",
         "tv mini-series", "tvminiseries", "miniseries", "scripted", "documentary series"),
        "series",
    ),
    **dict.fromkeys(
        ("film", "movie", "tv movie", "tvmovie", "feature film", "short", "tv short", "tvshort",
         "tv special", "tvspecial", "video"),
        "film",
    ),
}  # fmt: skip
_NOTHING = {"", "\\N", "N/A", "n/a", "nan", "NaN", "NULL", "None"}
_COUNT = re.compile(r"(\d[\d,]*)(?:\.0*)?(?: seasons?)?", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:\.0*|-\d\d-\d\d.*)?")


def clean_text(value: Any) -> Any:
    """One way of writing each letter, one space between words; other than text stays as it is."""
    if not isinstance(value, str):
        return value
    return " ".join(unicodedata.normalize("NFC", value).split())


def _text(value: Any) -> Any:
    """Text, with the words that stand for nothing taken as nothing."""
    text = clean_text(value)
    return "" if text in _NOTHING else text


def _optional(value: Any) -> Any:
    return None if _text(value) == "" else value


def _score(value: Any) -> Any:
    return _optional(value.strip().removesuffix("/10") if isinstance(value, str) else value)


def _count(value: Any) -> Any:
    """`3`, `3.0`, `1,234` or `3 Seasons`; a running time counts nothing."""
    text = _text(value)
    if isinstance(text, str) and text.endswith(" min"):
        return None
    found = _COUNT.fullmatch(text) if isinstance(text, str) else None
    return _optional(found[1].replace(",", "") if found else text)


def _year(value: Any) -> Any:
    """`2016`, `2016.0` or `2016-07-15`."""
    text = _text(value)
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    return _optional(found[1] if found else text)


def _kind(value: Any) -> Any:
    return _KINDS.get(_text(value).casefold(), _text(value))


def _country(value: Any) -> Any:
    """The code of the main one where a file gives several: "['US', 'GB']" is "US"."""
    parts = _split(value)
    return country_code(parts[0]) if parts else ""


def _language(value: Any) -> Any:
    parts = _split(value)
    return language_code(parts[0]) if parts else ""


def _split(value: Any) -> Any:
    """Names parted by `|`, or by commas as in "['drama', 'crime']"."""
    if not isinstance(value, str):
        return value
    whole = _text(value)
    parts = (clean_text(part).strip(" []'\"") for part in whole.split("|" if "|" in whole else ","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _genres(value: Any) -> Any:
    return genres_of(_split(value))


def _aliases(value: Any) -> Any:
    # Only `|` parts aliases: a series' name may well hold a comma.
    parts = value.split("|") if isinstance(value, str) else value
    return tuple(dict.fromkeys(clean_text(part) for part in parts if clean_text(part)))


_Text = Annotated[str, BeforeValidator(clean_text)]
_Word = Annotated[str, BeforeValidator(_text)]
_Count = Annotated[Annotated[int, Field(ge=0, lt=2**53)] | None, BeforeValidator(_count)]
_Year = Annotated[Annotated[int, Field(ge=1900, le=2100)] | None, BeforeValidator(_year)]
_Score = Annotated[Annotated[float, Field(ge=0, le=10)] | None, BeforeValidator(_score)]
_Names = tuple[str, ...]


class CatalogueRow(BaseModel):
    """One series of a catalogue, a line of its CSV file; only `title` is required."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    item_id: _Text = ""
    """Names the series for good: small ASCII letters, digits and `-`. Lines are sorted by it."""
    title: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=500)]
    """As Netflix writes it in English."""
    kind: Annotated[Literal["series", "film", ""], BeforeValidator(_kind)] = ""
    """Series or film; empty where unknown."""
    year: _Year = None
    """The year in which the first episode was shown."""
    end_year: _Year = None
    """The year of the last episode; empty where it goes on, or is not known."""
    genres: Annotated[_Names, BeforeValidator(_genres)] = ()
    """One to four of the list in `genres.py`, the main one first, parted by `|`."""
    country: Annotated[str, BeforeValidator(_country)] = ""
    """Where it is made: ISO 3166-1, two capital letters."""
    language: Annotated[str, BeforeValidator(_language)] = ""
    """What is spoken in the original: ISO 639-1, two small letters."""
    seasons: _Count = None
    """How many there are, about."""
    episodes: _Count = None
    """How many there are in all, about."""
    maturity: _Word = ""
    """The rating that Netflix shows in the US, such as TV-14."""
    imdb_score: _Score = None
    """IMDb's score, 0 to 10, about."""
    imdb_votes: _Count = None
    """IMDb's number of votes, about: how widely a series is known."""
    cast: Annotated[_Names, BeforeValidator(_split)] = ()
    """Up to four leading people, parted by `|`."""
    synopsis: _Word = ""
    """One sentence, in words of the catalogue's own."""
    aliases: Annotated[_Names, BeforeValidator(_aliases)] = ()
    """Its names elsewhere, and other names here, parted by `|`."""
    provenance: Annotated[_Names, BeforeValidator(_aliases)] = ()
    """Where a merged row's cells are from: `list: title year`, one entry a list, parted by `|`."""


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


def numbered(name: str) -> Iterator[str]:
    """An id, and what it becomes where it is taken: `dark`, `dark-2`, `dark-3`, and on."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))
