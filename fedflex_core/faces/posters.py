"""Two lists of series as poster cards that can be chosen, side by side.

One widget draws the whole page of cards; the posters are drawn in the browser from title, genre and year, so
that no picture is fetched from anywhere. A click is acknowledged in the browser at once as "Saving…", and
shown as "Saved" only when the callback given to `Posters.on_click` has returned.

CSS classes, for a page's own rules and for tests: `.fedflex-posters` (the widget), `.fedflex-list` (one list, a
section), `.fedflex-card` (one series, a button; `data-list`, `data-rank`, `data-item`, and `data-state` one of
`free`, `pending`, `saved`), `.fedflex-none` and `.fedflex-done` (the two buttons), `.fedflex-status` (the line
that is read aloud).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from fedflex_core.errors import FedFlexError

__all__ = ["PosterClick", "Posters"]

_HERE = Path(__file__).parent
_NOT_SAVED = "This was not saved. Please try again; everything shown as saved is safe."
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PosterClick:
    """One click on a poster.

    >>> PosterClick(list_index=0, rank=4, item="dark", selected=True).item
    'dark'
    """

    list_index: int
    """0 for the list shown first (left; above on a phone), 1 for the other."""
    rank: int
    """Place in its list, from 0."""
    item: str
    """The item's id."""
    selected: bool
    """True where the series was chosen, False where a choice was taken back."""


class Posters(anywidget.AnyWidget):
    """Two lists of poster cards; clicks choose, a second click takes the choice back.

    Traits:
        lists: Two dicts `{"name": "List 1", "items": [...]}`; an item is `{"id": str, "title": str,
            "year": int | None, "genres": [str, ...], "synopsis": str}` and may have `"why": str`.
        selected: `[list_index, rank]` of every chosen card; set it to resume after a reload.
        locked: True where nothing can be chosen any more; set by `Done` when its callback returned.
        saved: How many clicks the callback has confirmed.
        message: A sentence under the lists: what was wrong and the way out, or, where locked, a word of thanks
            in place of "Thank you. Your choices are saved."; a callback may set it.
        in_sight: True where the page goes to the lists as soon as they are shown: the heading of their
            `.fedflex-step`, or else the first list's, is scrolled to the top of the view and focused.

    >>> posters = Posters(lists=[
    ...     {"name": "List 1", "items": [{"id": "dark", "title": "Dark", "year": 2017,
    ...                                   "genres": ["Sci-Fi"], "synopsis": "A town, four times."}]},
    ...     {"name": "List 2", "items": []}])
    >>> posters.on_click(lambda click: print(click.item, click.selected))
    >>> posters.receive({"type": "click", "list": 0, "rank": 0, "item": "dark", "selected": True})
    dark True
    >>> posters.selected, posters.saved
    ([[0, 0]], 1)
    """

    _esm = _HERE / "posters.js"
    _css = _HERE / "posters.css"

    lists = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    locked = traitlets.Bool(False).tag(sync=True)
    saved = traitlets.Int(0).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    in_sight = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._click_callbacks: list[Callable[[PosterClick], None]] = []
        self._done_callbacks: list[Callable[[bool], None]] = []
        self.on_msg(lambda _widget, content, _buffers: self.receive(content))

    def on_click(self, callback: Callable[[PosterClick], None]) -> None:
        """Call `callback` with each click; once it has returned, the click is shown as saved.

        An exception takes the choice back on the page: a `FedFlexError` shows what was found and the way out,
        any other a plain sentence.
        """
        self._click_callbacks.append(callback)

    def on_done(self, callback: Callable[[bool], None]) -> None:
        """Call `callback(none)` at the end: `none` is True for "None of these", False for "Done"."""
        self._done_callbacks.append(callback)

    def receive(self, content: Mapping[str, Any]) -> None:
        """Take one message of the browser; what does not fit the lists shown is refused."""
        if content.get("type") == "click":
            self._take_click(content)
        elif content.get("type") == "done":
            self._take_done(none=content.get("none") is True)

    def _take_click(self, content: Mapping[str, Any]) -> None:
        click = self._read_click(content)
        kept = False
        if click is None:
            self.message = self.message or _NOT_SAVED
        elif not self.locked and self._tell(self._click_callbacks, click):
            self._note(click)
            kept = True
        answer = "kept" if kept else "refused"
        self.send({"type": answer, "list": content.get("list"), "rank": content.get("rank")})

    def _read_click(self, content: Mapping[str, Any]) -> PosterClick | None:
        """The click, or None where the browser shows other lists than these."""
        place, rank, chosen = content.get("list"), content.get("rank"), content.get("selected")
        if type(place) is not int or type(rank) is not int or type(chosen) is not bool:
            return None
        if not (0 <= place < len(self.lists) and 0 <= rank < len(self.lists[place]["items"])):
            return None
        item = self.lists[place]["items"][rank]["id"]
        return PosterClick(place, rank, item, chosen) if item == content.get("item") else None

    def _note(self, click: PosterClick) -> None:
        others = [place for place in self.selected if place != [click.list_index, click.rank]]
        added = [[click.list_index, click.rank]] if click.selected else []
        self.selected = sorted(others + added)
        self.saved += 1

    def _take_done(self, *, none: bool) -> None:
        if self.locked:
            return
        self.locked = self._tell(self._done_callbacks, none)
        if not self.locked:
            self.send({"type": "refused"})

    def _tell(self, callbacks: Sequence[Callable[[T], None]], what: T) -> bool:
        """Call each; True where all returned, else False with a sentence in `message`."""
        self.message = ""
        try:
            for callback in callbacks:
                callback(what)
        except FedFlexError as error:
            self.message = f"{error.found} {error.way_out}"
            return False
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            # The name alone: an exception's text may hold what was watched.
            _log.error("A choice could not be stored: %s", type(error).__name__)
            self.message = _NOT_SAVED
            return False
        return True
