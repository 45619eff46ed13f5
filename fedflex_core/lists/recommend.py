"""From scores to the two lists that a participant compares.

List A is the best predicted of what was not watched. List B re-ranks the best candidates by maximal
marginal relevance over the same scores, and so begins with A's first item.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from fedflex_core.lists.diversity import mmr

__all__ = ["ListsConfig", "TwoLists", "top_items", "two_lists"]


class ListsConfig(BaseModel):
    """Settings of the two lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: int = Field(default=5, ge=1, le=20)
    """Items in each list; a long list would tell what was watched by what it leaves out."""
    lambda_: float = Field(default=0.3, ge=0, le=1)
    """Weight of relevance in list B, beside 1 - lambda_ for difference (the paper: 0.3)."""
    candidate_pool: int = Field(default=50, ge=1)
    """How many of the best predicted items list B chooses from."""


@dataclass(frozen=True)
class TwoLists:
    """Item indices, best first; the order is part of the result and is kept all the way to the page."""

    a: tuple[int, ...]
    b: tuple[int, ...]


def top_items(
    scores: npt.NDArray[np.floating], n: int, exclude: Collection[int] = ()
) -> tuple[int, ...]:
    """The ``n`` best scored items, best first; equal scores in the order of their indices.

    Args:
        scores: float (items,).
        n: How many; fewer come back where fewer are left.
        exclude: Items to leave out, for example those watched.

    >>> top_items(np.array([0.1, 0.9, 0.5]), 2, exclude=[1])
    (2, 0)
    """
    left = np.ones(len(scores), dtype=bool)
    left[list(exclude)] = False
    ranked = np.argsort(-scores, kind="stable")
    return tuple(int(item) for item in ranked[left[ranked]][:n])


def two_lists(
    scores: npt.NDArray[np.floating],
    embeddings: npt.NDArray[np.floating],
    watched: Collection[int],
    config: ListsConfig,
) -> TwoLists:
    """List A and list B for one person.

    Args:
        scores: Predicted score of every item, float (items,).
        embeddings: Title embeddings, rows of unit length, float (items, width).
        watched: Items the person has watched; none of them is recommended.
        config: Length, lambda and candidate pool.

    >>> lists = two_lists(np.array([3.0, 2.0, 1.0]), np.eye(3), [2], ListsConfig(length=2))
    >>> lists.a, lists.b
    ((0, 1), (0, 1))
    """
    pool = top_items(scores, max(config.candidate_pool, config.length), watched)
    chosen = mmr(scores[list(pool)], embeddings[list(pool)], config.length, config.lambda_)
    return TwoLists(a=pool[: config.length], b=tuple(pool[place] for place in chosen))
