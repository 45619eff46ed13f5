"""List A and list B."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from fedflex_core.lists.diversity import intra_list_diversity, mmr
from fedflex_core.lists.recommend import ListsConfig, top_items, two_lists
from fedflex_core.lists.similarity import Metadata

worlds = st.tuples(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 8), st.floats(0, 1)
)


def world(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(count, 6))
    return rng.normal(size=count), embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def slow_mmr(scores: np.ndarray, embeddings: np.ndarray, n: int, lambda_: float) -> list[int]:
    """Carbonell and Goldstein's formula word by word, with another library's cosine."""
    spread = scores.max() - scores.min()
    relevance = (scores - scores.min()) / spread if spread else np.ones(len(scores))
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < min(n, len(scores)):
        values = {
            place: lambda_ * relevance[place]
            - (1 - lambda_)
            * max(cosine_similarity(embeddings[[place]], embeddings[chosen]).ravel())
            for place in range(len(scores))
            if place not in chosen
        }
        chosen.append(max(values, key=lambda place: (round(values[place], 12), -place)))
    return chosen


@given(worlds)
def test_mmr_is_a_choice_of_the_right_length_that_keeps_the_first(
    made: tuple[int, int, int, float],
) -> None:
    seed, count, n, lambda_ = made
    scores, embeddings = world(seed, count)
    chosen = mmr(scores, embeddings, n, lambda_)
    assert len(chosen) == len(set(chosen)) == min(n, count)
    assert chosen[0] == np.argmax(scores)


@given(worlds)
def test_with_lambda_one_mmr_is_the_order_of_scores(made: tuple[int, int, int, float]) -> None:
    seed, count, n, _ = made
    scores, embeddings = world(seed, count)
    assert mmr(scores, embeddings, n, 1.0) == top_items(scores, n)


def test_mmr_agrees_with_the_formula_word_by_word() -> None:
    for seed in range(20):
        scores, embeddings = world(seed, 25)
        assert list(mmr(scores, embeddings, 5, 0.3)) == slow_mmr(scores, embeddings, 5, 0.3)


@given(worlds, st.floats(0.1, 10), st.floats(-5, 5))
def test_mmr_does_not_care_for_the_scale_of_the_scores(
    made: tuple[int, int, int, float], scale: float, shift: float
) -> None:
    seed, count, n, _ = made
    scores, embeddings = world(seed, count)
    assert mmr(scores * scale + shift, embeddings, n, 0.3) == mmr(scores, embeddings, n, 0.3)


def test_watched_items_are_in_neither_list() -> None:
    scores, embeddings = world(1, 30)
    watched = [int(place) for place in np.argsort(-scores)[:10]]
    lists = two_lists(scores, embeddings, watched, ListsConfig())
    assert not set(watched) & {*lists.a, *lists.b}


def test_list_b_begins_with_a_and_chooses_from_its_pool() -> None:
    scores, embeddings = world(2, 60)
    lists = two_lists(scores, embeddings, [], ListsConfig(candidate_pool=12))
    assert lists.a[0] == lists.b[0]
    assert set(lists.b) <= set(top_items(scores, 12))


def test_list_b_is_more_diverse_on_average() -> None:
    gains = []
    for seed in range(30):
        scores, embeddings = world(seed, 60)
        lists = two_lists(scores, embeddings, [], ListsConfig())
        of_b = intra_list_diversity(embeddings[list(lists.b)])
        gains.append(of_b - intra_list_diversity(embeddings[list(lists.a)]))
    assert np.mean(gains) > 0.1


def test_fewer_candidates_than_the_length() -> None:
    lists = two_lists(np.array([1.0, 2.0, 3.0]), np.eye(3), [2], ListsConfig())
    assert lists.a == (1, 0)
    assert set(lists.b) == {0, 1}


def test_equal_scores_go_by_index() -> None:
    assert top_items(np.zeros(5), 3) == (0, 1, 2)


@given(
    st.lists(st.sampled_from([-1.0, 0.0, -0.0, 0.5, 2.0, np.inf, -np.inf, np.nan]), max_size=40),
    st.integers(0, 45),
    st.sets(st.integers(0, 39)),
)
def test_the_best_are_those_of_the_whole_order(
    scores: list[float], n: int, exclude: set[int]
) -> None:
    """They are found without sorting all; what is no number comes last, as in numpy's own order."""
    found = top_items(np.array(scores), n, [item for item in exclude if item < len(scores)])
    order = [int(item) for item in np.argsort(-np.array(scores), kind="stable")]
    assert found == tuple(item for item in order if item not in exclude)[:n]


@given(worlds)
def test_without_settings_the_lists_are_those_of_the_paper(
    made: tuple[int, int, int, float],
) -> None:
    """Neither metadata nor stars move anything unless a study asks for it; a lambda that is given does."""
    seed, count, n, lambda_ = made
    scores, titles = world(seed, count)
    config = ListsConfig(length=n)
    lists = two_lists(scores, titles, [0], config)
    known = Metadata(titles[::-1], [("Drama",)] * count, [("Ann",)] * count)
    assert two_lists(scores, titles, [0], config, metadata=known, watched_stars={0: 5.0}) == lists
    given_lambda = two_lists(scores, titles, [0], config, lambda_=lambda_)
    assert given_lambda == two_lists(scores, titles, [0], ListsConfig(length=n, lambda_=lambda_))
    pool = list(top_items(scores, 50, [0]))
    assert lists.a == tuple(pool[:n])
    if pool:
        assert lists.b == tuple(pool[place] for place in mmr(scores[pool], titles[pool], n, 0.3))
