"""Groups of people whose weights are levelled, and what their reports tell."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.learning.aggregation import (
    AggregationConfig,
    RoundSum,
    UnusableUpdate,
    aggregate,
)
from fedflex_core.learning.blocks import Bounds
from fedflex_core.learning.factors import Model
from fedflex_core.learning.fairness import (
    FairnessDesign,
    group_report,
    heard_groups,
    mean_weight,
)
from fedflex_core.learning.privacy import Mode

TWO = FairnessDesign(groups_at=(30,))
MOST = 0.3


def summed(*people: tuple[int, float]) -> np.ndarray:
    """The sum of the reports of people given by their group and quality."""
    reports = [group_report(quality, group, 2, MOST) for group, quality in people]
    return np.sum(reports, axis=0, dtype=np.float64)


@given(quality=st.floats(allow_nan=True), group=st.integers(0, 2))
def test_no_report_is_longer_than_its_bound(quality: float, group: int) -> None:
    report = group_report(quality, group, 3, MOST)
    assert np.isfinite(report).all()
    assert np.linalg.norm(report) <= MOST * (1 + 1e-6)


@given(bias=st.floats(0, 1), report=st.floats(0, 0.999))
def test_all_blocks_together_are_one_bound(bias: float, report: float) -> None:
    bounds = Bounds.of(0.5, bias, report)
    assert math.hypot(bounds.bias, bounds.factors, bounds.report) == pytest.approx(0.5)


def test_without_noise_the_means_are_exact() -> None:
    heard = heard_groups(summed((0, 0.5), (0, 0.7), (1, 0.9)), std=0.0, most=MOST)
    assert heard.people.tolist() == pytest.approx([2, 1])
    assert heard.quality.tolist() == pytest.approx([0.6, 0.9])
    assert heard.gaps().tolist() == pytest.approx([-0.1, 0.2])


def test_the_noise_of_a_mean_has_the_variance_that_is_said() -> None:
    whole, rng = summed(*[(0, 0.6)] * 300, *[(1, 0.8)] * 700), np.random.default_rng(0)
    drawn = [heard_groups(whole + rng.normal(0, 2.0, (2, 2)), 2.0, MOST) for _ in range(2000)]
    found = np.var([one.quality for one in drawn], axis=0)
    said = np.mean([one.variance for one in drawn], axis=0)
    assert found == pytest.approx(said, rel=0.15)


def test_who_is_served_better_weighs_less() -> None:
    heard = heard_groups(summed((0, 0.5), (1, 0.9)), 0.0, MOST)
    light, heavy = TWO.next_weights((1.0, 1.0), heard)
    assert light == 1.0
    assert heavy == pytest.approx(0.8 / 1.2)


def test_weights_come_back_when_the_gap_has_turned() -> None:
    turned = heard_groups(summed((0, 0.9), (1, 0.5)), 0.0, MOST)
    light, heavy = TWO.next_weights((1.0, 0.3), turned)
    assert heavy / light > 0.3


def test_no_weight_falls_below_the_lowest() -> None:
    heard, weights = heard_groups(summed((0, 0.0), (1, 1.0)), 0.0, MOST), (1.0, 1.0)
    for _ in range(50):
        weights = TWO.next_weights(weights, heard)
    assert weights == (1.0, TWO.lowest_weight)


def test_a_budget_of_zero_changes_nothing() -> None:
    heard = heard_groups(summed((0, 0.2), (1, 0.9)), 0.0, MOST)
    assert FairnessDesign(beta=0).next_weights((1.0, 0.7), heard) == (1.0, 0.7)


def test_noise_alone_moves_no_weight_far() -> None:
    """Thirty people's own noise: their groups are as good as never told apart."""
    rng, few = np.random.default_rng(1), summed(*[(0, 0.7)] * 15, *[(1, 0.7)] * 15)
    std = 1.2 * math.sqrt(30)
    lowest = [
        min(TWO.next_weights((1, 1), heard_groups(few + rng.normal(0, std, (2, 2)), std, MOST)))
        for _ in range(300)
    ]
    assert np.mean(np.array(lowest) == 1.0) > 0.9


@given(
    weights=st.tuples(st.floats(0.2, 1), st.floats(0.2, 1)),
    noise=st.lists(st.floats(-9, 9), min_size=4, max_size=4),
)
def test_whatever_the_noise_weights_and_divisor_stay_in_their_range(
    weights: tuple[float, float], noise: list[float]
) -> None:
    heard = heard_groups(summed((0, 0.5), (1, 0.9)) + np.reshape(noise, (2, 2)), 1.0, MOST)
    after = TWO.next_weights(weights, heard)
    assert max(after) == 1.0
    assert min(after) >= TWO.lowest_weight
    assert min(*weights, 1.0) - 1e-9 <= mean_weight(weights, heard) <= 1.0


@pytest.mark.parametrize("cuts", [(), (0,), (30, 30), (30, 10)])
def test_cuts_rise(cuts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="groups_at"):
        FairnessDesign(groups_at=cuts)


ZERO = Model(np.zeros((4, 2), np.float32), np.zeros(4, np.float32))
ASKED = AggregationConfig(
    mode="off", max_update_norm=1.0, noise_multiplier=0.0, fairness=TWO, bias_share=1.0
)


def own(*bias: float) -> Model:
    return Model(ZERO.item_factors, np.array(bias, np.float32))


def reports(*people: tuple[int, float]) -> list[np.ndarray]:
    return [group_report(quality, group, 2, ASKED.bounds.report) for group, quality in people]


def test_the_average_is_weighted_by_groups() -> None:
    """Three of one group at half a weight and one of the other: (3 * 0.5 * a + b) / 2.5."""
    config = ASKED.model_copy(update={"group_weights": (1.0, 0.5)})
    people = [own(0.1, 0, 0, 0)] * 3 + [own(0, 0.2, 0, 0)]  # three have weighed theirs already
    told = reports((1, 0.7), (1, 0.7), (1, 0.7), (0, 0.7))
    after, said = aggregate(ZERO, people, config, reports=told)
    expected = np.array([0.3, 0.2, 0, 0]) / 2.5 / config.bounds.bias
    assert np.allclose(after.item_bias, expected, atol=1e-6)
    assert said.group_weights == (1.0, 0.5)
    assert said.group_quality == pytest.approx((0.7, 0.7))


def test_central_noise_on_the_reports_is_drawn_once_and_as_large_as_elsewhere() -> None:
    config = ASKED.model_copy(update={"mode": Mode.CENTRAL, "noise_multiplier": 0.1})
    drawn: list[tuple[int, ...]] = []

    def noise(shape: tuple[int, ...]) -> np.ndarray:
        drawn.append(shape)
        return np.full(shape, 1.0 if shape == (2, 2) else 0.0)

    summed = RoundSum(ZERO, config)
    for report in reports((0, 0.5), (1, 0.5)):
        summed.add(ZERO, report=report)
    _, said = summed.close(noise=noise)
    assert drawn.count((2, 2)) == 1
    person = config.bounds.report / math.sqrt(2)
    expected = 0.5 + 0.5 * 0.1 / (person + 0.1)
    assert said.group_quality == pytest.approx((expected, expected))


def test_everybodys_own_noise_adds_up_before_a_group_is_heard() -> None:
    """Nine people's noise is three times one's: the one person of the other group drowns in it."""
    person = ASKED.bounds.report / math.sqrt(2)
    config = ASKED.model_copy(update={"mode": Mode.LOCAL, "noise_multiplier": 0.4 * person})
    told = reports(*[(0, 0.7)] * 8, (1, 0.7))
    _, said = aggregate(ZERO, [ZERO] * 9, config, reports=told)
    assert said.group_quality is not None
    assert said.group_quality[0] == pytest.approx(0.7)
    assert math.isnan(said.group_quality[1])


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (None, "missing"),
        (np.zeros((3, 2), np.float32), "shape"),
        (np.zeros((2, 2)), "float64"),
        (np.full((2, 2), np.nan, np.float32), "not finite"),
        (np.ones((2, 2), np.float32), "norm"),
    ],
)
def test_a_bad_report_is_refused_and_the_sum_stays(report: np.ndarray | None, reason: str) -> None:
    summed = RoundSum(ZERO, ASKED)
    with pytest.raises(UnusableUpdate, match=reason):
        summed.add(own(0.1, 0, 0, 0), report=report)
    assert len(summed) == 0
    summed.add(ZERO, report=reports((0, 0.5))[0])
    assert not summed.close()[0].item_bias.any()


def test_a_report_that_was_not_asked_for_is_refused() -> None:
    plain = ASKED.model_copy(update={"fairness": None})
    with pytest.raises(UnusableUpdate, match="asks for none"):
        aggregate(ZERO, [ZERO], plain, reports=reports((0, 0.5)))


def test_as_many_reports_as_updates() -> None:
    for told in (reports((0, 0.5)), reports(*[(0, 0.5)] * 3)):
        with pytest.raises(ValueError, match="as many"):
            aggregate(ZERO, [ZERO, ZERO], ASKED, reports=told)


def test_as_many_weights_as_groups() -> None:
    values = ASKED.model_dump() | {"group_weights": (1.0, 0.5, 0.5)}
    with pytest.raises(ValueError, match="as many weights as groups"):
        AggregationConfig.model_validate(values)
