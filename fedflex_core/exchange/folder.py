"""The study folder as everyone can read it: who writes where, and what of it is believed.

One writer a folder: ``aggregator/`` is the aggregator's, ``helper/`` the helper's, ``participants/<id>/`` a
participant's. Anybody may be able to write anywhere, so nothing is believed for where it lies: records of
the aggregator and the helper are signed by keys that the study names, and a participant's number is a hash
of the keys that sign their records. Writing is the matter of :mod:`fedflex_core.exchange.outbox`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import (
    AGGREGATOR,
    HELPER,
    PARTICIPANTS,
    Carrier,
    PlainFolder,
)
from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.passing import is_passing
from fedflex_core.exchange.personal_records import PersonalRecord
from fedflex_core.exchange.protocol import parse_record
from fedflex_core.exchange.public_records import StudyRecord
from fedflex_core.exchange.record import MAX_FILE_BYTES, BadRecord, BaseRecord, Payload
from fedflex_core.exchange.sealing import is_letter_size, letter_content, signed_by, unsigned

__all__ = ["FolderReport", "NoStudy", "StudyFolder"]

_MAX_NAMED = 1000
"""No more files are named to the researcher; the rest is counted."""
_MAX_STUDY = 1_000_000
"""Bytes of a study's description: it is read before anybody's signature could be checked."""
_MAX_FILES = 100_000
"""Files of one leaf folder that are looked at: more than any study makes."""
_NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0)
_A_LINK = "it is a link, and links are not followed"

R = TypeVar("R", bound=BaseRecord)
P = TypeVar("P", bound=PersonalRecord)


class NoStudy(FedFlexError):
    """The folder holds no study that this program can take part in."""


@dataclass
class FolderReport:
    """What was read, and what was passed over and why."""

    ignored: dict[str, str] = field(default_factory=dict)
    """Reason by file name; for the researcher's eyes."""
    _unnamed: set[int] = field(default_factory=set)

    @property
    def more(self) -> int:
        """How many further ones are not named: a folder full of rubbish must not fill a page."""
        return len(self._unnamed)

    def ignore(self, name: str, reason: str) -> None:
        """Note that ``name`` was passed over."""
        # Anybody can name a file; what is odd in a name must not reach a terminal or a page.
        plain = name.encode("utf-8", "replace").decode()
        readable = "".join(c if c.isprintable() else "?" for c in plain)
        if readable not in self.ignored and len(self.ignored) >= _MAX_NAMED:
            self._unnamed.add(hash(readable))
        else:
            self.ignored[readable] = reason

    def clear(self) -> None:
        """Forget everything, before looking again."""
        self.ignored.clear()
        self._unnamed.clear()


class StudyFolder:
    """Reading side of a study folder. It writes nothing.

    Args:
        at: The carrier that the study lies on, or the path of a plain folder.
    """

    def __init__(self, at: Carrier | str | os.PathLike[str]) -> None:
        self.carrier = at if isinstance(at, Carrier) else PlainFolder(Path(at))

    @property
    def path(self) -> Path:
        """The folder that the person named."""
        return self.carrier.path

    def study(self) -> StudyRecord:
        """The study's record, signed by the keys that it names.

        Raises:
            NoStudy: The folder is missing, holds no study, is still being copied, or is of another
                version.
        """
        if not self.carrier.is_there():
            raise _no_study(
                "There is no such folder.", "Check the path, or ask the researcher for it."
            )
        (aggregator,) = self.carrier.places(AGGREGATOR)
        try:
            signed = _read(aggregator / "study" / "study.json", most=_MAX_STUDY)
            record = parse_record(unsigned(signed))
            if isinstance(record, StudyRecord):
                signed_by(signed, record.aggregator)
        except FileNotFoundError:
            raise _no_study(
                "The folder holds no study, or has not finished copying.",
                "Check the path; if a sync program fills the folder, wait until it is done.",
            ) from None
        except PermissionError:
            raise _no_study(
                "This computer may not read the study's files.", "Ask the researcher for access."
            ) from None
        except OSError:
            raise _unreadable_study("it is not a plain file") from None
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
        reason = "its payload has not arrived yet"
        for folder in self.carrier.places(owner):
            place = folder / PurePosixPath(payload.name)
            if _is_by_link(folder, payload.name):
                continue
            try:
                content = _read(place, fits=lambda size: size == payload.size)
            except FileNotFoundError:
                continue
            except OSError:
                reason = "its payload cannot be read"
                continue
            except BadRecord:
                content = b""
            if payload.vouches_for(content):
                return content
            reason = "its payload is still arriving, or was changed"
        raise BadRecord(reason)

    def participants(self) -> list[str]:
        """Random ids of all participants whose folders are here, sorted."""
        return self.carrier.participants()

    def published(
        self,
        owner: str,
        kind: type[R],
        study: str,
        keys: PublicKeys,
        report: FolderReport | None = None,
    ) -> Iterator[R]:
        """All records of one kind that the owner of ``keys`` has signed, in the order of their names.

        Args:
            owner: ``aggregator`` or ``helper``.
            kind: The kind of record.
            study: The study's id.
            keys: Whose signature is believed.
            report: Everything that was passed over is named in it.
        """

        def opened(place: Path) -> R | None:
            signed = _read(place)
            record = parse_record(signed_by(signed, keys))
            return _checked(record, kind, study, record.place(signed), place)

        yield from self._read_leaf(owner, kind.leaf, ".json", opened, report)

    def sealed(
        self,
        participant: str,
        kind: type[P],
        study: str,
        reader: Identity,
        report: FolderReport | None = None,
    ) -> Iterator[P]:
        """All records of one kind that a participant has sealed to ``reader``, in the order of their names."""

        def opened(place: Path) -> P | None:
            return _opened_letter(place, participant, kind, study, reader)

        owner = f"{PARTICIPANTS}/{participant}"
        yield from self._read_leaf(owner, kind.leaf, ".sealed", opened, report)

    def sealed_record(
        self, participant: str, kind: type[P], name: str, study: str, reader: Identity
    ) -> P | None:
        """One record of a participant by the place it has to lie in, or None if there is nothing.

        Raises:
            BadRecord: Something is there and cannot be believed.
        """
        reason = None
        for folder in self.carrier.places(f"{PARTICIPANTS}/{participant}"):
            place = folder / PurePosixPath(name)
            if not os.path.lexists(place):
                continue
            if _is_by_link(folder, name):
                reason = "it lies behind a link, and links are not followed"
                continue
            try:
                found = _opened_letter(place, participant, kind, study, reader)
            except BadRecord as error:
                reason = str(error)
            except OSError:
                reason = "it cannot be read"
            else:
                if found is not None:
                    return found
                reason = "it is another kind of record"
        if reason is not None:
            raise BadRecord(reason)
        return None

    def survey(self, report: FolderReport) -> None:
        """Name what lies where nothing of a study belongs."""
        # A carrier may lay a study out in its own way; a plain folder's two levels are known.
        if not isinstance(self.carrier, PlainFolder):
            return
        for entry in _entries(self.path):
            if entry.name not in (AGGREGATOR, HELPER, PARTICIPANTS):
                report.ignore(entry.name, is_passing(entry.name) or "it belongs to no study")
            elif entry.is_symlink():
                report.ignore(entry.name, _A_LINK)
        known = set(self.participants())
        everybody = self.path / PARTICIPANTS
        for entry in _entries(everybody) if not os.path.islink(everybody) else ():
            if entry.name not in known:
                report.ignore(
                    f"{PARTICIPANTS}/{entry.name}",
                    is_passing(entry.name) or "it is not a participant's folder",
                )

    def _read_leaf(
        self,
        owner: str,
        leaf: str,
        suffix: str,
        opened: Callable[[Path], R | None],
        report: FolderReport | None,
    ) -> Iterator[R]:
        report = report if report is not None else FolderReport()
        for folder in self.carrier.places(owner):
            if _is_by_link(folder, f"{leaf}/any"):
                report.ignore(f"{owner}/{leaf}", _A_LINK)
                continue
            for entry in _entries(folder / leaf):
                if not entry.name.endswith(suffix):
                    continue
                try:
                    record = opened(Path(entry.path))
                except BadRecord as error:
                    reason = is_passing(entry.name) or str(error)
                    report.ignore(f"{owner}/{leaf}/{entry.name}", reason)
                except OSError:
                    report.ignore(f"{owner}/{leaf}/{entry.name}", "it cannot be read")
                else:
                    if record is not None:
                        yield record


def _is_by_link(owner: Path, name: str) -> bool:
    """Whether a folder on the way to a file, or its owner's, is a link: it would lead out of the study."""
    return any(os.path.islink(owner / folder) for folder in PurePosixPath(name).parents)


def _opened_letter(
    place: Path, participant: str, kind: type[P], study: str, reader: Identity
) -> P | None:
    signed = letter_content(_read(place, fits=is_letter_size), reader)
    record = parse_record(unsigned(signed))
    if not isinstance(record, PersonalRecord):
        raise BadRecord("it is not a participant's record")
    # Its number is a hash of its keys, so the signature binds it to the folder's owner.
    signed_by(signed, record.keys)
    if record.participant != participant:
        raise BadRecord("it lies in another participant's folder")
    return _checked(record, kind, study, record.place(signed), place)


def _checked(record: BaseRecord, kind: type[R], study: str, expected: str, found: Path) -> R | None:
    """The record if it is of ``kind``, belongs to ``study`` and lies where it must."""
    if record.study != study:
        raise BadRecord("it belongs to another study")
    if PurePosixPath(expected).parts[-2:] != found.parts[-2:]:
        raise BadRecord("it is a copy: its name is not the one that its record has")
    return record if isinstance(record, kind) else None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name; nothing where there is no folder. Links are not followed."""
    entries: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                entries.append(entry)
                if len(entries) >= _MAX_FILES:
                    break
    except OSError:
        return []
    return sorted(entries, key=lambda entry: entry.name)


def _read(
    place: Path, most: int = MAX_FILE_BYTES, fits: Callable[[int], bool] | None = None
) -> bytes:
    """A plain file's bytes; what is a link, a pipe, too large or of no fitting size is not read."""
    if not _NO_LINKS and os.path.islink(place):
        raise BadRecord(_A_LINK)
    flags = os.O_RDONLY | _NO_LINKS | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(place, flags | getattr(os, "O_BINARY", 0))
    except ValueError:
        raise BadRecord("it cannot be read") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise BadRecord(_A_LINK) from None
        raise
    try:
        # A folder can be opened as well, and would stay open if it were made a file of Python's.
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise BadRecord("it is not a plain file")
        if found.st_size > most:
            raise BadRecord(f"it is larger than {most // 1_000_000} MB")
        if fits is not None and not fits(found.st_size):
            raise BadRecord("it is still arriving, or not of a size that such a file has")
        # No more room than the file needs, and a byte to notice one that is still growing.
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(found.st_size + 1)
    finally:
        os.close(descriptor)
    if len(content) > found.st_size:
        raise BadRecord("it is still growing")
    return content


def _unreadable_study(reason: str) -> NoStudy:
    other_version = reason.startswith("it is not a signed") or (
        "protocol" in reason and "Input should be" in reason
    )
    if other_version:
        return _no_study(
            "The study was made by another version of FedFlex, or its description is not whole.",
            "If a sync program fills the folder, wait until it is done; otherwise install the version "
            "that the researcher uses.",
        )
    return _no_study(
        f"The study's description cannot be read ({reason}).",
        "If a sync program fills the folder, wait until it is done; otherwise ask the researcher.",
    )


def _no_study(found: str, way_out: str) -> NoStudy:
    return NoStudy(found, "The folder of a FedFlex study.", way_out)
