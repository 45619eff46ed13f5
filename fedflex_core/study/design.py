"""The design of a study: everything that its participants agree to, fixed before the first round."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedflex_core.errors import FedFlexError
from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import PublicStart
from fedflex_core.learning.privacy import Mode, epsilon_spent, noise_multiplier_for
from fedflex_core.lists.recommend import ListsConfig
from fedflex_core.viewing.ratings import Rule, bundled_rules

__all__ = ["BadDesign", "PrivacyDesign", "StudyDesign"]


_LEAST_NOISE = 0.1
"""A noise multiplier below this keeps no epsilon that a design may promise."""


class BadDesign(FedFlexError):
    """A study cannot be run as designed; the remedy is to change the design."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    """Noise over ``max_update_norm``; worked out from epsilon when the study is opened, then fixed."""


def _both_arms() -> dict[str, dict[str, Any]]:
    return {"svd": {}, "bpr": {}}


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
    embedding_size: int = Field(default=16, ge=1, le=256)
    """Factors per item."""
    public_start: PublicStart = PublicStart()
    """How far public facts reach at round 0."""
    privacy: PrivacyDesign = PrivacyDesign()
    """What is promised to a participant."""
    server_learning_rate: float = Field(default=1.0, gt=0)
    """How far a round follows the averaged update."""
    min_updates: int = Field(default=3, ge=1)
    """Fewest updates that make a round: an average of one is no average."""
    lists: ListsConfig = ListsConfig()
    """Length, lambda and candidate pool of the two lists."""
    rating_rules: tuple[Rule, ...] = Field(default_factory=bundled_rules, min_length=1)
    """How watching becomes stars."""
    weighting: Literal["equal", "ratings"] = "equal"
    """``equal``: every person counts the same. ``ratings``: in proportion to the series rated, up to 50;
    only without privacy, since such a weight tells how much somebody watched."""

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
    def _weights_tell_nothing(self) -> StudyDesign:
        if self.weighting == "ratings" and self.privacy.mode is not Mode.OFF:
            raise ValueError(
                "weighting by ratings tells how much somebody watched; set privacy off"
            )
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
        """Noise that makes all rounds together cost at most the promised epsilon."""
        privacy = self.privacy
        if privacy.noise_multiplier is not None:
            return privacy.noise_multiplier
        return noise_multiplier_for(privacy.mode, privacy.epsilon, privacy.delta, self.rounds)

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

    @property
    def aggregation(self) -> AggregationConfig:
        """The settings of a round."""
        return AggregationConfig(
            mode=self.privacy.mode,
            max_update_norm=self.privacy.max_update_norm,
            noise_multiplier=self.noise_multiplier,
            server_learning_rate=self.server_learning_rate,
        )

    def epsilon_after(self, rounds: int) -> float:
        """What ``rounds`` shared updates cost one person in one arm; inf without noise."""
        return epsilon_spent(self.privacy.mode, self.noise_multiplier, rounds, self.privacy.delta)

    def epsilon_all_arms(self, rounds: int) -> float:
        """What ``rounds`` shared updates in each of the arms cost one person altogether."""
        return self.epsilon_after(rounds * len(self.arms))
