"""The FCF arm: least squares for the person, one gradient for the items.

Ammad-ud-din et al. (2019), Federated Collaborative Filtering for Privacy-Preserving Personalized
Recommendation System, eq. 3 and 6: implicit feedback after Hu, Koren and Volinsky (2008), where a
watched item's preference is 1 with confidence ``1 + alpha * stars / 5`` and an unwatched one's 0 with
confidence 1. The person's vector is solved for exactly; what goes is the gradient of the item parameters,
which the server follows. A preference of 1 is written as 5 stars here, and biases take part, so that all
arms can begin at one public start.
"""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update

__all__ = ["FCFConfig", "fit"]


class FCFConfig(BaseModel):
    """Settings of a local fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: float = Field(default=10.0, gt=0)
    """How much more a watched item with five stars counts than an unwatched one."""
    user_reg: float = Field(default=20.0, gt=0)
    """Weight of the squared length of the person's vector (the paper's lambda)."""
    learning_rate: float = Field(default=0.001, gt=0, le=1)
    """Step along the gradient; of no account where every update is scaled to its bound."""


def fit(
    model: Model, ratings: Ratings, config: FCFConfig, rng: np.random.Generator
) -> tuple[FloatArray, Update]:
    """Solve for one person's vector and take one step along the items' gradient.

    Args:
        model: The global model of this round; it is not changed.
        ratings: The person's stars.
        config: Settings of the fit.
        rng: Not used: nothing is drawn.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay with the person, and the local update.

    >>> model = Model(np.eye(4, 2, dtype=np.float32), np.zeros(4, np.float32))
    >>> liked = Ratings(np.array([0]), np.array([5.0], np.float32))
    >>> user, update = fit(model, liked, FCFConfig(), np.random.default_rng(0))
    >>> bool(user[0] > user[1]), update.item_factors.shape
    (True, (4, 2))
    """
    from fedflex_core.learning import _compiled  # slow to load; a page should be there

    if len(ratings.items) == 0:  # nothing is known of this person: no taste, no update
        user = np.zeros(model.embedding_size, np.float32)
        return user, model.scaled(0.0)
    confidence = np.ones(model.items)
    confidence[ratings.items] += config.alpha * ratings.stars / 5.0
    target = np.zeros(model.items)
    target[ratings.items] = 5.0
    offset = np.average(target - model.item_bias, weights=confidence)
    left_over = target - model.item_bias - offset
    normal, right = _compiled.normal_equations(model.item_factors, confidence, left_over)
    user = np.linalg.solve(normal + config.user_reg * np.eye(model.embedding_size), right)
    error = config.learning_rate * confidence * (left_over - model.item_factors @ user)
    user, bias = user.astype(np.float32), error.astype(np.float32)
    return user, Model(bias[:, None] * user, bias)
