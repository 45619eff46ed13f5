"""Re-ranking for diversity, and how diverse a list is.

Carbonell and Goldstein (1998), The Use of MMR: pick, one after another, the candidate with the largest
``lambda * relevance - (1 - lambda) * (largest similarity to what is already picked)``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["intra_list_diversity", "mmr"]


def mmr(
    scores: npt.NDArray[np.floating],
    embeddings: npt.NDArray[np.floating],
    n: int,
    lambda_: float,
) -> tuple[int, ...]:
    """Choose ``n`` candidates by maximal marginal relevance.

    Args:
        scores: Predicted scores, float (candidates,); scaled here to 0..1 over the candidates, so that
            lambda means the same for every arm.
        embeddings: Rows of unit length, float (candidates, width); similarity is their cosine.
        n: How many to choose; all, where fewer are there.
        lambda_: Weight of relevance, 0 to 1; at 1 the order is that of the scores.

    Returns:
        Places in ``scores``, in the order chosen: the first is the best scored. Equal values go by place.

    >>> twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> mmr(np.array([1.0, 0.9, 0.5]), twins, n=2, lambda_=0.3)
    (0, 2)
    """
    count = len(scores)
    if count == 0:
        return ()
    relevance = _min_max(scores.astype(np.float64))
    closest = np.full(count, -np.inf)
    left = np.ones(count, dtype=bool)
    chosen: list[int] = [int(np.argmax(relevance))]
    while len(chosen) < min(n, count):
        left[chosen[-1]] = False
        closest = np.maximum(closest, embeddings @ embeddings[chosen[-1]])
        value = np.where(left, lambda_ * relevance - (1 - lambda_) * closest, -np.inf)
        chosen.append(int(np.argmax(value)))
    return tuple(chosen)


def intra_list_diversity(embeddings: npt.NDArray[np.floating]) -> float:
    """Mean of 1 - cosine over all pairs of a list (Ziegler et al. 2005); 0 for fewer than two items.

    Args:
        embeddings: Rows of unit length, float (items in the list, width).

    >>> intra_list_diversity(np.eye(3))
    1.0
    """
    count = len(embeddings)
    if count < 2:
        return 0.0
    wide = embeddings.astype(np.float64)
    pairs = np.triu_indices(count, k=1)
    return float(np.mean(1.0 - (wide @ wide.T)[pairs]))


def _min_max(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    spread = scores.max() - scores.min()
    return (scores - scores.min()) / spread if spread > 0 else np.ones(len(scores))
