"""From scores to the two lists that a participant compares.

List A is the best predicted of what was not watched. List B re-ranks the best candidates over the same
scores: by maximal marginal relevance, and it then begins with A's first item; or by calibration, which
keeps the proportions of what was watched and need not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fedflex_core.lists.calibration import calibrated
from fedflex_core.lists.diversity import mmr
from fedflex_core.lists.metrics import genre_distribution
from fedflex_core.lists.own_lambda import LEAST, MOST
from fedflex_core.lists.similarity import Metadata, metadata_rows

__all__ = ["ListsConfig", "TwoLists", "top_items", "two_lists"]


class ListsConfig(BaseModel):
    """Settings of the two lists.

    >>> ListsConfig().reranker
    'mmr'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: int = Field(default=5, ge=1, le=20)
    """Items in each list; a long list would tell what was watched by what it leaves out."""
    lambda_: float = Field(default=0.3, ge=0, le=1)
    """Weight of relevance in list B, beside 1 - lambda_ for difference (the paper: 0.3)."""
    candidate_pool: int = Field(default=50, ge=1)
    """How many of the best predicted items list B chooses from."""
    reranker: Literal["mmr", "calibrated"] = "mmr"
    """``mmr``: unlike one another (the paper). ``calibrated``: in the proportions of the genres that the
    person watches."""
    similarity: Literal["titles", "metadata"] = "titles"
    """What ``mmr`` takes items to be alike by. ``titles``: their titles (the paper). ``metadata``: title,
    text, genres and cast."""
    own_lambda: bool = False
    """Whether lambda_ is only where each person's own begins, which then follows their clicks."""

    @model_validator(mode="after")
    def _own_lambda_can_move_both_ways(self) -> ListsConfig:
        if self.own_lambda and not LEAST <= self.lambda_ <= MOST:
            raise ValueError(f"a λ of one's own begins between {LEAST} and {MOST}")
        return self


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
    items = np.flatnonzero(left)
    items = items[_may_be_among_the_least(-scores[items], n)]
    ranked = items[np.argsort(-scores[items], kind="stable")]
    return tuple(int(item) for item in ranked[:n])


def two_lists(
    scores: npt.NDArray[np.floating],
    embeddings: npt.NDArray[np.floating],
    watched: Collection[int],
    config: ListsConfig,
    *,
    metadata: Metadata | None = None,
    watched_stars: Mapping[int, float] | None = None,
    lambda_: float | None = None,
) -> TwoLists:
    """List A and list B for one person.

    Args:
        scores: Predicted score of every item, float (items,).
        embeddings: Title embeddings, rows of unit length, float (items, width).
        watched: Items the person has watched; none of them is recommended.
        config: How the lists are made.
        metadata: What is known of every item beside its title; ``reranker="calibrated"`` and
            ``similarity="metadata"`` need it.
        watched_stars: Stars of the items that the person's proportions of genres follow from, as
            their weights; every one of ``watched`` weighs the same if not given.
        lambda_: This person's weight of relevance, 0 to 1; that of ``config`` if not given.

    Raises:
        ValueError: The config asks for metadata and none is given.

    >>> lists = two_lists(np.array([3.0, 2.0, 1.0]), np.eye(3), [2], ListsConfig(length=2))
    >>> lists.a, lists.b
    ((0, 1), (0, 1))
    """
    pool = top_items(scores, max(config.candidate_pool, config.length), watched)
    weight = config.lambda_ if lambda_ is None else lambda_
    best = scores[list(pool)]
    if config.reranker == "calibrated":
        genres = _given(metadata).genres
        taste = _taste(genres, watched, watched_stars)
        of_pool = [genres[item] for item in pool]
        chosen = calibrated(best, of_pool, taste, config.length, weight)
    elif config.similarity == "metadata":
        rows = metadata_rows(embeddings, _given(metadata), pool)
        chosen = mmr(best, rows, config.length, weight)
    else:
        chosen = mmr(best, embeddings[list(pool)], config.length, weight)
    return TwoLists(a=pool[: config.length], b=tuple(pool[place] for place in chosen))


def _may_be_among_the_least(values: npt.NDArray[np.floating], n: int) -> npt.NDArray[np.bool_]:
    """Which values may be among the ``n`` least: those, and all that equal the largest of them."""
    if not 0 < n < len(values):
        return np.ones(len(values), dtype=bool)
    last = np.partition(values, n - 1)[n - 1]
    may: npt.NDArray[np.bool_] = ~(values > last)  # not <=, which a value that is no number fails
    return may


def _given(metadata: Metadata | None) -> Metadata:
    if metadata is None:
        raise ValueError("these lists need metadata: the text, genres and cast of every item")
    return metadata


def _taste(
    genres: Sequence[Sequence[str]], watched: Collection[int], stars: Mapping[int, float] | None
) -> dict[str, float]:
    """The share of each genre in what a person watched."""
    weights = dict.fromkeys(watched, 1.0) if stars is None else stars
    return genre_distribution([genres[item] for item in weights], list(weights.values()))
