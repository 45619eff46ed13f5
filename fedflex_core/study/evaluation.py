"""Offline evaluation by time: would a study's lists have held what people went on to watch?

Everybody's first four fifths make the ratings of a study in memory (see :mod:`federation`), which runs with
the settings of any study; the last fifth is what its lists should hold (see :mod:`held_out`). Two yardsticks
stand beside the arms:

``popularity``     how many people watched an item, counted over everybody's first four fifths in one place:
                   what could be had without any model, by whoever may see all histories.
``public-start``   the model of round 0, made of public facts alone, with each person's own vector fitted on it:
                   what a study begins with.

What a person watches next is not all they would have liked: measures of this kind rank ways of making
lists, and do not say how pleased anybody would be (Cañamares and Castells 2018, Should I Follow the Crowd?, on
how they favour what is popular). Noise is drawn from the operating system, so with privacy on two runs
differ, whatever their seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fedflex_core.errors import FedFlexError
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.privacy import Mode
from fedflex_core.lists.intervals import bootstrap_interval
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.evaluated_lists import EvaluatedLists, Scores, ShownItems
from fedflex_core.study.federation import ArmState, Progress, federate
from fedflex_core.study.held_out import FEWEST, HeldOut, Person
from fedflex_core.study.opening import round_zero
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = [
    "DEFAULT_ARMS",
    "EVALUATED",
    "POPULARITY",
    "PUBLIC_START",
    "ArmEvaluation",
    "Evaluation",
    "NobodyLeft",
    "evaluate",
    "evaluation_design",
]

POPULARITY, PUBLIC_START = "popularity", "public-start"
EVALUATED = (*ARMS, POPULARITY, PUBLIC_START)
"""Everything that can be evaluated: the arms, and the two yardsticks."""

DEFAULT_ARMS = ("svd", "bpr", POPULARITY, PUBLIC_START)

_CURVE = "ndcg@5"
_ENDS = ("_low", "_high")


class NobodyLeft(FedFlexError):
    """There is nobody with enough of a history; the remedy is other data."""


@dataclass(frozen=True)
class ArmEvaluation:
    """What one arm's lists were worth, as means over people.

    Each measure stands under its name, and the ends of its 95 % bootstrap interval over people under the
    name with ``_low`` and ``_high``. ``distinct_items`` and ``coverage`` (distinct items over all items)
    are of everybody together and have none: they grow with the number of people, and a resample, in which
    some stand twice, always holds fewer.

    Attributes:
        a: List A after the last round.
        b: List B after the last round.
        by_round: nDCG@5 and distinct items of list A after each round, 0 first; for what has no rounds
            one entry.
    """

    a: dict[str, float]
    b: dict[str, float]
    by_round: list[dict[str, float]]


@dataclass(frozen=True)
class Evaluation:
    """What came out, and of what.

    Attributes:
        people: How many people it is a mean over.
        items: How many items there were to choose from.
        design: The study that was run.
        seeds: One run for each.
        left_out: What was not used, by reason.
        arms: By name.
    """

    people: int
    items: int
    design: StudyDesign
    seeds: tuple[int, ...]
    left_out: dict[str, int]
    arms: dict[str, ArmEvaluation]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON; ``epsilon`` is None where privacy is off."""
        privacy = self.design.privacy
        return {
            "people": self.people,
            "items": self.items,
            "rounds": self.design.rounds,
            "epsilon": None if privacy.mode is Mode.OFF else privacy.epsilon,
            "privacy_mode": privacy.mode.value,
            "lambda": self.design.lists.lambda_,
            "seeds": list(self.seeds),
            "left_out": dict(self.left_out),
            "arms": {
                name: {"A": arm.a, "B": arm.b, "by_round": arm.by_round}
                for name, arm in self.arms.items()
            },
        }


def evaluation_design(
    arms: Sequence[str], rounds: int, privacy_mode: Mode, epsilon: float, lambda_: float
) -> StudyDesign:
    """The study that is evaluated: its defaults, but for what is given here.

    Where no arm is among ``arms``, it has the first one, for the public start's sake.

    Raises:
        BadDesign: A value is out of range.

    >>> evaluation_design(["bpr", "popularity"], 10, Mode.OFF, 8.0, 0.3).arm_names
    ('bpr',)
    """
    return StudyDesign.parse(
        {
            "name": "Evaluation",
            "rounds": rounds,
            "arms": {arm: {} for arm in arms if arm in ARMS} or {next(iter(ARMS)): {}},
            "privacy": {"mode": privacy_mode, "epsilon": epsilon},
            "lists": {"lambda_": lambda_},
        }
    )


def evaluate(
    design: StudyDesign,
    arms: Sequence[str],
    held_out: HeldOut,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
    seeds: Sequence[int] = (1,),
    progress: Progress = lambda _what, _share: None,
) -> Evaluation:
    """Run a study on everybody's past and hold its lists against their future.

    Args:
        design: The study; its arms are those of ``arms`` that are arms.
        arms: What is evaluated, of ``EVALUATED``.
        held_out: The people.
        catalogue: The items.
        embeddings: Those of this catalogue.
        seeds: One run for each, >= 0; every person's measures are averaged over the runs, before means and
            intervals over people are taken. A seed orders the fits' steps; it makes no noise.
        progress: Called with what is being done and the share done, 0 to 1.

    Raises:
        NobodyLeft: There are no people.
    """
    people = held_out.people
    if not people:
        raise _nobody(held_out)
    lists = EvaluatedLists(people, catalogue, embeddings, design.lists)
    tallies = {arm: _Tally(lists) for arm in arms}
    if POPULARITY in tallies:
        counts = _popularity(people, len(catalogue))
        tallies[POPULARITY].add_last(0, lambda _place: counts)
    if set(arms) - {POPULARITY}:
        start = round_zero(design, catalogue, embeddings)
        ratings = [person.train for person in people]
        for run, seed in enumerate(seeds):
            rng, part = np.random.default_rng(seed), _part(progress, run, len(seeds))
            _follow(federate(design, start, ratings, rng, part), design, tallies)
    return Evaluation(
        people=len(people),
        items=len(catalogue),
        design=design,
        seeds=tuple(seeds),
        left_out=dict(held_out.left_out),
        arms={arm: tally.evaluation(len(catalogue)) for arm, tally in tallies.items()},
    )


def _part(progress: Progress, run: int, runs: int) -> Progress:
    """Progress of one run of several."""
    return lambda what, share: progress(what, (run + share) / runs)


def _follow(states: Iterator[ArmState], design: StudyDesign, tallies: Mapping[str, _Tally]) -> None:
    """Take down what every arm's lists are worth after each round of one run."""
    for state in states:
        if state.round == 0 and state.arm == design.arm_names[0] and PUBLIC_START in tallies:
            tallies[PUBLIC_START].add_last(0, _scores(state))
        if not tallies.keys() & ARMS.keys():
            return  # what follows round 0 is asked for by nobody
        if state.round < design.rounds:
            tallies[state.arm].add(state.round, _scores(state))
        else:
            tallies[state.arm].add_last(state.round, _scores(state))


def _scores(state: ArmState) -> Scores:
    return lambda place: state.model.scores(state.user_factors[place])


class _Tally:
    """What one arm's lists were worth, person by person, run by run."""

    def __init__(self, lists: EvaluatedLists) -> None:
        self._lists = lists
        self._ndcg: dict[int, list[npt.NDArray[np.float64]]] = defaultdict(list)
        self._distinct: dict[int, list[int]] = defaultdict(list)
        self._sides: dict[str, list[dict[str, npt.NDArray[np.float64]]]] = {"A": [], "B": []}
        self._distinct_of: dict[str, list[int]] = {"A": [], "B": []}

    def add(self, number: int, scores: Scores) -> None:
        """Add the lists A of a round."""
        self._add_round(number, self._lists.lists_a(scores))

    def add_last(self, number: int, scores: Scores) -> None:
        """Add the lists of the round that is judged in full."""
        a, b = self._lists.both(scores)
        self._add_round(number, a)
        for side, shown in (("A", a), ("B", b)):
            self._sides[side].append(self._lists.measures(shown))
            self._distinct_of[side].append(self._lists.distinct(shown))

    def _add_round(self, number: int, shown: ShownItems) -> None:
        self._ndcg[number].append(self._lists.ndcg(shown))
        self._distinct[number].append(self._lists.distinct(shown))

    def evaluation(self, items: int) -> ArmEvaluation:
        """Means over runs and people, with their intervals."""
        return ArmEvaluation(self._side("A", items), self._side("B", items), self._by_round())

    def _side(self, side: str, items: int) -> dict[str, float]:
        runs = self._sides[side]
        found = _means({name: np.mean([run[name] for run in runs], axis=0) for name in runs[0]})
        distinct = float(np.mean(self._distinct_of[side]))
        return {**found, "distinct_items": distinct, "coverage": distinct / items}

    def _by_round(self) -> list[dict[str, float]]:
        means = _means({number: np.mean(runs, axis=0) for number, runs in self._ndcg.items()})
        return [
            {
                "round": number,
                **{_CURVE + end: means[f"{number}{end}"] for end in ("", *_ENDS)},
                "distinct_items": float(np.mean(self._distinct[number])),
            }
            for number in self._ndcg
        ]


def _means(columns: Mapping[Any, npt.NDArray[np.float64]]) -> dict[str, float]:
    """The mean over people of each measure, and the ends of its interval under the name and an ending."""
    values = np.column_stack(list(columns.values()))
    ends = bootstrap_interval(values)
    found: dict[str, float] = {}
    for place, name in enumerate(columns):
        found[f"{name}"] = float(values[:, place].mean())
        found |= {f"{name}{end}": float(one[place]) for end, one in zip(_ENDS, ends, strict=True)}
    return found


def _popularity(people: Sequence[Person], items: int) -> npt.NDArray[np.float64]:
    """How many people watched each item before the parting, float64 (items,)."""
    watched = np.concatenate([person.train.items for person in people])
    return np.bincount(watched, minlength=items).astype(np.float64)


def _nobody(held_out: HeldOut) -> NobodyLeft:
    reasons = "; ".join(f"{count} × {reason}" for reason, count in held_out.left_out.items())
    return NobodyLeft(
        "There is nobody to evaluate." + (f" Left out: {reasons.rstrip('.')}." if reasons else ""),
        f"People with at least {FEWEST} items of the catalogue.",
        "Add histories, or take a catalogue that knows more of what these people watched.",
    )
