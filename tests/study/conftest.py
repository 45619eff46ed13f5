"""A small made-up study: twenty series, in memory and on disk; what its people send, and forgeries of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import PersonalRecord, UpdateRecord
from fedflex_core.exchange.protocol import parse_record
from fedflex_core.exchange.record import Payload
from fedflex_core.exchange.sealing import (
    letter,
    letter_content,
    payload_content,
    seal_payload,
    sign,
    unsigned,
)
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from ..worlds import export_of, small_catalogue, small_embeddings


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return small_catalogue()


@pytest.fixture(scope="session")
def embeddings(catalogue: Catalogue) -> CatalogueEmbeddings:
    return small_embeddings(catalogue)


@pytest.fixture
def design() -> StudyDesign:
    return StudyDesign(
        name="Small", rounds=2, min_updates=1, embedding_size=4, privacy=PrivacyDesign(mode="off")
    )


@pytest.fixture(scope="session")
def opened(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> Callable[[StudyDesign], Path]:
    """A folder with a study of a design and its aggregator's home; made once, and to be copied."""
    made: dict[str, Path] = {}

    def make(design: StudyDesign) -> Path:
        described = design.model_dump_json()
        if described not in made:
            made[described] = place = tmp_path_factory.mktemp("opened")
            home = place / "aggregator-home"
            Aggregator.create(place / "study", design, catalogue, embeddings, home)
        return made[described]

    return make


@pytest.fixture
def open_study(
    tmp_path: Path, opened: Callable[[StudyDesign], Path]
) -> Callable[[StudyDesign], Aggregator]:
    def make(design: StudyDesign) -> Aggregator:
        for name in ("study", "aggregator-home"):
            shutil.copytree(opened(design) / name, tmp_path / name)
        return Aggregator.open(tmp_path / "study", tmp_path / "aggregator-home")

    return make


@pytest.fixture
def aggregator(open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign) -> Aggregator:
    return open_study(design)


def export(*series: str, episodes: int = 3) -> bytes:
    """An export in which every series was watched on three days running."""
    return export_of(dict.fromkeys(series, episodes))


@pytest.fixture
def take_seat(tmp_path: Path, aggregator: Aggregator) -> Callable[..., Participant]:
    """Seat somebody who watched the given series."""

    def seat(name: str, *series: str) -> Participant:
        participant = Participant.take_seat(
            aggregator.study.folder.path, tmp_path / name, np.random.default_rng(0)
        )
        if series:
            participant.watched.load(export(*series))
        return participant

    return seat


# What a participant has sent, as their aggregator reads it.


def folder_of(participant: Participant) -> Path:
    """Where a participant's files lie in the study folder."""
    return participant.study.folder.path / "participants" / participant.id


def shared_files(participant: Participant) -> list[Path]:
    return [place for place in sorted(folder_of(participant).rglob("*")) if place.is_file()]


def sent(aggregator: Aggregator, participant: Participant, kind: type[PersonalRecord]) -> list:
    """Records of one kind, each checked as every reader checks it."""
    study = aggregator.study
    return list(study.folder.sealed(participant.id, kind, study.id, aggregator.identity))


def sent_update(
    aggregator: Aggregator, participant: Participant, arm: str = "svd", number: int = 1
) -> UpdateRecord:
    records = sent(aggregator, participant, UpdateRecord)
    (found,) = [one for one in records if (one.arm, one.round) == (arm, number)]
    return found


def sent_tensors(
    aggregator: Aggregator, participant: Participant, arm: str = "svd", number: int = 1
) -> bytes:
    """The update itself, opened."""
    payload = sent_update(aggregator, participant, arm, number).update
    owner = f"participants/{participant.id}"
    mark = sent_update(aggregator, participant, arm, number).mark
    sealed = aggregator.study.folder.payload(owner, payload)
    return payload_content(sealed, mark, aggregator.identity)


def sent_letters(aggregator: Aggregator, participant: Participant) -> dict[Path, Any]:
    """Every record by its file, opened without any check."""
    found = {}
    for place in shared_files(participant):
        if not place.stem.endswith("-tensors"):
            signed = letter_content(place.read_bytes(), aggregator.identity)
            found[place] = parse_record(unsigned(signed))
    return found


def as_read(aggregator: Aggregator, folder: Path) -> dict[Path, bytes]:
    """Files by their places: public ones as they lie there, sealed ones as the aggregator opens them."""
    found = {}
    for place in folder.rglob("*"):
        if place.is_file():
            content = place.read_bytes()
            opened = aggregator.identity.opened(content) if place.suffix == ".sealed" else content
            assert opened is not None, place.name
            found[place] = opened
    return found


# What a participant could send who does not keep to the rules.


def identity_of(participant: Participant) -> Identity:
    return participant._seat.identity


def put(participant: Participant, record: PersonalRecord, signer: Identity | None = None) -> Path:
    """Write a record into the participant's folder, by their own keys unless others are given."""
    signed = sign(record.to_bytes(), signer or identity_of(participant))
    place = folder_of(participant) / record.place(signed)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(letter(signed, participant.study.record.aggregator))
    return place


def changed(record: PersonalRecord, **changes: object) -> Any:
    """The same record with other values, checked by its schema."""
    values = json.loads(record.model_dump_json()) | changes
    return type(record).model_validate(values)


def resend(
    aggregator: Aggregator,
    participant: Participant,
    arm: str = "svd",
    number: int = 1,
    content: bytes | None = None,
    **changes: object,
) -> UpdateRecord:
    """Put another update in the place of one that was sent, rightly signed and sealed.

    Args:
        content: Other tensors, safetensors bytes; the record vouches for them.
        changes: Other values of the record.
    """
    record = sent_update(aggregator, participant, arm, number)
    if content is not None:
        sealed = seal_payload(content, record.mark, participant.study.record.aggregator)
        (folder_of(participant) / record.update.name).write_bytes(sealed)
        record = record.model_copy(update={"update": Payload.of(record.update.name, sealed)})
    record = changed(record, **changes)
    put(participant, record)
    return record


def resend_event(
    aggregator: Aggregator, participant: Participant, event: PersonalRecord, **changes: object
) -> None:
    """Put a changed event in the place of one that was sent; its file has another name then."""
    letters = sent_letters(aggregator, participant).items()
    (place,) = [place for place, record in letters if record == event]
    place.unlink()
    put(participant, changed(event, **changes))
