"""Odd and hostile files: each is read or refused with one sentence, in little memory."""

import re
import tracemalloc
from datetime import date

import pytest

from fedflex_core.viewing.history import History, NotAnExport, read_history

TODAY = date(2024, 6, 30)
OKJA = '"Okja","3/25/21"\n'
PLAIN = "Title,Date\n" + OKJA
FULL_HEADER = (
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,"
    "Device Type,Bookmark,Latest Bookmark,Country\n"
)
MEGABYTE = 1 << 20


def read(data: str | bytes) -> History:
    return read_history(data.encode() if isinstance(data, str) else data, today=TODAY)


def titles(data: str | bytes) -> list[str]:
    return read(data).viewings["title"].tolist()


def refusal(data: str | bytes) -> str:
    with pytest.raises(NotAnExport) as error:
        read(data)
    assert re.fullmatch(r"[A-Z][^.]+\.", error.value.found)
    return error.value.found


# --- texts that other programs would act upon -------------------------------------------------

FORMULAS = [
    '=HYPERLINK("http://example.org","Okja")',
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1:A9)",
    "=cmd|' /C calc'!A0",
    "'=1",
    "<script>alert(1)</script>",
    "%s%n {0} ${HOME}",
    "../../etc/passwd",
]


@pytest.mark.parametrize("title", FORMULAS)
def test_a_formula_is_a_title_like_any_other(title: str) -> None:
    quoted = title.replace('"', '""')
    assert titles(f'Title,Date\n"{quoted}","3/25/21"\n') == [title]
    full = f'Ada,2021-03-25 20:01:02,00:43:26,,"{quoted}",,TV,00:43:26,,DE\n'
    assert titles(FULL_HEADER + full) == [title]


@pytest.mark.parametrize("sign", ["\u200e", "\u200f", "\u202e", "\u2066\u2069", "\u200b", "\u00ad"])
def test_signs_that_nobody_sees_cost_no_row(sign: str) -> None:
    history = read(f'{PLAIN}"{sign}Dark: Season 1: {sign}Lies","{sign}3/24/21"\n')
    assert history.report.rows == 2
    assert history.viewings["title"].iloc[0] == "Okja"


def test_a_title_of_invisible_signs_alone_is_none() -> None:
    assert read(f'{PLAIN}"\u200f\u202e","3/24/21"\n').report.dropped == {"no title": 1}


@pytest.mark.parametrize("sign", ["\x00", "\ufeff"])
def test_padding_between_letters_goes_away(sign: str) -> None:
    assert titles(PLAIN + OKJA.replace("kj", f"k{sign}j") + OKJA) == ["Okja"] * 3


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x0c", "\x1b[2J", "\x1c", "\x85", "\u2028"])
def test_a_control_character_ends_no_row(sign: str) -> None:
    history = read(f'Title,Date\n"Ok{sign}ja","3/25/21"\n' + OKJA * 20)
    assert history.report.viewings == 21


def test_half_surrogates_cost_no_other_row() -> None:
    for alphabet in ("utf-8", "utf-16-le"):
        data = (PLAIN + '"Half \ud800 of it","3/24/21"\n').encode(alphabet, "surrogatepass")
        history = read(data)
        assert history.report.viewings == 2
        history.viewings["title"].iloc[1].encode()  # it can be written again


# --- files of an odd shape --------------------------------------------------------------------


def test_quotes_never_closed_cost_no_row() -> None:
    assert read("Title,Date\n" + '"Okja,3/25/21\n' * 1000).report.viewings == 1000


def test_quotes_alone_are_an_empty_file() -> None:
    assert "empty" in refusal('"' * 100_000)


def test_several_forms_of_date_in_one_file() -> None:
    history = read("Title,Date\nA,25/03/2021\nB,2021-03-24\nC,23 Mar 2021\nD,22.03.2021\n")
    assert history.viewings["date"].dt.day.tolist() == [25, 24, 23, 22]
    assert history.report.date_format.startswith("mixed: ")


def test_only_a_header_has_no_rows() -> None:
    assert "no rows" in refusal("Title,Date")
    assert "no rows" in refusal(FULL_HEADER * 3)


def test_a_million_blank_lines_anywhere() -> None:
    blank = "\n" * 1_000_000
    assert titles(blank + PLAIN + ", ,\r\n" * 1_000_000 + OKJA) == ["Okja"] * 2
    assert titles("sep=,\n" + blank + "Title,Date\n" + blank + OKJA) == ["Okja"]
    assert "empty" in refusal(blank)


@pytest.mark.parametrize("filling", ["a", "a,", '"', '"a",', "🎬", ": a", " "])
def test_one_line_of_ten_megabytes_is_one_broken_row_at_most(filling: str) -> None:
    line = filling * (10 * MEGABYTE // len(filling.encode()))
    history = read(f"{PLAIN}{line}\n{OKJA}")
    assert history.viewings["title"].tolist() == ["Okja"] * 2
    assert history.report.dropped in ({}, {"broken row": 1})
    refusal(line)
    refusal(f"Title,{line}\n{OKJA}")


def test_a_hundred_thousand_columns() -> None:
    row = "x," * 100_000
    assert "columns" in refusal(f"{row}Title,Date\n{row}Okja,3/25/21\n")
    assert read(PLAIN + row + "\n" + OKJA).report.dropped == {"broken row": 1}
    assert titles("Title,Date" + "," * 3000 + "\n" + OKJA) == ["Okja"]


def test_many_columns_and_many_rows_of_few() -> None:
    header = "Title,Date" + ",x" * 1500 + ",Duration\n"
    assert len(titles(header + OKJA * 5000)) == 5000


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        pytest.param(b"Title,Date\n" + b"a" * (40 * MEGABYTE), 20, id="a line without an end"),
        pytest.param(b"Title,Date\n" + b"\n" * (40 * MEGABYTE), 20, id="nothing but line ends"),
        pytest.param(b"\x00" * (40 * MEGABYTE), 20, id="zeros"),
        pytest.param("🎬".encode() * (10 * MEGABYTE), 20, id="four bytes a letter"),
        pytest.param(b'"Okja","3/25/21"\n' * 300_000, 100, id="rows that are all alike"),
    ],
)
def test_memory_stays_far_below_the_file_as_a_text(data: bytes, limit: int) -> None:
    tracemalloc.start()
    try:
        read(data)
    except NotAnExport:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < limit * MEGABYTE
