"""The Python half of the upload: pieces become the file, or a sentence."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.errors import FedFlexError
from fedflex_core.faces.upload import Upload


def _send(upload: Upload, content: bytes, size: int, number: int = 1) -> None:
    upload.receive({"type": "begin", "upload": number, "size": len(content)}, [])
    for index, start in enumerate(range(0, len(content), size)):
        piece = memoryview(content[start : start + size])
        upload.receive({"type": "chunk", "upload": number, "index": index}, [piece])


@given(st.binary(max_size=200), st.integers(1, 50))
def test_file_is_handed_over_once_and_byte_for_byte(content: bytes, size: int) -> None:
    upload, seen = Upload(), []
    upload.on_file(seen.append)
    _send(upload, content, size)
    assert seen == [content]
    assert upload.state == "done"


def test_state_is_reading_while_the_callback_works() -> None:
    upload, states = Upload(), []
    upload.on_file(lambda _content: states.append(upload.state))
    _send(upload, b"abc", 2)
    assert states == ["reading"]


def test_sentence_of_the_callback_stays() -> None:
    upload = Upload()

    def read(content: bytes) -> None:
        upload.message = f"{len(content)} viewings were read."

    upload.on_file(read)
    _send(upload, b"abc", 2)
    assert upload.message == "3 viewings were read."


def test_error_of_ours_shows_what_was_found_and_the_way_out() -> None:
    upload = Upload()

    def read(_content: bytes) -> None:
        raise FedFlexError("The file is empty.", "An export.", "Download it again.")

    upload.on_file(read)
    _send(upload, b"", 1)
    assert upload.state == "error"
    assert upload.message == "The file is empty. Download it again."


def test_any_other_error_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    upload = Upload()

    def read(_content: bytes) -> None:
        raise ValueError("secret series")

    upload.on_file(read)
    with caplog.at_level(logging.DEBUG):
        _send(upload, b"abc", 2)
    assert upload.state == "error"
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("index", "buffers"),
    [
        (1, [b"ab"]),  # a piece is missing
        (0, [b"abcdef"]),  # more than was announced
        (0, [b""]),
        (0, []),
        (0, [b"a", b"b"]),
    ],
)
def test_pieces_that_do_not_fit_give_a_sentence(index: int, buffers: list[bytes]) -> None:
    upload, seen = Upload(), []
    upload.on_file(seen.append)
    upload.receive({"type": "begin", "upload": 1, "size": 5}, [])
    upload.receive({"type": "chunk", "upload": 1, "index": index}, buffers)
    assert upload.state == "error"
    assert "choose it again" in upload.message
    assert seen == []


@pytest.mark.parametrize("size", [101, -1, None, "5", 2.0])
def test_announced_size_is_checked_here_as_well(size: object) -> None:
    upload = Upload(max_bytes=100)
    upload.receive({"type": "begin", "upload": 1, "size": size}, [])
    assert upload.state == "error"


def test_another_file_chosen_meanwhile_replaces_the_first() -> None:
    upload, seen = Upload(), []
    upload.on_file(seen.append)
    upload.receive({"type": "begin", "upload": 1, "size": 4}, [])
    upload.receive({"type": "chunk", "upload": 1, "index": 0}, [b"ol"])
    upload.receive({"type": "begin", "upload": 2, "size": 3}, [])
    upload.receive({"type": "chunk", "upload": 1, "index": 1}, [b"d!"])
    upload.receive({"type": "chunk", "upload": 2, "index": 0}, [b"new"])
    assert seen == [b"new"]


def test_a_second_file_can_follow() -> None:
    upload, seen = Upload(), []
    upload.on_file(seen.append)
    _send(upload, b"first", 2, number=1)
    _send(upload, b"second", 2, number=2)
    assert seen == [b"first", b"second"]
