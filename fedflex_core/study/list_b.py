"""What list B takes beside scores and titles: what else is known of the series, and a weight of relevance."""

from __future__ import annotations

from fedflex_core.lists.own_lambda import clicks_in_one_list, own_lambda
from fedflex_core.lists.recommend import ListsConfig
from fedflex_core.lists.similarity import Metadata
from fedflex_core.study.comparisons import Comparisons
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

__all__ = ["metadata_of", "weight_of_relevance"]


def metadata_of(catalogue: Catalogue, embeddings: CatalogueEmbeddings) -> Metadata:
    """The text, genres and cast of every series, in the catalogue's order.

    Args:
        catalogue: The series; genres and cast may be empty for some or for all of them.
        embeddings: Those of this catalogue.

    Raises:
        ValueError: The embeddings are of another number of series.
    """
    return Metadata(embeddings.text, catalogue.genres, list(catalogue.items["cast"]))


def weight_of_relevance(config: ListsConfig, comparisons: Comparisons, number: int) -> float:
    """The λ of one person's lists in round ``number``: the study's, or their own, see :func:`own_lambda`.

    Their own follows from their clicks in all arms in the rounds before, so that every arm of a round
    has the same, in whichever order they are looked at. It is worked out anew each time: no file holds it.

    Args:
        config: The study's settings of lists.
        comparisons: What this person was shown, and what they answered.
        number: The round that the lists are for; those of round 0 have the study's λ.
    """
    if not config.own_lambda:
        return config.lambda_
    relevant = diverse = 0
    for earlier in range(number):
        for shown in comparisons.shown(earlier):
            clicks = comparisons.answers(shown).clicks
            only_a, only_b = clicks_in_one_list(shown.lists["A"], shown.lists["B"], clicks)
            relevant, diverse = relevant + only_a, diverse + only_b
    return own_lambda(config.lambda_, relevant, diverse)
