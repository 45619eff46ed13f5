"""The one sign that titles which begin alike are episodes, where no word in them says so.

Films that share a name are watched one at a time, and there are few of them; of a series, two
episodes a day or six in all are soon seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

__all__ = ["watched_like_series"]

_MANY = 6


def watched_like_series(days_of_titles: Collection[Collection[int]], *, busy_days: int) -> bool:
    """Whether one person watched these titles as one watches a series.

    Args:
        days_of_titles: For each title, the days it was watched on.
        busy_days: On how many days two titles or more must have been watched, if there are fewer
            than six titles.

    >>> watched_like_series([{1}, {1}, {5}], busy_days=1)
    True
    >>> watched_like_series([{1}, {1}, {5}], busy_days=2)
    False
    """
    titles_on = Counter(day for days in days_of_titles for day in set(days))
    busy = sum(titles > 1 for titles in titles_on.values())
    return len(days_of_titles) >= _MANY or busy >= busy_days
