"""The Python half of the posters: what is stored, what is refused, what is said."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.posters import PosterClick, Posters


def _item(name: str) -> dict:
    return {"id": name, "title": name.title(), "year": 2001, "genres": ["Drama"], "synopsis": ""}


def _posters() -> Posters:
    lists = [
        {"name": "List 1", "items": [_item(name) for name in "abcde"]},
        {"name": "List 2", "items": [_item(name) for name in "afghi"]},
    ]
    return Posters(lists=lists)


def _click(place: int, rank: int, item: str, selected: bool = True) -> dict:
    return {"type": "click", "list": place, "rank": rank, "item": item, "selected": selected}


def test_callback_gets_what_was_clicked_before_it_is_shown_as_chosen() -> None:
    posters, seen = _posters(), []
    posters.on_click(lambda click: seen.append((click, list(posters.selected))))
    posters.receive(_click(1, 2, "g"))
    assert seen == [(PosterClick(1, 2, "g", True), [])]
    assert posters.selected == [[1, 2]]
    assert posters.saved == 1


def test_every_callback_is_told() -> None:
    posters, first, second = _posters(), [], []
    posters.on_click(first.append)
    posters.on_click(second.append)
    posters.receive(_click(0, 0, "a"))
    assert first == second == [PosterClick(0, 0, "a", True)]


def test_second_click_takes_back_and_counts_too() -> None:
    posters = _posters()
    posters.receive(_click(0, 0, "a"))
    posters.receive(_click(0, 0, "a", selected=False))
    assert posters.selected == []
    assert posters.saved == 2


def test_same_series_in_both_lists_is_chosen_in_one() -> None:
    posters = _posters()
    posters.receive(_click(1, 0, "a"))
    assert posters.selected == [[1, 0]]


def test_error_of_ours_shows_its_way_out_and_changes_nothing() -> None:
    posters = _posters()
    posters.selected = [[0, 1]]

    def fail(_click: PosterClick) -> None:
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")

    posters.on_click(fail)
    posters.receive(_click(0, 2, "c"))
    assert posters.selected == [[0, 1]]
    assert posters.saved == 0
    assert posters.message == "The disk is full. Free some space."


def test_any_other_error_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    posters = _posters()

    def fail(_click: PosterClick) -> None:
        raise RuntimeError("secret series")

    posters.on_click(fail)
    with caplog.at_level(logging.DEBUG):
        posters.receive(_click(0, 2, "c"))
    assert posters.selected == []
    assert "not saved" in posters.message
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_next_saved_click_clears_the_sentence() -> None:
    posters = _posters()
    posters.message = "Something was wrong."
    posters.receive(_click(0, 0, "a"))
    assert posters.message == ""


@pytest.mark.parametrize(
    "content",
    [
        _click(2, 0, "a"),
        _click(0, 5, "a"),
        _click(-1, 0, "a"),
        _click(0, 1, "a"),  # another series stands at that place
        {**_click(0, 0, "a"), "selected": 1},
        {**_click(0, 0, "a"), "rank": True},
        {"type": "click"},
    ],
)
def test_what_does_not_fit_the_lists_is_refused(content: dict) -> None:
    posters, seen = _posters(), []
    posters.on_click(seen.append)
    posters.receive(content)
    assert seen == []
    assert posters.selected == []
    assert posters.message


@pytest.mark.parametrize("none", [True, False])
def test_done_locks_and_tells_none_from_some(none: bool) -> None:
    posters, seen = _posters(), []
    posters.on_done(seen.append)
    posters.receive({"type": "done", "none": none})
    posters.receive({"type": "done", "none": none})
    posters.receive(_click(0, 0, "a"))
    assert seen == [none]
    assert posters.locked
    assert posters.selected == []


def test_done_that_could_not_be_stored_leaves_the_lists_open() -> None:
    posters = _posters()

    def fail(_none: bool) -> None:
        raise FedFlexError("The study folder is gone.", "It.", "Connect the drive.")

    posters.on_done(fail)
    posters.receive({"type": "done", "none": False})
    assert not posters.locked
    assert posters.message == "The study folder is gone. Connect the drive."


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4))))
def test_chosen_is_what_was_clicked_an_odd_number_of_times(places: list[tuple[int, int]]) -> None:
    posters = _posters()
    chosen: set[tuple[int, int]] = set()
    for place, rank in places:
        chosen ^= {(place, rank)}
        item = posters.lists[place]["items"][rank]["id"]
        posters.receive(_click(place, rank, item, (place, rank) in chosen))
    assert {tuple(place) for place in posters.selected} == chosen
    assert posters.saved == len(places)
