"""The privacy audit of a seat: what its owner would send next, attacked on their own computer."""

from __future__ import annotations

import secrets

import numpy as np

from fedflex_core.learning.factors import Ratings
from fedflex_core.study.audit import Audit, audit
from fedflex_core.study.federation import Progress
from fedflex_core.study.participant import Participant
from fedflex_core.study.simulation import make_people

__all__ = ["audit_own"]

_OTHERS = 30
"""Made-up people among whom an attacker has to find this one."""


def audit_own(
    participant: Participant,
    arm: str,
    trials: int = 200,
    progress: Progress = lambda _what, _share: None,
) -> Audit:
    """Attack the update that a participant would share next; nothing is kept or sent.

    Args:
        participant: Whose update it is; their history has to be loaded.
        arm: Its arm.
        trials: How many updates are made and attacked.
        progress: Called with what is being done and the share done, 0 to 1.

    Raises:
        NothingKnown: No history was loaded.
    """
    study = participant.study
    current = study.current_round()
    rng = np.random.default_rng(secrets.randbits(128))
    people = make_people(study.catalogue, _OTHERS, rng)
    return audit(
        study.design,
        arm,
        study.model(current, arm),
        participant.known_ratings(),
        min(current.round + 1, study.design.rounds),
        [_ratings(np.array(person.watched)) for person in people],
        rng,
        trials,
        progress,
        group_weights=current.arms[arm].group_weights,
        shared_part=participant.shared_part,
        person=int(participant.id, 16),
    )


def _ratings(watched: np.ndarray) -> Ratings:
    return Ratings(watched.astype(np.int64), np.full(len(watched), 4.0, np.float32))
