"""A small made-up study that can be laid out on any carrier: twenty series, and people who watched some."""

from functools import cache
from pathlib import Path

import numpy as np

from fedflex_core.exchange.invitation import Invitation
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.helper import helper_keys
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from ..worlds import TITLES, export_of, small_catalogue, small_embeddings

__all__ = ["make_study", "watched_by"]


def make_study(
    shared: Path, homes: Path, design: StudyDesign, people: int = 0
) -> tuple[Aggregator, list[Invitation]]:
    """Open a study in a plain folder, with an invitation for each person.

    Args:
        shared: The study folder.
        homes: The researcher's home is made in it, and a helper's where the design needs one.
        design: The study's parameters.
        people: How many invitations.
    """
    catalogue, embeddings = _items()
    helper = helper_keys(homes / "helper") if design.privacy.mode == "distributed" else None
    aggregator = Aggregator.create(
        shared, design, catalogue, embeddings, homes / "researcher", helper
    )
    return aggregator, aggregator.admission.invite(people)


def watched_by(number: int) -> bytes:
    """The export of one of the people: four to eight series, each watched for a few days."""
    rng = np.random.default_rng(number)
    watched = rng.choice(len(TITLES), size=int(rng.integers(4, 9)), replace=False)
    return export_of({TITLES[item]: int(rng.integers(1, 6)) for item in watched})


@cache
def _items() -> tuple[Catalogue, CatalogueEmbeddings]:
    catalogue = small_catalogue()
    return catalogue, small_embeddings(catalogue)
