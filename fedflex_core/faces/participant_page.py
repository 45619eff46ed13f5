"""The participant's page, a section for each step; the notebook places them.

Every step puts on disk what it did before it shows it, so that a reload goes on at the first step that is
not finished.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.personal_records import ImpressionRecord
from fedflex_core.exchange.public_records import RoundRecord
from fedflex_core.faces.comparison import comparison_posters, genre_figure, sides_of
from fedflex_core.faces.dial import Dial
from fedflex_core.faces.history_step import HistoryStep
from fedflex_core.faces.leave_step import LeaveStep
from fedflex_core.faces.parts import (
    Guard,
    Steps,
    button,
    note,
    page_style,
    paragraph,
)
from fedflex_core.faces.posters import PosterClick
from fedflex_core.faces.privacy_step import audit_widget, cap_widget
from fedflex_core.faces.privacy_words import privacy_words, welcome_words
from fedflex_core.faces.ratings_step import ratings_widgets
from fedflex_core.faces.surroundings import Surroundings
from fedflex_core.faces.warming import warm_up_soon
from fedflex_core.study.comparisons import Answers
from fedflex_core.study.demo import waiting_demo
from fedflex_core.study.participant import Participant

__all__ = ["ParticipantPage"]

_DIAL_WORDS = (
    "How much of what you watched may move the model: at 100% all of it, at 0% nothing. Which series are held "
    "back is drawn by lot in each round, whether you watched them or not, so that a gap tells nobody anything. "
    "Your own lists are made on this computer, from everything that your model learns from."
)


class ParticipantPage:
    """Everything a participant sees.

    Args:
        take_seat: Takes the seat; what goes wrong there is shown on the page.
    """

    participant: Participant
    _history: HistoryStep

    def __init__(self, take_seat: Callable[[], Participant]) -> None:
        self._guard = Guard()
        self._steps = Steps("welcome", "history", "ratings", "share", "lists", "genres", "leave")

        def begin() -> None:
            self.participant = take_seat()
            self._resume()

        self._guard(begin)()

    @classmethod
    def from_environment(cls) -> ParticipantPage:
        """The page of the study that ``FEDFLEX_STUDY`` names, or of a demo made on the spot."""
        around = Surroundings.from_environment()
        if around is None:
            return cls(_demo_seat)
        return cls(lambda: Participant.take_seat(around.where(), invitation=around.invited()))

    # The sections, for the notebook's cells.

    def welcome(self) -> widgets.Widget:
        """What the study is, what stays here and what is sent."""
        return widgets.VBox([page_style(), self._guard.place, self._steps["welcome"]])

    def history_step(self) -> widgets.Widget:
        """Load a viewing history."""
        return self._steps["history"]

    def ratings_step(self) -> widgets.Widget:
        """Look at the stars and correct them."""
        return self._steps["ratings"]

    def share_step(self) -> widgets.Widget:
        """Train on this computer and share the update."""
        return self._steps["share"]

    def lists_step(self) -> widgets.Widget:
        """Compare two lists and click."""
        return self._steps["lists"]

    def genres_step(self) -> widgets.Widget:
        """Genres of the history beside those of both lists."""
        return self._steps["genres"]

    def leave_step(self) -> widgets.Widget:
        """Stop, or stop and erase."""
        warm_up_soon()  # the page's last section: who reads it will train before long
        return self._steps["leave"]

    # The same by code, for whoever steps through the cells.

    def load(self, export: bytes | str | Path) -> None:
        """Load an export, as the upload does."""
        self._history.take(export)

    def train(self) -> None:
        """Train and share, as the button does."""
        self._guard(self._train)()

    def _resume(self) -> None:
        self._fill_welcome()
        LeaveStep(self.participant, self._guard, self._steps, self._left).show()
        if self.participant.leaving.state is not None or self.participant.needs_invitation:
            return
        self._history = HistoryStep(self.participant, self._guard, self._steps, self._kept)
        self._history.show()
        if self.participant.has_joined:
            self._guard(self.participant.publish)()  # what a full or absent folder did not take
        if self.participant.watched.viewings is None:
            return
        self._fill_ratings()
        self._fill_share()
        self._fill_genres()
        if self._is_trained():
            self._fill_lists()

    def _is_trained(self) -> bool:
        current = self.participant.visit()
        arms = self.participant.study.design.arm_names
        closed = current.round >= self.participant.study.design.rounds
        return closed or all(self.participant.has_shared(arm, current) for arm in arms)

    def _left(self) -> None:
        """The person takes part no more: nothing but the way it ended is left to see."""
        self._steps.only("welcome", "leave")
        self._fill_welcome()

    # Welcome.

    def _fill_welcome(self) -> None:
        name = self.participant.study.design.name
        self._steps.fill("welcome", name, widgets.HTML(welcome_words(self.participant)))

    # History.

    def _kept(self) -> None:
        """A history was loaded: show what follows from it."""
        self._fill_ratings()
        self._fill_share()
        self._fill_genres()
        if self._is_trained():
            self._fill_lists()

    # Ratings.

    def _fill_ratings(self) -> None:
        shown = ratings_widgets(self.participant, self._fill_genres)
        self._steps.fill("ratings", "2. What your model learns from", *shown)

    # Sharing.

    def _fill_share(self) -> None:
        current = self.participant.visit()
        shared = self._is_trained()
        go = button("Train and share", self._guard(self._train), primary=True)
        parts: list[widgets.Widget] = [
            widgets.HTML(privacy_words(self.participant, current, sending=not shared))
        ]
        rounds_left = current.round < self.participant.study.design.rounds
        if rounds_left:
            parts.append(self._dial())
            parts.append(cap_widget(self.participant, self._guard, self._fill_share))
        if not shared:
            parts.append(audit_widget(self.participant, self._guard))
        if not shared:
            parts.append(go)
        elif rounds_left:
            parts.append(
                widgets.HTML(
                    note(
                        "Your update for this round is made and shared. What you change above counts from "
                        "the next round on."
                    )
                )
            )
        self._steps.fill("share", "3. Learn and share", *parts)

    def _dial(self) -> widgets.Widget:
        """How much of what was watched may move the model; kept before it is shown as kept."""
        dial = Dial(words=_DIAL_WORDS, percent=round(100 * self.participant.shared_part))

        def turn(percent: int) -> None:
            self.participant.shared_part = percent / 100

        dial.on_turn(turn)
        return dial

    def _train(self) -> None:
        bar = widgets.FloatProgress(min=0, max=1, layout={"width": "100%"})
        words = widgets.HTML()
        self._steps.fill("share", "3. Learn and share", words, bar)

        def show(what: str, share: float) -> None:
            words.value, bar.value = paragraph(what), share

        try:
            self.participant.train_and_share(show)
        except CannotWrite:
            self._fill_share()
            if self._is_trained():  # safe here; it is shared once the folder is there again
                self._fill_lists()
            raise
        except Exception:
            self._fill_share()
            raise
        self._fill_share()
        self._fill_lists()

    # Lists.

    def _fill_lists(self) -> None:
        """The next comparison to answer; or, where a new round has begun, the way to take part in it."""
        if not self._is_trained():
            words = note("A new round is here. Train and share above to see your new lists.")
            self._steps.fill("lists", "4. Two lists for you", widgets.HTML(words))
            return
        current = self.participant.visit()
        arms = self.participant.study.design.arm_names
        for number, arm in enumerate(arms, start=1):
            shown = self.participant.show(arm, current)
            answers = self.participant.comparisons.answers(shown)
            if not answers.done:
                self._compare(shown, answers, f"4. Two lists for you ({number} of {len(arms)})")
                self._share_quietly()
                return
        self._thank(current)

    def _compare(self, shown: ImpressionRecord, answers: Answers, heading: str) -> None:
        posters, sides = comparison_posters(self.participant, shown, answers), sides_of(shown)

        def click(made: PosterClick) -> None:
            self._refuse_if_done(shown)
            self.participant.comparisons.click(
                shown, sides[made.list_index], made.rank + 1, made.selected
            )
            self._share_quietly()

        def done(none: bool) -> None:
            self.participant.comparisons.finish(shown, none)
            self._share_quietly()
            said = self._guard.place.value
            # The answer is safe; what cannot be shown next is no reason to call it unsaved.
            self._guard(self._look_for_round)()
            self._guard.place.value = said or self._guard.place.value

        posters.on_click(click)
        posters.on_done(done)
        words = widgets.HTML(
            paragraph(
                "Click every series that you would watch, in each list in which you would pick it. One that "
                "is in both lists can be clicked in both."
            )
        )
        self._steps.fill("lists", heading, words, posters)

    def _refuse_if_done(self, shown: ImpressionRecord) -> None:
        if self.participant.comparisons.answers(shown).done:
            raise FedFlexError(
                "These two lists were finished, perhaps on another page.",
                "Lists that are still open.",
                "Reload this page to go on.",
            )

    def _fill_genres(self) -> None:
        """Genres of the history, and of the lists only once they are answered: they would give away which
        list is the diverse one."""
        participant = self.participant
        current, arms = participant.visit(), participant.study.design.arm_names
        comparisons = participant.comparisons
        answered = [
            one for one in comparisons.shown(current.round) if comparisons.answers(one).done
        ]
        figures = [
            f"<h3>{html.escape(f'Lists {arms.index(shown.arm) + 1} of {len(arms)}')}</h3>"
            + genre_figure(participant, shown)
            for shown in answered
        ]
        text = "".join(figures) or genre_figure(participant)
        words = paragraph(
            "Each list's genres beside those of your history."
            if answered
            else "What your history is made of. Your lists are drawn beside it once you have answered."
        )
        self._steps.fill("genres", "5. Your genres", widgets.HTML(words + text))

    def _thank(self, current: RoundRecord) -> None:
        design = self.participant.study.design
        if current.round >= design.rounds:
            words = "That was the last round of this study. Thank you for taking part."
            self._steps.fill("lists", "4. Thank you", widgets.HTML(paragraph(words)))
            return
        words = (
            "Your answers are safe. Once the researcher has run the next round, you can take part in it here, "
            "with lists from the model that everybody's updates have made."
        )
        look = button("Look for a new round", self._guard(self._look_for_round), primary=True)
        self._steps.fill("lists", "4. Thank you", widgets.HTML(paragraph(words)), look)

    def _look_for_round(self) -> None:
        self._fill_share()
        self._fill_genres()
        self._fill_lists()

    def _share_quietly(self) -> None:
        """Copy to the study folder; if it is away, everything is safe here and goes at the next chance."""
        try:
            self.participant.publish()
            self._guard.place.value = ""
        except CannotWrite as error:
            self._guard.place.value = note(
                f"{error.found} Your answers are safe on this computer and will be put into the study "
                "folder when it takes them."
            )


def _demo_seat() -> Participant:
    demo = waiting_demo()
    return Participant.take_seat(demo.study, demo.home)
