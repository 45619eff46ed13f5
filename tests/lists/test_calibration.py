"""Lists in the proportions of what a person watches."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr

from fedflex_core.lists.calibration import calibrated, miscalibration
from fedflex_core.lists.diversity import mmr
from fedflex_core.lists.metrics import genre_distribution
from fedflex_core.lists.recommend import ListsConfig, top_items, two_lists
from fedflex_core.lists.similarity import Metadata

GENRES = ("Romance", "Action", "Comedy", "Drama")
NAMES = st.lists(st.sampled_from(GENRES), max_size=3, unique=True)
SEVENTY_THIRTY = {"Romance": 0.7, "Action": 0.3}


def worth(
    chosen: list[int],
    scores: np.ndarray,
    genres: list[list[str]],
    taste: dict[str, float],
    lambda_: float,
) -> float:
    """The paper's objective of a whole list, with another library's relative entropy."""
    spread = scores.max() - scores.min()
    relevance = (scores - scores.min()) / spread if spread else np.ones(len(scores))
    shown = genre_distribution(genres[one] for one in chosen)
    p = np.array(list(taste.values()))
    q = np.array([shown.get(name, 0.0) for name in taste])
    divergence = rel_entr(p, 0.99 * q + 0.01 * p).sum()
    return float(lambda_ * relevance[chosen].sum() - (1 - lambda_) * divergence)


@pytest.mark.parametrize(
    ("length", "lambda_", "kept"),
    [(10, 0.1, {"Romance": 7, "Action": 3}), (5, 0.3, {"Romance": 4, "Action": 1})],
)
def test_seventy_and_thirty_stay_seventy_and_thirty(
    length: int, lambda_: float, kept: dict[str, int]
) -> None:
    """The example that the paper begins with; neither the best predicted nor MMR keeps it."""
    genres = [("Romance",)] * 20 + [("Action",)] * 20 + [("Comedy",)] * 10
    scores = np.linspace(1, 0.9, 20), np.linspace(0.88, 0.8, 20), np.linspace(0.1, 0, 10)
    genres += [("Romance",)] * 70 + [("Action",)] * 30
    watched = range(50, 150)
    made = {
        reranker: two_lists(
            np.concatenate([*scores, np.ones(100)]),
            np.eye(150),  # no title is like another, so to MMR there is nothing to diversify
            watched,
            ListsConfig(length=length, lambda_=lambda_, reranker=reranker),
            metadata=Metadata(np.eye(150), genres, [()] * 150),
        )
        for reranker in ("mmr", "calibrated")
    }
    assert Counter(genres[item][0] for item in made["calibrated"].b) == kept
    for other in (made["mmr"].a, made["mmr"].b, made["calibrated"].a):
        assert Counter(genres[item][0] for item in other) == {"Romance": length}


def test_proportions_follow_the_stars() -> None:
    """As many of each were watched, but those of one genre were liked."""
    genres = [("Romance",), ("Action",), *[("Romance",)] * 10, *[("Action",)] * 10]
    known = Metadata(np.eye(22), genres, [()] * 22)
    scores = np.append(np.ones(2), np.linspace(1, 0.5, 20))
    config = ListsConfig(length=5, reranker="calibrated", lambda_=0.1)
    for stars, wanted in (({0: 1, 1: 4}, {"Romance": 1, "Action": 4}), ({0: 5}, {"Romance": 5})):
        b = two_lists(scores, np.eye(22), [0, 1], config, metadata=known, watched_stars=stars).b
        assert Counter(genres[item][0] for item in b) == wanted


def test_the_first_is_not_forced() -> None:
    scores, genres = np.array([1.0, 0.95, 0.0]), [["Comedy"], ["Romance"], ["Action"]]
    assert calibrated(scores, genres, SEVENTY_THIRTY, 1, 0.3) == (1,)
    assert mmr(scores, np.eye(3), 1, 0.3) == (0,)


worlds = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(-5, 5), min_size=count, max_size=count).map(np.array),
        st.lists(NAMES, min_size=count, max_size=count),
    )
)
tastes = st.lists(NAMES, max_size=6).map(genre_distribution)


@given(worlds, tastes, st.integers(1, 14), st.floats(0, 1))
def test_it_chooses_each_once_and_as_many_as_asked(
    world: tuple[np.ndarray, list[list[str]]], taste: dict[str, float], n: int, lambda_: float
) -> None:
    chosen = calibrated(*world, taste, n, lambda_)
    assert len(chosen) == len(set(chosen)) == min(n, len(world[0]))
    assert set(chosen) <= set(range(len(world[0])))


@given(worlds, tastes, st.integers(1, 5), st.sampled_from([0.0, 0.3, 0.77, 1.0]))
def test_each_choice_is_the_best_by_the_papers_objective(
    world: tuple[np.ndarray, list[list[str]]], taste: dict[str, float], n: int, lambda_: float
) -> None:
    chosen = list(calibrated(*world, taste, n, lambda_))
    for length in range(len(chosen)):
        left = [place for place in range(len(world[0])) if place not in chosen[:length]]
        best = max(worth([*chosen[:length], place], *world, taste, lambda_) for place in left)
        assert worth(chosen[: length + 1], *world, taste, lambda_) == pytest.approx(best, abs=1e-9)


@given(worlds, tastes)
def test_with_lambda_one_it_is_the_order_of_scores(
    world: tuple[np.ndarray, list[list[str]]], taste: dict[str, float]
) -> None:
    assert calibrated(*world, taste, 5, 1.0) == top_items(world[0], 5)


def test_of_nothing_known_follows_the_order_of_scores() -> None:
    scores = np.array([0.1, 0.9, 0.5])
    assert calibrated(scores, [["Drama"]] * 3, {}, 3, 0.0) == (0, 1, 2)
    assert calibrated(scores, [["Drama"]] * 3, {}, 3, 0.3) == (1, 2, 0)
    assert calibrated(scores, [[]] * 3, SEVENTY_THIRTY, 3, 0.3) == (1, 2, 0)


def test_a_series_without_genres_leaves_the_proportions() -> None:
    """It neither mends a list nor spoils it, so that beside it the better predicted is what counts."""
    scores = np.array([0.5, 1.0, 0.0])
    genres = [["Romance"], [], ["Comedy"]]
    assert calibrated(scores, genres, {"Romance": 1.0}, 3, 0.1) == (0, 1, 2)


def test_the_divergence_of_known_shares() -> None:
    assert miscalibration(SEVENTY_THIRTY, SEVENTY_THIRTY) == pytest.approx(0, abs=1e-12)
    assert miscalibration(SEVENTY_THIRTY, {"Comedy": 1.0}) == pytest.approx(math.log(100))
    assert miscalibration(SEVENTY_THIRTY, {}) == pytest.approx(math.log(100))
    by_hand = 0.7 * math.log(0.7 / (0.99 + 0.007)) + 0.3 * math.log(0.3 / 0.003)
    assert miscalibration(SEVENTY_THIRTY, {"Romance": 1.0}) == pytest.approx(by_hand)
    assert miscalibration({}, SEVENTY_THIRTY) == 0


def test_genres_are_of_each_candidate() -> None:
    with pytest.raises(ValueError, match="for each score"):
        calibrated(np.ones(2), [["Drama"]], SEVENTY_THIRTY, 2, 0.3)


def test_nothing_to_choose() -> None:
    assert calibrated(np.array([]), [], SEVENTY_THIRTY, 5, 0.3) == ()
    assert calibrated(np.ones(1), [["Drama"]], SEVENTY_THIRTY, 0, 0.3) == ()
