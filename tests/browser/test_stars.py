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


# Where series can be left out: a checkbox a row, and the weeks in which it was watched.

_WITH_CHECKBOXES = """
for row in rows[2:]:
    row["weeks"] = [["22 Mar 2021", 3], ["29 Mar 2021", 1]][: 1 + row["episodes"] % 2]
rows[6]["used"] = False
stars.rows = rows

def use(item, used):
    if item == "s4":
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")
    with open(log, "a") as file:
        file.write(json.dumps([item, used]) + "\\n")
    if item == "s7":  # the page works out anew what stands in which row
        stars.rows = [{**row, "title": row["title"].upper()} for row in reversed(stars.rows)]

stars.on_use(use)
stars
"""


@pytest.fixture(scope="module")
def choosing(folder: Path) -> Iterator[Server]:
    cells = [nbformat.v4.new_code_cell(_NOTEBOOK + _WITH_CHECKBOXES)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "choosing.ipynb")
    variables = {"FEDFLEX_TEST_FOLDER": str(folder)}
    with Server(folder / "choosing.ipynb", environment=variables) as running:
        yield running


@pytest.fixture
def ticking(page: Page, choosing: Server) -> Page:
    """A page of its own, for tests that tick."""
    return _open(page, choosing)


@pytest.fixture(scope="module")
def weekly(browser: Browser, choosing: Server) -> Iterator[Page]:
    """One page, of a phone's width and touch, for all tests that leave ticks and stars as they are."""
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True)
    yield _open(context.new_page(), choosing)
    context.close()


def _box(page: Page, title: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Learn from {title}", exact=True)


def test_without_a_place_to_store_ticks_there_are_no_checkboxes(shared: Page) -> None:
    expect(shared.locator(".fedflex-stars-use:visible, .fedflex-stars-used:visible")).to_have_count(
        0
    )


def test_line_above_counts_what_the_model_learns_from(weekly: Page) -> None:
    used = weekly.locator(".fedflex-stars-used")
    expect(used).to_have_text("Your model learns from 14 of 15 series.")
    expect(_box(weekly, "Café Noir")).to_be_checked()
    expect(_box(weekly, "Series 6")).not_to_be_checked()


def test_unticked_series_is_acknowledged_at_once_and_left_out_by_python(
    ticking: Page, folder: Path
) -> None:
    said = _box(ticking, "Series 3").evaluate(
        """box => {
            box.click();
            const row = box.closest("li");
            return [row.dataset.state, row.querySelector(".fedflex-stars-tag").textContent];
        }"""
    )
    assert said == ["pending", "Saving…"]
    expect(_row(ticking, 3)).to_have_attribute("data-state", "out")
    expect(_row(ticking, 3)).to_contain_text("left out")
    expect(ticking.locator(".fedflex-stars-used")).to_contain_text("from 13 of 15")
    assert _ratings(folder) == [["s3", False]]


def test_keyboard_unticks_and_ticks_and_keeps_the_focus(ticking: Page, folder: Path) -> None:
    ticking.locator(".fedflex-stars-filter").focus()
    ticking.keyboard.press("Tab")
    box = _box(ticking, "Café Noir")
    expect(box).to_be_focused()
    ticking.keyboard.press("Space")
    expect(_row(ticking, 0)).to_have_attribute("data-state", "out")
    ticking.keyboard.press("Space")
    _expect_stars(_row(ticking, 0), 5, "rule")
    expect(box).to_be_focused()
    ticking.keyboard.press("Tab")
    expect(_star(ticking, 0, 5)).to_be_focused()
    assert _ratings(folder) == [["s0", False], ["s0", True]]


def test_stars_of_a_series_left_out_cannot_be_changed_and_say_why(
    ticking: Page, folder: Path
) -> None:
    group = ticking.get_by_role("radiogroup", name="Series 6")
    expect(group).to_have_attribute("aria-disabled", "true")
    expect(group).to_have_attribute("aria-description", "Left out. Tick it to change its stars.")
    expect(_row(ticking, 6)).to_contain_text("tick to change its stars")
    _star(ticking, 6, 1).click(force=True)
    expect(ticking.locator(".fedflex-stars > [role=status]")).to_contain_text("is left out")
    _expect_stars(_row(ticking, 6), 3, "out")
    _box(ticking, "Series 6").click()
    _expect_stars(_row(ticking, 6), 3, "rule")
    expect(group).to_have_attribute("aria-disabled", "false")
    _star(ticking, 6, 1).click()
    _expect_stars(_row(ticking, 6), 1, "yours")
    assert _ratings(folder) == [["s6", True], ["s6", 1]]


def test_own_stars_come_back_with_their_series(ticking: Page) -> None:
    box, undo = _box(ticking, "<b>Bold</b>"), _row(ticking, 1).locator(".fedflex-stars-undo")
    box.click()
    expect(_row(ticking, 1)).to_have_attribute("data-state", "out")
    expect(undo).to_be_hidden()
    box.click()
    _expect_stars(_row(ticking, 1), 5, "yours")
    expect(undo).to_be_visible()


def test_tick_that_could_not_be_stored_is_taken_back_with_a_sentence(ticking: Page) -> None:
    box = _box(ticking, "Series 4")
    box.click()
    message = ticking.locator(".fedflex-stars-message")
    expect(message).to_have_text("The disk is full. Free some space.")
    expect(box).to_be_checked()
    expect(_row(ticking, 4)).to_have_attribute("data-state", "rule")
    expect(ticking.locator(".fedflex-stars-used")).to_contain_text("from 14 of 15")


def test_focus_and_open_weeks_stay_with_a_row_that_moves(ticking: Page) -> None:
    _row(ticking, 7).locator(".fedflex-stars-when").click()
    _box(ticking, "Series 7").focus()
    ticking.keyboard.press("Space")
    expect(ticking.locator(".fedflex-stars-row").first).to_have_attribute("data-item", "s14")
    expect(_box(ticking, "SERIES 7")).to_be_focused()
    expect(_row(ticking, 7).locator(".fedflex-stars-weeks")).to_be_visible()


def test_weeks_open_and_close_by_keyboard_and_tell_it(weekly: Page) -> None:
    button = weekly.get_by_role("button", name="Series 2: in 2 weeks")
    weeks = weekly.locator(f"#{button.get_attribute('aria-controls')}")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(weeks).to_be_hidden()
    button.focus()
    weekly.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    expect(weeks.get_by_role("listitem")).to_have_text(
        ["22 Mar 2021: 3 episodes", "29 Mar 2021: 1 episode"]
    )
    weekly.keyboard.press("Space")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(weeks).to_be_hidden()


def test_row_without_weeks_has_no_button_and_one_week_is_one(weekly: Page) -> None:
    expect(_row(weekly, 0).locator(".fedflex-stars-when")).to_have_count(0)
    expect(_row(weekly, 3).locator(".fedflex-stars-when")).to_have_text("in 1 week")


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_checkboxes_and_weeks_fit_the_window_and_fingers(weekly: Page, width: int) -> None:
    weekly.set_viewport_size({"width": width, "height": 800})
    wide = weekly.evaluate("document.documentElement.scrollWidth")
    places = ".fedflex-stars :is(button, .fedflex-stars-use):visible"
    targets = weekly.locator(places).evaluate_all(
        """all => all.map((one) => {
            one.scrollIntoView({ block: "center" });
            const { left, right, top, bottom } = one.getBoundingClientRect();
            const middle = (left + right) / 2;
            // Of its height, what a finger really meets: nothing else may lie over its edges.
            const met = [top + 1, bottom - 1].every((y) => {
                const hit = document.elementFromPoint(middle, y);
                return one.contains(hit);
            });
            return [right - left, bottom - top, met];
        })"""
    )
    weekly.set_viewport_size({"width": 375, "height": 800})
    assert wide == width
    assert min(target[0] for target in targets) >= 44
    assert min(target[1] for target in targets) >= 44
    assert all(target[2] for target in targets)
