"""The widgets and the server as a person meets them: in a real browser, served by the real server."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fedflex_core.faces import posters
from fedflex_core.faces.server import HOST, Server

_SOURCE = Path(posters.__file__).with_suffix(".js").read_text(encoding="utf-8")
_STYLE = Path(posters.__file__).with_suffix(".css").read_text(encoding="utf-8")
_RENDER = """async ([source, traits]) => {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const widget = (await import(address)).default;
    const all = { selected: [], locked: false, message: "", in_sight: false, ...traits };
    const model = { get: (name) => all[name], on() {}, off() {}, send() {} };
    widget.render({ model, el: document.querySelector("#here") });
}"""

_NOTEBOOK = """
import json, os
from pathlib import Path
import ipywidgets
from fedflex_core.errors import FedFlexError
from fedflex_core.faces.posters import Posters
from fedflex_core.faces.upload import Upload

here = Path(os.environ["FEDFLEX_TEST_FOLDER"])

def item(number):
    return {"id": f"series-{number}", "title": f"Series {number}", "year": 2000 + number,
            "genres": ["Drama", "Crime"], "synopsis": "Somebody wants <b>something</b>."}

def keep(click):
    if click.item == "series-4":
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")
    with open(here / "clicks", "a") as file:
        file.write(json.dumps([click.list_index, click.rank, click.item, click.selected]) + "\\n")

def take(content):
    (here / "upload").write_bytes(content)
    upload.message = f"{len(content)} bytes were read."

clicks = here / "clicks"
chosen = {}
for line in clicks.read_text().splitlines() if clicks.exists() else []:
    place, rank, _, on = json.loads(line)
    chosen[place, rank] = on
posters = Posters(
    lists=[{"name": "List 1", "items": [item(n) for n in range(5)]},
           {"name": "List 2", "items": [item(n) for n in (0, 6, 7, 8, 9)]}],
    selected=[list(place) for place, on in chosen.items() if on])
posters.on_click(keep)
posters.on_done(lambda none: (here / "done").write_text(str(none)))
upload = Upload(max_bytes=3_000_000)
upload.on_file(take)
wide = {"style": {"description_width": "180px"}, "layout": {"width": "100%"}}
slider = ipywidgets.FloatSlider(description="Weight of relevance", **wide)
ipywidgets.VBox([upload, slider, posters])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_NOTEBOOK)])
    nbformat.write(notebook, folder / "page.ipynb")
    environment = {"FEDFLEX_TEST_FOLDER": str(folder)}
    with Server(folder / "page.ipynb", environment=environment) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(folder: Path) -> None:
    for name in ("clicks", "done", "upload"):
        (folder / name).unlink(missing_ok=True)


@pytest.fixture
def opened(page: Page, server: Server) -> Page:
    page.goto(server.url)
    expect(page.locator(".fedflex-card")).to_have_count(10)
    return page


@pytest.fixture(scope="module")
def shared(browser: Browser, server: Server) -> Iterator[Page]:
    """One page for all tests that leave the posters as they are."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator(".fedflex-card")).to_have_count(10)
    yield page
    context.close()


def _card(page: Page, place: int, rank: int):
    return page.locator(f'.fedflex-card[data-list="{place}"][data-rank="{rank}"]')


def _clicks(folder: Path) -> list[list]:
    return [json.loads(line) for line in (folder / "clicks").read_text().splitlines()]


def test_ten_posters_with_their_labels(shared: Page) -> None:
    labels = [card.get_attribute("aria-label") for card in shared.locator(".fedflex-card").all()]
    assert len(labels) == 10
    assert labels[0] == "Series 0, 2000, Drama, Crime. List 1, 1 of 5"
    assert labels[9] == "Series 9, 2009, Drama, Crime. List 2, 5 of 5"


def test_lists_are_named_regions_and_ranks_are_on_one_line(shared: Page) -> None:
    expect(shared.get_by_role("region", name="List 1")).to_be_visible()
    expect(shared.get_by_role("region", name="List 2")).to_be_visible()
    left, right = _card(shared, 0, 4).bounding_box(), _card(shared, 1, 4).bounding_box()
    assert left and right and left["y"] == right["y"] and left["x"] < right["x"]


def test_words_of_an_item_are_never_markup(shared: Page) -> None:
    expect(_card(shared, 0, 0)).to_contain_text("<b>something</b>")
    assert shared.locator(".fedflex-card b").count() == 0


def test_same_series_in_both_lists_says_so(shared: Page) -> None:
    expect(_card(shared, 0, 0)).to_contain_text("also in List 2")
    expect(_card(shared, 1, 0)).to_contain_text("also in List 1")
    assert shared.locator(".fedflex-twin").count() == 2


def test_click_chooses_and_second_click_takes_back(opened: Page, folder: Path) -> None:
    card = _card(opened, 1, 2)
    expect(card).to_have_attribute("aria-pressed", "false")
    card.click()
    expect(card).to_have_attribute("data-state", "saved")
    expect(card).to_have_attribute("aria-pressed", "true")
    card.click()
    expect(card).to_have_attribute("data-state", "free")
    assert _clicks(folder) == [[1, 2, "series-7", True], [1, 2, "series-7", False]]


def test_saved_is_shown_only_after_python_has_stored(opened: Page, folder: Path) -> None:
    card = _card(opened, 0, 1)
    state = card.evaluate("card => { card.click(); return card.dataset.state }")
    assert state == "pending"
    expect(card).to_have_attribute("data-state", "saved")
    assert _clicks(folder) == [[0, 1, "series-1", True]]


def test_what_could_not_be_stored_is_taken_back_with_a_sentence(opened: Page) -> None:
    card = _card(opened, 0, 4)
    card.click()
    expect(opened.get_by_role("alert")).to_have_text("The disk is full. Free some space.")
    expect(card).to_have_attribute("aria-pressed", "false")
    expect(card).to_have_attribute("data-state", "free")


def test_keyboard_alone_is_enough(opened: Page, folder: Path) -> None:
    _card(opened, 0, 0).focus()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowRight")
    expect(_card(opened, 1, 1)).to_be_focused()
    opened.keyboard.press("Space")
    expect(_card(opened, 1, 1)).to_have_attribute("data-state", "saved")
    opened.get_by_role("button", name="Done").focus()
    opened.keyboard.press("Enter")
    expect(opened.locator(".fedflex-status")).to_contain_text("Thank you")
    assert _clicks(folder) == [[1, 1, "series-6", True]]
    assert (folder / "done").read_text() == "False"


def test_none_of_these_is_told_from_a_page_left_alone(opened: Page, folder: Path) -> None:
    expect(opened.get_by_role("button", name="Done")).to_be_disabled()
    opened.get_by_role("button", name="None of these").click()
    expect(opened.locator(".fedflex-status")).to_contain_text("Thank you")
    assert (folder / "done").read_text() == "True"
    _card(opened, 0, 0).click(force=True)
    expect(_card(opened, 0, 0)).to_have_attribute("data-state", "free")


def test_page_recovers_after_a_reload(opened: Page) -> None:
    _card(opened, 0, 3).click()
    expect(_card(opened, 0, 3)).to_have_attribute("data-state", "saved")
    opened.reload()
    expect(_card(opened, 0, 3)).to_have_attribute("data-state", "saved")
    _card(opened, 1, 3).click()
    expect(_card(opened, 1, 3)).to_have_attribute("data-state", "saved")


def test_upload_arrives_byte_for_byte(shared: Page, folder: Path) -> None:
    content = b'\xef\xbb\xbfTitle,Date\r\n"Caf\xc3\xa9: Season 1","01/02/2020"\r\n' + bytes(
        range(256)
    )
    file = {"name": "history.csv", "mimeType": "text/csv", "buffer": content}
    shared.get_by_label("Drop your CSV file here").set_input_files([file])
    expect(shared.locator(".fedflex-upload")).to_have_attribute("data-state", "done")
    expect(shared.locator(".fedflex-upload-message")).to_contain_text(f"{len(content)} bytes")
    assert (folder / "upload").read_bytes() == content


def test_upload_of_several_pieces_keeps_their_order(shared: Page, folder: Path) -> None:
    content = b"".join(number.to_bytes(4, "big") for number in range(650_000))
    file = {"name": "history.csv", "mimeType": "text/csv", "buffer": content}
    shared.locator(".fedflex-file").set_input_files([file])
    expect(shared.locator(".fedflex-upload")).to_have_attribute("data-state", "done")
    assert (folder / "upload").read_bytes() == content


def test_too_large_a_file_gets_a_sentence_and_is_not_sent(shared: Page, folder: Path) -> None:
    file = {"name": "film.csv", "mimeType": "text/csv", "buffer": b"x" * 4_200_000}
    shared.locator(".fedflex-file").set_input_files([file])
    message = shared.locator(".fedflex-upload-message")
    expect(message).to_contain_text("This file has 4 MB; up to 3 MB can be loaded")
    expect(shared.locator(".fedflex-upload")).to_have_attribute("data-state", "error")
    assert not (folder / "upload").exists()


@pytest.mark.parametrize("width", [375, 1280])
def test_page_is_not_wider_than_its_window(shared: Page, width: int) -> None:
    shared.set_viewport_size({"width": width, "height": 800})
    scroll_width = shared.evaluate("document.documentElement.scrollWidth")
    heights = [c.bounding_box()["height"] for c in shared.locator(".fedflex-posters button").all()]
    shared.set_viewport_size({"width": 1280, "height": 900})
    assert scroll_width == width
    assert min(heights) >= 44


def test_slider_has_a_name_and_room_on_a_phone(shared: Page) -> None:
    expect(shared.get_by_role("slider", name="Weight of relevance")).to_be_visible()
    shared.set_viewport_size({"width": 375, "height": 800})
    label = shared.locator(".widget-slider .widget-label").bounding_box()
    field = shared.locator(".widget-slider .slider-container").bounding_box()
    shared.set_viewport_size({"width": 1280, "height": 900})
    assert label and field
    assert label["y"] + label["height"] <= field["y"] and field["width"] > 200


def test_no_other_host_is_asked(
    opened: Page,
    page_requests: list[str],
    server: Server,
    assert_only_host: Callable[[list[str], str], None],
) -> None:
    _card(opened, 0, 0).click()
    expect(_card(opened, 0, 0)).to_have_attribute("data-state", "saved")
    assert any(address.startswith("ws:") for address in page_requests)
    assert_only_host(page_requests, f"{HOST}:{server.port}")


def test_token_leaves_the_address_bar(shared: Page, server: Server) -> None:
    assert shared.url == f"{server.origin}/"


def test_headers_keep_the_page_to_itself(page: Page, server: Server) -> None:
    answer = page.goto(server.url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and f"ws://{HOST}:{server.port}" in policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_policy_stops_what_would_ask_another_host(shared: Page) -> None:
    blocked = shared.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.blockedURI));
            const image = new Image();
            image.src = "http://other.invalid/poster.png";
        })"""
    )
    assert blocked.startswith("http://other.invalid")


@pytest.mark.parametrize("query", ["", "?token=wrong"])
def test_without_the_token_nothing_is_served(page: Page, server: Server, query: str) -> None:
    answer = page.goto(f"{server.origin}/{query}")
    assert answer is not None and answer.status == 403
    expect(page.get_by_role("heading")).to_have_text("This page needs its full address")


def test_other_host_names_are_refused(server: Server) -> None:
    connection = http.client.HTTPConnection(HOST, server.port)
    token = server.url.partition("?token=")[2]
    connection.request("GET", f"/?token={token}", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403
    connection.close()


def test_lost_kernel_is_said_and_a_reload_goes_on(opened: Page, context: BrowserContext) -> None:
    kernel = opened.evaluate(
        'JSON.parse(document.getElementById("jupyter-config-data").textContent).kernelId'
    )
    status = opened.evaluate(
        "async (kernel) => (await fetch(`/api/kernels/${kernel}`, {method: 'DELETE'})).status",
        kernel,
    )
    assert status == 204
    expect(opened.get_by_role("alert").first).to_contain_text("Connection lost.", timeout=15_000)
    opened.get_by_role("button", name="Reload").click()
    expect(opened.locator(".fedflex-card")).to_have_count(10, timeout=15_000)
    expect(opened.locator("#fedflex-lost")).to_be_hidden()


_GENRES = re.findall(r'^  "?([\w-]+)"?: \[\d+, ', _SOURCE, re.MULTILINE)
_OVERLAPS = """() => [...document.querySelectorAll(".fedflex-poster")].filter((poster) => {
    const badge = poster.querySelector(".fedflex-rank").getBoundingClientRect();
    const title = poster.querySelector(".fedflex-poster-title").getBoundingClientRect();
    const meets = (disc, other) => {
        const [r, x, y] = [disc.width / 2, disc.x + disc.width / 2, disc.y + disc.width / 2];
        const dx = x - Math.min(Math.max(x, other.left), other.right);
        return Math.hypot(dx, y - Math.min(Math.max(y, other.top), other.bottom)) < r;
    };
    return [...poster.querySelectorAll("circle.c:not(.line)")]
        .map((disc) => disc.getBoundingClientRect())
        .filter((disc) => disc.width > 4)  // not the stars of a night sky
        .some((disc) => meets(disc, badge) || meets(disc, title));
}).map((poster) => poster.parentElement.getAttribute("aria-label"))"""


def _draw(page: Page, items: list[dict], body: str = '<div id="here"></div>', **traits) -> None:
    """The widget alone, without a server."""
    page.set_content(f"<style>{_STYLE}</style>{body}")
    page.evaluate(_RENDER, [_SOURCE, {"lists": [{"name": "List 1", "items": items}], **traits}])


def _drawn(title: str, genre: str) -> dict:
    return {"id": title, "title": title, "year": 2020, "genres": [genre], "synopsis": ""}


def test_posters_of_one_genre_differ_and_none_is_lighter_or_more_colourful(page: Page) -> None:
    words = ("Our", "My", "No", "Big", "Old", "New")
    _draw(page, [_drawn(f"{word} House", "Comedy") for word in words])
    drawn = page.locator(".fedflex-poster")
    hues = drawn.evaluate_all("all => all.map((p) => Number(p.style.getPropertyValue('--hue')))")
    assert len(set(hues)) == 6 and max(hues) - min(hues) > 20
    assert all(40 <= hue <= 120 for hue in hues), "within 40 degrees of the genre's own"
    patterns = drawn.locator("svg").evaluate_all("all => all.map((svg) => svg.innerHTML)")
    kinds = {re.sub(r"-?[\d.]+", "", pattern)[:60] for pattern in patterns}
    assert len(kinds) > 1
    tones = page.locator(".fedflex-poster .a").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).fill)"
    )
    assert {tone.rpartition(" ")[0] for tone in tones} == {"oklch(0.36 0.075"}


@pytest.mark.parametrize("width", [375, 1280])
def test_bright_disc_keeps_clear_of_rank_and_title(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    titles = ("Dark", "Ozark", "Night Shift", "The Long Way", "Lena", "My Kitchen", "Pale Moon")
    _draw(page, [_drawn(title, genre) for genre in _GENRES for title in titles])
    assert page.locator(".fedflex-poster").count() == 24 * len(titles)
    assert page.evaluate(_OVERLAPS) == []


def test_same_title_is_always_drawn_the_same(page: Page) -> None:
    _draw(page, [_drawn("Dark", "Sci-Fi"), _drawn("Ozark", "Crime"), _drawn("Dark", "Sci-Fi")])
    first, other, again = page.locator(".fedflex-poster svg").evaluate_all(
        "all => all.map((svg) => svg.parentElement.style.cssText + svg.innerHTML)"
    )
    assert first == again != other


_BELOW = """
<div style="height: 3000px">A long page</div>
<section class="fedflex-step"><h2>Two lists for you</h2><div id="here"></div></section>
<div style="height: 3000px">More of it</div>
"""


def test_lists_come_into_sight_when_the_page_is_shown(page: Page) -> None:
    items = [_drawn("Dark", "Drama")]
    page.emulate_media(reduced_motion="reduce")
    _draw(page, items, f'<main style="display: none">{_BELOW}</main>', in_sight=True)
    page.evaluate("document.querySelector('main').style.display = 'block'")
    heading = page.get_by_role("heading", name="Two lists for you")
    expect(heading).to_be_focused()
    expect(page.get_by_role("heading", name="List 1")).to_be_in_viewport()
    page.evaluate("document.querySelector('main').prepend(document.createElement('h1'))")
    page.evaluate("document.querySelector('h1').style.height = '2000px'")  # drawn late
    expect(page.get_by_role("heading", name="List 1")).to_be_in_viewport()
    page.mouse.wheel(0, -4000)
    expect(heading).not_to_be_in_viewport()


def test_lists_stay_out_of_sight_unless_asked(page: Page) -> None:
    _draw(page, [_drawn("Dark", "Drama")], _BELOW)
    expect(page.get_by_role("heading", name="List 1")).not_to_be_in_viewport()
    assert page.evaluate("window.scrollY") == 0


_RESUMED = """
import ipywidgets
from fedflex_core.faces.posters import Posters

item = {"id": "dark", "title": "Dark", "year": 2017, "genres": ["Drama"], "synopsis": ""}
lists = [{"name": f"List {n}", "items": [item] * 5} for n in (1, 2)]
step = ipywidgets.VBox([ipywidgets.HTML("<h2>Two lists</h2>"), Posters(lists=lists, in_sight=True)])
step.add_class("fedflex-step")
ipywidgets.VBox([ipywidgets.HTML("<p>Above.</p>" * 60), step, ipywidgets.HTML("<p>Below.</p>" * 60)])
"""


def test_lists_are_in_sight_after_a_page_load_and_a_reload(page: Page, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_RESUMED)])
    nbformat.write(notebook, tmp_path / "participant_notebook.ipynb")
    with Server(tmp_path / "participant_notebook.ipynb") as running:
        page.goto(running.url)
        expect(page.get_by_role("heading", name="Two lists")).to_be_focused()
        expect(page.get_by_role("heading", name="List 1")).to_be_in_viewport()
        page.reload()
        expect(page.get_by_role("heading", name="Two lists")).to_be_focused()
        expect(page.get_by_role("heading", name="List 1")).to_be_in_viewport()
        expect(page).to_have_title("Take part · FedFlex")
