"""A person's viewing history: from the bytes of an export to a typed table, every row accounted for."""

from fedflex_core.viewing.history.history import (
    MAX_EXPORT_BYTES,
    SHORTEST_VIEWING,
    History,
    HistoryReport,
    NoSuchProfile,
    NotAnExport,
    read_history,
)

__all__ = [
    "MAX_EXPORT_BYTES",
    "SHORTEST_VIEWING",
    "History",
    "HistoryReport",
    "NoSuchProfile",
    "NotAnExport",
    "read_history",
]
