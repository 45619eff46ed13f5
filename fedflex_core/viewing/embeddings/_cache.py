"""Embeddings that were made before, by what they were made from: a text is embedded once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["EmbeddingCache"]


class EmbeddingCache:
    """A small database file; it may be deleted at any time, and costs nothing but time then.

    Args:
        path: Where it lies; it is made on first use.
        encoder: What made the embeddings; those of another encoder are not found.
    """

    def __init__(self, path: Path, encoder: str) -> None:
        self._path = path
        self._encoder = encoder

    def find(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The embeddings of those texts that are there, float32 of shape (d,)."""
        found = {}
        with closing(self._open()) as database:
            for text in texts:
                query = "SELECT vector FROM embeddings WHERE content = ?"
                row = database.execute(query, (self._key(text),)).fetchone()
                if row is not None:
                    found[text] = np.frombuffer(row[0], "<f4").astype(np.float32)
        return found

    def keep(self, made: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep embeddings; all of them or, where the machine stops meanwhile, none."""
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in made.items()]
        with closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._encoder}\n{text}".encode()).digest()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.DatabaseError:  # damaged, or no database: what it held can be made again
            self._path.unlink(missing_ok=True)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=60)
        database.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (content BLOB PRIMARY KEY, vector BLOB NOT NULL)"
        )
        return database
