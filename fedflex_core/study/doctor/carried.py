"""The doctor's checks of the folder in which a study is carried, whatever lies in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fedflex_core.exchange.carriers import AGGREGATOR, Carrier
from fedflex_core.exchange.passing import is_passing
from fedflex_core.exchange.record import MAX_FILE_BYTES
from fedflex_core.exchange.syftbox import SyftBox
from fedflex_core.study.doctor.finding import Said, bad, good, listed, notice
from fedflex_core.study.doctor.private import Here, is_same, seen

__all__ = ["CARRIED_CHECKS", "own_originals"]

_COPIES = "Conflict copies made by a sync program"
_LARGE = f"Files above {MAX_FILE_BYTES // 1_000_000} MB"
_EMPTY = "Empty files"
_ODD: Mapping[str, str] = {
    _COPIES: "They are passed over and do no harm; whoever has written the originals may delete them.",
    _LARGE: "FedFlex writes none, and some carriers try for ever to send them: whoever has put them there "
    "should take them out.",
    _EMPTY: "They are still arriving, or their content was lost on the way. Wait until your sync program is "
    "done; if they stay so, whoever has written them opens their page again, which puts them back.",
}
"""What is odd about files, and what to do."""


def _apart(here: Here, carrier: Carrier) -> Said:
    # On SyftBox everything is carried that lies in any datasite.
    carried = carrier.path.parents[3] if isinstance(carrier, SyftBox) else carrier.path
    if here.home.resolve().is_relative_to(carried.resolve()):
        return bad(
            f"The private folder {here.home} lies in the study folder: all of it is carried to others.",
            "Set the variable FEDFLEX_HOME to a folder outside of it, move the files there, and delete "
            "them here. If others have received your keys, leave the study and join it anew.",
        )
    return good("The private folder lies outside of the study folder.")


def _datasite(here: Here, carrier: Carrier) -> Said:
    if not isinstance(carrier, SyftBox):
        return []
    if carrier.is_there():
        return good("Your own datasite is here.")
    return bad(
        "Your own datasite is not in this SyftBox folder.",
        "Check the e-mail; start SyftBox, and wait until it has made your folder.",
    )


def _odd_files(here: Here, carrier: Carrier) -> Said:
    if not carrier.is_there():
        return []
    found: dict[str, list[str]] = {kind: [] for kind in ("", *_ODD)}
    for name, place in _files(carrier):
        found[_oddness(place)].append(name)
    said: Said = []
    for kind, way_out in _ODD.items():
        if found[kind]:
            said += notice(f"{kind}: {listed(found[kind])}.", way_out)
    return said or good("Nothing odd lies in the study folder.")


def _files(carrier: Carrier) -> Iterator[tuple[str, Path]]:
    """Every file of a study here: what it is called in it, and where it lies."""
    roots = [carrier.path]
    if isinstance(carrier, SyftBox):
        roots = sorted(carrier.path.parents[3].glob("/".join(("*", *carrier.path.parts[-3:]))))
    for root in roots:
        for folder, folders, files in os.walk(root):
            # Sync programs keep old versions and notes of their own in hidden folders.
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for place in (Path(folder, name) for name in sorted(files)):
                yield place.relative_to(root).as_posix(), place


def _oddness(place: Path) -> str:
    """What is odd about a file, a key of the table above; empty if nothing is."""
    passing = is_passing(place.name) or ""
    found = seen(place)
    if found is None or not stat.S_ISREG(found.st_mode):
        return ""
    if "copy" in passing:
        return _COPIES
    if found.st_size > MAX_FILE_BYTES:
        return _LARGE
    return _EMPTY if found.st_size == 0 and not passing else ""


def own_originals(here: Here, carrier: Carrier) -> str:
    """Where a study that was opened here, and that the carrier has lost, can be taken from; or nothing."""
    (folder,) = carrier.places(AGGREGATOR)
    first = Path("rounds", "round-0000.json")
    for role in here.roles:
        if role.role == AGGREGATOR and is_same(folder / first, role.private / "outbox" / first):
            kept = (
                f"studies/{role.study}/aggregator/outbox/study of your private folder {here.home}"
            )
            return f"Copy the folder {kept} to the study's folder aggregator, then open your page again."
    return ""


CARRIED_CHECKS: Mapping[str, Callable[[Here, Carrier], Said]] = {
    "Private and shared": _apart,
    "SyftBox": _datasite,
    "Odd files": _odd_files,
}
