"""All names of a catalogue's items, and those that a person has told, ready to be looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.matching.names import Name, read_name

__all__ = ["Entry", "entries_of", "strongest_of"]


class Entry(NamedTuple):
    """One name of one item."""

    item: int
    how: Literal["given", "title", "alias"]
    name: Name


def entries_of(catalogue: Catalogue, given: Mapping[str, str]) -> Iterator[Entry]:
    """Names that were given with an item's id, then the titles and aliases of all items."""
    for name, item_id in given.items():
        if item_id in catalogue:
            yield Entry(catalogue.index_of(item_id), "given", read_name(name))
    titles, aliases = catalogue.titles, catalogue.items["aliases"]
    for item, (title, others) in enumerate(zip(titles, aliases, strict=True)):
        yield Entry(item, "title", read_name(title))
        yield from (Entry(item, "alias", read_name(alias)) for alias in others)


def strongest_of(entries: list[Entry]) -> list[Entry]:
    """What the person said before a title, a title before another's alias."""
    for how in ("given", "title"):
        if stronger := [entry for entry in entries if entry.how == how]:
            return stronger
    return entries
