"""A study on SyftBox: everybody writes into a datasite of their own, and the study is the union of them.

SyftBox has two programs that carry it, a first one and its successor, with two forms of access files; both
are written, and each program treats the other's as plain data.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import (
    AGGREGATOR,
    HELPER,
    PARTICIPANTS,
    Carrier,
    folders_in,
    has_folder,
    is_id,
    owner_parts,
)

__all__ = ["NotADatasite", "SyftBox", "datasite_of_nothing"]

# Strict, since an address becomes a folder's name and a line of an access file.
_EMAIL = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}"
)
_STUDY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_NEVER_CARRIED = {"api", "dist", "logs", "venv"}  # folders of these names stay behind
_APP = ("app_data", "fedflex")
_EVERYONE = "*"


class NotADatasite(FedFlexError):
    """The path, or the e-mail, does not name a study folder in a SyftBox datasite."""


class SyftBox(Carrier):
    """A study spread over the datasites of a SyftBox.

    The aggregator is read from the researcher's datasite alone; the helper and the participants from
    every datasite that has a folder of theirs.

    Args:
        path: The researcher's study folder, ``<root>/datasites/<e-mail>/app_data/fedflex/<study>``. It
            need not exist yet.
        datasite: The e-mail that names the person's own datasite.

    Raises:
        NotADatasite: The path has another shape, or an e-mail or the study a name that is not safe.

    >>> box = SyftBox("/box/datasites/ada@uni.org/app_data/fedflex/s1", "ben@uni.org")
    >>> box.own("participants/" + "0" * 16).as_posix().partition("datasites/")[2]
    'ben@uni.org/app_data/fedflex/s1/participants/0000000000000000'
    """

    def __init__(self, path: str | os.PathLike[str], datasite: str) -> None:
        super().__init__(path)
        self._datasites, researcher, self._study = _taken_apart(self.path)
        self.datasite = self._as_on_disk(_checked(datasite))
        """E-mail that names the person's own datasite."""
        is_own = _checked(researcher).lower() == self.datasite.lower()
        self.researcher = self.datasite if is_own else researcher
        """E-mail that names the researcher's datasite."""
        self._helper: str | None = None

    @classmethod
    def at(cls, path: str | os.PathLike[str], datasite: str | None = None) -> SyftBox:
        """Like the class itself; without an e-mail, it is read from SyftBox's own settings.

        Raises:
            NotADatasite: As for the class, or no settings of SyftBox are about this folder.
        """
        root = _taken_apart(Path(path))[0].parent
        return cls(path, datasite if datasite is not None else _email_in_settings(root))

    def places(self, owner: str) -> list[Path]:
        """The researcher's folder for the aggregator; otherwise one for each datasite that has it."""
        parts = owner_parts(owner)
        if owner == AGGREGATOR:
            return [self._study_of(self.researcher).joinpath(*parts)]
        return [
            self._study_of(email).joinpath(*parts)
            for email in self._emails()
            if has_folder(self._datasites, email, *_APP, self._study, *parts)
        ]

    def own(self, owner: str) -> Path:
        """The owner's folder in the person's own datasite."""
        parts = owner_parts(owner)
        if owner == AGGREGATOR and self.datasite != self.researcher:
            raise NotADatasite(
                "This study folder lies in another person's datasite.",
                "A folder in your own datasite, where alone you can write as the researcher.",
                "Name a folder in your own datasite; to take part in the study, open it as a participant.",
            )
        return self._study_of(self.datasite).joinpath(*parts)

    def participants(self) -> list[str]:
        """Ids of all participants in any datasite, sorted, each once."""
        found = (
            folders_in(self._datasites, email, *_APP, self._study, PARTICIPANTS)
            for email in self._emails()
        )
        return sorted({name for names in found for name in names if is_id(name)})

    def is_there(self) -> bool:
        """Whether the person's own datasite is here."""
        return has_folder(self._datasites, self.datasite)

    def prepare(self, leaf: Path) -> None:
        """Write who may read a leaf: everyone, or of a participant's the researcher and the helper.

        Both access files are written, one for each of the two programs that carry a SyftBox. They are
        written only where they are absent or say something else.
        """
        owner = self._owner_of(leaf)
        if not self.is_there():
            raise FileNotFoundError(errno.ENOENT, "the datasite is not there")
        readers = [_EVERYONE]
        if owner not in (AGGREGATOR, HELPER):
            # Never another participant: the file would tell its readers who takes part.
            readers = sorted({self.researcher, self._helper or self.researcher})
        leaf.mkdir(parents=True, exist_ok=True)
        _write_if_other(leaf / "syftperm.yaml", _first_form(readers))
        _write_if_other(leaf / "syft.pub.yaml", _second_form(readers))

    def datasite_of(self, place: Path) -> str | None:
        """E-mail of the datasite that a folder lies in; only that person can have written it."""
        return place.relative_to(self._datasites).parts[0].lower()

    def trust_helper(self, place: Path) -> None:
        """Name the helper in the access files from the next :meth:`prepare` on."""
        for email in self._emails():
            if place == self._study_of(email) / HELPER:
                self._helper = email
                return
        raise ValueError("this is not a helper's folder of this study")

    def _study_of(self, email: str) -> Path:
        return self._datasites.joinpath(email, *_APP, self._study)

    def _emails(self) -> list[str]:
        return sorted(filter(_EMAIL.fullmatch, folders_in(self._datasites)))

    def _as_on_disk(self, email: str) -> str:
        """One of SyftBox's programs writes one's address in small letters, the other as it was typed."""
        here = self._emails()
        return email.lower() if email not in here and email.lower() in here else email

    def _owner_of(self, leaf: Path) -> str:
        parts = leaf.relative_to(self._study_of(self.datasite)).parts
        owner = "/".join(parts[:2] if parts[:1] == (PARTICIPANTS,) else parts[:1])
        if leaf == self.own(owner) or ".." in parts:
            raise ValueError("files lie in leaf folders below their owner's")
        return owner


def datasite_of_nothing() -> NotADatasite:
    """What is said when a plain folder came with the e-mail of a datasite."""
    return _no_datasite(
        "The e-mail of a datasite came with a plain folder.",
        "Say that the study lies on SyftBox, or leave the e-mail out.",
    )


def _taken_apart(path: Path) -> tuple[Path, str, str]:
    """The folder of all datasites, the e-mail and the study that a path names."""
    full = Path(os.path.abspath(path))
    parts = full.parts[-5:]
    if len(full.parts) < 6 or parts[0] != "datasites" or parts[2:4] != _APP:
        raise _no_datasite(
            "The path has another form.",
            "Copy the path that the researcher gave, from the folder datasites on.",
        )
    email, study = parts[1], parts[4]
    if not _STUDY.fullmatch(study) or study.lower() in _NEVER_CARRIED:
        raise _no_datasite(
            "SyftBox may not carry a study of this name.",
            "Call its folder by letters, digits, - and _, and not api, dist, logs or venv.",
        )
    return full.parents[3], email, study


def _checked(email: str) -> str:
    if not _EMAIL.fullmatch(email):
        raise _no_datasite(
            "The name of a datasite is not an e-mail address that can be used.",
            "Give the address that SyftBox was set up with; letters, digits and . _ + - can be in it.",
        )
    return email


def _no_datasite(found: str, way_out: str) -> NotADatasite:
    return NotADatasite(
        found,
        "A study folder on SyftBox: datasites, then the researcher's e-mail, app_data, fedflex, the study.",
        way_out,
    )


def _email_in_settings(root: Path) -> str:
    """The e-mail in those settings of SyftBox that are about this folder."""
    for settings in _settings():
        folder = settings.get("data_dir") or settings.get("sync_folder") or "~/SyftBox"
        email = settings.get("email")
        if isinstance(email, str) and isinstance(folder, str) and _is_same(folder, root):
            return email
    raise _no_datasite(
        "No settings of SyftBox for this folder were found on this computer.",
        "Set SyftBox up and start it, or give the e-mail of your datasite yourself.",
    )


def _settings() -> Iterator[dict[str, Any]]:
    """What SyftBox's two programs were set up with, those named by the surroundings first."""
    named = map(os.environ.get, ("SYFTBOX_CLIENT_CONFIG_PATH", "SYFTBOX_CONFIG_PATH"))
    usual = (".syftbox/config.json", ".syftbox/client_config.json", ".config/syftbox/config.json")
    for place in (*filter(None, named), *(f"~/{name}" for name in usual)):
        with contextlib.suppress(OSError, ValueError):  # missing, or not JSON
            settings = json.loads(Path(os.path.expanduser(place)).read_text("utf-8-sig"))
            if isinstance(settings, dict):
                yield settings


def _is_same(folder: str, root: Path) -> bool:
    first, second = os.path.realpath(os.path.expanduser(folder)), os.path.realpath(root)
    return os.path.normcase(first) == os.path.normcase(second)


# The quotes are safe: a reader is a checked e-mail or the star.
def _first_form(readers: list[str]) -> bytes:
    rules = (f'- path: "**"\n  user: "{reader}"\n  permissions: [read]\n' for reader in readers)
    return "".join(rules).encode()


def _second_form(readers: list[str]) -> bytes:
    read = ", ".join(f'"{reader}"' for reader in readers)
    lines = (
        "terminal: false",
        "rules:",
        '  - pattern: "**"',
        "    access:",
        "      admin: []",
        "      write: []",
        f"      read: [{read}]",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _write_if_other(place: Path, content: bytes) -> None:
    """Whole or not at all: half an access file would open a folder, or shut it."""
    with contextlib.suppress(OSError):
        if not place.is_symlink() and place.read_bytes() == content:
            return
    temporary = place.with_name(f"{place.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
