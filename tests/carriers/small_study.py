"""A small made-up study that can be laid out on any carrier: twenty series, and people who watched some."""

import zlib
from functools import cache
from pathlib import Path

import numpy as np

from fedflex_core.exchange.invitation import Invitation
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.helper import helper_keys
from fedflex_core.viewing.catalogue import Catalogue, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = ["TITLES", "export", "make_study", "watched_by"]

_GENRES = ("Drama", "Comedy", "Crime")
TITLES = (
    "Amber Coast", "Blue Harbour", "Cold Ledger", "Dust Orchard", "Every Tuesday", "Far Signal",
    "Glass Parade", "Hollow Pines", "Iron Lullaby", "June Parlour", "Kite Season", "Low Tide Club",
    "Marble Run", "North Arcade", "Oak Street", "Paper Kings", "Quiet Engine", "Red Almanac",
    "Salt Theatre", "Tin Forest",
)  # fmt: skip


def make_study(
    shared: Path, homes: Path, design: StudyDesign, people: int = 0
) -> tuple[Aggregator, list[Invitation]]:
    """Open a study in a plain folder, with an invitation for each person.

    Args:
        shared: The study folder.
        homes: The researcher's home is made in it, and a helper's where the design needs one.
        design: The study's parameters.
        people: How many invitations.
    """
    catalogue, embeddings = _items()
    helper = helper_keys(homes / "helper") if design.privacy.mode == "distributed" else None
    aggregator = Aggregator.create(
        shared, design, catalogue, embeddings, homes / "researcher", helper
    )
    return aggregator, aggregator.admission.invite(people)


def watched_by(number: int) -> bytes:
    """The export of one of the people: four to eight series, each watched for a few days."""
    rng = np.random.default_rng(number)
    watched = rng.choice(len(TITLES), size=int(rng.integers(4, 9)), replace=False)
    return export({TITLES[item]: int(rng.integers(1, 6)) for item in watched})


def export(episodes: dict[str, int]) -> bytes:
    """An export in which so many episodes of each series were watched, one a day."""
    rows = [
        f'"{title}: Season 1: Episode {number}","1/{13 + number}/24"'
        for title, count in episodes.items()
        for number in range(count, 0, -1)
    ]
    return "\n".join(["Title,Date", *rows, ""]).encode()


@cache
def _items() -> tuple[Catalogue, CatalogueEmbeddings]:
    catalogue = _catalogue()
    return catalogue, _embeddings(catalogue)


def _catalogue() -> Catalogue:
    rows = "\n".join(
        f"{title},{_GENRES[place % 3]},{1000 * (place + 1)}" for place, title in enumerate(TITLES)
    )
    return read_catalogue(f"title,genres,imdb_votes\n{rows}\n".encode())


def _embeddings(catalogue: Catalogue) -> CatalogueEmbeddings:
    """Unit vectors that lie near those of the same genre."""
    rows = []
    for title, genres in zip(catalogue.titles, catalogue.genres, strict=True):
        row = np.random.default_rng(zlib.crc32(title.encode())).normal(0, 0.5, 384) / np.sqrt(384)
        row[_GENRES.index(genres[0])] += 1.0
        rows.append(row / np.linalg.norm(row))
    made = np.array(rows, np.float32)
    return CatalogueEmbeddings(title=made, text=made, catalogue_hash=catalogue.content_hash)
