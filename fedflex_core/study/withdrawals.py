"""People who leave: dropped from whatever is still to be made, and told what was done."""

from __future__ import annotations

from typing import TypeVar

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import (
    EventRecord,
    LeaveRecord,
    PersonalRecord,
    UpdateRecord,
    sealed_place,
)
from fedflex_core.exchange.public_records import (
    CallRecord,
    ReceiptRecord,
    RoundRecord,
    receipt_name,
)
from fedflex_core.exchange.record import BadRecord
from fedflex_core.study.opened import OpenedStudy

__all__ = ["Withdrawals"]

L = TypeVar("L", bound=PersonalRecord)


class Withdrawals:
    """Who has left a study, by the receipts that were given.

    A receipt is committed before anybody is told, and is what counts from then on: a letter that a carrier
    loses and brings back changes nothing.

    Args:
        study: The opened study.
        outbox: The aggregator's records.
        identity: The aggregator's keys.
    """

    def __init__(self, study: OpenedStudy, outbox: Outbox, identity: Identity) -> None:
        self._study = study
        self._outbox = outbox
        self._identity = identity

    @property
    def left(self) -> frozenset[str]:
        """Participants none of whose updates enter a further round."""
        return frozenset(receipt.participant for receipt in self._receipts())

    @property
    def erased(self) -> frozenset[str]:
        """Participants of whose lists and clicks no result is made."""
        return frozenset(receipt.participant for receipt in self._receipts() if receipt.erased)

    def settle(self) -> int:
        """Give a receipt to everybody who has asked to leave since the last time.

        Returns:
            How many receipts were newly given; publishing them is the caller's matter.

        Raises:
            CannotWrite: The private disk takes no files.
        """
        given = 0
        for participant in self._study.folder.participants():
            for erase in (True, False):
                if self._outbox.has(receipt_name(participant, erase)):
                    break
                if self._asks(participant, erase):
                    self._outbox.commit(self._receipt(participant, erase))
                    given += 1
                    break
        return given

    def _asks(self, participant: str, erase: bool) -> bool:
        place = sealed_place(LeaveRecord.name_of(erase))
        try:
            letter = self._study.folder.sealed_record(
                participant, LeaveRecord, place, self._study.id, self._identity
            )
        except BadRecord as error:
            self._study.report.ignore(f"participants/{participant}/{place}", str(error))
            return False
        return letter is not None

    def _receipt(self, participant: str, erase: bool) -> ReceiptRecord:
        rounds = self._rounds_of(participant)
        waiting = sum(
            record.round not in rounds.get(record.arm, ())
            for record in self._letters(participant, UpdateRecord)
        )
        events = sum(1 for _ in self._letters(participant, EventRecord)) if erase else 0
        return ReceiptRecord(
            study=self._study.id,
            participant=participant,
            erased=erase,
            events=events,
            updates=waiting,
            rounds=rounds,
        )

    def _letters(self, participant: str, kind: type[L]) -> list[L]:
        folder = self._study.folder
        return list(folder.sealed(participant, kind, self._study.id, self._identity))

    def _rounds_of(self, participant: str) -> dict[str, tuple[int, ...]]:
        """Rounds that an update of theirs is in: made ones, and one that the helper was called for."""
        found: dict[str, set[int]] = {}
        for record in self._outbox.records():
            if isinstance(record, RoundRecord):
                for arm, made in record.arms.items():
                    if participant in made.updates:
                        found.setdefault(arm, set()).add(record.round)
            elif isinstance(record, CallRecord):
                for arm, called in record.arms.items():
                    if any(one.participant == participant for one in called):
                        found.setdefault(arm, set()).add(record.round)
        return {arm: tuple(sorted(rounds)) for arm, rounds in found.items()}

    def _receipts(self) -> list[ReceiptRecord]:
        return [one for one in self._outbox.records() if isinstance(one, ReceiptRecord)]
