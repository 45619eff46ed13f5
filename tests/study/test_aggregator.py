"""Rounds as transactions."""

import errno
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from fedflex_core.exchange import outbox as outbox_module
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.protocol import RoundRecord
from fedflex_core.learning.aggregation import aggregate
from fedflex_core.study.aggregator import Aggregator, AnotherAggregator, NotReady
from fedflex_core.study.design import BadDesign, StudyDesign
from fedflex_core.study.opened import OpenedStudy, unpack_model
from fedflex_core.study.opening import UnfitCatalogue
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, bundled_embeddings

Seat = Callable[..., Participant]


class Crash(BaseException):
    """A kill: no handler of the program sees it."""


def update_files(participant: Participant, arm: str) -> tuple[Path, Path]:
    root = participant.study.folder.path / "participants" / participant.id / "updates"
    return root / f"{arm}-0001.json", root / f"{arm}-0001.safetensors"


def rewrite(participant: Participant, arm: str, changes: dict[str, object]) -> None:
    record, _ = update_files(participant, arm)
    record.write_text(json.dumps(json.loads(record.read_text()) | changes))


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
    updates = [unpack_model(update_files(one, "svd")[1].read_bytes()) for one in two_people]
    record = aggregator.run_round()
    after = aggregator.study.model(aggregator.study.current_round(), "svd")
    config = aggregator.study.design.round_config(1)
    mean = (updates[0].item_bias + updates[1].item_bias) / 2
    step = config.bias_step / config.bounds.bias * 2 / (2 + config.start_weight)
    assert np.allclose(after.item_bias, before.item_bias + step * mean, atol=1e-5)
    assert record.round == 1
    assert len(record.arms["svd"].updates) == 2


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
        ({"participant": "e" * 16}, "another participant"),
        ({"weight": 0.5}, "weight"),
    ],
)
def test_bad_updates_are_set_aside_with_a_reason(
    aggregator: Aggregator,
    two_people: tuple[Participant, Participant],
    changes: dict[str, object],
    reason: str,
) -> None:
    rewrite(two_people[0], "svd", changes)
    record = aggregator.run_round()
    assert len(record.arms["svd"].updates) == 1
    assert len(record.arms["bpr"].updates) == 2
    (aside,) = record.arms["svd"].set_aside
    assert aside.participant == two_people[0].id
    assert reason in aside.reason


def test_weights_by_ratings(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign, tmp_path: Path
) -> None:
    study = open_study(design.model_copy(update={"weighting": "ratings"}))
    for name, titles in (
        ("anna", ["Oak Street"]),
        ("ben", ["Amber Coast", "Tin Forest", "Kite Season"]),
    ):
        rows = "".join(f'"{title}: Season 1: A","1/14/24"\n' for title in titles)
        participant = Participant.take_seat(study.study.folder.path, tmp_path / name)
        participant.watched.load(f"Title,Date\n{rows}".encode())
        participant.train_and_share()
    ready = study.collect("svd")
    assert sorted(record.weight for record in ready.records) == [0.02, 0.06]
    before = study.study.model(study.study.current_round(), "svd")
    folder = study.study.folder
    updates = [
        unpack_model(folder.payload(f"participants/{record.participant}", record.update))
        for record in ready.records
    ]
    study.run_round()
    after = study.study.model(study.study.current_round(), "svd").item_bias
    weights = [record.weight for record in ready.records]
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
    _, payload = update_files(two_people[0], "svd")
    payload.write_bytes(payload.read_bytes()[:50])
    assert "arriving" in aggregator.run_round().arms["svd"].set_aside[0].reason


def test_a_copied_update_counts_once(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    first, second = sorted(two_people, key=lambda one: one.id)
    _, source = update_files(first, "svd")
    record, payload = update_files(second, "svd")
    payload.write_bytes(source.read_bytes())
    copied = json.loads(update_files(first, "svd")[0].read_text())
    values = copied | {"participant": second.id}
    record.write_text(json.dumps(values))
    done = aggregator.run_round()
    assert len(done.arms["svd"].updates) == 1
    assert "the very same" in done.arms["svd"].set_aside[0].reason


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


@pytest.mark.parametrize("operation", ["open", "fsync", "replace"])
@pytest.mark.parametrize("moment", range(1, 9))
def test_a_kill_leaves_the_old_round_or_the_new_one(
    aggregator: Aggregator,
    two_people: tuple[Participant, Participant],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    moment: int,
) -> None:
    real, calls = getattr(outbox_module.os, operation), 0

    def counted(path: object, *arguments: object, **more: object) -> object:
        nonlocal calls
        calls += 0 if "lock" in str(path) else 1
        if calls == moment:
            raise Crash
        return real(path, *arguments, **more)

    path = aggregator.study.folder.path
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
    again = Aggregator.open(path, tmp_path / "aggregator-home")
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
    place = aggregator.study.folder.path / "aggregator" / empty.name
    place.write_bytes(empty.to_bytes())
    assert aggregator.study.current_round().round == 0
    assert len(two_people[0].lists("svd").a) == 5


def test_thousands_of_bad_updates_do_not_stop_a_round(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    for number in range(1100):
        folder = aggregator.study.folder.path / "participants" / f"{number:016x}" / "updates"
        folder.mkdir(parents=True)
        (folder / "svd-0001.json").write_bytes(b"not a record")
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
