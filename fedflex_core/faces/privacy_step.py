"""What a participant can do about their privacy before anything is sent: a cap, and an attack of their own."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from fedflex_core.faces.audit_plot import audit_html
from fedflex_core.faces.parts import Guard, button, count, paragraph
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.own_audit import audit_own
from fedflex_core.study.participant import Participant

__all__ = ["audit_widget", "cap_widget"]

_TRIALS = 400


def cap_widget(
    participant: Participant, guard: Guard, on_change: Callable[[], None]
) -> widgets.Widget:
    """The person's own limit for what everything they send may cost.

    Args:
        participant: Whose limit it is.
        guard: Shows what goes wrong.
        on_change: Called once a new limit is on the disk.
    """
    ledger = participant.ledger
    design = participant.study.design
    if design.privacy.mode is Mode.OFF:
        return widgets.HTML()
    whole = design.epsilon_all_arms(design.rounds)
    field = widgets.BoundedFloatText(
        value=round(ledger.cap if ledger.cap is not None else whole, 2),
        min=0,
        max=1000,
        step=0.5,
        description="At most ε",
        style={"description_width": "120px"},
    )

    def keep() -> None:
        ledger.cap = float(field.value)
        on_change()

    def lift() -> None:
        ledger.cap = None
        on_change()

    buttons = [button("Keep my cap", guard(keep))]
    said = "You have set no cap of your own."
    if ledger.cap is not None:
        said = f"Your own cap is ε = {ledger.cap:.2f}: no round that would cost more is shared."
        buttons.append(button("No cap", guard(lift)))
    box = widgets.Accordion([widgets.VBox([widgets.HTML(paragraph(said)), field, *buttons])])
    box.set_title(0, "A cap of your own")
    box.selected_index = None
    return box


def audit_widget(participant: Participant, guard: Guard) -> widgets.Widget:
    """A button that attacks the person's own next update, and what came of it."""
    place = widgets.HTML()

    def attack() -> None:
        arm = participant.study.design.arm_names[0]
        words = "Making {} like yours, and attacking each …"
        place.value = paragraph(words.format(count(_TRIALS, "update", "updates")))
        place.value = audit_html(audit_own(participant, arm, _TRIALS))

    return widgets.VBox([button("What could somebody guess?", guard(attack)), place])
