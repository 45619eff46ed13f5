"""The stars as a person meets them: in a real browser, served by the real server."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fedflex_core.faces.server import Server

_NOTEBOOK = """
import json, os
from pathlib import Path
from fedflex_core.errors import FedFlexError
from fedflex_core.faces.stars import Stars

log = Path(os.environ["FEDFLEX_TEST_FOLDER"]) / "ratings"
titles = ["Café Noir", "<b>Bold</b>", *(f"Series {n}" for n in range(2, 14)), "Série Treize"]
rows = [{"id": f"s{n}", "title": title, "stars": 5 - n // 3, "episodes": n + 1,
         "watched": "25 Mar 2024 – 27 Mar 2024", "corrected": n == 1}
        for n, title in enumerate(titles)]

def rate(item, stars):
    if item == "s4":
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")
    with open(log, "a") as file:
        file.write(json.dumps([item, stars]) + "\\n")
    return 5 - int(item[1:]) // 3 if stars is None else stars

stars = Stars(rows=rows)
stars.on_rate(rate)
stars
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stars")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_NOTEBOOK)])
    nbformat.write(notebook, folder / "page.ipynb")
    with Server(folder / "page.ipynb", environment={"FEDFLEX_TEST_FOLDER": str(folder)}) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(folder: Path) -> None:
    (folder / "ratings").unlink(missing_ok=True)


@pytest.fixture
def opened(page: Page, server: Server) -> Page:
    """A page of its own, for tests that change stars."""
    return _open(page, server)


@pytest.fixture(scope="module")
def shared(browser: Browser, server: Server) -> Iterator[Page]:
    """One page, of a phone's width and touch, for all tests that leave the stars as they are."""
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True)
    yield _open(context.new_page(), server)
    context.close()


def _open(page: Page, server: Server) -> Page:
    page.goto(server.url)
    expect(page.locator(".fedflex-stars-row")).to_have_count(15, timeout=15_000)
    return page


def _row(page: Page, number: int) -> Locator:
    return page.locator(f'.fedflex-stars-row[data-item="s{number}"]')


def _star(page: Page, number: int, count: int) -> Locator:
    return _row(page, number).locator(f'.fedflex-star[data-stars="{count}"]')


def _expect_stars(row: Locator, count: int, state: str) -> None:
    expect(row).to_have_attribute("data-state", state)
    expect(row.locator('[aria-checked="true"]')).to_have_attribute("data-stars", str(count))
    expect(row.locator(".fedflex-star.is-on")).to_have_count(count)


def _ratings(folder: Path) -> list[list]:
    return [json.loads(line) for line in (folder / "ratings").read_text().splitlines()]


def _shown(page: Page) -> list[str | None]:
    rows = page.locator(".fedflex-stars-row:visible").all()
    return [row.get_attribute("data-item") for row in rows]


def test_stars_are_radio_buttons_with_their_meaning(shared: Page) -> None:
    group = shared.get_by_role("radiogroup", name="Café Noir")
    labels = [star.get_attribute("aria-label") for star in group.get_by_role("radio").all()]
    assert labels == [f"Café Noir: {count} of 5 stars" for count in range(1, 6)]
    expect(shared.get_by_role("radio", name="Series 3: 4 of 5 stars")).to_be_checked()
    expect(_row(shared, 0)).to_contain_text("1 episode · 25 Mar 2024 – 27 Mar 2024")


def test_words_of_a_row_are_never_markup(shared: Page) -> None:
    expect(_row(shared, 1)).to_contain_text("<b>Bold</b>")
    assert shared.locator(".fedflex-stars b").count() == 0


def test_pictures_of_stars_are_not_read_aloud(shared: Page) -> None:
    pictures = shared.locator(".fedflex-stars svg")
    hidden = pictures.evaluate_all("all => all.map((one) => one.getAttribute('aria-hidden'))")
    assert hidden == ["true"] * 75


def test_click_is_acknowledged_at_once_and_saved_by_python(opened: Page, folder: Path) -> None:
    _expect_stars(_row(opened, 3), 4, "rule")
    state = _star(opened, 3, 2).evaluate(
        "star => { star.click(); return star.closest('li').dataset.state }"
    )
    assert state == "pending"
    _expect_stars(_row(opened, 3), 2, "yours")
    expect(_row(opened, 3)).to_contain_text("yours")
    assert _ratings(folder) == [["s3", 2]]


def test_quick_clicks_end_at_the_last(opened: Page, folder: Path) -> None:
    _row(opened, 3).evaluate(
        "row => [1, 5, 3].forEach((n) => row.querySelector(`[data-stars='${n}']`).click())"
    )
    _expect_stars(_row(opened, 3), 3, "yours")
    assert _ratings(folder) == [["s3", 1], ["s3", 5], ["s3", 3]]


def test_own_stars_are_not_sent_twice(opened: Page, folder: Path) -> None:
    _star(opened, 1, 5).click()  # yours already
    _star(opened, 0, 5).click()  # the rule's: made one's own
    _expect_stars(_row(opened, 0), 5, "yours")
    assert _ratings(folder) == [["s0", 5]]


def test_keyboard_moves_without_choosing_and_space_chooses(opened: Page, folder: Path) -> None:
    opened.locator(".fedflex-stars-filter").focus()
    opened.keyboard.press("Tab")
    expect(_star(opened, 0, 5)).to_be_focused()
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("ArrowUp")
    expect(_star(opened, 0, 3)).to_be_focused()
    _expect_stars(_row(opened, 0), 5, "rule")
    opened.keyboard.press("Space")
    _expect_stars(_row(opened, 0), 3, "yours")
    expect(_star(opened, 0, 3)).to_be_focused()
    assert _ratings(folder) == [["s0", 3]]


def test_tab_key_stops_once_in_a_row_of_stars(opened: Page) -> None:
    _star(opened, 2, 5).focus()
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("Tab")
    expect(_star(opened, 3, 4)).to_be_focused()
    opened.keyboard.press("Shift+Tab")
    expect(_star(opened, 2, 5)).to_be_focused()


def test_undo_goes_back_to_the_rule_and_keeps_the_focus(opened: Page, folder: Path) -> None:
    _star(opened, 1, 2).click()
    _expect_stars(_row(opened, 1), 2, "yours")
    undo = opened.get_by_role("button", name="<b>Bold</b>: back to the rule")
    undo.focus()
    opened.keyboard.press("Enter")
    _expect_stars(_row(opened, 1), 5, "rule")
    expect(undo).to_be_hidden()
    expect(_star(opened, 1, 5)).to_be_focused()
    assert _ratings(folder) == [["s1", 2], ["s1", None]]


def test_what_could_not_be_stored_is_taken_back_with_a_sentence(opened: Page) -> None:
    _star(opened, 4, 1).click()
    message = opened.locator(".fedflex-stars-message")
    expect(message).to_have_text("The disk is full. Free some space.")
    _expect_stars(_row(opened, 4), 4, "rule")
    expect(message).to_be_in_viewport()
    _star(opened, 3, 1).click()
    expect(message).to_have_text("")


def test_twelve_rows_until_all_are_asked_for(opened: Page) -> None:
    assert _shown(opened) == [f"s{n}" for n in range(12)]
    opened.get_by_role("button", name="Show all 15 series").click()
    assert _shown(opened) == [f"s{n}" for n in range(15)]
    expect(_star(opened, 12, 1)).to_be_focused()
    opened.get_by_role("button", name="Show the first 12 only").click()
    assert len(_shown(opened)) == 12


def test_filter_finds_titles_in_every_row_with_or_without_accents(shared: Page) -> None:
    box, count = shared.get_by_label("Find a series"), shared.locator(".fedflex-stars-count")
    box.fill("serie t")
    assert _shown(shared) == ["s14"]
    expect(count).to_have_text("1 match")
    box.fill("SERIES 1")
    assert _shown(shared) == ["s10", "s11", "s12", "s13"]
    box.fill("nothing like it")
    expect(count).to_have_text("No matches")
    box.fill("")
    assert len(_shown(shared)) == 12


def test_a_filter_stays_while_a_row_is_corrected(opened: Page, folder: Path) -> None:
    opened.get_by_label("Find a series").fill("treize")
    _star(opened, 14, 4).click()
    _expect_stars(_row(opened, 14), 4, "yours")
    assert _shown(opened) == ["s14"]
    assert _ratings(folder) == [["s14", 4]]


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_page_fits_its_window_and_fingers(shared: Page, width: int) -> None:
    shared.set_viewport_size({"width": width, "height": 800})
    wide = shared.evaluate("document.documentElement.scrollWidth")
    inner = shared.evaluate(
        """() => [...document.querySelectorAll(".fedflex-stars, .fedflex-stars *")]
            .filter((one) => one.scrollHeight > one.clientHeight + 1
                && ["auto", "scroll"].includes(getComputedStyle(one).overflowY)).length"""
    )
    boxes = [one.bounding_box() for one in shared.locator(".fedflex-stars button:visible").all()]
    shared.set_viewport_size({"width": 375, "height": 800})
    assert wide == width and inner == 0
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 44
