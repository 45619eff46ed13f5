"""The fuzzer runs, finds nothing, and would find what breaks the rules."""

import contextlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

HARNESS = Path(__file__).with_name("fuzz_exports.py")
PLAIN = b'Title,Date\n"Okja","3/25/21"\n"Dark: Season 1: Lies","3/24/21"\n"","3/23/21"\n'


def fuzz(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it fuzzes on Linux, and comes with the test extra")
    words = [sys.executable, str(HARNESS), "-seed=1", *options, "corpus"]
    (folder / "corpus").mkdir()
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def assert_found_nothing(run: "subprocess.CompletedProcess[str]", folder: Path) -> None:
    finds = [path.read_bytes() for path in folder.glob("*-*") if path.is_file()]
    assert (run.returncode, finds) == (0, []), run.stderr[-2000:]
    assert "Done" in run.stderr  # all runs were made


def test_some_thousand_files_near_to_exports(tmp_path: Path) -> None:
    run = fuzz(tmp_path, "-runs=2500")
    assert_found_nothing(run, tmp_path)
    assert "NEW" in run.stderr  # it is steered: some files reached what no seed had
    assert any((tmp_path / "corpus").iterdir())


@pytest.mark.long
def test_five_minutes_of_files_near_to_exports(tmp_path: Path) -> None:
    assert_found_nothing(fuzz(tmp_path, "-max_total_time=300", "-timeout=60"), tmp_path)


# --- the rules themselves ---------------------------------------------------------------------


@pytest.fixture
def harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_exports", HARNESS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
