"""A seat: what of a participant stays on their computer.

Keys, viewings, corrections, the dial and user factors lie in the private folder, each file whole or not at
all and readable by its owner only. Nothing here is ever shared.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import alone, delete_private, read_private, write_private
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.tensors import pack_tensors, unpack_tensors
from fedflex_core.learning.factors import FloatArray

__all__ = ["LostKeys", "Seat", "identity_in"]

_TEXT = ("profile", "title", "series", "episode", "kind")


_ABOUT_VIEWING = ("viewings.csv", "corrections.json", "dial.json")


class LostKeys(FedFlexError):
    """The keys in a private folder are damaged: nobody can sign in that name any more."""


def identity_in(private: Path) -> Identity:
    """The keys that lie in a private folder, made at the first visit; they say nothing of who sits here.

    Raises:
        CannotWrite: The private disk takes no files.
        LostKeys: They are damaged.
    """
    place = private / "keys.json"
    with alone(private / "keys.lock"):  # two pages may be opened at once
        stored = read_private(place)
        if stored is None:
            stored = Identity.new().to_bytes()
            write_private(place, stored)
    try:
        return Identity.from_bytes(stored)
    except ValueError:
        raise LostKeys(
            "The file with your keys for this study is damaged.",
            "The file that was made when you first opened the study here.",
            "Put it back from a copy of your private folder; `fedflex doctor` says where that is. Without "
            "it nobody can go on in this name.",
        ) from None


class Seat:
    """One participant's private store.

    Args:
        private: The private folder; a seat that was taken before goes on as it was left.
    """

    def __init__(self, private: Path) -> None:
        self.private = private
        self.identity = identity_in(private)
        self.id = self.identity.public.id

    def pins(self, study: bytes) -> bool:
        """Whether the study is the one that this seat was taken in; the first one seen is kept.

        What has been spent, and what is promised, follows from the study's description: it may not be
        written anew under a participant's feet.
        """
        pinned = read_private(self.private / "study.json")
        if pinned is None:
            write_private(self.private / "study.json", study)
        return pinned in (None, study)

    @property
    def viewings(self) -> pd.DataFrame | None:
        """The stored viewings with the item each belongs to, or None if there are none."""
        stored = read_private(self.private / "viewings.csv")
        if stored is None:
            return None
        return pd.read_csv(
            io.BytesIO(stored),
            dtype={"item": "Int64", "season": "Int64", **dict.fromkeys(_TEXT, "string")},
            parse_dates=["date"],
            keep_default_na=False,
            na_values=dict.fromkeys(("item", "season", "series", "episode"), ""),
        )

    def keep_viewings(self, viewings: pd.DataFrame) -> None:
        """Store viewings in place of any earlier ones."""
        write_private(self.private / "viewings.csv", viewings.to_csv(index=False).encode())

    @property
    def corrections(self) -> dict[str, int]:
        """Stars set by hand, by item id."""
        stored = read_private(self.private / "corrections.json")
        corrections: dict[str, int] = json.loads(stored) if stored else {}
        return corrections

    def correct(self, item_id: str, stars: int | None) -> None:
        """Set the stars of an item by hand, or take the correction back with None."""
        changed = self.corrections | {item_id: stars}
        kept = {name: given for name, given in changed.items() if given is not None}
        write_private(self.private / "corrections.json", json.dumps(kept).encode())

    @property
    def shared_part(self) -> float:
        """How much of what was watched may move the model, 0 to 1; all of it until something is said."""
        stored = read_private(self.private / "dial.json")
        if stored is None:
            return 1.0
        try:
            part = float(json.loads(stored)["shared_part"])
        except (ValueError, TypeError, KeyError):
            return 0.0  # damaged: rather nothing than more than was wished for
        return part if 0 <= part <= 1 else 0.0

    @shared_part.setter
    def shared_part(self, part: float) -> None:
        write_private(self.private / "dial.json", json.dumps({"shared_part": part}).encode())

    def user_factors(self, arm: str, number: int) -> FloatArray | None:
        """The user factors of an arm's fit on the model of round ``number``, or None if there are none."""
        stored = read_private(self._fit(arm, number))
        if stored is None:
            return None
        try:
            factors: FloatArray = unpack_tensors(stored)["user_factors"]
        except (BadRecord, KeyError):
            return None  # damaged: it is fitted again
        return factors

    def keep_user_factors(self, arm: str, number: int, factors: FloatArray) -> None:
        """Store the user factors of a fit."""
        write_private(self._fit(arm, number), pack_tensors({"user_factors": factors}))

    def forget_user_factors(self) -> None:
        """Drop all fits, since what they were made from has changed."""
        for place in (self.private / "fits").glob("*"):
            delete_private(place)

    def _fit(self, arm: str, number: int) -> Path:
        return self.private / "fits" / f"{arm}-{number:04d}.safetensors"

    @property
    def token(self) -> str | None:
        """What the invitation gave to show at the door, or None."""
        stored = read_private(self.private / "token")
        return None if stored is None else stored.decode()

    @token.setter
    def token(self, token: str) -> None:
        write_private(self.private / "token", token.encode())

    def erase(self) -> None:
        """Delete all that was watched, said of it or learned from it; the keys stay, to leave with.

        Raises:
            CannotWrite: The disk does not let go of a file; a second call goes on.
        """
        self.forget_user_factors()
        for name in _ABOUT_VIEWING:
            delete_private(self.private / name)
