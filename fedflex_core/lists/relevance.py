"""Relevance: an arm's scores on one scale, so that a weight of relevance means the same in every arm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["min_max"]


def min_max(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The scores of some candidates, scaled so that the least is 0 and the best 1.

    Args:
        scores: Finite, float (candidates,), at least one; all of them get 1 where all are equal.

    Returns:
        float64 (candidates,).

    Raises:
        ValueError: A score is infinite or not a number.

    >>> min_max(np.array([3.0, 1.0, 2.0])).tolist()
    [1.0, 0.0, 0.5]
    """
    wide = scores.astype(np.float64)
    if not np.isfinite(wide).all():
        raise ValueError("scores have to be finite")
    least, spread = wide.min(), wide.max() - wide.min()
    return (wide - least) / spread if spread > 0 else np.ones(len(wide))
