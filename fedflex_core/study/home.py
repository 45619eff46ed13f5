"""Where a person's private files lie: a folder of this computer that is never carried anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from fedflex_core.exchange.outbox import CannotWrite

__all__ = ["home_folder", "private_folder"]


def home_folder() -> Path:
    """The platform's place for a program's data, or ``FEDFLEX_HOME`` if that is set."""
    return Path(os.environ.get("FEDFLEX_HOME") or platformdirs.user_data_dir("fedflex"))


def private_folder(study: str, role: str, home: Path | None = None) -> Path:
    """The folder of one role in one study, made if need be, readable by its owner only.

    Args:
        study: The study's id.
        role: ``participant`` or ``aggregator``.
        home: Another place for all private files, for example a simulation's.

    Raises:
        CannotWrite: There can be no such folder.
    """
    root = home or home_folder()
    folder = root / "studies" / study / role
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in (root / "studies", root / "studies" / study, folder):
            part.chmod(0o700)
    except OSError as error:
        raise CannotWrite(
            "The private folder of this computer cannot be made.",
            "A place for private files that you may write to.",
            "Set the variable FEDFLEX_HOME to such a folder, then start again.",
        ) from error
    return folder
