"""The pieces of the pages."""

import logging

import pytest

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.parts import Guard, Steps, error_card, meter, page_style, paragraph, table


def test_text_is_escaped() -> None:
    assert paragraph("<script>") == "<p>&lt;script&gt;</p>"
    assert "&lt;b&gt;" in table(["<b>"], [["<i>"]])


def test_an_error_card_says_three_things() -> None:
    card = error_card(FedFlexError("It is full.", "Room.", "Make room."), "abc")
    assert all(words in card for words in ("It is full.", "Room.", "Make room."))


def test_the_wall_shows_a_card_and_logs_nothing_of_the_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = Guard()

    def fail() -> None:
        raise ValueError("Amber Coast: Season 1")

    with caplog.at_level(logging.DEBUG):
        guard(fail)()
    assert "fedflex-error" in guard.place.value
    assert "Amber Coast" not in guard.place.value + caplog.text
    assert "ValueError" in caplog.text


def test_the_card_goes_with_the_next_success() -> None:
    guard = Guard()
    guard(lambda: 1 / 0)()
    assert guard.place.value
    guard(lambda: None)()
    assert not guard.place.value


def test_meters_stay_within_their_bounds() -> None:
    assert 'value="1.0000"' in meter("ε", 9.0, 8.0)
    assert 'value="0.0000"' in meter("ε", 0.0, 0.0)


def test_sections_are_hidden_until_filled() -> None:
    steps = Steps("one")
    assert steps["one"].layout.display == "none"
    steps.fill("one", "Heading")
    assert steps["one"].layout.display is None


def test_style_is_added_where_no_template_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    assert ".fedflex-step" in page_style().value
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    assert not page_style().value
