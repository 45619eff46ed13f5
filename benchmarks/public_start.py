"""What the public start is worth: with both of its parts, with each alone, and with neither.

    python benchmarks/public_start.py --ratings ratings.csv --items movies.csv

The worlds are those of `search_settings.py` that no setting was chosen on: made-over MovieLens people,
the last fifth of everybody's films never looked at. Lists A are judged by nDCG@5, before anybody has
shared anything (round 0) and after ten rounds without noise, relative to the popularity of everybody's
data in one place. Without texts and facts the factors begin as small random numbers; without public
popularity the biases begin at 0.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from search_settings import Source, World, trial

STARTS = ("both", "factors alone", "factors of texts alone", "biases alone", "neither")


def with_start(world: World, start: str) -> World:
    unknown = np.full(len(world.popularity), np.nan)
    nothing = np.zeros_like(world.facts)
    if start == "factors alone":
        return replace(world, popularity=unknown)
    if start == "factors of texts alone":
        return replace(world, popularity=unknown, facts=nothing)
    if start == "biases alone":
        return replace(world, embeddings=np.zeros_like(world.embeddings), facts=nothing)
    if start == "neither":
        blank = np.zeros_like(world.embeddings)
        return replace(world, embeddings=blank, facts=nothing, popularity=unknown)
    return world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--cache", type=Path, default=Path("search_embeddings.sqlite"))
    options = parser.parse_args()
    source = Source.read(options.ratings, options.items, options.cache)
    worlds = [
        source.world(201 + number, by_time=number % 4 > 0) for number in range(options.worlds)
    ]
    rows = []
    for arm in ("svd", "bpr"):
        for start in STARTS:
            ratios = []
            for world in worlds:
                rounds, _ = trial(with_start(world, start), arm, {}, None)
                ratios.append(np.array(rounds) / world.centralised_popularity())
            mean = np.mean(ratios, axis=0)
            rows.append((arm, start, mean[0], mean[1], mean[10]))
    table = pd.DataFrame(rows, columns=["arm", "public start", "round 0", "round 1", "round 10"])
    sys.stdout.write("nDCG@5 of list A over that of centralised popularity\n")
    sys.stdout.write(table.round(2).to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
