"""What the embeddings cost: in precision by being kept as float16, and in time beside their library.

    python benchmarks/embeddings.py [--texts 600]

Precision is that of the shipped file beside embeddings made now in float32: the largest change of any cosine,
and how many of the lists B of made-up people, which are re-ranked by those cosines, come out otherwise. Time is
that of `embed` beside sentence-transformers' own `encode`, in the same run, without a cache and with one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from fedflex_core.lists.recommend import ListsConfig, two_lists
from fedflex_core.viewing.catalogue import load_bundled
from fedflex_core.viewing.embeddings import bundled_embeddings, embed_catalogue
from fedflex_core.viewing.embeddings.encoder import _encoder, embed

_PEOPLE = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=600, help="how many synopses are timed")
    arguments = parser.parse_args()
    catalogue = load_bundled()
    exact, kept = embed_catalogue(catalogue), bundled_embeddings(catalogue)
    table = Table("What", "Result", title=f"{len(catalogue):,} series")
    for name, one, other in (
        ("titles", exact.title, kept.title),
        ("titles and synopses", exact.text, kept.text),
    ):
        table.add_row(
            f"largest change of a cosine, {name}", f"{abs(one @ one.T - other @ other.T).max():.1e}"
        )
    changed = _changed_lists(exact.title, kept.title)
    table.add_row("lists B that come out otherwise", f"{changed} of {_PEOPLE}")
    texts = list(catalogue.items["synopsis"])[: arguments.texts]
    peer = _seconds(lambda: _encoder().encode(texts, show_progress_bar=False))
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "kept.sqlite"
        for name, work in (
            ("embed, no cache", lambda: embed(texts)),
            ("embed, empty cache", lambda: embed(texts, cache=cache)),
            ("embed, full cache", lambda: embed(texts, cache=cache)),
        ):
            table.add_row(f"{name} / sentence-transformers", f"{_seconds(work) / peer:.2f}")
    Console().print(table)


def _changed_lists(exact: np.ndarray, kept: np.ndarray) -> int:
    rng = np.random.default_rng(1)
    config = ListsConfig()
    changed = 0
    for _ in range(_PEOPLE):
        scores = rng.normal(size=len(exact)).astype(np.float32)
        lists = [two_lists(scores, vectors, [], config).b for vectors in (exact, kept)]
        changed += list(lists[0]) != list(lists[1])
    return changed


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
