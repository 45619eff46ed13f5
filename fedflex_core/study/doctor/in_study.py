"""The doctor's checks of a study that could be opened, and of what this computer does in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS
from fedflex_core.exchange.keys import in_groups
from fedflex_core.exchange.outbox import read_private
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.exchange.syftbox import SyftBox
from fedflex_core.study.doctor.finding import Said, bad, good, listed, notice
from fedflex_core.study.doctor.private import Here, content_of, is_same, nearest
from fedflex_core.study.opened import OpenedStudy

__all__ = ["STUDY_CHECKS"]


def _signature(here: Here, study: OpenedStudy) -> Said:
    key = f"The researcher's key: {in_groups(study.record.aggregator.fingerprint)}."
    for role in here.roles:
        is_other = role.identity and role.identity.public != study.record.aggregator
        if is_other and (role.study, role.role) == (study.id, AGGREGATOR):
            return bad(
                "The study is signed by another key than yours, although it was opened here.",
                "Run no round. Somebody has put another description there; the one that you made is in your "
                f"private folder {here.home}. Tell your participants.",
            )
    kept = read_private(here.home / "studies" / study.id / "participant" / "study.json")
    if kept is None:
        return good(f"You have no seat in it here yet. {key}")
    if kept == study.record.to_bytes():
        return good(f"It is the study that you took your seat in. {key}")
    return bad(
        f"The study is not as your seat has kept it: it was changed, or another key signs it. {key}",
        "Share nothing here. Ask the researcher by another way, and compare the key: somebody may have put "
        "another study there. A changed study needs a new folder.",
    )


def _writing(here: Here, study: OpenedStudy) -> Said:
    # Who has no seat yet will have one, under a number that does not matter here.
    for owner in here.own(study) or (f"{PARTICIPANTS}/{'0' * 32}",):
        folder = study.folder.carrier.own(owner)
        leaves = _leaves(folder)
        is_open = all(os.access(one, os.W_OK | os.X_OK) for one in (nearest(folder), *leaves))
        if not is_open or any(one.is_symlink() for one in (folder, *leaves)):
            return bad(
                "This computer may not write into the study folder where it has to, or a link is there.",
                "Take a link away. Otherwise ask the researcher, or whoever looks after the folder, for the "
                "right to write. Nothing is lost meanwhile.",
            )
    return good("This computer may write into the study folder where it has to.")


def _leaves(folder: Path) -> list[Path]:
    """The folders below an owner's, in which all of its files lie."""
    return [leaf for leaf in folder.glob("*") if leaf.is_dir()]


def _own_files(here: Here, study: OpenedStudy) -> Said:
    lost, total = [], 0
    for owner, role in here.own(study).items():
        folder = study.folder.carrier.own(owner)
        files = [one for original in role.originals for one in original.published.items()]
        total += len(files)
        lost += [
            f"{role.role}: {name}"
            for name, place in files
            if place.exists() and not is_same(folder / name, place)
        ]
    if lost:
        return notice(
            f"Of {total} files of yours, the carrier has lost, changed or not yet got: {listed(lost)}.",
            "Open your page again, or as the helper run `fedflex helper STUDY`: it puts them back.",
        )
    return good(f"Files of yours in the study folder: {total}, all as you sent them.")


def _newest_round(here: Here, study: OpenedStudy) -> Said:
    current = study.current_round().round  # says so where not even round 0 is whole
    records = study.folder.published(AGGREGATOR, RoundRecord, study.id, study.record.aggregator)
    newest = max(record.round for record in records)
    if newest == current:
        return good(f"Round {newest} is the newest one, and all of its models are here.")
    return notice(
        f"Round {newest} is published, but {current} is the newest round whose models are all here.",
        "Wait until your sync program is done; if it stays so, ask the researcher to open their page, which "
        "puts back what was lost.",
    )


def _clock(here: Here, study: OpenedStudy) -> Said:
    own = (original.record for role in here.own(study).values() for original in role.originals)
    records = (study.record, *study.rounds(), *filter(None, own))
    ahead = max(record.written_at for record in records) - datetime.now(UTC)
    if ahead <= timedelta(days=1):
        return good("The clock of this computer goes with the records of the study.")
    return notice(
        f"The newest record of the study was written {ahead.days} days after what this computer's clock shows.",
        "Set the clock of this computer. If it is right, the clock of whoever wrote the record was not.",
    )


def _access(here: Here, study: OpenedStudy) -> Said:
    carrier = study.folder.carrier
    if not isinstance(carrier, SyftBox):
        return []
    leaves = [(owner, leaf) for owner in here.own(study) for leaf in _leaves(carrier.own(owner))]
    wrong = [leaf.name for owner, leaf in leaves if not _is_well_guarded(carrier, owner, leaf)]
    if wrong:
        return bad(
            f"Access files of your folders are missing, or let in others than they should: {listed(wrong)}.",
            "Open your page again: it writes them anew.",
        )
    return good(f"Access files of your folders: {2 * len(leaves)}, all as they should be.")


def _is_well_guarded(carrier: SyftBox, owner: str, leaf: Path) -> bool:
    """Whether both access files of a leaf let in whom they have to, and nobody else."""
    helpers = {place.parents[3].name for place in carrier.places(HELPER)}
    must = may = {"*"}
    if owner not in (AGGREGATOR, HELPER):
        must, may = {carrier.researcher}, {carrier.researcher, *helpers}
    places = (leaf / name for name in ("syftperm.yaml", "syft.pub.yaml"))
    contents = (content_of(place).decode("utf-8", "replace") for place in places)
    return all(must <= set(re.findall(r'"([^"]*)"', one)) - {"**"} <= may for one in contents)


STUDY_CHECKS: Mapping[str, Callable[[Here, OpenedStudy], Said]] = {
    "Signature": _signature,
    "Writing": _writing,
    "Own files": _own_files,
    "Newest round": _newest_round,
    "Clock": _clock,
    "Access files": _access,
}
