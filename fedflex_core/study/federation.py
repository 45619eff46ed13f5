"""A study's rounds in memory: the same local updates and the same averaging, without files.

The simulation and the offline evaluation run on it, so that what they measure is what a study does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fedflex_core.learning.aggregation import RoundDiagnostics, aggregate
from fedflex_core.learning.factors import FloatArray, Model, Ratings
from fedflex_core.learning.local_update import local_update
from fedflex_core.study.design import StudyDesign

__all__ = ["ArmState", "Progress", "federate"]

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""


@dataclass(frozen=True)
class ArmState:
    """Where one arm stands after a round.

    Attributes:
        round: 0 is the public start.
        arm: Its name.
        model: The global model of this round.
        user_factors: float32 (people, embedding_size), each fitted by its person on that model.
        diagnostics: What the round said of itself, None at round 0.
    """

    round: int
    arm: str
    model: Model
    user_factors: FloatArray
    diagnostics: RoundDiagnostics | None


def federate(
    design: StudyDesign,
    start: Model,
    people: Sequence[Ratings],
    rng: np.random.Generator,
    progress: Progress = lambda _what, _share: None,
) -> Iterator[ArmState]:
    """Run all rounds of a study; every person takes part in each.

    Args:
        design: The study: its arms, rounds, privacy and aggregation.
        start: The global model of round 0, for every arm.
        people: Their ratings.
        rng: Orders the fits' steps; never the noise.
        progress: Called with what is being done and the share done, 0 to 1.

    Yields:
        Every arm's state at round 0, then after round 1, and so on.
    """
    models = dict.fromkeys(design.arm_names, start)
    said: dict[str, RoundDiagnostics | None] = dict.fromkeys(design.arm_names)
    for number in range(design.rounds + 1):
        for place, arm in enumerate(design.arm_names):
            share = (number + place / len(models)) / (design.rounds + 1)
            progress(f"Round {number} of {design.rounds}: {arm.upper()}", share)
            config = design.arm_config(arm)
            fits = [
                local_update(arm, models[arm], one, config, design.aggregation, rng)
                for one in people
            ]
            users = np.stack([user for user, _ in fits])
            yield ArmState(number, arm, models[arm], users, said[arm])
            if number < design.rounds:
                updates = [update for _, update in fits]
                models[arm], said[arm] = aggregate(models[arm], updates, design.aggregation)
    progress("Done", 1.0)
