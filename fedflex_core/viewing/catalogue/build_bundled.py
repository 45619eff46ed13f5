"""Make the bundled catalogue anew: `python -m fedflex_core.viewing.catalogue.build_bundled`.

Needed after every change of `data/catalogue.csv`, with the extra `embeddings` installed; the tests say so when
it was forgotten. Afterwards `fedflex catalogue check` tells whether the change contradicts other lists.
"""

from __future__ import annotations

import json
from pathlib import Path

from fedflex_core.viewing.catalogue.items import load_bundled
from fedflex_core.viewing.catalogue.pair import write_pair
from fedflex_core.viewing.catalogue.row import CatalogueRow
from fedflex_core.viewing.embeddings import embed_catalogue
from fedflex_core.viewing.embeddings.encoder import Progress

__all__ = ["build", "schema"]


def schema() -> str:
    """The catalogue's columns and what each may hold, as JSON Schema (draft 2020-12)."""
    return json.dumps(CatalogueRow.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def build(folder: Path, progress: Progress | None = None, cache: Path | None = None) -> None:
    """Write the catalogue in its canonical form, its schema and its embeddings into `folder`."""
    catalogue = load_bundled()
    write_pair(folder / "catalogue", catalogue, embed_catalogue(catalogue, progress, cache))
    (folder / "catalogue.schema.json").write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    build(Path(__file__).parent / "data")
