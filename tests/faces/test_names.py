"""The Python half of the names: what is stored, what is refused, what is said."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.names import Names

_TITLES = {"d": "Dark", "e": "Elite"}


def _row(name: str, series: str | None = None) -> dict:
    return {"name": name, "episodes": 8, "watched": "1 Jan 2024", "series": series}


def _names() -> Names:
    return Names(rows=[_row("x"), _row("y", "Elite")], titles=list(_TITLES.items()))


def _name(name: str, item: str | None) -> dict:
    return {"type": "name", "name": name, "item": item}


def test_callback_is_told_before_the_row_changes() -> None:
    names, seen = _names(), []
    names.on_name(lambda name, item: seen.append((name, item, names.rows[0]["series"])))
    names.receive(_name("x", "d"))
    assert seen == [("x", "d", None)]
    assert names.rows == [_row("x", "Dark"), _row("y", "Elite")]


def test_undo_takes_the_series_from_its_name() -> None:
    names, seen = _names(), []
    names.on_name(lambda name, item: seen.append((name, item)))
    names.receive(_name("y", None))
    assert seen == [("y", None)]
    assert names.rows == [_row("x"), _row("y")]


def test_rows_that_the_callback_set_anew_stay() -> None:
    names = _names()

    def store(_name: str, _item: str | None) -> None:
        names.rows = [_row("z"), _row("x")]

    names.on_name(store)
    names.receive(_name("x", "d"))
    assert names.rows == [_row("z"), _row("x", "Dark")]


def test_error_of_ours_shows_its_way_out_and_changes_nothing() -> None:
    names = _names()

    def fail(_name: str, _item: str | None) -> None:
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")

    names.on_name(fail)
    names.receive(_name("x", "d"))
    assert names.rows[0] == _row("x")
    assert names.message == "The disk is full. Free some space."


def test_any_other_error_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    names = _names()

    def fail(_name: str, _item: str | None) -> None:
        raise RuntimeError("secret series")

    names.on_name(fail)
    with caplog.at_level(logging.DEBUG):
        names.receive(_name("x", "d"))
    assert names.rows[0] == _row("x")
    assert "not saved" in names.message
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_next_saved_choice_clears_the_sentence() -> None:
    names = _names()
    names.on_name(_keep)
    names.message = "Something was wrong."
    names.receive(_name("x", "d"))
    assert names.message == ""


def test_nothing_is_saved_where_nobody_stores_it() -> None:
    names = _names()
    names.receive(_name("x", "d"))
    assert names.rows[0] == _row("x")
    assert "not saved" in names.message


def _keep(_name: str, _item: str | None) -> None:
    pass


@pytest.mark.parametrize("callback", [_keep, lambda _name, _item: 1 / 0])
def test_browser_is_answered_whatever_happens(callback, monkeypatch: pytest.MonkeyPatch) -> None:
    names, sent = _names(), []
    monkeypatch.setattr(names, "send", sent.append)
    names.on_name(callback)
    names.receive(_name("x", "d"))
    names.receive(_name("gone", "d"))
    kept = "kept" if callback is _keep else "refused"
    assert sent == [{"type": kept, "name": "x"}, {"type": "refused", "name": "gone"}]


@pytest.mark.parametrize(
    "content",
    [
        _name("gone", "d"),
        _name("x", "gone"),
        _name("x", "Dark"),
        {**_name("x", "d"), "item": 4},
        {**_name("x", "d"), "item": ["d"]},
        {**_name("x", "d"), "name": ["x"]},
        {"type": "name", "name": "x"},
        {"type": "name"},
    ],
)
def test_what_does_not_fit_names_and_titles_is_refused(content: dict) -> None:
    names, seen = _names(), []
    names.on_name(lambda name, item: seen.append((name, item)))
    names.receive(content)
    assert seen == []
    assert names.rows == [_row("x"), _row("y", "Elite")]
    assert names.message


@pytest.mark.parametrize("content", [{}, {"type": "rate"}, {"type": ["name"]}])
def test_other_messages_are_passed_over(content: dict) -> None:
    names = _names()
    names.receive(content)
    assert names.message == ""


@pytest.mark.parametrize("titles", [[["d"]], [["d", None]], [[1, "Dark"]]])
def test_titles_are_pairs_of_words(titles: list) -> None:
    with pytest.raises(TraitError):
        Names(titles=titles)


@given(st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from(["d", "e", None]))))
def test_rows_hold_each_name_s_last_word(choices: list[tuple[str, str | None]]) -> None:
    names = _names()
    names.on_name(_keep)
    for name, item in choices:
        names.receive(_name(name, item))
    last = {"x": None, "y": "e", **dict(choices)}
    assert names.rows == [_row(name, _TITLES.get(item)) for name, item in last.items()]
