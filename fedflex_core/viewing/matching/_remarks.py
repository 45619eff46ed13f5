"""What stands behind a series' name without being a part of it: `(2011)`, `(U.S.)`, `: The Series`."""

from __future__ import annotations

import re

__all__ = ["country_in", "without_brackets", "without_remark", "year_in"]

_YEAR = re.compile(r"[(\[](\d{4})[)\]]")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_SPELLINGS = {
    "US": "us usa eua eeuu eu éu unitedstates america stanyzjednoczone abd сша アメリカ 미국 美国",
    "GB": "uk gb unitedkingdom britain british reinounido royaumeuni wielkabrytania 英国 영국",
    "AU": "au australia australian",
    "BR": "br brazil brasil brésil brazylia",
    "CA": "ca canada",
    "DE": "de germany deutschland alemania alemanha allemagne",
    "ES": "es spain españa espanha espagne",
    "FR": "fr france francia frança",
    "IN": "india",
    "IT": "it italy italia itália",
    "JP": "jp japan japón japão japon 日本",
    "KR": "kr korea southkorea corea coreia corée 한국 韓国",
    "MX": "mx mexico méxico",
    "NL": "nl netherlands nederland",
    "NZ": "nz newzealand",
    "SE": "se sweden sverige",
    "TR": "tr turkey türkiye turquía turquia",
}
_COUNTRIES = {word: code for code, words in _SPELLINGS.items() for word in words.split()}
_DUBBED = re.compile(
    r"(?:(?:english|hindi|tamil|telugu|japanese|korean|latino) )?"
    r"(?:dub|dubbed|dublado|dublada|doblado|doblada|sub|subbed|subtitled|legendado|legendada"
    r"|subtitulado|subtitulada|uncut|uncensored|netflix|tv|tv series|serie|série|series)"
)
# On words without accents. `The Animated Series` is another series than the one it is named after.
_REMARK = re.compile(
    r"(?P<name>.+?) (?:"
    r"(?:(?:a|an|uma|una|un|une|eine|en|ein|original) )*netflix(?: original)?"
    r"(?: (?:limited |documentary )?(?:series|serie|originalserie))?"
    r"|(?:uma|una|une|eine|en) (?:serie|originalserie)(?: original)?(?: da| de| di| von| fra)? netflix"
    r"|(?:the|a|la|die|de|en) (?:tv )?(?:series|serie|serien|teleserie)(?: tv)?|tv series"
    r"|(?:the |a |la |die )?(?:limited series|mini series|miniseries|miniserie|miniserial|mini dizi)"
    r")"
)


def year_in(small: str) -> int | None:
    """The year in brackets of a name in small letters."""
    found = _YEAR.search(small)
    return int(found[1]) if found else None


def country_in(small: str) -> str | None:
    """The two letters of the country in brackets, however it is written.

    >>> country_in("the office (u.s.)"), country_in("the office (ee. uu.)"), country_in("x (y)")
    ('US', 'US', None)
    """
    return next(filter(None, (_country(inside) for inside in _insides(small))), None)


def without_brackets(small: str) -> str:
    """Without the brackets that hold a year, a country, or a word on dubbing.

    >>> without_brackets("the bridge (bron) (2011)").strip()
    'the bridge (bron)'
    """
    if "(" not in small and "[" not in small:
        return small
    return _BRACKETS.sub(
        lambda found: " " if _is_aside(found[1] or found[2] or "") else found[0], small
    )


def without_remark(words: str) -> str:
    """Without the remark that it is a series, from words that bear no accents.

    >>> without_remark("selena the series"), without_remark("dark a netflix original series")
    ('selena', 'dark')
    """
    found = _REMARK.fullmatch(words)
    return found["name"] if found else words


def _insides(small: str) -> list[str]:
    return [found[1] or found[2] or "" for found in _BRACKETS.finditer(small)]


def _country(inside: str) -> str | None:
    return _COUNTRIES.get(re.sub(r"[\W_]", "", inside))


def _is_aside(inside: str) -> bool:
    text = inside.strip()
    return bool(re.fullmatch(r"\d{4}", text) or _country(text) or _DUBBED.fullmatch(text))
