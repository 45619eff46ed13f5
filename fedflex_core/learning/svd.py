"""The SVD arm: biased matrix factorisation by stochastic gradient steps over single ratings.

Koren, Bell and Volinsky (2009), Matrix Factorization Techniques for Recommender Systems, eq. 5, with
what a federated setting asks for. Unwatched items take part as ratings of 0 with a small weight (Hu,
Koren and Volinsky 2008): otherwise an update would be non-zero exactly where something was watched. Item
parameters are regularised towards the global model of the round rather than towards 0 (the proximal term
of FedProx, Li et al. 2020), so that what is publicly known is not unlearned. And a person's own vector,
which starts at 0 each round, moves alone at first (Singhal et al. 2021, Federated Reconstruction), so
that items do not move by what a vector was before it was anybody's.

With ``virtual_ratings`` the unwatched items are a sample with made-up stars instead (FedRec, Lin et al.
2021): what moves is then a few items, of which nobody can tell the watched ones.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update

__all__ = ["SVDConfig", "fit"]


class SVDConfig(BaseModel):
    """Settings of a local fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_epochs: int = Field(default=3, ge=0)
    """Passes over all items in which only the person's own vector moves."""
    epochs: int = Field(default=1, ge=1)
    """Passes over all items in which everything moves."""
    learning_rate: float = Field(default=0.1, gt=0, le=1)
    """Step size of the person's own vector."""
    item_learning_rate: float = Field(default=0.05, gt=0, le=1)
    """Step size of item factors and biases."""
    user_reg: float = Field(default=0.1, ge=0)
    """Pull of the person's own vector towards 0, for each of their ratings."""
    reg: float = Field(default=0.01, ge=0)
    """Pull of item parameters towards the global model."""
    unwatched_weight: float = Field(default=0.05, gt=0, le=1)
    """Weight of an unwatched item's rating of 0, beside 1 for a watched one; without any, only what
    was watched would move."""
    virtual_ratings: int = Field(default=0, ge=0)
    """Unwatched items that get made-up stars, for each watched one (FedRec's rho); 0: all unwatched items
    take part with rating 0."""
    virtual_stars: Literal["average", "hybrid", "drawn"] = "average"
    """What the made-up stars are: the person's average (FedRec's user averaging), what the model predicts
    once the person's vector has been fitted (its hybrid filling), or drawn from the person's own stars,
    so that not even how far an item moves tells whether it was watched."""


def fit(
    model: Model, ratings: Ratings, config: SVDConfig, rng: np.random.Generator
) -> tuple[FloatArray, Update]:
    """Fine-tune the global model on one person's ratings.

    Args:
        model: The global model of this round; it is not changed.
        ratings: The person's stars.
        config: Settings of the fit.
        rng: Orders the steps, and draws which unwatched items get made-up stars.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay with the person, and the local update.

    >>> model = Model(np.eye(4, 2, dtype=np.float32), np.zeros(4, np.float32))
    >>> liked = Ratings(np.array([0]), np.array([5.0], np.float32))
    >>> user, update = fit(model, liked, SVDConfig(), np.random.default_rng(0))
    >>> bool(user[0] > user[1]), update.item_factors.shape
    (True, (4, 2))
    """
    tuned = Model(model.item_factors.copy(), model.item_bias.copy())
    user = np.zeros(model.embedding_size, np.float32)
    if len(ratings.items) == 0:  # nothing is known of this person: no taste, no update
        return user, tuned - model
    items, target, weight = _targets(model.items, ratings, config, rng)
    if config.virtual_ratings and config.virtual_stars == "hybrid":
        _descend(model, tuned, user, items, target, weight, config, rng, config.user_epochs, 0)
        virtual = np.setdiff1d(items, ratings.items)
        target[virtual] = np.clip(tuned.scores(user)[virtual] + target[virtual], 1.0, 5.0)
        _descend(model, tuned, user, items, target, weight, config, rng, 0, config.epochs)
    else:
        epochs = config.user_epochs, config.epochs
        _descend(model, tuned, user, items, target, weight, config, rng, *epochs)
    return user, tuned - model


def _targets(
    count: int, ratings: Ratings, config: SVDConfig, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], FloatArray, FloatArray]:
    """The items that take part, and every item's stars and weight, float32 (items,)."""
    target = np.zeros(count, np.float32)
    weight = np.full(count, config.unwatched_weight, np.float32)
    target[ratings.items] = ratings.stars
    weight[ratings.items] = 1.0
    if not config.virtual_ratings:
        return np.arange(count), target, weight
    unwatched = np.setdiff1d(np.arange(count), ratings.items)
    sampled = min(len(unwatched), config.virtual_ratings * len(ratings.items))
    virtual = rng.choice(unwatched, sampled, replace=False)
    if sampled:
        drawn = config.virtual_stars == "drawn"
        target[virtual] = rng.choice(ratings.stars, sampled) if drawn else ratings.stars.mean()
        # A made-up rating weighs what a real one does: else its smaller gradient would give it away.
        weight[virtual] = 1.0
    taking_part = np.sort(np.concatenate([ratings.items, virtual]))
    weight[np.setdiff1d(np.arange(count), taking_part)] = 0.0
    return taking_part, target, weight


def _descend(
    model: Model,
    tuned: Model,
    user: FloatArray,
    items: npt.NDArray[np.int64],
    target: FloatArray,
    weight: FloatArray,
    config: SVDConfig,
    rng: np.random.Generator,
    user_epochs: int,
    epochs: int,
) -> None:
    """Pass over the items in ever new orders; changes ``tuned`` and ``user`` in place."""
    from fedflex_core.learning import _compiled  # slow to load; a page should be there

    order = np.concatenate([rng.permutation(items) for _ in range(user_epochs + epochs)])
    _compiled.svd_steps(
        tuned.item_factors,
        tuned.item_bias,
        user,
        model.item_factors,
        model.item_bias,
        order,
        target,
        weight,
        user_epochs * len(items),
        config.learning_rate,
        config.item_learning_rate,
        config.user_reg,
        config.reg,
    )
