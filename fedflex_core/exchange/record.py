"""What every record has: a schema, a place of its own, and payloads that it vouches for.

A record is a JSON file that is checked by its schema before any of it is believed; unknown keys are
refused. Tensors and tables travel as payloads: files that a record names, measures and hashes, since
carriers do not keep order and show half-written files.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "MAX_FILE_BYTES",
    "PROTOCOL",
    "ArmName",
    "BadRecord",
    "BaseRecord",
    "Id",
    "Payload",
    "RoundNumber",
    "Sha256",
    "Strict",
]

PROTOCOL = 2
"""Version of the exchange; a study of another version is not touched."""

MAX_FILE_BYTES = 8_000_000
"""No file is larger, since carriers refuse requests above 10 MiB and retry them for ever."""

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ArmName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=20)]
RoundNumber = Annotated[int, Field(ge=0, le=9999)]
_Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*\.[a-z]+$", max_length=100),
]


class BadRecord(ValueError):
    """A file that cannot be believed; its message is the reason, without anything the file says."""


class Strict(BaseModel):
    """Frozen, without unknown keys, and without infinite numbers or none: JSON has no words for these."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Payload(Strict):
    """A file that a record vouches for."""

    name: _Name
    """Path below the writer's folder, with forward slashes."""
    size: int = Field(gt=0, le=MAX_FILE_BYTES)
    """Length in bytes."""
    sha256: Sha256
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


class BaseRecord(Strict):
    """A record of one study, written once by one writer."""

    leaf: ClassVar[str]
    """Folder, below the writer's own, in which records of this kind lie."""

    protocol: Literal[2] = 2
    study: Id
    written_at: AwareDatetime = Field(default_factory=partial(datetime.now, UTC))

    @property
    def name(self) -> str:
        """What this record is, below its writer's folder: two of one name are the same record."""
        raise NotImplementedError

    def place(self, signed: bytes) -> str:
        """Where it is published, below the writer's folder; anywhere else it is a copy, not believed.

        Args:
            signed: The record as it was signed.
        """
        return self.name

    def payloads(self) -> tuple[Payload, ...]:
        """The files that go with this record."""
        return ()

    def to_bytes(self) -> bytes:
        """The record as it is signed."""
        return self.model_dump_json(indent=1).encode() + b"\n"
