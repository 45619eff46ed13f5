"""Who may take part: everybody, whoever has an invitation, or those whose numbers are written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.invitation import Invitation, new_token
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.outbox import alone, read_private, write_private
from fedflex_core.exchange.personal_records import JoinRecord
from fedflex_core.study.opened import OpenedStudy

__all__ = ["Admission", "DamagedDoor", "NotAskedFor"]


class DamagedDoor(FedFlexError):
    """Who may take part cannot be read any more."""


class NotAskedFor(FedFlexError):
    """The study lets people in another way."""


class Admission:
    """The door of one study, kept in the aggregator's private folder.

    Args:
        study: The opened study.
        private: The aggregator's private folder.
        identity: The aggregator's keys.
    """

    def __init__(self, study: OpenedStudy, private: Path, identity: Identity) -> None:
        self._study = study
        self._place = private / "admission.json"
        self._identity = identity

    def invite(self, people: int = 1) -> list[Invitation]:
        """Invitations to hand out: one for each person where the study asks for tokens.

        They are valid once they are on the disk; what is kept here is a hash of each token.

        Raises:
            CannotWrite: The private disk takes no files.
        """
        made = [self._invitation(self._token()) for _ in range(people)]
        tokens = {_hashed(one.token): None for one in made if one.token is not None}
        if tokens:
            with self._changing() as stored:
                stored["tokens"] |= tokens
        return made

    def write_down(self, numbers: Iterable[str]) -> None:
        """Let in the participants of these numbers.

        Raises:
            NotAskedFor: The study has no list.
        """
        if self._study.design.joining != "roster":
            raise NotAskedFor(
                "This study does not go by a list of participants.",
                "A study that was opened with `joining` set to roster.",
                "Nothing was changed.",
            )
        with self._changing() as stored:
            stored["roster"] = sorted({*stored["roster"], *numbers})

    def refusal(self, participant: str) -> str | None:
        """Why somebody may not take part, or None if they may."""
        joining = self._study.design.joining
        if joining == "open":
            return None
        if joining == "roster":
            return None if participant in self._read()["roster"] else "it is not on the roster"
        if participant in self._read()["tokens"].values():
            return None
        reason: str | None = "it has shown no invitation"
        for join in self._study.folder.sealed(
            participant, JoinRecord, self._study.id, self._identity
        ):
            if join.token is not None:
                reason = self._use(_hashed(join.token), participant)
                if reason is None:
                    return None
        return reason

    def _use(self, token: str, participant: str) -> str | None:
        """Let somebody in by a token; why not, or None if that was done."""
        if token not in self._read()["tokens"]:
            return "its invitation is not one of this study's"
        with self._changing() as stored:
            if stored["tokens"][token] not in (None, participant):
                return "its invitation was used by somebody else before"
            stored["tokens"][token] = participant
        return None

    def _token(self) -> str | None:
        return new_token() if self._study.design.joining == "token" else None

    def _invitation(self, token: str | None) -> Invitation:
        fingerprint = self._identity.public.fingerprint
        return Invitation(study=self._study.id, fingerprint=fingerprint, token=token)

    def _read(self) -> dict[str, Any]:
        content = read_private(self._place)
        try:
            stored = json.loads(content) if content else {"tokens": {}, "roster": []}
            return {"tokens": dict(stored["tokens"]), "roster": list(stored["roster"])}
        except (ValueError, TypeError, KeyError):
            raise DamagedDoor(
                "The file that says who may take part is damaged.",
                "admission.json in your private folder, as it was written.",
                "Put it back from a copy; until then nobody is let in, and nothing was changed.",
            ) from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        with alone(self._place.with_suffix(".lock")):  # a page and a command at once
            stored = self._read()
            yield stored
            write_private(self._place, json.dumps(stored, indent=1).encode())


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
