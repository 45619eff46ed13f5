"""A column of many rows and few different texts, as an export has: each text is kept once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

__all__ = ["Column", "ColumnBuilder"]


@dataclass(frozen=True)
class Column:
    """One text a row, of which equal ones are kept once.

    Attributes:
        texts: The texts without spaces around them; one that stands in the file with different
            spaces is here as often.
        codes: For each row, the index of its text.

    >>> Column(["Okja", "Dark"], np.array([0, 1, 0], dtype=np.intc)).of()
    ['Okja', 'Dark', 'Okja']
    """

    texts: list[str]
    codes: npt.NDArray[np.intc]

    def of(self, rows: npt.NDArray[np.bool_] | None = None) -> list[str]:
        """The texts of all rows, or of some, given by one truth value a row."""
        codes = self.codes if rows is None else self.codes[rows]
        return list(map(self.texts.__getitem__, codes))

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Column:
        """A column of texts, one a row."""
        builder = ColumnBuilder()
        builder.extend(texts)
        return builder.column()


class ColumnBuilder:
    """The texts of a column while it is being read: each is known by the first row that has it."""

    def __init__(self) -> None:
        self._first_row: dict[str, int] = {}
        self._rows = array("i")

    def extend(self, texts: Iterable[str]) -> None:
        """Add rows, one a text."""
        numbers = count(len(self._rows))
        self._rows.extend(list(map(self._first_row.setdefault, texts, numbers)))

    def column(self) -> Column:
        """All rows so far."""
        rows = np.frombuffer(self._rows, dtype=np.intc)
        code_of = np.empty(len(rows), dtype=np.intc)
        code_of[list(self._first_row.values())] = np.arange(len(self._first_row))
        return Column([text.strip() for text in self._first_row], code_of[rows])
