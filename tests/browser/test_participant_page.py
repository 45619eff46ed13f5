"""A participant's whole visit: load, train, compare, click, come back."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from fedflex_core.exchange.personal_records import ClickRecord, ImpressionRecord, UpdateRecord
from fedflex_core.faces.notebooks import notebook_path
from fedflex_core.faces.server import Server
from fedflex_core.study.demo import Demo, demo_design, make_demo
from fedflex_core.study.design import PrivacyDesign
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant

EXPORT = b"""Title,Date
"Dark: Season 1: Alpha and Omega","3/27/24"
"Dark: Season 1: As You Sow, so You Shall Reap","3/26/24"
"Dark: Season 1: Secrets","3/25/24"
"Black Mirror: Season 4: USS Callister","3/2/24"
"Zzyzx Unheard Of: Season 1: A","2/24/24"
"Roma","1/9/24"
"""
HOUSEHOLD = (
    b"Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,"
    b"Bookmark,Latest Bookmark,Country\n"
    b"First,2024-01-14 20:00:00,00:40:00,,Dark: Season 1: Secrets,,TV,00:40:00,00:40:00,XX\n"
    b"Second,2024-01-15 20:00:00,00:40:00,,Ozark: Season 1: Sugarwood,,TV,00:40:00,00:40:00,XX\n"
)
AMBIGUOUS = b'Title,Date\n"Dark: Season 1: Secrets","3/4/24"\n'


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """A study with two made-up people and an empty seat."""
    made = make_demo(2, demo_design(rounds=2), seed=3, place=tmp_path / "demo")
    for participant, _ in made.seats:
        participant.train_and_share()
    return made


@pytest.fixture
def server(demo: Demo) -> Iterator[Server]:
    environment = {"FEDFLEX_STUDY": str(demo.study), "FEDFLEX_HOME": str(demo.home)}
    with Server(notebook_path("participant"), environment=environment) as running:
        yield running


@pytest.fixture
def opened(page: Page, server: Server) -> Page:
    page.goto(server.url)
    expect(page.locator(".fedflex-upload")).to_be_visible()
    return page


def upload(page: Page, content: bytes) -> None:
    files = {"name": "NetflixViewingHistory.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("input[type=file]", files=files)


def mine(demo: Demo, kind: type) -> list:
    """Records of whoever took the empty seat."""
    study = OpenedStudy.open(demo.study)
    made_up = {participant.id for participant, _ in demo.seats}
    (seat,) = set(study.folder.participants()) - made_up
    return list(study.folder.sealed(seat, kind, study.id, demo.aggregator.identity))


def train(page: Page) -> None:
    page.get_by_role("button", name="Train and share").click()
    expect(page.locator(".fedflex-card")).to_have_count(10)


def choose(page: Page, list_number: int, rank: int) -> str:
    card = page.locator(".fedflex-list").nth(list_number - 1).locator(".fedflex-card").nth(rank - 1)
    card.click()
    expect(card).to_have_attribute("data-state", "saved")
    return str(card.get_attribute("data-item"))


def test_a_whole_visit(
    opened: Page,
    server: Server,
    demo: Demo,
    page_requests: list[str],
    assert_only_host: Callable[[list[str], str], None],
) -> None:
    upload(opened, EXPORT)
    expect(opened.get_by_text("2 of 3", exact=False).first).to_be_visible()
    train(opened)
    assert {record.arm for record in mine(demo, UpdateRecord)} == {"svd", "bpr"}

    chosen = {choose(opened, 1, 2), choose(opened, 2, 3)}
    clicks = mine(demo, ClickRecord)
    assert {click.item for click in clicks} == chosen
    assert {click.list for click in clicks} == {"A", "B"}
    (shown,) = mine(demo, ImpressionRecord)
    first, second = ("A", "B") if shown.first == "A" else ("B", "A")
    ranks = {click.list: click.rank for click in clicks}
    assert ranks == {first: 2, second: 3}
    for number, side in ((0, first), (1, second)):
        cards = opened.locator(".fedflex-list").nth(number).locator(".fedflex-card")
        on_page = [cards.nth(rank).get_attribute("data-item") for rank in range(5)]
        assert tuple(on_page) == shown.lists[side], "the order is kept all the way to the page"
    assert_only_host(page_requests, urlsplit(server.origin).netloc)


def test_what_is_unticked_is_not_learned_from(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    opened.get_by_role("checkbox", name="Learn from Dark").uncheck()
    words = "Your model learns from 1 of 2 series."
    expect(opened.get_by_text(words, exact=True)).to_be_visible()
    train(opened)
    seat = Participant.take_seat(demo.study, demo.home)
    dark = seat.study.catalogue.index_of("dark")
    assert dark not in set(seat.watched.ratings["item"])
    assert {record.arm for record in mine(demo, UpdateRecord)} == {"svd", "bpr"}
    opened.reload()
    expect(opened.get_by_role("checkbox", name="Learn from Dark")).not_to_be_checked()


def test_a_name_not_recognised_is_given_its_series(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    expect(opened.get_by_text("1 name not recognised")).to_be_visible()
    box = opened.get_by_role("combobox").first
    box.fill("ozar")
    opened.get_by_role("option", name="Ozark").click()
    expect(opened.get_by_text("0 names not recognised")).to_be_visible()
    expect(opened.get_by_text("Ozark (Zzyzx Unheard Of)")).to_be_visible()
    seat = Participant.take_seat(demo.study, demo.home)
    assert seat.watched.given_names() == {"Zzyzx Unheard Of": "ozark"}
    assert seat.study.catalogue.index_of("ozark") in set(seat.watched.ratings["item"])
    shared = [place for place in demo.study.rglob("*") if place.is_file()]
    assert not any(b"Zzyzx" in place.read_bytes() for place in shared)


def test_what_was_left_out_can_be_looked_at(opened: Page) -> None:
    clip = b'"Dark: Season 3 (Trailer)","1/2/24"\n'
    upload(opened, EXPORT + clip)
    opened.get_by_text("1 row was left out, and why").click()
    expect(opened.get_by_role("cell", name="trailer or clip")).to_be_visible()
    opened.get_by_text("in 1 week", exact=False).first.click()
    expect(opened.get_by_text("25 Mar 2024: 3")).to_be_visible()


def test_a_star_corrected_by_hand_wins(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    opened.get_by_role("radio", name="Dark: 2 of 5 stars").click()
    expect(opened.get_by_role("button", name="back to the rule")).to_be_visible()
    seat = Participant.take_seat(demo.study, demo.home)
    dark = seat.study.catalogue.index_of("dark")
    rated = seat.watched.ratings.set_index("item")
    assert rated.loc[dark, "stars"] == 2
    assert rated.loc[dark, "corrected"]


def test_a_reload_goes_on_where_the_visit_stopped(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    item = choose(opened, 2, 1)
    opened.reload()
    expect(opened.locator(".fedflex-card")).to_have_count(10)
    kept = opened.locator(f".fedflex-list >> nth=1 >> .fedflex-card[data-item='{item}']")
    expect(kept).to_have_attribute("aria-pressed", "true")
    assert len(mine(demo, UpdateRecord)) == 2


def test_both_arms_are_compared_and_the_round_is_thanked_for(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    choose(opened, 1, 1)
    opened.get_by_role("button", name="Done").click()
    expect(opened.get_by_text("(2 of 2)", exact=False)).to_be_visible()
    opened.get_by_role("button", name="None of these").click()
    expect(opened.get_by_text("Your answers are safe", exact=False)).to_be_visible()
    demo.aggregator.run_round()
    opened.get_by_role("button", name="Look for a new round").click()
    expect(opened.get_by_text("A new round is here", exact=False)).to_be_visible()
    train(opened)
    assert len(mine(demo, UpdateRecord)) == 4


def test_a_round_that_closes_meanwhile_waits_for_the_answers(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    choose(opened, 1, 1)
    opened.get_by_role("button", name="Done").click()
    expect(opened.get_by_text("(2 of 2)", exact=False)).to_be_visible()
    demo.aggregator.run_round()
    choose(opened, 2, 1)
    opened.get_by_role("button", name="Done").click()
    expect(opened.get_by_text("A new round is here", exact=False)).to_be_visible()
    assert {(shown.arm, shown.round) for shown in mine(demo, ImpressionRecord)} == {
        ("svd", 0),
        ("bpr", 0),
    }
    train(opened)
    assert {record.round for record in mine(demo, UpdateRecord)} == {1, 2}


def test_another_file_after_training_is_no_dead_end(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    upload(opened, b'Title,Date\n"Ozark: Season 1: Sugarwood","1/14/24"\n')
    expect(opened.get_by_role("radio", name="Ozark: 1 of 5 stars")).to_be_visible()
    expect(opened.get_by_text("counts from the next round on", exact=False)).to_be_visible()
    expect(opened.locator(".fedflex-card")).to_have_count(10)
    assert len(mine(demo, UpdateRecord)) == 2


def test_genres_of_the_lists_are_shown_once_they_are_answered(opened: Page) -> None:
    upload(opened, EXPORT)
    train(opened)
    plot = opened.locator(".fedflex-plot")
    expect(plot).to_have_count(1)
    expect(plot).not_to_contain_text("List 1")
    choose(opened, 1, 1)
    opened.get_by_role("button", name="Done").click()
    expect(plot).to_contain_text("List 1")


def test_a_picture_instead_of_an_export_is_a_sentence(opened: Page) -> None:
    upload(opened, b"\x89PNG\r\n\x1a\n" + bytes(2000))
    message = opened.locator(".fedflex-upload-message")
    expect(message).to_have_text(re.compile("picture|image", re.IGNORECASE))
    upload(opened, EXPORT)
    expect(opened.get_by_role("button", name="Train and share")).to_be_visible()


def test_an_unknown_history_is_a_sentence(opened: Page) -> None:
    upload(opened, b'Title,Date\n"Zzyzx Unheard Of: Season 1: A","1/14/24"\n')
    expect(opened.locator(".fedflex-upload-message")).to_have_text(re.compile("catalogue"))


def test_of_a_household_the_person_says_who_they_are(opened: Page) -> None:
    upload(opened, HOUSEHOLD)
    opened.get_by_text("Second (1 viewing)").click()
    opened.get_by_role("button", name="This is me").click()
    expect(opened.get_by_text("Ozark").first).to_be_visible()


def test_dates_that_the_file_cannot_tell_are_asked_for(opened: Page) -> None:
    upload(opened, AMBIGUOUS)
    opened.get_by_role("button", name="March the fourth").click()
    expect(opened.get_by_text("04 Mar 2024").first).to_be_visible()


def test_a_folder_that_goes_away_loses_nothing(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    away = demo.study.with_name("away")
    demo.study.rename(away)
    choose(opened, 1, 1)
    expect(opened.get_by_text("safe on this computer", exact=False)).to_be_visible()
    away.rename(demo.study)
    choose(opened, 2, 2)
    assert len(mine(demo, ClickRecord)) == 2


def test_done_is_safe_though_the_folder_is_away(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    train(opened)
    choose(opened, 1, 1)
    away = demo.study.with_name("away")
    demo.study.rename(away)
    opened.get_by_role("button", name="Done").click()
    expect(opened.get_by_text("safe on this computer", exact=False)).to_be_visible()
    expect(opened.get_by_text("Your choices are saved", exact=False)).to_be_visible()
    away.rename(demo.study)
    opened.reload()
    expect(opened.get_by_text("(2 of 2)", exact=False)).to_be_visible()


def test_privacy_off_is_said_in_red(page: Page, tmp_path: Path) -> None:
    design = demo_design(rounds=1, privacy=PrivacyDesign(mode="off"))
    made = make_demo(1, design, seed=3, place=tmp_path / "open")
    environment = {"FEDFLEX_STUDY": str(made.study), "FEDFLEX_HOME": str(made.home)}
    with Server(notebook_path("participant"), environment=environment) as running:
        page.goto(running.url)
        warning = page.locator(".fedflex-warning").first
        expect(warning).to_contain_text("without noise")
        colour = warning.evaluate("node => getComputedStyle(node).borderColor")
        red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
        assert red > 2 * max(green, blue) or red > green + 80


def test_no_study_is_a_sentence_on_the_page(page: Page, tmp_path: Path) -> None:
    environment = {"FEDFLEX_STUDY": str(tmp_path / "nowhere"), "FEDFLEX_HOME": str(tmp_path)}
    with Server(notebook_path("participant"), environment=environment) as running:
        page.goto(running.url)
        expect(page.locator(".fedflex-error")).to_contain_text("no such folder")


def test_records_are_json_without_the_history(opened: Page, demo: Demo) -> None:
    """As their reader opens them; others read nothing at all."""
    upload(opened, EXPORT)
    train(opened)
    read = [record for kind in (UpdateRecord, ImpressionRecord) for record in mine(demo, kind)]
    assert len(read) >= 2
    for record in read:
        assert "Alpha and Omega" not in json.dumps(json.loads(record.to_bytes()))
    for place in (demo.study / "participants").rglob("*"):
        if place.is_file():
            assert place.suffix == ".sealed"
            sealed = demo.aggregator.identity.opened(place.read_bytes())
            assert sealed is not None
            assert b"Alpha and Omega" not in sealed


def turn_dial(page: Page, steps: int) -> None:
    """To 0%, then up by so many steps of 5%."""
    dial = page.get_by_role("slider", name="May move the model")
    dial.press("Home")
    for _ in range(steps):
        dial.press("ArrowRight")


@pytest.mark.parametrize("width", [375, 1280])
def test_the_dial_is_kept(opened: Page, demo: Demo, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 800})
    upload(opened, EXPORT)
    dial = opened.get_by_role("slider", name="May move the model")
    expect(dial).to_have_value("100")
    expect(dial).to_have_accessible_description(re.compile("^How much of what you watched"))
    turn_dial(opened, 5)
    expect(opened.get_by_text("25% is kept on this computer.")).to_be_visible()
    assert Participant.take_seat(demo.study, demo.home).shared_part == 0.25
    opened.reload()
    expect(dial).to_have_value("25")
    box = dial.bounding_box()
    assert box
    assert box["width"] > 250
    assert box["height"] >= 44
    assert opened.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_shared_follows_the_dial_and_says_nothing_of_it(opened: Page, demo: Demo) -> None:
    upload(opened, EXPORT)
    turn_dial(opened, 2)
    train(opened)  # at once: what was set before the click holds
    expect(opened.get_by_role("slider", name="May move the model")).to_have_value("10")
    assert Participant.take_seat(demo.study, demo.home).shared_part == 0.1
    shared = [place.read_bytes() for place in demo.study.rglob("*") if place.is_file()]
    opened_by = demo.aggregator.identity.opened
    shared += [content for one in shared if (content := opened_by(one)) is not None]
    assert not any(b"shared_part" in content for content in shared)
