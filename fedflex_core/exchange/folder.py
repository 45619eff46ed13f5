"""The study folder as everyone can read it: who writes where, and what of it is believed.

One writer a folder: ``aggregator/`` is the aggregator's, ``participants/<id>/`` a participant's. Writing
is the matter of :mod:`fedflex_core.exchange.outbox`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.protocol import (
    MAX_FILE_BYTES,
    BadRecord,
    Payload,
    Record,
    StudyRecord,
    parse_record,
)

__all__ = [
    "AGGREGATOR",
    "PARTICIPANTS",
    "FolderReport",
    "NoStudy",
    "StudyFolder",
]

AGGREGATOR = "aggregator"
PARTICIPANTS = "participants"

_LEAVES = ("events", "rounds", "updates")
_PARTICIPANT = re.compile(r"[0-9a-f]{16,64}")
R = TypeVar("R", bound=BaseModel)


class NoStudy(FedFlexError):
    """The folder holds no study that this program can take part in."""


@dataclass
class FolderReport:
    """What was read, and what was passed over and why."""

    ignored: dict[str, str] = field(default_factory=dict)
    """Reason by file name; for the researcher's eyes."""

    def ignore(self, name: str, reason: str) -> None:
        """Note that ``name`` was passed over."""
        # Anybody can name a file; what is odd in a name must not reach a terminal or a page.
        plain = name.encode("utf-8", "replace").decode()
        self.ignored["".join(c if c.isprintable() else "?" for c in plain)] = reason


class StudyFolder:
    """Reading side of a study folder. It writes nothing.

    Args:
        path: The shared folder of one study.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def study(self) -> StudyRecord:
        """The study's record.

        Raises:
            NoStudy: The folder is missing, holds no study, is still being copied, or is of another
                version.
        """
        place = self.path / AGGREGATOR / "study.json"
        if not self.path.is_dir():
            raise _no_study(
                "There is no such folder.", "Check the path, or ask the researcher for it."
            )
        try:
            record = parse_record(_read_limited(place))
        except FileNotFoundError:
            raise _no_study(
                "The folder holds no study, or has not finished copying.",
                "Check the path; if a sync program fills the folder, wait until it is done.",
            ) from None
        except PermissionError:
            raise _no_study(
                "This computer may not read the study's files.", "Ask the researcher for access."
            ) from None
        except BadRecord as error:
            raise _unreadable_study(str(error)) from None
        if not isinstance(record, StudyRecord):
            raise _no_study("The study's first file is of another kind.", "Ask the researcher.")
        return record

    def payload(self, owner: str, payload: Payload) -> bytes:
        """The bytes of a payload in ``owner``'s folder.

        Raises:
            BadRecord: It is not here, still arriving, or not what its record describes.
        """
        try:
            content = _read_limited(self.path / owner / PurePosixPath(payload.name))
        except FileNotFoundError:
            raise BadRecord("its payload has not arrived yet") from None
        except OSError:
            raise BadRecord("its payload cannot be read") from None
        if not payload.vouches_for(content):
            raise BadRecord("its payload is still arriving, or was changed")
        return content

    def participants(self) -> list[str]:
        """Random ids of all participants whose folders are here, sorted."""
        folders = (entry.name for entry in _entries(self.path / PARTICIPANTS) if _is_folder(entry))
        return sorted(name for name in folders if _PARTICIPANT.fullmatch(name))

    def records(
        self, owner: str, kind: type[R], study: str, report: FolderReport | None = None
    ) -> Iterator[R]:
        """All records of one kind below ``owner``'s folder, in the order of their names.

        Temporary names, copies under another name than the record's own, records of other studies and
        whatever breaks its schema are passed over and named in ``report``.
        """
        report = report if report is not None else FolderReport()
        root = self.path / owner
        if root.is_symlink():
            return
        for leaf in (root, *(root / name for name in _LEAVES)):
            for entry in _entries(leaf):
                if not entry.name.endswith(".json"):
                    continue
                place = Path(entry.path)
                try:
                    record = _own_record(place, place.relative_to(root).as_posix(), study)
                except BadRecord as error:
                    report.ignore(place.relative_to(self.path).as_posix(), str(error))
                else:
                    if isinstance(record, kind):
                        yield record

    def record(self, owner: str, name: str, study: str) -> Record | None:
        """One record by its name, or None if it is not here.

        Raises:
            BadRecord: It is here and cannot be believed.
        """
        place = self.path / owner / PurePosixPath(name)
        return _own_record(place, name, study) if os.path.lexists(place) else None


def _own_record(place: Path, name: str, study: str) -> Record:
    """The record at ``place``, which must be called ``name`` and belong to ``study``."""
    try:
        record = parse_record(_read_limited(place))
    except OSError:
        raise BadRecord("it cannot be read") from None
    if record.study != study:
        raise BadRecord("it belongs to another study")
    if record.name != name:
        raise BadRecord("it is a copy: its name is not the one that its record has")
    return record


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name; nothing where there is no folder. Links are not followed."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _read_limited(place: Path) -> bytes:
    """A plain file's bytes; what is a link, a pipe or too large is not opened for long."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(place, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise BadRecord("it is not a plain file")
        # No more room than the file needs, and a byte to notice one that is still growing.
        content = file.read(min(found.st_size, MAX_FILE_BYTES) + 1)
    if len(content) > MAX_FILE_BYTES:
        raise BadRecord("it is larger than 8 MB")
    return content


def _unreadable_study(reason: str) -> NoStudy:
    if reason.endswith("Input should be 1") and "protocol" in reason:
        return _no_study(
            "The study was made by another version of FedFlex.",
            "Install the version that the researcher uses.",
        )
    return _no_study(
        f"The study's description cannot be read ({reason}).",
        "If a sync program fills the folder, wait until it is done; otherwise ask the researcher.",
    )


def _no_study(found: str, way_out: str) -> NoStudy:
    return NoStudy(found, "The folder of a FedFlex study.", way_out)
