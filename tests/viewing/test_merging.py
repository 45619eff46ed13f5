"""Several lists become one: a series once, a cell from the first list that knows it, and said from which."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.viewing.catalogue import BadCatalogue, Catalogue, read_catalogue
from fedflex_core.viewing.catalogue.building import build_catalogue, renamed
from fedflex_core.viewing.catalogue.imdb import read_imdb
from fedflex_core.viewing.catalogue.merging import Merged, Source, cells_by_source, merge


def table(*lines: str) -> Catalogue:
    header = "title,kind,year,country,genres,imdb_votes,aliases"
    return read_catalogue("\n".join([header, *lines]).encode())


def merged(*lists: Catalogue, **options: bool) -> Merged:
    return merge([Source(f"list{n}", one) for n, one in enumerate(lists)], **options)


def row(found: Merged, item_id: str) -> dict:
    return dict(found.catalogue.items.iloc[found.catalogue.index_of(item_id)])


def test_the_first_list_that_knows_a_cell_is_believed() -> None:
    found = merged(
        table("Dark,series,2017,DE,,,"),
        table("Dark,series,2018,DE,Sci-Fi,400,"),
        table("DARK,series,2017,US,Drama,9,"),
    )
    dark = row(found, "dark")
    assert (dark["year"], dark["genres"], dark["imdb_votes"]) == (2017, ("Sci-Fi",), 400)
    assert dark["provenance"] == ("list0: title kind year country", "list1: genres imdb_votes")
    assert [count.agreed for count in found.sources] == [0, 0, 1]


def test_names_are_united_but_no_title_is_taken_from_another_series() -> None:
    found = merged(
        table("The Witcher,,,,,,Wiedźmin", "Elite,,,,,,"),
        table("Wiedzmin,,,,,,Zaklínač|Elite"),
    )
    assert row(found, "the-witcher")["aliases"] == ("Wiedźmin", "Zaklínač")
    assert len(found.catalogue) == 2


def test_a_remake_is_a_series_of_its_own() -> None:
    found = merged(
        table("Heartbreak High,series,1994,AU,,,"),
        table("Heartbreak High,series,2022,AU,Drama,,", "Warrior,series,2018,DK,,,"),
        table("Warrior,series,2019,US,Action,,"),
    )
    assert list(found.catalogue.items["item_id"]) == [
        "heartbreak-high", "heartbreak-high-2022", "warrior", "warrior-2019"
    ]  # fmt: skip


def test_a_name_of_several_series_is_not_guessed() -> None:
    found = merged(
        table("Warrior,series,2018,DK,,,", "Warrior,series,2019,US,,,"),
        table("Warrior,,,,Action,,"),
    )
    assert len(found.catalogue) == 2
    assert found.sources[1].unclear == 1


def test_films_are_told_apart_and_left_out_unless_asked_for() -> None:
    lists = table("Dark,series,2017,,,,"), table("Dark,film,1999,,,,", "Okja,film,2017,,,,")
    assert merged(*lists).catalogue.titles == ["Dark"]
    assert merged(*lists).sources[1].films == 2
    assert merged(*lists, films=True).catalogue.titles == ["Dark", "Dark", "Okja"]


def test_doubles_within_a_list_are_counted() -> None:
    found = merged(table("Dark,,,,,,"), table("Dark,,,,Drama,,", "DARK!,,,,Crime,,"))
    assert row(found, "dark")["genres"] == ("Drama",)
    assert found.sources[1].doubles == 1


def test_a_list_that_only_completes_adds_no_series() -> None:
    found = merge(
        [
            Source("mine", table("Dark,,,,,,")),
            Source("all", table("Dark,,2017,,,,", "Elite,,2018,,,,"), adds=False),
        ]
    )
    assert found.catalogue.titles == ["Dark"]
    assert (found.sources[1].passed, row(found, "dark")["year"]) == (1, 2017)


_words = st.sampled_from(["Dark", "Elite", "The Tower", "Zaklínač", "One Piece"])
_rows = st.builds(
    "{},{},{},,{},,".format,
    _words,
    st.sampled_from(["series", "film", ""]),
    st.sampled_from(["", "2017", "2018", "2023"]),
    st.sampled_from(["", "Drama", "Crime|Drama"]),
)


@given(st.lists(st.lists(_rows, min_size=1, max_size=5), min_size=1, max_size=3))
def test_merging_loses_nothing_and_can_be_read_again(lists: list[list[str]]) -> None:
    catalogues = [table(*lines) for lines in lists]
    found = merged(*catalogues, films=True)
    for catalogue, count in zip(catalogues, found.sources, strict=True):
        parts = count.new, count.completed, count.agreed, count.doubles, count.unclear
        assert sum(parts) == len(catalogue)
    assert found.catalogue.items["item_id"].is_unique
    assert list(found.catalogue.items["item_id"]) == sorted(found.catalogue.items["item_id"])
    again = read_catalogue(found.catalogue.to_bytes())
    assert again.content_hash == found.catalogue.content_hash
    cells = cells_by_source(found.catalogue)
    known = found.known()
    for column in ("title", "kind", "year", "genres"):
        assert sum(one[column] for one in cells.values()) == known[column]


def test_merging_a_merged_catalogue_keeps_what_it_knows_of_its_sources() -> None:
    once = merged(table("Dark,series,2017,,,,"), table("Dark,,,,Sci-Fi,,"))
    again = merge([Source("older", once.catalogue)])
    assert again.catalogue.content_hash == once.catalogue.content_hash


# --- from files -----------------------------------------------------------------------------------


def test_files_are_merged_with_the_bundled_catalogue(tmp_path: Path) -> None:
    own = tmp_path / "my list.csv"
    own.write_text("Titel,Art\nDark,Drama\nZzyzx Unheard Of,Crime\n", encoding="utf-8")
    found = build_catalogue(["bundled", str(own)], renamed(["title=Titel", "genres=Art"]))
    assert [count.name for count in found.sources] == ["bundled", "my_list"]
    assert row(found, "zzyzx-unheard-of")["provenance"] == ("my_list: title genres",)
    assert row(found, "dark")["provenance"][0].startswith("bundled: title kind year")


@pytest.mark.parametrize("pair", ["title", "titel=Titel", "=Titel"])
def test_a_column_named_wrongly_gets_a_sentence(pair: str) -> None:
    with pytest.raises(BadCatalogue, match="OURS=THEIRS"):
        renamed([pair])


BASICS = (
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n"
    "tt1\ttvSeries\tThe Tower\tLa torre\t0\t2019\t2021\t\\N\tDrama,Crime\n"
    "tt2\tmovie\tThe Tower\tThe Tower\t0\t2019\t\\N\t\\N\tAction\n"
    "tt3\ttvSeries\tThe Tower\tThe Tower\t0\t2019\t\\N\t\\N\tComedy\n"
    "tt4\ttvSeries\tUnasked\tUnasked\t0\t2019\t\\N\t\\N\tComedy\n"
)
RATINGS = "tconst\taverageRating\tnumVotes\ntt1\t7.5\t1200\ntt3\t9.9\t7\ntt4\t5.0\t99\n"
AKAS = (
    "titleId\tordering\ttitle\tregion\tlanguage\ttypes\tattributes\tisOriginalTitle\n"
    "tt1\t1\tWieża\tPL\t\\N\timdbDisplay\t\\N\t0\n"
    "tt1\t2\tUntitled Tower Project\tUS\t\\N\tworking\t\\N\t0\n"
    "tt3\t1\tAnother\tDE\t\\N\timdbDisplay\t\\N\t0\n"
)


@pytest.mark.parametrize("packed", [False, True])
def test_imdb_data_sets_complete_what_is_there(tmp_path: Path, packed: bool) -> None:
    for name, text in (("basics", BASICS), ("ratings", RATINGS), ("akas", AKAS)):
        content = gzip.compress(text.encode()) if packed else text.encode()
        (tmp_path / f"title.{name}.tsv{'.gz' if packed else ''}").write_bytes(content)
    mine = tmp_path / "mine.csv"
    mine.write_text("title,year\nThe Tower,2019\n")
    basics = tmp_path / f"title.basics.tsv{'.gz' if packed else ''}"
    found = build_catalogue([str(basics), str(mine)])
    assert found.catalogue.titles == ["The Tower"]
    tower = row(found, "the-tower")
    assert (tower["imdb_score"], tower["imdb_votes"]) == (7.5, 1200), "of the one with more votes"
    assert (tower["end_year"], tower["genres"]) == (2021, ("Drama", "Crime"))
    assert tower["aliases"] == ("La torre", "Wieża")


def test_imdb_data_sets_alone_make_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "title.basics.tsv").write_text(BASICS)
    with pytest.raises(BadCatalogue, match="no list of series"):
        build_catalogue([str(tmp_path / "title.basics.tsv")])


def test_a_damaged_data_set_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "title.basics.tsv").write_text(BASICS + "tt5\ttvSeries\tcut off")
    with pytest.raises(BadCatalogue, match="data set cannot be read"):
        read_imdb(tmp_path / "title.basics.tsv", table("Dark,,,,,,"))
