"""The study folder: whole files, one writer, nothing lost, and nothing believed for where it lies."""

import errno
import os
import re
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fedflex_core.exchange import outbox as outbox_module
from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS, PlainFolder
from fedflex_core.exchange.folder import FolderReport, NoStudy, StudyFolder
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import CannotWrite, Outbox, write_private
from fedflex_core.exchange.personal_records import (
    ClickRecord,
    DoneRecord,
    EventRecord,
    HalfRecord,
    ImpressionRecord,
    JoinRecord,
    LeaveRecord,
    PersonalRecord,
    UpdateRecord,
)
from fedflex_core.exchange.public_records import (
    ArmRound,
    PartialSumRecord,
    RoundRecord,
    StudyRecord,
)
from fedflex_core.exchange.record import BadRecord, BaseRecord, Payload
from fedflex_core.exchange.sealing import letter, letter_content, sign

STUDY = "0" * 16
ME, OTHER, RESEARCHER, SUMMER, STRANGER = (Identity.new() for _ in range(5))
PERSON = ME.public.id
OWNER = f"{PARTICIPANTS}/{PERSON}"
READERS = {"aggregator": RESEARCHER.public, "helper": SUMMER.public}
TENSORS = "updates/svd-0001-tensors.sealed"

needs_posix = pytest.mark.skipif(os.name != "posix", reason="links and modes are a matter of POSIX")


def of(identity: Identity, study: str = STUDY) -> dict[str, object]:
    return {"study": study, "participant": identity.public.id, "keys": identity.public}


def join(identity: Identity = ME, study: str = STUDY) -> JoinRecord:
    return JoinRecord(**of(identity, study))


def update(content: bytes, identity: Identity = ME) -> UpdateRecord:
    return UpdateRecord(
        **of(identity),
        arm="svd",
        round=1,
        base_model="a" * 64,
        update=Payload.of(TENSORS, content),
        noise_multiplier=0.0,
        rounds_charged=(1,),
    )


def click(**changes: object) -> ClickRecord:
    values = {
        "arm": "svd",
        "round": 0,
        "sequence": 1,
        "list": "A",
        "rank": 1,
        "item": "amber-coast",
        "selected": True,
    }
    return ClickRecord(**of(ME), **(values | changes))


def impression(**changes: object) -> ImpressionRecord:
    values = {"arm": "svd", "round": 0, "lists": {"A": ("x",), "B": ("y",)}, "first": "B"}
    return ImpressionRecord(**of(ME), **(values | changes))


def a_round(number: int = 0, study: str = STUDY) -> RoundRecord:
    model = Payload.of(f"rounds/round-{number:04d}-svd.safetensors", b"model")
    return RoundRecord(study=study, round=number, arms={"svd": ArmRound(model=model)})


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


@pytest.fixture
def outbox(tmp_path: Path, shared: Path) -> Outbox:
    return outbox_of(ME, tmp_path / "private", shared)


@pytest.fixture
def aggregators(tmp_path: Path, shared: Path) -> Outbox:
    """Of the aggregator, who has published round 0."""
    made = Outbox(tmp_path / "aggregator", PlainFolder(shared), AGGREGATOR, RESEARCHER)
    made.commit(a_round(), {"rounds/round-0000-svd.safetensors": b"model"})
    made.publish()
    return made


def outbox_of(
    identity: Identity, private: Path, shared: Path, readers: Mapping = READERS
) -> Outbox:
    owner = f"{PARTICIPANTS}/{identity.public.id}"
    return Outbox(private, PlainFolder(shared), owner, identity, readers)


def commit_update(outbox: Outbox, content: bytes = b"tensor") -> None:
    record = update(content)
    outbox.commit(record, {record.update.name: content})


def found(
    shared: Path,
    kind: type[PersonalRecord],
    report: FolderReport | None = None,
    person: str = PERSON,
    reader: Identity = RESEARCHER,
) -> list[PersonalRecord]:
    return list(StudyFolder(shared).sealed(person, kind, STUDY, reader, report))


def rounds(shared: Path, report: FolderReport | None = None) -> list[RoundRecord]:
    folder = StudyFolder(shared)
    return list(folder.published(AGGREGATOR, RoundRecord, STUDY, RESEARCHER.public, report))


def put(root: Path, record: BaseRecord, identity: Identity, place: str | None = None) -> Path:
    """Write a record without an outbox, as anybody who can write in the folder may."""
    signed = sign(record.to_bytes(), identity)
    content = signed
    if isinstance(record, PersonalRecord):
        content = letter(signed, READERS[record.reader])
    target = root / (place or record.place(signed))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def events_of(shared: Path) -> list[Path]:
    return sorted((shared / OWNER / "events").iterdir())


# Written and read back.


def test_what_is_published_can_be_read(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    assert outbox.publish() == 2
    (record,) = found(shared, UpdateRecord)
    assert StudyFolder(shared).payload(OWNER, record.update) == b"tensor"
    place = "updates/svd-0001.sealed"
    one = StudyFolder(shared).sealed_record(PERSON, UpdateRecord, place, STUDY, RESEARCHER)
    assert one == record == update(b"tensor").model_copy(update={"written_at": record.written_at})


def test_what_the_aggregator_publishes_can_be_read(aggregators: Outbox, shared: Path) -> None:
    (record,) = rounds(shared)
    assert StudyFolder(shared).payload(AGGREGATOR, record.arms["svd"].model) == b"model"


def test_nothing_is_shared_before_publishing(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    assert list(shared.iterdir()) == []


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


def test_a_letter_is_sealed_once(tmp_path: Path, outbox: Outbox, shared: Path) -> None:
    """Sealing makes other bytes each time; what carriers compare has to stay the same."""
    commit_update(outbox)
    outbox.commit(click())
    outbox.publish()
    before = {place: place.read_bytes() for place in shared.rglob("*.sealed")}
    again = outbox_of(ME, tmp_path / "private", shared)
    commit_update(again)
    assert again.publish() == 0
    assert {place: place.read_bytes() for place in shared.rglob("*.sealed")} == before


def test_what_a_carrier_lost_is_put_back(outbox: Outbox, shared: Path) -> None:
    commit_update(outbox)
    outbox.publish()
    (shared / OWNER / TENSORS).unlink()
    assert outbox.publish() == 1
    assert (shared / OWNER / TENSORS).read_bytes() == b"tensor"


@pytest.mark.parametrize("name", [TENSORS, "updates/svd-0001.sealed"])
def test_what_a_carrier_damaged_is_put_back(
    tmp_path: Path, outbox: Outbox, shared: Path, name: str
) -> None:
    """Of the same length, so that only a comparison finds it; done when the writer comes back."""
    commit_update(outbox)
    outbox.publish()
    before = (shared / OWNER / name).read_bytes()
    (shared / OWNER / name).write_bytes(b"\0" * len(before))
    assert outbox_of(ME, tmp_path / "private", shared).publish() == 1
    assert (shared / OWNER / name).read_bytes() == before


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
    payload = shared / OWNER / TENSORS
    (record,) = found(shared, UpdateRecord)
    for content in (b"ten", b"tensoR"):
        payload.write_bytes(content)
        with pytest.raises(BadRecord, match="arriving"):
            StudyFolder(shared).payload(OWNER, record.update)
    payload.unlink()
    with pytest.raises(BadRecord, match="not arrived"):
        StudyFolder(shared).payload(OWNER, record.update)


def test_a_record_that_is_too_long_for_a_letter_is_not_begun(outbox: Outbox, shared: Path) -> None:
    items = tuple(f"{number:02d}" + "\x01" * 198 for number in range(20))
    with pytest.raises(ValueError, match="32 kB"):
        outbox.commit(impression(lists={"A": items, "B": items[::-1]}))
    assert not list(outbox.records())
    assert outbox.publish() == 0


# What is passed over.


@pytest.mark.parametrize(
    "name",
    [
        "join (conflicted copy).sealed",
        "join.sync-conflict-20240101-ABC.sealed",
        "join.conflict.sealed",
        "join.rejected.sealed",
    ],
)
def test_conflict_copies_are_ignored_and_named(outbox: Outbox, shared: Path, name: str) -> None:
    outbox.commit(join())
    outbox.publish()
    events = shared / OWNER / "events"
    (events / name).write_bytes((events / "join.sealed").read_bytes())
    report = FolderReport()
    assert len(found(shared, JoinRecord, report)) == 1
    ((ignored, reason),) = report.ignored.items()
    assert ignored == f"{OWNER}/events/{name}"
    assert "conflict copy" in reason


def test_a_conflict_copy_of_a_round_is_ignored_and_named(aggregators: Outbox, shared: Path) -> None:
    place = shared / AGGREGATOR / "rounds" / "round-0000.json"
    copy = place.with_name("round-0001 (conflicted copy).json")
    copy.write_bytes(place.read_bytes())
    report = FolderReport()
    assert len(rounds(shared, report)) == 1
    assert "conflict copy" in report.ignored[f"{AGGREGATOR}/rounds/{copy.name}"]


def test_half_a_record_and_temporary_names_are_ignored(outbox: Outbox, shared: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    events = shared / OWNER / "events"
    whole = (events / "join.sealed").read_bytes()
    (events / "half.sealed").write_bytes(whole[: len(whole) // 2])
    (events / "join.sealed.1234.tmp").write_bytes(whole)
    report = FolderReport()
    assert len(found(shared, JoinRecord, report)) == 1
    assert "still arriving" in report.ignored[f"{OWNER}/events/half.sealed"]


def test_half_a_round_is_ignored(aggregators: Outbox, shared: Path) -> None:
    place = shared / AGGREGATOR / "rounds" / "round-0000.json"
    whole = place.read_bytes()
    for length in (0, 20, len(whole) // 2, len(whole) - 1):
        place.write_bytes(whole[:length])
        assert not rounds(shared)
    assert aggregators.publish() == 1
    assert len(rounds(shared)) == 1


def test_a_file_of_gigabytes_is_not_read(outbox: Outbox, aggregators: Outbox, shared: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    huge = [f"{OWNER}/events/huge.sealed", f"{AGGREGATOR}/rounds/huge.json"]
    for name in huge:
        with open(shared / name, "wb") as file:
            file.truncate(200_000_000)
    report = FolderReport()
    assert len(found(shared, JoinRecord, report)) == 1
    assert len(rounds(shared, report)) == 1
    assert all("8 MB" in report.ignored[name] for name in huge)


@needs_posix
def test_private_files_are_their_owners_alone(outbox: Outbox) -> None:
    commit_update(outbox)
    outbox.commit(click())
    for place in outbox.private.rglob("*"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0


def test_odd_names_do_not_reach_a_terminal(outbox: Outbox, shared: Path) -> None:
    (shared / PARTICIPANTS / f"{PERSON}\n").mkdir(parents=True)
    events = shared / OWNER / "events"
    events.mkdir(parents=True)
    (events / "a\x1b[31m.sealed").write_bytes(b"x")
    (events / os.fsdecode(b"\xff.sealed")).write_bytes(b"x")
    report = FolderReport()
    assert StudyFolder(shared).participants() == [PERSON]
    assert not found(shared, JoinRecord, report)
    assert len(report.ignored) == 2
    for name in report.ignored:
        assert name.isprintable()
        name.encode("utf-8")


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / PARTICIPANTS).write_bytes(b"x")
    assert StudyFolder(tmp_path).participants() == []
    outbox = outbox_of(ME, tmp_path / "private", tmp_path)
    outbox.commit(join())
    with pytest.raises(CannotWrite):
        outbox.publish()


# What is forged.


def test_what_somebody_else_has_signed_is_passed_over(outbox: Outbox, shared: Path) -> None:
    """With the right number and the right keys in it: whoever writes it cannot sign it."""
    outbox.commit(join())
    outbox.publish()
    put(shared / OWNER, update(b"forged"), STRANGER)
    put(shared / OWNER, click(), STRANGER)
    report = FolderReport()
    for kind in (UpdateRecord, ClickRecord):
        assert not found(shared, kind, report)
    assert len(found(shared, JoinRecord)) == 1
    assert len(report.ignored) == 2
    assert set(report.ignored.values()) == {"its signature is not that of its writer"}
    with pytest.raises(BadRecord, match="signature"):
        StudyFolder(shared).sealed_record(
            PERSON, UpdateRecord, "updates/svd-0001.sealed", STUDY, RESEARCHER
        )


def test_what_lies_in_another_participants_folder_is_passed_over(
    outbox: Outbox, shared: Path
) -> None:
    """A record that is right in its own folder: nobody can be made to have said what another said."""
    commit_update(outbox)
    outbox.commit(click())
    outbox.publish()
    for place in list((shared / OWNER).rglob("*.sealed")):
        copy = shared / PARTICIPANTS / OTHER.public.id / place.relative_to(shared / OWNER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(place.read_bytes())
    report = FolderReport()
    for kind in (UpdateRecord, ClickRecord):
        assert found(shared, kind)
        assert not found(shared, kind, report, OTHER.public.id)
    reasons = [reason for name, reason in report.ignored.items() if "tensors" not in name]
    assert len(reasons) == 2
    assert set(reasons) == {"it lies in another participant's folder"}
    with pytest.raises(BadRecord, match="another participant's folder"):
        StudyFolder(shared).sealed_record(
            OTHER.public.id, UpdateRecord, "updates/svd-0001.sealed", STUDY, RESEARCHER
        )


def test_records_of_another_study_are_passed_over(outbox: Outbox, shared: Path) -> None:
    """Of the same person, rightly signed and for the same reader: an old answer is no new one."""
    outbox.commit(join(study="f" * 16))
    outbox.publish()
    report = FolderReport()
    assert not found(shared, JoinRecord, report)
    assert report.ignored == {f"{OWNER}/events/join.sealed": "it belongs to another study"}


def test_rounds_of_another_study_are_passed_over(aggregators: Outbox, shared: Path) -> None:
    put(shared / AGGREGATOR, a_round(1, study="f" * 16), RESEARCHER)
    report = FolderReport()
    assert [record.round for record in rounds(shared, report)] == [0]
    assert report.ignored == {f"{AGGREGATOR}/rounds/round-0001.json": "it belongs to another study"}


def test_a_strangers_round_is_passed_over(aggregators: Outbox, shared: Path) -> None:
    put(shared / AGGREGATOR, a_round(1), STRANGER)
    report = FolderReport()
    assert [record.round for record in rounds(shared, report)] == [0]
    (reason,) = report.ignored.values()
    assert reason == "its signature is not that of its writer"


def test_a_round_under_another_number_is_passed_over(aggregators: Outbox, shared: Path) -> None:
    """An old round, rightly signed, in the place of the next one."""
    folder = shared / AGGREGATOR / "rounds"
    (folder / "round-0001.json").write_bytes((folder / "round-0000.json").read_bytes())
    report = FolderReport()
    assert [record.round for record in rounds(shared, report)] == [0]
    assert "copy" in report.ignored[f"{AGGREGATOR}/rounds/round-0001.json"]


def test_the_helper_is_not_the_aggregator(aggregators: Outbox, shared: Path) -> None:
    """Each is believed in its own folder, by its own keys."""
    put(shared / AGGREGATOR, a_round(1), SUMMER)
    put(shared / HELPER, PartialSumRecord(study=STUDY, round=1, arms={}), RESEARCHER)
    assert [record.round for record in rounds(shared)] == [0]
    sums = StudyFolder(shared).published(HELPER, PartialSumRecord, STUDY, SUMMER.public)
    assert not list(sums)


def test_a_letter_to_one_reader_is_closed_to_the_other(outbox: Outbox, shared: Path) -> None:
    half = HalfRecord(
        **of(ME), arm="svd", round=1, base_model="a" * 64, pair="b" * 32, seed="c" * 64
    )
    outbox.commit(half)
    commit_update(outbox)
    outbox.publish()
    assert found(shared, HalfRecord, reader=SUMMER) == [half]
    assert len(found(shared, UpdateRecord, reader=RESEARCHER)) == 1
    for kind, reader in ((HalfRecord, RESEARCHER), (UpdateRecord, SUMMER), (HalfRecord, STRANGER)):
        report = FolderReport()
        assert not found(shared, kind, report, reader=reader)
        assert any("sealed to somebody else" in reason for reason in report.ignored.values())


def test_a_public_record_in_a_letter_is_no_participants(shared: Path) -> None:
    signed = sign(a_round().to_bytes(), RESEARCHER)
    place = shared / OWNER / "events" / f"{'a' * 32}.sealed"
    place.parent.mkdir(parents=True)
    place.write_bytes(letter(signed, RESEARCHER.public))
    report = FolderReport()
    assert not found(shared, EventRecord, report)
    assert list(report.ignored.values()) == ["it is not a participant's record"]


def test_what_lies_where_nothing_belongs_is_named(outbox: Outbox, shared: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    (shared / "notes.txt").write_bytes(b"x")
    (shared / ".stfolder").mkdir()
    (shared / PARTICIPANTS / "anna").mkdir()
    report = FolderReport()
    StudyFolder(shared).survey(report)
    assert report.ignored == {
        ".stfolder": "a hidden file",
        "notes.txt": "it belongs to no study",
        f"{PARTICIPANTS}/anna": "it is not a participant's folder",
    }


# Events, and what their files say.


def test_files_of_events_say_nothing_of_what_happened(outbox: Outbox, shared: Path) -> None:
    """Neither kind nor arm nor round, and not how far somebody has come."""
    events = [
        impression(),
        impression(arm="bpr", round=3),
        click(),
        *(click(sequence=number, rank=number, arm="bpr", round=3) for number in (1, 2, 3)),
        DoneRecord(**of(ME), arm="bpr", round=3, sequence=4, none=False),
    ]
    for event in events:
        outbox.commit(event)
    outbox.publish()
    places = events_of(shared)
    assert len(places) == len(events)
    assert all(re.fullmatch(r"[0-9a-f]{32}\.sealed", place.name) for place in places)
    assert len({place.stat().st_size for place in places}) == 1
    raw = b"".join(place.read_bytes() for place in places)
    for word in (b"bpr", b"svd", b"click", b"impression", b"done", b"amber", PERSON.encode()):
        assert word not in raw
    read = {event.to_bytes() for event in found(shared, EventRecord)}
    assert read == {event.to_bytes() for event in events}


def test_a_copy_of_an_event_under_another_name_counts_once(outbox: Outbox, shared: Path) -> None:
    outbox.commit(click())
    outbox.publish()
    (place,) = events_of(shared)
    (event,) = found(shared, ClickRecord)
    others = [
        place.with_name(f"{'a' * 32}.sealed"),
        place.with_name(f"{place.stem}-LAPTOP7.sealed"),
    ]
    for other in others:
        other.write_bytes(place.read_bytes())
    report = FolderReport()
    assert found(shared, ClickRecord, report) == [event]
    assert set(report.ignored) == {f"{OWNER}/events/{other.name}" for other in others}
    assert all("copy" in reason for reason in report.ignored.values())


def test_an_event_sealed_anew_has_the_same_name(outbox: Outbox, shared: Path) -> None:
    """Its reader could seal it again; that is the same event, at the only place it can have."""
    outbox.commit(click())
    outbox.publish()
    (place,) = events_of(shared)
    signed = letter_content(place.read_bytes(), RESEARCHER)
    for name in (place.name, f"{'b' * 32}.sealed"):
        (place.parent / name).write_bytes(letter(signed, RESEARCHER.public))
    assert len(found(shared, ClickRecord)) == 1


# Links.


@needs_posix
def test_links_and_pipes_are_not_followed(outbox: Outbox, shared: Path, tmp_path: Path) -> None:
    outbox.commit(join())
    outbox.publish()
    folder = shared / OWNER / "events"
    (folder / "join.sealed").rename(tmp_path / "outside.sealed")
    (folder / "join.sealed").symlink_to(tmp_path / "outside.sealed")
    os.mkfifo(folder / "pipe.sealed")
    (shared / PARTICIPANTS / ("2" * 32)).symlink_to("/proc/self")
    report = FolderReport()
    assert not found(shared, JoinRecord, report)
    assert set(report.ignored) == {f"{OWNER}/events/join.sealed", f"{OWNER}/events/pipe.sealed"}
    assert StudyFolder(shared).participants() == [PERSON]
    assert "link" in report.ignored[f"{OWNER}/events/join.sealed"]
    with pytest.raises(BadRecord, match="link"):
        StudyFolder(shared).sealed_record(
            PERSON, JoinRecord, "events/join.sealed", STUDY, RESEARCHER
        )


@needs_posix
@pytest.mark.parametrize("behind", [OWNER, f"{OWNER}/updates"], ids=["owner", "leaf"])
def test_a_folder_that_is_a_link_is_not_read(
    outbox: Outbox, shared: Path, tmp_path: Path, behind: str
) -> None:
    commit_update(outbox)
    outbox.publish()
    (record,) = found(shared, UpdateRecord)
    (shared / behind).rename(tmp_path / "outside")
    (shared / behind).symlink_to(tmp_path / "outside")
    folder, report = StudyFolder(shared), FolderReport()
    assert not found(shared, UpdateRecord, report)
    assert report.ignored == {f"{OWNER}/updates": "it is a link, and links are not followed"}
    with pytest.raises(BadRecord, match="link"):
        folder.sealed_record(PERSON, UpdateRecord, "updates/svd-0001.sealed", STUDY, RESEARCHER)
    with pytest.raises(BadRecord):
        folder.payload(OWNER, record.update)


@needs_posix
@pytest.mark.parametrize("behind", [AGGREGATOR, f"{AGGREGATOR}/rounds"], ids=["owner", "leaf"])
def test_rounds_behind_a_link_are_not_read(
    aggregators: Outbox, shared: Path, tmp_path: Path, behind: str
) -> None:
    (shared / behind).rename(tmp_path / "outside")
    (shared / behind).symlink_to(tmp_path / "outside")
    report = FolderReport()
    assert not rounds(shared, report)
    assert list(report.ignored) == [f"{AGGREGATOR}/rounds"]
    with pytest.raises(BadRecord):
        StudyFolder(shared).payload(AGGREGATOR, a_round().arms["svd"].model)


@needs_posix
@pytest.mark.parametrize(
    "behind", [PARTICIPANTS, OWNER, f"{OWNER}/updates"], ids=["all", "owner", "leaf"]
)
def test_nothing_is_written_through_a_link(
    outbox: Outbox, shared: Path, tmp_path: Path, behind: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (shared / behind).parent.mkdir(parents=True, exist_ok=True)
    (shared / behind).symlink_to(outside)
    commit_update(outbox)
    with pytest.raises(CannotWrite, match="link"):
        outbox.publish()
    assert list(outside.iterdir()) == []
    (shared / behind).unlink()
    assert outbox.publish() == 2, "nothing was lost"


@needs_posix
@pytest.mark.parametrize("behind", [OWNER, f"{OWNER}/updates"], ids=["owner", "leaf"])
def test_nothing_is_deleted_through_a_link(
    outbox: Outbox, shared: Path, tmp_path: Path, behind: str
) -> None:
    commit_update(outbox)
    outbox.publish()
    outbox.commit(LeaveRecord(**of(ME), erase=True))
    (shared / behind).rename(tmp_path / "outside")
    (shared / behind).symlink_to(tmp_path / "outside")
    before = sorted((tmp_path / "outside").rglob("*"))
    outbox.withdraw(keep=LeaveRecord.name_of(erase=True))
    assert sorted((tmp_path / "outside").rglob("*")) == before
    assert [record.kind for record in outbox.records()] == ["leave"]


@needs_posix
def test_a_link_in_the_place_of_a_file_is_replaced(
    outbox: Outbox, shared: Path, tmp_path: Path
) -> None:
    """What it led to stays as it was; nobody would read the file behind it."""
    commit_update(outbox)
    outbox.publish()
    place, outside = shared / OWNER / TENSORS, tmp_path / "outside"
    for content in (b"secret", b"precious", b"tensor"):
        outside.write_bytes(content)
        place.unlink()
        place.symlink_to(outside)
        outbox_of(ME, tmp_path / "private", shared).publish()
        assert outside.read_bytes() == content
        assert not place.is_symlink()
        assert place.read_bytes() == b"tensor"


# Whatever happens meanwhile.


class Crash(BaseException):
    """A kill: no handler of the program sees it."""


@pytest.mark.parametrize("operation", ["open", "fsync", "replace"])
@pytest.mark.parametrize("moment", range(1, 15))
def test_a_kill_at_any_file_operation_loses_nothing(
    outbox: Outbox,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    moment: int,
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
    again = outbox_of(ME, tmp_path / "private", shared)
    before = again.record("updates/svd-0001.json") is not None
    commit_update(again, b"again")
    again.publish()
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
    outbox = outbox_of(ME, tmp_path / "private", tmp_path / "unplugged")
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


# The study's description.


@pytest.fixture
def describe(tmp_path: Path) -> Callable[..., None]:
    """Put a study's description into a folder, as its aggregator or as somebody else signs it."""

    def write(signer: Identity = RESEARCHER, change: tuple[bytes, bytes] = (b"", b"")) -> None:
        record = StudyRecord(
            study=STUDY,
            aggregator=RESEARCHER.public,
            design={},
            catalogue=Payload.of("study/catalogue.csv", b"x"),
            embeddings=Payload.of("study/embeddings.safetensors", b"x"),
        )
        content = record.to_bytes()
        changed = content.replace(*change) if change[0] else content
        assert not change[0] or changed != content
        folder = tmp_path / AGGREGATOR / "study"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.json").write_bytes(sign(changed, signer))

    return write


def test_a_missing_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(NoStudy, match="no such folder"):
        StudyFolder(tmp_path / "nowhere").study()
    with pytest.raises(NoStudy, match="holds no study"):
        StudyFolder(tmp_path).study()


def test_a_study_is_read(tmp_path: Path, describe: Callable[..., None]) -> None:
    describe()
    assert StudyFolder(tmp_path).study().aggregator == RESEARCHER.public


@pytest.mark.parametrize("version", [b"1", b"3"])
def test_a_study_of_another_version(
    tmp_path: Path, describe: Callable[..., None], version: bytes
) -> None:
    describe(change=(b'"protocol": 2', b'"protocol": ' + version))
    with pytest.raises(NoStudy, match="another version"):
        StudyFolder(tmp_path).study()


def test_a_study_must_be_signed_by_the_keys_that_it_names(
    tmp_path: Path, describe: Callable[..., None]
) -> None:
    describe(signer=STRANGER)
    with pytest.raises(NoStudy, match="signature"):
        StudyFolder(tmp_path).study()


def test_a_round_in_the_place_of_a_study(tmp_path: Path) -> None:
    put(tmp_path / AGGREGATOR, a_round(), RESEARCHER, "study/study.json")
    with pytest.raises(NoStudy, match="another kind"):
        StudyFolder(tmp_path).study()


@pytest.mark.parametrize("length", [0, 1, 13, 300, -2])
def test_half_a_study_file(tmp_path: Path, describe: Callable[..., None], length: int) -> None:
    describe()
    place = tmp_path / AGGREGATOR / "study" / "study.json"
    place.write_bytes(place.read_bytes()[:length])
    with pytest.raises(NoStudy, match="wait until it is done"):
        StudyFolder(tmp_path).study()


def test_a_study_of_gigabytes_is_not_read(tmp_path: Path, describe: Callable[..., None]) -> None:
    describe()
    with open(tmp_path / AGGREGATOR / "study" / "study.json", "r+b") as file:
        file.truncate(20_000_000_000)
    with pytest.raises(NoStudy, match="cannot be read"):
        StudyFolder(tmp_path).study()


def test_what_is_not_named_is_counted_once_however_often_one_looks() -> None:
    report = FolderReport()
    for _ in range(3):
        for number in range(1500):
            report.ignore(f"file-{number}", "why")
    assert (len(report.ignored), report.more) == (1000, 500)
    report.clear()
    assert (len(report.ignored), report.more) == (0, 0)
