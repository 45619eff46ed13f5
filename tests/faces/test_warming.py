"""What takes long at its first use is made ready once the page is there, and never in the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from fedflex_core.faces import aggregator_page, participant_page
from fedflex_core.faces.notebooks import notebook_path
from fedflex_core.faces.warming import warm_up_soon
from fedflex_core.learning import _compiled
from fedflex_core.study.participant import Participant


def test_the_loops_are_made_ready_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(_compiled, "warm_up", lambda: made.append("loops"))
    warm_up_soon(delay=0).join()
    assert made == ["loops"]


def test_where_they_cannot_be_made_ready_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error left in a thread would fail this test."""

    def fail() -> None:
        raise OSError("no room")

    monkeypatch.setattr(_compiled, "warm_up", fail)
    warm_up_soon(delay=0).join()


@pytest.mark.parametrize("name", ["participant", "aggregator"])
def test_it_begins_with_the_pages_last_section(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    for module in (participant_page, aggregator_page):
        monkeypatch.setattr(module, "warm_up_soon", lambda: begun.append("begun"))
    if name == "participant":
        page: Any = participant_page.ParticipantPage(lambda: Participant.take_seat(tmp_path))
    else:
        page = aggregator_page.AggregatorPage(tmp_path)
    sections = _sections(notebook_path(name))
    for section in sections[:-1]:
        getattr(page, section)()
    assert begun == []
    getattr(page, sections[-1])()
    assert begun == ["begun"]


def _sections(notebook: Path) -> list[str]:
    """The methods that make the page's sections, in the order of the notebook's cells."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    last_lines = [cell["source"][-1] for cell in cells if cell["cell_type"] == "code"]
    return [line.removeprefix("page.").removesuffix("()") for line in last_lines]
