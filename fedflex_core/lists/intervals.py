"""How sure a mean over people is: an interval from people drawn again and again.

Efron (1979), Bootstrap Methods: Another Look at the Jackknife; the percentile interval.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bootstrap_interval"]


def bootstrap_interval(
    values: npt.NDArray[np.floating], resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The percentile bootstrap interval of the mean of every measure, people being drawn whole.

    The same people are drawn for all measures, and whenever there are as many people, so intervals of
    several arms can be compared.

    Args:
        values: float (people, measures), at least one person.
        resamples: How often as many people are drawn with replacement.
        level: The share of these whose means lie inside, in (0, 1).
        seed: Draws the people.

    Returns:
        The lower and the upper ends, float64 (measures,).

    Raises:
        ValueError: There is nobody.

    >>> low, high = bootstrap_interval(np.array([[0.0, 3.0], [1.0, 3.0]]))
    >>> low.tolist(), high.tolist()
    ([0.0, 3.0], [1.0, 3.0])
    """
    people = len(values)
    if people == 0:
        raise ValueError("an interval needs at least one person")
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    for row in means:
        drawn = np.bincount(rng.integers(people, size=people), minlength=people)
        row[:] = drawn @ values / people
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
