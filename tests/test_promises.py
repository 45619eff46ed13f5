"""Every promise that the documents make names tests, and each of them is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "docs/threat_model.md")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promised(document: str) -> list[tuple[str, str]]:
    return _TEST.findall((ROOT / document).read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_holds_a_promise_is_there(document: str) -> None:
    found = promised(document)
    assert len(found) >= 10
    for place, name in found:
        tree = ast.parse((ROOT / place).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in names, f"{place} has no {name}"


def test_every_promise_of_the_readme_is_in_the_threat_model() -> None:
    assert set(promised("README.md")) <= set(promised("docs/threat_model.md"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    folder = (ROOT / document).parent
    assert [link for link in links if not (folder / link).exists()] == []
