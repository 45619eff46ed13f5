"""A participant: a history that stays, an update that goes, two lists and clicks.

Everything confirmed is on disk first. The viewing history, the ratings, the corrections and the user
factors lie in the private folder; what the study receives is a noised update, the lists as shown and the
clicks, each a record written once.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.folder import PARTICIPANTS
from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.protocol import (
    ImpressionRecord,
    JoinRecord,
    Payload,
    RoundRecord,
    UpdateRecord,
)
from fedflex_core.learning.contribution import Contribution, contribute
from fedflex_core.learning.factors import Ratings
from fedflex_core.lists.recommend import TwoLists, two_lists
from fedflex_core.study.comparisons import Comparisons, Side
from fedflex_core.study.home import private_folder
from fedflex_core.study.list_b import metadata_of, weight_of_relevance
from fedflex_core.study.opened import OpenedStudy, pack_update
from fedflex_core.study.seat import Seat
from fedflex_core.study.told import Told
from fedflex_core.study.watched import NothingKnown, Watched

__all__ = [
    "BrokenPromise",
    "NotAPart",
    "Participant",
    "Privacy",
    "StudyChanged",
]

Progress = Callable[[str, float], None]


class StudyChanged(FedFlexError):
    """What the participant agreed to is no longer what the study folder says."""


class BrokenPromise(FedFlexError):
    """The study's noise does not keep the privacy that it promises; nothing is shared."""


class NotAPart(FedFlexError):
    """How much may be shared was given as something else than a part of the whole."""


@dataclass(frozen=True)
class Privacy:
    """What one arm has cost a participant, and what is left of the promise."""

    updates: int
    """Updates shared so far."""
    spent: float
    """Epsilon spent; inf without noise."""
    after_next: float
    """Epsilon spent once the next update is shared."""
    promised: float
    """The most that the study may cost; inf without noise."""


class Participant:
    """One seat in a study; take it with :meth:`take_seat`.

    Args:
        study: The opened study.
        private: This participant's private folder.
        rng: Orders the fits' steps; never the noise.
        told: What the person has told of their history; only in this seat if not given.

    Attributes:
        study: The opened study.
        id: The seat's random id.
        watched: The history and what the person said of it.
        comparisons: What was shown here, and what was answered.
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
        self.watched = Watched(study, self._seat, told or Told(private))
        self._rng = rng or np.random.default_rng(secrets.randbits(128))
        owner = f"{PARTICIPANTS}/{self.id}"
        self._outbox = Outbox(private / "outbox", study.folder.path, owner)
        self.comparisons = Comparisons(self._outbox)

    @classmethod
    def take_seat(
        cls,
        path: str | os.PathLike[str],
        home: Path | None = None,
        rng: np.random.Generator | None = None,
    ) -> Participant:
        """Take part in the study in the folder ``path``, or go on where this computer stopped.

        Raises:
            NoStudy: There is no study in that folder, or it has not finished copying.
            StudyChanged: It is not the study that this seat was taken in.
        """
        study = OpenedStudy.open(path)
        taken = cls(study, private_folder(study.id, "participant", home), rng, Told(home))
        if not taken._seat.pins(study.record.to_bytes()):
            raise StudyChanged(
                "The study's description has changed since you joined.",
                "The same rounds, noise and lists that you agreed to.",
                "Nothing was shared. Ask the researcher; a changed study needs a new folder.",
            )
        return taken

    # What is shared.

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
        return current.round + 1 in self._rounds_shared(arm)

    def privacy(self, arm: str) -> Privacy:
        """What this arm has cost so far."""
        design = self.study.design
        shared = self._rounds_shared(arm)
        asked = min(self.study.current_round().round + 1, design.rounds)
        return Privacy(
            updates=len(shared),
            spent=design.epsilon_of(shared),
            after_next=design.epsilon_of(shared | {asked}),
            promised=design.epsilon_after(design.rounds),
        )

    def _rounds_shared(self, arm: str) -> set[int]:
        """Rounds that an update was made for, by the originals and by the copies in the study folder.

        Where the originals were lost the copies still count: another update for such a round would spend
        privacy again.
        """
        copies = self.study.folder.records(
            f"{PARTICIPANTS}/{self.id}", UpdateRecord, self.study.id, self.study.report
        )
        made = (*self._outbox.records(), *copies)
        return {one.round for one in made if isinstance(one, UpdateRecord) and one.arm == arm}

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
            CannotWrite: The shared folder takes no files; what was made is kept and shared later.
        """
        if not self.study.design.keeps_its_promise:
            raise BrokenPromise(
                "The study's noise is smaller than its promised privacy needs.",
                "Noise that keeps the promised epsilon.",
                "Nothing was shared. Tell the researcher.",
            )
        current = self.study.current_round()
        arms = self.study.design.arm_names
        made = 0
        for place, arm in enumerate(arms):
            progress(f"Training {arm.upper()} on this computer", place / (len(arms) + 1))
            made += self._train(arm, current)
        progress("Putting the updates into the study folder", len(arms) / (len(arms) + 1))
        self.publish()
        progress("Done", 1.0)
        return made

    def publish(self) -> None:
        """Put everything made here into the study folder, as far as it is not there."""
        if not (self.study.folder.path / PARTICIPANTS / self.id / "join.json").exists():
            self._outbox.commit(JoinRecord(study=self.study.id, participant=self.id))
        self._outbox.publish()

    def _train(self, arm: str, current: RoundRecord) -> bool:
        """Fit one arm; make the update if this round asks for one. Whether it was newly made."""
        asked = current.round < self.study.design.rounds and not self.has_shared(arm, current)
        if not asked and self._seat.user_factors(arm, current.round) is not None:
            return False
        made = self._fit(arm, current)
        if asked:
            self._commit_update(arm, current, made)
        return asked

    def _fit(self, arm: str, current: RoundRecord) -> Contribution:
        """Fit one arm, keep the user factors, and return what may be sent."""
        made = contribute(
            arm,
            self.study.model(current, arm),
            self._known_ratings(),
            self.study.design.arm_config(arm),
            self.study.next_config(current, arm),
            self._rng,
            shared_part=self.shared_part,
            person=int(self.id, 16),
        )
        self._seat.keep_user_factors(arm, current.round, made.user_factors)
        return made

    def _commit_update(self, arm: str, current: RoundRecord, made: Contribution) -> None:
        content = pack_update(made.update, made.report)
        name = f"updates/{arm}-{current.round + 1:04d}.safetensors"
        record = UpdateRecord(
            study=self.study.id,
            participant=self.id,
            arm=arm,
            round=current.round + 1,
            base_model=current.arms[arm].model.sha256,
            update=Payload.of(name, content),
            weight=self.study.design.weight_of(len(self.watched.ratings)),
        )
        self._outbox.commit(record, {name: content})

    def _known_ratings(self) -> Ratings:
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
            study.model(current, arm).scores(factors),
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
