"""Records and tensors."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import (
    ClickRecord,
    DoneRecord,
    HalfRecord,
    ImpressionRecord,
    JoinRecord,
    LeaveRecord,
    PersonalRecord,
    UpdateRecord,
)
from fedflex_core.exchange.protocol import parse_record
from fedflex_core.exchange.public_records import (
    ArmRound,
    Called,
    CallRecord,
    PartialSum,
    PartialSumRecord,
    ReceiptRecord,
    RoundRecord,
    SetAside,
    StudyRecord,
)
from fedflex_core.exchange.record import BadRecord, BaseRecord, Payload
from fedflex_core.exchange.sealing import letter, sign
from fedflex_core.exchange.tensors import pack_tensors, unpack_tensors

STUDY = "0" * 16
ME, OTHER = Identity.new(), Identity.new()
PERSON = ME.public.id
MINE = {"study": STUDY, "participant": PERSON, "keys": ME.public}
A_PAYLOAD = Payload.of("updates/svd-0001-tensors.sealed", b"x")


def update(**changes: object) -> UpdateRecord:
    values = {
        **MINE,
        "arm": "svd",
        "round": 1,
        "base_model": "a" * 64,
        "update": A_PAYLOAD,
        "noise_multiplier": 1.5,
        "rounds_charged": (1,),
    }
    return UpdateRecord.model_validate(values | changes)


def impression(**changes: object) -> ImpressionRecord:
    values = {**MINE, "arm": "svd", "round": 0, "lists": {"A": ("x",), "B": ("y",)}, "first": "A"}
    return ImpressionRecord.model_validate(values | changes)


def click(**changes: object) -> ClickRecord:
    values = {
        **MINE,
        "arm": "bpr",
        "round": 0,
        "sequence": 1,
        "list": "B",
        "rank": 2,
        "item": "dark",
        "selected": True,
    }
    return ClickRecord.model_validate(values | changes)


def done(**changes: object) -> DoneRecord:
    return DoneRecord(**MINE, arm="svd", round=0, sequence=2, none=False, **changes)


def half() -> HalfRecord:
    marks = {"pair": "b" * 32, "seed": "c" * 64, "base_model": "a" * 64}
    return HalfRecord(**MINE, arm="svd", round=1, **marks)


ASIDE = SetAside(participant=PERSON, reason="too large")
MADE = ArmRound(model=A_PAYLOAD, updates={PERSON: "d" * 64}, set_aside=(ASIDE,))
PERSONAL = [
    JoinRecord(**MINE),
    JoinRecord(**MINE, token="f" * 32),
    LeaveRecord(**MINE, erase=True),
    update(),
    half(),
    impression(),
    click(),
    done(),
]
PUBLIC = [
    StudyRecord(
        study=STUDY, aggregator=ME.public, helper=OTHER.public, design={"rounds": 2},
        catalogue=A_PAYLOAD, embeddings=A_PAYLOAD,
    ),
    RoundRecord(study=STUDY, round=1, arms={"svd": MADE}),
    CallRecord(
        study=STUDY, round=1, set_aside={"svd": (ASIDE,)},
        arms={"svd": (Called(participant=PERSON, pair="b" * 32, update="d" * 64),)},
    ),
    PartialSumRecord(
        study=STUDY, round=1, arms={"svd": PartialSum(total=A_PAYLOAD, participants=(PERSON,))}
    ),
    ReceiptRecord(
        study=STUDY, participant=PERSON, erased=True, events=3, updates=1, rounds={"svd": (1, 2)}
    ),
]  # fmt: skip


@pytest.mark.parametrize("record", [*PERSONAL, *PUBLIC], ids=lambda record: record.kind)
def test_records_read_back_the_same(record: BaseRecord) -> None:
    assert parse_record(record.to_bytes()) == record


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": 1},
        {"protocol": 3},
        {"kind": "surprise"},
        {"extra": 1},
        {"participant": "anna@example.org"},
        {"round": -1},
        {"round": 0},
        {"base_model": "short"},
        {"written_at": "2024-01-01T00:00:00"},
        {"weight": 2.0},
        {"weight": 0.0},
        {"noise_multiplier": -1.0},
        {"rounds_charged": [-1]},
        {"rounds_charged": [10_000]},
        {"rounds_charged": [1] * 1001},
        {"pair": "not a number"},
        {"keys": {}},
        {"keys": {"verify": "a" * 64}},
        {"update": {"name": "../../outside.sealed", "size": 1, "sha256": "a" * 64}},
        {"update": {"name": "/etc/passwd", "size": 1, "sha256": "a" * 64}},
        {"update": {"name": "big.sealed", "size": 9_000_000, "sha256": "a" * 64}},
        {"update": {"name": "empty.sealed", "size": 0, "sha256": "a" * 64}},
    ],
)
def test_what_breaks_the_schema_is_refused(change: dict[str, object]) -> None:
    values = json.loads(update().to_bytes()) | change
    with pytest.raises(BadRecord):
        parse_record(json.dumps(values).encode())


@pytest.mark.parametrize("record", PERSONAL, ids=lambda record: record.kind)
@pytest.mark.parametrize(
    "change",
    [
        {"participant": OTHER.public.id},
        {"keys": OTHER.public.model_dump()},
        {"keys": {"verify": OTHER.public.verify, "box": ME.public.box}},
        {"keys": {"verify": ME.public.verify, "box": OTHER.public.box}},
        {"participant": PERSON[:16]},
    ],
    ids=["number", "keys", "signer", "reader", "half a number"],
)
def test_a_number_that_is_not_that_of_the_keys_is_refused(
    record: PersonalRecord, change: dict[str, object]
) -> None:
    values = json.loads(record.to_bytes()) | change
    with pytest.raises(BadRecord):
        parse_record(json.dumps(values).encode())


@pytest.mark.parametrize("record", PUBLIC, ids=lambda record: record.kind)
def test_of_a_public_record_unknown_keys_are_refused(record: BaseRecord) -> None:
    values = json.loads(record.to_bytes()) | {"extra": 1}
    with pytest.raises(BadRecord):
        parse_record(json.dumps(values).encode())


@pytest.mark.parametrize(
    "lists",
    [
        {},
        {"A": ["x"]},
        {"A": ["x", "x"], "B": ["x"]},
        {"A": ["x"] * 400_000, "B": ["x"]},
        {"A": [str(number) for number in range(30)], "B": ["x"]},
        {"A": ["x"], "B": ["y"], "C": ["z"]},
    ],
    ids=["none", "one", "twice", "very often", "long", "three"],
)
def test_impossible_lists_are_refused(lists: dict[str, list[str]]) -> None:
    values = json.loads(impression().to_bytes()) | {"lists": lists}
    with pytest.raises(BadRecord):
        parse_record(json.dumps(values).encode())


def test_what_happened_on_a_page_makes_letters_of_one_size_under_names_that_tell_nothing() -> None:
    """Lists, a click and an answer of either arm and any round look alike from outside."""
    long = tuple(f"a-series-with-a-rather-long-name-{number:02d}" for number in range(20))
    events = [
        impression(),
        impression(arm="bpr", round=7, lists={"A": long, "B": long[::-1]}),
        click(),
        click(arm="svd", round=999, sequence=999_999, item="x" * 200, selected=False),
        done(),
    ]
    signed = [sign(event.to_bytes(), ME) for event in events]
    places = [event.place(content) for event, content in zip(events, signed, strict=True)]
    assert len(set(places)) == len(events)
    for place in places:
        folder, _, name = place.partition("/")
        assert folder == "events"
        assert name.endswith(".sealed")
        assert len(bytes.fromhex(name.removesuffix(".sealed"))) == 16
    assert len({len(letter(content, OTHER.public)) for content in signed}) == 1


def test_an_event_has_no_other_place_than_its_own() -> None:
    event = click()
    signed = sign(event.to_bytes(), ME)
    assert event.place(signed) == event.place(sign(event.to_bytes(), ME))
    changed = event.model_copy(update={"selected": False})
    assert changed.place(sign(changed.to_bytes(), ME)) != event.place(signed)


@given(st.binary(max_size=200))
def test_random_bytes_are_never_believed(content: bytes) -> None:
    with pytest.raises(BadRecord):
        parse_record(content)
    with pytest.raises(BadRecord):
        unpack_tensors(content)


def test_reasons_do_not_repeat_what_a_file_says() -> None:
    for change in ({"arm": "SECRET WORDS"}, {"SECRET": 1}, {"keys": {"SECRET": 1}}):
        values = json.loads(update().to_bytes()) | change
        with pytest.raises(BadRecord) as caught:
            parse_record(json.dumps(values).encode())
        assert "SECRET" not in str(caught.value)


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (tmp_path.joinpath("sprung").touch, ())

    with pytest.raises(BadRecord):
        unpack_tensors(pickle.dumps(Trap()))
    assert not (tmp_path / "sprung").exists()


def test_tensors_read_back_the_same() -> None:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(0, np.float32)}
    found = unpack_tensors(pack_tensors(arrays))
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_payload_vouches_for_its_bytes_alone() -> None:
    payload = Payload.of("a.txt", b"hello")
    assert payload.vouches_for(b"hello")
    assert not payload.vouches_for(b"hellp")
    assert not payload.vouches_for(b"hell")
