"""A federated round: ``(model, updates, config) -> (model, diagnostics)``, and nothing else.

Weighted federated averaging with a server's step (McMahan et al. 2017, algorithm 1; Reddi et al. 2021,
Adaptive Federated Optimization, algorithm 1). Updates stream through one running sum, so that ten
thousand need no more memory than one; each is checked before it is added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fedflex_core.learning.blocks import Bounds
from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.learning.fairness import FairnessDesign, heard_groups, mean_weight
from fedflex_core.learning.low_rank import directions, narrowed, widened
from fedflex_core.learning.noise_shares import NoiseShares
from fedflex_core.learning.privacy import Mode, Noise, secure_normal
from fedflex_core.learning.trust import groups_by_fame, public_directions, trusted

__all__ = [
    "AggregationConfig",
    "RoundDiagnostics",
    "RoundSum",
    "UnusableUpdate",
    "aggregate",
    "check_update",
]

T = TypeVar("T")

_AS_MANY = "as many weights or reports as updates are expected"
_CAUTION = 2.0
"""Factors are many and asked for round after round: noise alone must hardly ever be followed."""


class UnusableUpdate(ValueError):
    """An update that may not enter a round; its message is the reason."""


class AggregationConfig(BaseModel):
    """Settings of one round; :meth:`StudyDesign.round_config` makes them from a study's design."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode
    """Who adds the noise."""
    max_update_norm: float = Field(gt=0)
    """The clipping bound."""
    noise_multiplier: float = Field(ge=0)
    """Standard deviation of the noise over ``max_update_norm``."""
    bias_share: float = Field(default=0.5, ge=0, le=1)
    """Share of the squared bound that biases may use; the factors have the rest."""
    stretch: bool = True
    """Whether updates are scaled up to their bounds as well as down."""
    bias_step: float = Field(default=1.0, ge=0)
    """How far the biases follow the average, in units of the model, where everybody agreed."""
    factor_step: float = Field(default=1.0, ge=0)
    """How far the factors follow it."""
    start_weight: float = Field(default=0.0, ge=0)
    """How many people's word the present model is worth: few people move it less."""
    momentum: float = Field(default=0.0, ge=0, lt=1)
    """How much of the last round's step is taken again."""
    shrink: bool = True
    """Whether the average is trusted only as far as it stands out from the known noise."""
    update_rank: int | None = Field(default=None, ge=1)
    """Directions in factor space that the round asks for; all of them if None."""
    round: int = Field(default=1, ge=1)
    """The round's number, from which its directions follow."""
    fairness: FairnessDesign | None = None
    """The groups that are levelled; everybody reports for them. None if there are none."""
    group_weights: tuple[Annotated[float, Field(gt=0, le=1)], ...] | None = None
    """What the updates of each group weigh in this round; all 1 if None."""
    noise_shares: NoiseShares = NoiseShares(shares=1)
    """How the noise is shared out in distributed mode."""

    @model_validator(mode="after")
    def _a_weight_for_each_group(self) -> AggregationConfig:
        groups = self.fairness.groups if self.fairness else 0
        if self.group_weights is not None and len(self.group_weights) != groups:
            raise ValueError("as many weights as groups are expected")
        return self

    @property
    def bounds(self) -> Bounds:
        """How long each block of an update may be."""
        report_share = self.fairness.report_share if self.fairness else 0.0
        return Bounds.of(self.max_update_norm, self.bias_share, report_share)

    @property
    def weights(self) -> tuple[float, ...]:
        """What the updates of each group weigh; empty where there are no groups."""
        groups = self.fairness.groups if self.fairness else 0
        return self.group_weights or (1.0,) * groups

    @property
    def noise_std(self) -> float:
        """Standard deviation, on each entry, of the noise that keeps the promise: on one update in local
        mode, on the sum in the others."""
        return self.noise_multiplier * self.max_update_norm if self.mode is not Mode.OFF else 0.0

    def sent(self, update: Update) -> Update:
        """The part of an update that this round asks for."""
        return update if self.update_rank is None else narrowed(update, self._basis(update))

    def received(self, update: Update, embedding_size: int) -> Update:
        """What was sent, or an average of it, in the model's shape."""
        if self.update_rank is None:
            return update
        return widened(update, directions(embedding_size, self.update_rank, self.round))

    def _basis(self, update: Update) -> npt.NDArray[np.float64]:
        assert self.update_rank is not None
        return directions(update.embedding_size, self.update_rank, self.round)


@dataclass(frozen=True)
class RoundDiagnostics:
    """What a round can say of itself without saying anything of a person."""

    updates: int
    """How many updates were averaged."""
    noise_std: float
    """Standard deviation of the noise on each entry of the average."""
    step_norm: float
    """Norm of the step that the model took."""
    trust: float
    """How much of the noisy average's length was followed, 0 to 1."""
    group_weights: tuple[float, ...] | None = None
    """What the updates of each group weigh in the next round; None where there are no groups."""
    group_quality: tuple[float, ...] | None = None
    """How well each group was served, by the noisy reports, 0 to 1; NaN where it was not heard."""

    def figures(self) -> dict[str, float]:
        """All that is a single number, by name."""
        names = ("updates", "noise_std", "step_norm", "trust")
        return {name: float(getattr(self, name)) for name in names}


def check_update(update: Update, model: Model, config: AggregationConfig) -> None:
    """Refuse an update that cannot be meant for this model or breaks its bound.

    Raises:
        UnusableUpdate: Wrong shape or dtype, a number that is not finite, or a norm that the clipping
            bound and the noise do not explain.
    """
    width = config.update_rank or model.embedding_size
    bounds = config.bounds
    _check_block("item_factors", update.item_factors, (model.items, width), bounds.factors, config)
    _check_block("item_bias", update.item_bias, (model.items,), bounds.bias, config)


def _check_report(report: FloatArray | None, config: AggregationConfig) -> None:
    if config.fairness is None:
        if report is not None:
            raise UnusableUpdate("it holds a report, and this study asks for none")
        return
    if report is None:
        raise UnusableUpdate("its report is missing, and this study asks for one")
    _check_block("report", report, (config.fairness.groups, 2), config.bounds.report, config)


def _check_block(
    name: str, found: FloatArray, shape: tuple[int, ...], most: float, config: AggregationConfig
) -> None:
    from fedflex_core.learning import _compiled  # slow to load; a page should be there

    if found.dtype != np.float32:
        raise UnusableUpdate(f"{name} is {found.dtype}, not float32")
    if found.shape != shape:
        raise UnusableUpdate(f"{name} has shape {found.shape}, not {shape}")
    norm = math.sqrt(_compiled.squared_norm(np.ascontiguousarray(found)))
    if not math.isfinite(norm):
        raise UnusableUpdate(f"{name} holds a number that is not finite")
    if norm > _largest_norm(most, found.size, config):
        raise UnusableUpdate(f"the norm of {name} is larger than the study's bound allows")


def _largest_norm(most: float, entries: int, config: AggregationConfig) -> float:
    """The bound, and in local mode the noise's own norm, which strays little from its mean."""
    noised = config.mode is Mode.LOCAL and most > 0
    return _longest(most, entries, config.noise_std if noised else 0.0)


def _longest(bound: float, entries: int, std: float) -> float:
    """The bound, with what rounding to float32 can add to it and room to spare, and the noise's norm."""
    return bound * (1 + 1e-6) + std * (math.sqrt(entries) + 8.0)


class RoundSum:
    """The running sum of a round: add updates one by one, then close it.

    Args:
        model: The global model that the updates start from.
        config: Settings of the round.
    """

    def __init__(self, model: Model, config: AggregationConfig) -> None:
        self._model = model
        self._config = config
        self._factors = np.zeros((model.items, config.update_rank or model.embedding_size))
        self._bias = np.zeros(model.items)
        self._reports = np.zeros((len(config.weights), 2))
        self._shares: list[float] = []
        self._noise_in_sum = 0.0

    def add(self, update: Update, weight: float = 1.0, report: FloatArray | None = None) -> None:
        """Add one update, already bounded (and in local mode noised) by its sender.

        Args:
            update: What one participant sent.
            weight: In (0, 1]. Under noise a weight scales what a person may change, so it never buys
                more than the bound.
            report: What goes with the update where the round has groups, float32 (groups, 2).

        Raises:
            UnusableUpdate: It fails :func:`check_update`, or its report is missing, is none or was not
                asked for; the sum is as it was.
        """
        from fedflex_core.learning import _compiled

        if not 0 < weight <= 1:
            raise ValueError("a weight above 0 and at most 1 is expected")
        check_update(update, self._model, self._config)
        _check_report(report, self._config)
        if report is not None:
            self._reports += report
        _compiled.add_scaled(self._factors, np.ascontiguousarray(update.item_factors), weight)
        _compiled.add_scaled(self._bias, np.ascontiguousarray(update.item_bias), weight)
        self._shares.append(weight)

    def add_total(
        self,
        factors: npt.NDArray[np.float64],
        bias: npt.NDArray[np.float64],
        reports: npt.NDArray[np.float64],
        people: int,
    ) -> None:
        """Add the noisy sum of many updates of weight 1 that nobody has seen one by one.

        Nothing can be said of any one of them. But a sum of bounded updates is bounded, so that whoever
        sent something else moves the model no further than a round of people who agree could.

        Args:
            factors: Sum of the factors, float64 (items, embedding_size).
            bias: Sum of the biases, float64 (items,).
            reports: Sum of the reports, float64 (groups, 2); (0, 2) without groups.
            people: How many updates are in it, each with its share of the noise, both top-ups included.

        Raises:
            UnusableUpdate: No updates that keep their bounds have such a sum; nothing was added.
        """
        std = self._config.noise_shares.total_std(self._config.noise_std, people)
        bounds = self._config.bounds
        for block, most in (
            (factors, bounds.factors),
            (bias, bounds.bias),
            (reports, bounds.report),
        ):
            if np.linalg.norm(block) > _longest(people * most, block.size, std if most else 0.0):
                raise UnusableUpdate(
                    "the sum is longer than updates within their bounds can make it"
                )
        self._factors += factors
        self._bias += bias
        self._reports += reports
        self._shares += [1.0] * people
        self._noise_in_sum = math.hypot(self._noise_in_sum, std)

    def __len__(self) -> int:
        return len(self._shares)

    def close(
        self, previous: Model | None = None, noise: Noise = secure_normal
    ) -> tuple[Model, RoundDiagnostics]:
        """The next global model and what can be said of the round.

        Args:
            previous: The global model before this round's, for momentum; none taken if not given.
            noise: Draws standard normal numbers; only tests pass their own.

        Raises:
            ValueError: Nothing was added.
        """
        if not self._shares:
            raise ValueError("a round needs at least one update")
        config, bounds = self._config, self._config.bounds
        mean, next_weights, served = self._levelled(noise)
        # The divisor does not follow who sent what: under noise every share is a public 1 (see `Study`).
        total = sum(self._shares) * mean
        std = self._noise_on_sum() / total
        heard = total / (total + config.start_weight)
        groups = groups_by_fame(self._model.item_bias)
        noised_factors = std > 0 and bounds.factors > 0
        directions = public_directions(self._model.item_factors) if noised_factors else None
        followed, found, steps = 0.0, 0.0, []
        for block, most, step, caution, along in (
            (self._factors, bounds.factors, config.factor_step, _CAUTION, directions),
            (self._bias, bounds.bias, config.bias_step, 0.0, None),
        ):
            average = block / total
            if config.mode is Mode.CENTRAL and most > 0:
                average = average + std * noise(block.shape)
            kept = average
            if config.shrink and most > 0:
                kept = trusted(average, std, groups, caution, along, most)
            followed, found = followed + float(np.sum(kept**2)), found + float(np.sum(average**2))
            steps.append((kept * (heard * step / most if most > 0 else 0.0)).astype(np.float32))
        moved = config.received(Model(steps[0], steps[1]), self._model.embedding_size)
        if previous is not None and config.momentum:
            moved = moved + (self._model - previous).scaled(config.momentum)
        trust = math.sqrt(followed / found) if found > 0 else 1.0
        said = RoundDiagnostics(len(self), std, moved.norm(), trust, next_weights, served)
        return self._model + moved, said

    def _levelled(
        self, noise: Noise
    ) -> tuple[float, tuple[float, ...] | None, tuple[float, ...] | None]:
        """What one update weighs on average, the groups' next weights, and how well they were served.

        In central mode the sum of the reports gets its noise here, once.
        """
        config, fairness, summed = self._config, self._config.fairness, self._reports
        if fairness is None:
            return 1.0, None, None
        if config.mode is Mode.CENTRAL:
            summed = summed + config.noise_std * noise(summed.shape)
        heard = heard_groups(summed, self._noise_on_sum(), config.bounds.report)
        next_weights = fairness.next_weights(config.weights, heard)
        return mean_weight(config.weights, heard), next_weights, tuple(map(float, heard.quality))

    def _noise_on_sum(self) -> float:
        """Standard deviation of the noise on each entry of the sum, once it is complete."""
        if self._config.mode is Mode.LOCAL:
            return self._config.noise_std * math.sqrt(sum(w**2 for w in self._shares))
        if self._config.mode is Mode.DISTRIBUTED:
            return self._noise_in_sum
        return self._config.noise_std


def aggregate(
    model: Model,
    updates: Iterable[Update],
    config: AggregationConfig,
    weights: Sequence[float] | None = None,
    previous: Model | None = None,
    noise: Noise = secure_normal,
    reports: Sequence[FloatArray] | None = None,
) -> tuple[Model, RoundDiagnostics]:
    """One round, from its updates in any order.

    Args:
        model: The global model that the updates start from.
        updates: One per participant, already bounded (and in local mode noised) by its sender.
        config: Settings of the round.
        weights: One per update, in (0, 1]; all 1 if not given.
        previous: The global model before this one, for momentum.
        noise: Draws standard normal numbers; only tests pass their own.
        reports: One per update, where the round has groups.

    Returns:
        The next global model and what can be said of the round.

    Raises:
        ValueError: No updates, or weights or reports that do not fit.
        UnusableUpdate: One of the updates fails :func:`check_update`; none is used.

    >>> zero = Model(np.zeros((1, 1), np.float32), np.zeros(1, np.float32))
    >>> half = Model(np.zeros((1, 1), np.float32), np.full(1, 0.5, np.float32))
    >>> config = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0, bias_share=1.0)
    >>> aggregate(zero, [half, zero], config)[0].item_bias.tolist()
    [0.25]
    """
    summed = RoundSum(model, config)
    for place, update in enumerate(updates):
        summed.add(update, _beside(weights, place, 1.0), _beside(reports, place, None))
    for many in (weights, reports):
        if many is not None and len(many) != len(summed):
            raise ValueError(_AS_MANY)
    return summed.close(previous, noise)


def _beside(many: Sequence[T] | None, place: int, otherwise: T) -> T:
    """What goes with the update at ``place``."""
    if many is None:
        return otherwise
    if place >= len(many):
        raise ValueError(_AS_MANY)
    return many[place]
