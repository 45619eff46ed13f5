"""Opening a study: its description, its items and its round 0, written once."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import AGGREGATOR, Carrier
from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.exchange.outbox import (
    CannotWrite,
    Outbox,
    delete_private,
    read_private,
    write_private,
)
from fedflex_core.exchange.passing import is_passing
from fedflex_core.exchange.public_records import ArmRound, RoundRecord, StudyRecord
from fedflex_core.exchange.record import MAX_FILE_BYTES, Payload
from fedflex_core.learning.factors import Model
from fedflex_core.learning.privacy import Mode
from fedflex_core.learning.public_start import public_start
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.home import home_folder, private_folder
from fedflex_core.study.opened import pack_model
from fedflex_core.study.seat import identity_in
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.catalogue.facts import facts
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, pack_embeddings

__all__ = ["NoHelper", "UnfitCatalogue", "model_name", "open_study", "put_back", "round_zero"]

_PLACE = "place"
"""Private file that says in which folder the study was opened."""
_ITEMS, _TEXTS = "study/catalogue.csv", "study/embeddings.safetensors"


class NoHelper(FedFlexError):
    """The study's privacy and its helper do not go together."""


class UnfitCatalogue(FedFlexError):
    """A study cannot be made of these items."""


def model_name(number: int, arm: str) -> str:
    """An arm's global model of a round, below the aggregator's folder."""
    return f"rounds/round-{number:04d}-{arm}.safetensors"


def open_study(
    carrier: Carrier,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
    home: Path | None,
    helper: PublicKeys | None = None,
) -> Path:
    """Write a new study with its round 0 onto ``carrier``.

    Returns:
        The private folder of its aggregator, with the keys that alone may run its rounds.

    Raises:
        CannotWrite: The folder cannot be made or written.
        UnfitCatalogue: The embeddings are of other items, or the files would be too large to carry.
        NoHelper: The noise is to be added in shares, and nobody is named to sum the other half; or
            somebody is, and has nothing to do.
    """
    _check_items(catalogue, embeddings, design)
    _check_helper(design, helper)
    study_id = secrets.token_hex(8)
    private = private_folder(study_id, "aggregator", home)
    identity = identity_in(private)
    _make_folder(carrier.path)
    outbox = Outbox(private / "outbox", carrier, AGGREGATOR, identity)
    _commit_study(
        outbox, study_id, identity.public, helper, design.settled(), catalogue, embeddings
    )
    _commit_start(outbox, study_id, design, catalogue, embeddings)
    _note_place(private, carrier, home)
    outbox.publish()
    return private


def put_back(carrier: Carrier, home: Path | None) -> bool:
    """Publish a study that was opened here and is not whole in its folder.

    A crash may have cut its opening short, or a carrier may have lost its description; whoever opened it has
    the originals.

    Returns:
        Whether one was opened just there, from this home.

    Raises:
        CannotWrite: The folder cannot be written.
    """
    (folder,) = carrier.places(AGGREGATOR)
    for private in _opened_at(carrier, home):
        if folder.is_dir() and not _has_another(folder, private / "outbox"):
            Outbox(private / "outbox", carrier, AGGREGATOR, identity_in(private)).publish()
            return True
    return False


def _has_another(folder: Path, outbox: Path) -> bool:
    """Whether there are records of another study in a folder, whole or half copied."""
    return any(
        not _is_start_of(place, read_private(outbox / place.relative_to(folder)) or b"")
        for place in folder.rglob("*.json")
        if is_passing(place.name) is None
    )


def _is_start_of(place: Path, content: bytes) -> bool:
    if place.is_symlink() or not place.is_file():
        return False
    with open(place, "rb") as file:
        return content.startswith(file.read(len(content) + 1))


def _opened_at(carrier: Carrier, home: Path | None) -> list[Path]:
    """Private folders of studies that were opened in this folder; one at most."""
    here = _place_of(carrier)
    notes = (home or home_folder()).glob(f"studies/*/aggregator/{_PLACE}")
    return [note.parent for note in notes if read_private(note) == here]


def _note_place(private: Path, carrier: Carrier, home: Path | None) -> None:
    for earlier in _opened_at(carrier, home):  # that folder was emptied since
        delete_private(earlier / _PLACE)
    write_private(private / _PLACE, _place_of(carrier))


def _place_of(carrier: Carrier) -> bytes:
    return os.path.realpath(carrier.path).encode("utf-8", "surrogateescape")


def _check_helper(design: StudyDesign, helper: PublicKeys | None) -> None:
    if (design.privacy.mode is Mode.DISTRIBUTED) != (helper is not None):
        raise NoHelper(
            "A helper is named for a study that needs none."
            if helper
            else "Noise is to be added in shares, and no helper is named.",
            "A helper's public keys in distributed mode, and only there.",
            "Somebody who does not work with you runs `fedflex helper --keys FILE` and sends you that file.",
        )


def _check_items(
    catalogue: Catalogue, embeddings: CatalogueEmbeddings, design: StudyDesign
) -> None:
    if embeddings.catalogue_hash != catalogue.content_hash or len(embeddings.title) != len(
        catalogue
    ):
        raise UnfitCatalogue(
            "The embeddings were made from another catalogue.",
            "Embeddings of just these series, in this order.",
            "Embed the catalogue again.",
        )
    model_bytes = 4 * len(catalogue) * (design.embedding_size + 1) + 1000
    sizes = (len(catalogue.to_bytes()), len(pack_embeddings(embeddings)), model_bytes)
    if max(sizes) > MAX_FILE_BYTES:
        raise UnfitCatalogue(
            f"A catalogue of {len(catalogue):,} series makes a file of {max(sizes) / 1e6:.0f} MB.",
            "At most 8 MB a file, which every sync program carries: about 5,000 series.",
            "Leave series out that nobody here can watch, or choose a smaller embedding_size.",
        )
    if len(catalogue) < 2 * design.lists.length:
        raise UnfitCatalogue(
            f"The catalogue has {len(catalogue)} series.",
            f"At least {2 * design.lists.length}, for lists of {design.lists.length}.",
            "Use a larger catalogue.",
        )


def _commit_study(
    outbox: Outbox,
    study_id: str,
    aggregator: PublicKeys,
    helper: PublicKeys | None,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
) -> None:
    items = catalogue.to_bytes()
    texts = pack_embeddings(embeddings)
    record = StudyRecord(
        study=study_id,
        aggregator=aggregator,
        helper=helper,
        design=json.loads(design.model_dump_json()),
        catalogue=Payload.of(_ITEMS, items),
        embeddings=Payload.of(_TEXTS, texts),
    )
    outbox.commit(record, {_ITEMS: items, _TEXTS: texts})


def _commit_start(
    outbox: Outbox,
    study_id: str,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
) -> None:
    content = pack_model(round_zero(design, catalogue, embeddings))
    payloads = {arm: Payload.of(model_name(0, arm), content) for arm in design.arm_names}
    record = RoundRecord(
        study=study_id,
        round=0,
        arms={arm: ArmRound(model=payload) for arm, payload in payloads.items()},
    )
    outbox.commit(record, {payload.name: content for payload in payloads.values()})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            "The study's folder cannot be made.",
            "A place that you may write to.",
            "Choose another folder.",
        ) from error


def round_zero(design: StudyDesign, catalogue: Catalogue, embeddings: CatalogueEmbeddings) -> Model:
    """The global model that every arm of a study begins with, from public facts alone."""
    return public_start(
        embeddings.text,
        catalogue.popularity,
        design.embedding_size,
        design.public_start,
        facts(catalogue),
    )
