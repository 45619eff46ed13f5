"""Embed the bundled catalogue again: `python -m fedflex_core.viewing.build_embeddings`.

Needed after every change of `data/catalogue.csv`, with the extra `embeddings` installed; the tests
say so when it was forgotten.
"""

from __future__ import annotations

from pathlib import Path

from fedflex_core.viewing.catalogue import load_bundled
from fedflex_core.viewing.embeddings import embed_catalogue, save_embeddings
from fedflex_core.viewing.encoder import Progress

__all__ = ["build"]


def build(folder: Path, progress: Progress | None = None) -> None:
    """Write `catalogue.csv` in its canonical form and `embeddings.safetensors` into `folder`."""
    catalogue = load_bundled()
    catalogue.to_csv(folder / "catalogue.csv")
    save_embeddings(embed_catalogue(catalogue, progress), folder / "embeddings.safetensors")


if __name__ == "__main__":
    build(Path(__file__).parent / "data")
