"""Lists held against what people went on to watch, in worlds whose answers are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.learning.factors import Ratings
from fedflex_core.learning.privacy import Mode
from fedflex_core.lists.recommend import ListsConfig, two_lists
from fedflex_core.study.evaluated_lists import EvaluatedLists
from fedflex_core.study.evaluation import (
    DEFAULT_ARMS,
    Evaluation,
    NobodyLeft,
    evaluate,
    evaluation_design,
)
from fedflex_core.study.held_out import TOO_FEW, HeldOut, Person
from fedflex_core.study.list_b import metadata_of
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

WITH_INTERVALS = (
    "p@5", "ndcg@5", "ndcg@10", "recall@10", "mrr", "ild_titles", "ild_metadata", "new_genres",
)  # fmt: skip
OF_EVERYBODY = ("distinct_items", "coverage")


def person(train: list[int], held_out: list[int], last_year: int | None = None) -> Person:
    stars = np.linspace(2, 5, len(train)).astype(np.float32)
    return Person(
        Ratings(np.array(train, np.int64), stars), np.array(held_out, np.int64), last_year
    )


def crowd(count: int = 12, seed: int = 0) -> HeldOut:
    """People who watch the series of one genre of three, and go on with it."""
    rng = np.random.default_rng(seed)
    people = []
    for number in range(count):
        own = rng.permutation(np.arange(number % 3, 20, 3))
        people.append(person(own[:4].tolist(), own[4:5].tolist()))
    return HeldOut(tuple(people), {})


@pytest.fixture
def evaluated(catalogue: Catalogue, embeddings: CatalogueEmbeddings):
    def run(
        people: HeldOut | list[Person],
        *arms: str,
        rounds: int = 1,
        seeds: tuple[int, ...] = (1,),
        mode: Mode = Mode.OFF,
        lambda_: float = 0.3,
    ) -> Evaluation:
        held_out = people if isinstance(people, HeldOut) else HeldOut(tuple(people), {})
        design = evaluation_design(arms, rounds, mode, 8.0, lambda_)
        return evaluate(design, arms, held_out, catalogue, embeddings, seeds)

    return run


# The yardsticks


def test_popularity_is_a_count_by_hand(evaluated) -> None:
    """Watched before the parting: 7 by three people, 3 by two, 1 and 5 by one.

    The fourth knows 3 and 1. Left for them: 7, 5, then those nobody watched in the catalogue's order.
    """
    people = [
        person([7, 3], [19]),
        person([7], [19]),
        person([7, 5], [19]),
        person([3, 1], [5, 0]),
    ]
    found = evaluated(people, "popularity").arms["popularity"]
    # Nobody else's 19 is among anybody's first ten: popular ones, then 0, 1, 2, ...
    fourth = 1 / np.log2(3) + 1 / np.log2(4)  # 5 at rank 2 and 0 at rank 3
    ideal = 1 + 1 / np.log2(3)
    assert found.a["ndcg@5"] == pytest.approx(fourth / ideal / 4)
    assert found.a["p@5"] == pytest.approx(2 / 5 / 4)
    assert found.a["recall@10"] == pytest.approx(1 / 4)
    assert found.a["mrr"] == pytest.approx(1 / 2 / 4)


def test_whoever_goes_on_to_the_popular_is_served_by_popularity(evaluated) -> None:
    others = [person([0, 1, 2, 3], [19]) for _ in range(3)]
    follower = person([10, 11, 12, 13], [0, 1, 2, 3])
    alone = evaluated([follower], "popularity").arms["popularity"].a
    among = evaluated([*others, follower], "popularity").arms["popularity"].a
    assert alone["ndcg@5"] == 1.0  # nothing is popular, and the first of the catalogue are meant
    assert among["ndcg@5"] == pytest.approx(1 / 4)  # of four, only the follower is served
    away = person([0, 1, 2, 3], [10])
    assert evaluated([*others, away], "popularity").arms["popularity"].a["ndcg@5"] == 0.0


def test_the_public_start_is_an_arm_before_its_first_round(evaluated) -> None:
    found = evaluated(crowd(), "svd", "public-start", rounds=2).arms
    assert found["public-start"].by_round == found["svd"].by_round[:1]
    alone = evaluated(crowd(), "public-start", rounds=2).arms["public-start"]
    assert alone.a["ndcg@5"] == pytest.approx(found["public-start"].a["ndcg@5"])


# The arms


@pytest.mark.parametrize("arm", ["svd", "bpr", "fcf"])
def test_arms_find_tastes_that_popularity_cannot(evaluated, arm: str) -> None:
    """Each person goes on with their genre, and all genres are as popular."""
    found = evaluated(crowd(30), arm, "popularity", rounds=3).arms
    assert found[arm].a["recall@10"] > found["popularity"].a["recall@10"]
    assert found[arm].a["ndcg@5"] > found["popularity"].a["ndcg@5"]


def test_list_b_is_more_diverse_and_lambda_one_is_list_a(evaluated) -> None:
    diverse = evaluated(crowd(), "svd").arms["svd"]
    assert diverse.b["ild_titles"] > diverse.a["ild_titles"]
    same = evaluated(crowd(), "svd", lambda_=1.0).arms["svd"]
    assert same.b == same.a


def test_there_is_an_entry_for_every_round_and_the_last_is_list_a(evaluated) -> None:
    found = evaluated(crowd(), "svd", "bpr", "popularity", rounds=4).arms
    for arm in ("svd", "bpr"):
        rows = found[arm].by_round
        assert [row["round"] for row in rows] == [0, 1, 2, 3, 4]
        for end in ("", "_low", "_high"):
            assert rows[-1][f"ndcg@5{end}"] == found[arm].a[f"ndcg@5{end}"]
        assert rows[-1]["distinct_items"] == found[arm].a["distinct_items"]
    assert [row["round"] for row in found["popularity"].by_round] == [0]


def test_runs_are_averaged(evaluated) -> None:
    one, two = (evaluated(crowd(), "bpr", seeds=(seed,)).arms["bpr"] for seed in (1, 2))
    both = evaluated(crowd(), "bpr", seeds=(1, 2)).arms["bpr"]
    for name in (*WITH_INTERVALS, *OF_EVERYBODY):
        assert both.a[name] == pytest.approx((one.a[name] + two.a[name]) / 2)
    assert both.by_round[0]["ndcg@5"] == pytest.approx(
        (one.by_round[0]["ndcg@5"] + two.by_round[0]["ndcg@5"]) / 2
    )


# The lists


@pytest.fixture
def lists(catalogue: Catalogue, embeddings: CatalogueEmbeddings):
    def make(people: list[Person], **config: object) -> EvaluatedLists:
        return EvaluatedLists(people, catalogue, embeddings, ListsConfig(**config))

    return make


@pytest.mark.parametrize(
    "config",
    [{}, {"lambda_": 0.8}, {"similarity": "metadata"}, {"reranker": "calibrated"}],
    ids=["as by default", "lambda", "metadata", "calibrated"],
)
def test_lists_are_those_of_a_study(
    lists, config: dict, catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> None:
    """Of ten ranked the first five are the list of five; scores come in pairs, so that ties matter."""
    people, rng = crowd(9).people, np.random.default_rng(3)
    scores = np.round(rng.normal(size=(len(people), len(catalogue))), 1).astype(np.float32)
    made = lists(people, **config)
    a, b = made.both(lambda place: scores[place])
    assert made.lists_a(lambda place: scores[place]).tolist() == a.tolist()
    for place, one in enumerate(people):
        study = two_lists(
            scores[place],
            embeddings.title,
            one.train.items.tolist(),
            ListsConfig(**config),
            metadata=metadata_of(catalogue, embeddings),
            watched_stars=dict(
                zip(one.train.items.tolist(), one.train.stars.tolist(), strict=True)
            ),
        )
        assert tuple(a[place, :5]) == study.a
        assert tuple(b[place, :5]) == study.b


def test_nobody_is_shown_what_they_know_or_what_is_not_out_yet(
    catalogue: Catalogue, embeddings: CatalogueEmbeddings
) -> None:
    years = catalogue.items.assign(year=np.arange(2001, 2021)).astype({"year": "Int64"})
    dated = replace(catalogue, items=years)
    people = [person([0, 1, 2], [19], 2012), person([15, 16], [3], 2020), person([4], [5], None)]
    made = EvaluatedLists(people, dated, embeddings, ListsConfig())
    a, b = made.both(lambda place: np.arange(20.0))
    assert a[0].tolist() == [11, 10, 9, 8, 7, 6, 5, 4, 3, -1]  # 2012 is out, 2013 is not
    assert set(b[0]) == set(a[0])
    assert a[1, :5].tolist() == [19, 18, 17, 14, 13]
    assert a[2, 0] == 19
    later = np.flatnonzero(years["year"] > 2012)
    design = evaluation_design(["svd"], 2, Mode.OFF, 8.0, 0.3)
    held_out = HeldOut(tuple(person([0, 1, 2], [int(item)], 2012) for item in later), {})
    found = evaluate(design, ["svd", "popularity"], held_out, dated, embeddings)
    assert [found.arms[arm].a["recall@10"] for arm in found.arms] == [0.0, 0.0]


def test_measures_of_lists_by_hand(lists, catalogue: Catalogue, embeddings) -> None:
    """Genres go round: Drama, Comedy, Crime. The first person knows two dramas."""
    made = lists([person([0, 3], [1, 9, 12, 15]), person([1], [0])])
    shown = np.array([[1, 2, 4, 5, 6, 9, 12, -1, -1, -1], [2, 3, 4, 5, 6, 7, 8, 9, 10, 0]])
    found = made.measures(shown)
    assert found["p@5"].tolist() == [1 / 5, 0]
    assert found["mrr"].tolist() == [1, 0]
    assert found["recall@10"].tolist() == [3 / 4, 1]
    assert found["ndcg@10"][1] == pytest.approx(1 / np.log2(11))
    assert found["new_genres"].tolist() == [2, 2]
    rows = embeddings.title[[1, 2, 4, 5, 6]].astype(float)
    cosines = (rows @ rows.T)[np.triu_indices(5, k=1)]
    assert found["ild_titles"][0] == pytest.approx(np.mean(1 - cosines))
    assert made.distinct(shown) == 6


# What comes out


def test_the_answer_has_its_shape(evaluated, catalogue: Catalogue) -> None:
    people = replace(crowd(), left_out={TOO_FEW: 2})
    answer = evaluated(people, *DEFAULT_ARMS, rounds=2, seeds=(3, 4)).to_dict()
    arms = answer.pop("arms")
    assert answer == {
        "people": 12, "items": 20, "rounds": 2, "epsilon": None, "privacy_mode": "off",
        "lambda": 0.3, "seeds": [3, 4], "left_out": {TOO_FEW: 2},
    }  # fmt: skip
    assert list(arms) == list(DEFAULT_ARMS)
    ends = {f"{name}{end}" for name in WITH_INTERVALS for end in ("", "_low", "_high")}
    for found in arms.values():
        assert set(found) == {"A", "B", "by_round"}
        for side in "AB":
            row = found[side]
            assert set(row) == ends | set(OF_EVERYBODY)
            assert row["coverage"] == row["distinct_items"] / len(catalogue)
            for name in WITH_INTERVALS:
                assert row[f"{name}_low"] <= row[name] + 1e-9
                assert row[name] <= row[f"{name}_high"] + 1e-9
        keys = {"round", "ndcg@5", "ndcg@5_low", "ndcg@5_high", "distinct_items"}
        assert all(set(row) == keys for row in found["by_round"])


@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.CENTRAL])
def test_privacy_is_that_of_a_study(evaluated, mode: Mode) -> None:
    """Noise that hides twelve people leaves little to learn, and the answer says what was promised."""
    found = evaluated(crowd(), "svd", mode=mode)
    assert found.design.round_config(1).noise_multiplier > 0
    answer = found.to_dict()
    assert (answer["epsilon"], answer["privacy_mode"]) == (8.0, mode.value)


def test_settings_are_those_of_any_study() -> None:
    """Nothing is tuned for the evaluation: but for what is asked for, the design is the default one."""
    from fedflex_core.study.design import PrivacyDesign, StudyDesign

    ours = evaluation_design(["svd", "bpr"], 7, Mode.OFF, 8.0, 0.3)
    plain = StudyDesign(name="Evaluation", rounds=7, privacy=PrivacyDesign(mode=Mode.OFF))
    assert ours == plain


def test_nobody_left_is_a_sentence(evaluated) -> None:
    with pytest.raises(NobodyLeft, match="4 × person with fewer than 5") as caught:
        evaluated(HeldOut((), {TOO_FEW: 4}), "svd")
    assert "at least 5 items" in caught.value.expected


def test_progress_goes_on_to_its_end(catalogue: Catalogue, embeddings: CatalogueEmbeddings) -> None:
    said: list[float] = []
    design = evaluation_design(["svd"], 2, Mode.OFF, 8.0, 0.3)
    evaluate(design, ["svd"], crowd(), catalogue, embeddings, (1, 2), lambda _, s: said.append(s))
    assert said == sorted(said)
    assert said[-1] == 1.0


# Real data


def test_popularity_on_movielens_is_what_others_measured(shared_data: Path) -> None:
    """nDCG@10 of popularity, last fifth by time: 0.087 (the data's own reference figure)."""
    from fedflex_core.study.ratings_table import items_of_table, people_of_ratings

    items = items_of_table(shared_data / "ratings" / "movies.csv")
    found = people_of_ratings(shared_data / "ratings" / "ratings.csv", items)
    assert len(found.people) == 610
    # The reference leaves nothing out for being released later.
    people = tuple(replace(one, last_year=None) for one in found.people)
    rows = np.random.default_rng(0).normal(size=(len(items), 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    anything = CatalogueEmbeddings(rows, rows, items.content_hash)
    design = evaluation_design([], 1, Mode.OFF, 8.0, 0.3)
    evaluated = evaluate(design, ["popularity"], HeldOut(people, {}), items, anything)
    assert evaluated.arms["popularity"].a["ndcg@10"] == pytest.approx(0.087, abs=0.001)
