"""What an attacker reads out of updates: everything without noise, and under noise no more than there is."""

import math

import numpy as np
import pytest
from scipy import stats

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.attacks import guess_watched, precision_at, tell_apart, watched_scores
from fedflex_core.learning.blocks import add_noise
from fedflex_core.learning.contribution import contribute
from fedflex_core.learning.factors import Model, Ratings, Update
from fedflex_core.learning.privacy import Mode, best_guess

ITEMS, WATCHED = 400, 12
OFF = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0)


def world() -> Model:
    rng = np.random.default_rng(0)
    factors, bias = rng.normal(0, 0.3, (ITEMS, 8)), rng.normal(0, 0.4, ITEMS)
    return Model(factors.astype(np.float32), bias.astype(np.float32))


def somebody(seed: int) -> Ratings:
    """Likes what lies in some direction, and gave it two stars or more."""
    rng = np.random.default_rng(seed)
    taste = world().item_factors @ rng.normal(size=8) + rng.normal(0, 0.5, ITEMS)
    stars = rng.integers(2, 6, WATCHED)
    return Ratings(np.argsort(-taste)[:WATCHED].astype(np.int64), stars.astype(np.float32))


def precision(arm: str, config: AggregationConfig, people: int = 10) -> float:
    """Mean over people; the noise is drawn from seeds, so that the test is the same at each run."""
    found = []
    for seed in range(people):
        rng, person = np.random.default_rng(seed), somebody(seed)
        settings = ARMS[arm].config()
        made = contribute(arm, world(), person, settings, config, rng, rng.standard_normal)
        found.append(precision_at(guess_watched(made.update, WATCHED, arm), person.items))
    return float(np.mean(found))


def noised(std: float, bias_share: float) -> AggregationConfig:
    values = {"mode": Mode.LOCAL, "noise_multiplier": std, "bias_share": bias_share}
    return OFF.model_copy(update=values)


# What was watched.


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("bias_share", [0.0, 0.5, 1.0])
def test_without_noise_nearly_every_guess_is_right(arm: str, bias_share: float) -> None:
    assert precision(arm, OFF.model_copy(update={"bias_share": bias_share})) > 0.9


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_of_few_directions_it_is_read_as_well(arm: str) -> None:
    narrow = {"bias_share": 0.0, "update_rank": 2}
    assert precision(arm, OFF.model_copy(update=narrow)) > 0.8


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("bias_share", [0.0, 0.5, 1.0])
def test_a_little_noise_does_not_blind_it(arm: str, bias_share: float) -> None:
    assert precision(arm, noised(0.03, bias_share)) > 0.7


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("bias_share", [0.0, 0.5, 1.0])
def test_much_noise_leaves_what_blind_guessing_gives(arm: str, bias_share: float) -> None:
    # 600 guesses, of which 0.03 are right by chance, within 0.007 (one standard deviation).
    found = precision(arm, noised(20.0, bias_share), people=50)
    assert found == pytest.approx(WATCHED / ITEMS, abs=0.02)


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_factors_are_heard_beside_the_biases(arm: str) -> None:
    both, biases = [], []
    for seed in range(20):
        rng, person = np.random.default_rng(seed), somebody(seed)
        args = ARMS[arm].config(), noised(0.04, 0.5), rng, rng.standard_normal
        update = contribute(arm, world(), person, *args).update
        silenced = Update(np.zeros_like(update.item_factors), update.item_bias)
        for one, found in ((update, both), (silenced, biases)):
            found.append(precision_at(guess_watched(one, WATCHED, arm), person.items))
    assert np.mean(both) > np.mean(biases) + 0.03


def test_watched_and_disliked_is_found_too() -> None:
    """Under SVD a low rating of what is well known moves it down, and farther than what was not watched."""
    model, disliked = world(), np.array([3, 30, 300])
    model.item_bias[disliked] = 4.0
    low = Ratings(disliked, np.ones(3, np.float32))
    rng = np.random.default_rng(0)
    update = contribute("svd", model, low, ARMS["svd"].config(), OFF, rng).update
    assert update.item_bias[disliked].max() < 0
    assert sorted(guess_watched(update, 3, "svd")) == [3, 30, 300]


def test_the_way_round_is_read_from_the_biases() -> None:
    """The watched ones are more than half here, so that only biases tell up from down."""
    bias = np.where(np.arange(10) < 7, 1.0, -1.0).astype(np.float32)
    for sign in (1, -1):
        update = Update(sign * np.outer(bias, [1.0, 2.0]).astype(np.float32), bias)
        assert sorted(guess_watched(update, 7, "bpr")) == list(range(7))


def test_an_update_of_zeros_says_nothing() -> None:
    zero = world().scaled(0.0)
    for arm in (None, *ARMS):
        assert not watched_scores(zero, arm).any()


def test_scores_are_one_for_each_item_and_the_update_is_left_alone() -> None:
    update = world()
    before = update.item_factors.copy(), update.item_bias.copy()
    scores = watched_scores(update)
    assert scores.shape == (ITEMS,)
    assert scores.dtype == np.float64
    assert np.array_equal(update.item_factors, before[0])
    assert np.array_equal(update.item_bias, before[1])


def test_no_more_guesses_than_items() -> None:
    assert len(guess_watched(world(), 0)) == 0
    assert len(guess_watched(world(), 2 * ITEMS)) == ITEMS


def test_precision_of_no_guess_is_none() -> None:
    assert precision_at(np.array([], np.int64), np.array([1])) == 0.0


# Whose update it is.


def short(*values: float) -> Update:
    return Update(np.zeros((len(values), 2), np.float32), np.array(values, np.float32))


def hits(std: float, one: Update, other: Update, tries: int) -> int:
    """How often it is told what a coin chose, under the operating system's noise."""
    coins = np.random.default_rng(0).random(tries) < 0.5
    shown = [add_noise(one if coin else other, std) for coin in coins]
    return sum(
        tell_apart(seen, one, other) is bool(coin) for seen, coin in zip(shown, coins, strict=True)
    )


# A right program fails one of these once in ten million runs.
SURE = 1 - 1e-7


def interval(right: int, tries: int) -> tuple[float, float]:
    found = stats.binomtest(right, tries).proportion_ci(SURE, method="exact")
    return found.low, found.high


def test_without_noise_it_is_always_told() -> None:
    assert hits(0.0, short(0.1, 0.2), short(0.2, 0.1), 50) == 50


@pytest.mark.parametrize("std", [0.3, 0.7, 2.0])
def test_it_is_told_as_often_as_the_noise_lets_anybody_tell(std: float) -> None:
    """Two normal distributions ``distance`` apart: the best test there is, by its known answer."""
    one, other, tries = short(0.3, -0.2, 0.6), short(-0.1, 0.4, 0.2), 3000
    distance = math.sqrt(0.4**2 + 0.6**2 + 0.4**2)
    low, high = interval(hits(std, one, other, tries), tries)
    assert low <= stats.norm.cdf(distance / (2 * std)) <= high


@pytest.mark.parametrize(
    ("mode", "one", "other"),
    [
        (Mode.LOCAL, short(0.6, 0.8), short(-0.6, -0.8)),  # two histories as unlike as can be
        (Mode.CENTRAL, short(0.6, 0.8), short(0.0, 0.0)),  # there, or not
    ],
)
def test_the_worst_case_reaches_the_accountants_bound_and_half_the_noise_breaks_it(
    mode: Mode, one: Update, other: Update
) -> None:
    std = 0.6 * mode.sensitivity
    bound, tries = best_guess(mode, (std,)), 2000
    low, high = interval(hits(std, one, other, tries), tries)
    assert low <= bound <= high
    assert interval(hits(std / 2, one, other, tries), tries)[0] > bound


def test_nothing_speaks_for_one_of_two_that_are_equal() -> None:
    one = short(0.5, 0.5)
    assert not tell_apart(short(9.0, 9.0), one, one)


def test_factors_and_reports_are_looked_at_too() -> None:
    nothing = world().scaled(0.0)
    factors = Update(world().item_factors, nothing.item_bias)
    assert tell_apart(factors, factors, nothing)
    assert not tell_apart(nothing, factors, nothing)
    here, there = np.eye(2, dtype=np.float32)
    assert tell_apart(nothing, nothing, nothing, (here, here, there))
    assert not tell_apart(nothing, nothing, nothing, (there, here, there))
