"""Alphabets: what a spreadsheet saved in Warsaw, Istanbul or Seoul is read as what it was."""

import random

import pytest

from fedflex_core.viewing.alphabets import encoding_of
from fedflex_core.viewing.history import read_history

# Made-up lines, as spreadsheets of each country save them.
LINES = {
    "Polish": ("cp1250", "Wiedźmin: Sezon 1: Początek końca", "Szkoła: Część 2: Źdźbło"),
    "Czech": ("cp1250", "Zaklínač: 1. řada: Začátek konce", "Příběh: 2. část: Děvče a kůň"),
    "Slovak": ("cp1250", "Zaklínač: 1. séria: Ľahká smrť", "Príbeh: Časť 2: Dážď"),
    "Hungarian": ("cp1250", "Vaják: 1. évad: A vég kezdete", "Őrült szerelem: 2. rész: Tűz"),
    "Romanian": ("cp1250", "Vrăjitorul: Sezonul 1: Începutul", "Casa de hârtie: Partea 1: Noaptea"),
    "Turkish": ("cp1254", "Aşk 101: 1. Sezon: Başlangıç", "Kara Kitap: 2. Kısım: Gece yarısı"),
    "German": ("cp1252", "Die Kaiserin: Staffel 1: Die Größe", "Für immer Jäger"),
    "French": ("cp1252", "Élite\u00a0: Saison 1\u00a0: L’été", "Le cœur – et l’âme"),
    "Spanish": ("cp1252", "El niño: Temporada 1: ¿Qué más?", "¡Señorita!: Parte 2: Corazón"),
    "Portuguese": ("cp1252", "Coisa: 1ª temporada: Começo", "Irmãos: Minissérie: Não"),
    "Danish": ("cp1252", "Rita: Sæson 1: Heltinden", "Borgen: Sæson 2: Tusind børn på ø"),
    "Swedish": ("cp1252", "Kärlek: Säsong 1: Ömma lögner", "Störst: Säsong 2: Avsnitt på ön"),
    "Russian": ("cp1251", "Ведьмак: Сезон 1: Начало конца", "Бумажный дом: Часть 1: Серия 1"),
    "Bulgarian": ("cp1251", "Вещерът: Сезон 1: Начало", "Хартиената къща: Част 1: Епизод 1"),
    "Greek": ("cp1253", "Ο Γητευτής: Σεζόν 1: Η αρχή", "Εγκλήματα: Μέρος 1: Επεισόδιο 1"),
    "Hebrew": ("cp1255", "פאודה: עונה 1: פרק 1", "שטיסל: עונה 2: פרק 3"),
    "Arabic": ("cp1256", "مدرسة للبنات: الموسم 1: الحلقة 1", "ما وراء الطبيعة: الموسم 1"),
    "Thai": ("cp874", "เด็กใหม่: ซีซั่น 1: ตอนที่ 1", "ดาร์ก: ซีซั่น 2: จุดจบ"),
    "Japanese": ("cp932", "ダーク: シーズン1: 秘密", "千の物語: シーズン2: エピソード3"),
    "Korean": ("cp949", "왕국: 시즌 1: 무궁화 꽃", "어둠: 시즌 2: 에피소드 3"),
    "Chinese": ("gb18030", "怪奇物语: 第1季: 第一章", "黑暗: 第2季: 开始与结束"),
    "Taiwanese": ("big5", "怪奇物語: 第1季: 第一章", "黑暗: 第2季: 開始與結束"),
    "Western": ("cp1252", "La niña: Temporada 1: ¿Qué?", "Größe für Élise: Sæson 1: Coração"),
}


def export(*titles: str) -> str:
    rows = (f'"{title}","3/{25 - n}/21"\r\n' for n, title in enumerate(titles))
    return "Title,Date\r\n" + "".join(rows)


@pytest.mark.parametrize("language", LINES)
def test_the_old_alphabet_of_each_country(language: str) -> None:
    alphabet, *titles = LINES[language]
    text = export(*titles)
    assert text.encode(alphabet).decode(encoding_of(text.encode(alphabet))) == text
    viewings = read_history(text.encode(alphabet)).viewings
    assert viewings["title"].tolist() == [title.replace("\u00a0", " ") for title in titles]


@pytest.mark.parametrize("language", LINES)
def test_one_such_title_among_english_ones_will_do(language: str) -> None:
    alphabet, title, _ = LINES[language]
    data = export(*["Okja", "Dark: Season 1: Lies"] * 10, title).encode(alphabet)
    assert title in data.decode(encoding_of(data))


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize("alphabet", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_what_it_is_in_every_language(language: str, alphabet: str) -> None:
    text = export(*LINES[language][1:])
    data = text.encode(alphabet)
    assert data.decode(encoding_of(data)).lstrip("\ufeff") == text


def test_a_first_letter_that_ends_in_zeros_does_not_turn_utf_16_round() -> None:
    text = "簀 Okja,3/25/21\n"
    for alphabet in ("utf-16-le", "utf-16-be"):
        assert encoding_of(text.encode(alphabet)) == alphabet


@pytest.mark.parametrize("title", ["9½ Weeks", "Pokémon²", "Ocean’s Eleven", "Ágora", "Größe"])
def test_a_single_sign_beyond_ascii_is_western(title: str) -> None:
    assert encoding_of(export("Okja", title).encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("data", [b"", b"a", b"\x00", b"Title,Date", b"\xff", b"\xfe\xff", b"\xef"])
def test_the_shortest_files_have_an_alphabet_too(data: bytes) -> None:
    data.decode(encoding_of(data), errors="replace")


def test_damaged_letters_do_not_make_it_another_alphabet() -> None:
    text = export(*[LINES["Polish"][1]] * 20)
    data = text.encode()
    for lost in (data.replace(b"\xc5", b"", 1), data[:-30] + b"\xc5", b"\xff" + data):
        assert encoding_of(lost) == "utf-8"


def test_only_the_first_lines_of_a_large_file_are_looked_at_for_its_alphabet() -> None:
    data = export(*[LINES["Czech"][1]] * 5000).encode("cp1250")
    assert encoding_of(data + bytes(range(0x80, 0x100)) * 1000) == "cp1250"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a" * 10_000_000 + b"\n\xe9", id="a long line before the only such letter"),
        pytest.param(b"\xb3a" * 5_000_000, id="one line of ten million bytes"),
        pytest.param(b"\xb3\n" * 5_000_000, id="five million lines"),
        pytest.param(random.Random(1).randbytes(1 << 20), id="no text at all"),
    ],
)
def test_the_time_it_takes_grows_with_the_file_and_no_faster(data: bytes) -> None:
    data[:4096].decode(encoding_of(data), errors="replace")  # would not end in hours
