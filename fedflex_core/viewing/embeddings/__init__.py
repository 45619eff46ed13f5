"""Titles and synopses as vectors, which ship with the program or are made by a public encoder."""

from fedflex_core.viewing.embeddings.vectors import (
    BadEmbeddings,
    CatalogueEmbeddings,
    bundled_embeddings,
    embed_catalogue,
    load_embeddings,
    pack_embeddings,
)

__all__ = [
    "BadEmbeddings",
    "CatalogueEmbeddings",
    "bundled_embeddings",
    "embed_catalogue",
    "load_embeddings",
    "pack_embeddings",
]
