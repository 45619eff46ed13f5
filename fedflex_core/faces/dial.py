"""The participant's dial: how much of what they watched may move the model.

A move is acknowledged in the browser at once as "Saving…", and shown as kept only when the callback given to
`Dial.on_turn` has returned. It travels as a message, as a button's click does: what was set before "Train
and share" was pressed holds for what is shared.

CSS classes: `.fedflex-dial` (the widget; `data-state` is one of `kept`, `pending`, `refused`),
`.fedflex-dial-range` (the slider), `.fedflex-dial-message` (the line that is read aloud).
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from fedflex_core.errors import FedFlexError

__all__ = ["Dial"]

_HERE = Path(__file__).parent
_NOT_SAVED = "This was not saved. Please try again; what is shown is what holds."
_log = logging.getLogger(__name__)


class Dial(anywidget.AnyWidget):
    """A slider from 0 to 100% with its words.

    Traits:
        label: The slider's name.
        words: What it does, in a sentence or two.
        percent: What holds, 0 to 100.
        message: What was wrong and the way out; a callback may set it.

    >>> dial = Dial(percent=100)
    >>> dial.on_turn(lambda percent: print(f"{percent}% is kept"))
    >>> dial.receive({"type": "turn", "percent": 25})
    25% is kept
    >>> dial.percent
    25
    """

    _esm = _HERE / "dial.js"
    _css = _HERE / "dial.css"

    label = traitlets.Unicode("May move the model").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    percent = traitlets.Int(100, min=0, max=100).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._callback: Callable[[int], None] | None = None
        self.on_msg(lambda _widget, content, _buffers: self.receive(content))

    def on_turn(self, callback: Callable[[int], None]) -> None:
        """Call `callback(percent)` with each move; a second callback replaces the first.

        Args:
            callback: Stores the percentage. An exception takes the move back on the page: a `FedFlexError`
                shows what was found and the way out, any other a plain sentence.
        """
        self._callback = callback

    def receive(self, content: Mapping[str, Any]) -> None:
        """Take one message of the browser; what is no percentage is refused."""
        if content.get("type") != "turn":
            return
        self.message = ""
        kept = self._store(content.get("percent"))
        if not kept:
            self.message = self.message or _NOT_SAVED
        self.send({"type": "kept" if kept else "refused"})

    def _store(self, percent: object) -> bool:
        """Call the callback and note what holds; False, with a sentence, where it failed."""
        if self._callback is None or type(percent) is not int or not 0 <= percent <= 100:
            return False
        try:
            self._callback(percent)
        except FedFlexError as error:
            self.message = f"{error.found} {error.way_out}"
            return False
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            _log.error("The dial could not be stored: %s", type(error).__name__)
            return False
        self.percent = percent
        return True
