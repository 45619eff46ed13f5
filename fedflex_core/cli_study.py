"""The commands around a study: help to sum it, invite to it, leave it, attack it, look after it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from fedflex_core.cli_catalogue import Json
from fedflex_core.exchange.carriers import CarrierKind, carrier_at
from fedflex_core.exchange.outbox import write_private
from fedflex_core.faces import terminal
from fedflex_core.faces.audit_plot import audit_figure
from fedflex_core.faces.audit_words import audit_sentences
from fedflex_core.faces.doctor_words import findings_as_dict, show_findings
from fedflex_core.faces.leaving_words import receipt_sentences
from fedflex_core.faces.pictures import check_plot, write_picture
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.doctor import examine
from fedflex_core.study.helper import Helper, Waiting, helper_keys
from fedflex_core.study.own_audit import audit_own
from fedflex_core.study.participant import Participant

__all__ = [
    "CarrierOption",
    "Datasite",
    "Study",
    "admit_command",
    "audit_command",
    "doctor_command",
    "helper_command",
    "invite_command",
    "leave_command",
]

Study = Annotated[Path, typer.Argument(help="The study's shared folder.", show_default=False)]
CarrierOption = Annotated[
    CarrierKind,
    typer.Option(
        "--carrier", help="What carries the study: a folder that is kept alike, or SyftBox."
    ),
]
Datasite = Annotated[
    str | None,
    typer.Option(help="On SyftBox: the e-mail of your own datasite, if its settings do not say."),
]
_LOOK_EVERY = 15.0
"""Seconds between two looks: what a carrier needs for a hop."""


def helper_command(
    study: Annotated[
        Path | None, typer.Argument(help="The study's shared folder.", show_default=False)
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="Write your public keys to this file, for the researcher, and stop."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and answer each call as it comes.")
    ] = False,
    without_missing: Annotated[
        bool,
        typer.Option("--without-missing", help="Leave out whose half has not arrived."),
    ] = False,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Help a study to sum what nobody may see: the second, independent party of distributed mode.

    You hold one half of every update and the aggregator the other; a half alone says nothing. Once a round
    you publish the sum of your halves, covered with noise. That protects people only as long as you and the
    aggregator do not put your halves together: be somebody else, on another computer.

    First `fedflex helper --keys FILE`: the researcher opens the study with that file. Then, each round,
    `fedflex helper STUDY`.
    """
    if keys is not None:
        keys.write_text(helper_keys().model_dump_json(indent=1) + "\n", encoding="utf-8")
        terminal.say(f"Your public keys are in {keys.name}. Send that file to the researcher.")
        return
    if study is None:
        raise typer.BadParameter("name the study's folder, or --keys FILE", param_hint="STUDY")
    with suppress(KeyboardInterrupt):
        _help(Helper.open(carrier_at(study, carrier, datasite)), watch, without_missing)


def _help(helper: Helper, watch: bool, without_missing: bool) -> None:
    while True:
        try:
            with terminal.progress() as show:
                answer = helper.answer(without_missing, show)
        except Waiting as waiting:
            if not watch:
                raise
            terminal.say(waiting.found)
        else:
            people = min(len(part.participants) for part in answer.arms.values())
            terminal.say(
                f"Round {answer.round}: the halves of {people} people are summed and published."
            )
            if not watch:
                return
        time.sleep(_LOOK_EVERY)


def invite_command(
    study: Study,
    people: Annotated[int, typer.Option(min=1, max=10_000, help="How many invitations.")] = 1,
    out: Annotated[
        Path, typer.Option(help="Folder for the invitations; not the study's, which all can read.")
    ] = Path("invitations"),
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Write invitations to your study: files to send to people, by mail or by hand.

    An invitation says which study is meant and whose signature to believe, so that nobody who can write in
    the folder can put another study there. Where your study asks for invitations, each lets in one person.
    """
    aggregator = Aggregator.open(carrier_at(study, carrier, datasite))
    made = aggregator.admission.invite(people)
    for invitation in made:
        name = f"invitation-{(invitation.token or invitation.fingerprint)[:8]}.json"
        write_private(out / name, invitation.to_bytes())
    count = "1 invitation is" if len(made) == 1 else f"{len(made)} invitations are"
    terminal.say(f"{count} in {out}. With it: fedflex participant STUDY --invitation FILE")


def admit_command(
    study: Study,
    numbers: Annotated[
        list[str], typer.Argument(help="Numbers of participants, as their pages show them.")
    ],
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Write participants' numbers on the roster of a study that goes by one."""
    aggregator = Aggregator.open(carrier_at(study, carrier, datasite))
    aggregator.admission.write_down(number.strip().lower() for number in numbers)
    terminal.say(f"On the roster: {len(numbers)} more.")


def leave_command(
    study: Study,
    erase: Annotated[
        bool,
        typer.Option("--erase", help="Also delete what lies here, and have what you sent dropped."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Leave a study: only stop, or stop and have everything erased.

    The researcher's computer answers with a receipt; run the command again to see it. A model that your
    noised updates were averaged into stays as it is: nobody can take them out of it.
    """
    participant = Participant.take_seat(carrier_at(study, carrier, datasite))
    wanted = "erased" if erase else "stopped"
    if participant.leaving.state not in (wanted, "erased"):
        if not yes:
            typer.confirm("Leave, and have everything erased?" if erase else "Leave?", abort=True)
        participant.leaving.leave(erase)
    for sentence in receipt_sentences(participant.leaving.state, participant.leaving.receipt()):
        terminal.say(sentence)


def audit_command(
    study: Study,
    arm: Annotated[
        str | None,
        typer.Option(help="One of the study's algorithms; all of them if none is named."),
    ] = None,
    trials: Annotated[
        int, typer.Option(min=20, max=100_000, help="How many updates are made and attacked.")
    ] = 400,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it into this file (.svg or .png).")
    ] = None,
    as_json: Json = False,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
) -> None:
    """Attack your own next update: what could somebody guess of what you watched?

    Your update is made as it would be sent, with its noise, and attacked on this computer: which series did you
    watch, and is it yours at all? Beside it stands what would be sent without noise. Nothing is sent or kept.
    """
    if plot is not None:
        check_plot(plot)  # before anything is worked out
    participant = Participant.take_seat(carrier_at(study, carrier, datasite))
    names = participant.study.design.arm_names
    if arm is not None and arm not in names:
        raise typer.BadParameter(f"one of {', '.join(names)}", param_hint="--arm")
    with terminal.progress() as show:
        found = [audit_own(participant, one, trials, show) for one in ([arm] if arm else names)]
    for one in found:
        if plot is not None:
            stem = plot.stem if len(found) == 1 else f"{plot.stem}-{one.arm}"
            write_picture(audit_figure(one), plot.with_stem(stem))
    if as_json:
        terminal.print_json({"arms": {one.arm: one.to_dict() for one in found}})
        return
    for one in found:
        terminal.say(one.arm.upper())
        for sentence in audit_sentences(one):
            terminal.say(f"  {sentence}")


def doctor_command(
    study: Annotated[
        Path | None, typer.Argument(help="The study's shared folder, if one is meant.")
    ] = None,
    carrier: CarrierOption = "folder",
    datasite: Datasite = None,
    as_json: Json = False,
) -> None:
    """Look after FedFlex on this computer: permissions, keys, carrier, versions, and what to mend."""
    where = carrier_at(study, carrier, datasite) if study else None
    findings = examine(where)
    if as_json:
        terminal.print_json(findings_as_dict(findings))
    else:
        show_findings(findings)
    if any(one.state == "bad" for one in findings):
        raise typer.Exit(1)
