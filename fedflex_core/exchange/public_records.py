"""What the aggregator and the helper write: signed, and for everybody to read."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.exchange.record import (
    ArmName,
    BaseRecord,
    Id,
    Payload,
    RoundNumber,
    Sha256,
    Strict,
)

__all__ = [
    "MAX_SET_ASIDE",
    "ArmRound",
    "CallRecord",
    "Called",
    "HelperRecord",
    "PartialSum",
    "PartialSumRecord",
    "ReceiptRecord",
    "RoundRecord",
    "SetAside",
    "StudyRecord",
    "call_name",
    "partial_sum_name",
    "receipt_name",
]

MAX_SET_ASIDE = 1000
"""No more are named in a round; a record must fit into a file whatever lies in the folder."""

_Weight = Annotated[float, Field(gt=0, le=1)]


class StudyRecord(BaseRecord):
    """The study itself: what all its participants agree to. Written once, by the aggregator."""

    leaf: ClassVar[str] = "study"
    kind: Literal["study"] = "study"
    aggregator: PublicKeys
    """Whose signature makes a round, and who can open what participants send."""
    helper: PublicKeys | None = None
    """Who sums the other half of the updates, where noise is added in shares."""
    design: dict[str, Any]
    """The design, checked by the hall that knows what it means."""
    catalogue: Payload
    embeddings: Payload

    @property
    def name(self) -> str:
        """There is one study in a folder."""
        return "study/study.json"

    def payloads(self) -> tuple[Payload, ...]:
        """The study's items and their embeddings."""
        return (self.catalogue, self.embeddings)


class SetAside(Strict):
    """An update that did not enter a round, and why."""

    participant: Id
    reason: str = Field(max_length=200)


class ArmRound(Strict):
    """What a round made of one arm."""

    model: Payload
    updates: dict[Id, Sha256] = Field(default_factory=dict)
    """SHA-256 of each update that was averaged, by its participant: an update counts once."""
    set_aside: Annotated[tuple[SetAside, ...], Field(max_length=MAX_SET_ASIDE)] = ()
    diagnostics: dict[str, float] = Field(default_factory=dict)
    epsilon: float | None = Field(default=0.0, ge=0)
    """What this arm's rounds have cost a person who took part in each; null without noise."""
    group_weights: tuple[_Weight, ...] | None = None
    """What the updates of each group of people weigh in the next round, where a study has groups."""


class RoundRecord(BaseRecord):
    """The one file that makes a round happen; written after everything that it names."""

    leaf: ClassVar[str] = "rounds"
    kind: Literal["round"] = "round"
    round: RoundNumber
    arms: dict[ArmName, ArmRound]

    @property
    def name(self) -> str:
        """One file makes a round."""
        return f"rounds/round-{self.round:04d}.json"

    def payloads(self) -> tuple[Payload, ...]:
        """The model of every arm."""
        return tuple(arm.model for arm in self.arms.values())


class Called(Strict):
    """One person's update, of which the aggregator holds one half and the helper the other."""

    participant: Id
    pair: Id
    """What both halves are marked with."""
    update: Sha256
    """SHA-256 of the aggregator's half as it was sent."""


class CallRecord(BaseRecord):
    """Whose halves the helper is asked to sum for a round. Written once: the set is fixed."""

    leaf: ClassVar[str] = "calls"
    kind: Literal["call"] = "call"
    round: int = Field(ge=1, le=9999)
    arms: dict[ArmName, tuple[Called, ...]]
    set_aside: dict[ArmName, Annotated[tuple[SetAside, ...], Field(max_length=MAX_SET_ASIDE)]]
    """Who could not be called, and why."""

    @property
    def name(self) -> str:
        """One call for each round."""
        return call_name(self.round)


class HelperRecord(BaseRecord):
    """The helper's first record: here is whoever the study names, and from here the helper writes."""

    leaf: ClassVar[str] = "study"
    kind: Literal["helper"] = "helper"
    datasite: str | None = Field(default=None, max_length=1000)
    """E-mail of the helper's datasite; None on carriers that have none."""

    @property
    def name(self) -> str:
        """A helper says so once."""
        return "study/helper.json"


class PartialSum(Strict):
    """The helper's half of one arm's sum."""

    total: Payload
    """Whole numbers that say nothing without the aggregator's half."""
    participants: tuple[Id, ...]
    """Whose halves are in it, of those who were called."""


class PartialSumRecord(BaseRecord):
    """The helper's answer to a call. Written once: a second sum over other people would tell them apart."""

    leaf: ClassVar[str] = "sums"
    kind: Literal["partial-sum"] = "partial-sum"
    round: int = Field(ge=1, le=9999)
    arms: dict[ArmName, PartialSum]

    @property
    def name(self) -> str:
        """One answer for each round."""
        return partial_sum_name(self.round)

    def payloads(self) -> tuple[Payload, ...]:
        """The half of every arm's sum."""
        return tuple(arm.total for arm in self.arms.values())


class ReceiptRecord(BaseRecord):
    """What the aggregator did when somebody left."""

    leaf: ClassVar[str] = "receipts"
    kind: Literal["receipt"] = "receipt"
    participant: Id
    erased: bool
    """Whether their clicks and lists were dropped, too; otherwise only no further update is used."""
    events: int = Field(ge=0)
    """How many lists, clicks and answers of theirs no result is made of any more."""
    updates: int = Field(ge=0)
    """How many updates were waiting for a round, and enter none."""
    rounds: dict[ArmName, tuple[RoundNumber, ...]]
    """Published rounds that an update of theirs was averaged into; that cannot be undone."""

    @property
    def name(self) -> str:
        """One receipt for each person; who first only stopped may get a second one."""
        return receipt_name(self.participant, self.erased)


def call_name(number: int) -> str:
    """Where the call for a round lies."""
    return f"calls/round-{number:04d}.json"


def partial_sum_name(number: int) -> str:
    """Where the helper's answer for a round lies, below the helper's folder."""
    return f"sums/round-{number:04d}.json"


def receipt_name(participant: str, erased: bool) -> str:
    """Where the receipt of somebody who left lies."""
    return f"receipts/{participant}-{'erased' if erased else 'stopped'}.json"
