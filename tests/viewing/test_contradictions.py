"""A catalogue held against other lists: what contradicts, and what is only said differently."""

from pathlib import Path

import pytest

from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.catalogue.contradictions import (
    bundled_explanations,
    contradictions,
    unexplained,
)

HEADER = "title,kind,year,country,genres,seasons,imdb_score,imdb_votes,aliases"


def table(*lines: str) -> Catalogue:
    return read_catalogue("\n".join([HEADER, *lines]).encode())


OURS = "The Long Tower,series,2017,ES,Drama|Crime,3,7.5,10000,La torre"


@pytest.mark.parametrize(
    ("theirs", "columns"),
    [
        ("The Long Tower,series,2017,ES,Drama|Crime,3,7.5,10000,", []),
        ("La torre,series,2017,,Crime,2,7.9,4000,", []),
        ("The Long Tower,series,2018,ES,Drama,3,7.5,10000,", ["year"]),
        ("The Long Tower,series,2017,ES,Comedy,3,7.5,10000,", ["genres"]),
        ("The Long Tower,series,2017,ES,Documentary|Crime,3,7.5,10000,", ["genres"]),
        ("The Long Tower,series,2017,ES,Crime,4,7.5,10000,", ["seasons"]),
        ("The Long Tower,series,2017,ES,Crime,3,5.0,10000,", ["imdb_score"]),
        ("The Long Tower,series,2017,ES,Crime,3,7.5,30000,", ["imdb_votes"]),
        ("The Long Tower,series,2017,ES,Crime,3,7.5,1000,", ["imdb_votes"]),
        ("The Long Tovers,series,2017,ES,Comedy,3,7.5,10000,", []),
        ("The Long Towr,series,2017,ES,Comedy,3,7.5,10000,", []),
        ("The Long Tower,film,1999,ES,Comedy,9,1.0,3,", []),
        ("The Long Tower,series,1999,US,Comedy,9,1.0,3,", []),
        ("Another,series,2017,ES,Comedy,9,1.0,3,", []),
        ("The Long Tower,,,,,,,,", []),
    ],
)
def test_what_contradicts(theirs: str, columns: list[str]) -> None:
    found = contradictions(table(OURS), table(theirs))
    assert [one.column for one in found] == columns


def test_a_slip_in_a_title_is_a_contradiction() -> None:
    ours = table("The Wonderfull Tower,series,2017,ES,Drama,3,7.5,10000,")
    theirs = table("The Wonderful Tower,series,2017,ES,Drama,3,7.5,10000,")
    (found,) = contradictions(ours, theirs)
    assert (found.column, found.theirs) == ("title", "The Wonderful Tower")


def test_a_list_without_a_word_for_animation_does_not_contradict_it() -> None:
    ours = table("Cups,series,2017,US,Animation|Comedy,1,,,")
    silent = table("Cups,series,2017,US,Comedy,1,,,")
    telling = table("Cups,series,2017,US,Comedy,1,,,", "Jars,series,2017,US,Animation,1,,,")
    assert contradictions(ours, silent) == []
    assert [one.column for one in contradictions(ours, telling)] == ["genres"]


def test_what_is_explained_is_left_out() -> None:
    found = contradictions(table(OURS), table("The Long Tower,series,2018,ES,Comedy,3,7.5,9999,"))
    left = unexplained(found, {("the-long-tower", "year"): "Its pilot."})
    assert [one.column for one in left] == ["genres"]


@pytest.mark.parametrize(
    "name", ["netflix_imdb_2022.csv", "netflix_titles_2021.csv", "whats_on_netflix_sample.csv"]
)
def test_the_bundled_catalogue_contradicts_no_list_unexplained(
    shared_data: Path, name: str
) -> None:
    reference = read_catalogue(shared_data / "catalogues" / name)
    found = contradictions(load_bundled(), reference)
    assert unexplained(found, bundled_explanations()) == []


def test_every_explanation_is_of_a_series_and_says_why() -> None:
    bundled = load_bundled()
    for (item_id, column), why in bundled_explanations().items():
        assert item_id in bundled and column in bundled.items
        assert why.endswith(".") and len(why) > 20


def test_explanations_that_nothing_needs_are_gone(shared_data: Path) -> None:
    bundled = load_bundled()
    needed = {
        (one.item_id, one.column)
        for place in sorted((shared_data / "catalogues").glob("*.csv"))
        for one in contradictions(bundled, read_catalogue(place))
    }
    assert set(bundled_explanations()) == needed
