"""Writing into a study: private first, then shared; each file whole or not at all.

What is written is first committed to the writer's own *outbox* in their private folder and then copied: the
shared folder never holds the only copy of anything, and a crash between the two loses nothing and, since
the same bytes are copied again, publishes nothing twice.

A commit writes the payloads, then the record that vouches for them; each to a temporary name in the same
folder, flushed, and renamed. So the record is the commit point on every disk, and a reader who sees a
record without its payloads sees something that is still arriving.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.protocol import MAX_FILE_BYTES, Record, parse_record

__all__ = ["CannotWrite", "Outbox", "read_private", "write_private"]


class CannotWrite(FedFlexError):
    """The disk or the folder does not take what is to be written."""


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
        self._parsed: dict[Path, Record] = {}  # written once, so read once
        self._same: set[str] = set()  # names whose copies were compared byte by byte already

    def commit(self, record: Record, payloads: Mapping[str, bytes] | None = None) -> None:
        """Make a record and its payloads safe on this computer.

        Nothing is shared yet: call :meth:`publish`. A name is written once: if it is there already,
        what is there stays and ``record`` is dropped.

        Args:
            record: What to write; its name is its own.
            payloads: The bytes of every payload that the record names, by name.

        Raises:
            CannotWrite: The private disk is full or read-only.
            ValueError: The record names a payload that was not given, or other bytes, or is too large.
        """
        given = dict(payloads or {})
        content = record.to_bytes()
        if len(content) > MAX_FILE_BYTES:
            raise ValueError("a record must stay below 8 MB")
        for payload in record.payloads():
            if not payload.vouches_for(given[payload.name]):
                raise ValueError(f"{payload.name} is not what its record describes")
        with self._alone():
            if (self.private / record.name).exists():
                return
            for payload in record.payloads():
                write_private(self.private / payload.name, given[payload.name])
            write_private(self.private / record.name, content)

    def record(self, name: str) -> Record | None:
        """The committed record called ``name``, or None if there is none."""
        content = read_private(self.private / name)
        return None if content is None else parse_record(content)

    def records(self) -> Iterator[Record]:
        """All committed records, in the order of their names."""
        for place in sorted(self.private.rglob("*.json")):
            if place not in self._parsed:
                self._parsed[place] = parse_record(place.read_bytes())
            yield self._parsed[place]

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
            for record in self.records():
                for part in (*(payload.name for payload in record.payloads()), record.name):
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
