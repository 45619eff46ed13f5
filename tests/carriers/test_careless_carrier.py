"""Whole studies on a carrier that does its worst: they end as on a plain disk, to the last bit."""

import os
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS, is_id
from fedflex_core.exchange.record import MAX_FILE_BYTES
from fedflex_core.lists.recommend import ListsConfig
from fedflex_core.study import helper, secure_round, sending
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.halves import Row
from fedflex_core.study.helper import Helper
from fedflex_core.study.participant import Participant

from .play import HELPING, RESEARCHER, Careless, Computers, MadeStudy, OneDisk, Played, play
from .play_syftbox import FORMS, OnSyftBox, readers_of
from .simulated import FAULTS, Faults

FULL = (20, 5)
"""People and rounds."""
SMALL = (5, 2)


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flushing thousands of files to the disk would take most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def known_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same noise in every row of a length, so that two sums can be held against each other."""

    def noise_row(row: Row, std: float, _noise: object) -> npt.NDArray[np.float64]:
        return std * np.random.default_rng(row.length).normal(size=row.length)

    for module in (helper, secure_round, sending):
        monkeypatch.setattr(module, "noise_row", noise_row)


def made_for(place: Path, people: int, rounds: int, mode: str = "off") -> MadeStudy:
    """Everybody's update is waited for, and every person's lists follow from all clicks before them."""
    design = StudyDesign(
        name="Small",
        rounds=rounds,
        min_updates=people,
        embedding_size=4,
        privacy=PrivacyDesign(mode=mode),
        joining="token",
        lists=ListsConfig(own_lambda=True),
    )
    return MadeStudy.make(place / "made", design, people)


def plays_alike(made: MadeStudy, place: Path, careless: Computers, seed: int) -> None:
    plain = play(made, OneDisk(made, place / "plain"), place / "plain" / "homes", seed)
    played = play(made, careless, place / "careless" / "homes", seed)
    for one in (plain, played):
        nothing_is_lost(made, one)
    assert len(plain.models) == 2 * (made.design.rounds + 1)
    assert played.models == plain.models
    assert played.results == plain.results
    assert played.clicks == plain.clicks > 0


def nothing_is_lost(made: MadeStudy, played: Played) -> None:
    """Everybody's update is in its round and in no other, and no answer is missing."""
    expected = 2 * made.design.rounds * len(made.people)
    assert played.averaged == played.sent
    assert len(played.averaged) == len(set(played.averaged.values())) == expected
    assert played.set_aside == 0
    assert (played.comparisons, played.left) == (expected, 0)
    assert played.counted == played.clicks


# --- one folder that is kept alike


def on_one_folder(place: Path, size: tuple[int, int], mode: str, seed: int) -> Careless:
    made = made_for(place, *size, mode)
    careless = Careless(made, place / "careless", Faults.harsh(), seed)
    plays_alike(made, place, careless, seed)
    return careless


def test_twenty_people_and_five_rounds(tmp_path: Path) -> None:
    careless = on_one_folder(tmp_path, FULL, "off", seed=1)
    assert set(+careless.carrier.happened) == set(FAULTS)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_few_people(tmp_path: Path, seed: int) -> None:
    on_one_folder(tmp_path, SMALL, "off", seed)


@pytest.mark.usefixtures("known_noise")
def test_a_few_people_and_a_helper(tmp_path: Path) -> None:
    on_one_folder(tmp_path, SMALL, "distributed", seed=1)


@pytest.mark.long
@pytest.mark.usefixtures("known_noise")
@pytest.mark.parametrize("mode", ["off", "distributed"])
@pytest.mark.parametrize("seed", [2, 3])
def test_twenty_people_and_more_seeds(tmp_path: Path, mode: str, seed: int) -> None:
    on_one_folder(tmp_path, FULL, mode, seed)


# --- SyftBox


def on_syftbox(place: Path, size: tuple[int, int], mode: str, form: str, seed: int) -> None:
    made = made_for(place, *size, mode)
    box = OnSyftBox(made, place / "careless", Faults.harsh(), seed, form)
    plays_alike(made, place, box, seed)
    everybody_reads_what_they_may(made, box)
    nobody_is_named(made, box)


def everybody_reads_what_they_may(made: MadeStudy, box: OnSyftBox) -> None:
    """Both access files lie in each leaf, and say the same: all may read the study, two may read a person."""
    two = {box.emails[name] for name in (RESEARCHER, HELPING) if name in box.emails}
    for name in box.emails:
        study = box.study_of(name, name)
        leaves = {place.parent for place in study.rglob("*") if place.is_file()}
        assert leaves
        for leaf in leaves:
            is_open = leaf.relative_to(study).parts[0] in (AGGREGATOR, HELPER)
            for form in FORMS:
                assert readers_of(leaf, form) == ({"*"} if is_open else two)
    for name in made.people:
        others = {box.emails[other] for other in made.people} - {box.emails[name]}
        seen = {place.name for place in (box.carrier.root / name / "datasites").iterdir()}
        assert others.isdisjoint(seen), "somebody learned who else takes part"


def nobody_is_named(made: MadeStudy, box: OnSyftBox) -> None:
    """Above ``app_data`` a datasite is named by an e-mail; below it nothing is, and no file holds one."""
    emails = [box.emails[name] for name in made.people]
    for place in box.carrier.root.rglob("*"):
        _, _, below = place.as_posix().partition("/app_data/")
        assert not any(email in below for email in emails)
        if place.is_file():
            content = place.read_bytes()
            assert len(content) < MAX_FILE_BYTES
            assert not any(email.encode() in content for email in emails)
    numbers = {place.name for place in box.carrier.root.glob(f"**/{PARTICIPANTS}/*")}
    assert numbers == set(made.people.values())
    assert all(map(is_id, numbers))


@pytest.mark.usefixtures("known_noise")
@pytest.mark.parametrize("form", [FORMS[1], pytest.param(FORMS[0], marks=pytest.mark.long)])
def test_a_few_people_and_a_helper_on_syftbox(tmp_path: Path, form: str) -> None:
    on_syftbox(tmp_path, SMALL, "distributed", form, seed=1)


@pytest.mark.long
@pytest.mark.usefixtures("known_noise")
@pytest.mark.parametrize(("mode", "form"), [("off", FORMS[0]), ("distributed", FORMS[1])])
def test_twenty_people_on_syftbox(tmp_path: Path, mode: str, form: str) -> None:
    on_syftbox(tmp_path, FULL, mode, form, seed=1)


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_of_the_helpers_greeting_makes_nobody_a_reader(tmp_path: Path, form: str) -> None:
    """Anybody can keep the helper's signed record in a folder of its name; who takes part stays unknown."""
    made = made_for(tmp_path, 2, 1, "distributed")
    box = OnSyftBox(made, tmp_path / "box", Faults.none(), 1, form)
    homes = tmp_path / "box" / "homes"
    Aggregator.open(box.at(RESEARCHER), homes / RESEARCHER).publish()
    box.later(calm=True)
    Helper.open(box.at(HELPING), homes / HELPING)
    box.later(calm=True)
    curious = box.study_of("person-01", "person-01") / HELPER
    shutil.copytree(box.study_of("person-01", HELPING) / HELPER, curious)
    box.later(calm=True)
    assert len(box.at("person-00").places(HELPER)) == 2
    seat = Participant.take_seat(
        box.at("person-00"), homes / "person-00", invitation=made.invitations[0]
    )
    seat.publish()
    leaf = box.study_of("person-00", "person-00") / PARTICIPANTS / seat.id / "events"
    assert readers_of(leaf, form) == {box.emails[RESEARCHER], box.emails[HELPING]}
