"""How far a noisy average is trusted: empirical Bayes from the noise that is known.

The average of a round is the truth plus Gaussian noise whose size nobody has to guess. Where it hardly
stands out of that, following it would only unlearn what is publicly known. So each group of items is
followed as far as it stands out (Efron and Morris 1973, Stein's Estimation Rule and Its Competitors,
eq. 1.9, the positive part, group by group): post-processing, it costs no privacy.

What stands out by chance is small as long as the noise is. Where it is so large that not even people who
all agree could stand out of it, what does is chance, and nothing is followed: such a round would make the
model worse than it was, and it would do so by its whole step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["groups_by_fame", "trusted"]

_FIRST = 128
"""Items in the first group: few enough to be alike, enough to tell a signal from noise."""
_HOPELESS = 2.0
"""Standard deviations by which people who all agree would have to stand out."""


def groups_by_fame(item_bias: npt.NDArray[np.floating]) -> list[npt.NDArray[np.int64]]:
    """Item indices in groups, the best known items first, each group twice as large as the one before.

    What is watched is watched mostly among the best known, so the same noise hides less there. The
    grouping follows from the global model alone, which is public.

    >>> [len(group) for group in groups_by_fame(np.arange(600.0))]
    [128, 128, 256, 88]
    """
    order = np.argsort(-item_bias, kind="stable")
    return [order[start:end] for start, end in _spans(len(order))]


def _spans(count: int) -> Iterator[tuple[int, int]]:
    start, size = 0, _FIRST
    while start < count:
        yield start, min(count, start + size)
        start += size
        size = max(size, start)


def public_directions(item_factors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Directions along which items that are alike by the global model move together.

    Args:
        item_factors: Of the global model, float (items, factors); public like all of it.

    Returns:
        float64 (items, at most factors), columns orthogonal and of length 1.

    >>> alike = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    >>> found = public_directions(alike)
    >>> bool(np.allclose(found @ found.T @ alike, alike)), found.shape
    (True, (4, 1))
    """
    left, length, _ = np.linalg.svd(item_factors.astype(np.float64), full_matrices=False)
    known: npt.NDArray[np.float64] = left[:, length > 1e-6 * length.max(initial=0.0)]
    return known


def trusted(
    average: npt.NDArray[np.float64],
    std: float,
    groups: list[npt.NDArray[np.int64]],
    caution: float = 0.0,
    directions: npt.NDArray[np.float64] | None = None,
    longest: float = math.inf,
) -> npt.NDArray[np.float64]:
    """The average, each part of it scaled by how far it stands out of the noise.

    Args:
        average: Noisy, float64 (items,) or (items, factors).
        std: Standard deviation of the noise on each entry, >= 0.
        groups: Row indices, each row in one group.
        caution: How many standard deviations of the noise's own mean square are taken off as well, so
            that noise alone is followed less often (0: about half of the time, a little).
        directions: float64 (items, few), see :func:`public_directions`: what moves along them is a part
            of its own, since a signal is dense there and noise is spread evenly over all directions.
        longest: The longest that the average can be without noise: its length where everybody agrees.

    >>> noise_alone = np.array([1.0, -1.0, 1.0, -1.0])
    >>> trusted(noise_alone, std=1.0, groups=[np.arange(4)]).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    if std == 0:
        return average
    followed = np.zeros_like(average)
    if directions is not None and directions.size:
        along = directions.T @ average
        average = average - directions @ along
        followed += directions @ _shrunk(along, std, caution, longest)
    for group in groups:
        followed[group] += _shrunk(average[group], std, caution, longest)
    return followed


def _shrunk(
    part: npt.NDArray[np.float64], std: float, caution: float, longest: float
) -> npt.NDArray[np.float64]:
    strays = std**2 * math.sqrt(
        2.0 * part.size
    )  # the noise's square length, one standard deviation
    if longest**2 < _HOPELESS * strays:
        return np.zeros_like(part)
    found = float(np.mean(part**2))
    of_noise = std**2 * (1.0 + caution * math.sqrt(2.0 / part.size))
    return part * (max(0.0, 1.0 - of_noise / found) if found > 0 else 0.0)
