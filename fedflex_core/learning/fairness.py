"""Weights that close the gap between groups of people, from sums that tell of nobody.

Ezzeldin et al. (2023), FairFed: Enabling Group Fairness in Federated Learning, algorithm 1: after each
round the weight of those whose gap is above the mean goes down by ``beta`` times the difference, and of
those below it up. There a client is an institution with people of all groups, and its gap is how far its
own fairness is from everybody's. Here a client is one person, who has no fairness of their own and
belongs to one group, so the weight is the group's and its gap is how much better than everybody it is
served: the better served a group, the less it moves the next model.

A person's report is one more block of their update, under the same bound and the same noise: as safe as
the update is, and no safer where that lies without noise. Only the sum is looked at; what follows from a
noisy sum is post-processing, and costs no privacy. The weights that come of it are public, and each person
applies their own group's to their own update before the noise: it never buys more than the bound.

What is said of a group has to stand out of that noise. Where the aggregator adds it, a group needs some
tens of people; where each person adds their own, thousands, and with fewer the weights stay at 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, field_validator

from fedflex_core.learning.factors import FloatArray

__all__ = ["FairnessDesign", "HeardGroups", "group_report", "heard_groups", "mean_weight"]

_CAUTION = 2.0
"""Standard deviations by which a group's size must stand out from the noise before it is heard."""


class FairnessDesign(BaseModel):
    """Which groups a study levels, and how fast.

    >>> FairnessDesign(groups_at=(10, 30)).groups
    3
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups_at: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(30,), min_length=1, max_length=9
    )
    """How many rated series begin the next group, in rising order; one cut makes light and heavy
    watchers."""
    beta: float = Field(default=1.0, ge=0)
    """How much a weight changes in a round, for each unit of a group's gap (FairFed's fairness budget)."""
    lowest_weight: float = Field(default=0.2, gt=0, le=1)
    """No group's weight falls below it: nobody is left without a word."""
    report_share: float = Field(default=0.1, gt=0, lt=1)
    """Share of the squared clipping bound that reports use; the model's blocks have the rest."""

    @field_validator("groups_at")
    @classmethod
    def _rising(cls, groups_at: tuple[int, ...]) -> tuple[int, ...]:
        if any(after <= before for before, after in pairwise(groups_at)):
            raise ValueError("rising numbers are expected")
        return groups_at

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.groups_at) + 1

    def group_of(self, rated: int) -> int:
        """The group of a person who has rated so many series: 0 for the fewest.

        >>> [FairnessDesign().group_of(rated) for rated in (0, 29, 30, 400)]
        [0, 0, 1, 1]
        """
        return sum(rated >= cut for cut in self.groups_at)

    def next_weights(self, weights: Sequence[float], heard: HeardGroups) -> tuple[float, ...]:
        """The groups' weights in the next round.

        Args:
            weights: This round's, each in (0, 1].
            heard: What this round's reports say.

        Returns:
            Each in [``lowest_weight``, 1]; the largest is 1.

        >>> reports = [[30.0, 15.0], [10.0, -2.0]]
        >>> FairnessDesign().next_weights((1.0, 1.0), heard_groups(np.array(reports), 0.0, 2**0.5))
        (0.722772, 1.0)
        """
        moved = np.asarray(weights, np.float64) - self.beta * heard.gaps()
        levelled = np.clip(moved / moved.max(), self.lowest_weight, 1.0)
        return tuple(round(float(weight), 6) for weight in levelled)


def group_report(quality: float, group: int, groups: int, most: float) -> FloatArray:
    """What one person reports: a row for each group, with zeros in all but their own.

    Args:
        quality: How well the model serves this person, 0 to 1.
        group: The person's own, 0 for the first.
        groups: How many there are.
        most: How long the report may be; no quality makes it longer.

    Returns:
        float32 (groups, 2): membership, and membership times the quality written from -1 to 1, which
        makes twice as much of the bound as 0 to 1 would.

    >>> group_report(quality=0.75, group=1, groups=2, most=2**0.5).tolist()
    [[0.0, 0.0], [1.0, 0.5]]
    """
    report = np.zeros((groups, 2), np.float32)
    if math.isfinite(quality):
        report[group] = 1.0, 2.0 * min(max(quality, 0.0), 1.0) - 1.0
    return report * np.float32(_person(most))


def _person(most: float) -> float:
    """The length of one membership in a report: with the best quality, or the worst, it fills the bound."""
    return most / math.sqrt(2.0)


@dataclass(frozen=True)
class HeardGroups:
    """What the noisy sum of reports says of each group.

    Attributes:
        people: float64 (groups,), how many reported, >= 0; 0 where they do not stand out of the noise.
        quality: float64 (groups,), their mean quality, 0 to 1; NaN where nobody is heard.
        variance: float64 (groups,), the noise's part of that mean; NaN where nobody is heard.
    """

    people: npt.NDArray[np.float64]
    quality: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]

    def gaps(self) -> npt.NDArray[np.float64]:
        """How much better each group is served than everybody, float64 (groups,), -1 to 1.

        Each is taken only as far as it stands out from its own noise (the positive part of Efron and
        Morris 1973, as in :mod:`fedflex_core.learning.trust`): noise alone moves no weight.
        """
        gaps = np.zeros(len(self.people))
        known = self.people > 0
        if known.sum() < 2:
            return gaps
        share = self.people[known] / self.people[known].sum()
        compared = np.eye(len(share)) - share
        found = compared @ self.quality[known]
        of_noise = compared**2 @ self.variance[known]
        squared = np.where(found == 0, np.inf, found**2)
        gaps[known] = found * np.maximum(0.0, 1.0 - of_noise / squared)
        return gaps


def heard_groups(summed: npt.NDArray[np.float64], std: float, most: float) -> HeardGroups:
    """Read the noisy sum of reports.

    Args:
        summed: float64 (groups, 2), sum of :func:`group_report` over all people, with noise.
        std: Standard deviation of the noise on each entry of the sum, >= 0.
        most: How long one report may be.

    >>> heard_groups(np.array([[40.0, 20.0], [0.5, 3.0]]), std=1.0, most=2**0.5).quality.tolist()
    [0.75, nan]
    """
    people, sums = (summed / _person(most)).T
    noise = std / _person(most)
    heard = people > _CAUTION * noise
    counted = np.where(heard, people, np.nan)
    centred = np.clip(sums / counted, -1.0, 1.0)
    return HeardGroups(
        people=np.where(heard, people, 0.0),
        quality=(1.0 + centred) / 2.0,
        variance=(1.0 + centred**2) * (noise / (2.0 * counted)) ** 2,
    )


def mean_weight(weights: Sequence[float], heard: HeardGroups) -> float:
    """What one person's update weighs on average, by the groups' noisy sizes.

    It is the divisor of the weighted average, as FairFed's weights sum to 1. To divide by the number of
    people instead would only shorten the round's step, and those who are served worst would learn no
    faster than before. It follows from published weights and noisy sizes, so it costs no privacy, and
    whatever the noise does it lies between the smallest weight and the largest.

    >>> mean_weight((0.5, 1.0), heard_groups(np.array([[30.0, 0.0], [10.0, 0.0]]), 0.0, 2**0.5))
    0.625
    """
    everybody = heard.people.sum()
    return float(heard.people @ np.asarray(weights) / everybody) if everybody > 0 else 1.0
