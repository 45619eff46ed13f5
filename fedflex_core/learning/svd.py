"""The SVD arm: biased matrix factorisation by stochastic gradient steps over single ratings.

Koren, Bell and Volinsky (2009), Matrix Factorization Techniques for Recommender Systems, eq. 5, with
two changes that a federated setting asks for. Unwatched items take part as ratings of 0 with a small
weight (Hu, Koren and Volinsky 2008): otherwise an update would be non-zero exactly where something was
watched. And item parameters are regularised towards the global model of the round rather than towards
0 (the proximal term of FedProx, Li et al. 2020), so that what is publicly known is not unlearned.
"""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update

__all__ = ["SVDConfig", "fit"]


class SVDConfig(BaseModel):
    """Settings of a local fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=10, ge=1)
    """Passes over all items."""
    learning_rate: float = Field(default=0.02, gt=0, le=1)
    """Step size."""
    reg: float = Field(default=0.1, ge=0)
    """Weight of the regularisation of user and item parameters."""
    unwatched_weight: float = Field(default=0.02, gt=0, le=1)
    """Weight of an unwatched item's rating of 0, beside 1 for a watched one; without any, only what
    was watched would move."""


def fit(
    model: Model, ratings: Ratings, config: SVDConfig, rng: np.random.Generator
) -> tuple[FloatArray, Update]:
    """Fine-tune the global model on one person's ratings.

    Args:
        model: The global model of this round; it is not changed.
        ratings: The person's stars.
        config: Settings of the fit.
        rng: Orders the steps.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay with the person, and the local update.

    >>> model = Model(np.eye(4, 2, dtype=np.float32), np.zeros(4, np.float32))
    >>> liked = Ratings(np.array([0]), np.array([5.0], np.float32))
    >>> user, update = fit(model, liked, SVDConfig(), np.random.default_rng(0))
    >>> bool(user[0] > user[1]), update.item_factors.shape
    (True, (4, 2))
    """
    factors = model.item_factors.astype(np.float64)
    bias = model.item_bias.astype(np.float64)
    target = np.zeros(model.items)
    target[ratings.items] = ratings.stars
    weight = np.full(model.items, config.unwatched_weight)
    weight[ratings.items] = 1.0
    user = np.zeros(model.embedding_size)
    user_bias = float(np.average(target - bias, weights=weight)) if weight.any() else 0.0

    rate, reg = config.learning_rate, config.reg
    for _ in range(config.epochs):
        for item in rng.permutation(model.items):
            item_vector = factors[item]
            error = target[item] - user_bias - bias[item] - user @ item_vector
            step = rate * weight[item]
            pull = step * reg
            new_user = user + step * error * item_vector - pull * user
            factors[item] = (
                item_vector + step * error * user - pull * (item_vector - model.item_factors[item])
            )
            bias[item] += step * error - pull * (bias[item] - model.item_bias[item])
            user_bias += step * error
            user = new_user
    tuned = Model(factors.astype(np.float32), bias.astype(np.float32))
    return user.astype(np.float32), tuned - model
