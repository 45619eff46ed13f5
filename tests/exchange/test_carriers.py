"""Carriers: where each owner's folders lie in a plain folder, and what no carrier does."""

import os
from pathlib import Path

import pytest

from fedflex_core.exchange.carriers import (
    AGGREGATOR,
    HELPER,
    PARTICIPANTS,
    Carrier,
    PlainFolder,
    carrier_at,
)
from fedflex_core.exchange.syftbox import NotADatasite

ID = "0123456789abcdef"
PERSON = f"{PARTICIPANTS}/{ID}"
NOT_OWNERS = [
    "", ".", "..", "study", PARTICIPANTS, f"{PARTICIPANTS}/", f"{PARTICIPANTS}/..", f"/{PERSON}",
    f"{PERSON}/events", f"{PARTICIPANTS}/{ID.upper()}", f"{AGGREGATOR}/..", f"{PERSON}\n",
]  # fmt: skip

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


def test_a_plain_folder_has_one_place_for_each_owner(tmp_path: Path) -> None:
    carrier = carrier_at(tmp_path)
    for owner in (AGGREGATOR, HELPER, PERSON):
        assert carrier.places(owner) == [tmp_path / owner] == [carrier.own(owner)]
    assert isinstance(carrier, PlainFolder) and carrier.path == tmp_path


def test_preparing_a_plain_folder_writes_nothing(tmp_path: Path) -> None:
    carrier = carrier_at(tmp_path)
    carrier.prepare(carrier.own(AGGREGATOR) / "rounds")
    carrier.trust_helper(carrier.own(HELPER))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    carrier = carrier_at(tmp_path / "drive")
    assert not carrier.is_there()
    assert carrier.participants() == []
    assert not (tmp_path / "drive").exists()
    (tmp_path / "drive").mkdir()
    assert carrier.is_there()


def test_participants_are_folders_of_random_ids(tmp_path: Path) -> None:
    ids = ["f" * 64, ID, "a" * 16]
    for name in (*ids, "a" * 15, "a" * 65, "A" * 16, f"{ID}.conflict", ".stfolder", "g" * 16):
        (tmp_path / PARTICIPANTS / name).mkdir(parents=True)
    (tmp_path / PARTICIPANTS / ("b" * 16)).touch()
    assert carrier_at(tmp_path).participants() == sorted(ids)


@needs_links
def test_links_are_not_participants(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / ID).mkdir(parents=True)
    (tmp_path / "first" / PARTICIPANTS).mkdir(parents=True)
    (tmp_path / "first" / PARTICIPANTS / ID).symlink_to(tmp_path / "elsewhere" / ID)
    assert carrier_at(tmp_path / "first").participants() == []
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / PARTICIPANTS).symlink_to(tmp_path / "elsewhere")
    assert carrier_at(tmp_path / "second").participants() == []


@pytest.mark.parametrize("owner", NOT_OWNERS)
def test_no_other_folder_is_an_owner(owner: str, tmp_path: Path) -> None:
    carrier = carrier_at(tmp_path)
    with pytest.raises(ValueError, match="an owner is"):
        carrier.places(owner)
    with pytest.raises(ValueError, match="an owner is"):
        carrier.own(owner)


def test_an_email_with_a_plain_folder_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(NotADatasite, match="came with a plain folder"):
        carrier_at(tmp_path, datasite="ben@mail.example")
    with pytest.raises(ValueError, match="on SyftBox"):
        carrier_at(tmp_path, "floppy")  # type: ignore[arg-type]


def test_a_carrier_is_one_of_two() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Carrier("study")  # type: ignore[abstract]
