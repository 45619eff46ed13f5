"""People who joined and keep no rule: whatever they send has its reason, and changes nothing."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import LeaveRecord
from fedflex_core.exchange.public_records import ReceiptRecord
from fedflex_core.study.aggregator import Aggregator

from .conftest import Honest
from .plantings import (
    EVENTS,
    HALVES,
    LETTERS,
    MARK,
    PAYLOADS,
    RUBBISH,
    TENSORS,
    UNSIGNED,
    Larder,
    Sent,
    file_name,
)
from .stage import Careless, Seen, Stage, Stranger, play_round

Cases = dict[str, tuple[type[Stranger], Sent]]


def _cases(**tables: Iterable[Sent]) -> Cases:
    return {
        f"{kind}: {one.name}": (Stranger, one) for kind, table in tables.items() for one in table
    }


SENT = _cases(letter=LETTERS, payload=PAYLOADS, tensors=TENSORS, event=EVENTS) | {
    f"unsigned: {one.name}": (Careless, one._replace(reason=UNSIGNED)) for one in TENSORS
}
SENT_SHARES = _cases(letter=LETTERS, payload=PAYLOADS, half=HALVES, event=EVENTS)


@dataclass(frozen=True)
class Sending:
    """A study in which all of it was sent, and what its researcher is told."""

    seen: Seen
    about: dict[str, str]
    """How each case is called there."""
    impossible: dict[str, str]


def _newcomer(lowest: str) -> Identity:
    """Keys of somebody who comes after one of the honest people."""
    while (made := Identity.new()).public.id < lowest:
        pass
    return made


def send_all(stage: Stage, cases: Cases) -> Sending:
    """Each is sent by somebody of their own, who has joined; then a round is run."""
    about, impossible, lowest = {}, {}, min(stage.people.values())
    for name, (kind, case) in cases.items():
        me = kind(stage, _newcomer(lowest))
        try:
            about[name] = case.plant(me) or me.id
        except (OSError, AttributeError) as error:
            impossible[name] = str(error)
    return Sending(play_round(stage), about, impossible)


@pytest.fixture(scope="session")
def sent(plain: Honest, tmp_path_factory: pytest.TempPathFactory) -> Sending:
    return send_all(plain.stage.copy(tmp_path_factory.mktemp("sent") / "stage"), SENT)


@pytest.fixture(scope="session")
def sent_shares(distributed: Honest, tmp_path_factory: pytest.TempPathFactory) -> Sending:
    return send_all(distributed.stage.copy(tmp_path_factory.mktemp("sent") / "stage"), SENT_SHARES)


def _assert_reason(case: Sending, name: str, reason: str) -> None:
    if name in case.impossible:
        pytest.skip(f"it cannot be made here: {case.impossible[name]}")
    assert reason in case.seen.said.get(case.about[name], "nothing was said")


@pytest.mark.parametrize("name", SENT)
def test_what_is_sent_has_its_reason(sent: Sending, name: str) -> None:
    _assert_reason(sent, name, SENT[name][1].reason)


@pytest.mark.parametrize("name", SENT_SHARES)
def test_what_is_sent_in_shares_has_its_reason(sent_shares: Sending, name: str) -> None:
    _assert_reason(sent_shares, name, SENT_SHARES[name][1].reason)


def test_nothing_that_was_sent_changes_a_round(
    plain: Honest, distributed: Honest, sent: Sending, sent_shares: Sending
) -> None:
    for honest, case in ((plain, sent), (distributed, sent_shares)):
        seen = case.seen
        assert (seen.models, seen.updates) == (honest.seen.models, honest.seen.updates)
        # Of somebody who is shown lists twice, the first ones are left without an answer.
        assert seen.table == honest.seen.table | {"left": 1}


def test_nothing_else_is_said_and_nothing_is_repeated(sent: Sending, sent_shares: Sending) -> None:
    for case in (sent, sent_shares):
        assert set(case.seen.said) <= set(case.about.values())
        assert not any(MARK in reason for reason in case.seen.said.values())


def test_a_receipt_counts_what_was_sent_and_no_rubbish(
    plain: Honest, heap: Path, tmp_path: Path
) -> None:
    stage = plain.stage.copy(tmp_path / "stage")
    me, larder = Stranger(stage), Larder(stage, heap)
    me.send()
    me.tell(me.shown())
    me.tell(me.shown(arm="bpr"))
    for rubbish in RUBBISH:
        for leaf in ("updates", "events"):
            with contextlib.suppress(OSError, AttributeError):
                rubbish.write(me.folder / leaf / file_name(rubbish, ".sealed", larder), larder)
    me.put("events/leave-erase.sealed", me.letter(me.fields(LeaveRecord, erase=True)))
    aggregator = Aggregator.open(stage.folder, stage.home("aggregator"))
    assert aggregator.withdrawals.settle() == 1
    aggregator.publish()
    (receipt,) = aggregator.study.folder.published(
        "aggregator", ReceiptRecord, stage.study.id, stage.study.record.aggregator
    )
    assert (receipt.participant, receipt.erased) == (me.id, True)
    assert (receipt.updates, receipt.events, receipt.rounds) == (1, 2, {})
    assert aggregator.withdrawals.left == {me.id}
    assert play_round(stage).updates == plain.seen.updates
