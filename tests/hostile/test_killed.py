"""Real processes, killed for real: whatever the moment, no round is half done and none counts twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.demo import demo_design, make_demo
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a matter of POSIX")

# Each child tells of every file that it is about to put in place, and waits for a nod; so the parent can
# kill it between any two of them.
_TELL = """
import os, sys
from pathlib import Path
real = os.replace
def replace(source, target):
    print("replace", flush=True)
    sys.stdin.readline()
    real(source, target)
os.replace = replace
"""
_SHARE = """
from fedflex_core.study.participant import Participant
Participant.take_seat(sys.argv[1], Path(sys.argv[2])).train_and_share()
"""
_ROUND = """
from fedflex_core.study.aggregator import Aggregator
Aggregator.open(sys.argv[1], Path(sys.argv[2])).run_round()
"""


def killed_at(code: str, study: Path, home: Path, moment: int) -> bool:
    """Run ``code`` and kill it before its ``moment``-th file is in place; whether it got that far."""
    words = [sys.executable, "-c", _TELL + code, str(study), str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, text=True, **pipes) as process:  # type: ignore[call-overload]
        for number, _ in enumerate(process.stdout, start=1):
            if number == moment:
                process.send_signal(signal.SIGKILL)
                return True
            process.stdin.write("go on\n")
            process.stdin.flush()
    return False


def play_and_kill(tmp_path: Path, moments: list[int]) -> None:
    demo = make_demo(2, demo_design(rounds=1), seed=1, place=tmp_path)
    for number, (participant, _) in enumerate(demo.seats):
        home = tmp_path / "people" / f"person-{number:04d}"
        updates = demo.study / "participants" / participant.id / "updates"
        seen: dict[Path, bytes] = {}
        for moment in moments:
            # A killed process has left some of its files, so fewer are left for the next one.
            killed_at(_SHARE, demo.study, home, moment)
            for place in updates.glob("*.sealed"):
                assert seen.setdefault(place, place.read_bytes()) == place.read_bytes()
        again = Participant.take_seat(demo.study, home)
        again.train_and_share()
        assert again.id == participant.id
        assert len(list(updates.glob("*.sealed"))) == 4
        for place, content in seen.items():
            assert place.read_bytes() == content, "an update that was seen was made anew"
    kills = 0
    for moment in moments:
        kills += killed_at(_ROUND, demo.study, demo.home, moment)
        assert OpenedStudy.open(demo.study).current_round().round in (0, 1)
    assert kills, "no kill fell into a round"
    aggregator = Aggregator.open(demo.study, demo.home)
    try:
        aggregator.run_round()
    except NotReady:
        assert aggregator.finished
    current = OpenedStudy.open(demo.study).current_round()
    assert current.round == 1
    assert {len(arm.updates) for arm in current.arms.values()} == {2}


def test_killed_between_files(tmp_path: Path) -> None:
    play_and_kill(tmp_path, moments=[1, 3, 2])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 7))
def test_killed_at_every_file(tmp_path: Path, seed: int) -> None:
    play_and_kill(tmp_path, moments=[seed, *range(1, 7), seed, 2, 1])
