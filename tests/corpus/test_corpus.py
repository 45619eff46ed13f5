"""Made-up exports that show every known format, and how well they are read.

The list below has one entry for each item of what real exports were found to hold: what an export
says it covers, and what must then stand in its text.
"""

import re
from collections.abc import Mapping

import pytest

from fedflex_core.viewing.catalogue import load_bundled

from .exports import Export, corpus
from .languages import LANGUAGES
from .measure import Counts, is_ambiguous, measure
from .series import SERIES

_ANY = r""
_TEN = "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,"

FORMATS = {
    # two kinds of file
    "Title,Date": r'\A"?Title"?,"?Date"?\n',
    "title,date": r'\A"title","date"\n',
    "Date,Title": r'\A"Date","Title"\n',
    "Title;Date": r"\ATitle;Date\r?\n",
    "column Duration": r'\A"Title","Date","Duration"',
    "column Type": r'"Type"\n',
    "full request": rf"\A{_TEN}Bookmark,Latest Bookmark,Country\r?\n",
    "column StartTime": r"\AProfile Name,StartTime,",
    "no header": r"\A(?!Title|\"Title|Profile)",
    "trailing comma": r",\n",
    "household": r"\nNoor,[\s\S]*\nSam,",
    "supplemental TRAILER": r",TRAILER,",
    "supplemental HOOK": r",HOOK,",
    "supplemental TEASER_TRAILER": r",TEASER_TRAILER,",
    "supplemental RECAP": r",RECAP,",
    "too short": r",0:00:\d\d,",
    "utf-8": _ANY,
    "utf-8-sig": _ANY,
    "utf-16": _ANY,
    "cp1250": "[ąčő]",
    "cp1252": "[éñ]",
    "cp1254": "[ğşı]",
    "quotes whole": r'""',
    "quotes lost": r"\n[^\"\n]+\n",
    "quotes wrapped": r'\n"""',
    "quotes half": r'\n[^"\n]+","',
    "CRLF": r"\r\n",
    "blank lines": r"\n\r?\n",
    # dates
    "date M/D/YY": r"\b[1-9]/\d{1,2}/\d\d\b",
    "date M/D/YYYY": r"\b[1-9]/\d{1,2}/\d{4}\b",
    "date DD/MM/YYYY": r"\b\d\d/\d\d/\d{4}\b",
    "date DD/MM/YY": r"\b\d\d/\d\d/\d\d\b",
    "date D/M/YY": r"\b[1-9]/\d{1,2}/\d\d\b",
    "date DD-MM-YY": r"\b\d\d-\d\d-\d\d\b",
    "date DD.MM.YYYY": r"\b\d\d\.\d\d\.\d{4}\b",
    "date D.M.YYYY": r"\b[1-9]\.\d{1,2}\.\d{4}\b",
    "date YYYY-MM-DD": r"\b\d{4}-\d\d-\d\d\b",
    "date YYYY/MM/DD": r"\b\d{4}/\d\d/\d\d\b",
    "date DD-MMM.-YY": r"\b\d\d-nov\.-\d\d\b",
    "date YYYY-MM-DD HH:MM:SS": r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "date YYYY-MM-DD HH:MM": r"\b\d{4}-\d\d-\d\d \d\d:\d\d,",
    "date M/D/YY H:MM": r"\b[1-9]/\d{1,2}/\d\d \d:\d\d",
    "date M/D/YYYY HH:MM": r"\b[1-9]/\d{1,2}/\d{4} \d\d:\d\d",
    "mixed dates": _ANY,
    "days above 12": _ANY,
    "days low": _ANY,
    "days this month": _ANY,
    "days one month": _ANY,
    # titles
    "Star Trek": r"Star Trek: Discovery: Season 1: ",
    "en book": r"Avatar: The Last Airbender: Book \d: ",
    "en limited?": r"Monster: The Jeffrey Dahmer Story: Limited Series\?: ",
    "en part": r"Selena: The Series: Part 1: ",
    "en limited": r"DAHMER: Monster: [^:\n]+: Limited Series: ",
    "en season": r": Season \d: ",
    "en own": r"Stranger Things: Stranger Things \d: ",
    "en volume": r": Volume \d: ",
    "en series": r": Series \d: ",
    "en chapter": r": Chapter \d: ",
    "en collection": r": Collection \d: ",
    "en vol": r": Vol\. \d: ",
    "en half": r": Season \dB: ",
    "en remix": r": Season \d Remix: ",
    "en channel": r": Season \d \(Channel \d\): ",
    "en arc": r"ONE PIECE: Alabasta: ",
    "pt arc": r"ONE PIECE: Alabasta: Episódio \d{3}",
    "en chapters": r"Monster: CHAPTER \d\d",
    "film": r"John Wick: Chapter 2|Harry Potter and the Deathly Hallows: Part 2",
    "clip": r": Season 3 \(Trailer\)|_hook_02_16x9|\(Clip\)|TEXTLESS",
    "es season": r": Temporada \d: ", "es part": r": Parte \d: ", "es limited": r": Miniserie: ",
    "es book": r": Libro \d: ", "es volume": r": Volumen \d: ", "es series": r": Serie \d: ",
    "es collection": r": Colección \d: ", "es chapter": r": Capítulo \d: ",
    "pt season": r": Temporada \d: ", "pt part": r": Parte \d: ", "pt limited": r": Minissérie: ",
    "pt ordinal": r": \dª temporada: ",
    "fr season": "\u00a0: Saison\u00a0\\d\u00a0: ", "fr part": "\u00a0: Partie\u00a0\\d\u00a0: ",
    "fr limited": "\u00a0: Mini-série\u00a0: ", "fr chapter": "\u00a0: Chapitre\u00a0\\d\u00a0: ",
    "nl season": r": Seizoen \d: ", "nl part": r": Deel \d: ", "nl chapter": r": Hoofdstuk \d: ",
    "nl limited": r": Miniserie: ",
    "pl season": r": Sezon \d: ", "pl part": r": Część \d: ", "pl limited": r": Miniserial: ",
    "pl chapter": r": Rozdział \d: ", "pl book": r": Księga \d: ",
    "tr season": r": \d\. Sezon: ", "tr part": r": \d\. Kısım: ", "tr limited": r": Mini Dizi: ",
    "tr series": r": \d\. Seri: ", "tr half": r": Sezon \dB: ",
    "da season": r": Sæson \d: ", "da chapter": r": Kapitel \d: ", "da part": r": Del \d: ",
    "cs season": r": \d\. řada: ", "cs part": r": \d\. část: ", "cs limited": r": Minisérie: ",
    "fi season": r": Kausi \d: ",
    "ja season": r": シーズン\d: ", "ja series": r": 第\dシリーズ: ", "ja part": r": パート\d: ",
    "de season": r": Staffel \d: ", "de part": r": Teil \d: ", "de limited": r": Miniserie: ",
    "it season": r": Stagione \d: ", "it part": r": Parte \d: ", "it limited": r": Miniserie: ",
    "sv season": r": Säsong \d: ", "no season": r": Sesong \d: ", "hu season": r": \d\. évad: ",
    "ro season": r": Sezonul \d: ", "ko season": r": 시즌 \d: ", "zh season": r": 第\d季: ",
    "en closing": r"\(Episode \d\)", "pl closing": r"\(Odcinek \d\)",
    "tr closing": r"\(Bölüm \d\)", "nl closing": r"\(Aflevering \d\)",
    "pt closing": r"\(Episódio \d\)", "fr closing": r"\(Épisode \d\)",
    "pl clip": r"\(zwiastun\)", "es clip": r"\(Tráiler\)",
    "Zaklínač": r"Zaklínač: ", "Gambito de dama": r"Gambito de dama: ",
    "Szkoła dla elity": r"Szkoła dla elity: ", "La casa de papel": r"La casa de papel: ",
}  # fmt: skip
"""What an export covers, and how that looks in its text."""


@pytest.fixture(scope="module")
def exports() -> list[Export]:
    return corpus()


@pytest.fixture(scope="module")
def shares(exports: list[Export]) -> Mapping[str, Counts]:
    return measure(exports)


@pytest.mark.parametrize("item", FORMATS)
def test_every_known_format_is_in_the_corpus(exports: list[Export], item: str) -> None:
    claiming = [export for export in exports if item in export.covers]
    texts = [export.data.decode(export.encoding) for export in claiming]
    assert any(re.search(FORMATS[item], text) for text in texts)


def test_the_corpus_is_large_and_of_many_languages(exports: list[Export]) -> None:
    assert len(exports) >= 60
    assert {export.language for export in exports} == set(LANGUAGES)
    assert len(LANGUAGES) >= 16


def test_the_corpus_is_the_same_each_time(exports: list[Export]) -> None:
    assert [export.data for export in corpus()] == [export.data for export in exports]


def test_what_people_watch_is_in_the_catalogue() -> None:
    titles = set(load_bundled().titles)
    assert {one.title for known in SERIES.values() for one in known} <= titles


def test_every_file_is_read(shares: Mapping[str, Counts]) -> None:
    assert shares["all"].share("files") == 1


@pytest.mark.parametrize("language", ["all", *LANGUAGES])
def test_rows_are_dated_told_apart_and_matched(shares: Mapping[str, Counts], language: str) -> None:
    counts = shares[language]
    assert counts.share("dates") >= 0.995
    assert counts.share("kinds") >= 0.98
    assert counts.share("clips") == 1
    assert counts.share("seasons") >= 0.99
    assert counts.share("precision") >= 0.99
    assert counts.share("recall") >= 0.95


def test_only_files_that_cannot_tell_are_asked_about(exports: list[Export]) -> None:
    asked = {export.name for export in exports if is_ambiguous(export)}
    assert asked == {export.name for export in exports if "days one month" in export.covers}
