"""From clicks in a folder to the table."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fedflex_core.exchange.protocol import ClickRecord, ImpressionRecord
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results

Seat = Callable[..., Participant]


@pytest.fixture
def answered(take_seat: Seat) -> Participant:
    participant = take_seat("anna", "Amber Coast", "Dust Orchard")
    participant.train_and_share()
    shown = participant.show("svd")
    participant.comparisons.click(shown, "A", 2)
    participant.comparisons.click(shown, "B", 1)
    participant.comparisons.click(shown, "B", 3)
    participant.comparisons.click(shown, "B", 3, selected=False)
    participant.comparisons.finish(shown)
    participant.show("bpr")
    participant.publish()
    return participant


def test_the_table_follows_from_the_clicks(answered: Participant) -> None:
    found = study_results(answered.study)
    a, b = found.arms["svd"]["A"], found.arms["svd"]["B"]
    assert (a.ctr, b.ctr) == (0.2, 0.2)
    assert (a.mrr, b.mrr) == (0.5, 1.0)
    assert (a.coverage, b.coverage) == (0.2, 0.2)
    assert found.participants == 1


def test_a_comparison_left_without_an_answer_is_counted_apart(answered: Participant) -> None:
    found = study_results(answered.study)
    assert (found.comparisons, found.left) == (1, 1)
    assert found.to_dict()["arms"]["bpr"]["A"]["ctr"] is None


def test_genres_are_those_of_the_lists_shown(answered: Participant) -> None:
    shown = answered.show("svd")
    catalogue = answered.study.catalogue
    of_a = [catalogue.genres[catalogue.index_of(item)][0] for item in shown.lists["A"]]
    expected = {genre: of_a.count(genre) / 5 for genre in set(of_a)}
    assert study_results(answered.study).genres["A"] == pytest.approx(expected)


def test_none_of_these_is_an_answer(answered: Participant) -> None:
    answered.comparisons.finish(answered.show("bpr"), none=True)
    answered.publish()
    found = study_results(answered.study)
    assert (found.comparisons, found.left) == (2, 0)
    assert found.arms["bpr"]["B"].ctr == 0


def test_plain_values_have_the_promised_form(answered: Participant) -> None:
    values = study_results(answered.study).to_dict()
    assert set(values["arms"]) == {"svd", "bpr"}
    assert set(values["arms"]["svd"]["A"]) == {"ctr", "p@5", "ndcg@5", "mrr", "ild", "coverage"}
    json.dumps(values, allow_nan=False)


def test_a_click_on_what_was_not_shown_does_not_count(answered: Participant) -> None:
    events = answered.study.folder.path / "participants" / answered.id / "events"
    click = json.loads(next(events.glob("svd-0000-000001-*.json")).read_text())
    change = {"item": "tin-forest", "rank": 5, "selected": True, "sequence": 99}
    forged = ClickRecord.model_validate(click | change)
    (events.parent / forged.name).write_bytes(forged.to_bytes())
    assert study_results(answered.study).arms["svd"]["A"].ctr == pytest.approx(0.2)


def test_taking_a_click_back_holds_though_the_clock_steps_back(answered: Participant) -> None:
    events = answered.study.folder.path / "participants" / answered.id / "events"
    for place in events.glob("svd-0000-00000[1234]-*.json"):
        late = {
            "written_at": "2000-01-01T00:00:00Z"
            if "000004-" in place.name
            else "2099-01-01T00:00:00Z"
        }
        place.write_text(json.dumps(json.loads(place.read_text()) | late))
    assert study_results(answered.study).arms["svd"]["B"].ctr == pytest.approx(0.2)


@pytest.mark.parametrize(
    "change",
    [{"arm": "other"}, {"round": 9000}, {"lists": {"A": ["nowhere"], "B": ["oak-street"]}}],
)
def test_a_comparison_that_cannot_have_been_is_named(
    answered: Participant, change: dict[str, object]
) -> None:
    folder = answered.study.folder.path / "participants" / answered.id
    shown = json.loads((folder / "events" / "svd-0000-impression.json").read_text())
    forged = ImpressionRecord.model_validate(shown | {"round": 2} | change)
    (folder / forged.name).write_bytes(forged.to_bytes())
    found = study_results(answered.study)
    assert found.comparisons == 1
    assert any(name.endswith(forged.name) for name, _ in found.passed_over)


def test_an_empty_study(aggregator: Aggregator) -> None:
    found = study_results(aggregator.study)
    assert found.comparisons == 0
    assert found.arms["svd"]["A"].shown_lists == 0


def test_conflict_copies_are_named(answered: Participant) -> None:
    folder = answered.study.folder.path / "participants" / answered.id
    copy = folder / "join (conflicted copy).json"
    copy.write_bytes((folder / "join.json").read_bytes())
    names = {Path(name).name for name, _ in study_results(answered.study).passed_over}
    assert names == {copy.name}
