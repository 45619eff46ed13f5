"""What lies in the private folder, for the doctor to look at: roles in studies, and the originals they made."""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS, is_id
from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.personal_records import PersonalRecord
from fedflex_core.exchange.protocol import Record, parse_record
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.sealing import is_letter_size, signed_by, unsigned
from fedflex_core.study.opened import OpenedStudy

__all__ = ["Here", "Original", "Role", "content_of", "is_same", "nearest", "seen"]


@dataclass(frozen=True)
class Original:
    """A record in an outbox, with every file that is published of it."""

    record: Record | None
    """None if a disk has spoilt it."""
    published: dict[str, Path]
    """Where the originals of these files lie, by their names in the study."""
    spoilt: list[str]
    """Names of its files that are missing or not what they should be."""

    @classmethod
    def read(cls, place: Path, outbox: Path, keys: PublicKeys | None) -> Original:
        """What lies there; without keys its signature is not looked at."""
        signed = content_of(place)
        try:
            record = parse_record(signed_by(signed, keys) if keys else unsigned(signed))
        except BadRecord:
            record = None
        if record is None or record.name != place.relative_to(outbox).as_posix():
            return cls(None, {}, [place.name])
        is_letter, own = isinstance(record, PersonalRecord), record.place(signed)
        base = outbox / "sealed" if is_letter else outbox
        whole = {
            one.name: one.vouches_for(content_of(base / one.name)) for one in record.payloads()
        }
        whole[own] = not is_letter or is_letter_size(len(content_of(base / own)))
        spoilt = [(base / name).name for name, is_whole in whole.items() if not is_whole]
        return cls(record, {name: base / name for name in whole}, spoilt)


@dataclass(frozen=True)
class Role:
    """What somebody on this computer does in one study."""

    study: str
    role: str
    private: Path
    keys: Path

    @cached_property
    def identity(self) -> Identity | None:
        """Its keys, or None if they are missing or damaged."""
        try:
            return Identity.from_bytes(content_of(self.keys))
        except ValueError:
            return None

    @cached_property
    def originals(self) -> list[Original]:
        """All records of its outbox."""
        outbox, keys = self.private / "outbox", self.identity.public if self.identity else None
        return [Original.read(place, outbox, keys) for place in sorted(outbox.rglob("*.json"))]


@dataclass(frozen=True)
class Here:
    """The private folder of this computer, whether it is there or not."""

    home: Path

    @cached_property
    def roles(self) -> list[Role]:
        """Everything that is done on this computer, in all studies."""
        found = []
        for folder in sorted((self.home / "studies").glob("*/*")):
            study, role = folder.parent.name, folder.name
            if role in (AGGREGATOR, HELPER, "participant") and is_id(study):
                # A helper's keys are made before there is a study that names them.
                keys = self.home / "helper" if role == HELPER else folder
                found.append(Role(study, role, folder, keys / "keys.json"))
        return found

    def own(self, study: OpenedStudy) -> dict[str, Role]:
        """Roles in a study by the owner in whose name they write."""
        named = {AGGREGATOR: study.record.aggregator, HELPER: study.record.helper}
        found = {}
        for role in self.roles:
            if role.identity and role.study == study.id:
                keys = role.identity.public
                if named.get(role.role, keys) == keys:
                    owner = role.role if role.role in named else f"{PARTICIPANTS}/{keys.id}"
                    found[owner] = role
        return found


def content_of(place: Path) -> bytes:
    """A file's bytes; none if it is not there or cannot be read."""
    try:
        return place.read_bytes()
    except OSError:
        return b""


def seen(place: Path) -> os.stat_result | None:
    """What the system tells of a file or of a link itself; None if it is gone."""
    try:
        return place.lstat()
    except OSError:
        return None


def is_same(copy: Path, original: Path) -> bool:
    """Whether a copy is the original to the byte; what is no plain file of its size is not read."""
    try:
        return filecmp.cmp(copy, original, shallow=False)
    except OSError:
        return False


def nearest(place: Path) -> Path:
    """The place itself, or the nearest folder above it that is there."""
    return next(one for one in (place, *place.parents) if os.path.lexists(one))
