"""The doctor: looks at everything around a study on this computer and says what to mend.

A check is a short function in one of three tables: of this computer alone (``computer``), of a study's folder
as it is carried (``carried``), and of the study in it (``in_study``). It looks and says. Nothing is changed;
the one file that is written, to see whether the private folder takes files, is taken away again. What is
said names no path but that of the private folder, since that is where a person has to look.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.carriers import Carrier
from fedflex_core.study.doctor.carried import CARRIED_CHECKS, own_originals
from fedflex_core.study.doctor.computer import COMPUTER_CHECKS
from fedflex_core.study.doctor.finding import Finding, Said, State, bad
from fedflex_core.study.doctor.in_study import STUDY_CHECKS
from fedflex_core.study.doctor.private import Here
from fedflex_core.study.home import home_folder
from fedflex_core.study.opened import OpenedStudy

__all__ = ["Finding", "State", "examine"]


def examine(carrier: Carrier | None, home: Path | None = None) -> list[Finding]:
    """Look at this computer, and at a study if one is named; every check says something or does not apply.

    Args:
        carrier: What carries the study; None to look at this computer alone.
        home: Another place for the private files.

    Returns:
        At least one finding for each check that applies, in the order in which things build on each
        other. Nothing that is wrong is raised.

    >>> import tempfile
    >>> found = examine(None, Path(tempfile.mkdtemp()))
    >>> [one.name for one in found if one.state == "good"][-2:]
    ['Records', 'Pages']
    """
    here = Here(Path(os.path.abspath(home or home_folder())))
    found = _all(COMPUTER_CHECKS, here)
    if carrier is None:
        return found
    found += _all(CARRIED_CHECKS, here, carrier)
    try:
        study = OpenedStudy.open(carrier)
    except (FedFlexError, OSError) as error:
        lost, way_out = _in_words(error)
        return [*found, Finding("Study", "bad", lost, own_originals(here, carrier) or way_out)]
    whole = f"Study {study.id} is here and whole, with {len(study.catalogue):,} series."
    return [*found, Finding("Study", "good", whole), *_all(STUDY_CHECKS, here, study)]


def _all(checks: Mapping[str, Callable[..., Said]], *at: object) -> list[Finding]:
    """Run every check of a table; one that fails says so and does not keep the others from looking."""
    found = []
    for name, check in checks.items():
        try:
            said = check(*at)
        except (FedFlexError, OSError) as error:
            said = bad(*_in_words(error))
        found += [Finding(name, *one) for one in said]
    return found


def _in_words(error: FedFlexError | OSError) -> tuple[str, str]:
    if isinstance(error, FedFlexError):
        return error.found, error.way_out
    return (
        "This could not be looked at: the system did not let FedFlex in.",
        "Check that the folder belongs to you and that its disk is there, then try again.",
    )
