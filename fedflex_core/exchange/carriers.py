"""Where the folders of a study's writers lie on a carrier, the program that copies them between people.

An owner is one writer: ``aggregator``, ``helper`` or ``participants/<id>``. Below an owner's folder files lie
in leaf folders only (``aggregator/rounds/round-0001.json``), never in the owner's folder itself: a carrier
that asks who may read is answered in each leaf. On most carriers (a disk, a network share, a sync program) a
study is one folder. On SyftBox everybody writes into a datasite of their own, and the study is the union of
``datasites/<e-mail>/app_data/fedflex/<study>`` over all of them.
"""

from __future__ import annotations

import contextlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

__all__ = [
    "AGGREGATOR",
    "HELPER",
    "PARTICIPANTS",
    "Carrier",
    "CarrierKind",
    "PlainFolder",
    "carrier_at",
    "folders_in",
    "has_folder",
    "is_id",
    "owner_parts",
]

AGGREGATOR = "aggregator"
"""The owner who opens the study and makes its rounds."""

HELPER = "helper"
"""The owner who helps to add up what the aggregator may not see."""

PARTICIPANTS = "participants"
"""The folder of the participants; each one's id below it makes an owner."""

CarrierKind = Literal["folder", "syftbox"]
"""What carries a study: something that copies one folder, or SyftBox."""

_ID = re.compile(r"[0-9a-f]{16,64}")


class Carrier(ABC):
    """A study's folders on one computer.

    Args:
        path: The folder of the study, as the person named it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    @abstractmethod
    def places(self, owner: str) -> list[Path]:
        """Every folder in which files of ``owner`` may be found.

        Who wrote what lies there is not said: on some carriers others can make a folder of this name.

        Raises:
            ValueError: ``owner`` is none of the three forms.
        """

    @abstractmethod
    def own(self, owner: str) -> Path:
        """The folder in which this computer writes as ``owner``; it need not exist yet.

        Raises:
            NotADatasite: ``owner`` is the aggregator, and the study lies in another person's datasite.
            ValueError: ``owner`` is none of the three forms.
        """

    @abstractmethod
    def participants(self) -> list[str]:
        """Ids of all participants whose folders are here, sorted; links are not followed."""

    @abstractmethod
    def is_there(self) -> bool:
        """Whether the carried folder itself is here.

        An unplugged drive must not be made anew on this disk: where this is False, nothing is written.
        """

    @abstractmethod
    def prepare(self, leaf: Path) -> None:
        """Make a leaf folder of this computer's own ready for files; called before each first file.

        Raises:
            OSError: The disk does not take it, or the carried folder is not here.
            ValueError: ``leaf`` is not a folder below one that :meth:`own` gives.
        """

    @abstractmethod
    def datasite_of(self, place: Path) -> str | None:
        """E-mail of the datasite that an owner's folder lies in, in small letters; None without datasites.

        Raises:
            ValueError: ``place`` lies in no datasite.
        """

    @abstractmethod
    def trust_helper(self, place: Path) -> None:
        """From now on let the helper whose folder this is read what participants write here.

        To be called once the study's helper was found to have signed that it writes in the datasite of
        ``place``: a folder's name proves nothing, anybody can keep a copy of a signed record, and whoever
        reads participants' folders learns who takes part.

        Args:
            place: One of ``places(HELPER)``.

        Raises:
            ValueError: ``place`` is not a helper's folder of this study.
        """


class PlainFolder(Carrier):
    """A study in one folder: on a disk, a network share, or kept alike by a sync program.

    >>> [place.as_posix() for place in PlainFolder("study").places("aggregator")]
    ['study/aggregator']
    """

    def places(self, owner: str) -> list[Path]:
        """Exactly one folder, existing or not."""
        return [self.own(owner)]

    def own(self, owner: str) -> Path:
        """The owner's folder; all computers see the same one."""
        return self.path.joinpath(*owner_parts(owner))

    def participants(self) -> list[str]:
        """Ids of all participants whose folders are here, sorted."""
        return sorted(filter(is_id, folders_in(self.path, PARTICIPANTS)))

    def is_there(self) -> bool:
        """Whether the study folder is here."""
        return os.path.isdir(self.path)

    def prepare(self, leaf: Path) -> None:
        """Nothing: who can see the folder can read all of it."""

    def datasite_of(self, place: Path) -> str | None:
        """None: a plain folder says of nothing who wrote it."""
        return None

    def trust_helper(self, place: Path) -> None:
        """Nothing: who can see the folder can read all of it."""


def carrier_at(
    path: str | os.PathLike[str],
    kind: CarrierKind = "folder",
    datasite: str | None = None,
) -> Carrier:
    """The carrier of a study.

    Args:
        path: The study folder; on SyftBox, the researcher's.
        kind: What carries it.
        datasite: The person's own e-mail on SyftBox; None reads it from SyftBox's settings.

    Raises:
        NotADatasite: It is not a study folder on SyftBox, or an e-mail came with a plain folder.
        ValueError: ``kind`` is neither of the two.

    >>> carrier_at("study").own("participants/" + "0" * 16).as_posix()
    'study/participants/0000000000000000'
    """
    # The other way round it is built on this module, and few need it.
    from fedflex_core.exchange.syftbox import SyftBox, datasite_of_nothing

    if kind == "syftbox":
        return SyftBox.at(path, datasite)
    if kind != "folder":
        raise ValueError("a study lies in a folder or on SyftBox")
    if datasite is not None:  # written there as into a plain folder, nothing would reach anybody
        raise datasite_of_nothing()
    return PlainFolder(path)


def is_id(name: str) -> bool:
    """Whether a folder's name can be a participant's number.

    >>> is_id("0123456789abcdef"), is_id("anna")
    (True, False)
    """
    return _ID.fullmatch(name) is not None


def owner_parts(owner: str) -> tuple[str, ...]:
    """An owner's folder, name by name; nothing else can be reached by an owner's name."""
    parts = tuple(owner.split("/"))
    is_participant = len(parts) == 2 and parts[0] == PARTICIPANTS and is_id(parts[1])
    if owner not in (AGGREGATOR, HELPER) and not is_participant:
        raise ValueError("an owner is aggregator, helper or participants/<id>")
    return parts


def has_folder(base: Path, *names: str) -> bool:
    """Whether a folder lies there that is reached without a link below ``base``."""
    steps = [base.joinpath(*names[: depth + 1]) for depth in range(len(names))]
    # The most telling question first: few datasites have what is looked for.
    return os.path.isdir(base.joinpath(*names)) and not any(map(os.path.islink, steps))


def folders_in(base: Path, *names: str) -> Iterator[str]:
    """Names of the folders that lie there; none where there is no folder."""
    if not has_folder(base, *names):
        return
    with contextlib.suppress(OSError), os.scandir(base.joinpath(*names)) as found:
        yield from (entry.name for entry in found if entry.is_dir(follow_symlinks=False))
