"""The paper's table and its conventions."""

import numpy as np
import pytest
from sklearn.metrics import (
    label_ranking_average_precision_score,
    ndcg_score,
    precision_score,
    recall_score,
)

from fedflex_core.lists.metrics import (
    ShownList,
    click_through_rate,
    coverage_ratio,
    genre_distribution,
    list_metrics,
    ndcg,
    ndcg_at,
    new_genres,
    precision,
    precision_at,
    recall_at,
    reciprocal_rank,
    reciprocal_rank_at,
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


PEOPLE, ITEMS, RANKS = 200, 40, 10


@pytest.fixture(scope="module")
def ranked() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of items, which of them were held out, and the hits of the ten best."""
    rng = np.random.default_rng(4)
    scores = rng.permuted(np.tile(np.arange(ITEMS, dtype=float), (PEOPLE, 1)), axis=1)
    held_out = rng.random((PEOPLE, ITEMS)) < rng.uniform(0.01, 0.5, (PEOPLE, 1))
    held_out[np.arange(PEOPLE), rng.integers(ITEMS, size=PEOPLE)] = True  # everybody has one
    best = np.argsort(-scores, axis=1)[:, :RANKS]
    return scores, held_out, np.take_along_axis(held_out, best, axis=1)


def shown(scores: np.ndarray, k: int) -> np.ndarray:
    """Whether each item is among the k best."""
    return scores >= np.sort(scores, axis=1)[:, -k][:, np.newaxis]


@pytest.mark.parametrize("k", [5, 10])
def test_ndcg_of_held_out_items_is_that_of_another_library(ranked: tuple, k: int) -> None:
    scores, held_out, hits = ranked
    ours = ndcg_at(hits, held_out.sum(axis=1), k)
    theirs = [ndcg_score([w], [s], k=k) for w, s in zip(held_out, scores, strict=True)]
    assert ours == pytest.approx(theirs)


def test_precision_and_recall_are_those_of_another_library(ranked: tuple) -> None:
    scores, held_out, hits = ranked
    five, ten = shown(scores, 5), shown(scores, 10)
    theirs = precision_score(held_out, five, average="samples")
    assert precision_at(hits, 5).mean() == pytest.approx(theirs)
    theirs = recall_score(held_out, ten, average="samples")
    assert recall_at(hits, held_out.sum(axis=1), 10).mean() == pytest.approx(theirs)


def test_the_reciprocal_rank_is_that_of_another_library(ranked: tuple) -> None:
    """The best over a person's held-out items, each taken as the only one; 0 below the fifth rank."""
    scores, held_out, hits = ranked
    theirs = []
    for wanted, row in zip(held_out, scores, strict=True):
        alone = np.eye(ITEMS, dtype=bool)[wanted]
        best = max(label_ranking_average_precision_score([one], [row]) for one in alone)
        theirs.append(best if best >= 1 / 5 else 0.0)
    assert reciprocal_rank_at(hits, 5) == pytest.approx(theirs)


def test_a_list_is_not_excused_for_what_it_lacks() -> None:
    """One hit at the first rank: all there was for one person, one of three for the other."""
    hits = np.array([[True, False, False], [True, False, False]])
    one, three = ndcg_at(hits, np.array([1, 3]), 3)
    assert one == 1.0
    assert three == pytest.approx(1 / (1 + 1 / np.log2(3) + 1 / 2))
    assert recall_at(hits, np.array([1, 3]), 3) == pytest.approx([1, 1 / 3])


def test_ranks_that_were_not_filled_count_as_misses() -> None:
    hits = np.array([[True, True]])
    assert precision_at(hits, 5).tolist() == [0.4]
    assert ndcg_at(hits, np.array([9]), 5)[0] < 1


def test_genres_are_new_if_no_known_item_has_them() -> None:
    assert new_genres([["Drama"], ["War", "Crime"], ["War"], []], [["Drama", "Crime"]]) == 1
    assert new_genres([["Drama"]], []) == 1
    assert new_genres([], [["Drama"]]) == 0
