"""A researcher's visit: open a study, run rounds, see who takes part and what came out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from fedflex_core.faces.notebooks import notebook_path
from fedflex_core.faces.server import Server
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.demo import Demo, demo_design, make_demo
from fedflex_core.study.opened import OpenedStudy


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    made = make_demo(2, demo_design(rounds=2), seed=3, place=tmp_path / "demo")
    for participant, _ in made.seats:
        participant.train_and_share()
    return made


@pytest.fixture
def server(demo: Demo) -> Iterator[Server]:
    environment = {"FEDFLEX_STUDY": str(demo.study), "FEDFLEX_HOME": str(demo.home)}
    with Server(notebook_path("aggregator"), environment=environment) as running:
        yield running


def test_a_round_is_run_and_the_results_are_shown(
    page: Page,
    server: Server,
    demo: Demo,
    page_requests: list[str],
    assert_only_host: Callable[[list[str], str], None],
) -> None:
    page.goto(server.url)
    run = page.get_by_role("button", name="Run the next round")
    expect(run).to_be_enabled()
    run.click()
    expect(page.get_by_text("Round 1 of 2 is done.")).to_be_visible()
    assert OpenedStudy.open(demo.study).current_round().round == 1
    expect(run).to_be_disabled()
    page.get_by_role("button", name="Show the results table").click()
    expect(page.get_by_role("columnheader", name="nDCG@5")).to_be_visible()
    assert_only_host(page_requests, urlsplit(server.origin).netloc)


def test_what_is_set_aside_is_shown(page: Page, server: Server, demo: Demo) -> None:
    seat = demo.seats[0][0].id
    payload = demo.study / "participants" / seat / "updates" / "svd-0001-tensors.sealed"
    payload.write_bytes(payload.read_bytes()[:64])
    page.goto(server.url)
    expect(page.get_by_text("is set aside", exact=False)).to_contain_text("arriving")


def test_a_study_is_opened_in_an_empty_folder(page: Page, tmp_path: Path) -> None:
    study, home = tmp_path / "new", tmp_path / "home"
    environment = {"FEDFLEX_STUDY": str(study), "FEDFLEX_HOME": str(home)}
    with Server(notebook_path("aggregator"), environment=environment) as running:
        page.goto(running.url)
        page.get_by_label("Name").fill("Pilot")
        page.get_by_role("button", name="Open the study").click()
        expect(page.get_by_role("heading", name="Pilot")).to_be_visible()
    opened = Aggregator.open(study, home)
    assert opened.study.design.name == "Pilot"
    assert opened.study.design.privacy.noise_multiplier is not None


def test_a_study_of_another_computer_is_a_sentence(page: Page, demo: Demo, tmp_path: Path) -> None:
    environment = {"FEDFLEX_STUDY": str(demo.study), "FEDFLEX_HOME": str(tmp_path / "elsewhere")}
    with Server(notebook_path("aggregator"), environment=environment) as running:
        page.goto(running.url)
        expect(page.locator(".fedflex-error")).to_contain_text("another computer")
