"""Names in a study folder that nobody is to blame for: what sync programs and systems leave behind."""

from __future__ import annotations

import re

__all__ = ["is_passing"]

_ACCESS_FILES = {"syftperm.yaml", "syft.pub.yaml", "_.syftperm", "syft.sub.yaml", "syftignore"}
_SYSTEM_FILES = {"desktop.ini", "thumbs.db", "icon\r"}
_PASSING = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), reason)
    for pattern, reason in (
        (r"\A~|~\Z|\.(tmp|part)\Z|\.tmp[.-]", "a temporary file"),
        (
            r"\.(conflict|rejected)(\.|\Z)|\.syft(conflict|rejected)|\.sync-conflict-|_conflict-\d"
            r"|\(.*(conflict|case clash).*\)",
            "a conflict copy made by a sync program",
        ),
        (r"\(.*\)", "a second copy made by a sync program"),
        (r"\A\.", "a hidden file"),
    )
)


def is_passing(name: str) -> str | None:
    """Why a file of this name is passed over although it is nobody's fault; None if it is not.

    >>> is_passing("round-0001.conflict.json")
    'a conflict copy made by a sync program'
    >>> is_passing("round-0001.json") is None
    True
    """
    if name.lower() in _ACCESS_FILES:
        return "an access file of the carrier"
    if name.lower() in _SYSTEM_FILES:
        return "a file of the operating system"
    return next((reason for pattern, reason in _PASSING if pattern.search(name)), None)
