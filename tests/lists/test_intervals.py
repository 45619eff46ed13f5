"""Intervals over people."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from fedflex_core.lists.intervals import bootstrap_interval


def test_the_interval_is_that_of_another_library() -> None:
    values = np.random.default_rng(1).exponential(size=(80, 2))
    ends = bootstrap_interval(values, resamples=20_000)
    for place in range(2):
        theirs = bootstrap(
            (values[:, place],), np.mean, method="percentile", n_resamples=20_000, rng=2
        ).confidence_interval
        ours = ends[0][place], ends[1][place]
        assert ours == pytest.approx((theirs.low, theirs.high), abs=0.015)


def test_it_holds_the_mean_of_the_world_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    worlds = rng.normal(3.0, 1.0, size=(60, 200))  # two hundred worlds of sixty people
    low, high = bootstrap_interval(worlds)
    assert 0.88 <= np.mean((low <= 3.0) & (high >= 3.0)) <= 0.99


def test_people_are_drawn_whole() -> None:
    """The difference of two measures that differ by one in everybody is one in every resample."""
    first = np.random.default_rng(3).normal(size=50)
    low, high = bootstrap_interval(np.column_stack([first, first + 1]))
    assert low[1] - low[0] == pytest.approx(1)
    assert high[1] - high[0] == pytest.approx(1)


def test_one_person_is_all_there_is_and_nobody_is_nothing() -> None:
    low, high = bootstrap_interval(np.array([[0.25]]))
    assert low.tolist() == high.tolist() == [0.25]
    with pytest.raises(ValueError, match="at least one person"):
        bootstrap_interval(np.empty((0, 1)))
