"""A catalogue's facts as numbers: genres, language, country and year, for a model's public start."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from fedflex_core.viewing.catalogue.items import Catalogue

__all__ = ["facts"]

_WEIGHT = 0.5
"""How much each kind of fact counts beside a text embedding, whose rows have length 1."""

_YEARS = 8.0
"""So many years apart count as much as another language."""


def facts(catalogue: Catalogue) -> NDArray[np.float32]:
    """Genres, language, country and year of each item.

    Args:
        catalogue: Any; what it does not know is 0.

    Returns:
        float32 (items, facts): a column for each genre, an item's weight split so that its genres
        together have length 0.5; a column for each language and each country; and one for the year, 0
        at the median.

    >>> from fedflex_core.viewing.catalogue import read_catalogue
    >>> known = read_catalogue(b"title,genres,year\\nDark,Sci-Fi|Mystery,2017\\nArcane,,2021\\n")
    >>> (facts(known) * 100).round().tolist()
    [[0.0, 0.0, 12.0], [35.0, 35.0, -12.0]]
    """
    items = catalogue.items
    columns = (
        _one_hot(catalogue.genres),
        _one_hot(filter(None, [str(language)]) for language in items["language"]),
        _one_hot(filter(None, [str(country)]) for country in items["country"]),
        _years(items["year"].to_numpy(np.float64, na_value=np.nan)),
    )
    return (_WEIGHT * np.hstack(columns)).astype(np.float32)


def _one_hot(rows: Iterable[Iterable[str]]) -> NDArray[np.float64]:
    """A column for each name, rows of length 1, of 0 where there is no name."""
    names = [tuple(row) for row in rows]
    columns = {name: place for place, name in enumerate(sorted({n for row in names for n in row}))}
    places = [columns[name] for row in names for name in row]
    weights = [len(row) ** -0.5 for row in names for _ in row]
    starts = np.cumsum([0, *(len(row) for row in names)])
    shape = (len(names), len(columns))
    filled: NDArray[np.float64] = csr_array((weights, places, starts), shape=shape).toarray()
    return filled


def _years(years: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each year is from the median, at most two steps back and one and a half ahead."""
    if np.isnan(years).all():
        return np.zeros((len(years), 0))
    apart = np.nan_to_num((years - np.nanmedian(years)) / _YEARS)
    return np.clip(apart, -2.0, 1.5)[:, None]
