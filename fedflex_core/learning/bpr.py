"""The BPR arm: Bayesian personalised ranking by stochastic gradient steps over pairs.

Rendle et al. (2009), BPR: Bayesian Personalized Ranking from Implicit Feedback, figure 4: a watched item
shall score above an unwatched one; separate regularisation for the winner, the loser and the person as
there and in FedBPR (Anelli et al. 2021), which does not regularise biases. What a federated setting
adds: the unwatched items of an epoch are dealt like a deck of cards, each once, so that every item's
parameters move and an update's non-zero pattern tells nothing (only who has watched the whole catalogue
has nothing to compare). Item parameters are regularised towards the global model of the round (the
proximal term of FedProx, Li et al. 2020). And a person's own vector, which starts at 0 each round, moves
alone at first (Singhal et al. 2021, Federated Reconstruction).
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

    user_epochs: int = Field(default=2, ge=0)
    """Passes over all unwatched items in which only the person's own vector moves."""
    epochs: int = Field(default=2, ge=1)
    """Passes over all unwatched items, each paired with a watched one, in which everything moves."""
    learning_rate: float = Field(default=0.05, gt=0, le=1)
    """Step size of the person's own vector."""
    item_learning_rate: float = Field(default=0.02, gt=0, le=1)
    """Step size of item factors and biases."""
    user_reg: float = Field(default=0.03, ge=0)
    """Pull of the person's own vector towards 0."""
    winner_reg: float = Field(default=0.0025, ge=0)
    """Pull of a watched item's factors towards the global model (FedBPR: a twentieth of the step size)."""
    loser_reg: float = Field(default=0.00025, ge=0)
    """Pull of an unwatched item's factors towards the global model (FedBPR: a tenth of the winner's)."""
    bias_reg: float = Field(default=0.0, ge=0)
    """Pull of item biases towards the global model (FedBPR: none)."""


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
    left = np.ones(model.items, np.bool_)
    left[ratings.items] = False
    unwatched = np.flatnonzero(left)
    if len(ratings.items) and len(unwatched):
        from fedflex_core.learning import _compiled  # slow to load; a page should be there

        winners, losers, frozen = _pairs(ratings, unwatched, config, rng)
        _compiled.bpr_steps(
            tuned.item_factors,
            tuned.item_bias,
            user,
            model.item_factors,
            model.item_bias,
            winners,
            losers,
            frozen,
            config.learning_rate,
            config.item_learning_rate,
            config.user_reg,
            (config.winner_reg, config.loser_reg, config.bias_reg),
        )
    return user, tuned - model


def _pairs(
    ratings: Ratings,
    unwatched: npt.NDArray[np.int64],
    config: BPRConfig,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Winners and losers in order, and in how many of these pairs only the person's vector moves.

    A pass has as many pairs as there are unwatched items, or watched ones where these are more.
    """
    from fedflex_core.learning import _compiled

    count = max(len(ratings.items), len(unwatched))
    uniform = rng.random((config.user_epochs + config.epochs, 2 * count))
    # Copies, since columns of a table are read-only: for another type of array all is compiled anew.
    watched, stars = ratings.items.copy(), ratings.stars.copy()
    winners, losers = _compiled.dealt_pairs(watched, stars, unwatched, uniform)
    return winners, losers, config.user_epochs * count
