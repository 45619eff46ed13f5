"""What one writer puts into a file, in every clothes that exports wear, the reader takes out of it again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from fedflex_core.viewing.history import History, NotAnExport, read_history
from fedflex_core.viewing.history.titles import clean_title, is_clip

TODAY = date(2024, 6, 30)
Row = tuple[str, str, date]  # a profile, a title and a day

# --- the writer -------------------------------------------------------------------------------

MONTHS_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "es": "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "nl": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "tr": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
}


def named(language: str) -> Callable[[date], str]:
    months = MONTHS_SHORT[language].split()
    return lambda day: f"{day:%d}-{months[day.month - 1]}-{day:%y}"


# What each form is called, and whether the day stands first; None where the form itself tells.
FORMS: dict[str, tuple[Callable[[date], str], bool | None]] = {
    "M/D/YY": (lambda d: f"{d.month}/{d.day}/{d:%y}", False),
    "M/D/YYYY": (lambda d: f"{d.month}/{d.day}/{d:%Y}", False),
    "DD/MM/YYYY": (lambda d: f"{d:%d/%m/%Y}", True),
    "DD/MM/YY": (lambda d: f"{d:%d/%m/%y}", True),
    "D/M/YY": (lambda d: f"{d.day}/{d.month}/{d:%y}", True),
    "DD-MM-YY": (lambda d: f"{d:%d-%m-%y}", True),
    "DD.MM.YYYY": (lambda d: f"{d:%d.%m.%Y}", True),
    "D.M.YYYY": (lambda d: f"{d.day}.{d.month}.{d:%Y}", True),
    "YYYY-MM-DD": (lambda d: f"{d:%Y-%m-%d}", None),
    "YYYY/MM/DD": (lambda d: f"{d:%Y/%m/%d}", None),
    "YYYY-MM-DD HH:MM:SS": (lambda d: f"{d:%Y-%m-%d} 20:01:02", None),
    "YYYY-MM-DD HH:MM": (lambda d: f"{d:%Y-%m-%d} 09:15", None),
    "M/D/YY H:MM": (lambda d: f"{d.month}/{d.day}/{d:%y} 7:05", False),
    "M/D/YYYY HH:MM": (lambda d: f"{d.month}/{d.day}/{d:%Y} 17:05", False),
    **{f"DD-MMM-YY ({language})": (named(language), None) for language in MONTHS_SHORT},
}
FULL_NAMES = [
    "Profile Name", "Start Time", "Duration", "Attributes", "Title", "Supplemental Video Type",
    "Device Type", "Bookmark", "Latest Bookmark", "Country",
]  # fmt: skip


@dataclass(frozen=True)
class Clothes:
    """All that may differ between two files of the same viewings."""

    form: str = "M/D/YY"
    full: bool = False
    delimiter: str = ","
    header: bool = True
    line_end: str = "\n"
    alphabet: str = "utf-8"
    quoting: int = csv.QUOTE_ALL

    def write(self, rows: list[Row]) -> bytes:
        file = io.StringIO()
        dialect = {"delimiter": self.delimiter, "lineterminator": self.line_end}
        writer = csv.writer(file, quoting=self.quoting, **dialect)  # type: ignore[arg-type]
        if self.header:
            writer.writerow(FULL_NAMES if self.full else ["Title", "Date"])
        writer.writerows(map(self._fields, rows))
        return file.getvalue().encode(self.alphabet)

    def _fields(self, row: Row) -> list[str]:
        profile, title, day = row
        written = FORMS[self.form][0](day)
        if not self.full:
            return [title, written]
        return [profile, written, "00:43:26", "", title, "", "TV", "00:43:26", "00:43:26", "DE"]


CLOTHES = st.builds(
    Clothes,
    full=st.booleans(),
    delimiter=st.sampled_from(",;\t|"),
    header=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    alphabet=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)

# --- the viewings -----------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
NAMES = st.builds("{}{}".format, st.characters(categories=["L"]), ANY_TEXT)
EPISODES = st.builds(
    "{}: Season {}: {}".format,
    st.sampled_from(["Dark", "Star Trek: Discovery", "Zaklínač", "오징어 게임"]),
    st.integers(1, 9),
    NAMES,
)
TITLES = st.one_of(NAMES, EPISODES).filter(lambda title: not is_clip(clean_title(title)))
DAYS = st.dates(date(2008, 1, 1), TODAY)
PROFILES = st.sampled_from(["Ada", "Ben", "Çağla", "한나"])


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Viewings as exports have them: profile after profile, newest first, no row twice."""
    drawn = draw(st.lists(st.tuples(PROFILES, TITLES, DAYS), min_size=1, max_size=25))
    rows = {(profile, clean_title(title), day): title for profile, title, day in drawn}
    in_order = sorted(rows, key=lambda row: (row[0], -row[2].toordinal()))
    return [(row[0], rows[row], row[2]) for row in in_order]


def read(data: bytes, day_first: bool | None = None) -> History:
    return read_history(data, day_first=day_first, today=TODAY)


def assert_read_back(history: History, rows: list[Row], clothes: Clothes) -> None:
    table = history.viewings
    assert history.report.dropped == {} and history.left_out.empty
    assert table["title"].tolist() == [clean_title(title) for _, title, _ in rows]
    assert table["date"].dt.date.tolist() == [day for *_, day in rows]
    profiles = [profile if clothes.full else "" for profile, *_ in rows]
    assert table["profile"].tolist() == profiles
    for profile in set(profiles):
        mine = history.of_profile(profile).viewings
        assert len(mine) == profiles.count(profile)


# --- what has to hold -------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=60)
@given(histories(), CLOTHES)
def test_what_was_written_is_read_back(form: str, rows: list[Row], clothes: Clothes) -> None:
    clothes = replace(clothes, form=form)
    if not clothes.full:  # there is one profile, so all rows run newest first
        rows = sorted(rows, key=lambda row: -row[2].toordinal())
    data = clothes.write(rows)
    history = read(data)
    day_first = FORMS[form][1]
    if history.report.ambiguous_dates:
        event("day and month could be either way round")
        assert day_first is not None, "this form says itself which is the month"
        history = read(data, day_first)
        assert not history.report.ambiguous_dates
    assert_read_back(history, rows, clothes)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("full", [False, True], ids=["plain", "full"])
def test_the_form_of_the_dates_is_named(form: str, full: bool) -> None:
    rows = [("Ada", f"Film {n}", date(2021, 11, 25 - n)) for n in range(20)]
    report = read(Clothes(form, full).write(rows)).report
    assert report.date_format == form.split(" (")[0]
    assert not report.ambiguous_dates


@settings(deadline=None)
@given(st.lists(st.tuples(TITLES, st.dates(date(2008, 1, 1), TODAY)), min_size=1, max_size=8))
def test_a_file_without_a_day_above_twelve_is_asked_about_or_read_right(
    drawn: list[tuple[str, date]],
) -> None:
    days = sorted((day.replace(day=day.day % 12 + 1) for _, day in drawn), reverse=True)
    assume(max(days) <= TODAY)
    rows = [("", title, day) for (title, _), day in zip(drawn, days, strict=True)]
    for form in ("M/D/YY", "D/M/YY", "DD.MM.YYYY"):
        data, day_first = Clothes(form).write(rows), FORMS[form][1]
        if not read(data).report.ambiguous_dates:
            assert read(data).viewings["date"].dt.date.tolist() == days
        assert read(data, day_first).viewings["date"].dt.date.tolist() == days


@settings(deadline=None)
@given(histories(), CLOTHES, st.data())
def test_a_damaged_file_still_accounts_for_every_row(
    rows: list[Row], clothes: Clothes, data: st.DataObject
) -> None:
    written = clothes.write(rows)
    start = data.draw(st.integers(0, len(written)))
    end = data.draw(st.integers(start, min(len(written), start + 20)))
    damaged = written[:start] + data.draw(st.binary(max_size=4)) + written[end:]
    try:
        history = read(damaged)
    except NotAnExport:
        return
    report = history.report
    assert report.rows == len(history.viewings) + sum(report.dropped.values())
    assert len(history.left_out) == sum(report.dropped.values()) - report.dropped.get(
        "broken row", 0
    )
