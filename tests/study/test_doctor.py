"""The doctor: whatever is broken around a small study is seen, with a way out; a healthy one is well."""

import errno
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.exchange.carriers import HELPER, Carrier, PlainFolder
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.public_records import RoundRecord, StudyRecord
from fedflex_core.exchange.sealing import sign
from fedflex_core.exchange.syftbox import SyftBox
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.doctor import Finding, examine
from fedflex_core.study.helper import Helper, helper_keys
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from .conftest import export

WATCHED = ("Amber Coast", "Dust Orchard", "Glass Parade")
ADA, BEN, CEM = "ada@uni.example", "ben@mail.example", "cem@mail.example"
DESIGN = StudyDesign(
    name="Small", rounds=2, min_updates=1, embedding_size=4, privacy=PrivacyDesign(mode="off")
)

Patch = pytest.MonkeyPatch
needs_posix = pytest.mark.skipif(os.name != "posix", reason="it is a matter of POSIX")


def look(carrier: Carrier | None, home: Path) -> list[Finding]:
    """What the doctor says; whatever it is, it keeps to the rules of what may be said."""
    findings = examine(carrier, home)
    for one in findings:
        assert (one.way_out == "") == (one.state == "good"), one
        said = f"{one.found} {one.way_out}".replace(str(home), "")
        assert str(home.parent) not in said, "a path"
        assert not any(title in said for title in WATCHED), "a title"
    return findings


def wrong(carrier: Carrier | None, home: Path) -> dict[str, Finding]:
    """What is not good, by the check's name."""
    return {one.name: one for one in look(carrier, home) if one.state != "good"}


class Small:
    """A small study in which Anna has shared an update and answered on one pair of lists."""

    def __init__(self, root: Path) -> None:
        self.path, self.anna, self.owner = root / "study", root / "anna", root / "aggregator-home"
        self.carrier = PlainFolder(self.path)
        self.rounds = self.path / "aggregator" / "rounds"
        (number,) = self.carrier.participants()
        self.own = self.carrier.own(f"participants/{number}")
        (self.private,) = (self.anna / "studies").glob("*/participant")

    def aggregator(self) -> Aggregator:
        return Aggregator.open(self.path, self.owner)

    def wrong(self, check: str) -> Finding:
        """The one thing that is wrong to Anna."""
        found = wrong(self.carrier, self.anna)
        assert list(found) == [check]
        return found[check]

    def is_well(self) -> bool:
        return wrong(self.carrier, self.anna) == wrong(self.carrier, self.owner) == {}


@pytest.fixture(scope="module", autouse=True)
def _no_waiting() -> Iterator[None]:
    """Every look writes a file and has the disk say that it is there; a busy disk takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, opened: Callable[[StudyDesign], Path]) -> Path:
    root = tmp_path_factory.mktemp("made")
    shutil.copytree(opened(DESIGN), root, dirs_exist_ok=True)
    anna = Participant.take_seat(root / "study", root / "anna", np.random.default_rng(0))
    anna.watched.load(export(*WATCHED))
    anna.train_and_share()
    shown = anna.show("svd")
    anna.comparisons.click(shown, "A", 1)
    anna.comparisons.finish(shown)
    anna.publish()
    return root


@pytest.fixture
def small(made: Path, tmp_path: Path) -> Small:
    """A copy of it that a test may break."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Small(tmp_path)


def test_a_healthy_study_has_nothing_but_good(small: Small, tmp_path: Path) -> None:
    def everything() -> dict[Path, bytes]:
        return {one: one.read_bytes() if one.is_file() else b"" for one in tmp_path.rglob("*")}

    before = everything()
    findings = look(small.carrier, small.anna)
    assert everything() == before
    assert [one for one in findings if one.state != "good"] == []
    assert [one.name for one in findings] == [
        "Versions", "Cryptography", "Private folder", "Private files", "Sync programs", "Keys",
        "Ledger", "Records", "Pages", "Private and shared", "Odd files", "Study", "Signature",
        "Writing", "Own files", "Newest round", "Clock",
    ]  # fmt: skip
    said = {one.name: one.found for one in findings}
    assert str(small.anna) in said["Private folder"]
    assert "took your seat in" in said["Signature"]
    assert said["Own files"] == "Files of yours in the study folder: 8, all as you sent them."


def test_a_helper_is_well(
    tmp_path: Path, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> None:
    home, study = tmp_path / "helper", tmp_path / "study"
    keys = helper_keys(home)
    assert wrong(None, home) == {}
    privacy = PrivacyDesign(mode="distributed")
    design = StudyDesign(name="Shares", min_updates=2, embedding_size=4, privacy=privacy)
    Aggregator.create(study, design, catalogue, embeddings, tmp_path / "a", keys)
    Helper.open(study, home)
    assert wrong(PlainFolder(study), home) == {}
    (home / "helper" / "keys.json").write_bytes(b"{}")
    found = wrong(PlainFolder(study), home)["Keys"]
    assert found.state == "bad" and "your part as helper" in found.found


def test_who_has_no_seat_yet_is_well_and_nothing_is_made(small: Small, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    assert wrong(small.carrier, nobody) == wrong(None, nobody) == {}
    assert not nobody.exists()
    assert any(os.environ["FEDFLEX_HOME"] in one.found for one in examine(None))


# --- this computer


def test_libraries_have_to_be_new_enough(tmp_path: Path, monkeypatch: Patch) -> None:
    versions = {
        "fedflex": "1", "a": "1.26.4", "b": "2.1.9rc1", "c": "2.10rc1", "d": "14", "e": "0.9.9",
    }  # fmt: skip
    lines = ["a>=2.2", "b>=2.2", "c>=2.9", "d>=14.0", "e>=0.62", "f>=1.0", 'g>=1; extra == "test"']

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "requires", lambda _: lines)
    monkeypatch.setattr(metadata, "version", version)
    found = wrong(None, tmp_path / "home")["Versions"]
    assert found.state == "bad" and "4 (a 2.2, b 2.2, e 0.62, f 1.0)" in found.found
    versions.clear()
    assert wrong(None, tmp_path / "home")["Versions"].state == "notice"


def test_sealing_or_signing_that_does_not_work(tmp_path: Path, monkeypatch: Patch) -> None:
    for what, gives in (("opened", None), ("sign", bytes(64))):
        with monkeypatch.context() as patch:
            patch.setattr(Identity, what, lambda _self, _content, gives=gives: gives)
            assert wrong(None, tmp_path / "home")["Cryptography"].state == "bad"


def closed(monkeypatch: Patch, *places: Path) -> None:
    """Let the system say that these may not be written to; whoever is root may do everything."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda at, mode: Path(at) not in places and real(at, mode))


def test_a_private_folder_that_is_closed_or_full(tmp_path: Path, monkeypatch: Patch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_text("a file")
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(os, "fsync", full)
    found = wrong(None, tmp_path / "home")["Private folder"]
    assert (found.state, found.found) == ("bad", "The disk is full.")
    assert list((tmp_path / "home").iterdir()) == []
    closed(monkeypatch, tmp_path, tmp_path / "home")
    for name in ("home", "not-there", "file"):
        found = wrong(None, tmp_path / name)["Private folder"]
        assert found.state == "bad" and str(tmp_path / name) in found.found
        assert "FEDFLEX_HOME" in found.way_out


@needs_posix
def test_private_files_that_others_can_read_or_own(small: Small, monkeypatch: Patch) -> None:
    told = small.anna / "told.json"
    told.touch(0o600)
    for place in (*(small.private / one for one in ("viewings.csv", "outbox", "keys.json")), told):
        mode = place.stat().st_mode
        place.chmod(0o750)
        found = small.wrong("Private files")
        assert found.state == "bad" and found.found.startswith("1 of ")
        assert "chmod -R go-rwx studies told.json" in found.way_out
        place.chmod(mode)
    assert small.is_well()
    closed(monkeypatch, small.private / "outbox")
    assert small.wrong("Private files").found.startswith("1 of ")


def test_a_private_folder_that_a_sync_program_carries(tmp_path: Path) -> None:
    for name in (
        "Dropbox", "Dropbox (Private)", "OneDrive - Uni", "Nextcloud", "SyftBox", "Mobile Documents",
        "iCloudDrive", "Google Drive", "GoogleDrive", "CloudStorage",
    ):  # fmt: skip
        found = wrong(None, tmp_path / name / "fedflex")["Sync programs"]
        assert found.state == "notice" and "FEDFLEX_HOME" in found.way_out
    if os.name != "nt":  # where links need rights
        (tmp_path / "Dropbox").mkdir()
        (tmp_path / "home").symlink_to(tmp_path / "Dropbox")
        assert "Sync programs" in wrong(None, tmp_path / "home")


@pytest.mark.parametrize(
    ("check", "name", "contents"),
    [
        ("Keys", "keys.json", [None, b"", b"{}", b"[]", b'{"sign": "00", "box": "00"}', b"\xff"]),
        ("Ledger", "ledger.json", [b"", b"[]", b'{"charged": {"svd": 1}, "cap": null}', b"{}"]),
        ("Records", "outbox/events/join.json", [b"", b'{"signature":"']),
        ("Records", "outbox/sealed/events/join.sealed", [None, b"", b"half"]),
        ("Records", "outbox/sealed/updates/svd-0001-tensors.sealed", [None, b"", b"half"]),
    ],
)
def test_private_files_that_are_missing_or_damaged(
    small: Small, check: str, name: str, contents: list[bytes | None]
) -> None:
    place = small.private / name
    assert place.exists()
    for content in contents:
        place.unlink() if content is None else place.write_bytes(content)
        found = wrong(None, small.anna)
        assert list(found) == [check] and found[check].state == "bad"
        assert "your part as participant in study" in found[check].found
        assert f"1 ({place.name})" in found[check].found and str(small.anna) in found[check].way_out
        place.touch(0o600)


def test_an_original_of_another_number_or_name_or_model_is_spoilt(small: Small) -> None:
    place = small.private / "outbox" / "updates" / "svd-0001.json"
    content = place.read_bytes()
    place.write_bytes(content.replace(b'"round":1', b'"round":2', 1))
    assert "svd-0001.json" in small.wrong("Records").found
    place.write_bytes(content)
    place.rename(place.with_name("svd-0002.json"))
    assert "svd-0002.json" in small.wrong("Records").found
    (place,) = small.owner.rglob("outbox/rounds/round-0000-bpr.safetensors")
    place.write_bytes(b"no model")
    found = wrong(None, small.owner)["Records"].found
    assert place.name in found and "your part as aggregator" in found


def refused(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_check_that_is_not_let_in_stops_no_other(small: Small, monkeypatch: Patch) -> None:
    monkeypatch.setattr(socket.socket, "bind", refused)
    found = small.wrong("Pages")
    assert found.state == "bad" and "127.0.0.1" in found.found
    monkeypatch.setattr(metadata, "requires", refused)
    findings = look(small.carrier, small.anna)
    assert "did not let FedFlex in" in findings[0].found and findings[-1].name == "Clock"
    monkeypatch.setattr(OpenedStudy, "open", refused)
    assert list(wrong(small.carrier, small.anna)) == ["Versions", "Pages", "Study"]


# --- the study folder


def test_a_study_folder_that_cannot_be_used(small: Small) -> None:
    found = wrong(small.carrier, small.path / "mine")["Private and shared"]
    assert found.state == "bad" and "FEDFLEX_HOME" in found.way_out
    (small.path / "aggregator" / "study" / "catalogue.csv").unlink()
    assert "not finished copying" in small.wrong("Study").found
    shutil.rmtree(small.path / "aggregator")
    assert "holds no study" in small.wrong("Study").found
    shutil.rmtree(small.path)
    assert small.wrong("Study").found == "There is no such folder."


def test_a_lost_description_can_be_taken_from_where_the_study_was_opened(small: Small) -> None:
    lost = small.path / "aggregator" / "study"
    shutil.rmtree(lost)
    assert "Copy the folder" not in small.wrong("Study").way_out
    way_out = wrong(small.carrier, small.owner)["Study"].way_out
    folder = way_out.split("Copy the folder ")[1].split(" of ")[0]
    shutil.copytree(small.owner / folder, lost)
    assert small.is_well()


def test_odd_files_are_counted_and_named(small: Small) -> None:
    for name, size, words in (
        ("round-0000.sync-conflict-20240101-120000-ABCDEFG.json", 9, "Conflict copies"),
        ("round-0000 (Anna's conflicted copy 2024-01-01).json", 9, "Conflict copies"),
        ("round-0000 (1).json", 9, "Conflict copies"),
        ("film.mkv", 8_000_001, "Files above 8 MB"),
        ("round-0007.json", 0, "Empty files"),
    ):
        (small.rounds / name).write_bytes(bytes(size))
        found = small.wrong("Odd files")
        assert found.state == "notice" and found.found.startswith(words)
        assert f": 1 (aggregator/rounds/{name})" in found.found
        (small.rounds / name).unlink()
    # what is being written, and what is hidden, is not odd
    (small.rounds / "round-0001.json.1234abcd.tmp").touch()
    (small.path / ".stversions").mkdir()
    (small.path / ".stversions" / "round-0001 (1).json").touch()
    (small.path / ".nomedia").touch()
    (small.private.parent / "aggregator").mkdir(mode=0o700)  # nor a role that was never used
    assert small.is_well()


@needs_posix
def test_of_many_odd_files_five_are_named_fit_for_a_terminal(small: Small) -> None:
    for name in ("\x1b[31mred\n", *"abcdef"):
        (small.path / f"{name}.json").touch()
    found = small.wrong("Odd files").found
    assert found == "Empty files: 7 (?[31mred?.json, a.json, b.json, c.json, d.json and others)."


# --- the study in it


def test_a_study_that_is_signed_by_another_key_or_changed(small: Small) -> None:
    def put(record: StudyRecord, identity: Identity) -> None:
        place = small.path / "aggregator" / "study" / "study.json"
        place.write_bytes(sign(record.to_bytes(), identity))

    aggregator, other = small.aggregator(), Identity.new()
    record = aggregator.study.record
    put(record.model_copy(update={"design": record.design | {"name": "B"}}), aggregator.identity)
    found = small.wrong("Signature")
    assert found.state == "bad" and "Share nothing" in found.way_out
    assert "Signature" not in wrong(small.carrier, small.owner)
    put(record.model_copy(update={"aggregator": other.public}), other)
    assert "Signature" in wrong(small.carrier, small.anna)
    found = wrong(small.carrier, small.owner)["Signature"]
    assert found.state == "bad" and "another key than yours" in found.found
    put(record, aggregator.identity)
    (small.private / "study.json").write_bytes(b"{")
    assert small.wrong("Signature").state == "bad"


def test_a_study_folder_that_is_closed(small: Small, tmp_path: Path, monkeypatch: Patch) -> None:
    closed(monkeypatch, small.own / "updates")
    assert small.wrong("Writing").state == "bad"
    assert wrong(small.carrier, small.owner) == {}
    closed(monkeypatch, small.rounds, small.own.parent)
    assert "Writing" in wrong(small.carrier, small.owner)
    assert "Writing" in wrong(small.carrier, tmp_path / "nobody")


@needs_posix
def test_a_link_in_place_of_the_own_folder(small: Small, tmp_path: Path) -> None:
    small.own.rename(tmp_path / "elsewhere")
    small.own.symlink_to(tmp_path / "elsewhere")
    assert "a link" in small.wrong("Writing").found
    small.own.unlink()
    small.own.parent.rmdir()
    (tmp_path / "linked").symlink_to(small.path)  # the whole study may be reached by one
    assert list(wrong(PlainFolder(tmp_path / "linked"), small.anna)) == ["Own files"]


def test_what_the_carrier_has_lost_is_put_back_by_the_page(small: Small) -> None:
    (small.own / "updates" / "svd-0001-tensors.sealed").unlink()
    (small.own / "events" / "join.sealed").write_bytes(b"other")
    found = small.wrong("Own files")
    assert found.state == "notice" and "puts them back" in found.way_out
    assert "Of 8 files of yours" in found.found and ": 2 (" in found.found
    assert "participant: updates/svd-0001-tensors.sealed" in found.found
    if hasattr(os, "mkfifo"):  # a pipe is not waited for
        os.mkfifo(small.own / "updates" / "svd-0001-tensors.sealed")
        assert ": 2 (" in small.wrong("Own files").found
        (small.own / "updates" / "svd-0001-tensors.sealed").unlink()
    Participant.take_seat(small.path, small.anna).publish()
    assert small.is_well()


def test_a_round_that_the_carrier_has_lost(small: Small) -> None:
    aggregator = small.aggregator()
    aggregator.run_round()
    assert small.is_well()
    (small.rounds / "round-0001-bpr.safetensors").unlink()
    found = wrong(small.carrier, small.owner)["Own files"].found
    assert "aggregator: rounds/round-0001-bpr" in found
    found = small.wrong("Newest round")
    assert found.state == "notice" and "Round 1 is published, but 0 is" in found.found
    aggregator.withdrawals.settle()
    aggregator.publish()  # as the page does when it is opened
    assert small.is_well()
    for name in ("round-0001-bpr.safetensors", "round-0000-svd.safetensors"):
        (small.rounds / name).unlink()
    found = small.wrong("Newest round")
    assert found.state == "bad" and "first models" in found.found


@pytest.mark.parametrize(("days", "is_seen"), [(0.5, False), (3.5, True)])
def test_a_clock_that_is_behind_the_study(small: Small, days: float, is_seen: bool) -> None:
    aggregator, written_at = small.aggregator(), datetime.now(UTC) + timedelta(days=days)
    current, study = aggregator.current_round(), aggregator.study
    payloads = {one.name: study.folder.payload("aggregator", one) for one in current.payloads()}
    record = RoundRecord(study=study.id, round=1, arms=current.arms, written_at=written_at)
    aggregator._outbox.commit(record, payloads)
    aggregator._outbox.publish()
    found = wrong(small.carrier, small.anna)
    assert ("Clock" in found) == is_seen
    assert not is_seen or "3 days after" in found["Clock"].found


# --- SyftBox


class Box:
    """A study on a SyftBox with the researcher Ada and the participant Ben."""

    def __init__(self, root: Path) -> None:
        self.root, self.datasites = root, root / "box" / "datasites"

    def seen_by(self, email: str) -> SyftBox:
        return SyftBox(self.datasites / ADA / "app_data" / "fedflex" / "films", email)

    def events(self) -> Path:
        (number,) = self.seen_by(BEN).participants()
        return self.seen_by(BEN).own(f"participants/{number}") / "events"

    def wrong(self) -> dict[str, Finding]:
        """What is wrong to Ben."""
        return wrong(self.seen_by(BEN), self.root / "ben")


@pytest.fixture(scope="module")
def made_box(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> Path:
    box = Box(tmp_path_factory.mktemp("box"))
    for email in (ADA, BEN, CEM):
        (box.datasites / email).mkdir(parents=True)
    Aggregator.create(box.seen_by(ADA), DESIGN, catalogue, embeddings, box.root / "ada")
    Participant.take_seat(box.seen_by(BEN), box.root / "ben", np.random.default_rng(0)).publish()
    return box.root


@pytest.fixture
def box(made_box: Path, tmp_path: Path) -> Box:
    shutil.copytree(made_box, tmp_path, dirs_exist_ok=True)
    return Box(tmp_path)


def test_a_healthy_study_on_syftbox(box: Box) -> None:
    names = [one.name for one in look(box.seen_by(BEN), box.root / "ben")]
    assert "SyftBox" in names and "Access files" in names
    for email, name in ((ADA, "ada"), (BEN, "ben"), (CEM, "nobody")):
        assert wrong(box.seen_by(email), box.root / name) == {}
    assert "Private and shared" in wrong(box.seen_by(BEN), box.datasites / CEM / "home")
    place = box.seen_by(ADA).own("aggregator") / "rounds" / "syftperm.yaml"
    place.write_text(place.read_text().replace('"*"', f'"{BEN}"'))  # a round not for everybody
    assert "1 (rounds)" in wrong(box.seen_by(ADA), box.root / "ada")["Access files"].found


@pytest.mark.parametrize("name", ["syftperm.yaml", "syft.pub.yaml"])
def test_access_files_that_are_missing_or_let_others_in(box: Box, name: str) -> None:
    place = box.events() / name
    content = place.read_text()
    for other in (f'"{ADA}", "*"', f'"{ADA}", "{CEM}"', f'"{CEM}"', None):
        place.write_text(content.replace(f'"{ADA}"', other)) if other else place.unlink()
        found = box.wrong()
        assert list(found) == ["Access files"] and "1 (events)" in found["Access files"].found
    Participant.take_seat(box.seen_by(BEN), box.root / "ben").publish()
    assert box.wrong() == {}
    ben, helper = box.seen_by(BEN), box.datasites / CEM / "app_data" / "fedflex" / "films" / HELPER
    helper.mkdir(parents=True)
    ben.trust_helper(helper)
    ben.prepare(box.events())  # who helps may be let in
    assert box.wrong() == {} and CEM in place.read_text()


def test_what_is_said_on_syftbox_names_nobodys_address(box: Box) -> None:
    (box.seen_by(ADA).own("aggregator") / "rounds" / "a.json").touch()
    (box.events() / "b.sealed").touch()
    odd = box.wrong()["Odd files"].found
    assert "aggregator/rounds/a.json" in odd and "/events/b.sealed" in odd and "@" not in odd
    shutil.rmtree(box.datasites / BEN)
    found = {name: one for name, one in box.wrong().items() if name != "Odd files"}
    assert set(found) == {"SyftBox", "Study"} and found["SyftBox"].state == "bad"
