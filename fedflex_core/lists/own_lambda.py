"""A weight of relevance of one's own, from what a person clicks in list A and in list B.

A series that is in one list alone tells the two apart. Who clicks those of list A wants what is predicted;
who clicks those of list B wants difference. Each such click is taken as a draw from a Bernoulli
distribution whose chance of "list A" is the weight of relevance; its conjugate prior is a Beta
distribution with the study's λ as its mean, worth ``PSEUDO_CLICKS`` clicks (Gelman et al., Bayesian Data
Analysis, section 2.4), and the λ of one's own is the mean of what is then believed. Both lists are of one
length, so each shows as many series that the other lacks: who clicks either kind alike comes to 0.5.

Nothing is drawn at random, and nothing has to be stored: the clicks that are recorded anyway are all it
takes. So it tells nobody more than they do, nor is it more of a secret than they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["LEAST", "MOST", "PSEUDO_CLICKS", "clicks_in_one_list", "own_lambda"]

PSEUDO_CLICKS = 10.0
"""How many clicks the study's λ weighs: after as many, one's own clicks count as much."""

LEAST, MOST = 0.05, 0.95
"""Bounds of a λ of one's own: neither relevance nor difference is ever given up."""


def own_lambda(lambda_: float, relevant: int, diverse: int) -> float:
    """The posterior mean of a person's weight of relevance.

    Of the prior Beta(s λ, s (1 - λ)) with s = ``PSEUDO_CLICKS`` and the counts of clicks it is
    ``(s λ + relevant) / (s + relevant + diverse)``, kept within ``LEAST`` and ``MOST``.

    Args:
        lambda_: The study's weight of relevance, ``LEAST`` to ``MOST``; without clicks it is the
            answer, to the bit.
        relevant: Clicks on series that were in list A alone, 0 or more.
        diverse: Clicks on series that were in list B alone, 0 or more.

    Raises:
        ValueError: The study's λ is out of bounds, or a count is negative.

    >>> own_lambda(0.3, 0, 0), own_lambda(0.3, 4, 0), round(own_lambda(0.3, 0, 5), 3)
    (0.3, 0.5, 0.2)
    """
    if not LEAST <= lambda_ <= MOST:
        raise ValueError(f"a λ to start from is {LEAST} to {MOST}")
    if relevant < 0 or diverse < 0:
        raise ValueError("a count of clicks is 0 or more")
    clicks = relevant + diverse
    # The mean as a step away from λ, so that no step is no change.
    mean = lambda_ + (relevant - lambda_ * clicks) / (PSEUDO_CLICKS + clicks)
    return min(max(mean, LEAST), MOST)


def clicks_in_one_list(
    a: Sequence[str], b: Sequence[str], clicks: Collection[tuple[str, int]]
) -> tuple[int, int]:
    """How many different series were clicked that only list A showed, and that only list B did.

    A series that both lists show says nothing of the difference between them, whichever was clicked.

    Args:
        a: The ids of list A, best first.
        b: Those of list B.
        clicks: What stands clicked, (``"A"`` or ``"B"``, rank from 1).

    >>> clicks_in_one_list(["x", "y"], ["x", "z"], [("A", 1), ("B", 1), ("B", 2)])
    (0, 1)
    """
    clicked = {(side, (a if side == "A" else b)[rank - 1]) for side, rank in clicks}
    only_a, only_b = set(a) - set(b), set(b) - set(a)
    return (
        sum(side == "A" and item in only_a for side, item in clicked),
        sum(side == "B" and item in only_b for side, item in clicked),
    )
