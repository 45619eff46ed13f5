"""A federated round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.learning.aggregation import (
    AggregationConfig,
    UnusableUpdate,
    aggregate,
    check_update,
)
from fedflex_core.learning.factors import Model

ZERO = Model(np.zeros((3, 2), np.float32), np.zeros(3, np.float32))
OFF = AggregationConfig(mode="off", max_update_norm=10.0, noise_multiplier=0.0)


def step(value: float) -> Model:
    return Model(np.full((3, 2), value, np.float32), np.full(3, value, np.float32))


def test_equal_weights_give_the_mean() -> None:
    model, said = aggregate(ZERO, [step(0.1), step(0.3)], OFF)
    assert np.allclose(model.item_factors, 0.2)
    assert said.updates == 2
    assert said.noise_std == 0


def test_weights_give_the_weighted_mean() -> None:
    model, _ = aggregate(ZERO, [step(0.0), step(1.0)], OFF, weights=[0.25, 0.75])
    assert np.allclose(model.item_bias, 0.75)


def test_server_learning_rate_scales_the_step() -> None:
    half = OFF.model_copy(update={"server_learning_rate": 0.5})
    model, _ = aggregate(ZERO, [step(1.0)], half)
    assert np.allclose(model.item_bias, 0.5)


@given(st.permutations(range(4)))
def test_order_of_updates_does_not_matter(order: list[int]) -> None:
    updates = [step(value) for value in (0.1, 0.2, 0.3, 0.4)]
    expected, _ = aggregate(ZERO, updates, OFF)
    found, _ = aggregate(ZERO, [updates[place] for place in order], OFF)
    assert np.allclose(found.item_factors, expected.item_factors)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Model(np.zeros((4, 2), np.float32), np.zeros(4, np.float32)), "shape"),
        (Model(np.zeros((3, 2)), np.zeros(3, np.float32)), "float64"),
        (Model(np.full((3, 2), np.nan, np.float32), np.zeros(3, np.float32)), "not finite"),
        (step(1e6), "norm"),
    ],
)
def test_one_bad_update_is_named_and_none_is_used(bad: Model, reason: str) -> None:
    with pytest.raises(UnusableUpdate, match=reason):
        aggregate(ZERO, [step(0.1), bad], OFF)


def test_honest_local_noise_passes_the_norm_check_and_ten_times_as_much_does_not() -> None:
    config = AggregationConfig(mode="local", max_update_norm=1.0, noise_multiplier=3.0)
    model = Model(np.zeros((200, 16), np.float32), np.zeros(200, np.float32))
    rng = np.random.default_rng(0)
    for _ in range(200):
        noise = rng.normal(0, 3.0, (200, 17)).astype(np.float32)
        check_update(Model(noise[:, :16], noise[:, 16]), model, config)
    with pytest.raises(UnusableUpdate):
        check_update(Model(10 * noise[:, :16], 10 * noise[:, 16]), model, config)


def test_central_noise_goes_on_the_sum_once() -> None:
    """Standard deviation on the average: multiplier times bound over the number of people."""
    config = AggregationConfig(
        mode="central", max_update_norm=2.0, noise_multiplier=3.0, shrink=False
    )
    model = Model(np.zeros((400, 25), np.float32), np.zeros(400, np.float32))
    after, said = aggregate(model, [model] * 4, config)
    assert said.noise_std == pytest.approx(1.5)
    assert after.item_factors.std() == pytest.approx(1.5, rel=0.05)


def test_pure_noise_is_hardly_followed_and_a_clear_signal_is() -> None:
    config = AggregationConfig(mode="central", max_update_norm=1e6, noise_multiplier=1e-6)
    model = Model(np.zeros((400, 25), np.float32), np.zeros(400, np.float32))
    trusted = [aggregate(model, [model], config)[1].trust for _ in range(50)]
    signal = Model(np.full((400, 25), 9.0, np.float32), np.full(400, 9.0, np.float32))
    _, of_signal = aggregate(model, [signal], config)
    assert sum(trust > 0 for trust in trusted) <= 2
    assert of_signal.trust > 0.95


def test_no_updates_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        aggregate(ZERO, [], OFF)
