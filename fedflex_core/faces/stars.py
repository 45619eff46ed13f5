"""The participant's series with their stars, which one click corrects.

A click is acknowledged in the browser at once as "Saving…", and shown as saved only when the callback given to
`Stars.on_rate` has returned the stars that now hold. Nothing here leaves this computer.

CSS classes, for a page's own rules and for tests: `.fedflex-stars` (the widget), `.fedflex-stars-row` (one
series; `data-item`, and `data-state` one of `rule`, `pending`, `yours`), `.fedflex-star` (one of its five
buttons; `data-stars`), `.fedflex-stars-undo` (back to the rule), `.fedflex-stars-filter` (the box to type in),
`.fedflex-stars-all` (show all), `.fedflex-stars-message` (the sentence that is read aloud).
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
_log = logging.getLogger(__name__)


class Stars(anywidget.AnyWidget):
    """A table of series, each with one to five stars; a click corrects them, "back to the rule" takes it back.

    Traits:
        rows: One dict a series, shown in the order given: `{"id": str, "title": str, "stars": int from 1 to 5,
            "episodes": int, "watched": str, "corrected": bool}`; `watched` is shown as it is.
        message: A sentence under the table: what was wrong and the way out; a callback may set it.

    >>> stars = Stars(rows=[{"id": "dark", "title": "Dark", "stars": 4, "episodes": 10,
    ...                      "watched": "25 Mar 2024 – 27 Mar 2024", "corrected": False}])
    >>> stars.on_rate(lambda item, stars: 4 if stars is None else stars)
    >>> stars.receive({"type": "rate", "item": "dark", "stars": 2})
    >>> stars.rows[0]["stars"], stars.rows[0]["corrected"]
    (2, True)
    >>> stars.receive({"type": "rate", "item": "dark", "stars": None})
    >>> stars.rows[0]["stars"], stars.rows[0]["corrected"]
    (4, False)
    """

    _esm = _HERE / "stars.js"
    _css = _HERE / "stars.css"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._callback: Callable[[str, int | None], int] | None = None
        self.on_msg(lambda _widget, content, _buffers: self.receive(content))

    def on_rate(self, callback: Callable[[str, int | None], int]) -> None:
        """Call `callback(item, stars)` with each correction; a second callback replaces the first.

        Args:
            callback: Gets the row's id and 1 to 5 stars, or None for "back to the rule"; stores them, then
                returns the stars that now hold. An exception takes the choice back on the page: a
                `FedFlexError` shows what was found and the way out, any other a plain sentence.
        """
        self._callback = callback

    def receive(self, content: Mapping[str, Any]) -> None:
        """Take one message of the browser; what does not fit the rows shown is refused."""
        if content.get("type") != "rate":
            return
        item, stars = content.get("item", ""), content.get("stars")
        self.message = ""
        kept = self._fits(item, stars) and self._store(item, stars)
        if not kept:
            self.message = self.message or _NOT_SAVED
        self.send({"type": "kept" if kept else "refused", "item": item})

    def _fits(self, item: Any, stars: Any) -> bool:
        known = any(row["id"] == item for row in self.rows)
        return known and (stars is None or (type(stars) is int and 1 <= stars <= 5))

    def _store(self, item: str, stars: int | None) -> bool:
        """Call the callback and note its answer in the row; False, with a sentence, where it failed."""
        if self._callback is None:
            return False
        try:
            holds = self._callback(item, stars)
        except FedFlexError as error:
            self.message = f"{error.found} {error.way_out}"
            return False
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            # The name alone: an exception's text may hold what was watched.
            _log.error("A correction could not be stored: %s", type(error).__name__)
            return False
        changed = {"stars": holds, "corrected": stars is not None}
        self.rows = [{**row, **changed} if row["id"] == item else row for row in self.rows]
        return True
