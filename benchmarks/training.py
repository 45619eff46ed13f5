"""How long learning from one person's ratings takes, beside a plain loop that takes the same steps.

    python benchmarks/training.py [--ratings 66] [--epochs 10] [--repeat 21]

The loop is what the paper's code and public simulators of federated BPR do: Python takes one step after
another, each a few operations on numpy's vectors. Both get the same numbers in the same order; an answer
that differs ends the run. Below stand whole fits with every arm's defaults, in which the unwatched items of
the catalogue take part too; the loop beside them is timed once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from measuring import medians
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from fedflex_core.learning import _compiled, bpr, svd
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import FloatArray, Model, Ratings
from fedflex_core.viewing.catalogue import load_bundled

__all__ = ["PLAIN_FITS", "plain_fit"]

_SIZE = 32
_LARGE = 4_000

IntArray = npt.NDArray[np.int64]
Answer = tuple[FloatArray, FloatArray, FloatArray]
"""Item factors, item biases and the person's vector after all steps."""


def main() -> None:
    """Time the steps alone, then whole fits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--ratings", type=int, default=66, help="series that the person rated")
    parser.add_argument("--epochs", type=int, default=10, help="passes over them")
    parser.add_argument("--repeat", type=int, default=21, help="runs, of which the median counts")
    said = parser.parse_args()
    _compiled.warm_up()
    console = Console(width=100)
    console.print(steps_table(said.ratings, said.epochs, said.repeat))
    console.print(fits_table(said.ratings, said.repeat))


def steps_table(ratings: int, epochs: int, repeat: int) -> Table:
    """The same steps, compiled and as a plain loop, on exactly the rated series."""
    table = Table("steps", "count", "loop, ms", "us a step", "FedFlex, ms", "us a step", "x faster")
    table.title = f"{ratings} series, {_SIZE} factors, {epochs} passes; medians of {repeat}"
    rng = np.random.default_rng(1)
    model, rated = made_up(ratings, ratings, rng)
    order = np.concatenate([rng.permutation(ratings) for _ in range(epochs)])
    weight = np.ones(ratings, np.float32)
    losers = np.roll(order, 1)
    pairs = order[order != losers], losers[order != losers]
    for name, ours, loop, given in (
        (
            "svd, one a rating",
            _compiled.svd_steps,
            plain_svd,
            (order, rated.stars, weight, 0, 0.05, 0.02, 0.05, 0.01),
        ),
        (
            "bpr, one a pair",
            _compiled.bpr_steps,
            plain_bpr,
            (*pairs, 0, 0.05, 0.02, 0.05, (0.0025, 0.00025, 0.001)),
        ),
    ):
        works = {
            "loop": partial(taken, loop, model, given),
            "ours": partial(taken, ours, model, given),
        }
        agree(works["ours"](), works["loop"]())
        spent, count = medians(works, repeat), len(given[0])
        columns = [f"{1e3 * spent['loop']:.2f}", f"{1e6 * spent['loop'] / count:.1f}"]
        columns += [f"{1e3 * spent['ours']:.4f}", f"{1e6 * spent['ours'] / count:.3f}"]
        table.add_row(name, f"{count:,}", *columns, f"{spent['loop'] / spent['ours']:,.0f}")
    return table


def fits_table(ratings: int, repeat: int) -> Table:
    """Whole fits, every arm with its defaults."""
    table = Table("fit", "items", "FedFlex, ms", "loop, ms", "x faster")
    table.title = f"A whole fit of {ratings} series, defaults; medians of {repeat}, the loop once"
    for items in (len(load_bundled()), _LARGE):
        model, rated = made_up(items, ratings, np.random.default_rng(1))
        for arm, known in ARMS.items():
            config = known.config()
            ours = partial(known.fit, model, rated, config)
            spent = medians({arm: lambda ours=ours: ours(np.random.default_rng(2))}, repeat)[arm]
            columns = ["", ""]
            if arm in PLAIN_FITS:
                start = time.perf_counter()
                loop = plain_fit(arm, model, rated, config, np.random.default_rng(2))
                seconds = time.perf_counter() - start
                user, update = ours(np.random.default_rng(2))
                tuned = model + update
                agree((tuned.item_factors, tuned.item_bias, user), loop)
                columns = [f"{1e3 * seconds:.0f}", f"{seconds / spent:,.0f}"]
            table.add_row(arm, f"{items:,}", f"{1e3 * spent:.2f}", *columns)
        table.add_section()
    return table


def made_up(items: int, rated: int, rng: np.random.Generator) -> tuple[Model, Ratings]:
    factors = rng.normal(0, 0.2, (items, _SIZE)).astype(np.float32)
    model = Model(factors, rng.normal(0, 0.4, items).astype(np.float32))
    stars = rng.integers(1, 6, rated).astype(np.float32)
    return model, Ratings(np.sort(rng.choice(items, rated, replace=False)), stars)


def taken(steps: Callable[..., None], model: Model, given: tuple[Any, ...]) -> Answer:
    """The answer of some steps, which begin at the model and change copies of it."""
    factors, bias = model.item_factors.copy(), model.item_bias.copy()
    user = np.zeros(model.embedding_size, np.float32)
    steps(factors, bias, user, model.item_factors, model.item_bias, *given)
    return factors, bias, user


def agree(ours: Answer, loop: Answer) -> None:
    for one, other in zip(ours, loop, strict=True):
        assert np.allclose(one, other, rtol=1e-3, atol=1e-4), "the loop came to another answer"


# --- the peer ---------------------------------------------------------------------------------------


def plain_fit(
    arm: str, model: Model, ratings: Ratings, config: BaseModel, rng: np.random.Generator
) -> Answer:
    """One person's whole fit as a loop over single steps, from the same random numbers."""
    return PLAIN_FITS[arm](model, ratings, config, rng)


def _plain_svd_fit(
    model: Model, ratings: Ratings, config: svd.SVDConfig, rng: np.random.Generator
) -> Answer:
    items, target, weight = svd._targets(model.items, ratings, config, rng)
    passes = config.user_epochs + config.epochs
    order = np.concatenate([rng.permutation(items) for _ in range(passes)])
    rates = config.learning_rate, config.item_learning_rate, config.user_reg, config.reg
    given = order, target, weight, config.user_epochs * len(items), *rates
    return taken(plain_svd, model, given)


def _plain_bpr_fit(
    model: Model, ratings: Ratings, config: bpr.BPRConfig, rng: np.random.Generator
) -> Answer:
    unwatched = np.setdiff1d(np.arange(model.items), ratings.items)
    pairs = bpr._pairs(ratings, unwatched, config, rng)
    rates = config.learning_rate, config.item_learning_rate, config.user_reg
    regs = config.winner_reg, config.loser_reg, config.bias_reg
    return taken(plain_bpr, model, (*pairs, *rates, regs))


PLAIN_FITS: dict[str, Callable[[Model, Ratings, Any, np.random.Generator], Answer]] = {
    "svd": _plain_svd_fit,
    "bpr": _plain_bpr_fit,
}


def plain_svd(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    first_factors: FloatArray,
    first_bias: FloatArray,
    order: IntArray,
    target: FloatArray,
    weight: FloatArray,
    frozen: int,
    rate: float,
    item_rate: float,
    user_reg: float,
    reg: float,
) -> None:
    average = np.zeros(len(user))
    user_bias = np.sum(weight * (target - bias)) / np.sum(weight)
    for place, item in enumerate(order):
        error = target[item] - user_bias - bias[item] - user @ factors[item]
        step, item_step = rate * weight[item], item_rate * weight[item]
        user_bias += step * error
        moved = step * (error * factors[item] - (weight[item] == 1) * user_reg * user)
        if place >= frozen:
            bias[item] += item_step * (error - reg * (bias[item] - first_bias[item]))
            pull = reg * (factors[item] - first_factors[item])
            factors[item] += item_step * (error * user - pull)
        user += moved
        if place >= frozen:
            average += user
    user[:] = average / (len(order) - frozen)


def plain_bpr(
    factors: FloatArray,
    bias: FloatArray,
    user: FloatArray,
    first_factors: FloatArray,
    first_bias: FloatArray,
    winners: IntArray,
    losers: IntArray,
    frozen: int,
    rate: float,
    item_rate: float,
    user_reg: float,
    regs: tuple[float, float, float],
) -> None:
    average = np.zeros(len(user))
    for place, (i, j) in enumerate(zip(winners, losers, strict=True)):
        apart = factors[i] - factors[j]
        slope = 1.0 / (1.0 + np.exp(bias[i] - bias[j] + user @ apart))
        moved = rate * (slope * apart - user_reg * user)
        if place >= frozen:
            bias[i] += item_rate * (slope - regs[2] * (bias[i] - first_bias[i]))
            bias[j] -= item_rate * (slope + regs[2] * (bias[j] - first_bias[j]))
            pull, other_pull = factors[i] - first_factors[i], factors[j] - first_factors[j]
            factors[i] += item_rate * (slope * user - regs[0] * pull)
            factors[j] -= item_rate * (slope * user + regs[1] * other_pull)
        user += moved
        if place >= frozen:
            average += user
    user[:] = average / (len(winners) - frozen)


if __name__ == "__main__":
    main()
