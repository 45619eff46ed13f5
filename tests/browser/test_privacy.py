"""What people can do about their privacy, on the pages: guess, cap, leave, and help to sum."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from fedflex_core.faces.notebooks import notebook_path
from fedflex_core.faces.server import Server
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.demo import Demo, demo_design, make_demo
from fedflex_core.study.design import PrivacyDesign
from fedflex_core.study.results import study_results

EXPORT = b'Title,Date\n"Dark: Season 1: Secrets","3/27/24"\n"Dark: Season 1: Lies","3/26/24"\n'


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Demo, str], Server]]:
    running: list[Server] = []

    def start(demo: Demo, role: str) -> Server:
        environment = {"FEDFLEX_STUDY": str(demo.study), "FEDFLEX_HOME": str(demo.home)}
        running.append(Server(notebook_path(role), environment=environment).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


def made(tmp_path: Path, mode: Mode = Mode.LOCAL) -> Demo:
    design = demo_design(rounds=2, privacy=PrivacyDesign(mode=mode))
    demo = make_demo(3, design, seed=3, place=tmp_path / "demo")
    for participant, _ in demo.seats:
        participant.train_and_share()
    return demo


def load(page: Page, server: Server, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_bytes(EXPORT)
    page.goto(server.url)
    page.locator("input[type=file]").set_input_files(tmp_path / "history.csv")
    expect(page.get_by_role("button", name="Train and share")).to_be_visible()


def test_a_person_caps_attacks_and_leaves(
    page: Page,
    serve: Callable[[Demo, str], Server],
    tmp_path: Path,
    page_requests: list[str],
    assert_only_host: Callable[[list[str], str], None],
) -> None:
    demo = made(tmp_path)
    server = serve(demo, "participant")
    load(page, server, tmp_path)
    expect(page.get_by_text("could be right at most", exact=False)).to_be_visible()

    page.get_by_role("button", name="What could somebody guess?").click()
    expect(page.get_by_text("Without protection,", exact=False).first).to_be_visible()
    expect(page.locator(".fedflex-plot [role=img] svg").first).to_be_visible()

    page.get_by_text("A cap of your own").click()
    page.get_by_label("At most ε").fill("0.5")
    page.get_by_role("button", name="Keep my cap").click()
    page.get_by_role("button", name="Train and share").click()
    expect(page.locator(".fedflex-error")).to_contain_text("your own cap is 0.50")
    assert len(list((demo.study / "participants").iterdir())) == 3, "nothing was sent"

    page.get_by_text("A cap of your own").click()
    page.get_by_role("button", name="No cap").click()
    page.get_by_role("button", name="Train and share").click()
    expect(page.get_by_role("heading", name="Two lists for you")).to_be_visible()

    page.get_by_role("button", name="Stop and erase").click()
    expect(page.get_by_text("It cannot be brought back", exact=False)).to_be_visible()
    page.get_by_role("button", name="No, go back").click()
    page.get_by_role("button", name="Stop and erase").click()
    page.get_by_role("button", name="Yes, erase").click()
    expect(page.get_by_text("has not confirmed it yet", exact=False)).to_be_visible()
    expect(page.get_by_role("heading", name="Two lists for you")).to_be_hidden()
    stored = [
        place.read_bytes() for place in demo.home.rglob("participant/**/*") if place.is_file()
    ]
    assert not [content for content in stored if b"Dark" in content]

    assert study_results(demo.aggregator).erased == 1
    page.get_by_role("button", name="Look for the receipt").click()
    expect(page.get_by_text("Receipt of", exact=False)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Receipt of", exact=False)).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)
    assert_only_host(page_requests, urlsplit(server.origin).netloc)


def test_a_round_in_shares_is_asked_for_and_run(
    page: Page, serve: Callable[[Demo, str], Server], tmp_path: Path
) -> None:
    demo = made(tmp_path, Mode.DISTRIBUTED)
    assert demo.helper is not None
    page.goto(serve(demo, "aggregator").url)
    page.get_by_role("button", name="Ask the helper").click()
    run = page.get_by_role("button", name="Run the next round")
    run.click()
    expect(page.locator(".fedflex-error")).to_contain_text("has not answered yet")
    demo.helper.answer()
    run.click()
    expect(page.get_by_text("Round 1 of 2 is done.")).to_be_visible()


def test_rubbish_is_named_to_the_researcher(
    page: Page, serve: Callable[[Demo, str], Server], tmp_path: Path
) -> None:
    demo = made(tmp_path)
    seat = demo.seats[0][0].id
    (demo.study / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
    (demo.study / "participants" / seat / "events" / ("0" * 32 + ".sealed")).write_bytes(
        b"x" * 4144
    )
    demo.seats[1][0].leaving.leave(erase=True)
    page.goto(serve(demo, "aggregator").url)
    page.get_by_text("passed over", exact=False).click()
    expect(page.get_by_role("cell", name="holiday.jpg")).to_be_visible()
    expect(page.get_by_text("1 participant has left", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Run the next round")).to_be_enabled()
