"""How long a study of thousands takes in memory, how much memory, and whether more people cost more each.

    python benchmarks/simulation.py [--people 1000 2500 5000 10000] [--rounds 10] [--arms bpr svd]

Made-up people (about 40 series each, well-known ones more often) take part in every round of a study with
the design's defaults, central noise and a catalogue of 4,000. Each size runs in a process of its own. The
peer does the same local fits as simulators of federated BPR do: a loop over single steps with numpy's
vectors, one person after another, on a few people; its figure for 1,000 is worked out from theirs.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import numpy as np
from measuring import apart, forget_peak, load, peak_mb
from rich.console import Console
from rich.table import Table
from training import PLAIN_FITS, plain_fit

from fedflex_core.learning import _compiled
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.public_start import public_start
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.federation import federate

_ITEMS = 4_000
_RATED = 40


class Run(NamedTuple):
    """One simulation."""

    seconds: float
    core_seconds: float
    """Time that cores worked for it: hardly more where others keep them busy too."""
    peak: float
    before: float
    """Memory when the people were made and nothing had been fitted, in MB."""


def main() -> None:
    """Simulate each size in a process of its own, then let the peer fit a few people."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 2_500, 5_000, 10_000])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--arms", nargs="+", choices=sorted(ARMS), default=["bpr", "svd"])
    parser.add_argument("--mode", choices=["central", "off"], default="central")
    parser.add_argument("--alone", type=int, default=3, help="people whom the peer fits")
    said = parser.parse_args()
    table = Table(
        "arm", "people", "seconds", "per 1,000", "core s", "ms a fit", "peak MB", "before"
    )
    table.title = f"{said.rounds} rounds, {_ITEMS:,} items, noise {said.mode}; {load()}"
    fits = said.rounds + 1  # after the last round everybody's own vector is fitted once more
    for arm in said.arms:
        design = study(arm, said.rounds, said.mode)
        for count in said.people:
            run = apart(simulated, design, count)
            each = f"{run.seconds / count * 1e3:.2f}", f"{run.core_seconds:.1f}"
            per_fit = f"{run.core_seconds / count / fits * 1e3:.2f}"
            memory = f"{run.peak:,.0f}", f"{run.before:,.0f}"
            table.add_row(arm, f"{count:,}", f"{run.seconds:.1f}", *each, per_fit, *memory)
        if arm in PLAIN_FITS:
            per_fit = apart(alone, design, arm, said.alone)
            worked_out = f"{1e3 * fits * per_fit:,.0f}"
            table.add_row(
                f"{arm}, loop", f"by {said.alone}", "", worked_out, "", f"{1e3 * per_fit:.0f}"
            )
        table.add_section()
    Console(width=100).print(table)


def study(arm: str, rounds: int, mode: str) -> StudyDesign:
    privacy = PrivacyDesign(mode=mode)
    return StudyDesign(name="Thousands", rounds=rounds, arms={arm: {}}, privacy=privacy).settled()


def simulated(design: StudyDesign, count: int) -> Run:
    """Seconds and memory of all rounds; the people are made, and the loops compiled, before."""
    _compiled.warm_up()
    start, people = world(count, design.embedding_size)
    before, began, busy = forget_peak(), time.perf_counter(), time.process_time()
    for _ in federate(design, start, people, np.random.default_rng(2)):
        pass
    spent = time.perf_counter() - began, time.process_time() - busy
    return Run(*spent, peak_mb(), before)


def alone(design: StudyDesign, arm: str, count: int) -> float:
    """Seconds of one fit, as a loop over single steps."""
    _compiled.warm_up()  # it deals the loop's pairs
    start, people = world(count, design.embedding_size)
    began = time.perf_counter()
    for person in people:
        plain_fit(arm, start, person, design.arm_config(arm), np.random.default_rng(2))
    return (time.perf_counter() - began) / count


def world(count: int, embedding_size: int) -> tuple[Model, list[Ratings]]:
    """A public start and made-up people: the same for the same count."""
    rng = np.random.default_rng(1)
    fame = np.arange(10, _ITEMS + 10) ** -0.8
    embeddings = rng.standard_normal((_ITEMS, 384), np.float32)
    start = public_start(embeddings, 1e6 * fame, embedding_size)
    people = []
    for size in np.maximum(5, rng.poisson(_RATED, count)):
        # The largest of logarithm and Gumbel noise: drawn without putting back, by fame.
        drawn = np.argpartition(-np.log(fame) - rng.gumbel(size=_ITEMS), size)[:size]
        stars = rng.integers(1, 6, size).astype(np.float32)
        people.append(Ratings(np.sort(drawn), stars))
    return start, people


if __name__ == "__main__":
    main()
