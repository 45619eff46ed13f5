"""The ledger: nothing is sent that was not charged, nothing is charged twice, and a cap holds."""

import json
import math
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from scipy import optimize, stats

from fedflex_core.exchange.outbox import CannotWrite, Outbox
from fedflex_core.exchange.personal_records import UpdateRecord
from fedflex_core.exchange.record import BaseRecord
from fedflex_core.study import ledger as ledger_module
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.ledger import BadCap, CapReached, Ledger
from fedflex_core.study.participant import Participant

from .conftest import folder_of, sent, shared_files

LOCAL = StudyDesign(
    name="Quiet", rounds=3, min_updates=1, embedding_size=4, privacy=PrivacyDesign(epsilon=4.0)
)
OFF = LOCAL.model_copy(update={"privacy": PrivacyDesign(mode="off")})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


@pytest.fixture
def ledger(place: Path) -> Ledger:
    return Ledger(place, LOCAL)


@pytest.fixture
def design() -> StudyDesign:
    return LOCAL


def dissimilarity(design: StudyDesign, rounds: list[int]) -> float:
    """Of what is seen of two histories, in standard deviations of the noise (Gaussian noise adds up)."""
    steps = (design.privacy.mode.sensitivity / design.noise_multiplier_of(one) for one in rounds)
    return math.sqrt(sum(step**2 for step in steps))


def exact_epsilon(mu: float, delta: float) -> float:
    """Dong, Roth and Su 2022, Gaussian Differential Privacy, corollary 2.13."""

    def excess(epsilon: float) -> float:
        shift = epsilon / mu
        far = math.exp(epsilon) * stats.norm.cdf(-shift - mu / 2)
        return float(stats.norm.cdf(-shift + mu / 2) - far - delta)

    return float(optimize.brentq(excess, 0, 200))


# Charging.


def test_nothing_is_charged_at_first(ledger: Ledger) -> None:
    assert ledger.charged("svd") == frozenset()
    assert (ledger.together(), ledger.best_guess()) == (0.0, 0.5)
    privacy = ledger.privacy("svd", asked=1)
    assert (privacy.updates, privacy.spent, privacy.left) == (0, 0.0, privacy.promised)


def test_a_round_is_charged_once(ledger: Ledger, place: Path) -> None:
    ledger.charge("svd", 2)
    before = place.read_bytes(), ledger.privacy("svd", asked=2), ledger.together()
    ledger.charge("svd", 2)
    assert (place.read_bytes(), ledger.privacy("svd", asked=2), ledger.together()) == before
    assert ledger.charged("svd") == {2}
    assert before[1].after_next == before[1].spent, "it is paid for"


def test_every_arm_has_its_own_rounds(ledger: Ledger) -> None:
    for arm, number in (("svd", 1), ("bpr", 1), ("svd", 3)):
        ledger.charge(arm, number)
    assert (ledger.charged("svd"), ledger.charged("bpr")) == ({1, 3}, {1})


def test_it_is_there_after_a_restart(ledger: Ledger, place: Path) -> None:
    ledger.charge("svd", 1)
    ledger.cap = 2.5
    again = Ledger(place, LOCAL)
    assert (again.charged("svd"), again.cap) == ({1}, 2.5)
    again.charge("bpr", 2)
    assert (ledger.charged("bpr"), ledger.cap) == ({2}, 2.5)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
def test_it_is_its_owners_alone(ledger: Ledger, place: Path) -> None:
    ledger.charge("svd", 1)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_two_pages_at_once_lose_no_charge(place: Path) -> None:
    """Two processes of one seat, and a cap that is set meanwhile: each page has a ledger of its own."""
    charges = [(arm, number) for number in range(1, 41) for arm in ("svd", "bpr")]

    def charge(one: tuple[str, int]) -> None:
        Ledger(place, LOCAL).charge(*one)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(charge, charges))
    ledger = Ledger(place, LOCAL)
    assert (len(ledger.charged("svd")), len(ledger.charged("bpr"))) == (40, 40)


# What it has cost.


@pytest.mark.parametrize("rounds", [[], [1], [2], [1, 3], [1, 2, 3]])
def test_what_an_arm_has_cost_is_what_its_design_says(ledger: Ledger, rounds: list[int]) -> None:
    for number in rounds:
        ledger.charge("svd", number)
    privacy = ledger.privacy("svd", asked=3)
    assert privacy.updates == len(rounds)
    assert privacy.spent == LOCAL.epsilon_of(rounds)
    assert privacy.after_next == LOCAL.epsilon_of({*rounds, 3})
    assert privacy.promised == LOCAL.epsilon_after(3)
    assert privacy.left == pytest.approx(privacy.promised - privacy.spent)
    assert ledger.privacy("bpr", asked=3).spent == 0


def test_a_whole_study_costs_what_it_promised(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.charge("svd", number)
    privacy = ledger.privacy("svd", asked=3)
    assert privacy.spent == privacy.promised == pytest.approx(4.0, rel=1e-3)
    assert privacy.left == 0


@pytest.mark.parametrize(
    "charged", [{"svd": [1]}, {"svd": [1], "bpr": [1]}, {"svd": [1, 2], "bpr": [3]}]
)
def test_all_arms_together_cost_what_one_sum_would(
    ledger: Ledger, charged: dict[str, list[int]]
) -> None:
    """Both arms learn from one history: whoever sees everything sees all of its noise."""
    for arm, rounds in charged.items():
        for number in rounds:
            ledger.charge(arm, number)
    every = [number for rounds in charged.values() for number in rounds]
    mu = dissimilarity(LOCAL, every)
    exact = exact_epsilon(mu, LOCAL.privacy.delta)
    assert exact <= ledger.together() <= 1.01 * exact
    guess = stats.norm.cdf(mu / 2)
    assert guess <= ledger.best_guess() <= guess + 1e-3
    with_next = dissimilarity(
        LOCAL, every + [3 for arm in ("svd", "bpr") if 3 not in charged.get(arm, [])]
    )
    exact = exact_epsilon(with_next, LOCAL.privacy.delta)
    assert exact <= ledger.together(asked=3) <= 1.01 * exact
    guess = stats.norm.cdf(with_next / 2)
    assert guess <= ledger.best_guess(asked=3) <= guess + 1e-3


def test_both_arms_cost_more_than_one_and_less_than_twice_as_much(ledger: Ledger) -> None:
    for arm in ("svd", "bpr"):
        ledger.charge(arm, 1)
    one = ledger.privacy("svd", asked=1).spent
    assert one < ledger.together() < 2 * one
    assert ledger.together() == LOCAL.epsilon_of([1], arms=2)
    assert ledger.best_guess() == LOCAL.best_guess_of([1], arms=2)


def test_without_noise_everything_is_told(place: Path) -> None:
    ledger = Ledger(place, OFF)
    assert (ledger.together(), ledger.best_guess()) == (0.0, 0.5)
    ledger.charge("svd", 1)
    assert (ledger.together(), ledger.best_guess()) == (math.inf, 1.0)


# Damage.


WHOLE = {"charged": {"svd": [1]}, "made": {"svd": [1]}, "cap": 2.5}
DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"3",
    b"null",
    b"{}",
    b"\xff\xfe",
    bytes(40),
    json.dumps(WHOLE).encode()[:-5],
    *(
        json.dumps({name: value for name, value in WHOLE.items() if name != missing}).encode()
        for missing in WHOLE
    ),
    *(
        json.dumps(WHOLE | {name: wrong}).encode()
        for name in ("charged", "made")
        for wrong in ([], None, 1, {"svd": 1}, {"svd": None}, {"svd": ["one"]}, {"svd": [math.inf]})
    ),
    *(json.dumps(WHOLE | {"cap": wrong}).encode() for wrong in ("much", [4], -1, math.nan)),
]


def test_a_whole_ledger_is_read_as_it_is(ledger: Ledger, place: Path) -> None:
    place.write_text(json.dumps(WHOLE))
    assert (ledger.charged("svd"), ledger.charged("bpr"), ledger.cap) == ({1}, frozenset(), 2.5)


@pytest.mark.parametrize("content", DAMAGED)
def test_where_it_is_damaged_everything_counts_as_spent(
    ledger: Ledger, place: Path, content: bytes
) -> None:
    place.write_bytes(content)
    for arm in ("svd", "bpr"):
        assert ledger.charged(arm) == {1, 2, 3}
        assert ledger.privacy(arm, asked=1).left == 0
    assert ledger.together() == LOCAL.epsilon_all_arms(3)
    assert ledger.cap is None
    ledger.charge("svd", 1)
    assert Ledger(place, LOCAL).charged("bpr") == {1, 2, 3}, "and stays so"


# A cap.


def test_a_cap_is_kept_and_taken_back(ledger: Ledger) -> None:
    assert ledger.cap is None
    ledger.cap = 3
    ledger.charge("svd", 1)
    assert ledger.cap == 3.0
    ledger.cap = None
    assert ledger.cap is None
    assert ledger.charged("svd") == {1}


@pytest.mark.parametrize("cap", [-0.1, -math.inf, math.nan])
def test_what_is_no_cap_is_refused(ledger: Ledger, cap: float) -> None:
    ledger.cap = 2
    with pytest.raises(BadCap, match="nothing was changed"):
        ledger.cap = cap
    assert ledger.cap == 2.0


def test_a_cap_is_for_all_arms_together(ledger: Ledger) -> None:
    """Room for one arm is not enough for two."""
    one, both = LOCAL.epsilon_of([1]), LOCAL.epsilon_of([1], arms=2)
    ledger.cap = (one + both) / 2
    with pytest.raises(CapReached, match="Nothing was shared"):
        ledger.refuse_above_cap(asked=1)
    ledger.cap = both
    ledger.refuse_above_cap(asked=1)


def test_a_cap_counts_what_was_spent_before(ledger: Ledger) -> None:
    ledger.cap = LOCAL.epsilon_of([1], arms=2)
    for arm in ("svd", "bpr"):
        ledger.charge(arm, 1)
    ledger.refuse_above_cap(asked=1)
    with pytest.raises(CapReached):
        ledger.refuse_above_cap(asked=2)


# In a seat.


@pytest.fixture
def anna(aggregator: Aggregator, take_seat: Callable[..., Participant]) -> Participant:
    return take_seat("anna", "Amber Coast", "Dust Orchard")


def test_what_is_sent_is_charged(aggregator: Aggregator, anna: Participant) -> None:
    assert anna.train_and_share() == 2
    for arm in ("svd", "bpr"):
        assert anna.ledger.charged(arm) == {1}
    for record in sent(aggregator, anna, UpdateRecord):
        assert record.rounds_charged == (1,)
        assert record.noise_multiplier == aggregator.study.design.noise_multiplier_of(1)
    aggregator.run_round()
    anna.train_and_share()
    rounds = {
        (one.arm, one.round): one.rounds_charged for one in sent(aggregator, anna, UpdateRecord)
    }
    assert rounds == {("svd", 1): (1,), ("bpr", 1): (1,), ("svd", 2): (1, 2), ("bpr", 2): (1, 2)}


@pytest.mark.parametrize("arm", ["svd", "bpr"])
def test_a_crash_before_an_update_is_kept_leaves_its_round_charged(
    aggregator: Aggregator,
    anna: Participant,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arm: str,
) -> None:
    """Noise was drawn for it, and may have been seen; it is paid for once, and sent once."""

    class Crash(BaseException):
        """A kill: no handler of the program sees it."""

    real = Outbox.commit

    def crash(outbox: Outbox, record: BaseRecord, payloads: dict[str, bytes] | None = None) -> None:
        if isinstance(record, UpdateRecord) and record.arm == arm:
            raise Crash
        real(outbox, record, payloads)

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "commit", crash)
        with pytest.raises(Crash):
            anna.train_and_share()
    again = Participant.take_seat(anna.study.folder.path, tmp_path / "anna")
    assert again.ledger.charged(arm) == {1}
    spent = again.privacy(arm).spent
    assert spent == aggregator.study.design.epsilon_of([1])
    assert arm not in {one.arm for one in sent(aggregator, again, UpdateRecord)}
    again.train_and_share()
    assert again.train_and_share() == 0
    (update,) = [one for one in sent(aggregator, again, UpdateRecord) if one.arm == arm]
    assert update.rounds_charged == (1,)
    assert again.privacy(arm).spent == spent
    assert len(aggregator.run_round().arms[arm].updates) == 1


def test_where_it_cannot_be_charged_nothing_is_made(
    aggregator: Aggregator, anna: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CannotWrite("The disk is full.", "Room.", "Make some.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger_module, "write_private", full)
        with pytest.raises(CannotWrite, match="full"):
            anna.train_and_share()
    anna.publish()
    assert not sent(aggregator, anna, UpdateRecord)
    assert anna.train_and_share() == 2


def test_above_a_cap_nothing_is_shared_and_lists_are_still_made(
    aggregator: Aggregator, anna: Participant
) -> None:
    design = aggregator.study.design
    anna.ledger.cap = design.epsilon_of([1], arms=2)
    assert anna.train_and_share() == 2
    aggregator.run_round()
    before = {place: place.read_bytes() for place in shared_files(anna)}
    with pytest.raises(CapReached, match="lists can still be made"):
        anna.train_and_share()
    assert {place: place.read_bytes() for place in shared_files(anna)} == before
    assert anna.ledger.charged("svd") == {1}
    assert anna.study.current_round().round == 1
    for arm in ("svd", "bpr"):
        assert len(anna.lists(arm).a) == 5
        assert anna.show(arm).round == 1
    anna.publish()
    assert {record.round for record in sent(aggregator, anna, UpdateRecord)} == {1}
    anna.ledger.cap = design.epsilon_of([1, 2], arms=2)
    assert anna.train_and_share() == 2


def test_a_cap_that_is_set_later_takes_nothing_back(anna: Participant) -> None:
    anna.train_and_share()
    anna.ledger.cap = 0.0
    assert anna.train_and_share() == 0, "what was sent is not sent again, so nothing is refused"


@pytest.mark.parametrize("number", [1, 2])
def test_whose_ledger_was_damaged_still_takes_part(
    aggregator: Aggregator, anna: Participant, tmp_path: Path, number: int
) -> None:
    """What is charged for rounds that are still to come is nobody's business but their own."""
    if number == 2:
        anna.train_and_share()
        aggregator.run_round()
    anna.ledger.cap = None
    (place,) = (tmp_path / "anna").rglob("ledger.json")
    place.write_bytes(b"")
    assert anna.train_and_share() == 2
    record = aggregator.run_round()
    assert record.arms["svd"].set_aside == ()
    assert set(record.arms["svd"].updates) == {anna.id}


@pytest.mark.parametrize("name", ["svd-0003.sealed", "svd-9999.sealed", "svd-0000.sealed"])
def test_a_file_that_somebody_plants_shuts_nobody_out(
    aggregator: Aggregator, anna: Participant, name: str
) -> None:
    """Whoever can write in the folder can name a file after a round that is none yet, or never was."""
    place = folder_of(anna) / "updates" / name
    place.parent.mkdir(parents=True)
    place.write_bytes(b"")
    assert anna.train_and_share() == 2
    assert anna.privacy("svd").updates == 1
    place.unlink()
    record = aggregator.run_round()
    assert record.arms["svd"].set_aside == ()
    assert set(record.arms["svd"].updates) == {anna.id}


def test_the_cap_and_the_ledger_stay_here(aggregator: Aggregator, anna: Participant) -> None:
    """Of the ledger a study learns the rounds that were charged, and nothing of the cap."""
    anna.ledger.cap = 37.25
    anna.train_and_share()
    for record in sent(aggregator, anna, UpdateRecord):
        assert b"37.25" not in record.to_bytes()
        assert "cap" not in json.loads(record.to_bytes())
    assert not [place for place in shared_files(anna) if "ledger" in place.name]
