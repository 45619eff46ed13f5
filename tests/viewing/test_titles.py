"""Titles: season markers of every language, episodes without one, films with colons, clips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedflex_core.viewing.history.titles import TitleParts, clean_title, is_clip, split_titles


def split(*titles: str, days: list[int] | None = None) -> list[TitleParts]:
    """The titles of one file, each watched once, on the given days or a month apart."""
    when = days or [30 * n for n in range(len(titles))]
    return split_titles(
        [clean_title(title) for title in titles],
        np.arange(len(titles)),
        np.array(when, dtype="datetime64[D]"),
    )


@pytest.mark.parametrize(
    ("marker", "season"),
    [
        # English
        ("Season 2", 2), ("Part 2", 2), ("Part II", 2), ("Part Two", 2), ("Limited Series", 1),
        ("Limited Series?", 1), ("Volume 2", 2), ("Vol. 2", 2), ("Series 2", 2), ("Book 2", 2),
        ("Chapter 2", 2), ("Collection 2", 2), ("Season 2B", 2), ("Season 2 Remix", 2),
        ("Season 2 (Channel 4)", 2), ("Season 12", 12), ("Season 0", 0), ("SEASON 2", 2),
        ("The Second Year", 2), ("Miniseries", 1),
        # Spanish, Portuguese
        ("Temporada 2", 2), ("Parte 2", 2), ("Miniserie", 1), ("Libro 2", 2), ("Volumen 2", 2),
        ("Serie 2", 2), ("Colección 2", 2), ("Capítulo 2", 2), ("Minissérie", 1),
        ("2ª temporada", 2), ("2.ª temporada", 2),
        # French
        ("Saison 2", 2), ("Saison\u00a02", 2), ("Saison\u202f2", 2), ("Partie\u00a02", 2),
        ("Mini-série", 1), ("Chapitre\u00a02", 2),
        # Dutch, Polish
        ("Seizoen 2", 2), ("Deel 2", 2), ("Hoofdstuk 2", 2), ("Sezon 2", 2), ("Część 2", 2),
        ("Miniserial", 1), ("Rozdział 2", 2), ("Księga 2", 2),
        # Turkish
        ("2. Sezon", 2), ("2. Kısım", 2), ("Mini Dizi", 1), ("2. Seri", 2), ("Sezon 2B", 2),
        # Danish, Czech, Finnish
        ("Sæson 2", 2), ("Kapitel 2", 2), ("Del 2", 2), ("2. řada", 2), ("2. část", 2),
        ("Minisérie", 1), ("Kausi 2", 2), ("Bind 2", 2),
        # Japanese, Korean, Chinese
        ("シーズン2", 2), ("第2シリーズ", 2), ("パート2", 2), ("시즌 2", 2), ("第2季", 2),
        ("第二季", 2),
        # German, Italian, Swedish, Norwegian, Hungarian, Romanian
        ("Staffel 2", 2), ("Teil 2", 2), ("Stagione 2", 2), ("Säsong 2", 2), ("Sesong 2", 2),
        ("2. évad", 2), ("Sezonul 2", 2),
        # Collections, volumes and books of those languages
        ("Kollektion 2", 2), ("Collezione 2", 2), ("Collectie 2", 2), ("Kolekcja 2", 2),
        ("Koleksiyon 2", 2), ("2. Cilt", 2), ("Samling 2", 2), ("Kokoelma 2", 2), ("Kirja 2", 2),
        ("Volym 2", 2), ("Volum 2", 2), ("Svazek 2", 2), ("2. könyv", 2), ("2. kötet", 2),
        ("2. gyűjtemény", 2), ("Volumul 2", 2), ("Colecția 2", 2), ("Colecţia 2", 2),
        ("ボリューム2", 2), ("ブック2", 2), ("コレクション2", 2), ("볼륨 2", 2), ("북 2", 2), ("2부", 2),
        ("第2卷", 2), ("第2册", 2), ("第 2 部分", 2), ("合集2", 2),
        ("Partea a 2-a", 2), ("Partea a II-a", 2), ("Year 2", 2),
        # Other languages: Croatian, Slovak, Russian, Ukrainian, Greek, Hebrew, Arabic
        ("2. sezona", 2), ("2. dio", 2), ("2. séria", 2), ("Сезон 2", 2), ("2-й сезон", 2),
        ("Часть 2", 2), ("Частина 2", 2), ("Мини-сериал", 1), ("Σεζόν 2", 2), ("2ος Κύκλος", 2),
        ("Μέρος 2", 2), ("עונה 2", 2), ("חלק 2", 2), ("الموسم 2", 2), ("الموسم ٢", 2),
        ("الموسم الثاني", 2), ("الجزء 2", 2),
        # Thai, Vietnamese, Indonesian, Hindi, Catalan, Estonian
        ("ซีซั่น 2", 2), ("ซีซัน 2", 2), ("ภาค 2", 2), ("Mùa 2", 2), ("Phần 2", 2), ("Musim 2", 2),
        ("Bagian 2", 2), ("सीज़न 2", 2), ("2. hooaeg", 2),
        # Limited series of other names
        ("Serie limitada", 1), ("Série limitée", 1), ("Mini\u2011série", 1), ("限定剧集", 1),
        ("미니시리즈", 1),
        # Spelled out
        ("Season Two", 2), ("Segunda temporada", 2), ("Deuxième saison", 2), ("Zweite Staffel", 2),
        ("2ème saison", 2), ("2a temporada", 2),
        # Capitals, wide digits and other small things
        ("2. SEZON", 2), ("2. KISIM", 2), ("MİNİ DİZİ", 1), ("ΣΕΖΟΝ 2", 2), ("シーズン２", 2),
        ("第２季", 2), ("第2期", 2), ("Season 2 B", 2), ("Season 2 [Dubbed]", 2),
        ("Temporada 2018-2019", 2018),
    ],
)  # fmt: skip
def test_every_season_marker(marker: str, season: int) -> None:
    # Two of a season: films have chapters and spelled-out parts too.
    parts = split(f"The Long Road: {marker}: Home", f"The Long Road: {marker}: Away")
    assert parts == [TitleParts("The Long Road", season, name) for name in ("Home", "Away")]


@pytest.mark.parametrize("marker", ["Chapter 3", "Capítulo 3", "Part Two", "Parte dos"])
def test_a_lone_marker_that_films_have_too_makes_no_series(marker: str) -> None:
    assert split(f"The Long Road: {marker}: Home") == [TitleParts()]
    sequels = [f"The Long Road: {marker}: Home", "The Long Road: Chapter 9: Away"]
    assert split(*sequels) == [TitleParts()] * 2
    sure = ["The Long Road: Season 1: Away", f"The Long Road: {marker}: Home"]
    assert [part.series for part in split(*sure)] == ["The Long Road"] * 2


@pytest.mark.parametrize(
    ("marker", "season"),
    [
        ("Season 5 - Part 2", 5), ("Season 5 – Part Two", 5), ("Season 4 Part 2", 4),
        ("Part 5 - Volume 2", 5), ("Part 5 Vol. 2", 5), ("Temporada 5 - Parte 2", 5),
        ("Season 5 (Part 2)", 5), ("Season 5, Part 2", 5), ("Temporada 5 (Parte 2)", 5),
        ("5. Sezon 2. Kısım", 5), ("シーズン5パート2", 5), ("第5季第2部", 5), ("Parte 5 Volumen 2", 5),
    ],
)  # fmt: skip
def test_half_a_season_is_of_that_season(marker: str, season: int) -> None:
    assert split(f"Lucifer: {marker}: A") == [TitleParts("Lucifer", season, "A")]


@pytest.mark.parametrize(
    "marker", ["Lucifer 5", "Lucifer Season 5", "Lucifer - Season 5", "Lucifer Part 5"]
)
def test_a_marker_may_repeat_the_name_of_the_series(marker: str) -> None:
    assert split(f"Lucifer: {marker}: A") == [TitleParts("Lucifer", 5, "A")]
    assert split(f"Lucifer: The Fall: {marker}: A")[0].series == "Lucifer: The Fall"
    assert split(f"Luciferian: {marker}: A")[0].series != "Luciferian"


def test_specials_belong_to_the_series_and_to_no_season() -> None:
    assert split("Midwives: Specials: Snow") == [TitleParts("Midwives", None, "Snow")]


@pytest.mark.parametrize(
    "closing",
    ["Episode 1", "EPISODE 1", "Ep. 1", "Folge 1", "1. díl", "1. epizód", "Jakso 1", "Серия 1",
     "第1話", "第 1 集", "1화", "에피소드 1", "Επεισόδιο 1", "פרק 1", "ตอนที่ 1", "Tập 1"],
)  # fmt: skip
def test_the_closing_with_an_episodes_number_is_no_part_of_its_name(closing: str) -> None:
    for brackets in ("()", "（）"):
        title = f"Dark: Season 1: Rain {brackets[0]}{closing}{brackets[1]}"
        assert split(title) == [TitleParts("Dark", 1, "Rain")]
    assert split(f"Tower: Rain ({closing})") == [TitleParts("Tower", None, "Rain")]


@pytest.mark.parametrize("closing", ["Part 1", "1. rész", "Episode IV", "Teil 1", "Live"])
def test_other_brackets_are_part_of_the_name(closing: str) -> None:
    assert split(f"Dark: Season 1: Rain ({closing})")[0].episode == f"Rain ({closing})"


@pytest.mark.parametrize(
    ("title", "series", "season", "episode"),
    [
        ("Star Trek: Discovery: Season 1: Lethe", "Star Trek: Discovery", 1, "Lethe"),
        ("Avatar: The Last Airbender: Book 3: The Beach", "Avatar: The Last Airbender", 3,
         "The Beach"),
        ("Monster: The Jeffrey Dahmer Story: Limited Series: Bad Meat",
         "Monster: The Jeffrey Dahmer Story", 1, "Bad Meat"),
        ("Selena: The Series: Part 1: Daydreaming", "Selena: The Series", 1, "Daydreaming"),
        ("Stranger Things: Stranger Things 3: Chapter One: Fog", "Stranger Things",
         3, "Chapter One: Fog"),
        ("Beyond Saltmarsh: Beyond 2: Ten Feet", "Beyond Saltmarsh", 2, "Ten Feet"),
        ("The Tide: Part I: Chapter 2: Moon", "The Tide", 1, "Chapter 2: Moon"),
        ("Lupin\u00a0: Partie\u00a01\u00a0: Chapitre\u00a01", "Lupin", 1, "Chapitre 1"),
        ("全裸監督：シーズン1：第1話", "全裸監督", 1, "第1話"),
        ("Havet: Havet: Legenden – bog 1: Fyret", "Havet: Legenden", 1, "Fyret"),
        ("Havet: Legenden – bog 1: Vinter: Del 2: Is", "Havet: Legenden", 1,
         "Vinter: Del 2: Is"),
        ("Dark: Season 1: Rain (Episode 1)", "Dark", 1, "Rain"),
        ("Rojst: Sezon 1: Bagno (Odcinek 1)", "Rojst", 1, "Bagno"),
        ("Aşk 101: 1. Sezon: Ayrılık (Bölüm 3)", "Aşk 101", 1, "Ayrılık"),
        ("Undercover: Seizoen 1: Thuis (Aflevering 4)", "Undercover", 1, "Thuis"),
        ("3%: Temporada 1: Cubos (Episódio 1)", "3%", 1, "Cubos"),
        ("Marseille: Saison 1: Vingt ans (Épisode 1)", "Marseille", 1, "Vingt ans"),
        ("Tower: Season 1: Episode 4 (Episode 4)", "Tower", 1, "Episode 4"),
        ("Love, Death & Robots: Volume 1: Good Hunting", "Love, Death & Robots", 1, "Good Hunting"),
        ("怪奇物語：第１季：第一章：灯塔", "怪奇物語", 1, "第一章: 灯塔"),
        ("Night Mass: Limited Series: Book I: Genesis", "Night Mass", 1, "Book I: Genesis"),
        ("Dark: Season 2: Part 1: Rain", "Dark", 2, "Part 1: Rain"),
        ("Dark: Season 1: Episode 1: Home", "Dark", 1, "Episode 1: Home"),
        ("24: Season 1: 3:00 A.M. - 4:00 A.M.", "24", 1, "3:00 A.M. - 4:00 A.M."),
    ],
)  # fmt: skip
def test_series_season_and_episode(title: str, series: str, season: int, episode: str) -> None:
    assert split(title) == [TitleParts(series, season, episode)]


@pytest.mark.parametrize(
    "title",
    [
        "Okja",
        "John Wick: Chapter 2",
        "John Wick: Chapter 3 - Parabellum",
        "Harry Potter and the Deathly Hallows: Part 2",
        "The Hunger Games: Mockingjay: Part 1",
        "Kill Bill: Vol. 2",
        "It: Chapter Two",
        "Rebel Moon - Part One: A Child of Fire",
        "Baahubali 2: The Conclusion",
        "3:10 to Yuma",
        "Black Mirror: Bandersnatch",
        "Star Wars: Episode IV - A New Hope",
        "Star Wars: Episode V: The Empire Strikes Back",
        "Mission: Impossible",
        "Harry Potter ve Ölüm Yadigarları: Bölüm 2",  # Turkish films have parts like episodes
        "Harry Potter és a Halál ereklyéi: 2. rész",
        "Harry Potter und die Heiligtümer des Todes: Teil 2",
        "Harry Potter et les reliques de la mort : 2ème partie",
        "Star Wars: Épisode IV : Un nouvel espoir",
        "スター・ウォーズ: エピソード4/新たなる希望",
        "Fear Street – Teil 1: 1994",
        "Some Series: Season 1",
        "",
        ":",
        ": :",
    ],
)
def test_films_stay_films(title: str) -> None:
    assert split(title) == [TitleParts()]


def test_film_sequels_stay_films_together() -> None:
    for films in (
        ["John Wick: Chapter 2", "John Wick: Chapter 3 - Parabellum", "John Wick: Chapter 4"],
        ["Mission: Impossible", "Mission: Impossible II", "Mission: Impossible - Fallout"],
        ["Saga: Part 1", "Saga: Part 2", "Saga: Part 3"],
    ):
        assert split(*films, days=[1, 1, 1]) == [TitleParts()] * 3
    pirates = ["Curse of the Pearl", "Dead Man's Chest", "At World's End", "On Stranger Tides"]
    assert set(split(*(f"Pirates: {film}" for film in pirates))) == {TitleParts()}


@pytest.mark.parametrize(
    ("title", "series", "episode"),
    [
        ("Tower: Episode 7", "Tower", "Episode 7"),
        ("Pedra Branca: Episódio 1", "Pedra Branca", "Episódio 1"),
        ("ONE PIECE: Alabasta: Episódio 115", "ONE PIECE", "Alabasta: Episódio 115"),
        ("Monster: CHAPTER 42", "Monster", "CHAPTER 42"),
        ("Stranger Things: Chapter One: The Vanishing", "Stranger Things",
         "Chapter One: The Vanishing"),
        ("Fatma: 3. Bölüm", "Fatma", "3. Bölüm"),
        ("Naruto: 第12話", "Naruto", "第12話"),
        ("Naruto: 第 12 集", "Naruto", "第 12 集"),
        ("Naruto: 12화", "Naruto", "12화"),
        ("Naruto: Серия 12", "Naruto", "Серия 12"),
        ("Naruto: Επεισόδιο 12", "Naruto", "Επεισόδιο 12"),
        ("Tower: Kapitola první: Mlha", "Tower", "Kapitola první: Mlha"),
        ("Tower: Első fejezet: Köd", "Tower", "Első fejezet: Köd"),
        ("Witch: Rozdział pierwszy: Mgła", "Witch", "Rozdział pierwszy: Mgła"),
        ("DAHMER: Monster: The Story: Doin' It (Episode 3)", "DAHMER: Monster: The Story",
         "Doin' It"),
    ],
)  # fmt: skip
def test_episodes_without_a_season(title: str, series: str, episode: str) -> None:
    assert split(title) == [TitleParts(series, None, episode)]


def test_early_arcs_of_a_long_run_belong_to_it() -> None:
    first, late = split("ONE PIECE: East Blue: Episode 5", "ONE PIECE: Alabasta: Episode 115")
    assert first.series == late.series == "ONE PIECE"
    assert first.episode == "East Blue: Episode 5"
    assert split("Fate: The Saga: Episode 5")[0].series == "Fate: The Saga"


def test_numbered_chapters_with_one_title_each_are_episodes() -> None:
    titles = [f"Stranger Things: Kap. {n}: {name}" for n, name in enumerate("abc", start=1)]
    assert [(part.season, part.episode) for part in split(*titles)] == [
        (None, "Kap. 1: a"), (None, "Kap. 2: b"), (None, "Kap. 3: c"),
    ]  # fmt: skip
    seasons = [*titles, "Stranger Things: Kap. 3: d"]
    assert [part.season for part in split(*seasons)] == [1, 2, 3, 3]


def test_chapters_in_a_row_are_episodes() -> None:
    titles = [f"La Reina: Capítulo {n}" for n in (3, 2, 1)]
    assert {part.series for part in split(*titles)} == {"La Reina"}


def test_numbered_turkish_parts_in_a_row_are_episodes() -> None:
    titles = [f"Fatma: Bölüm {n}" for n in (3, 2, 1)]
    assert {part.series for part in split(*titles)} == {"Fatma"}
    assert {part.series for part in split(*titles[:2])} == {None}


def test_titles_that_begin_alike_and_two_days_of_two_are_a_series() -> None:
    titles = [f"Harbour & Co.: {name}" for name in ("First Light", "Low Tide", "Ropes", "Salt")]
    assert {part.series for part in split(*titles, days=[5, 5, 4, 4])} == {"Harbour & Co."}
    assert {part.series for part in split(*titles, days=[90, 50, 4, 4])} == {None}
    assert {part.series for part in split(*titles[:2], days=[4, 4])} == {None}


def test_three_films_and_a_night_of_two_are_no_series() -> None:
    films = [f"Lords of the North: {name}" for name in ("The Oath", "Two Kings", "The Return")]
    assert {part.series for part in split(*films, days=[4, 4, 5])} == {None}


def test_six_titles_that_begin_alike_are_a_series_at_any_pace() -> None:
    titles = [
        f"Saltmarsh: {name}" for name in ("Reeds", "Mud", "Saltmarsh", "Birds", "Fog", "Home")
    ]
    assert {part.series for part in split(*titles)} == {"Saltmarsh"}


def test_the_longest_shared_name_is_the_series() -> None:
    titles = [f"Monsoon: The Coast Chapter: {name}" for name in "abcd"]
    titles += [f"Monsoon: The Hill Chapter: {name}" for name in "ef"]
    series = [part.series for part in split(*titles, days=[4, 4, 3, 3, 2, 2])]
    assert series[0] == "Monsoon: The Coast Chapter"


@pytest.mark.parametrize(
    "title",
    [
        "Elite: Season 3 (Trailer)", "Dark: Season 1_hook_02_16x9", "Dark: Season 1 (Clip)",
        "Wiedźmin: Sezon 2 (zwiastun)", "Élite: Temporada 3 (Tráiler)", "TEXTLESS_Dark_S1",
        "Dark: Season 3 (Official Trailer 2)", "Dark: Season 2 (Recap)", "Teaser: Dark",
        "Dark: Season 3 Trailer: Dark", "Lupin: Partie 2 (Bande-annonce VF)",
        "Okja (Teaser Trailer)",
        "Dark: Season 1 Recap: Dark", "Dark: Season 2 (Trailer): Dark", "Clip 3_16x9_Dark",
        "Dark: Official Trailer", "Dark: Final Trailer", "Dark: Season 2 | Official Trailer",
        "Dark – Official Trailer", "Dark - Trailer 2", "Dark | Tráiler oficial",
        "Dark: Season 3: Clip 1", "Dark: Season 1 (Clip: Jonas)",
        "Dark: Season 3 (Date Announcement)", "Dark: Season 2 - Date Announcement",
        "Dark: Temporada 3 (Avance)", "Dark: Staffel 3 (Vorschau)",
        "Dark: Seizoen 2 (Aankondiging)", "Dark: Staffel 3 (Offizieller Trailer)",
        "Dark: Bande-annonce officielle", "Dark: Tráiler oficial", "Dark: Resmi Fragman",
        "Dark: 2. Sezon Fragmanı", "Dark (Официальный трейлер)", "Dark：正式预告", "Dark：官方预告片",
        "Dark: 공식 예고편", "ダーク: シーズン2 予告編", "ダーク: シーズン2（予告編2）",
        "Dark 3 | Bande-annonce officielle VF | Netflix France", "Dark: Temporada 2 (Resumen)",
    ],
)  # fmt: skip
def test_clips(title: str) -> None:
    assert is_clip(title)


@pytest.mark.parametrize(
    "title",
    [
        "Trailer Park Boys: Season 1: Mr. Lahey",
        "Trailer Park Boys: The Animated Series: Part 1: A",
        "Eclipse", "Hook", "Peter Pan (Captain Hook)", "Community: Season 2: Memories (Clip Show)",
        "Paperclip: Season 1: Clipped", "Promo: Season 1: A", "The Recap", "Textless",
        "Dark: Season 1: The Clip", "Dark: Season 1: Avance", "Dark - Trailer Park",
        "Dark: Season 1: Captain Hook - Pirate", "Dark: Season 1: My Final Trailer Home",
        "Dark: Season 1: The Date (Part 1)", "Dark: Season 1: Klip", "Dark: Season 1: Resumen",
        "Dark: Season 1: The New Trailer Park", "Dark: Season 1: Final Trailer Trash",
    ],
)  # fmt: skip
def test_not_clips(title: str) -> None:
    assert not is_clip(title)


@pytest.mark.parametrize(
    "text", ["Trailer1", "x - ", "season ", "a: official ", "(", "3 ", "第", "part 1 "]
)
def test_damaged_titles_of_any_length_are_read(text: str) -> None:
    title = clean_title(f"Dark: Season 1: {text * 10_000}")
    assert not is_clip(title)
    assert split(title)[0].series == "Dark"


def test_titles_are_cleaned() -> None:
    assert clean_title("\ufeffCafe\u0301\u200b :\u00a0 Saison\u202f1 ") == "Café : Saison 1"
    assert clean_title("Harbour:  The  Long\tNight") == "Harbour: The Long Night"


names = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(series=names, season=st.integers(1, 40), episode=names)
def test_a_plain_title_is_split_as_it_was_joined(series: str, season: int, episode: str) -> None:
    series, episode = clean_title(series), clean_title(episode)
    assert split(f"{series}: Season {season}: {episode}") == [TitleParts(series, season, episode)]


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=40) | st.from_regex(r"(\w+ ?\d*: ?){1,4}[\w(]+ \d*\)?"), max_size=8)
)
def test_any_titles_are_split(titles: list[str]) -> None:
    for part in split(*titles):
        assert (part.series is None) == (part.episode is None)
        assert part.series is not None or part.season is None
