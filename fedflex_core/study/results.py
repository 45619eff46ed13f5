"""The results of a study, from the records in its folder: the paper's table per arm and list."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.folder import FolderReport
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import (
    ClickRecord,
    DoneRecord,
    EventRecord,
    ImpressionRecord,
)
from fedflex_core.lists.metrics import ListMetrics, ShownList, genre_distribution, list_metrics
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.opened import OpenedStudy

__all__ = ["MEASURES", "Results", "study_results"]

MEASURES = {
    "ctr": "CTR",
    "p@5": "P@5",
    "ndcg@5": "nDCG@5",
    "mrr": "MRR",
    "ild": "ILD",
    "coverage": "Coverage",
}
"""The columns of the paper's table: their keys and how they are shown."""

_COLUMNS = {
    "ctr": "ctr",
    "p@5": "precision",
    "ndcg@5": "ndcg",
    "mrr": "mrr",
    "ild": "ild",
    "coverage": "coverage",
}


@dataclass(frozen=True)
class Results:
    """What the clicks of a study say.

    Attributes:
        arms: Metrics by arm and list.
        participants: How many people answered at least one comparison.
        comparisons: Comparisons answered: with a click, or with "done".
        left: Comparisons shown but left without an answer; they are in no figure.
        erased: People whose lists and clicks were dropped because they asked for it.
        genres: Share of each genre in all lists A and in all lists B.
        passed_over: Files that were not used, and why.
    """

    arms: dict[str, dict[str, ListMetrics]]
    participants: int
    comparisons: int
    left: int
    erased: int
    genres: dict[str, dict[str, float]]
    passed_over: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, dict[str, dict[str, dict[str, float | None]]]]:
        """Plain values, ``{"arms": {arm: {list: {measure: value}}}}``; None where nothing was shown."""
        return {
            "arms": {
                arm: {
                    side: {name: _plain(getattr(row, key)) for name, key in _COLUMNS.items()}
                    for side, row in sides.items()
                }
                for arm, sides in self.arms.items()
            }
        }


def study_results(aggregator: Aggregator) -> Results:
    """Read all comparisons of a study, which its aggregator alone can open, and work out its table.

    A click counts only on the series that its comparison really showed at that rank. Of people who asked
    for everything to be erased, and of people who were not let in, nothing is read.
    """
    study = aggregator.study
    aggregator.withdrawals.settle()
    with suppress(CannotWrite):  # a folder that takes no receipts now is no reason to show nothing
        aggregator.publish()
    erased = aggregator.withdrawals.erased
    report = FolderReport()
    lists: dict[tuple[str, str], list[ShownList]] = {}
    answered, people, left = 0, set(), 0
    for participant in study.folder.participants():
        if participant in erased:
            continue
        if (reason := aggregator.admission.refusal(participant)) is not None:
            report.ignore(f"{PARTICIPANTS}/{participant}", reason)
            continue
        for shown, clicks, done in _comparisons(aggregator, participant, report):
            if not done and not clicks:
                left += 1
                continue
            answered += 1
            people.add(participant)
            for side, items in shown.lists.items():
                counts = tuple(clicks[side, rank] for rank in range(1, len(items) + 1))
                indices = tuple(study.catalogue.index_of(item) for item in items)
                lists.setdefault((shown.arm, side), []).append(ShownList(indices, counts))
    titles = study.embeddings.title
    arms = {
        arm: {side: list_metrics(lists.get((arm, side), []), titles) for side in "AB"}
        for arm in study.design.arm_names
    }
    genres = {side: _genres(study, lists, side) for side in "AB"}
    passed_over = tuple(report.ignored.items())
    return Results(arms, len(people), answered, left, len(erased), genres, passed_over)


def _genres(
    study: OpenedStudy, lists: dict[tuple[str, str], list[ShownList]], side: str
) -> dict[str, float]:
    shown = [one for arm in study.design.arm_names for one in lists.get((arm, side), [])]
    return genre_distribution(study.catalogue.genres[item] for one in shown for item in one.items)


def _comparisons(
    aggregator: Aggregator, participant: str, report: FolderReport
) -> Iterable[tuple[ImpressionRecord, Counter[tuple[str, int]], bool]]:
    """Each comparison of one participant with its standing clicks and whether it is finished."""
    study = aggregator.study
    events = list(
        study.folder.sealed(participant, EventRecord, study.id, aggregator.identity, report)
    )
    seen: set[str] = set()
    for shown in sorted(events, key=lambda record: record.written_at):
        if not isinstance(shown, ImpressionRecord):
            continue
        reason = _why_impossible(study, shown)
        if shown.name in seen:
            reason = "other lists were shown before, for the same arm and round"
        if reason is not None:
            report.ignore(f"{PARTICIPANTS}/{participant}/{shown.name}", reason)
            continue
        seen.add(shown.name)
        of_this = [e for e in events if (e.arm, e.round) == (shown.arm, shown.round)]
        clicks = _standing(shown, [e for e in of_this if isinstance(e, ClickRecord)])
        yield shown, clicks, any(isinstance(e, DoneRecord) for e in of_this)


def _why_impossible(study: OpenedStudy, shown: ImpressionRecord) -> str | None:
    """Why this comparison cannot have been shown in this study, or None if it can."""
    design = study.design
    if shown.arm not in design.arm_names or shown.round > design.rounds:
        return "the study has no such arm or round"
    if any(len(items) > design.lists.length for items in shown.lists.values()):
        return "its lists are longer than the study's"
    if not all(item in study.catalogue for items in shown.lists.values() for item in items):
        return "it names a series that the study does not have"
    return None


def _standing(shown: ImpressionRecord, events: list[ClickRecord]) -> Counter[tuple[str, int]]:
    """How often each (list, rank) stands clicked; taking a click back takes all of its clicks back."""
    counts: Counter[tuple[str, int]] = Counter()
    for event in sorted(events, key=lambda record: record.sequence):
        items = shown.lists[event.list]
        if event.rank > len(items) or items[event.rank - 1] != event.item:
            continue
        if event.selected:
            counts[event.list, event.rank] += 1
        else:
            del counts[event.list, event.rank]
    return +counts


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
