"""The blocks of an update, its biases, its factors and a report beside them, under one bound.

What a person's bound buys is decided by where it is spent: noise is the same on every entry, so a block
that gets a share ``s`` of the squared bound stands out of it by ``sqrt(s)``. The bounds together are
one norm, and one Gaussian mechanism is accounted for (McMahan et al. 2018, section 4.2, per-layer
clipping; Andrew et al. 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.learning.privacy import Noise, secure_normal

__all__ = ["Bounds", "add_noise", "bound"]


@dataclass(frozen=True)
class Bounds:
    """How long each block of an update may be, in the update's own unit.

    >>> Bounds.of(1.0, bias_share=0.36)
    Bounds(bias=0.6, factors=0.8, report=0.0)
    """

    bias: float
    factors: float
    report: float = 0.0

    @classmethod
    def of(cls, max_update_norm: float, bias_share: float, report_share: float = 0.0) -> Bounds:
        """Split ``max_update_norm``.

        Args:
            max_update_norm: Bound of all blocks together.
            bias_share: Of its square, as much as the report leaves: what biases may use, 0 to 1.
            report_share: Of its square: what a report may use, 0 to 1.
        """
        of_model = 1.0 - report_share
        shares = (of_model * bias_share, of_model * (1.0 - bias_share), report_share)
        return cls(*(max_update_norm * math.sqrt(share) for share in shares))


def bound(update: Update, bounds: Bounds, stretch: bool = False) -> Update:
    """Scale each block down to its bound; with ``stretch`` also up to it.

    Stretched, everybody counts the same whatever they watched, and nothing of the bound, which noise is
    measured by, is left unused. A block of zeros stays one, and an update that is not finite becomes
    zero: no noise could cover where it is not.

    >>> update = Model(np.full((2, 2), 3.0, np.float32), np.zeros(2, np.float32))
    >>> bounded = bound(update, Bounds.of(1.0, bias_share=0.36))
    >>> round(bounded.norm(), 5)
    0.8
    """
    factors = _scaled(update.item_factors, bounds.factors, stretch)
    bias = _scaled(update.item_bias, bounds.bias, stretch)
    if factors is None or bias is None:
        return Model(np.zeros_like(update.item_factors), np.zeros_like(update.item_bias))
    return Model(factors, bias)


def _scaled(block: FloatArray, most: float, stretch: bool) -> FloatArray | None:
    from fedflex_core.learning import _compiled  # slow to load; a page should be there

    norm = math.sqrt(_compiled.squared_norm(np.ascontiguousarray(block)))
    if not math.isfinite(norm):
        return None
    if norm == 0 or (norm <= most and not stretch):
        return block
    return block * np.float32(most / norm)


def add_noise(
    update: Update, std: float, noise: Noise = secure_normal, bounds: Bounds | None = None
) -> Update:
    """The update with independent Gaussian noise of standard deviation ``std`` on every entry.

    A block whose bound is 0 is 0 whoever sends it: there is nothing to hide in it, and it stays so.
    """
    if std == 0:
        return update
    factors, bias = update.item_factors, update.item_bias
    if bounds is None or bounds.factors > 0:
        factors = (factors + std * noise(factors.shape)).astype(np.float32)
    if bounds is None or bounds.bias > 0:
        bias = (bias + std * noise(bias.shape)).astype(np.float32)
    return Model(factors, bias)
