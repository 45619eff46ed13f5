"""What can be read out of an update: guesses of what was watched, and whose update it is.

Two questions, from what a person cares about to what the promise is about. *What was watched?* Every
arm moves an item by how far its score was off, along the person's own vector, so an update is nearly of
rank one and its rows say which items were watched (Chai et al. 2021, Secure Federated Matrix
Factorization, read ratings out of such gradients). *Whose is it?* An attacker who knows both
clean updates that can have been sent has nothing better than the likelihood ratio (Neyman and Pearson
1933); under Gaussian noise that is one inner product. Differential privacy bounds how often any attacker
is right about the second, and so measuring it tests the noise itself (Jagielski et al. 2020, Auditing
Differentially Private Machine Learning; Nasr et al. 2021, Adversary Instantiation).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedflex_core.learning.factors import FloatArray, Update

__all__ = ["guess_watched", "precision_at", "tell_apart", "watched_scores"]

IntArray = npt.NDArray[np.int64]
WideArray = npt.NDArray[np.float64]

_ONLY_UP = ("bpr", "fcf")
"""Arms to which watching is liking: what was watched goes up, whatever its stars."""
_NORMAL = 1.4826
"""Standard deviation of a normal distribution over its median distance from the median."""


def watched_scores(update: Update, arm: str | None = None) -> WideArray:
    """How much an update says of each item that it was watched.

    Read is how far each item's row, its factors and its bias side by side, went along the one direction
    in which the whole update moves. Where there are biases it is the direction in which the factors move
    with them: a step from the biases towards the leading singular vector, which an update without noise
    reaches at once, and which under noise keeps to the biases, where most is heard. Where there are none
    it is that vector itself, the way round in which a few items move far and many a little back. What is
    in an SVD update may also have been watched and liked less than expected: there a row that moves far
    down counts too, as far as the update is not noise, of which half goes down.

    Args:
        update: As it was sent, or the part of a sum that is this person's, noised or not; its factors
            may be narrowed.
        arm: Whose update it is, a name of ``ARMS``; None is read as SVD is.

    Returns:
        float64 (items,), higher means rather watched; of no unit. All 0 for an update of zeros.

    >>> update = Update(np.array([[2.0], [-0.1], [-0.2]], np.float32), np.zeros(3, np.float32))
    >>> int(watched_scores(update, "bpr").argmax())
    0
    """
    rows = np.column_stack([update.item_factors, update.item_bias]).astype(np.float64)
    moved: WideArray = rows @ _direction(rows)
    return moved if arm in _ONLY_UP else _either_way(moved)


def _direction(rows: WideArray) -> WideArray:
    """The direction in which the rows move; the bias is the last column."""
    bias = rows[:, -1]
    if bias.any():
        with_biases: WideArray = rows.T @ bias
        return with_biases
    # Of the small square matrix: all that is asked for is its leading direction.
    leading: WideArray = np.linalg.eigh(rows.T @ rows)[1][:, -1]
    moved = rows @ leading
    return leading if np.sum((moved - moved.mean()) ** 3) >= 0 else -leading


def _either_way(moved: WideArray) -> WideArray:
    """Down from the middle counts like up, as far as the middle's spread does not explain the whole spread.

    Noise has no longer tails than its middle says. Without it nearly all rows hardly move, and those
    that do were watched, whichever way they went.
    """
    aside = moved - np.median(moved)
    spread = float(moved.std())
    if spread == 0:
        return np.abs(aside)
    of_noise = _NORMAL * float(np.median(np.abs(aside))) / spread
    return np.where(aside < 0, -max(0.0, 1.0 - of_noise) * aside, aside)


def guess_watched(update: Update, k: int, arm: str | None = None) -> IntArray:
    """The ``k`` items that were most likely watched, by :func:`watched_scores`.

    Args:
        update: As there.
        k: How many guesses, >= 0; no more than there are items are made.
        arm: As there.

    Returns:
        int64 (k,), item indices, the surest first.

    >>> update = Update(np.zeros((3, 1), np.float32), np.array([-0.1, 1.0, -0.2], np.float32))
    >>> guess_watched(update, 1).tolist()
    [1]
    """
    return np.argsort(-watched_scores(update, arm), kind="stable")[:k].astype(np.int64)


def precision_at(guesses: IntArray, watched: IntArray) -> float:
    """The share of guesses that are right, 0 to 1; 0 where nothing was guessed.

    Args:
        guesses: Item indices, int64 (k,).
        watched: Item indices of what was watched, int64 (n,).

    >>> precision_at(np.array([4, 2]), np.array([1, 2, 3]))
    0.5
    """
    return float(np.isin(guesses, watched).mean()) if len(guesses) else 0.0


def tell_apart(
    noised: Update,
    one: Update,
    other: Update,
    reports: tuple[FloatArray, FloatArray, FloatArray] | None = None,
) -> bool:
    """Which of two clean updates a noised one was made of, by the likelihood ratio.

    Noise that is the same on every entry is likeliest where it is shortest, so what counts is on which
    side of the middle between the two the noised one lies. No test is right more often where both are
    equally likely. Whether an update is in a noisy sum is the same question with zero as the other, once
    everybody else's updates have been taken off the sum.

    Args:
        noised: What was seen.
        one: The one that it may have been before the noise.
        other: The other.
        reports: The reports beside the three, in this order, where the study has groups.

    Returns:
        True if it was rather ``one``; False where nothing speaks for it, as where both are equal.

    >>> one = Update(np.zeros((2, 1), np.float32), np.array([1.0, 0.0], np.float32))
    >>> other = Update(np.zeros((2, 1), np.float32), np.array([0.0, 1.0], np.float32))
    >>> noised = Update(np.zeros((2, 1), np.float32), np.array([5.1, 4.9], np.float32))
    >>> tell_apart(noised, one, other), tell_apart(noised, other, one)
    (True, False)
    """
    three = noised, one, other
    evidence = _leaning(*(update.item_factors for update in three))
    evidence += _leaning(*(update.item_bias for update in three))
    if reports is not None:
        evidence += _leaning(*reports)
    return evidence > 0


def _leaning(noised: FloatArray, one: FloatArray, other: FloatArray) -> float:
    """The logarithm of the likelihood ratio of one block, times the variance of the noise."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    return float(np.sum((noised - (first + second) / 2) * (first - second)))
