"""The catalogue: the series that can be recommended, and the order in which arrays count them.

Item `i` is row `i` of `Catalogue.items`, in the model, in the embeddings and on the page alike. The
catalogue's `content_hash` goes with everything that was made from it, so that a mix-up of two
catalogues is noticed before any number is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fedflex_core.viewing.catalogue.csv_file import parse_csv, write_csv
from fedflex_core.viewing.catalogue.genres import GENRES
from fedflex_core.viewing.catalogue.row import COLUMNS, CatalogueRow
from fedflex_core.viewing.catalogue.table import BadCatalogue, bytes_of

__all__ = ["COLUMNS", "GENRES", "BadCatalogue", "Catalogue", "load_bundled", "read_catalogue"]

_WHOLE = ("year", "end_year", "seasons", "episodes", "imdb_votes")
_LISTS = ("genres", "cast", "aliases", "provenance")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Series in a fixed order; make one with `load_bundled` or `read_catalogue`.

    >>> catalogue = read_catalogue(b"title,genres\\nDark,Sci-Fi|Mystery\\nArcane,\\n")
    >>> catalogue.titles
    ['Arcane', 'Dark']
    >>> catalogue.genres[catalogue.index_of("dark")]
    ('Sci-Fi', 'Mystery')
    """

    items: pd.DataFrame
    """One row an item, sorted by `item_id`, index 0 to n - 1, columns `COLUMNS`. Whole numbers are
    Int64 (`<NA>` where unknown), `imdb_score` float64, lists tuples, text "" where unknown."""

    notes: tuple[str, ...] = ()
    """What was noticed while reading, one plain sentence each."""

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        """Whether there is an item of that id."""
        return item_id in self._indices

    @cached_property
    def titles(self) -> list[str]:
        """Titles in item order."""
        return [str(title) for title in self.items["title"]]

    @cached_property
    def genres(self) -> list[tuple[str, ...]]:
        """Genres of each item, the main one first, in item order."""
        return list(self.items["genres"])

    @property
    def popularity(self) -> NDArray[np.float64]:
        """IMDb votes, float64 of shape (n,), NaN where unknown."""
        votes: NDArray[np.float64] = self.items["imdb_votes"].to_numpy(np.float64, na_value=np.nan)
        return votes

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (64 hex digits) of the bytes that `to_csv` writes."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @cached_property
    def _indices(self) -> Mapping[str, int]:
        return {item_id: index for index, item_id in enumerate(self.items["item_id"])}

    def index_of(self, item_id: str) -> int:
        """The item's row; raises `KeyError` for an id that the catalogue does not hold."""
        return self._indices[item_id]

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the catalogue so that `read_catalogue` gives the same `content_hash` again."""
        Path(path).write_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """What `to_csv` writes: UTF-8, the same bytes for the same items."""
        return write_csv(self._cells())

    @classmethod
    def of_rows(cls, rows: Sequence[CatalogueRow], notes: tuple[str, ...] = ()) -> Catalogue:
        """A catalogue of rows in their order."""
        return cls(_frame(rows), notes)

    def rows(self) -> list[CatalogueRow]:
        """The items as rows, in item order."""
        plain = (
            {name: None if value != value else value for name, value in cells.items()}
            for cells in self._cells()
        )
        return [CatalogueRow.model_construct(**cells) for cells in plain]

    def _cells(self) -> Iterator[dict[str, Any]]:
        plain = self.items.astype({column: object for column in (*_WHOLE, "imdb_score")})
        for row in plain.to_dict("records"):
            yield {str(column): None if value is pd.NA else value for column, value in row.items()}


def read_catalogue(
    source: str | PathLike[str] | bytes, *, columns: Mapping[str, str] | None = None
) -> Catalogue:
    """Read a catalogue of one's own: a table (CSV, TSV or JSON) with at least a column of titles.

    The layouts of well-known public lists are understood, and many names of columns by themselves.
    Ids are made from titles where there are none. Doubles are left out, values that cannot be read
    are left empty, and `Catalogue.notes` says where.

    Args:
        source: The file's path, or its bytes.
        columns: Our column names -> the file's, where it uses others: `{"title": "Titel"}`.

    Raises:
        BadCatalogue: The file is missing, is no text, or has no column of titles.

    >>> read_catalogue(b"Titel\\nDark\\nDark\\n", columns={"title": "Titel"}).notes[0]
    'Line 3, column title: the series is there already; left out.'
    """
    rows, notes = parse_csv(bytes_of(source), columns)
    return Catalogue.of_rows(rows, tuple(notes))


def load_bundled() -> Catalogue:
    """The catalogue that comes with the program: well-known series, and their names elsewhere."""
    source = resources.files("fedflex_core.viewing.catalogue") / "data" / "catalogue.csv"
    return read_catalogue(source.read_bytes())


def _frame(rows: Sequence[CatalogueRow]) -> pd.DataFrame:
    frame = pd.DataFrame({column: _series(rows, column) for column in COLUMNS})
    return frame.reset_index(drop=True)


def _series(rows: Sequence[CatalogueRow], column: str) -> pd.Series:
    values = [getattr(row, column) for row in rows]
    if column in _WHOLE:
        return pd.Series(values, dtype="Int64")
    if column == "imdb_score":
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype=object if column in _LISTS else "str")
