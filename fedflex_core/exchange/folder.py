"""The study folder as everyone can read it: who writes where, and what of it is believed.

One writer a folder: ``aggregator/`` is the aggregator's, ``participants/<id>/`` a participant's. Writing
is the matter of :mod:`fedflex_core.exchange.outbox`.
"""

from __future__ import annotations

import os
import re
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

_PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*\.[a-z]+$")
_PARTICIPANT = re.compile(r"^[0-9a-f]{16,64}$")
R = TypeVar("R", bound=BaseModel)


class NoStudy(FedFlexError):
    """The folder holds no study that this program can take part in."""


@dataclass
class FolderReport:
    """What was read, and what was passed over and why."""

    ignored: list[tuple[str, str]] = field(default_factory=list)
    """(file name, reason); for the researcher's eyes."""

    def ignore(self, name: str, reason: str) -> None:
        """Note that ``name`` was passed over."""
        self.ignored.append((name, reason))


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
            raise _unreadable_study(place, str(error)) from None
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
        try:
            names = [entry.name for entry in (self.path / PARTICIPANTS).iterdir() if entry.is_dir()]
        except FileNotFoundError:
            return []
        return sorted(name for name in names if _PARTICIPANT.match(name))

    def records(
        self, owner: str, kind: type[R], study: str, report: FolderReport | None = None
    ) -> Iterator[R]:
        """All records of one kind below ``owner``'s folder, in the order of their paths.

        Temporary names, conflict copies, records of other studies and whatever breaks its schema are
        passed over and named in ``report``.
        """
        report = report if report is not None else FolderReport()
        root = self.path / owner
        for place in sorted(root.rglob("*.json")) if root.is_dir() else []:
            name = place.relative_to(self.path).as_posix()
            if not _PLAIN_NAME.match(place.name):
                report.ignore(
                    name, "its name is not one of ours: a conflict copy or a temporary file"
                )
                continue
            try:
                record = parse_record(_read_limited(place))
            except BadRecord as error:
                report.ignore(name, str(error))
                continue
            except OSError:
                report.ignore(name, "it cannot be read")
                continue
            if record.study != study:
                report.ignore(name, "it belongs to another study")
            elif isinstance(record, kind):
                yield record


def _read_limited(place: Path) -> bytes:
    with open(place, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise BadRecord("it is larger than 8 MB")
    return content


def _unreadable_study(place: Path, reason: str) -> NoStudy:
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
