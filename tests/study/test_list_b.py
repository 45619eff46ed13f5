"""What list B takes beside scores and titles, and that none of it leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.exchange.personal_records import ImpressionRecord
from fedflex_core.exchange.sealing import letter_content, unsigned
from fedflex_core.lists.recommend import ListsConfig
from fedflex_core.study import participant as of_participant
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import BadDesign, StudyDesign
from fedflex_core.study.list_b import metadata_of, weight_of_relevance
from fedflex_core.study.participant import Participant
from fedflex_core.viewing.catalogue import read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

from .conftest import as_read, sent_letters

Open = Callable[[StudyDesign], Aggregator]
OWN = ListsConfig(own_lambda=True)


@pytest.fixture
def join(
    open_study: Open, design: StudyDesign, tmp_path: Path
) -> Callable[[ListsConfig], tuple[Aggregator, Participant]]:
    """Open a study with such lists, and seat somebody who liked two dramas and a comedy."""

    def seat(lists: ListsConfig) -> tuple[Aggregator, Participant]:
        study = open_study(design.model_copy(update={"lists": lists}))
        taken = Participant.take_seat(
            study.study.folder.path, tmp_path / "anna", np.random.default_rng(0)
        )
        titles = ("Amber Coast", "Dust Orchard", "Blue Harbour")
        rows = [f'"{title}: Season 1: {part}","1/14/24"' for title in titles for part in "ABC"]
        taken.watched.load("\n".join(["Title,Date", *rows, ""]).encode())
        taken.train_and_share()
        return study, taken

    return seat


def click_only(taken: Participant, side: str, arm: str = "svd") -> int:
    """Click whatever one list shows and the other does not; how many those are."""
    shown = taken.show(arm)
    other = shown.lists["B" if side == "A" else "A"]
    ranks = [rank for rank, item in enumerate(shown.lists[side], 1) if item not in other]
    for rank in ranks:
        taken.comparisons.click(shown, side, rank)
    taken.comparisons.finish(shown, none=not ranks)
    taken.publish()
    return len(ranks)


def lambda_given(taken: Participant, monkeypatch: pytest.MonkeyPatch) -> float:
    """The weight of relevance that the lists of the newest round are made with."""
    given = []
    honest = of_participant.two_lists
    monkeypatch.setattr(
        of_participant,
        "two_lists",
        lambda *args, **options: given.append(options["lambda_"]) or honest(*args, **options),
    )
    taken.lists("svd")
    monkeypatch.setattr(of_participant, "two_lists", honest)
    return given[0]


@pytest.mark.parametrize(("side", "arm"), [("A", "svd"), ("B", "svd"), ("B", "bpr")])
def test_clicks_on_one_list_move_the_next_rounds_lambda(
    join: Callable, monkeypatch: pytest.MonkeyPatch, side: str, arm: str
) -> None:
    """Those of either arm: a taste for difference is the person's, not the algorithm's."""
    study, taken = join(OWN)
    assert lambda_given(taken, monkeypatch) == 0.3
    clicked = click_only(taken, side, arm)
    assert clicked > 0
    assert lambda_given(taken, monkeypatch) == 0.3, "a round's lists have one lambda"
    study.run_round()
    taken.train_and_share()
    expected = (3 + (clicked if side == "A" else 0)) / (10 + clicked)
    assert lambda_given(taken, monkeypatch) == pytest.approx(expected)


def test_without_such_clicks_lambda_is_the_studys(
    join: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, taken = join(OWN)
    shown = taken.show("svd")
    taken.comparisons.click(shown, "A", 1)  # the first of A is the first of B
    taken.comparisons.click(shown, "B", 2)
    taken.comparisons.click(shown, "B", 2, selected=False)
    taken.comparisons.finish(shown)
    study.run_round()
    taken.train_and_share()
    assert lambda_given(taken, monkeypatch) == 0.3


def test_a_study_without_it_keeps_its_lambda(
    join: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, taken = join(ListsConfig(lambda_=0.4))
    assert click_only(taken, "B") > 0
    study.run_round()
    taken.train_and_share()
    assert lambda_given(taken, monkeypatch) == 0.4


def test_it_is_the_same_after_a_restart(join: Callable, tmp_path: Path) -> None:
    study, taken = join(OWN)
    click_only(taken, "B")
    study.run_round()
    again = Participant.take_seat(taken.study.folder.path, tmp_path / "anna")
    before, after = (weight_of_relevance(OWN, one.comparisons, 1) for one in (taken, again))
    assert before == after < 0.3


def test_no_file_holds_a_lambda_of_ones_own(join: Callable, tmp_path: Path) -> None:
    study, taken = join(OWN)
    click_only(taken, "B")
    study.run_round()
    taken.train_and_share()
    click_only(taken, "A")
    own = weight_of_relevance(OWN, taken.comparisons, 1)
    written = [np.array(own, kind).tobytes() for kind in ("<f4", ">f4", "<f8", ">f8")]
    written.append(repr(own)[:6].encode())
    shared = as_read(study, tmp_path / "study" / "participants")
    private = {one: one.read_bytes() for one in (tmp_path / "anna").rglob("*") if one.is_file()}
    assert len(shared) > 10
    for place, content in (shared | private).items():
        # The private folder pins the study's description, and with it the study's own lambda.
        assert place.name == "study.json" or b"lambda" not in content, place.name
        assert not any(value in content for value in written), place.name


def test_what_is_shown_is_recorded_as_ever(join: Callable) -> None:
    study, taken = join(OWN)
    taken.show("svd")
    taken.publish()
    letters = sent_letters(study, taken).items()
    (place,) = [place for place, record in letters if isinstance(record, ImpressionRecord)]
    content = json.loads(unsigned(letter_content(place.read_bytes(), study.identity)))
    assert set(content) == set(ImpressionRecord.model_fields)


def test_proportions_are_those_of_what_may_be_learned_from(join: Callable) -> None:
    """A series that is left out has no say in them."""
    _, taken = join(ListsConfig(reranker="calibrated", lambda_=0.05))
    catalogue = taken.study.catalogue
    comedy = catalogue.index_of("blue-harbour")

    def genres() -> list[str]:
        return sorted(catalogue.genres[item][0] for item in taken.lists("svd").b)

    assert genres() == ["Comedy", "Comedy", "Drama", "Drama", "Drama"]
    taken.watched.use(comedy, False)
    assert genres() == ["Drama"] * 5


def test_lists_by_metadata_of_a_catalogue_without_cast(join: Callable) -> None:
    _, taken = join(ListsConfig(similarity="metadata"))
    lists = taken.lists("svd")
    assert lists.a[0] == lists.b[0]
    assert len(set(lists.b)) == 5


def test_metadata_is_the_catalogues() -> None:
    catalogue = read_catalogue(b"title,genres,cast\nDark,Sci-Fi|Mystery,Ann|Bo\nArcane,,\n")
    rows = np.eye(2, 384, dtype=np.float32)
    text = rows[::-1].copy()
    known = metadata_of(catalogue, CatalogueEmbeddings(rows, text, catalogue.content_hash))
    dark = catalogue.index_of("dark")
    assert (known.genres[dark], known.cast[dark]) == (("Sci-Fi", "Mystery"), ("Ann", "Bo"))
    assert (known.genres[1 - dark], known.cast[1 - dark]) == ((), ())
    assert known.text is text


def test_settings_that_are_none_are_refused() -> None:
    for lists in (
        {"reranker": "best"},
        {"similarity": "genres"},
        {"own_lambda": True, "lambda_": 1},
    ):
        with pytest.raises(BadDesign, match="lists"):
            StudyDesign.parse({"name": "Odd", "lists": lists})


def test_a_study_of_before_these_settings_opens_as_it_was() -> None:
    old = {"name": "Old", "lists": {"length": 5, "lambda_": 0.3, "candidate_pool": 50}}
    assert StudyDesign.parse(old).lists == ListsConfig()
