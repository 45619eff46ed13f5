"""The search that found the arms' settings: random trials on made-over MovieLens people.

    python benchmarks/search_settings.py --ratings ratings.csv --items movies.csv --arm bpr --trials 100

Nothing that judges the settings is looked at: the last fifth of everybody's films is cut off first, and
no Netflix history takes part. What is left is made to look like a streaming service: 153 people a world,
the 1,350 best-known films, about 40 films a person, well-known ones more often, public popularity from
other people's ratings and not quite right. A trial is judged by nDCG@5 over the popularity of everybody's
data in one place, without noise (mean of rounds 5 and 10) and at epsilon 8, 2 and 1 (round 10, noise on
the sum). The last worlds are only for comparing the best trials with the present defaults.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fedflex_core.learning.factors import Ratings
from fedflex_core.learning.public_start import public_start
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.federation import federate
from fedflex_core.viewing.embeddings.encoder import embed

PEOPLE, ITEMS = 153, 1350

SPACES: dict[str, dict[str, list[Any]]] = {
    "bpr": {
        "user_epochs": [1, 2, 3],
        "epochs": [1, 2, 3],
        "learning_rate": [0.02, 0.05, 0.1],
        "item_learning_rate": [0.01, 0.02, 0.05],
        "user_reg": [0.01, 0.02, 0.03, 0.05, 0.1],
    },
    "svd": {
        "user_epochs": [1, 2, 3, 5],
        "epochs": [1, 2],
        "learning_rate": [0.02, 0.05, 0.1],
        "item_learning_rate": [0.02, 0.05, 0.1],
        "user_reg": [0.01, 0.02, 0.05, 0.1, 0.3],
        "unwatched_weight": [0.03, 0.1, 0.2, 0.3],
    },
    "fcf": {"alpha": [2, 5, 10, 20], "user_reg": [5, 10, 20, 50, 100]},
    "schedule": {
        "early_bias_step": [10, 15, 20, 30],
        "late_bias_step": [0, 1, 3],
        "factor_step": [5, 10, 20, 30],
        "momentum": [0, 0.3, 0.6],
    },
    "public_start": {"bias_scale": [0.2, 0.3, 0.4, 0.6, 0.8]},
}


@dataclass(frozen=True)
class World:
    train: list[Ratings]
    held_out: list[np.ndarray]
    popularity: np.ndarray
    embeddings: np.ndarray
    facts: np.ndarray

    def best(self, scores: np.ndarray, n: int = 5) -> np.ndarray:
        """Everybody's ``n`` best of what they have not watched, best first."""
        left = scores.copy()
        for row, ratings in zip(left, self.train, strict=True):
            row[ratings.items] = -np.inf
        return np.argsort(-left, axis=1, kind="stable")[:, :n]

    def ndcg(self, scores: np.ndarray, n: int = 5) -> float:
        discounts = 1.0 / np.log2(np.arange(2, n + 2))
        gained = [
            discounts[np.isin(best, later)].sum() / discounts[: min(n, len(later))].sum()
            for best, later in zip(self.best(scores, n), self.held_out, strict=True)
        ]
        return float(np.mean(gained))

    def centralised_popularity(self) -> float:
        counts = np.bincount(np.concatenate([r.items for r in self.train]), minlength=ITEMS)
        return self.ndcg(np.tile(counts.astype(float), (len(self.train), 1)))


@dataclass(frozen=True)
class Source:
    """The parts of the ratings that may be looked at."""

    people: list[tuple[np.ndarray, np.ndarray]]
    embeddings: np.ndarray
    facts: np.ndarray

    @classmethod
    def read(cls, ratings: Path, items: Path, cache: Path) -> Source:
        films = pd.read_csv(items)
        given = pd.read_csv(ratings).sort_values(["userId", "timestamp"], kind="stable")
        given["item"] = given["movieId"].map({m: i for i, m in enumerate(films["movieId"])})
        people = []
        for _, own in given.groupby("userId"):
            kept = len(own) - max(1, len(own) // 5)
            columns = own["item"].to_numpy()[:kept], own["rating"].to_numpy(np.float32)[:kept]
            people.append(columns)
        genres = films["genres"].str.get_dummies("|").to_numpy(float)
        genres = genres / np.sqrt(np.maximum(1, genres.sum(axis=1, keepdims=True)))
        years = films["title"].str.extract(r"\((\d{4})\)")[0].astype(float)
        years = ((years - years.median()) / 8).clip(-2, 1.5).fillna(0).to_numpy()[:, None]
        texts = [f"{t}. {g}" for t, g in zip(films["title"], films["genres"], strict=True)]
        facts = 0.5 * np.hstack([genres, years])
        return cls(people, embed(texts, cache=cache), facts.astype(np.float32))

    def world(self, seed: int, by_time: bool) -> World:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.people))
        public, taking_part = order[:300], order[300 : 300 + PEOPLE]
        count = self._counts(order)
        items = np.sort(np.argsort(-count, kind="stable")[:ITEMS])
        place = np.full(len(count), -1)
        place[items] = np.arange(ITEMS)
        seen = self._counts(public)[items] + 0.3
        popularity = 1000 * seen * np.exp(0.4 * rng.standard_normal(ITEMS))
        train, held_out = [], []
        for one in taking_part:
            own, stars = place[self.people[one][0]], self.people[one][1]
            own, stars = own[own >= 0], stars[own >= 0]
            some = int(np.clip(rng.lognormal(3.9, 0.7), 8, 126))
            fame = np.log(count[items][own]) + rng.gumbel(size=len(own))
            kept = np.argsort(-fame)[:some]
            kept = np.sort(kept) if by_time else rng.permutation(kept)
            if len(kept) < 5:
                continue
            cut = len(kept) - len(kept) // 5
            before = kept[:cut]
            stars_before = np.clip(stars[before], 1, 5).astype(np.float32)
            train.append(Ratings(own[before].astype(np.int64), stars_before))
            held_out.append(own[kept[cut:]])
        return World(train, held_out, popularity, self.embeddings[items], self.facts[items])

    def _counts(self, people: np.ndarray) -> np.ndarray:
        rated = np.concatenate([self.people[one][0] for one in people])
        return np.bincount(rated, minlength=len(self.embeddings)).astype(float)


def trial(
    world: World, arm: str, settings: dict[str, Any], privacy: PrivacyDesign
) -> tuple[list[float], int]:
    """nDCG@5 of every round, and how many different items the last round's lists hold."""
    design = StudyDesign(
        name="Search",
        rounds=10,
        arms={arm: settings.get(arm, {})},
        schedule=settings.get("schedule", {}),
        public_start=settings.get("public_start", {}),
        privacy=privacy,
    )
    size = design.embedding_size
    known = world.embeddings, world.popularity
    start = public_start(*known, size, design.public_start, world.facts)
    values = []
    for state in federate(design, start, world.train, np.random.default_rng(1)):
        scores = state.model.item_bias + state.user_factors @ state.model.item_factors.T
        values.append(world.ndcg(scores))
    return values, len(np.unique(world.best(scores)))


def judged(worlds: list[World], arm: str, settings: dict[str, Any]) -> dict[str, float]:
    """Means over worlds of nDCG@5 over that of centralised popularity, and of distinct items."""
    rows, distinct = [], []
    for world in worlds:
        yardstick = world.centralised_popularity()
        quiet, shown = trial(world, arm, settings, PrivacyDesign(mode="off"))
        row = {"start": quiet[0], "off": (quiet[5] + quiet[10]) / 2}
        for epsilon in (8.0, 2.0, 1.0):
            noised = PrivacyDesign(mode="central", epsilon=epsilon)
            row[f"epsilon {epsilon:g}"] = trial(world, arm, settings, noised)[0][10]
        rows.append({name: value / yardstick for name, value in row.items()})
        distinct.append(shown)
    means = pd.DataFrame(rows).mean()
    all_of_it = round(float(means.mean()), 4)
    return {
        **means.round(4).to_dict(),
        "all": all_of_it,
        "distinct": round(float(np.mean(distinct))),
    }


def drawn(arm: str, rng: np.random.Generator) -> dict[str, Any]:
    return {
        part: {name: values[rng.integers(len(values))] for name, values in SPACES[part].items()}
        for part in (arm, "schedule", "public_start")
    }


def around(arm: str) -> Iterator[dict[str, Any]]:
    """The present defaults with one setting changed."""
    for part in (arm, "schedule", "public_start"):
        for name, values in SPACES[part].items():
            yield from ({part: {name: value}} for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--arm", choices=["svd", "bpr", "fcf"], required=True)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument(
        "--around", action="store_true", help="change the defaults one by one instead"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path("search_embeddings.sqlite"))
    options = parser.parse_args()
    source = Source.read(options.ratings, options.items, options.cache)
    worlds = [source.world(seed, by_time) for seed, by_time in ((1, True), (2, True), (3, False))]
    others = [source.world(seed, seed % 3 > 0) for seed in range(101, 107)]
    rng = np.random.default_rng(options.seed)
    tried = (
        around(options.arm)
        if options.around
        else (drawn(options.arm, rng) for _ in range(options.trials))
    )
    found = []
    for settings in ({}, *tried):  # the present defaults come first
        result = judged(worlds, options.arm, settings)
        found.append((result["all"], settings))
        sys.stdout.write(json.dumps({"settings": settings, **result}) + "\n")
        sys.stdout.flush()
    best = sorted(found, key=lambda pair: -pair[0])[:3]
    for _, settings in [(0.0, {}), *best]:
        result = judged(others, options.arm, settings)
        sys.stdout.write(json.dumps({"on other worlds": settings, **result}) + "\n")


if __name__ == "__main__":
    main()
