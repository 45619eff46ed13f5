"""The participant's series with their stars, which one click corrects, and which of them the model learns from.

A click is acknowledged in the browser at once as "Saving…", and shown as saved only when the callback given to
`Stars.on_rate` has returned the stars that now hold, or that given to `Stars.on_use` has returned. Nothing here
leaves this computer.

CSS classes, for a page's own rules and for tests: `.fedflex-stars` (the widget), `.fedflex-stars-row` (one
series; `data-item`, `data-used`, and `data-state` one of `rule`, `pending`, `yours`, `out`),
`.fedflex-stars-use` (its checkbox), `.fedflex-stars-when` (the button that opens its weeks),
`.fedflex-stars-weeks` (the weeks), `.fedflex-star` (one of its five buttons; `data-stars`),
`.fedflex-stars-undo` (back to the rule), `.fedflex-stars-used` (the line that counts),
`.fedflex-stars-filter` (the box to type in), `.fedflex-stars-all` (show all), `.fedflex-stars-message` (the
sentence that is read aloud).
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from fedflex_core.errors import FedFlexError

__all__ = ["Stars"]

_HERE = Path(__file__).parent
_NOT_SAVED = "This was not saved. Please try again; everything shown as saved is safe."
_LEFT_OUT = "The stars of a series that is left out cannot be changed. Tick it first."
_log = logging.getLogger(__name__)


class Stars(anywidget.AnyWidget):
    """A table of series, each with one to five stars; a click corrects them, "back to the rule" takes it back.

    Where somebody listens with `on_use`, each series has a checkbox: the model does not learn from what is
    unticked.

    Traits:
        rows: One dict a series, shown in the order given: `{"id": str, "title": str, "stars": int from 1 to 5,
            "episodes": int, "watched": str, "corrected": bool}`; `watched` is shown as it is. It may have
            `"used": bool` (without it True: the model learns from it) and `"weeks": [[str, int], ...]`: each
            week's Monday as it is shown, and how many episodes were watched in it.
        message: A sentence under the table: what was wrong and the way out; a callback may set it.
        can_leave_out: True where there are checkboxes; `on_use` sets it.

    >>> stars = Stars(rows=[{"id": "dark", "title": "Dark", "stars": 4, "episodes": 10,
    ...                      "watched": "25 Mar 2024 – 27 Mar 2024", "corrected": False}])
    >>> stars.on_rate(lambda item, stars: 4 if stars is None else stars)
    >>> stars.receive({"type": "rate", "item": "dark", "stars": 2})
    >>> stars.rows[0]["stars"], stars.rows[0]["corrected"]
    (2, True)
    >>> stars.receive({"type": "rate", "item": "dark", "stars": None})
    >>> stars.rows[0]["stars"], stars.rows[0]["corrected"]
    (4, False)
    >>> stars.on_use(lambda item, used: print(item, used))
    >>> stars.receive({"type": "use", "item": "dark", "used": False})
    dark False
    >>> stars.rows[0]["used"]
    False
    """

    _esm = _HERE / "stars.js"
    _css = _HERE / "stars.css"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    can_leave_out = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._rate_callback: Callable[[str, int | None], int] | None = None
        self._use_callback: Callable[[str, bool], None] | None = None
        self.on_msg(lambda _widget, content, _buffers: self.receive(content))

    def on_rate(self, callback: Callable[[str, int | None], int]) -> None:
        """Call `callback(item, stars)` with each correction; a second callback replaces the first.

        Args:
            callback: Gets the row's id and 1 to 5 stars, or None for "back to the rule"; stores them, then
                returns the stars that now hold. An exception takes the choice back on the page: a
                `FedFlexError` shows what was found and the way out, any other a plain sentence.
        """
        self._rate_callback = callback

    def on_use(self, callback: Callable[[str, bool], None]) -> None:
        """Show the checkboxes, and call `callback(item, used)` with each tick; a second one replaces the first.

        Args:
            callback: Gets the row's id, and False where the model is not to learn from it; stores that. An
                exception takes the choice back on the page, as in `on_rate`.
        """
        self._use_callback = callback
        self.can_leave_out = True

    def receive(self, content: Mapping[str, Any]) -> None:
        """Take one message of the browser; what does not fit the rows shown is refused."""
        kind, item = content.get("type"), content.get("item", "")
        if kind not in ("rate", "use"):
            return
        take = self._take_rate if kind == "rate" else self._take_use
        row = next((row for row in self.rows if row["id"] == item), None)
        self.message = ""
        kept = row is not None and take(row, content)
        if not kept:
            self.message = self.message or _NOT_SAVED
        about = {"about": "use"} if kind == "use" else {}
        self.send({"type": "kept" if kept else "refused", "item": item, **about})

    def _take_rate(self, row: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
        stars, store = content.get("stars"), self._rate_callback
        fits = stars is None or (type(stars) is int and 1 <= stars <= 5)
        if store is None or not fits:
            return False
        if not row.get("used", True):
            self.message = _LEFT_OUT
            return False
        corrected = {"corrected": stars is not None}
        return self._store(row["id"], lambda: {"stars": store(row["id"], stars), **corrected})

    def _take_use(self, row: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
        used, store = content.get("used"), self._use_callback
        if store is None or type(used) is not bool:
            return False

        def change() -> dict[str, Any]:
            store(row["id"], used)
            return {"used": used}

        return self._store(row["id"], change)

    def _store(self, item: str, change: Callable[[], Mapping[str, Any]]) -> bool:
        """Call the callback and note its answer in the row; False, with a sentence, where it failed."""
        try:
            changed = change()
        except FedFlexError as error:
            self.message = f"{error.found} {error.way_out}"
            return False
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            # The name alone: an exception's text may hold what was watched.
            _log.error("A correction could not be stored: %s", type(error).__name__)
            return False
        self.rows = [{**row, **changed} if row["id"] == item else row for row in self.rows]
        return True
