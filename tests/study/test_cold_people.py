"""Who has watched next to nothing gets sensible lists from the first round on."""

import numpy as np
import pytest

from fedflex_core.learning.arms import ARMS
from fedflex_core.learning.factors import Model, Ratings
from fedflex_core.lists.recommend import ListsConfig, two_lists
from fedflex_core.study.design import StudyDesign
from fedflex_core.study.opening import round_zero
from fedflex_core.viewing.catalogue import Catalogue, load_bundled
from fedflex_core.viewing.embeddings import CatalogueEmbeddings, bundled_embeddings


@pytest.fixture(scope="module")
def known() -> tuple[Catalogue, CatalogueEmbeddings, Model]:
    catalogue = load_bundled()
    embeddings = bundled_embeddings(catalogue)
    return catalogue, embeddings, round_zero(StudyDesign(name="x"), catalogue, embeddings)


def lists_of(
    arm: str, known: tuple[Catalogue, CatalogueEmbeddings, Model], titles: list[str]
) -> tuple[list[int], list[int]]:
    catalogue, embeddings, model = known
    watched = np.array([catalogue.titles.index(title) for title in titles], np.int64)
    ratings = Ratings(watched, np.full(len(watched), 5.0, np.float32))
    user, _ = ARMS[arm].fit(model, ratings, ARMS[arm].config(), np.random.default_rng(0))
    lists = two_lists(model.scores(user), embeddings.title, watched.tolist(), ListsConfig())
    return list(lists.a), list(lists.b)


@pytest.mark.parametrize("arm", ["svd", "bpr"])
@pytest.mark.parametrize(
    ("titles", "language"),
    [(["Crash Landing on You"], "ko"), (["Naruto", "One Piece"], "ja")],
)
def test_one_or_two_series_already_say_what_a_person_watches(
    arm: str,
    titles: list[str],
    language: str,
    known: tuple[Catalogue, CatalogueEmbeddings, Model],
) -> None:
    spoken = known[0].items["language"]
    for shown in lists_of(arm, known, titles):
        assert sum(spoken.iloc[item] == language for item in shown) >= 3


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_what_is_well_known_and_near_comes_first(
    arm: str, known: tuple[Catalogue, CatalogueEmbeddings, Model]
) -> None:
    """One series does not carry a person off to what nobody has heard of."""
    votes = known[0].popularity
    for title in ("Narcos", "Dark", "The Crown"):
        shown, _ = lists_of(arm, known, [title])
        assert np.median(votes[shown]) > np.nanmedian(votes)
        assert known[0].titles.index(title) not in shown


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_nothing_watched_is_the_public_order(
    arm: str, known: tuple[Catalogue, CatalogueEmbeddings, Model]
) -> None:
    shown, _ = lists_of(arm, known, [])
    assert shown == np.argsort(-known[2].item_bias, kind="stable")[:5].tolist()
