"""From the name in a history to an item of the catalogue, or to none: a wrong match is worse."""

from fedflex_core.viewing.matching.matcher import Match, Matcher

__all__ = ["Match", "Matcher"]
