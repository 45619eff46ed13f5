"""The benchmark of matching: it tells names of nobody, and real exports find their series."""

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    sys.modules.pop("matching", None)
    return import_module("matching")


def test_the_labels_of_peoples_own_exports_are_digests_alone() -> None:
    header, *lines = (BENCHMARKS / "matching_labels.csv").read_text(encoding="utf-8").splitlines()
    assert header == "name,item" and lines == sorted(lines)
    assert all(re.fullmatch(r"[0-9a-f]{16},([0-9a-f]{16})?", line) for line in lines)


def test_a_label_is_known_again_and_only_with_its_export(
    benchmark: ModuleType, tmp_path: Path
) -> None:
    mine, theirs = benchmark.Key(b"mine"), benchmark.Key(b"theirs")
    labels = benchmark.Labels(tmp_path / "labels.csv")
    labels.add(mine, ("series", "Dark"), ["dark-2017"])
    labels.add(mine, ("series", "Nobody Knows It"), [])
    labels.write()
    read = benchmark.Labels(tmp_path / "labels.csv")
    assert read.right(mine, ("series", "Dark"), ["dark-2017", "elite"]) == {"dark-2017"}
    assert read.right(mine, ("series", "Dark"), ["elite"]) == frozenset()
    assert read.right(mine, ("series", "Nobody Knows It"), ["dark-2017"]) == frozenset()
    assert read.right(mine, ("title", "Dark"), ["dark-2017"]) is None
    assert read.right(theirs, ("series", "Dark"), ["dark-2017"]) is None


def test_figures_of_a_known_case(benchmark: ModuleType) -> None:
    def case(name: str, found: str | None, right: set[str]) -> object:
        return benchmark.Case(benchmark.Viewing(name, name, found), name, frozenset(right))

    cases = [case("A", "a", {"a"}), case("B", "a", {"b"}), case("B", None, {"b"})]
    cases += [case("C", None, set()), case("D", "d", set())]
    found = [one.viewing.found for one in cases]
    assert benchmark.figures(cases, found, by_name=False) == pytest.approx((1 / 3, 1 / 3))
    assert benchmark.figures(cases, found, by_name=True) == pytest.approx((1 / 2, 1 / 2.5))


def test_real_exports_find_their_series(benchmark: ModuleType, shared_data: Path) -> None:
    known = benchmark._known(None)
    cases, _ = benchmark.own_cases(
        shared_data / "histories", benchmark.Labels(benchmark.LABELS), known
    )
    found = [case.viewing.found for case in cases]
    assert len(cases) > 5000
    for by_name in (False, True):
        recall, precision = benchmark.figures(cases, found, by_name)
        assert precision >= 0.99
        assert recall >= 0.85
