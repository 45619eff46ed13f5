"""A small made-up study: twelve series, in memory and on disk."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

GENRES = ("Drama", "Comedy", "Crime")
TITLES = (
    "Amber Coast", "Blue Harbour", "Cold Ledger", "Dust Orchard", "Every Tuesday", "Far Signal",
    "Glass Parade", "Hollow Pines", "Iron Lullaby", "June Parlour", "Kite Season", "Low Tide Club",
    "Marble Run", "North Arcade", "Oak Street", "Paper Kings", "Quiet Engine", "Red Almanac",
    "Salt Theatre", "Tin Forest",
)  # fmt: skip


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    rows = "\n".join(
        f"{title},{GENRES[place % 3]},{1000 * (place + 1)}" for place, title in enumerate(TITLES)
    )
    return read_catalogue(f"title,genres,imdb_votes\n{rows}\n".encode())


@pytest.fixture(scope="session")
def embeddings(catalogue: Catalogue) -> CatalogueEmbeddings:
    """Unit vectors that lie near those of the same genre."""
    rows = []
    for title, genres in zip(catalogue.titles, catalogue.genres, strict=True):
        rng = np.random.default_rng(zlib.crc32(title.encode()))
        row = rng.normal(0, 0.5, 384) / np.sqrt(384)
        row[GENRES.index(genres[0])] += 1.0
        rows.append(row / np.linalg.norm(row))
    made = np.array(rows, np.float32)
    return CatalogueEmbeddings(title=made, text=made, catalogue_hash=catalogue.content_hash)


@pytest.fixture
def design() -> StudyDesign:
    return StudyDesign(
        name="Small", rounds=2, min_updates=1, embedding_size=4, privacy=PrivacyDesign(mode="off")
    )


@pytest.fixture
def open_study(
    tmp_path: Path, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> Callable[[StudyDesign], Aggregator]:
    def make(design: StudyDesign) -> Aggregator:
        home = tmp_path / "aggregator-home"
        return Aggregator.create(tmp_path / "study", design, catalogue, embeddings, home)

    return make


@pytest.fixture
def aggregator(open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign) -> Aggregator:
    return open_study(design)


def export(*series: str, episodes: int = 3) -> bytes:
    """An export in which every series was watched on three days running."""
    rows = [
        f'"{name}: Season 1: Episode {number}","1/{13 + number}/24"'
        for name in series
        for number in range(episodes, 0, -1)
    ]
    return "\n".join(["Title,Date", *rows, ""]).encode()


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
