"""What a participant computes in a round: fit, bound, and in local mode noise. Pure but for the noise."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.blocks import add_noise, bound
from fedflex_core.learning.dial import muted
from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update
from fedflex_core.learning.privacy import Mode, Noise, secure_normal

__all__ = ["local_update"]


def local_update(
    arm: str,
    model: Model,
    ratings: Ratings,
    config: BaseModel,
    round_config: AggregationConfig,
    rng: np.random.Generator,
    noise: Noise = secure_normal,
    shared_part: float = 1.0,
    weight: float = 1.0,
) -> tuple[FloatArray, Update]:
    """Fit one person's ratings and make the update that may be sent.

    Args:
        arm: Name of the algorithm, a key of ``ARMS``.
        model: The global model of this round.
        ratings: The person's stars; none are needed, an empty history sends bounded noise too.
        config: The arm's settings.
        round_config: The clipping bound, the noise and who adds it.
        rng: Orders the fit's steps; it never makes the noise.
        noise: Draws standard normal numbers; only tests pass their own.
        shared_part: The person's own dial: the share of items whose updates are sent, 0 to 1.
        weight: What this update weighs beside others', in (0, 1]: its group's weight, if there are groups.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay, and the update, which goes.
    """
    user_factors, update = ARMS[arm].fit(model, ratings, config, rng)
    asked = round_config.sent(muted(update, shared_part, rng))
    bounded = bound(asked, round_config.bounds, round_config.stretch)
    if weight < 1:  # before the noise, so that whose update is shorter cannot be seen
        bounded = bounded.scaled(weight)
    if round_config.mode is Mode.LOCAL:
        bounded = add_noise(bounded, round_config.noise_std, noise, round_config.bounds)
    return user_factors, bounded
