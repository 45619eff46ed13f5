"""Re-ranking for diversity, and how diverse a list is.

Carbonell and Goldstein (1998), The Use of MMR: pick, one after another, the candidate with the largest
``lambda * relevance - (1 - lambda) * (largest similarity to what is already picked)``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedflex_core.lists.relevance import min_max

__all__ = ["intra_list_diversity", "mmr"]

_PROBED = 256
"""How many of the most promising candidates are compared first; any number gives the same list."""

_BLOCK = 8192
"""Rows that are copied at once where some of the candidates are compared."""


def mmr(
    scores: npt.NDArray[np.floating],
    embeddings: npt.NDArray[np.floating],
    n: int,
    lambda_: float,
) -> tuple[int, ...]:
    """Choose ``n`` candidates by maximal marginal relevance.

    All are compared with the first that is chosen; with each later one only those that can still be the
    best (the lazy evaluation of Minoux 1978). The result is that of comparing all with all.

    Args:
        scores: Predicted scores, finite, float (candidates,); scaled here to 0..1 over the candidates,
            so that lambda means the same for every arm.
        embeddings: Rows of unit length, float (candidates, width); similarity is their dot product,
            the cosine. They are read and never copied as a whole.
        n: How many to choose; all, where fewer are there.
        lambda_: Weight of relevance, 0 to 1; at 1 the order is that of the scores.

    Returns:
        Places in ``scores``, in the order chosen: the first is the best scored. Equal values go by place.

    Raises:
        ValueError: There is not one row for each score, or a score is not finite.

    >>> twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> mmr(np.array([1.0, 0.9, 0.5]), twins, n=2, lambda_=0.3)
    (0, 2)
    """
    if len(scores) != len(embeddings):
        raise ValueError("one row of embeddings is expected for each score")
    if n < 1 or len(scores) == 0:
        return ()
    candidates = _Candidates(min_max(scores), embeddings, lambda_)
    candidates.choose(int(np.argmax(scores)))
    while len(candidates.chosen) < min(n, len(scores)):
        candidates.choose(candidates.best())
    return tuple(candidates.chosen)


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


class _Candidates:
    """Candidates, what was chosen of them, and what each of the others is worth at most.

    A candidate's value falls or stays when one more is chosen, since its largest similarity can only
    grow. So a value that was worked out earlier is a bound of today's, and whoever's bound lies below
    a value of today need not be looked at.
    """

    def __init__(
        self,
        relevance: npt.NDArray[np.float64],
        embeddings: npt.NDArray[np.floating],
        lambda_: float,
    ) -> None:
        self.chosen: list[int] = []
        self._embeddings = embeddings
        self._lambda = lambda_
        self._gain = lambda_ * relevance
        self._bound = self._gain.copy()
        self._closest = np.full(len(relevance), -np.inf)
        self._compared = np.zeros(len(relevance), np.int64)  # with how many of those chosen

    def choose(self, place: int) -> None:
        self.chosen.append(place)
        self._bound[place] = -np.inf

    def best(self) -> int:
        """The place of the largest value; of equal ones the first."""
        if len(self.chosen) == 1:
            self._compare_all()
        else:
            probed = self._most_promising()
            self._compare(probed)
            self._compare(np.flatnonzero(self._bound >= self._bound[probed].max()))
        return int(np.argmax(self._bound))

    def _most_promising(self) -> npt.NDArray[np.int64]:
        first = max(len(self._bound) - _PROBED, 0)
        places = np.argpartition(self._bound, first)[first:]
        return places[self._bound[places] > -np.inf]

    def _compare_all(self) -> None:
        """Compare all with the first chosen, in one pass over the embeddings that copies nothing."""
        (first,) = self.chosen
        self._closest[:] = _similarities(self._embeddings, self._embeddings[first])
        self._compared[:] = 1
        self._bound = self._gain - (1 - self._lambda) * self._closest
        self._bound[first] = -np.inf

    def _compare(self, places: npt.NDArray[np.int64]) -> None:
        """Compare some that are left with whatever was chosen since they were last looked at."""
        late = places[self._compared[places] < len(self.chosen)]
        for start in range(0, len(late), _BLOCK):
            block = late[start : start + _BLOCK]
            rows, compared = self._embeddings[block], self._compared[block]
            for number in range(compared.min(), len(self.chosen)):
                similar = _similarities(rows, self._embeddings[self.chosen[number]])
                self._closest[block] = np.maximum(self._closest[block], similar)
        self._compared[late] = len(self.chosen)
        self._bound[late] = self._gain[late] - (1 - self._lambda) * self._closest[late]


def _similarities(
    rows: npt.NDArray[np.floating], one: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    # A matrix product rounds a row by where it stands; this treats each alike, so that equals tie.
    similar: npt.NDArray[np.floating] = np.vecdot(rows, one)
    return similar
