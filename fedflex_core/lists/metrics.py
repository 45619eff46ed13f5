"""What lists are worth: by the clicks on them, and by what people went on to watch.

**Clicks**, with the conventions of the FedFlex paper's table.

A *list as shown* is the unit: its ranks 1 to n, and how often each was clicked. A click taken back does
not count; a second click on the same series counts for click-through, and for nothing else. nDCG has
binary gain, discount ``log2(rank + 1)`` and the ideal over the clicked count (Järvelin and Kekäläinen
2002); the reciprocal rank is that of the first clicked series. A list without a click scores 0 in both.

**Held-out items**, for evaluation without people: the functions that end in ``_at`` take *hits*, bool
(people, ranks), whether the item at each rank was held out, best rank first; a rank that could not be filled
is no hit. nDCG there has its ideal over all items that could have been hit, at most as many as there are
ranks, so that a list is not excused for what it lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedflex_core.lists.diversity import intra_list_diversity

__all__ = [
    "ListMetrics",
    "ShownList",
    "click_through_rate",
    "coverage_ratio",
    "genre_distribution",
    "list_metrics",
    "ndcg",
    "ndcg_at",
    "new_genres",
    "precision",
    "precision_at",
    "recall_at",
    "reciprocal_rank",
    "reciprocal_rank_at",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ShownList:
    """One list as it was shown to one participant.

    Attributes:
        items: Item indices, best first.
        clicks: Standing clicks on each rank, as many as items, 0 or more each.
    """

    items: tuple[int, ...]
    clicks: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.items) != len(self.clicks) or any(count < 0 for count in self.clicks):
            raise ValueError("one count of clicks, 0 or more, is expected for each item")


@dataclass(frozen=True)
class ListMetrics:
    """The row of the paper's table for one arm and list; NaN where nothing was shown."""

    shown_lists: int
    ctr: float
    precision: float
    ndcg: float
    mrr: float
    ild: float
    coverage: float


def click_through_rate(clicks: int, shown: int) -> float:
    """Clicks over series shown, repeated clicks included.

    >>> click_through_rate(27, 75)
    0.36
    """
    return clicks / shown if shown else float("nan")


def precision(clicked: int, shown: int) -> float:
    """Different series clicked over series shown (P@n of lists of n).

    >>> round(precision(26, 75), 4)
    0.3467
    """
    return clicked / shown if shown else float("nan")


def coverage_ratio(clicked: Collection[int], shown: Collection[int]) -> float:
    """Distinct series clicked over distinct series shown.

    >>> coverage_ratio(range(14), range(35))
    0.4
    """
    distinct = set(shown)
    return len(set(clicked)) / len(distinct) if distinct else float("nan")


def ndcg(clicked: Sequence[bool]) -> float:
    """Normalised discounted cumulative gain of one list, 0 to 1; ``clicked`` by rank.

    >>> ndcg([True, False]), round(ndcg([False, True]), 4), ndcg([False, False])
    (1.0, 0.6309, 0.0)
    """
    discounts = 1.0 / np.log2(np.arange(2, len(clicked) + 2))
    hits = np.asarray(clicked, dtype=bool)
    ideal = discounts[: hits.sum()].sum()
    return float(discounts[hits].sum() / ideal) if ideal else 0.0


def reciprocal_rank(clicked: Sequence[bool]) -> float:
    """One over the rank of the first clicked series, 0 if none is.

    >>> reciprocal_rank([False, True, True])
    0.5
    """
    return next((1.0 / rank for rank, hit in enumerate(clicked, start=1) if hit), 0.0)


def list_metrics(lists: Sequence[ShownList], embeddings: npt.NDArray[np.floating]) -> ListMetrics:
    """The paper's measures over all lists of one kind.

    Args:
        lists: The lists as shown, of all participants and rounds.
        embeddings: Title embeddings of the whole catalogue, rows of unit length.

    >>> shown = [ShownList((0, 1), (1, 0)), ShownList((0, 2), (0, 0))]
    >>> row = list_metrics(shown, np.eye(3))
    >>> row.ctr, row.ndcg, round(row.coverage, 4)
    (0.25, 0.5, 0.3333)
    """
    shown = [item for one in lists for item in one.items]
    clicked = [i for one in lists for i, n in zip(one.items, one.clicks, strict=True) if n > 0]
    hits = [[count > 0 for count in one.clicks] for one in lists]
    return ListMetrics(
        shown_lists=len(lists),
        ctr=click_through_rate(sum(sum(one.clicks) for one in lists), len(shown)),
        precision=precision(len(clicked), len(shown)),
        ndcg=_mean(ndcg(row) for row in hits),
        mrr=_mean(reciprocal_rank(row) for row in hits),
        ild=_mean(intra_list_diversity(embeddings[list(one.items)]) for one in lists),
        coverage=coverage_ratio(clicked, shown),
    )


def genre_distribution(
    genres: Iterable[Sequence[str]], weights: Sequence[float] | None = None
) -> dict[str, float]:
    """Share of each genre over items, largest first; an item's weight is split over its genres.

    Args:
        genres: The genres of each item; an item without any is left out.
        weights: One per item, for example its stars; all alike if not given.

    >>> genre_distribution([["Drama", "Crime"], ["Drama"]])
    {'Drama': 0.75, 'Crime': 0.25}
    """
    rows = list(genres)
    totals: dict[str, float] = {}
    for names, weight in zip(rows, weights or [1.0] * len(rows), strict=True):
        for name in names:
            totals[name] = totals.get(name, 0.0) + weight / len(names)
    whole = sum(totals.values())
    ordered = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: share / whole for name, share in ordered} if whole else {}


def precision_at(hits: npt.NDArray[np.bool_], k: int) -> FloatArray:
    """Held-out items among the first ``k`` ranks, over ``k`` (P@k); float64 (people,), 0 to 1.

    >>> precision_at(np.array([[True, False, True]]), 2).tolist()
    [0.5]
    """
    share: FloatArray = hits[:, :k].sum(axis=1) / k
    return share


def recall_at(hits: npt.NDArray[np.bool_], held_out: npt.NDArray[np.int64], k: int) -> FloatArray:
    """Held-out items among the first ``k`` ranks, over all that were held out; float64 (people,), 0 to 1.

    Args:
        hits: bool (people, ranks).
        held_out: How many items were held out of each person, int64 (people,), at least 1.
        k: How many ranks count.

    >>> recall_at(np.array([[True, False, True]]), np.array([8]), 3).tolist()
    [0.25]
    """
    share: FloatArray = hits[:, :k].sum(axis=1) / held_out
    return share


def ndcg_at(hits: npt.NDArray[np.bool_], held_out: npt.NDArray[np.int64], k: int) -> FloatArray:
    """nDCG of the first ``k`` ranks: binary gain, the ideal over min(k, held out); float64 (people,), 0 to 1.

    Args:
        hits: bool (people, ranks).
        held_out: How many items were held out of each person, int64 (people,), at least 1.
        k: How many ranks count.

    >>> ndcg_at(np.array([[False, True, False]]), np.array([1]), 3).round(4).tolist()
    [0.6309]
    """
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(held_out, k) - 1]
    seen = hits[:, :k]
    gained: FloatArray = (seen * discounts[: seen.shape[1]]).sum(axis=1) / ideal
    return gained


def reciprocal_rank_at(hits: npt.NDArray[np.bool_], k: int) -> FloatArray:
    """One over the rank of the first held-out item among the first ``k``, 0 if none is; float64 (people,).

    >>> reciprocal_rank_at(np.array([[False, True, True], [False, False, True]]), 2).tolist()
    [0.5, 0.0]
    """
    seen = hits[:, :k]
    return np.where(seen.any(axis=1), 1.0 / (seen.argmax(axis=1) + 1), 0.0)


def new_genres(shown: Iterable[Sequence[str]], known: Iterable[Sequence[str]]) -> int:
    """How many genres of the items shown are in none of the items that a person knows.

    Args:
        shown: The genres of each item shown.
        known: The genres of each item watched before.

    >>> new_genres([["Drama", "Crime"], ["Crime", "War"]], [["Drama"]])
    2
    """
    return len(
        {genre for names in shown for genre in names} - {g for names in known for g in names}
    )


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return float(np.mean(collected)) if collected else float("nan")
