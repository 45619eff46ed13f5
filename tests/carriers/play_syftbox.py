"""The same studies on SyftBox: everybody with a datasite of their own, carried only to who may read it."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from fedflex_core.exchange.carriers import Carrier, carrier_at

from .play import RESEARCHER, Computers, MadeStudy, owners
from .simulated import Faults, SimulatedCarrier

__all__ = ["FORMS", "OnSyftBox", "readers_of"]

FORMS = ("syftperm.yaml", "syft.pub.yaml")
"""Names of the access files, of the first program that carries a SyftBox and of its successor."""
_STUDY = "app_data/fedflex/films"


class OnSyftBox(Computers):
    """A SyftBox on every computer, and a carrier that brings a leaf only to whom its access file names.

    Args:
        made: The study.
        place: A new folder.
        faults: What goes wrong on the way.
        seed: Decides it.
        form: Which of the two access files this SyftBox goes by.
    """

    def __init__(self, made: MadeStudy, place: Path, faults: Faults, seed: int, form: str) -> None:
        self.emails = {name: f"{name}@mail.example" for name in owners(made)}
        self.carrier = SimulatedCarrier(
            place / "sites", faults, seed, partial(self._may_read, form)
        )
        for name, email in self.emails.items():
            self.carrier.site(name, [f"datasites/{email}"])
            (self.carrier.root / name / "datasites" / email).mkdir(parents=True)
        made.lay_out(self.study_of(RESEARCHER, RESEARCHER), place / "homes")

    def study_of(self, name: str, whose: str) -> Path:
        """Somebody's part of the study, as it lies on one computer."""
        return self.carrier.root / name / "datasites" / self.emails[whose] / _STUDY

    def at(self, name: str) -> Carrier:
        return carrier_at(self.study_of(name, RESEARCHER), "syftbox", self.emails[name])

    def later(self, calm: bool) -> None:
        self.carrier.tick(faults=Faults.none() if calm else None)

    def settle(self, between: Any) -> None:
        self.carrier.settle(between=between)

    def _may_read(self, form: str, folder: Path, name: str) -> bool:
        return not {"*", self.emails[name]}.isdisjoint(readers_of(folder, form))


def readers_of(leaf: Path, form: str) -> frozenset[str]:
    """Who may read a leaf by one of its access files; nobody if there is none, or only half of one."""
    try:
        return _named_in((leaf / form).read_bytes(), form)
    except (OSError, yaml.YAMLError):
        return frozenset()


@cache
def _named_in(content: bytes, form: str) -> frozenset[str]:
    said: Any = yaml.safe_load(content)
    if form == "syftperm.yaml":
        rules = [rule for rule in said if rule["path"] == "**" and "read" in rule["permissions"]]
        return frozenset(rule["user"] for rule in rules)
    rules = [rule for rule in said["rules"] if rule["pattern"] == "**"]
    return frozenset(who for rule in rules for who in rule["access"]["read"])
