"""Forms of a series' name, from the strictest to the loosest, in which two spellings are the same.

Netflix writes one series in many ways: `Grey's Anatomy` and `Grey’s Anatomy`, `Shameless (U.S.)`,
`Zaklínač` and `Zaklinac`. Each form forgets one more thing; a name is looked up form by form, so
that a closer spelling always wins over a looser one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Name", "numbers_of", "read_name"]

_AND = {"and", "y", "e", "et", "und", "og", "och", "ve"}
_STUDIOS = {"marvel", "marvels", "dcs"}
_ARTICLES = {
    "the", "a", "an", "la", "le", "les", "el", "los", "las", "lo", "il", "gli", "der", "die", "das",
    "de", "het", "en", "et", "o", "os", "as",
}  # fmt: skip
_MARKS = re.compile("[™®©℠\u200b-\u200f\u2060\ufeff]")
_YEAR = re.compile(r"\((\d{4})\)")
_COUNTRY = re.compile(r"\((u\.?s\.?a?|u\.?k)\.?\)")
_COUNTRIES = {"us": "US", "usa": "US", "uk": "GB"}
_NUMERAL = re.compile(r"(?=[ivx])x{0,2}(ix|iv|v?i{0,3})$")
_NUMBERS = {
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "first", "second", "third",
}  # fmt: skip
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
# Found by matching two public lists of 8,800 and 5,800 names with each other: with less than this,
# `Bucket List` would be `The Bucket List`, and `Selfless` `Self/less`.
_FEWEST_WORDS_WITHOUT_ARTICLE = 4
_SHORTEST_SQUASHED = 10
_SHORTEST_WITHOUT_STUDIO = 7


@dataclass(frozen=True)
class Name:
    """A name in its forms; `year` and `country` are what it says in brackets."""

    forms: tuple[str, ...]
    """In small letters; without punctuation; without accents; without spaces; without the studio in
    front; without the article in front. "" for a form too short to tell one series by."""
    year: int | None = None
    country: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words without punctuation and accents."""
        return tuple(self.forms[2].split())


def read_name(text: str) -> Name:
    """Take a name apart.

    >>> name = read_name("Shameless (U.S.)")
    >>> name.forms[1], name.country
    ('shameless', 'US')
    >>> read_name("Grey’s\\N{NO-BREAK SPACE}Anatomy™").forms[1]
    'greys anatomy'
    """
    written = " ".join(_MARKS.sub("", unicodedata.normalize("NFKC", _MARKS.sub("", text))).split())
    small = unicodedata.normalize("NFKC", written.casefold()).replace("×", "x")
    year, country = _YEAR.search(small), _COUNTRY.search(small)
    bare = _COUNTRY.sub(" ", _YEAR.sub(" ", small))
    plain = _words(bare if bare.strip() else small)
    unaccented = _unaccented(plain)
    squashed = unaccented.replace(" ", "")
    return Name(
        forms=(
            small,
            plain,
            unaccented,
            squashed if len(squashed) >= _SHORTEST_SQUASHED else "",
            _without_studio(unaccented),
            _without_article(unaccented),
        ),
        year=int(year[1]) if year else None,
        country=_COUNTRIES[country[1].replace(".", "")] if country else None,
    )


def numbers_of(words: Sequence[str]) -> tuple[str, ...]:
    """The words that count something: `101`, `iii`, `2b`, `two`."""
    return tuple(
        word
        for word in words
        if any(map(str.isdigit, word)) or word in _NUMBERS or _NUMERAL.match(word)
    )


def _words(written: str) -> str:
    joined = re.sub(r"['’‘`´ʼ]|(?<=\w)\.(?=\D|$)", "", written)
    spaced = re.sub(r"(?<=\s)[&+](?=\s)|(?<=\w)&(?=\w)", " and ", joined)
    words = "".join(letter if _is_word(letter) else " " for letter in spaced).split()
    return " ".join("and" if at and word in _AND else word for at, word in enumerate(words))


def _is_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def _unaccented(words: str) -> str:
    """Latin letters without their marks; in other scripts a mark makes another letter."""
    kept: list[str] = []
    for letter in unicodedata.normalize("NFD", words):
        latin = bool(kept) and kept[-1].isascii()
        if not (latin and unicodedata.category(letter) == "Mn"):
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_LETTERS)


def _without_studio(words: str) -> str:
    first, _, rest = words.partition(" ")
    rest = rest if first in _STUDIOS else words
    return rest if " " in rest or len(rest) >= _SHORTEST_WITHOUT_STUDIO else ""


def _without_article(words: str) -> str:
    first, _, rest = words.partition(" ")
    rest = rest if first in _ARTICLES else words
    return rest if len(rest.split()) >= _FEWEST_WORDS_WITHOUT_ARTICLE else ""
