"""What a participant makes in a round: the report beside the update, and their own dial."""

import numpy as np
import pytest
from scipy import stats

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.contribution import Contribution, contribute, held_out, quality
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.fairness import FairnessDesign, group_report
from fedflex_core.learning.privacy import Mode, noise_multiplier_for

ITEMS = 400
OFF = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0)
FAIR = OFF.model_copy(update={"fairness": FairnessDesign(groups_at=(30,))})


def small_model() -> Model:
    factors = np.random.default_rng(0).normal(0, 0.3, (ITEMS, 4)).astype(np.float32)
    return Model(factors, np.zeros(ITEMS, np.float32))


def watched(count: int) -> Ratings:
    return Ratings(np.arange(count, dtype=np.int64), np.full(count, 5.0, np.float32))


def made(
    config: AggregationConfig, count: int = 100, seed: int = 0, arm: str = "svd", **more: object
) -> Contribution:
    rng = np.random.default_rng(seed)
    settings = ARMS[arm].config()
    return contribute(arm, small_model(), watched(count), settings, config, rng, **more)


# The dial.


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_at_a_quarter_a_quarter_of_all_rows_is_sent_watched_or_not(arm: str) -> None:
    """Silence tells nothing: a watched item is held back just as often as any other."""
    sent = np.array(
        [
            made(OFF, seed=seed, arm=arm, shared_part=0.25).update.item_bias != 0
            for seed in range(10)
        ]
    )
    # 1,000 and 3,000 coins: 0.25 strays by 0.014 and 0.008 (one standard deviation).
    assert sent[:, :100].mean() == pytest.approx(0.25, abs=0.055)
    assert sent[:, 100:].mean() == pytest.approx(0.25, abs=0.032)


@pytest.mark.parametrize("config", [OFF, FAIR])
def test_at_nothing_nothing_goes_and_the_own_vector_stays(config: AggregationConfig) -> None:
    silent, whole = made(config, shared_part=0.0), made(config)
    assert not silent.update.item_bias.any()
    assert not silent.update.item_factors.any()
    assert silent.report is None or not silent.report.any()
    assert silent.user_factors.any()
    assert whole.update.item_bias.all()


def test_noise_covers_the_rows_held_back_too() -> None:
    local = OFF.model_copy(update={"mode": Mode.LOCAL, "noise_multiplier": 1.0})
    assert made(local, shared_part=0.0).update.item_bias.all()


# The report.


def test_without_groups_there_is_no_report() -> None:
    assert made(OFF).report is None


def test_the_report_is_of_the_persons_own_group() -> None:
    for count, group in ((29, 0), (30, 1)):
        report = made(FAIR, count=count).report
        assert report is not None
        assert report.dtype == np.float32
        assert report[group, 0] > 0
        assert not report[1 - group].any()


def test_the_update_weighs_what_its_group_does_and_never_more_than_the_bound() -> None:
    weighed = FAIR.model_copy(update={"group_weights": (1.0, 0.25)})
    for count, weight in ((29, 1.0), (30, 0.25)):
        plain, scaled = made(FAIR, count=count).update, made(weighed, count=count).update
        assert np.allclose(scaled.item_bias, weight * plain.item_bias)
        assert np.allclose(scaled.item_factors, weight * plain.item_factors)


def test_update_and_report_together_keep_the_one_bound() -> None:
    sent = made(FAIR)
    assert sent.report is not None
    whole = np.hypot(sent.update.norm(), np.linalg.norm(sent.report))
    assert whole <= FAIR.max_update_norm * (1 + 1e-5)


def test_the_noise_on_a_report_has_the_standard_deviation_that_is_declared() -> None:
    local = FAIR.model_copy(update={"mode": Mode.LOCAL, "noise_multiplier": 2.5})
    drawn = np.array([made(local, count=8).report for _ in range(400)])
    # 1,600 draws about their means: 2.5 strays by 0.045 (one standard deviation).
    assert (drawn - drawn.mean(axis=0)).std() == pytest.approx(local.noise_std, abs=0.2)
    assert stats.kstest(drawn[:, 1, 1] / 2.5, "norm").pvalue > 1e-6  # of a group that is not theirs


def test_the_best_guess_at_a_group_is_hardly_better_than_a_coin() -> None:
    """By the likelihood ratio, which no other guess beats, at the noise of epsilon 8."""
    std = noise_multiplier_for(Mode.LOCAL, 8.0, 1e-5)
    rng = np.random.default_rng(2)
    one, other = (group_report(1.0, group, 2, FAIR.bounds.report) for group in (0, 1))
    seen = one + rng.normal(0, std, (4000, 2, 2))
    closer = ((seen - one) ** 2).sum(axis=(1, 2)) < ((seen - other) ** 2).sum(axis=(1, 2))
    assert closer.mean() < 0.62


# The quality in it.


def test_the_same_ratings_are_held_out_in_every_round_and_others_of_another_person() -> None:
    first, again, another = (held_out(watched(60), ITEMS, person)[1] for person in (7, 7, 8))
    assert np.array_equal(first.items, again.items)
    assert not np.array_equal(first.items, another.items)


@pytest.mark.parametrize("count", [0, 1, 2, 9, 11, 60])
def test_what_is_kept_and_what_is_held_out_are_all(count: int) -> None:
    kept, held = held_out(watched(count), ITEMS, 3)
    assert sorted([*kept.items, *held.items]) == list(range(count))
    assert len(held.items) == -(-count // 10)


def test_what_is_held_out_never_moves_the_model_as_something_watched() -> None:
    """In the update it goes down, as whatever was not watched does."""
    _, held = held_out(watched(40), ITEMS, 5)
    bias = made(FAIR, count=40, person=5).update.item_bias
    kept = np.setdiff1d(np.arange(40), held.items)
    assert bias[kept].min() > bias[held.items].max()


def test_quality_is_the_share_of_unrated_items_below() -> None:
    scores = np.array([0.9, 0.8, 0.1, 0.2, 0.8], np.float32)
    rated = Ratings(np.array([0, 1]), np.ones(2, np.float32))
    held = Ratings(np.array([1]), np.ones(1, np.float32))
    assert quality(scores, held, rated) == pytest.approx((1 + 1 + 0.5) / 3)


def test_quality_of_nothing_says_nothing() -> None:
    nothing = Ratings(np.array([], np.int64), np.array([], np.float32))
    assert quality(np.ones(3, np.float32), nothing, nothing) == 0.5
    assert quality(np.ones(3, np.float32), watched(3), watched(3)) == 0.5


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("count", [1, ITEMS])
def test_extreme_histories_report_too(arm: str, count: int) -> None:
    report = made(FAIR, count=count, arm=arm).report
    assert report is not None
    assert np.isfinite(report).all()
