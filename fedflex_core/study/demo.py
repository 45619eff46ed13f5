"""A study to try: made-up people in all seats but one, which is yours."""

from __future__ import annotations

import contextlib
import math
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.record import BadRecord
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.helper import Helper, Waiting, helper_keys
from fedflex_core.study.home import home_folder
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results
from fedflex_core.study.simulation import (
    MadeUpPerson,
    answer,
    make_people,
    play_rounds,
    seat_people,
)

__all__ = ["Demo", "demo_design", "keep_playing", "make_demo", "play_headless", "waiting_demo"]

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Demo:
    """A study with made-up people seated.

    Attributes:
        study: The study folder.
        home: The private home of whoever takes the empty seat, and of the aggregator.
        aggregator: Runs its rounds.
        seats: The made-up people, their histories loaded.
        helper: Sums the other half of the updates, where noise is added in shares. Here it sits on the
            same computer, which protects nobody: it only shows how it goes.
    """

    study: Path
    home: Path
    aggregator: Aggregator
    seats: list[tuple[Participant, MadeUpPerson]]
    helper: Helper | None = None


def demo_design(rounds: int, privacy: PrivacyDesign | None = None) -> StudyDesign:
    """The design of a demo study."""
    promised = privacy or PrivacyDesign()
    fewest = 2 if promised.mode is Mode.DISTRIBUTED else 1
    return StudyDesign(name="FedFlex demo", rounds=rounds, privacy=promised, min_updates=fewest)


def make_demo(participants: int, design: StudyDesign, seed: int, place: Path | None = None) -> Demo:
    """Open a study in a new folder and seat made-up people.

    Args:
        participants: How many made-up people, >= 0.
        design: The study's parameters.
        seed: Makes the people; the privacy noise never follows it.
        place: Where all of its files go; a new folder in the private home if not given.
    """
    place = place or home_folder() / "demo" / secrets.token_hex(4)
    rng = np.random.default_rng(seed)
    with_helper = design.privacy.mode is Mode.DISTRIBUTED
    keys = helper_keys(place / "helper") if with_helper else None
    aggregator = Aggregator.create(place / "study", design, home=place / "home", helper=keys)
    helper = Helper.open(place / "study", place / "helper") if with_helper else None
    people = make_people(aggregator.study.catalogue, participants, rng)
    seats = seat_people(place / "study", place / "people", people, rng)
    return Demo(place / "study", place / "home", aggregator, seats, helper)


def waiting_demo(privacy: PrivacyDesign | None = None) -> Demo:
    """A small demo whose made-up people have shared their updates: what a page shows without a study."""
    demo = make_demo(8, demo_design(rounds=2, privacy=privacy), seed=1)
    for participant, _ in demo.seats:
        participant.train_and_share()
    return demo


def play_headless(
    demo: Demo,
    history: bytes | None,
    rng: np.random.Generator,
    progress: Progress,
    profile: str | None = None,
) -> dict[str, Any]:
    """Play all rounds without a browser.

    Args:
        demo: The study and its made-up people.
        history: An export to seat beside them; its owner's clicks are not made up.
        rng: Decides the made-up clicks.
        progress: Called with what is being done and the share done, 0 to 1.
        profile: Whose viewings to take, where the export holds several profiles.

    Returns:
        Plain values: the results table, the privacy spent, and the seated person's lists by arm.
    """
    seats: list[tuple[Participant, MadeUpPerson | None]] = list(demo.seats)
    person = None
    if history is not None:
        person = Participant.take_seat(demo.study, demo.home)
        person.watched.load(history, profile)
        seats.append((person, None))
    design = demo.aggregator.study.design
    play_rounds(demo.aggregator, seats, design.rounds, rng, progress, demo.helper)
    answer_sheet: dict[str, Any] = {
        "participants": len(seats),
        "rounds": design.rounds,
        "privacy": _privacy_spent(design),
        **study_results(demo.aggregator).to_dict(),
    }
    if person is not None:
        answer_sheet["person"] = {arm: _titles(person, arm) for arm in design.arm_names}
    return answer_sheet


def keep_playing(demo: Demo, stop: threading.Event, rng: np.random.Generator) -> None:
    """Let the made-up people share in and answer every round that somebody runs, until told to stop."""
    played = -1
    while not stop.is_set():
        try:
            number = demo.aggregator.study.current_round().round
            if number > played:
                for participant, person in demo.seats:
                    participant.train_and_share()
                    if number > 0:
                        answer(participant, person, rng)
                played = number
            if demo.helper is not None:
                with contextlib.suppress(Waiting):
                    demo.helper.answer()
        except (CannotWrite, NoStudy, BadRecord):
            pass  # the folder is away for a moment, or a round is arriving; the next look goes on
        stop.wait(1.0)


def _privacy_spent(design: StudyDesign) -> dict[str, Any]:
    spent = design.epsilon_after(design.rounds)
    together = design.epsilon_all_arms(design.rounds)
    return {
        "mode": design.privacy.mode.value,
        "epsilon_per_arm": spent if math.isfinite(spent) else None,
        "epsilon_all_arms": together if math.isfinite(together) else None,
        "delta": design.privacy.delta,
        "noise_multiplier": design.noise_multiplier,
        "max_update_norm": design.privacy.max_update_norm,
    }


def _titles(person: Participant, arm: str) -> dict[str, list[str]]:
    titles = person.study.catalogue.titles
    lists = person.lists(arm)
    return {"A": [titles[item] for item in lists.a], "B": [titles[item] for item in lists.b]}
