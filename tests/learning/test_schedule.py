"""What each round asks for, and that all rounds together keep the promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.learning.schedule import Schedule
from fedflex_core.study.design import StudyDesign


@given(
    rounds=st.integers(1, 60),
    early=st.integers(0, 70),
    share=st.floats(0.01, 0.99),
)
def test_the_budget_is_spent_once(rounds: int, early: int, share: float) -> None:
    schedule = Schedule(early_rounds=early, early_budget=share)
    spent = sum(schedule.budget(number, rounds) for number in range(1, rounds + 1))
    assert spent == pytest.approx(1.0)


@pytest.mark.parametrize("mode", ["local", "central"])
@pytest.mark.parametrize("rounds", [1, 2, 10])
def test_all_rounds_together_cost_the_promised_epsilon(mode: str, rounds: int) -> None:
    design = StudyDesign(name="x", rounds=rounds, privacy={"mode": mode, "epsilon": 2.0}).settled()
    assert design.epsilon_after(rounds) == pytest.approx(2.0, rel=2e-3)
    assert design.keeps_its_promise


def test_the_first_round_costs_most_and_who_missed_it_has_spent_little() -> None:
    design = StudyDesign(name="x", rounds=10, privacy={"mode": "central", "epsilon": 4.0})
    late = range(2, 11)
    assert design.noise_multiplier_of(1) < design.noise_multiplier_of(2)
    assert design.epsilon_of([1]) > 3.5
    assert design.epsilon_of(late) < 1.5
    assert design.epsilon_of(late) < design.epsilon_of([1]) < design.epsilon_of([1, *late])


def test_two_arms_cost_twice_the_budget_and_more_than_one() -> None:
    design = StudyDesign(name="x", rounds=3, privacy={"mode": "central", "epsilon": 4.0})
    assert design.epsilon_after(3) < design.epsilon_all_arms(3) < 2 * design.epsilon_after(3)


def test_where_there_is_noise_biases_come_first_and_factors_after() -> None:
    noised = StudyDesign(name="x", rounds=3, privacy={"mode": "central"})
    first, second = noised.round_config(1).bounds, noised.round_config(2).bounds
    assert (first.bias, first.factors) == (1.0, 0.0)
    assert (second.bias, second.factors) == (0.0, 1.0)


def test_without_noise_nothing_competes() -> None:
    quiet = StudyDesign(name="x", rounds=3, privacy={"mode": "off"})
    assert {quiet.round_config(number).bias_share for number in (1, 2, 3)} == {0.5}
    assert quiet.round_config(1).noise_multiplier == 0


def test_later_steps_are_smaller() -> None:
    design = StudyDesign(name="x", rounds=9, schedule={"factor_step": 12.0, "step_decay": 0.5})
    assert design.round_config(9).factor_step == pytest.approx(4.0)
    assert design.round_config(9).bias_step < design.round_config(2).bias_step


def test_a_rank_beyond_the_factors_is_refused() -> None:
    with pytest.raises(ValueError, match="update_rank"):
        StudyDesign(name="x", embedding_size=8, update_rank=9)
