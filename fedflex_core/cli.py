"""The command line: `fedflex --help`."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from fedflex_core import __version__
from fedflex_core.cli_catalogue import Json, catalogue_app, catalogue_of
from fedflex_core.cli_evaluate import evaluate_command
from fedflex_core.cli_study import (
    CarrierOption,
    Datasite,
    Study,
    admit_command,
    audit_command,
    doctor_command,
    helper_command,
    invite_command,
    leave_command,
)
from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import carrier_at
from fedflex_core.faces import terminal
from fedflex_core.faces.inspection_words import show_inspection
from fedflex_core.faces.notebooks import notebook_path
from fedflex_core.faces.server import Server, serve
from fedflex_core.faces.surroundings import Surroundings
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.demo import Demo, demo_design, keep_playing, make_demo, play_headless
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.study.results import study_results
from fedflex_core.study.simulation import make_people, simulate
from fedflex_core.study.told import Told, inspect_history, tell
from fedflex_core.viewing.catalogue import load_bundled
from fedflex_core.viewing.catalogue.pair import read_pair
from fedflex_core.viewing.embeddings import bundled_embeddings
from fedflex_core.viewing.history import read_history

__all__ = ["app", "main"]

app = typer.Typer(
    name="fedflex",
    help="A live study of federated recommendation: take part, run one, or try it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

app.add_typer(catalogue_app, name="catalogue")

_Port = Annotated[
    int | None, typer.Option(help="Port on 127.0.0.1; a free one is found if none is given.")
]
_NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Only print the address, open nothing.")
]
_Participants = Annotated[int, typer.Option(min=1, help="How many made-up people take part.")]
_Rounds = Annotated[int, typer.Option(min=1, help="How many rounds are run.")]
_Seed = Annotated[
    int, typer.Option(help="Makes the made-up people and their clicks; never the privacy noise.")
]
_PrivacyMode = Annotated[
    Mode,
    typer.Option(
        help="Who adds the noise: each participant (local), all in shares (distributed), the aggregator "
        "once (central), nobody (off)."
    ),
]
_Epsilon = Annotated[
    float, typer.Option(min=0.01, help="The most that one arm may cost a person over all rounds.")
]


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fedflex {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Play all rounds here, without a browser.")
    ] = False,
    history: Annotated[
        Path | None,
        typer.Option(help="With --headless: seat the owner of this Netflix export, too."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="With --history: the profile, where the export holds several."),
    ] = None,
    participants: _Participants = 8,
    rounds: _Rounds = 2,
    seed: _Seed = 1,
    privacy_mode: _PrivacyMode = Mode.LOCAL,
    epsilon: _Epsilon = 8.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="With --headless: write the answer to this file.")
    ] = None,
    no_browser: _NoBrowser = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the participant's page; the other one is free.")
    ] = None,
) -> None:
    """Try FedFlex: a study with made-up people, and an empty seat for you.

    Opens two pages in your browser. On the **participant's** you load your own Netflix history (it stays on
    this computer), share a noised update and compare two lists. On the **aggregator's** you run the
    rounds and see the results. Stop with Ctrl-C.

    With `--headless` the same study is played to its end here, and its results table is printed.
    """
    privacy = PrivacyDesign(mode=privacy_mode, epsilon=epsilon)
    with terminal.progress() as show:
        show("Opening the study and seating made-up people", 0.0)
        made = make_demo(participants, demo_design(rounds, privacy), seed)
    if headless:
        _demo_headless(made, history, profile, seed, json_file)
    else:
        _demo_pages(made, seed, port, not no_browser)


def _demo_headless(
    made: Demo, history: Path | None, profile: str | None, seed: int, json_file: Path | None
) -> None:
    export = _read(history) if history else None
    with terminal.progress() as show:
        answer = play_headless(made, export, np.random.default_rng([seed, 1]), show, profile)
    answer = {"seed": seed, **answer}
    terminal.show_demo(answer)
    if json_file:
        json_file.write_text(json.dumps(answer, indent=1, ensure_ascii=False), encoding="utf-8")


def _demo_pages(made: Demo, seed: int, port: int | None, open_browser: bool) -> None:
    stop = threading.Event()
    rng = np.random.default_rng([seed, 1])
    environment = {"FEDFLEX_STUDY": str(made.study), "FEDFLEX_HOME": str(made.home)}
    players = threading.Thread(target=keep_playing, args=(made, stop, rng), daemon=True)
    players.start()
    with ExitStack() as servers:
        servers.callback(stop.set)
        for role, wanted in (("aggregator", None), ("participant", port)):
            server = Server(notebook_path(role), port=wanted, environment=environment)
            servers.enter_context(server)
            terminal.announce_role(role)
            _announce(server.url)
            if open_browser:
                server.open_browser()
        terminal.say_how_to_stop()
        servers.enter_context(suppress(KeyboardInterrupt))  # the wish to stop is no error
        server.wait()


@app.command()
def participant(
    study: Study,
    invitation: Annotated[
        Path | None,
        typer.Option(help="What the researcher sent you; the study must be the one it is for."),
    ] = None,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
    port: _Port = None,
    no_browser: _NoBrowser = False,
) -> None:
    """Take part in a study: opens its participant's page, on this computer only.

    Your viewing history and your ratings stay in a private folder of this computer. The study receives
    a noised update, the two lists you were shown, and your clicks. Stop with Ctrl-C; when you come back,
    the page goes on where you stopped.
    """
    around = Surroundings(study.resolve(), carrier, datasite, _resolved(invitation))
    opened, invited = OpenedStudy.open(around.where()), around.invited()
    if invited is not None:  # says at once what is wrong
        invited.check(opened.record)
    _serve("participant", around, port, not no_browser)


@app.command()
def aggregator(
    study: Study,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help="For a new study: your own catalogue, as `fedflex catalogue build` made it."
        ),
    ] = None,
    helper: Annotated[
        Path | None,
        typer.Option(
            help="For a new study: the keys of a helper, as `fedflex helper --keys` made them."
        ),
    ] = None,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
    port: _Port = None,
    no_browser: _NoBrowser = False,
) -> None:
    """Run a study: opens the researcher's page, on this computer only.

    In an empty or new folder the page helps you to open a study; otherwise it goes on with the one there.
    Only the computer that opened a study can run its rounds. Stop with Ctrl-C.
    """
    around = Surroundings(
        study.resolve(),
        carrier,
        datasite,
        catalogue=_resolved(catalogue),
        helper=_resolved(helper),
    )
    around.where()  # says at once what is wrong, as do the next two
    around.helper_keys()
    if catalogue:
        read_pair(catalogue)
    _serve("aggregator", around, port, not no_browser)


def _serve(role: str, around: Surroundings, port: int | None, open_browser: bool) -> None:
    serve(
        notebook_path(role),
        port=port,
        environment=around.variables(),
        open_browser=open_browser,
        announce=_announce,
    )


@app.command()
def inspect(
    export: Annotated[Path, typer.Argument(help="A Netflix export.", show_default=False)],
    catalogue: Annotated[
        Path | None, typer.Option(help="Your own catalogue (CSV) instead of the bundled one.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Whose viewings, where the export holds several people's.")
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="How to read 3/4, where the file itself cannot tell.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help='Say which series a name stands for: --name "Zaklinac=The Witcher". Remembered.'
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A series that no model may learn from. Remembered.")
    ] = None,
    take_in: Annotated[
        list[str] | None, typer.Option(help="A series left out before that may be learned from.")
    ] = None,
    forget: Annotated[
        list[str] | None, typer.Option(help="A name said before, to be forgotten.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at a Netflix export: what can be read, what is left out, which series are known.

    Shows how many episodes of which series were watched in which weeks, which names are not recognised, and
    which rows were left out and why. Nothing leaves this computer, and nothing is stored but what you say with
    `--name` and `--leave-out`: in your private folder, for this command and for every study's page. Download
    the export at netflix.com/viewingactivity ("Download all"), or ask for all of your data and take
    `ViewingActivity.csv` out of it.
    """
    items = catalogue_of(catalogue)
    told = Told()
    tell(told, items, name or (), forget or (), leave_out or (), take_in or ())
    history = read_history(export, day_first=day_first)
    if profile is not None:
        history = history.of_profile(profile)
    answer = inspect_history(history, items, told)
    if as_json:
        terminal.print_json(answer)
    else:
        show_inspection(answer, history.report.ambiguous_dates)


@app.command()
def results(
    study: Study,
    as_json: Json = False,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Work out a study's results table from the clicks in its folder, which you alone can open.

    Per arm and list: click-through rate, precision, nDCG, reciprocal rank, intra-list diversity and
    coverage, as in the FedFlex paper. Comparisons that were shown but left without an answer are counted
    apart.
    """
    found = study_results(Aggregator.open(carrier_at(study, carrier, datasite)))
    terminal.print_json(found.to_dict()) if as_json else terminal.show_results(found)


@app.command(name="simulate")
def simulate_command(
    participants: _Participants = 50,
    rounds: _Rounds = 5,
    seed: _Seed = 1,
    privacy_mode: _PrivacyMode = Mode.LOCAL,
    epsilon: _Epsilon = 8.0,
    as_json: Json = False,
) -> None:
    """Simulate a study in memory: what would rounds, people and noise do to the lists?

    Uses the same local updates, noise, averaging and lists as a real study, with made-up people. Look at
    round 0 (public facts alone) beside the last round: with strong noise and few people nothing is learned,
    and the model stays where it began.
    """
    catalogue = load_bundled()
    rng = np.random.default_rng(seed)
    design = StudyDesign(
        name="Simulation",
        rounds=rounds,
        privacy=PrivacyDesign(mode=privacy_mode, epsilon=epsilon),
    )
    people = make_people(catalogue, participants, rng)
    with terminal.progress() as show:
        rows = simulate(design, catalogue, bundled_embeddings(catalogue), people, rng, show)
    terminal.print_json(terminal.rounds_as_dict(rows)) if as_json else terminal.show_rounds(rows)


app.command(name="evaluate")(evaluate_command)
app.command(name="helper")(helper_command)
app.command(name="invite")(invite_command)
app.command(name="admit")(admit_command)
app.command(name="leave")(leave_command)
app.command(name="audit")(audit_command)
app.command(name="doctor")(doctor_command)


def main() -> None:
    """Run the command line; an error that a person can mend is a sentence, not a traceback."""
    try:
        app()
    except FedFlexError as error:
        Console(stderr=True).print(terminal.error_text(error))
        sys.exit(1)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise FedFlexError(
            "The file cannot be opened.",
            "A Netflix export.",
            "Check its path and your access to it.",
        ) from error


def _resolved(place: Path | None) -> Path | None:
    """A path that means the same to the page's process."""
    return place.resolve() if place else None


def _announce(url: str) -> None:
    typer.echo(url)  # on a line of its own, so that a script can read it
    sys.stdout.flush()
