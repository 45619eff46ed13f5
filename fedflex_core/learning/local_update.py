"""What a participant computes in a round: fit, clip, and in local mode noise. Pure but for the noise."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update
from fedflex_core.learning.privacy import Mode, Noise, add_noise, clip, secure_normal

__all__ = ["local_update"]


def local_update(
    arm: str,
    model: Model,
    ratings: Ratings,
    config: BaseModel,
    round_config: AggregationConfig,
    rng: np.random.Generator,
    noise: Noise = secure_normal,
) -> tuple[FloatArray, Update]:
    """Fit one person's ratings and make the update that may be sent.

    Args:
        arm: Name of the algorithm, a key of ``ARMS``.
        model: The global model of this round.
        ratings: The person's stars; none are needed, an empty history sends clipped noise too.
        config: The arm's settings.
        round_config: The clipping bound, the noise and who adds it.
        rng: Orders the fit's steps; it never makes the noise.
        noise: Draws standard normal numbers; only tests pass their own.

    Returns:
        ``user_factors`` float32 (embedding_size,), which stay, and the update, which goes.
    """
    user_factors, update = ARMS[arm].fit(model, ratings, config, rng)
    bounded = clip(update, round_config.max_update_norm)
    if round_config.mode is Mode.LOCAL:
        std = round_config.noise_multiplier * round_config.max_update_norm
        bounded = add_noise(bounded, std, noise)
    return user_factors, bounded
