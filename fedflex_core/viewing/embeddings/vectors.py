"""Embeddings of the catalogue: one vector a title, and one a title with what the series is about.

Both come from all-MiniLM-L6-v2, a public sentence encoder. Those of the bundled catalogue ship with
the program, so that taking part needs no encoder; a catalogue of one's own is embedded once by the
researcher (extra `embeddings`), and its embeddings travel in the study folder. They belong to one
state of one catalogue: its content hash is kept beside them and checked before use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings.encoder import (
    DIMENSIONS,
    MODEL_NAME,
    WEIGHTS_SHA256,
    Progress,
    embed,
)

__all__ = [
    "BadEmbeddings",
    "CatalogueEmbeddings",
    "bundled_embeddings",
    "embed_catalogue",
    "load_embeddings",
    "pack_embeddings",
]

_FORMAT = "fedflex-embeddings-1"


class BadEmbeddings(FedFlexError):
    """The embeddings are damaged, or were made for another catalogue."""


@dataclass(frozen=True, eq=False)
class CatalogueEmbeddings:
    """Two unit vectors an item, rows in the catalogue's item order.

    >>> rows = np.eye(2, DIMENSIONS, dtype=np.float32)
    >>> CatalogueEmbeddings(title=rows, text=rows, catalogue_hash="0" * 64).title.shape
    (2, 384)
    """

    title: NDArray[np.float32]
    """Of the title alone, float32 of shape (n, 384): the similarity that list B diversifies by."""
    text: NDArray[np.float32]
    """Of title, genres, cast and synopsis, float32 of shape (n, 384): a model's public start."""
    catalogue_hash: str
    """`Catalogue.content_hash` of the catalogue they were made from."""

    def __post_init__(self) -> None:
        if self.title.shape != self.text.shape or self.title.shape[1:] != (DIMENSIONS,):
            raise _bad(f"The arrays have shapes {self.title.shape} and {self.text.shape}.")
        for rows in (self.title, self.text):
            # Written so that a NaN, which is neither above nor below anything, is caught too.
            if rows.dtype != np.float32 or not (abs(_lengths(rows) - 1) < 1e-3).all():
                raise _bad("Some rows are not float32 vectors of length 1.")


def bundled_embeddings(catalogue: Catalogue) -> CatalogueEmbeddings:
    """The embeddings that ship with the bundled catalogue.

    Raises:
        BadEmbeddings: `catalogue` is another one, or was changed since they were made.
    """
    source = resources.files("fedflex_core.viewing.catalogue") / "data" / "catalogue.safetensors"
    return load_embeddings(source.read_bytes(), catalogue)


def load_embeddings(
    source: str | PathLike[str] | bytes, catalogue: Catalogue | None = None
) -> CatalogueEmbeddings:
    """Read embeddings that `pack_embeddings` packed; with `catalogue`, check that they are its own.

    Raises:
        BadEmbeddings: The file is missing, damaged, or was made from another catalogue.
    """
    arrays, facts = _read(_bytes(source))
    embeddings = CatalogueEmbeddings(
        title=_unit(arrays["title"]),
        text=_unit(arrays["text"]),
        catalogue_hash=facts.get("catalogue_hash", ""),
    )
    if catalogue is not None and (
        embeddings.catalogue_hash != catalogue.content_hash
        or len(embeddings.title) != len(catalogue)
    ):
        raise _bad(
            f"The embeddings were made from another catalogue than this one of {len(catalogue)}."
        )
    return embeddings


def pack_embeddings(embeddings: CatalogueEmbeddings) -> bytes:
    """A safetensors file of float16: half the size, and no cosine moves by 0.001."""
    arrays = {
        "title": np.ascontiguousarray(embeddings.title, np.float16),
        "text": np.ascontiguousarray(embeddings.text, np.float16),
    }
    facts = {
        "format": _FORMAT,
        "model": MODEL_NAME,
        "weights_sha256": WEIGHTS_SHA256,
        "catalogue_hash": embeddings.catalogue_hash,
    }
    return save(arrays, metadata=facts)


def embed_catalogue(
    catalogue: Catalogue, progress: Progress | None = None, cache: Path | None = None
) -> CatalogueEmbeddings:
    """Embed a catalogue of one's own; see `embed` for what this needs.

    Raises:
        EncoderMissing: The extra `embeddings` is not installed.
    """
    n = len(catalogue)
    both = embed([*catalogue.titles, *_texts(catalogue)], progress, cache)
    return CatalogueEmbeddings(both[:n], both[n:], catalogue.content_hash)


def _texts(catalogue: Catalogue) -> list[str]:
    """What the model's public start knows of an item: title, genres, cast and synopsis."""
    items = catalogue.items
    columns = (items["title"], items["genres"], items["cast"], items["synopsis"])
    return [
        ". ".join(filter(None, (title, ", ".join(genres), ", ".join(cast[:4]), synopsis)))
        for title, genres, cast, synopsis in zip(*columns, strict=True)
    ]


def _read(data: bytes) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    try:
        tensors: dict[str, Any] = dict(deserialize(data))  # type: ignore[no-untyped-call]
    except (SafetensorError, OverflowError):
        raise _bad("The file is damaged, or of another kind.") from None
    # `deserialize` has checked the header; it only does not hand over what is said in it.
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    if {"title", "text"} - set(tensors) or any(t["dtype"] != "F16" for t in tensors.values()):
        raise _bad("The file holds other arrays than embeddings.")
    try:
        arrays = {
            name: np.frombuffer(tensor["data"], "<f2").reshape(tensor["shape"]).astype(np.float32)
            for name, tensor in tensors.items()
        }
    except (ValueError, OverflowError):  # a shape that no array has
        raise _bad("The file holds other arrays than embeddings.") from None
    return arrays, header.get("__metadata__") or {}


def _bytes(source: str | PathLike[str] | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise _bad(f"The file of embeddings cannot be opened ({error.strerror}).") from None


def _lengths(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return lengths


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; those of length 0 stay, and are refused where embeddings are made."""
    if rows.ndim != 2:
        raise _bad("The file holds other arrays than embeddings.")
    lengths = _lengths(rows)[:, np.newaxis]
    return np.divide(rows, lengths, out=rows.copy(), where=lengths > 0)


def _bad(found: str) -> BadEmbeddings:
    return BadEmbeddings(
        found,
        f"Embeddings of this catalogue: two float16 arrays of {DIMENSIONS} numbers an item.",
        "Embed the catalogue again, or take the bundled catalogue.",
    )
