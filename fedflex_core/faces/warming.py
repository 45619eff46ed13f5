"""Getting ready in the background what takes long at its first use, while somebody reads the page."""

from __future__ import annotations

import logging
import threading

__all__ = ["warm_up_soon"]

_DELAY = 0.5
"""Seconds in which the page is drawn first."""
_log = logging.getLogger(__name__)


def warm_up_soon(delay: float = _DELAY) -> threading.Thread:
    """Load the learning's inner loops, and compile them where that was not done yet.

    Args:
        delay: Seconds until it begins.

    Returns:
        The thread that does it. It is waited for when the program ends: compiling cannot be cut short.
    """
    thread = threading.Timer(delay, _warm_up)
    thread.start()
    return thread


def _warm_up() -> None:
    try:
        from fedflex_core.learning import _compiled

        _compiled.warm_up()
    except Exception:  # nobody waits for it; where it is needed it is tried again, and told
        _log.debug("The inner loops could not be made ready.", exc_info=True)
