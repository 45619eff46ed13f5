"""The dashboards' notebooks are found in a checkout and in an installed package."""

from pathlib import Path

import pytest

from fedflex_core.faces.notebooks import NotebookMissing, _find

NAME = "participant_notebook.ipynb"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "fedflex_core"
    (folder / "notebooks").mkdir(parents=True)
    return folder


def test_an_installed_package_has_its_own(package: Path) -> None:
    (package / "notebooks" / NAME).touch()
    assert _find(NAME, package) == package / "notebooks" / NAME


def test_a_checkout_shows_the_one_that_people_edit(package: Path) -> None:
    for place in (package / "notebooks" / NAME, package.parent / NAME):
        place.touch()
    (package.parent / "pyproject.toml").touch()
    assert _find(NAME, package) == package.parent / NAME


def test_what_lies_beside_an_installed_package_is_not_taken(package: Path) -> None:
    """Without pyproject.toml the folder is no checkout, but for example site-packages."""
    (package.parent / NAME).touch()
    with pytest.raises(NotebookMissing):
        _find(NAME, package)
