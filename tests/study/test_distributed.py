"""Sums that nobody sees the parts of: through the study folder, with people who come and go."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.exchange.outbox import Outbox
from fedflex_core.exchange.personal_records import HalfRecord, UpdateRecord
from fedflex_core.exchange.public_records import CallRecord, PartialSumRecord
from fedflex_core.exchange.sealing import payload_content
from fedflex_core.exchange.secure_sum import pack_half
from fedflex_core.learning.factors import Model
from fedflex_core.study import helper as helper_module
from fedflex_core.study import secure_round, sending
from fedflex_core.study.aggregator import Aggregator, NotReady
from fedflex_core.study.design import BadDesign, FairnessDesign, PrivacyDesign, StudyDesign
from fedflex_core.study.halves import Row
from fedflex_core.study.helper import BadCall, Helper, NotTheHelper, Waiting, helper_keys
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.opening import NoHelper
from fedflex_core.study.participant import Participant
from fedflex_core.study.secure_round import HelperSilent
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

SERIES = ("Amber Coast", "Cold Ledger", "Far Signal", "Iron Lullaby", "Oak Street", "Tin Forest")


class Sum:
    """A study in distributed mode with all of its people."""

    def __init__(self, aggregator: Aggregator, helper: Helper, home: Path) -> None:
        self.aggregator, self.helper, self.home = aggregator, helper, home
        self.people: list[Participant] = []

    def seat(self, number: int) -> Participant:
        """Seat somebody who watched some of the series, and let them share."""
        path = self.aggregator.study.folder.path
        place, rng = self.home / f"person-{number}", np.random.default_rng(number)
        participant = Participant.take_seat(path, place, rng)
        titles = SERIES[number % 3 :: 2]
        rows = "".join(f'"{title}: Season 1: A","1/14/24"\n' for title in titles)
        participant.watched.load(f"Title,Date\n{rows}".encode())
        participant.train_and_share()
        self.people.append(participant)
        return participant

    def place(self, participant: Participant, name: str) -> Path:
        return self.aggregator.study.folder.path / "participants" / participant.id / name

    def model(self, arm: str = "svd") -> Model:
        study = OpenedStudy.open(self.aggregator.study.folder.path)
        return study.model(study.current_round(), arm)


@pytest.fixture
def no_noise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What people and parties draw is nothing, so that sums can be compared."""
    for module in (sending, secure_round, helper_module):
        monkeypatch.setattr(module, "noise_row", lambda row, std, noise: np.zeros(row.length))
    yield


@pytest.fixture
def distributed(
    tmp_path: Path, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> Callable[..., Sum]:
    def make(**changes: object) -> Sum:
        privacy = changes.pop("privacy", {})
        values = {"name": "Sum", "rounds": 3, "min_updates": 2, "embedding_size": 4, **changes}
        design = StudyDesign.parse({**values, "privacy": {"mode": "distributed", **privacy}})
        keys = helper_keys(tmp_path / "helper")
        path, home = tmp_path / "study", tmp_path / "aggregator"
        aggregator = Aggregator.create(path, design, catalogue, embeddings, home, keys)
        return Sum(aggregator, Helper.open(path, tmp_path / "helper"), tmp_path / "people")

    return make


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("people", [2, 13])
def test_the_round_is_that_of_the_plain_sum(
    distributed: Callable[..., Sum], no_noise: None, people: int, bits: int
) -> None:
    study = distributed(privacy={"modulus_bits": bits}, arms={"svd": {}})
    for number in range(people):
        study.seat(number)
    study.aggregator.ask_helper()
    study.helper.answer()
    record = study.aggregator.run_round()
    assert set(record.arms["svd"].updates) == {one.id for one in study.people}
    total = total_of(study)
    plain = sum(one_update(study, number) for number in range(people))
    precision = 1e-4 if bits == 32 else 1e-11
    assert np.abs(total - plain).max() <= people * precision


def one_update(study: Sum, number: int) -> np.ndarray:
    """The update that somebody has sent, made again without noise: their fit follows from their rng."""
    participant = study.people[number]
    participant._rng = np.random.default_rng(number)
    base = study.aggregator.study.rounds()[0]
    return participant.contribution("svd", base).update.item_bias.astype(np.float64)


def total_of(study: Sum) -> np.ndarray:
    """What both halves of the last answered sum decode to, put together by hand."""
    aggregator = study.aggregator
    call = aggregator._outbox.record("calls/round-0001.json")
    (answer,) = aggregator.study.folder.published(
        "helper", PartialSumRecord, aggregator.study.id, aggregator.study.record.helper
    )
    base = aggregator.study.rounds()[0]
    row = Row(
        aggregator.study.design,
        aggregator.study.next_config(base, "svd"),
        aggregator.study.model(base, "svd"),
    )
    word = np.uint32 if aggregator.study.design.privacy.modulus_bits == 32 else np.uint64
    part = answer.arms["svd"]
    total = np.frombuffer(aggregator.study.folder.payload("helper", part.total), word).copy()
    assert isinstance(call, CallRecord)
    for participant in part.participants:
        (record,) = aggregator.study.folder.sealed(
            participant, UpdateRecord, aggregator.study.id, aggregator.identity
        )
        sealed = aggregator.study.folder.payload(f"participants/{participant}", record.update)
        total += np.frombuffer(payload_content(sealed, record.mark, aggregator.identity), word)
    return row.encoding.decode(total)


def test_neither_party_alone_can_read_anything(distributed: Callable[..., Sum]) -> None:
    """The aggregator's half and the helper's sum are as even as random words are."""
    from scipy import stats

    study = distributed(embedding_size=32, schedule={"early_rounds": 0}, arms={"svd": {}})
    for number in range(3):
        study.seat(number)
    study.aggregator.ask_helper()
    answer = study.helper.answer()
    folder, aggregator = study.aggregator.study.folder, study.aggregator
    halves = []
    for participant in study.people:
        (record,) = folder.sealed(
            participant.id, UpdateRecord, aggregator.study.id, aggregator.identity
        )
        sealed = folder.payload(f"participants/{participant.id}", record.update)
        halves.append(payload_content(sealed, record.mark, aggregator.identity))
        with pytest.raises(StopIteration):  # the seed is sealed to the helper alone
            next(
                folder.sealed(participant.id, HalfRecord, aggregator.study.id, aggregator.identity)
            )
    halves.append(folder.payload("helper", answer.arms["svd"].total))
    for half in halves:
        counts = np.bincount(np.frombuffer(half, np.uint8), minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-6


def test_who_comes_late_or_drops_out_is_left_out_of_both_halves(
    distributed: Callable[..., Sum], no_noise: None
) -> None:
    study = distributed(arms={"svd": {}})
    for number in range(5):
        study.seat(number)
    gone, lost = study.people[0], study.people[1]
    study.place(gone, "updates/svd-0001-tensors.sealed").unlink()  # before the call
    study.aggregator.ask_helper()
    study.place(lost, "halves/svd-0001.sealed").unlink()  # after it
    study.seat(5)  # too late
    with pytest.raises(Waiting, match="1 of 4 halves"):
        study.helper.answer()
    study.helper.answer(without_missing=True)
    record = study.aggregator.run_round()
    assert set(record.arms["svd"].updates) == {one.id for one in study.people[2:5]}
    reasons = {one.participant: one.reason for one in record.arms["svd"].set_aside}
    assert "arrived" in reasons[gone.id]
    assert "helper" in reasons[lost.id]
    plain = sum(one_update(study, number) for number in (2, 3, 4))
    assert np.abs(total_of(study) - plain).max() <= 3e-4


def test_a_half_that_a_carrier_loses_after_the_call_is_not_missed(
    distributed: Callable[..., Sum],
) -> None:
    study = distributed()
    for number in range(3):
        study.seat(number)
    study.aggregator.ask_helper()
    for arm in ("svd", "bpr"):
        study.place(study.people[0], f"updates/{arm}-0001-tensors.sealed").unlink()
    study.helper.answer()
    assert len(study.aggregator.run_round().arms["svd"].updates) == 3
    assert not list(study.aggregator._private.rglob("*.half")), "kept no longer than needed"


def test_the_helper_answers_once(distributed: Callable[..., Sum], tmp_path: Path) -> None:
    study = distributed()
    for number in range(3):
        study.seat(number)
    study.aggregator.ask_helper()
    first = study.helper.answer()
    with pytest.raises(Waiting, match="nothing"):
        study.helper.answer()
    again = Helper.open(study.aggregator.study.folder.path, tmp_path / "helper")
    with pytest.raises(Waiting, match="nothing"):
        again.answer()
    assert again._answered() == {1} == {first.round}


def test_a_second_call_for_a_round_is_not_answered(
    distributed: Callable[..., Sum], tmp_path: Path
) -> None:
    """Two sums over almost the same people would show the difference: one person's update."""
    study = distributed()
    for number in range(3):
        study.seat(number)
    call = study.aggregator.ask_helper()
    study.helper.answer()
    fewer = call.model_copy(update={"arms": {arm: call.arms[arm][1:] for arm in call.arms}})
    greedy = Outbox(
        tmp_path / "greedy",
        study.aggregator.study.folder.carrier,
        "aggregator",
        study.aggregator.identity,
    )
    study.place(study.people[0], "../../aggregator/calls/round-0001.json").resolve().unlink()
    greedy.commit(fewer)
    greedy.publish()
    with pytest.raises(Waiting, match="nothing"):
        study.helper.answer()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arms: {"svd": arms["svd"]}, "arms"),
        (lambda arms: {arm: called[:1] for arm, called in arms.items()}, "fewer"),
        (lambda arms: {arm: called[:1] * 3 for arm, called in arms.items()}, "twice"),
    ],
)
def test_a_call_that_would_tell_of_one_person_is_refused(
    distributed: Callable[..., Sum],
    tmp_path: Path,
    change: Callable[[dict[str, object]], dict[str, object]],
    words: str,
) -> None:
    study = distributed()
    for number in range(3):
        study.seat(number)
    found = {arm: study.aggregator.collect(arm) for arm in ("svd", "bpr")}
    called = {
        arm: tuple(
            {"participant": one, "pair": record.pair, "update": record.update.sha256}
            for one, record in ready.records.items()
        )
        for arm, ready in found.items()
    }
    call = CallRecord.model_validate(
        {
            "study": study.aggregator.study.id,
            "round": 1,
            "arms": change(called),
            "set_aside": {"svd": (), "bpr": ()},
        }
    )
    study.aggregator._outbox.commit(call)
    study.aggregator._outbox.publish()
    with pytest.raises(BadCall, match=words):
        study.helper.answer()
    assert not list(study.aggregator.study.folder.path.glob("helper/sums/*"))


def test_a_round_waits_for_the_helper(distributed: Callable[..., Sum]) -> None:
    study = distributed()
    study.seat(0)
    with pytest.raises(NotReady, match="1 usable"):
        study.aggregator.run_round()
    assert not study.aggregator.called
    study.seat(1)
    for _ in range(2):
        with pytest.raises(HelperSilent, match="has not answered"):
            study.aggregator.run_round()
    assert study.aggregator.called
    study.helper.answer()
    assert study.aggregator.run_round().round == 1
    assert not study.aggregator.called


def test_three_rounds_follow_each_other(distributed: Callable[..., Sum]) -> None:
    study = distributed()
    for number in range(3):
        study.seat(number)
    for number in range(1, 4):
        study.aggregator.ask_helper()
        study.helper.answer()
        assert study.aggregator.run_round().round == number
        for participant in study.people:
            participant.train_and_share()
    assert study.aggregator.finished
    assert study.people[0].privacy("svd").spent == pytest.approx(8.0, rel=1e-3)


def test_something_that_is_no_update_teaches_nothing(
    distributed: Callable[..., Sum], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = distributed()
    for number in range(2):
        study.seat(number)
    rubbish = np.random.default_rng(0)
    monkeypatch.setattr(
        sending,
        "pack_half",
        lambda half: pack_half(rubbish.integers(0, 2**32, len(half), np.uint32)),
    )
    study.seat(2)
    before = study.model()
    study.aggregator.ask_helper()
    study.helper.answer()
    record = study.aggregator.run_round()
    assert record.arms["svd"].diagnostics["spoilt"] == 1
    after = study.model()
    assert np.array_equal(after.item_bias, before.item_bias)
    assert np.array_equal(after.item_factors, before.item_factors)
    assert record.round == 1, "the study goes on"


def test_a_lie_within_the_bound_moves_no_more_than_people_who_agree(
    distributed: Callable[..., Sum], no_noise: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times as long as any update may be, and yet the step is not above the round's own."""
    study = distributed(
        arms={"svd": {}},
        privacy={"epsilon": 20.0, "noise_shares": 2},
        schedule={"start_weight": 0},
    )
    study.seat(0)
    honest = Row.flat
    monkeypatch.setattr(
        Row, "flat", lambda self, update, report: 1.2 * honest(self, update, report)
    )
    study.seat(1)
    before = study.model()
    study.aggregator.ask_helper()
    study.helper.answer()
    study.aggregator.run_round()
    step = (study.model() - before).norm()
    assert step <= study.aggregator.study.design.schedule.early_bias_step * 1.2


def test_the_noise_on_the_sum_is_what_people_and_both_parties_add(
    distributed: Callable[..., Sum],
) -> None:
    study = distributed(arms={"svd": {}}, privacy={"noise_shares": 8, "honest_share": 0.5})
    for number in range(4):
        study.seat(number)
    design = study.aggregator.study.design
    config = design.round_config(1)
    study.aggregator.ask_helper()
    study.helper.answer()
    plain = sum(one_update(study, number) for number in range(4))
    noise = total_of(study) - plain  # without the aggregator's top-up, which it adds at the end
    shares = config.noise_shares
    sigma = config.noise_std
    expected = np.hypot(2 * shares.share_std(sigma), shares.top_up_std(sigma, 4))
    # 20 numbers: their standard deviation strays by 16 % (one standard deviation).
    assert noise.std() == pytest.approx(expected, rel=0.75)
    assert shares.left_std(sigma, 4, 2) >= sigma


def test_reports_of_groups_are_summed_with_the_update(
    distributed: Callable[..., Sum], no_noise: None
) -> None:
    study = distributed(fairness=FairnessDesign().model_dump(), arms={"svd": {}})
    for number in range(3):
        study.seat(number)
    study.aggregator.ask_helper()
    study.helper.answer()
    record = study.aggregator.run_round()
    assert record.arms["svd"].group_weights is not None
    assert record.arms["svd"].diagnostics.get("spoilt") is None


def test_a_seed_is_used_for_one_update_only(
    distributed: Callable[..., Sum], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the two halves: the other half is made anew, and goes with the same seed."""
    study = distributed(arms={"svd": {}})
    study.seat(0)
    real = Outbox.commit

    def crash(self: Outbox, record: object, payloads: object = None) -> None:
        if isinstance(record, UpdateRecord):
            raise KeyboardInterrupt
        real(self, record, payloads)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "commit", crash)
        with pytest.raises(KeyboardInterrupt):
            study.seat(1)
    half = study.home / "person-1"
    first = [place.read_bytes() for place in half.rglob("halves/svd-0001.json")]
    participant = study.seat(1)
    assert [place.read_bytes() for place in half.rglob("halves/svd-0001.json")] == first != []
    assert participant.ledger.charged("svd") == {1}
    study.aggregator.ask_helper()
    study.helper.answer()
    assert len(study.aggregator.run_round().arms["svd"].updates) == 2


def test_files_of_a_half_are_tiny_and_alike(distributed: Callable[..., Sum]) -> None:
    study = distributed()
    for number in range(2):
        study.seat(number)
    sizes = {
        place.stat().st_size
        for one in study.people
        for place in study.place(one, "halves").glob("*.sealed")
    }
    assert len(sizes) == 1
    assert sizes.pop() < 5000


def test_a_study_names_its_helper_or_needs_none(
    catalogue: Catalogue, embeddings: CatalogueEmbeddings, tmp_path: Path
) -> None:
    sums = StudyDesign(name="Sum", privacy=PrivacyDesign(mode="distributed"))
    given = catalogue, embeddings, tmp_path / "home"
    with pytest.raises(NoHelper, match="no helper is named"):
        Aggregator.create(tmp_path / "a", sums, *given)
    keys = helper_keys(tmp_path / "helper")
    with pytest.raises(NoHelper, match="needs none"):
        Aggregator.create(tmp_path / "b", StudyDesign(name="Plain"), *given, keys)
    with pytest.raises(BadDesign, match="hides nothing"):
        StudyDesign.parse({"name": "X", "min_updates": 1, "privacy": {"mode": "distributed"}})
    Aggregator.create(tmp_path / "c", sums, *given, keys)
    with pytest.raises(NotTheHelper):
        Helper.open(tmp_path / "c", tmp_path / "somebody-else")
