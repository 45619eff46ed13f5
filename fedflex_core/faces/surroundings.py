"""What a page is told when it is served: which study, on what carrier, by which invitation.

A served notebook is a process of its own; the command line tells it through variables.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fedflex_core.exchange.carriers import Carrier, CarrierKind, carrier_at
from fedflex_core.exchange.invitation import Invitation
from fedflex_core.exchange.keys import PublicKeys
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.demo import waiting_demo
from fedflex_core.study.design import PrivacyDesign
from fedflex_core.study.helper import Helper, read_keys

__all__ = ["Surroundings", "helper_here"]


@dataclass(frozen=True)
class Surroundings:
    """Where a page finds its study.

    >>> Surroundings(Path("study"), invitation=Path("mine.json")).variables()["FEDFLEX_INVITATION"]
    'mine.json'
    """

    study: Path
    carrier: CarrierKind = "folder"
    datasite: str | None = None
    invitation: Path | None = None
    catalogue: Path | None = None
    helper: Path | None = None

    @classmethod
    def from_environment(cls) -> Surroundings | None:
        """What the command line said, or None if no study was named."""
        said = {name: os.environ.get(variable) or None for name, variable in _VARIABLES.items()}
        if said["study"] is None:
            return None
        return cls(
            study=Path(said["study"]),
            carrier="syftbox" if said["carrier"] == "syftbox" else "folder",
            datasite=said["datasite"],
            **{name: Path(text) if (text := said[name]) else None for name in _FILES},
        )

    def variables(self) -> dict[str, str]:
        """The same as variables, for a page that is to be served."""
        values = {name: getattr(self, name) for name in _VARIABLES}
        return {_VARIABLES[name]: str(value) for name, value in values.items() if value is not None}

    def where(self) -> Carrier:
        """The study's carrier.

        Raises:
            NotADatasite: It is to be SyftBox, and the path is none there.
        """
        return carrier_at(self.study, self.carrier, self.datasite)

    def invited(self) -> Invitation | None:
        """The invitation that was named, read.

        Raises:
            BadInvitation: It is none.
        """
        return Invitation.read(self.invitation) if self.invitation else None

    def helper_keys(self) -> PublicKeys | None:
        """The public keys of the helper that was named.

        Raises:
            BadKeys: The file holds none.
        """
        return read_keys(self.helper) if self.helper else None


def helper_here() -> Helper:
    """The helper of the study that ``FEDFLEX_STUDY`` names, or of a demo whose aggregator has just called."""
    around = Surroundings.from_environment()
    if around is not None:
        return Helper.open(around.where())
    demo = waiting_demo(PrivacyDesign(mode=Mode.DISTRIBUTED))
    demo.aggregator.ask_helper()
    assert demo.helper is not None
    return demo.helper


_VARIABLES = {
    name: f"FEDFLEX_{name.upper()}"
    for name in ("study", "carrier", "datasite", "invitation", "catalogue", "helper")
}
_FILES = ("invitation", "catalogue", "helper")
