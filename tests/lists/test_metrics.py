"""The paper's table and its conventions."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from fedflex_core.lists.metrics import (
    ShownList,
    click_through_rate,
    coverage_ratio,
    genre_distribution,
    list_metrics,
    ndcg,
    precision,
    reciprocal_rank,
)


@pytest.mark.parametrize(
    ("clicked", "shown", "ratio"),
    [(14, 35, 0.4000), (22, 43, 0.5116), (17, 46, 0.3696), (19, 58, 0.3276)],
)
def test_coverage_of_the_papers_table(clicked: int, shown: int, ratio: float) -> None:
    assert round(coverage_ratio(range(clicked), range(shown)), 4) == ratio


def test_a_repeated_click_counts_for_click_through_alone() -> None:
    """27 clicks on 75 shown, one of them on a series that was clicked already."""
    clicks = [1] * 25 + [2] + [0] * 49
    lists = [
        ShownList(tuple(range(start, start + 5)), tuple(clicks[start : start + 5]))
        for start in range(0, 75, 5)
    ]
    row = list_metrics(lists, np.eye(75))
    assert round(row.ctr, 4) == 0.3600
    assert round(row.precision, 4) == 0.3467
    assert click_through_rate(27, 75) == 0.36
    assert round(precision(26, 75), 4) == 0.3467


def test_coverage_counts_a_series_once_over_all_lists() -> None:
    lists = [ShownList((0, 1), (1, 0)), ShownList((0, 2), (1, 1))]
    assert list_metrics(lists, np.eye(3)).coverage == pytest.approx(2 / 3)


def test_ndcg_agrees_with_another_library() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        clicked = rng.random(5) < 0.5
        if clicked.any():
            expected = ndcg_score([clicked.astype(int)], [np.arange(5, 0, -1)])
            assert ndcg(clicked.tolist()) == pytest.approx(expected)


def test_rank_counts() -> None:
    """The order must reach the measure: the same click further down is worth less."""
    values = [ndcg([place == rank for place in range(5)]) for rank in range(5)]
    assert values == sorted(values, reverse=True)
    assert reciprocal_rank([False, False, True]) == pytest.approx(1 / 3)


def test_lists_without_a_click_score_zero() -> None:
    row = list_metrics([ShownList((0, 1), (0, 0)), ShownList((0, 1), (1, 0))], np.eye(2))
    assert row.ndcg == row.mrr == 0.5


def test_nothing_shown_is_not_a_number() -> None:
    row = list_metrics([], np.eye(2))
    assert np.isnan(row.ctr)
    assert row.shown_lists == 0


def test_genres_are_shared_out_and_weighted() -> None:
    shares = genre_distribution([["Drama", "Crime"], ["Comedy"], []], weights=[4, 2, 5])
    assert shares == pytest.approx({"Comedy": 1 / 3, "Crime": 1 / 3, "Drama": 1 / 3})
    assert genre_distribution([]) == {}
