"""The doctor's checks of this computer and of the private folder on it; no study has to be named."""

from __future__ import annotations

import json
import os
import platform
import re
import secrets
import socket
import stat
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata
from pathlib import Path

import nacl

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import delete_private, write_private
from fedflex_core.study.doctor.finding import Said, bad, good, listed, notice
from fedflex_core.study.doctor.private import Here, Role, content_of, nearest, seen

__all__ = ["COMPUTER_CHECKS"]

_SYNCED = re.compile(
    "(?i)dropbox|onedrive|nextcloud|owncloud|pcloud|syftbox|icloud|mobile documents|cloudstorage"
    "|google ?drive|my drive"
)
"""How folders begin whose content is carried away: sync programs' own names for them."""
_BOUND = re.compile(r"([A-Za-z0-9._-]+)[^;]*?>=\s*([0-9.]+)[^;]*")
"""A library that is needed everywhere, and since which version; a condition follows a semicolon."""
_REINSTALL = (
    "Set FedFlex up again: delete the folder .venv beside run.py and start it anew, or run "
    "`pip install --upgrade .` in an environment of your own."
)


def _versions(here: Here) -> Said:
    try:
        version, requires = metadata.version("fedflex"), metadata.requires("fedflex") or ()
    except metadata.PackageNotFoundError:
        return notice("FedFlex is not installed: no versions were compared.", _REINSTALL)
    bounds = [match.groups() for match in map(_BOUND.fullmatch, requires) if match]
    wrong = [f"{name} {bound}" for name, bound in bounds if not _is_enough(name, bound)]
    if wrong:
        return bad(f"Missing, or older than the version needed: {listed(wrong)}.", _REINSTALL)
    runs = f"FedFlex {version} runs on Python {platform.python_version()}"
    return good(f"{runs}, and all {len(bounds)} libraries that it needs are new enough.")


def _is_enough(name: str, bound: str) -> bool:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    begins = (re.split(r"[^0-9.]", one)[0] for one in (version, bound))
    have, need = ([int(part) for part in one.split(".") if part] for one in begins)
    return have + [0] * len(need) >= need


def _cryptography(here: Here) -> Said:
    me, word = Identity.new(), b"FedFlex"
    if me.opened(me.public.seal(word)) == word and me.public.signed(word, me.sign(word)):
        return good(f"Sealing and signing work (PyNaCl {nacl.__version__}).")
    return bad("Sealing or signing does not work on this computer.", _REINSTALL)


def _private_folder(here: Here) -> Said:
    base = nearest(here.home)
    if not base.is_dir() or not os.access(base, os.W_OK | os.X_OK):
        return bad(
            f"The private folder {here.home} cannot be made or written to.",
            "Set the variable FEDFLEX_HOME to a folder that you may write to, then start again.",
        )
    if base == here.home:
        probe = base / f"doctor-{secrets.token_hex(4)}.txt"
        write_private(probe, b"FedFlex\n")  # a temporary name, then renamed: as all files are
        delete_private(probe)
    return good(f"The place of your private files is {here.home}; it can be written to.")


def _private_files(here: Here) -> Said:
    tops = [name for name in ("studies", "helper", "told.json") if (here.home / name).exists()]
    places = [one for top in tops for one in (here.home / top, *(here.home / top).rglob("*"))]
    wrong = [place for place in places if _is_wrong(place)]
    if wrong:
        return bad(
            f"{len(wrong)} of {len(places)} private files and folders in {here.home} are closed to yourself, "
            "or open to others who use this computer: with your keys they could write in your name.",
            f"On Linux and macOS run, in the folder {here.home}: chmod -R go-rwx {' '.join(tops)}. If that is "
            "refused, or elsewhere, make them your own account's first, and nobody else's.",
        )
    return good("You can read and write all of them; your account keeps others out.")


def _is_wrong(place: Path) -> bool:
    is_mine = os.access(place, os.R_OK | (os.W_OK | os.X_OK if place.is_dir() else 0))
    found = seen(place)
    if found is None or stat.S_ISLNK(found.st_mode):  # an open page has taken it away meanwhile
        return False
    # Only POSIX says by modes who is let in.
    return not is_mine or (os.name == "posix" and found.st_mode & 0o077 != 0)


def _sync_programs(here: Here) -> Said:
    if any(map(_SYNCED.match, (*here.home.parts, *here.home.resolve().parts))):
        return notice(
            f"The private folder {here.home} seems to lie where a sync program carries everything away.",
            "Set the variable FEDFLEX_HOME to a folder that is not carried, and move the files there.",
        )
    return good("By its name, the private folder does not lie in one that a sync program carries.")


def _lost(damaged: Callable[[Role], list[str]], so: str, here: Here) -> Said:
    wrong: Said = []
    for role in here.roles:
        if names := damaged(role):
            wrong += bad(
                f"Of your part as {role.role} in study {role.study}, files are missing or damaged: "
                f"{listed(names)}.",
                f"Put them back from a copy of your private folder {here.home}. {so}",
            )
    return wrong or good("Nothing is missing or damaged.")


def _keys(role: Role) -> list[str]:
    is_used = role.keys.exists() or (role.private / "outbox").exists()
    return ["keys.json"] if is_used and role.identity is None else []


def _ledger(role: Role) -> list[str]:
    place = role.private / "ledger.json"
    if not place.exists():  # nothing was spent yet
        return []
    try:
        stored = json.loads(content_of(place))
        rounds = [number for several in stored["charged"].values() for number in several]
        whole = all(isinstance(one, int) for one in rounds)
        return [] if whole and isinstance(stored["cap"], int | float | None) else [place.name]
    except (ValueError, TypeError, KeyError, AttributeError):
        return [place.name]


def _originals(role: Role) -> list[str]:
    return [name for original in role.originals for name in original.spoilt]


def _pages(here: Here) -> Said:
    try:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
    except OSError:
        return bad(
            "No page can be opened: this computer gives FedFlex no port on 127.0.0.1.",
            "Allow FedFlex in the security program or firewall of this computer.",
        )
    return good("A page can be opened on this computer, at 127.0.0.1.")


COMPUTER_CHECKS: Mapping[str, Callable[[Here], Said]] = {
    "Versions": _versions,
    "Cryptography": _cryptography,
    "Private folder": _private_folder,
    "Private files": _private_files,
    "Sync programs": _sync_programs,
    "Keys": partial(_lost, _keys, "Without its keys nobody can go on in this name."),
    "Ledger": partial(_lost, _ledger, "Until then all that the study may cost counts as spent."),
    "Records": partial(_lost, _originals, "Files of these names in the study folder are the same."),
    "Pages": _pages,
}
