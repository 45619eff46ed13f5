"""The names as a person meets them: in a real browser, served by the real server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fedflex_core.faces.server import Server

_NOTEBOOK = """
import json, os, time
from pathlib import Path
from fedflex_core.errors import FedFlexError
from fedflex_core.faces.names import Names

folder = Path(os.environ["FEDFLEX_TEST_FOLDER"])
words = ["Haus des Geldes", "<b>Fett</b>", "ميت من ورق", *(f"Name {n}" for n in range(3, 15))]
rows = [{"name": name, "episodes": 15 - n, "watched": "25 Mar 2024", "series": "Elite" if n == 1 else None}
        for n, name in enumerate(words)]
titles = [["papel", "La casa de papel"], ["nova", "Casanova"], ["law", "Casey's Law"], ["elite", "Élite"],
          ["man", "Spider-Man"], ["show", "The Case Show"], ["ocas", "Ocaso"], ["ss", "Die Straße"],
          ["arab", "بيت من ورق"], ["jp", "今際の国のアリス"], ["bold", "<i>Casual</i>"],
          *([f"n{n}", f"Number {n:04d}"] for n in range(5000))]

def store(name, item):
    if name == "Name 4":
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")
    with open(folder / "names", "a") as file:
        file.write(json.dumps([name, item]) + "\\n")
    if name == "Name 5":  # the page works out anew what is unknown
        names.rows = [row for row in names.rows if row["name"] != name]
    if name == "Name 6":
        while not (folder / "go").exists():
            time.sleep(0.02)
        first = {"name": "New", "episodes": 99, "watched": "", "series": None}
        names.rows = [first, *reversed(names.rows)]
    if name == "Name 7":
        names.rows = []

names = Names(rows=rows, titles=titles)
names.on_name(store)
names
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("names")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_NOTEBOOK)])
    nbformat.write(notebook, folder / "page.ipynb")
    with Server(folder / "page.ipynb", environment={"FEDFLEX_TEST_FOLDER": str(folder)}) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(folder: Path) -> None:
    (folder / "names").unlink(missing_ok=True)
    (folder / "go").unlink(missing_ok=True)


@pytest.fixture
def opened(page: Page, server: Server) -> Page:
    """A page of its own, for tests that choose a series."""
    return _open(page, server)


@pytest.fixture(scope="module")
def kept(browser: Browser, server: Server) -> Iterator[Page]:
    """One page, of a phone's width and touch, for all tests that choose nothing."""
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True)
    yield _open(context.new_page(), server)
    context.close()


@pytest.fixture
def shared(kept: Page) -> Page:
    """The page that is kept, with empty boxes."""
    kept.locator(".fedflex-names-count").focus()
    kept.locator(".fedflex-names-box").evaluate_all("all => all.forEach((box) => (box.value = ''))")
    return kept


def _open(page: Page, server: Server) -> Page:
    page.goto(server.url)
    expect(page.locator(".fedflex-names-row")).to_have_count(15, timeout=15_000)
    return page


def _row(page: Page, name: str) -> Locator:
    return page.locator(f'.fedflex-names-row[data-name="{name}"]')


def _box(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=f"Which series is {name}?", exact=True)


def _choose(page: Page, name: str, typed: str = "casanova") -> None:
    _box(page, name).focus()
    page.keyboard.type(typed)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def _suggested(page: Page) -> list[str | None]:
    return [one.get_attribute("data-item") for one in page.get_by_role("option").all()]


def _pointed_at(page: Page, box: Locator) -> str | None:
    """The suggestion that a screen reader reads: the one that `aria-activedescendant` names."""
    place = box.get_attribute("aria-activedescendant")
    if place is None:
        return None
    option = page.locator(f"#{place}")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator('[role="option"][aria-selected="true"]')).to_have_count(1)
    return option.get_attribute("data-item")


def _stored(folder: Path) -> list[list]:
    path = folder / "names"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _shown(page: Page) -> list[str | None]:
    rows = page.locator(".fedflex-names-row:visible").all()
    return [row.get_attribute("data-name") for row in rows]


def _room(page: Page) -> str:
    return page.locator(".fedflex-names").evaluate("widget => widget.style.paddingBottom")


def test_row_tells_its_name_and_how_much_was_watched(shared: Page) -> None:
    expect(_row(shared, "Haus des Geldes")).to_contain_text("15 episodes · 25 Mar 2024")
    expect(_row(shared, "<b>Fett</b>")).to_contain_text("you said: Elite")
    expect(_row(shared, "<b>Fett</b>")).to_contain_text("saved")
    expect(shared.locator(".fedflex-names-count")).to_have_text("You have matched 1 of 15 names.")
    assert shared.locator(".fedflex-names b, .fedflex-names i").count() == 0


def test_box_follows_the_combobox_pattern(shared: Page) -> None:
    box = _box(shared, "Haus des Geldes")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_attribute("aria-autocomplete", "list")
    box.press_sequentially("casa")
    expect(box).to_have_attribute("aria-expanded", "true")
    listbox = shared.locator(f"#{box.get_attribute('aria-controls')}")
    expect(listbox).to_have_role("listbox")
    expect(listbox.get_by_role("option")).to_have_count(2)
    assert _pointed_at(shared, box) is None
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(shared.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("casa")
    box.press("Escape")
    expect(box).to_have_value("")


def test_arrows_go_round_the_suggestions_and_the_text_stays(shared: Page) -> None:
    box = _box(shared, "Haus des Geldes")
    box.press_sequentially("cas")
    first, *_, last = _suggested(shared)
    walked = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown"):
        box.press(key)
        walked.append(_pointed_at(shared, box))
    assert (walked[0], walked[2:]) == (first, [first, last, first])
    assert walked[1] not in (first, last)
    box.press("ArrowLeft")
    assert _pointed_at(shared, box) is None
    expect(box).to_have_value("cas")
    expect(box).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cas", ["nova", "law", "papel", "show", "bold", "ocas"]),
        ("PAPEL", ["papel"]),
        ("elite", ["elite"]),
        ("Éli", ["elite"]),
        ("caseys", ["law"]),
        ("case’y", ["law"]),
        ("spider man", ["man"]),
        ("papel casa", ["papel"]),
        ("strasse", ["ss"]),
        ("من", ["arab"]),
        ("アリス", ["jp"]),
        ("number 0042", ["n42"]),
        ("nothing like it", []),
        ("  ", []),
    ],
)
def test_titles_are_found_word_beginnings_first(shared: Page, typed: str, found: list[str]) -> None:
    _box(shared, "Haus des Geldes").fill(typed)
    got = _suggested(shared)
    if typed == "cas":  # where the title begins; where a word does; anywhere
        got = [*got[:2], *sorted(got[2:5]), *got[5:]]
        found = [*found[:2], *sorted(found[2:5]), *found[5:]]
    assert got == found


def test_at_most_eight_are_suggested_and_the_rest_is_counted(shared: Page) -> None:
    _box(shared, "Haus des Geldes").fill("number")
    assert _suggested(shared) == [f"n{n}" for n in range(8)]
    expect(shared.locator(".fedflex-names-menu")).to_contain_text("8 of 5000")


def test_no_suggestion_says_that_a_name_can_be_left(shared: Page) -> None:
    box = _box(shared, "Haus des Geldes")
    box.fill("nothing like it")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(shared.locator(".fedflex-names-menu")).to_contain_text("Leave the name as it is")
    shared.keyboard.press("Enter")
    expect(_row(shared, "Haus des Geldes")).to_have_attribute("data-state", "free")


def test_leaving_the_box_closes_its_suggestions_and_chooses_nothing(
    shared: Page, folder: Path
) -> None:
    box = _box(shared, "Haus des Geldes")
    box.press_sequentially("casa")
    box.press("ArrowDown")
    box.press("Tab")
    expect(shared.get_by_role("listbox")).to_have_count(0)
    expect(_row(shared, "Haus des Geldes")).to_have_attribute("data-state", "free")
    assert _stored(folder) == []


def test_choice_is_acknowledged_at_once_and_saved_by_python(opened: Page, folder: Path) -> None:
    _box(opened, "Haus des Geldes").fill("papel")
    row = _row(opened, "Haus des Geldes")
    at_once = opened.locator('[data-item="papel"]').evaluate(
        """option => {
            const row = option.closest(".fedflex-names-row");
            option.click();
            return [row.dataset.state, row.querySelector(".fedflex-names-tag").textContent];
        }"""
    )
    assert at_once == ["pending", "Saving…"]
    expect(row).to_have_attribute("data-state", "saved")
    expect(row).to_contain_text("you said: La casa de papel")
    expect(opened.locator(".fedflex-names-count")).to_have_text("You have matched 2 of 15 names.")
    assert _stored(folder) == [["Haus des Geldes", "papel"]]


def test_keyboard_alone_chooses_and_takes_back(opened: Page, folder: Path) -> None:
    box = _box(opened, "Haus des Geldes")
    box.focus()
    opened.keyboard.type("casanova")
    opened.keyboard.press("Enter")  # points at the first; nothing is chosen unseen
    assert _pointed_at(opened, box) == "nova"
    opened.keyboard.press("Enter")
    undo = opened.get_by_role("button", name="undo: Haus des Geldes is Casanova")
    expect(undo).to_be_focused()
    expect(_row(opened, "Haus des Geldes")).to_have_attribute("data-state", "saved")
    opened.keyboard.press("Enter")
    expect(_row(opened, "Haus des Geldes")).to_have_attribute("data-state", "free")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    assert _stored(folder) == [["Haus des Geldes", "nova"], ["Haus des Geldes", None]]


def test_pointer_chooses_without_leaving_the_box_first(opened: Page, folder: Path) -> None:
    _box(opened, "Name 3").fill("cas")
    opened.get_by_role("option", name="<i>Casual</i>").click()
    expect(_row(opened, "Name 3")).to_contain_text("you said: <i>Casual</i>")
    expect(_row(opened, "Name 3")).to_have_attribute("data-state", "saved")
    assert _stored(folder) == [["Name 3", "bold"]]


def test_what_could_not_be_stored_is_taken_back_with_a_sentence(opened: Page) -> None:
    _choose(opened, "Name 4")
    message = opened.locator(".fedflex-names-message")
    expect(message).to_have_text("The disk is full. Free some space.")
    expect(message).to_be_in_viewport()
    expect(_row(opened, "Name 4")).to_have_attribute("data-state", "free")
    expect(_box(opened, "Name 4")).to_be_focused()
    expect(_box(opened, "Name 4")).to_have_value("casanova")  # to choose again
    _choose(opened, "Name 3")
    expect(message).to_have_text("")


def test_focus_goes_to_the_row_in_place_of_one_that_is_gone(opened: Page) -> None:
    _choose(opened, "Name 5")
    expect(_row(opened, "Name 5")).to_have_count(0)
    expect(_box(opened, "Name 6")).to_be_focused()


def test_focus_goes_to_the_count_where_no_row_is_left(opened: Page) -> None:
    _choose(opened, "Name 7")
    expect(opened.locator(".fedflex-names-row")).to_have_count(0)
    count = opened.locator(".fedflex-names-count")
    expect(count).to_be_focused()
    expect(count).to_have_text("Every name in your history is known.")


def test_typing_goes_on_while_rows_are_replaced(opened: Page, folder: Path) -> None:
    _choose(opened, "Name 6")
    box = _box(opened, "Haus des Geldes")  # the first; it becomes the last
    box.focus()
    opened.keyboard.type("cas")
    opened.keyboard.press("ArrowDown")
    (folder / "go").touch()
    expect(opened.locator(".fedflex-names-row").first).to_have_attribute("data-name", "New")
    expect(box).to_be_focused()
    expect(box).to_be_visible()
    assert _pointed_at(opened, box) == "nova"
    opened.keyboard.press("ArrowUp")
    opened.keyboard.type("e")
    expect(box).to_have_value("case")
    assert _suggested(opened) == ["law", "show"]


def test_twelve_rows_until_all_are_asked_for(shared: Page) -> None:
    assert len(_shown(shared)) == 12
    shared.get_by_role("button", name="Show all 15 names").click()
    assert len(_shown(shared)) == 15
    expect(_box(shared, "Name 12")).to_be_focused()
    shared.get_by_role("button", name="Show the first 12 only").click()
    assert len(_shown(shared)) == 12


def test_suggestions_of_the_last_row_can_be_reached(shared: Page) -> None:
    _box(shared, "Name 11").fill("number")
    expect(shared.get_by_role("option").last).to_be_in_viewport()
    assert _room(shared) != ""
    shared.keyboard.press("Escape")
    assert _room(shared) == ""


def test_button_stays_under_the_pointer_while_suggestions_close(opened: Page) -> None:
    _box(opened, "Name 11").fill("number")  # makes room below the list, which is taken away again
    opened.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    opened.get_by_role("button", name="Show all 15 names").click()
    assert len(_shown(opened)) == 15
    assert _room(opened) == ""


def test_names_and_titles_stand_in_their_own_direction(shared: Page) -> None:
    box = _box(shared, "ميت من ورق")
    box.fill("بيت")
    directions = [
        one.evaluate("one => getComputedStyle(one).direction")
        for one in (
            _row(shared, "ميت من ورق").locator(".fedflex-names-name"),
            _row(shared, "Name 3").locator(".fedflex-names-name"),
            shared.get_by_role("option"),
            box,
        )
    ]
    assert directions == ["rtl", "ltr", "rtl", "rtl"]


def test_nothing_typed_leaves_this_computer(
    opened: Page,
    server: Server,
    page_requests: list[str],
    assert_only_host: Callable[[list[str], str], None],
) -> None:
    _choose(opened, "Haus des Geldes")
    expect(_row(opened, "Haus des Geldes")).to_have_attribute("data-state", "saved")
    assert_only_host(page_requests, urlsplit(server.url).netloc)
    assert not [url for url in page_requests if "casanova" in url.lower()]
    box = _box(opened, "Name 3")
    for attribute in ("spellcheck", "writingsuggestions"):
        expect(box).to_have_attribute(attribute, "false")


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_page_fits_its_window_and_fingers(shared: Page, width: int) -> None:
    shared.set_viewport_size({"width": width, "height": 800})
    _box(shared, "Name 3").fill("number")
    wide = shared.evaluate("document.documentElement.scrollWidth")
    targets = shared.locator(".fedflex-names :is(button, input, [role=option]):visible").all()
    boxes = [one.bounding_box() for one in targets]
    shared.set_viewport_size({"width": 375, "height": 800})
    assert wide == width
    assert len(boxes) > 20
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 44
