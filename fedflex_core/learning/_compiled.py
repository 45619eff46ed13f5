"""The inner loops, compiled: stochastic gradient steps one after another, and sums over large arrays.

Steps that follow each other cannot be written as array operations, and a plain Python loop over them is
about a hundred times slower. The compiled code is kept on disk; `warm_up` makes it before anybody waits.
Where there is no compiler the same loops run as they stand here: slow, but right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedflex_core.learning.factors import FloatArray

try:
    import numba
except (ImportError, OSError):  # no build for this machine, or one that finds no compiler
    _njit: Any = None
else:
    _njit = numba.njit

__all__ = [
    "add_scaled",
    "bpr_steps",
    "dealt_pairs",
    "normal_equations",
    "squared_norm",
    "svd_steps",
    "warm_up",
]

IntArray = NDArray[np.int64]
WideArray = NDArray[np.float64]
_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    # Sums may be taken in another order, so that they use the processor's wide registers; NaN stays NaN.
    "fastmath": {"reassoc", "contract", "nsz"},
}


def _compiled(function: _Function) -> _Function:
    """Compile at the first call, and keep the result where the disk takes it."""
    if _njit is None:
        quiet: _Function = np.errstate(all="ignore")(function)  # as quiet as compiled code is
        return quiet
    try:
        made: _Function = _njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # there is no folder at all that it could be kept in
        made = _njit(**_OPTIONS)(function)
    return made


@_compiled
def svd_steps(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    first_factors: FloatArray,
    first_bias: FloatArray,
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
    ``first_factors`` and ``first_bias``, the person's own vector to 0. What is left in ``user`` is its
    average over the steps after those, which strays less than the last one (Polyak and Juditsky 1992).
    """
    # In float32 like the arrays: twice as many of them fit into a register.
    ahead, item_ahead = np.float32(rate), np.float32(item_rate)
    user_pull, pull = np.float32(user_reg), np.float32(reg)
    average = np.zeros(len(user))
    over, weights = 0.0, 0.0
    for item in range(len(target)):
        over += weight[item] * (target[item] - bias[item])
        weights += weight[item]
    user_bias = np.float32(over / weights)
    size = factors.shape[1]
    for place in range(len(order)):
        item = order[place]
        error = target[item] - user_bias - bias[item]
        for k in range(size):
            error -= user[k] * factors[item, k]
        step = ahead * weight[item]
        item_step = item_ahead * weight[item]
        user_bias += step * error
        # For each rating, as Koren's sum has it: the unwatched do not add to the pull.
        back = step * user_pull if weight[item] == 1 else np.float32(0)
        if place < frozen:
            for k in range(size):
                user[k] += step * error * factors[item, k] - back * user[k]
            continue
        bias[item] += item_step * (error - pull * (bias[item] - first_bias[item]))
        for k in range(size):
            own, its = user[k], factors[item, k]
            user[k] += step * error * its - back * own
            factors[item, k] += item_step * (error * own - pull * (its - first_factors[item, k]))
        for k in range(size):
            average[k] += user[k]
    if len(order) > frozen:
        for k in range(size):
            user[k] = average[k] / (len(order) - frozen)


@_compiled
def bpr_steps(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    first_factors: FloatArray,
    first_bias: FloatArray,
    winners: IntArray,
    losers: IntArray,
    frozen: int,
    rate: float,
    item_rate: float,
    user_reg: float,
    regs: tuple[float, float, float],
) -> None:
    """Rendle's steps on pairs; changes ``factors``, ``bias`` and ``user`` in place.

    ``regs`` are the pulls on a winner's factors, on a loser's, and on biases, back to ``first_factors``
    and ``first_bias``; ``frozen`` and the average as in `svd_steps`.
    """
    ahead, item_ahead, user_pull = np.float32(rate), np.float32(item_rate), np.float32(user_reg)
    winner_pull, loser_pull = np.float32(regs[0]), np.float32(regs[1])
    bias_pull, one = np.float32(regs[2]), np.float32(1)
    average = np.zeros(len(user))
    size = factors.shape[1]
    for place in range(len(winners)):
        i, j = winners[place], losers[place]
        margin = bias[i] - bias[j]
        for k in range(size):
            margin += user[k] * (factors[i, k] - factors[j, k])
        slope = one / (one + np.exp(margin))
        if place < frozen:
            for k in range(size):
                user[k] += ahead * (slope * (factors[i, k] - factors[j, k]) - user_pull * user[k])
            continue
        bias[i] += item_ahead * (slope - bias_pull * (bias[i] - first_bias[i]))
        bias[j] -= item_ahead * (slope + bias_pull * (bias[j] - first_bias[j]))
        for k in range(size):
            own, better, worse = user[k], factors[i, k], factors[j, k]
            back, forth = better - first_factors[i, k], worse - first_factors[j, k]
            user[k] += ahead * (slope * (better - worse) - user_pull * own)
            factors[i, k] += item_ahead * (slope * own - winner_pull * back)
            factors[j, k] -= item_ahead * (slope * own + loser_pull * forth)
        for k in range(size):
            average[k] += user[k]
    if len(winners) > frozen:
        for k in range(size):
            user[k] = average[k] / (len(winners) - frozen)


@_compiled
def dealt_pairs(
    watched: IntArray, stars: FloatArray, unwatched: IntArray, uniform: WideArray
) -> tuple[IntArray, IntArray]:
    """Winners and losers of several passes, in order.

    In each pass every watched item wins once and the other winners are drawn by stars, all in random
    order; the losers are dealt like decks of cards. ``uniform`` holds a row for each pass, in [0, 1):
    two numbers for each of its pairs, of which there are at least as many as items on either side.
    """
    passes, count = len(uniform), uniform.shape[1] // 2
    chance, total = np.empty(len(watched)), 0.0
    for at in range(len(watched)):
        total += stars[at]
        chance[at] = total
    # Where in `chance` to begin to look, by the leading digits of a number (Chen and Asau 1974).
    begin, at = np.empty(4 * len(watched), np.int64), 0
    for digits in range(len(begin)):
        while chance[at] <= digits * total / len(begin):
            at += 1
        begin[digits] = at
    winners, losers = np.empty(passes * count, np.int64), np.empty(passes * count, np.int64)
    deck = unwatched.copy()
    for number in range(passes):
        first, drawn = number * count, uniform[number]
        for place in range(count):
            at = place
            if place >= len(watched):
                at = begin[int(drawn[place] * len(begin))]
                while chance[at] <= drawn[place] * total:
                    at += 1
            winners[first + place] = watched[at]
        # A shuffle taken backwards strews its first cards; the others are alike in any order.
        for place in range(len(watched) - 1, -1, -1):
            other = first + place + int(drawn[place] * (count - place))
            moved = winners[first + place]
            winners[first + place], winners[other] = winners[other], moved
        top = 0
        for place in range(count):
            other = top + int(drawn[count + place] * (len(deck) - top))
            card = deck[other]
            deck[other], deck[top] = deck[top], card
            losers[first + place] = card
            top = top + 1 if top + 1 < len(deck) else 0
    return winners, losers


@_compiled
def normal_equations(
    factors: FloatArray, weight: WideArray, target: WideArray
) -> tuple[WideArray, WideArray]:
    """Both sides of a weighted least-squares fit of ``target`` (items,) by ``factors``, in float64.

    A matrix product of this size would start threads of its own, which wait for each other where many
    people are fitted side by side.
    """
    size = factors.shape[1]
    left, right, row = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    for item in range(len(factors)):
        for k in range(size):
            row[k] = factors[item, k]
        for j in range(size):
            weighted = weight[item] * row[j]
            right[j] += weighted * target[item]
            for k in range(size):
                left[j, k] += weighted * row[k]
    return left, right


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
        into[place] += scale * np.float64(flat[place])


def warm_up() -> None:
    """Call every loop once on next to nothing, so that it is compiled, or read from the disk."""
    factors, bias, user = (
        np.ones((2, 1), np.float32),
        np.zeros(2, np.float32),
        np.ones(1, np.float32),
    )
    order, one, wide = np.array([0, 1]), np.ones(2, np.float32), np.ones(2)
    model = factors, bias, user, factors.copy(), bias.copy()
    svd_steps(*model, order, one, one, 0, 0.1, 0.1, 0.1, 0.1)
    pairs = dealt_pairs(order[:1], one[:1], order[1:], np.zeros((1, 2)))
    bpr_steps(*model, *pairs, 0, 0.1, 0.1, 0.1, (0.1, 0.1, 0.1))
    normal_equations(factors, wide, wide)
    for values in (factors, bias):
        squared_norm(values)
        add_scaled(np.zeros(values.shape), values, 1.0)
