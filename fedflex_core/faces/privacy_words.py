"""What a participant is told of their privacy, before anything is shared."""

from __future__ import annotations

import math

from fedflex_core.exchange.keys import in_groups
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.faces.parts import bullets, details, meter, note, paragraph, table, warning
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.participant import Participant

__all__ = ["odds_sentence", "privacy_words", "welcome_words"]

_DANGERS = {
    Mode.CENTRAL: (
        "The aggregator adds the noise, after your update has arrived. It is sealed, so that nobody else can "
        "open it; but the aggregator could read from it what you watched. Go on only if you trust them."
    ),
    Mode.OFF: (
        "This study shares updates without noise: what you watched can be read from them. Go on only if you "
        "do not mind."
    ),
}
_NOISE = {
    Mode.LOCAL: "covered with noise before it leaves",
    Mode.DISTRIBUTED: "split in two halves that say nothing alone, with its share of the noise",
    Mode.CENTRAL: "covered with noise by the aggregator",
    Mode.OFF: "without noise",
}


_BY_WHOM = {
    Mode.LOCAL: "on this computer",
    Mode.DISTRIBUTED: "on everybody's computers together, by the helper and by the aggregator",
    Mode.CENTRAL: "by the aggregator",
}


def welcome_words(participant: Participant) -> str:
    """What the study is, what stays here and what is sent, as HTML."""
    mode = participant.study.design.privacy.mode
    goes = [f"A model update, {_NOISE[mode]}"]
    if participant.study.design.fairness is not None:
        goes.append(
            f"Whether you watch much or little and how well the model serves you, {_NOISE[mode]}"
        )
    goes.append("The lists that you are shown, and your clicks with their times")
    text = (
        paragraph(
            "You will load your own Netflix viewing history, let a small model learn from it on this computer, "
            "and compare two lists of series. Click those you would watch."
        )
        + bullets("Stays on this computer", ["Your viewing history", "Your stars"])
        + bullets("Goes into the study folder", goes)
        + note(
            "You appear in the study under a number that says nothing of you. What goes into the study folder "
            "is sealed: others who can open the folder see that you take part and when, and nothing else."
        )
        + _who_is_meant(participant)
    )
    if participant.needs_invitation:
        text += warning(
            "This study lets in only who has an invitation. Start again with the file that the researcher "
            "sent you: fedflex participant STUDY --invitation FILE"
        )
    return text + warning(_DANGERS[mode]) if mode in _DANGERS else text


def _who_is_meant(participant: Participant) -> str:
    """Numbers to compare over another way: nobody can put another study in this one's place unseen."""
    keys = participant.study.record.aggregator
    rows = [["The researcher's key", in_groups(keys.fingerprint)]]
    if (helper := participant.study.record.helper) is not None:
        rows.append(["The helper's key", in_groups(helper.fingerprint)])
    rows.append(["Your number", participant.id])
    words = paragraph(
        "If you have an invitation, its fingerprint begins like the researcher's key. Where a study goes by a "
        "list, the researcher asks for your number."
    )
    return details("Who is who", words + table([], rows))


def privacy_words(participant: Participant, current: RoundRecord, *, sending: bool) -> str:
    """What this round costs of the privacy that the study promises, as HTML.

    Args:
        participant: Whose privacy it is.
        current: The round that they are in.
        sending: Whether an update of theirs is still to be made for it.
    """
    design = participant.study.design
    rounds = f"Round {min(current.round + 1, design.rounds)} of {design.rounds}. "
    if design.privacy.mode is Mode.OFF:
        return paragraph(rounds) + warning("No noise is added in this study.")
    who = _BY_WHOM[design.privacy.mode]
    return (
        paragraph(
            f"{rounds}Your update is scaled to the length that everybody's has and covered with noise {who}. "
            "Each update uses up a part of the privacy that this study promises you, the first one most of "
            "it, and all together never more than that."
        )
        + _budget(participant, sending)
        + note(
            "The lists you are shown and your clicks are not covered by noise: the study needs them as they "
            "are."
        )
    )


def _budget(participant: Participant, sending: bool) -> str:
    """How much of the promise is used, in plain words, and the numbers for who asks."""
    design = participant.study.design
    arms = {arm: participant.privacy(arm) for arm in design.arm_names}
    most = max(arms.values(), key=lambda privacy: privacy.spent)
    words = f"{most.spent / most.promised:.0%} of your privacy budget is used"
    if sending:
        words += f", {most.after_next / most.promised:.0%} after this round"
    rows = [
        [arm.upper(), f"{one.spent:.2f}", f"{one.after_next:.2f}", f"{one.promised:.2f}"]
        for arm, one in arms.items()
    ]
    asked = min(participant.study.current_round().round + 1, design.rounds) if sending else None
    guess = participant.ledger.best_guess(asked)
    odds = paragraph(odds_sentence(guess, sending, design.privacy.mode))
    whole = paragraph(
        f"ε for each algorithm, with δ = {design.privacy.delta:.5f}: the smaller, the less anybody can learn "
        f"about you from your updates. All together: at most {design.epsilon_all_arms(design.rounds):.2f}."
    )
    numbers = table(["", "ε spent", "after one more", "at most"], rows)
    bar = meter(words, most.spent, most.promised)
    return bar + odds + details("The numbers", whole + numbers)


def odds_sentence(best_guess: float, sending: bool, mode: Mode) -> str:
    """What a privacy loss means, as odds.

    Args:
        best_guess: See :func:`fedflex_core.learning.privacy.best_guess`, 0.5 to 1.
        sending: Whether the update that is still to be made is counted.
        mode: Who adds the noise; what is hidden follows from it.

    >>> odds_sentence(0.7853, True, Mode.LOCAL)[-39:]
    'could be right at most 79 times in 100.'
    """
    # Any yes-or-no question about a history, if each update is noised; else whether it is in the sum at all.
    about = "anything you watched" if mode is Mode.LOCAL else "whether your update is in the sum"
    what = "everything you have sent and this update" if sending else "everything you have sent"
    right = min(math.ceil(100 * best_guess - 1e-9), 100)
    return (
        f"Somebody who sees {what}, and was right 50 times in 100 about {about}, could be right at "
        f"most {right} times in 100."
    )
