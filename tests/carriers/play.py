"""A whole study, played by programs that each see only their own computer's copy of it.

Whoever cannot go on now comes back later, as people do. Everything that a person decides follows from their
number, the round and the arm, so that a study plays the same on every carrier that brings its files at last.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS, Carrier, PlainFolder
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.invitation import Invitation
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import ImpressionRecord, UpdateRecord
from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.helper import Helper, Waiting
from fedflex_core.study.home import private_folder
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import Results, study_results
from fedflex_core.study.seat import identity_in
from fedflex_core.study.secure_round import HelperSilent

from .simulated import Faults, SimulatedCarrier
from .small_study import make_study, watched_by

__all__ = ["Careless", "Computers", "MadeStudy", "OneDisk", "Played", "owners", "play"]

_LATER = (NoStudy, NotReady, HelperSilent, Waiting, CannotWrite)
"""What says that somebody has to come back later; anything else is an error of the program."""
_LIST = 5
"""Series in a list."""
_STORMY = 10
"""Ticks of a round in which the carrier does its worst, before it does as well as it can."""
_PATIENCE = 150
"""Ticks after which a round will never be made."""

RESEARCHER, HELPING = "researcher", "helper"


@dataclass(frozen=True)
class MadeStudy:
    """A study that was opened, whose people have their keys; it is copied for each time it is played."""

    place: Path
    id: str
    design: StudyDesign
    people: dict[str, str]
    """Ids of the participants, by the names of their homes."""
    invitations: Sequence[Invitation]

    @classmethod
    def make(cls, place: Path, design: StudyDesign, people: int) -> "MadeStudy":
        """Open it in a new folder."""
        homes = place / "homes"
        aggregator, invitations = make_study(place / "study", homes, design, people)
        study = aggregator.study.id
        names = [f"person-{number:02d}" for number in range(people)]
        keys = {
            name: identity_in(private_folder(study, "participant", homes / name)).public.id
            for name in names
        }
        return cls(place, study, design, keys, invitations)

    def lay_out(self, study: Path, homes: Path) -> None:
        """Copy what there is of it, as if it had been opened in ``study``: that folder, and all homes."""
        shutil.copytree(self.place / "study", study, dirs_exist_ok=True)
        shutil.copytree(self.place / "homes", homes)
        (note,) = homes.glob(f"{RESEARCHER}/studies/*/aggregator/place")
        note.write_text(os.path.realpath(study))


class Computers:
    """Where everybody finds the study; the base of all layouts."""

    def at(self, name: str) -> Carrier:
        """The study as one computer has it, for a program that starts anew."""
        raise NotImplementedError

    def later(self, calm: bool) -> None:
        """Let some time pass."""

    def settle(self, between: Callable[[], None]) -> None:
        """Let time pass until everything is everywhere."""
        between()


class OneDisk(Computers):
    """All on one disk: everybody sees everything at once."""

    def __init__(self, made: MadeStudy, place: Path) -> None:
        made.lay_out(place / "study", place / "homes")
        self._study = place / "study"

    def at(self, name: str) -> Carrier:
        return PlainFolder(self._study)


class Careless(Computers):
    """Every computer with its own copy, and a carrier between them that does its worst."""

    def __init__(self, made: MadeStudy, place: Path, faults: Faults, seed: int) -> None:
        self.carrier = SimulatedCarrier(place / "sites", faults, seed)
        for name, owner in owners(made).items():
            self.carrier.site(name, [owner])
        made.lay_out(place / "sites" / RESEARCHER, place / "homes")

    def at(self, name: str) -> Carrier:
        return PlainFolder(self.carrier.root / name)

    def later(self, calm: bool) -> None:
        self.carrier.tick(faults=Faults.none() if calm else None)

    def settle(self, between: Callable[[], None]) -> None:
        self.carrier.settle(between=between)


def owners(made: MadeStudy) -> dict[str, str]:
    """Who writes which folder, by the names of the computers."""
    parties = {RESEARCHER: AGGREGATOR}
    if made.design.privacy.mode == "distributed":
        parties[HELPING] = HELPER
    return parties | {name: f"{PARTICIPANTS}/{number}" for name, number in made.people.items()}


@dataclass(frozen=True)
class Played:
    """What a study came to.

    Attributes:
        models: The bytes of every model that was published, by the path below the researcher's folder.
        averaged: The hash of each update that a round was made of, by round, arm and participant.
        sent: The hash of each update that its participant has made.
        set_aside: How many updates were kept out of a round.
        results: What the clicks say, word for word.
        comparisons: How many comparisons are in them.
        left: How many were shown, and are in no figure.
        counted: How many clicks are in them.
        clicks: How many clicks were confirmed and not taken back.
    """

    models: dict[str, bytes]
    averaged: dict[tuple[int, str, str], str]
    sent: dict[tuple[int, str, str], str]
    set_aside: int
    results: dict[str, object]
    comparisons: int
    left: int
    counted: int
    clicks: int


def play(made: MadeStudy, computers: Computers, homes: Path, seed: int) -> Played:
    """Play all rounds, each as soon as everybody's update is in, and let everything arrive.

    Args:
        made: The study; its design must ask for an update of everybody.
        computers: Where it was laid out.
        homes: Everybody's private files.
        seed: Who comes when.
    """
    people = [
        _Person(
            lambda name=name: computers.at(name), homes / name, number, made.invitations[number]
        )
        for number, name in enumerate(made.people)
    ]
    researcher = _Researcher(lambda: computers.at(RESEARCHER), homes / RESEARCHER)
    helper = _Helper(lambda: computers.at(HELPING), homes / HELPING)
    rng = np.random.default_rng(seed)

    def somebody_comes(round_before: int) -> None:
        """Who is through with the round only puts back what the carrier lost."""
        for person in people:
            through = person.is_through(round_before)
            if rng.random() < (0.3 if through else 0.4):
                person.put_back() if through else person.come()
        if HELPING in owners(made):
            helper.come()

    for number in range(1, made.design.rounds + 1):
        researcher.start_anew()
        for waited in range(_PATIENCE):
            somebody_comes(number - 1)
            if researcher.has_run(number):
                break
            computers.later(calm=waited >= _STORMY)
        else:
            raise AssertionError(f"round {number} was never made")
    while not all(person.is_through(made.design.rounds) for person in people):
        somebody_comes(made.design.rounds)
        computers.later(calm=True)

    def everybody_puts_back() -> None:
        for person in people:
            person.put_back()
        if HELPING in owners(made):
            helper.come()
        researcher.put_back()

    computers.settle(everybody_puts_back)
    return _played(made, computers, people, researcher.aggregator)


class _Person:
    """A participant who comes now and then, and does whatever can be done."""

    def __init__(
        self, at: Callable[[], Carrier], home: Path, number: int, invitation: Invitation
    ) -> None:
        self._at, self._home, self._number, self._invitation = at, home, number, invitation
        self._seat: Participant | None = None
        self._round = -1
        self._through = -1
        self.clicks = 0

    @property
    def seat(self) -> Participant:
        assert self._seat is not None
        return self._seat

    def come(self) -> None:
        with suppress(*_LATER):
            self._open_the_page()
            if self.seat.study.current_round().round < self._round:
                return  # a file of a round that was seen has gone: another day
            self.seat.train_and_share()
            if self._answer():
                self._through = self._round
            self.seat.publish()

    def put_back(self) -> None:
        with suppress(*_LATER):
            self.seat.publish()

    def is_through(self, number: int) -> bool:
        """Whether nothing is left to be done before the round after ``number``."""
        return self._through >= number

    def _open_the_page(self) -> None:
        """Anew for each round."""
        seat = self._seat
        if seat is None or seat.study.current_round().round > self._round:
            rng = np.random.default_rng(self._number)
            seat = Participant.take_seat(self._at(), self._home, rng, self._invitation)
            if seat.watched.viewings is None:
                seat.watched.load(watched_by(self._number))
            self._seat, self._round = seat, seat.study.current_round().round

    def _answer(self) -> bool:
        """Finish what was begun in an earlier round, and one arm of this one; whether all is answered."""
        while self._round > 0:
            visit = self.seat.visit()
            for arm in self.seat.study.design.arm_names:
                shown = self.seat.show(arm, visit)
                if not self._is_done(shown):
                    self._click(shown)
                    break
            else:
                return True
            if visit.round == self._round:
                return False
        return True

    def _is_done(self, shown: ImpressionRecord) -> bool:
        return self.seat.comparisons.answers(shown).done

    def _click(self, shown: ImpressionRecord) -> None:
        seat = self.seat
        arm = seat.study.design.arm_names.index(shown.arm)
        rng = np.random.default_rng([self._number, shown.round, arm])
        places = [(side, rank) for side in ("A", "B") for rank in range(1, _LIST + 1)]
        for side, rank in places:
            if rng.random() < 0.2:
                seat.comparisons.click(shown, side, rank)
                if rng.random() < 0.2:  # taken back
                    seat.comparisons.click(shown, side, rank, selected=False)
        clicks = len(seat.comparisons.answers(shown).clicks)
        seat.comparisons.finish(shown, none=clicks == 0)
        self.clicks += clicks


class _Researcher:
    def __init__(self, at: Callable[[], Carrier], home: Path) -> None:
        self._at, self._home = at, home
        self.aggregator = Aggregator.open(at(), home)

    def start_anew(self) -> None:
        """What the carrier has taken from the study's own writer is put back, its description, too."""
        self.aggregator = Aggregator.open(self._at(), self._home)

    def has_run(self, number: int) -> bool:
        with suppress(*_LATER):
            return self.aggregator.run_round().round == number
        return False

    def put_back(self) -> None:
        with suppress(*_LATER):
            self.aggregator.withdrawals.settle()
            self.aggregator.publish()


class _Helper:
    def __init__(self, at: Callable[[], Carrier], home: Path) -> None:
        self._at, self._home = at, home

    def come(self) -> None:
        with suppress(*_LATER):
            Helper.open(self._at(), self._home).answer()


def _played(
    made: MadeStudy, computers: Computers, people: list[_Person], aggregator: Aggregator
) -> Played:
    (folder,) = computers.at(RESEARCHER).places(AGGREGATOR)
    rounds = aggregator.study.rounds()[1:]
    results = study_results(aggregator)
    rows = [row for arm in results.arms.values() for row in arm.values()]
    return Played(
        models={
            payload.name: (folder / payload.name).read_bytes()
            for one in aggregator.study.rounds()
            for payload in one.payloads()
        },
        averaged={
            (one.round, arm, participant): update
            for one in rounds
            for arm, average in one.arms.items()
            for participant, update in average.updates.items()
        },
        sent={
            (one.round, one.arm, person.seat.id): one.update.sha256
            for person in people
            for one in _made_by(person.seat)
        },
        set_aside=sum(len(arm.set_aside) for one in rounds for arm in one.arms.values()),
        results=_in_words(results),
        comparisons=results.comparisons,
        left=results.left,
        counted=round(sum(_LIST * row.shown_lists * row.ctr for row in rows)),
        clicks=sum(person.clicks for person in people),
    )


def _made_by(seat: Participant) -> list[UpdateRecord]:
    return [one for one in seat._outbox.records() if isinstance(one, UpdateRecord)]


def _in_words(results: Results) -> dict[str, object]:
    """Everything but what lay about; as text, since nothing equals a figure that is none."""
    names = ("arms", "participants", "comparisons", "left", "erased", "genres")
    return {name: repr(getattr(results, name)) for name in names}
