"""Leaving a study: what is dropped, what is confirmed, and what is really gone."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fedflex_core.exchange import outbox as outbox_module
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import EventRecord, LeaveRecord
from fedflex_core.faces.leaving_words import receipt_sentences
from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.leaving import HasLeft
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results

Seat = Callable[..., Participant]
WATCHED = ("Amber Coast", "Dust Orchard", "Glass Parade")


def answered(participant: Participant) -> None:
    """Share, look at both comparisons, click and finish them."""
    participant.train_and_share()
    for arm in participant.study.design.arm_names:
        shown = participant.show(arm)
        participant.comparisons.click(shown, "A", 1)
        participant.comparisons.finish(shown)
    participant.publish()


def shared(participant: Participant) -> list[str]:
    root = participant.study.folder.path / "participants" / participant.id
    return sorted(place.name for place in root.rglob("*") if place.is_file())


def again(participant: Participant, home: Path) -> Participant:
    return Participant.take_seat(participant.study.folder.path, home)


def traces(home: Path, *words: str) -> list[Path]:
    """Files below a folder that tell of something, by their name or by what is in them."""
    spoken = [word.lower().encode() for word in words]
    spoken += [word.replace(b" ", b"-") for word in spoken]
    return [
        place
        for place in home.rglob("*")
        if place.is_file()
        and any(word in place.name.encode() + place.read_bytes().lower() for word in spoken)
    ]


def test_who_stops_sends_no_more_and_their_answers_stay(
    take_seat: Seat, aggregator: Aggregator
) -> None:
    anna, ben = take_seat("anna", *WATCHED), take_seat("ben", "Oak Street")
    answered(anna)
    ben.train_and_share()
    anna.leaving.leave(erase=False)
    with pytest.raises(HasLeft, match="Nothing was shared"):
        anna.train_and_share()
    record = aggregator.run_round()
    assert set(record.arms["svd"].updates) == {ben.id}
    assert "left" in record.arms["svd"].set_aside[0].reason
    assert study_results(aggregator).participants == 1
    receipt = anna.leaving.receipt()
    assert receipt is not None
    assert (receipt.erased, receipt.updates, receipt.rounds) == (False, 2, {})


def test_who_erases_is_in_no_result_and_their_files_are_gone(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    anna, ben = take_seat("anna", *WATCHED), take_seat("ben", "Oak Street")
    answered(anna)
    answered(ben)
    assert study_results(aggregator).participants == 2
    anna.leaving.leave(erase=True)
    assert shared(anna) == ["leave-erase.sealed"]
    found = study_results(aggregator)
    assert (found.participants, found.comparisons, found.erased) == (1, 2, 1)
    assert set(aggregator.run_round().arms["svd"].updates) == {ben.id}
    receipt = anna.leaving.receipt()
    assert receipt is not None
    assert receipt.erased


def test_what_a_carrier_brings_back_of_the_erased_is_not_used(
    take_seat: Seat, aggregator: Aggregator
) -> None:
    """Sync programs restore files; a receipt holds all the same, and the letter is not needed again."""
    anna, ben = take_seat("anna", *WATCHED), take_seat("ben", "Oak Street")
    answered(anna)
    ben.train_and_share()
    root = anna.study.folder.path / "participants" / anna.id
    saved = {place: place.read_bytes() for place in root.rglob("*.sealed")}
    anna.leaving.leave(erase=True)
    assert study_results(aggregator).erased == 1
    (root / "events" / "leave-erase.sealed").unlink()
    for place, content in saved.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    assert study_results(aggregator).participants == 0
    assert set(aggregator.run_round().arms["svd"].updates) == {ben.id}


def test_a_receipt_says_what_cannot_be_undone(take_seat: Seat, aggregator: Aggregator) -> None:
    anna = take_seat("anna", *WATCHED)
    answered(anna)
    aggregator.run_round()
    anna.train_and_share()
    anna.leaving.leave(erase=True)
    with pytest.raises(NotReady):
        aggregator.run_round()
    receipt = anna.leaving.receipt()
    assert receipt is not None
    assert receipt.rounds == {"svd": (1,), "bpr": (1,)}
    said = " ".join(receipt_sentences(anna.leaving.state, receipt))
    assert "round 1" in said
    assert "cannot be undone" in said


def test_erasing_here_really_erases(take_seat: Seat, tmp_path: Path) -> None:
    anna = take_seat("anna", *WATCHED)
    anna.watched.correct(int(anna.watched.ratings["item"].iloc[0]), 2)
    anna.watched.use(int(anna.watched.ratings["item"].iloc[1]), False)
    anna.watched.give_name("Amber Coast", "blue-harbour")
    answered(anna)
    home = tmp_path / "anna"
    assert traces(home, *WATCHED)
    clicked = anna.show("svd").lists["A"][0]
    assert traces(home, clicked.replace("-", " "))
    anna.leaving.leave(erase=True)
    assert traces(home, *WATCHED, clicked.replace("-", " ")) == []
    left = {place.name for place in home.rglob("*") if place.is_file()}
    assert not left & {"viewings.csv", "corrections.json", "dial.json", "told.json"}
    assert not list(home.rglob("*.safetensors"))
    assert not list(home.rglob("*.tmp"))


def test_names_stay_where_another_study_uses_them(take_seat: Seat, tmp_path: Path) -> None:
    anna = take_seat("anna", *WATCHED)
    anna.watched.give_name("Amber Coast", "blue-harbour")
    other = tmp_path / "anna" / "studies" / ("f" * 16) / "participant" / "viewings.csv"
    other.parent.mkdir(parents=True)
    other.write_text("another study's")
    anna.leaving.leave(erase=True)
    assert (tmp_path / "anna" / "told.json").exists()


def test_half_written_files_of_a_crash_are_erased_too(take_seat: Seat, tmp_path: Path) -> None:
    anna = take_seat("anna", *WATCHED)
    (stored,) = (tmp_path / "anna").rglob("viewings.csv")
    stored.with_name("viewings.csv.1234abcd.tmp").write_bytes(stored.read_bytes()[:40])
    anna.leaving.leave(erase=True)
    assert not traces(tmp_path / "anna", *WATCHED)


def test_a_letter_that_a_carrier_loses_is_put_back(take_seat: Seat, tmp_path: Path) -> None:
    anna = take_seat("anna", *WATCHED)
    answered(anna)
    anna.leaving.leave(erase=True)
    letter = anna.study.folder.path / "participants" / anna.id / "events" / "leave-erase.sealed"
    letter.unlink()
    assert again(anna, tmp_path / "anna").leaving.state == "erased"
    assert letter.exists()


def test_who_stopped_may_still_erase(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    anna = take_seat("anna", *WATCHED)
    answered(anna)
    anna.leaving.leave(erase=False)
    assert study_results(aggregator).participants == 1
    anna.leaving.leave(erase=True)
    assert study_results(aggregator).participants == 0
    receipt = anna.leaving.receipt()
    assert receipt is not None
    assert receipt.erased


def test_nobody_can_leave_in_another_name(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    anna, mallory = take_seat("anna", *WATCHED), take_seat("mallory", "Oak Street")
    answered(anna)
    mallory.leaving.leave(erase=True)
    root = anna.study.folder.path / "participants"
    forged = (root / mallory.id / "events" / "leave-erase.sealed").read_bytes()
    (root / anna.id / "events" / "leave-erase.sealed").write_bytes(forged)
    assert study_results(aggregator).participants == 1
    assert aggregator.withdrawals.erased == {mallory.id}
    assert any("another participant" in why for why in aggregator.study.report.ignored.values())


def test_no_receipt_is_given_twice(take_seat: Seat, aggregator: Aggregator) -> None:
    anna = take_seat("anna", *WATCHED)
    anna.leaving.leave(erase=True)
    assert [aggregator.withdrawals.settle() for _ in range(3)] == [1, 0, 0]


def test_a_forged_receipt_is_not_shown(take_seat: Seat, aggregator: Aggregator) -> None:
    anna = take_seat("anna", *WATCHED)
    anna.leaving.leave(erase=True)
    aggregator.withdrawals.settle()
    aggregator.publish()
    (place,) = (anna.study.folder.path / "aggregator" / "receipts").iterdir()
    assert anna.leaving.receipt() is not None
    place.write_bytes(place.read_bytes().replace(b'"events": 0', b'"events": 9'))
    assert anna.leaving.receipt() is None


class Crash(BaseException):
    """A kill: no handler of the program sees it."""


@pytest.mark.parametrize("moment", range(1, 25))
def test_an_erasing_that_is_cut_short_goes_on(
    take_seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    anna = take_seat("anna", *WATCHED)
    answered(anna)
    calls = 0
    real = os.unlink, os.replace

    def counted(which: int) -> Callable[..., None]:
        def operation(*arguments: object, **more: object) -> None:
            nonlocal calls
            calls += 1
            if calls == moment:
                raise Crash
            real[which](*arguments, **more)  # type: ignore[arg-type]

        return operation

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", counted(0))
        patch.setattr(outbox_module.os, "replace", counted(1))
        with contextlib.suppress(Crash):
            anna.leaving.leave(erase=True)
    confirmed = anna.leaving.state == "erased"
    after = again(anna, tmp_path / "anna")
    if confirmed:
        assert after.leaving.state == "erased"
        assert not traces(tmp_path / "anna", *WATCHED)
        assert shared(after) == ["leave-erase.sealed"]
    else:
        assert after.leaving.state is None
        assert after.watched.viewings is not None, "nothing is lost before it is confirmed"


def test_leaving_while_the_folder_is_away_is_sent_later(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    anna = take_seat("anna", *WATCHED)
    answered(anna)
    path = anna.study.folder.path
    path.rename(tmp_path / "unplugged")
    anna.leaving.leave(erase=True)
    assert not traces(tmp_path / "anna", *WATCHED)
    (tmp_path / "unplugged").rename(path)
    assert shared(again(anna, tmp_path / "anna")) == ["leave-erase.sealed"]
    assert study_results(aggregator).participants == 0


def test_a_disk_that_takes_no_letter_confirms_nothing(
    take_seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = take_seat("anna", *WATCHED)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(outbox_module.os, "fsync", full)
        with pytest.raises(CannotWrite, match="full"):
            anna.leaving.leave(erase=True)
    assert anna.leaving.state is None
    assert anna.watched.viewings is not None


def test_what_is_in_a_leave_letter(take_seat: Seat, aggregator: Aggregator) -> None:
    anna = take_seat("anna", *WATCHED)
    anna.leaving.leave(erase=True)
    (letter,) = aggregator.study.folder.sealed(
        anna.id, LeaveRecord, aggregator.study.id, aggregator.identity
    )
    assert letter.erase
    assert not list(
        aggregator.study.folder.sealed(
            anna.id, EventRecord, aggregator.study.id, aggregator.identity
        )
    )
