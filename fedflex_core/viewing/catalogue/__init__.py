"""What can be watched: the bundled catalogue, and those that are made of other lists."""

from fedflex_core.viewing.catalogue.items import (
    COLUMNS,
    GENRES,
    BadCatalogue,
    Catalogue,
    load_bundled,
    read_catalogue,
)

__all__ = ["COLUMNS", "GENRES", "BadCatalogue", "Catalogue", "load_bundled", "read_catalogue"]
