"""A catalogue and its embeddings are two files that know each other."""

from pathlib import Path

import numpy as np
import pytest

from fedflex_core.viewing.catalogue import BadCatalogue, read_catalogue
from fedflex_core.viewing.catalogue.pair import CannotKeep, pair_paths, read_pair, write_pair
from fedflex_core.viewing.embeddings import BadEmbeddings, CatalogueEmbeddings
from fedflex_core.viewing.embeddings.encoder import DIMENSIONS

CATALOGUE = read_catalogue(b"title\nA Storm\nThe Tower\n")
ROWS = np.eye(2, DIMENSIONS, dtype=np.float32)
EMBEDDINGS = CatalogueEmbeddings(ROWS, ROWS, CATALOGUE.content_hash)


@pytest.mark.parametrize("name", ["mine", "mine.csv", "mine.safetensors"])
def test_any_of_its_names_will_do(tmp_path: Path, name: str) -> None:
    write_pair(tmp_path / name, CATALOGUE, EMBEDDINGS)
    assert sorted(place.name for place in tmp_path.iterdir()) == ["mine.csv", "mine.safetensors"]
    catalogue, embeddings = read_pair(tmp_path / name)
    assert catalogue.content_hash == CATALOGUE.content_hash == embeddings.catalogue_hash
    np.testing.assert_array_equal(embeddings.title, ROWS)


def test_a_version_number_is_no_ending(tmp_path: Path) -> None:
    assert [place.name for place in pair_paths(tmp_path / "v1.2")] == [
        "v1.2.csv",
        "v1.2.safetensors",
    ]


def test_a_changed_catalogue_is_noticed(tmp_path: Path) -> None:
    write_pair(tmp_path / "mine", CATALOGUE, EMBEDDINGS)
    read_catalogue(b"title\nA Storm\nThe Towel\n").to_csv(tmp_path / "mine.csv")
    with pytest.raises(BadEmbeddings, match="another catalogue"):
        read_pair(tmp_path / "mine")


def test_a_missing_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue):
        read_pair(tmp_path / "mine")
    CATALOGUE.to_csv(tmp_path / "mine.csv")
    with pytest.raises(BadEmbeddings):
        read_pair(tmp_path / "mine")


def test_a_folder_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotKeep):
        write_pair(tmp_path / "none" / "mine", CATALOGUE, EMBEDDINGS)


def test_a_full_disk_leaves_the_older_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pair(tmp_path / "mine", CATALOGUE, EMBEDDINGS)
    before = (tmp_path / "mine.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotKeep, match="No space"):
        write_pair(tmp_path / "mine", read_catalogue(b"title\nOther\nThing\n"), EMBEDDINGS)
    assert (tmp_path / "mine.csv").read_bytes() == before


def test_without_a_path_it_is_the_bundled_one() -> None:
    catalogue, embeddings = read_pair()
    assert len(catalogue) == len(embeddings.text)
