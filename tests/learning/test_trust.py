"""How far a noisy average is followed."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.learning.trust import groups_by_fame, public_directions, trusted

RNG = np.random.default_rng(0)
FACTORS = RNG.normal(size=(2000, 8))


@given(st.integers(1, 5000))
def test_every_item_is_in_one_group_the_best_known_in_the_first(items: int) -> None:
    fame = np.random.default_rng(items).normal(size=items)
    groups = groups_by_fame(fame)
    assert sorted(np.concatenate(groups).tolist()) == list(range(items))
    assert all(fame[a].min() >= fame[b].max() for a, b in pairwise(groups))


def test_without_noise_everything_is_followed() -> None:
    average = RNG.normal(size=(2000, 3))
    followed = trusted(average, 0.0, groups_by_fame(FACTORS[:, 0]), 2.0, public_directions(FACTORS))
    assert np.array_equal(followed, average)


def test_what_is_followed_lies_nearer_to_the_truth_than_what_was_seen_or_the_start() -> None:
    """The point of it: of three guesses at what people meant, the weighed one is the best."""
    truth = np.zeros(2000)
    truth[:128] = RNG.normal(0, 2.0, 128)
    seen = truth + RNG.normal(size=2000)
    followed = trusted(seen, 1.0, groups_by_fame(-np.arange(2000.0)))
    errors = [np.mean((guess - truth) ** 2) for guess in (followed, seen, np.zeros(2000))]
    assert errors[0] < 0.5 * min(errors[1:])


def test_movement_along_public_directions_is_heard_where_single_items_are_not() -> None:
    """Items that are alike move together: too little each, a clear sum."""
    truth = FACTORS @ RNG.normal(0, 0.05, 8)
    seen = truth + RNG.normal(size=2000)
    groups = groups_by_fame(RNG.normal(size=2000))
    alone = trusted(seen, 1.0, groups, caution=2.0)
    together = trusted(seen, 1.0, groups, 2.0, public_directions(FACTORS))
    error = [np.mean((guess - truth) ** 2) / np.mean(truth**2) for guess in (alone, together)]
    assert error[0] > 0.9
    assert error[1] < 0.5


def test_directions_are_orthogonal_and_as_many_as_are_different() -> None:
    twice = np.hstack([FACTORS, FACTORS[:, :2]])
    found = public_directions(twice)
    assert found.shape == (2000, 8)
    assert np.allclose(found.T @ found, np.eye(8), atol=1e-8)


@pytest.mark.parametrize("caution", [0.0, 2.0])
def test_noise_alone_is_followed_by_next_to_nothing(caution: float) -> None:
    groups = groups_by_fame(RNG.normal(size=2000))
    kept = [
        np.linalg.norm(trusted(RNG.normal(size=2000), 1.0, groups, caution)) / np.sqrt(2000)
        for _ in range(50)
    ]
    assert np.mean(kept) < (0.12 if caution == 0 else 0.03)


def test_where_people_who_all_agree_could_not_stand_out_nothing_is_followed() -> None:
    """Chance stands out half of the time; with large noise, following it would ruin the model."""
    rng = np.random.default_rng(0)
    groups = [np.arange(128)]
    for _ in range(200):
        noise = rng.normal(0, 1.0, 128)
        assert not trusted(noise, 1.0, groups, longest=1.0).any()
    drawn = (rng.normal(0, 1.0, 128) for _ in range(200))
    assert any(trusted(noise, 1.0, groups, longest=100.0).any() for noise in drawn)


def test_what_can_stand_out_is_followed_as_before() -> None:
    average = np.full(128, 1.0 / np.sqrt(128)) + np.random.default_rng(1).normal(0, 0.02, 128)
    groups = [np.arange(128)]
    kept = trusted(average, 0.02, groups, longest=1.0)
    assert np.array_equal(kept, trusted(average, 0.02, groups))
    assert np.linalg.norm(kept) > 0.9
