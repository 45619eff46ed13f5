"""Made-up people who take part for real: real exports, real updates, real files, real clicks.

A made-up person likes a few genres. Their history is written as a Netflix export and read like anybody's;
what they would click follows from the same taste. So a study can be tried, taught and tested before
anyone is asked to take part; what such people click says nothing about real ones.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fedflex_core.learning.factors import Ratings
from fedflex_core.lists.metrics import ListMetrics, ShownList, list_metrics
from fedflex_core.lists.recommend import two_lists
from fedflex_core.lists.similarity import Metadata
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.federation import ArmState, Progress, federate
from fedflex_core.study.helper import Helper
from fedflex_core.study.list_b import metadata_of
from fedflex_core.study.opening import round_zero
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = [
    "MadeUpPerson",
    "SimulatedRound",
    "answer",
    "make_people",
    "play_rounds",
    "seat_people",
    "simulate",
]


def _silent(_what: str, _share: float) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class MadeUpPerson:
    """Somebody who does not exist.

    Attributes:
        taste: float64 (items,), how likely this person is to like each series, 0 to 1.
        watched: Items of their history.
        export: Their history as a Netflix viewing-activity file.
    """

    taste: npt.NDArray[np.float64]
    watched: tuple[int, ...]
    export: bytes


def make_people(
    catalogue: Catalogue, count: int, rng: np.random.Generator, today: date | None = None
) -> list[MadeUpPerson]:
    """Make up people with a taste for two or three genres each, popular series first.

    Args:
        catalogue: What they can have watched.
        count: How many people.
        rng: Makes them; the same generator state makes the same people.
        today: The last day of their histories.
    """
    return [_make_person(catalogue, rng, today or date.today()) for _ in range(count)]


def _make_person(catalogue: Catalogue, rng: np.random.Generator, today: date) -> MadeUpPerson:
    names = sorted({name for genres in catalogue.genres for name in genres})
    liked = set(rng.choice(names, size=min(len(names), int(rng.integers(2, 4))), replace=False))
    share = np.array(
        [len(liked & set(genres)) / max(1, len(genres)) for genres in catalogue.genres]
    )
    taste = np.clip(0.03 + 0.6 * share, 0, 1)
    fame = np.log1p(np.nan_to_num(catalogue.popularity, nan=1000.0))
    chance = taste * fame**2
    size = min(len(catalogue) // 3, int(rng.integers(8, 40)))
    picked = rng.choice(len(catalogue), size=size, replace=False, p=chance / chance.sum())
    watched = tuple(int(item) for item in picked)
    return MadeUpPerson(taste, watched, _export(catalogue, watched, taste, rng, today))


def _export(
    catalogue: Catalogue,
    watched: tuple[int, ...],
    taste: npt.NDArray[np.float64],
    rng: np.random.Generator,
    today: date,
) -> bytes:
    """A viewing-activity file, newest first; who likes a series watches more of it, and faster."""
    rows: list[tuple[date, str]] = []
    for item in watched:
        day = today - timedelta(days=int(rng.integers(1, 700)))
        for episode in range(1, 2 + int(rng.poisson(8 * taste[item]))):
            rows.append((day, f"{catalogue.titles[item]}: Season 1: Episode {episode}"))
            day = min(today, day + timedelta(days=int(rng.poisson(2 if taste[item] > 0.3 else 12))))
    rows.sort(key=lambda row: row[0], reverse=True)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(("Title", "Date"))
    # Days above 12 in the second place tell the reader which form this is.
    writer.writerows((title, f"{day.month}/{day.day}/{day:%y}") for day, title in rows)
    return text.getvalue().encode()


def play_rounds(
    aggregator: Aggregator,
    seats: list[tuple[Participant, MadeUpPerson | None]],
    rounds: int,
    rng: np.random.Generator,
    progress: Progress = _silent,
    helper: Helper | None = None,
) -> None:
    """Let seated participants play: all share, the aggregator averages, made-up people click.

    Args:
        aggregator: Runs the rounds.
        seats: Participants whose histories are loaded, each with the person who sits there; a seat
            without a made-up person shares its updates, and is shown nothing.
        rounds: How many rounds.
        rng: Decides the clicks.
        progress: Called with what is being done and the share done, 0 to 1.
        helper: Sums the other half of the updates, where noise is added in shares.
    """
    for number in range(rounds):
        for place, (participant, _) in enumerate(seats):
            share = (number + place / len(seats)) / rounds
            progress(f"Round {number + 1} of {rounds}: training on {len(seats)} computers", share)
            participant.train_and_share()
        if helper is not None:
            aggregator.ask_helper()
            helper.answer()
        aggregator.run_round()
        for participant, person in seats:
            if person is not None:
                answer(participant, person, rng)
    progress("Done", 1.0)


def answer(participant: Participant, person: MadeUpPerson, rng: np.random.Generator) -> None:
    """A made-up person's visit: look at every comparison of the round and click what the person would watch."""
    current = participant.study.current_round()
    for arm in participant.study.design.arm_names:
        shown = participant.show(arm, current)
        any_click = False
        for side in ("A", "B"):
            for rank, name in enumerate(shown.lists[side], start=1):
                item = participant.study.catalogue.index_of(name)
                # Lower ranks are looked at less (Craswell et al. 2008, position bias).
                if rng.random() < person.taste[item] * 0.93 ** (rank - 1):
                    participant.comparisons.click(shown, side, rank)
                    any_click = True
        participant.comparisons.finish(shown, none=not any_click)
    participant.publish()


@dataclass(frozen=True)
class SimulatedRound:
    """What the lists of one round of one arm were worth to the made-up people."""

    round: int
    arm: str
    a: ListMetrics
    b: ListMetrics
    trust: float
    epsilon: float


def simulate(
    design: StudyDesign,
    catalogue: Catalogue,
    embeddings: CatalogueEmbeddings,
    people: list[MadeUpPerson],
    rng: np.random.Generator,
    progress: Progress = _silent,
) -> list[SimulatedRound]:
    """A study in memory: the same local updates, rounds and lists, without files.

    Every person clicks each series with their own chance of liking it, drawn once.

    Returns:
        One row per arm and round, round 0 (public facts alone) first.
    """
    start = round_zero(design, catalogue, embeddings)
    likes = [rng.random(len(catalogue)) < person.taste for person in people]
    ratings = [_ratings(person) for person in people]
    metadata = metadata_of(catalogue, embeddings)
    rows: list[SimulatedRound] = []
    for state in federate(design, start, ratings, rng, progress):
        a, b = _worth(design, state, people, likes, embeddings, metadata)
        trust = state.diagnostics.trust if state.diagnostics else 1.0
        epsilon = design.epsilon_after(state.round)
        rows.append(SimulatedRound(state.round, state.arm, a, b, trust, epsilon))
    return rows


def _ratings(person: MadeUpPerson) -> Ratings:
    stars = np.where(person.taste[list(person.watched)] > 0.3, 5.0, 2.0).astype(np.float32)
    return Ratings(np.array(person.watched, np.int64), stars)


def _worth(
    design: StudyDesign,
    state: ArmState,
    people: list[MadeUpPerson],
    likes: list[npt.NDArray[np.bool_]],
    embeddings: CatalogueEmbeddings,
    metadata: Metadata,
) -> tuple[ListMetrics, ListMetrics]:
    shown: dict[str, list[ShownList]] = {"a": [], "b": []}
    for user, person, liked in zip(state.user_factors, people, likes, strict=True):
        scores = state.model.scores(user)
        lists = two_lists(scores, embeddings.title, person.watched, design.lists, metadata=metadata)
        for side, items in (("a", lists.a), ("b", lists.b)):
            shown[side].append(ShownList(items, tuple(int(liked[item]) for item in items)))
    return list_metrics(shown["a"], embeddings.title), list_metrics(shown["b"], embeddings.title)


def seat_people(
    study: Path, home: Path, people: list[MadeUpPerson], rng: np.random.Generator
) -> list[tuple[Participant, MadeUpPerson]]:
    """Give every made-up person a seat, with a private folder of their own below ``home``."""
    seats = []
    for number, (person, stream) in enumerate(zip(people, rng.spawn(len(people)), strict=True)):
        participant = Participant.take_seat(study, home / f"person-{number:04d}", stream)
        participant.watched.load(person.export)
        seats.append((participant, person))
    return seats
