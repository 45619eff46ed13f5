"""The comparisons of one seat: two lists as they were shown, and what was clicked on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import ClickRecord, DoneRecord, ImpressionRecord

__all__ = ["Answers", "Comparisons", "Side"]

Side = Literal["A", "B"]
"""List A or list B."""


@dataclass(frozen=True)
class Answers:
    """What was answered on one comparison."""

    clicks: frozenset[tuple[Side, int]]
    """Standing clicks, (list, rank from 1)."""
    done: bool
    """Whether the participant has finished it."""


class Comparisons:
    """Everything that was shown to a participant, and their answers, in records written once.

    Args:
        outbox: Where the participant's records are committed; publishing is the caller's matter.
        keys: The participant's public keys.
    """

    def __init__(self, outbox: Outbox, keys: PublicKeys) -> None:
        self._outbox = outbox
        self._keys = keys

    def begin(self, shown: ImpressionRecord) -> ImpressionRecord:
        """Record two lists as shown; what was recorded first for this arm and round is what counts.

        Raises:
            CannotWrite: This computer's disk takes no files.
        """
        self._outbox.commit(shown)
        stored = self._outbox.record(shown.name)  # another open page may have been first
        assert isinstance(stored, ImpressionRecord)
        return stored

    def shown(self, number: int) -> list[ImpressionRecord]:
        """What was shown in a round, in the order in which it was shown."""
        records = [
            record
            for record in self._outbox.records()
            if isinstance(record, ImpressionRecord) and record.round == number
        ]
        return sorted(records, key=lambda record: record.written_at)

    def click(self, shown: ImpressionRecord, side: Side, rank: int, selected: bool = True) -> None:
        """Record a click on the series at ``rank`` (from 1) of one list, or that it was taken back.

        Raises:
            CannotWrite: This computer's disk takes no files; the click is not confirmed.
        """
        self._outbox.commit(
            ClickRecord(
                study=shown.study,
                participant=shown.participant,
                keys=self._keys,
                arm=shown.arm,
                round=shown.round,
                sequence=self._next_in_sequence(shown),
                list=side,
                rank=rank,
                item=shown.lists[side][rank - 1],
                selected=selected,
            )
        )

    def finish(self, shown: ImpressionRecord, none: bool = False) -> None:
        """Record that a comparison is done, with "none of these" or with the clicks given."""
        self._outbox.commit(
            DoneRecord(
                study=shown.study,
                participant=shown.participant,
                keys=self._keys,
                arm=shown.arm,
                round=shown.round,
                sequence=self._next_in_sequence(shown),
                none=none,
            )
        )

    def answers(self, shown: ImpressionRecord) -> Answers:
        """What was answered on a comparison."""
        standing: set[tuple[Side, int]] = set()
        events = self._events(shown)
        for event in events:
            if isinstance(event, ClickRecord):
                change = standing.add if event.selected else standing.discard
                change((event.list, event.rank))
        done = any(isinstance(event, DoneRecord) for event in events)
        return Answers(frozenset(standing), done)

    def _events(self, shown: ImpressionRecord) -> list[ClickRecord | DoneRecord]:
        """What happened in a comparison, in its order."""
        events = [
            record
            for record in self._outbox.records()
            if isinstance(record, ClickRecord | DoneRecord)
            and (record.arm, record.round) == (shown.arm, shown.round)
        ]
        return sorted(events, key=lambda event: event.sequence)

    def _next_in_sequence(self, shown: ImpressionRecord) -> int:
        return max((event.sequence for event in self._events(shown)), default=0) + 1
