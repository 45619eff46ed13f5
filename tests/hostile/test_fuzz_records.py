"""The fuzzer of records runs, finds nothing, and would find what breaks the rules."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from .fuzzing import assert_found_nothing, loaded, run

HARNESS = Path(__file__).with_name("fuzz_records.py")


def test_some_thousand_files_near_to_records(tmp_path: Path) -> None:
    found = run(HARNESS, tmp_path, "-runs=8000")
    assert_found_nothing(found, tmp_path)
    assert "NEW" in found.stderr  # it is steered: some files reached what no seed had
    assert any((tmp_path / "corpus").iterdir())


@pytest.mark.long
def test_five_minutes_of_files_near_to_records(tmp_path: Path) -> None:
    assert_found_nothing(run(HARNESS, tmp_path, "-max_total_time=300", "-timeout=60"), tmp_path)


# --- the rules themselves ---------------------------------------------------------------------


@pytest.fixture
def harness() -> ModuleType:
    return loaded(HARNESS)


def _read(harness: ModuleType, data: bytes) -> None:
    tuple(harness.READERS.values())[data[0]](data[1:])


def _refused(harness: ModuleType, data: bytes) -> bool:
    reader = tuple(harness.READERS.values())[data[0]]
    try:
        reader(data[1:])
    except (
        harness.record.BadRecord,
        harness.UnusableUpdate,
        harness.invitation.BadInvitation,
    ):
        return True
    return False


def test_every_seed_keeps_the_rules_and_right_ones_are_accepted(harness: ModuleType) -> None:
    right, wrong = list(harness.accepted()), list(harness.refused())
    for data in (*right, *wrong):
        harness.check(data)
    assert not any(_refused(harness, data) for data in right)
    assert sum(_refused(harness, data) for data in wrong) > len(wrong) * 0.9
    assert {data[0] for data in right} == set(range(len(harness.READERS)))


def test_every_kind_of_record_is_among_the_seeds(harness: ModuleType) -> None:
    kinds = get_args(get_args(harness.protocol.Record)[0])
    assert {type(harness.protocol.parse_record(one)) for one in harness.records()} == set(kinds)


Bug = Callable[..., Any]
"""Called with the harness, the reader in whose place it is, and what that was given."""


def _show_seeds(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, reader: str, bug: Bug
) -> None:
    """Show all seeds to a harness of which one reader, ``module.function``, is broken."""
    module, name = getattr(harness, reader.split(".")[0]), reader.split(".")[1]
    monkeypatch.setattr(module, name, partial(bug, harness, getattr(module, name)))
    for data in (*harness.accepted(), *harness.refused()):
        harness.check(data)


READERS = (
    "protocol.parse_record", "sealing.unsigned", "sealing.signed_by", "sealing.letter_content",
    "opened.unpack_update", "secure_sum.unpack_half", "tensors.unpack_tensors",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_any_other_error_comes_through(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    with pytest.raises(AttributeError):
        _show_seeds(
            harness, monkeypatch, reader, lambda _, real, *given: real(*given).no_such_thing
        )


@pytest.mark.parametrize("reader", READERS)
def test_what_is_printed_is_noticed(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    with pytest.raises(AssertionError, match="printed"):
        _show_seeds(
            harness, monkeypatch, reader, lambda _, real, *given: print("?") or real(*given)
        )


def _quoting(harness: ModuleType, _: Bug, content: bytes) -> None:
    raise harness.record.BadRecord(f"it says {harness.MARK}" if b"Zaklinac" in content else "it")


def _endless(harness: ModuleType, *_: object) -> None:
    raise harness.record.BadRecord("it " * 200)


def _later(_: ModuleType, real: Bug, content: bytes) -> object:
    return real(content).model_copy(update={"written_at": datetime.now(UTC)})


def _trusting(harness: ModuleType, _: Bug, signed: bytes, *__: object) -> object:
    return harness.sealing.unsigned(signed)


BUGS: dict[str, tuple[str, Bug, str]] = {
    "a reason that quotes": ("protocol.parse_record", _quoting, "a word of the file"),
    "a reason without end": ("protocol.parse_record", _endless, "too long"),
    "a record that changes": ("protocol.parse_record", _later, "changed by being read"),
    "a signature that nobody checks": ("sealing.signed_by", _trusting, "forged"),
    "another letter": ("sealing.letter_content", lambda _, real, *given: real(*given)[1:], "else"),
    "another half": ("secure_sum.unpack_half", lambda _, real, *given: real(*given) + 1, "changed"),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_broken_rule_is_noticed(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reader, bug, said = BUGS[name]
    with pytest.raises(AssertionError, match=said):
        _show_seeds(harness, monkeypatch, reader, bug)


def test_an_update_that_nobody_checks_is_noticed(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "check_update", lambda *_: None)
    with pytest.raises(AssertionError, match=r"of another shape|beyond its bound"):
        for data in harness.refused():
            harness.check(data)
