"""The arms of a study by name: each one algorithm with its settings, swapped freely.

An arm is a module with ``fit(model, ratings, config, rng) -> (user_factors, update)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from fedflex_core.learning import bpr, fcf, svd
from fedflex_core.learning.factors import FloatArray, Model, Ratings, Update

__all__ = ["ARMS", "Arm"]


@dataclass(frozen=True)
class Arm:
    """One algorithm: its settings' class and its fit."""

    config: type[BaseModel]
    fit: Callable[[Model, Ratings, Any, np.random.Generator], tuple[FloatArray, Update]]


ARMS = {
    "svd": Arm(svd.SVDConfig, svd.fit),
    "bpr": Arm(bpr.BPRConfig, bpr.fit),
    "fcf": Arm(fcf.FCFConfig, fcf.fit),
}
