"""Writing into a study: private first, then shared; each file whole or not at all.

What is written is first committed to the writer's own *outbox* in their private folder and then copied: the
shared folder never holds the only copy of anything, and a crash between the two loses nothing and, since
the same bytes are copied again, publishes nothing twice. That goes for letters, too: sealing makes other
bytes each time, so what was sealed is kept as well.

A commit writes the payloads, then the letter, then the record that vouches for them; each to a temporary
name in the same folder, flushed, and renamed. So the record is the commit point on every disk, and a
reader who sees a record without its payloads sees something that is still arriving.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import Carrier, owner_parts
from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.personal_records import PersonalRecord
from fedflex_core.exchange.protocol import Record, parse_record
from fedflex_core.exchange.record import MAX_FILE_BYTES, BadRecord, BaseRecord
from fedflex_core.exchange.sealing import letter, sign, unsigned

__all__ = ["CannotWrite", "Outbox", "alone", "delete_private", "read_private", "write_private"]

_SEALED = "sealed"
"""Folder, in the private one, of letters and sealed payloads as they are published."""


class CannotWrite(FedFlexError):
    """The disk or the folder does not take what is to be written."""


class Outbox:
    """Writing side: one writer's own records, private first and then shared.

    Args:
        private: Folder that only the writer can read; it holds the originals.
        carrier: What carries the study.
        owner: The writer's folder in it, ``aggregator``, ``helper`` or ``participants/<id>``; it holds
            copies.
        identity: Signs every record.
        readers: Whom letters are sealed to, by the name that a record gives its reader. Only
            participants write letters.
    """

    def __init__(
        self,
        private: Path,
        carrier: Carrier,
        owner: str,
        identity: Identity,
        readers: Mapping[str, PublicKeys] | None = None,
    ) -> None:
        self.private = private
        self._carrier = carrier
        self._owner = owner
        self._identity = identity
        self._readers = readers or {}
        self._parsed: dict[str, tuple[Record, str]] = {}  # written once, so read once
        self._same: set[str] = set()  # names whose copies were compared byte by byte already

    def commit(self, record: BaseRecord, payloads: Mapping[str, bytes] | None = None) -> None:
        """Sign a record and make it and its payloads safe on this computer.

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
        signed = sign(record.to_bytes(), self._identity)
        if len(signed) > MAX_FILE_BYTES:
            raise ValueError("a record must stay below 8 MB")
        for payload in record.payloads():
            if not payload.vouches_for(given[payload.name]):
                raise ValueError(f"{payload.name} is not what its record describes")
        with self._alone():
            if self.has(record.name):
                return
            published = self._published(record)
            for payload in record.payloads():
                write_private(published / payload.name, given[payload.name])
            if isinstance(record, PersonalRecord):
                sealed = letter(signed, self._readers[record.reader])
                write_private(published / record.place(signed), sealed)
            write_private(self.private / record.name, signed)

    def has(self, name: str) -> bool:
        """Whether a record called ``name`` is committed."""
        return (self.private / name).exists()

    def record(self, name: str) -> Record | None:
        """The committed record called ``name``, or None if there is none."""
        content = read_private(self.private / name)
        return None if content is None else parse_record(unsigned(content))

    def records(self) -> Iterator[Record]:
        """All committed records, in the order of their names; one that a disk has spoilt is left out."""
        for record, _ in self._committed():
            yield record

    def publish(self) -> int:
        """Copy whatever the shared folder lacks, payloads before records.

        Returns:
            How many files were copied.

        Raises:
            CannotWrite: The shared folder is missing, full or read-only; the records stay committed,
                and the next call goes on where this one stopped.
        """
        copied, own = 0, self._carrier.own(self._owner)
        with self._alone():
            ready: set[Path] = set()
            for record, place in self._committed():
                self._make_ready(own / record.leaf, ready)
                for part in (*(payload.name for payload in record.payloads()), place):
                    copied += self._copy(self._published(record) / part, own / part, part)
        return copied

    def withdraw(self, keep: str) -> None:
        """Delete every copy and every original but the record ``keep``; what is deleted is gone.

        Raises:
            CannotWrite: A folder does not let go of a file; the next call goes on.
        """
        with self._alone():
            kept = {place for record, place in self._committed() if record.name == keep}
            for root in (self._carrier.own(self._owner), self.private / _SEALED):
                _delete(root, kept)
            _delete(self.private, {keep, "outbox.lock", *(f"{_SEALED}/{one}" for one in kept)})
            self._parsed.clear()
            self._same.clear()

    def _committed(self) -> Iterator[tuple[Record, str]]:
        """Records and the places they are published at."""
        for place in sorted(_records_below(str(self.private))):
            if place not in self._parsed:
                with open(place, "rb") as file:
                    signed = file.read()
                try:
                    record = parse_record(unsigned(signed))
                except BadRecord:
                    continue
                self._parsed[place] = record, record.place(signed)
            yield self._parsed[place]

    def _published(self, record: BaseRecord) -> Path:
        """The private folder that holds, to the byte, what is published of a record."""
        return self.private / _SEALED if isinstance(record, PersonalRecord) else self.private

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        # Two open pages of one seat are two processes.
        return alone(self.private / "outbox.lock")

    def _make_ready(self, leaf: Path, ready: set[Path]) -> None:
        """Have a leaf folder of the writer's own in the study, open to its readers and to nobody else."""
        if leaf in ready:
            return
        if not self._carrier.is_there():  # an unplugged drive must not be made anew on this disk
            raise _cannot_write("The study folder is not there.")
        depth = len(owner_parts(self._owner))
        if any(folder.is_symlink() for folder in (leaf, *leaf.parents[:depth])):
            # It would lead out of the study.
            raise _cannot_write("There is a link where your folder in the study should be.")
        with _cannot_write_instead():
            if os.path.lexists(leaf) and not leaf.is_dir():
                _put_aside(leaf)
            _make_folders(leaf, 0o777)
            self._carrier.prepare(leaf)
        ready.add(leaf)

    def _copy(self, original: Path, copy: Path, name: str) -> int:
        with contextlib.suppress(OSError):
            same_size = copy.stat().st_size == original.stat().st_size
            if copy.is_symlink():  # nobody reads what is behind it
                same_size = False
            if same_size and (name in self._same or copy.read_bytes() == original.read_bytes()):
                self._same.add(name)
                return 0
        content = read_private(original)
        if content is None:  # lost on the writer's own disk: `fedflex doctor` names it
            return 0
        if copy.is_dir() and not copy.is_symlink():
            with _cannot_write_instead():
                _put_aside(copy)
        _write(copy, content, mode=0o644)
        return 1


def _records_below(folder: str) -> Iterator[str]:
    """Where a writer's records lie; looked up at every click, so without a thousand path objects."""
    for below, _, names in os.walk(folder):
        yield from (os.path.join(below, name) for name in names if name.endswith(".json"))


def _put_aside(place: Path) -> None:
    """Give what lies in the way in a writer's own folder another name; nobody else may have put it there."""
    os.replace(place, place.with_name(f"{place.name}.{secrets.token_hex(4)}.tmp"))


def _delete(root: Path, kept: set[str]) -> None:
    """Delete all files below ``root`` but those called so; folders that end up empty, too."""
    if root.is_symlink():  # somebody else's place, by a link that was put here
        return
    with _cannot_write_instead():
        for place in sorted(root.rglob("*"), reverse=True):
            if place.is_dir() and not place.is_symlink():
                with contextlib.suppress(OSError):  # not empty: something is kept
                    place.rmdir()
            elif place.relative_to(root).as_posix() not in kept:
                place.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(lock: Path, wait: bool = True) -> Iterator[None]:
    """Be the only one on this computer who holds a lock; the system frees that of a process that dies.

    Args:
        lock: Its file, in a private folder.
        wait: Whether to wait for whoever holds it.

    Raises:
        CannotWrite: The private disk takes no files.
        filelock.Timeout: Somebody holds it, and nobody is to wait.
    """
    with _cannot_write_instead():
        _make_folders(lock.parent, 0o700)
        held = FileLock(lock, mode=0o600, blocking=wait)
        held.acquire()
    try:
        yield
    finally:
        held.release()


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


def delete_private(place: Path) -> None:
    """Delete a file, and what a killed process has left of writing it.

    Raises:
        CannotWrite: The disk does not let go of it.
    """
    with _cannot_write_instead():
        for one in (place, *place.parent.glob(f"{place.name}.*.tmp")):
            one.unlink(missing_ok=True)
        if place.parent.is_dir():
            _flush_folder(place.parent)


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
    except Timeout:  # a lock that somebody holds is none of the disk's faults
        raise
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
