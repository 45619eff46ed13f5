"""The inner loops, compiled: stochastic gradient steps one after another, and sums over large arrays.

Steps that follow each other cannot be written as array operations, and a plain Python loop over them is
about a hundred times slower. The compiled code is kept on disk; `warm_up` makes it before anybody waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fedflex_core.learning.factors import FloatArray

__all__ = ["add_scaled", "bpr_steps", "squared_norm", "svd_steps", "warm_up"]

IntArray = NDArray[np.int64]
_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    # Sums may be taken in another order, so that they use the processor's wide registers; NaN stays NaN.
    "fastmath": {"reassoc", "contract", "nsz"},
}


def _compiled(function: _Function) -> _Function:
    """Compile at the first call, and keep the result where the disk takes it."""
    try:
        made: _Function = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # there is no folder at all that it could be kept in
        made = njit(**_OPTIONS)(function)
    return made


@_compiled
def svd_steps(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    order: IntArray,
    target: FloatArray,
    weight: FloatArray,
    frozen: int,
    rate: float,
    item_rate: float,
    user_reg: float,
    reg: float,
) -> None:
    """Koren's steps on (weighted) ratings; changes ``factors``, ``bias`` and ``user`` in place.

    In the first ``frozen`` steps only the person's own side moves. Item parameters are pulled back to
    where they began, the person's own vector to 0. What is left in ``user`` is its average over the
    steps after those, which strays less than the last one (Polyak and Juditsky 1992).
    """
    average = np.zeros(len(user))
    first_factors, first_bias = factors.copy(), bias.copy()
    user_bias = np.sum(weight * (target - bias)) / np.sum(weight)
    size = factors.shape[1]
    for place in range(len(order)):
        item = order[place]
        error = target[item] - user_bias - bias[item]
        for k in range(size):
            error -= user[k] * factors[item, k]
        step = rate * weight[item]
        item_step = item_rate * weight[item]
        user_bias += step * error
        if place < frozen:
            for k in range(size):
                user[k] += step * (error * factors[item, k] - user_reg * user[k])
            continue
        bias[item] += item_step * (error - reg * (bias[item] - first_bias[item]))
        for k in range(size):
            own, its = user[k], factors[item, k]
            user[k] += step * (error * its - user_reg * own)
            factors[item, k] += item_step * (error * own - reg * (its - first_factors[item, k]))
            average[k] += user[k]
    if len(order) > frozen:
        user[:] = average / (len(order) - frozen)


@_compiled
def bpr_steps(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    winners: IntArray,
    losers: IntArray,
    frozen: int,
    rate: float,
    item_rate: float,
    user_reg: float,
    regs: tuple[float, float, float],
) -> None:
    """Rendle's steps on pairs; changes ``factors``, ``bias`` and ``user`` in place.

    ``regs`` are the pulls on a winner's factors, on a loser's, and on biases, back to where they began;
    ``frozen`` and the average as in `svd_steps`.
    """
    average = np.zeros(len(user))
    first_factors, first_bias = factors.copy(), bias.copy()
    size = factors.shape[1]
    for place in range(len(winners)):
        i, j = winners[place], losers[place]
        margin = bias[i] - bias[j]
        for k in range(size):
            margin += user[k] * (factors[i, k] - factors[j, k])
        slope = 1.0 / (1.0 + np.exp(margin))
        if place < frozen:
            for k in range(size):
                user[k] += rate * (slope * (factors[i, k] - factors[j, k]) - user_reg * user[k])
            continue
        bias[i] += item_rate * (slope - regs[2] * (bias[i] - first_bias[i]))
        bias[j] -= item_rate * (slope + regs[2] * (bias[j] - first_bias[j]))
        for k in range(size):
            own, better, worse = user[k], factors[i, k], factors[j, k]
            user[k] += rate * (slope * (better - worse) - user_reg * own)
            factors[i, k] += item_rate * (slope * own - regs[0] * (better - first_factors[i, k]))
            factors[j, k] -= item_rate * (slope * own + regs[1] * (worse - first_factors[j, k]))
            average[k] += user[k]
    if len(winners) > frozen:
        user[:] = average / (len(winners) - frozen)


@_compiled
def squared_norm(values: FloatArray) -> float:
    """Sum of squares of a contiguous array, in float64."""
    total = 0.0
    flat = values.reshape(-1)
    for place in range(flat.size):
        wide = np.float64(flat[place])
        total += wide * wide
    return total


@_compiled
def add_scaled(total: NDArray[np.float64], values: FloatArray, scale: float) -> None:
    """Add ``scale * values`` to ``total`` (float64) in place; both contiguous."""
    flat, into = values.reshape(-1), total.reshape(-1)
    for place in range(flat.size):
        into[place] += scale * flat[place]


def warm_up() -> None:
    """Call every loop once on next to nothing, so that it is compiled, or read from the disk."""
    factors, bias, user = (
        np.ones((2, 1), np.float32),
        np.zeros(2, np.float32),
        np.ones(1, np.float32),
    )
    order, one = np.array([0, 1]), np.ones(2, np.float32)
    svd_steps(factors, bias, user, order, one, one, 0, 0.1, 0.1, 0.1, 0.1)
    bpr_steps(factors, bias, user, order, order[::-1].copy(), 0, 0.1, 0.1, 0.1, (0.1, 0.1, 0.1))
    for values in (factors, bias):
        squared_norm(values)
        add_scaled(np.zeros(values.shape), values, 1.0)
