"""A study as everyone can read it: its design, its items, its rounds and its models."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fedflex_core.exchange.carriers import AGGREGATOR, Carrier
from fedflex_core.exchange.folder import FolderReport, NoStudy, StudyFolder
from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.exchange.public_records import RoundRecord, StudyRecord
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.tensors import pack_tensors, unpack_tensors
from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.study.design import StudyDesign
from fedflex_core.viewing.catalogue import Catalogue, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, load_embeddings

__all__ = ["OpenedStudy", "pack_model", "pack_update", "unpack_model", "unpack_update"]


_MOST_LINES = 100_000
"""A study has some thousand series, synopses of several lines among them; a stranger's may have millions."""
_LARGEST = 1e6
"""No entry of a model is larger; what is, would overflow in learning."""


def pack_model(model: Model) -> bytes:
    """A model or an update as safetensors bytes."""
    return pack_update(model, None)


def unpack_model(content: bytes) -> Model:
    """A model or an update from safetensors bytes.

    Raises:
        BadRecord: Not safetensors, or other tensors than a model's two.

    >>> model = Model(np.zeros((2, 1), np.float32), np.ones(2, np.float32))
    >>> unpack_model(pack_model(model)).item_bias.tolist()
    [1.0, 1.0]
    """
    return _model_of(unpack_tensors(content))


def _model_of(tensors: dict[str, npt.NDArray[Any]]) -> Model:
    if set(tensors) != {"item_bias", "item_factors"}:
        raise BadRecord("it holds other tensors than item_factors and item_bias")
    return Model(tensors["item_factors"], tensors["item_bias"])


def pack_update(update: Update, report: FloatArray | None) -> bytes:
    """An update as safetensors bytes, with the report that goes with it where the study has groups."""
    tensors = {"item_bias": update.item_bias, "item_factors": update.item_factors}
    return pack_tensors(tensors if report is None else tensors | {"report": report})


def unpack_update(content: bytes) -> tuple[Update, FloatArray | None]:
    """An update and its report, if there is one, from safetensors bytes.

    Raises:
        BadRecord: Not safetensors, or other tensors than a model's two and a report.

    >>> update = Model(np.zeros((2, 1), np.float32), np.ones(2, np.float32))
    >>> unpack_update(pack_update(update, np.ones((2, 2), np.float32)))[1].tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    tensors = unpack_tensors(content)
    report = tensors.pop("report", None)
    return _model_of(tensors), report


@dataclass(frozen=True)
class OpenedStudy:
    """A study folder whose first files were read and checked.

    Attributes:
        folder: The shared folder.
        record: The study's record.
        design: Its parameters.
        catalogue: Its items, a copy of its own that cannot shift under it.
        embeddings: Of title and of text, rows in the catalogue's order.
        report: Files that were passed over, and why.
    """

    folder: StudyFolder
    record: StudyRecord
    design: StudyDesign
    catalogue: Catalogue
    embeddings: CatalogueEmbeddings
    report: FolderReport = field(default_factory=FolderReport)

    @classmethod
    def open(cls, at: Carrier | str | os.PathLike[str]) -> OpenedStudy:
        """Open the study in the folder ``at``, or on the carrier ``at``.

        Raises:
            NoStudy: Missing, half copied, unreadable, or of another version.
            BadDesign: The design is not one that this version knows.
            BadEmbeddings: The embeddings are those of another catalogue.
        """
        folder = StudyFolder(at)
        record = folder.study()
        try:
            items = folder.payload(AGGREGATOR, record.catalogue)
            if items.count(b"\n") > _MOST_LINES:
                raise BadRecord("its catalogue has more lines than any study's")
            catalogue = read_catalogue(items)
            texts = folder.payload(AGGREGATOR, record.embeddings)
            embeddings = load_embeddings(texts, catalogue)
        except BadRecord as error:
            raise NoStudy(
                f"The study has not finished copying: {error}.",
                "A study folder with its catalogue.",
                "Wait until your sync program is done, then try again.",
            ) from None
        return cls(folder, record, StudyDesign.parse(record.design), catalogue, embeddings)

    @property
    def id(self) -> str:
        """The study's random id."""
        return self.record.study

    @property
    def readers(self) -> dict[str, PublicKeys]:
        """Whom participants' letters are sealed to."""
        helper = self.record.helper
        return {"aggregator": self.record.aggregator} | ({"helper": helper} if helper else {})

    def rounds(self) -> list[RoundRecord]:
        """All rounds here, round 0 first, up to the first one that is missing."""
        signed = self.folder.published(
            AGGREGATOR, RoundRecord, self.id, self.record.aggregator, self.report
        )
        found = {record.round: record for record in signed if self._fits(record)}
        complete: list[RoundRecord] = []
        while len(complete) in found:
            complete.append(found[len(complete)])
        return complete

    def _fits(self, record: RoundRecord) -> bool:
        """Whether a round has this study's arms, and a weight for each of its groups or none at all."""
        groups = self.design.fairness.groups if self.design.fairness else 0
        weights = [arm.group_weights for arm in record.arms.values()]
        return set(record.arms) == set(self.design.arm_names) and all(
            one is None or len(one) == groups for one in weights
        )

    def next_config(self, record: RoundRecord, arm: str) -> AggregationConfig:
        """The settings of the round after ``record``, in one arm."""
        return self.design.round_config(record.round + 1, record.arms[arm].group_weights)

    def current_round(self) -> RoundRecord:
        """The newest round whose models have all arrived.

        Raises:
            NoStudy: Not even round 0 has arrived.
        """
        for record in reversed(self.rounds()):
            try:
                for arm in record.arms:
                    self.model(record, arm)
            except BadRecord as error:
                self.report.ignore(f"{AGGREGATOR}/{record.name}", str(error))
                continue
            return record
        self.folder.study()  # says so where the whole folder has gone
        raise NoStudy(
            "The study's first models have not arrived.",
            "The models of round 0.",
            "Wait until your sync program is done, then try again.",
        )

    def model(self, record: RoundRecord, arm: str) -> Model:
        """One arm's global model of a round.

        Raises:
            BadRecord: It is not here, still arriving, or not a model of this study's shape.
        """
        model = unpack_model(self.folder.payload(AGGREGATOR, record.arms[arm].model))
        shape = (len(self.catalogue), self.design.embedding_size)
        if {model.item_factors.dtype, model.item_bias.dtype} != {np.dtype(np.float32)}:
            raise BadRecord("the model holds other numbers than float32")
        if model.item_factors.shape != shape or model.item_bias.shape != shape[:1]:
            raise BadRecord("the model has another shape than the study")
        largest = max(np.abs(model.item_factors).max(), np.abs(model.item_bias).max())
        if not np.isfinite(largest):
            raise BadRecord("the model holds a number that is not finite")
        if largest > _LARGEST:
            raise BadRecord("the model holds a number that no study learns")
        return model
