"""The helper: an independent party that sums the other half of every update, once a round.

What it sees of a person is a seed that says nothing without the aggregator's half. It tops up the noise, so
that the aggregator cannot read more from the sum than it may; and it answers once for each round, since
two sums over almost the same people would tell the difference between them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, Carrier
from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.outbox import Outbox, alone
from fedflex_core.exchange.personal_records import HalfRecord, sealed_place
from fedflex_core.exchange.public_records import (
    Called,
    CallRecord,
    HelperRecord,
    PartialSum,
    PartialSumRecord,
    RoundRecord,
)
from fedflex_core.exchange.record import BadRecord, Payload
from fedflex_core.exchange.secure_sum import ModularSum, pack_half
from fedflex_core.learning.factors import Model
from fedflex_core.learning.privacy import Noise, secure_normal
from fedflex_core.study.halves import MAX_PEOPLE, Row, noise_row
from fedflex_core.study.home import home_folder, private_folder
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.seat import identity_in

__all__ = ["BadCall", "BadKeys", "Helper", "NotTheHelper", "Waiting", "helper_keys", "read_keys"]

Progress = Callable[[str, float], None]


class NotTheHelper(FedFlexError):
    """The study names somebody else, or nobody, as its helper."""


class BadKeys(FedFlexError):
    """The file holds no public keys."""


class BadCall(FedFlexError):
    """The aggregator asks for something that would not be safe; nothing was answered."""


class Waiting(FedFlexError):
    """There is nothing to sum yet, or not all of it has arrived."""


def helper_keys(home: Path | None = None) -> PublicKeys:
    """The public keys of whoever helps on this computer, made at the first call.

    Raises:
        CannotWrite: The private folder takes no files.
    """
    return _identity(home).public


def _identity(home: Path | None) -> Identity:
    return identity_in((home or home_folder()) / "helper")


def read_keys(place: Path) -> PublicKeys:
    """The public keys in a helper's file.

    Raises:
        BadKeys: There are none.
    """
    try:
        return PublicKeys.model_validate(json.loads(place.read_bytes()[:10_000]))
    except (OSError, ValueError):
        raise BadKeys(
            "The helper's file cannot be read, or holds no public keys.",
            "The file that `fedflex helper --keys FILE` has written.",
            "Ask the helper for it again.",
        ) from None


class Helper:
    """The helper of one study; open it with :meth:`open`."""

    def __init__(
        self, study: OpenedStudy, private: Path, identity: Identity, noise: Noise = secure_normal
    ) -> None:
        self.study = study
        self._identity = identity
        self._private = private
        self._noise = noise
        self._outbox = Outbox(private / "outbox", study.folder.carrier, HELPER, identity)

    @classmethod
    def open(cls, at: Carrier | str | os.PathLike[str], home: Path | None = None) -> Helper:
        """Help in the study in the folder ``at``.

        Raises:
            NoStudy: There is no study in that folder.
            NotTheHelper: It names other keys than those of this computer.
            CannotWrite: The private folder or the shared one takes no files.
        """
        study = OpenedStudy.open(at)
        identity = _identity(home)
        if study.record.helper != identity.public:
            raise NotTheHelper(
                "This study does not name you as its helper.",
                "A study that was opened with the public keys of this computer.",
                "Give the researcher the file of `fedflex helper --keys FILE` before the study is opened.",
            )
        helper = cls(study, private_folder(study.id, "helper", home), identity)
        helper._greet()
        return helper

    def _greet(self) -> None:
        """Be known: some carriers bring a half only to whom its writer has named as a reader."""
        carrier = self.study.folder.carrier
        datasite = carrier.datasite_of(carrier.own(HELPER))
        self._outbox.commit(HelperRecord(study=self.study.id, datasite=datasite))
        self._outbox.publish()

    def call(self) -> CallRecord | None:
        """The newest call that was not answered yet, or None."""
        calls = self.study.folder.published(
            AGGREGATOR, CallRecord, self.study.id, self.study.record.aggregator, self.study.report
        )
        answered = self._answered()
        return next((one for one in calls if one.round > max(answered, default=0)), None)

    def answer(
        self, without_missing: bool = False, progress: Progress = lambda _what, _share: None
    ) -> PartialSumRecord:
        """Sum the halves that the newest call asks for, and publish the sum.

        Args:
            without_missing: Leave out whose half has not arrived, instead of waiting for it.
            progress: Called with what is being done and the share done, 0 to 1.

        Returns:
            The answer; it is final.

        Raises:
            Waiting: There is no call, or halves have not arrived, or there are too few.
            BadCall: The call is not one that an honest aggregator makes.
            CannotWrite: A disk takes no files.
        """
        with alone(self._private / "answer.lock"):
            self._outbox.publish()  # what a carrier lost, or a crash left unshared
            call = self.call()
            if call is None:
                raise Waiting(
                    "The aggregator has asked for nothing that was not answered already.",
                    "A call for the next round.",
                    "Come back later, or let `fedflex helper --watch` do so.",
                )
            base = self._base(call)
            arms, payloads = {}, {}
            for place, arm in enumerate(call.arms):
                progress(f"Summing the halves of {arm.upper()}", place / len(call.arms))
                part, content = self._sum(arm, call, base, without_missing)
                arms[arm], payloads[part.total.name] = part, content
            record = PartialSumRecord(study=self.study.id, round=call.round, arms=arms)
            self._outbox.commit(record, payloads)
            self._outbox.publish()
            progress("Done", 1.0)
            return record

    def _answered(self) -> set[int]:
        """Rounds that were answered, by the originals and by what was published of them."""
        shared = self.study.folder.published(
            HELPER, PartialSumRecord, self.study.id, self._identity.public, self.study.report
        )
        made = (*self._outbox.records(), *shared)
        return {one.round for one in made if isinstance(one, PartialSumRecord)}

    def _base(self, call: CallRecord) -> RoundRecord:
        """The round that a call builds on.

        Raises:
            BadCall: The call names other arms, people twice, or too few.
            Waiting: That round has not arrived.
        """
        design = self.study.design
        if set(call.arms) != set(design.arm_names) or call.round > design.rounds:
            raise _bad_call("It names arms or a round that the study does not have.")
        for people in call.arms.values():
            numbers = [one.participant for one in people]
            if len(set(numbers)) != len(numbers):
                raise _bad_call("It names somebody twice.")
            if not design.min_updates <= len(numbers) <= MAX_PEOPLE:
                raise _bad_call(f"It names fewer people than {design.min_updates}.")
        rounds = self.study.rounds()
        if call.round > len(rounds):
            raise Waiting(
                "The round before the one that is asked for has not arrived here.",
                f"Round {call.round - 1} of the study.",
                "Wait until your sync program is done, then try again.",
            )
        return rounds[call.round - 1]

    def _sum(
        self, arm: str, call: CallRecord, base: RoundRecord, without_missing: bool
    ) -> tuple[PartialSum, bytes]:
        config = self.study.next_config(base, arm)
        row = Row(self.study.design, config, self._model(arm, base))
        summed = ModularSum(row.length, self.study.design.privacy.modulus_bits)
        people, missing = [], 0
        for one in call.arms[arm]:
            seed = self._seed(arm, one, base)
            if seed is None:
                missing += 1
                continue
            summed.add_seed(seed)
            people.append(one.participant)
        if missing and not without_missing:
            raise Waiting(
                f"{missing} of {len(call.arms[arm])} halves have not arrived, or cannot be read.",
                "The halves of everybody who is called.",
                "Wait until your sync program is done; `--without-missing` leaves them out.",
            )
        if len(people) < self.study.design.min_updates:
            raise Waiting(
                f"{len(people)} halves can be read.",
                f"At least {self.study.design.min_updates}: a sum of few hides little.",
                "Wait until your sync program is done; nothing was answered.",
            )
        top_up = config.noise_shares.top_up_std(config.noise_std, len(people))
        summed.add(row.encoding.encode(noise_row(row, top_up, self._noise)))
        content = pack_half(summed.total)
        name = f"sums/round-{call.round:04d}-{arm}.words"
        return PartialSum(total=Payload.of(name, content), participants=tuple(people)), content

    def _model(self, arm: str, base: RoundRecord) -> Model:
        try:
            return self.study.model(base, arm)
        except BadRecord as error:
            raise Waiting(
                f"The model of round {base.round} cannot be used yet: {error}.",
                "The models of the round before the one that is asked for.",
                "Wait until your sync program is done, then try again.",
            ) from None

    def _seed(self, arm: str, called: Called, base: RoundRecord) -> bytes | None:
        """The half of one person, or None if it is not here, or is another one's."""
        place = sealed_place(HalfRecord.name_of(arm, base.round + 1))
        try:
            half = self.study.folder.sealed_record(
                called.participant, HalfRecord, place, self.study.id, self._identity
            )
        except BadRecord:
            return None
        if half is None or half.pair != called.pair:
            return None
        if half.base_model != base.arms[arm].model.sha256:
            return None
        return bytes.fromhex(half.seed)


def _bad_call(found: str) -> BadCall:
    return BadCall(
        f"The aggregator's call is not one that may be answered. {found}",
        "A call that names everybody once, in the arms of the study.",
        "Nothing was answered. Talk to the researcher.",
    )
