"""The audit finds what is to be found: everything without noise, no more than is promised with it."""

import dataclasses
import json
import math

import numpy as np
import pytest
from scipy import stats

from fedflex_core.faces.audit_words import audit_sentences
from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.learning.fairness import FairnessDesign
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.audit import Audit, HitRate, audit
from fedflex_core.study.design import PrivacyDesign, StudyDesign

ITEMS, WATCHED = 150, 10
EVERY_ARM = {arm: {} for arm in sorted(ARMS)}
NOISED = [Mode.LOCAL, Mode.DISTRIBUTED, Mode.CENTRAL]
# The noise is the operating system's: a right program fails such a check once in ten million runs.
SURE = 1 - 1e-7


def world() -> Model:
    rng = np.random.default_rng(0)
    factors, bias = rng.normal(0, 0.3, (ITEMS, 4)), rng.normal(0, 0.4, ITEMS)
    return Model(factors.astype(np.float32), bias.astype(np.float32))


def somebody(seed: int) -> Ratings:
    items = np.random.default_rng(seed).choice(ITEMS, WATCHED, replace=False)
    return Ratings(items.astype(np.int64), np.full(WATCHED, 5.0, np.float32))


def study(mode: Mode | str, noise: float = 0.6, **more: object) -> StudyDesign:
    """A study whose noise is given over what one person can change: 0.6 is about epsilon 8, 0.3 about 20."""
    privacy = PrivacyDesign(mode=mode, noise_multiplier=noise * Mode(mode).sensitivity)
    return StudyDesign(name="Small", rounds=2, arms=EVERY_ARM, privacy=privacy, **more)


def found(
    design: StudyDesign, arm: str = "bpr", number: int = 1, trials: int = 300, **more: object
) -> Audit:
    others = [somebody(seed) for seed in range(1, 9)]
    rng = np.random.default_rng(7)
    return audit(design, arm, world(), somebody(0), number, others, rng, trials, **more)


# Without protection.


@pytest.mark.parametrize("mode", [*NOISED, Mode.OFF])
@pytest.mark.parametrize("arm", sorted(ARMS))
def test_without_protection_everything_is_read(arm: str, mode: Mode) -> None:
    for number in (1, 2):
        seen = found(study(mode), arm, number, trials=10)
        assert seen.unprotected >= 0.9
        assert seen.told_unprotected == HitRate(10, 10)


def test_without_noise_in_the_study_both_halves_are_one() -> None:
    seen = found(study("off"), trials=10)
    assert seen.protected == seen.unprotected
    assert seen.guesses == seen.guesses_unprotected
    assert seen.told == seen.told_unprotected
    assert seen.bound == seen.bound_of_study == 1.0
    assert sorted(seen.guesses) == sorted(somebody(0).items)


# With protection.


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("mode", NOISED)
def test_no_more_is_told_than_the_bound_allows(mode: Mode, number: int) -> None:
    for arm in ARMS:
        seen = found(study(mode), arm, number, trials=150)
        assert seen.told.interval(SURE)[0] <= seen.bound


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("mode", [Mode.DISTRIBUTED, Mode.CENTRAL])
def test_whether_somebody_is_in_the_sum_is_told_as_often_as_anybody_could(
    mode: Mode, number: int
) -> None:
    """Everybody's update fills its bound, so the attacker who knows it reaches the limit."""
    seen = found(study(mode), number=number)
    low, high = seen.told.interval(SURE)
    assert low <= seen.bound <= high


def test_under_weak_noise_of_ones_own_it_is_told_whose_update_it_is() -> None:
    """Two real updates lie closer together than the bound has it, but not much."""
    seen = found(study("local", noise=0.3), trials=300)
    assert seen.told.interval(SURE)[0] > 0.6
    assert seen.protected > 1.4 * seen.blind


@pytest.mark.parametrize("mode", [Mode.DISTRIBUTED, Mode.CENTRAL])
def test_half_the_noise_is_noticed(mode: Mode) -> None:
    promised = study(mode)
    half = promised.privacy.model_copy(update={"noise_multiplier": promised.noise_multiplier / 2})
    seen = found(promised.model_copy(update={"privacy": half}), trials=600)
    bound = promised.best_guess_of((1,))
    assert seen.told.interval(SURE)[0] > bound
    noticed = dataclasses.replace(seen, bound=bound)
    assert not noticed.holds
    assert "Share nothing" in audit_sentences(noticed)[-1]


def test_half_the_noise_of_ones_own_is_noticed_where_histories_are_unlike() -> None:
    """One likes what the other passes over, and the model is about that alone."""
    model = Model(np.zeros((2, 1), np.float32), np.zeros(2, np.float32))
    one, other = (Ratings(np.array([item]), np.array([5.0], np.float32)) for item in (0, 1))
    promised = study("local")
    half = promised.privacy.model_copy(update={"noise_multiplier": promised.noise_multiplier / 2})
    bound = promised.best_guess_of((1,))
    told = []
    for design in (promised, promised.model_copy(update={"privacy": half})):
        rng = np.random.default_rng(1)
        told.append(audit(design, "bpr", model, one, 1, [other], rng, trials=600).told)
    assert told[0].interval(SURE)[0] <= bound <= told[0].interval(SURE)[1]
    assert told[1].interval(SURE)[0] > bound


@pytest.mark.parametrize("mode", NOISED)
def test_under_strong_noise_guesses_are_hardly_better_than_blind_ones(mode: Mode) -> None:
    # 1,000 guesses, of which 0.067 are right by chance, within 0.008 (one standard deviation).
    seen = found(study(mode, noise=10.0), trials=100)
    assert seen.blind == WATCHED / ITEMS
    assert seen.protected == pytest.approx(seen.blind, abs=0.06)


def test_the_noise_is_not_a_seeds() -> None:
    first, second = (found(study("local"), trials=20) for _ in range(2))
    assert first.guesses_unprotected == second.guesses_unprotected
    assert first.guesses != second.guesses


def test_the_limit_of_the_whole_study_is_of_all_rounds_and_arms() -> None:
    seen = found(study("local"), trials=1)
    alone = StudyDesign(name="One", rounds=1, arms={"bpr": {}}, privacy=study("local").privacy)
    assert seen.bound < alone.best_guess_of((1,)) < seen.bound_of_study < 1


# What else goes with an update.


@pytest.mark.parametrize("mode", NOISED)
def test_the_report_is_attacked_too(mode: Mode) -> None:
    """The updates of the person's group are all but silent here, so nearly all is told by the report."""
    fair = FairnessDesign(groups_at=(8, 60), report_share=0.9)
    weights = (1e-6, 1e-6, 1e-6)
    light = Ratings(
        np.arange(4), np.full(4, 5.0, np.float32)
    )  # the only other is of the first group
    design = study(mode, noise=0.3, fairness=fair)
    rng = np.random.default_rng(3)
    seen = audit(
        design, "bpr", world(), somebody(0), 1, [light], rng, 500, group_weights=weights, person=5
    )
    # Were the report without its noise, it would always be told.
    assert 0.5 < seen.told.interval(SURE)[0] <= seen.bound


def test_the_dial_is_turned_as_the_person_has_it() -> None:
    silent = found(study("off"), trials=60, shared_part=0.0)
    assert silent.told.rate < 1
    half = found(study("local"), trials=20, shared_part=0.5)
    assert 0 < half.unprotected < 1


def test_the_sum_needs_no_others() -> None:
    rng = np.random.default_rng(0)
    seen = audit(study("central"), "svd", world(), somebody(0), 1, [], rng, trials=3)
    assert seen.told_unprotected == HitRate(3, 3)


def test_what_cannot_be_attacked_is_refused() -> None:
    rng, nothing = np.random.default_rng(0), Ratings(np.zeros(0, np.int64), np.zeros(0, np.float32))
    for ratings, others, trials in (
        (nothing, [somebody(1)], 5),
        (somebody(0), [], 5),
        (somebody(0), [somebody(1)], 0),
    ):
        with pytest.raises(ValueError, match="expected"):
            audit(study("local"), "svd", world(), ratings, 1, others, rng, trials)


@pytest.mark.parametrize("mode", ["local", "off"])
def test_progress_goes_from_nothing_to_done(mode: str) -> None:
    shares: list[float] = []
    found(study(mode), trials=4, progress=lambda _, share: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


# What is said.


def made_up(mode: str = "local", **more: object) -> Audit:
    values: dict[str, object] = {
        "arm": "svd",
        "round": 1,
        "mode": Mode(mode),
        "items": 1000,
        "watched": 30,
        "blind": 0.03,
        "protected": 0.04,
        "unprotected": 0.97,
        "told": HitRate(130, 200),
        "told_unprotected": HitRate(200, 200),
        "bound": 0.7851,
        "bound_of_study": 0.881,
        "guesses": (901, 902),
        "guesses_unprotected": (903, 904),
    }
    return Audit(**(values | more))  # type: ignore[arg-type]


def test_what_was_watched_is_told_in_plain_words() -> None:
    assert audit_sentences(made_up())[0] == (
        "Without protection, 97 of 100 guesses of what you watched would be right; with it 4 of 100, where "
        "blind guessing gives 3."
    )


def test_what_chance_explains_raises_no_alarm() -> None:
    over, far_over = made_up(told=HitRate(170, 200)), made_up(told=HitRate(190, 200))
    assert over.holds
    assert not far_over.holds
    assert "Share nothing" not in " ".join(audit_sentences(over))
    assert "Share nothing" in audit_sentences(far_over)[-1]


def test_a_limit_is_rounded_up_and_said_of_what_it_is_a_limit() -> None:
    assert audit_sentences(made_up())[-1] == (
        "Nobody, however clever, can be right more than 79 of 100 times with this update, or 89 of 100 times "
        "with all that you share in this study."
    )
    assert "hardly limits" in audit_sentences(made_up(bound=0.9991, bound_of_study=0.99999))[-1]


def test_how_often_it_was_told_comes_with_how_sure_that_is() -> None:
    said = audit_sentences(made_up())[1]
    assert "right 65 of 100 times (between 56 and 73, as far as 200 tries tell)" in said
    assert "as far as 1 try tells" in audit_sentences(made_up(told=HitRate(1, 1)))[1]


def test_each_mode_asks_its_own_question() -> None:
    for mode in ("local", "off"):
        assert "whose update it is" in audit_sentences(made_up(mode))[1]
    for mode in ("central", "distributed"):
        assert "in the sum" in audit_sentences(made_up(mode))[1]


def test_who_trusts_the_aggregator_is_told_so_and_who_need_not_is_not() -> None:
    assert "can read your update" in audit_sentences(made_up("central"))[-1]
    assert not any("study folder" in said for said in audit_sentences(made_up("distributed")))


def test_what_stands_in_a_file_names_no_item() -> None:
    written = json.dumps(made_up().to_dict()) + repr(made_up())
    assert "guesses_right" in written
    assert not any(str(item) in written for item in (901, 902, 903, 904))


@pytest.mark.parametrize(("hits", "tries"), [(0, 7), (7, 7), (5, 9), (130, 200)])
@pytest.mark.parametrize("level", [0.9, 0.999])
def test_the_interval_is_the_binomial_distributions_own(
    hits: int, tries: int, level: float
) -> None:
    known = stats.binomtest(hits, tries).proportion_ci(level, method="exact")
    low, high = HitRate(hits, tries).interval(level)
    assert math.isclose(low, known.low, abs_tol=1e-9)
    assert math.isclose(high, known.high, abs_tol=1e-9)
