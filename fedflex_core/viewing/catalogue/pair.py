"""A catalogue and its embeddings as two files side by side: what a study is made of.

The embeddings carry the catalogue's content hash, so that neither file can be changed, or taken from another
pair, without being noticed when the two are read.
"""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.catalogue.items import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.embeddings import (
    CatalogueEmbeddings,
    bundled_embeddings,
    load_embeddings,
    pack_embeddings,
)

__all__ = ["CannotKeep", "pair_paths", "read_pair", "write_pair"]


class CannotKeep(FedFlexError):
    """The two files cannot be written where they were asked for."""


def pair_paths(path: str | PathLike[str]) -> tuple[Path, Path]:
    """Where the two files lie, given either of them or what their names have in common.

    >>> [place.name for place in pair_paths("mine.csv")]
    ['mine.csv', 'mine.safetensors']
    """
    plain = Path(path)
    if plain.suffix in (".csv", ".safetensors"):
        plain = plain.with_suffix("")
    return plain.with_name(f"{plain.name}.csv"), plain.with_name(f"{plain.name}.safetensors")


def write_pair(
    path: str | PathLike[str], catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> None:
    """Write both files, each whole or not at all.

    Raises:
        CannotKeep: The folder is missing, cannot be written, or is full.
    """
    places = pair_paths(path)
    try:
        for place, content in zip(
            places, (catalogue.to_bytes(), pack_embeddings(embeddings)), strict=True
        ):
            new = place.with_name(f"{place.name}.tmp")
            new.write_bytes(content)
            os.replace(new, place)
    except OSError as error:
        raise CannotKeep(
            f"The catalogue cannot be written ({error.strerror}).",
            "A folder that is there, that you may write to, and with room in it.",
            "Choose another name with --out.",
        ) from None


def read_pair(path: str | PathLike[str] | None = None) -> tuple[Catalogue, CatalogueEmbeddings]:
    """A catalogue and its embeddings; the bundled ones if no path is given.

    Raises:
        BadCatalogue: The catalogue is missing or cannot be read.
        BadEmbeddings: Its embeddings are missing, damaged, or those of another catalogue.
    """
    if path is None:
        bundled = load_bundled()
        return bundled, bundled_embeddings(bundled)
    table, texts = pair_paths(path)
    catalogue = read_catalogue(table)
    return catalogue, load_embeddings(texts, catalogue)
