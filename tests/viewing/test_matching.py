"""A name leads to its item, and a name that is only like it does not."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.history import read_history
from fedflex_core.viewing.matching import Match, Matcher

CATALOGUE = """item_id,title,kind,year,country,seasons,episodes,aliases
100,The 100,series,2014,US,7,,
ahs,American Horror Story,series,2011,US,12,,
atla,Avatar: The Last Airbender,series,2005,US,3,,Avatar: Der Herr der Elemente
atla-live,Avatar The Last Airbender,series,2024,US,1,,Avatar: O Último Mestre do Ar
black-mirror,Black Mirror,series,2011,GB,7,,
dark,Dark,series,2017,DE,3,,
daredevil,Marvel's Daredevil,series,2015,US,3,,
elite,Elite,series,2018,ES,8,,Szkoła dla elity|Élite
extraction,Extraction,film,2020,US,,,Tyler Rake
fargo,Fargo,series,2014,US,5,,
frankie,Grace and Frankie,series,2015,US,7,,
grey,Grey's Anatomy,series,2005,US,20,,
hill-house,The Haunting of Hill House,series,2018,US,1,10,A Maldição da Residência Hill
ldr,"Love, Death & Robots",series,2019,US,4,,LOVE DEATH + ROBOTS
money-heist,Money Heist,series,2017,ES,5,,La casa de papel|Haus des Geldes
monster,Monster,series,2004,JP,1,,
monsters,Monsters,series,2022,US,3,,DAHMER: Monster: The Jeffrey Dahmer Story
narcos,Narcos,series,2015,US,3,,
narcos-mexico,Narcos: Mexico,series,2018,US,3,,
one-piece,One Piece,series,1999,JP,20,1100,
one-piece-live,ONE PIECE,series,2023,US,1,8,ONE PIECE: A Série
scrubs,Scrubs,series,2001,US,9,,
shameless-2004,Shameless,series,2004,GB,11,,
shameless-2011,Shameless (U.S.),series,2011,US,11,,
skins-2007,Skins,series,2007,GB,7,,
skins-2011,Skins,series,2011,US,1,,
swat,S.W.A.T.,series,2017,US,8,,
unknown,Anything Goes,,,,,,
witcher,The Witcher,series,2019,US,4,,Zaklínač|Wiedźmin|ウィッチャー
you,You,series,2018,US,5,,
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(CATALOGUE.encode())


@pytest.fixture(scope="module")
def matcher(catalogue: Catalogue) -> Matcher:
    return Matcher(catalogue)


def _matched(matcher: Matcher, catalogue: Catalogue, name: str) -> str | None:
    match = matcher.match(name)
    return None if match is None else str(catalogue.items["item_id"][match.item])


@pytest.mark.parametrize(
    ("name", "item_id"),
    [
        ("Dark", "dark"),
        ("DARK", "dark"),
        ("  dark ", "dark"),
        ("Grey’s Anatomy", "grey"),
        ("Greys Anatomy", "grey"),
        ("Grey's\N{NO-BREAK SPACE}Anatomy", "grey"),
        ("Grey's Anatomy™", "grey"),
        ("Grace & Frankie", "frankie"),
        ("Grace e Frankie", "frankie"),
        ("Grace und Frankie", "frankie"),
        ("Love, Death and Robots", "ldr"),
        ("LOVE DEATH + ROBOTS", "ldr"),
        ("SWAT", "swat"),
        ("S.W.A.T", "swat"),
        ("Zaklínač", "witcher"),
        ("Zakli\N{COMBINING ACUTE ACCENT}nac\N{COMBINING CARON}", "witcher"),
        ("Zaklinac", "witcher"),
        ("Wiedzmin", "witcher"),
        ("ウィッチャー", "witcher"),
        ("Haunting of Hill House", "hill-house"),
        ("Szkola dla elity", "elite"),
        ("La Casa de Papel", "money-heist"),
        ("MoneyHeist", "money-heist"),
        ("Daredevil", "daredevil"),
        ("Black Mirror (2011)", "black-mirror"),
        ("Shameless (U.S.)", "shameless-2011"),
        ("Shameless (US)", "shameless-2011"),
        ("Shameless (2011)", "shameless-2011"),
        ("Shameless (UK)", "shameless-2004"),
        ("Shameless (2004)", "shameless-2004"),
        ("Skins (2011)", "skins-2011"),
        ("Avatar: The Last Airbender", "atla"),
        ("Avatar The Last Airbender", "atla-live"),
        ("American Horor Story", "ahs"),
        ("The Hunting of Hill House", "hill-house"),
    ],
)
def test_one_series_under_its_many_names(
    matcher: Matcher, catalogue: Catalogue, name: str, item_id: str
) -> None:
    assert _matched(matcher, catalogue, name) == item_id


@pytest.mark.parametrize("name", ["ONE PIECE", "One Piece"])
@pytest.mark.parametrize(
    ("season", "episode", "item_id"),
    [
        (None, None, None),
        (None, "Alabasta: Episódio 115", "one-piece"),
        (None, "Alabasta: A", "one-piece"),
        (None, "Episode 115", "one-piece"),
        (None, "Episode 5", "one-piece-live"),
        (None, "ROMANCE DAWN", "one-piece-live"),
        (1, "ROMANCE DAWN", "one-piece-live"),
        (2, "Arc: A", "one-piece-live"),
    ],
)
def test_an_anime_and_its_live_action_of_one_name(
    matcher: Matcher,
    catalogue: Catalogue,
    name: str,
    season: int | None,
    episode: str | None,
    item_id: str | None,
) -> None:
    match = matcher.match(name, season=season, episode=episode)
    assert (match and catalogue.items["item_id"][match.item]) == item_id


@pytest.mark.parametrize(
    ("name", "season", "episode", "known"),
    [
        ("The Haunting of Hill House", 1, "Episode 20", True),
        ("The Haunting of Hill House", 1, "Episode 21", False),
        ("The Haunting of Hill House", 1, "Capítulo 120", False),
        ("The Haunting of Hill House", None, "Chapter 21: Fog", False),
        ("The Hunting of Hill House", 1, "Episode 21", False),
        ("Dark", 5, "X", True),
        ("Dark", 6, "X", False),
        ("Dark", 2019, "X", True),
    ],
)
def test_a_series_that_does_not_reach_the_number_is_not_meant(
    matcher: Matcher, name: str, season: int | None, episode: str, known: bool
) -> None:
    assert (matcher.match(name, season=season, episode=episode) is not None) == known


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Dark Matter",
            "Darker",
            "The Dark",
            "Park",
            "Dork",
            "Dark 2",
            "Dark (2020)",
            "Dark (US)",
        ),
        *("The 101", "100 Days", "The 10", "100"),
        *("Elite Short Stories", "Elites", "Delite", "El"),
        *("Young", "Your", "Yu", "The You", "Witcher", ""),
        *("Narco", "Narcos: Bolivia", "Narcos 2", "Narcissus"),
        *("Black Mirrors", "Black Minor", "Black Mirror 2", "White Mirror", "Black Mirror (1999)"),
        *("Scrub", "The Scrubs", "Monsters at Work", "The Monster", "Monster Hunter"),
        *("American Horror Stories", "American Crime Story", "Skins", "Skins (UK, 2009)"),
        *("Mirror Black", "The Black Mirror", "Casa papel", "Extractions", "Gracefully Frankie"),
        *(":", "???", "(2011)", "(US)", "\N{NO-BREAK SPACE}", "the", "™"),
    ],
)
def test_a_name_that_is_only_alike_is_not_matched(
    matcher: Matcher, catalogue: Catalogue, name: str
) -> None:
    assert _matched(matcher, catalogue, name) is None


def test_a_match_says_how(matcher: Matcher, catalogue: Catalogue) -> None:
    assert matcher.match("Narcos") == Match(catalogue.index_of("narcos"), "title", 1.0)
    assert matcher.match("Haus des Geldes") == Match(catalogue.index_of("money-heist"), "alias", 1)
    fuzzy = matcher.match("American Horor Story")
    assert fuzzy is not None and fuzzy.how == "fuzzy" and 0.92 <= fuzzy.similarity < 1


def test_a_title_wins_over_anothers_alias() -> None:
    matcher = Matcher(read_catalogue(b"title,aliases\nAlpha,Beta\nBeta,\n"))
    assert matcher.match("beta") == Match(1, "title", 1.0)


def test_what_two_items_could_mean_means_none() -> None:
    matcher = Matcher(read_catalogue(b"title,aliases\nAlpha,Gamma\nBeta,Gamma\n"))
    assert matcher.match("Gamma") is None
    slips = Matcher(read_catalogue(b"title\nThe Great Cartographer\nThe Great Cortographer\n"))
    assert slips.match("The Great Curtographer") is None


# --- the many ways of writing one name ------------------------------------------------------------

WORLD = """title,country,seasons,aliases
Anne with an E,CA,3,Le Problème à trois
Bron,SE,4,The Bridge
Ferry: The Series,NL,1,
Guns & Gulaabs,IN,1,
Heroes & Villains of Song,US,2,
Jack Ryan,US,4,
Love Is Blind: UK,GB,2,
Resurrection: Ertugrul,TR,5,Diriliş: Ertuğrul
Stranger Things,US,5,기묘한 이야기
Tales from the Loop Town,US,1,
The Office (U.S.),US,9,
The Witcher,US,4,Zaklínač|Ведьмёнок
Alice in Borderland,JP,3,アリス・イン・ボーダーランド
Monster: The Jeffrey Dahmer Story,US,1,
AlRawabi School for Girls,JO,2,مدرسة الروابي للبنات
Maestro in Blue,GR,3,Μαέστρο της ζωής
"""


@pytest.fixture(scope="module")
def world() -> Catalogue:
    return read_catalogue(WORLD.encode())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        *((f"Guns {word} Gulaabs", "Guns & Gulaabs") for word in ("i", "a", "ja", "és", "și", "и")),
        ("Le probleme a trois", "Anne with an E"),
        ("Anne with an E: A Netflix Series", "Anne with an E"),
        ("Bron: A Série", "Bron"),
        ("Bron – Die Serie", "Bron"),
        ("Bron (Netflix)", "Bron"),
        ("Bron [Dublado]", "Bron"),
        ("Ferry", "Ferry: The Series"),
        ("Ferry: De serie", "Ferry: The Series"),
        ("Witcher, The", "The Witcher"),
        ("“The Witcher”", "The Witcher"),
        ("ВЕДЬМЕНОК", "The Witcher"),
        ("ＴＨＥ　ＷＩＴＣＨＥＲ", "The Witcher"),
        ("The Witcher (Zaklínač)", "The Witcher"),
        ("The Witcher: The Witcher", "The Witcher"),
        ("The Office (EE. UU.)", "The Office (U.S.)"),
        ("The Office (EUA)", "The Office (U.S.)"),
        ("Love Is Blind (UK)", "Love Is Blind: UK"),
        ("기묘한이야기", "Stranger Things"),
        ("アリスインボーダーランド", "Alice in Borderland"),
        ("DİRİLİŞ: ERTUĞRUL", "Resurrection: Ertugrul"),
        ("Diriliş Ertuğrul", "Resurrection: Ertugrul"),
        ("مدرسه الروابي للبنات", "AlRawabi School for Girls"),
        ("ΜΑΕΣΤΡΟ ΤΗΣ ΖΩΗΣ", "Maestro in Blue"),
        ("DAHMER: Monster: The Jeffrey Dahmer Story", "Monster: The Jeffrey Dahmer Story"),
        ("Tom Clancy's Jack Ryan", "Jack Ryan"),
        ("The Tales from the Loop Town", "Tales from the Loop Town"),
    ],
)
def test_a_name_is_found_however_it_is_written(world: Catalogue, name: str, title: str) -> None:
    match = Matcher(world).match(name, kind="series")
    assert match is not None and world.titles[match.item] == title


@pytest.mark.parametrize(
    "name",
    [
        *("Anne", "Anne with an A", "Anne with an E: Green Gables", "Bron: Origins", "Bron (U.S.)"),
        *(
            "The Office (UK)",
            "Love Is Blind",
            "Love Is Blind (Brazil)",
            "Ferry: The Animated Series",
        ),
        *("Bron: The Bridge", "Guns Gulaabs", "Monster", "Stranger Things 3"),
        *("DAHMER: The Jeffrey Story", "The Witcher (Elite)", "Strangers: Stranger Things"),
    ],
)
def test_what_is_another_work_is_not_found(world: Catalogue, name: str) -> None:
    """Two names behind one another may be a remake's; a subtitle is mostly another series'."""
    assert Matcher(world).match(name, kind="series") is None


def test_a_films_name_has_no_two_titles(world: Catalogue) -> None:
    assert Matcher(world).match("The Witcher (Zaklínač)", kind="film") is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Stranger Things 3", True),
        ("Stranger Things 5", True),
        ("Stranger Things 6", False),
        ("Stranger Things 1", False),
        ("Bron 2", False),
    ],
)
def test_a_season_behind_the_name_counts_where_episodes_were_watched(
    world: Catalogue, name: str, found: bool
) -> None:
    """A single word and a number are often a title of its own, as `Lupin 3` is."""
    match = Matcher(world).match(name, kind="series", episode="Chapter One: Suzie")
    assert (match is not None) == found


# --- namesakes ------------------------------------------------------------------------------------

NAMESAKES = """item_id,title,year,end_year,country,seasons,episodes,imdb_votes,aliases
lantern-us,Lantern,2019,2023,US,3,30,55000,
lantern-dk,Lantern,2018,,DK,1,,2010,
time-us,Long Ago and Far,2011,2018,US,7,155,240000,
time-eg,Long Ago And Far,,,EG,,,,
bebop-old,Cowboy Bebop,1998,1999,JP,1,26,150000,
bebop-new,Cowboy Bebop,2021,2021,US,1,10,35000,
high-old,Heartbreak High,1994,1999,AU,7,,3000,
high-new,Heartbreak High,2022,,AU,2,16,23000,
test-a,Small Fry,2001,,,,,9000,
test-b,Small Fry,2011,,,,,100,
mouse-old,Danger Mouse,1981,1992,GB,10,,,
mouse-new,Danger Mouse,2015,2016,GB,2,,,
famous,Ghost Street,2019,,GB,5,,60000,Fantasmas
unknown,Fantasmas,2016,,BR,1,,200,
twelve,Twelve,2022,,BE,1,10,,
"""


@pytest.mark.parametrize(
    ("name", "season", "year", "item_id"),
    [
        ("Lantern", 1, 2024, "lantern-us"),
        ("Lantern", 1, None, "lantern-us"),
        ("Long Ago and Far", None, None, "time-us"),
        ("Cowboy Bebop", 1, 2024, None),
        ("Cowboy Bebop", 1, 2020, "bebop-old"),
        ("Heartbreak High", 1, 2024, None),
        ("Heartbreak High", 6, 2024, "high-old"),
        ("Heartbreak High", 1, 2021, "high-old"),
        ("Small Fry", 1, 2024, None),
        ("Danger Mouse", 2, 2024, None),
        ("Danger Mouse", 3, 2024, "mouse-old"),
        ("Fantasmas", 1, 2024, None),
        ("Fantasmas", 1, 2017, "unknown"),
        ("Twelve", 1, 2024, "twelve"),
        ("Twelve", 1, 2020, "twelve"),  # the only one of its name: a catalogue's year may be wrong
    ],
)
def test_namesakes_are_told_apart_or_none_is_meant(
    name: str, season: int | None, year: int | None, item_id: str | None
) -> None:
    """By seasons, by the year of watching, by fame twenty times as great; never by less."""
    catalogue = read_catalogue(NAMESAKES.encode())
    match = Matcher(catalogue).match(name, kind="series", season=season, year=year)
    assert (match and catalogue.items["item_id"][match.item]) == item_id


def test_fame_does_not_make_two_items_one() -> None:
    """Catalogues are merged by what a name may mean."""
    catalogue = read_catalogue(NAMESAKES.encode())
    for name in ("Lantern", "Long Ago and Far"):
        assert len(Matcher(catalogue).meanings(name)) == 2


def test_the_first_viewing_of_a_name_tells_when_it_was_watched() -> None:
    catalogue = read_catalogue(NAMESAKES.encode())
    rows = [(f"Cowboy Bebop: Season 1: {n}", "Cowboy Bebop", "a") for n in "AB"]
    table = _viewings(*rows).assign(season=1)
    assert _ids(Matcher(catalogue).match_viewings(table), catalogue) == [None, None]
    table.loc[0, "date"] = pd.Timestamp(2019, 3, 25)
    assert _ids(Matcher(catalogue).match_viewings(table), catalogue) == ["bebop-old"] * 2


def test_an_unmarked_episode_is_of_no_series_that_began_later(
    matcher: Matcher, catalogue: Catalogue
) -> None:
    table = _viewings(*((f"ONE PIECE: {name}", None, "a") for name in ("A", "Episode 5", "C", "D")))
    assert _ids(matcher.match_viewings(table), catalogue) == ["one-piece-live"] * 4
    table["date"] = pd.Timestamp(2021, 3, 25)
    assert _ids(matcher.match_viewings(table), catalogue) == ["one-piece"] * 4


def test_kinds_are_kept_apart(matcher: Matcher, catalogue: Catalogue) -> None:
    assert matcher.match("Fargo", kind="film") is None
    assert matcher.match("Fargo", kind="series") is not None
    assert matcher.match("Extraction", kind="series") is None
    unknown = catalogue.index_of("unknown")
    for kind in ("film", "series"):
        assert matcher.match("Anything Goes", kind=kind) == Match(unknown, "title", 1.0)


def test_min_similarity_of_one_allows_no_slip(catalogue: Catalogue) -> None:
    strict = Matcher(catalogue, min_similarity=1.0)
    assert strict.match("American Horor Story") is None
    assert strict.match("american horror story") is not None


@pytest.mark.parametrize("value", [0.0, -1.0, 1.01, float("nan")])
def test_min_similarity_is_a_share(catalogue: Catalogue, value: float) -> None:
    with pytest.raises(ValueError, match="min_similarity"):
        Matcher(catalogue, min_similarity=value)


@given(st.text(max_size=40))
def test_any_text_gives_a_match_or_none(matcher: Matcher, name: str) -> None:
    match = matcher.match(name)
    assert match is None or 0 < match.similarity <= 1


# --- tables of viewings ---------------------------------------------------------------------------


def _viewings(*rows: tuple[str, str | None, str]) -> pd.DataFrame:
    """Rows of title, series and profile, of one day; a row without a series is a film."""
    table = pd.DataFrame(rows, columns=["title", "series", "profile"]).astype("str")
    table["kind"] = table["series"].isna().map({True: "film", False: "episode"})
    table["episode"] = table["title"].where(table["series"].notna())
    table["season"] = pd.array([None] * len(table), "Int64")
    table["date"] = pd.Timestamp(2024, 3, 25)
    return table


def _ids(table: pd.DataFrame, catalogue: Catalogue) -> list[str | None]:
    ids = list(catalogue.items["item_id"])
    return [None if pd.isna(item) else ids[item] for item in table["item"]]


def test_viewings_get_their_items(matcher: Matcher, catalogue: Catalogue) -> None:
    table = _viewings(
        ("Zaklínač: Sezon 1: X", "Zaklínač", "a"),
        ("Dark Matter: Season 1: X", "Dark Matter", "a"),
        ("Extraction", None, "a"),
        ("Fargo", None, "a"),
    )
    table.index = pd.Index([7, 7, 3, 1])
    before = table.copy()
    matched = matcher.match_viewings(table)
    assert _ids(matched, catalogue) == ["witcher", None, "extraction", None]
    assert matched["item"].dtype == "Int64"
    pd.testing.assert_frame_equal(matched.drop(columns="item"), before)
    pd.testing.assert_frame_equal(table, before)


def test_no_viewings_are_no_error(matcher: Matcher) -> None:
    matched = matcher.match_viewings(_viewings().astype({"kind": "str"}))
    assert len(matched) == 0
    assert matched["item"].dtype == "Int64"


def _unmarked(matcher: Matcher, catalogue: Catalogue, *titles: str) -> list[str | None]:
    return _ids(matcher.match_viewings(_viewings(*((t, None, "a") for t in titles))), catalogue)


def test_an_unmarked_episode_is_recognised_and_named(
    matcher: Matcher, catalogue: Catalogue
) -> None:
    table = _viewings(("ONE PIECE: Alabasta: Episódio 115", None, "a"))
    row = matcher.match_viewings(table).iloc[0]
    assert row["item"] == catalogue.index_of("one-piece")
    assert (row["series"], row["kind"]) == ("ONE PIECE", "episode")
    assert row["episode"] == "Alabasta: Episódio 115"


@pytest.mark.parametrize(
    ("titles", "item_id"),
    [
        (["Monster: CHAPTER 42"], "monster"),
        (
            ["Monster: CHAPTER 3", "Monster: CHAPTER 4", "Monster: CHAPTER 5", "Monster: A"],
            "monster",
        ),
        (["Dark: Episode 3"], "dark"),
        (["Dark: 3. Bölüm"], "dark"),
        (["Dark: 第3話"], "dark"),
        (["ONE PIECE\N{NO-BREAK SPACE}: Wano : Épisode 1000"], "one-piece"),
        ([f"ONE PIECE: {name}" for name in ("A", "Episode 5", "C", "D")], "one-piece-live"),
        ([f"One Piece: Wano: {name}" for name in "AB"], "one-piece"),
        ([f"ONE PIECE: A Série: {name}" for name in "AB"], "one-piece-live"),
        ([f"The Haunting of Hill House: {name}" for name in "AB"], "hill-house"),
        ([f"A Maldição da Residência Hill: {name}" for name in "AB"], "hill-house"),
        ([f"American Horror Story: Murder House: {name}" for name in "AB"], "ahs"),
        ([f"Avatar: O Último Mestre do Ar: {name}" for name in "ABC"], "atla-live"),
        ([f"Narcos: Mexico: {name}" for name in "ABCD"], "narcos-mexico"),
        ([f"Narcos: {name}" for name in "ABCD"], "narcos"),
    ],
)
def test_unmarked_episodes(
    matcher: Matcher, catalogue: Catalogue, titles: list[str], item_id: str
) -> None:
    assert _unmarked(matcher, catalogue, *titles) == [item_id] * len(titles)


@pytest.mark.parametrize(
    "title",
    [
        *("Black Mirror: Bandersnatch", "La casa de papel: El fenómeno", "The Witcher: Nightmare"),
        *("Monster: Chapter 2", "Monster: Part 2", "Dark: II", "ONE PIECE: FILM RED", "Dark: "),
        *("Money Heist: The Making of", "Dark Matter: Episode 3", "Elites: Episode 3", "You: 2"),
        *("The Haunting of Hill House: A Look Back", "American Horror Story: Asylum: Live"),
        *("One Piece: The Desert Princess: Adventure in Alabasta",),
        *("Skins: Episode 1", "Extraction: Episode 3", ": Episode 3", "Fargo: The Movie: Cut"),
    ],
)
def test_what_may_be_a_film_stays_one(matcher: Matcher, catalogue: Catalogue, title: str) -> None:
    assert _unmarked(matcher, catalogue, title) == [None]


def test_a_special_of_a_series_with_seasons_stays_a_film(
    matcher: Matcher, catalogue: Catalogue
) -> None:
    specials = [(f"The Haunting of Hill House: {name}", None, "a") for name in "AB"]
    episode = ("The Haunting of Hill House: Season 1: X", "The Haunting of Hill House", "a")
    assert _ids(matcher.match_viewings(_viewings(*specials)), catalogue) == ["hill-house"] * 2
    assert _ids(matcher.match_viewings(_viewings(*specials, episode)), catalogue)[:2] == [None] * 2


def test_an_arc_counts_where_the_series_was_watched(matcher: Matcher, catalogue: Catalogue) -> None:
    arc = ("American Horror Story: Asylum: A", None, "a")
    episode = ("American Horror Story: Season 1: X", "American Horror Story", "a")
    assert _ids(matcher.match_viewings(_viewings(arc)), catalogue) == [None]
    assert _ids(matcher.match_viewings(_viewings(arc, episode)), catalogue) == ["ahs"] * 2


def test_films_named_after_a_series_one_a_week_stay_films(
    matcher: Matcher, catalogue: Catalogue
) -> None:
    table = _viewings(*((f"Narcos: {name}", None, "a") for name in "ABCD"))
    table["date"] += pd.to_timedelta([0, 7, 14, 21], unit="D")
    assert _ids(matcher.match_viewings(table), catalogue) == [None] * 4
    table.loc[0, "date"] = table.loc[1, "date"]
    assert _ids(matcher.match_viewings(table), catalogue) == ["narcos"] * 4


def test_one_number_out_of_reach_speaks_for_all_of_the_name(
    matcher: Matcher, catalogue: Catalogue
) -> None:
    name = "The Haunting of Hill House"
    table = _viewings(*((f"{name}: {n}", name, who) for n, who in [(1, "a"), (99, "a"), (1, "b")]))
    table["episode"] = [f"Episode {title[28:]}" for title in table["title"]]
    assert _ids(matcher.match_viewings(table), catalogue) == [None, None, "hill-house"]


def test_another_profiles_viewings_are_no_evidence(matcher: Matcher, catalogue: Catalogue) -> None:
    rows = [(f"Narcos: {name}", None, name) for name in "ABCD"]
    assert _ids(matcher.match_viewings(_viewings(*rows)), catalogue) == [None] * 4


# --- measured on the bundled catalogue ------------------------------------------------------------

LABELLED = Path(__file__).parent / "labelled_names.csv"


def _labelled() -> pd.DataFrame:
    """Names as exports write them and the series they mean, each seen by a profile of its own."""
    table = pd.read_csv(LABELLED, keep_default_na=False)
    series = table["name"].where(table["as"] == "series")
    rows = zip(table["name"], series, table.index.astype("str"), strict=True)
    return _viewings(*rows).assign(meant=table["title"])


def test_precision_on_labelled_names() -> None:
    catalogue = load_bundled()
    matched = Matcher(catalogue).match_viewings(_labelled())
    index = {title: item for item, title in enumerate(catalogue.titles)}
    meant = matched["meant"].map(index).astype("Int64")
    found = matched["item"].notna()
    right = (matched["item"] == meant).fillna(False)
    wrong = matched.loc[found & ~right, ["title", "meant"]].to_numpy().tolist()
    missed = matched.loc[meant.notna() & ~right, "title"].tolist()
    precision, recall = right.sum() / found.sum(), right.sum() / meant.notna().sum()
    print(f"{len(matched)} names: precision {precision:.3f}, recall {recall:.3f}; missed: {missed}")
    assert len(matched) >= 420 and meant.isna().sum() * 3 >= len(matched)
    assert precision >= 0.99, wrong
    assert recall >= 0.85, missed


UNMARKED = Path(__file__).parent / "labelled_unmarked.csv"


def _read_unmarked() -> pd.DataFrame:
    """What each made-up person's own export becomes."""
    matcher, tables = Matcher(load_bundled()), []
    labelled = pd.read_csv(UNMARKED, keep_default_na=False)
    for _, mine in labelled.groupby("person"):
        export = mine[["title", "date"]].rename(columns=str.title).to_csv(index=False)
        matched = matcher.match_viewings(read_history(export.encode()).viewings)
        tables.append(matched.assign(meant=mine["means"].to_list()))
    return pd.concat(tables, ignore_index=True)


def test_precision_without_season_markers() -> None:
    """Episodes, films, specials and works outside the catalogue; at least 97 of 100 are right."""
    index = {title: item for item, title in enumerate(load_bundled().titles)}
    matched = _read_unmarked()
    meant = matched["meant"].map(index).astype("Int64")
    assert meant.notna().tolist() == matched["meant"].ne("").tolist()
    found = matched["item"].notna()
    right = (matched["item"] == meant).fillna(False)
    wrong = matched.loc[found & ~right, "title"].tolist()
    missed = matched.loc[meant.notna() & ~right, "title"].tolist()
    precision, recall = right.sum() / found.sum(), right.sum() / meant.notna().sum()
    print(f"{len(matched)} titles: precision {precision:.3f}, recall {recall:.3f}; {missed}")
    assert len(matched) >= 80 and meant.isna().sum() >= 40
    assert precision >= 0.97, wrong
    assert recall >= 0.85, missed
