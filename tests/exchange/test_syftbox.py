"""SyftBox: where each owner's folders lie, whose datasite is one's own, and who may read."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from fedflex_core.exchange.carriers import AGGREGATOR, HELPER, PARTICIPANTS, carrier_at
from fedflex_core.exchange.syftbox import NotADatasite, SyftBox

ID = "0123456789abcdef"
PERSON = f"{PARTICIPANTS}/{ID}"
ADA, BEN, CEM, DEE = "ada@uni.example", "ben@mail.example", "cem@mail.example", "dee@mail.example"
NOT_OWNERS = [
    "", ".", "..", "study", PARTICIPANTS, f"{PARTICIPANTS}/", f"{PARTICIPANTS}/..", f"/{PERSON}",
    f"{PERSON}/events", f"{PARTICIPANTS}/{ID.upper()}", f"{AGGREGATOR}/..", f"{PERSON}\n",
]  # fmt: skip

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A SyftBox with the researcher Ada, the helper Dee and two more people."""
    for email in (ADA, BEN, CEM, DEE):
        (tmp_path / "SyftBox" / "datasites" / email).mkdir(parents=True)
    return tmp_path / "SyftBox"


def study_of(root: Path, email: str = ADA, study: str = "films") -> Path:
    return root / "datasites" / email / "app_data" / "fedflex" / study


def folder(root: Path, email: str, owner: str) -> Path:
    place = study_of(root, email) / owner
    place.mkdir(parents=True)
    return place


def readers(leaf: Path) -> tuple[set[str], set[str]]:
    """Who may read a leaf by each of its two files; whatever else they grant is an error."""
    first: list[dict[str, Any]] = yaml.safe_load((leaf / "syftperm.yaml").read_text())
    assert all(rule["path"] == "**" and rule["permissions"] == ["read"] for rule in first)
    assert all(set(rule) == {"path", "user", "permissions"} for rule in first)
    second: dict[str, Any] = yaml.safe_load((leaf / "syft.pub.yaml").read_text())
    (rule,) = second["rules"]
    assert second["terminal"] is False and set(second) == {"terminal", "rules"}
    assert rule["pattern"] == "**" and rule["access"]["admin"] == rule["access"]["write"] == []
    return {rule["user"] for rule in first}, set(rule["access"]["read"])


# --- where things lie


def test_the_aggregator_is_read_from_the_researchers_datasite_alone(root: Path) -> None:
    folder(root, CEM, AGGREGATOR)  # planted
    box = carrier_at(study_of(root), "syftbox", BEN)
    assert box.places(AGGREGATOR) == [study_of(root) / AGGREGATOR]
    assert box.path == study_of(root)


def test_the_others_are_read_from_every_datasite_that_has_them(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    assert box.places(HELPER) == box.places(PERSON) == [] == box.participants()
    helpers = [folder(root, email, HELPER) for email in (ADA, DEE)]
    people = [folder(root, email, PERSON) for email in (BEN, CEM)]
    folder(root, DEE, f"{PARTICIPANTS}/{'f' * 16}")
    assert box.places(HELPER) == helpers
    assert box.places(PERSON) == people
    assert box.participants() == [ID, "f" * 16]


def test_other_studies_and_other_apps_are_not_looked_into(root: Path) -> None:
    (study_of(root, BEN, "books") / PERSON).mkdir(parents=True)
    (root / "datasites" / BEN / "app_data" / "other" / "films" / PERSON).mkdir(parents=True)
    (root / "datasites" / "not an e-mail" / "app_data" / "fedflex" / "films" / PERSON).mkdir(
        parents=True
    )
    box = SyftBox.at(study_of(root), BEN)
    assert box.participants() == box.places(PERSON) == []


@needs_links
def test_links_in_datasites_are_not_followed(root: Path, tmp_path: Path) -> None:
    real = folder(root, BEN, PERSON)
    (root / "datasites" / CEM / "app_data").symlink_to(root / "datasites" / BEN / "app_data")
    (root / "datasites" / "eve@mail.example").symlink_to(root / "datasites" / BEN)
    (root / "datasites" / DEE / "app_data" / "fedflex").mkdir(parents=True)
    study_of(root, DEE).symlink_to(study_of(root, BEN))
    box = SyftBox.at(study_of(root), BEN)
    assert box.places(PERSON) == [real]


@pytest.mark.parametrize("owner", NOT_OWNERS)
def test_no_other_folder_is_an_owner(owner: str, root: Path) -> None:
    box = SyftBox(study_of(root), ADA)
    with pytest.raises(ValueError, match="an owner is"):
        box.places(owner)
    with pytest.raises(ValueError, match="an owner is"):
        box.own(owner)


def test_one_writes_into_ones_own_datasite(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    assert box.own(PERSON) == study_of(root, BEN) / PERSON
    assert box.own(HELPER) == study_of(root, BEN) / HELPER
    assert SyftBox.at(study_of(root), ADA).own(AGGREGATOR) == study_of(root) / AGGREGATOR


def test_a_study_cannot_be_opened_in_another_persons_datasite(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    with pytest.raises(NotADatasite, match="another person's datasite"):
        box.own(AGGREGATOR)
    with pytest.raises(NotADatasite, match="another person's datasite"):
        box.prepare(study_of(root, BEN) / AGGREGATOR / "rounds")


def test_a_new_study_need_not_exist(root: Path) -> None:
    box = SyftBox.at(study_of(root, study="new"), ADA)
    assert box.is_there()
    box.prepare(box.own(AGGREGATOR) / "study")
    assert readers(study_of(root, study="new") / AGGREGATOR / "study") == ({"*"}, {"*"})


def test_an_absent_datasite_is_not_made(root: Path) -> None:
    box = SyftBox.at(study_of(root), "new@mail.example")
    assert not box.is_there()
    with pytest.raises(FileNotFoundError):
        box.prepare(box.own(PERSON) / "events")
    assert not (root / "datasites" / "new@mail.example").exists()


def test_ones_own_datasite_is_found_whatever_the_case_of_its_letters(root: Path) -> None:
    box = SyftBox.at(study_of(root, "Ada@Uni.example"), "ADA@uni.example")
    assert box.datasite == box.researcher == ADA
    assert box.own(AGGREGATOR) == study_of(root) / AGGREGATOR


def test_the_researcher_is_nobody_who_is_called_alike(root: Path) -> None:
    """Somebody may sign up under the researcher's address in other letters."""
    box = SyftBox.at(study_of(root, "Ada@uni.example"), BEN)
    box.prepare(box.own(PERSON) / "updates")
    assert readers(box.own(PERSON) / "updates") == ({"Ada@uni.example"}, {"Ada@uni.example"})


def test_a_relative_path_is_enough(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "datasites")
    box = SyftBox.at(study_of(Path(".."), ADA), BEN)
    assert box.own(PERSON) == study_of(root, BEN) / PERSON


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("datasites/ada@uni.example/app_data/fedflex", "another form"),
        ("datasites/ada@uni.example/app_data/fedflex/films/aggregator", "another form"),
        ("datasites/ada@uni.example/app_data/other/films", "another form"),
        ("datasites/ada@uni.example/public/fedflex/films", "another form"),
        ("sites/ada@uni.example/app_data/fedflex/films", "another form"),
        ("films", "another form"),
        ("datasites/ada/app_data/fedflex/films", "not an e-mail address"),
        ("datasites/ada@uni/app_data/fedflex/films", "not an e-mail address"),
        ("datasites/ada@uni.example/app_data/fedflex/the films", "study of this name"),
        ("datasites/ada@uni.example/app_data/fedflex/.films", "study of this name"),
        ("datasites/ada@uni.example/app_data/fedflex/Logs", "study of this name"),
    ],
)
def test_a_path_of_another_form_is_met_with_a_sentence(place: str, sentence: str) -> None:
    with pytest.raises(NotADatasite, match=sentence) as caught:
        SyftBox.at(f"/home/secret-name/{place}", BEN)
    assert "secret-name" not in str(caught.value) and "uni" not in str(caught.value)


@pytest.mark.parametrize(
    "email",
    ["", "*", "ben", "ben@mail", "@mail.example", "../x@mail.example", ".ben@mail.example",
     'ben"@mail.example', "ben@mail.example\n", "ben@mail.example, *", "ben@mail.example]",
     "ben@mail..example", "ben@mail.example.", "b en@mail.example", "bén@mail.example",
     "ben@mail.example/..", "ben#@mail.example", "{{ben}}@mail.example", f"{'b' * 65}@m.example"],
)  # fmt: skip
def test_nothing_can_be_slipped_into_an_access_file(email: str, root: Path) -> None:
    with pytest.raises(NotADatasite):
        SyftBox.at(study_of(root), email)
    with pytest.raises(NotADatasite):
        SyftBox(study_of(root, email), BEN)


# --- its settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("SYFTBOX_CLIENT_CONFIG_PATH", "SYFTBOX_CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def settings(place: Path, **values: Any) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (".syftbox/config.json", "data_dir"),
        (".config/syftbox/config.json", "data_dir"),
        (".syftbox/client_config.json", "sync_folder"),
    ],
)
def test_ones_own_email_is_read_from_the_settings(
    home: Path, root: Path, place: str, key: str
) -> None:
    settings(home / place, email=BEN, **{key: str(root)}, refresh_token="secret")
    assert SyftBox.at(study_of(root)).datasite == BEN


@pytest.mark.parametrize("variable", ["SYFTBOX_CLIENT_CONFIG_PATH", "SYFTBOX_CONFIG_PATH"])
def test_settings_may_lie_elsewhere(
    home: Path, root: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(home / ".syftbox" / "config.json", email=CEM, data_dir=str(root))
    settings(home / "box.json", email=BEN, data_dir=str(root))
    monkeypatch.setenv(variable, str(home / "box.json"))
    assert SyftBox.at(study_of(root)).datasite == BEN


def test_settings_of_another_folder_are_not_used(home: Path, root: Path) -> None:
    settings(home / ".syftbox" / "config.json", email=CEM, data_dir=str(home / "other"))
    with pytest.raises(NotADatasite, match="No settings of SyftBox for this folder") as caught:
        SyftBox.at(study_of(root))
    assert str(root) not in str(caught.value)
    settings(home / ".config" / "syftbox" / "config.json", email=BEN, data_dir=str(root))
    assert SyftBox.at(study_of(root)).datasite == BEN


def test_settings_without_a_folder_mean_the_usual_one(home: Path) -> None:
    settings(home / ".syftbox" / "config.json", email=BEN)
    assert SyftBox.at(study_of(home / "SyftBox")).datasite == BEN


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"{}", b'{"email": 3}', b'{"data_dir": 3}']
)
def test_broken_settings_are_no_settings(home: Path, root: Path, content: bytes) -> None:
    (home / ".syftbox").mkdir(parents=True)
    (home / ".syftbox" / "config.json").write_bytes(content)
    with pytest.raises(NotADatasite, match="give the e-mail"):
        SyftBox.at(study_of(root))


# --- who may read


def everything_in(root: Path) -> dict[str, bytes]:
    return {
        place.relative_to(root).as_posix(): place.read_bytes()
        for place in sorted(root.rglob("*"))
        if place.is_file()
    }


@pytest.mark.parametrize("owner", [AGGREGATOR, HELPER])
def test_all_may_read_the_aggregator_and_the_helper(root: Path, owner: str) -> None:
    box = SyftBox.at(study_of(root), ADA)
    box.prepare(box.own(owner) / "rounds")
    assert readers(study_of(root) / owner / "rounds") == ({"*"}, {"*"})


def test_the_researcher_may_read_a_participant(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    box.prepare(box.own(PERSON) / "updates")
    assert readers(box.own(PERSON) / "updates") == ({ADA}, {ADA})


def test_access_files_lie_in_leaves_only(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    box.prepare(box.own(PERSON) / "updates")
    here = f"datasites/{BEN}/app_data/fedflex/films/{PERSON}/updates"
    assert set(everything_in(root)) == {f"{here}/syftperm.yaml", f"{here}/syft.pub.yaml"}
    for place in (box.own(PERSON), box.own(PERSON).parent, root, box.own(PERSON) / ".." / "x",
                  study_of(root, CEM) / PERSON / "updates"):  # fmt: skip
        with pytest.raises(ValueError, match=r"leaf|subpath|an owner is"):
            box.prepare(place)


def test_a_trusted_helper_may_read_a_participant_too(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    leaf = box.own(PERSON) / "updates"
    box.prepare(leaf)
    box.trust_helper(folder(root, DEE, HELPER))
    assert readers(leaf) == ({ADA}, {ADA})
    box.prepare(leaf)
    assert readers(leaf) == ({ADA, DEE}, {ADA, DEE})


def test_a_planted_helper_may_read_nothing(root: Path) -> None:
    """Whoever reads participants' folders learns who takes part; a folder's name is no proof."""
    folder(root, CEM, HELPER)
    box = SyftBox.at(study_of(root), BEN)
    box.prepare(box.own(PERSON) / "updates")
    assert readers(box.own(PERSON) / "updates") == ({ADA}, {ADA})


def test_only_a_helpers_folder_can_be_trusted(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    for place in (
        folder(root, CEM, PERSON),
        study_of(root, CEM),
        study_of(root, CEM, "b") / HELPER,
    ):
        with pytest.raises(ValueError, match="not a helper's folder"):
            box.trust_helper(place)


def test_access_files_are_left_alone_while_they_are_right(root: Path) -> None:
    """Carriers lose what is replaced in quick succession."""
    box = SyftBox.at(study_of(root), BEN)
    leaf = box.own(PERSON) / "updates"
    box.prepare(leaf)
    before = [(place, place.stat().st_mtime_ns, place.stat().st_ino) for place in leaf.iterdir()]
    box.prepare(leaf)
    assert before == [(p, p.stat().st_mtime_ns, p.stat().st_ino) for p in leaf.iterdir()]


def test_a_changed_or_lost_access_file_is_put_right(root: Path) -> None:
    box = SyftBox.at(study_of(root), BEN)
    leaf = box.own(PERSON) / "updates"
    box.prepare(leaf)
    (leaf / "syftperm.yaml").write_text("- {path: '**', user: '*', permissions: [read]}\n")
    (leaf / "syft.pub.yaml").unlink()
    box.prepare(leaf)
    assert readers(leaf) == ({ADA}, {ADA})


def test_an_access_file_is_whole_or_as_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = SyftBox.at(study_of(root), BEN)
    leaf = box.own(PERSON) / "updates"
    box.prepare(leaf)
    before = everything_in(root)
    box.trust_helper(folder(root, DEE, HELPER))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        box.prepare(leaf)
    assert everything_in(root) == before
