"""Opening a study: its description, its items and its round 0, written once."""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.folder import AGGREGATOR
from fedflex_core.exchange.outbox import CannotWrite, Outbox, write_private
from fedflex_core.exchange.protocol import (
    MAX_FILE_BYTES,
    ArmRound,
    Payload,
    RoundRecord,
    StudyRecord,
)
from fedflex_core.learning.factors import Model
from fedflex_core.learning.public_start import public_start
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.home import private_folder
from fedflex_core.study.opened import pack_model
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.catalogue.facts import facts
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, pack_embeddings

__all__ = ["UnfitCatalogue", "model_name", "open_study", "round_zero"]


class UnfitCatalogue(FedFlexError):
    """A study cannot be made of these items."""


def model_name(number: int, arm: str) -> str:
    """An arm's global model of a round, below the aggregator's folder."""
    return f"rounds/round-{number:04d}-{arm}.safetensors"


def open_study(
    folder: Path,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
    home: Path | None,
) -> Path:
    """Write a new study with its round 0 into ``folder``.

    Returns:
        The private folder of its aggregator, with the token that alone may run its rounds.

    Raises:
        CannotWrite: The folder cannot be made or written.
        UnfitCatalogue: The embeddings are of other items, or the files would be too large to carry.
    """
    _check_items(catalogue, embeddings, design)
    study_id, token = secrets.token_hex(8), secrets.token_hex(32)
    private = private_folder(study_id, "aggregator", home)
    write_private(private / "token", token.encode())
    _make_folder(folder)
    outbox = Outbox(private / "outbox", folder, AGGREGATOR)
    _commit_study(outbox, study_id, token, design.settled(), catalogue, embeddings)
    _commit_start(outbox, study_id, design, catalogue, embeddings)
    outbox.publish()
    return private


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
    token: str,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
) -> None:
    items = catalogue.to_bytes()
    texts = pack_embeddings(embeddings)
    record = StudyRecord(
        study=study_id,
        aggregator=hashlib.sha256(token.encode()).hexdigest(),
        design=json.loads(design.model_dump_json()),
        catalogue=Payload.of("catalogue.csv", items),
        embeddings=Payload.of("embeddings.safetensors", texts),
    )
    outbox.commit(record, {"catalogue.csv": items, "embeddings.safetensors": texts})


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
