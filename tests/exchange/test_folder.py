"""The study folder: whole files, one writer, and nothing lost."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fedflex_core.exchange import outbox as outbox_module
from fedflex_core.exchange.folder import FolderReport, NoStudy, StudyFolder
from fedflex_core.exchange.outbox import CannotWrite, Outbox, write_private
from fedflex_core.exchange.protocol import (
    BadRecord,
    ClickRecord,
    JoinRecord,
    Payload,
    Record,
    StudyRecord,
    UpdateRecord,
)

STUDY, PERSON = "0" * 16, "1" * 16
OWNER = f"participants/{PERSON}"


def join() -> JoinRecord:
    return JoinRecord(study=STUDY, participant=PERSON)


def update(content: bytes) -> UpdateRecord:
    return UpdateRecord(
        study=STUDY,
        participant=PERSON,
        arm="svd",
        round=1,
        base_model="a" * 64,
        update=Payload.of("updates/svd-0001.safetensors", content),
    )


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


@pytest.fixture
def outbox(tmp_path: Path, shared: Path) -> Outbox:
    return Outbox(tmp_path / "private", shared, OWNER)


def commit_update(outbox: Outbox, content: bytes = b"tensor") -> None:
    record = update(content)
    outbox.commit(record, {record.update.name: content})


def found(shared: Path, kind: type[Record], report: FolderReport | None = None) -> list[Record]:
    return list(StudyFolder(shared).records(OWNER, kind, STUDY, report))


def test_what_is_published_can_be_read(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    assert outbox.publish() == 2
    (record,) = found(shared, UpdateRecord)
    assert StudyFolder(shared).payload(OWNER, record.update) == b"tensor"


def test_nothing_is_shared_before_publishing(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    assert not any(shared.rglob("*.json"))


def test_a_name_is_written_once(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox, b"first")
    commit_update(outbox, b"second, with other noise")
    outbox.publish()
    (record,) = found(shared, UpdateRecord)
    assert StudyFolder(shared).payload(OWNER, record.update) == b"first"


def test_publishing_again_copies_nothing(outbox: Outbox) -> None:
    commit_update(outbox)
    outbox.publish()
    assert outbox.publish() == 0


def test_what_a_carrier_lost_is_put_back(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    outbox.publish()
    (shared / OWNER / "updates" / "svd-0001.safetensors").unlink()
    assert outbox.publish() == 1


def test_what_a_carrier_damaged_is_put_back(tmp_path: Path, outbox: Outbox, shared: Path) -> None:
    """Of the same length, so that only a comparison finds it; done when the writer comes back."""
    commit_update(outbox)
    outbox.publish()
    (shared / OWNER / "updates" / "svd-0001.safetensors").write_bytes(b"\0" * len(b"tensor"))
    assert Outbox(tmp_path / "private", shared, OWNER).publish() == 1


def test_two_pages_of_one_seat_commit_one_update(outbox: Outbox, shared: Path) -> None:
    """Two processes at once: what is committed first stays, and its payload is its own."""
    contents = [bytes([number]) * 2_000_000 for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda content: commit_update(outbox, content), contents))
    outbox.publish()
    (record,) = found(shared, UpdateRecord)
    assert StudyFolder(shared).payload(OWNER, record.update) in contents


def test_a_record_before_its_payload_is_still_arriving(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    outbox.publish()
    payload = shared / OWNER / "updates" / "svd-0001.safetensors"
    (record,) = found(shared, UpdateRecord)
    for content in (b"ten", b"tensoR"):
        payload.write_bytes(content)
        with pytest.raises(BadRecord, match="arriving"):
            StudyFolder(shared).payload(OWNER, record.update)
    payload.unlink()
    with pytest.raises(BadRecord, match="not arrived"):
        StudyFolder(shared).payload(OWNER, record.update)


@pytest.mark.parametrize(
    "name",
    [
        "join (conflicted copy).json",
        "join.sync-conflict-20240101-ABC.json",
        "join.conflict.json",
        "join.rejected.json",
    ],
)
def test_conflict_copies_are_ignored_and_named(outbox: Outbox, shared: Path, name: str) -> None:
    outbox.commit(join())
    outbox.publish()
    (shared / OWNER / name).write_bytes((shared / OWNER / "join.json").read_bytes())
    report = FolderReport()
    assert len(found(shared, JoinRecord, report)) == 1
    assert list(report.ignored) == [f"{OWNER}/{name}"]


def test_half_a_record_and_temporary_names_are_ignored(outbox: Outbox, shared: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    whole = (shared / OWNER / "join.json").read_bytes()
    (shared / OWNER / "half.json").write_bytes(whole[: len(whole) // 2])
    (shared / OWNER / "join.json.1234.tmp").write_bytes(whole)
    assert len(found(shared, JoinRecord)) == 1


def test_records_of_another_study_are_ignored(outbox: Outbox, shared: Path) -> None:
    outbox.commit(JoinRecord(study="f" * 16, participant=PERSON))
    outbox.publish()
    assert not found(shared, JoinRecord)


def test_a_file_of_gigabytes_is_not_read(outbox: Outbox, shared: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    with open(shared / OWNER / "huge.json", "wb") as file:
        file.truncate(200_000_000)
    report = FolderReport()
    assert len(found(shared, JoinRecord, report)) == 1
    assert "8 MB" in report.ignored[f"{OWNER}/huge.json"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
def test_private_files_are_their_owners_alone(outbox: Outbox) -> None:
    commit_update(outbox)
    for place in outbox.private.rglob("*"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0


def test_a_copy_of_an_event_under_another_name_counts_once(outbox: Outbox, shared: Path) -> None:
    click = ClickRecord(
        study=STUDY, participant=PERSON, arm="svd", round=0, sequence=1, list="A", rank=1, item="x",
        selected=True,
    )  # fmt: skip
    outbox.commit(click)
    outbox.publish()
    place = shared / OWNER / click.name
    place.with_name(place.stem + "-LAPTOP7.json").write_bytes(place.read_bytes())
    assert found(shared, ClickRecord) == [click]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are a matter of POSIX")
def test_links_and_pipes_are_not_followed(outbox: Outbox, shared: Path, tmp_path: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    folder = shared / OWNER
    (folder / "join.json").rename(tmp_path / "outside.json")
    (folder / "join.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(folder / "pipe.json")
    (shared / "participants" / ("2" * 16)).symlink_to("/proc/self")
    report = FolderReport()
    assert not found(shared, JoinRecord, report)
    assert set(report.ignored) == {f"{OWNER}/join.json", f"{OWNER}/pipe.json"}
    assert StudyFolder(shared).participants() == [PERSON]


def test_odd_names_do_not_reach_a_terminal(outbox: Outbox, shared: Path) -> None:
    (shared / "participants" / f"{PERSON}\n").mkdir(parents=True)
    (shared / OWNER).mkdir(parents=True)
    (shared / OWNER / "a\x1b[31m.json").write_bytes(b"x")
    (shared / OWNER / os.fsdecode(b"\xff.json")).write_bytes(b"x")
    report = FolderReport()
    assert StudyFolder(shared).participants() == [PERSON]
    assert not found(shared, JoinRecord, report)
    assert len(report.ignored) == 2
    for name in report.ignored:
        assert name.isprintable()
        name.encode("utf-8")


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "participants").write_bytes(b"x")
    assert StudyFolder(tmp_path).participants() == []
    outbox = Outbox(tmp_path / "private", tmp_path, OWNER)
    outbox.commit(join())
    with pytest.raises(CannotWrite):
        outbox.publish()


class Crash(BaseException):
    """A kill: no handler of the program sees it."""


@pytest.mark.parametrize("operation", ["open", "fsync", "replace"])
@pytest.mark.parametrize("moment", range(1, 13))
def test_a_kill_at_any_file_operation_loses_nothing(
    outbox: Outbox, shared: Path, monkeypatch: pytest.MonkeyPatch, operation: str, moment: int
) -> None:
    """Kill at the n-th operation of committing and publishing; then start again."""
    real, calls = getattr(os, operation), 0

    def counted(*arguments: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == moment:
            raise Crash
        return real(*arguments, **more)

    outbox.commit(join())
    outbox.publish()
    monkeypatch.setattr(outbox_module.os, operation, counted)
    try:
        commit_update(outbox, b"first")
        outbox.publish()
    except Crash:
        pass
    monkeypatch.setattr(outbox_module.os, operation, real)

    # Whatever can be seen is whole: an update is not there, still arriving, or right.
    for record in found(shared, UpdateRecord):
        assert StudyFolder(shared).payload(OWNER, record.update) == b"first"
    before = outbox.record("updates/svd-0001.json") is not None
    commit_update(outbox, b"again")
    outbox.publish()
    (record,) = found(shared, UpdateRecord)
    expected = b"first" if before else b"again"
    assert StudyFolder(shared).payload(OWNER, record.update) == expected
    assert len(found(shared, JoinRecord)) == 1


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "read-only"), (errno.EACCES, "read-only")],
)
def test_a_folder_that_takes_nothing_is_met_with_a_sentence(
    outbox: Outbox, shared: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    commit_update(outbox)

    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(outbox_module.os, "fsync", refuse)
        with pytest.raises(CannotWrite, match=words):
            outbox.publish()
    assert not list(shared.rglob("*.tmp"))
    assert outbox.publish() == 2  # what was committed is still here


def test_an_unplugged_drive_is_not_made_anew(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "private", tmp_path / "unplugged", OWNER)
    outbox.commit(join())
    with pytest.raises(CannotWrite, match="not there"):
        outbox.publish()
    assert not (tmp_path / "unplugged").exists()


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "a.txt", b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no")

    monkeypatch.setattr(outbox_module.os, "replace", full)
    with pytest.raises(CannotWrite, match="full"):
        write_private(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_a_missing_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(NoStudy, match="no such folder"):
        StudyFolder(tmp_path / "nowhere").study()
    with pytest.raises(NoStudy, match="holds no study"):
        StudyFolder(tmp_path).study()


def test_a_study_of_another_version(tmp_path: Path) -> None:
    record = StudyRecord(
        study=STUDY,
        aggregator="a" * 64,
        design={},
        catalogue=Payload.of("catalogue.csv", b"x"),
        embeddings=Payload.of("embeddings.safetensors", b"x"),
    )
    (tmp_path / "aggregator").mkdir()
    newer = record.to_bytes().replace(b'"protocol": 1', b'"protocol": 2')
    assert newer != record.to_bytes()
    (tmp_path / "aggregator" / "study.json").write_bytes(newer)
    with pytest.raises(NoStudy, match="another version"):
        StudyFolder(tmp_path).study()


def test_half_a_study_file(tmp_path: Path) -> None:
    (tmp_path / "aggregator").mkdir()
    (tmp_path / "aggregator" / "study.json").write_bytes(b'{"kind": "stu')
    with pytest.raises(NoStudy, match="wait until it is done"):
        StudyFolder(tmp_path).study()
