"""What looks like the aggregator's or the helper's, or is theirs and should not be, and what came before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.invitation import Invitation, WrongStudy
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import JoinRecord, LeaveRecord
from fedflex_core.exchange.public_records import ArmRound, PartialSum, PartialSumRecord, RoundRecord
from fedflex_core.exchange.record import BaseRecord, Payload
from fedflex_core.exchange.sealing import sign, unsigned
from fedflex_core.learning.factors import Model
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.opened import pack_model
from fedflex_core.study.participant import Participant, StudyChanged
from fedflex_core.study.secure_round import HelperSilent
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from .conftest import Honest
from .plantings import MARK, REPLAYS, ROUNDS, RUBBISH, SUMS, Larder, Rubbish, signer_of
from .stage import ARMS, PEOPLE, Seen, Stage, Stranger, play_round


def publish(stage: Stage, owner: str, record: BaseRecord, payloads: dict[str, bytes]) -> None:
    """What the keys of an owner can write, whatever their program would."""
    signed = sign(record.to_bytes(), signer_of(stage, owner))
    for name, content in (payloads | {record.name: signed}).items():
        place = stage.folder / owner / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


# --- forged records ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Planted:
    stage: Stage
    seen: Seen
    names: dict[str, str]


def _planted(honest: Honest, place: Path) -> Planted:
    stage = honest.stage.copy(place / "stage")
    table = SUMS if stage.is_distributed else ROUNDS
    names = {forged.name: forged.plant(stage) for forged in table}
    return Planted(stage, play_round(stage), names)


@pytest.fixture(scope="session")
def rounds(plain: Honest, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return _planted(plain, tmp_path_factory.mktemp("rounds"))


@pytest.fixture(scope="session")
def sums(distributed: Honest, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return _planted(distributed, tmp_path_factory.mktemp("sums"))


@pytest.mark.parametrize("forged", ROUNDS, ids=lambda forged: forged.name)
def test_a_forged_round_has_its_reason(rounds: Planted, forged: tuple[str, object, str]) -> None:
    name, _, reason = forged
    seat = rounds.stage.seat("anna")
    assert [one.round for one in seat.study.rounds()] == [0, 1]
    for said in (rounds.seen.said, seat.study.report.ignored):
        assert reason in said[rounds.names[name]]


@pytest.mark.parametrize("forged", SUMS, ids=lambda forged: forged.name)
def test_a_forged_sum_or_call_has_its_reason(
    sums: Planted, forged: tuple[str, object, str]
) -> None:
    name, _, reason = forged
    assert reason in sums.seen.said[sums.names[name]]


def test_forged_records_change_no_round(
    plain: Honest, distributed: Honest, rounds: Planted, sums: Planted
) -> None:
    for honest, planted in ((plain, rounds), (distributed, sums)):
        assert planted.seen.result == honest.seen.result
        assert set(planted.seen.said) == set(planted.names.values())
        assert not any(MARK in reason for reason in planted.seen.said.values())


# --- models -----------------------------------------------------------------------------------


def _model(stage: Stage, factors: Callable[[np.ndarray], np.ndarray]) -> bytes:
    model = stage.study.model(stage.study.current_round(), "svd")
    return pack_model(Model(factors(model.item_factors), model.item_bias))


def _filled(value: float) -> Callable[[Stage], bytes]:
    return lambda stage: _model(stage, lambda found: np.full_like(found, value))


def _of(dtype: str) -> Callable[[Stage], bytes]:
    return lambda stage: _model(stage, lambda found: found.astype(dtype))


MODELS: dict[str, Callable[[Stage], bytes]] = {
    "of numbers that are none": _filled(np.nan),
    "of infinite numbers": _filled(np.inf),
    "of fewer series": lambda stage: _model(stage, lambda found: found[:3]),
    "of more factors": lambda stage: _model(stage, lambda found: np.hstack([found, found])),
    "that is an update with a report": lambda stage: Stranger(stage).update(
        report=np.ones((1, 2), np.float32)
    ),
    "that is a pickle": lambda _: b"\x80\x04" + MARK.encode(),
}
OTHER_MODELS = {
    "of half as exact numbers": _of("float16"),
    "of yes and no": _of("bool"),
    "of numbers too large to learn from": _filled(3e38),
}


def _round_one(stage: Stage, content: bytes) -> dict[str, bytes]:
    names = {arm: f"rounds/round-0001-{arm}.safetensors" for arm in ARMS}
    arms = {arm: ArmRound(model=Payload.of(name, content)) for arm, name in names.items()}
    publish(stage, "aggregator", RoundRecord(study=stage.study.id, round=1, arms=arms), {
        name: content for name in names.values()})  # fmt: skip
    return {name: content for name in names.values()}


def _takes_part(stage: Stage) -> None:
    """Anna goes on from round 0 as if nothing had come after it."""
    seat = stage.seat("anna")
    assert seat.study.current_round().round == 0
    assert seat.train_and_share() == 0  # this round's updates are on their way already
    assert all(len(seat.lists(arm).a) == 5 for arm in ARMS)


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_model_that_cannot_be_used_is_none(
    plain: Honest, tmp_path: Path, make: Callable[[Stage], bytes]
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _round_one(stage, make(stage))
    _takes_part(stage)


@pytest.mark.parametrize("make", OTHER_MODELS.values(), ids=OTHER_MODELS)
def test_a_model_that_would_break_the_learning_is_none(
    plain: Honest, tmp_path: Path, make: Callable[[Stage], bytes]
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _round_one(stage, make(stage))
    _takes_part(stage)


def test_a_model_that_cannot_be_used_is_named(plain: Honest, tmp_path: Path) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _round_one(stage, MODELS["of infinite numbers"](stage))
    seat = stage.seat("anna")
    seat.study.current_round()
    assert "not finite" in seat.study.report.ignored["aggregator/rounds/round-0001.json"]


@pytest.mark.parametrize(
    "make", {**MODELS, **OTHER_MODELS}.values(), ids={**MODELS, **OTHER_MODELS}
)
def test_a_model_that_was_put_in_the_place_of_another_is_put_back(
    plain: Honest, tmp_path: Path, make: Callable[[Stage], bytes]
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    content = make(stage)
    (stage.folder / "aggregator" / "rounds" / "round-0000-svd.safetensors").write_bytes(content)
    with pytest.raises(NoStudy, match="have not arrived"):
        Stage(stage.root).seat("anna").study.current_round()
    seen = play_round(stage)
    assert seen.result == plain.seen.result


# --- the study's description ------------------------------------------------------------------

UNREADABLE = "another version of FedFlex|cannot be read \\(|not a plain file|is of another kind"
DESCRIPTIONS = [one for one in RUBBISH if "{stem}" not in one.file and "{suffix}{suffix}" not in one.file
    and not one.file.startswith((".", "\x1b", "\udcff", "a..", "{"))]  # fmt: skip


@pytest.mark.parametrize("rubbish", DESCRIPTIONS, ids=lambda rubbish: rubbish.name)
def test_rubbish_in_the_place_of_a_description(
    plain: Honest, heap: Path, tmp_path: Path, rubbish: Rubbish
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    place = stage.folder / "aggregator" / "study" / "study.json"
    place.unlink()
    try:
        rubbish.write(place, Larder(plain.stage, heap))
    except (OSError, AttributeError) as error:
        pytest.skip(f"it cannot be made here: {error}")
    with pytest.raises(NoStudy, match=UNREADABLE) as told:
        Stage(stage.root).seat("anna")
    assert MARK not in str(told.value)
    assert not (heap / "sprung").exists()


def _description(stage: Stage, identity: Identity | None = None, **changes: object) -> None:
    """A description that somebody has changed, and signed with keys of their own."""
    place = stage.folder / "aggregator" / "study" / "study.json"
    keys = None if identity is None else json.loads(identity.public.model_dump_json())
    values = json.loads(unsigned(place.read_bytes())) | changes
    values |= {"aggregator": keys} if keys else {}
    place.write_bytes(sign(json.dumps(values).encode(), identity or Identity.new()))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "its signature is not that of its writer"),
        ({"study": "b" * 16}, "its signature is not that of its writer"),
        ({"kind": MARK}, "it is no kind of record that is known"),
        ({MARK: MARK}, "Extra inputs are not permitted"),
        ({"aggregator": MARK}, "study.aggregator"),
        ({"protocol": 3}, "another version of FedFlex"),
        ({"design": {"deep": [[]] * 100_000}}, "its signature is not that of its writer"),
    ],
)
def test_a_changed_description(
    plain: Honest, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _description(stage, **changes)
    with pytest.raises(NoStudy, match=reason) as told:
        Stage(stage.root).seat("anna")
    assert MARK not in str(told.value)


def test_a_strangers_study(plain: Honest, tmp_path: Path) -> None:
    stage, stranger = plain.stage.copy(tmp_path / "stage"), Identity.new()
    true = plain.stage.study.record
    invitation = Invitation(study=true.study, fingerprint=true.aggregator.fingerprint)
    Participant.take_seat(stage.folder, stage.home("anna"), invitation=invitation)
    _description(stage, stranger)
    with pytest.raises(StudyChanged):
        Stage(stage.root).seat("anna")
    _description(stage, stranger, study="b" * 16)
    for home in ("anna", "somebody new"):
        with pytest.raises(WrongStudy):
            Participant.take_seat(stage.folder, stage.home(home), invitation=invitation)


def _file(**header: object) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text


_EMPTY = {"dtype": "F16", "shape": [0, 384], "data_offsets": [0, 0]}
_ENDLESS = {"dtype": "F16", "shape": [0, 2**62], "data_offsets": [0, 0]}
PAYLOADS = {
    "items that are a pickle": ("catalogue", b"\x80\x04"),
    "items that are zeros": ("catalogue", bytes(8_000_000)),
    "items that are deep JSON": ("catalogue", b'{"a":' * 100_000),
    "items of millions of lines": ("catalogue", b"title\n" + b"a\n" * 3_000_000),
    "items of one column": ("catalogue", b"title" + b"," * 100_000),
    "texts that are a pickle": ("embeddings", b"\x80\x04"),
    "texts of other items": ("embeddings", _file(title=_EMPTY, text=_EMPTY)),
    "texts without a shape": ("embeddings", _file(title=_EMPTY)),
}
OTHER_PAYLOADS = {
    "texts that say nothing of themselves": _file(__metadata__=None, title=_EMPTY, text=_EMPTY),
    "texts of endless shape": _file(title=_ENDLESS, text=_ENDLESS),
}


def _with_payload(stage: Stage, field: str, content: bytes) -> None:
    name = f"study/{field}.bin"
    (stage.folder / "aggregator" / name).write_bytes(content)
    payload = json.loads(Payload.of(name, content).model_dump_json())
    _description(stage, Identity.new(), study="b" * 16, **{field: payload})


@pytest.mark.parametrize(("field", "content"), PAYLOADS.values(), ids=PAYLOADS)
def test_a_strangers_items_and_texts(
    plain: Honest, tmp_path: Path, field: str, content: bytes
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _with_payload(stage, field, content)
    with pytest.raises(FedFlexError):
        Stage(stage.root).seat("anna")


@pytest.mark.parametrize("content", OTHER_PAYLOADS.values(), ids=OTHER_PAYLOADS)
def test_a_strangers_odd_texts(plain: Honest, tmp_path: Path, content: bytes) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    _with_payload(stage, "embeddings", content)
    with pytest.raises(FedFlexError):
        Stage(stage.root).seat("anna")


# --- a helper that answers something else -----------------------------------------------------


def _answered(honest: Honest, place: Path, people: list[str], half: bytes, arms: tuple[str, ...] = ARMS,
    lost: bool = False) -> Aggregator:  # fmt: skip
    stage = honest.stage.copy(place / "stage")
    aggregator = Aggregator.open(stage.folder, stage.home("aggregator"))
    aggregator.ask_helper()
    names = {arm: f"sums/round-0001-{arm}.words" for arm in arms}
    parts = {
        arm: PartialSum(total=Payload.of(name, half), participants=tuple(people))
        for arm, name in names.items()
    }
    record = PartialSumRecord(study=stage.study.id, round=1, arms=parts)
    publish(stage, "helper", record, {} if lost else {name: half for name in names.values()})
    return aggregator


@pytest.mark.parametrize("people", [[], ["anna"], ["anna", "anna"], ["anna", "ben", "somebody"]])
def test_an_answer_over_other_people_is_none(
    distributed: Honest, tmp_path: Path, people: list[str]
) -> None:
    numbers = [distributed.stage.people.get(who, "0" * 32) for who in people]
    aggregator = _answered(distributed, tmp_path, numbers, bytes(80))
    with pytest.raises(HelperSilent, match="not answered yet"):
        aggregator.run_round()
    assert aggregator.current_round().round == 0


def test_an_answer_of_one_arm_is_none(distributed: Honest, tmp_path: Path) -> None:
    people = sorted(distributed.stage.people.values())
    with pytest.raises(HelperSilent, match="not answered yet"):
        _answered(distributed, tmp_path, people, bytes(80), arms=("svd",)).run_round()


def test_an_answer_without_its_sum_is_waited_for(distributed: Honest, tmp_path: Path) -> None:
    people = sorted(distributed.stage.people.values())
    with pytest.raises(HelperSilent, match="has not arrived yet"):
        _answered(distributed, tmp_path, people, bytes(80), lost=True).run_round()


def test_a_sum_that_nobody_can_have_made_moves_nothing(distributed: Honest, tmp_path: Path) -> None:
    people = sorted(distributed.stage.people.values())
    aggregator = _answered(distributed, tmp_path, people, b"\xff\xff\xff\x3f" * 20)
    record = aggregator.run_round()
    start = aggregator.study.rounds()[0]
    assert {arm: made.diagnostics["spoilt"] for arm, made in record.arms.items()} == dict.fromkeys(
        ARMS, 1
    )
    for arm in ARMS:
        before, after = (aggregator.study.model(one, arm) for one in (start, record))
        assert pack_model(before) == pack_model(after)


@pytest.mark.parametrize("half", [bytes(40), bytes(84), b"\0"])
def test_a_sum_of_another_length_is_a_sentence(
    distributed: Honest, tmp_path: Path, half: bytes
) -> None:
    people = sorted(distributed.stage.people.values())
    with pytest.raises(FedFlexError):
        _answered(distributed, tmp_path, people, half).run_round()


# --- the second round -------------------------------------------------------------------------


@dataclass(frozen=True)
class Second:
    honest: Honest
    strangers: list[Identity]


@pytest.fixture(scope="session")
def second(plain: Honest, tmp_path_factory: pytest.TempPathFactory) -> Second:
    """A study whose first round some strangers took part in as they should."""
    root = tmp_path_factory.mktemp("second")
    stage, strangers = plain.stage.copy(root / "stage"), [Identity.new() for _ in REPLAYS]
    for identity in strangers:
        Stranger(stage, identity).send()
    play_round(stage)
    for who in PEOPLE:
        stage.seat(who).train_and_share()
    stage = Stage(stage.root)
    return Second(Honest(stage, play_round(stage.copy(root / "round"))), strangers)


@pytest.fixture(scope="session")
def replayed(second: Second, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    stage = second.honest.stage.copy(tmp_path_factory.mktemp("replayed") / "stage")
    for identity, case in zip(second.strangers, REPLAYS, strict=True):
        case.plant(Stranger(stage, identity, has_joined=False))
    return play_round(stage)


@pytest.mark.parametrize("number", range(len(REPLAYS)), ids=[one.name for one in REPLAYS])
def test_what_was_sent_before_has_its_reason(second: Second, replayed: Seen, number: int) -> None:
    person = second.strangers[number].public.id
    assert REPLAYS[number].reason in replayed.said[person]


def test_what_was_sent_before_changes_no_round(second: Second, replayed: Seen) -> None:
    assert replayed.result == second.honest.seen.result
    assert len(replayed.said) == len(REPLAYS)


# --- the door ---------------------------------------------------------------------------------

DOOR: dict[str, tuple[Callable[[Stranger, str], object], str]] = {
    "nothing": (lambda me, token: None, "it has shown no invitation"),
    "rubbish": (
        lambda me, token: me.put("events/join.sealed", bytes(4144)),
        "it has shown no invitation",
    ),
    "no token": (lambda me, token: _join(me, None), "it has shown no invitation"),
    "a token of their own": (lambda me, token: _join(me, MARK), "not one of this study's"),
    "a token that was used": (
        lambda me, token: _join(me, token),
        "was used by somebody else before",
    ),
}


def _join(me: Stranger, token: str | None) -> None:
    fields = me.fields(JoinRecord, token=token)
    name = JoinRecord.model_validate(fields).place(b"")
    me.put(name, me.letter(fields))


def test_who_shows_no_invitation_is_let_in_nowhere(
    tmp_path: Path, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> None:
    design = StudyDesign(
        name="Door", rounds=1, min_updates=1, embedding_size=4, joining="token",
        privacy=PrivacyDesign(mode="off"),
    )  # fmt: skip
    stage = Stage(tmp_path)
    aggregator = Aggregator.create(
        stage.folder, design, catalogue, embeddings, stage.home("aggregator")
    )
    token = aggregator.admission.invite(1)[0].token
    guest = Stranger(stage, has_joined=False)
    _join(guest, token)
    guest.send()
    assert list(aggregator.collect("svd").records) == [guest.id]
    wanted = {}
    for shows, reason in DOOR.values():
        me = Stranger(stage, has_joined=False)
        shows(me, token or "")
        me.send()
        me.tell(me.shown())
        wanted[me.id] = reason
    found = aggregator.collect("svd")
    assert list(found.records) == [guest.id]
    said = {one.participant: one.reason for one in found.set_aside}
    assert said.keys() == wanted.keys()
    assert all(reason in said[person] for person, reason in wanted.items())


# --- what lies in the way or was copied ---------------------------------------------------------


def _before(person: str) -> Identity:
    while (made := Identity.new()).public.id > person:
        pass
    return made


def test_a_copied_payload_does_not_take_its_senders_place(plain: Honest, tmp_path: Path) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    last = max(stage.people.values())
    me = Stranger(stage, _before(last))
    hers = me.folder.parent / last / "updates" / "svd-0001-tensors.sealed"
    me.send(sealed=hers.read_bytes())
    assert play_round(stage).result == plain.seen.result


def test_a_payload_of_an_older_round_does_not_count_again(second: Second, tmp_path: Path) -> None:
    stage = second.honest.stage.copy(tmp_path / "stage")
    me = Stranger(stage)
    hers = me.folder.parent / stage.people["anna"] / "updates" / "svd-0001-tensors.sealed"
    me.send(sealed=hers.read_bytes(), rounds_charged=[2])
    assert play_round(stage).result == second.honest.seen.result


@pytest.mark.parametrize("name", ["svd-0002.sealed", "svd-0009.sealed"])
def test_rubbish_in_somebodys_folder_does_not_keep_them_from_sharing(
    plain: Honest, tmp_path: Path, name: str
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    play_round(stage)
    (stage.folder / "participants" / stage.people["anna"] / "updates" / name).write_bytes(b"")
    for who in PEOPLE:
        stage.seat(who).train_and_share()
    assert set(play_round(Stage(stage.root)).updates["svd"]) == set(stage.people.values())


@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("rounds/round-0001.json", Path.mkdir),
        ("rounds/round-0001-svd.safetensors", Path.mkdir),
        ("receipts", Path.touch),
    ],
)
def test_nothing_lies_in_the_way_of_a_round(
    plain: Honest, tmp_path: Path, place: str, make: Callable[[Path], object]
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    make(stage.folder / "aggregator" / place)
    me = Stranger(stage)
    me.put("events/leave-stop.sealed", me.letter(me.fields(LeaveRecord, erase=False)))
    assert play_round(stage).result == plain.seen.result
