"""The study folder: who writes where, and how a file gets there whole.

One writer a folder: ``aggregator/`` is the aggregator's, ``participants/<id>/`` a participant's. What is
written is first committed to the writer's own *outbox* in its private folder and then copied: the shared
folder never holds the only copy of anything, and a crash between the two loses nothing and, since the
same bytes are copied again, publishes nothing twice.

A commit writes the payloads, then the record that vouches for them; each to a temporary name in the same
folder, flushed, and renamed. So the record is the commit point on every disk, and a reader who sees a
record without its payloads sees something that is still arriving.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from filelock import FileLock
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
    "CannotWrite",
    "FolderReport",
    "NoStudy",
    "Outbox",
    "StudyFolder",
    "read_private",
    "write_private",
]

AGGREGATOR = "aggregator"
PARTICIPANTS = "participants"

_PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*\.[a-z]+$")
_PARTICIPANT = re.compile(r"^[0-9a-f]{16,64}$")
R = TypeVar("R", bound=BaseModel)


class NoStudy(FedFlexError):
    """The folder holds no study that this program can take part in."""


class CannotWrite(FedFlexError):
    """The disk or the folder does not take what is to be written."""


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


class Outbox:
    """Writing side: one writer's own records, private first and then shared.

    Args:
        private: Folder that only the writer can read; it holds the originals.
        study: The study folder.
        owner: The writer's folder in it, ``aggregator`` or ``participants/<id>``; it holds copies.
    """

    def __init__(self, private: Path, study: Path, owner: str) -> None:
        self.private = private
        self.study = study
        self.shared = study / owner
        self._same: set[str] = set()  # names whose copies were compared byte by byte already

    def commit(
        self, name: str, record: Record, payloads: Mapping[str, bytes] | None = None
    ) -> None:
        """Make a record and its payloads safe on this computer.

        Nothing is shared yet: call :meth:`publish`. A name is written once: if it is there already,
        what is there stays and ``record`` is dropped.

        Args:
            name: Path of the record below the writer's folder, ending in ``.json``.
            record: What to write.
            payloads: The bytes of every payload that the record names, by name.

        Raises:
            CannotWrite: The private disk is full or read-only.
            ValueError: The record names a payload that was not given, or other bytes.
        """
        given = dict(payloads or {})
        for payload in record.payloads():
            if not payload.vouches_for(given[payload.name]):
                raise ValueError(f"{payload.name} is not what its record describes")
        with self._alone():
            if (self.private / name).exists():
                return
            for payload in record.payloads():
                write_private(self.private / payload.name, given[payload.name])
            write_private(self.private / name, record.to_bytes())

    def committed(self, name: str) -> bool:
        """Whether the record called ``name`` is safe on this computer."""
        return (self.private / name).exists()

    def records(self) -> Iterator[tuple[str, Record]]:
        """All committed records with their names, in the order of their names."""
        for place in sorted(self.private.rglob("*.json")):
            yield place.relative_to(self.private).as_posix(), parse_record(place.read_bytes())

    def publish(self) -> int:
        """Copy whatever the shared folder lacks, payloads before records.

        Returns:
            How many files were copied.

        Raises:
            CannotWrite: The shared folder is missing, full or read-only; the records stay committed,
                and the next call goes on where this one stopped.
        """
        copied = 0
        with self._alone():
            for name, record in self.records():
                for part in (*(payload.name for payload in record.payloads()), name):
                    copied += self._copy(part)
        return copied

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        # Two open pages of one seat are two processes; the system frees a dead one's lock.
        with _cannot_write_instead():
            self.private.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self.private / "outbox.lock", mode=0o600)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _copy(self, name: str) -> int:
        original, copy = self.private / name, self.shared / name
        with contextlib.suppress(OSError):
            same_size = copy.stat().st_size == original.stat().st_size
            if same_size and (name in self._same or copy.read_bytes() == original.read_bytes()):
                self._same.add(name)
                return 0
        if not self.study.is_dir():  # an unplugged drive must not be made anew on this disk
            raise _cannot_write("The study folder is not there.")
        _write(copy, original.read_bytes(), mode=0o644)
        return 1


def write_private(place: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only.

    Raises:
        CannotWrite: The disk is full or read-only; what was there before is still there.
    """
    _write(place, content, mode=0o600)


def read_private(place: Path) -> bytes | None:
    """What was written, or None if nothing was."""
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None


def _write(place: Path, content: bytes, mode: int) -> None:
    """Temporary name in the same folder, flush, rename: readers see all of a file or none of it."""
    if len(content) > MAX_FILE_BYTES and mode == 0o644:
        raise ValueError("a shared file must stay below 8 MB")
    temporary = place.with_name(f"{place.name}.{secrets.token_hex(4)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with _cannot_write_instead(temporary):
        _make_folders(place.parent, 0o700 if mode == 0o600 else 0o777)
        with open(os.open(temporary, flags, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
        _flush_folder(place.parent)


@contextlib.contextmanager
def _cannot_write_instead(temporary: Path | None = None) -> Iterator[None]:
    """A sentence in place of the system's error, and no half-written file left behind."""
    try:
        yield
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise _cannot_write(_what_failed(error)) from error


def _make_folders(folder: Path, mode: int) -> None:
    """Like ``mkdir(parents=True)``, which would give the parents a mode of their own."""
    if not folder.is_dir():
        _make_folders(folder.parent, mode)
        folder.mkdir(mode=mode, exist_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can (Windows does it by itself)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _what_failed(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "The folder is read-only for you."
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "The folder is not there."
    return "The folder did not take the file."


def _cannot_write(found: str) -> CannotWrite:
    return CannotWrite(
        found,
        "A folder with room in it that you may write to.",
        "Nothing that was confirmed before is lost. Mend the folder, then try again.",
    )


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
