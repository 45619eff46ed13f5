"""The fuzzer runs, finds nothing, and would find what breaks the rules."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from .fuzzing import assert_found_nothing, loaded, run

HARNESS = Path(__file__).with_name("fuzz_exports.py")
PLAIN = b'Title,Date\n"Okja","3/25/21"\n"Dark: Season 1: Lies","3/24/21"\n"","3/23/21"\n'


def test_some_thousand_files_near_to_exports(tmp_path: Path) -> None:
    found = run(HARNESS, tmp_path, "-runs=2500")
    assert_found_nothing(found, tmp_path)
    assert "NEW" in found.stderr  # it is steered: some files reached what no seed had
    assert any((tmp_path / "corpus").iterdir())


@pytest.mark.long
def test_five_minutes_of_files_near_to_exports(tmp_path: Path) -> None:
    assert_found_nothing(run(HARNESS, tmp_path, "-max_total_time=300", "-timeout=60"), tmp_path)


# --- the rules themselves ---------------------------------------------------------------------


@pytest.fixture
def harness() -> ModuleType:
    return loaded(HARNESS)


def test_every_seed_keeps_the_rules_and_most_are_histories(harness: ModuleType) -> None:
    seeds = list(harness.seeds())
    read = 0
    for data in seeds:
        harness.check(data)
        with contextlib.suppress(harness.history.NotAnExport):
            read += len(harness.history.read_history(data, today=harness.TODAY).viewings) > 0
    assert read > len(seeds) * 0.9


def _plant(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, bug: Callable[[object], object]
) -> None:
    real = harness.history.read_history
    monkeypatch.setattr(
        harness.history, "read_history", lambda data, **said: bug(real(data, **said))
    )


def test_a_lost_row_is_noticed(harness: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.check(PLAIN)
    _plant(harness, monkeypatch, lambda found: replace(found, viewings=found.viewings[1:]))  # type: ignore
    with pytest.raises(AssertionError, match="rows were lost"):
        harness.check(PLAIN)


def test_a_row_left_out_in_silence_is_noticed(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(harness, monkeypatch, lambda found: replace(found, left_out=found.left_out[1:]))  # type: ignore
    with pytest.raises(AssertionError, match="left out"):
        harness.check(PLAIN)


@pytest.mark.parametrize("found", ["No date in Zaklínač could be read.", "There is 1 row."])
def test_an_error_that_quotes_the_file_is_noticed(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    def quote(_: object) -> object:
        raise harness.history.NotAnExport(found)

    _plant(harness, monkeypatch, quote)
    with pytest.raises(AssertionError, match="an error with"):
        harness.check(PLAIN)


def test_any_other_error_comes_through(
    harness: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(harness, monkeypatch, lambda found: found.no_such_thing)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        harness.check(PLAIN)
