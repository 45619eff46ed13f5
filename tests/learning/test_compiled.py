"""The inner loops: what they compute, compiled and as plain Python, and that nothing compiles unasked."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fedflex_core.learning import _compiled
from fedflex_core.learning.aggregation import AggregationConfig, aggregate
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.local_update import local_update
from fedflex_core.study.opened import pack_model, unpack_model

ITEMS, SIZE, STEPS = 9, 5, 60
RATE, ITEM_RATE, USER_REG, REG = 0.07, 0.03, 0.2, 0.4
REGS = (0.4, 0.3, 0.2)
KERNELS = (
    "add_scaled", "bpr_steps", "dealt_pairs", "normal_equations", "squared_norm", "svd_steps"
)  # fmt: skip


class Fit:
    """Copies of one random model and person, which a kernel changes."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.first_factors = self.rng.normal(0, 0.5, (ITEMS, SIZE)).astype(np.float32)
        self.first_bias = self.rng.normal(0, 0.5, ITEMS).astype(np.float32)
        # Not where the pull goes to, so that there is one from the first step on
        self.factors = self.first_factors + np.float32(0.1)
        self.bias = self.first_bias - np.float32(0.1)
        self.user = self.rng.normal(0, 0.5, SIZE).astype(np.float32)
        self.order = self.rng.integers(0, ITEMS, STEPS)
        self.losers = (self.order + self.rng.integers(1, ITEMS, STEPS)) % ITEMS
        self.target = self.rng.integers(1, 6, ITEMS).astype(np.float32)
        self.weight = np.where(np.arange(ITEMS) % 2, 1.0, 0.3).astype(np.float32)

    @property
    def model(self) -> tuple[np.ndarray, ...]:
        return self.factors, self.bias, self.user, self.first_factors, self.first_bias

    def svd(self, steps: Callable[..., None], frozen: int) -> "Fit":
        own = self.order, self.target, self.weight
        steps(*self.model, *own, frozen, RATE, ITEM_RATE, USER_REG, REG)
        return self

    def bpr(self, steps: Callable[..., None], frozen: int) -> "Fit":
        steps(*self.model, self.order, self.losers, frozen, RATE, ITEM_RATE, USER_REG, REGS)
        return self

    def is_close_to(self, other: "Fit", by: float = 1e-5) -> bool:
        pairs = zip(self.model, other.model, strict=True)
        return all(np.allclose(one, another, rtol=by, atol=by) for one, another in pairs)


def plain_svd(
    factors, bias, user, first_factors, first_bias, order, target, weight, frozen, rate, item_rate,
    user_reg, reg,
):  # fmt: skip
    """Gradient steps on ``weight * (target - prediction)**2 / 2`` and the pulls, as they are written."""
    vectors, own = [], user.astype(np.float64)
    offset = np.average(target - bias, weights=weight)
    for place, i in enumerate(order):
        error = weight[i] * (target[i] - offset - bias[i] - own @ factors[i])
        # What was not rated, and so weighs less, does not add to the person's pull.
        moved = own + rate * (error * factors[i] - (weight[i] == 1) * user_reg * own)
        offset += rate * error
        if place >= frozen:
            pull = weight[i] * reg
            factors[i] += item_rate * (error * own - pull * (factors[i] - first_factors[i]))
            bias[i] += item_rate * (error - pull * (bias[i] - first_bias[i]))
            vectors.append(moved)
        own = moved
    user[:] = np.mean(vectors, axis=0) if vectors else own


def plain_bpr(
    factors, bias, user, first_factors, first_bias, winners, losers, frozen, rate, item_rate,
    user_reg, regs,
):  # fmt: skip
    """Gradient steps on ``log(sigmoid(score of winner - score of loser))`` and the pulls."""
    vectors, own = [], user.astype(np.float64)
    for place, (i, j) in enumerate(zip(winners, losers, strict=True)):
        margin = bias[i] - bias[j] + own @ (factors[i] - factors[j])
        slope = 1 / (1 + np.exp(margin))
        moved = own + rate * (slope * (factors[i] - factors[j]) - user_reg * own)
        if place >= frozen:
            for item, sign, reg in ((i, 1, regs[0]), (j, -1, regs[1])):
                back = factors[item] - first_factors[item]
                factors[item] += item_rate * (sign * slope * own - reg * back)
                bias[item] += item_rate * (sign * slope - regs[2] * (bias[item] - first_bias[item]))
            vectors.append(moved)
        own = moved
    user[:] = np.mean(vectors, axis=0) if vectors else own


PLAIN = {"svd": (_compiled.svd_steps, plain_svd), "bpr": (_compiled.bpr_steps, plain_bpr)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("frozen", [0, 20, STEPS])
@pytest.mark.parametrize("arm", ["svd", "bpr"])
class TestSteps:
    def test_they_are_what_their_definition_says(self, arm: str, frozen: int, seed: int) -> None:
        ours, definition = (getattr(Fit(seed), arm)(steps, frozen) for steps in PLAIN[arm])
        assert ours.is_close_to(definition)

    def test_compiled_or_not_is_the_same(self, arm: str, frozen: int, seed: int) -> None:
        compiled = PLAIN[arm][0]
        ours = getattr(Fit(seed), arm)(compiled, frozen)
        assert ours.is_close_to(getattr(Fit(seed), arm)(_plain_python(compiled), frozen))


@pytest.mark.parametrize("arm", ["svd", "bpr"])
def test_frozen_steps_move_only_the_person(arm: str) -> None:
    before, after = Fit(1), getattr(Fit(1), arm)(PLAIN[arm][0], STEPS)
    assert np.array_equal(after.factors, before.factors)
    assert np.array_equal(after.bias, before.bias)
    assert (after.user != before.user).all()


@pytest.mark.parametrize("arm", ["svd", "bpr"])
def test_the_person_is_the_average_over_the_free_steps_alone(arm: str) -> None:
    """Stopped after each free step in turn, the last vectors' differences give the single ones."""
    steps, frozen = PLAIN[arm][0], 20
    means = []
    for end in range(frozen + 1, STEPS + 1):
        fit = Fit(2)
        fit.order, fit.losers = fit.order[:end], fit.losers[:end]
        means.append(getattr(fit, arm)(steps, frozen).user.astype(np.float64))
    sums = np.array(means) * np.arange(1, len(means) + 1)[:, None]
    single = np.diff(sums, axis=0, prepend=0)
    jumps = np.abs(np.diff(single, axis=0)).max()
    # Single vectors move by small steps; a sum over anything else would jump.
    assert 0 < jumps < 1
    assert np.allclose(means[-1], single.mean(axis=0))


# --- pairs ------------------------------------------------------------------------------------------


def deal(
    watched: list[int], stars: list[float], unwatched: list[int], passes: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Winners and losers, a row for each pass."""
    count = max(len(watched), len(unwatched))
    uniform = np.random.default_rng(seed).random((passes, 2 * count))
    given = np.array(watched), np.array(stars, np.float32), np.array(unwatched), uniform
    winners, losers = _compiled.dealt_pairs(*given)
    plain = _plain_python(_compiled.dealt_pairs)(*given)
    assert np.array_equal(plain, (winners, losers)), "compiled or not is the same"
    return winners.reshape(passes, count), losers.reshape(passes, count)


@pytest.mark.parametrize(
    ("watched", "unwatched"),
    [([3], [0, 1, 2]), ([7, 2, 5], [0, 1, 3, 4, 6, 8, 9]), ([1, 2, 3, 4, 5], [0, 6]), ([1], [0])],
)
def test_in_each_pass_every_watched_item_wins_and_unwatched_ones_lose_alike(
    watched: list[int], unwatched: list[int]
) -> None:
    winners, losers = deal(watched, [3.0] * len(watched), unwatched, passes=20)
    for won, lost in zip(winners, losers, strict=True):
        assert set(won) == set(watched)
        times = np.bincount(lost, minlength=10)[unwatched]
        assert times.sum() == len(lost)
        assert times.max() - times.min() <= 1


def test_more_stars_win_more_often() -> None:
    winners, _ = deal([0, 1, 2], [1.0, 2.0, 5.0], list(range(3, 103)), passes=300)
    drawn = np.bincount(winners.reshape(-1), minlength=3) - 300  # each wins once a pass anyhow
    assert drawn / drawn.sum() == pytest.approx([0.125, 0.25, 0.625], abs=0.01)


def test_any_order_is_as_likely_as_any_other() -> None:
    """What wins only once a pass does so at every place, and no pair of items is preferred."""
    passes, count = 6000, 6
    winners, losers = deal([0, 1], [1e-9, 5.0], list(range(2, 2 + count)), passes)
    rows, places = np.nonzero(winners == 0)
    assert len(rows) == passes
    expected = passes / count
    assert np.bincount(places) == pytest.approx([expected] * count, abs=5 * expected**0.5)
    against = np.bincount(losers[rows, places] - 2, minlength=count)
    assert against == pytest.approx([expected] * count, abs=5 * expected**0.5)
    first_two = np.bincount((losers[:, 0] - 2) * count + losers[:, 1] - 2, minlength=count**2)
    alike = passes / (count * (count - 1))
    assert first_two[first_two > 0] == pytest.approx([alike] * 30, abs=5 * alike**0.5)


# --- sums -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0,), (7,), (1000,), (37, 32), (4, 1)])
def test_sums_are_numpys(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    values, total = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape)
    for squared_norm, add_scaled in (
        (_compiled.squared_norm, _compiled.add_scaled),
        (_plain_python(_compiled.squared_norm), _plain_python(_compiled.add_scaled)),
    ):
        assert squared_norm(values) == pytest.approx(float(np.sum(values.astype(float) ** 2)))
        into = total.copy()
        add_scaled(into, values, 0.3)
        assert np.allclose(into, total + 0.3 * values.astype(float), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_shows_in_the_norm(bad: float) -> None:
    values = np.zeros((50, 3), np.float32)
    values[17, 1] = bad
    assert not np.isfinite(_compiled.squared_norm(values))


def test_large_numbers_do_not_overflow_the_norm() -> None:
    assert _compiled.squared_norm(np.full(4, 1e30, np.float32)) == pytest.approx(4e60, rel=1e-6)


def test_normal_equations_are_the_matrix_products() -> None:
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(ITEMS, SIZE)).astype(np.float32)
    weight, target = rng.uniform(1, 9, ITEMS), rng.normal(size=ITEMS)
    weighted = factors.astype(float) * weight[:, None]
    expected = weighted.T @ factors, weighted.T @ target
    for kernel in (_compiled.normal_equations, _plain_python(_compiled.normal_equations)):
        for found, right in zip(kernel(factors, weight, target), expected, strict=True):
            assert np.allclose(found, right)


# --- with a compiler and without ----------------------------------------------------------------------


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as a machine loads it that has no numba."""
    monkeypatch.setitem(sys.modules, "numba", None)
    spec = importlib.util.spec_from_file_location("compiled_without", Path(_compiled.__file__))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_a_machine_without_a_compiler_comes_to_the_same(
    without_numba: ModuleType, arm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_numba.warm_up()
    expected = _round(arm)
    for name in KERNELS:
        assert not hasattr(getattr(without_numba, name), "signatures")
        monkeypatch.setattr(_compiled, name, getattr(without_numba, name))
    found = _round(arm)
    assert np.allclose(found.item_factors, expected.item_factors, atol=1e-5)
    assert np.allclose(found.item_bias, expected.item_bias, atol=1e-5)


def test_a_machine_without_a_compiler_is_as_quiet(without_numba: ModuleType) -> None:
    """Warnings are errors here: a pair that is told apart beyond doubt must not make one."""
    fit = Fit(0)
    fit.bias[:] = np.linspace(-1000, 1000, ITEMS)
    fit.bpr(without_numba.bpr_steps, 0)


def test_after_the_warm_up_nothing_is_compiled_while_somebody_waits() -> None:
    """Arrays of another layout, or read-only ones, would be types of their own."""
    _compiled.warm_up()
    before = _compiled_types()
    for arm in ARMS:
        _round(arm)
    assert _compiled_types() == before


def _round(arm: str) -> Model:
    """A round as it happens: the model out of a file, ratings out of a table, an update by file."""
    rng = np.random.default_rng(5)
    factors = rng.normal(0, 0.3, (ITEMS, SIZE)).astype(np.float32)
    model = unpack_model(pack_model(Model(factors, np.zeros(ITEMS, np.float32))))
    ratings = Ratings(np.array([1, 4, 6]), np.array([5.0, 2.0, 4.0], np.float32))
    ratings.items.flags.writeable = ratings.stars.flags.writeable = False
    config = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0)
    _, update = local_update(arm, model, ratings, ARMS[arm].config(), config, rng)
    return aggregate(model, [unpack_model(pack_model(update))], config)[0]


def _compiled_types() -> dict[str, Any]:
    return {name: list(getattr(_compiled, name).signatures) for name in KERNELS}


def _plain_python(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as it is written."""
    plain: Callable[..., Any] = getattr(kernel, "py_func", kernel)
    return plain
