"""Small pieces that both pages are made of."""

from __future__ import annotations

import html
import logging
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from fedflex_core.errors import FedFlexError

__all__ = [
    "Guard",
    "Steps",
    "bullets",
    "button",
    "count",
    "details",
    "error_card",
    "meter",
    "note",
    "page_style",
    "paragraph",
    "table",
    "warning",
]

_STYLE = Path(__file__).parent / "template/voila/templates/fedflex/static/parts.css"
_log = logging.getLogger(__name__)


def page_style() -> widgets.HTML:
    """The style of the pieces, for JupyterLab; a served page has it already and gets nothing."""
    served = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
    return widgets.HTML("" if served else f"<style>{_STYLE.read_text(encoding='utf-8')}</style>")


def count(number: int, one: str, many: str) -> str:
    """A number with its noun.

    >>> count(1, "update", "updates"), count(2000, "update", "updates")
    ('1 update', '2,000 updates')
    """
    return f"{number:,} {one if number == 1 else many}"


def bullets(heading: str, lines: Sequence[str]) -> str:
    """A heading and a list of plain texts."""
    rows = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<h3>{html.escape(heading)}</h3><ul>{rows}</ul>"


def paragraph(text: str) -> str:
    """A paragraph; ``text`` is plain and is escaped."""
    return f"<p>{html.escape(text)}</p>"


def note(text: str) -> str:
    """A calm remark."""
    return f'<div class="fedflex-note">{paragraph(text)}</div>'


def warning(text: str) -> str:
    """A remark that must not be missed, in red and with a word, not with colour alone."""
    words = f"<p><strong>Warning.</strong> {html.escape(text)}</p>"
    return f'<div class="fedflex-warning" role="alert">{words}</div>'


def error_card(error: BaseException, code: str) -> str:
    """What was found, what was expected and the way out; no more than a code for anything unforeseen."""
    if isinstance(error, FedFlexError):
        found, expected, way_out = error.found, error.expected, error.way_out
    else:
        found = "Something went wrong that this program did not foresee."
        expected = "Nothing that was confirmed before is lost."
        way_out = (
            f"Reload the page to go on; if it happens again, tell the researcher the code {code}."
        )
    return (
        '<div class="fedflex-error" role="alert">'
        f"<p><strong>{html.escape(found)}</strong></p>"
        f"<p>Expected: {html.escape(expected)}</p><p>{html.escape(way_out)}</p></div>"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain texts; without a header row where ``header`` is empty."""
    cells = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
    head = f"<thead><tr>{cells}</tr></thead>" if header else ""
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="fedflex-table"><table>{head}<tbody>{body}</tbody></table></div>'


def details(summary: str, inner: str) -> str:
    """Something that opens when it is asked for; ``inner`` is HTML."""
    return f"<details><summary>{html.escape(summary)}</summary>{inner}</details>"


def meter(label: str, value: float, largest: float) -> str:
    """How much of something is used, as a bar with its words."""
    share = 0.0 if largest <= 0 else min(1.0, value / largest)
    return (
        f'<div class="fedflex-meter"><span>{html.escape(label)}</span>'
        f'<progress max="1" value="{share:.4f}" aria-label="{html.escape(label)}"></progress></div>'
    )


def button(label: str, on_click: Callable[[], None], *, primary: bool = False) -> widgets.Button:
    """A button that cannot be pressed twice while it works."""
    made = widgets.Button(description=label, button_style="primary" if primary else "")
    made.layout.width = "auto"

    def pressed(_: Any) -> None:
        made.disabled = True
        try:
            on_click()
        finally:
            made.disabled = False

    made.on_click(pressed)
    return made


class Guard:
    """One wall around every callback: an error becomes a card on the page, never silence.

    What was not foreseen is logged on this computer by the name of its class and a code; its text is
    not, since that may hold what somebody watched.
    """

    def __init__(self) -> None:
        self.place = widgets.HTML()
        self.place.add_class("fedflex-alert")

    def __call__(self, callback: Callable[..., None]) -> Callable[..., None]:
        """The same callback behind the wall."""

        def guarded(*arguments: Any) -> None:
            self.place.value = ""
            try:
                callback(*arguments)
            except (
                Exception
            ) as error:  # the page's last wall: without it Voila shows nothing at all
                code = secrets.token_hex(3)
                if not isinstance(error, FedFlexError):
                    _log.error("code %s: %s", code, type(error).__name__)
                self.place.value = error_card(error, code)

        return guarded


class Steps:
    """A column of sections that are filled as the page goes on."""

    def __init__(self, *names: str) -> None:
        self._boxes = {name: _section() for name in names}

    def __getitem__(self, name: str) -> widgets.VBox:
        return self._boxes[name]

    def fill(self, name: str, heading: str, *children: widgets.Widget) -> None:
        """Show a section: its heading and what is in it."""
        title = widgets.HTML(f"<h2>{html.escape(heading)}</h2>")
        self._boxes[name].children = (title, *children)
        self._boxes[name].layout.display = None

    def only(self, *names: str) -> None:
        """Take away all sections but these."""
        for name, box in self._boxes.items():
            if name not in names:
                box.children = ()
                box.layout.display = "none"


def _section() -> widgets.VBox:
    box = widgets.VBox()
    box.add_class("fedflex-step")
    box.layout.display = "none"
    return box
