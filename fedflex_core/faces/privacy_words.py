"""What a participant is told of their privacy, before anything is shared."""

from __future__ import annotations

from fedflex_core.exchange.protocol import RoundRecord
from fedflex_core.faces.parts import bullets, details, meter, note, paragraph, table, warning
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.participant import Participant

__all__ = ["privacy_words", "welcome_words"]

_DANGERS = {
    Mode.CENTRAL: (
        "The aggregator adds the noise, after your update has arrived. Until then it lies in the study folder "
        "without noise: whoever can open that folder can read from it what you watched. Go on only if you "
        "trust them all."
    ),
    Mode.OFF: (
        "This study shares updates without noise: what you watched can be read from them. Go on only if you "
        "do not mind."
    ),
}
_NOISE = {
    Mode.LOCAL: "covered with noise before it leaves",
    Mode.CENTRAL: "covered with noise by the aggregator",
    Mode.OFF: "without noise",
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
            "You appear in the study under a random number. Everybody who can open the study folder can read "
            "what goes into it."
        )
    )
    return text + warning(_DANGERS[mode]) if mode in _DANGERS else text


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
    who = "on this computer" if design.privacy.mode is Mode.LOCAL else "by the aggregator"
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
    whole = paragraph(
        f"ε for each algorithm, with δ = {design.privacy.delta:.5f}: the smaller, the less anybody can learn "
        f"about you from your updates. All together: at most {design.epsilon_all_arms(design.rounds):.2f}."
    )
    numbers = table(["", "ε spent", "after one more", "at most"], rows)
    return meter(words, most.spent, most.promised) + details("The numbers", whole + numbers)
