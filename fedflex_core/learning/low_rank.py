"""Low-rank updates: a round asks for movement along a few directions only, and so for fewer bytes.

Nguyen et al. (2024), Towards Efficient Communication and Secure Federated Recommendation System via
Low-rank Training (CoLR), section 4: an update is a product of a tall matrix, which is sent, and a small
one that everybody shares, so the average of what is sent is exactly what the average update would give,
whatever the noise, the weights or a secure sum. There the shared directions are random each round; here
they are the next columns of a cosine basis in turn, which needs nobody's random numbers and gives each
direction its round.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedflex_core.learning.factors import Model, Update

__all__ = ["directions", "narrowed", "widened"]


def directions(embedding_size: int, rank: int, round_number: int) -> npt.NDArray[np.float64]:
    """The directions in factor space that a round asks for.

    Args:
        embedding_size: Factors per item.
        rank: How many directions, 1 to ``embedding_size``.
        round_number: 1 for the first round; the directions go on from one round to the next.

    Returns:
        float64 (embedding_size, rank), columns orthogonal and of length 1.

    >>> one, other = directions(4, 2, 1), directions(4, 2, 2)
    >>> bool(np.allclose(np.hstack([one, other]).T @ np.hstack([one, other]), np.eye(4)))
    True
    """
    columns = (np.arange(rank) + (round_number - 1) * rank) % embedding_size
    places = (2 * np.arange(embedding_size)[:, None] + 1) * columns[None, :]
    cosines = np.cos(np.pi * places / (2 * embedding_size))
    basis: npt.NDArray[np.float64] = cosines / np.linalg.norm(cosines, axis=0)
    return basis


def narrowed(update: Update, basis: npt.NDArray[np.float64]) -> Update:
    """What is sent: the update's factors along ``basis``, (items, rank), and its biases as they are.

    Lengths along orthogonal directions are lengths: the bound and the noise mean what they meant.
    """
    return Model((update.item_factors @ basis).astype(np.float32), update.item_bias)


def widened(update: Update, basis: npt.NDArray[np.float64]) -> Update:
    """A narrowed update, or an average of some, in the model's own shape.

    >>> basis = directions(3, 1, 1)
    >>> update = Model(np.array([[1.0, 1.0, 1.0]], np.float32), np.zeros(1, np.float32))
    >>> widened(narrowed(update, basis), basis).item_factors.round(5).tolist()
    [[1.0, 1.0, 1.0]]
    """
    return Model((update.item_factors @ basis.T).astype(np.float32), update.item_bias)
