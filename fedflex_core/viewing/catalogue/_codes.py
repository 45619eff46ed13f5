"""Countries and languages by their codes (ISO 3166-1 and ISO 639-1), whatever a list calls them."""

from __future__ import annotations

from functools import cache

from babel import Locale

__all__ = ["country_code", "language_code"]

# What lists of series say and the Unicode names that `babel` knows do not.
_COUNTRIES = {
    "turkey": "TR", "czech republic": "CZ", "hong kong": "HK", "macau": "MO", "west germany": "DE",
    "soviet union": "RU", "uk": "GB", "usa": "US", "united states of america": "US",
    "vietnam": "VN", "palestine": "PS", "ivory coast": "CI",
}  # fmt: skip
_LANGUAGES = {"mandarin": "zh", "cantonese": "zh", "castilian": "es", "filipino": "tl",
              "flemish": "nl", "brazilian portuguese": "pt"}  # fmt: skip


def country_code(name: str) -> str:
    """The code of a country; what is no known name stays as it is.

    >>> country_code("South Korea"), country_code("gb"), country_code("Atlantis")
    ('KR', 'GB', 'Atlantis')
    """
    if len(name) == 2:
        return name.upper()
    return _countries().get(name.casefold(), name)


def language_code(name: str) -> str:
    """The code of a language; what is no known name stays as it is.

    >>> language_code("Brazilian Portuguese"), language_code("PL"), language_code("Klingonese")
    ('pt', 'pl', 'Klingonese')
    """
    if len(name) == 2:
        return name.lower()
    return _languages().get(name.casefold(), name)


@cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories.items()
    return {name.casefold(): code for code, name in names if len(code) == 2} | _COUNTRIES


@cache
def _languages() -> dict[str, str]:
    names = Locale("en").languages.items()
    return {name.casefold(): code for code, name in names if len(code) == 2} | _LANGUAGES
