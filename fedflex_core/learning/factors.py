"""The model: what is global and shared, and one person's ratings.

``score(u, i) = item_bias[i] + user_factors · item_factors[i]``. Item factors and biases are global; a
person's factors never leave their private folder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["FloatArray", "Model", "Ratings", "Update"]

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
