"""The Python half of the stars: what is stored, what is refused, what is said."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.stars import Stars

_RULE = {"a": 1, "b": 3, "c": 5}


def _row(name: str) -> dict:
    words = {"id": name, "title": name.upper(), "episodes": 8, "watched": "1 Jan 2024"}
    return {**words, "stars": _RULE[name], "corrected": False}


def _stars() -> Stars:
    return Stars(rows=[_row(name) for name in "cab"])


def _by_rule(item: str, stars: int | None) -> int:
    return _RULE[item] if stars is None else stars


def _rate(item: str, stars: int | None) -> dict:
    return {"type": "rate", "item": item, "stars": stars}


def test_callback_is_told_before_the_row_changes() -> None:
    stars, seen = _stars(), []

    def store(item: str, count: int | None) -> int:
        seen.append((item, count, stars.rows[1]["stars"]))
        return _by_rule(item, count)

    stars.on_rate(store)
    stars.receive(_rate("a", 4))
    assert seen == [("a", 4, 1)]
    assert stars.rows == [_row("c"), {**_row("a"), "stars": 4, "corrected": True}, _row("b")]


def test_stars_shown_are_those_that_the_callback_says_hold() -> None:
    stars = _stars()
    stars.on_rate(lambda _item, _stars: 2)
    stars.receive(_rate("a", 4))
    assert stars.rows[1]["stars"] == 2


def test_back_to_the_rule_brings_its_stars_back() -> None:
    stars = _stars()
    stars.on_rate(_by_rule)
    stars.receive(_rate("b", 1))
    stars.receive(_rate("b", None))
    assert stars.rows == [_row("c"), _row("a"), _row("b")]


def test_the_rule_s_own_stars_can_be_made_one_s_own() -> None:
    stars = _stars()
    stars.on_rate(_by_rule)
    stars.receive(_rate("c", 5))
    assert stars.rows[0] == {**_row("c"), "corrected": True}


def test_error_of_ours_shows_its_way_out_and_changes_nothing() -> None:
    stars = _stars()

    def fail(_item: str, _stars: int | None) -> int:
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")

    stars.on_rate(fail)
    stars.receive(_rate("a", 4))
    assert stars.rows[1] == _row("a")
    assert stars.message == "The disk is full. Free some space."


def test_any_other_error_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    stars = _stars()

    def fail(_item: str, _stars: int | None) -> int:
        raise RuntimeError("secret series")

    stars.on_rate(fail)
    with caplog.at_level(logging.DEBUG):
        stars.receive(_rate("a", 4))
    assert stars.rows[1] == _row("a")
    assert "not saved" in stars.message
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_next_saved_correction_clears_the_sentence() -> None:
    stars = _stars()
    stars.on_rate(_by_rule)
    stars.message = "Something was wrong."
    stars.receive(_rate("a", 4))
    assert stars.message == ""


def test_nothing_is_saved_where_nobody_stores_it() -> None:
    stars = _stars()
    stars.receive(_rate("a", 4))
    assert stars.rows[1] == _row("a")
    assert "not saved" in stars.message


@pytest.mark.parametrize("callback", [_by_rule, lambda _item, _stars: 1 / 0])
def test_browser_is_answered_whatever_happens(callback, monkeypatch: pytest.MonkeyPatch) -> None:
    stars, sent = _stars(), []
    monkeypatch.setattr(stars, "send", sent.append)
    stars.on_rate(callback)
    stars.receive(_rate("a", 4))
    stars.receive(_rate("gone", 4))
    kept = "kept" if callback is _by_rule else "refused"
    assert sent == [{"type": kept, "item": "a"}, {"type": "refused", "item": "gone"}]


@pytest.mark.parametrize(
    "content",
    [
        _rate("gone", 4),
        _rate("a", 0),
        _rate("a", 6),
        _rate("a", True),
        {**_rate("a", 4), "stars": 3.5},
        {**_rate("a", 4), "stars": "4"},
        {**_rate("a", 4), "item": ["a"]},
        {"type": "rate"},
    ],
)
def test_what_does_not_fit_the_rows_is_refused(content: dict) -> None:
    stars, seen = _stars(), []
    stars.on_rate(lambda item, count: seen.append((item, count)) or 1)
    stars.receive(content)
    assert seen == []
    assert stars.rows == [_row("c"), _row("a"), _row("b")]
    assert stars.message


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(1, 5))))
def test_rows_hold_each_series_last_word(corrections: list[tuple[str, int | None]]) -> None:
    stars = _stars()
    stars.on_rate(_by_rule)
    for item, count in corrections:
        stars.receive(_rate(item, count))
    last = dict(corrections)
    for row in stars.rows:
        own = last.get(row["id"])
        assert row["stars"] == (own or _RULE[row["id"]])
        assert row["corrected"] is (own is not None)
    assert [row["id"] for row in stars.rows] == ["c", "a", "b"]


def _use(item: str, used: bool) -> dict:
    return {"type": "use", "item": item, "used": used}


def test_series_is_left_out_once_the_callback_has_stored_it() -> None:
    stars, seen = _stars(), []
    stars.on_use(lambda item, used: seen.append((item, used, stars.rows[1].get("used"))))
    stars.receive(_use("a", False))
    assert seen == [("a", False, None)]
    assert stars.rows == [_row("c"), {**_row("a"), "used": False}, _row("b")]
    stars.receive(_use("a", True))
    assert stars.rows[1] == {**_row("a"), "used": True}


def test_checkboxes_are_there_only_where_somebody_stores_them() -> None:
    stars = _stars()
    assert not stars.can_leave_out
    stars.receive(_use("a", False))
    assert stars.rows[1] == _row("a")
    assert "not saved" in stars.message
    stars.on_use(lambda _item, _used: None)
    assert stars.can_leave_out


@pytest.mark.parametrize(
    "error", [FedFlexError("Full.", "Space.", "Free some."), OSError("secret")]
)
def test_what_could_not_be_left_out_stays_in(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stars = _stars()

    def fail(_item: str, _used: bool) -> None:
        raise error

    stars.on_use(fail)
    with caplog.at_level(logging.DEBUG):
        stars.receive(_use("a", False))
    assert stars.rows[1] == _row("a")
    assert "Full. Free some." in stars.message or "not saved" in stars.message
    assert "secret" not in caplog.text


def test_stars_of_a_series_left_out_are_refused_with_the_way_out() -> None:
    stars, seen = _stars(), []
    stars.on_rate(lambda item, count: seen.append((item, count)) or 1)
    stars.on_use(lambda _item, _used: None)
    stars.receive(_use("a", False))
    stars.receive(_rate("a", 4))
    assert seen == []
    assert "Tick it first" in stars.message
    stars.receive(_use("a", True))
    stars.receive(_rate("a", 4))
    assert seen == [("a", 4)]


def test_answer_to_a_tick_tells_that_it_was_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stars, sent = _stars(), []
    monkeypatch.setattr(stars, "send", sent.append)
    stars.on_use(lambda _item, _used: None)
    stars.receive(_use("a", False))
    stars.receive(_use("gone", False))
    answers = [{"type": "kept", "item": "a"}, {"type": "refused", "item": "gone"}]
    assert sent == [{**answer, "about": "use"} for answer in answers]


@pytest.mark.parametrize(
    "content",
    [
        _use("gone", False),
        {**_use("a", False), "used": 0},
        {**_use("a", False), "used": None},
        {**_use("a", False), "item": ["a"]},
        {"type": "use"},
    ],
)
def test_tick_that_does_not_fit_the_rows_is_refused(content: dict) -> None:
    stars, seen = _stars(), []
    stars.on_use(lambda item, used: seen.append((item, used)))
    stars.receive(content)
    assert seen == []
    assert stars.rows == [_row("c"), _row("a"), _row("b")]
    assert stars.message


@pytest.mark.parametrize("content", [{}, {"type": "name"}, {"type": ["use"]}])
def test_other_messages_are_passed_over(content: dict) -> None:
    stars = _stars()
    stars.receive(content)
    assert stars.message == ""
