"""The participant's own dial, from the private folder to the update."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.opened import unpack_model
from fedflex_core.study.participant import NotAPart, Participant

from .conftest import as_read, sent_tensors

Seat = Callable[..., Participant]
WATCHED = ("Amber Coast", "Dust Orchard", "Glass Parade")


def rows_sent(aggregator: Aggregator, participant: Participant) -> np.ndarray:
    """Which items' rows are in the update, all arms."""
    arms = aggregator.study.design.arm_names
    updates = [unpack_model(sent_tensors(aggregator, participant, arm)) for arm in arms]
    return np.array([(one.item_bias != 0) | (one.item_factors != 0).any(axis=1) for one in updates])


def test_everything_is_shared_until_something_is_said(
    aggregator: Aggregator, take_seat: Seat
) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    assert participant.shared_part == 1.0
    assert rows_sent(aggregator, participant).all()


def test_it_is_kept_in_the_seat(take_seat: Seat) -> None:
    take_seat("anna").shared_part = 0.25
    assert take_seat("anna").shared_part == 0.25
    assert take_seat("ben").shared_part == 1.0


def test_some_of_the_rows_are_sent_and_lists_are_made_from_everything(
    aggregator: Aggregator, take_seat: Seat
) -> None:
    participant, open_hearted = take_seat("anna", *WATCHED), take_seat("ben", *WATCHED)
    participant.shared_part = 0.25
    for one in (participant, open_hearted):
        one.train_and_share()
    sent = rows_sent(aggregator, participant)
    assert 0 < sent.mean() < 0.6
    assert participant.lists("svd") == open_hearted.lists("svd")


def test_at_nothing_the_update_is_zero(aggregator: Aggregator, take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.shared_part = 0
    assert participant.train_and_share() == 2
    assert not rows_sent(aggregator, participant).any()


def test_it_stands_in_no_shared_file(aggregator: Aggregator, take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.shared_part = 0.37
    participant.train_and_share()
    shared = as_read(aggregator, participant.study.folder.path)
    assert len(shared) > 10
    for place, content in shared.items():
        assert b"0.37" not in content
        assert b"shared_part" not in content
        assert "dial" not in place.name


@pytest.mark.parametrize("part", [-0.1, 1.1, float("nan"), float("inf")])
def test_only_a_part_of_the_whole_will_do(take_seat: Seat, part: float) -> None:
    participant = take_seat("anna")
    participant.shared_part = 0.5
    with pytest.raises(NotAPart, match="nothing was changed"):
        participant.shared_part = part
    assert participant.shared_part == 0.5


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"shared_part": 7}', b'{"shared_part": null}']
)
def test_where_it_is_damaged_nothing_is_shared(
    take_seat: Seat, tmp_path: Path, content: bytes
) -> None:
    participant = take_seat("anna")
    participant.shared_part = 0.5
    (place,) = (tmp_path / "anna").rglob("dial.json")
    place.write_bytes(content)
    assert participant.shared_part == 0.0
