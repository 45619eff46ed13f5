"""What a person has told of their history: kept on their computer, for all of their studies.

Which series a name stands for that no catalogue knows, and which series no model may learn from. Neither is
ever shared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.outbox import alone, delete_private, read_private, write_private
from fedflex_core.study.home import home_folder
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.history import History
from fedflex_core.viewing.inspection import inspection
from fedflex_core.viewing.matching import Matcher

__all__ = ["Told", "UnknownSeries", "inspect_history", "tell"]


class UnknownSeries(FedFlexError):
    """A series was named that the catalogue does not have."""


class Told:
    """A small private file, readable by its owner only.

    Args:
        home: The folder of all private files; the platform's own if not given.

    >>> import tempfile
    >>> told = Told(Path(tempfile.mkdtemp()))
    >>> told.name("Zaklinac z Rivie", "the-witcher")
    >>> told.leave_out("peppa-pig", True)
    >>> told.names, told.left_out
    ({'Zaklinac z Rivie': 'the-witcher'}, frozenset({'peppa-pig'}))
    """

    def __init__(self, home: Path | None = None) -> None:
        self._path = (home or home_folder()) / "told.json"

    @property
    def names(self) -> dict[str, str]:
        """Item ids by the names that stand for them."""
        return {str(name): str(item) for name, item in self._read()["names"].items()}

    @property
    def left_out(self) -> frozenset[str]:
        """Item ids of series that no model may learn from."""
        return frozenset(map(str, self._read()["left_out"]))

    def name(self, name: str, item_id: str | None) -> None:
        """Remember what a name stands for, or forget it with None.

        Raises:
            CannotWrite: The private folder takes no files.
        """
        with self._changing() as stored:
            stored["names"].pop(name, None)
            if item_id is not None:
                stored["names"][name] = item_id

    def leave_out(self, item_id: str, left_out: bool) -> None:
        """Leave a series out, or take it in again.

        Raises:
            CannotWrite: The private folder takes no files.
        """
        with self._changing() as stored:
            others = set(stored["left_out"]) - {item_id}
            stored["left_out"] = sorted(others | {item_id} if left_out else others)

    def forget_if_alone(self, seat: Path) -> None:
        """Delete all of it, unless another seat on this computer still uses it.

        Raises:
            CannotWrite: The disk does not let go of the file.
        """
        seats = self._path.parent.glob("studies/*/participant/viewings.csv")
        if not any(place.parent != seat for place in seats):
            delete_private(self._path)

    def _read(self) -> dict[str, Any]:
        content = read_private(self._path)
        try:
            stored = json.loads(content) if content else {}
            return {"names": dict(stored.get("names", {})), "left_out": list(stored["left_out"])}
        except (ValueError, TypeError, AttributeError, KeyError):
            return {"names": {}, "left_out": []}  # none yet, or damaged: it can be told again

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        with alone(self._path.with_suffix(".lock")):  # two pages may be open at once
            stored = self._read()
            yield stored
            write_private(self._path, json.dumps(stored, ensure_ascii=False, indent=1).encode())


def tell(
    told: Told,
    catalogue: Catalogue,
    names: Iterable[str] = (),
    forget: Iterable[str] = (),
    leave_out: Iterable[str] = (),
    take_in: Iterable[str] = (),
) -> None:
    """Remember what a person says in words: `NAME=SERIES`, and titles of series.

    Raises:
        UnknownSeries: The catalogue has no such series, or several; nothing was remembered.
    """
    matcher = Matcher(catalogue)
    named = {}
    for text in names:
        name, _, series = text.rpartition("=")
        named[name.strip()] = _item_id(matcher, catalogue, series)
    left_out = {_item_id(matcher, catalogue, series): True for series in leave_out}
    left_out |= {_item_id(matcher, catalogue, series): False for series in take_in}
    for name, item_id in ({name.strip(): None for name in forget} | named).items():
        told.name(name, item_id)
    for item_id, out in left_out.items():
        told.leave_out(item_id, out)


def inspect_history(history: History, catalogue: Catalogue, told: Told) -> dict[str, Any]:
    """What is known of a history, by the catalogue and by what the person has told.

    Returns:
        See :func:`inspection`; a recognised series also says whether it is ``left_out``.
    """
    matcher, left_out = Matcher(catalogue, given=told.names), told.left_out
    answer = inspection(history, matcher.match_viewings(history.viewings), catalogue)
    for row in answer["recognised"]:
        row["left_out"] = row["item_id"] in left_out
    return answer


def _item_id(matcher: Matcher, catalogue: Catalogue, series: str) -> str:
    text = series.strip()
    if text in catalogue:
        return text
    match = matcher.match(text, kind="series") if text else None
    if match is None:
        raise UnknownSeries(
            "A series that was named is not in the catalogue, or could be several.",
            'A title of the catalogue, and for a name "NAME=SERIES".',
            "Check its spelling; the id of a series will do, too. Nothing was remembered.",
        )
    return str(catalogue.items["item_id"].iloc[match.item])
