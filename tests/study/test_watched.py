"""A person is in control of what their model learns from, and what they say is remembered."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.participant import Participant
from fedflex_core.study.told import Told, UnknownSeries, inspect_history, tell
from fedflex_core.study.watched import NothingKnown
from fedflex_core.viewing.catalogue import read_catalogue
from fedflex_core.viewing.history import read_history

from .conftest import as_read

Seat = Callable[..., Participant]
WATCHED = ("Amber Coast", "Dust Orchard", "Glass Parade")
FOREIGN = b"""Title,Date
"Bursztynowe Wybrze\xc5\xbce: Sezon 1: Pocz\xc4\x85tek","14.01.2024"
"Bursztynowe Wybrze\xc5\xbce: Sezon 1: Koniec","15.01.2024"
"Dust Orchard: Season 1: A","15.01.2024"
"""
NAME = "Bursztynowe Wybrzeże"


def _titles(participant: Participant) -> set[str]:
    catalogue = participant.study.catalogue
    return {catalogue.titles[item] for item in participant.watched.ratings["item"]}


def _item(participant: Participant, title: str) -> int:
    return participant.study.catalogue.titles.index(title)


def test_what_is_unticked_is_not_learned_from(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    item = _item(participant, "Amber Coast")
    participant.watched.use(item, False)
    assert _titles(participant) == {"Dust Orchard", "Glass Parade"}
    review = participant.watched.review().set_index("item")
    assert not review.loc[item, "used"] and len(review) == 3
    participant.watched.use(item, True)
    assert _titles(participant) == set(WATCHED)


def test_what_is_unticked_changes_the_model_and_is_not_recommended(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    before = participant._seat.user_factors("svd", 0)
    item = _item(participant, "Amber Coast")
    participant.watched.use(item, False)
    lists = participant.lists("svd")
    assert (participant._seat.user_factors("svd", 0) != before).any()
    assert item not in {*lists.a, *lists.b}


def test_it_stays_unticked_for_a_later_history(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.watched.use(_item(participant, "Amber Coast"), False)
    participant.watched.load(FOREIGN + b'"Amber Coast: Season 1: A","16.01.2024"\n')
    assert _titles(participant) == {"Dust Orchard"}


def test_with_all_unticked_nothing_is_trained(take_seat: Seat) -> None:
    participant = take_seat("anna", "Amber Coast")
    participant.watched.use(_item(participant, "Amber Coast"), False)
    with pytest.raises(NothingKnown, match="may learn from"):
        participant.train_and_share()


def test_a_name_told_makes_its_viewings_count(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.watched.load(FOREIGN)
    (unknown,) = participant.watched.unrecognised().itertuples()
    assert (unknown.name, unknown.episodes) == (NAME, 2)
    amber = str(
        participant.study.catalogue.items["item_id"].iloc[_item(participant, "Amber Coast")]
    )
    participant.watched.give_name(NAME, amber)
    assert participant.watched.unrecognised().empty
    assert participant.watched.given_names() == {NAME: amber}
    assert _titles(participant) == {"Amber Coast", "Dust Orchard"}
    participant.watched.give_name(NAME, None)
    assert _titles(participant) == {"Dust Orchard"}
    assert len(participant.watched.unrecognised()) == 1


def test_a_name_told_is_remembered_for_later_histories(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    amber = str(
        participant.study.catalogue.items["item_id"].iloc[_item(participant, "Amber Coast")]
    )
    participant.watched.give_name(NAME, amber)
    participant.watched.load(FOREIGN)
    assert _titles(participant) == {"Amber Coast", "Dust Orchard"}


def test_a_series_that_the_study_does_not_have_cannot_be_named(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    with pytest.raises(ValueError, match="no such series"):
        participant.watched.give_name(NAME, "unheard-of")


def test_nothing_told_reaches_the_study_folder(aggregator: Aggregator, take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.watched.load(FOREIGN)
    participant.watched.give_name(NAME, "dust-orchard")
    participant.train_and_share()
    written = as_read(aggregator, participant.study.folder.path).values()
    assert written and not any(b"Bursztynowe" in content for content in written)


# --- the file itself ------------------------------------------------------------------------------


def test_only_the_owner_can_read_what_was_told(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.name(NAME, "dark")
    told.leave_out("elite", True)
    (place,) = tmp_path.glob("*.json")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert (Told(tmp_path).names, Told(tmp_path).left_out) == ({NAME: "dark"}, {"elite"})
    told.name(NAME, None)
    told.leave_out("elite", False)
    assert (Told(tmp_path).names, Told(tmp_path).left_out) == ({}, frozenset())


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"names": 3, "left_out": {}}'])
def test_a_damaged_file_is_as_if_nothing_was_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "told.json").write_text(content)
    told = Told(tmp_path)
    assert (told.names, told.left_out) == ({}, frozenset())
    told.name(NAME, "dark")
    assert told.names == {NAME: "dark"}


# --- in words -------------------------------------------------------------------------------------

CATALOGUE = read_catalogue("title,aliases\nDark,\nElite,Szkoła dla elity\n".encode())


def test_telling_in_words(tmp_path: Path) -> None:
    told = Told(tmp_path)
    tell(told, CATALOGUE, names=["Elitka = ELITE", "a=b=dark"], leave_out=["Szkola dla elity"])
    assert told.names == {"Elitka": "elite", "a=b": "dark"}
    assert told.left_out == {"elite"}
    tell(told, CATALOGUE, forget=["Elitka"], take_in=["elite"])
    assert (told.names, told.left_out) == ({"a=b": "dark"}, frozenset())


def test_of_a_series_unknown_nothing_is_remembered(tmp_path: Path) -> None:
    told = Told(tmp_path)
    with pytest.raises(UnknownSeries) as error:
        tell(told, CATALOGUE, names=["A=Dark", "Secret name=Unheard Of"])
    assert "Secret" not in str(error.value) and "Unheard" not in str(error.value)
    assert told.names == {}


def test_an_inspection_knows_what_was_told(tmp_path: Path) -> None:
    told = Told(tmp_path)
    tell(told, CATALOGUE, names=["Elitka=Elite"], leave_out=["Elite"])
    history = read_history(b'Title,Date\n"Elitka: Sezon 1: A","14.01.2024"\n')
    answer = inspect_history(history, CATALOGUE, told)
    assert answer["unrecognised"] == []
    (row,) = answer["recognised"]
    assert (row["item_id"], row["left_out"]) == ("elite", True)
