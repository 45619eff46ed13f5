"""A participant: a history that stays, an update that goes, two lists and clicks.

Everything confirmed is on disk first. The viewing history, the ratings, the corrections and the user
factors lie in the private folder; what the study receives is a noised update, the lists as shown and the
clicks, each a record written once, signed, and sealed to who is to read it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import HELPER, PARTICIPANTS, Carrier
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.invitation import Invitation
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import ImpressionRecord, JoinRecord
from fedflex_core.exchange.public_records import HelperRecord, RoundRecord
from fedflex_core.exchange.record import BadRecord
from fedflex_core.learning.contribution import Contribution, contribute
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.lists.recommend import TwoLists, two_lists
from fedflex_core.study.comparisons import Comparisons, Side
from fedflex_core.study.home import private_folder
from fedflex_core.study.leaving import HasLeft, Leaving
from fedflex_core.study.ledger import Ledger, Privacy
from fedflex_core.study.list_b import metadata_of, weight_of_relevance
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.seat import Seat
from fedflex_core.study.sending import Sending
from fedflex_core.study.told import Told
from fedflex_core.study.watched import NothingKnown, Watched

__all__ = [
    "BrokenPromise",
    "NotAPart",
    "Participant",
    "StudyChanged",
]

Progress = Callable[[str, float], None]


class StudyChanged(FedFlexError):
    """What the participant agreed to is no longer what the study folder says."""


class BrokenPromise(FedFlexError):
    """The study's noise does not keep the privacy that it promises; nothing is shared."""


class NotAPart(FedFlexError):
    """How much may be shared was given as something else than a part of the whole."""


class Participant:
    """One seat in a study; take it with :meth:`take_seat`.

    Args:
        study: The opened study.
        private: This participant's private folder.
        rng: Orders the fits' steps; never the noise.
        told: What the person has told of their history; only in this seat if not given.

    Attributes:
        study: The opened study.
        id: The seat's number, a hash of its keys.
        watched: The history and what the person said of it.
        comparisons: What was shown here, and what was answered.
        ledger: What all updates made here have cost.
        leaving: The way out, and what the aggregator has confirmed of it.
    """

    def __init__(
        self,
        study: OpenedStudy,
        private: Path,
        rng: np.random.Generator | None = None,
        told: Told | None = None,
    ) -> None:
        self.study = study
        self._seat = Seat(private)
        self.id = self._seat.id
        told = told or Told(private)
        self.watched = Watched(study, self._seat, told)
        self._rng = rng or np.random.default_rng(secrets.randbits(128))
        self._outbox = Outbox(
            private / "outbox",
            study.folder.carrier,
            f"{PARTICIPANTS}/{self.id}",
            self._seat.identity,
            study.readers,
        )
        self.ledger = Ledger(private / "ledger.json", study.design)
        self._sending = Sending(study, self._seat.identity, self._outbox, self.ledger)
        self.comparisons = Comparisons(self._outbox, self._seat.identity.public)
        self.leaving = Leaving(study, self._seat, self._outbox, told)

    @classmethod
    def take_seat(
        cls,
        at: Carrier | str | os.PathLike[str],
        home: Path | None = None,
        rng: np.random.Generator | None = None,
        invitation: Invitation | None = None,
    ) -> Participant:
        """Take part in the study in the folder ``at``, or go on where this computer stopped.

        Args:
            at: The study folder, or what carries it.
            home: Another place for the private files.
            rng: Orders the fits' steps; never the noise.
            invitation: What the researcher sent; the study must be the one it is for.

        Raises:
            NoStudy: There is no study in that folder, or it has not finished copying.
            WrongStudy: It is not the one that the invitation is for.
            StudyChanged: It is not the study that this seat was taken in.
        """
        study = OpenedStudy.open(at)
        if invitation is not None:
            invitation.check(study.record)
        taken = cls(study, private_folder(study.id, "participant", home), rng, Told(home))
        if not taken._seat.pins(study.record.to_bytes()):
            raise StudyChanged(
                "The study's description has changed since you joined.",
                "The same rounds, noise and lists that you agreed to.",
                "Nothing was shared. Ask the researcher; a changed study needs a new folder.",
            )
        if invitation is not None and invitation.token is not None:
            taken._seat.token = invitation.token
        if taken.leaving.state is not None:
            taken.publish()  # an erasing that was cut short is finished first
        taken._sending.restore()
        return taken

    # What is shared.

    @property
    def has_joined(self) -> bool:
        """Whether anything was made here that the study is to receive."""
        return any(isinstance(record, JoinRecord) for record in self._outbox.records())

    @property
    def needs_invitation(self) -> bool:
        """Whether this study lets in only who has an invitation, and none was shown here."""
        return self.study.design.joining == "token" and self._seat.token is None

    @property
    def shared_part(self) -> float:
        """The person's own dial: how much of what they watched may move the model, 0 to 1.

        It is kept in the private folder and stands in no record. An update that was made stays as it is.
        """
        return self._seat.shared_part

    @shared_part.setter
    def shared_part(self, part: float) -> None:
        if not 0 <= part <= 1:
            raise NotAPart(
                "How much may be shared was not given as a part of the whole.",
                "A number from 0, nothing, to 1, everything.",
                "Choose one between them; nothing was changed.",
            )
        self._seat.shared_part = float(part)

    def has_shared(self, arm: str, current: RoundRecord) -> bool:
        """Whether this participant's update for the round after ``current`` is on its way."""
        return current.round + 1 in self._sending.rounds(arm)

    def privacy(self, arm: str) -> Privacy:
        """What this arm has cost so far."""
        asked = min(self.study.current_round().round + 1, self.study.design.rounds)
        return self.ledger.privacy(arm, asked)

    def train_and_share(self, progress: Progress = lambda _what, _share: None) -> int:
        """Fine-tune every arm on the ratings and share the updates that this round asks for.

        An update is made once a round: it is kept before it is shared, and a second call shares the
        same bytes, since new noise on the same data would cost privacy again.

        Args:
            progress: Called with what is being done and the share done, 0 to 1.

        Returns:
            How many updates were newly made.

        Raises:
            NothingKnown: No history was loaded.
            BrokenPromise: The study's noise is too small for what it promises.
            CapReached: The updates would cost more than the person's own cap; nothing was shared.
            HasLeft: The person has left the study.
            CannotWrite: The shared folder takes no files; what was made is kept and shared later.
        """
        self._may_share()
        current = self.study.current_round()
        arms = self.study.design.arm_names
        if any(self._is_asked(arm, current) for arm in arms):
            self.ledger.refuse_above_cap(current.round + 1)
        made = 0
        for place, arm in enumerate(arms):
            progress(f"Training {arm.upper()} on this computer", place / (len(arms) + 1))
            made += self._train(arm, current)
        progress("Putting the updates into the study folder", len(arms) / (len(arms) + 1))
        self.publish()
        progress("Done", 1.0)
        return made

    def publish(self) -> None:
        """Put everything made here into the study folder, as far as it is not there.

        Raises:
            CannotWrite: The folder does not take it; the next call goes on.
        """
        self._let_helper_read()
        if self.leaving.state is not None:
            self.leaving.go_on()  # what is to be erased is not put back
            return
        self._outbox.commit(
            JoinRecord(
                study=self.study.id,
                participant=self.id,
                keys=self._seat.identity.public,
                token=self._seat.token,
            )
        )
        self._outbox.publish()

    def _let_helper_read(self) -> None:
        """Name the helper to a carrier that asks who may read, once the helper has said where it is."""
        study = self.study
        if study.record.helper is None:
            return
        signed = study.folder.published(HELPER, HelperRecord, study.id, study.record.helper)
        datasites = {record.datasite for record in signed}
        carrier = study.folder.carrier
        for place in carrier.places(HELPER):
            if carrier.datasite_of(place) in datasites:
                carrier.trust_helper(place)

    def _may_share(self) -> None:
        if self.leaving.state is not None:
            raise HasLeft(
                "You have left this study.",
                "A participant who takes part.",
                "Nothing was shared. To take part again, ask the researcher.",
            )
        if not self.study.design.keeps_its_promise:
            raise BrokenPromise(
                "The study's noise is smaller than its promised privacy needs.",
                "Noise that keeps the promised epsilon.",
                "Nothing was shared. Tell the researcher.",
            )

    def _is_asked(self, arm: str, current: RoundRecord) -> bool:
        """Whether the study still waits for an update of this arm."""
        return current.round < self.study.design.rounds and not self.has_shared(arm, current)

    def _train(self, arm: str, current: RoundRecord) -> bool:
        """Fit one arm; make the update if this round asks for one. Whether it was newly made."""
        asked = self._is_asked(arm, current)
        if not asked and self._seat.user_factors(arm, current.round) is not None:
            return False
        made = self._fit(arm, current)
        if asked:
            weight = self.study.design.weight_of(len(self.watched.ratings))
            self._sending.commit(arm, current, made, weight)
        return asked

    def _fit(self, arm: str, current: RoundRecord) -> Contribution:
        """Fit one arm, keep the user factors, and return what may be sent."""
        made = self.contribution(arm, current)
        self._seat.keep_user_factors(arm, current.round, made.user_factors)
        return made

    def contribution(self, arm: str, current: RoundRecord) -> Contribution:
        """What this person would make for the round after ``current``; nothing is kept or sent."""
        return contribute(
            arm,
            self._model(arm, current),
            self.known_ratings(),
            self.study.design.arm_config(arm),
            self.study.next_config(current, arm),
            self._rng,
            shared_part=self.shared_part,
            person=int(self.id, 16),
        )

    def _model(self, arm: str, current: RoundRecord) -> Model:
        """A round's global model; of an older round it may have gone, and comes back."""
        try:
            return self.study.model(current, arm)
        except BadRecord as error:
            raise NoStudy(
                f"The model of round {current.round} cannot be used yet: {error}.",
                "A study folder with the models of the round that you are in.",
                "Wait until your sync program is done, then try again; nothing is lost.",
            ) from None

    def known_ratings(self) -> Ratings:
        """The stars that the model may learn from.

        Raises:
            NothingKnown: There are none.
        """
        table = self.watched.ratings
        if table.empty:
            raise NothingKnown(
                "There is no series that the model may learn from.",
                "A history with at least one series of the catalogue that is not left out.",
                "Load your viewing history, or tick a series again.",
            )
        return Ratings(table["item"].to_numpy(np.int64), table["stars"].to_numpy(np.float32))

    # What is recommended.

    def visit(self) -> RoundRecord:
        """The round that this participant is in: the newest, or an older one still being compared.

        A round that the researcher runs meanwhile waits until the comparisons begun are answered.
        """
        rounds = {record.round: record for record in self.study.rounds()}
        current = self.study.current_round()
        for number in sorted(rounds, reverse=True):
            begun = self.comparisons.shown(number)
            if begun:
                finished = sum(self.comparisons.answers(shown).done for shown in begun)
                return rounds[number] if finished < len(self.study.design.arm_names) else current
        return current

    def lists(self, arm: str, current: RoundRecord | None = None) -> TwoLists:
        """List A and list B on the newest global model, computed afresh and not recorded."""
        current = current or self.study.current_round()
        factors = self._seat.user_factors(arm, current.round)
        if factors is None:
            self._fit(arm, current)
            factors = self._seat.user_factors(arm, current.round)
        assert factors is not None
        study, config = self.study, self.study.design.lists
        watched = self.watched.review()
        used = watched[watched["used"]]
        return two_lists(
            self._model(arm, current).scores(factors),
            study.embeddings.title,
            watched["item"].tolist(),
            config,
            metadata=metadata_of(study.catalogue, study.embeddings),
            watched_stars=dict(zip(used["item"], used["stars"], strict=True)),
            lambda_=weight_of_relevance(config, self.comparisons, current.round),
        )

    def show(self, arm: str, current: RoundRecord | None = None) -> ImpressionRecord:
        """The two lists of this arm and round as shown: computed and recorded once, then read back."""
        current = current or self.study.current_round()
        known = [shown for shown in self.comparisons.shown(current.round) if shown.arm == arm]
        return known[0] if known else self.comparisons.begin(self._impression(arm, current))

    def _impression(self, arm: str, current: RoundRecord) -> ImpressionRecord:
        ids = self.study.catalogue.items["item_id"]
        lists = self.lists(arm, current)
        return ImpressionRecord(
            study=self.study.id,
            participant=self.id,
            keys=self._seat.identity.public,
            arm=arm,
            round=current.round,
            lists={
                "A": tuple(str(ids.iloc[item]) for item in lists.a),
                "B": tuple(str(ids.iloc[item]) for item in lists.b),
            },
            first=self._first_side(arm, current),
        )

    def _first_side(self, arm: str, current: RoundRecord) -> Side:
        """Which list is List 1: a coin once for each seat, then in turn over arms and rounds.

        A preference for a side would otherwise look like a preference for a list.
        """
        visit = self.study.design.arm_names.index(arm) + current.round
        return "A" if (int(self.id[-1], 16) + visit) % 2 == 0 else "B"
