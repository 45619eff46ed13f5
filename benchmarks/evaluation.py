"""Lists of federated rounds against models that saw everybody's ratings in one place.

    pip install -e ".[embeddings,benchmarks]"
    python benchmarks/evaluation.py --ratings ratings.csv --items movies.csv

The last fifth of everybody's items, by time, is held out (see `fedflex_core.study.held_out`). In the same
run, on the same people: the arms of a study with its default settings, ten rounds without noise; the public
start; popularity; and the library `implicit`'s BPR (32 factors, 100 iterations) and ALS (32 factors, alpha
5), trained in one place. nDCG@10 of what each ranks first among the items not watched before.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from fedflex_core.learning.privacy import Mode
from fedflex_core.lists.intervals import bootstrap_interval
from fedflex_core.study.evaluated_lists import EvaluatedLists
from fedflex_core.study.evaluation import evaluate, evaluation_design
from fedflex_core.study.held_out import HeldOut
from fedflex_core.study.ratings_table import items_of_table, people_of_ratings
from fedflex_core.viewing.embeddings import embed_catalogue

ARMS = ("svd", "bpr", "fcf", "popularity", "public-start")


def in_one_place(held_out: HeldOut, items: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Factors of people and of items, by the library's two models."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking

    watched = [person.train.items for person in held_out.people]
    starts = np.cumsum([0, *map(len, watched)])
    shape = (len(watched), items)
    seen = csr_matrix((np.ones(starts[-1]), np.concatenate(watched), starts), shape=shape)
    models = {
        "implicit BPR": BayesianPersonalizedRanking(factors=32, iterations=100, random_state=1),
        "implicit ALS": AlternatingLeastSquares(factors=32, alpha=5, random_state=1),
    }
    for model in models.values():
        model.fit(seen, show_progress=False)
    return {
        name: (np.asarray(model.user_factors), np.asarray(model.item_factors))
        for name, model in models.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--cache", type=Path, default=Path("evaluation_embeddings.sqlite"))
    options = parser.parse_args()
    catalogue = items_of_table(options.items)
    people = people_of_ratings(options.ratings, catalogue)
    embeddings = embed_catalogue(catalogue, cache=options.cache)
    design = evaluation_design(ARMS, options.rounds, Mode.OFF, 8.0, 0.3)
    found = evaluate(design, ARMS, people, catalogue, embeddings)
    rows = [
        (
            name,
            arm.a["ndcg@10"],
            arm.a["ndcg@10_low"],
            arm.a["ndcg@10_high"],
            arm.a["distinct_items"],
        )
        for name, arm in found.arms.items()
    ]
    lists = EvaluatedLists(people.people, catalogue, embeddings, design.lists)
    for name, (users, items) in in_one_place(people, len(catalogue)).items():
        shown = lists.lists_a(lambda place, u=users, i=items: u[place] @ i.T)
        values = lists.ndcg(shown, 10)
        low, high = bootstrap_interval(values[:, None])
        rows.append((name, values.mean(), low[0], high[0], lists.distinct(shown)))
    columns = ["", "nDCG@10", "low", "high", "distinct in fives"]
    table = pd.DataFrame(rows, columns=columns).round(4)
    sys.stdout.write(f"{found.people} people, {found.items} items, {options.rounds} rounds\n")
    sys.stdout.write(table.to_string(index=False) + "\n\n")
    measures = [
        "p@5",
        "ndcg@5",
        "mrr",
        "ild_titles",
        "ild_metadata",
        "new_genres",
        "distinct_items",
    ]
    sides = [
        {"arm": name, "list": side, **{measure: values[measure] for measure in measures}}
        for name, arm in found.arms.items()
        for side, values in (("A", arm.a), ("B", arm.b))
    ]
    sys.stdout.write(pd.DataFrame(sides).round(3).to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
