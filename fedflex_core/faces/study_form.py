"""The form in which a researcher designs a new study."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from fedflex_core.faces.parts import warning
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.design import StudyDesign

__all__ = ["study_form"]

_DANGERS = {
    Mode.CENTRAL: (
        "You add the noise after the updates have arrived. They are sealed to you: nobody else can open them, "
        "but you could read from them what participants watched; their pages say so."
    ),
    Mode.OFF: (
        "Without noise, what a participant watched can be read from their update; their pages say so."
    ),
}


def study_form(with_helper: bool) -> tuple[list[widgets.Widget], Callable[[], StudyDesign]]:
    """The fields of a study's design, each with a hint, and what reads the design from them.

    Args:
        with_helper: Whether somebody is named who would sum the other half of the updates.
    """
    wide = {"style": {"description_width": "210px"}, "layout": {"width": "100%"}}
    name = widgets.Text(value="My study", description="Name", **wide)
    rounds = widgets.BoundedIntText(value=5, min=1, max=1000, description="Rounds", **wide)
    fewest = widgets.BoundedIntText(
        value=3, min=1, max=10_000, description="Fewest updates a round", **wide
    )
    lambda_ = widgets.FloatSlider(
        value=0.3, min=0, max=1, step=0.05, description="λ, weight of relevance", **wide
    )
    mode = widgets.Dropdown(
        options=[
            ("Each participant (local)", Mode.LOCAL),
            *([("All in shares (distributed)", Mode.DISTRIBUTED)] if with_helper else []),
            ("The aggregator, once (central)", Mode.CENTRAL),
            ("Nobody (off)", Mode.OFF),
        ],
        description="Who adds the noise",
        **wide,
    )
    epsilon = widgets.BoundedFloatText(
        value=8.0, min=0.01, max=100, description="ε per arm, all rounds", **wide
    )
    shares = widgets.BoundedIntText(
        value=20, min=1, max=10_000, description="People expected a round", **wide
    )
    of_shares = widgets.VBox(
        [
            shares,
            _hint(
                "So many together add the noise that is promised. If fewer come, the helper and you make up "
                "for it; if more come, there is more noise than needed."
            ),
        ]
    )
    of_shares.layout.display = "none"
    joining = widgets.Dropdown(
        options=[
            ("Everybody who has the folder", "open"),
            ("Only with an invitation", "token"),
            ("Only numbers on a roster", "roster"),
        ],
        description="Who may take part",
        **wide,
    )
    danger = widgets.HTML()

    def warn(change: Any) -> None:
        of_shares.layout.display = None if change.new is Mode.DISTRIBUTED else "none"
        danger.value = warning(_DANGERS[change.new]) if change.new in _DANGERS else ""
        epsilon.disabled = change.new is Mode.OFF

    mode.observe(warn, names="value")

    def designed() -> StudyDesign:
        return StudyDesign.parse(
            {
                "name": name.value.strip() or "My study",
                "rounds": rounds.value,
                "min_updates": fewest.value,
                "lists": {"lambda_": lambda_.value},
                "joining": joining.value,
                "privacy": {
                    "mode": mode.value,
                    "epsilon": epsilon.value,
                    "noise_shares": shares.value,
                },
            }
        )

    fields: list[widgets.Widget] = [
        name,
        rounds,
        _hint("The privacy budget is spread over them: more rounds, more noise in each."),
        fewest,
        _hint(
            "A round waits until so many updates lie ready. An average of few tells much of each."
        ),
        lambda_,
        _hint("List B only: 1 ranks by prediction alone, 0 by difference alone. The paper: 0.3."),
        mode,
        danger,
        of_shares,
        epsilon,
        _hint(
            "The smaller, the better protected and the less is learned. Try it: fedflex simulate."
        ),
        joining,
        _hint(
            "Invitations are files that you send: fedflex invite STUDY. A roster is a list of the numbers "
            "that participants' pages show: fedflex admit STUDY NUMBER."
        ),
    ]
    return fields, designed


def _hint(text: str) -> widgets.HTML:
    made = widgets.HTML(f"<p>{html.escape(text)}</p>")
    made.add_class("fedflex-hint")
    return made
