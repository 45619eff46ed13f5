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

from fedflex_core.viewing.matching._remarks import (
    country_in,
    without_brackets,
    without_remark,
    year_in,
)

__all__ = ["EXACT_FORMS", "Name", "numbers_of", "read_name"]

EXACT_FORMS = 3
"""The first forms, no looser than accents: they are trusted where a title is cut at a colon."""

_AND = {
    "and", "y", "e", "et", "und", "og", "och", "ve", "i", "a", "ja", "és", "es", "și", "şi", "si",
    "и", "і", "та", "και",
}  # fmt: skip
_STUDIOS = ("marvel", "marvels", "dcs", "disneys", "nickelodeons", "dreamworks", "tom clancys",
            "harlan cobens", "stephen kings", "agatha christies", "guillermo del toros")  # fmt: skip
_ARTICLES = {
    "the", "a", "an", "la", "le", "les", "el", "los", "las", "lo", "il", "gli", "der", "die", "das",
    "de", "het", "en", "et", "o", "os", "as",
}  # fmt: skip
_UNSEEN = re.compile("[™®©℠\u00ad\u200b-\u200f\u2060\ufeff]")
_ARTICLE_LAST = re.compile(r"(.+), (the|a|an|der|die|das|le|la|les|el|los|las|il)")
_ASCII_WORD = re.compile("[a-z0-9]+")
_NUMERAL = re.compile(r"(?=[ivx])x{0,2}(ix|iv|v?i{0,3})$")
_NUMBERS = {
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "first", "second", "third",
}  # fmt: skip
# One way of writing what keyboards and typesetters write in several.
_SIGNS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("’‘`´ʼ", "'")
    | dict.fromkeys("“”„«»", '"')
    | {"×": "x", "꞉": ":", "∶": ":"}
)
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    # Letters that one writer marks and another does not: Russian, Arabic, Hebrew.
    | {"ё": "е", "ى": "ي", "ة": "ه", "ـ": None}
)
# Scripts in which a mark on a letter is left out as an accent is: Latin, Greek, Hebrew, Arabic.
_ACCENTED = re.compile("[a-z\u0370-\u03ff\u0590-\u06ff]")
# Found by matching two public lists of 8,800 and 5,800 names with each other: with less than this,
# `Bucket List` would be `The Bucket List`, and `Selfless` `Self/less`.
_FEWEST_WORDS_WITHOUT_ARTICLE = 3
_SHORTEST_SQUASHED = 10
_SHORTEST_SQUASHED_SYLLABLES = 4  # a Chinese or Korean letter says as much as three of ours
_SHORTEST_WITHOUT_STUDIO = 7


@dataclass(frozen=True)
class Name:
    """A name in its forms; `year` and `country` are what it says in brackets."""

    forms: tuple[str, ...]
    """In small letters; without punctuation; without accents; without spaces; without the studio in
    front; without the article in front; without a remark behind. "" for a form too short to tell
    one series by, or no other than the ones before."""
    year: int | None = None
    country: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words without punctuation and accents."""
        return tuple(self.forms[2].split())


def read_name(text: str, *, brackets: bool = False) -> Name:
    """Take a name apart; with `brackets`, what stands in them is a part of the name.

    >>> name = read_name("Shameless (U.S.)")
    >>> name.forms[1], name.country
    ('shameless', 'US')
    >>> read_name("Grey’s\\N{NO-BREAK SPACE}Anatomy™").forms[1]
    'greys anatomy'
    >>> read_name("Love Is Blind (UK)", brackets=True).forms[1]
    'love is blind uk'
    """
    small = _small(text)
    bare = small if brackets else without_brackets(small)
    words = _words(bare if bare.strip() else small)
    letters = _unaccented(words)
    unaccented = _joined_by_and(letters)
    forms = (
        small,
        _joined_by_and(words),
        unaccented,
        _squashed(unaccented),
        _without_studio(unaccented),
        _without_article(unaccented),
        _joined_by_and(without_remark(letters)),
    )
    if brackets:
        return Name(forms)
    return Name(forms, year_in(small), country_in(small))


def numbers_of(words: Sequence[str]) -> tuple[str, ...]:
    """The words that count something: `101`, `iii`, `2b`, `two`."""
    return tuple(
        word
        for word in words
        if any(map(str.isdigit, word)) or word in _NUMBERS or _NUMERAL.match(word)
    )


def _small(text: str) -> str:
    """In small letters, with one way of writing each sign, and no signs around it."""
    if text.isascii():
        small = " ".join(text.lower().replace("`", "'").split())
    else:
        seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
        folded = unicodedata.normalize("NFKC", seen.casefold())
        written = folded.replace("i\u0307", "i")  # what becomes of the Turkish İ
        small = " ".join(written.translate(_SIGNS).split())
    small = small.replace(" :", ":").strip('" ')
    last = _ARTICLE_LAST.fullmatch(small)
    return f"{last[2]} {last[1]}" if last else small


def _words(written: str) -> str:
    joined = re.sub(r"'|(?<=\w)\.(?=\D|$)", "", written)
    spaced = re.sub(r"(?<=\s)[&+](?=\s)|(?<=\w)&(?=\w)", " and ", joined)
    if spaced.isascii():
        return " ".join(_ASCII_WORD.findall(spaced))
    return " ".join("".join(letter if _is_word(letter) else " " for letter in spaced).split())


def _is_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def _joined_by_and(words: str) -> str:
    """With one word for `and` in all languages, where it stands between others."""
    first, *rest = words.split(" ")
    if _AND.isdisjoint(rest[:-1]):
        return words
    inner = ("and" if word in _AND else word for word in rest[:-1])
    return " ".join((first, *inner, *rest[-1:]))


def _unaccented(words: str) -> str:
    """Letters without their accents; in scripts that have none, a mark makes another letter."""
    if words.isascii():
        return words
    kept: list[str] = []
    for letter in unicodedata.normalize("NFD", words):
        if unicodedata.category(letter) != "Mn" or not (kept and _ACCENTED.match(kept[-1])):
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_LETTERS)


def _squashed(words: str) -> str:
    together = words.replace(" ", "")
    if len(together) >= _SHORTEST_SQUASHED:
        return together
    syllables = sum(letter >= "\u1100" for letter in together)
    return together if syllables >= _SHORTEST_SQUASHED_SYLLABLES else ""


def _without_studio(words: str) -> str:
    studio = next((one for one in _STUDIOS if words.startswith(f"{one} ")), None)
    rest = words[len(studio) + 1 :] if studio else words
    return rest if " " in rest or len(rest) >= _SHORTEST_WITHOUT_STUDIO else ""


def _without_article(words: str) -> str:
    first, _, rest = words.partition(" ")
    rest = rest if first in _ARTICLES else words
    return rest if len(rest.split()) >= _FEWEST_WORDS_WITHOUT_ARTICLE else ""
