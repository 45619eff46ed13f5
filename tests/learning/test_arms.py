"""One contract for every arm, and a tiny world whose answer is known."""

import numpy as np
import pytest

from fedflex_core.learning.aggregation import AggregationConfig, aggregate
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.local_update import local_update

ITEMS, SIZE = 24, 4


def small_model(seed: int = 0) -> Model:
    rng = np.random.default_rng(seed)
    factors = rng.normal(0, 0.3, (ITEMS, SIZE)).astype(np.float32)
    return Model(factors, np.zeros(ITEMS, np.float32))


def some_ratings(items: list[int], stars: float = 5.0) -> Ratings:
    return Ratings(np.array(items, np.int64), np.full(len(items), stars, np.float32))


@pytest.mark.parametrize("arm", sorted(ARMS))
class TestContract:
    """What an arm owes to everybody who swaps it in."""

    def fit(self, arm: str, items: list[int], seed: int = 0) -> tuple[np.ndarray, Model]:
        config = ARMS[arm].config()
        rng = np.random.default_rng(seed)
        return ARMS[arm].fit(small_model(), some_ratings(items), config, rng)

    def test_shapes_and_dtypes(self, arm: str) -> None:
        user, update = self.fit(arm, [1, 5, 7])
        assert user.shape == (SIZE,)
        assert user.dtype == np.float32
        assert update.item_factors.shape == (ITEMS, SIZE)
        assert update.item_factors.dtype == update.item_bias.dtype == np.float32

    def test_the_global_model_is_not_changed(self, arm: str) -> None:
        model = small_model()
        ARMS[arm].fit(model, some_ratings([1]), ARMS[arm].config(), np.random.default_rng(0))
        assert np.array_equal(model.item_factors, small_model().item_factors)
        assert not model.item_bias.any()

    def test_same_stream_same_fit(self, arm: str) -> None:
        first, second = self.fit(arm, [1, 5], seed=3), self.fit(arm, [1, 5], seed=3)
        assert np.array_equal(first[0], second[0])
        assert np.array_equal(first[1].item_factors, second[1].item_factors)

    @pytest.mark.parametrize("items", [[3], [3, 9, 11], list(range(12)), list(range(22))])
    def test_non_zero_pattern_does_not_tell_what_was_watched(
        self, arm: str, items: list[int]
    ) -> None:
        _, update = self.fit(arm, items)
        assert (update.item_bias != 0).all()
        assert (update.item_factors != 0).any(axis=1).all()

    def test_nothing_watched_is_no_error(self, arm: str) -> None:
        user, update = self.fit(arm, [])
        assert np.isfinite(user).all()
        assert np.isfinite(update.item_factors).all()

    def test_everything_watched_is_no_error(self, arm: str) -> None:
        user, update = self.fit(arm, list(range(ITEMS)))
        assert np.isfinite(user).all()
        assert np.isfinite(update.item_factors).all()

    def test_watched_items_rise_above_unwatched_ones(self, arm: str) -> None:
        watched = [1, 5, 7]
        user, update = self.fit(arm, watched)
        scores = (small_model() + update).scores(user)
        others = np.setdiff1d(np.arange(ITEMS), watched)
        assert scores[watched].mean() > scores[others].mean()

    def test_unknown_settings_are_refused(self, arm: str) -> None:
        with pytest.raises(ValueError, match="Extra inputs"):
            ARMS[arm].config.model_validate({"epochz": 3})


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_checker_board_of_tastes(arm: str) -> None:
    """Even people watch even items, odd people odd ones; each misses some of their own colour.

    After a few rounds everybody's best unwatched item has their own colour, which no single person's
    ratings could have taught.
    """
    rng = np.random.default_rng(7)
    people = [
        some_ratings(sorted(rng.choice(np.arange(colour, ITEMS, 2), 8, replace=False).tolist()))
        for colour in (0, 1)
        for _ in range(20)
    ]
    config = ARMS[arm].config()
    rounds = AggregationConfig(
        mode="off", max_update_norm=1.0, noise_multiplier=0.0, factor_step=2.0
    )
    model = small_model(seed=1)
    for _ in range(30):
        fits = [local_update(arm, model, ratings, config, rounds, rng) for ratings in people]
        model, _ = aggregate(model, [update for _, update in fits], rounds)

    right = 0
    for ratings in people:
        user, _ = ARMS[arm].fit(model, ratings, config, rng)
        scores = model.scores(user)
        scores[ratings.items] = -np.inf
        right += int(np.argmax(scores) % 2 == ratings.items[0] % 2)
    assert right == len(people)
