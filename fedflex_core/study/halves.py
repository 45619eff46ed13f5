"""An update as one row of numbers, for sums that nobody sees the parts of.

Only what a round asks for is in the row: a block whose bound is 0 is 0 whoever sends it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedflex_core.exchange.secure_sum import Encoding
from fedflex_core.learning.aggregation import AggregationConfig
from fedflex_core.learning.factors import FloatArray, Model, Update
from fedflex_core.learning.privacy import Noise
from fedflex_core.study.design import StudyDesign

__all__ = ["MAX_PEOPLE", "Row", "noise_row"]

MAX_PEOPLE = 10_000
"""Most people in one sum: the grid is chosen so that it cannot wrap."""
_TAIL = 18.0
"""No draw of ours is farther out, in standard deviations (`secure_normal` adds four of at most 8.7, halved)."""


class Row:
    """How the updates of one round lie in a row.

    Args:
        design: The study.
        config: The round's settings.
        model: The global model that the round starts from.

    >>> config = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0, bias_share=1.0)
    >>> model = Model(np.zeros((3, 2), np.float32), np.zeros(3, np.float32))
    >>> Row(StudyDesign(name="Pilot"), config, model).length
    3
    """

    def __init__(self, design: StudyDesign, config: AggregationConfig, model: Model) -> None:
        bounds = config.bounds
        width = config.update_rank or model.embedding_size
        self._shapes: dict[str, tuple[int, ...]] = {
            "factors": (model.items, width) if bounds.factors > 0 else (0, width),
            "bias": (model.items,) if bounds.bias > 0 else (0,),
            "report": (len(config.weights), 2) if bounds.report > 0 else (0, 2),
        }
        self._items = model.items
        self.share_std = config.noise_shares.share_std(config.noise_std)
        largest = MAX_PEOPLE * (config.max_update_norm + _TAIL * self.share_std)
        largest += 2 * _TAIL * config.noise_std
        self.encoding = Encoding.fit(design.privacy.modulus_bits, largest)

    @property
    def _sizes(self) -> list[int]:
        return [int(np.prod(shape)) for shape in self._shapes.values()]

    @property
    def length(self) -> int:
        """How many numbers are in a row."""
        return sum(self._sizes)

    def flat(self, update: Update, report: FloatArray | None) -> npt.NDArray[np.float64]:
        """An update and its report as a row, float64 (length,)."""
        blocks = {"factors": update.item_factors, "bias": update.item_bias, "report": report}
        parts = [
            np.ravel(block).astype(np.float64)
            for name, block in blocks.items()
            if block is not None and 0 not in self._shapes[name]
        ]
        return np.concatenate(parts)

    def blocks(
        self, row: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Factors, biases and reports of a row; blocks that are in no row are 0."""
        ends = np.cumsum(self._sizes)[:-1]
        parts = np.split(row, ends)
        factors, bias, report = (
            part.reshape(shape) for part, shape in zip(parts, self._shapes.values(), strict=True)
        )
        if not factors.size:
            factors = np.zeros((self._items, self._shapes["factors"][1]))
        if not bias.size:
            bias = np.zeros(self._items)
        return factors, bias, report


def noise_row(row: Row, std: float, noise: Noise) -> npt.NDArray[np.float64]:
    """Noise of standard deviation ``std`` for every number of a row, float64 (length,)."""
    return std * noise((row.length,)) if std > 0 else np.zeros(row.length)
