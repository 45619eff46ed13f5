"""All records of a study, and how one is read."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from fedflex_core.exchange.personal_records import (
    ClickRecord,
    DoneRecord,
    HalfRecord,
    ImpressionRecord,
    JoinRecord,
    LeaveRecord,
    UpdateRecord,
)
from fedflex_core.exchange.public_records import (
    CallRecord,
    HelperRecord,
    PartialSumRecord,
    ReceiptRecord,
    RoundRecord,
    StudyRecord,
)
from fedflex_core.exchange.record import BadRecord

__all__ = ["Record", "parse_record"]

Record = Annotated[
    StudyRecord
    | RoundRecord
    | CallRecord
    | HelperRecord
    | PartialSumRecord
    | ReceiptRecord
    | JoinRecord
    | LeaveRecord
    | UpdateRecord
    | HalfRecord
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

    >>> from fedflex_core.exchange.keys import Identity
    >>> keys = Identity.new().public
    >>> join = JoinRecord(study="0" * 16, participant=keys.id, keys=keys)
    >>> parse_record(join.to_bytes()) == join
    True
    """
    try:
        return _ANY_RECORD.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # A key may be the file's own word as well; only words of the schema are repeated.
        place = ".".join(str(part) for part in first["loc"] if part in _words()) or "the file"
        # Of all messages only this one quotes what was found.
        unknown = first["type"] == "union_tag_invalid"
        reason = "it is no kind of record that is known" if unknown else first["msg"]
        raise BadRecord(f"{place}: {reason}"[:200]) from None


@cache
def _words() -> frozenset[str]:
    """The names of all fields of all records."""
    schema = _ANY_RECORD.json_schema()
    return frozenset(
        name for part in schema["$defs"].values() for name in part.get("properties", ())
    )
