"""People and items from tables."""

from pathlib import Path

import numpy as np
import pytest

from fedflex_core.study.held_out import TOO_FEW
from fedflex_core.study.ratings_table import BadTable, items_of_table, people_of_ratings
from fedflex_core.viewing.catalogue import Catalogue

ITEMS = """movieId,title,genres
1,Toy Tale (1995),Adventure|Animation
2,"Heat, The (1995)",Action|Crime
3,Alone,(no genres listed)
4,Twins (1988),Comedy
5,Twins (1988),Drama
10,Später (2017),Drama
"""
SECONDS = 1_500_000_000  # in July 2017


@pytest.fixture
def items(tmp_path: Path) -> Catalogue:
    place = tmp_path / "items.csv"
    place.write_text(ITEMS, encoding="utf-8")
    return items_of_table(place)


@pytest.fixture
def ratings(tmp_path: Path):
    def write(*rows: tuple[object, ...], header: str = "userId,movieId,rating,timestamp") -> Path:
        place = tmp_path / "ratings.csv"
        lines = [header, *(",".join(map(str, row)) for row in rows), ""]
        place.write_text("\n".join(lines), encoding="utf-8")
        return place

    return write


def ids(items: Catalogue, indices: np.ndarray) -> list[str]:
    return [items.items["item_id"].iloc[index] for index in indices]


def test_items_keep_their_ids_and_give_their_year_away(items: Catalogue) -> None:
    rows = items.items.set_index("item_id")
    assert list(rows.index) == ["1", "10", "2", "3", "4", "5"]
    assert rows.loc["2", "title"] == "Heat, The"
    assert rows.loc["2", "genres"] == ("Action", "Crime")
    assert rows.loc["10", "title"] == "Später"
    assert rows["year"].to_dict()["10"] == 2017
    assert rows["year"].isna().to_dict()["3"]
    assert rows.loc["3", "genres"] == ()
    assert np.isnan(items.popularity).all()


def test_equal_titles_stay_items_of_their_own(items: Catalogue) -> None:
    assert items.titles.count("Twins") == 2


def test_the_last_ratings_by_time_are_held_out(items: Catalogue, ratings) -> None:
    order = [3, 1, 10, 5, 2]
    rows = [("7", item, 4.5, SECONDS + when) for when, item in enumerate(order)]
    (person,) = people_of_ratings(ratings(*reversed(rows)), items).people
    assert ids(items, person.held_out) == ["2"]
    assert ids(items, person.train.items) == ["3", "1", "10", "5"]
    assert person.train.stars.dtype == np.float32
    assert person.last_year == 2017


def test_equal_times_go_by_rows(items: Catalogue, ratings) -> None:
    place = ratings(*[(7, item, 3, SECONDS) for item in (5, 4, 3, 2, 1)])
    (person,) = people_of_ratings(place, items).people
    assert ids(items, person.held_out) == ["1"]


def test_stars_are_clipped_and_that_is_said(items: Catalogue, ratings) -> None:
    rows = [(7, item, stars, SECONDS + item) for item, stars in enumerate((0.5, 10, 3.5, 1, 2), 1)]
    found = people_of_ratings(ratings(*rows), items)
    assert found.people[0].train.stars.tolist() == [1.0, 5.0, 3.5, 1.0]
    assert found.notes == ("2 ratings outside of 1 to 5 were clipped.",)


def test_everything_left_out_is_counted(items: Catalogue, ratings) -> None:
    rows = [(7, item, 3, SECONDS + item) for item in (1, 2, 3, 4, 5)]
    found = people_of_ratings(
        ratings(
            *rows,
            (7, 1, 5, SECONDS + 99),  # rated again
            (7, 77, 5, SECONDS),  # unknown
            (7, 10, "good", SECONDS),
            (7, 10, 3, "then"),
            (8, 1, 3, SECONDS),
        ),
        items,
    )
    assert len(found.people) == 1
    assert len(found.people[0].train.items) == 4
    assert found.people[0].train.stars.tolist() == [3.0] * 4
    assert found.left_out == {
        "row whose rating or time cannot be read": 2,
        "rating of something that is not in the table of items": 1,
        "rating of an item that the same person had rated": 1,
        TOO_FEW: 1,
    }


@pytest.mark.parametrize(
    "header",
    ["user,item,rating,timestamp", "USER_ID,item_id,Rating,Timestamp", "user id,movie,stars,time"],
)
def test_other_names_of_columns(items: Catalogue, ratings, header: str) -> None:
    rows = [(7, item, 3, SECONDS + item) for item in (1, 2, 3, 4, 5)]
    assert len(people_of_ratings(ratings(*rows, header=header), items).people) == 1


@pytest.mark.parametrize(
    ("times", "year"),
    [
        ([1000 * (SECONDS + n) for n in range(5)], 2017),
        ([f"2014-03-0{n + 1}T10:00:00" for n in range(5)], 2014),
        (range(5), None),
    ],
    ids=["milliseconds", "dates", "an order alone"],
)
def test_kinds_of_times(items: Catalogue, ratings, times, year: int | None) -> None:
    rows = [(7, n + 1, 3, when) for n, when in enumerate(times)]
    (person,) = people_of_ratings(ratings(*rows), items).people
    assert ids(items, person.held_out) == ["5"]
    assert person.last_year == year


def test_an_old_alphabet_and_semicolons(tmp_path: Path) -> None:
    place = tmp_path / "items.csv"
    place.write_bytes("id;name;genre\n1;Später Frühling (1949);Drama\n".encode("cp1252"))
    assert items_of_table(place).titles == ["Später Frühling"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "It is empty"),
        (b"movieId,genres\n1,Drama\n", "no column for title"),
        (b"movieId,title\n", "no row with an id and a title"),
        (b"movieId,title\n1,Heat, The\n2,Alone\n", "more cells than"),
        (b"movieId,title\n1,Alone\n2,Heat, The\n", "Line 3 has more cells"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "cannot be used"),
    ],
    ids=["empty", "no title", "no rows", "commas at once", "commas later", "picture"],
)
def test_what_is_no_table_of_items_is_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    place = tmp_path / "private.csv"
    place.write_bytes(content)
    with pytest.raises(BadTable, match=sentence) as caught:
        items_of_table(place)
    assert "private" not in str(caught.value)
    assert "movieId,title,genres" in caught.value.way_out


def test_no_file_is_a_sentence(tmp_path: Path, items: Catalogue) -> None:
    with pytest.raises(BadTable, match="cannot be opened"):
        items_of_table(tmp_path / "none.csv")
    with pytest.raises(BadTable, match="cannot be opened"):
        people_of_ratings(tmp_path, items)


def test_ratings_of_other_items_or_without_times_are_a_sentence(items: Catalogue, ratings) -> None:
    with pytest.raises(BadTable, match="No rating in it is of one of the items"):
        people_of_ratings(ratings((1, "x", 3, SECONDS)), items)
    with pytest.raises(BadTable, match="no column for timestamp"):
        people_of_ratings(ratings((1, 1, 3), header="userId,movieId,rating"), items)
