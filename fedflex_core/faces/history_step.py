"""The participant's first step: load an export, and answer what only the person can know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import ipywidgets as widgets
import pandas as pd

from fedflex_core.faces.parts import Guard, Steps, button, count, details, note, paragraph, table
from fedflex_core.faces.upload import Upload
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.history import History, read_history
from fedflex_core.viewing.inspection import inspection

__all__ = ["HistoryStep"]


_MOST_ROWS = 200


class HistoryStep:
    """The section in which a history is loaded.

    Args:
        participant: Who loads it.
        guard: Shows what goes wrong.
        steps: The page's sections; this one is ``history``.
        on_kept: Called when the viewings are safe in the private folder.
    """

    def __init__(
        self, participant: Participant, guard: Guard, steps: Steps, on_kept: Callable[[], None]
    ) -> None:
        self.participant = participant
        self._guard = guard
        self._steps = steps
        self._on_kept = on_kept

    def show(self, *more: widgets.Widget) -> None:
        """The drop zone, with what follows from the file that was dropped, if there is one."""
        upload = Upload(label="Drop your Netflix viewing history here, or choose it (.csv)")
        upload.on_file(self.take)
        help_text = widgets.HTML(
            "<details><summary>Where do I get it?</summary>"
            "<p>Sign in to Netflix in a browser, open Account, your profile, Viewing activity, and choose "
            "“Download all” at the bottom. The file ViewingActivity.csv from “Get my information” works, "
            "too.</p></details>"
        )
        self._steps.fill("history", "1. Your viewing history", upload, help_text, *more)
        stored = self.participant.watched.viewings
        if stored is not None:
            known = int(stored["item"].notna().sum())
            upload.message = (
                f"{count(len(stored), 'viewing is', 'viewings are')} loaded, {known:,} of series in this "
                "study. Load another file to replace them."
            )

    def take(self, export: bytes | str | Path, day_first: bool | None = None) -> None:
        """Read an export, and ask what only the person can answer before any of it is used."""
        history = read_history(export, day_first=day_first)
        if history.report.ambiguous_dates and day_first is None:
            self.show(*self._ask_date_order(export))
        elif len(history.report.profiles) > 1:
            self.show(*self._ask_profile(history))
        else:
            self._keep(history)

    def _ask_date_order(self, export: bytes | str | Path) -> list[widgets.Widget]:
        words = widgets.HTML(
            note(
                "This file's dates can be read in two ways. Is 3/4 the third of April or March the fourth?"
            )
        )
        answers = [
            button(label, self._guard(lambda first=first: self.take(export, first)))
            for label, first in (("The third of April", True), ("March the fourth", False))
        ]
        return [words, widgets.HBox(answers)]

    def _ask_profile(self, history: History) -> list[widgets.Widget]:
        profiles = history.report.profiles
        choice = widgets.RadioButtons(
            value=None,
            options=[
                (f"{name} ({count(viewings, 'viewing', 'viewings')})", name)
                for name, viewings in profiles.items()
            ],
        )
        go_on = button(
            "This is me",
            self._guard(lambda: self._keep(history.of_profile(choice.value))),
            primary=True,
        )
        go_on.disabled = True  # until somebody is chosen: the first one is not always you
        choice.observe(lambda change: setattr(go_on, "disabled", change.new is None), names="value")
        words = widgets.HTML(
            note("Several people use this account. Only the profile that you choose is used.")
        )
        return [words, choice, go_on]

    def _keep(self, history: History) -> None:
        self.participant.watched.keep(history)
        matched = self.participant.watched.viewings
        assert matched is not None
        self.show(widgets.HTML(_what_was_read(history, matched, self.participant.study.catalogue)))
        self._on_kept()


def _what_was_read(history: History, matched: pd.DataFrame, catalogue: Catalogue) -> str:
    found = inspection(history, matched, catalogue)
    left_out = sum(found["dropped"].values())
    rows = [
        ["Rows in the file", f"{found['rows']:,}"],
        ["Viewings read", f"{found['viewings']:,}"],
        *([f"Left out: {reason}", f"{rows:,}"] for reason, rows in found["dropped"].items()),
        ["Form of the dates", found["date_format"]],
        ["Series recognised", f"{found['series_matched']:,} of {found['series']:,}"],
        ["Episodes recognised", f"{found['episodes_matched']:,} of {found['episodes']:,}"],
    ]
    words = (
        f"{count(found['viewings'], 'viewing was', 'viewings were')} read, "
        f"{count(left_out, 'row was', 'rows were')} left out. "
        f"{found['series_matched']:,} of {found['series']:,} series are known to this study."
    )
    return (
        note(words) + details("What was read", table([], rows)) + _rows_left_out(found["left_out"])
    )


def _rows_left_out(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows themselves, so that nothing goes unseen."""
    if not rows:
        return ""
    shown = [[row["reason"], row["date"], row["title"]] for row in rows[:_MOST_ROWS]]
    more = len(rows) - len(shown)
    words = paragraph(f"… and {more:,} more.") if more else ""
    summary = f"{count(len(rows), 'row was', 'rows were')} left out, and why"
    return details(summary, table(["Why", "Date", "Title"], shown) + words)
