"""Names in a study folder that are nobody's fault, and names that are somebody's."""

import pytest

from fedflex_core.exchange.passing import is_passing


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("round-0001.json.1f2e.tmp", "a temporary file"),
        ("round-0001.json.part", "a temporary file"),
        ("~round-0001.json", "a temporary file"),
        ("round-0001.json~", "a temporary file"),
        ("~$round.TMP", "a temporary file"),
        (".syncthing.round-0001.json.tmp", "a temporary file"),
        ("round-0001.json.syft.tmp.8837", "a temporary file"),
        (".round-0001.json.tmp-ab12-cd", "a temporary file"),
        ("round-0001.conflict.json", "a conflict copy"),
        ("round-0001.conflict.20250712234500.json", "a conflict copy"),
        ("round-0001.conflict", "a conflict copy"),
        ("round-0001.rejected.json", "a conflict copy"),
        ("round-0001.json.syftrejected", "a conflict copy"),
        ("round-0001.syftrejected.json", "a conflict copy"),
        ("round-0001.syftconflict.json", "a conflict copy"),
        ("round-0001 (conflicted copy).json", "a conflict copy"),
        ("round-0001 (conflicted copy 2024-01-01 120000).json", "a conflict copy"),
        ("round-0001 (Anna's conflicted copy 2024-01-01).json", "a conflict copy"),
        ("round-0001 (Case Conflict).json", "a conflict copy"),
        ("round-0001 (case clash from Anna).json", "a conflict copy"),
        ("round-0001_conflict-20240101-120000.json", "a conflict copy"),
        ("round-0001.sync-conflict-20240101-120000-ABCDEFG.json", "a conflict copy"),
        ("round-0001 (1).json", "a second copy"),
        ("round-0001 (in Konflikt stehende Kopie).json", "a second copy"),
        ("syftperm.yaml", "an access file"),
        ("syft.pub.yaml", "an access file"),
        ("_.syftperm", "an access file"),
        (".DS_Store", "a hidden file"),
        (".stignore", "a hidden file"),
        ("Thumbs.db", "a file of the operating system"),
        ("desktop.ini", "a file of the operating system"),
    ],
)
def test_a_name_that_is_nobodys_fault(name: str, reason: str) -> None:
    found = is_passing(name)
    assert found is not None and found.startswith(reason)


@pytest.mark.parametrize(
    "name",
    ["study.json", "round-0001.json", "svd-0001.sealed", f"{'0123456789abcdef' * 2}.sealed", "catalogue.csv",
     "embeddings.safetensors", "conflict-0001.sealed", "a-sync-conflict-0001.json", "rejected.json",
     "tmp.json", "part.json", "joined-part-2.json", "notes.yaml", "round-0001.json.exe"],
)  # fmt: skip
def test_other_names_are_not_passed_over(name: str) -> None:
    assert is_passing(name) is None
