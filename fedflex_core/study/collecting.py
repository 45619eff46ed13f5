"""What lies ready for the next round: every participant's update looked at, none of them believed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import HalfRecord, UpdateRecord, sealed_place
from fedflex_core.exchange.public_records import MAX_SET_ASIDE, RoundRecord, SetAside
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.sealing import is_letter_size, payload_content
from fedflex_core.exchange.secure_sum import Words, unpack_half
from fedflex_core.learning.aggregation import RoundSum, UnusableUpdate
from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.study.halves import MAX_PEOPLE, Row
from fedflex_core.study.opened import OpenedStudy, unpack_update

__all__ = ["Collected", "Collector"]

T = TypeVar("T")

_READERS = 2
_READ_AHEAD = 32
"""Updates that are in memory at one time."""
_ROOM = 10_000
"""Bytes of an update beside its model's numbers: their names, a report, the seal."""


@dataclass(frozen=True)
class Collected:
    """The updates of one arm that lie ready for the next round: their records, and their sum if it is plain."""

    records: dict[str, UpdateRecord]
    """By participant."""
    summed: RoundSum
    set_aside: tuple[SetAside, ...]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def named(self) -> tuple[SetAside, ...]:
        """As many of those set aside as fit into a record."""
        return self.set_aside[:MAX_SET_ASIDE]


class Collector:
    """Reads the updates for one round.

    Args:
        study: The opened study.
        identity: The aggregator's keys, which open them.
        current: The round they start from.
        before: Rounds of each arm that each participant's updates were averaged into.
        refusal: Why a participant may not take part, or None.
    """

    def __init__(
        self,
        study: OpenedStudy,
        identity: Identity,
        current: RoundRecord,
        before: dict[str, dict[str, set[int]]],
        refusal: Callable[[str], str | None],
    ) -> None:
        self._study = study
        self._identity = identity
        self._current = current
        self._before = before
        self._refusal = refusal

    def updates(self, arm: str, model: Model) -> Collected:
        """Updates that can be read, each checked and added up.

        They stream from the disk through one sum: ten thousand need no more memory than a few.
        """
        summed = RoundSum(model, self._study.next_config(self._current, arm))
        most = model.item_factors.nbytes + model.item_bias.nbytes + _ROOM

        def content(record: UpdateRecord) -> tuple[Update, FloatArray | None]:
            return unpack_update(self.content(record, most))

        def add(record: UpdateRecord, made: tuple[Update, FloatArray | None]) -> None:
            summed.add(made[0], record.weight, made[1])

        return self._gather(arm, summed, content, add)

    def halves(
        self, arm: str, model: Model, keep: Callable[[UpdateRecord, bytes], None]
    ) -> Collected:
        """The aggregator's halves of updates, each of the right length; more cannot be known of one.

        Args:
            arm: The arm.
            model: Its global model.
            keep: Called with each usable half as it lay there, opened.
        """
        config = self._study.next_config(self._current, arm)
        row = Row(self._study.design, config, model)
        bits = self._study.design.privacy.modulus_bits
        most = row.length * bits // 8 + _ROOM

        def content(record: UpdateRecord) -> tuple[bytes, Words]:
            plain = self.content(record, most)
            if record.pair is None:
                raise BadRecord("it is not a half of an update")
            self._expect_other_half(record)
            return plain, unpack_half(plain, row.length, bits)

        def add(record: UpdateRecord, made: tuple[bytes, Words]) -> None:
            keep(record, made[0])

        return self._gather(arm, RoundSum(model, config), content, add)

    def content(self, record: UpdateRecord, most: int) -> bytes:
        """The opened bytes of an update.

        Args:
            record: Its record.
            most: How many bytes it may have, sealed.

        Raises:
            BadRecord: They are too many, still arriving, or not what the record describes.
        """
        if record.update.size > most:
            raise BadRecord("its payload is larger than an update of this study can be")
        owner = f"{PARTICIPANTS}/{record.participant}"
        sealed = self._study.folder.payload(owner, record.update)
        return payload_content(sealed, record.mark, self._identity)

    def _gather(
        self,
        arm: str,
        summed: RoundSum,
        content: Callable[[UpdateRecord], T],
        add: Callable[[UpdateRecord, T], None],
    ) -> Collected:
        records: dict[str, UpdateRecord] = {}
        set_aside: list[SetAside] = []
        for participant, found in self._arrived(arm, content):
            try:
                if isinstance(found, BadRecord):
                    raise found
                record, made = found
                if len(records) >= MAX_PEOPLE:
                    raise BadRecord(f"there are {MAX_PEOPLE:,} updates in this round already")
                add(record, made)
            except (BadRecord, UnusableUpdate) as error:
                set_aside.append(SetAside(participant=participant, reason=str(error)[:200]))
            else:
                records[participant] = record
        return Collected(records, summed, tuple(set_aside))

    def _arrived(
        self, arm: str, content: Callable[[UpdateRecord], T]
    ) -> Iterator[tuple[str, tuple[UpdateRecord, T] | BadRecord]]:
        """Who has sent something for the next round, and what it is or what is wrong with it.

        The next few are read while one is added: reading and opening leave the interpreter alone.
        """

        def read(participant: str) -> tuple[UpdateRecord, T] | BadRecord | None:
            try:
                record = self._record(participant, arm)
                return (record, content(record)) if record else None
            except BadRecord as error:
                return error

        everybody = self._study.folder.participants()
        with ThreadPoolExecutor(_READERS) as pool:
            for first in range(0, len(everybody), _READ_AHEAD):
                some = everybody[first : first + _READ_AHEAD]
                for participant, found in zip(some, pool.map(read, some), strict=True):
                    if found is None:
                        continue
                    reason = self._refusal(participant)
                    yield participant, found if reason is None else BadRecord(reason)

    def _record(self, participant: str, arm: str) -> UpdateRecord | None:
        """The one record that can be this participant's update, if it is here."""
        number = self._current.round + 1
        place = sealed_place(UpdateRecord.name_of(arm, number))
        record = self._study.folder.sealed_record(
            participant, UpdateRecord, place, self._study.id, self._identity
        )
        if record is not None:
            self._check(record, number)
        return record

    def _check(self, record: UpdateRecord, number: int) -> None:
        design = self._study.design
        if record.base_model != self._current.arms[record.arm].model.sha256:
            raise BadRecord("it starts from another model than this round's")
        if record.weight != 1 and design.weighting == "equal":
            raise BadRecord("it asks for another weight than everybody's")
        expected = design.noise_multiplier_of(number)
        if abs(record.noise_multiplier - expected) > 1e-9 * max(expected, 1.0):
            raise BadRecord("its ledger has another noise than this round's")
        charged = set(record.rounds_charged)
        if number not in charged or not charged <= set(range(1, number + 1)):
            raise BadRecord("its ledger does not fit this round")
        if not self._before[record.arm].get(record.participant, set()) <= charged:
            raise BadRecord("its ledger leaves out a round that it took part in")

    def _expect_other_half(self, record: UpdateRecord) -> None:
        """The helper can be asked only for what lies there, as far as can be seen from outside."""
        name = sealed_place(HalfRecord.name_of(record.arm, record.round))
        for folder in self._study.folder.carrier.places(f"{PARTICIPANTS}/{record.participant}"):
            with contextlib.suppress(OSError):
                if is_letter_size(os.lstat(folder / PurePosixPath(name)).st_size):
                    return
        raise BadRecord("the helper's half of it has not arrived yet")
