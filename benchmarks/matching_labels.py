"""Right answers for people's own exports, kept in digests: no name of theirs stands in a file.

A digest is made with the export it belongs to, so that who does not have the export cannot try out
names. The file is sorted by digest; nothing in it tells whose a line is.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["Key", "Labels"]


class Key:
    """Makes the digests for one export.

    >>> Key(b"an export").of("series", "Dark") == Key(b"another").of("series", "Dark")
    False
    """

    def __init__(self, export: bytes) -> None:
        self._secret = hashlib.sha256(export).digest()

    def of(self, *texts: str) -> str:
        """The first 16 hex digits of SHA-256."""
        said = "\0".join(texts).encode()
        return hashlib.sha256(self._secret + said).hexdigest()[:16]


class Labels:
    """For a series' name, or a whole title, the item it stands for, or none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._items: dict[str, set[str]] = defaultdict(set)
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self._items[row["name"]] |= {row["item"]} - {""}

    def right(self, key: Key, name: Sequence[str], ids: Iterable[str]) -> frozenset[str] | None:
        """Those of the ids that are right; None where nobody has said yet."""
        items = self._items.get(key.of(*name))
        if items is None:
            return None
        return (
            frozenset(item for item in ids if key.of(*name, item) in items)
            if items
            else frozenset()
        )

    def add(self, key: Key, name: Sequence[str], items: Iterable[str]) -> None:
        """Say what a name stands for; nothing for a series that no catalogue has."""
        self._items[key.of(*name)] |= {key.of(*name, item) for item in items}

    def write(self) -> None:
        """Write them all, sorted."""
        rows = [(name, item) for name, items in self._items.items() for item in (items or {""})]
        lines = "".join(f"{name},{item}\n" for name, item in sorted(rows))
        self._path.write_text("name,item\n" + lines, encoding="utf-8")
