"""What a person is told when they leave: what was done, and what nobody can undo."""

from __future__ import annotations

from fedflex_core.exchange.public_records import ReceiptRecord
from fedflex_core.faces.parts import count

__all__ = ["STAYS", "receipt_sentences"]

STAYS = (
    "What cannot be undone: a model that your updates were averaged into stays as it is, and copies that "
    "somebody made of the study folder before, sealed as they are, stay with them."
)


def receipt_sentences(state: str | None, receipt: ReceiptRecord | None) -> tuple[str, ...]:
    """Where a leaving stands.

    Args:
        state: ``stopped`` or ``erased``; None while the person takes part.
        receipt: What the aggregator has answered, if it has.

    >>> receipt_sentences(None, None)
    ('You take part in this study.',)
    """
    if state is None:
        return ("You take part in this study.",)
    here = (
        "You have left. Your history, your stars and your own part of the model are deleted from this computer."
        if state == "erased"
        else "You take part no more. No further update is made, and your answers so far stay in the study."
    )
    if receipt is None or (state == "erased" and not receipt.erased):
        return (
            here,
            "The researcher's computer has not confirmed it yet. Come back to see the receipt.",
        )
    return (here, _done(receipt), *_left(receipt))


def _done(receipt: ReceiptRecord) -> str:
    day = receipt.written_at.date().isoformat()
    waiting = count(receipt.updates, "waiting update enters", "waiting updates enter")
    if not receipt.erased:
        return f"Receipt of {day}: {waiting} no round."
    events = count(receipt.events, "list, click or answer", "lists, clicks and answers")
    return f"Receipt of {day}: {waiting} no round, and {events} of yours were dropped from all results."


def _left(receipt: ReceiptRecord) -> tuple[str, ...]:
    rounds = sorted({number for numbers in receipt.rounds.values() for number in numbers})
    if not rounds:
        return ("None of your updates is in any model.",)
    named = ", ".join(map(str, rounds))
    word = "round" if len(rounds) == 1 else "rounds"
    return (f"Your updates are part of the models of {word} {named}. {STAYS}",)
