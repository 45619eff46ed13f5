"""The honest studies that rubbish is planted into, each made once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from ..study.conftest import catalogue, embeddings, export  # noqa: F401
from ..worlds import TITLES
from .plantings import fill
from .stage import Seen, Stage, open_stage, play_round


@dataclass(frozen=True)
class Honest:
    """A study before its first round, and what that round comes to."""

    stage: Stage
    seen: Seen


def _made(
    temporary: pytest.TempPathFactory,
    mode: str,
    items: Catalogue,
    texts: CatalogueEmbeddings,
) -> Honest:
    design = StudyDesign(
        name="Small", rounds=2, min_updates=2, embedding_size=4, privacy=PrivacyDesign(mode=mode)
    )
    histories = {"anna": export(*TITLES[:3]), "ben": export(*TITLES[8:12])}
    root = temporary.mktemp(mode)
    stage = open_stage(root / "honest", design, items, texts, histories)
    stage.people  # noqa: B018 - known before anything is copied
    return Honest(stage, play_round(stage.copy(root / "round")))


@pytest.fixture(scope="session")
def heap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of bombs and other rubbish."""
    place = tmp_path_factory.mktemp("heap")
    fill(place)
    return place


@pytest.fixture(scope="session")
def plain(
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,  # noqa: F811
    embeddings: CatalogueEmbeddings,  # noqa: F811
) -> Honest:
    return _made(tmp_path_factory, "off", catalogue, embeddings)


@pytest.fixture(scope="session")
def distributed(
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,  # noqa: F811
    embeddings: CatalogueEmbeddings,  # noqa: F811
) -> Honest:
    return _made(tmp_path_factory, "distributed", catalogue, embeddings)
