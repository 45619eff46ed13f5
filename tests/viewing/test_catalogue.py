"""A catalogue keeps its order and its hash, whatever file it was read from."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.viewing.catalogue import (
    COLUMNS,
    GENRES,
    BadCatalogue,
    Catalogue,
    load_bundled,
    read_catalogue,
)
from fedflex_core.viewing.catalogue.build_bundled import schema
from fedflex_core.viewing.matching import Matcher

OWN = b"""item_id,title,kind,year,genres,imdb_votes,cast,aliases
the-tower,The Tower,series,2019,Drama|Crime,1200,"Ann Lee|Bo, Jr.",La torre|Der Turm
a-storm,A Storm,series,2021,Comedy,,"Kim, Sr.|",
"""


DATA = Path(__file__).parents[2] / "fedflex_core" / "viewing" / "catalogue" / "data"


@pytest.fixture(scope="module")
def bundled() -> Catalogue:
    return load_bundled()


def test_items_are_sorted_by_id_and_indexed_from_zero() -> None:
    catalogue = read_catalogue(OWN)
    assert list(catalogue.items["item_id"]) == ["a-storm", "the-tower"]
    assert list(catalogue.items.index) == [0, 1]
    assert [catalogue.index_of(name) for name in ("a-storm", "the-tower")] == [0, 1]
    assert catalogue.titles == ["A Storm", "The Tower"]
    assert len(catalogue) == 2


def test_values_have_their_types() -> None:
    catalogue = read_catalogue(OWN)
    assert catalogue.genres == [("Comedy",), ("Drama", "Crime")]
    assert catalogue.popularity.dtype == np.float64
    np.testing.assert_array_equal(catalogue.popularity, [np.nan, 1200.0])
    assert list(catalogue.items["aliases"]) == [(), ("La torre", "Der Turm")]
    assert list(catalogue.items["cast"]) == [("Kim, Sr.",), ("Ann Lee", "Bo, Jr.")]
    assert catalogue.notes == ()


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_catalogue(OWN).index_of("the-towel")


def test_the_hash_is_that_of_the_file_written(tmp_path: Path) -> None:
    catalogue = read_catalogue(OWN)
    catalogue.to_csv(tmp_path / "catalogue.csv")
    written = (tmp_path / "catalogue.csv").read_bytes()
    assert catalogue.content_hash == hashlib.sha256(written).hexdigest()
    assert read_catalogue(written).content_hash == catalogue.content_hash


def test_the_hash_knows_the_content_and_not_the_layout() -> None:
    shuffled = (
        b"\xef\xbb\xbfTitle;Year;item_id\r\nA  Storm;2021;a-storm\r\nThe Tower;2019;the-tower\r\n"
    )
    plain = b"item_id,title,year\nthe-tower,The Tower,2019\na-storm,A Storm,2021\n"
    assert read_catalogue(shuffled).content_hash == read_catalogue(plain).content_hash
    changed = plain.replace(b"2019", b"2018")
    assert read_catalogue(changed).content_hash != read_catalogue(plain).content_hash


_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.fixed_dictionaries({column: _text for column in COLUMNS}), min_size=1))
def test_whatever_was_read_is_read_again_the_same(rows: list[dict[str, str]]) -> None:
    lines = [",".join(COLUMNS)] + [
        ",".join('"' + value.replace('"', '""') + '"' for value in row.values()) for row in rows
    ]
    try:
        once = read_catalogue("\n".join(lines).encode())
    except BadCatalogue:
        return  # no title among the rows
    again = read_catalogue(once.to_bytes())
    assert again.content_hash == once.content_hash
    assert not [note for note in again.notes if "genres" not in note]


def test_a_list_of_titles_is_enough() -> None:
    catalogue = read_catalogue("Title\nDark\nŁódź Nights\n鬼滅の刃\nThe 100\n".encode())
    ids = list(catalogue.items["item_id"])
    assert {"dark", "the-100"} <= set(ids)
    assert all(re.fullmatch(r"[a-z0-9-]+", item_id) for item_id in ids)
    assert len(set(ids)) == 4
    assert catalogue.notes == ("4 series had no item_id; made from their titles.",)


def test_series_of_one_title_get_their_year_in_the_id() -> None:
    lines = [b"Skin,2004", b"Skin,2011", b"Skin Deep,2011"]
    ids = ["skin-2004", "skin-2011", "skin-deep"]
    for order in (lines, lines[::-1]):
        catalogue = read_catalogue(b"title,year\n" + b"\n".join(order))
        assert list(catalogue.items["item_id"]) == ids


def test_columns_can_be_renamed() -> None:
    file = b"Titel,Jahr,Titel englisch\nDie Flut,2020,The Flood\n"
    catalogue = read_catalogue(file, columns={"title": "Titel englisch", "year": "Jahr"})
    assert catalogue.titles == ["The Flood"]
    assert list(catalogue.items["year"]) == [2020]


@pytest.mark.parametrize(
    ("file", "note"),
    [
        (b"title,year\nA,2001\nB,1492\nC,soon\n", "Lines 3, 4, column year: not a year from 1900"),
        (b"title,year,end_year\nA,2010,2001\n", "Line 2, column end_year: not a year"),
        (b"title\nA\nB\na\n", "Line 4, column title: the series is there already; left out."),
        (b"item_id,title\nx,A\nx,B\n", "Line 3, column title: the series is there already"),
        (b"title,genres\nA,Drama|Noir\n", "Column genres: not in the usual list, kept as they are"),
        (b"title,year\n,2001\nB,2002\n", "Line 2, column title: no usable title; left out."),
        (b"title,imdb_score\nA,12\n", "Line 2, column imdb_score: not a number from 0 to 10"),
        (b"title,imdb_votes\nA,-3\n", "Line 2, column imdb_votes: not a whole number"),
        (b"title,kind\nA,podcast\n", 'Line 2, column kind: not "series" or "film"'),
        (b"title,year\nA, B and C,2001\n", "Line 2: more columns than the header"),
    ],
)
def test_what_is_amiss_is_noted_with_line_and_column(file: bytes, note: str) -> None:
    catalogue = read_catalogue(file)
    assert any(found.startswith(note) for found in catalogue.notes), catalogue.notes


def test_a_bad_value_costs_no_more_than_itself() -> None:
    row = read_catalogue(b"title,year,episodes,genres\nA,1492,12,drama|Noir\n").items.iloc[0]
    assert (row["title"], row["episodes"], row["genres"]) == ("A", 12, ("Drama", "Noir"))
    assert row.isna()["year"]


def test_many_bad_lines_make_one_short_note() -> None:
    catalogue = read_catalogue(b"title,year\n" + b"\n".join(b"A%d,x" % n for n in range(100)))
    assert catalogue.notes[0].startswith("Lines 2, 3, 4, 5, 6 and 95 more, column year")


PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (PICTURE, "The file is not text."),
        (bytes(range(32)) * 20, "The file is not text."),
        (
            b"name of it,year\nDark,2017\n",
            "Line 1 has no column 'title'; it has: name of it, year.",
        ),
        (b"title,year\n", "No row of the file has a title."),
        (b"title\n" + b"x" * 200_000, "Line 2 cannot be read as CSV."),
    ],
)
def test_a_file_that_is_no_catalogue_gets_a_sentence(file: bytes, found: str) -> None:
    with pytest.raises(BadCatalogue) as error:
        read_catalogue(file)
    assert error.value.found == found
    assert error.value.way_out


def test_a_file_too_large_is_not_read_in(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(BadCatalogue, match="larger than 50 MB"):
        read_catalogue(tmp_path / "large.csv")


def test_wrong_renaming_is_named() -> None:
    with pytest.raises(BadCatalogue, match="no column 'Titel'"):
        read_catalogue(b"title\nDark\n", columns={"title": "Titel"})
    with pytest.raises(BadCatalogue, match="no catalogue column 'titel'"):
        read_catalogue(b"title\nDark\n", columns={"titel": "title"})


def test_a_missing_file_is_told_without_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue) as error:
        read_catalogue(tmp_path / "private" / "catalogue.csv")
    assert "private" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("netflix_titles_2021.csv", 8_803),
        ("netflix_imdb_2022.csv", 5_849),
        ("whats_on_netflix_sample.csv", 199),
    ],
)
def test_public_lists_can_be_read_whole(shared_data: Path, name: str, rows: int) -> None:
    assert len(read_catalogue(shared_data / "catalogues" / name)) == rows


# --- the bundled catalogue ----------------------------------------------------------------------


def test_bundled_is_large_and_clean(bundled: Catalogue) -> None:
    assert len(bundled) >= 1_300
    assert bundled.notes == ()
    assert set(bundled.items["kind"]) == {"series"}


def test_bundled_file_is_in_its_canonical_form(bundled: Catalogue) -> None:
    file = DATA / "catalogue.csv"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == bundled.content_hash


def test_bundled_rows_are_whole(bundled: Catalogue) -> None:
    items = bundled.items
    assert items["item_id"].is_unique
    assert items["item_id"].str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*").all()
    assert items["year"].between(1950, 2030).all()
    assert items["country"].str.fullmatch(r"[A-Z]{2}").all()
    assert items["language"].str.fullmatch(r"([a-z]{2})?").all()
    assert items["maturity"].isin(["TV-Y", "TV-Y7", "TV-G", "TV-PG", "TV-14", "TV-MA", ""]).all()
    assert items["episodes"].ge(items["seasons"].clip(lower=1)).fillna(True).all()
    for column in ("language", "maturity", "seasons", "imdb_votes"):
        assert (items[column].notna() & (items[column] != "")).mean() > 0.98
    # Who counts the episodes of a daily telenovela or of a children's series? Better none than a guess.
    assert items["episodes"].notna().mean() > 0.97


def test_bundled_genres_are_of_the_list(bundled: Catalogue) -> None:
    assert all(1 <= len(genres) <= 4 and set(genres) <= set(GENRES) for genres in bundled.genres)


def test_bundled_synopses_are_single_sentences_of_their_own(bundled: Catalogue) -> None:
    synopses = bundled.items["synopsis"]
    assert synopses.is_unique
    assert synopses.str.endswith(".").all()
    assert synopses.str.split().str.len().between(10, 45).all()


def test_every_bundled_name_leads_to_its_own_item(bundled: Catalogue) -> None:
    matcher = Matcher(bundled)
    for item, (title, aliases) in enumerate(
        zip(bundled.titles, bundled.items["aliases"], strict=True)
    ):
        for name in (title, *aliases):
            match = matcher.match(name)
            if name.casefold() == "one piece":  # two works; only more than the name tells them
                assert match is None
                match = matcher.match(name, episode="Wano: A" if title == "One Piece" else "A")
            assert match is not None and match.item == item, f"{name!r} of {title!r}: {match}"


def test_the_schema_is_that_of_the_rows() -> None:
    file = DATA / "catalogue.schema.json"
    assert file.read_text(encoding="utf-8") == schema()
    described = json.loads(schema())["properties"]
    assert [name for name in COLUMNS if not described[name].get("description")] == []
