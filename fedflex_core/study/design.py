"""The design of a study: everything that its participants agree to, fixed before the first round."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedflex_core.errors import FedFlexError
from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.fairness import FairnessDesign
from fedflex_core.learning.noise_shares import NoiseShares
from fedflex_core.learning.privacy import Mode, best_guess, epsilon_spent, noise_multiplier_for
from fedflex_core.learning.public_start import PublicStart
from fedflex_core.learning.schedule import Schedule
from fedflex_core.lists.recommend import ListsConfig
from fedflex_core.viewing.ratings import Rule, bundled_rules

__all__ = ["BadDesign", "FairnessDesign", "Joining", "PrivacyDesign", "StudyDesign"]


_LEAST_NOISE = 0.1
"""A noise multiplier below this keeps no epsilon that a design may promise."""


class BadDesign(FedFlexError):
    """A study cannot be run as designed; the remedy is to change the design."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PrivacyDesign(_Frozen):
    """What is promised to a participant, per arm and over all rounds."""

    mode: Mode = Mode.LOCAL
    """Who adds the noise."""
    epsilon: float = Field(default=8.0, gt=0, le=100)
    """The most that one arm may cost a person over the whole study."""
    delta: float = Field(default=1e-5, gt=0, le=1e-2)
    """Probability with which the promise may fail; below one over the number of people."""
    max_update_norm: float = Field(default=1.0, gt=0)
    """The clipping bound of one update."""
    noise_multiplier: float | None = Field(default=None, ge=0)
    """Noise over ``max_update_norm`` of a single round that would spend everything; each round has more, by
    its share of the budget. Worked out from epsilon when the study is opened, then fixed."""
    noise_shares: int | None = Field(default=None, ge=1, le=10_000)
    """In distributed mode: how many people's noise together is what the promise needs. Best near the number
    who take part in a round; ``min_updates`` if None."""
    honest_share: float = Field(default=0.5, ge=0, le=1)
    """In distributed mode: of the people in a sum, the share relied upon to have added their noise; the
    helper and the aggregator make up for the others."""
    modulus_bits: Literal[32, 64] = 32
    """In distributed mode: length of a word of the sum; 64 is more exact and twice as long."""


def _both_arms() -> dict[str, dict[str, Any]]:
    return {"svd": {}, "bpr": {}}


Joining = Literal["open", "token", "roster"]
"""Who may take part: everybody, whoever has an invitation, or those on a list."""


class StudyDesign(_Frozen):
    """A study's parameters.

    >>> StudyDesign(name="Pilot", rounds=2).arm_names
    ('svd', 'bpr')
    """

    name: str = Field(min_length=1, max_length=100)
    """What people call the study."""
    rounds: int = Field(default=5, ge=1, le=1000)
    """How many rounds each arm runs; the privacy budget is spread over them."""
    arms: dict[Annotated[str, Field(pattern="^(" + "|".join(ARMS) + ")$")], dict[str, Any]] = Field(
        default_factory=_both_arms, min_length=1
    )
    """Settings of each arm by its name; what is not given is the arm's default."""
    embedding_size: int = Field(default=32, ge=1, le=256)
    """Factors per item."""
    update_rank: int | None = Field(default=None, ge=1)
    """Directions in factor space that a round asks for: fewer make updates smaller. All of them if None."""
    public_start: PublicStart = PublicStart()
    """How far public facts reach at round 0."""
    privacy: PrivacyDesign = PrivacyDesign()
    """What is promised to a participant."""
    schedule: Schedule = Schedule()
    """What each round asks for, and how far it follows the averaged update."""
    joining: Joining = "open"
    """``token``: only with an invitation that was made for one person. ``roster``: only numbers that the
    researcher has written down."""
    min_updates: int = Field(default=3, ge=1, le=10_000)
    """Fewest updates that make a round: an average of one is no average."""
    lists: ListsConfig = ListsConfig()
    """Length, lambda and candidate pool of the two lists."""
    rating_rules: tuple[Rule, ...] = Field(default_factory=bundled_rules, min_length=1)
    """How watching becomes stars."""
    weighting: Literal["equal", "ratings"] = "equal"
    """``equal``: every person counts the same. ``ratings``: in proportion to the series rated, up to 50;
    only without privacy, since such a weight tells how much somebody watched."""
    fairness: FairnessDesign | None = None
    """Groups of people whose weights are set so that the model serves them alike; None without."""

    @model_validator(mode="after")
    def _arm_settings_are_valid(self) -> StudyDesign:
        for name in self.arms:
            try:
                self.arm_config(name)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                raise ValueError(f"arms.{name}.{first['loc'][0]}: {first['msg']}") from None
        return self

    @model_validator(mode="after")
    def _rank_fits(self) -> StudyDesign:
        if self.update_rank is not None and self.update_rank > self.embedding_size:
            raise ValueError("update_rank is larger than embedding_size")
        return self

    @model_validator(mode="after")
    def _weights_tell_nothing(self) -> StudyDesign:
        if self.weighting == "ratings" and self.privacy.mode is not Mode.OFF:
            raise ValueError(
                "weighting by ratings tells how much somebody watched; set privacy off"
            )
        return self

    @model_validator(mode="after")
    def _a_sum_hides_its_parts(self) -> StudyDesign:
        if self.privacy.mode is Mode.DISTRIBUTED and self.min_updates < 2:
            raise ValueError("the sum of one update hides nothing; min_updates is at least 2")
        return self

    @model_validator(mode="after")
    def _one_kind_of_weight(self) -> StudyDesign:
        if self.weighting == "ratings" and self.fairness is not None:
            raise ValueError("fairness sets the weights; weighting has to be equal")
        return self

    def weight_of(self, ratings: int) -> float:
        """The weight of an update made from so many ratings, in (0, 1].

        >>> StudyDesign(name="Pilot").weight_of(7)
        1.0
        """
        return 1.0 if self.weighting == "equal" else min(max(ratings, 1), 50) / 50

    @classmethod
    def parse(cls, values: dict[str, Any]) -> StudyDesign:
        """Read a design from plain values.

        Raises:
            BadDesign: A key is unknown or a value out of range.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "its settings"
            raise BadDesign(
                f"The study's design has a fault at {place}: {first['msg']}.",
                "A design as `fedflex_core.study.design` describes it.",
                "Mend that value, or install the version of FedFlex that made the study.",
            ) from error

    @property
    def arm_names(self) -> tuple[str, ...]:
        """The arms in the order in which they are shown."""
        return tuple(self.arms)

    def arm_config(self, name: str) -> BaseModel:
        """The settings of one arm, defaults filled in."""
        return ARMS[name].config.model_validate(self.arms[name])

    @property
    def noise_multiplier(self) -> float:
        """Noise with which a single round would cost the whole promised epsilon."""
        privacy = self.privacy
        if privacy.noise_multiplier is not None:
            return privacy.noise_multiplier
        return noise_multiplier_for(privacy.mode, privacy.epsilon, privacy.delta)

    def noise_multiplier_of(self, number: int) -> float:
        """The noise of round ``number``, 1 for the first: all rounds together keep the promise."""
        return self.schedule.noise_multiplier(self.noise_multiplier, number, self.rounds)

    def settled(self) -> StudyDesign:
        """The same design with its noise written down, so that no library's version can move it."""
        privacy = self.privacy.model_copy(update={"noise_multiplier": self.noise_multiplier})
        return self.model_copy(update={"privacy": privacy})

    @property
    def keeps_its_promise(self) -> bool:
        """Whether the noise written down really costs no more than the promised epsilon."""
        if self.privacy.mode is Mode.OFF:
            return True
        if self.noise_multiplier < _LEAST_NOISE:  # no promise at all, and hours of accounting
            return False
        return self.epsilon_after(self.rounds) <= self.privacy.epsilon * (1 + 1e-3)

    def round_config(
        self, number: int, group_weights: tuple[float, ...] | None = None
    ) -> AggregationConfig:
        """The settings of round ``number``, 1 for the first.

        Args:
            number: The round's number.
            group_weights: What the round before says that each group's updates weigh; all 1 if None.
        """
        noised = self.privacy.mode is not Mode.OFF
        return AggregationConfig(
            mode=self.privacy.mode,
            max_update_norm=self.privacy.max_update_norm,
            noise_multiplier=self.noise_multiplier_of(number) if noised else 0.0,
            bias_share=self.schedule.bias_share(number, noised),
            bias_step=self.schedule.bias_step(number),
            factor_step=self.schedule.factor_step_of(number),
            start_weight=self.schedule.start_weight,
            momentum=self.schedule.momentum,
            update_rank=self.update_rank,
            round=number,
            fairness=self.fairness,
            group_weights=group_weights,
            noise_shares=self.noise_shares,
        )

    @property
    def noise_shares(self) -> NoiseShares:
        """How the noise is shared out in distributed mode."""
        privacy = self.privacy
        return NoiseShares(privacy.noise_shares or self.min_updates, privacy.honest_share)

    def epsilon_of(self, rounds: Iterable[int], arms: int = 1) -> float:
        """What updates shared in these rounds (1 for the first) cost one person; inf without noise.

        Args:
            rounds: The rounds' numbers.
            arms: In how many arms; each arm's updates cost on their own.
        """
        return epsilon_spent(self.privacy.mode, self._noise_of(rounds) * arms, self.privacy.delta)

    def best_guess_of(self, rounds: Iterable[int], arms: int = 1) -> float:
        """How often somebody who sees these rounds can at most be right, 0.5 to 1; see :func:`best_guess`."""
        return best_guess(self.privacy.mode, self._noise_of(rounds) * arms)

    def _noise_of(self, rounds: Iterable[int]) -> tuple[float, ...]:
        return tuple(sorted(self.noise_multiplier_of(number) for number in rounds))

    def epsilon_after(self, rounds: int) -> float:
        """What the first ``rounds`` rounds cost one person who took part in each, in one arm."""
        return self.epsilon_of(range(1, rounds + 1))

    def epsilon_all_arms(self, rounds: int) -> float:
        """What the first ``rounds`` rounds cost one person in all of the arms together."""
        return self.epsilon_of(range(1, rounds + 1), len(self.arms))
