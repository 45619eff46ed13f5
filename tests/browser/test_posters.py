"""The widgets and the server as a person meets them: in a real browser, served by the real server."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fedflex_core.faces.server import HOST, Server

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
ipywidgets.VBox([upload, posters])
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
    file = {"name": "film.csv", "mimeType": "text/csv", "buffer": b"x" * 3_000_001}
    shared.locator(".fedflex-file").set_input_files([file])
    expect(shared.locator(".fedflex-upload-message")).to_contain_text("up to 3 MB can be loaded")
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
