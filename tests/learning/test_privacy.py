"""Clipping, noise and its accounting."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.blocks import Bounds, add_noise, bound
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.local_update import local_update
from fedflex_core.learning.privacy import (
    Mode,
    best_guess,
    epsilon_spent,
    noise_multiplier_for,
    secure_normal,
)


def exact_epsilon(multiplier: float, rounds: int, delta: float) -> float:
    """The analytic Gaussian mechanism (Balle and Wang 2018, theorem 8): not the code under test."""
    sensitivity = math.sqrt(rounds) / multiplier

    def gap(epsilon: float) -> float:
        left = stats.norm.cdf(sensitivity / 2 - epsilon / sensitivity)
        right = stats.norm.logcdf(-sensitivity / 2 - epsilon / sensitivity)
        return float(left - math.exp(epsilon + right) - delta)

    return float(optimize.brentq(gap, 1e-9, 500))


@pytest.mark.parametrize(("multiplier", "rounds"), [(0.6, 1), (1.0, 1), (1.0, 10), (4.0, 50)])
def test_epsilon_agrees_with_the_analytic_gaussian(multiplier: float, rounds: int) -> None:
    expected = exact_epsilon(multiplier, rounds, 1e-5)
    assert epsilon_spent(Mode.CENTRAL, (multiplier,) * rounds, 1e-5) == pytest.approx(
        expected, rel=1e-2
    )


def test_local_noise_protects_against_replacement() -> None:
    """Two histories move an update by up to twice the bound, so the same noise buys half as much."""
    local = epsilon_spent(Mode.LOCAL, (2.0,) * 3, 1e-5)
    assert local == pytest.approx(exact_epsilon(1.0, 3, 1e-5), rel=1e-2)


@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.CENTRAL])
@pytest.mark.parametrize("epsilon", [1.0, 8.0])
def test_calibrated_noise_spends_the_promise_and_no_more(mode: Mode, epsilon: float) -> None:
    multiplier = noise_multiplier_for(mode, epsilon, 1e-5, 5)
    assert epsilon_spent(mode, (multiplier,) * 5, 1e-5) == pytest.approx(epsilon, rel=1e-3)


def test_no_noise_is_no_promise() -> None:
    assert epsilon_spent(Mode.OFF, (0.0,), 1e-5) == math.inf
    assert epsilon_spent(Mode.LOCAL, (0.0,), 1e-5) == math.inf


def test_unequal_rounds_cost_what_one_round_of_their_inverse_squares_costs() -> None:
    together = epsilon_spent(Mode.CENTRAL, (1.0, 2.0, 2.0), 1e-5)
    alone = (1.0 + 0.25 + 0.25) ** -0.5
    assert together == pytest.approx(exact_epsilon(alone, 1, 1e-5), rel=1e-2)


# Google's differential privacy library in Go (go/noise/gaussian_noise_test.go), a second implementation by
# other means: published figures of single mechanisms, and of one that answers four questions at once.


@pytest.mark.parametrize(
    ("noise", "rounds", "epsilon", "delta"),
    [
        (10.0, 1, 0.1, 0.008751768145810),
        (20.0, 4, 0.1, 0.008751768145810),
        (2.0, 1, math.log(3), 0.004159742234000802),
        (1.0, 1, math.log(3), 0.10985556344445052),
    ],
)
def test_epsilon_agrees_with_another_library_s_published_figures(
    noise: float, rounds: int, epsilon: float, delta: float
) -> None:
    found = epsilon_spent(Mode.DISTRIBUTED, (noise,) * rounds, delta)
    assert found == pytest.approx(epsilon, rel=2e-2)
    assert found >= epsilon * (1 - 1e-6), "rounded down, it would promise too much"


@pytest.mark.parametrize(
    ("epsilon", "delta", "variance"),
    [
        (math.log(3), 1e-10, 28.76478576660),
        (2 * math.log(3), 1e-10, 7.65948867798),
        (math.log(3), 1e-5, 11.73597717285),
    ],
)
def test_noise_agrees_with_another_library_s_published_figures(
    epsilon: float, delta: float, variance: float
) -> None:
    """That library rounds its noise up by 0.1 % at most."""
    found = noise_multiplier_for(Mode.CENTRAL, epsilon, delta)
    assert found == pytest.approx(math.sqrt(variance), rel=3e-3)
    local = noise_multiplier_for(Mode.LOCAL, epsilon, delta)
    assert local == pytest.approx(2 * found, rel=1e-6)


def test_the_best_guess_agrees_with_another_library_s_published_total_variation() -> None:
    assert best_guess(Mode.CENTRAL, (0.5,)) == pytest.approx(0.5 + 0.6826894921370859 / 2, abs=1e-4)


@pytest.mark.parametrize("noises", [(1.0,), (0.6, 2.0, 2.0), (5.0,) * 20])
@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.CENTRAL])
def test_the_best_guess_is_that_between_two_gaussians(
    mode: Mode, noises: tuple[float, ...]
) -> None:
    """Neyman and Pearson: the best test between two Gaussians a distance apart is right so often."""
    apart = mode.sensitivity * math.sqrt(sum(noise**-2 for noise in noises))
    assert best_guess(mode, noises) == pytest.approx(stats.norm.cdf(apart / 2), abs=2e-4)


def test_the_best_guess_grows_with_every_round_and_never_falls_below_a_coin() -> None:
    rounds = [best_guess(Mode.LOCAL, (3.0,) * rounds) for rounds in range(6)]
    assert rounds[0] == 0.5
    assert rounds == sorted(rounds)
    assert best_guess(Mode.OFF, (0.0,)) == best_guess(Mode.LOCAL, (0.0,)) == 1.0


UPDATE = Model(np.full((5, 3), 2.0, np.float32), np.full(5, -2.0, np.float32))


@given(share=st.floats(0, 1), size=st.floats(1e-3, 1e3), stretch=st.booleans())
def test_no_update_is_longer_than_the_bound_however_it_is_shared(
    share: float, size: float, stretch: bool
) -> None:
    bounded = bound(UPDATE.scaled(size), Bounds.of(0.5, share), stretch)
    assert bounded.norm() <= 0.5 * (1 + 1e-5)


def test_a_block_keeps_its_direction_and_its_own_bound() -> None:
    bounded = bound(UPDATE, Bounds.of(0.5, 0.36))
    assert np.allclose(bounded.item_bias, bounded.item_bias[0])
    assert np.linalg.norm(bounded.item_bias) == pytest.approx(0.3, rel=1e-5)
    assert np.linalg.norm(bounded.item_factors) == pytest.approx(0.4, rel=1e-5)


def test_short_updates_are_stretched_only_where_that_is_asked_for() -> None:
    short = Model(np.zeros((2, 2), np.float32), np.full(2, 0.1, np.float32))
    assert bound(short, Bounds.of(1.0, 1.0)).norm() == short.norm()
    assert bound(short, Bounds.of(1.0, 1.0), stretch=True).norm() == pytest.approx(1.0)
    assert bound(short.scaled(0), Bounds.of(1.0, 1.0), stretch=True).norm() == 0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_update_that_is_not_finite_is_sent_as_zero(wrong: float, share: float) -> None:
    """NaN shines through any noise, and would tell where it came from."""
    update = Model(np.ones((2, 2), np.float32), np.array([1.0, wrong], np.float32))
    assert bound(update, Bounds.of(1.0, share), stretch=True).norm() == 0


def test_secure_normal_is_standard_normal() -> None:
    drawn = secure_normal((200_000,))
    assert stats.kstest(drawn, "norm").pvalue > 1e-6


def test_noise_has_the_variance_that_was_asked_for() -> None:
    zero = Model(np.zeros((500, 40), np.float32), np.zeros(500, np.float32))
    noised = add_noise(zero, std=3.0)
    # 20,000 draws: the variance strays from 9 by 0.09 (one standard deviation).
    assert noised.item_factors.var() == pytest.approx(9.0, abs=0.6)
    assert (noised.item_bias != 0).all()


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_size_of_the_noise_does_not_follow_the_data(arm: str) -> None:
    """The noise added is the same, to the bit, for somebody with one series and one with thirty."""
    zeros = np.zeros(40, np.float32)
    model = Model(np.random.default_rng(0).normal(0, 0.3, (40, 3)).astype(np.float32), zeros)
    config = AggregationConfig(mode="local", max_update_norm=0.5, noise_multiplier=2.0)
    quiet = config.model_copy(update={"noise_multiplier": 0.0})
    differences = []
    for watched in (1, 30):
        ratings = Ratings(np.arange(watched), np.full(watched, 5.0, np.float32))
        drawn = [
            local_update(
                arm,
                model,
                ratings,
                ARMS[arm].config(),
                settings,
                np.random.default_rng(1),
                noise=lambda shape: np.random.default_rng(2).normal(size=shape),
            )[1]
            for settings in (config, quiet)
        ]
        differences.append((drawn[0] - drawn[1]).item_factors)
    assert np.allclose(differences[0], differences[1], atol=1e-6)
    assert differences[0].std() == pytest.approx(1.0, rel=0.25)


def test_noise_never_comes_from_a_seed() -> None:
    np.random.seed(0)
    first = secure_normal((8,))
    np.random.seed(0)
    assert not np.array_equal(first, secure_normal((8,)))
