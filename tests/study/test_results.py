"""From clicks in a folder to the table."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fedflex_core.exchange.personal_records import ClickRecord
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results

from .conftest import changed, folder_of, identity_of, put, resend_event, sent

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


def test_the_table_follows_from_the_clicks(aggregator: Aggregator, answered: Participant) -> None:
    found = study_results(aggregator)
    a, b = found.arms["svd"]["A"], found.arms["svd"]["B"]
    assert (a.ctr, b.ctr) == (0.2, 0.2)
    assert (a.mrr, b.mrr) == (0.5, 1.0)
    assert (a.coverage, b.coverage) == (0.2, 0.2)
    assert found.participants == 1


def test_a_comparison_left_without_an_answer_is_counted_apart(
    aggregator: Aggregator, answered: Participant
) -> None:
    found = study_results(aggregator)
    assert (found.comparisons, found.left) == (1, 1)
    assert found.to_dict()["arms"]["bpr"]["A"]["ctr"] is None


def test_genres_are_those_of_the_lists_shown(aggregator: Aggregator, answered: Participant) -> None:
    shown = answered.show("svd")
    catalogue = answered.study.catalogue
    of_a = [catalogue.genres[catalogue.index_of(item)][0] for item in shown.lists["A"]]
    expected = {genre: of_a.count(genre) / 5 for genre in set(of_a)}
    assert study_results(aggregator).genres["A"] == pytest.approx(expected)


def test_none_of_these_is_an_answer(aggregator: Aggregator, answered: Participant) -> None:
    answered.comparisons.finish(answered.show("bpr"), none=True)
    answered.publish()
    found = study_results(aggregator)
    assert (found.comparisons, found.left) == (2, 0)
    assert found.arms["bpr"]["B"].ctr == 0


def test_plain_values_have_the_promised_form(aggregator: Aggregator, answered: Participant) -> None:
    values = study_results(aggregator).to_dict()
    assert set(values["arms"]) == {"svd", "bpr"}
    assert set(values["arms"]["svd"]["A"]) == {"ctr", "p@5", "ndcg@5", "mrr", "ild", "coverage"}
    json.dumps(values, allow_nan=False)


def test_a_click_on_what_was_not_shown_does_not_count(
    aggregator: Aggregator, answered: Participant
) -> None:
    (first,) = [c for c in sent(aggregator, answered, ClickRecord) if c.sequence == 1]
    put(answered, changed(first, item="tin-forest", rank=5, sequence=99))
    assert len(sent(aggregator, answered, ClickRecord)) == 5
    assert study_results(aggregator).arms["svd"]["A"].ctr == pytest.approx(0.2)


def test_taking_a_click_back_holds_though_the_clock_steps_back(
    aggregator: Aggregator, answered: Participant
) -> None:
    for event in sent(aggregator, answered, ClickRecord):
        year = "2000" if event.sequence == 4 else "2099"
        resend_event(aggregator, answered, event, written_at=f"{year}-01-01T00:00:00Z")
    years = {c.sequence: c.written_at.year for c in sent(aggregator, answered, ClickRecord)}
    assert years == {1: 2099, 2: 2099, 3: 2099, 4: 2000}
    assert study_results(aggregator).arms["svd"]["B"].ctr == pytest.approx(0.2)


@pytest.mark.parametrize(
    "change",
    [{"arm": "other"}, {"round": 9000}, {"lists": {"A": ["nowhere"], "B": ["oak-street"]}}],
)
def test_a_comparison_that_cannot_have_been_is_named(
    aggregator: Aggregator, answered: Participant, change: dict[str, object]
) -> None:
    forged = changed(answered.show("svd"), **({"round": 2} | change))
    put(answered, forged)
    found = study_results(aggregator)
    assert found.comparisons == 1
    assert any(name.endswith(forged.name) for name, _ in found.passed_over)


def test_an_empty_study(aggregator: Aggregator) -> None:
    found = study_results(aggregator)
    assert found.comparisons == 0
    assert found.arms["svd"]["A"].shown_lists == 0


def test_conflict_copies_are_named(aggregator: Aggregator, answered: Participant) -> None:
    folder = folder_of(answered) / "events"
    copy = folder / "join (conflicted copy).sealed"
    copy.write_bytes((folder / "join.sealed").read_bytes())
    names = {Path(name).name for name, _ in study_results(aggregator).passed_over}
    assert names == {copy.name}


def test_answers_that_somebody_else_has_signed_do_not_count(
    aggregator: Aggregator, answered: Participant, take_seat: Seat
) -> None:
    """Nobody can answer in another's name, nor pass on another's answers as their own."""
    before = study_results(aggregator)
    other = take_seat("ben", "Oak Street")
    events = folder_of(other) / "events"
    shutil.copytree(folder_of(answered) / "events", events)
    shown = answered.show("svd")
    marks = {"arm": "svd", "round": 0, "sequence": 50}
    mine = {"study": shown.study, "participant": answered.id, "keys": shown.keys}
    click = ClickRecord(**mine, **marks, list="A", rank=1, item=shown.lists["A"][0], selected=True)
    put(answered, click, signer=identity_of(other))
    found = study_results(aggregator)
    assert found.to_dict() == before.to_dict()
    assert (found.participants, found.comparisons) == (1, 1)
    reasons = [reason for _, reason in found.passed_over]
    assert len([reason for reason in reasons if "another participant's folder" in reason]) == 8
    assert len([reason for reason in reasons if "signature" in reason]) == 1


def test_an_answer_counts_once_however_often_it_lies_there(
    aggregator: Aggregator, answered: Participant
) -> None:
    before = study_results(aggregator)
    for number, place in enumerate(list((folder_of(answered) / "events").iterdir())):
        for name in (f"{number:032x}.sealed", f"{place.stem}-2.sealed"):
            (place.parent / name).write_bytes(place.read_bytes())
    assert study_results(aggregator).to_dict() == before.to_dict()


def test_other_lists_for_a_comparison_that_was_shown_are_named(
    aggregator: Aggregator, answered: Participant
) -> None:
    """Shown later: what was clicked was clicked on the first."""
    shown = answered.show("svd")
    swapped = {"A": shown.lists["B"], "B": shown.lists["A"]}
    put(answered, changed(shown, lists=swapped, written_at="2099-01-01T00:00:00Z"))
    found = study_results(aggregator)
    assert (found.arms["svd"]["A"].mrr, found.arms["svd"]["B"].mrr) == (0.5, 1.0)
    assert any("shown before" in reason for _, reason in found.passed_over)
    assert found.comparisons == 1
