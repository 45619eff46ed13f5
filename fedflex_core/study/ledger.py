"""The ledger: every noisy update that was made here, what all of them have cost, and a cap of one's own.

It is charged before an update is made, so that a crash costs privacy on paper at most, never in secret.
A round that was charged is charged once: the same update is shared again, whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.outbox import alone, read_private, write_private
from fedflex_core.learning.privacy import best_guess, epsilon_spent
from fedflex_core.study.design import StudyDesign

__all__ = ["BadCap", "CapReached", "Ledger", "Privacy"]


class CapReached(FedFlexError):
    """The participant's own cap leaves no room for another update."""


class BadCap(FedFlexError):
    """The cap is none."""


@dataclass(frozen=True)
class Privacy:
    """What one arm has cost a participant, and what is left of the promise."""

    updates: int
    """Updates charged so far."""
    spent: float
    """Epsilon spent; inf without noise."""
    after_next: float
    """Epsilon spent once the next update is shared."""
    promised: float
    """The most that the study may cost; inf without noise."""

    @property
    def left(self) -> float:
        """What the study may still cost in this arm."""
        return self.promised - self.spent if self.spent < self.promised else 0.0


class Ledger:
    """What one seat has spent, in a small private file.

    Args:
        place: The file.
        design: The study, which says how much noise each round has.

    >>> import tempfile
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / "ledger.json", StudyDesign(name="Pilot"))
    >>> ledger.charge("svd", 1)
    >>> ledger.charge("svd", 1)
    >>> ledger.charged("svd"), round(ledger.privacy("svd", asked=2).spent, 1)
    (frozenset({1}), 7.5)
    """

    def __init__(self, place: Path, design: StudyDesign) -> None:
        self._place = place
        self._design = design

    def charged(self, arm: str) -> frozenset[int]:
        """Rounds of an arm that count as spent."""
        return frozenset(self._read().charged.get(arm, ()))

    def made(self, arm: str) -> frozenset[int]:
        """Rounds of an arm whose update was made, and is not to be made again."""
        return frozenset(self._read().made.get(arm, ()))

    @property
    def is_whole(self) -> bool:
        """Whether it is there, as it was written: otherwise it does not know what was made."""
        content = read_private(self._place)
        try:
            return content is not None and bool(_Stored.model_validate_json(content))
        except ValidationError:
            return False

    def charge(self, arm: str, number: int) -> None:
        """Write down that an update for a round is about to be made.

        Raises:
            CannotWrite: The private disk takes no files; no update may be made.
        """
        with self._changing() as stored:
            _add(stored.charged, arm, number)

    def keep(self, arm: str, number: int) -> None:
        """Write down that it was made.

        Raises:
            CannotWrite: The private disk takes no files.
        """
        with self._changing() as stored:
            _add(stored.made, arm, number)

    def restore(self, made: Mapping[str, Iterable[int]]) -> None:
        """Write down rounds of several arms that were made, all of them at once or none.

        Raises:
            CannotWrite: The private disk takes no files.
        """
        with self._changing() as stored:
            for arm, rounds in made.items():
                for number in rounds:
                    _add(stored.charged, arm, number)
                    _add(stored.made, arm, number)

    def privacy(self, arm: str, asked: int) -> Privacy:
        """What an arm has cost so far, and would have after the round ``asked``."""
        design, charged = self._design, self.charged(arm)
        return Privacy(
            updates=len(charged),
            spent=design.epsilon_of(charged),
            after_next=design.epsilon_of(charged | {asked}),
            promised=design.epsilon_after(design.rounds),
        )

    def together(self, asked: int | None = None) -> float:
        """Epsilon of everything that was sent, in all arms; with ``asked`` after one more round in each."""
        privacy = self._design.privacy
        return epsilon_spent(privacy.mode, self._noise(asked), privacy.delta)

    def best_guess(self, asked: int | None = None) -> float:
        """How often whoever sees everything that was sent can at most be right, see :func:`best_guess`."""
        return best_guess(self._design.privacy.mode, self._noise(asked))

    @property
    def cap(self) -> float | None:
        """The person's own limit for :meth:`together`, or None if they have set none."""
        return self._read().cap

    @cap.setter
    def cap(self, cap: float | None) -> None:
        if cap is not None and not cap >= 0:
            raise BadCap(
                "The cap is not a number of 0 or more.",
                "The most ε that everything you send may cost, for example 4.",
                "Choose such a number, or no cap; nothing was changed.",
            )
        with self._changing() as stored:
            stored.cap = cap

    def refuse_above_cap(self, asked: int) -> None:
        """Stop before a round that would cost more than the person allows.

        Raises:
            CapReached: It would.
        """
        cap, after = self.cap, self.together(asked)
        if cap is not None and after > cap:
            raise CapReached(
                f"After this round everything you have sent would cost ε = {after:.2f}; your own cap is "
                f"{cap:.2f}.",
                "A cost below your cap.",
                "Nothing was shared. Your lists can still be made; raise your cap to go on sharing.",
            )

    def _noise(self, asked: int | None) -> tuple[float, ...]:
        extra: Iterable[int] = () if asked is None else (asked,)
        rounds = [
            number for arm in self._design.arm_names for number in {*self.charged(arm), *extra}
        ]
        return tuple(sorted(self._design.noise_multiplier_of(number) for number in rounds))

    def _read(self) -> _Stored:
        content = read_private(self._place)
        if content is None:
            return _Stored(charged={}, made={}, cap=None)
        try:
            return _Stored.model_validate_json(content)
        except ValidationError:
            # Damaged: rather everything than less than was spent.
            every = list(range(1, self._design.rounds + 1))
            spent = {arm: every for arm in self._design.arm_names}
            return _Stored(charged=spent, made={}, cap=None)

    @contextmanager
    def _changing(self) -> Iterator[_Stored]:
        with alone(self._place.with_suffix(".lock")):  # two pages may be open at once
            stored = self._read()
            yield stored
            write_private(self._place, stored.model_dump_json().encode())


class _Stored(BaseModel):
    """What is in the file."""

    charged: dict[str, list[int]]
    made: dict[str, list[int]]
    cap: float | None = Field(ge=0)


def _add(rounds: dict[str, list[int]], arm: str, number: int) -> None:
    rounds[arm] = sorted({*rounds.get(arm, ()), number})
