"""What the files of a study say: records with a schema, tensors without code.

A record is a JSON file that is checked by its schema before any of it is believed; unknown keys are
refused. A tensor is a safetensors file (never a pickle, which would run its writer's code) that is named,
measured and hashed by the record that goes with it: carriers do not keep order and show half-written
files, so a payload is believed only when its length and SHA-256 match.

Every record has a place for its writer's signature, and every update says how it is sealed; both are
filled by a later protocol version.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from safetensors import SafetensorError

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_LIST",
    "MAX_SET_ASIDE",
    "PROTOCOL",
    "ArmRound",
    "BadRecord",
    "ClickRecord",
    "DoneRecord",
    "EventRecord",
    "ImpressionRecord",
    "JoinRecord",
    "Payload",
    "Record",
    "RoundRecord",
    "SetAside",
    "StudyRecord",
    "UpdateRecord",
    "pack_tensors",
    "parse_record",
    "unpack_tensors",
]

PROTOCOL = 1
"""Version of the exchange; a study of another version is not touched."""

MAX_FILE_BYTES = 8_000_000
"""No file is larger, since carriers refuse requests above 10 MiB and retry them for ever."""

MAX_SET_ASIDE = 1000
"""No more are named in a round; a record must fit into a file whatever lies in the folder."""

MAX_LIST = 20
"""No list is longer: a long one would tell by what it leaves out."""

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*\.[a-z]+$")]
_Arm = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
_ItemId = Annotated[str, Field(min_length=1, max_length=200)]
_Weight = Annotated[float, Field(gt=0, le=1)]
_RoundNumber = Annotated[int, Field(ge=0, le=9999)]


class BadRecord(ValueError):
    """A file that cannot be believed; its message is the reason, without anything the file says."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True)


class Payload(_Strict):
    """A file that a record vouches for."""

    name: _Name
    """Path below the writer's folder, with forward slashes."""
    size: int = Field(gt=0, le=MAX_FILE_BYTES)
    """Length in bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Hash of the bytes, lower-case hexadecimal."""

    @classmethod
    def of(cls, name: str, content: bytes) -> Payload:
        """Describe ``content``.

        >>> Payload.of("a.txt", b"hello").size
        5
        """
        return cls(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def vouches_for(self, content: bytes) -> bool:
        """Whether ``content`` is, to the byte, what was described."""
        return len(content) == self.size and hashlib.sha256(content).hexdigest() == self.sha256


class _Record(_Strict):
    protocol: Literal[1] = 1
    study: _Id
    written_at: AwareDatetime = Field(default_factory=partial(datetime.now, UTC))
    signature: None = None

    @property
    def name(self) -> str:
        """Path below the writer's folder; a record that lies anywhere else is a copy, and not believed."""
        raise NotImplementedError

    def payloads(self) -> tuple[Payload, ...]:
        """The files that go with this record."""
        return ()

    def to_bytes(self) -> bytes:
        """The record as it lies on disk."""
        return self.model_dump_json(indent=1).encode() + b"\n"


class StudyRecord(_Record):
    """The study itself: what all its participants agree to. Written once, by the aggregator."""

    kind: Literal["study"] = "study"
    aggregator: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the aggregator's private token: who alone may run rounds."""
    design: dict[str, Any]
    """The design, checked by the hall that knows what it means."""
    catalogue: Payload
    embeddings: Payload

    @property
    def name(self) -> str:
        """There is one study in a folder."""
        return "study.json"

    def payloads(self) -> tuple[Payload, ...]:
        """The study's items and their embeddings."""
        return (self.catalogue, self.embeddings)


class SetAside(_Strict):
    """An update that did not enter a round, and why."""

    participant: _Id
    reason: str = Field(max_length=200)


class ArmRound(_Strict):
    """What a round made of one arm."""

    model: Payload
    updates: tuple[str, ...] = ()
    """SHA-256 of each update that was averaged: an update counts once."""
    set_aside: Annotated[tuple[SetAside, ...], Field(max_length=MAX_SET_ASIDE)] = ()
    diagnostics: dict[str, float] = Field(default_factory=dict)
    epsilon: float | None = Field(default=0.0, ge=0)
    """What this arm's rounds have cost a person who took part in each; null without noise."""
    group_weights: tuple[_Weight, ...] | None = None
    """What the updates of each group of people weigh in the next round, where a study has groups."""


class RoundRecord(_Record):
    """The one file that makes a round happen; written after everything that it names."""

    kind: Literal["round"] = "round"
    round: _RoundNumber
    arms: dict[_Arm, ArmRound]

    @property
    def name(self) -> str:
        """One file makes a round."""
        return f"rounds/round-{self.round:04d}.json"

    def payloads(self) -> tuple[Payload, ...]:
        """The model of every arm."""
        return tuple(arm.model for arm in self.arms.values())


class JoinRecord(_Record):
    """A participant's first file."""

    kind: Literal["join"] = "join"
    participant: _Id

    @property
    def name(self) -> str:
        """A participant joins once."""
        return "join.json"


class UpdateRecord(_Record):
    """A local update for the round that it will make."""

    kind: Literal["update"] = "update"
    participant: _Id
    arm: _Arm
    round: int = Field(ge=1, le=9999)
    """The round that this update is meant for; it starts from the model of the round before."""
    base_model: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the model it starts from."""
    update: Payload
    """The tensors ``item_factors`` and ``item_bias``, and a ``report`` where the study has groups."""
    weight: _Weight = 1.0
    """Weight in the average; 1 wherever privacy is promised."""
    sealed: Literal["none"] = "none"

    @property
    def name(self) -> str:
        """One update for each arm and round."""
        return self.name_of(self.arm, self.round)

    @staticmethod
    def name_of(arm: str, number: int) -> str:
        """Where the update of an arm for a round lies.

        >>> UpdateRecord.name_of("svd", 1)
        'updates/svd-0001.json'
        """
        return f"updates/{arm}-{number:04d}.json"

    def payloads(self) -> tuple[Payload, ...]:
        """The update itself."""
        return (self.update,)


class EventRecord(_Record):
    """What happened on a participant's page, in one comparison: one arm's lists in one round."""

    participant: _Id
    arm: _Arm
    round: _RoundNumber


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


Record = Annotated[
    StudyRecord
    | RoundRecord
    | JoinRecord
    | UpdateRecord
    | ImpressionRecord
    | ClickRecord
    | DoneRecord,
    Field(discriminator="kind"),
]
_ANY_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def parse_record(content: bytes) -> Record:
    """Read a record.

    Raises:
        BadRecord: It is not JSON, of an unknown kind or version, or breaks its schema.

    >>> join = JoinRecord(study="0" * 16, participant="1" * 16)
    >>> parse_record(join.to_bytes()) == join
    True
    """
    try:
        return _ANY_RECORD.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadRecord(f"{place}: {first['msg']}"[:200]) from None


def pack_tensors(
    tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Arrays as safetensors bytes.

    >>> sorted(unpack_tensors(pack_tensors({"a": np.zeros(2, np.float32)})))
    ['a']
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    return safetensors.numpy.save(contiguous, metadata=dict(metadata) if metadata else None)


def unpack_tensors(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Arrays from safetensors bytes; nothing in the file is ever executed.

    Raises:
        BadRecord: The bytes are not safetensors.
    """
    try:
        return safetensors.numpy.load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise BadRecord("the payload is not a safetensors file") from error
