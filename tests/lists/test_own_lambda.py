"""A weight of relevance that follows a person's clicks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from fedflex_core.lists.own_lambda import (
    LEAST,
    MOST,
    PSEUDO_CLICKS,
    clicks_in_one_list,
    own_lambda,
)
from fedflex_core.lists.recommend import ListsConfig

lambdas = st.floats(LEAST, MOST)
counts = st.integers(0, 500)


@given(lambdas)
def test_without_clicks_it_is_the_studys_to_the_bit(lambda_: float) -> None:
    assert own_lambda(lambda_, 0, 0) == lambda_


@given(lambdas, counts, counts)
def test_a_click_moves_it_to_its_side_and_within_bounds(
    lambda_: float, relevant: int, diverse: int
) -> None:
    before = own_lambda(lambda_, relevant, diverse)
    more_relevant = own_lambda(lambda_, relevant + 1, diverse)
    more_diverse = own_lambda(lambda_, relevant, diverse + 1)
    assert LEAST <= more_diverse <= before <= more_relevant <= MOST
    if more_diverse > LEAST and more_relevant < MOST:
        assert more_diverse < before < more_relevant


@given(lambdas, counts, counts)
def test_it_is_the_mean_of_the_posterior(lambda_: float, relevant: int, diverse: int) -> None:
    a, b = PSEUDO_CLICKS * lambda_ + relevant, PSEUDO_CLICKS * (1 - lambda_) + diverse
    mean = min(max(float(beta(a, b).mean()), LEAST), MOST)
    assert own_lambda(lambda_, relevant, diverse) == pytest.approx(mean)


def test_ten_clicks_weigh_as_much_as_the_study() -> None:
    assert own_lambda(0.3, 10, 0) == pytest.approx((0.3 + 1) / 2)
    assert own_lambda(0.3, 0, 10) == pytest.approx((0.3 + 0) / 2)


def test_what_both_lists_show_says_nothing() -> None:
    a, b = ("w", "x", "y"), ("w", "z", "x")
    assert clicks_in_one_list(a, b, {("A", 1), ("A", 2), ("B", 1), ("B", 3)}) == (0, 0)
    assert clicks_in_one_list(a, b, {("A", 3)}) == (1, 0)
    assert clicks_in_one_list(a, b, {("B", 2), ("A", 1)}) == (0, 1)
    assert clicks_in_one_list(a, b, ()) == (0, 0)


@pytest.mark.parametrize("lambda_", [0.0, 1.0, LEAST - 0.01, MOST + 0.01])
def test_a_lambda_that_could_not_move_is_refused(lambda_: float) -> None:
    with pytest.raises(ValueError, match=r"0\.05"):
        own_lambda(lambda_, 0, 0)
    with pytest.raises(ValueError, match=r"0\.05"):
        ListsConfig(lambda_=lambda_, own_lambda=True)
    ListsConfig(lambda_=lambda_)


def test_counts_are_counts() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        own_lambda(0.3, -1, 0)
