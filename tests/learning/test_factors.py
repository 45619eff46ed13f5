"""Round 0 from public facts."""

import numpy as np
import pytest

from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.public_start import PublicStart, public_start


def test_scores_are_bias_plus_dot_product() -> None:
    model = Model(np.array([[1, 2], [3, 4]], np.float32), np.array([10, 20], np.float32))
    assert model.scores(np.array([1, -1], np.float32)).tolist() == [9.0, 19.0]


def test_similar_texts_get_similar_factors() -> None:
    texts = np.array([[1, 0, 0], [0.99, 0.1, 0], [0, 0, 1], [0, 1, 0]], np.float32)
    factors = public_start(texts, np.full(4, np.nan), 2).item_factors
    apart = np.linalg.norm(factors - factors[0], axis=1)
    assert apart[1] < apart[2]
    assert apart[1] < apart[3]


def test_scales_are_as_asked() -> None:
    rng = np.random.default_rng(0)
    model = public_start(
        rng.normal(size=(50, 20)).astype(np.float32),
        rng.integers(1, 10**6, 50).astype(float),
        8,
        PublicStart(factor_scale=2.0, bias_scale=0.7),
    )
    assert np.sqrt(np.mean(np.sum(model.item_factors**2, axis=1))) == pytest.approx(2.0, rel=1e-5)
    assert model.item_bias.std() == pytest.approx(0.7, rel=1e-5)


def test_popular_items_start_higher_and_unknown_ones_low() -> None:
    votes = np.array([10.0, 1e3, 1e6, np.nan])
    bias = public_start(np.eye(4, dtype=np.float32), votes, 2).item_bias
    assert bias[0] < bias[1] < bias[2]
    assert bias[3] < bias[1]


def test_without_popularity_all_biases_are_zero() -> None:
    assert not public_start(np.eye(3, dtype=np.float32), np.full(3, np.nan), 2).item_bias.any()


def test_more_factors_than_directions_are_zero() -> None:
    model = public_start(np.eye(3, dtype=np.float32), np.full(3, np.nan), 10)
    assert model.item_factors.shape == (3, 10)
    assert not model.item_factors[:, 3:].any()


def test_an_item_is_rated_once() -> None:
    with pytest.raises(ValueError, match="once"):
        Ratings(np.array([1, 1]), np.ones(2, np.float32))


def test_without_any_text_or_fact_factors_can_still_be_learned() -> None:
    model = public_start(np.ones((5, 3), np.float32), np.full(5, np.nan), 2)
    again = public_start(np.ones((5, 3), np.float32), np.full(5, np.nan), 2)
    assert model.item_factors.any(axis=1).all()
    assert np.abs(model.item_factors).max() < 0.5
    assert np.array_equal(model.item_factors, again.item_factors)


def test_facts_bring_items_together_that_texts_keep_apart() -> None:
    texts = np.eye(4, dtype=np.float32)
    genres = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    factors = public_start(texts, np.full(4, np.nan), 1, facts=genres).item_factors[:, 0]
    assert factors[0] == pytest.approx(factors[1], abs=1e-5)
    assert factors[2] == pytest.approx(-factors[0], abs=1e-5)
