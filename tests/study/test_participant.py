"""A seat in a study: what stays, what goes, and what is kept through anything."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fedflex_core.exchange.folder import NoStudy
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import (
    ClickRecord,
    ImpressionRecord,
    JoinRecord,
    UpdateRecord,
)
from fedflex_core.exchange.sealing import sign, unsigned
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.comparisons import Answers
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.opened import unpack_model
from fedflex_core.study.participant import BrokenPromise, Participant, StudyChanged
from fedflex_core.study.seat import LostKeys
from fedflex_core.study.watched import ChooseProfile, NothingKnown
from fedflex_core.viewing.history import NotAnExport

from .conftest import as_read, folder_of, identity_of, sent, sent_tensors, shared_files

Seat = Callable[..., Participant]
WATCHED = ("Amber Coast", "Dust Orchard", "Glass Parade")
SECOND = (
    b"Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,"
    b"Bookmark,Latest Bookmark,Country\n"
    b"One,2024-01-14 20:00:00,00:40:00,,Amber Coast: Season 1: Episode 1,,TV,00:40:00,00:40:00,XX\n"
    b"Two,2024-01-15 20:00:00,00:40:00,,Oak Street: Season 1: Episode 1,,TV,00:40:00,00:40:00,XX\n"
)


def test_a_history_becomes_ratings(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    titles = [
        participant.study.catalogue.titles[item] for item in participant.watched.ratings["item"]
    ]
    assert sorted(titles) == sorted(WATCHED)
    assert participant.watched.ratings["stars"].tolist() == [5, 5, 5]


def test_everything_is_there_again_after_a_restart(take_seat: Seat, tmp_path: Path) -> None:
    first = take_seat("anna", *WATCHED)
    first.watched.correct(int(first.watched.ratings["item"].iloc[0]), 2)
    first.train_and_share()
    shown = first.show("svd")
    first.comparisons.click(shown, "B", 2)
    again = Participant.take_seat(first.study.folder.path, tmp_path / "anna")
    assert again.id == first.id
    assert again.watched.ratings.equals(first.watched.ratings)
    assert again.watched.ratings["stars"].iloc[0] == 2
    assert again.show("svd") == shown
    assert again.comparisons.answers(shown) == Answers(frozenset({("B", 2)}), done=False)


def test_the_study_folder_holds_nothing_of_the_history(
    aggregator: Aggregator, take_seat: Seat
) -> None:
    """Not even for its aggregator, who can open all that is sealed."""
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    participant.comparisons.click(participant.show("svd"), "A", 1)
    participant.publish()
    files = as_read(aggregator, folder_of(participant))
    assert len(files) == 7
    for place, opened in files.items():
        content = place.read_bytes() + opened + place.name.encode()
        for title in WATCHED:
            assert title.encode() not in content
            assert title.lower().replace(" ", "-").encode() not in content
        assert b"user_factors" not in content
        assert b"stars" not in content


def test_others_read_nothing_of_what_was_sent(aggregator: Aggregator, take_seat: Seat) -> None:
    """Whoever has the folder and is not its aggregator: another participant, a carrier."""
    participant, other = take_seat("anna", *WATCHED), take_seat("ben")
    participant.train_and_share()
    shown = participant.show("svd")
    participant.comparisons.click(shown, "A", 1)
    participant.publish()
    words = [item.encode() for items in shown.lists.values() for item in items]
    words += [b"item_factors", b"item_bias", b"keys", participant.id.encode(), b"svd"]
    opened = b"".join(as_read(aggregator, folder_of(participant)).values())
    assert all(word in opened for word in words), "or there would be nothing to hide"
    for place in shared_files(participant):
        content = place.read_bytes()
        assert not any(word in content for word in words)
        assert identity_of(other).opened(content) is None


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
def test_private_files_are_their_owners_alone(take_seat: Seat, tmp_path: Path) -> None:
    take_seat("anna", *WATCHED).train_and_share()
    for place in (tmp_path / "anna" / "studies").rglob("*"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0, place.name


def test_an_update_is_made_once_a_round(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    assert participant.train_and_share() == 2
    before = {place: place.read_bytes() for place in shared_files(participant)}
    participant.watched.correct(int(participant.watched.ratings["item"].iloc[0]), 1)
    assert participant.train_and_share() == 0
    assert {place: place.read_bytes() for place in shared_files(participant)} == before


def test_updates_have_the_whole_shape_and_keys_that_tell_nothing(
    aggregator: Aggregator, take_seat: Seat
) -> None:
    for name, series in (("anna", WATCHED[:1]), ("ben", WATCHED)):
        participant = take_seat(name, *series)
        participant.train_and_share()
        for arm in ("svd", "bpr"):
            update = unpack_model(sent_tensors(aggregator, participant, arm))
            assert update.item_factors.shape == (20, 4)
            assert (update.item_bias != 0).all()


def test_two_people_with_different_histories_send_files_of_the_same_length(
    aggregator: Aggregator, take_seat: Seat
) -> None:
    sizes = []
    for name, series in (("anna", WATCHED[:1]), ("ben", WATCHED)):
        participant = take_seat(name, *series)
        participant.train_and_share()
        records = sent(aggregator, participant, UpdateRecord)
        assert len({record.update.size for record in records}) == 1
        root = folder_of(participant)
        files = shared_files(participant)
        sizes.append({str(one.relative_to(root)): one.stat().st_size for one in files})
    assert len(sizes[0]) == 5
    assert sizes[0] == sizes[1]


def test_watched_series_are_not_recommended_and_order_reaches_the_record(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    for arm in ("svd", "bpr"):
        lists, shown = participant.lists(arm), participant.show(arm)
        ids = participant.study.catalogue.items["item_id"]
        assert shown.lists["A"] == tuple(ids[item] for item in lists.a)
        assert shown.lists["B"] == tuple(ids[item] for item in lists.b)
        assert shown.lists["A"][0] == shown.lists["B"][0]
        watched = {title.lower().replace(" ", "-") for title in WATCHED}
        assert not watched & {*shown.lists["A"], *shown.lists["B"]}


def test_lists_as_shown_stay_when_the_ratings_change(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    shown = participant.show("svd")
    participant.watched.load(
        b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n"Oak Street: Season 1: B","1/13/24"\n'
    )
    assert participant.show("svd") == shown


def test_sides_are_balanced_within_a_seat(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    assert {participant.show(arm).first for arm in ("svd", "bpr")} == {"A", "B"}


def test_clicks_can_be_taken_back_and_all_are_kept(aggregator: Aggregator, take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    shown = participant.show("bpr")
    participant.comparisons.click(shown, "A", 1)
    participant.comparisons.click(shown, "A", 2)
    participant.comparisons.click(shown, "A", 1, selected=False)
    participant.comparisons.finish(shown)
    participant.publish()
    assert participant.comparisons.answers(shown) == Answers(frozenset({("A", 2)}), done=True)
    clicks = sent(aggregator, participant, ClickRecord)
    assert len(clicks) == 3
    assert {click.item for click in clicks} <= set(shown.lists["A"])
    assert sent(aggregator, participant, ImpressionRecord) == [shown]


def test_the_first_record_says_that_somebody_joins(aggregator: Aggregator, take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    assert not shared_files(participant)
    participant.train_and_share()
    participant.publish()
    (join,) = sent(aggregator, participant, JoinRecord)
    assert (join.participant, join.token) == (participant.id, None)


def test_a_number_is_that_of_the_keys_and_every_seat_has_another(take_seat: Seat) -> None:
    anna, ben = take_seat("anna"), take_seat("ben")
    assert anna.id == identity_of(anna).public.id
    assert anna.id != ben.id
    assert take_seat("anna").id == anna.id


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sign": "00", "box": "00"}'])
def test_damaged_keys_are_met_with_a_sentence(
    take_seat: Seat, tmp_path: Path, content: bytes
) -> None:
    """New ones would be another person, who owes nothing of what the first has spent."""
    before = take_seat("anna").id
    (place,) = (tmp_path / "anna").rglob("keys.json")
    kept = place.read_bytes()
    place.write_bytes(content)
    with pytest.raises(LostKeys, match="copy of your private folder"):
        take_seat("anna")
    assert place.read_bytes() == content
    place.write_bytes(kept)
    assert take_seat("anna").id == before


def test_privacy_spent_counts_the_updates_that_were_made(
    open_study: Callable[[StudyDesign], Aggregator], tmp_path: Path
) -> None:
    privacy = PrivacyDesign(mode="local", epsilon=4.0)
    study = open_study(StudyDesign(name="Quiet", rounds=2, privacy=privacy, min_updates=1))
    participant = Participant.take_seat(study.study.folder.path, tmp_path / "anna")
    participant.watched.load(b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n')
    assert participant.privacy("svd").spent == 0
    spent = []
    for _ in range(2):
        participant.train_and_share()
        spent.append(participant.privacy("svd").spent)
        study.run_round()
    assert 0 < spent[0] < spent[1] <= 4.0 * 1.001
    assert participant.train_and_share() == 0, "no round is left, so nothing may be sent"
    assert participant.privacy("svd").spent == spent[1]
    assert len(participant.lists("svd").a) == 5


def test_a_study_that_does_not_keep_its_promise_gets_nothing(
    open_study: Callable[[StudyDesign], Aggregator], tmp_path: Path
) -> None:
    privacy = PrivacyDesign(mode="local", epsilon=1.0, noise_multiplier=0.1)
    study = open_study(StudyDesign(name="Greedy", rounds=2, privacy=privacy))
    participant = Participant.take_seat(study.study.folder.path, tmp_path / "anna")
    participant.watched.load(b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n')
    with pytest.raises(BrokenPromise, match="Nothing was shared"):
        participant.train_and_share()
    assert not shared_files(participant)


def test_a_study_may_not_change_under_a_seat(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    take_seat("anna", *WATCHED).train_and_share()
    place = aggregator.study.folder.path / "aggregator" / "study" / "study.json"
    values = json.loads(unsigned(place.read_bytes()))
    values["design"]["rounds"] = 50
    place.write_bytes(sign(json.dumps(values).encode(), aggregator.identity))
    with pytest.raises(StudyChanged, match="Nothing was shared"):
        Participant.take_seat(aggregator.study.folder.path, tmp_path / "anna")


def test_a_study_of_the_same_number_by_somebody_else_is_another_study(
    take_seat: Seat, aggregator: Aggregator, tmp_path: Path
) -> None:
    """Put in its place by whoever can write there, rightly signed by keys of their own."""
    take_seat("anna", *WATCHED).train_and_share()
    place = aggregator.study.folder.path / "aggregator" / "study" / "study.json"
    values, stranger = json.loads(unsigned(place.read_bytes())), Identity.new()
    values["aggregator"] = stranger.public.model_dump()
    place.write_bytes(sign(json.dumps(values).encode(), stranger))
    with pytest.raises(StudyChanged, match="Nothing was shared"):
        Participant.take_seat(aggregator.study.folder.path, tmp_path / "anna")


def test_an_altered_study_is_no_study(aggregator: Aggregator) -> None:
    place = aggregator.study.folder.path / "aggregator" / "study" / "study.json"
    content = place.read_bytes()
    altered = content.replace(b'"rounds": 2', b'"rounds": 9')
    assert altered != content
    place.write_bytes(altered)
    with pytest.raises(NoStudy, match="signature"):
        Participant.take_seat(aggregator.study.folder.path)


@pytest.mark.parametrize("lost", [["outbox"], ["ledger.json"], ["outbox", "ledger.json"]])
def test_lost_originals_do_not_give_the_privacy_back(
    take_seat: Seat, tmp_path: Path, lost: list[str]
) -> None:
    first = take_seat("anna", *WATCHED)
    first.train_and_share()
    updates = [one for one in shared_files(first) if one.parent.name == "updates"]
    before = {place: place.read_bytes() for place in updates}
    for name in lost:
        (place,) = (tmp_path / "anna").rglob(name)
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    again = Participant.take_seat(first.study.folder.path, tmp_path / "anna")
    assert again.privacy("svd").updates == 1
    assert again.train_and_share() == 0
    assert again.privacy("svd").updates == 1
    assert len(before) == 4
    assert {place: place.read_bytes() for place in before} == before


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_nor_do_they_where_a_cap_is_set_first(
    take_seat: Seat, tmp_path: Path, content: bytes | None
) -> None:
    """Writing the ledger anew, for whatever reason, must not hide what it has lost."""
    first = take_seat("anna", *WATCHED)
    first.train_and_share()
    (private,) = (tmp_path / "anna").rglob("participant")
    shutil.rmtree(private / "outbox")
    (private / "ledger.json").unlink()
    if content is not None:
        (private / "ledger.json").write_bytes(content)
    again = Participant.take_seat(first.study.folder.path, tmp_path / "anna")
    again.ledger.cap = 90.0
    again.ledger.cap = None
    assert again.privacy("svd").updates >= 1
    assert again.train_and_share() == 0


@pytest.mark.parametrize("stars", [0, 6, 99])
def test_stars_are_one_to_five(take_seat: Seat, stars: int) -> None:
    participant = take_seat("anna", *WATCHED)
    with pytest.raises(ValueError, match="1 to 5"):
        participant.watched.correct(int(participant.watched.ratings["item"].iloc[0]), stars)


def test_a_history_with_no_known_series_changes_nothing(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    with pytest.raises(NothingKnown, match="nothing was changed"):
        participant.watched.load(b'Title,Date\n"Zzyzx Unheard Of: Season 1: A","1/14/24"\n')
    assert len(participant.watched.ratings) == 3


def test_a_file_that_is_no_export_changes_nothing(take_seat: Seat) -> None:
    participant = take_seat("anna", *WATCHED)
    with pytest.raises(NotAnExport):
        participant.watched.load(b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert len(participant.watched.ratings) == 3


def test_of_a_household_one_profile_is_used(take_seat: Seat) -> None:
    participant = take_seat("anna")
    with pytest.raises(ChooseProfile, match="2 profiles"):
        participant.watched.load(SECOND)
    participant.watched.load(SECOND, profile="Two")
    (item,) = participant.watched.ratings["item"]
    assert participant.study.catalogue.titles[item] == "Oak Street"


def test_training_without_a_history(take_seat: Seat) -> None:
    with pytest.raises(NothingKnown, match="Load your viewing history"):
        take_seat("anna").train_and_share()


def test_no_study(tmp_path: Path) -> None:
    with pytest.raises(NoStudy):
        Participant.take_seat(tmp_path / "nowhere")


def test_a_half_copied_study(take_seat: Seat, aggregator: Aggregator, tmp_path: Path) -> None:
    path = aggregator.study.folder.path / "aggregator" / "study" / "embeddings.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(NoStudy, match="not finished copying"):
        Participant.take_seat(aggregator.study.folder.path, tmp_path / "anna")


def test_damaged_private_fits_are_made_again(take_seat: Seat, tmp_path: Path) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    for fit in (tmp_path / "anna").rglob("fits/*.safetensors"):
        fit.write_bytes(b"damaged")
    assert len(participant.lists("svd").a) == 5


def test_user_factors_are_those_of_the_study(
    aggregator: Aggregator, take_seat: Seat, tmp_path: Path
) -> None:
    participant = take_seat("anna", *WATCHED)
    participant.train_and_share()
    participant.publish()
    fits = list((tmp_path / "anna").rglob("fits/*.safetensors"))
    assert len(fits) == 2
    shared = b"".join(as_read(aggregator, folder_of(participant)).values())
    for fit in fits:
        factors = np.frombuffer(fit.read_bytes()[-16:], np.float32)
        assert factors.tobytes() not in shared
