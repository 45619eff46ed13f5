"""An invitation: which study is meant, and whose signature to believe.

It travels another way than the study folder, by mail or by hand: whoever can write in the folder could
put another study there, but cannot change the invitation.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from fedflex_core.errors import FedFlexError
from fedflex_core.exchange.public_records import StudyRecord
from fedflex_core.exchange.record import Id, Sha256, Strict

__all__ = ["BadInvitation", "Invitation", "WrongStudy", "new_token"]

_MOST_BYTES = 10_000


class BadInvitation(FedFlexError):
    """The file is no invitation."""


class WrongStudy(FedFlexError):
    """The folder holds another study than the invitation is for."""


class Invitation(Strict):
    """What the file says.

    >>> invitation = Invitation(study="0" * 16, fingerprint="a" * 64)
    >>> Invitation.parse(invitation.to_bytes()) == invitation
    True
    """

    fedflex_invitation: Literal[1] = 1
    study: Id
    fingerprint: Sha256
    """Of the aggregator's public keys."""
    token: str | None = Field(default=None, min_length=16, max_length=100)
    """Lets one person in, where a study asks for it."""

    @classmethod
    def parse(cls, content: bytes) -> Invitation:
        """Read an invitation.

        Raises:
            BadInvitation: It is none.
        """
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            raise BadInvitation(
                "The file is not an invitation, or not whole.",
                "The invitation that the researcher sent you.",
                "Ask for it again.",
            ) from None

    @classmethod
    def read(cls, place: Path) -> Invitation:
        """Read an invitation's file.

        Raises:
            BadInvitation: There is no such file, or it is no invitation.
        """
        try:
            with open(place, "rb") as file:
                content = file.read(_MOST_BYTES)
        except OSError:
            raise BadInvitation(
                "The invitation's file cannot be opened.",
                "The invitation that the researcher sent you.",
                "Check its path.",
            ) from None
        return cls.parse(content)

    def to_bytes(self) -> bytes:
        """The invitation as a file."""
        return self.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"

    def check(self, study: StudyRecord) -> None:
        """Make sure that a folder holds the study that is meant.

        Raises:
            WrongStudy: It does not.
        """
        if (study.study, study.aggregator.fingerprint) != (self.study, self.fingerprint):
            raise WrongStudy(
                "The study in this folder is not the one that your invitation is for.",
                "The study of the researcher who invited you.",
                "Nothing was shared. Check the folder; if it is right, tell the researcher.",
            )


def new_token() -> str:
    """A token that lets one person in.

    >>> len(new_token())
    32
    """
    return secrets.token_hex(16)
