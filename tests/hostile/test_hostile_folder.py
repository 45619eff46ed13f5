"""Rubbish in every place of a study folder: each has its reason, and no round is changed by any of it."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fedflex_core.exchange import folder as folder_module
from fedflex_core.exchange.folder import FolderReport
from fedflex_core.exchange.passing import is_passing
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.opened import pack_model
from fedflex_core.study.results import study_results

from .conftest import Honest
from .plantings import (
    A_COPY,
    A_LINK,
    BOMB,
    FORGED,
    LEAVES,
    MARK,
    RUBBISH,
    SUFFIXES,
    SURVEYED,
    Larder,
    Rubbish,
    bombs,
    file_name,
    place_of,
    plant_everywhere,
)
from .stage import Seen, Stage, Stranger, play_round


@dataclass(frozen=True)
class Spoilt:
    """A study in which all rubbish lies, and what its people are told."""

    stage: Stage
    larder: Larder
    impossible: dict[str, str]
    seen: Seen


def _spoilt(honest: Honest, heap: Path, place: Path) -> Spoilt:
    stage = honest.stage.copy(place / "stage")
    larder = Larder(stage, heap)
    impossible = plant_everywhere(stage, larder)
    return Spoilt(stage, larder, impossible, play_round(stage))


@pytest.fixture(scope="session")
def spoilt(plain: Honest, heap: Path, tmp_path_factory: pytest.TempPathFactory) -> Spoilt:
    return _spoilt(plain, heap, tmp_path_factory.mktemp("spoilt"))


@pytest.fixture(scope="session")
def spoilt_shares(
    distributed: Honest, heap: Path, tmp_path_factory: pytest.TempPathFactory
) -> Spoilt:
    return _spoilt(distributed, heap, tmp_path_factory.mktemp("spoilt"))


INSTEAD_OF_A_COPY = {
    "participants/{stranger}/events": "it lies in another participant's folder",
    "helper/sums": FORGED,
}
"""A copy of an honest record is more than a copy where somebody else's records are read."""


def expected(rubbish: Rubbish, case: Spoilt) -> dict[str, str]:
    """Every place in which it is read or seen, and the reason that is given there."""
    reasons = {}
    for suffix in SUFFIXES:
        name = file_name(rubbish, suffix, case.larder)
        for place, reason in SURVEYED.items():
            reasons[f"{place}/{name}".lstrip("/")] = is_passing(name) or reason
        for place, read in LEAVES.items():
            if read == suffix and _is_read(place, case.stage):
                reason = rubbish.as_json if read == ".json" else rubbish.as_letter
                if reason == A_COPY:
                    reason = INSTEAD_OF_A_COPY.get(place, A_COPY)
                reasons[f"{place_of(case.stage, place)}/{name}"] = reason
    return {_shown(name): reason for name, reason in reasons.items()}


def _is_read(place: str, stage: Stage) -> bool:
    return stage.is_distributed or place not in ("aggregator/calls", "helper/sums")


def _shown(name: str) -> str:
    """A name as a terminal may show it."""
    whole = name.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in whole)


@pytest.mark.parametrize("rubbish", RUBBISH, ids=lambda rubbish: rubbish.name)
def test_rubbish_has_its_reason_in_every_place(
    spoilt: Spoilt, spoilt_shares: Spoilt, rubbish: Rubbish
) -> None:
    for case in (spoilt, spoilt_shares):
        if rubbish.name in case.impossible:
            pytest.skip(f"it cannot be made here: {case.impossible[rubbish.name]}")
        wanted = expected(rubbish, case)
        assert {name: case.seen.said.get(name) for name in wanted} == wanted


def test_nothing_else_is_said_and_nothing_is_repeated(
    spoilt: Spoilt, spoilt_shares: Spoilt
) -> None:
    for case in (spoilt, spoilt_shares):
        wanted = {name for rubbish in RUBBISH for name in expected(rubbish, case)}
        assert set(case.seen.said) - wanted == set()
        assert case.seen.more == 0
        assert not any(MARK in reason for reason in case.seen.said.values())


def test_the_rounds_are_those_without_rubbish(
    plain: Honest, distributed: Honest, spoilt: Spoilt, spoilt_shares: Spoilt
) -> None:
    assert spoilt.seen.result == plain.seen.result
    assert spoilt_shares.seen.result == distributed.seen.result


def test_a_trap_springs_only_where_it_is_unpickled(spoilt: Spoilt, spoilt_shares: Spoilt) -> None:
    assert not spoilt.larder.trap.exists()
    pickle.loads((spoilt.larder.place / "a pickle").read_bytes())
    assert spoilt.larder.trap.exists()
    spoilt.larder.trap.rmdir()


def test_participants_see_the_round_and_the_same_reasons(
    plain: Honest, distributed: Honest, spoilt: Spoilt, spoilt_shares: Spoilt
) -> None:
    for honest, case in ((plain, spoilt), (distributed, spoilt_shares)):
        seat = case.stage.seat("anna")
        current = seat.visit()
        assert current.round == 1
        for arm, content in honest.seen.models.items():
            assert pack_model(seat.study.model(current, arm)) == content
            assert len(seat.lists(arm).a) == 5
        assert seat.leaving.receipt() is None
        said = {name: why for name, why in case.seen.said.items() if "rounds/" in name}
        assert seat.study.report.ignored == said


def test_links_in_the_place_of_whole_folders_are_named_and_not_followed(
    plain: Honest, tmp_path: Path
) -> None:
    stage, report = plain.stage.copy(tmp_path / "stage"), FolderReport()
    (stage.outside / "somebody's letters").mkdir()
    (stage.folder / "participants").rename(stage.outside / "participants")
    for name in ("participants", "helper", "elsewhere"):
        (stage.folder / name).symlink_to(stage.outside)
    Stage(stage.root).study.folder.survey(report)
    assert report.ignored == {
        "participants": A_LINK,
        "helper": A_LINK,
        "elsewhere": "it belongs to no study",
    }
    assert stage.study.folder.participants() == []


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="there is nothing that this user may not read"
)
@pytest.mark.parametrize("shut", ["", "updates", "updates/svd-0001.sealed", "events", "halves"])
def test_what_may_not_be_read(
    plain: Honest, distributed: Honest, tmp_path: Path, shut: str
) -> None:
    for honest in (plain, distributed):
        stage = honest.stage.copy(tmp_path / str(honest.stage.is_distributed))
        me = Stranger(stage)
        me.send(weight=0.5, **({"pair": None} if stage.is_distributed else {}))
        (me.folder / "halves").mkdir(exist_ok=True)
        (me.folder / shut).chmod(0)
        try:
            assert play_round(stage).result == honest.seen.result
        finally:
            (me.folder / shut).chmod(0o700)


# --- what grows while it is read --------------------------------------------------------------

MOVED = {
    "aggregator/rounds/round-0000.json": "it is still growing",
    "participants/{anna}/events/join.sealed": "it is still growing",
    "participants/{anna}/updates/svd-0001.sealed": "it is still growing",
    "participants/{anna}/updates/svd-0001-tensors.sealed": "its payload is still arriving, or was changed",
}


@pytest.mark.parametrize("change", [1, 5000, -1, -100])
@pytest.mark.parametrize("place", MOVED)
def test_a_file_that_changes_while_it_is_read(
    plain: Honest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, change: int
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    at = stage.folder / place.format(**stage.people)
    real, number = os.fstat, at.stat().st_ino

    def fstat(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        if found.st_ino == number:
            os.truncate(at, found.st_size + change)
        return found

    aggregator = Aggregator.open(stage.folder, stage.home("aggregator"))
    monkeypatch.setattr(folder_module.os, "fstat", fstat)
    aggregator.study.rounds()
    aside = {one.participant: one.reason for one in aggregator.collect("svd").set_aside}
    said = aggregator.study.report.ignored | dict(study_results(aggregator).passed_over) | aside
    name = stage.people["anna"] if "updates" in place else place.format(**stage.people)
    if change > 0:
        assert said == {name: MOVED[place]}
    else:
        assert list(said) == [name]


# --- more than anybody can look at ------------------------------------------------------------


def _crowd(place: Path, count: int, make: Callable[[Path], object]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        make(place / f"{number:032x}.sealed")


def _open_files() -> int:
    """How many files this process has open, where the system tells."""
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def _little(place: Path) -> None:
    with open(place, "xb") as file:
        file.truncate(4096 + 48)


def test_ten_thousand_files_in_a_leaf_and_folders_among_the_participants(
    plain: Honest, tmp_path: Path
) -> None:
    stage, open_before = plain.stage.copy(tmp_path / "stage"), _open_files()
    participants = stage.folder / "participants"
    leaf = participants / stage.people["anna"] / "events"
    _crowd(leaf, 5_000, _little)
    for number in range(5_000, 10_000):
        (leaf / f"{number:032x}.sealed").mkdir()
        (participants / f"person {number}").mkdir()
        (participants / f"{number:032x}" / "updates" / "svd-0001.sealed").mkdir(parents=True)
    seen = play_round(stage)
    assert seen.result == plain.seen.result
    assert len(seen.said) == 1000 + 1000 + 1000  # of the survey, of the results, of updates
    assert seen.more == 4_000
    assert _open_files() < open_before + 100


# --- bombs ------------------------------------------------------------------------------------

_MEASURED = """
import re, resource, sys
from pathlib import Path
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results
root = Path(sys.argv[1])
aggregator = Aggregator.open(root / "study", root / "aggregator")
aggregator.study.folder.survey(aggregator.study.report)
aggregator.run_round()
study_results(aggregator)
seat = Participant.take_seat(root / "study", root / "anna")
seat.visit(), seat.leaving.receipt()
try:  # what getrusage says on Linux begins with the most that this process's parent had
    print(int(re.search(r"VmHWM:\\s*([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
except OSError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def _most_memory(stage: Stage) -> int:
    """Bytes at the most, of a process that runs a round and looks at everything."""
    words = [sys.executable, "-c", _MEASURED, str(stage.root)]
    run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    return int(run.stdout)


@pytest.mark.skipif(os.name != "posix", reason="the most memory of a process is known on POSIX")
def test_bombs_cost_no_memory(plain: Honest, heap: Path, tmp_path: Path) -> None:
    honest, stage = plain.stage.copy(tmp_path / "honest"), plain.stage.copy(tmp_path / "stage")
    larder = Larder(stage, heap)
    plant_everywhere(stage, larder)
    for send in bombs(larder):
        for _ in range(8):
            send(Stranger(stage))
    assert _most_memory(stage) - _most_memory(honest) < BOMB // 4
