"""An invitation: which study is meant, and what is no invitation."""

import json
from pathlib import Path

import pytest

from fedflex_core.exchange.invitation import BadInvitation, Invitation, WrongStudy, new_token
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.public_records import StudyRecord
from fedflex_core.exchange.record import Payload

STUDY = "0" * 16
AGGREGATOR = Identity.new().public


def study(**changes: object) -> StudyRecord:
    values = {
        "study": STUDY,
        "aggregator": AGGREGATOR,
        "design": {},
        "catalogue": Payload.of("study/catalogue.csv", b"x"),
        "embeddings": Payload.of("study/embeddings.safetensors", b"x"),
    }
    return StudyRecord.model_validate(values | changes)


def invitation(**changes: object) -> Invitation:
    values = {"study": STUDY, "fingerprint": AGGREGATOR.fingerprint}
    return Invitation.model_validate(values | changes)


@pytest.mark.parametrize("token", [None, "f" * 32])
def test_it_reads_back_the_same(token: str | None, tmp_path: Path) -> None:
    made = invitation(token=token)
    (tmp_path / "invitation.json").write_bytes(made.to_bytes())
    assert (
        Invitation.read(tmp_path / "invitation.json") == Invitation.parse(made.to_bytes()) == made
    )
    assert ("token" in json.loads(made.to_bytes())) == (token is not None)


def test_the_study_that_is_meant_is_recognised() -> None:
    invitation().check(study())
    invitation(token="f" * 32).check(study(design={"name": "Pilot"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"study": "1" * 16},
        {"aggregator": Identity.new().public},
        {"aggregator": AGGREGATOR.model_copy(update={"box": Identity.new().public.box})},
        {"aggregator": AGGREGATOR.model_copy(update={"verify": Identity.new().public.verify})},
    ],
    ids=["number", "keys", "another reader", "another signer"],
)
def test_another_study_is_noticed(changes: dict[str, object]) -> None:
    """Put into the folder by somebody who can write there; it may call itself as the right one does."""
    with pytest.raises(WrongStudy, match="Nothing was shared"):
        invitation().check(study(**changes))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        invitation().to_bytes()[:40],
        b'{"fedflex_invitation": 1, "study": "0000000000000000"}',
        json.dumps(json.loads(invitation().to_bytes()) | {"fedflex_invitation": 2}).encode(),
        json.dumps(json.loads(invitation().to_bytes()) | {"study": "../../x"}).encode(),
        json.dumps(json.loads(invitation().to_bytes()) | {"fingerprint": "a" * 63}).encode(),
        json.dumps(json.loads(invitation().to_bytes()) | {"token": "short"}).encode(),
        json.dumps(json.loads(invitation().to_bytes()) | {"secret": "words"}).encode(),
    ],
)
def test_what_is_no_invitation_is_met_with_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "invitation.json").write_bytes(content)
    for read in (
        lambda: Invitation.parse(content),
        lambda: Invitation.read(tmp_path / "invitation.json"),
    ):
        with pytest.raises(BadInvitation, match="Ask for it again") as caught:
            read()
        assert "secret" not in str(caught.value) and ".." not in str(caught.value)


def test_a_file_that_is_not_there_or_a_folder_is_met_with_a_sentence(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(BadInvitation, match="Check its path") as caught:
            Invitation.read(place)
        assert str(tmp_path) not in str(caught.value)


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "huge.json", "wb") as file:
        file.truncate(20_000_000_000)
    with pytest.raises(BadInvitation):
        Invitation.read(tmp_path / "huge.json")


def test_tokens_cannot_be_guessed() -> None:
    tokens = [new_token() for _ in range(100)]
    assert len(set(tokens)) == 100
    assert all(len(bytes.fromhex(token)) >= 16 for token in tokens)
