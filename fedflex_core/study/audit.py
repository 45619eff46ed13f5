"""The privacy audit: a person's own next update, attacked before it is shared.

Nothing here knows of files. The update is made as it would be, with the noise that it would have, and as
often as it takes to tell how well an attacker does; none of it goes anywhere. Beside it stands what the
same program would send with privacy off: both blocks of the update, under the same bound, without noise.
That is the other choice that a study has. To take the noise alone away would compare with something that
nobody sends, since rounds under noise ask for biases first and for factors later.

The attacker is as strong as the promise assumes. Guessing what was watched, they know how many series
that is; asked whose update it is, they know both histories down to the order in which a fit took its
steps. Where the noise lies on a sum, they know everybody else's update and take it off, so that what is
left is this person's update, or nothing, with the whole noise on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.attacks import guess_watched, precision_at, tell_apart
from fedflex_core.learning.blocks import add_noise
from fedflex_core.learning.contribution import Contribution, contribute
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.privacy import Mode, secure_normal
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.federation import Progress

__all__ = ["SUMMED", "Audit", "HitRate", "audit"]

_LEVEL = 0.99
"""How sure the interval of a hit rate is."""


@dataclass(frozen=True)
class HitRate:
    """How often an attacker with two things to choose from was right.

    >>> HitRate(60, 100).rate, [round(end, 2) for end in HitRate(60, 100).interval()]
    (0.6, [0.47, 0.72])
    """

    hits: int
    tries: int

    @property
    def rate(self) -> float:
        """The share of tries that were right, 0 to 1."""
        return self.hits / self.tries

    def interval(self, level: float = _LEVEL) -> tuple[float, float]:
        """Where the true rate lies, 0 to 1, by the binomial distribution itself (Clopper and Pearson 1934).

        Args:
            level: The share of such intervals, at least, that hold the true rate; in (0, 1).
        """
        from scipy.special import betaincinv  # slow to load; a page should be there

        outside = (1 - level) / 2
        missed = self.tries - self.hits
        low = betaincinv(self.hits, missed + 1, outside) if self.hits else 0.0
        high = betaincinv(self.hits + 1, missed, 1 - outside) if missed else 1.0
        return float(low), float(high)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        low, high = self.interval()
        return {"hits": self.hits, "tries": self.tries, "low": low, "high": high}


@dataclass(frozen=True)
class Audit:
    """How well an attacker does against one person's update, with the study's protection and without.

    Attributes:
        arm: Whose update it is.
        round: The round that it is for, 1 for the first.
        mode: Who adds the noise.
        items: How many items there are.
        watched: How many of them the person has rated; the attacker makes as many guesses.
        blind: Share of right guesses, 0 to 1, of somebody who has seen nothing.
        protected: The same with the update as the study's mode shows it, mean over ``told.tries`` updates.
        unprotected: The same with the update that would be sent with privacy off.
        told: How often it was told whose update it is, or whether it is in the sum, with protection.
        told_unprotected: The same without.
        bound: The largest probability that the round's noise leaves to any attacker who tells, 0.5 to 1.
        bound_of_study: The same over all rounds and arms of the study together.
        guesses: Items guessed from one update with protection, the surest first. For the person's own
            screen: they stand in no file.
        guesses_unprotected: The same without.
    """

    arm: str
    round: int
    mode: Mode
    items: int
    watched: int
    blind: float
    protected: float
    unprotected: float
    told: HitRate
    told_unprotected: HitRate
    bound: float
    bound_of_study: float
    guesses: tuple[int, ...] = dataclasses.field(repr=False)
    guesses_unprotected: tuple[int, ...] = dataclasses.field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that may stand in a file: figures, no items."""
        return {
            "arm": self.arm,
            "round": self.round,
            "privacy_mode": self.mode.value,
            "items": self.items,
            "watched": self.watched,
            "guesses_right": {
                "blind": self.blind,
                "protected": self.protected,
                "unprotected": self.unprotected,
            },
            "told_apart": {
                "protected": self.told.to_dict(),
                "unprotected": self.told_unprotected.to_dict(),
                "bound": self.bound,
                "bound_of_study": self.bound_of_study,
            },
        }

    @property
    def holds(self) -> bool:
        """Whether the attacker was right no oftener than the bound and chance explain.

        Chance alone breaks it less than once in a million audits. What breaks it is noise that is smaller
        than the study says.
        """
        low, _ = self.told.interval(1 - 1e-6)
        return low <= self.bound


SUMMED = (Mode.CENTRAL, Mode.DISTRIBUTED)
"""Modes in which only the sum of all updates is shown, with the noise on it."""


def audit(
    design: StudyDesign,
    arm: str,
    model: Model,
    ratings: Ratings,
    round_number: int,
    others: Sequence[Ratings],
    rng: np.random.Generator,
    trials: int = 200,
    progress: Progress = lambda _what, _share: None,
    *,
    group_weights: tuple[float, ...] | None = None,
    shared_part: float = 1.0,
    person: int = 0,
) -> Audit:
    """Attack what one person would share next.

    Args:
        design: The study.
        arm: One of its arms.
        model: That arm's global model, which the round starts from.
        ratings: The person's own, at least one.
        round_number: The round that the update would be for, 1 for the first.
        others: Ratings of people who are to be told from this person, for example made-up ones. Needed
            where each update is seen by itself: in local mode and without noise.
        rng: Orders the fits' steps, picks the others and tosses the coins; never the noise.
        trials: How many updates are made and attacked.
        progress: Called with what is being done and the share done, 0 to 1.
        group_weights: What the round before says that each group's updates weigh.
        shared_part: The person's own dial, 0 to 1.
        person: The person's own number, see :func:`contribute`.

    Raises:
        ValueError: Nothing was rated, there is nobody to be told from, or there are no trials.
    """
    if not len(ratings.items) or trials < 1:
        raise ValueError("at least one rating and one trial are expected")
    asked = design.round_config(round_number, group_weights)
    if not others and asked.mode not in SUMMED:
        raise ValueError("at least one other person is expected")
    off = design.privacy.model_copy(update={"mode": Mode.OFF})
    unasked = design.model_copy(update={"privacy": off}).round_config(round_number, group_weights)
    own, summed = _Person(ratings, person, shared_part), asked.mode in SUMMED
    covered = _Attacked(design, arm, model, asked, summed, own, tuple(others))
    bare = dataclasses.replace(covered, asked=unasked)
    steps = _Steps(trials, progress)
    read = bare.guesses(rng)
    told_bare = bare.told(rng, steps("Telling updates without protection apart"))
    guessed, told = [read], told_bare
    if asked.mode is not Mode.OFF:
        making = steps("Reading updates with protection")
        guessed = [covered.guesses(rng) for _ in making]
        told = covered.told(rng, steps("Telling updates with protection apart"))
    progress("Done", 1.0)
    every_round = range(1, design.rounds + 1)
    return Audit(
        arm=arm,
        round=round_number,
        mode=asked.mode,
        items=model.items,
        watched=len(ratings.items),
        blind=len(ratings.items) / model.items,
        protected=float(np.mean([precision_at(one, ratings.items) for one in guessed])),
        unprotected=precision_at(read, ratings.items),
        told=told,
        told_unprotected=told_bare,
        bound=design.best_guess_of((round_number,)),
        bound_of_study=design.best_guess_of(every_round, len(design.arm_names)),
        guesses=tuple(map(int, guessed[0])),
        guesses_unprotected=tuple(map(int, read)),
    )


class _Steps:
    """Says how far the audit is: one of three parts after the other, each of so many trials."""

    def __init__(self, trials: int, progress: Progress) -> None:
        self._trials, self._progress, self._done = trials, progress, 0

    def __call__(self, what: str) -> Iterator[int]:
        for number in range(self._trials):
            self._progress(what, self._done / (3 * self._trials))
            self._done += 1
            yield number


@dataclass(frozen=True)
class _Person:
    """Somebody who takes part: their ratings, their number and their dial."""

    ratings: Ratings
    number: int
    shared_part: float


@dataclass(frozen=True)
class _Attacked:
    """A round of one arm as its attacker sees it: update by update, or the sum without the others."""

    design: StudyDesign
    arm: str
    model: Model
    asked: AggregationConfig
    summed: bool
    own: _Person
    others: tuple[Ratings, ...]

    def guesses(self, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """What the attacker takes for watched, from an update newly made."""
        shown = self._shown(self.own, _seed(rng))
        return guess_watched(shown.update, len(self.own.ratings.items), self.arm)

    def told(self, rng: np.random.Generator, trials: Iterable[int]) -> HitRate:
        """How often the attacker tells which of two it is."""
        right = [self._is_told(rng) for _ in trials]
        return HitRate(sum(right), len(right))

    def _is_told(self, rng: np.random.Generator) -> bool:
        coin, seed, other_seed = bool(rng.random() < 0.5), _seed(rng), _seed(rng)
        mine = self._clean(self.own, seed)
        if self.summed:
            other = _nothing(mine)
            shown = self._covered(mine if coin else other)
        else:
            them = self._somebody(rng)
            other = self._clean(them, other_seed)
            shown = self._shown(self.own, seed) if coin else self._shown(them, other_seed)
        return _rather_the_first(shown, mine, other) is coin

    def _somebody(self, rng: np.random.Generator) -> _Person:
        place = int(rng.integers(len(self.others)))
        return _Person(self.others[place], place, self.own.shared_part)

    def _shown(self, who: _Person, seed: int) -> Contribution:
        """What is seen of somebody; the noise is the operating system's, as it is when it counts."""
        if self.summed:
            return self._covered(self._clean(who, seed))
        return self._made(who, seed, self.asked)

    def _clean(self, who: _Person, seed: int) -> Contribution:
        """The same before any noise, by the same steps in the same order."""
        silent = {"mode": Mode.OFF, "noise_multiplier": 0.0}
        return self._made(who, seed, self.asked.model_copy(update=silent))

    def _made(self, who: _Person, seed: int, asked: AggregationConfig) -> Contribution:
        return contribute(
            self.arm,
            self.model,
            who.ratings,
            self.design.arm_config(self.arm),
            asked,
            np.random.default_rng(seed),
            shared_part=who.shared_part,
            person=who.number,
        )

    def _covered(self, made: Contribution) -> Contribution:
        """With the noise that the whole sum has, no less than the promise needs."""
        std, report = self.asked.noise_std, made.report
        update = add_noise(made.update, std, bounds=self.asked.bounds)
        if report is not None:
            report = (report + std * secure_normal(report.shape)).astype(np.float32)
        return Contribution(made.user_factors, update, report)


def _nothing(made: Contribution) -> Contribution:
    """What is left of a contribution that is not there."""
    report = None if made.report is None else np.zeros_like(made.report)
    return Contribution(made.user_factors, made.update.scaled(0.0), report)


def _rather_the_first(shown: Contribution, one: Contribution, other: Contribution) -> bool:
    reports = None
    if shown.report is not None and one.report is not None and other.report is not None:
        reports = shown.report, one.report, other.report
    return tell_apart(shown.update, one.update, other.update, reports)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**63))
