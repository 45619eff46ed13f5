"""Noise in shares: everybody adds a little, and two parties add what cannot be relied upon.

A secure sum is added up by two parties, a helper and the aggregator, and the promise of a round needs
noise of standard deviation ``sigma`` on it. Nobody can be trusted with all of it: whoever draws noise
knows it, and could take it away again. So each participant adds a share, before anybody can read
anything, as in Dwork et al. 2006, Our Data, Ourselves: Privacy via Distributed Noise Generation.

How many will take part is not known when a share is drawn, nor do all need to have drawn theirs. So the
share is fixed beforehand, as if ``shares`` people were to make ``sigma`` together; and of the ``n`` whose
updates are in the sum only ``floor(honest_share * n)`` are relied upon, and of more than ``shares`` people
no more than of ``shares``: who sends many updates under many numbers must not buy off the parties' noise.
The helper and the aggregator each top up what these leave open, in full: either may be the one to fear, and
its own noise hides nothing from itself. Variances of independent Gaussian noise add, so all of this is
arithmetic of variances.

The person whose update is protected is one of those relied upon: a person who did add a share knows of
one honest person. Where nobody is relied upon the parties' noise suffices on its own. Nothing is promised
against the two parties together, who know both top-ups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["NoiseShares"]


@dataclass(frozen=True)
class NoiseShares:
    """Who adds how much noise, so that ``sigma`` is left whichever party looks.

    Args:
        shares: How many people's noise together is to make ``sigma``, >= 1; set before anybody draws.
        honest_share: Of the people in a sum, the share that is relied upon to have added theirs, 0 to 1.

    Raises:
        ValueError: One of the two is out of its range.

    With as many people as were expected, half of them relied upon, the sum has twice the variance needed,
    a half from each of the parties and all of it from the people:

    >>> noise = NoiseShares(shares=100)
    >>> round(noise.share_std(1.0), 3), round(noise.top_up_std(1.0, people=100), 3)
    (0.1, 0.707)
    >>> round(noise.total_std(1.0, people=100), 2)
    1.41
    """

    shares: int
    honest_share: float = 0.5

    def __post_init__(self) -> None:
        if self.shares < 1:
            raise ValueError("at least one share is expected")
        if not 0 <= self.honest_share <= 1:
            raise ValueError("an honest share from 0 to 1 is expected")

    def share_std(self, sigma: float) -> float:
        """Standard deviation of the noise that each participant adds.

        Args:
            sigma: What the promise needs on the sum, in the sum's unit, >= 0 and finite.
        """
        return self._std(sigma, 1)

    def top_up_std(self, sigma: float, people: int) -> float:
        """Standard deviation of the noise that the helper adds, and of what the aggregator adds.

        Args:
            sigma: What the promise needs on the sum, >= 0 and finite.
            people: Whose updates are in the sum, >= 0.

        >>> NoiseShares(shares=100).top_up_std(3.0, people=0)
        3.0
        >>> NoiseShares(shares=100, honest_share=0.75).top_up_std(3.0, people=500)
        1.5
        """
        return self._std(sigma, self._missing(people))

    def total_std(self, sigma: float, people: int) -> float:
        """Standard deviation of all noise on the sum where everybody did their part.

        Args:
            sigma: What the promise needs on the sum, >= 0 and finite.
            people: Whose updates are in the sum, >= 0.
        """
        return self._std(sigma, people + 2 * self._missing(people))

    def left_std(self, sigma: float, people: int, honest: int) -> float:
        """What is left for somebody who knows one party's noise and that of all but ``honest`` people.

        At least ``sigma`` where ``honest`` is ``floor(honest_share * people)`` or more.

        Args:
            sigma: What the promise needs on the sum, >= 0 and finite.
            people: Whose updates are in the sum, >= 0.
            honest: How many of them added their noise and tell nobody, 0 to ``people``; the person who is
                protected is one.

        >>> noise = NoiseShares(shares=100)
        >>> noise.left_std(1.0, people=100, honest=50)
        1.0
        >>> round(noise.left_std(1.0, people=100, honest=1), 2)
        0.71
        """
        if not 0 <= honest <= people:
            raise ValueError("no more honest people than people are expected")
        return self._std(sigma, honest + self._missing(people))

    def _missing(self, people: int) -> int:
        """The shares that one party tops up: those that the people relied upon leave open."""
        if people < 0:
            raise ValueError("0 people or more are expected")
        relied_upon = math.floor(self.honest_share * min(people, self.shares))
        return self.shares - relied_upon

    def _std(self, sigma: float, shares: int) -> float:
        """Of the noise of so many shares; counted whole, so that all of them are ``sigma`` to the bit."""
        if not 0 <= sigma < math.inf:
            raise ValueError("a standard deviation of 0 or more is expected")
        return sigma * math.sqrt(shares / self.shares)
