"""The commands that serve pages, run as a person runs them: the address, the token, and Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fedflex_core.study.demo import demo_design, make_demo

_ADDRESS = re.compile(r"^http://127\.0\.0\.1:(\d+)/\?token=\S+$")


@contextmanager
def command(*words: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "fedflex_core", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def next_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if _ADDRESS.match(line.strip()):
            return line.strip()
    raise AssertionError("the command ended without an address")


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def stop(process: subprocess.Popen[str]) -> str:
    """Ctrl-C; what was said after it."""
    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    assert "Traceback" not in complaint
    return said


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_demo(1, demo_design(1), seed=1, place=tmp_path / "demo").study


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent to one process on POSIX only")
def test_participant_command(study: Path) -> None:
    port = free_port()
    with command("participant", study, "--no-browser", "--port", port) as process:
        address = next_address(process)
        assert f":{port}/" in address
        assert status(address) == 200
        assert status(address.split("?")[0]) == 403
        assert status(address.split("=")[0] + "=wrong") == 403
        stop(process)


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent to one process on POSIX only")
def test_demo_opens_two_pages_and_its_people_play_on(page: Page) -> None:
    with command("demo", "--no-browser", "--participants", 2, "--rounds", 2) as process:
        researcher, participant = next_address(process), next_address(process)
        assert status(participant) == 200
        page.goto(researcher)
        run = page.get_by_role("button", name="Run the next round")
        for number in (1, 2):
            # The made-up people share in the background; look until they have.
            look = page.get_by_role("button", name="Look again")
            expect(look).to_be_visible()
            while not run.is_enabled():
                look.click()
                page.wait_for_timeout(500)
            run.click()
            expect(page.get_by_text(f"Round {number} of 2 is done.")).to_be_visible()
        stop(process)


def test_a_taken_port_is_a_sentence(study: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ("participant", study, "--no-browser", "--port", taken.getsockname()[1])
        with command(*words) as process:
            _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "in use" in complaint
    assert "Traceback" not in complaint
