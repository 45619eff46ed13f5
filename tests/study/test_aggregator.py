"""Rounds as transactions."""

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from fedflex_core.exchange import outbox as outbox_module
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import UpdateRecord
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.exchange.record import Payload
from fedflex_core.exchange.sealing import sign
from fedflex_core.learning.aggregation import aggregate
from fedflex_core.study.aggregator import Aggregator, AnotherAggregator, NotReady
from fedflex_core.study.design import BadDesign, PrivacyDesign, StudyDesign
from fedflex_core.study.opened import OpenedStudy, unpack_model
from fedflex_core.study.opening import UnfitCatalogue
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, bundled_embeddings

from .conftest import (
    changed,
    folder_of,
    identity_of,
    put,
    resend,
    sent_tensors,
    sent_update,
)

Seat = Callable[..., Participant]


class Crash(BaseException):
    """A kill: no handler of the program sees it."""


@pytest.fixture
def two_people(take_seat: Seat) -> tuple[Participant, Participant]:
    seats = (take_seat("anna", "Amber Coast", "Dust Orchard"), take_seat("ben", "Oak Street"))
    for participant in seats:
        participant.train_and_share()
    return seats


def test_round_zero_is_public_and_the_same_for_all_arms(aggregator: Aggregator) -> None:
    current = aggregator.study.current_round()
    assert current.round == 0
    models = [aggregator.study.model(current, arm) for arm in ("svd", "bpr")]
    assert np.array_equal(models[0].item_bias, models[1].item_bias)
    assert models[0].item_factors.any()


def test_a_round_is_the_average_of_the_updates(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    before = aggregator.study.model(aggregator.study.current_round(), "svd")
    updates = [unpack_model(sent_tensors(aggregator, one)) for one in two_people]
    record = aggregator.run_round()
    after = aggregator.study.model(aggregator.study.current_round(), "svd")
    config = aggregator.study.design.round_config(1)
    mean = (updates[0].item_bias + updates[1].item_bias) / 2
    step = config.bias_step / config.bounds.bias * 2 / (2 + config.start_weight)
    assert np.allclose(after.item_bias, before.item_bias + step * mean, atol=1e-5)
    assert record.round == 1
    assert record.arms["svd"].updates == {
        one.id: sent_update(aggregator, one).update.sha256 for one in two_people
    }


def test_rounds_follow_each_other_to_the_last(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    aggregator.run_round()
    with pytest.raises(NotReady, match="0 usable"):
        aggregator.run_round()
    two_people[0].train_and_share()
    aggregator.run_round()
    assert aggregator.finished
    with pytest.raises(NotReady, match="All rounds"):
        aggregator.run_round()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"base_model": "b" * 64}, "another model"),
        ({"weight": 0.5}, "weight"),
        ({"noise_multiplier": 0.5}, "another noise"),
        ({"rounds_charged": ()}, "does not fit"),
        ({"rounds_charged": (2,)}, "does not fit"),
        ({"rounds_charged": (1, 2)}, "does not fit"),
        ({"rounds_charged": (0, 1)}, "does not fit"),
        ({"study": "e" * 16}, "another study"),
    ],
)
def test_bad_updates_are_set_aside_with_a_reason(
    aggregator: Aggregator,
    two_people: tuple[Participant, Participant],
    changes: dict[str, object],
    reason: str,
) -> None:
    resend(aggregator, two_people[0], **changes)
    assert_set_aside(aggregator.run_round(), two_people[0], reason)


def assert_set_aside(record: RoundRecord, participant: Participant, reason: str) -> None:
    """Of one of two people, in one arm; everything else is in the round."""
    assert participant.id not in record.arms["svd"].updates
    assert len(record.arms["svd"].updates) == 1
    assert len(record.arms["bpr"].updates) == 2
    (aside,) = record.arms["svd"].set_aside
    assert aside.participant == participant.id
    assert reason in aside.reason


def test_another_participants_update_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    """In whose folder it is put; the one who made it is in the round."""
    anna, ben = two_people
    name = UpdateRecord.name_of("svd", 1).replace(".json", ".sealed")
    (folder_of(anna) / name).write_bytes((folder_of(ben) / name).read_bytes())
    assert_set_aside(aggregator.run_round(), anna, "another participant")


def test_an_update_signed_by_somebody_else_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    anna, ben = two_people
    put(anna, sent_update(aggregator, anna), signer=identity_of(ben))
    assert_set_aside(aggregator.run_round(), anna, "signature")


def test_an_update_sealed_to_somebody_else_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    record = sent_update(aggregator, two_people[0])
    sealed = Identity.new().public.seal(sent_tensors(aggregator, two_people[0]))
    (folder_of(two_people[0]) / record.update.name).write_bytes(sealed)
    payload = Payload.of(record.update.name, sealed)
    put(two_people[0], record.model_copy(update={"update": payload}))
    assert_set_aside(aggregator.run_round(), two_people[0], "sealed to somebody else")


def test_a_ledger_that_leaves_out_a_round_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    """What a person's computer has lost, its aggregator still knows."""
    aggregator.run_round()
    for participant in two_people:
        participant.train_and_share()
        assert sent_update(aggregator, participant, number=2).rounds_charged == (1, 2)
    resend(aggregator, two_people[0], number=2, rounds_charged=(2,))
    record = aggregator.run_round()
    assert_set_aside(record, two_people[0], "leaves out a round")


def test_who_comes_later_has_charged_fewer_rounds(
    aggregator: Aggregator, two_people: tuple[Participant, Participant], take_seat: Seat
) -> None:
    aggregator.run_round()
    late = take_seat("cem", "Kite Season")
    late.train_and_share()
    assert sent_update(aggregator, late, number=2).rounds_charged == (2,)
    assert set(aggregator.run_round().arms["svd"].updates) == {late.id}


@pytest.mark.parametrize("factor", [0.5, 2.0, 1.001])
def test_a_ledger_with_another_noise_is_set_aside(
    open_study: Callable[[StudyDesign], Aggregator], tmp_path: Path, factor: float
) -> None:
    """Too little would not protect, too much would spoil the round: neither is this study's."""
    privacy = PrivacyDesign(mode="local")
    study = open_study(StudyDesign(name="Quiet", rounds=2, min_updates=1, privacy=privacy))
    seats = [Participant.take_seat(study.study.folder.path, tmp_path / n) for n in ("a", "b")]
    for participant in seats:
        participant.watched.load(b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n')
        participant.train_and_share()
    expected = study.study.design.noise_multiplier_of(1)
    assert sent_update(study, seats[0]).noise_multiplier == expected > 0
    resend(study, seats[0], noise_multiplier=factor * expected)
    assert_set_aside(study.run_round(), seats[0], "another noise")


def test_weights_by_ratings(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign, tmp_path: Path
) -> None:
    study = open_study(design.model_copy(update={"weighting": "ratings"}))
    seats = {}
    for name, titles in (
        ("anna", ["Oak Street"]),
        ("ben", ["Amber Coast", "Tin Forest", "Kite Season"]),
    ):
        rows = "".join(f'"{title}: Season 1: A","1/14/24"\n' for title in titles)
        participant = Participant.take_seat(study.study.folder.path, tmp_path / name)
        participant.watched.load(f"Title,Date\n{rows}".encode())
        participant.train_and_share()
        seats[participant.id] = participant
    ready = study.collect("svd")
    assert sorted(record.weight for record in ready.records.values()) == [0.02, 0.06]
    before = study.study.model(study.study.current_round(), "svd")
    updates = [
        unpack_model(sent_tensors(study, seats[participant])) for participant in ready.records
    ]
    study.run_round()
    after = study.study.model(study.study.current_round(), "svd").item_bias
    weights = [record.weight for record in ready.records.values()]
    expected, _ = aggregate(before, updates, study.study.design.round_config(1), weights)
    plain, _ = aggregate(before, updates, study.study.design.round_config(1))
    assert np.allclose(after, expected.item_bias, atol=1e-5)
    assert not np.allclose(after, plain.item_bias, atol=1e-2)


def test_weights_that_tell_how_much_was_watched_need_privacy_off() -> None:
    with pytest.raises(BadDesign, match="tells how much"):
        StudyDesign.parse({"name": "X", "weighting": "ratings"})


def test_a_half_copied_update_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    payload = folder_of(two_people[0]) / sent_update(aggregator, two_people[0]).update.name
    payload.write_bytes(payload.read_bytes()[:50])
    assert_set_aside(aggregator.run_round(), two_people[0], "arriving")


def test_half_a_letter_is_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    letter = folder_of(two_people[0]) / "updates" / "svd-0001.sealed"
    letter.write_bytes(letter.read_bytes()[:2000])
    assert_set_aside(aggregator.run_round(), two_people[0], "arriving")


def test_a_copied_update_counts_once(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    """Nobody can open another's update, but anybody can copy what was sealed."""
    first, second = sorted(two_people, key=lambda one: one.id)
    of_first, of_second = (sent_update(aggregator, one) for one in (first, second))
    source = (folder_of(first) / of_first.update.name).read_bytes()
    (folder_of(second) / of_second.update.name).write_bytes(source)
    put(second, changed(of_second, update=of_first.update.model_dump()))
    done = aggregator.run_round()
    assert len(done.arms["svd"].updates) == 1
    assert "another record" in done.arms["svd"].set_aside[0].reason


def test_too_few_updates_change_nothing(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign, tmp_path: Path
) -> None:
    study = open_study(design.model_copy(update={"min_updates": 2}))
    participant = Participant.take_seat(study.study.folder.path, tmp_path / "anna")
    participant.watched.load(b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n')
    participant.train_and_share()
    with pytest.raises(NotReady, match="At least 2"):
        study.run_round()
    assert study.study.current_round().round == 0


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, opened: Callable[[StudyDesign], Path]) -> Path:
    """A study in which two updates lie ready, with its aggregator's home; to be copied."""
    place = tmp_path_factory.mktemp("ready")
    design = StudyDesign(
        name="Small", rounds=2, min_updates=1, embedding_size=4, privacy=PrivacyDesign(mode="off")
    )
    shutil.copytree(opened(design), place, dirs_exist_ok=True)
    for name, title in (("anna", "Oak Street"), ("ben", "Tin Forest")):
        participant = Participant.take_seat(place / "study", place / name)
        participant.watched.load(f'Title,Date\n"{title}: Season 1: A","1/14/24"\n'.encode())
        participant.train_and_share()
    return place


@pytest.mark.parametrize(
    ("operation", "moment"),
    [
        *(("open", moment) for moment in range(1, 23)),
        *(("fsync", moment) for moment in range(1, 14)),
        *(("replace", moment) for moment in range(1, 8)),
    ],
)
def test_a_kill_leaves_the_old_round_or_the_new_one(
    ready: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    moment: int,
) -> None:
    shutil.copytree(ready, tmp_path, dirs_exist_ok=True)
    path, home = tmp_path / "study", tmp_path / "aggregator-home"
    aggregator = Aggregator.open(path, home)
    real, calls = getattr(outbox_module.os, operation), 0

    def counted(path: object, *arguments: object, **more: object) -> object:
        nonlocal calls
        calls += 0 if "lock" in str(path) else 1
        if calls == moment:
            raise Crash
        return real(path, *arguments, **more)

    old = aggregator.study.model(aggregator.study.current_round(), "svd")
    monkeypatch.setattr(outbox_module.os, operation, counted)
    with suppress(Crash):
        aggregator.run_round()
    monkeypatch.setattr(outbox_module.os, operation, real)

    seen = OpenedStudy.open(path)
    number = seen.current_round().round
    assert number in (0, 1)
    if number == 0:
        assert np.array_equal(seen.model(seen.current_round(), "svd").item_bias, old.item_bias)
    again = Aggregator.open(path, home)
    committed = again.current_round()
    if committed.round == 0:
        again.run_round()
    else:
        # It was committed: the same bytes are published, and the updates are not counted again.
        with pytest.raises(NotReady, match="0 usable"):
            again.run_round()
    current = OpenedStudy.open(path).current_round()
    assert current.round == 1
    assert len(current.arms["svd"].updates) == 2
    if committed.round == 1:
        assert current == committed


def test_a_full_disk_is_a_sentence_and_the_round_can_be_run_later(
    aggregator: Aggregator,
    two_people: tuple[Participant, Participant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(outbox_module.os, "fsync", full)
        with pytest.raises(CannotWrite, match="full"):
            aggregator.run_round()
    assert aggregator.study.current_round().round == 0
    assert aggregator.run_round().round == 1


def test_a_second_aggregator_at_the_same_time(
    aggregator: Aggregator, two_people: tuple[Participant, Participant], tmp_path: Path
) -> None:
    lock = next((tmp_path / "aggregator-home").rglob("aggregator")) / "round.lock"
    with FileLock(lock), pytest.raises(AnotherAggregator, match="at this moment"):
        aggregator.run_round()
    assert aggregator.run_round().round == 1


def test_an_aggregator_on_another_computer(aggregator: Aggregator, tmp_path: Path) -> None:
    with pytest.raises(AnotherAggregator, match="another computer"):
        Aggregator.open(aggregator.study.folder.path, tmp_path / "elsewhere")


def test_a_copied_aggregator_that_ran_a_round_elsewhere(
    aggregator: Aggregator, two_people: tuple[Participant, Participant], tmp_path: Path
) -> None:
    shutil.copytree(tmp_path / "aggregator-home", tmp_path / "copied-home")
    aggregator.run_round()
    for participant in two_people:
        participant.train_and_share()
    before = aggregator.study.current_round()
    copied = Aggregator.open(aggregator.study.folder.path, tmp_path / "copied-home")
    with pytest.raises(AnotherAggregator, match="did not run"):
        copied.run_round()
    assert aggregator.study.current_round() == before
    assert aggregator.run_round().round == 2


def test_a_round_without_its_arms_is_not_believed(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    empty = RoundRecord(study=aggregator.study.id, round=1, arms={})
    publish(aggregator, empty, aggregator.identity)
    assert aggregator.study.current_round().round == 0
    assert len(two_people[0].lists("svd").a) == 5


def publish(aggregator: Aggregator, record: RoundRecord, signer: Identity) -> Path:
    """Put a round where the aggregator's rounds lie, as anybody can who can write there."""
    place = aggregator.study.folder.path / "aggregator" / record.name
    place.write_bytes(sign(record.to_bytes(), signer))
    return place


@pytest.mark.parametrize("models", ["the old ones", "models of their own"])
def test_a_strangers_round_is_not_believed_and_stops_nothing(
    aggregator: Aggregator, two_people: tuple[Participant, Participant], models: str
) -> None:
    """With the study's arms and with models that are there: only the signature is wrong."""
    current = aggregator.current_round()
    arms = current.arms
    if models == "models of their own":
        content = (
            aggregator.study.folder.path / "aggregator" / arms["svd"].model.name
        ).read_bytes()
        for arm, made in arms.items():
            name = f"rounds/round-0001-{arm}.safetensors"
            (aggregator.study.folder.path / "aggregator" / name).write_bytes(content)
            payload = Payload.of(name, content)
            arms = arms | {arm: made.model_copy(update={"model": payload})}
    planted = RoundRecord(study=aggregator.study.id, round=1, arms=arms)
    place = publish(aggregator, planted, Identity.new())
    for participant in two_people:
        assert participant.study.current_round() == current
        assert participant.train_and_share() == 0
        assert participant.show("svd").round == 0
        reason = participant.study.report.ignored["aggregator/rounds/round-0001.json"]
        assert "signature" in reason
    record = aggregator.run_round()
    assert place.read_bytes() == sign(record.to_bytes(), aggregator.identity)
    assert len(record.arms["svd"].updates) == 2
    assert two_people[0].study.current_round() == record
    assert two_people[0].study.model(record, "svd").item_bias.any()


def test_thousands_of_bad_updates_do_not_stop_a_round(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    for number in range(1100):
        folder = aggregator.study.folder.path / "participants" / f"{number:016x}" / "updates"
        folder.mkdir(parents=True)
        (folder / "svd-0001.sealed").write_bytes(b"not a record" * (1 + 345 * (number % 2)))
    record = aggregator.run_round()
    assert len(record.arms["svd"].updates) == 2
    assert len(record.arms["svd"].set_aside) == 1000


def test_embeddings_of_another_catalogue(
    catalogue: Catalogue, design: StudyDesign, tmp_path: Path
) -> None:
    with pytest.raises(UnfitCatalogue, match="another catalogue"):
        Aggregator.create(tmp_path / "new", design, catalogue, bundled_embeddings(load_bundled()))
    assert not (tmp_path / "new").exists()


def test_a_catalogue_too_large_to_carry(design: StudyDesign, tmp_path: Path) -> None:
    rows = "\n".join(f"Series {number}" for number in range(6000))
    large = read_catalogue(f"title\n{rows}\n".encode())
    texts = np.zeros((6000, 384), np.float32)
    texts[:, 0] = 1.0
    made = CatalogueEmbeddings(title=texts, text=texts, catalogue_hash=large.content_hash)
    with pytest.raises(UnfitCatalogue, match="8 MB"):
        Aggregator.create(tmp_path / "new", design, large, made)


def test_a_second_study_in_the_same_folder(aggregator: Aggregator, design: StudyDesign) -> None:
    with pytest.raises(NotReady, match="There is a study"):
        Aggregator.create(aggregator.study.folder.path, design)


def test_a_lost_model_is_put_back(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    model = aggregator.study.folder.path / "aggregator" / "rounds" / "round-0000-svd.safetensors"
    model.unlink()
    with pytest.raises(NoStudy, match="not arrived"):
        aggregator.study.current_round()
    aggregator.run_round()
    assert model.exists()


def test_round_records_name_nobodys_series(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    aggregator.run_round()
    folder = aggregator.study.folder.path / "aggregator" / "rounds"
    text = "".join(place.read_text() for place in folder.glob("*.json")).lower()
    assert "coast" not in text
    assert "orchard" not in text
    assert isinstance(aggregator.current_round(), RoundRecord)


def test_a_design_with_an_unknown_key() -> None:
    with pytest.raises(BadDesign, match="roundz"):
        StudyDesign.parse({"name": "X", "roundz": 3})
    with pytest.raises(BadDesign, match="arms"):
        StudyDesign.parse({"name": "X", "arms": {"svd": {"epochz": 3}}})
