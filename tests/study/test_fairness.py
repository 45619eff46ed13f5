"""A study that levels groups: the gap closes, and nobody's group is told."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.exchange.protocol import parse_record
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.sealing import sign
from fedflex_core.exchange.tensors import pack_tensors, unpack_tensors
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.schedule import Schedule
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import BadDesign, FairnessDesign, PrivacyDesign, StudyDesign
from fedflex_core.study.federation import federate
from fedflex_core.study.opened import unpack_update
from fedflex_core.study.participant import Participant

from .conftest import folder_of, resend, sent_tensors, sent_update, shared_files

Seat = Callable[..., Participant]
LIGHT, HEAVY = ("Amber Coast", "Marble Run"), ("Oak Street", "Tin Forest", "Kite Season")
TWO = FairnessDesign(groups_at=(3,))


@pytest.fixture
def design() -> StudyDesign:
    return StudyDesign(
        name="Fair",
        rounds=2,
        min_updates=1,
        embedding_size=4,
        privacy=PrivacyDesign(mode="off"),
        fairness=TWO,
    )


@pytest.fixture
def two_people(take_seat: Seat) -> tuple[Participant, Participant]:
    seats = take_seat("anna", *LIGHT), take_seat("ben", *HEAVY)
    for participant in seats:
        participant.train_and_share()
    return seats


def tensors_of(
    aggregator: Aggregator, participant: Participant, number: int = 1, arm: str = "svd"
) -> dict:
    return unpack_tensors(sent_tensors(aggregator, participant, arm, number))


def send_instead(aggregator: Aggregator, participant: Participant, tensors: dict) -> None:
    """Another payload in the place of the update, with a record that vouches for it."""
    resend(aggregator, participant, content=pack_tensors(tensors))


# Two groups of opposite tastes.


def opposite_tastes(seed: int) -> tuple[Model, list[Ratings], list[np.ndarray]]:
    """Ninety people who watch a lot, of even items only, and thirty who watch less, of odd ones.

    Each likes four more of their colour, which are nowhere in their ratings.
    """
    rng, items = np.random.default_rng(seed), 60
    factors = rng.normal(0, 0.3, (items, 4)).astype(np.float32)
    people, liked = [], []
    for colour, count in [(0, 12)] * 90 + [(1, 9)] * 30:
        drawn = rng.permutation(np.arange(colour, items, 2))[: count + 4]
        people.append(Ratings(drawn[:count], np.full(count, 5.0, np.float32)))
        liked.append(drawn[count:])
    return Model(factors, np.zeros(items, np.float32)), people, liked


def served(seed: int, fairness: FairnessDesign | None, arm: str) -> tuple[float, float]:
    """The gap between the groups after ten rounds, and how well everybody is served (AUC)."""
    start, people, liked = opposite_tastes(seed)
    design = StudyDesign(
        name="Opposite",
        rounds=10,
        arms={arm: {}},
        embedding_size=4,
        privacy=PrivacyDesign(mode="off"),
        schedule=Schedule(
            early_rounds=0, late_bias_step=3, factor_step=1, step_decay=0, start_weight=0
        ),
        fairness=fairness,
    )
    *_, last = federate(design, start, people, np.random.default_rng(seed))
    found = []
    for user, ratings, missed in zip(last.user_factors, people, liked, strict=True):
        scores = last.model.scores(user)
        others = np.delete(scores, np.concatenate([ratings.items, missed]))
        found.append(np.mean(scores[missed][:, None] > others))
    return float(np.mean(found[:90]) - np.mean(found[90:])), float(np.mean(found))


@pytest.mark.parametrize("arm", ["svd", "bpr"])
@pytest.mark.parametrize("seed", [1, 4])
def test_the_gap_closes_at_small_cost_for_all(seed: int, arm: str) -> None:
    gap, overall = served(seed, None, arm)
    fair_gap, fair_overall = served(seed, FairnessDesign(groups_at=(10,)), arm)
    assert gap > 0.15
    assert abs(fair_gap) < 0.6 * gap
    assert fair_overall > 0.95 * overall


# The same through files.


def test_weights_go_round_through_the_records(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    record = aggregator.run_round()
    weights = record.arms["svd"].group_weights
    assert weights is not None
    assert len(weights) == 2
    assert max(weights) == 1.0
    assert min(weights) < 1.0
    bounds = aggregator.study.next_config(record, "svd").bounds
    for participant, weight in zip(two_people, weights, strict=True):
        participant.train_and_share()
        sent = tensors_of(aggregator, participant, number=2)
        assert np.linalg.norm(sent["item_bias"]) == pytest.approx(weight * bounds.bias, rel=1e-4)
    assert len(aggregator.run_round().arms["svd"].updates) == 2


def test_in_local_mode_nothing_in_the_folder_tells_a_group(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign, tmp_path: Path
) -> None:
    """Payloads of one length with noise on every entry, and records that are the same but for ids."""
    study = open_study(design.model_copy(update={"privacy": PrivacyDesign(mode="local")}))
    told = []
    for name, series in (("anna", LIGHT), ("ben", HEAVY)):
        participant = Participant.take_seat(study.study.folder.path, tmp_path / name)
        rows = "".join(f'"{title}: Season 1: A","1/14/24"\n' for title in series)
        participant.watched.load(f"Title,Date\n{rows}".encode())
        participant.train_and_share()
        report = tensors_of(study, participant)["report"]
        assert report.shape == (2, 2)
        assert report.all()
        values = json.loads(sent_update(study, participant).to_bytes())
        for own in ("participant", "keys", "written_at"):
            values.pop(own)
        values["update"].pop("sha256")
        root, files = folder_of(participant), shared_files(participant)
        told.append((values, {one.relative_to(root): one.stat().st_size for one in files}))
    assert told[0] == told[1]
    record = study.run_round()
    text = record.to_bytes().decode()
    assert "quality" not in text
    assert set(record.arms["svd"].diagnostics) == {"updates", "noise_std", "step_norm", "trust"}


@pytest.mark.parametrize("mode", ["local", "central"])
def test_fairness_costs_no_privacy(mode: str) -> None:
    plain = StudyDesign(name="Plain", rounds=3, privacy=PrivacyDesign(mode=mode))
    fair = plain.model_copy(update={"fairness": TWO})
    for number in (1, 2, 3):
        one, other = plain.round_config(number), fair.round_config(number, (1.0, 0.3))
        assert one.noise_std == other.noise_std
        assert one.max_update_norm == other.max_update_norm
    assert plain.epsilon_after(3) == fair.epsilon_after(3)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (None, "missing"),
        (np.zeros((9, 2), np.float32), "shape"),
        (np.zeros((2, 2), np.float16), "float16"),
        (np.full((2, 2), np.inf, np.float32), "not finite"),
        (np.ones((2, 2), np.float32), "norm"),
    ],
)
def test_a_bad_report_is_set_aside_with_a_reason(
    aggregator: Aggregator,
    two_people: tuple[Participant, Participant],
    report: np.ndarray | None,
    reason: str,
) -> None:
    tensors = tensors_of(aggregator, two_people[0]) | {"report": report}
    given = {key: one for key, one in tensors.items() if one is not None}
    send_instead(aggregator, two_people[0], given)
    arms = aggregator.run_round().arms
    assert len(arms["svd"].updates) == 1
    assert len(arms["bpr"].updates) == 2
    (aside,) = arms["svd"].set_aside
    assert aside.participant == two_people[0].id
    assert reason in aside.reason


def test_other_tensors_are_set_aside(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    tensors = tensors_of(aggregator, two_people[0]) | {"group": np.ones(1, np.float32)}
    send_instead(aggregator, two_people[0], tensors)
    (aside,) = aggregator.run_round().arms["svd"].set_aside
    assert "other tensors" in aside.reason


def test_a_round_with_weights_for_other_groups_is_not_believed(
    aggregator: Aggregator, two_people: tuple[Participant, Participant]
) -> None:
    record = aggregator.run_round()
    place = aggregator.study.folder.path / "aggregator" / record.name
    values = json.loads(record.to_bytes())
    for weights, believed in (([1.0, 0.5, 0.5], 0), ([1.0, 0.5], 1)):
        values["arms"]["svd"]["group_weights"] = weights
        place.write_bytes(sign(json.dumps(values).encode(), aggregator.identity))
        assert aggregator.study.current_round().round == believed


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.5, float("nan")])
def test_a_weight_that_buys_more_than_the_bound_is_no_record(
    aggregator: Aggregator, two_people: tuple[Participant, Participant], weight: float
) -> None:
    values = json.loads(aggregator.run_round().to_bytes())
    values["arms"]["svd"]["group_weights"] = [1.0, weight]
    with pytest.raises(BadRecord, match="group_weights"):
        parse_record(json.dumps(values).encode())


def test_rounds_and_studies_from_before_are_still_read(aggregator: Aggregator) -> None:
    values = json.loads(aggregator.current_round().to_bytes())
    for arm in values["arms"].values():
        del arm["group_weights"]
    found = parse_record(json.dumps(values).encode())
    assert isinstance(found, RoundRecord)
    assert found.arms["svd"].group_weights is None
    plain = json.loads(StudyDesign(name="Old").model_dump_json())
    del plain["fairness"]
    assert StudyDesign.parse(plain).fairness is None


def test_an_update_without_groups_holds_no_report(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign, tmp_path: Path
) -> None:
    study = open_study(design.model_copy(update={"fairness": None}))
    participant = Participant.take_seat(study.study.folder.path, tmp_path / "anna")
    participant.watched.load(b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n')
    participant.train_and_share()
    assert unpack_update(sent_tensors(study, participant))[1] is None
    assert study.run_round().arms["svd"].group_weights is None


def test_one_kind_of_weight_at_a_time() -> None:
    values = {"name": "X", "weighting": "ratings", "privacy": {"mode": "off"}, "fairness": {}}
    with pytest.raises(BadDesign, match="fairness"):
        StudyDesign.parse(values)
    with pytest.raises(BadDesign, match=r"fairness\.groups_at"):
        StudyDesign.parse({"name": "X", "fairness": {"groups_at": [30, 10]}})
