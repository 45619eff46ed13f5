"""What a person is shown of their history before anything is computed of it."""

import json

import pandas as pd

from fedflex_core.viewing.catalogue import read_catalogue
from fedflex_core.viewing.history import read_history
from fedflex_core.viewing.inspection import inspection, recognised, unrecognised, weeks_of
from fedflex_core.viewing.matching import Matcher

CATALOGUE = read_catalogue(b"title,kind\nDark,series\nElite,series\n")
EXPORT = b"""Title,Date
"Dark: Season 1: Secrets","1/2/25"
"Dark: Season 1: Lies","12/30/24"
"Dark: Season 1: Lies","12/29/24"
"Zzyzx: Season 1: A","12/1/24"
"Dark: Season 1 (Trailer)","11/1/24"
"Okja","10/1/24"
"""


def _inspected() -> dict:
    history = read_history(EXPORT)
    matched = Matcher(CATALOGUE).match_viewings(history.viewings)
    return inspection(history, matched, CATALOGUE)


def test_episodes_of_which_series_in_which_weeks() -> None:
    (dark,) = _inspected()["recognised"]
    assert (dark["name"], dark["item_id"], dark["episodes"]) == ("Dark", "dark", 3)
    assert (dark["first"], dark["last"]) == ("2024-12-29", "2025-01-02")
    assert dark["weeks"] == {"2024-12-23": 1, "2024-12-30": 2}, "a new year is no new week"


def test_names_that_are_not_known() -> None:
    (unknown,) = _inspected()["unrecognised"]
    assert (unknown["name"], unknown["weeks"]) == ("Zzyzx", {"2024-11-25": 1})


def test_what_was_left_out_and_why() -> None:
    (row,) = _inspected()["left_out"]
    assert (row["reason"], row["title"]) == ("trailer or clip", "Dark: Season 1 (Trailer)")
    assert row["date"] == "11/1/24"


def test_all_of_it_is_plain_json() -> None:
    answer = json.loads(json.dumps(_inspected()))
    assert (answer["rows"], answer["viewings"], answer["episodes"]) == (6, 5, 4)
    assert (answer["series"], answer["series_matched"], answer["episodes_matched"]) == (2, 1, 3)


def test_the_most_watched_comes_first() -> None:
    history = read_history(
        b'Title,Date\n"Elite: Season 1: A","1/5/25"\n"Elite: Season 1: B","1/4/25"\n'
        b'"Dark: Season 1: A","1/3/25"\n"Yy: Season 1: A","1/2/25"\n"Xx: Season 1: A","1/1/25"\n'
        b'"Xx: Season 1: B","1/1/25"\n'
    )
    matched = Matcher(CATALOGUE).match_viewings(history.viewings)
    assert recognised(matched, CATALOGUE)["name"].tolist() == ["Elite", "Dark"]
    assert unrecognised(matched)["name"].tolist() == ["Xx", "Yy"]


def test_nothing_watched_is_nothing_shown() -> None:
    history = read_history(b'Title,Date\n"Okja","1/5/25"\n')
    matched = Matcher(CATALOGUE).match_viewings(history.viewings)
    assert recognised(matched, CATALOGUE).empty and unrecognised(matched).empty
    assert weeks_of(pd.Series([], dtype="datetime64[s]")) == {}
