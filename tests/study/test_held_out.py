"""People parted by time: what is learned from, and what is held out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fedflex_core.study.held_out import (
    TOO_FEW,
    HeldOut,
    NoHistories,
    Person,
    people_of_histories,
    person_of_viewings,
    places_held_out,
)
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.ratings import bundled_rules

RULES = bundled_rules()
LATER = (
    ('"Far Signal: Season 1: Episode 8"', "6/20/24"),
    ('"Amber Coast: Season 1: Episode 9"', "6/21/24"),
)


def viewings(*rows: tuple[int | None, str]) -> pd.DataFrame:
    """One episode a row: its item, None where unknown, and its day."""
    return pd.DataFrame(
        {
            "item": pd.array([item for item, _ in rows], "Int64"),
            "title": [f"Episode {place}" for place in range(len(rows))],
            "date": pd.to_datetime([day for _, day in rows]),
        }
    )


def parted(*rows: tuple[int | None, str]) -> Person:
    person = person_of_viewings(viewings(*rows), RULES)
    assert person is not None
    return person


TEN = [(item, f"2024-01-{day:02}") for day, item in enumerate([9, 3, 5, 1, 7, 0, 8, 2, 6, 4], 1)]


def test_the_last_fifth_by_first_viewing_is_held_out() -> None:
    person = parted(*reversed(TEN))
    assert person.held_out.tolist() == [6, 4]
    assert sorted(person.train.items.tolist()) == [0, 1, 2, 3, 5, 7, 8, 9]


def test_a_series_watched_again_stays_where_it_began() -> None:
    assert parted(*TEN, (9, "2024-02-01")).held_out.tolist() == [6, 4]


@pytest.mark.parametrize(("items", "held_out"), [(4, 0), (5, 1), (9, 1), (10, 2), (126, 25)])
def test_a_fifth_is_rounded_down(items: int, held_out: int) -> None:
    assert places_held_out(items) == held_out


def test_stars_know_nothing_of_what_came_after_the_parting() -> None:
    """A series begun long ago and watched in one go after the parting has the stars it had before."""
    later = [(9, f"2024-03-0{day}") for day in range(1, 9)]
    before, after = parted(*TEN), parted(*TEN, *later)
    assert after.train.items.tolist() == before.train.items.tolist()
    assert after.train.stars.tolist() == before.train.stars.tolist() == [1.0] * 8
    assert after.held_out.tolist() == before.held_out.tolist()


def test_viewings_before_the_parting_make_stars() -> None:
    early = [(9, "2024-01-02"), (9, "2024-01-03")]
    person = parted(*TEN, *early)
    assert dict(zip(person.train.items.tolist(), person.train.stars.tolist(), strict=True))[9] == 5


def test_what_began_on_the_day_of_the_parting_has_that_days_viewings_alone() -> None:
    rows = [
        (0, "2024-01-01"),
        (1, "2024-01-02"),
        (2, "2024-01-02"),
        (3, "2024-01-09"),
        (4, "2024-01-09"),
    ]
    person = parted(*rows, (3, "2024-01-10"), (3, "2024-01-11"))
    assert person.held_out.tolist() == [4]
    assert person.train.items.tolist() == [0, 1, 2, 3]
    assert person.train.stars.tolist() == [1.0] * 4


def test_what_is_not_in_the_catalogue_counts_for_the_year_alone() -> None:
    unknown = [(None, "2023-05-01"), (None, "2026-05-01")]
    person = parted(*TEN, *unknown)
    assert person.held_out.tolist() == [6, 4]
    assert person.last_year == 2026


def test_too_few_known_series_are_nobody() -> None:
    assert person_of_viewings(viewings(*TEN[:4], (None, "2024-05-05")), RULES) is None


# Folders of exports


def export(*titles: str, later: tuple[tuple[str, str], ...] = ()) -> str:
    rows = [(f'"{name}: Season 1: Episode 1"', f"1/{13 + n}/24") for n, name in enumerate(titles)]
    return "Title,Date\n" + "".join(f'{title},"{day}"\n' for title, day in (*rows, *later))


SIX = ("Amber Coast", "Blue Harbour", "Cold Ledger", "Dust Orchard", "Every Tuesday", "Far Signal")


def read(folder: Path, catalogue: Catalogue) -> HeldOut:
    return people_of_histories(folder, catalogue, RULES)


def names(catalogue: Catalogue, items: np.ndarray) -> list[str]:
    return [catalogue.titles[item] for item in items]


def test_one_export_is_one_person(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "ann.csv").write_text(export(*SIX))
    (tmp_path / "ben.csv").write_text(export(*reversed(SIX)))
    found = read(tmp_path, catalogue)
    held_out = [names(catalogue, person.held_out) for person in found.people]
    assert held_out == [["Far Signal"], ["Amber Coast"]]
    assert (found.left_out, found.notes) == ({}, ())


def test_later_viewings_in_the_file_change_nothing_that_is_learned(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "1.csv").write_text(export(*SIX))
    (tmp_path / "2.csv").write_text(export(*SIX, later=LATER))
    first, second = read(tmp_path, catalogue).people
    assert first.train.items.tolist() == second.train.items.tolist()
    assert first.train.stars.tolist() == second.train.stars.tolist()


def test_a_household_is_one_person_a_profile(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [
        f"{who},2024-01-{14 + day} 20:00:00,00:40:00,{title}: Season 1: Episode 1,"
        for who, titles in (("Ola", SIX), ("Jan", SIX[::-1]), ("Kid", SIX[:2]))
        for day, title in enumerate(titles)
    ]
    header = "Profile Name,Start Time,Duration,Title,Supplemental Video Type"
    (tmp_path / "home.csv").write_text("\n".join([header, *rows, ""]))
    found = read(tmp_path, catalogue)
    held_out = {name for p in found.people for name in names(catalogue, p.held_out)}
    assert len(found.people) == 2
    assert held_out == {"Far Signal", "Amber Coast"}
    assert found.left_out == {TOO_FEW: 1}


def test_what_is_no_export_is_counted_without_its_name(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "ann.csv").write_text(export(*SIX))
    (tmp_path / "ann again.csv").write_text(export(*SIX))
    (tmp_path / "private-notes.txt").write_text("")
    (tmp_path / "private-list.csv").write_text("name,age\nx,1\n")
    (tmp_path / "few.csv").write_text(export(*SIX[:3]))
    (tmp_path / ".DS_Store").write_bytes(bytes(100))
    (tmp_path / "folder").mkdir()
    found = read(tmp_path, catalogue)
    assert len(found.people) == 1
    assert sum(found.left_out.values()) == 4
    assert found.left_out[TOO_FEW] == found.left_out["file that is there twice"] == 1
    said = " ".join(found.left_out)
    assert "private" not in said and "ann" not in said and str(tmp_path) not in said
    assert "no export: The file is empty." in said


def test_a_file_whose_days_could_be_months_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "ann.csv").write_text(export(*SIX).replace("1/1", "1/"))
    found = read(tmp_path, catalogue)
    assert len(found.people) == 1
    assert found.notes[0].startswith("In 1 file day and month")


def test_no_folder_and_an_empty_one_are_sentences(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(NoHistories, match="There is no file") as caught:
        read(tmp_path, catalogue)
    assert "--histories" in caught.value.way_out
    with pytest.raises(NoHistories, match="cannot be read"):
        read(tmp_path / "nowhere", catalogue)


def test_real_exports_are_parted(shared_data: Path) -> None:
    from fedflex_core.viewing.catalogue import load_bundled

    found = people_of_histories(shared_data / "histories", load_bundled(), RULES)
    assert len(found.people) == 5
    assert found.left_out == {}
    for person in found.people:
        known = len(person.train.items) + len(person.held_out)
        assert len(person.held_out) == known // 5
        assert not set(person.held_out) & set(person.train.items)
