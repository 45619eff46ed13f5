"""A federated round."""

import math

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
from fedflex_core.study.opened import pack_model

ZERO = Model(np.zeros((3, 2), np.float32), np.zeros(3, np.float32))
OFF = AggregationConfig(
    mode="off",
    max_update_norm=2.0,
    noise_multiplier=0.0,
    bias_step=math.sqrt(2),
    factor_step=math.sqrt(2),
)
"""Steps as long as each block's bound, so that the model moves by the plain average."""


def step(value: float) -> Model:
    return Model(np.full((3, 2), value, np.float32), np.full(3, value, np.float32))


def test_equal_weights_give_the_mean() -> None:
    model, said = aggregate(ZERO, [step(0.1), step(0.3)], OFF)
    assert np.allclose(model.item_factors, 0.2)
    assert said.updates == 2
    assert said.noise_std == 0


def test_weights_give_the_weighted_mean() -> None:
    model, _ = aggregate(ZERO, [step(0.0), step(0.4)], OFF, weights=[0.25, 0.75])
    assert np.allclose(model.item_bias, 0.3)


def test_each_block_has_its_own_step() -> None:
    half = OFF.model_copy(update={"bias_step": 0.5 * OFF.bias_step, "factor_step": 0.0})
    model, _ = aggregate(ZERO, [step(0.4)], half)
    assert np.allclose(model.item_bias, 0.2)
    assert not model.item_factors.any()


def test_a_step_is_in_units_of_the_model_whatever_the_bound_and_its_shares() -> None:
    """Where everybody's block has its whole bound in one direction, the model moves by the step."""
    config = AggregationConfig(
        mode="off", max_update_norm=0.5, noise_multiplier=0.0, bias_share=0.36, bias_step=7.0
    )
    update = Model(np.zeros((3, 2), np.float32), np.array([0.3, 0, 0], np.float32))
    model, _ = aggregate(ZERO, [update, update], config)
    assert model.item_bias.tolist() == pytest.approx([7.0, 0.0, 0.0])


def test_momentum_takes_the_last_step_again() -> None:
    rolling = OFF.model_copy(update={"momentum": 0.5})
    first, _ = aggregate(ZERO, [step(0.2)], rolling)
    second, _ = aggregate(first, [step(0.0)], rolling, previous=ZERO)
    assert np.allclose(second.item_bias, 0.3)


def test_a_low_rank_round_is_exact() -> None:
    """Averaging what was narrowed is narrowing the average, in every direction of the round."""
    rng = np.random.default_rng(0)
    people = [
        Model(rng.normal(0, 0.1, (3, 8)).astype(np.float32), np.zeros(3, np.float32))
        for _ in range(5)
    ]
    zero = Model(np.zeros((3, 8), np.float32), np.zeros(3, np.float32))
    config = OFF.model_copy(update={"update_rank": 3, "round": 2})
    found, _ = aggregate(zero, [config.sent(update) for update in people], config)
    whole, _ = aggregate(zero, people, OFF)
    expected = config.received(config.sent(whole), 8)
    assert np.allclose(found.item_factors, expected.item_factors, atol=1e-6)
    assert not np.allclose(found.item_factors, whole.item_factors, atol=1e-3)


def test_all_directions_together_are_the_whole_update() -> None:
    rng = np.random.default_rng(1)
    update = Model(rng.normal(size=(4, 6)).astype(np.float32), np.zeros(4, np.float32))
    parts = [OFF.model_copy(update={"update_rank": 2, "round": number}) for number in (1, 2, 3)]
    received = [one.received(one.sent(update), 6) for one in parts]
    summed = sum((one.item_factors for one in received), np.zeros((4, 6)))
    assert np.allclose(summed, update.item_factors, atol=1e-5)


def test_ten_times_fewer_bytes_at_rank_two() -> None:
    model = Model(np.zeros((500, 32), np.float32), np.zeros(500, np.float32))
    asked = OFF.model_copy(update={"update_rank": 2})
    assert len(pack_model(model)) > 10 * len(pack_model(asked.sent(model)))


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
    # The factors' bound is sqrt(0.5) * 2, and a step of 1 is taken where that is used up.
    assert after.item_factors.std() == pytest.approx(1.5 / math.sqrt(2), rel=0.05)


def test_a_block_without_a_share_gets_no_noise() -> None:
    config = AggregationConfig(
        mode="central", max_update_norm=1.0, noise_multiplier=3.0, bias_share=1.0, shrink=False
    )
    after, _ = aggregate(ZERO, [ZERO] * 4, config)
    assert not after.item_factors.any()
    assert after.item_bias.all()


def test_pure_noise_in_the_factors_is_hardly_followed_and_a_clear_signal_is() -> None:
    config = AggregationConfig(
        mode="central", max_update_norm=1.0, noise_multiplier=1.0, bias_share=0.0
    )
    model = Model(np.zeros((400, 25), np.float32), np.zeros(400, np.float32))
    trusted = [aggregate(model, [model], config)[1].trust for _ in range(50)]
    signal = Model(np.full((400, 25), 0.01, np.float32), np.zeros(400, np.float32))
    _, of_signal = aggregate(model, [signal] * 2000, config)
    assert np.mean(trusted) < 0.05
    assert of_signal.trust > 0.95


def test_well_known_items_are_trusted_more_where_they_stand_out_more() -> None:
    """Noise hides the crowd of hardly known items; the few that everybody moves come through."""
    fame = np.zeros(1000, np.float32)
    fame[:128] = 1.0
    model = Model(np.zeros((1000, 1), np.float32), fame)
    update = Model(np.zeros((1000, 1), np.float32), fame / np.float32(math.sqrt(128)))
    config = AggregationConfig(
        mode="central", max_update_norm=1.0, noise_multiplier=3.0, bias_share=1.0
    )
    after, _ = aggregate(model, [update] * 300, config)
    moved = np.abs(after.item_bias - fame)
    assert moved[:128].mean() > 20 * moved[128:].mean()


def test_no_updates_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        aggregate(ZERO, [], OFF)
