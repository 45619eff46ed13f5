"""Everybody's lists A and B from an arm's scores, and what they are worth to people whose future is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fedflex_core.lists.diversity import intra_list_diversity
from fedflex_core.lists.metrics import (
    ndcg_at,
    new_genres,
    precision_at,
    recall_at,
    reciprocal_rank_at,
)
from fedflex_core.lists.recommend import ListsConfig, top_items, two_lists
from fedflex_core.lists.similarity import Metadata
from fedflex_core.study.held_out import Person
from fedflex_core.study.list_b import metadata_of
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = ["DEPTH", "SHOWN", "EvaluatedLists", "Scores", "ShownItems"]

SHOWN = 5
"""Items that a person is shown in a list."""

DEPTH = 10
"""Items of the same ranking that nDCG@10 and recall@10 look at."""

Scores = Callable[[int], npt.NDArray[np.floating]]
"""The scores of all items, float (items,), for the person at a place."""

ShownItems = npt.NDArray[np.int64]
"""int64 (people, 10), items best first; -1 where nothing is left to recommend."""


class EvaluatedLists:
    """The people of an evaluation, and everything that lists are made of and judged by.

    Nobody is recommended what they watched before the parting, nor what was released after the year of
    their last viewing: it did not exist for them.

    Args:
        people: Parted by time.
        catalogue: The items.
        embeddings: Those of this catalogue.
        config: How lists are made; its length is of no account here.
    """

    def __init__(
        self,
        people: Sequence[Person],
        catalogue: Catalogue,
        embeddings: CatalogueEmbeddings,
        config: ListsConfig,
    ) -> None:
        self._people = people
        self._catalogue = catalogue
        self._embeddings = embeddings
        # Ten are ranked and five shown: re-ranking is greedy, so the first five of ten are the five.
        self._config = config.model_copy(update={"length": DEPTH})
        self._held_out = np.array([len(person.held_out) for person in people], np.int64)

    def lists_a(self, scores: Scores) -> ShownItems:
        """Everybody's list A, ten items: the same as those of :meth:`both`, and faster."""
        return _filled(self._best(person, scores(n)) for n, person in enumerate(self._people))

    def both(self, scores: Scores) -> tuple[ShownItems, ShownItems]:
        """Everybody's lists A and B, ten items each."""
        made = [
            two_lists(
                scores(place),
                self._embeddings.title,
                np.flatnonzero(~self._left(person)).tolist(),
                self._config,
                metadata=self._metadata,
                watched_stars=self._stars(person),
            )
            for place, person in enumerate(self._people)
        ]
        return _filled(lists.a for lists in made), _filled(lists.b for lists in made)

    def _best(self, person: Person, scores: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
        candidates = np.flatnonzero(self._left(person))
        best: npt.NDArray[np.int64] = candidates[list(top_items(scores[candidates], DEPTH))]
        return best

    def ndcg(self, shown: ShownItems, k: int = SHOWN) -> npt.NDArray[np.float64]:
        """nDCG of the first ``k``, float64 (people,)."""
        return ndcg_at(self._hits(shown), self._held_out, k)

    def measures(self, shown: ShownItems) -> dict[str, npt.NDArray[np.float64]]:
        """What the lists are worth to each person, float64 (people,) for each measure.

        ``p@5``, ``ndcg@5``, ``ndcg@10``, ``recall@10``, ``mrr`` (of the five shown), ``ild_titles`` and
        ``ild_metadata`` (mean of 1 - cosine over the pairs of the five, by embeddings of titles and of
        whole texts), and ``new_genres`` (of the five, in none of the items learned from).
        """
        hits = self._hits(shown)
        five = [row[row >= 0] for row in shown[:, :SHOWN]]
        texts = {"ild_titles": self._embeddings.title, "ild_metadata": self._embeddings.text}
        return {
            "p@5": precision_at(hits, SHOWN),
            "ndcg@5": ndcg_at(hits, self._held_out, SHOWN),
            "ndcg@10": ndcg_at(hits, self._held_out, DEPTH),
            "recall@10": recall_at(hits, self._held_out, DEPTH),
            "mrr": reciprocal_rank_at(hits, SHOWN),
            **{
                name: np.array([intra_list_diversity(rows[items]) for items in five])
                for name, rows in texts.items()
            },
            "new_genres": self._new_genres(five),
        }

    def distinct(self, shown: ShownItems) -> int:
        """How many different items are in all lists of five together."""
        five = shown[:, :SHOWN]
        return len(np.unique(five[five >= 0]))

    def _hits(self, shown: ShownItems) -> npt.NDArray[np.bool_]:
        """Whether the item at each rank was held out, bool (people, ranks)."""
        items = len(self._catalogue)
        theirs = np.concatenate([person.held_out for person in self._people])
        held_out = np.repeat(np.arange(len(self._people)), self._held_out) * items + theirs
        ranked = np.arange(len(self._people))[:, np.newaxis] * items + shown
        return np.isin(ranked, held_out) & (shown >= 0)

    def _new_genres(self, five: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.float64]:
        genres = self._catalogue.genres
        return np.array(
            [
                new_genres((genres[i] for i in items), (genres[i] for i in person.train.items))
                for items, person in zip(five, self._people, strict=True)
            ],
            np.float64,
        )

    def _stars(self, person: Person) -> dict[int, float]:
        return dict(zip(person.train.items.tolist(), person.train.stars.tolist(), strict=True))

    def _left(self, person: Person) -> npt.NDArray[np.bool_]:
        """Which items there were for this person, and were not known to them, bool (items,)."""
        last_year = np.inf if person.last_year is None else person.last_year
        left: npt.NDArray[np.bool_] = ~(self._years > last_year)  # an unknown year is not later
        left[person.train.items] = False
        return left

    @cached_property
    def _years(self) -> npt.NDArray[np.float64]:
        """When each item was released, NaN where unknown."""
        years: npt.NDArray[np.float64]
        years = self._catalogue.items["year"].to_numpy(np.float64, na_value=np.nan)
        return years

    @cached_property
    def _metadata(self) -> Metadata:
        return metadata_of(self._catalogue, self._embeddings)


def _filled(lists: Iterable[Sequence[int] | npt.NDArray[np.int64]]) -> ShownItems:
    """Lists of unequal length as rows of one table."""
    rows = [(*map(int, items), *[-1] * (DEPTH - len(items))) for items in lists]
    return np.array(rows, np.int64).reshape(-1, DEPTH)
