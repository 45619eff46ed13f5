"""The small made-up world of many tests: twenty series, and exports in which some were watched."""

import zlib
from collections.abc import Mapping

import numpy as np

from fedflex_core.viewing.catalogue import Catalogue, read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = ["GENRES", "TITLES", "export_of", "small_catalogue", "small_embeddings"]

GENRES = ("Drama", "Comedy", "Crime")
TITLES = (
    "Amber Coast", "Blue Harbour", "Cold Ledger", "Dust Orchard", "Every Tuesday", "Far Signal",
    "Glass Parade", "Hollow Pines", "Iron Lullaby", "June Parlour", "Kite Season", "Low Tide Club",
    "Marble Run", "North Arcade", "Oak Street", "Paper Kings", "Quiet Engine", "Red Almanac",
    "Salt Theatre", "Tin Forest",
)  # fmt: skip


def small_catalogue() -> Catalogue:
    rows = "\n".join(
        f"{title},{GENRES[place % 3]},{1000 * (place + 1)}" for place, title in enumerate(TITLES)
    )
    return read_catalogue(f"title,genres,imdb_votes\n{rows}\n".encode())


def small_embeddings(catalogue: Catalogue) -> CatalogueEmbeddings:
    """Unit vectors that lie near those of the same genre."""
    rows = []
    for title, genres in zip(catalogue.titles, catalogue.genres, strict=True):
        rng = np.random.default_rng(zlib.crc32(title.encode()))
        row = rng.normal(0, 0.5, 384) / np.sqrt(384)
        row[GENRES.index(genres[0])] += 1.0
        rows.append(row / np.linalg.norm(row))
    made = np.array(rows, np.float32)
    return CatalogueEmbeddings(title=made, text=made, catalogue_hash=catalogue.content_hash)


def export_of(episodes: Mapping[str, int]) -> bytes:
    """An export in which so many episodes of each series were watched, one a day."""
    rows = [
        f'"{title}: Season 1: Episode {number}","1/{13 + number}/24"'
        for title, count in episodes.items()
        for number in range(count, 0, -1)
    ]
    return "\n".join(["Title,Date", *rows, ""]).encode()
