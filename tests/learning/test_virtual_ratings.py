"""FedRec's virtual ratings: what moved is a few items, and nobody can tell the watched ones."""

import numpy as np
import pytest

from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.svd import SVDConfig, fit

ITEMS = 400
WATCHED = np.arange(0, 400, 20)


def update(rho: int, stars: str = "average", seed: int = 0) -> Model:
    rng = np.random.default_rng(seed)
    factors = rng.normal(0, 0.3, (ITEMS, 8)).astype(np.float32)
    model = Model(factors, np.zeros(ITEMS, np.float32))
    ratings = Ratings(WATCHED, rng.integers(1, 6, len(WATCHED)).astype(np.float32))
    config = SVDConfig(virtual_ratings=rho, virtual_stars=stars)
    return fit(model, ratings, config, rng)[1]


@pytest.mark.parametrize("stars", ["average", "hybrid", "drawn"])
def test_as_many_others_move_as_were_asked_for(stars: str) -> None:
    moved = np.flatnonzero(update(3, stars).item_factors.any(axis=1))
    assert len(moved) == 4 * len(WATCHED)
    assert set(WATCHED) < set(moved)


def test_how_far_an_item_moved_does_not_tell_whether_it_was_watched() -> None:
    """The guess "what moved most was watched" is right as often as a coin, over many people."""
    better = []
    for seed in range(20):
        change = update(3, "drawn", seed=seed)
        size = np.linalg.norm(change.item_factors, axis=1) + np.abs(change.item_bias)
        others = np.setdiff1d(np.flatnonzero(size), WATCHED)
        better.append((size[WATCHED][:, None] > size[others][None, :]).mean())
    assert np.mean(better) == pytest.approx(0.5, abs=0.08)


def test_averages_hide_which_items_but_not_how_far_they_move() -> None:
    """FedRec's own filling: the made-up ratings are just what is expected, and so move less."""
    change = update(3, "average")
    size = np.linalg.norm(change.item_factors, axis=1) + np.abs(change.item_bias)
    others = np.setdiff1d(np.flatnonzero(size), WATCHED)
    assert (size[WATCHED][:, None] > size[others][None, :]).mean() > 0.7


def test_without_them_an_update_spells_out_what_was_watched() -> None:
    """The control of the test above: with all unwatched items at rating 0 the watched stand out."""
    change = update(0)
    size = np.linalg.norm(change.item_factors, axis=1) + np.abs(change.item_bias)
    others = np.setdiff1d(np.arange(ITEMS), WATCHED)
    assert (size[WATCHED][:, None] > size[others][None, :]).mean() > 0.95


def test_more_virtual_ratings_than_items_are_all_items() -> None:
    assert update(1000).item_bias.all()
