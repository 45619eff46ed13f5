"""The FCF arm: the person's vector is the exact answer, and the update is the gradient."""

import numpy as np
import pytest

from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.fcf import FCFConfig, fit

ITEMS, SIZE = 30, 3
RATINGS = Ratings(np.array([2, 7, 11]), np.array([5.0, 2.0, 4.0], np.float32))


@pytest.fixture
def model() -> Model:
    rng = np.random.default_rng(0)
    factors = rng.normal(0, 1, (ITEMS, SIZE)).astype(np.float32)
    return Model(factors, rng.normal(0, 0.3, ITEMS).astype(np.float32))


def loss(model: Model, user: np.ndarray, config: FCFConfig) -> float:
    """Half of eq. 3, written out item by item; the person's offset is the weighted mean that is left."""
    confidence, wanted = np.ones(ITEMS), np.zeros(ITEMS)
    for item, stars in zip(RATINGS.items, RATINGS.stars, strict=True):
        confidence[item] = 1 + config.alpha * stars / 5
        wanted[item] = 5.0
    left = wanted - model.item_bias
    left = left - np.average(left, weights=confidence) - model.item_factors.astype(float) @ user
    return float(confidence @ left**2 + config.user_reg * user @ user) / 2


def test_no_other_vector_is_better(model: Model) -> None:
    config = FCFConfig(alpha=7.0, user_reg=3.0)
    user, _ = fit(model, RATINGS, config, np.random.default_rng(0))
    best = loss(model, user.astype(float), config)
    for direction in np.vstack([np.eye(SIZE), -np.eye(SIZE)]):
        assert loss(model, user + 0.01 * direction, config) > best


def test_the_update_is_the_gradient_step_of_each_item(model: Model) -> None:
    config = FCFConfig(alpha=7.0, user_reg=3.0, learning_rate=1.0)
    user, update = fit(model, RATINGS, config, np.random.default_rng(0))
    small = 1e-3
    for item in (2, 7, 20):
        for k in range(SIZE):
            factors = model.item_factors.astype(float)
            factors[item, k] += small
            moved = Model(factors, model.item_bias)
            slope = (
                loss(moved, user.astype(float), config) - loss(model, user.astype(float), config)
            ) / small
            assert update.item_factors[item, k] == pytest.approx(-slope, abs=0.05)


def test_more_stars_pull_harder(model: Model) -> None:
    flat = Model(model.item_factors, np.zeros(ITEMS, np.float32))
    _, update = fit(flat, RATINGS, FCFConfig(), np.random.default_rng(0))
    five, two, _four = update.item_bias[RATINGS.items]
    assert (
        five > two > np.abs(update.item_bias[np.setdiff1d(np.arange(ITEMS), RATINGS.items)]).max()
    )
