"""What a participant makes in a round: what stays with them, what goes, and how well they were served.

Where a study levels groups (:mod:`fedflex_core.learning.fairness`) a person reports how well the global
model serves them. That is honest only of series that the model has never learned from them, so one in
ten of their ratings is kept out of every update of theirs. Their own vector, which makes their lists, is
fitted to all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update
from fedflex_core.learning.fairness import group_report
from fedflex_core.learning.local_update import local_update
from fedflex_core.learning.privacy import Mode, Noise, secure_normal

__all__ = ["Contribution", "contribute", "held_out", "quality"]

_ONE_IN = 10
"""One in so many ratings is held out, and never less than one."""


@dataclass(frozen=True)
class Contribution:
    """What one person makes in a round.

    Attributes:
        user_factors: float32 (embedding_size,); they stay.
        update: It goes; bounded, and in local mode noised.
        report: float32 (groups, 2); it goes with the update, bounded and noised as that is. None where
            the study has no groups.
    """

    user_factors: FloatArray
    update: Update
    report: FloatArray | None = None


def contribute(
    arm: str,
    model: Model,
    ratings: Ratings,
    config: BaseModel,
    round_config: AggregationConfig,
    rng: np.random.Generator,
    noise: Noise = secure_normal,
    shared_part: float = 1.0,
    person: int = 0,
) -> Contribution:
    """Fit one person's ratings and make all that this round asks for.

    Args:
        arm: Name of the algorithm, a key of ``ARMS``.
        model: The global model of this round.
        ratings: The person's stars; how many there are says which group the person is in.
        config: The arm's settings.
        round_config: The groups, the clipping bound, the noise and who adds it.
        rng: Orders the fits' steps; it never makes the noise.
        noise: Draws standard normal numbers; only tests pass their own.
        shared_part: The person's own dial, 0 to 1: the share of items whose updates are sent, and the
            chance that anything is reported.
        person: A number of the person's own, >= 0, so that in every round the same ratings are held out.
    """

    def fitted(known: Ratings, weight: float = 1.0) -> tuple[FloatArray, Update]:
        return local_update(
            arm, model, known, config, round_config, rng, noise, shared_part, weight
        )

    fairness = round_config.fairness
    if fairness is None:
        return Contribution(*fitted(ratings))
    kept, held = held_out(ratings, model.items, person)
    group = fairness.group_of(len(ratings.items))
    vector, update = fitted(kept, round_config.weights[group])
    served = quality(model.scores(vector), held, ratings)
    report = group_report(served, group, fairness.groups, round_config.bounds.report)
    report = report * np.float32(rng.random() < shared_part)
    user_factors, _ = ARMS[arm].fit(model, ratings, config, rng)
    return Contribution(user_factors, update, _covered(report, round_config, noise))


def _covered(report: FloatArray, round_config: AggregationConfig, noise: Noise) -> FloatArray:
    """The report with the noise that every entry of the update has, in local mode."""
    if round_config.mode is not Mode.LOCAL:
        return report
    return (report + round_config.noise_std * noise(report.shape)).astype(np.float32)


def held_out(ratings: Ratings, items: int, person: int) -> tuple[Ratings, Ratings]:
    """A person's ratings without one in ten, and those.

    Each item has its place in a line of the person's own, and who stands first is held out: the same
    ones again as long as the ratings stay. The line is no secret; what is in an update is covered by its
    noise.

    Args:
        ratings: The person's stars.
        items: How many items there are.
        person: A number of the person's own, >= 0.

    >>> ratings = Ratings(np.arange(20), np.ones(20, np.float32))
    >>> [len(part.items) for part in held_out(ratings, 100, person=7)]
    [18, 2]
    """
    line = np.random.default_rng(person).permutation(items)
    order = np.argsort(line[ratings.items])
    parts = np.split(order, [-(-len(order) // _ONE_IN)])
    held, kept = (Ratings(ratings.items[part], ratings.stars[part]) for part in parts)
    return kept, held


def quality(scores: FloatArray, held: Ratings, ratings: Ratings) -> float:
    """How well scores rank what was held out among all that a person has not rated (AUC).

    Args:
        scores: float32 (items,), by a vector that was fitted without what was held out.
        held: What was held out.
        ratings: All that the person has rated.

    Returns:
        The share of unrated items below a held one, 0 to 1, ties counted half; 0.5, which says nothing,
        where there is nothing to compare.

    >>> held = Ratings(np.array([0]), np.ones(1, np.float32))
    >>> quality(np.array([0.5, 0.1, 0.2, 0.9], np.float32), held, held)
    0.6666666666666666
    """
    others = np.sort(np.delete(scores, ratings.items))
    if not len(held.items) or not len(others):
        return 0.5
    found = scores[held.items]
    below = np.searchsorted(others, found, side="left")
    not_above = np.searchsorted(others, found, side="right")
    return float(np.mean(below + not_above) / (2 * len(others)))
