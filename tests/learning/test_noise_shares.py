"""Noise in shares: enough is left whoever looks, and no more is added than is told."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.learning.noise_shares import NoiseShares

SHARES = st.integers(1, 20_000)
HONEST_SHARE = st.floats(0, 1)
PEOPLE = st.integers(0, 20_000)
SIGMA = st.floats(0, 1e6, allow_subnormal=False)


@given(SHARES, HONEST_SHARE, PEOPLE, SIGMA, st.data())
def test_enough_is_left_where_as_many_are_honest_as_were_relied_upon(
    shares: int, honest_share: float, people: int, sigma: float, data: st.DataObject
) -> None:
    noise = NoiseShares(shares, honest_share)
    honest = data.draw(st.integers(math.floor(honest_share * people), people))
    assert noise.left_std(sigma, people, honest) >= sigma


@given(SHARES, HONEST_SHARE, PEOPLE)
def test_no_more_is_topped_up_than_is_needed(shares: int, honest_share: float, people: int) -> None:
    noise = NoiseShares(shares, honest_share)
    honest = math.floor(honest_share * people)
    if noise.top_up_std(1.0, people) > 0 and people <= shares:
        assert noise.left_std(1.0, people, honest) == 1.0
        if honest > 0:
            assert noise.left_std(1.0, people, honest - 1) < 1.0


@given(SHARES, HONEST_SHARE, PEOPLE)
def test_many_numbers_do_not_buy_off_the_noise_of_the_parties(
    shares: int, honest_share: float, people: int
) -> None:
    """Whoever sends many updates under many numbers, and alone knows their noise, faces this much."""
    left = NoiseShares(shares, honest_share).left_std(1.0, people, 0)
    assert left**2 >= 1 - honest_share - 1e-9


@given(SHARES, HONEST_SHARE, PEOPLE)
def test_the_whole_is_what_all_add(shares: int, honest_share: float, people: int) -> None:
    noise = NoiseShares(shares, honest_share)
    variance = people * noise.share_std(2.0) ** 2 + 2 * noise.top_up_std(2.0, people) ** 2
    assert noise.total_std(2.0, people) == pytest.approx(math.sqrt(variance), rel=1e-12)
    one_known = variance - noise.top_up_std(2.0, people) ** 2
    assert noise.left_std(2.0, people, people) == pytest.approx(math.sqrt(one_known), rel=1e-12)


@pytest.mark.parametrize(
    ("shares", "honest_share", "people", "top_up", "total"),
    [
        (100, 0.5, 100, 0.5, 2.0),  # as expected: twice the variance, half of it the people's
        (100, 0.5, 40, 0.8, 2.0),  # at a half, what the people lack the parties have
        (100, 0.5, 0, 1.0, 2.0),
        (100, 0.5, 300, 0.5, 4.0),  # more people than expected do not buy off the parties' noise
        (100, 1.0, 300, 0.0, 3.0),
        (100, 1.0, 100, 0.0, 1.0),  # everybody relied upon: no top-up
        (100, 0.0, 100, 1.0, 3.0),  # nobody: the parties' noise alone has to do
        (100, 0.5, 3, 0.99, 2.01),  # half of three is one
        (1, 0.5, 1, 1.0, 3.0),  # half of one is nobody
    ],
)
def test_known_variances(
    shares: int, honest_share: float, people: int, top_up: float, total: float
) -> None:
    noise = NoiseShares(shares, honest_share)
    assert noise.share_std(3.0) ** 2 == pytest.approx(9.0 / shares)
    assert noise.top_up_std(3.0, people) ** 2 == pytest.approx(9.0 * top_up)
    assert noise.total_std(3.0, people) ** 2 == pytest.approx(9.0 * total)


def test_a_half_is_relied_upon_unless_told_otherwise() -> None:
    assert NoiseShares(10) == NoiseShares(10, 0.5)


@pytest.mark.parametrize(("people", "liars"), [(40, 0), (40, 20), (25, 12), (90, 45)])
def test_noise_that_is_drawn_has_the_variance_that_is_told(people: int, liars: int) -> None:
    noise, sigma, draws = NoiseShares(shares=40), 0.3, 20_000
    random = np.random.default_rng(people + liars)
    of_people = random.normal(0, noise.share_std(sigma), (people, draws))
    helper, aggregator = random.normal(0, noise.top_up_std(sigma, people), (2, draws))
    everything = of_people.sum(axis=0) + helper + aggregator
    # The helper's own noise and that of the liars is taken away again, as they could.
    left = everything - helper - of_people[:liars].sum(axis=0)
    for measured, told in (
        (everything, noise.total_std(sigma, people)),
        (left, noise.left_std(sigma, people, people - liars)),
    ):
        standard_error = told**2 * math.sqrt(2 / draws)
        assert float(np.mean(measured**2)) == pytest.approx(told**2, abs=5 * standard_error)
    assert noise.left_std(sigma, people, people - liars) >= sigma


def test_no_noise_has_no_shares() -> None:
    noise = NoiseShares(10)
    assert noise.share_std(0.0) == noise.top_up_std(0.0, 5) == noise.total_std(0.0, 5) == 0.0


@pytest.mark.parametrize(
    ("shares", "honest_share"), [(0, 0.5), (-1, 0.5), (1, -0.1), (1, 1.1), (1, math.nan)]
)
def test_impossible_shares_are_refused(shares: int, honest_share: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        NoiseShares(shares, honest_share)


@pytest.mark.parametrize("sigma", [-1.0, math.inf, math.nan])
def test_noise_that_is_no_number_is_refused(sigma: float) -> None:
    noise = NoiseShares(10)
    for asked in (
        lambda: noise.share_std(sigma),
        lambda: noise.top_up_std(sigma, 5),
        lambda: noise.total_std(sigma, 5),
        lambda: noise.left_std(sigma, 5, 5),
    ):
        with pytest.raises(ValueError, match="standard deviation"):
            asked()


@pytest.mark.parametrize(("people", "honest"), [(-1, 0), (5, 6), (5, -1)])
def test_impossible_people_are_refused(people: int, honest: int) -> None:
    with pytest.raises(ValueError, match="people"):
        NoiseShares(10).left_std(1.0, people, honest)
    if people < 0:
        with pytest.raises(ValueError, match="people"):
            NoiseShares(10).top_up_std(1.0, people)
