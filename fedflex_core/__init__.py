"""FedFlex: a live study of federated recommendation that people open in a browser.

Read the folders in the order in which a viewing travels: ``viewing``, ``learning``, ``lists``,
``exchange``, ``study``, ``faces``. The names below are the public face; each is loaded when it is first
asked for, so that a page can be there before its numbers.

>>> import fedflex_core
>>> fedflex_core.StudyDesign(name="Pilot").rounds
5
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FACE = {
    "ARMS": "learning.arms",
    "Aggregator": "study.aggregator",
    "Catalogue": "viewing.catalogue",
    "FedFlexError": "errors",
    "History": "viewing.history",
    "Matcher": "viewing.matching",
    "Model": "learning.factors",
    "OpenedStudy": "study.opened",
    "Participant": "study.participant",
    "PrivacyDesign": "study.design",
    "Ratings": "learning.factors",
    "StudyDesign": "study.design",
    "aggregate": "learning.aggregation",
    "build_catalogue": "viewing.catalogue.building",
    "bundled_embeddings": "viewing.embeddings",
    "bundled_rules": "viewing.ratings",
    "epsilon_spent": "learning.privacy",
    "evaluate": "study.evaluation",
    "federate": "study.federation",
    "list_metrics": "lists.metrics",
    "load_bundled": "viewing.catalogue",
    "local_update": "learning.local_update",
    "mmr": "lists.diversity",
    "noise_multiplier_for": "learning.privacy",
    "public_start": "learning.public_start",
    "rate_viewings": "viewing.ratings",
    "read_catalogue": "viewing.catalogue",
    "read_history": "viewing.history",
    "read_pair": "viewing.catalogue.pair",
    "study_results": "study.results",
    "two_lists": "lists.recommend",
}

__all__ = [*sorted(_FACE), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FACE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
