"""The BPR arm: Bayesian personalised ranking by stochastic gradient steps over pairs.

Rendle et al. (2009), BPR: Bayesian Personalized Ranking from Implicit Feedback, figure 4: a watched item
shall score above an unwatched one. Two changes that a federated setting asks for. The items of an epoch
are dealt like a deck of cards, each at least once, so that every item's parameters move and an update's
non-zero pattern tells nothing (only who has watched the whole catalogue has nothing to compare). And item
parameters are regularised towards the global model of the round (the proximal term of FedProx, Li et al.
2020), so that what is publicly known is not unlearned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update

__all__ = ["BPRConfig", "fit"]


class BPRConfig(BaseModel):
    """Settings of a local fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=5, ge=1)
    """Passes over all items, each time in pairs of a watched and an unwatched one."""
    learning_rate: float = Field(default=0.02, gt=0, le=1)
    """Step size."""
    reg: float = Field(default=0.05, ge=0)
    """Weight of the regularisation of user and item parameters."""


def fit(
    model: Model, ratings: Ratings, config: BPRConfig, rng: np.random.Generator
) -> tuple[FloatArray, Update]:
    """Fine-tune the global model on one person's ratings, more stars drawn more often.

    Args:
        model: The global model of this round; it is not changed.
        ratings: The person's stars.
        config: Settings of the fit.
        rng: Draws the pairs.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay with the person, and the local update.

    >>> model = Model(np.eye(4, 2, dtype=np.float32), np.zeros(4, np.float32))
    >>> liked = Ratings(np.array([0]), np.array([5.0], np.float32))
    >>> user, update = fit(model, liked, BPRConfig(), np.random.default_rng(0))
    >>> bool(user[0] > user[1]), update.item_bias.shape
    (True, (4,))
    """
    tuned = Model(model.item_factors.copy(), model.item_bias.copy())
    user = np.zeros(model.embedding_size, np.float32)
    unwatched = np.setdiff1d(np.arange(model.items), ratings.items)
    if len(ratings.items) and len(unwatched):
        for _ in range(config.epochs):
            for winner, loser in _deal(ratings, unwatched, rng):
                user = _step(model, tuned, user, winner, loser, config)
    return user, tuned - model


def _step(
    model: Model, tuned: Model, user: FloatArray, winner: int, loser: int, config: BPRConfig
) -> FloatArray:
    """One pair: changes ``tuned`` in place and returns the new user factors."""
    rate, reg = config.learning_rate, config.reg
    factors, bias = tuned.item_factors, tuned.item_bias
    better, worse = factors[winner].copy(), factors[loser].copy()
    margin = bias[winner] - bias[loser] + user @ (better - worse)
    slope = 1.0 / (1.0 + np.exp(margin))
    factors[winner] += rate * (slope * user - reg * (better - model.item_factors[winner]))
    factors[loser] -= rate * (slope * user + reg * (worse - model.item_factors[loser]))
    bias[winner] += rate * (slope - reg * (bias[winner] - model.item_bias[winner]))
    bias[loser] -= rate * (slope + reg * (bias[loser] - model.item_bias[loser]))
    moved: FloatArray = user + rate * (slope * (better - worse) - reg * user)
    return moved


def _deal(
    ratings: Ratings, unwatched: npt.NDArray[np.int64], rng: np.random.Generator
) -> list[tuple[int, int]]:
    """The pairs of an epoch: every item at least once, and more stars more often."""
    count = max(len(ratings.items), len(unwatched))
    chance = ratings.stars.astype(np.float64) / ratings.stars.sum(dtype=np.float64)
    more = rng.choice(ratings.items, size=count - len(ratings.items), p=chance)
    winners = rng.permutation(np.concatenate([ratings.items, more]))
    decks = [rng.permutation(unwatched) for _ in range(-(-count // len(unwatched)))]
    return list(zip(winners.tolist(), np.concatenate(decks)[:count].tolist(), strict=True))
