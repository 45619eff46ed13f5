"""A round whose updates nobody sees: the aggregator's side.

First the aggregator *calls* whose halves are to be summed, then the helper answers with its half of the sum,
then the aggregator adds its own. Nobody has to be there at the same time. The called halves are kept in
the private folder until the round is made, since the helper sums but once: a half that a carrier lost
meanwhile would leave its answer without use.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import HELPER
from fedflex_core.exchange.outbox import Outbox, delete_private, read_private, write_private
from fedflex_core.exchange.personal_records import UpdateRecord
from fedflex_core.exchange.public_records import (
    Called,
    CallRecord,
    PartialSum,
    PartialSumRecord,
    RoundRecord,
    SetAside,
    call_name,
)
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.secure_sum import Bits, ModularSum, Words, combine, unpack_half
from fedflex_core.learning.aggregation import RoundSum, UnusableUpdate
from fedflex_core.learning.factors import Model
from fedflex_core.learning.privacy import Noise, secure_normal
from fedflex_core.study.collecting import Collected, Collector
from fedflex_core.study.halves import Row, noise_row
from fedflex_core.study.opened import OpenedStudy

__all__ = ["HelperSilent", "SecureRound", "Summed"]


class HelperSilent(FedFlexError):
    """The helper has not answered yet."""


@dataclass(frozen=True)
class Summed:
    """What a secure sum gave for one arm.

    Attributes:
        summed: Ready to be closed; empty if the sum cannot be that of honest updates.
        people: Whose updates are in it.
        set_aside: Who was called and is not in it.
        spoilt: Why nothing can be learned from it, or None.
    """

    summed: RoundSum
    people: frozenset[str]
    set_aside: tuple[SetAside, ...]
    spoilt: str | None


class SecureRound:
    """One round of a study in distributed mode.

    Args:
        study: The opened study.
        outbox: The aggregator's records.
        private: The aggregator's private folder.
        current: The round that the updates start from.
        model: Gives its global model of an arm, when it is needed.
        noise: Draws standard normal numbers; only tests pass their own.
    """

    def __init__(
        self,
        study: OpenedStudy,
        outbox: Outbox,
        private: Path,
        current: RoundRecord,
        model: Callable[[str], Model],
        noise: Noise = secure_normal,
    ) -> None:
        self._study = study
        self._outbox = outbox
        self._kept = private / "called"
        self._current = current
        self._model = model
        self._noise = noise

    @property
    def call(self) -> CallRecord | None:
        """The call for this round, or None if nobody was called yet."""
        found = self._outbox.record(call_name(self._current.round + 1))
        assert found is None or isinstance(found, CallRecord)
        return found

    def gather(self, collector: Collector) -> dict[str, Collected]:
        """The halves that lie ready, of each arm; they are stored for a call."""

        def store(record: UpdateRecord, plain: bytes) -> None:
            write_private(self._place(record.arm, record.participant), plain)

        arms = self._study.design.arm_names
        return {arm: collector.halves(arm, self._model(arm), store) for arm in arms}

    def commit_call(self, collected: Mapping[str, Collected]) -> None:
        """Fix whose halves are summed; :meth:`gather` must have stored them."""
        arms = {
            arm: tuple(
                Called(participant=participant, pair=record.pair or "", update=record.update.sha256)
                for participant, record in found.records.items()
            )
            for arm, found in collected.items()
        }
        self._outbox.commit(
            CallRecord(
                study=self._study.id,
                round=self._current.round + 1,
                arms=arms,
                set_aside={arm: found.named for arm, found in collected.items()},
            )
        )

    def answer(self, call: CallRecord) -> PartialSumRecord:
        """The helper's answer to a call.

        Raises:
            HelperSilent: It is not here, or does not answer this call.
        """
        helper = self._study.record.helper
        assert helper is not None
        for record in self._study.folder.published(
            HELPER, PartialSumRecord, self._study.id, helper, self._study.report
        ):
            if record.round == call.round and self._answers(record, call):
                return record
        raise HelperSilent(
            "The helper has been asked for its half of the sum, and has not answered yet.",
            "The helper's half of this round's sum.",
            "Nothing is lost: run the round again once the helper has run `fedflex helper STUDY`.",
        )

    def _answers(self, record: PartialSumRecord, call: CallRecord) -> bool:
        fewest = self._study.design.min_updates
        return set(record.arms) == set(call.arms) and all(
            len(set(part.participants)) == len(part.participants) >= fewest
            and set(part.participants) <= {one.participant for one in call.arms[arm]}
            for arm, part in record.arms.items()
        )

    def sum(self, arm: str, call: CallRecord, answer: PartialSumRecord) -> Summed:
        """Put both halves of an arm's sum together, with the aggregator's top-up of the noise.

        Raises:
            HelperSilent: The helper's half is still arriving.
        """
        part, model = answer.arms[arm], self._model(arm)
        config = self._study.next_config(self._current, arm)
        row = Row(self._study.design, config, model)
        bits, people = self._study.design.privacy.modulus_bits, part.participants
        own = ModularSum(row.length, bits)
        for participant in people:
            plain = read_private(self._place(arm, participant))
            own.add(unpack_half(plain or b"", row.length, bits))
        top_up = config.noise_shares.top_up_std(config.noise_std, len(people))
        own.add(row.encoding.encode(noise_row(row, top_up, self._noise)))
        other = self._half(part, row.length, bits)
        summed, spoilt = RoundSum(model, config), None
        try:
            total = row.encoding.decode(combine(own.total, other))
            summed.add_total(*row.blocks(total), people=len(people))
        except UnusableUpdate as error:
            spoilt = str(error)
        left_out = (one.participant for one in call.arms[arm] if one.participant not in people)
        reason = "the helper does not have its half of it"
        aside = tuple(SetAside(participant=one, reason=reason) for one in left_out)
        return Summed(summed, frozenset(people), (*call.set_aside[arm], *aside), spoilt)

    def forget(self) -> None:
        """Delete the halves that were kept; the round is made."""
        for place in list(self._stored()):
            delete_private(place)
        for folder in sorted(self._kept.rglob("*"), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _half(self, part: PartialSum, length: int, bits: Bits) -> Words:
        try:
            return unpack_half(self._study.folder.payload(HELPER, part.total), length, bits)
        except BadRecord as error:
            raise HelperSilent(
                f"The helper's half of the sum cannot be used: {error}.",
                "The whole file that its record describes, as long as an update.",
                "Wait until your sync program is done, then run the round again; or else ask the helper.",
            ) from None

    def _stored(self) -> Iterator[Path]:
        return (place for place in self._kept.rglob("*") if place.is_file())

    def _place(self, arm: str, participant: str) -> Path:
        return self._kept / f"{self._current.round + 1:04d}" / arm / f"{participant}.half"
