"""Names in the participant's history that the catalogue does not know, and a box to say which series each is.

A choice is acknowledged in the browser at once as "Saving…", and shown as saved only when the callback given to
`Names.on_name` has returned. A name that is none of the series is simply left as it is. The titles are searched
in the browser; nothing here leaves this computer.

CSS classes, for a page's own rules and for tests: `.fedflex-names` (the widget), `.fedflex-names-row` (one
name; `data-name`, and `data-state` one of `free`, `pending`, `saved`), `.fedflex-names-box` (the box to type
in), `.fedflex-names-option` (one suggestion; `data-item`), `.fedflex-names-undo` (takes a choice back),
`.fedflex-names-all` (show all), `.fedflex-names-count` (how many have a series), `.fedflex-names-message` (the
sentence that is read aloud).
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from fedflex_core.errors import FedFlexError

__all__ = ["Names"]

_HERE = Path(__file__).parent
_NOT_SAVED = "This was not saved. Please try again; everything shown as saved is safe."
_log = logging.getLogger(__name__)


class Names(anywidget.AnyWidget):
    """A list of names; typing finds a series of the catalogue, choosing one says what the name stands for.

    Traits:
        rows: One dict a name, shown in the order given: `{"name": str, "episodes": int, "watched": str,
            "series": str | None}`; no name stands twice, `watched` is shown as it is, and `series` is the
            title that was chosen before.
        titles: `(item_id, title)` of every series that can be chosen.
        message: A sentence under the list: what was wrong and the way out; a callback may set it.

    >>> names = Names(titles=[["dark", "Dark"]], rows=[
    ...     {"name": "Finsternis", "episodes": 10, "watched": "25 Mar 2024", "series": None}])
    >>> names.on_name(lambda name, item_id: print(name, item_id))
    >>> names.receive({"type": "name", "name": "Finsternis", "item": "dark"})
    Finsternis dark
    >>> names.rows[0]["series"]
    'Dark'
    >>> names.receive({"type": "name", "name": "Finsternis", "item": None})
    Finsternis None
    """

    _esm = _HERE / "names.js"
    _css = _HERE / "names.css"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    titles = traitlets.List(traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode())).tag(
        sync=True
    )
    message = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._callback: Callable[[str, str | None], None] | None = None
        self.on_msg(lambda _widget, content, _buffers: self.receive(content))

    def on_name(self, callback: Callable[[str, str | None], None]) -> None:
        """Call `callback(name, item_id)` with each choice; a second callback replaces the first.

        Args:
            callback: Gets the row's name and the id of its series, or None where a choice is taken back;
                stores that. It may set `rows` anew. An exception takes the choice back on the page: a
                `FedFlexError` shows what was found and the way out, any other a plain sentence.
        """
        self._callback = callback

    def receive(self, content: Mapping[str, Any]) -> None:
        """Take one message of the browser; what does not fit the rows and titles shown is refused."""
        if content.get("type") != "name":
            return
        name, item = content.get("name", ""), content.get("item", "")
        self.message = ""
        kept = self._fits(name, item) and self._store(name, item)
        if not kept:
            self.message = self.message or _NOT_SAVED
        self.send({"type": "kept" if kept else "refused", "name": name})

    def _fits(self, name: Any, item: Any) -> bool:
        known = any(row["name"] == name for row in self.rows)
        return known and (item is None or any(item == one for one, _title in self.titles))

    def _store(self, name: str, item: str | None) -> bool:
        """Call the callback and note the choice in the row; False, with a sentence, where it failed."""
        if self._callback is None:
            return False
        try:
            self._callback(name, item)
        except FedFlexError as error:
            self.message = f"{error.found} {error.way_out}"
            return False
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            # The name alone: an exception's text may hold what was watched.
            _log.error("A name could not be stored: %s", type(error).__name__)
            return False
        series = next((title for one, title in self.titles if one == item), None)
        self.rows = [{**row, "series": series} if row["name"] == name else row for row in self.rows]
        return True
