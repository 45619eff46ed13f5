"""The aggregator: opens a study and runs its rounds, each a file transaction around pure maths."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.folder import AGGREGATOR, PARTICIPANTS
from fedflex_core.exchange.outbox import Outbox, read_private
from fedflex_core.exchange.protocol import (
    MAX_SET_ASIDE,
    ArmRound,
    BadRecord,
    Payload,
    RoundRecord,
    SetAside,
    UpdateRecord,
)
from fedflex_core.learning.aggregation import RoundSum, UnusableUpdate
from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.home import private_folder
from fedflex_core.study.opened import OpenedStudy, pack_model, unpack_model, unpack_update
from fedflex_core.study.opening import model_name, open_study
from fedflex_core.viewing.catalogue import Catalogue, load_bundled
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, bundled_embeddings

__all__ = ["Aggregator", "AnotherAggregator", "Collected", "NotReady"]

_Arrived = tuple[UpdateRecord, tuple[Update, FloatArray | None]]
"""An update's record, the update and its report."""
_READERS = 2
_READ_AHEAD = 32
"""Updates that are in memory at one time."""


class AnotherAggregator(FedFlexError):
    """The study's rounds are run from somewhere else."""


class NotReady(FedFlexError):
    """No round can be run now; what is missing is said."""


@dataclass(frozen=True)
class Collected:
    """The updates of one arm that lie ready for the next round: their records, and their sum."""

    records: tuple[UpdateRecord, ...]
    summed: RoundSum
    set_aside: tuple[SetAside, ...]


class Aggregator:
    """Runs one study; open it with :meth:`create` or :meth:`open`."""

    def __init__(self, study: OpenedStudy, private: Path) -> None:
        self.study = study
        self._private = private
        self._outbox = Outbox(private / "outbox", study.folder.path, AGGREGATOR)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        design: StudyDesign,
        catalogue: Catalogue | None = None,
        embeddings: CatalogueEmbeddings | None = None,
        home: Path | None = None,
    ) -> Aggregator:
        """Open a new study in the folder ``path`` and write its round 0.

        Args:
            path: An empty or new folder.
            design: The study's parameters.
            catalogue: Its items; the bundled catalogue if not given.
            embeddings: Of these items; the bundled ones if not given.
            home: Another place for the private files.

        Raises:
            NotReady: There is a study in that folder already.
            CannotWrite: The folder cannot be written.
        """
        folder = Path(path)
        if os.path.lexists(folder / AGGREGATOR):
            raise NotReady(
                "There is a study in that folder already, or one that is still arriving.",
                "An empty folder.",
                "Open that study, or choose another folder.",
            )
        items = catalogue or load_bundled()
        texts = embeddings or bundled_embeddings(items)
        private = open_study(folder, design, items, texts, home)
        return cls(OpenedStudy.open(folder), private)

    @classmethod
    def open(cls, path: str | os.PathLike[str], home: Path | None = None) -> Aggregator:
        """Go on with a study that was created on this computer.

        Raises:
            NoStudy: There is no study in that folder.
            AnotherAggregator: Its private files are not on this computer.
        """
        study = OpenedStudy.open(path)
        private = private_folder(study.id, "aggregator", home)
        token = read_private(private / "token")
        if token is None or hashlib.sha256(token).hexdigest() != study.record.aggregator:
            raise AnotherAggregator(
                "This study is run from another computer or by another person.",
                "The private files that were made when the study was opened.",
                "Open it where it was created, or create a study of your own.",
            )
        return cls(study, private)

    def current_round(self) -> RoundRecord:
        """The newest committed round, from the private originals."""
        rounds = self._own_rounds()
        return rounds[max(rounds)]

    def _own_rounds(self) -> dict[int, RoundRecord]:
        records = self._outbox.records()
        return {record.round: record for record in records if isinstance(record, RoundRecord)}

    def collect(self, arm: str) -> Collected:
        """The updates of one arm for the next round, each checked; bad ones with their reasons.

        They stream from the disk through one sum: ten thousand need no more memory than a few.
        """
        current = self.current_round()
        model = self._model(current, arm)
        summed = RoundSum(model, self.study.next_config(current, arm))
        records: dict[str, UpdateRecord] = {}
        set_aside: list[SetAside] = []
        for participant, found in self._arrived(arm, current):
            try:
                if isinstance(found, BadRecord):
                    raise found
                record, (update, report) = found
                if record.update.sha256 in records:
                    raise BadRecord("another participant has sent the very same update")
                summed.add(update, record.weight, report)
            except (BadRecord, UnusableUpdate) as error:
                set_aside.append(SetAside(participant=participant, reason=str(error)[:200]))
            else:
                records[record.update.sha256] = record
        return Collected(tuple(records.values()), summed, tuple(set_aside))

    def _arrived(
        self, arm: str, current: RoundRecord
    ) -> Iterator[tuple[str, _Arrived | BadRecord]]:
        """Who has sent something for the next round, and what it is or what is wrong with it.

        The next few are read while one is added: reading and hashing leave the interpreter alone.
        """
        everybody = self.study.folder.participants()
        with ThreadPoolExecutor(_READERS) as pool:
            for first in range(0, len(everybody), _READ_AHEAD):
                some = everybody[first : first + _READ_AHEAD]
                read = pool.map(lambda one: self._read(one, arm, current), some)
                for participant, found in zip(some, read, strict=True):
                    if found is not None:
                        yield participant, found

    def _read(
        self, participant: str, arm: str, current: RoundRecord
    ) -> _Arrived | BadRecord | None:
        try:
            record = self._update_of(participant, arm, current.round + 1)
            return (record, self._usable(record, participant, current)) if record else None
        except BadRecord as error:
            return error

    def run_round(self) -> RoundRecord:
        """Average what lies ready in every arm and publish the next round, or change nothing.

        Returns:
            The new round's record.

        Raises:
            NotReady: Too few updates, or all rounds are done.
            AnotherAggregator: A round of this study is being run at this moment.
            CannotWrite: The private disk or the shared folder does not take the files. If the round
                was committed before that, the next call publishes the same bytes.
        """
        with self._alone():
            self._refuse_a_strangers_round()
            self._outbox.publish()
            number = self._next_round()
            collected = {arm: self.collect(arm) for arm in self.study.design.arm_names}
            self._enough(collected)
            record, payloads = self._averaged(number, collected)
            self._outbox.commit(record, payloads)
            self._outbox.publish()
            return record

    @property
    def finished(self) -> bool:
        """Whether all rounds of the design are done."""
        return self.current_round().round >= self.study.design.rounds

    def _refuse_a_strangers_round(self) -> None:
        """A round here that was not run here: a second aggregator with a copy of these private files."""
        own = self._own_rounds()
        for record in self.study.folder.records(AGGREGATOR, RoundRecord, self.study.id):
            if own.get(record.round) != record:
                raise AnotherAggregator(
                    f"The study folder holds a round {record.round} that this computer did not run.",
                    "One aggregator for a study.",
                    "Go on where that round was run; here nothing was changed.",
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # The system frees the lock of a process that dies, so a crash never blocks a study.
        lock = FileLock(self._private / "round.lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise AnotherAggregator(
                "A round of this study is being run at this moment.",
                "One aggregator at a time.",
                "Wait until it is done.",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _next_round(self) -> int:
        if self.finished:
            raise NotReady(
                "All rounds of this study are done: its privacy budget is spent.",
                f"At most {self.study.design.rounds} rounds.",
                "Look at the results, or create a new study.",
            )
        return self.current_round().round + 1

    def _update_of(self, participant: str, arm: str, number: int) -> UpdateRecord | None:
        """The one place where this participant's update for a round can lie, and what is there."""
        owner = f"{PARTICIPANTS}/{participant}"
        name = UpdateRecord.name_of(arm, number)
        record = self.study.folder.record(owner, name, self.study.id)
        if record is not None and not isinstance(record, UpdateRecord):
            raise BadRecord("it is another kind of record")
        return record

    def _usable(
        self, record: UpdateRecord, participant: str, current: RoundRecord
    ) -> tuple[Update, FloatArray | None]:
        if record.participant != participant:
            raise BadRecord("it lies in another participant's folder")
        if record.base_model != current.arms[record.arm].model.sha256:
            raise BadRecord("it starts from another model than this round's")
        if record.weight != 1 and self.study.design.weighting == "equal":
            raise BadRecord("it asks for another weight than everybody's")
        owner = f"{PARTICIPANTS}/{participant}"
        return unpack_update(self.study.folder.payload(owner, record.update))

    def _enough(self, collected: dict[str, Collected]) -> None:
        fewest = min(len(arm.summed) for arm in collected.values())
        if fewest < self.study.design.min_updates:
            raise NotReady(
                f"{fewest} usable updates lie ready.",
                f"At least {self.study.design.min_updates} in each arm.",
                "Wait for more participants; nothing was changed.",
            )

    def _averaged(
        self, number: int, collected: dict[str, Collected]
    ) -> tuple[RoundRecord, dict[str, bytes]]:
        current = self.current_round()
        arms: dict[str, ArmRound] = {}
        payloads: dict[str, bytes] = {}
        for arm, ready in collected.items():
            model, diagnostics = ready.summed.close(self._model_before(current, arm))
            content = pack_model(model)
            payload = Payload.of(model_name(number, arm), content)
            payloads[payload.name] = content
            epsilon = self.study.design.epsilon_after(number)
            arms[arm] = ArmRound(
                model=payload,
                updates=tuple(record.update.sha256 for record in ready.records),
                set_aside=ready.set_aside[:MAX_SET_ASIDE],
                diagnostics=diagnostics.figures(),
                epsilon=epsilon if math.isfinite(epsilon) else None,
                group_weights=diagnostics.group_weights,
            )
        return RoundRecord(study=self.study.id, round=number, arms=arms), payloads

    def _model_before(self, record: RoundRecord, arm: str) -> Model | None:
        """The model of the round before ``record``, where there is one and momentum asks for it."""
        if record.round == 0 or not self.study.design.schedule.momentum:
            return None
        return self._model(self._own_rounds()[record.round - 1], arm)

    def _model(self, record: RoundRecord, arm: str) -> Model:
        content = (self._outbox.private / record.arms[arm].model.name).read_bytes()
        return unpack_model(content)
