"""Every notebook runs from the top, is thin, and is kept without output."""

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted([*ROOT.glob("*.ipynb"), *(ROOT / "notebooks").glob("*.ipynb")])
PAGES = [place for place in NOTEBOOKS if place.parent == ROOT]
LOGIC = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.With)


def cells(place: Path) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(place, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_two_pages_and_the_walk_are_there() -> None:
    assert {place.name for place in PAGES} == {
        "participant_notebook.ipynb",
        "aggregator_notebook.ipynb",
    }
    assert len(NOTEBOOKS) > len(PAGES)


@pytest.mark.parametrize("place", NOTEBOOKS, ids=lambda place: place.stem)
def test_cells_are_short_and_without_output(place: Path) -> None:
    nbformat.validate(nbformat.read(place, as_version=4))
    for cell in cells(place):
        assert len(cell.source.splitlines()) <= 10, cell.source
        assert not cell.outputs
        assert cell.execution_count is None


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.stem)
def test_the_pages_hold_no_logic(place: Path) -> None:
    for cell in cells(place):
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]


@pytest.mark.parametrize("place", NOTEBOOKS, ids=lambda place: place.stem)
def test_every_notebook_runs(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEDFLEX_STUDY", raising=False)
    monkeypatch.setenv("FEDFLEX_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert "FEDFLEX_HOME" in os.environ
    notebook = nbformat.read(place, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(tmp_path))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert outputs
    # A page shows its errors as cards: none may be there.
    cards = str(notebook.metadata.get("widgets", "")).count('class="fedflex-error"')
    assert cards == 0
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
