"""How alike two items are by what they are about: title, text, genres and cast.

The titles of two seasons of one idea may have no word in common, and those of strangers all of them.
Ziegler et al. (2005), Improving Recommendation Lists Through Topic Diversification, measure a list by what
its items are classified as; here the genres and the cast stand beside the embeddings of title and text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Metadata", "metadata_rows"]


@dataclass(frozen=True, eq=False)
class Metadata:
    """What is known of every item beside its title, in item order.

    Raises:
        ValueError: The three are not of one length.
    """

    text: npt.NDArray[np.floating]
    """Embeddings of title, genres and synopsis, rows of unit length, float (items, width)."""
    genres: Sequence[Sequence[str]]
    """Genres of each item; none where they are unknown."""
    cast: Sequence[Sequence[str]]
    """Names of each item's cast; none where they are unknown."""

    def __post_init__(self) -> None:
        if not len(self.text) == len(self.genres) == len(self.cast):
            raise ValueError("text, genres and cast are expected of every item")


def metadata_rows(
    titles: npt.NDArray[np.floating], metadata: Metadata, items: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Rows for some items whose dot products say how alike they are by all that is known of them.

    Of two items of which everything is known it is the mean of four cosines: of their titles, of their
    texts, of their sets of genres, and of their sets of names. A part that an item lacks has no weight
    in its row, which has length 1 all the same: nobody is less like themselves for being less known,
    and a catalogue without genres or cast compares by what it has. Where only one of two items lacks
    a part, the sum over the parts that both have is divided by the geometric mean of their numbers of parts.

    Args:
        titles: Title embeddings of all items, rows of unit length, float (all items, width).
        metadata: What else is known of all items.
        items: Which items; a candidate pool, since the rows are as wide as their names are many.

    Returns:
        float32 (items asked for, all parts' widths), rows of unit length.

    >>> known = Metadata(np.eye(2), [("Drama",), ("Drama",)], [("Ann",), ()])
    >>> rows = metadata_rows(np.eye(2), known, [0, 1])
    >>> round(float(rows[0] @ rows[1]), 4), round(float(rows[1] @ rows[1]), 4)
    (0.2887, 1.0)
    """
    places = list(items)
    parts = (
        titles[places],
        metadata.text[places],
        _multi_hot(metadata.genres[place] for place in places),
        _multi_hot(metadata.cast[place] for place in places),
    )
    rows: npt.NDArray[np.float32] = np.hstack(parts, dtype=np.float32)
    known = np.sum([part.any(axis=1) for part in parts], axis=0)
    rows /= np.sqrt(np.maximum(known, 1))[:, np.newaxis]
    return rows


def _multi_hot(names: Iterable[Sequence[str]]) -> npt.NDArray[np.float32]:
    """A column for each name; rows of unit length, and of zeros where there is no name."""
    sets = [set(row) for row in names]
    columns = {name: place for place, name in enumerate(sorted(set().union(*sets)))}
    hot = np.zeros((len(sets), len(columns)), np.float32)
    for row, present in zip(hot, sets, strict=True):
        row[[columns[name] for name in present]] = 1 / np.sqrt(max(len(present), 1))
    return hot
