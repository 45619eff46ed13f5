"""What all fuzzers share: how one is run, and what its test asks of it."""

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType

__all__ = ["assert_found_nothing", "fuzz", "loaded", "run"]


def fuzz(
    check: Callable[[bytes], None], seeds: Iterable[bytes], words: Sequence[str], longest: int
) -> None:
    """Fuzz in this process, with the options that it was started with.

    Args:
        check: The rules; whatever it raises is a find.
        seeds: Files to begin with.
        words: Pieces that chance would seldom put together.
        longest: Bytes of the longest file that is tried.
    """
    import atheris

    with tempfile.TemporaryDirectory() as folder:
        corpus, known = Path(folder) / "seeds", Path(folder) / "words"
        corpus.mkdir()
        for number, data in enumerate(seeds):
            (corpus / f"{number:03}").write_bytes(data)
        quoted = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words)
        known.write_text("".join(f'"{word}"\n' for word in quoted), encoding="ascii")
        defaults = [f"-max_len={longest}", "-timeout=60", f"-dict={known}"]
        atheris.Setup([sys.argv[0], *defaults, *sys.argv[1:], str(corpus)], check)
        atheris.Fuzz()


def run(harness: Path, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run a fuzzer as a process of its own, in a folder that takes what it finds."""
    import pytest

    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it fuzzes on Linux, and comes with the test extra")
    words = [sys.executable, str(harness), "-seed=1", *options, "corpus"]
    (folder / "corpus").mkdir()
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def assert_found_nothing(run: "subprocess.CompletedProcess[str]", folder: Path) -> None:
    """All runs were made, and none broke a rule."""
    finds = [path.read_bytes() for path in folder.glob("*-*") if path.is_file()]
    assert (run.returncode, finds) == (0, []), run.stderr[-2000:]
    assert "Done" in run.stderr  # all runs were made


def loaded(harness: Path) -> ModuleType:
    """A fuzzer's module, to try its rules without it."""
    spec = importlib.util.spec_from_file_location(harness.stem, harness)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
