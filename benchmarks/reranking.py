"""How long list B takes beside plainer ways of choosing the same five, and what each of its settings does.

    python benchmarks/reranking.py [--large 1000000] [--width 384] [--repeat 3]

The plainest way asks scikit-learn's `cosine_similarity` for every candidate at every step, as the paper's
code does; another compares all candidates in one matrix product a step. All are timed by turns on the same
made-up rows, and the figure is the median; a way that chooses otherwise ends the run. For a million rows the
plainest way would take tens of minutes: it is timed on a sample of its comparisons.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics.pairwise import cosine_similarity

from fedflex_core.lists.calibration import miscalibration
from fedflex_core.lists.diversity import intra_list_diversity, mmr
from fedflex_core.lists.metrics import genre_distribution
from fedflex_core.lists.recommend import ListsConfig, top_items, two_lists
from fedflex_core.lists.relevance import min_max
from fedflex_core.lists.similarity import Metadata
from fedflex_core.study.list_b import metadata_of
from fedflex_core.study.simulation import make_people
from fedflex_core.viewing.catalogue import load_bundled
from fedflex_core.viewing.embeddings import bundled_embeddings

_LISTED = 5
_LAMBDA = 0.3
_SMALL = 4_000
_POOL = 50
_SAMPLED = 500
_PEOPLE = 300


def main() -> None:
    """Time the choice at two sizes, then compare the lists that the settings make."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--large", type=int, default=1_000_000, help="candidates of the large run")
    parser.add_argument("--width", type=int, default=384, help="numbers in a row")
    parser.add_argument("--repeat", type=int, default=3, help="runs, of which the median counts")
    said = parser.parse_args()
    console = Console(width=100)
    table = Table("what", "way", "seconds", "x FedFlex", "MB beside the rows", "same answer")
    for count in (_SMALL, said.large):
        scores, rows = world(count, said.width)
        ways = {
            "FedFlex": partial(mmr, scores, rows, _LISTED, _LAMBDA),
            "one product a step": partial(by_products, scores, rows),
        }
        if count == _SMALL:
            ways["a call a pair"] = partial(by_calls, scores, rows)
        ours = compare(table, f"{_LISTED} of {count:,}", ways, said.repeat)
        if count != _SMALL:
            spent = sampled_calls(rows)
            name = f"a call a pair, by {_SAMPLED} pairs a step"
            table.add_row("", name, f"{spent:,.0f}", f"{spent / ours:,.0f}", "", "")
        table.add_section()
        best = {
            "FedFlex": partial(top_items, scores, _POOL),
            "sorting all": partial(by_sorting, scores),
        }
        compare(table, f"the {_POOL} best scored of {count:,}", best, said.repeat)
        table.add_section()
    console.print(table)
    console.print(
        f"{said.large:,} rows of {said.width} float32 take {rows.nbytes / 2**20:,.0f} MB. They are read "
        "where they are, once, and only the few that are compared again are copied. Beside them stand "
        "some numbers for each candidate; a matrix product needs about as much."
    )
    console.print(settings_table())


def compare(
    table: Table, what: str, ways: dict[str, Callable[[], tuple[int, ...]]], repeat: int
) -> float:
    """Add a row for each way, the first of which is ours, and return our seconds."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    answers = set()
    for _ in range(repeat):  # by turns, so that all meet the machine in one state
        for name, way in ways.items():
            start = time.perf_counter()
            answer = way()
            times[name].append(time.perf_counter() - start)
            answers.add(answer)
    assert len(answers) == 1, f"the ways differ: {answers}"
    ours = statistics.median(next(iter(times.values())))
    for name, way in ways.items():
        spent = statistics.median(times[name])
        table.add_row(what, name, f"{spent:.3g}", f"{spent / ours:,.1f}", f"{peak(way):.1f}", "yes")
        what = ""
    return ours


def world(count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and rows of unit length around some hundred themes, made in blocks."""
    rng = np.random.default_rng(1)
    themes = rng.standard_normal((300, width), np.float32)
    rows = np.empty((count, width), np.float32)
    for start in range(0, count, 50_000):
        block = rows[start : start + 50_000]
        rng.standard_normal(out=block, dtype=np.float32)
        block += themes[rng.integers(0, len(themes), len(block))]
        block /= np.sqrt(np.vecdot(block, block))[:, np.newaxis]
    return rng.standard_normal(count, np.float32), rows


def by_products(scores: np.ndarray, rows: np.ndarray) -> tuple[int, ...]:
    relevance, closest = min_max(scores), np.full(len(scores), -np.inf)
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < _LISTED:
        closest = np.maximum(closest, rows @ rows[chosen[-1]])
        value = _LAMBDA * relevance - (1 - _LAMBDA) * closest
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
    return tuple(chosen)


def by_calls(scores: np.ndarray, rows: np.ndarray) -> tuple[int, ...]:
    relevance = min_max(scores)
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < _LISTED:
        best, worth = -1, -np.inf
        for place in range(len(scores)):
            if place in chosen:
                continue
            closest = cosine_similarity(rows[place : place + 1], rows[chosen]).max()
            value = _LAMBDA * relevance[place] - (1 - _LAMBDA) * float(closest)
            if value > worth:
                best, worth = place, value
        chosen.append(best)
    return tuple(chosen)


def by_sorting(scores: np.ndarray) -> tuple[int, ...]:
    return tuple(int(item) for item in np.argsort(-scores, kind="stable")[:_POOL])


def sampled_calls(rows: np.ndarray) -> float:
    """Seconds that all calls would take, from those of a few candidates beside one to four chosen."""
    start = time.perf_counter()
    for chosen in range(1, _LISTED):
        for place in range(_SAMPLED):
            cosine_similarity(rows[place : place + 1], rows[:chosen]).max()
    return (time.perf_counter() - start) * len(rows) / _SAMPLED


def peak(work: Callable[[], object]) -> float:
    """The most memory that was held at once, in MB; what was there before is not counted."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def settings_table() -> Table:
    """What each setting makes of the same scores: made-up people's tastes in the bundled catalogue."""
    catalogue = load_bundled()
    titles = bundled_embeddings(catalogue).title
    known = metadata_of(catalogue, bundled_embeddings(catalogue))
    rng = np.random.default_rng(1)
    people = make_people(catalogue, _PEOPLE, rng)
    scores = [person.taste + rng.normal(0, 0.05, len(catalogue)) for person in people]
    table = Table("list", "titles", "genres", "cast", "relevance", "from one's own", "ms a person")
    table.title = f"Lists of {_PEOPLE} made-up people, {len(catalogue):,} series"
    table.caption = (
        "titles, genres, cast: mean of 1 - cosine over the pairs of a list. relevance: mean, of the 0 to 1 "
        "of the pool. from one's own: the divergence of the list's genres that calibration lowers."
    )
    for name, side, config in _settings():
        start = time.perf_counter()
        lists = [
            two_lists(row, titles, one.watched, config, metadata=known)
            for row, one in zip(scores, people, strict=True)
        ]
        spent = 1000 * (time.perf_counter() - start) / _PEOPLE
        rows = [
            _measures(getattr(made, side), row, one.watched, titles, known)
            for made, row, one in zip(lists, scores, people, strict=True)
        ]
        means = np.mean(rows, axis=0)
        table.add_row(name, *(f"{mean:.3f}" for mean in means), f"{spent:.2f}")
    return table


def _measures(
    items: tuple[int, ...],
    scores: np.ndarray,
    watched: tuple[int, ...],
    titles: np.ndarray,
    known: Metadata,
) -> tuple[float, ...]:
    """The columns of one list of one person."""
    pool = list(top_items(scores, _POOL, watched))
    scaled = dict(zip(pool, min_max(scores[pool]), strict=True))
    wanted, shown = (
        genre_distribution(known.genres[item] for item in some) for some in (watched, items)
    )
    return (
        intra_list_diversity(titles[list(items)]),
        _difference(known.genres, items),
        _difference(known.cast, items),
        statistics.fmean(scaled[item] for item in items),
        miscalibration(wanted, shown),
    )


def _settings() -> Iterator[tuple[str, str, ListsConfig]]:
    yield "A", "a", ListsConfig()
    yield "B, mmr by titles (the study's)", "b", ListsConfig()
    yield "B, mmr by metadata", "b", ListsConfig(similarity="metadata")
    yield "B, calibrated", "b", ListsConfig(reranker="calibrated")


def _difference(names: Sequence[Sequence[str]], items: tuple[int, ...]) -> float:
    """Mean of 1 - cosine of sets of names, over the pairs of which both are known; 0 if there is none."""
    sets = [set(names[item]) for item in items if names[item]]
    pairs = [(one, other) for place, one in enumerate(sets) for other in sets[:place]]
    alike = [len(a & b) / (len(a) * len(b)) ** 0.5 for a, b in pairs]
    return 1 - statistics.fmean(alike) if alike else 0.0


if __name__ == "__main__":
    main()
