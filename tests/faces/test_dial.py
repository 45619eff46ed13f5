"""The Python half of the dial: what is stored, what is refused, what is said."""

import logging

import pytest

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.dial import Dial


def turn(percent: object) -> dict:
    return {"type": "turn", "percent": percent}


def test_the_callback_is_told_before_the_dial_shows_it() -> None:
    dial, seen = Dial(percent=100), []
    dial.on_turn(lambda percent: seen.append((percent, dial.percent)))
    dial.receive(turn(25))
    assert seen == [(25, 100)]
    assert dial.percent == 25


@pytest.mark.parametrize("percent", [-5, 101, 2.5, "25", None, True])
def test_what_is_no_percentage_is_refused(percent: object) -> None:
    dial, seen = Dial(percent=40), []
    dial.on_turn(seen.append)
    dial.receive(turn(percent))
    assert seen == []
    assert dial.percent == 40
    assert "not saved" in dial.message


def test_an_error_of_ours_shows_its_way_out_and_changes_nothing() -> None:
    dial = Dial(percent=40)

    def fail(_percent: int) -> None:
        raise FedFlexError("The disk is full.", "Free space.", "Free some space.")

    dial.on_turn(fail)
    dial.receive(turn(0))
    assert dial.percent == 40
    assert dial.message == "The disk is full. Free some space."


def test_any_other_error_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    dial = Dial(percent=40)

    def fail(_percent: int) -> None:
        raise RuntimeError("Dark")

    dial.on_turn(fail)
    with caplog.at_level(logging.ERROR):
        dial.receive(turn(0))
    assert "RuntimeError" in caplog.text
    assert "Dark" not in caplog.text
    assert "not saved" in dial.message


def test_the_browser_hears_whether_it_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    dial, said = Dial(), []
    monkeypatch.setattr(dial, "send", said.append)
    dial.on_turn(lambda _percent: None)
    for percent in (30, 130):
        dial.receive(turn(percent))
    assert said == [{"type": "kept"}, {"type": "refused"}]
