"""A small study with two honest people, and strangers who write into its folder whatever they like."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.personal_records import (
    HalfRecord,
    ImpressionRecord,
    JoinRecord,
    PersonalRecord,
    UpdateRecord,
)
from fedflex_core.exchange.record import Payload
from fedflex_core.exchange.sealing import letter, seal_payload, sign
from fedflex_core.learning.factors import Model
from fedflex_core.study import aggregator as aggregator_module
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.halves import Row
from fedflex_core.study.helper import Helper, helper_keys
from fedflex_core.study.opened import OpenedStudy, pack_update
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results
from fedflex_core.study.secure_round import SecureRound
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

ARMS = ("svd", "bpr")
PEOPLE = ("anna", "ben")


@dataclass(frozen=True)
class Stage:
    """A study folder, everybody's private files beside it, and a folder that is no study's business."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "study"

    @property
    def outside(self) -> Path:
        return self.root / "outside"

    def home(self, who: str) -> Path:
        return self.root / who

    def copy(self, root: Path) -> "Stage":
        shutil.copytree(self.root, root)
        return Stage(root)

    @cached_property
    def study(self) -> OpenedStudy:
        return OpenedStudy.open(self.folder)

    @cached_property
    def people(self) -> dict[str, str]:
        """The honest people's numbers."""
        return {who: self.seat(who).id for who in PEOPLE}

    def seat(self, who: str) -> Participant:
        return Participant.take_seat(self.folder, self.home(who), np.random.default_rng(0))

    @property
    def is_distributed(self) -> bool:
        return self.study.record.helper is not None


def open_stage(
    root: Path,
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
    histories: Mapping[str, bytes],
) -> Stage:
    """A study whose two people have shared an update of each arm, and answered their first lists."""
    stage = Stage(root)
    keys = helper_keys(stage.home("helper")) if design.privacy.mode == "distributed" else None
    Aggregator.create(stage.folder, design, catalogue, embeddings, stage.home("aggregator"), keys)
    stage.outside.mkdir()
    for who, history in histories.items():
        seat = stage.seat(who)
        seat.watched.load(history)
        seat.train_and_share()
        for arm in ARMS:
            shown = seat.show(arm)
            seat.comparisons.click(shown, "A", 1 + len(who) % 3)
            seat.comparisons.finish(shown)
        seat.publish()
    return stage


@dataclass
class Seen:
    """What became of a round, and all that the researcher and the helper are told."""

    said: dict[str, str] = field(default_factory=dict)
    """Reason by what it is about: a file's name, or the number of who sent an update that was set aside."""
    more: int = 0
    models: dict[str, bytes] = field(default_factory=dict)
    updates: dict[str, dict[str, str]] = field(default_factory=dict)
    table: dict[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> tuple[object, ...]:
        """What must not change, whatever lies in the folder."""
        return self.models, self.updates, self.table


def fixed_noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape)


def play_round(stage: Stage) -> Seen:
    """Run a round as people do who look at everything, with noise that is the same each time."""
    aggregator, seen = Aggregator.open(stage.folder, stage.home("aggregator")), Seen()
    report = aggregator.study.report
    aggregator.study.folder.survey(report)
    if stage.is_distributed:
        aggregator.ask_helper()
        helper = Helper.open(stage.folder, stage.home("helper"))
        helper._noise = fixed_noise
        helper.answer(without_missing=True)
        assert helper.call() is None  # so all calls were looked at
        seen.said |= helper.study.report.ignored
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregator_module, "SecureRound", partial(SecureRound, noise=fixed_noise))
        record = aggregator.run_round()
    assert aggregator.study.current_round() == record
    for arm, made in record.arms.items():
        seen.models[arm] = (stage.folder / "aggregator" / made.model.name).read_bytes()
        seen.updates[arm] = made.updates
        seen.said |= {one.participant: one.reason for one in made.set_aside}
    results = study_results(aggregator)
    seen.said |= {**report.ignored, **dict(results.passed_over)}
    seen.table = {**dataclasses.asdict(results), "passed_over": None}
    seen.more = report.more
    return seen


class Stranger:
    """Somebody with keys of their own, who may have joined the study and keeps no rule of it."""

    def __init__(
        self, stage: Stage, identity: Identity | None = None, has_joined: bool = True
    ) -> None:
        self.stage = stage
        self.identity = identity or Identity.new()
        self.id = self.identity.public.id
        self.folder = stage.folder / "participants" / self.id
        self.aggregator = stage.study.record.aggregator
        self.current = stage.study.current_round()
        self.number = self.current.round + 1
        if has_joined:
            self.put("events/join.sealed", Stranger.letter(self, self.fields(JoinRecord)))

    def put(self, name: str, content: bytes) -> Path:
        """A file in this person's folder."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return place

    def fields(self, kind: type[PersonalRecord], **about: Any) -> dict[str, Any]:
        """A record of theirs as plain values, any of which may be changed."""
        me = {"study": self.stage.study.id, "participant": self.id, "keys": self.identity.public}
        values: dict[str, Any] = json.loads(kind.model_validate(me | about).model_dump_json())
        return values

    def letter(
        self, record: dict[str, Any] | bytes, signer: Identity | None = None, to: str = "aggregator"
    ) -> bytes:
        """A record, signed, padded and sealed as it should be."""
        signed = sign(as_bytes(record), signer or self.identity)
        return letter(signed, self.stage.study.readers[to])

    # An update for svd, right in everything but what is given.

    @property
    def model(self) -> Model:
        return self.stage.study.model(self.current, "svd")

    def update(self, factors: Any = None, bias: Any = None, report: Any = None) -> bytes:
        """An update before it is sealed; it changes nothing if nothing is given."""
        zero = self.model.scaled(0.0)
        factors = zero.item_factors if factors is None else factors
        return pack_update(Model(factors, zero.item_bias if bias is None else bias), report)

    def half(self) -> bytes:
        """A half as long as it must be."""
        study = self.stage.study
        row = Row(study.design, study.next_config(self.current, "svd"), self.model)
        return bytes(row.length * study.design.privacy.modulus_bits // 8)

    @property
    def update_name(self) -> str:
        return f"updates/svd-{self.number:04d}"

    def sealed(self, content: bytes, to: PublicKeys | None = None) -> bytes:
        """A payload, sealed as this person's for this round."""
        mark = UpdateRecord.mark_of(self.stage.study.id, self.id, "svd", self.number)
        return seal_payload(content, mark, to or self.aggregator)

    def update_fields(self, sealed: bytes, **changes: Any) -> dict[str, Any]:
        usual = self.fields(
            UpdateRecord,
            arm="svd",
            round=self.number,
            base_model=self.current.arms["svd"].model.sha256,
            update=Payload.of(f"{self.update_name}-tensors.sealed", sealed),
            noise_multiplier=self.stage.study.design.noise_multiplier_of(self.number),
            rounds_charged=tuple(range(1, self.number + 1)),
            pair="0" * 32 if self.stage.is_distributed else None,
        )
        return usual | changes

    def send(
        self,
        content: bytes | None = None,
        *,
        sealed: bytes | None = None,
        signer: Identity | None = None,
        **changes: Any,
    ) -> Path:
        """Send an update.

        Args:
            content: Of the payload, before it is sealed.
            sealed: The payload itself, if it is not made of ``content``.
            signer: Who signs the record, if somebody else does.
            changes: Of the record.

        Returns:
            Where the payload lies.
        """
        if content is None:
            content = self.half() if self.stage.is_distributed else self.update()
        if self.stage.is_distributed:
            self.send_half()
        sealed = self.sealed(content) if sealed is None else sealed
        letter = self.letter(self.update_fields(sealed, **changes), signer)
        self.put(f"{self.update_name}.sealed", letter)
        return self.put(f"{self.update_name}-tensors.sealed", sealed)

    def send_half(self, **changes: Any) -> Path:
        """Send the helper its half of the update."""
        base = self.current.arms["svd"].model.sha256
        about = {"arm": "svd", "round": 1, "base_model": base, "pair": "0" * 32, "seed": "0" * 64}
        record = self.fields(HalfRecord, **about) | changes
        return self.put("halves/svd-0001.sealed", self.letter(record, to="helper"))

    # Lists and clicks.

    def shown(self, **changes: Any) -> dict[str, Any]:
        """Lists that could have been shown."""
        items = [str(item) for item in self.stage.study.catalogue.items["item_id"]]
        lists = {"A": items[:5], "B": items[5:10]}
        return self.fields(ImpressionRecord, arm="svd", round=0, lists=lists, first="A") | changes

    def tell(self, record: dict[str, Any] | bytes, signer: Identity | None = None) -> str:
        """Publish an event where it belongs; how a report calls it."""
        signed = sign(as_bytes(record), signer or self.identity)
        name = f"events/{hashlib.sha256(signed).hexdigest()[:32]}.sealed"
        self.put(name, letter(signed, self.aggregator))
        return f"participants/{self.id}/{name}"


class Careless(Stranger):
    """Somebody who joined, and then seals what they send without signing it."""

    def letter(
        self, record: dict[str, Any] | bytes, signer: Identity | None = None, to: str = "aggregator"
    ) -> bytes:
        """A record, padded and sealed."""
        return letter(as_bytes(record), self.stage.study.readers[to])


def as_bytes(record: dict[str, Any] | bytes) -> bytes:
    return record if isinstance(record, bytes) else json.dumps(record).encode()
