"""The door of a study: who is let in, by what, and what of it lies where."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fedflex_core.exchange.invitation import Invitation, WrongStudy, new_token
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import JoinRecord
from fedflex_core.study.admission import DamagedDoor, NotAskedFor
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import Joining, StudyDesign
from fedflex_core.study.participant import Participant
from fedflex_core.study.results import study_results

from .conftest import folder_of, sent

HISTORY = b'Title,Date\n"Oak Street: Season 1: A","1/14/24"\n"Tin Forest: Season 1: A","1/15/24"\n'


@pytest.fixture
def study(
    open_study: Callable[[StudyDesign], Aggregator], design: StudyDesign
) -> Callable[[Joining], Aggregator]:
    return lambda joining: open_study(design.model_copy(update={"joining": joining}))


@pytest.fixture
def share(tmp_path: Path) -> Callable[..., Participant]:
    """Somebody comes to the study, with an invitation or without, and shares an update."""

    def come(
        aggregator: Aggregator, name: str, invitation: Invitation | None = None
    ) -> Participant:
        path = aggregator.study.folder.path
        participant = Participant.take_seat(path, tmp_path / name, invitation=invitation)
        participant.watched.load(HISTORY)
        participant.train_and_share()
        return participant

    return come


def let_in(aggregator: Aggregator) -> set[str]:
    return set(aggregator.collect("svd").records)


def refused(aggregator: Aggregator) -> dict[str, str]:
    return {one.participant: one.reason for one in aggregator.collect("svd").set_aside}


# Everybody.


def test_an_open_study_lets_everybody_in(study: Callable, share: Callable) -> None:
    aggregator = study("open")
    (invitation,) = aggregator.admission.invite()
    assert invitation.token is None
    anna, ben = share(aggregator, "anna", invitation), share(aggregator, "ben")
    assert not anna.needs_invitation
    assert let_in(aggregator) == {anna.id, ben.id}
    assert set(aggregator.run_round().arms["svd"].updates) == {anna.id, ben.id}


# With an invitation.


def test_an_invitation_lets_one_person_in(study: Callable, share: Callable) -> None:
    aggregator = study("token")
    invitations = aggregator.admission.invite(2)
    people = {share(aggregator, f"person {n}", one).id for n, one in enumerate(invitations)}
    assert let_in(aggregator) == people
    record = aggregator.run_round()
    assert set(record.arms["svd"].updates) == people
    assert record.arms["svd"].set_aside == ()


def test_every_invitation_has_a_token_of_its_own(study: Callable) -> None:
    aggregator = study("token")
    made = [*aggregator.admission.invite(20), *aggregator.admission.invite()]
    assert len({one.token for one in made}) == 21
    for one in made:
        one.check(aggregator.study.record)


@pytest.mark.parametrize("reopened", [False, True])
def test_a_token_is_one_persons(
    study: Callable, share: Callable, tmp_path: Path, reopened: bool
) -> None:
    """Theirs who came first, round after round and whatever their numbers are."""
    aggregator = study("token")
    invitations = aggregator.admission.invite(3)
    first = {share(aggregator, f"first {n}", one).id for n, one in enumerate(invitations)}
    assert let_in(aggregator) == first
    if reopened:
        path = aggregator.study.folder.path
        aggregator = Aggregator.open(path, tmp_path / "aggregator-home")
    second = {share(aggregator, f"second {n}", one).id for n, one in enumerate(invitations)}
    assert let_in(aggregator) == first
    assert refused(aggregator) == dict.fromkeys(
        second, "its invitation was used by somebody else before"
    )
    record = aggregator.run_round()
    assert set(record.arms["svd"].updates) == set(record.arms["bpr"].updates) == first
    assert {one.participant for one in record.arms["svd"].set_aside} == second


def test_of_two_who_come_at_once_one_is_let_in(study: Callable, share: Callable) -> None:
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    both = {share(aggregator, name, invitation).id for name in ("anna", "ben")}
    inside = let_in(aggregator)
    assert len(inside) == 1 and inside < both
    assert let_in(aggregator) == inside
    assert set(refused(aggregator)) == both - inside


def test_a_token_that_was_never_made_lets_nobody_in(study: Callable, share: Callable) -> None:
    aggregator = study("token")
    (real,) = aggregator.admission.invite()
    anna = share(aggregator, "anna", real.model_copy(update={"token": new_token()}))
    assert let_in(aggregator) == set()
    assert refused(aggregator) == {anna.id: "its invitation is not one of this study's"}
    # What the aggregator keeps of a token is no token.
    hashed = hashlib.sha256(str(real.token).encode()).hexdigest()
    ben = share(aggregator, "ben", real.model_copy(update={"token": hashed}))
    assert refused(aggregator)[ben.id] == "its invitation is not one of this study's"


def test_without_a_token_nobody_is_let_in(study: Callable, share: Callable) -> None:
    aggregator = study("token")
    anna = share(aggregator, "anna")
    assert anna.needs_invitation
    assert refused(aggregator) == {anna.id: "it has shown no invitation"}
    assert aggregator.study.current_round().round == 0


def test_the_invitation_may_arrive_later_than_the_update(study: Callable, share: Callable) -> None:
    """Carriers keep no order."""
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    anna = share(aggregator, "anna", invitation)
    assert not anna.needs_invitation
    (place,) = (folder_of(anna) / "events").glob("join-*.sealed")
    content = place.read_bytes()
    for wrong in (None, content[:1000], b"x" * len(content)):
        place.unlink() if wrong is None else place.write_bytes(wrong)
        assert refused(aggregator) == {anna.id: "it has shown no invitation"}
    place.write_bytes(content)
    assert let_in(aggregator) == {anna.id}
    place.unlink()
    assert let_in(aggregator) == {anna.id}, "who was let in stays in"


def test_anothers_invitation_cannot_be_copied(study: Callable, share: Callable) -> None:
    """It is sealed, and says whose it is."""
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    anna, ben = share(aggregator, "anna", invitation), share(aggregator, "ben")
    (place,) = (folder_of(anna) / "events").glob("join-*.sealed")
    (folder_of(ben) / "events" / place.name).write_bytes(place.read_bytes())
    assert let_in(aggregator) == {anna.id}
    assert refused(aggregator) == {ben.id: "it has shown no invitation"}


def test_who_was_refused_is_let_in_with_another_invitation(
    study: Callable, share: Callable
) -> None:
    """Somebody was sent the invitation of somebody else, and is sent one of their own."""
    aggregator = study("token")
    used, fresh = aggregator.admission.invite(2)
    anna = share(aggregator, "anna", used)
    assert let_in(aggregator) == {anna.id}
    ben = share(aggregator, "ben", used)
    assert ben.id in refused(aggregator)
    assert share(aggregator, "ben", fresh).id == ben.id
    assert let_in(aggregator) == {anna.id, ben.id}


def test_of_people_who_were_not_let_in_there_are_no_results(
    study: Callable, share: Callable
) -> None:
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    anna, ben = share(aggregator, "anna", invitation), share(aggregator, "ben")
    for participant in (anna, ben):
        shown = participant.show("svd")
        participant.comparisons.click(shown, "A", 1)
        participant.publish()
    found = study_results(aggregator)
    assert (found.participants, found.comparisons) == (1, 1)
    assert (f"participants/{ben.id}", "it has shown no invitation") in found.passed_over


def test_tokens_lie_nowhere_in_plain_text(study: Callable, share: Callable, tmp_path: Path) -> None:
    """Not in the folder that everybody reads, and not with the aggregator, who can compare without."""
    aggregator = study("token")
    used, unused = aggregator.admission.invite(2)
    anna = share(aggregator, "anna", used)
    aggregator.run_round()
    (join,) = sent(aggregator, anna, JoinRecord)
    assert join.token == used.token, "who was invited has shown it, to the aggregator alone"
    files = [
        place
        for folder in ("aggregator-home", "study")
        for place in (tmp_path / folder).rglob("*")
        if place.is_file()
    ]
    assert len(files) > 20
    for place in files:
        content = place.read_bytes()
        for token in (used.token, unused.token):
            assert token is not None
            assert token.encode() not in content, place.name
            assert bytes.fromhex(token) not in content, place.name


# On a list.


def test_a_roster_lets_in_whose_numbers_are_written_down(study: Callable, share: Callable) -> None:
    aggregator = study("roster")
    anna, ben, cem = (share(aggregator, name) for name in ("anna", "ben", "cem"))
    assert not anna.needs_invitation
    assert let_in(aggregator) == set()
    assert refused(aggregator) == dict.fromkeys(
        [anna.id, ben.id, cem.id], "it is not on the roster"
    )
    aggregator.admission.write_down([anna.id])
    aggregator.admission.write_down([ben.id])
    assert let_in(aggregator) == {anna.id, ben.id}
    assert refused(aggregator) == {cem.id: "it is not on the roster"}
    assert set(aggregator.run_round().arms["svd"].updates) == {anna.id, ben.id}


def test_a_token_does_not_replace_the_roster(study: Callable, share: Callable) -> None:
    aggregator = study("roster")
    (invitation,) = aggregator.admission.invite()
    assert invitation.token is None
    anna = share(aggregator, "anna", invitation.model_copy(update={"token": new_token()}))
    assert refused(aggregator) == {anna.id: "it is not on the roster"}


@pytest.mark.parametrize("joining", ["open", "token"])
def test_numbers_are_written_down_only_where_there_is_a_list(
    study: Callable, joining: Joining
) -> None:
    aggregator = study(joining)
    with pytest.raises(NotAskedFor, match="Nothing was changed"):
        aggregator.admission.write_down(["0" * 32])


# Another study.


@pytest.mark.parametrize("wrong", ["study", "fingerprint"])
def test_an_invitation_to_another_study_stops_before_anything_is_kept(
    study: Callable, tmp_path: Path, wrong: str
) -> None:
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    others = {"study": "f" * 16, "fingerprint": Identity.new().public.fingerprint}
    other = invitation.model_copy(update={wrong: others[wrong]})
    with pytest.raises(WrongStudy, match="Nothing was shared"):
        Participant.take_seat(aggregator.study.folder.path, tmp_path / "anna", invitation=other)
    assert not (tmp_path / "anna").exists()
    assert aggregator.study.folder.participants() == []


def test_a_damaged_door_lets_nobody_in_and_is_a_sentence(
    study: Callable, share: Callable, tmp_path: Path
) -> None:
    aggregator = study("token")
    (invitation,) = aggregator.admission.invite()
    anna = share(aggregator, "anna", invitation)
    (place,) = tmp_path.rglob("admission.json")
    whole = place.read_bytes()
    place.write_bytes(whole[:20])
    with pytest.raises(DamagedDoor, match="nobody is let in"):
        aggregator.admission.refusal(anna.id)
    place.write_bytes(whole)
    assert aggregator.admission.refusal(anna.id) is None


def test_a_page_and_a_command_at_once_lose_no_invitation(study: Callable) -> None:
    aggregator = study("token")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: aggregator.admission.invite()[0], range(12)))
    known = aggregator.admission._read()["tokens"]
    assert len(known) == len({one.token for one in made}) == 12
