"""The aggregator: opens a study and runs its rounds, each a file transaction around pure maths."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import Timeout

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import AGGREGATOR, Carrier, PlainFolder
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.outbox import Outbox, alone, read_private
from fedflex_core.exchange.public_records import (
    MAX_SET_ASIDE,
    ArmRound,
    CallRecord,
    RoundRecord,
    SetAside,
)
from fedflex_core.exchange.record import Payload
from fedflex_core.learning.aggregation import RoundSum
from fedflex_core.learning.factors import Model
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.admission import Admission
from fedflex_core.study.collecting import Collected, Collector
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.home import private_folder
from fedflex_core.study.opened import OpenedStudy, pack_model, unpack_model
from fedflex_core.study.opening import model_name, open_study, put_back
from fedflex_core.study.secure_round import SecureRound
from fedflex_core.study.withdrawals import Withdrawals
from fedflex_core.viewing.catalogue import Catalogue, load_bundled
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, bundled_embeddings

__all__ = ["Aggregator", "AnotherAggregator", "NotReady"]


class AnotherAggregator(FedFlexError):
    """The study's rounds are run from somewhere else."""


class NotReady(FedFlexError):
    """No round can be run now; what is missing is said."""


@dataclass(frozen=True)
class _Ready:
    """What one arm's round is made of."""

    summed: RoundSum
    updates: dict[str, str]
    set_aside: tuple[SetAside, ...]
    spoilt: str | None = None


class Aggregator:
    """Runs one study; open it with :meth:`create` or :meth:`open`.

    Attributes:
        study: The opened study.
        admission: Who may take part.
        withdrawals: Who has left.
    """

    def __init__(self, study: OpenedStudy, private: Path, identity: Identity) -> None:
        self.study = study
        self.identity = identity
        self._private = private
        self._outbox = Outbox(private / "outbox", study.folder.carrier, AGGREGATOR, identity)
        self.admission = Admission(study, private, identity)
        self.withdrawals = Withdrawals(study, self._outbox, identity)

    @classmethod
    def create(
        cls,
        at: Carrier | str | os.PathLike[str],
        design: StudyDesign,
        catalogue: Catalogue | None = None,
        embeddings: CatalogueEmbeddings | None = None,
        home: Path | None = None,
        helper: PublicKeys | None = None,
    ) -> Aggregator:
        """Open a new study in the folder ``at`` and write its round 0.

        Args:
            at: An empty or new folder, or what carries it.
            design: The study's parameters.
            catalogue: Its items; the bundled catalogue if not given.
            embeddings: Of these items; the bundled ones if not given.
            home: Another place for the private files.
            helper: Who sums the other half of the updates, in distributed mode.

        Raises:
            NotReady: There is a study in that folder already.
            CannotWrite: The folder cannot be written.
            NoHelper: Distributed mode without a helper, or a helper without it.
        """
        carrier = at if isinstance(at, Carrier) else PlainFolder(at)
        if any(os.path.lexists(place) for place in carrier.places(AGGREGATOR)):
            raise NotReady(
                "There is a study in that folder already, or one that is still arriving.",
                "An empty folder.",
                "Open that study, or choose another folder.",
            )
        items = catalogue or load_bundled()
        texts = embeddings or bundled_embeddings(items)
        open_study(carrier, design, items, texts, home, helper)
        return cls.open(carrier, home)

    @classmethod
    def open(cls, at: Carrier | str | os.PathLike[str], home: Path | None = None) -> Aggregator:
        """Go on with a study that was created on this computer, also where that was cut short.

        Raises:
            NoStudy: There is no study in that folder.
            CannotWrite: What is missing of it there cannot be put back.
            AnotherAggregator: Its private files are not on this computer.
        """
        carrier = at if isinstance(at, Carrier) else PlainFolder(at)
        try:
            study = OpenedStudy.open(carrier)
        except NoStudy:
            if not put_back(carrier, home):
                raise
            study = OpenedStudy.open(carrier)
        private = private_folder(study.id, "aggregator", home)
        stored = read_private(private / "keys.json")
        try:
            identity = Identity.from_bytes(stored or b"")
        except ValueError:
            identity = None
        if identity is None or identity.public != study.record.aggregator:
            raise AnotherAggregator(
                "This study is run from another computer or by another person.",
                "The private files that were made when the study was opened.",
                "Open it where it was created, or create a study of your own.",
            )
        return cls(study, private, identity)

    @property
    def is_distributed(self) -> bool:
        """Whether updates come in halves, and a helper sums the other ones."""
        return self.study.design.privacy.mode is Mode.DISTRIBUTED

    def current_round(self) -> RoundRecord:
        """The newest committed round, from the private originals."""
        rounds = self._own_rounds()
        return rounds[max(rounds)]

    @property
    def finished(self) -> bool:
        """Whether all rounds of the design are done."""
        return self.current_round().round >= self.study.design.rounds

    def _own_rounds(self) -> dict[int, RoundRecord]:
        records = self._outbox.records()
        return {record.round: record for record in records if isinstance(record, RoundRecord)}

    # What lies ready.

    def collect(self, arm: str) -> Collected:
        """The updates of one arm for the next round, each checked; bad ones with their reasons."""
        current = self.current_round()
        model, collector = self._model(current, arm), self._collector(current)
        if self.is_distributed:
            return collector.halves(arm, model, lambda _record, _content: None)
        return collector.updates(arm, model)

    def _collector(self, current: RoundRecord) -> Collector:
        before: dict[str, dict[str, set[int]]] = {arm: {} for arm in self.study.design.arm_names}
        for number, record in self._own_rounds().items():
            for arm, made in record.arms.items():
                for participant in made.updates:
                    before[arm].setdefault(participant, set()).add(number)
        left = self.withdrawals.left

        def refusal(participant: str) -> str | None:
            if participant in left:
                return "it has left the study"
            return self.admission.refusal(participant)

        return Collector(self.study, self.identity, current, before, refusal)

    # A round.

    @property
    def called(self) -> bool:
        """Whether the helper has been asked for its half of the next round's sum."""
        return self.is_distributed and self._secure_round().call is not None

    def publish(self) -> None:
        """Put everything made here into the study folder, as far as it is not there.

        Raises:
            CannotWrite: The shared folder does not take the files; the next call goes on.
        """
        self._outbox.publish()

    def ask_helper(self) -> CallRecord:
        """Fix whose updates are summed in the next round, and ask the helper for its half of the sum.

        Returns:
            The call; the one there is, if the helper was asked before.

        Raises:
            NotReady: Too few updates, or all rounds are done.
            AnotherAggregator: A round of this study is being run at this moment.
            CannotWrite: The private disk or the shared folder does not take the files.
        """
        with self._alone():
            self._refuse_a_strangers_round()
            self.withdrawals.settle()
            self.publish()
            self._next_round()
            return self._call()

    def run_round(self) -> RoundRecord:
        """Average what lies ready in every arm and publish the next round, or change nothing.

        In distributed mode the helper is asked, if it was not, and the round is made of its answer.

        Returns:
            The new round's record.

        Raises:
            NotReady: Too few updates, or all rounds are done.
            HelperSilent: The helper has not answered yet.
            AnotherAggregator: A round of this study is being run at this moment.
            CannotWrite: The private disk or the shared folder does not take the files. If the round
                was committed before that, the next call publishes the same bytes.
        """
        with self._alone():
            self._refuse_a_strangers_round()
            self.withdrawals.settle()
            self.publish()
            number = self._next_round()
            ready = self._summed() if self.is_distributed else self._collected()
            record, payloads = self._averaged(number, ready)
            self._outbox.commit(record, payloads)
            if self.is_distributed:
                self._secure_round().forget()
            self._outbox.publish()
            return record

    def _collected(self) -> dict[str, _Ready]:
        found = {arm: self.collect(arm) for arm in self.study.design.arm_names}
        self._enough(found)
        return {
            arm: _Ready(
                one.summed,
                {participant: record.update.sha256 for participant, record in one.records.items()},
                one.named,
            )
            for arm, one in found.items()
        }

    def _summed(self) -> dict[str, _Ready]:
        secure, call = self._secure_round(), self._call()
        answer = secure.answer(call)
        ready = {}
        for arm, called in call.arms.items():
            made = secure.sum(arm, call, answer)
            updates = {
                one.participant: one.update for one in called if one.participant in made.people
            }
            aside = made.set_aside[:MAX_SET_ASIDE]
            ready[arm] = _Ready(made.summed, updates, aside, made.spoilt)
        return ready

    def _call(self) -> CallRecord:
        secure = self._secure_round()
        if secure.call is None:
            secure.forget()  # what a crash has left of another round
            found = secure.gather(self._collector(self.current_round()))
            self._enough(found)
            secure.commit_call(found)
            self._outbox.publish()
        call = secure.call
        assert call is not None
        return call

    def _secure_round(self) -> SecureRound:
        current = self.current_round()
        model = partial(self._model, current)
        return SecureRound(self.study, self._outbox, self._private, current, model)

    def _refuse_a_strangers_round(self) -> None:
        """A round here that was not run here: a second aggregator with a copy of these private files."""
        own = self._own_rounds()
        for record in self.study.folder.published(
            AGGREGATOR, RoundRecord, self.study.id, self.identity.public
        ):
            if own.get(record.round) != record:
                raise AnotherAggregator(
                    f"The study folder holds a round {record.round} that this computer did not run.",
                    "One aggregator for a study.",
                    "Go on where that round was run; here nothing was changed.",
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(alone(self._private / "round.lock", wait=False))
            except Timeout:
                raise AnotherAggregator(
                    "A round of this study is being run at this moment.",
                    "One aggregator at a time.",
                    "Wait until it is done.",
                ) from None
            yield

    def _next_round(self) -> int:
        if self.finished:
            raise NotReady(
                "All rounds of this study are done: its privacy budget is spent.",
                f"At most {self.study.design.rounds} rounds.",
                "Look at the results, or create a new study.",
            )
        return self.current_round().round + 1

    def _enough(self, collected: Mapping[str, Collected]) -> None:
        fewest = min(len(arm) for arm in collected.values())
        if fewest < self.study.design.min_updates:
            raise NotReady(
                f"{fewest} usable updates lie ready.",
                f"At least {self.study.design.min_updates} in each arm.",
                "Wait for more participants; nothing was changed.",
            )

    def _averaged(
        self, number: int, ready: Mapping[str, _Ready]
    ) -> tuple[RoundRecord, dict[str, bytes]]:
        arms: dict[str, ArmRound] = {}
        payloads: dict[str, bytes] = {}
        for arm, one in ready.items():
            made, content = self._arm_round(number, arm, one)
            arms[arm], payloads[made.model.name] = made, content
        return RoundRecord(study=self.study.id, round=number, arms=arms), payloads

    def _arm_round(self, number: int, arm: str, ready: _Ready) -> tuple[ArmRound, bytes]:
        current = self.current_round()
        figures: dict[str, float] = {"updates": 0.0, "trust": 0.0, "spoilt": 1.0}
        weights, model = current.arms[arm].group_weights, self._model(current, arm)
        if ready.spoilt is None:
            model, diagnostics = ready.summed.close(self._model_before(current, arm))
            figures, weights = diagnostics.figures(), diagnostics.group_weights
        content = pack_model(model)
        epsilon = self.study.design.epsilon_after(number)
        made = ArmRound(
            model=Payload.of(model_name(number, arm), content),
            updates=ready.updates,
            set_aside=ready.set_aside,
            diagnostics=figures,
            epsilon=epsilon if math.isfinite(epsilon) else None,
            group_weights=weights,
        )
        return made, content

    def _model_before(self, record: RoundRecord, arm: str) -> Model | None:
        """The model of the round before ``record``, where there is one and momentum asks for it."""
        if record.round == 0 or not self.study.design.schedule.momentum:
            return None
        return self._model(self._own_rounds()[record.round - 1], arm)

    def _model(self, record: RoundRecord, arm: str) -> Model:
        content = (self._outbox.private / record.arms[arm].model.name).read_bytes()
        return unpack_model(content)
