"""What a participant sends in a round: charged, noised, sealed, committed once."""

from __future__ import annotations

import os
import re
import secrets

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import HalfRecord, UpdateRecord
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.exchange.record import Payload
from fedflex_core.exchange.sealing import seal_payload
from fedflex_core.exchange.secure_sum import new_seed, pack_half, split
from fedflex_core.learning.contribution import Contribution
from fedflex_core.learning.privacy import Mode, Noise, secure_normal
from fedflex_core.study.halves import Row, noise_row
from fedflex_core.study.ledger import Ledger
from fedflex_core.study.opened import OpenedStudy, pack_update

__all__ = ["Sending"]

_UPDATE_FILE = re.compile(r"([a-z][a-z0-9-]*)-([0-9]{4})\.sealed")


class Sending:
    """Makes updates into records of one participant.

    Args:
        study: The opened study.
        identity: The participant's keys.
        outbox: Where the records are committed; publishing is the caller's matter.
        ledger: It is charged before anything is made.
        noise: Draws standard normal numbers; only tests pass their own.
    """

    def __init__(
        self,
        study: OpenedStudy,
        identity: Identity,
        outbox: Outbox,
        ledger: Ledger,
        noise: Noise = secure_normal,
    ) -> None:
        self._study = study
        self._identity = identity
        self._outbox = outbox
        self._ledger = ledger
        self._noise = noise

    def restore(self) -> None:
        """Write down what a ledger that was lost or damaged does not know any more; at every visit, first.

        Another update for a round would spend its privacy again. The originals tell which there were, and
        where they are lost as well, the copies in the study folder do. As long as there is a ledger the
        copies say nothing, since anybody may put a file there.
        """
        # All at once: a ledger that is whole again is believed, and the copies are not looked at any more.
        made = {} if self._ledger.is_whole else self._copies()
        for record in self._outbox.records():
            if isinstance(record, UpdateRecord) and not self._knows(record):
                made.setdefault(record.arm, set()).add(record.round)
        if made:
            self._ledger.restore(made)

    def _knows(self, record: UpdateRecord) -> bool:
        return record.round in self._ledger.made(record.arm)

    def rounds(self, arm: str) -> set[int]:
        """Rounds that an update was made for, by the originals and by the ledger."""
        made = {
            one.round
            for one in self._outbox.records()
            if isinstance(one, UpdateRecord) and one.arm == arm
        }
        return made | self._ledger.made(arm)

    def _copies(self) -> dict[str, set[int]]:
        """Rounds by arm whose files lie in the study folder; names are all that has to be read."""
        found: dict[str, set[int]] = {}
        latest = len(self._study.rounds())  # the round after the newest
        owner = f"{PARTICIPANTS}/{self._identity.public.id}"
        updates = self._study.folder.carrier.own(owner) / "updates"
        for name in os.listdir(updates) if updates.is_dir() else ():
            match = _UPDATE_FILE.fullmatch(name)
            if match and match[1] in self._study.design.arm_names and 0 < int(match[2]) <= latest:
                found.setdefault(match[1], set()).add(int(match[2]))
        return found

    def commit(
        self, arm: str, current: RoundRecord, made: Contribution, weight: float = 1.0
    ) -> None:
        """Make a contribution safe on this computer, as the update for the round after ``current``.

        Args:
            arm: Its arm.
            current: The round that it starts from.
            made: What :func:`contribute` gave for that round.
            weight: In the average.

        Raises:
            CannotWrite: The private disk takes no files; nothing was made.
        """
        number = current.round + 1
        self._ledger.charge(arm, number)
        if self._study.design.privacy.mode is Mode.DISTRIBUTED:
            half = self._half(arm, current)
            content, pair = self._masked(arm, current, made, half), half.pair
        else:
            content, pair = pack_update(made.update, made.report), None
        me = self._identity.public
        mark = UpdateRecord.mark_of(self._study.id, me.id, arm, number)
        sealed = seal_payload(content, mark, self._study.record.aggregator)
        name = f"updates/{arm}-{number:04d}-tensors.sealed"
        record = UpdateRecord(
            study=self._study.id,
            participant=me.id,
            keys=me,
            arm=arm,
            round=number,
            base_model=current.arms[arm].model.sha256,
            update=Payload.of(name, sealed),
            pair=pair,
            weight=weight,
            noise_multiplier=self._study.design.noise_multiplier_of(number),
            rounds_charged=tuple(sorted(n for n in self._ledger.charged(arm) if n <= number)),
        )
        self._outbox.commit(record, {name: sealed})
        self._ledger.keep(arm, number)

    def _half(self, arm: str, current: RoundRecord) -> HalfRecord:
        """The helper's half: the one there is, or a new one. An update goes with one seed alone."""
        number = current.round + 1
        self._outbox.commit(
            HalfRecord(
                study=self._study.id,
                participant=self._identity.public.id,
                keys=self._identity.public,
                arm=arm,
                round=number,
                base_model=current.arms[arm].model.sha256,
                pair=secrets.token_hex(16),
                seed=new_seed().hex(),
            )
        )
        half = self._outbox.record(HalfRecord.name_of(arm, number))
        assert isinstance(half, HalfRecord)
        return half

    def _masked(
        self, arm: str, current: RoundRecord, made: Contribution, half: HalfRecord
    ) -> bytes:
        """The aggregator's half: the update and its share of the noise, masked by the helper's."""
        config = self._study.next_config(current, arm)
        row = Row(self._study.design, config, self._study.model(current, arm))
        noised = row.flat(made.update, made.report) + noise_row(row, row.share_std, self._noise)
        return pack_half(split(row.encoding.encode(noised), bytes.fromhex(half.seed)))
