"""What each round of a study asks for: which block of the update, how much of the budget, which step.

Biases first. A bias is one number an item, so a noisy sum says more of the biases than of the factors,
and most of what a first round can teach is who watches what at all. So where noise makes the two blocks
compete, the early rounds spend their whole bound and most of the privacy budget on biases; factors come
later, with small steps, since they make lists personal and, taken too far, spoil them.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Schedule"]


class Schedule(BaseModel):
    """How a study's rounds differ from each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    early_rounds: int = Field(default=1, ge=0)
    """Rounds at the beginning that are for biases."""
    early_budget: float = Field(default=0.9, gt=0, lt=1)
    """Share of the privacy budget (of the sum of ``noise_multiplier**-2``) spent on the early rounds."""
    late_bias_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the squared bound that later rounds leave to biases, where there is noise."""
    early_bias_step: float = Field(default=17.0, ge=0)
    """Step of the biases in an early round, in units of the model, where everybody agreed."""
    late_bias_step: float = Field(default=1.0, ge=0)
    """The same in later rounds."""
    factor_step: float = Field(default=12.0, ge=0)
    """Step of the factors, in units of the model, where everybody agreed."""
    step_decay: float = Field(default=0.5, ge=0, le=1)
    """Later rounds' steps are divided by the round's number to this power (Robbins and Monro 1951)."""
    start_weight: float = Field(default=20.0, ge=0)
    """How many people's word the model so far is worth: a round of three moves it little, one of hundreds
    nearly by the whole step."""
    momentum: float = Field(default=0.0, ge=0, lt=1)
    """How much of the last round's step is taken again (FedAvgM, Hsu et al. 2019)."""

    def is_early(self, number: int) -> bool:
        """Whether round ``number`` (1 for the first) is for biases."""
        return number <= self.early_rounds

    def budget(self, number: int, rounds: int) -> float:
        """The share of the privacy budget that round ``number`` of ``rounds`` spends; they sum to 1.

        >>> [round(Schedule().budget(number, 4), 4) for number in (1, 2, 3, 4)]
        [0.9, 0.0333, 0.0333, 0.0333]
        """
        early = min(self.early_rounds, rounds)
        if early in (0, rounds):
            return 1.0 / rounds
        if self.is_early(number):
            return self.early_budget / early
        return (1.0 - self.early_budget) / (rounds - early)

    def noise_multiplier(self, whole: float, number: int, rounds: int) -> float:
        """A round's noise, where one round that spends everything would have ``whole``.

        >>> round(Schedule(early_rounds=0).noise_multiplier(0.6, 1, 4), 6)
        1.2
        """
        return whole / math.sqrt(self.budget(number, rounds))

    def bias_share(self, number: int, noised: bool) -> float:
        """The share of the squared bound that round ``number`` leaves to biases.

        Without noise the blocks do not compete: each is learned from the first round on.
        """
        if not noised:
            return 0.5
        return 1.0 if self.is_early(number) else self.late_bias_share

    def bias_step(self, number: int) -> float:
        """The step of the biases in round ``number``."""
        return (
            self.early_bias_step
            if self.is_early(number)
            else self._late(self.late_bias_step, number)
        )

    def factor_step_of(self, number: int) -> float:
        """The step of the factors in round ``number``.

        >>> Schedule(factor_step=6.0, step_decay=0.5).factor_step_of(4)
        3.0
        """
        return self._late(self.factor_step, number)

    def _late(self, step: float, number: int) -> float:
        return float(step * number**-self.step_decay)
