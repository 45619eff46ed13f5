"""Made-up people take part for real."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.results import study_results
from fedflex_core.study.simulation import make_people, play_rounds, seat_people, simulate
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings
from fedflex_core.viewing.history import read_history

TODAY = date(2024, 6, 30)


def test_made_up_exports_are_read_whole(catalogue: Catalogue) -> None:
    for person in make_people(catalogue, 10, np.random.default_rng(0), TODAY):
        report = read_history(person.export, today=TODAY).report
        assert report.viewings == report.rows
        assert report.date_format == "M/D/YY"


def test_the_same_seed_makes_the_same_people(catalogue: Catalogue) -> None:
    first, second = (make_people(catalogue, 3, np.random.default_rng(5), TODAY) for _ in range(2))
    assert [person.export for person in first] == [person.export for person in second]


def test_a_whole_study_with_files(aggregator: Aggregator, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    people = make_people(aggregator.study.catalogue, 4, rng, TODAY)
    seats = seat_people(aggregator.study.folder.path, tmp_path / "people", people, rng)
    said: list[float] = []
    play_rounds(aggregator, list(seats), 2, rng, lambda _, share: said.append(share))
    found = study_results(aggregator)
    assert aggregator.finished
    assert found.participants == 4
    assert found.comparisons == 4 * 2 * 2
    assert found.arms["svd"]["A"].ild < found.arms["svd"]["B"].ild
    assert said == sorted(said)
    assert said[-1] == 1.0


@pytest.mark.parametrize("arm", ["svd", "bpr"])
def test_lists_in_memory_are_worth_more_than_chance(
    catalogue: Catalogue, embeddings: CatalogueEmbeddings, design: StudyDesign, arm: str
) -> None:
    rng = np.random.default_rng(2)
    people = make_people(catalogue, 20, rng, TODAY)
    rows = [row for row in simulate(design, catalogue, embeddings, people, rng) if row.arm == arm]
    left = [np.delete(person.taste, person.watched) for person in people]
    chance = np.mean(np.concatenate(left))
    assert [row.round for row in rows] == [0, 1, 2]
    assert rows[-1].a.precision > chance
