"""Real processes, killed for real: whatever the moment, no round is half done and none counts twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.demo import demo_design, make_demo
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a matter of POSIX")

_SHARE = """
import sys
from fedflex_core.study.participant import Participant
participant = Participant.take_seat(sys.argv[1], __import__("pathlib").Path(sys.argv[2]))
print("ready", flush=True)
participant.train_and_share()
"""
_ROUND = """
import sys
from fedflex_core.study.aggregator import Aggregator
aggregator = Aggregator.open(sys.argv[1], __import__("pathlib").Path(sys.argv[2]))
print("ready", flush=True)
aggregator.run_round()
"""


def kill_within(code: str, study: Path, home: Path, seconds: float) -> None:
    """Start ``code`` and kill it ``seconds`` after it began its work."""
    words = [sys.executable, "-c", code, str(study), str(home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def play_and_kill(tmp_path: Path, kills: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    demo = make_demo(2, demo_design(rounds=1), seed=1, place=tmp_path)
    for number, (participant, _) in enumerate(demo.seats):
        home = tmp_path / "people" / f"person-{number:04d}"
        for _ in range(kills):
            kill_within(_SHARE, demo.study, home, rng.uniform(0, 0.4))
        again = Participant.take_seat(demo.study, home)
        before = {p: p.read_bytes() for p in (demo.study / "participants").rglob("*.safetensors")}
        again.train_and_share()
        after = {p: p.read_bytes() for p in before}
        assert before == after, "an update that was seen was made again with other noise"
        assert again.id == participant.id
    for _ in range(kills):
        kill_within(_ROUND, demo.study, demo.home, rng.uniform(0, 0.2))
        assert OpenedStudy.open(demo.study).current_round().round in (0, 1)
    aggregator = Aggregator.open(demo.study, demo.home)
    try:
        aggregator.run_round()
    except NotReady:
        assert aggregator.finished
    current = OpenedStudy.open(demo.study).current_round()
    assert current.round == 1
    assert {len(arm.updates) for arm in current.arms.values()} == {2}


def test_killed_a_few_times(tmp_path: Path) -> None:
    play_and_kill(tmp_path, kills=2, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_killed_many_times(tmp_path: Path, seed: int) -> None:
    play_and_kill(tmp_path, kills=20, seed=seed)
