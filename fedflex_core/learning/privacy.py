"""Participant-level differential privacy: who is protected, by how much noise, and what it has cost.

What is protected is the whole contribution of one person to one arm over all rounds of a study. An
update is bounded by ``max_update_norm``, Gaussian noise with standard deviation ``noise_multiplier *
max_update_norm`` is added (McMahan et al. 2018, Learning Differentially Private Recurrent Language
Models, algorithm 1), and Google's dp-accounting composes the rounds. The size of the noise follows from
the study's design alone, never from the data.

What one person can change differs between the modes, and so does what a multiplier buys:

``local``    each participant adds all the noise. That somebody takes part is plain to see, so the promise
             is that any two histories are told apart only this well. Two bounded updates lie up to
             ``2 * max_update_norm`` apart (neighbours: one history replaced by another).
``central``  the aggregator adds the noise once, to the sum. Who takes part is public; whether a person's
             update is there or is zero changes the sum by up to ``max_update_norm`` (neighbours: one
             update replaced by zero, "zero-out", Kairouz et al. 2021, Practical and Private Learning,
             section 2). The same epsilon promises less than in ``local`` mode: between any two
             histories twice as much can change.
``distributed``  participants add the noise in shares, and whoever sums their updates sees a half of each that
             says nothing (:mod:`fedflex_core.learning.noise_shares`). Promised as in ``central`` mode, but
             nobody has to be trusted with an update: only that the two who sum do not collude.
``off``      no noise and no promise; epsilon is infinite.
"""

from __future__ import annotations

import functools
import math
import secrets
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from dp_accounting import DpEvent
    from dp_accounting.pld import PLDAccountant

__all__ = [
    "Mode",
    "Noise",
    "best_guess",
    "epsilon_spent",
    "noise_multiplier_for",
    "secure_normal",
]

Noise = Callable[[tuple[int, ...]], npt.NDArray[np.float64]]
"""Draws standard normal numbers of a shape."""


class Mode(StrEnum):
    """Who adds the noise."""

    LOCAL = "local"
    DISTRIBUTED = "distributed"
    CENTRAL = "central"
    OFF = "off"

    @property
    def sensitivity(self) -> float:
        """How far one person can move what is noised, in units of ``max_update_norm``."""
        return 2.0 if self is Mode.LOCAL else 1.0


def secure_normal(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Standard normal numbers from the operating system's generator, float64 of ``shape``.

    Each is the sum of four independent normals, halved, so that the holes that floating point leaves in
    a single draw cannot be read back (Holohan and Braghin 2021, Secure Random Sampling in Differential
    Privacy, section 5).

    >>> secure_normal((2, 3)).shape
    (2, 3)
    """
    summed: npt.NDArray[np.float64] = np.sum([_box_muller(shape) for _ in range(4)], axis=0)
    return summed / 2.0


def _box_muller(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    size = math.prod(shape)
    bits = np.frombuffer(secrets.token_bytes(16 * size), dtype=np.uint64).reshape(2, *shape)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53  # never 0, never 1
    drawn: npt.NDArray[np.float64] = np.sqrt(-2.0 * np.log(uniform[0])) * np.cos(
        2.0 * np.pi * uniform[1]
    )
    return drawn


@functools.lru_cache(maxsize=256)
def epsilon_spent(mode: Mode, noise_multipliers: tuple[float, ...], delta: float) -> float:
    """The epsilon that some rounds have cost one person in one arm, at ``delta``.

    Args:
        mode: Who adds the noise.
        noise_multipliers: One for each round that this person's updates took part in, >= 0: the noise's
            standard deviation over ``max_update_norm``. Rounds may have different noise.
        delta: Probability with which the promise may fail, in (0, 1).

    Returns:
        epsilon >= 0, ``inf`` if a round had no noise.

    >>> epsilon_spent(Mode.CENTRAL, (), 1e-5)
    0.0
    >>> epsilon_spent(Mode.OFF, (0.0,), 1e-5)
    inf
    """
    if not noise_multipliers:
        return 0.0
    if mode is Mode.OFF or 0 in noise_multipliers:
        return math.inf
    return float(_accounted(mode, noise_multipliers).get_epsilon(delta))


@functools.lru_cache(maxsize=256)
def best_guess(mode: Mode, noise_multipliers: tuple[float, ...]) -> float:
    """How often the best attacker there can be is right about one of two things held to be equally likely.

    What is guessed is what the mode hides: which of two histories a person has, or whether their update is
    in the sum. Without any update the guess is right half the time; with some it is right at most ``(1 +
    TV) / 2`` of the time, where TV is the total variation between what would be seen in the one case and
    in the other, the accountant's delta at epsilon 0 (Wasserman and Zhou 2010, A statistical framework
    for differential privacy, theorem 2.4; Dong, Roth and Su 2022, section 2.1).

    Args:
        mode: Who adds the noise.
        noise_multipliers: One for each round that this person's updates took part in, >= 0.

    Returns:
        Probability, 0.5 to 1.

    >>> best_guess(Mode.CENTRAL, ()), best_guess(Mode.OFF, (0.0,))
    (0.5, 1.0)
    >>> round(best_guess(Mode.CENTRAL, (1.0,)), 2)
    0.69
    """
    if not noise_multipliers:
        return 0.5
    if mode is Mode.OFF or 0 in noise_multipliers:
        return 1.0
    return 0.5 + float(_accounted(mode, noise_multipliers).get_delta(0.0)) / 2


def _accounted(mode: Mode, noise_multipliers: tuple[float, ...]) -> PLDAccountant:
    accountant = _accountant()
    for multiplier, rounds in sorted(Counter(noise_multipliers).items()):
        accountant.compose(_rounds_event(multiplier / mode.sensitivity, rounds))
    return accountant


@functools.lru_cache(maxsize=64)
def noise_multiplier_for(mode: Mode, epsilon: float, delta: float, rounds: int = 1) -> float:
    """The smallest noise multiplier with which ``rounds`` equal rounds cost at most ``epsilon``.

    Rounds of unequal noise cost the same as one round of ``sum(multiplier**-2) ** -0.5`` (Dong, Roth and
    Su 2022, Gaussian Differential Privacy, corollary 3.3): so the noise of one round that spends
    everything, divided by the square root of a round's share of the budget, is that round's noise.

    >>> round(noise_multiplier_for(Mode.CENTRAL, 8.0, 1e-5), 1)
    0.6
    """
    if mode is Mode.OFF:
        return 0.0
    # The library takes a while to import, and a page should be there before its numbers are needed.
    from dp_accounting.mechanism_calibration import calibrate_dp_mechanism

    calibrated = calibrate_dp_mechanism(
        _accountant, lambda multiplier: _rounds_event(multiplier, rounds), epsilon, delta
    )
    return float(calibrated) * mode.sensitivity


def _rounds_event(multiplier: float, rounds: int) -> DpEvent:
    from dp_accounting import GaussianDpEvent, SelfComposedDpEvent

    return SelfComposedDpEvent(GaussianDpEvent(multiplier), rounds)


def _accountant() -> PLDAccountant:
    from dp_accounting.pld import PLDAccountant

    # Ten times the library's step: a tenth of the time, and epsilon is rounded up, never down.
    return PLDAccountant(value_discretization_interval=1e-3)
