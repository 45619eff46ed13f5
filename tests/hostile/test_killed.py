"""Real processes, killed for real: whatever the moment, no round is half done and none counts twice."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.study.aggregator import NotReady
from fedflex_core.study.results import study_results

from .halfway import (
    ARMS,
    aggregator_in,
    compared,
    lying,
    models_in,
    opened,
    round_in,
    seat_in,
    seated,
    shared,
)  # fmt: skip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a matter of POSIX")

# Loading takes longest, so it is done once: each action runs in a fork of a process that is ready for it. The
# fork tells of every file operation that it is about to do, and waits for a nod; so the test can kill it
# between any two of them.
_WARM = """
import os, sys
from pathlib import Path
from tests.hostile import faults
from tests.hostile.halfway import aggregator_in, seat_in

def say(*words):
    print(*words, flush=True)

def tell(disk, name, torn=None):
    say("operation")
    sys.stdin.readline()

def join(place):
    seat_in(place).publish()
    say("confirmed", "joined")

def share(place):
    seat_in(place).train_and_share()
    say("confirmed", "shared")

def click(place):
    anna = seat_in(place)
    shown = anna.show("svd")
    anna.comparisons.click(shown, "B", 2)
    say("confirmed", "clicked")
    anna.comparisons.finish(shown)
    say("confirmed", "done")
    anna.publish()

def run_round(place):
    aggregator_in(place).run_round()
    say("confirmed", "run")

faults.Disk.operation = tell
for line in iter(sys.stdin.readline, ""):
    action, place = line.rstrip().split(" ", 1)
    pid = os.fork()
    if not pid:
        try:
            with faults.disk(Path(place), 0, None):
                globals()[action](Path(place))
        except BaseException as error:
            say("failed", repr(error))
        os._exit(0)
    say("process", pid)
    say("killed" if os.WIFSIGNALED(os.waitpid(pid, 0)[1]) else "through")
"""


@dataclass
class Killed:
    """How an action ended, and what it had confirmed by then."""

    by_us: bool = False
    confirmed: list[str] = field(default_factory=list)


class Warm:
    """The process whose forks are killed."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        words = [sys.executable, "-c", _WARM]
        self.process = subprocess.Popen(words, text=True, cwd=root, **pipes)  # type: ignore[call-overload]

    def killed_at(self, action: str, place: Path, moment: int) -> Killed:
        """Do an action, and kill it before its ``moment``-th operation if it gets that far."""
        self._say(f"{action} {place}")
        ended, operations, process = Killed(), 0, 0
        for line in iter(self.process.stdout.readline, ""):
            what, _, more = line.strip().partition(" ")
            if what == "process":
                process = int(more)
            elif what == "operation":
                operations += 1
                ended.by_us = operations == moment
                if ended.by_us:
                    os.kill(process, signal.SIGKILL)
                else:
                    self._say("go on")
            elif what == "confirmed":
                ended.confirmed.append(more)
            else:
                assert what == ("killed" if ended.by_us else "through"), line
                return ended
        raise AssertionError("the process is gone")

    def _say(self, words: str) -> None:
        print(words, file=self.process.stdin, flush=True)


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    made = Warm()
    with made.process:
        yield made
        made.process.stdin.close()


@pytest.fixture(
    params=[
        pytest.param((1, 8, 22), id="some"),
        pytest.param(None, id="every", marks=pytest.mark.long),
    ]
)
def moments(request: pytest.FixtureRequest) -> Iterator[int]:
    """A few moments, or all there are."""
    return count(1) if request.param is None else iter(request.param)


def kill(
    warm: Warm,
    action: str,
    prepared: Path,
    moments: Iterator[int],
    check: Callable[[Path, list[str]], None],
) -> None:
    """Kill an action at these moments, each time in a copy of its own."""
    kills = 0
    for moment in moments:
        place = prepared.with_name(f"{prepared.name}-{moment}")
        shutil.copytree(prepared, place)
        ended = warm.killed_at(action, place, moment)
        check(place, ended.confirmed)
        shutil.rmtree(place)
        kills += ended.by_us
        if not ended.by_us:
            assert ended.confirmed
            break
    assert kills, "no kill fell into it"


def test_joining(warm: Warm, tmp_path: Path, moments: Iterator[int]) -> None:
    def check(place: Path, confirmed: list[str]) -> None:
        seen = list((place / "study").glob(f"{PARTICIPANTS}/*"))
        anna = seat_in(place)
        assert [one.name for one in seen] in ([], [anna.id])
        assert seen or not confirmed
        anna.publish()
        assert anna.study.folder.participants() == [anna.id]
        letters = place / "study" / PARTICIPANTS / anna.id / "events"
        assert [one.name for one in letters.glob("*.sealed")] == ["join.sealed"]

    opened(tmp_path / "opened", "off")
    kill(warm, "join", tmp_path / "opened", moments, check)


def test_sharing(warm: Warm, tmp_path: Path, moments: Iterator[int]) -> None:
    def check(place: Path, confirmed: list[str]) -> None:
        people = place / "study" / PARTICIPANTS
        seen = lying(people)
        anna = seat_in(place)
        assert anna.train_and_share() == 0 or not confirmed
        assert seen.items() <= lying(people).items(), "an update that was seen was made anew"
        aggregator = aggregator_in(place)
        for arm in ARMS:
            assert anna.ledger.charged(arm) == {1}
            assert len(aggregator.collect(arm)) == 2 and not aggregator.collect(arm).set_aside

    seated(tmp_path / "seated", "off")
    kill(warm, "share", tmp_path / "seated", moments, check)


def test_clicking(warm: Warm, tmp_path: Path, moments: Iterator[int]) -> None:
    def check(place: Path, confirmed: list[str]) -> None:
        anna = seat_in(place)
        shown = anna.show("svd")
        answers = anna.comparisons.answers(shown)
        assert answers.clicks == {("B", 2)} or (not answers.clicks and "clicked" not in confirmed)
        assert answers.done or "done" not in confirmed
        anna.comparisons.finish(shown)
        anna.publish()
        results = study_results(aggregator_in(place))
        assert results.comparisons == 1
        assert round(5 * results.arms["svd"]["B"].ctr) == len(answers.clicks)

    compared(tmp_path / "compared", "off")
    kill(warm, "click", tmp_path / "compared", moments, check)


def test_a_round(warm: Warm, tmp_path: Path, moments: Iterator[int]) -> None:
    def check(place: Path, confirmed: list[str]) -> None:
        visible = round_in(place).round
        assert visible == 1 or not confirmed
        aggregator = aggregator_in(place)
        try:
            aggregator.run_round()
        except NotReady as error:
            assert "0 usable" in error.found  # each update counts once
        else:
            assert visible == 0
        assert {len(arm.updates) for arm in round_in(place).arms.values()} == {2}
        assert models_in(place) == expected, "a round has another outcome"

    shared(tmp_path / "shared", "off")
    shutil.copytree(tmp_path / "shared", tmp_path / "whole")
    aggregator_in(tmp_path / "whole").run_round()
    expected = models_in(tmp_path / "whole")
    kill(warm, "run_round", tmp_path / "shared", moments, check)
