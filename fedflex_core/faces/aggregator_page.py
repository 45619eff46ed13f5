"""The researcher's page, a section for each task; the notebook places them."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from fedflex_core.exchange.carriers import AGGREGATOR, Carrier
from fedflex_core.exchange.folder import FolderReport
from fedflex_core.exchange.keys import PublicKeys, in_groups
from fedflex_core.exchange.public_records import ArmRound
from fedflex_core.faces.parts import (
    Guard,
    Steps,
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
from fedflex_core.faces.plots import genre_plot
from fedflex_core.faces.study_form import study_form
from fedflex_core.faces.surroundings import Surroundings
from fedflex_core.faces.warming import warm_up_soon
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.collecting import Collected
from fedflex_core.study.demo import waiting_demo
from fedflex_core.study.results import MEASURES, study_results
from fedflex_core.viewing.catalogue.pair import read_pair

__all__ = ["AggregatorPage"]

_JOINING = {
    "open": "everybody who has the folder",
    "token": "only with an invitation",
    "roster": "only numbers on the roster",
}
_HELP = {
    False: "First the helper is asked for its half of the sum; who is in it is then fixed.",
    True: (
        "The helper has been asked. Once it has run fedflex helper STUDY and its answer is here, run the round."
    ),
}
_LEGEND = (
    "CTR: clicks for each series shown. P@5: different series clicked for each series shown.",
    "nDCG@5: 1 if the clicked series stood first, less the lower they stood. MRR: one over the rank of the "
    "first click.",
    "ILD: how different the series of a list are, by their titles. Coverage: distinct series clicked for each "
    "distinct series shown.",
)


class AggregatorPage:
    """Everything a researcher sees.

    Args:
        where: What carries the study folder; a new study can be opened in it where there is none.
        aggregator: Runs the study, if one is open already.
        home: Another place for the private files.
        catalogue: The file pair that a new study is made of; the bundled catalogue if not given.
        helper: The public keys of who is to sum the other half of the updates in a new study.
    """

    def __init__(
        self,
        where: Carrier,
        aggregator: Aggregator | None = None,
        home: Path | None = None,
        catalogue: Path | None = None,
        helper: PublicKeys | None = None,
    ) -> None:
        self._where = where
        self._catalogue = catalogue
        self._helper = helper
        self._home = home
        self.aggregator = aggregator
        self._guard = Guard()
        self._steps = Steps("study", "round", "people", "results")
        self._guard(self._resume)()

    @classmethod
    def from_environment(cls) -> AggregatorPage:
        """The page of the study that ``FEDFLEX_STUDY`` names, or of a demo made on the spot."""
        around = Surroundings.from_environment()
        if around is not None:
            return cls(around.where(), catalogue=around.catalogue, helper=around.helper_keys())
        demo = waiting_demo()
        return cls(demo.aggregator.study.folder.carrier, demo.aggregator, demo.home)

    # The sections, for the notebook's cells.

    def study_step(self) -> widgets.Widget:
        """Open a study, or see its design."""
        return widgets.VBox([page_style(), self._guard.place, self._steps["study"]])

    def round_step(self) -> widgets.Widget:
        """See what lies ready and run the next round."""
        return self._steps["round"]

    def people_step(self) -> widgets.Widget:
        """Who takes part, and what was set aside."""
        return self._steps["people"]

    def results_step(self) -> widgets.Widget:
        """The results table."""
        warm_up_soon()  # the page's last section: who reads it will run a round before long
        return self._steps["results"]

    # The same by code, for whoever steps through the cells.

    def run_round(self) -> None:
        """Run the next round, as the button does."""
        self._guard(self._run_round)()

    def _resume(self) -> None:
        (own,) = self._where.places(AGGREGATOR)
        if self.aggregator is None and own.exists():
            self.aggregator = Aggregator.open(self._where, self._home)
        if self.aggregator is None:
            self._offer_study()
        else:
            self._refresh()

    # Opening a study.

    def _offer_study(self) -> None:
        fields, designed = study_form(with_helper=self._helper is not None)

        def create() -> None:
            design = designed()
            items, embeddings = read_pair(self._catalogue)
            helper = self._helper if design.privacy.mode is Mode.DISTRIBUTED else None
            self.aggregator = Aggregator.create(
                self._where, design, items, embeddings, self._home, helper
            )
            self._refresh()

        items = "your own catalogue" if self._catalogue else "the bundled catalogue"
        words = widgets.HTML(
            paragraph(
                f"There is no study in this folder yet. It will be made of {items}. What you choose here is "
                "fixed for its length."
            )
        )
        go = button("Open the study", self._guard(create), primary=True)
        self._steps.fill("study", "Open a study", words, *fields, go)

    # A running study.

    def _refresh(self) -> None:
        aggregator = self.aggregator
        assert aggregator is not None
        aggregator.study.report.clear()
        aggregator.withdrawals.settle()
        aggregator.publish()
        aggregator.study.folder.survey(aggregator.study.report)
        collected = {arm: aggregator.collect(arm) for arm in aggregator.study.design.arm_names}
        self._fill_study(aggregator)
        self._fill_round(aggregator, collected)
        self._fill_people(aggregator, collected)
        self._fill_results(aggregator)

    def _fill_study(self, aggregator: Aggregator) -> None:
        design = aggregator.study.design
        privacy = design.privacy
        rows = [
            ["Arms", ", ".join(arm.upper() for arm in design.arm_names)],
            ["Rounds", str(design.rounds)],
            ["Fewest updates a round", str(design.min_updates)],
            ["Lists", f"{design.lists.length} series each, λ = {design.lists.lambda_:g}"],
            ["Series", str(len(aggregator.study.catalogue))],
            ["Noise", privacy.mode.value],
            ["Who may take part", _JOINING[design.joining]],
            ["Your key", in_groups(aggregator.identity.public.fingerprint)],
        ]
        if (helper := aggregator.study.record.helper) is not None:
            rows.append(["The helper's key", in_groups(helper.fingerprint)])
        text = table([], rows) + note(
            "Send each participant an invitation by mail or by hand: it says whose signature to believe. "
            "fedflex invite STUDY --people 20 --out invitations"
        )
        if privacy.mode is Mode.OFF:
            text += warning("Privacy is off: updates are shared without noise.")
        self._steps.fill("study", design.name, widgets.HTML(text))

    def _fill_round(self, aggregator: Aggregator, collected: dict[str, Collected]) -> None:
        design = aggregator.study.design
        number = aggregator.current_round().round
        ready = min(len(arm) for arm in collected.values())
        text = paragraph(
            f"Round {number} of {design.rounds} is done."
            if number
            else "No round has been run yet."
        )
        if design.privacy.mode is not Mode.OFF:
            for arm in design.arm_names:
                spent, whole = design.epsilon_after(number), design.epsilon_after(design.rounds)
                words = f"{arm.upper()}: ε spent {spent:.2f} of {whole:.2f}, δ = {design.privacy.delta:g}"
                text += meter(words, spent, whole)
        look = button("Look again", self._guard(self._refresh))
        if aggregator.finished:
            text += note(
                "All rounds are done. The results below are final once everybody has answered."
            )
            self._steps.fill("round", "Rounds", widgets.HTML(text), look)
            return
        text += paragraph(
            f"{count(ready, 'update lies', 'updates lie')} ready in each arm for the next round; it needs at "
            f"least {design.min_updates}."
        )
        label, called = "Run the next round", aggregator.called
        if aggregator.is_distributed:
            text += paragraph(_HELP[called])
            label = label if called else "Ask the helper"
        run = button(label, self._guard(self._run_round), primary=True)
        run.disabled = ready < design.min_updates and not called
        self._steps.fill("round", "Rounds", widgets.HTML(text), widgets.HBox([run, look]))

    def _run_round(self) -> None:
        assert self.aggregator is not None
        if self.aggregator.is_distributed and not self.aggregator.called:
            self.aggregator.ask_helper()
            self._refresh()
            return
        self._steps["round"].children += (widgets.HTML(paragraph("Averaging the updates …")),)
        try:
            record = self.aggregator.run_round()
        finally:
            self._refresh()
        said = widgets.HTML(
            "".join(note(_what_was_learned(arm, done)) for arm, done in record.arms.items())
        )
        self._steps["round"].children += (said,)

    def _fill_people(self, aggregator: Aggregator, collected: dict[str, Collected]) -> None:
        arms = aggregator.study.design.arm_names
        sent = {arm: set(found.records) for arm, found in collected.items()}
        people = aggregator.study.folder.participants()
        rows = [
            [in_groups(p, len(p) // 4), *("ready" if p in sent[arm] else "–" for arm in arms)]
            for p in people
        ]
        text = paragraph(
            f"{count(len(people), 'participant has', 'participants have')} joined, under random numbers."
        )
        if people and not aggregator.finished:
            text += table(["Participant", *(f"{arm.upper()}, next round" for arm in arms)], rows)
        for arm, found in collected.items():
            for bad in found.set_aside:
                text += note(
                    f"{arm.upper()}: the update of {bad.participant} is set aside: {bad.reason}."
                )
        left, erased = aggregator.withdrawals.left, aggregator.withdrawals.erased
        if left:
            text += paragraph(
                f"{count(len(left), 'participant has', 'participants have')} left; {len(erased)} of them asked "
                "for everything to be erased, and are in no result."
            )
        text += _passed_over(aggregator.study.report)
        self._steps.fill("people", "Participants", widgets.HTML(text))

    def _fill_results(self, aggregator: Aggregator) -> None:
        found = study_results(aggregator)
        words = widgets.HTML(
            paragraph(
                f"{count(found.comparisons, 'comparison was', 'comparisons were')} answered by "
                f"{count(found.participants, 'participant', 'participants')}; "
                f"{found.left} more shown but left without an answer."
            )
        )
        place = widgets.HTML()

        def show() -> None:
            text = (
                ""
                if aggregator.finished
                else warning(
                    "The study is still running. Who looks at an effect and stops when it pleases will find "
                    "effects that are not there."
                )
            )
            shares = {f"List {side}": genres for side, genres in found.genres.items()}
            text += details("What the columns say", "".join(map(paragraph, _LEGEND)))
            place.value = text + _results_table(found.to_dict()["arms"]) + genre_plot(shares)

        shower = button("Show the results table", self._guard(show))
        self._steps.fill("results", "Results", words, shower, place)


def _passed_over(report: FolderReport) -> str:
    """Every file that was not used, with its reason: a few at once, all of them when asked for."""
    rows = [[name, reason] for name, reason in report.ignored.items()]
    if not rows:
        return ""
    more = f", {report.more:,} of them not named" if report.more else ""
    said = f"{count(len(rows) + report.more, 'file was', 'files were')} passed over{more}"
    return details(said, table(["File", "Why"], rows))


def _what_was_learned(arm: str, done: ArmRound) -> str:
    if done.diagnostics.get("spoilt"):
        return (
            f"{arm.upper()}: the sum cannot be one of updates that keep their bounds: somebody has sent "
            "something else. Nothing was learned from it, and the model stays as it was."
        )
    updates = count(int(done.diagnostics["updates"]), "update", "updates")
    if done.diagnostics["trust"] > 0:
        return (
            f"{arm.upper()}: {updates} averaged; {done.diagnostics['trust']:.0%} of the average stood out from "
            "its noise and was followed."
        )
    return (
        f"{arm.upper()}: {updates} averaged, and nothing stood out from the noise: the model stays as it was. "
        "So few people with so much noise cannot teach it; fedflex simulate shows how many could."
    )


def _results_table(arms: dict[str, dict[str, dict[str, float | None]]]) -> str:
    rows = [
        [arm.upper(), side, *("–" if row[key] is None else f"{row[key]:.4f}" for key in MEASURES)]
        for arm, sides in arms.items()
        for side, row in sides.items()
    ]
    return table(["Arm", "List", *MEASURES.values()], rows)
