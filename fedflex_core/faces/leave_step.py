"""The participant's way out: stop, or stop and have everything erased, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from fedflex_core.faces.leaving_words import STAYS, receipt_sentences
from fedflex_core.faces.parts import Guard, Steps, button, paragraph
from fedflex_core.study.participant import Participant

__all__ = ["LeaveStep"]

_TITLE = "Leave"
_CHOICE = (
    "You can stop at any time, without a reason. Either only stop: no further update is made, and your answers "
    "so far stay in the study. Or stop and erase: your history, your stars and your own part of the model are "
    "deleted here, what you sent is deleted from the study folder, and the researcher's computer drops your "
    "answers from all results and confirms it with a receipt. "
)


class LeaveStep:
    """The page's last section.

    Args:
        participant: Who may leave.
        guard: Shows what goes wrong.
        steps: The page's sections; this one is ``leave``.
        on_left: Called once the person has left.
    """

    def __init__(
        self, participant: Participant, guard: Guard, steps: Steps, on_left: Callable[[], None]
    ) -> None:
        self._participant = participant
        self._guard = guard
        self._steps = steps
        self._on_left = on_left

    def show(self) -> None:
        """The two ways out, or where a leaving stands."""
        leaving = self._participant.leaving
        if leaving.state is None:
            words = widgets.HTML(paragraph(_CHOICE + STAYS))
            self._steps.fill("leave", _TITLE, words, self._choices())
            return
        sentences = receipt_sentences(leaving.state, leaving.receipt())
        words = widgets.HTML("".join(map(paragraph, sentences)))
        buttons = [button("Look for the receipt", self._guard(self.show))]
        if leaving.state == "stopped":
            buttons.append(button("Erase everything, too", self._guard(self._ask_to_erase)))
        self._steps.fill("leave", _TITLE, words, widgets.HBox(buttons))

    def _choices(self) -> widgets.Widget:
        stop = button("Only stop", self._guard(lambda: self._ask(erase=False)))
        erase = button("Stop and erase", self._guard(self._ask_to_erase))
        return widgets.HBox([stop, erase])

    def _ask_to_erase(self) -> None:
        self._ask(erase=True)

    def _ask(self, erase: bool) -> None:
        """A second press, since the first may be a slip and there is no way back."""
        question = (
            "Stop, and erase everything? It cannot be brought back."
            if erase
            else "Stop taking part? To begin again you would have to ask the researcher."
        )

        def leave() -> None:
            self._participant.leaving.leave(erase)
            self.show()
            self._on_left()

        yes = button("Yes, erase" if erase else "Yes, stop", self._guard(leave), primary=True)
        no = button("No, go back", self._guard(self.show))
        words = widgets.HTML(paragraph(question))
        self._steps.fill("leave", _TITLE, words, widgets.HBox([yes, no]))
