"""The model: what is global and shared, and how round 0 is made from public facts.

``score(u, i) = item_bias[i] + user_factors · item_factors[i]``. Item factors and biases are global; a
person's factors never leave their private folder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

__all__ = ["FloatArray", "Model", "PublicStart", "Ratings", "Update", "public_start"]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """The global model of an arm.

    Attributes:
        item_factors: float32, shape (items, embedding_size).
        item_bias: float32, shape (items,).

    >>> model = Model(np.ones((3, 2), np.float32), np.zeros(3, np.float32))
    >>> model.scores(np.array([1.0, 2.0], np.float32)).tolist()
    [3.0, 3.0, 3.0]
    """

    item_factors: FloatArray
    item_bias: FloatArray

    @property
    def items(self) -> int:
        """How many items the model scores."""
        return len(self.item_bias)

    @property
    def embedding_size(self) -> int:
        """How many factors an item has."""
        return int(self.item_factors.shape[1])

    def scores(self, user_factors: FloatArray) -> FloatArray:
        """Predicted score of every item, float32 (items,), for ``user_factors`` (embedding_size,)."""
        return (self.item_bias + self.item_factors @ user_factors).astype(np.float32)

    def __add__(self, other: Model) -> Model:
        return Model(self.item_factors + other.item_factors, self.item_bias + other.item_bias)

    def __sub__(self, other: Model) -> Model:
        return Model(self.item_factors - other.item_factors, self.item_bias - other.item_bias)

    def scaled(self, factor: float) -> Model:
        """Every entry times ``factor``."""
        scale = np.float32(factor)
        return Model(self.item_factors * scale, self.item_bias * scale)

    def norm(self) -> float:
        """Euclidean norm over all entries, factors and biases together."""
        squares = np.sum(self.item_factors.astype(np.float64) ** 2)
        return float(np.sqrt(squares + np.sum(self.item_bias.astype(np.float64) ** 2)))


Update = Model
"""A local update: a participant's model minus the global model; it always has the whole shape."""


@dataclass(frozen=True)
class Ratings:
    """One person's ratings.

    Attributes:
        items: int64, shape (n,), different item indices.
        stars: float32, shape (n,), 1 to 5.
    """

    items: npt.NDArray[np.int64]
    stars: FloatArray

    def __post_init__(self) -> None:
        if len(self.items) != len(self.stars):
            raise ValueError("as many stars as items are expected")
        if len(np.unique(self.items)) != len(self.items):
            raise ValueError("each item can be rated once")


class PublicStart(BaseModel):
    """How far the public facts reach at round 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factor_scale: float = Field(default=1.0, gt=0)
    """Root mean square length of an item's factors."""
    bias_scale: float = Field(default=0.5, ge=0)
    """Standard deviation of the item biases."""


def public_start(
    embeddings: FloatArray,
    popularity: npt.NDArray[np.float64],
    embedding_size: int,
    config: PublicStart | None = None,
) -> Model:
    """The global model of round 0, from public facts alone.

    Item factors are the leading principal components of the text embeddings; biases are the
    standardised logarithm of public popularity. An unknown popularity counts as a low one (the lower
    quartile of the known); with none known all biases are 0.

    Args:
        embeddings: float32 (items, any width), for example of title, genres and synopsis.
        popularity: float64 (items,), counts of votes >= 0, NaN where unknown.
        embedding_size: Factors per item, >= 1; directions beyond the embeddings' rank are 0.
        config: Scales.

    >>> texts = np.eye(4, dtype=np.float32)
    >>> model = public_start(texts, np.array([10.0, 100.0, 1000.0, np.nan]), embedding_size=2)
    >>> model.item_factors.shape, int(np.argmax(model.item_bias))
    ((4, 2), 2)
    """
    config = config or PublicStart()
    factors = _principal_components(embeddings, embedding_size) * config.factor_scale
    bias = _standardised_log(popularity) * config.bias_scale
    return Model(factors.astype(np.float32), bias.astype(np.float32))


def _principal_components(embeddings: FloatArray, size: int) -> npt.NDArray[np.float64]:
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    # A component's sign is arbitrary; fix it, so that every machine makes the same round 0.
    signs = np.sign(right[np.arange(len(right)), np.argmax(np.abs(right), axis=1)])
    kept = min(size, len(singular))
    factors = np.zeros((len(embeddings), size))
    factors[:, :kept] = (left * singular * signs)[:, :kept]
    length = np.sqrt(np.mean(np.sum(factors**2, axis=1)))
    return factors / length if length > 0 else factors


def _standardised_log(popularity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    known = np.isfinite(popularity)
    if not known.any():
        return np.zeros(len(popularity))
    logs = np.log1p(np.where(known, popularity, 0.0))
    logs = np.where(known, logs, np.quantile(logs[known], 0.25))
    spread = logs.std()
    return (logs - logs.mean()) / spread if spread > 0 else np.zeros(len(logs))
