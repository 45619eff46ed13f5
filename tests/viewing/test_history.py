"""Histories: both kinds of file, whatever they went through, and an account of every row."""

import contextlib
import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fedflex_core.viewing.history import (
    History,
    HistoryReport,
    NoSuchProfile,
    NotAnExport,
    exports,
    read_history,
)
from fedflex_core.viewing.history.titles import clean_title

TODAY = date(2024, 6, 30)
ROWS = [
    ("Dark: Season 1: Rain", "3/25/21"),
    ("Love, Death & Robots: Volume 1: Good Hunting", "3/24/21"),
    ("Zaklínač: 1. řada: Zrádný měsíc", "3/24/21"),
    ("Okja", "2/3/21"),
]
TITLES = [title for title, _ in ROWS]
PLAIN = "Title,Date\n" + "".join(f'"{title}","{day}"\n' for title, day in ROWS)
FULL_HEADER = (
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,"
    "Device Type,Bookmark,Latest Bookmark,Country"
)
FULL_ROWS = [
    "Ada,2021-03-25 20:01:02,00:43:26,,Dark: Season 1: Rain (Episode 1),,TV,00:43:26,,DE",
    "Ada,2021-03-25 19:00:00,00:00:09,,Dark: Season 1: Lies (Episode 2),,TV,00:00:09,00:00:09,DE",
    "Ada,2021-03-24 19:00:00,00:02:01,,Dark: Season 1 (Trailer),TRAILER,TV,00:02:01,00:02:01,DE",
    "Ada,2021-03-23 19:00:00,00:03:01,Autoplayed: x; ,Okja,HOOK,TV,00:03:01,00:03:01,DE",
    "Ben,2021-03-24 19:00:00,01:58:26,,Okja,,TV,01:58:26,01:58:26,DE",
    "Ben,2021-03-24 17:00:00,00:58:26,,Okja,,TV,00:58:26,Not latest view,DE",
]
FULL = "\n".join([FULL_HEADER, *FULL_ROWS, ""])


def read(text: str | bytes, **said: bool | None) -> History:
    return read_history(text.encode() if isinstance(text, str) else text, today=TODAY, **said)


def titles(text: str | bytes) -> list[str]:
    return read(text).viewings["title"].tolist()


def test_the_typed_table() -> None:
    viewings = read(PLAIN).viewings
    assert {name: str(dtype) for name, dtype in viewings.dtypes.items()} == {
        "profile": "string", "title": "string", "series": "string", "season": "Int64",
        "episode": "string", "date": "datetime64[s]", "kind": "string",
    }  # fmt: skip
    assert viewings["title"].tolist() == TITLES
    assert viewings["kind"].tolist() == ["episode", "episode", "episode", "film"]
    assert viewings["series"].tolist() == ["Dark", "Love, Death & Robots", "Zaklínač", pd.NA]
    assert viewings["season"].tolist() == [1, 1, 1, pd.NA]
    assert viewings["episode"].tolist() == ["Rain", "Good Hunting", "Zrádný měsíc", pd.NA]
    assert viewings["date"].iloc[0] == pd.Timestamp(2021, 3, 25)


def test_the_report_of_a_plain_file() -> None:
    assert read(PLAIN).report == HistoryReport(4, 4, {}, 0, "M/D/YY", False, {"": 4})


# --- what files go through --------------------------------------------------------------------


def _as_columns(header: str, line: Callable[[str, str], str]) -> str:
    return "\n".join([header, *(line(title, day) for title, day in ROWS)])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN.replace("Title,Date", "title,date"), id="lower case"),
        pytest.param(PLAIN.replace("Title,Date", '"Title","Date"'), id="quoted header"),
        pytest.param(PLAIN.replace("Title,Date", " Title , Date "), id="spaces in header"),
        pytest.param(PLAIN.replace("Title,Date\n", ""), id="no header"),
        pytest.param(_as_columns("Date,Title", '{1},"{0}"'.format), id="date first"),
        pytest.param(_as_columns("Titel;Datum", "{0};{1}".format), id="another language"),
        pytest.param(_as_columns("3/26/21,A", '{1},"{0}"'.format)[10:], id="date first, no header"),
        pytest.param(_as_columns("Title;Date", "{0};{1}".format), id="semicolons"),
        pytest.param(_as_columns("sep=;\nTitle;Date", "{0};{1}".format), id="sep line"),
        pytest.param(_as_columns("Title;Date", "{0};{1}".format)[11:], id="semicolons, no header"),
        pytest.param(_as_columns("Title\tDate", "{0}\t{1}".format), id="tabs"),
        pytest.param(
            _as_columns("Title,Date,Duration,Type", '"{0}",{1},45 min,TV'.format),
            id="extra columns",
        ),
        pytest.param(_as_columns("No,Title,Date", '1,"{0}",{1}'.format), id="extra column before"),
        pytest.param(_as_columns("Title,Date,", '"{0}",{1},'.format), id="trailing commas"),
        pytest.param(_as_columns("Title,Date", '"{0}",{1},,,'.format), id="trailing in rows only"),
        pytest.param(_as_columns("Title,Date,,", '"{0}",{1}'.format), id="trailing in header only"),
        pytest.param(_as_columns("Title,Date", "{0},{1}".format), id="no quotes at all"),
        pytest.param(_as_columns("Title,Date", '"{0},{1}'.format), id="quote never closed"),
        pytest.param(_as_columns("Title,Date", '{0}","{1}"'.format), id="quote never opened"),
        pytest.param(_as_columns("Title,Date", '"""{0}"",""{1}"""'.format), id="line in quotes"),
        pytest.param(_as_columns('"Title,Date"', '"""{0}"",""{1}"""'.format), id="all in quotes"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="crlf"),
        pytest.param(PLAIN.replace("\n", "\r"), id="cr"),
        pytest.param("\n\r\n" + PLAIN.replace("\n", "\n\n") + "\n , \n,,\n", id="blank lines"),
        pytest.param("\ufeff" + PLAIN, id="byte-order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="utf-16"),
        pytest.param(PLAIN.encode("utf-16-le"), id="utf-16 little, no mark"),
        pytest.param(PLAIN.encode("utf-16-be"), id="utf-16 big, no mark"),
        pytest.param(PLAIN + "Title,Date\n", id="header twice"),
    ],
)
def test_the_same_file_in_many_clothes(text: str | bytes) -> None:
    history = read(text)
    assert history.viewings["title"].tolist() == TITLES
    assert history.report == HistoryReport(4, 4, {}, 0, "M/D/YY", False, {"": 4})


def test_the_old_windows_alphabet() -> None:
    text = 'Title,Date\n"Élite: Saison 1: L’été","25/03/2021"\n'
    assert titles(text.encode("cp1252")) == ["Élite: Saison 1: L’été"]


def test_one_broken_letter_does_not_change_the_alphabet() -> None:
    damaged = PLAIN.encode().replace(b"Okja", b"Okj\xc3")
    assert titles(damaged)[:3] == TITLES[:3]


def test_quotes_within_titles() -> None:
    text = 'Title,Date\n"The ""Real"" One, Again","3/25/21"\n"The "Real" One, Again","3/24/21"\n'
    assert titles(text) == ['The "Real" One, Again'] * 2


def test_a_lost_quote_costs_no_other_row() -> None:
    broken = PLAIN.replace('"Dark: Season 1: Rain"', '"Dark: Season 1: Rain')
    assert titles(broken) == TITLES


def test_a_title_of_commas_and_colons_without_quotes() -> None:
    assert titles("Title,Date\nMe, Myself, & Irene,3/25/21\n") == ["Me, Myself, & Irene"]


def test_a_path_will_do(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(PLAIN, encoding="utf-8")
    for source in (path, str(path), memoryview(PLAIN.encode())):
        assert len(read_history(source, today=TODAY).viewings) == 4


# --- the full data request --------------------------------------------------------------------


def test_the_full_data_request() -> None:
    history = read(FULL)
    assert history.report == HistoryReport(
        rows=6,
        viewings=2,
        dropped={"trailer or clip": 2, "too short": 1, "same day again": 1},
        undated=0,
        date_format="YYYY-MM-DD HH:MM:SS",
        ambiguous_dates=False,
        profiles={"Ada": 1, "Ben": 1},
    )
    assert history.viewings["episode"].tolist() == ["Rain", pd.NA]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FULL.replace("Start Time", "StartTime"), id="StartTime"),
        pytest.param(FULL.replace(FULL_HEADER + "\n", ""), id="no header"),
        pytest.param(FULL.replace("\n", ",\n"), id="trailing comma"),
        pytest.param(FULL.replace(",DE\n", ",DE,\n"), id="trailing comma in rows"),
        pytest.param(FULL.replace(",DE\n", ',"DE (Germany, West)"\n'), id="commas elsewhere"),
    ],
)
def test_the_full_data_request_in_many_clothes(text: str) -> None:
    assert read(text).report == read(FULL).report


def test_rows_cut_off_are_broken_rows() -> None:
    history = read(FULL + "Ada,2021-03-22\n")
    assert history.report.dropped["broken row"] == 1
    assert history.report.rows == 7


def test_the_same_title_the_same_day_stays_twice_in_the_plain_kind() -> None:
    assert len(titles("Title,Date\nTower: Episode 1,3/25/21\nTower: Episode 1,3/25/21\n")) == 2


def test_a_household() -> None:
    whole = read(FULL)
    ben = whole.of_profile("Ben")
    assert ben.viewings["profile"].tolist() == ["Ben"]
    assert ben.viewings.index.tolist() == [0]
    assert ben.report.profiles == {"Ben": 1}
    assert ben.report.dropped == {"same day again": 1, "other profile": 4}
    assert ben.report.rows == whole.report.rows


def test_a_persons_report_counts_that_persons_rows_only() -> None:
    text = FULL + "Ben,soon,00:30:00,,Okja,,TV,00:30:00,00:30:00,DE\nAda,2021-03-22\n"
    whole = read(text)
    ada, ben = (whole.of_profile(name).report for name in ("Ada", "Ben"))
    assert ada.dropped == {
        "trailer or clip": 2, "too short": 1, "broken row": 1, "other profile": 3
    }  # fmt: skip
    assert (ada.undated, ben.undated, whole.report.undated) == (0, 1, 1)
    for report in (ada, ben, whole.report):
        assert report.rows == 8 == report.viewings + sum(report.dropped.values())
    assert "Ben" not in repr(ada) and ada.dropped_of.keys() == {"Ada"}


def test_what_others_watched_decides_nothing_of_mine() -> None:
    films = ["Civil Law", "The Winter Guard", "The First One", "Home", "Away", "Again"]
    row = "{},2021-03-{} 20:00:00,01:40:00,,Captain Atlas: {},,TV,x,x,DE"
    ours = [row.format("AB"[n % 2], 25 - n // 2, film) for n, film in enumerate(films)]
    mine = [line for line in ours if line.startswith("A")]
    for lines in (ours, mine):
        kinds = read("\n".join([FULL_HEADER, *lines, ""])).viewings["kind"]
        assert set(kinds) == {"film"}
    together = [line.replace("B,", "A,", 1) for line in ours]
    assert set(read("\n".join([FULL_HEADER, *together, ""])).viewings["kind"]) == {"episode"}


def test_the_only_profile_is_everything() -> None:
    history = read(PLAIN)
    assert history.of_profile("").report == history.report


def test_an_unknown_profile_is_not_named() -> None:
    with pytest.raises(NoSuchProfile) as error:
        read(FULL).of_profile("Cleo")
    assert "Cleo" not in str(error.value)
    assert "Ada" not in str(error.value)


# --- the account ------------------------------------------------------------------------------


def test_every_row_is_accounted_for() -> None:
    text = PLAIN + '"","3/1/21"\n"Okja","soon"\n"Okja"\n"Okja (Trailer)","3/1/21"\n'
    report = read(text).report
    assert report.dropped == {"no title": 1, "no date": 1, "broken row": 1, "trailer or clip": 1}
    assert (report.rows, report.viewings, report.undated) == (8, 4, 1)


def test_a_report_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="rows"):
        HistoryReport(5, 4, {}, 0, "M/D/YY", False, {"": 4})


def test_dates_that_cannot_be_told_are_asked_for() -> None:
    text = "Title,Date\nOkja,3/4/21\n"
    assert read(text).report.ambiguous_dates
    told = read(text, day_first=True)
    assert not told.report.ambiguous_dates
    assert told.viewings["date"].tolist() == [pd.Timestamp(2021, 4, 3)]


def test_clips_are_dropped_before_titles_are_compared() -> None:
    text = "Title,Date\nThe Fort: A,3/25/21\nThe Fort: B,3/25/21\nThe Fort: Trailer,3/25/21\n"
    history = read(text)
    assert history.report.dropped == {"trailer or clip": 1}
    assert history.viewings["kind"].tolist() == ["film", "film"]


# --- what was left out ------------------------------------------------------------------------


def left_out(history: History) -> list[tuple[str, str, str, str]]:
    return list(history.left_out.itertuples(index=False, name=None))


def test_what_was_left_out_is_listed_in_the_files_order() -> None:
    text = PLAIN + '"","3/1/21"\n"Okja","soon"\n"Okja"\n" Okja  (Trailer)"," 3/1/21"\n'
    history = read(text)
    assert left_out(history) == [
        ("", "", "3/1/21", "no title"),
        ("", "Okja", "soon", "no date"),
        ("", "Okja (Trailer)", "3/1/21", "trailer or clip"),
    ]
    assert history.left_out.columns.tolist() == ["profile", "title", "date", "reason"]
    assert set(map(str, history.left_out.dtypes)) == {"string"}


def test_what_a_full_data_request_leaves_out_goes_with_its_profile() -> None:
    whole = read(FULL + "Cleo,2021-03-22\n")
    short = ("Dark: Season 1: Lies (Episode 2)", "2021-03-25", "too short")
    trailer = ("Dark: Season 1 (Trailer)", "2021-03-24", "trailer or clip")
    hook = ("Okja", "2021-03-23", "trailer or clip")
    again = ("Okja", "2021-03-24", "same day again")
    assert left_out(whole.of_profile("Ada")) == [("Ada", *row) for row in (short, trailer, hook)]
    ben = whole.of_profile("Ben")
    assert left_out(ben) == [("Ben", *again)]
    assert ben.left_out.index.tolist() == [0]
    assert left_out(whole) == left_out(whole.of_profile("Ada")) + left_out(ben)


def test_nothing_left_out_is_an_empty_table() -> None:
    table = read(PLAIN).left_out
    assert table.empty
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dict.fromkeys(
        ["profile", "title", "date", "reason"], "string"
    )


# --- what is not an export --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        ("\ufeff\n".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
        (b"PK\x03\x04\x14\x00\x00\x00", "ViewingActivity.csv"),
        (b"%PDF-1.7 x", "PDF"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\n <html lang='en'>", "web page"),
        (json.dumps({"title": "Okja"}).encode(), "JSON"),
        (json.dumps([{"title": "Okja"}], indent=1).encode(), "JSON"),
        (bytes(range(256)) * 20, "not text"),
        (b"Name,Age\nAda,36\n", "columns"),
        (b"Profile Name,Title Name,Rating Type,Star Value\nAda,Okja,star,5\n", "columns"),
        (b"When,Degrees\n2021-03-25,12.5\n2021-03-24,11.5\n", "columns"),
        (b"2021-03-25,12.5\n2021-03-24,11.5\n", "columns"),
        (b"Dear diary\ntoday I watched Okja.\n", "columns"),
        (b"Title,Date\n", "no rows"),
        (b"Title,Date\nOkja\n", "no row"),
        (b"Title,Date\nOkja,soon\nDark,later\n", "date"),
        (b"sep=,\n", "row"),
    ],
)
def test_what_is_not_an_export_gets_one_sentence(data: bytes, word: str) -> None:
    with pytest.raises(NotAnExport) as error:
        read(data)
    assert word in str(error.value)
    assert re.fullmatch(r"[A-Z][^.]+\.", error.value.found)
    assert "Okja" not in str(error.value)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "secret name.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(NotAnExport, match="200 MB") as error:
        read_history(path)
    assert "secret name" not in str(error.value)


def test_large_content_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_EXPORT_BYTES", 10)
    with pytest.raises(NotAnExport, match="at most"):
        read(PLAIN)


def test_a_full_data_request_of_a_hundred_megabytes_is_no_reason_to_refuse() -> None:
    assert exports.MAX_EXPORT_BYTES >= 120 * 1024 * 1024


def test_more_rows_than_anybody_can_watch_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_EXPORT_ROWS", 4)
    assert len(read(PLAIN).viewings) == 4
    with pytest.raises(NotAnExport, match="more rows"):
        read(PLAIN + '"Okja","2/2/21"\n')


def test_more_profiles_than_a_household_has_are_refused() -> None:
    row = "{},2021-03-25 20:01:02,00:43:26,,Okja,,TV,00:43:26,,DE"
    many = "\n".join([FULL_HEADER, *(row.format(f"P{n}") for n in range(1000))])
    with pytest.raises(NotAnExport, match="profiles"):
        read(many)


@pytest.mark.parametrize("name", ["", "missing.csv", "nul\0.csv"])
def test_no_file_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotAnExport) as error:
        read_history(f"{tmp_path}/{name}")
    assert str(tmp_path) not in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None


# --- any history, any bytes -------------------------------------------------------------------

_words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(_words, st.dates(date(2008, 1, 1), TODAY)), min_size=1, max_size=20))
def test_what_was_written_is_read(rows: list[tuple[str, date]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["Title", "Date"])
    writer.writerows((f"x{title}x", f"{day:%Y-%m-%d}") for title, day in rows)
    history = read(file.getvalue())
    assert history.report.rows == len(rows)
    if not history.report.dropped:
        assert history.viewings["date"].dt.date.tolist() == [day for _, day in rows]
        written = [clean_title(f"x{title}x") for title, _ in rows]
        assert history.viewings["title"].tolist() == written


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"Title,Date\n\x00")
@example(b"\xff\xfe\x00")
@example(b"\x00T\x00i")
@example(b'Title,Date\n"' + b"a" * 200_000 + b'",1/1/21\n')
def test_any_bytes_are_read_or_are_no_export(data: bytes) -> None:
    with contextlib.suppress(NotAnExport):
        read(data)


@settings(deadline=None)
@given(
    st.text(max_size=200), st.sampled_from(["Title,Date\n", "Date;Title\n", FULL_HEADER + "\n", ""])
)
def test_any_rows_below_a_header_are_accounted_for(text: str, header: str) -> None:
    try:
        history = read((header + text + "\nOkja,2021-03-25\n").encode("utf-8", "surrogatepass"))
    except NotAnExport:
        return
    assert history.report.viewings == len(history.viewings)
    assert history.viewings[["profile", "title", "date", "kind"]].notna().all(axis=None)
    counts = history.left_out["reason"].value_counts().to_dict()
    assert counts == {
        reason: rows for reason, rows in history.report.dropped.items() if reason != "broken row"
    }


# --- five real files, where they are ----------------------------------------------------------


@pytest.mark.parametrize("number", range(5))
def test_real_exports(number: int, shared_data: Path) -> None:
    path = sorted((shared_data / "histories").glob("*.csv"))[number]
    history = read_history(path)
    report, viewings = history.report, history.viewings
    form = {"month-day-yy": "M/D/YY", "dd-mm-yyyy": "DD/MM/YYYY"}
    assert report.rows == int(re.findall(r"_(\d+)rows", path.name)[0])
    assert report.date_format == form[path.name.split("_")[1]]
    assert (report.undated, report.ambiguous_dates) == (0, False)
    # Nothing is dropped but rows whose title is an empty text in the file itself.
    empty = sum(line.startswith('"",') for line in path.read_text("utf-8").splitlines())
    assert report.dropped == ({"no title": empty} if empty else {})
    assert viewings["date"].is_monotonic_decreasing
    assert viewings["series"].nunique() >= 20
