"""Killed, or refused by the disk, at every file operation: nothing confirmed is lost, nothing counts twice.

Each action is done once for each of its file operations, with a fault at just that one (see
:mod:`faults`). What is left behind is then taken up by new objects, as a new process would.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import ImpressionRecord
from fedflex_core.exchange.public_records import ReceiptRecord
from fedflex_core.study import helper as helper_module
from fedflex_core.study import secure_round, sending
from fedflex_core.study.aggregator import NotReady
from fedflex_core.study.comparisons import Side
from fedflex_core.study.halves import Row
from fedflex_core.study.helper import Waiting
from fedflex_core.study.ledger import Ledger
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.results import study_results
from fedflex_core.study.seat import identity_in

from ..carriers.small_study import make_study, watched_by
from ..worlds import TITLES
from .faults import KILLED, REFUSALS, Fault, Struck, at_every_operation
from .halfway import (
    ARMS,
    aggregator_in,
    answered,
    asked,
    compared,
    design,
    helper_in,
    left,
    lying,
    models_in,
    opened,
    round_in,
    seat_in,
    seated,
    shared,
    summed,
    without_private_files,
)  # fmt: skip

Faults = tuple[Fault, ...]

every_fault = pytest.mark.parametrize(
    ("faults", "step"),
    [
        pytest.param((KILLED,), 1, id="killed"),
        pytest.param(REFUSALS, 5, id="refused-now-and-then"),
        *(pytest.param((one,), 1, id=one.name, marks=pytest.mark.long) for one in REFUSALS),
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
def test_opening(tmp_path: Path, faults: Faults, step: int) -> None:
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
        assert not study.report.ignored

    (tmp_path / "empty").mkdir()
    assert at_every_operation(tmp_path / "empty", action, check, faults, step) > 50


def test_a_description_that_a_carrier_lost_is_put_back(tmp_path: Path) -> None:
    make_study(tmp_path / "study", tmp_path / "homes", design("off"))
    before = lying(tmp_path / "study")
    for name in ("study.json", "catalogue.csv"):
        (tmp_path / "study" / "aggregator" / "study" / name).unlink()
    (tmp_path / "study" / "aggregator" / "rounds" / "round-0000.json").write_bytes(b"")
    with pytest.raises(NoStudy):
        seat_in(tmp_path)
    aggregator_in(tmp_path)
    assert lying(tmp_path / "study") == before


@pytest.mark.parametrize("half", [False, True])
def test_nothing_is_put_back_where_another_study_is_now(tmp_path: Path, half: bool) -> None:
    make_study(tmp_path / "study", tmp_path / "homes", design("off"))
    shutil.rmtree(tmp_path / "study")
    make_study(tmp_path / "study", tmp_path / "others", design("off"))
    (tmp_path / "study" / "aggregator" / "study" / "study.json").unlink()
    record = tmp_path / "study" / "aggregator" / "rounds" / "round-0000.json"
    if half:
        record.write_bytes(record.read_bytes()[:900])
    before = lying(tmp_path / "study")
    with pytest.raises(NoStudy):
        aggregator_in(tmp_path)
    assert lying(tmp_path / "study") == before


def test_an_emptied_folder_takes_a_new_study(tmp_path: Path) -> None:
    for _ in range(2):
        made, _ = make_study(tmp_path / "study", tmp_path / "homes", design("off"))
        assert aggregator_in(tmp_path).study.id == made.study.id
        shutil.rmtree(tmp_path / "study")
    with pytest.raises(NoStudy):
        aggregator_in(tmp_path)


# --- joining


@every_fault
def test_joining(tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int) -> None:
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

    at_every_operation(stage(opened, tmp_path / "opened"), action, check, faults, step)


# --- what stays: the history, corrections, series left out


@every_fault
def test_telling(tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        seat = seat_in(place)
        seat.watched.load(watched_by(3))
        confirmed.append("history")
        item = int(seat.watched.ratings["item"].iloc[0])
        seat.watched.correct(item, 1)
        confirmed.append(1)
        seat.watched.use(item, False)
        confirmed.append("left out")

    def check(struck: Struck) -> None:
        seat = seat_in(struck.place)
        seen = seat.watched.review()
        assert set(seen["item"]) in ([new] if "history" in struck.confirmed else [old, new])
        assert 1 not in struck.confirmed or 1 in seen["stars"].tolist()
        assert "left out" not in struck.confirmed or not seen["used"].all()
        seat.leaving.leave(erase=True)
        assert not list(titles_in(struck.place / "homes" / "anna")), "a torn file tells of a series"

    whole = seat_in(stage(seated, tmp_path / "whole"))
    old = set(whole.watched.review()["item"])
    whole.watched.load(watched_by(3))
    new = set(whole.watched.review()["item"])
    at_every_operation(stage(seated, tmp_path / "seated"), action, check, faults, step)


# --- sharing


@every_fault
@pytest.mark.parametrize("mode", ["off", "distributed"])
def test_sharing(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int, mode: str
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(seat_in(place).train_and_share())

    def check(struck: Struck) -> None:
        private = next((struck.place / "homes" / "anna").glob("studies/*/participant"))
        ledger = Ledger(private / "ledger.json", design(mode))
        own = struck.place / "study" / PARTICIPANTS / identity_in(private).public.id
        seen, arms = lying(own), design(mode).arm_names
        for arm in arms:
            parts = (f"updates/{arm}", f"halves/{arm}")
            is_seen = any(name.startswith(parts) for name in seen)
            assert ledger.charged(arm) == {1} or not is_seen, "the ledger says less than was shared"
        anna = seat_in(struck.place)
        for arm in arms:
            assert anna.has_shared(arm, round_in(struck.place)) or not struck.confirmed
        anna.train_and_share()
        assert seen.items() <= lying(own).items(), "what was seen was made anew"
        aggregator = aggregator_in(struck.place)
        for arm in arms:
            ready = aggregator.collect(arm)
            assert anna.id in ready.records and len(ready) == 2 and not ready.set_aside
            assert anna.ledger.privacy(arm, asked=1).updates == 1
        if mode == "distributed":  # both halves belong to each other
            aggregator.ask_helper()
            helper_in(struck.place).answer()
            averaged = aggregator.run_round().arms
            assert {len(arm.updates) for arm in averaged.values()} == {2}
            assert not any(arm.diagnostics.get("spoilt") for arm in averaged.values())

    at_every_operation(stage(seated, tmp_path / "seated", mode), action, check, faults, step)


@every_fault
def test_coming_back_without_ledger_and_originals(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
) -> None:
    def action(place: Path, confirmed: list[Any]) -> None:
        confirmed.append(seat_in(place).train_and_share())

    def updates_in(place: Path) -> dict[str, bytes]:
        names = lying(place / "study" / PARTICIPANTS).items()
        return {name: content for name, content in names if "/updates/" in name}

    def check(struck: Struck) -> None:
        anna = seat_in(struck.place)
        assert anna.train_and_share() == 0
        assert updates_in(struck.place) == before, "what was shared was made anew"
        assert {arm: anna.ledger.charged(arm) for arm in ARMS} == {arm: {1} for arm in ARMS}
        assert all(len(aggregator_in(struck.place).collect(arm)) == 2 for arm in ARMS)

    prepared = stage(without_private_files, tmp_path / "without")
    before = updates_in(prepared)
    at_every_operation(prepared, action, check, faults, step)


# --- lists, clicks and Done

CLICKS: tuple[tuple[Side, int, bool], ...] = (
    ("A", 1, True), ("B", 2, True), ("A", 1, False),
)  # fmt: skip


@every_fault
def test_clicking(tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int) -> None:
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

    at_every_operation(stage(compared, tmp_path / "compared"), action, check, faults, step)


# --- a round


@every_fault
def test_a_round(tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int) -> None:
    prepared = stage(shared, tmp_path / "shared")
    round_comes_to_one_outcome(prepared, stage(shared, tmp_path / "whole"), faults, step)


@every_fault
def test_closing_a_round_with_a_helper(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
) -> None:
    prepared = stage(summed, tmp_path / "summed", "distributed")
    round_comes_to_one_outcome(
        prepared, stage(summed, tmp_path / "whole", "distributed"), faults, step
    )


def round_comes_to_one_outcome(prepared: Path, whole: Path, faults: Faults, step: int) -> None:
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
            with pytest.raises(NotReady, match="0 usable"):
                again.run_round()
            assert again.current_round() == before
        current = round_in(struck.place)
        assert visible in (current, OpenedStudy.open(struck.place / "study").rounds()[0])
        assert struck.confirmed in ([], [current])
        assert {len(arm.updates) for arm in current.arms.values()} == {2}
        assert models_in(struck.place) == expected
        assert not list((struck.place / "homes" / "researcher").rglob("*.half"))

    at_every_operation(prepared, action, check, faults, step)


@every_fault
def test_asking_the_helper(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
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

    at_every_operation(
        stage(shared, tmp_path / "shared", "distributed"), action, check, faults, step
    )


@every_fault
def test_the_helpers_answer(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
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
        assert not any(arm.diagnostics.get("spoilt") for arm in made.arms.values())

    at_every_operation(stage(asked, tmp_path / "asked", "distributed"), action, check, faults, step)


# --- leaving


@every_fault
def test_leaving_and_erasing(
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
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

    at_every_operation(stage(answered, tmp_path / "answered"), action, check, faults, step)


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
    tmp_path: Path, stage: Callable[..., Path], faults: Faults, step: int
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

    at_every_operation(stage(left, tmp_path / "left"), action, check, faults, step)


# --- disks that really refuse


def run_in_a_process(code: str, place: Path, before: tuple[str, ...] = ()) -> None:
    """Run code that ends well; it finds the study in ``place`` and the way to change the disk."""
    words = [*before, sys.executable, "-c", _CHILD + code, str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


_CHILD = """
import sys
from pathlib import Path
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.study.participant import Participant

place = Path(sys.argv[1])
study, home = place / "study", place / "homes" / "anna"

def cannot_share(words):
    seat = Participant.take_seat(study, home)
    try:
        seat.train_and_share()
    except CannotWrite as error:
        assert words in error.found, error.found
    else:
        raise AssertionError("the disk took everything")
    assert not list(place.rglob("*.tmp"))

def can_share():
    seat = Participant.take_seat(study, home)
    seat.train_and_share()
    updates = list((study / "participants" / seat.id / "updates").glob("*.sealed"))
    assert len(updates) == 4, updates
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of POSIX")
def test_a_process_that_may_write_no_large_files(
    tmp_path: Path, stage: Callable[..., Path]
) -> None:
    """The first write beyond the limit fails in its middle, as on a disk that has just become full."""
    code = """
import resource
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in (100, 600, 2000, 4096):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    cannot_share("did not take")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
can_share()
"""
    run_in_a_process(code, stage(seated, tmp_path / "seated"))


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders are a matter of POSIX")
def test_a_folder_that_is_read_only(tmp_path: Path, stage: Callable[..., Path]) -> None:
    people = stage(seated, tmp_path / "seated") / "study" / PARTICIPANTS
    people.chmod(0o555)
    if os.access(people, os.W_OK):
        pytest.skip("root may write in every folder")
    with pytest.raises(CannotWrite, match="read-only"):
        seat_in(tmp_path / "seated").train_and_share()
    people.chmod(0o755)
    seat_in(tmp_path / "seated").train_and_share()
    assert len(aggregator_in(tmp_path / "seated").collect("svd")) == 2


def test_a_disk_that_is_full_then_read_only(tmp_path: Path, stage: Callable[..., Path]) -> None:
    """A real one, of a few hundred kilobytes, on systems that let everybody mount one."""
    alone = ("unshare", "--map-root-user", "--mount")
    try:
        tried = subprocess.run((*alone, "true"), capture_output=True, check=False)
    except OSError:
        tried = None
    if tried is None or tried.returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    code = """
import errno, shutil, subprocess
whole = place.with_name("whole")
place.rename(whole)
place.mkdir()
mount = ("mount", "-t", "tmpfs", "-o", "size=1m")
subprocess.run((*mount, "tmpfs", place), check=True)
shutil.copytree(whole, place, dirs_exist_ok=True)
filler = place / "filler"
def fill(spared):
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        file.truncate(file.tell() // 4096 * 4096 - 4096 * spared)
for spared in (0, 3, 6):
    fill(spared)
    cannot_share("full")
    filler.unlink()
subprocess.run((*mount, "-o", "remount,ro", "tmpfs", place), check=True)
try:
    cannot_share("read-only")
except CannotWrite as error:  # even the seat cannot be taken
    assert "read-only" in error.found or "private folder" in error.found, error.found
subprocess.run((*mount, "-o", "remount,rw", "tmpfs", place), check=True)
can_share()
"""
    run_in_a_process(code, stage(seated, tmp_path / "seated"), alone)
