"""The participant's page, a section for each step; the notebook places them.

Every step puts on disk what it did before it shows it, so that a reload goes on at the first step that is
not finished.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.outbox import CannotWrite
from fedflex_core.exchange.protocol import ImpressionRecord, RoundRecord
from fedflex_core.faces.comparison import comparison_posters, genre_figure, sides_of
from fedflex_core.faces.history_step import HistoryStep
from fedflex_core.faces.parts import (
    Guard,
    Steps,
    bullets,
    button,
    count,
    details,
    meter,
    note,
    page_style,
    paragraph,
    table,
    warning,
)
from fedflex_core.faces.posters import PosterClick
from fedflex_core.faces.stars import Stars
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.demo import demo_design, make_demo
from fedflex_core.study.participant import Participant, Side

__all__ = ["ParticipantPage"]

_NO_NOISE_OF_YOURS = {
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


class ParticipantPage:
    """Everything a participant sees.

    Args:
        take_seat: Takes the seat; what goes wrong there is shown on the page.
    """

    participant: Participant
    _history: HistoryStep

    def __init__(self, take_seat: Callable[[], Participant]) -> None:
        self._guard = Guard()
        self._steps = Steps("welcome", "history", "ratings", "share", "lists", "genres")

        def begin() -> None:
            self.participant = take_seat()
            self._resume()

        self._guard(begin)()

    @classmethod
    def from_environment(cls) -> ParticipantPage:
        """The page of the study that ``FEDFLEX_STUDY`` names, or of a demo made on the spot."""
        study = os.environ.get("FEDFLEX_STUDY")
        return cls(lambda: Participant.take_seat(study)) if study else cls(_demo_seat)

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

    # The same by code, for whoever steps through the cells.

    def load(self, export: bytes | str | Path) -> None:
        """Load an export, as the upload does."""
        self._history.take(export)

    def train(self) -> None:
        """Train and share, as the button does."""
        self._guard(self._train)()

    def _resume(self) -> None:
        self._fill_welcome()
        self._history = HistoryStep(self.participant, self._guard, self._steps, self._kept)
        self._history.show()
        if self.participant.viewings is None:
            return
        self._fill_ratings()
        self._fill_share()
        self._fill_genres()
        if self._is_trained():
            self._guard(self.participant.publish)()  # what a full or absent folder did not take
            self._fill_lists()

    def _is_trained(self) -> bool:
        current = self.participant.visit()
        arms = self.participant.study.design.arm_names
        closed = current.round >= self.participant.study.design.rounds
        return closed or all(self.participant.has_shared(arm, current) for arm in arms)

    # Welcome.

    def _fill_welcome(self) -> None:
        design = self.participant.study.design
        text = (
            paragraph(
                "You will load your own Netflix viewing history, let a small model learn from it on this "
                "computer, and compare two lists of series. Click those you would watch."
            )
            + bullets("Stays on this computer", ["Your viewing history", "Your stars"])
            + bullets(
                "Goes into the study folder",
                [
                    "A model update" + _noise_words(design.privacy.mode),
                    "The lists that you are shown, and your clicks with their times",
                ],
            )
            + note(
                "You appear in the study under a random number. Everybody who can open the study folder "
                "can read what goes into it."
            )
        )
        if design.privacy.mode is not Mode.LOCAL:
            text += warning(_NO_NOISE_OF_YOURS[design.privacy.mode])
        self._steps.fill("welcome", design.name, widgets.HTML(text))

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
        ratings = self.participant.ratings
        words = paragraph(
            f"{count(len(ratings), 'series was', 'series were')} recognised. Their stars follow from how much "
            "of each you watched in what time. Correct what is wrong; they stay on this computer."
        )
        stars = Stars(rows=self._star_rows(ratings))
        stars.on_rate(self._rate)
        self._steps.fill("ratings", "2. Your stars", widgets.HTML(words), stars)

    def _star_rows(self, ratings: pd.DataFrame) -> list[dict[str, Any]]:
        items = self.participant.study.catalogue.items
        ordered = ratings.sort_values(["stars", "episodes"], ascending=False, kind="stable")
        return [
            {
                "id": str(items["item_id"].iloc[row.item]),
                "title": str(items["title"].iloc[row.item]),
                "stars": int(row.stars),
                "episodes": int(row.episodes),
                "watched": _period(row.first, row.last),
                "corrected": bool(row.corrected),
            }
            for row in ordered.itertuples()
        ]

    def _rate(self, item_id: str, stars: int | None) -> int:
        """Keep a correction, or take it back; the stars that hold now."""
        item = self.participant.study.catalogue.index_of(item_id)
        self.participant.correct(item, stars)
        ratings = self.participant.ratings
        return int(ratings.loc[ratings["item"] == item, "stars"].iloc[0])

    # Sharing.

    def _fill_share(self) -> None:
        current = self.participant.visit()
        shared = self._is_trained()
        go = button("Train and share", self._guard(self._train), primary=True)
        parts: list[widgets.Widget] = [widgets.HTML(self._privacy_words(current))]
        if not shared:
            parts.append(go)
        elif current.round < self.participant.study.design.rounds:
            parts.append(
                widgets.HTML(
                    note(
                        "Your update for this round is made and shared. What you change above counts from "
                        "the next round on."
                    )
                )
            )
        self._steps.fill("share", "3. Learn and share", *parts)

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

    def _privacy_words(self, current: RoundRecord) -> str:
        design = self.participant.study.design
        rounds = f"Round {min(current.round + 1, design.rounds)} of {design.rounds}. "
        if design.privacy.mode is Mode.OFF:
            return paragraph(rounds) + warning("No noise is added in this study.")
        return (
            paragraph(
                f"{rounds}Your update is shortened to a fixed length and covered with noise "
                + (
                    "on this computer."
                    if design.privacy.mode is Mode.LOCAL
                    else "by the aggregator."
                )
                + " Each update uses up a part of the privacy that this study promises you, never more."
            )
            + self._budget(current)
            + note(
                "The lists you are shown and your clicks are not covered by noise: the study needs them as "
                "they are."
            )
        )

    def _budget(self, current: RoundRecord) -> str:
        """How much of the promise is used, in plain words, and the numbers for who asks."""
        design = self.participant.study.design
        arms = {arm: self.participant.privacy(arm) for arm in design.arm_names}
        most = max(arms.values(), key=lambda privacy: privacy.spent)
        words = f"{most.spent / most.promised:.0%} of your privacy budget is used"
        if not self._is_trained():
            words += f", {most.after_next / most.promised:.0%} after this round"
        rows = [
            [arm.upper(), f"{one.spent:.2f}", f"{one.after_next:.2f}", f"{one.promised:.2f}"]
            for arm, one in arms.items()
        ]
        whole = paragraph(
            f"ε for each algorithm, with δ = {design.privacy.delta:.5f}: the smaller, the less anybody can "
            f"learn about you from your updates. All together: at most "
            f"{design.epsilon_all_arms(design.rounds):.2f}."
        )
        header = ["", "ε spent", "after one more", "at most"]
        return meter(words, most.spent, most.promised) + details(
            "The numbers", whole + table(header, rows)
        )

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
            clicks, done = self.participant.answers(shown)
            if not done:
                self._compare(shown, clicks, f"4. Two lists for you ({number} of {len(arms)})")
                self._share_quietly()
                return
        self._thank(current)

    def _compare(
        self, shown: ImpressionRecord, clicks: set[tuple[Side, int]], heading: str
    ) -> None:
        posters, sides = comparison_posters(self.participant, shown, clicks), sides_of(shown)

        def click(made: PosterClick) -> None:
            self._refuse_if_done(shown)
            self.participant.click(shown, sides[made.list_index], made.rank + 1, made.selected)
            self._share_quietly()

        def done(none: bool) -> None:
            self.participant.done(shown, none)
            self._share_quietly()
            self._look_for_round()

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
        if self.participant.answers(shown)[1]:
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
        answered = [shown for shown in participant.shown(current) if participant.answers(shown)[1]]
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
    """The empty seat of a demo whose made-up people have shared their updates."""
    demo = make_demo(8, demo_design(rounds=2), seed=1)
    for participant, _ in demo.seats:
        participant.train_and_share()
    return Participant.take_seat(demo.study, demo.home)


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%d %b %Y}" + ("" if first == last else f" – {last:%d %b %Y}")


def _noise_words(mode: Mode) -> str:
    return {
        Mode.LOCAL: ", covered with noise before it leaves",
        Mode.CENTRAL: ", covered with noise by the aggregator",
        Mode.OFF: ", without noise",
    }[mode]
