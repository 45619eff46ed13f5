"""A participant's own dial: which share of their items' updates is sent at all.

Anelli et al. (2021), How to Put Users in Control of their Data in Federated Top-N Recommendation with
Learning to Rank, section 3.2: each person decides which share of the updates of their positive items
leaves the device. There the unwatched items' updates are always sent, so a silent item is a watched one.
Here the coin is tossed for every item alike: a watched item's update is sent with the chosen
probability, and silence tells nothing.
"""

from __future__ import annotations

import numpy as np

from fedflex_core.learning.factors import Model, Update

__all__ = ["muted"]


def muted(update: Update, shared_part: float, rng: np.random.Generator) -> Update:
    """The update with the rows of all but a random ``shared_part`` of the items set to 0.

    Args:
        update: A local update.
        shared_part: Chance of each item, watched or not, to keep its row; 0 to 1.
        rng: Tosses the coins.

    >>> update = Model(np.ones((1000, 1), np.float32), np.ones(1000, np.float32))
    >>> kept = muted(update, 0.25, np.random.default_rng(0)).item_bias.sum()
    >>> bool(200 < kept < 300)
    True
    """
    if not 0 <= shared_part <= 1:
        raise ValueError("a share from 0 to 1 is expected")
    if shared_part == 1:
        return update
    kept = (rng.random(update.items) < shared_part).astype(np.float32)
    return Model(update.item_factors * kept[:, None], update.item_bias * kept)
