"""How alike two series are by title, text, genres and cast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedflex_core.lists.recommend import ListsConfig, two_lists
from fedflex_core.lists.similarity import Metadata, metadata_rows

NAMES = st.lists(st.sampled_from("abcdef"), max_size=4)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cosine_of_sets(one: list[str], other: list[str]) -> float:
    return len(set(one) & set(other)) / np.sqrt(len(set(one)) * len(set(other)))


def test_twins_that_titles_cannot_tell_are_told_by_what_they_are_about() -> None:
    """Items 0 and 1 are one idea under two names; 2 is another under a third name."""
    titles = np.eye(3)  # three titles, none like another
    text = unit(np.array([[1, 0.1, 0], [1, 0.2, 0], [0, 0, 1.0]]))
    genres = [("Crime", "Drama"), ("Crime", "Drama"), ("Comedy",)]
    cast = [("Ann", "Bo"), ("Ann", "Bo"), ("Cy", "Di")]
    scores = np.array([1.0, 0.9, 0.5])
    by_titles = two_lists(scores, titles, [], ListsConfig(length=2))
    by_metadata = two_lists(
        scores,
        titles,
        [],
        ListsConfig(length=2, similarity="metadata"),
        metadata=Metadata(text, genres, cast),
    )
    assert by_titles.b == (0, 1), "to their titles the twins are strangers"
    assert by_metadata.b == (0, 2)
    assert by_metadata.a == by_titles.a == (0, 1)


@given(st.integers(0, 2**32 - 1), st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=6))
def test_it_is_the_mean_of_four_cosines_where_all_is_known(
    seed: int, names: list[tuple[list[str], list[str]]]
) -> None:
    rng = np.random.default_rng(seed)
    titles, text = (unit(rng.normal(size=(len(names), 5))) for _ in range(2))
    genres, cast = zip(*names, strict=True)
    rows = metadata_rows(titles, Metadata(text, genres, cast), range(len(names)))
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)
    one, other = 0, 1
    if all((*names[one], *names[other])):
        cosines = (
            titles[one] @ titles[other],
            text[one] @ text[other],
            cosine_of_sets(genres[one], genres[other]),
            cosine_of_sets(cast[one], cast[other]),
        )
        assert rows[one] @ rows[other] == pytest.approx(np.mean(cosines), abs=1e-6)


def test_a_catalogue_without_genres_or_cast_compares_by_what_it_has() -> None:
    rng = np.random.default_rng(0)
    titles, text = (unit(rng.normal(size=(4, 5))) for _ in range(2))
    nothing = [()] * 4
    rows = metadata_rows(titles, Metadata(text, nothing, nothing), range(4))
    assert rows @ rows.T == pytest.approx((titles @ titles.T + text @ text.T) / 2, abs=1e-6)


def test_being_less_known_is_no_difference() -> None:
    """One series' cast is unknown; all else is the same. It is nearer than one of another cast."""
    alike = np.tile([1.0, 0.0], (3, 1))
    known = Metadata(alike, [("Drama",)] * 3, [("Ann", "Bo"), (), ("Cy", "Di")])
    rows = metadata_rows(alike, known, range(3))
    assert rows[1] @ rows[1] == pytest.approx(1)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_rows_are_those_of_the_items_asked_for() -> None:
    titles = np.eye(4)
    known = Metadata(titles, [("a",), ("b",), ("c",), ("d",)], [()] * 4)
    whole = metadata_rows(titles, known, range(4))
    some = metadata_rows(titles, known, (3, 1))
    assert some @ some.T == pytest.approx((whole @ whole.T)[np.ix_((3, 1), (3, 1))])


def test_metadata_is_of_every_item() -> None:
    with pytest.raises(ValueError, match="every item"):
        Metadata(np.eye(2), [("a",), ("b",)], [()])


def test_lists_that_need_metadata_say_so() -> None:
    for config in (ListsConfig(similarity="metadata"), ListsConfig(reranker="calibrated")):
        with pytest.raises(ValueError, match="need metadata"):
            two_lists(np.ones(3), np.eye(3), [], config)
