"""Load a file from the person's computer, in pieces, with progress.

The browser checks the size before it sends anything, then sends pieces of 1 MB, each after the one before
it has been confirmed, so that a big file does not break the connection. The file's name stays in the browser.
Nothing is written to disk here.

CSS classes: `.fedflex-upload` (the widget; `data-state` is the state), `.fedflex-drop` (the drop zone and
label), `.fedflex-upload-message` (the line that is read aloud).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from fedflex_core.errors import FedFlexError

__all__ = ["Upload"]

_HERE = Path(__file__).parent
_MEGABYTE = 1_000_000
_BROKEN = "The file did not arrive whole. Please choose it again."
_UNREADABLE = (
    "This file could not be read. Nothing was kept of it; please choose it again or another one."
)
_log = logging.getLogger(__name__)


class Upload(anywidget.AnyWidget):
    """A drop zone and a file chooser for one CSV file.

    Traits:
        label: The words in the drop zone.
        max_bytes: Largest file that is sent, in bytes; above it the browser says so and sends nothing.
        state: "idle", "sending" (on its way), "reading" (the callback is at work), "done" or "error".
        message: A sentence under the drop zone; set it from the callback to tell what was read.

    >>> upload = Upload()
    >>> upload.on_file(lambda content: print(content.decode()))
    >>> upload.receive({"type": "begin", "upload": 1, "size": 5}, [])
    >>> upload.receive({"type": "chunk", "upload": 1, "index": 0}, [b"hello"])
    hello
    >>> upload.state
    'done'
    """

    _esm = _HERE / "upload.js"
    _css = _HERE / "upload.css"

    label = traitlets.Unicode("Drop your CSV file here, or choose it").tag(sync=True)
    max_bytes = traitlets.Int(64 * _MEGABYTE).tag(sync=True)
    chunk_bytes = traitlets.Int(_MEGABYTE).tag(sync=True)
    state = traitlets.Enum(["idle", "sending", "reading", "done", "error"], "idle").tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._callbacks: list[Callable[[bytes], None]] = []
        self._upload: object = None
        self._size = self._arrived = 0
        self._pieces: list[bytes] = []
        self.on_msg(lambda _widget, content, buffers: self.receive(content, buffers))

    def on_file(self, callback: Callable[[bytes], None]) -> None:
        """Call `callback` with the whole file's bytes, exactly as they are on the person's disk.

        While it runs the state is "reading", afterwards "done"; a `FedFlexError` makes it "error" and shows
        what was found and the way out.
        """
        self._callbacks.append(callback)

    def receive(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        """Take one message of the browser: the beginning of a file, or its next piece."""
        kind, upload = content.get("type"), content.get("upload")
        if kind == "begin":
            self._begin(upload, content.get("size"))
        elif kind == "chunk" and upload == self._upload and self._upload is not None:
            self._add(content.get("index"), buffers)

    def _begin(self, upload: object, size: object) -> None:
        self._forget()
        if type(size) is not int or not 0 <= size <= self.max_bytes:
            self._fail(_BROKEN)
            return
        self._upload, self._size = upload, size
        self.message, self.state = "", "sending"
        self._go_on()

    def _add(self, index: object, buffers: Sequence[Any]) -> None:
        piece = bytes(buffers[0]) if len(buffers) == 1 else b""
        arrived = self._arrived + len(piece)
        if index != len(self._pieces) or not piece or arrived > self._size:
            self._fail(_BROKEN)
            return
        self._pieces.append(piece)
        self._arrived = arrived
        self._go_on()

    def _go_on(self) -> None:
        """Ask for the next piece, or hand the file over when it is whole."""
        self.send({"type": "received", "upload": self._upload, "bytes": self._arrived})
        if self._arrived == self._size:
            content = b"".join(self._pieces)
            self._forget()
            self._hand_over(content)

    def _hand_over(self, content: bytes) -> None:
        self.state = "reading"
        try:
            for callback in self._callbacks:
                callback(content)
        except FedFlexError as error:
            self._fail(f"{error.found} {error.way_out}")
        except Exception as error:  # the page's last wall: without it Voila shows nothing at all
            # The name alone: an exception's text may hold what was watched.
            _log.error("A file could not be read: %s", type(error).__name__)
            self._fail(_UNREADABLE)
        else:
            self.state = "done"

    def _fail(self, sentence: str) -> None:
        self._forget()
        self.message, self.state = sentence, "error"

    def _forget(self) -> None:
        self._upload = None
        self._size = self._arrived = 0
        self._pieces = []
