"""A small study on its way: everybody who takes part in it, each time from the files alone, and its stages."""

import shutil
from pathlib import Path

import numpy as np

from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.helper import Helper
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant

from ..carriers.small_study import make_study, watched_by

ARMS = ("svd", "bpr")
PEOPLE = {"anna": 1, "ben": 2}


def aggregator_in(place: Path) -> Aggregator:
    return Aggregator.open(place / "study", place / "homes" / "researcher")


def helper_in(place: Path) -> Helper:
    return Helper.open(place / "study", place / "homes" / "helper")


def seat_in(place: Path, name: str = "anna") -> Participant:
    rng = np.random.default_rng(PEOPLE[name])
    return Participant.take_seat(place / "study", place / "homes" / name, rng)


def round_in(place: Path) -> RoundRecord:
    return OpenedStudy.open(place / "study").current_round()


def lying(folder: Path) -> dict[str, bytes]:
    """Every file that a reader of a folder looks at."""
    return {
        place.relative_to(folder).as_posix(): place.read_bytes()
        for place in sorted(folder.rglob("*"))
        if place.is_file() and place.suffix != ".tmp"
    }


def models_in(place: Path) -> dict[str, bytes]:
    rounds = place / "study" / "aggregator" / "rounds"
    return {one.name: one.read_bytes() for one in sorted(rounds.glob("*.safetensors"))}


# --- how far a study has come before an action, each stage made once


def design(mode: str) -> StudyDesign:
    """Two arms; with a helper one, since both are shared and summed in the same way."""
    return StudyDesign(
        name="Small",
        rounds=2,
        min_updates=2,
        embedding_size=4,
        privacy=PrivacyDesign(mode=mode),
        arms={"svd": {}} if mode == "distributed" else {"svd": {}, "bpr": {}},
    )


def opened(place: Path, mode: str) -> None:
    make_study(place / "study", place / "homes", design(mode))


def seated(place: Path, mode: str) -> None:
    opened(place, mode)
    for name, number in PEOPLE.items():
        seat_in(place, name).watched.load(watched_by(number))
    seat_in(place, "ben").train_and_share()


def shared(place: Path, mode: str) -> None:
    seated(place, mode)
    seat_in(place).train_and_share()


def asked(place: Path, mode: str) -> None:
    shared(place, mode)
    aggregator_in(place).ask_helper()


def summed(place: Path, mode: str) -> None:
    asked(place, mode)
    helper_in(place).answer()


def compared(place: Path, mode: str) -> None:
    """The first round was made, and Anna can look at her lists."""
    shared(place, mode)
    aggregator_in(place).run_round()
    seat_in(place).train_and_share()


def answered(place: Path, mode: str) -> None:
    """Anna has answered the lists of the first round, corrected a series and left one out."""
    compared(place, mode)
    seat = seat_in(place)
    for arm in ARMS:
        shown = seat.show(arm)
        seat.comparisons.click(shown, "A", 1)
        seat.comparisons.finish(shown)
    seat.watched.correct(int(seat.watched.ratings["item"].iloc[0]), 2)
    seat.watched.use(int(seat.watched.ratings["item"].iloc[1]), False)
    seat.publish()


def left(place: Path, mode: str) -> None:
    answered(place, mode)
    seat_in(place).leaving.leave(erase=True)


def without_private_files(place: Path, mode: str) -> None:
    """All of Anna's private files are lost but her keys, her history and the study that she joined."""
    shared(place, mode)
    private = next((place / "homes" / "anna").glob("studies/*/participant"))
    shutil.rmtree(private / "outbox")
    (private / "ledger.json").unlink()
