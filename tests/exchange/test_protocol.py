"""Records and tensors."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.exchange.protocol import (
    BadRecord,
    ClickRecord,
    ImpressionRecord,
    JoinRecord,
    Payload,
    UpdateRecord,
    pack_tensors,
    parse_record,
    unpack_tensors,
)

STUDY, PERSON = "0" * 16, "1" * 16


def update(**changes: object) -> UpdateRecord:
    values = {
        "study": STUDY,
        "participant": PERSON,
        "arm": "svd",
        "round": 1,
        "base_model": "a" * 64,
        "update": Payload.of("updates/svd-0001.safetensors", b"x"),
    }
    return UpdateRecord.model_validate(values | changes)


def test_records_read_back_the_same() -> None:
    click = ClickRecord(
        study=STUDY,
        participant=PERSON,
        arm="bpr",
        round=0,
        sequence=1,
        list="B",
        rank=2,
        item="dark",
        selected=True,
    )
    for record in (update(), click, JoinRecord(study=STUDY, participant=PERSON)):
        assert parse_record(record.to_bytes()) == record


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": 2},
        {"kind": "surprise"},
        {"extra": 1},
        {"participant": "anna@example.org"},
        {"round": -1},
        {"base_model": "short"},
        {"written_at": "2024-01-01T00:00:00"},
        {"weight": 2.0},
        {"update": {"name": "../../outside.safetensors", "size": 1, "sha256": "a" * 64}},
        {"update": {"name": "/etc/passwd", "size": 1, "sha256": "a" * 64}},
        {"update": {"name": "big.safetensors", "size": 9_000_000, "sha256": "a" * 64}},
    ],
)
def test_what_breaks_the_schema_is_refused(change: dict[str, object]) -> None:
    values = json.loads(update().to_bytes()) | change
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
    shown = ImpressionRecord(
        study=STUDY,
        participant=PERSON,
        arm="svd",
        round=0,
        lists={"A": ("x",), "B": ("y",)},
        first="A",
    )
    values = json.loads(shown.to_bytes()) | {"lists": lists}
    with pytest.raises(BadRecord):
        parse_record(json.dumps(values).encode())


@given(st.binary(max_size=200))
def test_random_bytes_are_never_believed(content: bytes) -> None:
    with pytest.raises(BadRecord):
        parse_record(content)
    with pytest.raises(BadRecord):
        unpack_tensors(content)


def test_reasons_do_not_repeat_what_a_file_says() -> None:
    values = json.loads(update().to_bytes()) | {"arm": "SECRET WORDS"}
    with pytest.raises(BadRecord) as caught:
        parse_record(json.dumps(values).encode())
    assert "SECRET" not in str(caught.value)


def test_a_pickle_is_not_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
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
