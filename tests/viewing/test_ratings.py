"""Stars from real dates."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.viewing.ratings import BadRules, bundled_rules, rate, rate_viewings, read_rules

DEFAULT, PUBLISHED = bundled_rules("default"), bundled_rules("published")
MONDAY = date(2024, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("days", "stars"),
    [
        ([0, 3, 6], 5),  # three within seven days
        ([0, 3, 7], 4),  # the seventh day after is outside, 28 days hold it
        ([0, 10, 27], 4),
        ([0, 10, 28], 3),  # three in all
        ([0, 6], 3),  # two within seven days
        ([0, 7], 2),
        ([0, 400], 2),
        ([0], 1),
        ([0, 300, 301, 302], 5),  # a gap before does not break it
    ],
)
def test_the_papers_example(days: list[int], stars: int) -> None:
    assert rate([MONDAY + day for day in days], DEFAULT) == stars


@pytest.mark.parametrize(
    ("days", "stars"),
    [
        ([0, 1, 2, 3, 7, 8, 9, 10], 5),  # four a week in two weeks
        ([0, 1, 2, 3, 70, 71, 72, 73], 5),  # the two weeks need not be neighbours
        ([0, 1, 7, 8, 14, 15], 5),  # two a week in three weeks running
        ([0, 1, 7, 8, 21, 22], 3),  # the third is not running: more than four over several weeks
        ([0, 1, 2, 3, 4], 4),  # more than four in one week
        ([0, 7, 14, 21, 28], 3),
        ([0, 7, 14, 21], 2),  # more than three in all
        ([0, 7, 14], 1),
        ([0, 1, 2, 3], 2),
    ],
)
def test_the_published_codes_rules(days: list[int], stars: int) -> None:
    assert rate([MONDAY + day for day in days], PUBLISHED) == stars


@pytest.mark.parametrize("rules", [DEFAULT, PUBLISHED])
@given(
    days=st.lists(st.integers(0, 60), min_size=1, max_size=12),
    weeks=st.integers(-200, 200),
)
def test_a_new_year_changes_nothing(rules: tuple, days: list[int], weeks: int) -> None:
    """The same pattern, moved by whole weeks over any number of New Years, has the same stars."""
    here = [MONDAY + day for day in days]
    assert rate(here, rules) == rate([day + 7 * weeks for day in here], rules)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=10), st.integers(0, 100))
def test_watching_more_never_costs_stars(days: list[int], more: int) -> None:
    assert rate([*days, more], DEFAULT) >= rate(days, DEFAULT)


def table(*rows: tuple[int | None, str, str]) -> pd.DataFrame:
    items, titles, dates = zip(*rows, strict=True)
    return pd.DataFrame(
        {"item": pd.array(items, "Int64"), "title": titles, "date": pd.to_datetime(list(dates))}
    )


def test_weeks_over_new_year() -> None:
    viewings = table(
        (4, "a", "2023-12-30"),
        (4, "b", "2023-12-31"),
        (4, "c", "2024-01-01"),
        (None, "x", "2024-01-01"),
    )
    found = rate_viewings(viewings, DEFAULT)
    assert found[["item", "stars", "episodes"]].values.tolist() == [[4, 5, 3]]


def test_one_episode_in_two_sittings_is_one_episode() -> None:
    found = rate_viewings(table((1, "a", "2024-01-01"), (1, "a", "2024-01-02")), DEFAULT)
    assert found["episodes"].tolist() == [1]
    assert found["stars"].tolist() == [1]


def test_one_episode_in_several_spellings_is_one_episode() -> None:
    viewings = table((1, "A: S1: x", "2024-01-01"), (1, "B: S1: X!", "2024-01-02"),
                     (1, "A: S1: x (Episode 1)", "2024-01-03"), (1, "A: S2: x", "2024-03-03"),
                     (1, "film", "2024-03-03"))  # fmt: skip
    assert rate_viewings(viewings, DEFAULT)["episodes"].tolist() == [5]
    viewings["season"] = pd.array([1, 1, 1, 2, None], "Int64")
    viewings["episode"] = pd.array(["It’s x", "It's  X!", "It's x", "It's x", None], "string")
    found = rate_viewings(viewings, DEFAULT)
    assert found[["episodes", "stars"]].values.tolist() == [[3, 3]]


def test_episodes_named_in_signs_alone_stay_apart() -> None:
    viewings = table((1, "a", "2024-01-01"), (1, "b", "2024-01-01"))
    viewings["episode"] = ["!", "?"]
    assert rate_viewings(viewings, DEFAULT)["episodes"].tolist() == [2]


def test_a_correction_wins_over_any_rule() -> None:
    viewings = table((1, "a", "2024-01-01"), (2, "b", "2024-01-01"))
    found = rate_viewings(viewings, DEFAULT, corrections={2: 5})
    assert found["stars"].tolist() == [1, 5]
    assert found["corrected"].tolist() == [False, True]


def test_no_viewings_no_ratings() -> None:
    empty = rate_viewings(table((None, "x", "2024-01-01")), DEFAULT)
    full = rate_viewings(table((1, "x", "2024-01-01")), DEFAULT)
    kinds = {name: dtype.kind for name, dtype in full.dtypes.items()}
    assert kinds == dict(item="i", stars="i", episodes="i", first="M", last="M", corrected="b")
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_days_are_counted_as_in_the_calendar() -> None:
    leap = [date(2024, 2, 27) + timedelta(days=n) for n in (0, 3, 6)]
    assert rate([day.toordinal() for day in leap], DEFAULT) == 5


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"stars,episodes,window\n",
        b"stars,episodes,window\n6,1,ever\n",
        b"stars,episodes,window\n3,1,fortnight\n",
        b"stars,episodes,window,extra\n3,1,ever,1\n",
        b"stars,episodes,window,windows\n3,1,7 days,2\n",
    ],
)
def test_a_table_that_cannot_be_used_is_met_with_a_sentence(text: bytes) -> None:
    with pytest.raises(BadRules, match="Expected"):
        read_rules(text)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    for source in (tmp_path / "secret.csv", tmp_path):
        with pytest.raises(BadRules, match="could not be opened") as error:
            read_rules(source)
        assert str(tmp_path) not in str(error.value)


def test_unknown_set_of_rules() -> None:
    with pytest.raises(BadRules, match="default, published"):
        bundled_rules("mine")
