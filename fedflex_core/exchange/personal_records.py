"""What a participant writes: signed, and sealed to the one who is to read it.

Their files' names tell what everybody does alike, an update for each arm and round. What a person shows of
themselves, lists and clicks, lies under names that are hashes: not even what kind of event it is can be
read from outside.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.exchange.record import ArmName, BaseRecord, Id, Payload, RoundNumber, Sha256

__all__ = [
    "MAX_LIST",
    "ClickRecord",
    "DoneRecord",
    "EventRecord",
    "HalfRecord",
    "ImpressionRecord",
    "JoinRecord",
    "LeaveRecord",
    "PersonalRecord",
    "UpdateRecord",
    "sealed_place",
]

MAX_LIST = 20
"""No list is longer: a long one would tell by what it leaves out."""

_ItemId = Annotated[str, Field(min_length=1, max_length=200)]


def sealed_place(name: str) -> str:
    """Where a participant's record is published.

    >>> sealed_place("updates/svd-0001.json")
    'updates/svd-0001.sealed'
    """
    return name.removesuffix(".json") + ".sealed"


class PersonalRecord(BaseRecord):
    """A participant's record; it carries the keys that their number is a hash of."""

    reader: ClassVar[Literal["aggregator", "helper"]] = "aggregator"
    """Who alone can open it."""

    participant: Id
    keys: PublicKeys

    @model_validator(mode="after")
    def _number_is_that_of_the_keys(self) -> Self:
        if self.participant != self.keys.id:
            raise ValueError("the participant's number is not that of these keys")
        return self

    def place(self, signed: bytes) -> str:
        """Its own name; what is sealed is no JSON file any more."""
        return sealed_place(self.name)

    def to_bytes(self) -> bytes:
        """The record as it is signed."""
        return self.model_dump_json().encode() + b"\n"


class JoinRecord(PersonalRecord):
    """A participant's first record."""

    leaf: ClassVar[str] = "events"
    kind: Literal["join"] = "join"
    token: str | None = Field(default=None, max_length=100)
    """Out of the invitation, where a study asks for one."""

    @property
    def name(self) -> str:
        """A participant joins once with an invitation; a better one may follow."""
        if self.token is None:
            return "events/join.json"
        return f"events/join-{hashlib.sha256(self.token.encode()).hexdigest()[:16]}.json"


class LeaveRecord(PersonalRecord):
    """A participant stops taking part; their last record."""

    leaf: ClassVar[str] = "events"
    kind: Literal["leave"] = "leave"
    erase: bool
    """Whether what they sent is to be dropped as well."""

    @property
    def name(self) -> str:
        """A participant leaves once; who first only stops may still erase."""
        return self.name_of(self.erase)

    @staticmethod
    def name_of(erase: bool) -> str:
        """Where it lies."""
        return "events/leave-erase.json" if erase else "events/leave-stop.json"


class _RoundPart(PersonalRecord):
    """What a person sends for the round that it will make."""

    arm: ArmName
    round: int = Field(ge=1, le=9999)
    """The round that this is meant for; it starts from the model of the round before."""
    base_model: Sha256
    """SHA-256 of the model it starts from."""


class UpdateRecord(_RoundPart):
    """A local update, or the aggregator's half of one."""

    leaf: ClassVar[str] = "updates"
    kind: Literal["update"] = "update"
    update: Payload
    """Sealed like the record. The tensors ``item_factors`` and ``item_bias``, and a ``report`` where the
    study has groups; or, where the helper has the other half, whole numbers that say nothing alone."""
    pair: Id | None = None
    """What both halves are marked with, where there are two."""
    weight: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Weight in the average; 1 wherever privacy is promised."""
    noise_multiplier: float = Field(ge=0)
    """The noise of this round as the writer's ledger has it."""
    rounds_charged: tuple[RoundNumber, ...] = Field(max_length=1000)
    """All rounds of this arm that the writer's ledger has charged, this one included."""

    @property
    def name(self) -> str:
        """One update for each arm and round."""
        return self.name_of(self.arm, self.round)

    @staticmethod
    def name_of(arm: str, number: int) -> str:
        """Which record the update of an arm for a round is.

        >>> UpdateRecord.name_of("svd", 1)
        'updates/svd-0001.json'
        """
        return f"updates/{arm}-{number:04d}.json"

    @property
    def mark(self) -> str:
        """What its payload belongs to."""
        return self.mark_of(self.study, self.participant, self.arm, self.round)

    @classmethod
    def mark_of(cls, study: str, participant: str, arm: str, number: int) -> str:
        """What the payload of an update belongs to: one study, person, arm and round."""
        return f"{study}/{participant}/{cls.name_of(arm, number)}"

    def payloads(self) -> tuple[Payload, ...]:
        """The update itself."""
        return (self.update,)


class HalfRecord(_RoundPart):
    """The helper's half of an update: a seed that the mask on the other half was made from."""

    leaf: ClassVar[str] = "halves"
    reader: ClassVar[Literal["aggregator", "helper"]] = "helper"
    kind: Literal["half"] = "half"
    pair: Id
    seed: Sha256
    """32 bytes, hexadecimal."""

    @property
    def name(self) -> str:
        """One half for each arm and round."""
        return self.name_of(self.arm, self.round)

    @staticmethod
    def name_of(arm: str, number: int) -> str:
        """Which record the helper's half for an arm and a round is."""
        return f"halves/{arm}-{number:04d}.json"


class EventRecord(PersonalRecord):
    """What happened on a participant's page, in one comparison: one arm's lists in one round."""

    leaf: ClassVar[str] = "events"
    arm: ArmName
    round: RoundNumber

    def place(self, signed: bytes) -> str:
        """A name that tells nothing and belongs to these very bytes: a copy has no other to take."""
        return f"events/{hashlib.sha256(signed).hexdigest()[:32]}.sealed"


class _AnswerRecord(EventRecord):
    """One of many events of a comparison."""

    sequence: int = Field(ge=1, le=999_999)
    """Place among the events of its comparison; clocks may step back, this does not."""
    token: str = Field(default_factory=partial(secrets.token_hex, 4), pattern=r"^[0-9a-f]{8}$")
    """Keeps two open pages of one seat from writing the same name."""

    @property
    def name(self) -> str:
        """Sequence and token make every event's name its own."""
        return f"events/{self.arm}-{self.round:04d}-{self.sequence:06d}-{self.token}.json"


class ImpressionRecord(EventRecord):
    """Two lists as they were shown; never computed again."""

    kind: Literal["impression"] = "impression"
    lists: dict[Literal["A", "B"], Annotated[tuple[_ItemId, ...], Field(max_length=MAX_LIST)]]
    """Item ids, best first."""
    first: Literal["A", "B"]
    """Which of the two the page calls List 1: on the left, or on top on a phone."""

    @property
    def name(self) -> str:
        """Lists are shown once for each arm and round."""
        return f"events/{self.arm}-{self.round:04d}-impression.json"

    @field_validator("lists")
    @classmethod
    def _both_lists_of_different_items(
        cls, lists: dict[Literal["A", "B"], tuple[str, ...]]
    ) -> dict[Literal["A", "B"], tuple[str, ...]]:
        if set(lists) != {"A", "B"}:
            raise ValueError("list A and list B are expected")
        if any(len(set(items)) != len(items) for items in lists.values()):
            raise ValueError("a list names an item twice")
        return lists


class ClickRecord(_AnswerRecord):
    """A click on a series, or one taken back."""

    kind: Literal["click"] = "click"
    list: Literal["A", "B"]
    rank: int = Field(ge=1, le=MAX_LIST)
    item: _ItemId
    selected: bool


class DoneRecord(_AnswerRecord):
    """The participant has finished a comparison: no click now means no interest."""

    kind: Literal["done"] = "done"
    none: bool
    """Whether "none of these" was chosen."""
