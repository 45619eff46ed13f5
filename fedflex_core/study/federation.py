"""A study's rounds in memory: the same local updates and the same averaging, without files.

The simulation and the offline evaluation run on it, so that what they measure is what a study does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np

from fedflex_core.learning.aggregation import AggregationConfig, RoundDiagnostics, RoundSum
from fedflex_core.learning.contribution import Contribution, contribute
from fedflex_core.learning.factors import FloatArray, Model, Ratings
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.design import StudyDesign

__all__ = ["ArmState", "Progress", "federate"]

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""

_BATCH = 256
"""People whose updates are in memory at one time."""


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
    before: dict[str, Model | None] = dict.fromkeys(design.arm_names)
    said: dict[str, RoundDiagnostics | None] = dict.fromkeys(design.arm_names)
    for number in range(design.rounds + 1):
        for place, arm in enumerate(design.arm_names):
            share = (number + place / len(models)) / (design.rounds + 1)
            progress(f"Round {number} of {design.rounds}: {arm.upper()}", share)
            last = said[arm]
            asked = design.round_config(number + 1, last.group_weights if last else None)
            users, summed = _everybody(design, arm, models[arm], people, asked, rng)
            yield ArmState(number, arm, models[arm], users, said[arm])
            if number < design.rounds:
                after, said[arm] = summed.close(before[arm])
                models[arm], before[arm] = after, models[arm]
    progress("Done", 1.0)


def _everybody(
    design: StudyDesign,
    arm: str,
    model: Model,
    people: Sequence[Ratings],
    asked: AggregationConfig,
    rng: np.random.Generator,
) -> tuple[FloatArray, RoundSum]:
    """Everybody's own vectors, float32 (people, embedding_size), and the sum of their updates.

    The compiled loops leave the interpreter's lock alone, so people are fitted on all cores; each has a
    stream of random numbers of their own, so that the result does not follow who was faster.
    """
    asked, config = _noised_once(asked, len(people)), design.arm_config(arm)
    summed = RoundSum(model, asked)
    users = np.zeros((len(people), model.embedding_size), np.float32)

    def made(place: int, stream: np.random.Generator) -> Contribution:
        return contribute(arm, model, people[place], config, asked, stream, person=place)

    with ThreadPoolExecutor(cpu_count()) as pool:
        for first in range(0, len(people), _BATCH):
            places = range(first, min(first + _BATCH, len(people)))
            for own, place in zip(
                pool.map(made, places, rng.spawn(len(places))), places, strict=True
            ):
                users[place] = own.user_factors
                weight = design.weight_of(len(people[place].items))
                summed.add(own.update, weight, own.report)
    return users, summed


def _noised_once(config: AggregationConfig, people: int) -> AggregationConfig:
    """Noise in many parts as one noise of the same variance on the sum: nobody here has to hide."""
    if config.mode is Mode.LOCAL:
        noise = config.noise_multiplier * math.sqrt(people)
    elif config.mode is Mode.DISTRIBUTED:
        noise = config.noise_shares.total_std(config.noise_multiplier, people)
    else:
        return config
    return config.model_copy(update={"mode": Mode.CENTRAL, "noise_multiplier": noise})
