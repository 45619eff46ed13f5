"""Leaving a study: only stop, or stop and have everything erased.

What is confirmed is confirmed on disk first: the letter that says so, then the erasing of what lies here.
Both can be cut short at any moment and go on at the next visit. What stays here after erasing is the
letter, the keys that signed it, the ledger and the study's description: nothing of them tells what was
watched, and without them the letter could not be put back where a carrier loses it.
"""

from __future__ import annotations

from typing import Literal

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import AGGREGATOR
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import LeaveRecord
from fedflex_core.exchange.public_records import ReceiptRecord
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.seat import Seat
from fedflex_core.study.told import Told

__all__ = ["HasLeft", "Leaving"]

State = Literal["stopped", "erased"]


class HasLeft(FedFlexError):
    """The person takes part in this study no more."""


class Leaving:
    """The way out of one seat.

    Args:
        study: The opened study.
        seat: What lies here.
        outbox: What was sent.
        told: What the person has told of their history.
    """

    def __init__(self, study: OpenedStudy, seat: Seat, outbox: Outbox, told: Told) -> None:
        self._study = study
        self._seat = seat
        self._outbox = outbox
        self._told = told

    @property
    def state(self) -> State | None:
        """Whether the person has left, and how; None while they take part."""
        if self._outbox.has(LeaveRecord.name_of(erase=True)):
            return "erased"
        return "stopped" if self._outbox.has(LeaveRecord.name_of(erase=False)) else None

    def leave(self, erase: bool) -> None:
        """Take part no more; with ``erase`` delete what lies here, and ask for what was sent to be dropped.

        Raises:
            CannotWrite: A disk does not take or let go of a file. What was confirmed is kept, and the
                next visit goes on.
        """
        keys = self._seat.identity.public
        self._outbox.commit(
            LeaveRecord(study=self._study.id, participant=keys.id, keys=keys, erase=erase)
        )
        self.go_on()

    def go_on(self) -> None:
        """Finish an erasing that was confirmed and cut short, and put the letter into the study folder."""
        if self.state == "erased":
            self._seat.erase()
            self._told.forget_if_alone(self._seat.private)
            self._outbox.withdraw(keep=LeaveRecord.name_of(erase=True))
        if self.state is not None and self._study.folder.carrier.is_there():
            self._outbox.publish()

    def receipt(self) -> ReceiptRecord | None:
        """What the aggregator has done about it; None until it has answered."""
        found = None
        for receipt in self._study.folder.published(
            AGGREGATOR, ReceiptRecord, self._study.id, self._study.record.aggregator
        ):
            if receipt.participant == self._seat.id:
                found = receipt if found is None or receipt.erased else found
        return found
