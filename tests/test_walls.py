"""The walls of the package hold: who imports whom is read from every module's syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import fedflex_core

PACKAGE = "fedflex_core"
WINGS = {"viewing", "learning", "lists", "exchange"}
ROOT = "(the package itself)"  # what `from fedflex_core import some_name` reaches

# A part is a folder or a module right under the package. Each may import itself and these.
MAY_IMPORT = {
    "errors": set(),
    **{wing: {"errors"} for wing in WINGS},
    "study": WINGS | {"errors"},
    "faces": WINGS | {"errors", "study"},
    "cli": WINGS | {"errors", "study", "faces", "cli_catalogue", "cli_evaluate", "cli_study", ROOT},
    "cli_catalogue": WINGS | {"study", "faces"},
    "cli_study": WINGS | {"study", "faces", "cli_catalogue"},
    "cli_evaluate": WINGS | {"errors", "study", "faces"},
    "__main__": {"cli"},
    "__init__": WINGS | {"errors", "study", "faces"},
}


def broken_walls(package: Path) -> list[str]:
    """Every import in the package that its walls forbid, as one sentence each."""
    found = []
    for module in sorted(package.rglob("*.py")):
        place = module.relative_to(package)
        part = place.parts[0].removesuffix(".py")
        if part not in MAY_IMPORT:
            found.append(f"{place.as_posix()}: no wall is written for {part}")
            continue
        for target in sorted(_parts_imported(module, package) - {part} - MAY_IMPORT[part]):
            found.append(f"{place.as_posix()} imports {target}")
    return found


def _parts_imported(module: Path, package: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    # A relative import counts its dots from the folder that the module lies in.
    folder = [PACKAGE, *module.relative_to(package).parts[:-1]]
    parts = {entry.stem if entry.is_file() else entry.name for entry in package.iterdir()}
    names = (name.split(".") for node in ast.walk(tree) for name in _imported(node, folder))
    return {
        name[1] if len(name) > 1 and name[1] in parts else ROOT
        for name in names
        if name[0] == PACKAGE
    }


def _imported(node: ast.AST, folder: list[str]) -> Iterator[str]:
    """The full names that one node imports: a statement, or a call with the name as text."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = folder[: len(folder) - level + 1] if level else []
            start = ".".join([*base, *([module] if module else [])])
            yield from (f"{start}.{alias.name}" for alias in names)
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def test_the_walls_hold() -> None:
    assert broken_walls(Path(fedflex_core.__file__).parent) == []


def test_every_wing_is_read() -> None:
    """The first test would also pass over an empty folder."""
    folders = {path.parent.name for path in Path(fedflex_core.__file__).parent.rglob("*.py")}
    assert WINGS | {"study", "faces"} <= folders


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """A package with one module in each part and every import that is allowed."""
    package = tmp_path / PACKAGE
    for part in [*WINGS, "study", "faces"]:
        (package / part).mkdir(parents=True)
        (package / part / "__init__.py").touch()
        own = f"from fedflex_core.{part} import other\nfrom . import other\n"
        (package / part / "module.py").write_text(f"{own}from fedflex_core.errors import E\n")
    (package / "errors.py").write_text("import json\n")
    (package / "study" / "hall.py").write_text(
        "from ..viewing import history\nfrom fedflex_core import exchange\nimport numpy\n"
    )
    (package / "faces" / "page.py").write_text("import fedflex_core.study.hall\n")
    (package / "cli.py").write_text("import fedflex_core\nfrom fedflex_core.faces import page\n")
    (package / "__init__.py").write_text("from fedflex_core.lists.recommend import best\n")
    return package


def test_what_is_allowed_passes(made_up: Path) -> None:
    assert broken_walls(made_up) == []


@pytest.mark.parametrize(
    ("place", "line", "sentence"),
    [
        ("viewing/a.py", "from fedflex_core.learning import x", "viewing/a.py imports learning"),
        ("lists/a.py", "import fedflex_core.exchange.folder", "lists/a.py imports exchange"),
        ("lists/a.py", "from ..viewing.history import x", "lists/a.py imports viewing"),
        ("lists/a.py", "from .. import viewing", "lists/a.py imports viewing"),
        ("exchange/deep/a.py", "from ...lists import x", "exchange/deep/a.py imports lists"),
        ("exchange/a.py", "def f():\n    import fedflex_core.study", "exchange/a.py imports study"),
        ("viewing/a.py", "from fedflex_core import __version__", f"viewing/a.py imports {ROOT}"),
        ("study/a.py", "from fedflex_core.faces import page", "study/a.py imports faces"),
        ("faces/a.py", "from fedflex_core.cli import main", "faces/a.py imports cli"),
        ("errors.py", "from fedflex_core.viewing import x", "errors.py imports viewing"),
        (
            "learning/a.py",
            "import importlib\nimportlib.import_module('fedflex_core.viewing')",
            "learning/a.py imports viewing",
        ),
        ("helpers.py", "import json", "helpers.py: no wall is written for helpers"),
    ],
)
def test_a_broken_wall_is_named(made_up: Path, place: str, line: str, sentence: str) -> None:
    (made_up / place).parent.mkdir(exist_ok=True)
    (made_up / place).write_text(line + "\n")
    assert broken_walls(made_up) == [sentence]
