"""Maximal marginal relevance: the lazy way chooses what comparing all with all chooses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fedflex_core.lists.diversity as diversity
from fedflex_core.lists.diversity import mmr

weights = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.3, 1.0]))


def by_definition(
    scores: np.ndarray, embeddings: np.ndarray, n: int, lambda_: float
) -> tuple[int, ...]:
    """Every candidate compared with every chosen one at every step; equal values by place."""
    spread = float(scores.max()) - float(scores.min())
    relevance = (scores.astype(float) - scores.min()) / spread if spread else np.ones(len(scores))
    chosen = [int(np.argmax(scores))]
    while len(chosen) < min(n, len(scores)):
        similar = [np.vecdot(embeddings, embeddings[one]).astype(float) for one in chosen]
        value = lambda_ * relevance - (1 - lambda_) * np.max(similar, axis=0)
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
    return tuple(chosen)


@st.composite
def worlds_with_twins(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Few different scores and few different rows, so that most values are those of somebody else, too."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, kinds = draw(st.integers(1, 60)), draw(st.integers(1, 8))
    rows = rng.normal(size=(kinds, draw(st.sampled_from([2, 7, 20]))))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    if draw(st.booleans()):
        rows = np.eye(kinds)  # strangers that are equally strange
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    scores = rng.integers(0, draw(st.integers(1, 4)), count)
    return scores.astype(dtype), rows[rng.integers(0, kinds, count)].astype(dtype)


@pytest.fixture(params=[1, 3, 256])
def probed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So small a probe that even in a small world some candidates are left uncompared."""
    monkeypatch.setattr(diversity, "_PROBED", request.param)
    monkeypatch.setattr(diversity, "_BLOCK", 4)


@pytest.mark.usefixtures("probed")
class TestTheLazyWay:
    @settings(max_examples=60)
    @given(worlds_with_twins(), st.integers(1, 12), weights)
    def test_ties_go_by_place(
        self, world: tuple[np.ndarray, np.ndarray], n: int, lambda_: float
    ) -> None:
        assert mmr(*world, n, lambda_) == by_definition(*world, n, lambda_)

    @settings(max_examples=60)
    @given(st.integers(0, 2**32 - 1), st.integers(1, 12), weights)
    def test_it_is_the_definition(self, seed: int, n: int, lambda_: float) -> None:
        rng = np.random.default_rng(seed)
        embeddings = rng.normal(size=(300, 8)).astype(np.float32)
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        scores = rng.normal(size=300).astype(np.float32)
        assert mmr(scores, embeddings, n, lambda_) == by_definition(scores, embeddings, n, lambda_)


def test_it_is_lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many candidates, most are compared once: with the first that was chosen."""
    compared = []
    honest = diversity._similarities
    monkeypatch.setattr(
        diversity,
        "_similarities",
        lambda rows, one: compared.append(len(rows)) or honest(rows, one),
    )
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(20_000, 32))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    mmr(rng.normal(size=20_000), embeddings, 5, 0.3)
    assert compared[0] == 20_000
    assert sum(compared[1:]) < 20_000


def test_equal_rows_are_equally_similar_wherever_they_stand() -> None:
    """A matrix product does not promise this, and a tie would then go to whoever is rounded down."""
    rng = np.random.default_rng(1)
    twin, first = rng.normal(size=(2, 384)).astype(np.float32)
    rows = np.vstack([first, np.tile(twin, (1_000, 1))])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = np.full(1_001, 0.5)
    scores[0] = 1.0
    assert mmr(scores, rows, 4, 0.3) == (0, 1, 2, 3)


def test_nothing_to_choose() -> None:
    assert mmr(np.array([]), np.empty((0, 3)), 5, 0.3) == ()
    assert mmr(np.ones(2), np.eye(2), 0, 0.3) == ()


def test_scores_and_rows_belong_together() -> None:
    with pytest.raises(ValueError, match="one row"):
        mmr(np.ones(3), np.eye(2), 2, 0.3)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        mmr(np.array([1.0, odd]), np.eye(2), 2, 0.3)
