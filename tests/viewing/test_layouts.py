"""Public lists of series, each in its own layout: what is taken from them, and what is not."""

import pytest

from fedflex_core.viewing.catalogue import BadCatalogue, read_catalogue
from fedflex_core.viewing.catalogue.genres import GENRES, genres_of
from fedflex_core.viewing.catalogue.layouts import LAYOUTS, layout_of


def test_whats_on_netflix() -> None:
    row = read_catalogue(
        b"Title,Language,Rating,IMDB,Cover URL\nThe Tower,Brazilian Portuguese,TV-MA,6.8/10,x\n"
    ).items.iloc[0]
    assert (row["title"], row["maturity"], row["imdb_score"]) == ("The Tower", "TV-MA", 6.8)
    assert (row["language"], row["kind"]) == ("pt", "")


def test_netflix_titles_gives_the_year_of_the_newest_season_which_is_not_the_first() -> None:
    catalogue = read_catalogue(
        b"show_id,type,title,cast,country,release_year,rating,duration,listed_in,description\n"
        b's1,TV Show,The Tower,"Ann Lee, Bo Ek","Spain, France",2019,TV-MA,2 Seasons,'
        b'"Crime TV Shows, International TV Shows, TV Dramas",A town.\n'
        b"s2,Movie,A Film,,,2020,PG,90 min,Comedies,Fun.\n"
    )
    film, series = (catalogue.items.iloc[at] for at in (0, 1))
    assert (series["item_id"], series["kind"], series["seasons"]) == ("the-tower", "series", 2)
    assert series.isna()["year"] and film["year"] == 2020
    assert (series["cast"], series["country"]) == (("Ann Lee", "Bo Ek"), "ES")
    assert (series["genres"], series["synopsis"]) == (("Crime", "Drama"), "A town.")
    assert (film["kind"], film.isna()["seasons"]) == ("film", True)
    assert "1 series: the list gives the year of the newest season; left empty." in catalogue.notes


def test_netflix_with_imdb() -> None:
    row = read_catalogue(
        b"id,title,type,description,release_year,age_certification,genres,production_countries,"
        b"seasons,imdb_id,imdb_score,imdb_votes\nts1,The Tower,SHOW,A town.,2019,TV-MA,"
        b"\"['scifi', 'european', 'drama']\",\"['ES', 'FR']\",2.0,tt1,7.5,808582.0\n"
    ).items.iloc[0]
    assert (row["genres"], row["country"], row["seasons"]) == (("Sci-Fi", "Drama"), "ES", 2)
    assert (row["imdb_votes"], row["year"], row["kind"]) == (808582, 2019, "series")


def test_a_list_made_at_imdb_leaves_out_what_nobody_follows_and_the_persons_own_ratings() -> None:
    catalogue = read_catalogue(
        b"Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Year,"
        b"Genres,Num Votes\n"
        b'tt1,9,2024-01-01,The Tower,La torre,u,TV Mini Series,7.5,2019,"Drama, Crime",1200\n'
        b"tt2,9,2024-01-01,The One,The One,u,TV Episode,9.9,2019,Drama,5\n"
        b"tt3,9,2024-01-01,A Game,A Game,u,Video Game,9.9,2019,Drama,5\n"
    )
    (title,) = catalogue.titles
    row = catalogue.items.iloc[0]
    assert (title, row["kind"], row["imdb_votes"]) == ("The Tower", "series", 1200)
    assert row["aliases"] == ("La torre",)
    assert "2 rows are neither series nor films; left out." in catalogue.notes


def test_imdb_data_set() -> None:
    row = read_catalogue(
        b"tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\t"
        b'runtimeMinutes\tgenres\ntt1\ttvSeries\tThe "Tower\tLa torre\t0\t2019\t\\N\t\\N\t'
        b"Comedy,Talk-Show\n"
    ).items.iloc[0]
    assert (row["title"], row["year"], row["genres"]) == ('The "Tower', 2019, ("Comedy",))
    assert row.isna()["end_year"]


TMDB = (
    b"id,name,number_of_seasons,number_of_episodes,original_language,vote_count,overview,"
    b"first_air_date,last_air_date,original_name,genres,origin_country\n"
    b'7,The Tower,2,16,es,900,A town.,2019-03-01,2021-04-01,La torre,"Drama, Sci-Fi & Fantasy",ES\n'
)


def test_tmdb_series_and_its_votes_are_not_taken_for_imdbs() -> None:
    row = read_catalogue(TMDB).items.iloc[0]
    assert (row["year"], row["end_year"], row["seasons"], row["episodes"]) == (2019, 2021, 2, 16)
    assert (row["genres"], row["language"]) == (("Drama", "Sci-Fi", "Fantasy"), "es")
    assert (row["aliases"], row["kind"]) == (("La torre",), "series")
    assert row.isna()["imdb_votes"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "Dark", "original_name": "Dark", "first_air_date": "2017-12-01"}]',
        '{"page": 1, "results": [{"name": "Dark", "original_name": "Dark", '
        '"first_air_date": "2017-12-01", "genre_ids": [18], "origin_country": ["DE", "US"]}]}',
        '{"name": "Dark", "original_name": "Dark", "first_air_date": "2017-12-01"}\n'
        '{"name": "Elite", "original_name": "Elite", "first_air_date": "2018-10-05"}\n',
    ],
)
def test_tmdb_answers_in_json(text: str) -> None:
    catalogue = read_catalogue(text.encode())
    row = catalogue.items.iloc[0]
    assert (row["title"], row["year"], row["kind"]) == ("Dark", 2017, "series")


@pytest.mark.parametrize("text", ["[1, 2]", "{}", "[", "[]", '{"results": 3}', "[" * 100_000])
def test_other_json_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadCatalogue):
        read_catalogue(text.encode())


def test_a_list_that_names_columns_by_itself_wins_over_its_layout() -> None:
    own = read_catalogue(TMDB, columns={"title": "original_name"})
    assert own.titles == ["La torre"]


def test_no_layout_is_taken_for_another() -> None:
    for layout in LAYOUTS:
        known = layout_of(sorted(set(layout.columns.values()) | layout.needs))
        assert known is not None and known.name == layout.name


def test_garbled_letters_are_put_right_and_reported() -> None:
    catalogue = read_catalogue("title,genres\nCafÃ© Noir,Drama\nZoé,Drama\n".encode())
    assert catalogue.titles == ["Café Noir", "Zoé"]
    assert any("garbled" in note and "Line 2" in note for note in catalogue.notes)


@pytest.mark.parametrize("encoding", ["cp1250", "utf-16", "utf-8-sig"])
def test_other_alphabets_are_read_and_reported(encoding: str) -> None:
    text = "title,synopsis\nZaklínač,Příběh o lovci příšer z řad zaklínačů\nWiedźmin,Miś\n"
    catalogue = read_catalogue(text.encode(encoding))
    assert catalogue.titles == ["Wiedźmin", "Zaklínač"]
    reported = any("not UTF-8" in note for note in catalogue.notes)
    assert reported is (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    ("words", "genres"),
    [
        (["TV Action & Adventure", "Anime Series"], ("Action", "Adventure", "Anime")),
        (["documentation", "scifi", "european"], ("Documentary", "Sci-Fi")),
        (["Talk-Show", "News"], ()),
        (["Telenovela"], ("Telenovela",)),
        (list(GENRES), GENRES),
    ],
)
def test_genres_of_other_lists(words: list[str], genres: tuple[str, ...]) -> None:
    assert genres_of(words) == genres
