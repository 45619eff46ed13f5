"""Round 0 of every arm: a global model from public facts alone, before anybody has shared anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.learning.factors import FloatArray, Model

__all__ = ["PublicStart", "public_start"]


class PublicStart(BaseModel):
    """How far the public facts reach at round 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factor_scale: float = Field(default=1.0, ge=0)
    """Root mean square length of an item's factors; 0 starts without any."""
    bias_scale: float = Field(default=0.4, ge=0)
    """Standard deviation of the item biases; 0 starts without any."""


def public_start(
    embeddings: FloatArray,
    popularity: npt.NDArray[np.float64],
    embedding_size: int,
    config: PublicStart | None = None,
    facts: FloatArray | None = None,
) -> Model:
    """The global model of round 0.

    Item factors are the leading principal components of text embeddings and catalogue facts side by
    side; biases are the standardised logarithm of public popularity. Either may be missing: an unknown
    popularity counts as a low one (the lower quartile of the known), with none known all biases are 0,
    a fact that nothing is known of moves nothing, and where nothing at all tells the items apart their
    factors begin as small random numbers.

    Args:
        embeddings: float32 (items, any width), for example of title, genres and synopsis.
        popularity: float64 (items,), counts of votes >= 0, NaN where unknown.
        embedding_size: Factors per item, >= 1; directions beyond the inputs' rank are 0.
        config: Scales.
        facts: float32 (items, any width), for example genres, language and year, on the scale of the
            embeddings; none if not given.

    >>> texts = np.eye(4, dtype=np.float32)
    >>> model = public_start(texts, np.array([10.0, 100.0, 1000.0, np.nan]), embedding_size=2)
    >>> model.item_factors.shape, int(np.argmax(model.item_bias))
    ((4, 2), 2)
    """
    config = config or PublicStart()
    known = embeddings if facts is None else np.hstack([embeddings, facts])
    factors = _principal_components(known, embedding_size) * config.factor_scale
    bias = _standardised_log(popularity) * config.bias_scale
    return Model(factors.astype(np.float32), bias.astype(np.float32))


def _principal_components(embeddings: FloatArray, size: int) -> npt.NDArray[np.float64]:
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    # Of the small square matrix, not of the tall one: its cost hardly grows with the catalogue.
    spread, directions = np.linalg.eigh(centred.T @ centred)
    known = max(spread[-1], 0.0) * 1e-10  # directions below this are rounding
    leading = directions[:, ::-1][:, : min(size, int((spread > known).sum()))]
    # A component's sign is arbitrary; fix it, so that every machine makes the same round 0.
    signs = np.sign(leading[np.argmax(np.abs(leading), axis=0), np.arange(leading.shape[1])])
    factors: npt.NDArray[np.float64] = np.zeros((len(embeddings), size))
    factors[:, : leading.shape[1]] = centred @ (leading * signs)
    if leading.shape[1] == 0:
        # Nothing tells the items apart. From 0 no factor would ever move, so they begin at small random
        # numbers, which are public like all of round 0.
        factors[:] = np.random.default_rng(0).standard_normal(factors.shape) * 0.1 / np.sqrt(size)
        return factors
    length = np.sqrt(np.mean(np.sum(factors**2, axis=1)))
    scaled: npt.NDArray[np.float64] = factors / length if length > 0 else factors
    return scaled


def _standardised_log(popularity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    known = np.isfinite(popularity)
    if not known.any():
        return np.zeros(len(popularity))
    logs = np.log1p(np.where(known, popularity, 0.0))
    logs = np.where(known, logs, np.quantile(logs[known], 0.25))
    spread = logs.std()
    return (logs - logs.mean()) / spread if spread > 0 else np.zeros(len(logs))
