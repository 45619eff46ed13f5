"""A federated round: ``(model, updates, config) -> (model, diagnostics)``, and nothing else.

Weighted federated averaging with a server learning rate (McMahan et al. 2017, algorithm 1; Reddi et al.
2021, Adaptive Federated Optimization, algorithm 1). Every update is checked before any is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import Model, Update
from fedflex_core.learning.privacy import Mode, Noise, add_noise, clip, secure_normal

__all__ = ["AggregationConfig", "RoundDiagnostics", "UnusableUpdate", "aggregate", "check_update"]


class UnusableUpdate(ValueError):
    """An update that may not enter a round; its message is the reason."""


class AggregationConfig(BaseModel):
    """Settings of a round."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode
    """Who adds the noise."""
    max_update_norm: float = Field(gt=0)
    """The clipping bound."""
    noise_multiplier: float = Field(ge=0)
    """Standard deviation of the noise over ``max_update_norm``."""
    server_learning_rate: float = Field(default=1.0, gt=0)
    """How far the model follows the averaged update."""
    shrink: bool = True
    """Whether the average is trusted only as far as it stands out from the known noise."""


@dataclass(frozen=True)
class RoundDiagnostics:
    """What a round can say of itself without saying anything of a person."""

    updates: int
    """How many updates were averaged."""
    noise_std: float
    """Standard deviation of the noise on each entry of the average."""
    step_norm: float
    """Norm of the step that the model took."""
    trust: float
    """Share of the noisy average that was followed, 0 to 1."""


def check_update(update: Update, model: Model, config: AggregationConfig) -> None:
    """Refuse an update that cannot be meant for this model or breaks its bound.

    Raises:
        UnusableUpdate: Wrong shape or dtype, a number that is not finite, or a norm that the clipping
            bound and the noise do not explain.
    """
    parts = (
        ("item_factors", update.item_factors, model.item_factors),
        ("item_bias", update.item_bias, model.item_bias),
    )
    for name, found, expected in parts:
        if found.dtype != np.float32:
            raise UnusableUpdate(f"{name} is {found.dtype}, not float32")
        if found.shape != expected.shape:
            raise UnusableUpdate(f"{name} has shape {found.shape}, not {expected.shape}")
        if not np.isfinite(found).all():
            raise UnusableUpdate(f"{name} holds a number that is not finite")
    if update.norm() > _largest_norm(model, config):
        raise UnusableUpdate("the norm is larger than the study's bound allows")


def _largest_norm(model: Model, config: AggregationConfig) -> float:
    """The bound, and in local mode the noise's own norm, which strays little from its mean."""
    bound = config.max_update_norm * (1 + 1e-4)
    if config.mode is not Mode.LOCAL:
        return bound
    entries = model.item_factors.size + model.item_bias.size
    noise = config.noise_multiplier * config.max_update_norm
    return bound + noise * (math.sqrt(entries) + 8.0)


def aggregate(
    model: Model,
    updates: Sequence[Update],
    config: AggregationConfig,
    weights: Sequence[float] | None = None,
    noise: Noise = secure_normal,
) -> tuple[Model, RoundDiagnostics]:
    """One round.

    Args:
        model: The global model that the updates start from.
        updates: One per participant, already clipped (and in local mode noised) by its sender.
        config: Settings of the round.
        weights: One per update, in (0, 1]; all 1 if not given. Under noise a weight scales what a
            person may change, so it never buys more than the bound.
        noise: Draws standard normal numbers; only tests pass their own.

    Returns:
        The next global model and what can be said of the round.

    Raises:
        ValueError: No updates, or weights that do not fit.
        UnusableUpdate: One of the updates fails :func:`check_update`; none is used.

    >>> zero = Model(np.zeros((1, 1), np.float32), np.zeros(1, np.float32))
    >>> one = Model(np.zeros((1, 1), np.float32), np.ones(1, np.float32))
    >>> config = AggregationConfig(mode="off", max_update_norm=2.0, noise_multiplier=0.0)
    >>> aggregate(zero, [one, zero], config)[0].item_bias.tolist()
    [0.5]
    """
    if not updates:
        raise ValueError("a round needs at least one update")
    shares = [1.0] * len(updates) if weights is None else list(weights)
    if len(shares) != len(updates) or not all(0 < share <= 1 for share in shares):
        raise ValueError("as many weights as updates are expected, each above 0 and at most 1")
    for update in updates:
        check_update(update, model, config)
    average, std = _noisy_average(updates, shares, config, noise)
    trust = _trust(average, std) if config.shrink else 1.0
    step = average.scaled(trust * config.server_learning_rate)
    return model + step, RoundDiagnostics(len(updates), std, step.norm(), trust)


def _noisy_average(
    updates: Sequence[Update], shares: Sequence[float], config: AggregationConfig, noise: Noise
) -> tuple[Update, float]:
    """The weighted average and the standard deviation of the noise on each of its entries."""
    # The divisor does not follow who sent what: under noise every share is a public 1 (see `Study`).
    total = sum(shares)
    std = config.noise_multiplier * config.max_update_norm
    if config.mode is Mode.LOCAL:
        summed = _weighted_sum(updates, shares)
        return summed.scaled(1 / total), std * math.sqrt(sum(share**2 for share in shares)) / total
    # The sender clipped already; clipping again makes the promise hold whatever was sent.
    summed = _weighted_sum([clip(update, config.max_update_norm) for update in updates], shares)
    if config.mode is Mode.CENTRAL:
        summed = add_noise(summed, std, noise)
        return summed.scaled(1 / total), std / total
    return summed.scaled(1 / total), 0.0


def _weighted_sum(updates: Sequence[Update], shares: Sequence[float]) -> Update:
    factors = np.zeros(updates[0].item_factors.shape)
    bias = np.zeros(updates[0].item_bias.shape)
    for update, share in zip(updates, shares, strict=True):
        factors += share * update.item_factors
        bias += share * update.item_bias
    return Model(factors.astype(np.float32), bias.astype(np.float32))


def _trust(average: Update, std: float) -> float:
    """A positive-part James-Stein factor (Efron and Morris 1973): post-processing, it costs nothing.

    The squared length of pure noise strays around ``entries * std**2``. Three standard deviations of that
    are taken off as well, so that noise alone is followed in about one round of a thousand.
    """
    if std == 0:
        return 1.0
    entries = average.item_factors.size + average.item_bias.size
    of_noise = (entries + 3.0 * math.sqrt(2.0 * entries)) * std**2
    length = average.norm() ** 2
    return max(0.0, 1.0 - of_noise / length) if length > 0 else 0.0
