"""What a participant watched, and what they say of it: all of it stays on their computer.

The person is in control of what their model learns from. A series can be left out, its stars corrected, and a
name that the catalogue does not know given its series; nothing is computed before they go on.
"""

from __future__ import annotations

import os

import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.seat import Seat
from fedflex_core.study.told import Told
from fedflex_core.viewing.history import History, read_history
from fedflex_core.viewing.inspection import unrecognised
from fedflex_core.viewing.matching import Matcher
from fedflex_core.viewing.ratings import rate_viewings

__all__ = ["ChooseProfile", "NothingKnown", "Watched"]


class NothingKnown(FedFlexError):
    """No series of the history is in the study's catalogue."""


class ChooseProfile(FedFlexError):
    """Several people share an export; only the chosen one's viewings may be used."""


class Watched:
    """The history of one seat, its stars, and the person's corrections.

    Args:
        study: The opened study.
        seat: Where it is kept.
        told: What the person has told of it.
    """

    def __init__(self, study: OpenedStudy, seat: Seat, told: Told) -> None:
        self._study = study
        self._seat = seat
        self._told = told
        self._matcher: Matcher | None = None

    # The history.

    @property
    def viewings(self) -> pd.DataFrame | None:
        """The stored viewings with the item each belongs to, or None before a history was loaded."""
        return self._seat.viewings

    def _match(self, viewings: pd.DataFrame) -> pd.DataFrame:
        """The viewings with a column ``item``: which series of the catalogue each is."""
        self._matcher = self._matcher or Matcher(self._study.catalogue, given=self._told.names)
        return self._matcher.match_viewings(viewings)

    def load(
        self,
        source: str | os.PathLike[str] | bytes,
        profile: str | None = None,
        day_first: bool | None = None,
    ) -> History:
        """Read an export and keep the viewings of one profile in the private folder.

        Raises:
            NotAnExport: The file is none.
            ChooseProfile: It holds several profiles and none was named.
            NothingKnown: None of its series is in the catalogue; what was stored before stays.
        """
        history = read_history(source, day_first=day_first)
        if profile is not None:
            history = history.of_profile(profile)
        elif len(history.report.profiles) > 1:
            raise ChooseProfile(
                f"The export holds {len(history.report.profiles)} profiles.",
                "One person's viewings.",
                "Name the profile; `fedflex inspect` lists them.",
            )
        self.keep(history)
        return history

    def keep(self, history: History) -> None:
        """Store the viewings of a history that was read; any earlier one is replaced.

        Raises:
            NothingKnown: None of its series is in the catalogue; what was stored before stays.
        """
        matched = self._match(history.viewings)
        if not matched["item"].notna().any():
            raise NothingKnown(
                "None of the series in this history is in the study's catalogue.",
                f"At least one of its {len(self._study.catalogue)} series.",
                "Choose another profile or another export; nothing was changed.",
            )
        self._store(matched)

    def _stored(self) -> pd.DataFrame:
        """The stored viewings, none of them before a history was loaded."""
        viewings = self.viewings
        return _NO_VIEWINGS if viewings is None else viewings

    def _store(self, matched: pd.DataFrame) -> None:
        self._seat.keep_viewings(matched)
        self._seat.forget_user_factors()

    # What the model learns from.

    @property
    def ratings(self) -> pd.DataFrame:
        """Stars of every known series that is not left out, see :func:`rate_viewings`."""
        table = self.review()
        return table[table["used"]].drop(columns="used").reset_index(drop=True)

    def review(self) -> pd.DataFrame:
        """All known series with their stars, and whether the model may learn from them (``used``).

        Empty before a history was loaded.
        """
        by_hand = {self._item(name): stars for name, stars in self._seat.corrections.items()}
        table = rate_viewings(self._stored(), self._study.design.rating_rules, by_hand)
        catalogue = self._study.catalogue
        left_out = [catalogue.index_of(one) for one in self._told.left_out if one in catalogue]
        return table.assign(used=~table["item"].isin(left_out))

    def correct(self, item: int, stars: int | None) -> None:
        """Set the stars (1 to 5) of a series by hand, or take the correction back with None."""
        if stars is not None and stars not in range(1, 6):
            raise ValueError("stars are 1 to 5")
        self._seat.correct(self._id(item), stars)
        self._seat.forget_user_factors()

    def use(self, item: int, used: bool) -> None:
        """Leave a series out of what the model learns from, or take it in again.

        It stays watched: it will not be recommended either way.
        """
        self._told.leave_out(self._id(item), not used)
        self._seat.forget_user_factors()

    # Names that the catalogue does not know.

    def unrecognised(self) -> pd.DataFrame:
        """The names of series that are not known, see :func:`unrecognised`."""
        return unrecognised(self._stored())

    def given_names(self) -> dict[str, str]:
        """What the person has said of names in this history: item ids by name."""
        seen = set(self._stored()["series"].dropna())
        names = self._told.names.items()
        return {
            name: item for name, item in names if name in seen and item in self._study.catalogue
        }

    def give_name(self, name: str, item_id: str | None) -> None:
        """Say which series a name in the history stands for, or take that back with None.

        It is remembered on this computer for later histories, too.
        """
        if item_id is not None and item_id not in self._study.catalogue:
            raise ValueError("the study has no such series")
        self._told.name(name, item_id)
        self._matcher = None
        if (viewings := self.viewings) is not None:
            self._store(self._match(viewings.drop(columns="item")))

    def _id(self, item: int) -> str:
        return str(self._study.catalogue.items["item_id"].iloc[item])

    def _item(self, item_id: str) -> int:
        return self._study.catalogue.index_of(item_id)


_NO_VIEWINGS = pd.DataFrame(
    {
        **{name: pd.array([], "string") for name in ("profile", "title", "series", "episode")},
        **{name: pd.array([], "Int64") for name in ("season", "item")},
        "date": pd.array([], "datetime64[s]"),
        "kind": pd.array([], "string"),
    }
)
