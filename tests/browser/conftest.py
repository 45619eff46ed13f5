"""A real browser: found on this machine, or fetched; without one the tests skip, but fail in CI."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
_PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]


# A busy machine is slow, not wrong: what does not come within this time does not come at all.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; of the module only, as playwright's loop must not outlive these tests."""
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(
                executable_path=_executable(playwright), args=_ARGUMENTS
            )
        except Error as error:
            _without_browser(str(error).splitlines()[0])
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page_requests() -> list[str]:
    """Every address that the test's page asked for, web sockets too."""
    return []


@pytest.fixture
def page(context: BrowserContext, page_requests: list[str]) -> Iterator[Page]:
    opened = context.new_page()
    opened.on("request", lambda request: page_requests.append(request.url))
    opened.on("websocket", lambda socket: page_requests.append(socket.url))
    yield opened
    opened.goto("about:blank")  # lets the page say goodbye, so that its kernel ends


@pytest.fixture
def assert_only_host() -> Callable[[list[str], str], None]:
    """A check that nothing but `host` ("127.0.0.1:8866") was asked, apart from the page's own memory."""

    def check(requests: list[str], host: str) -> None:
        assert requests, "no request was recorded"
        own = ("blob:", "data:", "about:")
        others = [r for r in requests if not r.startswith(own) and urlsplit(r).netloc != host]
        assert others == []

    return check


def _executable(playwright: Playwright) -> str:
    found = _find(playwright)
    if found is None:
        _fetch()
        found = _find(playwright)
    if found is None:
        _without_browser("no Chromium or Chrome on this machine, and none could be fetched")
    return found


def _find(playwright: Playwright) -> str | None:
    candidates = [*map(shutil.which, _NAMES), *_PLACES, playwright.chromium.executable_path]
    return next((path for path in candidates if path and Path(path).exists()), None)


@functools.cache
def _fetch() -> None:
    """Fetch a Chromium, once: Debian's own where we may, else playwright's; failing is no error here."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        commands = [
            ["apt-get", "update"],
            ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "chromium-driver"],
        ]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in commands:
        subprocess.run(command, check=False, capture_output=True)


def _without_browser(reason: str) -> None:
    sentence = f"browser tests need a Chromium: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
