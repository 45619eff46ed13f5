"""Which alphabet the bytes of a text file are written in, where the file itself does not say.

Most files are UTF-8. A spreadsheet on Windows saves in the old alphabet of its country, in which one byte
is another letter in Warsaw than in Lisbon; the words that exports always use tell which.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from fedflex_core.viewing.languages import (
    CHAPTER_WORDS,
    EPISODE_WORDS,
    LIMITED_SERIES,
    MONTHS,
    PART_WORDS,
    SEASON_WORDS,
)

__all__ = ["encoding_of"]

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_NEAR = 1000
_FEW_ODD = 2  # odd signs; one alone, as in `Pokémon²`, is no sign of another script
_BEYOND_ASCII = re.compile(rb"[\x80-\xff][^\r\n]{,%d}" % _NEAR)

# Western, Central European and Turkish alphabets, the likeliest first, with the letters beyond ASCII of the
# languages that are written in them. What else a byte may mean there, as `³` in a word, speaks against it.
_LATIN = {
    "cp1252": (
        "áéíóúüñ", "áàâãçéêíóôõú", "àâæçéèêëîïôœùûü", "äöüß", "àèéìòù", "åæøéäö", "áéëèïöü",
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžľĺŕäô", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıİöşüâîû",),
}  # fmt: skip
_OTHERS = ("cp1251", "cp1253", "cp1255", "cp1256", "cp874", "cp932", "cp949", "gb18030", "big5")
_CYRILLIC_OR_HEBREW = ("cp1251", "cp1255")
_PUNCTUATION = "“”„‘’‚–—…«»¿¡°·™®©€½×\u00a0"
_WORDS = frozenset(
    word.casefold()
    for words in (SEASON_WORDS, PART_WORDS, CHAPTER_WORDS, EPISODE_WORDS, LIMITED_SERIES, *MONTHS)
    for word in words
    if not word.isascii()
)


def encoding_of(data: bytes) -> str:
    """The name of the encoding, for `bytes.decode`.

    >>> encoding_of("Część 1".encode()), encoding_of("Dark: Część 1".encode("cp1250"))
    ('utf-8', 'cp1250')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    if head.count(0) * 4 > len(head):  # Latin letters in UTF-16: every second byte is zero
        return "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    if data.isascii() or _is_utf8(data):
        return "utf-8"
    return _old_alphabet(data)


def _is_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 but for a few damaged letters."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    letters = bad = 0
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        text = decoder.decode(block, final=start + _BLOCK >= len(data))
        letters += len(text)
        bad += text.count("\ufffd")
    return bad == 0 or len(data) - letters > 4 * bad  # letters beyond ASCII take more than one byte


def _old_alphabet(data: bytes) -> str:
    sample = b"\n".join(_lines_beyond_ascii(data))
    latin = max(_LATIN, key=lambda encoding: _fit(sample, encoding))  # the first of equals
    if _fit(sample, latin)[1] > -_FEW_ODD:
        return latin
    from charset_normalizer import from_bytes  # slow to load, and needed by few files

    best = from_bytes(sample, cp_isolation=[*_LATIN, *_OTHERS]).best()
    if best is None or best.encoding not in _OTHERS:
        return latin
    if best.encoding in _CYRILLIC_OR_HEBREW:  # alike but for the capitals, which Hebrew has not
        return _CYRILLIC_OR_HEBREW[not re.search(rb"[\xc0-\xdf]", sample)]
    return best.encoding


def _lines_beyond_ascii(data: bytes) -> Iterator[bytes]:
    """The lines that the alphabet matters for, up to 64 KB; of a very long one a part."""
    taken = at = 0
    while taken < _SAMPLE and (found := _BEYOND_ASCII.search(data, at)):
        before = re.split(rb"[\r\n]", data[max(at, found.start() - _NEAR) : found.start()])[-1]
        yield before + found[0]
        taken += len(before) + len(found[0])
        at = found.end()


def _fit(sample: bytes, encoding: str) -> tuple[int, int]:
    """How many words of exports there are in this reading, and how few odd signs (as minus a count)."""
    text = re.sub("(?<=[0-9])[ªº]", "", sample.decode(encoding, errors="replace").casefold())
    words = sum(word in _WORDS for word in re.findall(r"[^\W\d_]+", text))
    beyond = Counter(letter for letter in text if letter > "\x7f" and letter not in _PUNCTUATION)
    odd = min(
        sum(count for letter, count in beyond.items() if letter not in letters)
        for letters in _LATIN[encoding]
    )
    return words, -odd
