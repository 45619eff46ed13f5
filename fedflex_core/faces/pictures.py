"""Drawings written into files."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fedflex_core.errors import FedFlexError

__all__ = ["FORMATS", "CannotDraw", "check_plot", "write_picture"]

FORMATS = (".svg", ".png")
"""What a picture's name may end in."""


class CannotDraw(FedFlexError):
    """The picture's file is of a kind that cannot be drawn, or cannot be written."""


def check_plot(place: Path) -> None:
    """Say at once what is wrong with the name of a picture that is drawn at the end.

    Raises:
        CannotDraw: Its name ends in something else than ``FORMATS``, or its folder is not there.
    """
    if place.suffix.lower() not in FORMATS:
        raise CannotDraw(
            "The picture's name does not say which kind it is.",
            f"A name that ends in {' or '.join(FORMATS)}.",
            "For example: --plot curve.svg",
        )
    if not place.absolute().parent.is_dir():
        raise CannotDraw(
            "The folder for the picture is not there.",
            "A folder that you may write to.",
            "Make it first, or choose another place.",
        )


def write_picture(drawing: Any, place: Path) -> None:
    """Write a matplotlib figure; equal drawings are equal files.

    Args:
        drawing: The figure.
        place: The file, SVG or PNG by its name.

    Raises:
        CannotDraw: The file cannot be written.
    """
    import matplotlib

    check_plot(place)
    kind = place.suffix.lower().removeprefix(".")
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "fedflex"}):
        drawing.savefig(content, format=kind, dpi=150, metadata=_METADATA[kind])
    new = place.with_name(f"{place.name}.tmp")
    try:
        new.write_bytes(content.getvalue())
        os.replace(new, place)
    except OSError as error:
        raise CannotDraw(
            f"The picture cannot be written ({error.strerror}).",
            "A place that you may write to.",
            "Choose another place for --plot.",
        ) from None


# No time of making and no program's version: equal numbers are equal files.
_METADATA: Mapping[str, Mapping[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
