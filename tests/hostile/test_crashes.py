"""Killed, or refused by the disk, at every file operation: nothing confirmed is lost, nothing counts twice.

Each action is done once for each of its file operations, with a fault at just that one (see
:mod:`faults`). What is left behind is then taken up by new objects, as a new process would.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.personal_records import ImpressionRecord
from fedflex_core.exchange.public_records import ReceiptRecord, RoundRecord
from fedflex_core.study import helper as helper_module
from fedflex_core.study import secure_round, sending
from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.comparisons import Side
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.halves import Row
from fedflex_core.study.helper import Helper, Waiting
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results

from ..carriers.small_study import TITLES, make_study, watched_by
from .faults import KILLED, REFUSALS, Fault, Struck, at_every_operation

ARMS = ("svd", "bpr")
PEOPLE = {"anna": 1, "ben": 2}
Put = Callable[[Path, list[Any]], None]

every_fault = pytest.mark.parametrize(
    "faults",
    [
        pytest.param((KILLED,), id="killed"),
        pytest.param(REFUSALS, id="in-turn"),
        # Taken in turn, each refusal meets every third operation; alone, it meets all of them.
        *(pytest.param((one,), id=one.name, marks=pytest.mark.long) for one in REFUSALS),
    ],
)


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was flushed and what was not is no matter to a process; it takes most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture(autouse=True)
def _known_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same noise in every row of a length, so that a round has one outcome."""

    def noise_row(row: Row, std: float, _noise: object) -> npt.NDArray[np.float64]:
        return std * np.random.default_rng(row.length).normal(size=row.length)

    for module in (helper_module, secure_round, sending):
        monkeypatch.setattr(module, "noise_row", noise_row)


# --- who does what, each time from the files alone


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
    return StudyDesign(
        name="Small", rounds=2, min_updates=2, embedding_size=4, privacy=PrivacyDesign(mode=mode)
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


def answered(place: Path, mode: str) -> None:
    """Anna has answered the lists of the first round, corrected a series and told of a name."""
    shared(place, mode)
    aggregator_in(place).run_round()
    seat = seat_in(place)
    seat.train_and_share()
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


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A copy of a stage, in a place of its own."""
    made: dict[tuple[str, str], Path] = {}

    def copied(how: Callable[[Path, str], None], place: Path, mode: str = "off") -> Path:
        key = how.__name__, mode
        if key not in made:
            made[key] = tmp_path_factory.mktemp("stage") / mode
            how(made[key], mode)
        shutil.copytree(made[key], place)
        return place

    return copied


# --- opening a study


@every_fault
def test_opening(tmp_path: Path, faults: tuple[Fault, ...]) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(make_study(place / "study", place / "homes", design("off"))[0].study.id)

    def check(struck: Struck) -> None:
        try:
            seen = round_in(struck.place)
        except NoStudy:
            assert not struck.confirmed
        else:
            assert seen.round == 0
        with suppress(NotReady):  # it is there already, or as good as
            action(struck.place, [])
        study = aggregator_in(struck.place).study
        assert struck.confirmed in ([], [study.id])
        assert study.current_round().round == 0
        seat = seat_in(struck.place)
        seat.watched.load(watched_by(1))
        assert seat.train_and_share() == len(ARMS)

    (tmp_path / "empty").mkdir()
    assert at_every_operation(tmp_path / "empty", action, check, faults) > 50


# --- joining


@every_fault
def test_joining(tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        seat = seat_in(place)
        confirmed.append(seat.id)
        seat.watched.load(watched_by(1))
        confirmed.append("history")
        seat.publish()
        confirmed.append("joined")

    def check(struck: Struck) -> None:
        seat = seat_in(struck.place)
        assert struck.confirmed[:1] in ([], [seat.id])
        if "history" in struck.confirmed:
            assert len(seat.watched.ratings)
        if "joined" in struck.confirmed:
            assert seat.study.folder.participants() == [seat.id]
        seat.watched.load(watched_by(1))
        seat.train_and_share()
        assert seat.study.folder.participants() == [seat.id]
        assert len(aggregator_in(struck.place).collect("svd")) == 1

    at_every_operation(stage(opened, tmp_path / "opened"), action, check, faults)


# --- sharing


@every_fault
@pytest.mark.parametrize("mode", ["off", "distributed"])
def test_sharing(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...], mode: str
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(seat_in(place).train_and_share())

    def check(struck: Struck) -> None:
        anna = seat_in(struck.place)
        own = struck.place / "study" / PARTICIPANTS / anna.id
        seen = lying(own)
        for arm in ARMS:
            made = anna.has_shared(arm, round_in(struck.place))
            visible = {
                name for name in seen if name.startswith((f"updates/{arm}", f"halves/{arm}"))
            }
            assert made or not struck.confirmed
            assert anna.ledger.charged(arm) == {1} or not (made or visible)
        anna.train_and_share()
        assert seen.items() <= lying(own).items(), "what was seen was made anew"
        aggregator = aggregator_in(struck.place)
        for arm in ARMS:
            ready = aggregator.collect(arm)
            assert anna.id in ready.records and len(ready) == 2 and not ready.set_aside
            assert anna.ledger.privacy(arm, asked=1).updates == 1
        if mode == "distributed":
            aggregator.ask_helper()
            helper_in(struck.place).answer()
        averaged = aggregator.run_round().arms
        assert {len(arm.updates) for arm in averaged.values()} == {2}
        assert not any(arm.diagnostics.get("spoilt") for arm in averaged.values())

    at_every_operation(stage(seated, tmp_path / "seated", mode), action, check, faults)


# --- lists, clicks and Done

CLICKS: tuple[tuple[Side, int, bool], ...] = (
    ("A", 1, True), ("B", 2, True), ("A", 1, False), ("B", 5, True),
)  # fmt: skip


@every_fault
def test_clicking(tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]) -> None:
    standing: list[set[tuple[Side, int]]] = [set()]
    for side, rank, selected in CLICKS:
        standing.append(
            standing[-1] | {(side, rank)} if selected else standing[-1] - {(side, rank)}
        )

    def action(place: Path, confirmed: list[Any]) -> None:
        seat = seat_in(place)
        shown = seat.show("svd")
        confirmed.append(shown)
        for click in CLICKS:
            seat.comparisons.click(shown, *click)
            confirmed.append(click)
            seat.publish()
        seat.comparisons.finish(shown)
        confirmed.append("done")
        seat.publish()

    def check(struck: Struck) -> None:
        seat = seat_in(struck.place)
        shown = seat.show("svd")
        assert isinstance(shown, ImpressionRecord)
        assert struck.confirmed[:1] in ([], [shown])
        clicked = len(struck.confirmed[1:]) - ("done" in struck.confirmed)
        answers = seat.comparisons.answers(shown)
        # One that was on its way may have arrived; nothing else may.
        assert answers.clicks in map(frozenset, standing[max(clicked, 0) : clicked + 2])
        assert answers.done or "done" not in struck.confirmed
        seat.comparisons.finish(shown)
        seat.publish()
        results = study_results(aggregator_in(struck.place))
        assert (results.comparisons, results.left) == (1, 0)
        for side, row in results.arms["svd"].items():
            clicks = sum(one == side for one, _ in answers.clicks)
            assert round(5 * row.ctr) == clicks and row.shown_lists == 1

    prepared = stage(shared, tmp_path / "shared")
    aggregator_in(prepared).run_round()
    seat_in(prepared).train_and_share()
    at_every_operation(prepared, action, check, faults)


# --- a round


@every_fault
def test_a_round(tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]) -> None:
    prepared = stage(shared, tmp_path / "shared")
    round_comes_to_one_outcome(prepared, stage(shared, tmp_path / "whole"), faults)


@every_fault
def test_closing_a_round_with_a_helper(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]
) -> None:
    prepared = stage(summed, tmp_path / "summed", "distributed")
    round_comes_to_one_outcome(prepared, stage(summed, tmp_path / "whole", "distributed"), faults)


def round_comes_to_one_outcome(prepared: Path, whole: Path, faults: tuple[Fault, ...]) -> None:
    aggregator_in(whole).run_round()
    expected = models_in(whole)

    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(aggregator_in(place).run_round())

    def check(struck: Struck) -> None:
        visible = round_in(struck.place)
        assert visible.round == 1 or not struck.confirmed
        again = aggregator_in(struck.place)
        before = again.current_round()
        if before.round == 0:
            assert visible.round == 0
            again.run_round()
        else:  # it was made: the same bytes are published, and nothing is averaged again
            with pytest.raises((NotReady, FedFlexError), match="0 usable"):
                again.run_round()
            assert again.current_round() == before
        current = round_in(struck.place)
        assert visible in (current, OpenedStudy.open(struck.place / "study").rounds()[0])
        assert struck.confirmed in ([], [current])
        assert {len(arm.updates) for arm in current.arms.values()} == {2}
        assert models_in(struck.place) == expected
        assert not list((struck.place / "homes" / "researcher").rglob("*.half"))

    at_every_operation(prepared, action, check, faults)


@every_fault
def test_asking_the_helper(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(aggregator_in(place).ask_helper())

    def check(struck: Struck) -> None:
        seen = lying(struck.place / "study")
        call = aggregator_in(struck.place).ask_helper()
        assert struck.confirmed in ([], [call])
        assert seen.items() <= lying(struck.place / "study").items(), "another call was made"
        helper_in(struck.place).answer()
        made = aggregator_in(struck.place).run_round()
        assert {len(arm.updates) for arm in made.arms.values()} == {2}

    at_every_operation(stage(shared, tmp_path / "shared", "distributed"), action, check, faults)


@every_fault
def test_the_helpers_answer(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(helper_in(place).answer())

    def check(struck: Struck) -> None:
        seen = lying(struck.place / "study")
        try:
            answer = [helper_in(struck.place).answer()]
        except Waiting:  # it was answered, and is published by now
            answer = []
        assert not (answer and struck.confirmed), "a second sum was made"
        assert seen.items() <= lying(struck.place / "study").items(), "another answer was made"
        made = aggregator_in(struck.place).run_round()
        assert {len(arm.updates) for arm in made.arms.values()} == {2}
        assert not any(
            arm.diagnostics["spoilt"] for arm in made.arms.values() if "spoilt" in arm.diagnostics
        )

    at_every_operation(stage(asked, tmp_path / "asked", "distributed"), action, check, faults)


# --- leaving


@every_fault
def test_leaving_and_erasing(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        seat_in(place).leaving.leave(erase=True)
        confirmed.append("erased")

    def check(struck: Struck) -> None:
        home = struck.place / "homes" / "anna"
        if struck.confirmed:
            assert not list(titles_in(home))
        anna = seat_in(struck.place)
        if anna.leaving.state is None:
            assert not struck.confirmed
            assert len(anna.watched.ratings), "something was erased before it was asked for"
            anna.leaving.leave(erase=True)
        assert not list(titles_in(home))
        own = struck.place / "study" / PARTICIPANTS / anna.id
        assert set(lying(own)) == {"events/leave-erase.sealed"}
        assert not list(struck.place.glob("study/**/*.tmp"))
        aggregator = aggregator_in(struck.place)
        assert aggregator.withdrawals.settle() == 1
        assert study_results(aggregator).erased == 1

    at_every_operation(stage(answered, tmp_path / "answered"), action, check, faults)


def titles_in(home: Path) -> Iterator[str]:
    """Files that name a series, by its title or by its number in the catalogue."""
    words = [title.encode() for title in TITLES]
    words += [title.lower().replace(" ", "-").encode() for title in TITLES]
    for place in home.rglob("*"):
        if place.is_file() and any(word in place.read_bytes() for word in words):
            yield place.relative_to(home).as_posix()


def test_titles_would_be_found(tmp_path: Path, stage: Callable[..., Path]) -> None:
    home = stage(answered, tmp_path / "answered") / "homes" / "anna"
    found = {name.rpartition("/")[2] for name in titles_in(home)}
    assert {"viewings.csv", "corrections.json", "told.json"} <= found
    assert any("impression" in name for name in found)


@every_fault
def test_giving_a_receipt(
    tmp_path: Path, stage: Callable[..., Path], faults: tuple[Fault, ...]
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        aggregator = aggregator_in(place)
        confirmed.append(aggregator.withdrawals.settle())
        aggregator.publish()
        confirmed.append("published")

    def check(struck: Struck) -> None:
        anna = seat_in(struck.place)
        seen = anna.leaving.receipt()
        assert seen is not None or "published" not in struck.confirmed
        aggregator = aggregator_in(struck.place)
        given = aggregator.withdrawals.settle()
        assert given + sum(struck.confirmed[:1]) <= 1, "a second receipt was given"
        aggregator.publish()
        receipt = anna.leaving.receipt()
        assert isinstance(receipt, ReceiptRecord) and receipt.erased
        assert seen in (None, receipt)
        assert study_results(aggregator).erased == 1
        assert aggregator.withdrawals.erased == {anna.id}

    at_every_operation(stage(left, tmp_path / "left"), action, check, faults)
