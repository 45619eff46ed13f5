"""The researcher's page opens a study of the catalogue that it was started with."""

from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest

from fedflex_core.exchange.carriers import carrier_at
from fedflex_core.faces.aggregator_page import AggregatorPage
from fedflex_core.study.opened import OpenedStudy
from fedflex_core.viewing.catalogue import read_catalogue
from fedflex_core.viewing.catalogue.pair import write_pair
from fedflex_core.viewing.embeddings import CatalogueEmbeddings
from fedflex_core.viewing.embeddings.encoder import DIMENSIONS


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    catalogue = read_catalogue(b"title\n" + b"".join(b"Series %d\n" % n for n in range(30)))
    rows = np.random.default_rng(1).normal(size=(30, DIMENSIONS)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    write_pair(
        tmp_path / "mine", catalogue, CatalogueEmbeddings(rows, rows, catalogue.content_hash)
    )
    return tmp_path / "mine"


@pytest.mark.parametrize("own", [True, False])
def test_a_study_is_made_of_the_catalogue_given(tmp_path: Path, pair: Path, own: bool) -> None:
    folder = tmp_path / "study"
    page = AggregatorPage(
        carrier_at(folder), home=tmp_path / "home", catalogue=pair if own else None
    )
    step = page.study_step()
    words = " ".join(one.value for one in _all(step) if isinstance(one, widgets.HTML))
    assert ("your own catalogue" in words) is own
    (go,) = [one for one in _all(step) if isinstance(one, widgets.Button)]
    go.click()
    assert (len(OpenedStudy.open(folder).catalogue) == 30) is own


def test_a_pair_that_does_not_belong_together_opens_no_study(tmp_path: Path, pair: Path) -> None:
    read_catalogue(b"title\nOther\n").to_csv(pair.with_suffix(".csv"))
    where = carrier_at(tmp_path / "study")
    page = AggregatorPage(where, home=tmp_path / "home", catalogue=pair)
    (go,) = [one for one in _all(page.study_step()) if isinstance(one, widgets.Button)]
    go.click()
    said = " ".join(one.value for one in _all(page.study_step()) if isinstance(one, widgets.HTML))
    assert "another catalogue" in said
    assert not (tmp_path / "study" / "aggregator").exists()


def _all(widget: widgets.Widget) -> list[widgets.Widget]:
    return [widget, *(one for child in getattr(widget, "children", ()) for one in _all(child))]
