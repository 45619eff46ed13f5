"""Re-ranking for calibration: a list in the proportions of what a person watches.

Somebody who watches 70 % romance and 30 % action gets a list of seven and three, where the best
predicted would be romance alone. Steck (2018), Calibrated Recommendations: the distance of a list's
genres ``q`` from the person's genres ``p`` is the Kullback-Leibler divergence ``KL(p || q~)``, with
``q~ = (1 - alpha) q + alpha p`` so that a genre which the list lacks costs much and not infinitely much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from fedflex_core.lists.relevance import min_max

__all__ = ["calibrated", "miscalibration"]

_ALPHA = 0.01
"""Share of p in q~, as in the paper."""


def calibrated(
    scores: npt.NDArray[np.floating],
    genres: Sequence[Sequence[str]],
    taste: Mapping[str, float],
    n: int,
    lambda_: float,
) -> tuple[int, ...]:
    """Choose ``n`` candidates whose genres are in the proportions of a person's.

    One after another, as in the paper, whichever makes ``lambda * (sum of relevance) - (1 - lambda) *
    KL(p || q~)`` of the list so far the largest. So the first is not always the best scored: it may
    be the second best, of a genre that the person watches more.

    Args:
        scores: Predicted scores, finite, float (candidates,); scaled to 0..1 as in ``mmr``.
        genres: Genres of each candidate, of which each is an equal share of it. One without genres
            leaves the list's proportions as they are.
        taste: The person's share of each genre, p; sums to 1. Where it is empty the order is that of
            the scores.
        n: How many to choose; all, where fewer are there.
        lambda_: Weight of relevance, 0 to 1; at 1 the order is that of the scores. It is 1 minus the
            paper's.

    Returns:
        Places in ``scores``, in the order chosen. Equal values go by place.

    Raises:
        ValueError: There are not genres for each score, or a score is not finite.

    >>> calibrated(np.array([1.0, 0.9, 0.5]), [["Drama"], ["Drama"], ["Crime"]],
    ...            {"Drama": 0.6, "Crime": 0.4}, n=2, lambda_=0.3)
    (0, 2)
    """
    if len(scores) != len(genres):
        raise ValueError("genres are expected for each score")
    if n < 1 or len(scores) == 0:
        return ()
    gain = lambda_ * min_max(scores)
    shares, wanted = _shares(genres, taste), _positive(taste)
    known = np.array([len(names) > 0 for names in genres])
    chosen: list[int] = []
    while len(chosen) < min(n, len(scores)):
        counted = np.maximum(known[chosen].sum() + known, 1)[:, np.newaxis]
        proportions = (shares[chosen].sum(axis=0) + shares) / counted
        value = gain - (1 - lambda_) * _divergence(wanted, proportions)
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
    return tuple(chosen)


def miscalibration(taste: Mapping[str, float], shown: Mapping[str, float]) -> float:
    """How far a list's genres are from a person's: ``KL(p || q~)``, in nats.

    Args:
        taste: The person's share of each genre, p; sums to 1.
        shown: The list's share of each genre, q; sums to 1, or is empty.

    Returns:
        0 where the proportions are the same, at most log(100), about 4.6, where no genre is shared.

    >>> round(miscalibration({"Drama": 0.7, "Crime": 0.3}, {"Drama": 1.0}), 3)
    1.134
    """
    proportions = np.array([[shown.get(name, 0.0) for name in _watched(taste)]])
    return max(0.0, float(_divergence(_positive(taste), proportions)[0]))


def _watched(taste: Mapping[str, float]) -> list[str]:
    # A genre that is not watched has no term in the divergence.
    return [name for name, share in taste.items() if share > 0]


def _positive(taste: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([taste[name] for name in _watched(taste)], np.float64)


def _shares(genres: Sequence[Sequence[str]], taste: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Each candidate's share of each genre that is watched, float64 (candidates, genres)."""
    columns = {name: place for place, name in enumerate(_watched(taste))}
    shares = np.zeros((len(genres), len(columns)))
    for row, names in zip(shares, genres, strict=True):
        for name in names:
            if name in columns:
                row[columns[name]] += 1 / len(names)
    return shares


def _divergence(
    wanted: npt.NDArray[np.float64], proportions: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """``KL(p || q~)`` of one p and many q in rows."""
    smoothed = (1 - _ALPHA) * proportions + _ALPHA * wanted
    divergence: npt.NDArray[np.float64] = (wanted * np.log(wanted / smoothed)).sum(axis=1)
    return divergence
