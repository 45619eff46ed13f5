"""Dates: every form that exports have, and the order of day and month from the whole file."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedflex_core.viewing.history.dates import looks_like_date, read_dates
from fedflex_core.viewing.languages import MONTHS

TODAY = date(2024, 6, 30)
NEWEST_FIRST = [date(2021, 11, 25), date(2021, 11, 3), date(2021, 3, 14), date(2020, 12, 1)]

FORMS: dict[str, Callable[[date], str]] = {
    "M/D/YY": lambda d: f"{d.month}/{d.day}/{d:%y}",
    "M/D/YYYY": lambda d: f"{d.month}/{d.day}/{d:%Y}",
    "MM/DD/YYYY": lambda d: f"{d:%m/%d/%Y}",
    "DD/MM/YYYY": lambda d: f"{d:%d/%m/%Y}",
    "DD/MM/YY": lambda d: f"{d:%d/%m/%y}",
    "D/M/YY": lambda d: f"{d.day}/{d.month}/{d:%y}",
    "DD-MM-YY": lambda d: f"{d:%d-%m-%y}",
    "DD.MM.YYYY": lambda d: f"{d:%d.%m.%Y}",
    "DD.MM.YY": lambda d: f"{d:%d.%m.%y}",
    "D.M.YYYY": lambda d: f"{d.day}.{d.month}.{d:%Y}",
    "YYYY-MM-DD": lambda d: f"{d:%Y-%m-%d}",
    "YYYY/MM/DD": lambda d: f"{d:%Y/%m/%d}",
    "YYYY-MM-DD HH:MM:SS": lambda d: f"{d:%Y-%m-%d} 07:05:59",
    "YYYY-MM-DD HH:MM": lambda d: f"{d:%Y-%m-%d} 23:05",
    "M/D/YY H:MM": lambda d: f"{d.month}/{d.day}/{d:%y} 7:05",
    "M/D/YYYY HH:MM": lambda d: f"{d.month}/{d.day}/{d:%Y} 17:05",
}


def days(*texts: str, **said: object) -> list[str]:
    return [str(day) for day in read_dates(texts, **{"today": TODAY, **said}).days]  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_and_named(form: str) -> None:
    read = read_dates([FORMS[form](day) for day in NEWEST_FIRST], today=TODAY)
    assert read.days.tolist() == NEWEST_FIRST
    assert read.form == form
    assert not read.ambiguous


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(dates=st.lists(st.dates(date(2008, 1, 1), TODAY), min_size=1, max_size=30))
def test_newest_first_is_read_back_or_asked_about(form: str, dates: list[date]) -> None:
    written = sorted(dates, reverse=True)
    read = read_dates([FORMS[form](day) for day in written], today=TODAY)
    assert read.ambiguous or read.days.tolist() == written


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(dates=st.lists(st.dates(date(2008, 1, 1), TODAY), min_size=1, max_size=30))
def test_what_the_person_says_reads_back_any_order(form: str, dates: list[date]) -> None:
    read = read_dates(
        [FORMS[form](day) for day in dates], today=TODAY, day_first=form.startswith("D")
    )
    assert read.days.tolist() == dates
    assert not read.ambiguous


def test_a_day_above_twelve_decides_for_the_whole_file() -> None:
    assert days("3/4/21", "3/25/20")[0] == "2021-03-04"
    assert days("3/4/21", "25/3/20")[0] == "2021-04-03"


def test_a_day_above_twelve_outweighs_what_the_person_says() -> None:
    assert days("3/4/21", "3/25/20", day_first=True) == ["2021-03-04", "2020-03-25"]


def test_newest_first_decides_where_no_day_is_above_twelve() -> None:
    assert days("1/3/21", "12/2/21", "5/2/21") == ["2021-03-01", "2021-02-12", "2021-02-05"]
    assert days("3/1/21", "2/12/21", "2/5/21") == ["2021-03-01", "2021-02-12", "2021-02-05"]


def test_a_file_turned_round_is_still_read() -> None:
    oldest_first = [date(2021, 1, 2), date(2021, 1, 9), date(2021, 2, 3), date(2021, 2, 11)]
    for form in ("M/D/YY", "D/M/YY"):
        assert days(*map(FORMS[form], oldest_first)) == [str(day) for day in oldest_first]


def test_no_date_in_the_future_decides() -> None:
    read = read_dates(["5/6/24", "5/6/24"], today=date(2024, 5, 20))
    assert read.days.tolist() == [date(2024, 5, 6)] * 2
    assert not read.ambiguous
    assert days("6/5/24", today=date(2024, 5, 20)) == ["2024-05-06"]


def test_newest_first_holds_within_each_profile() -> None:
    texts = ["1/3/21", "12/2/21", "1/4/21", "12/3/21"]
    read = read_dates(texts, profiles=np.array([0, 0, 1, 1]), today=TODAY)
    assert [str(day) for day in read.days] == [
        "2021-03-01", "2021-02-12", "2021-04-01", "2021-03-12",
    ]  # fmt: skip


def test_profiles_may_alternate() -> None:
    texts = ["1/9/21", "1/3/21", "12/8/21", "12/2/21"]
    read = read_dates(texts, profiles=np.array([0, 1, 0, 1]), today=TODAY)
    assert [str(day)[:7] for day in read.days] == ["2021-09", "2021-03", "2021-08", "2021-02"]


def test_what_cannot_be_told_is_said_and_can_be_decided() -> None:
    assert read_dates(["3/4/21"], today=TODAY).ambiguous
    assert days("3/4/21") == ["2021-03-04"]  # the default for this form
    assert days("03.04.2021") == ["2021-04-03"]
    assert days("3/4/21", day_first=True) == ["2021-04-03"]
    assert days("03.04.2021", day_first=False) == ["2021-03-04"]
    assert not read_dates(["3/4/21"], day_first=True, today=TODAY).ambiguous


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=12, max_size=30),
    st.randoms(use_true_random=False),
)
def test_rows_in_no_order_are_asked_about(pairs: list[tuple[int, int]], random: Random) -> None:
    random.shuffle(pairs)
    dates = [date(2021, month, day) for month, day in pairs]
    read = read_dates([FORMS["DD/MM/YYYY"](day) for day in dates], today=TODAY)
    assert read.ambiguous or read.days.tolist() == dates


def test_a_few_rows_out_of_order_do_not_matter() -> None:
    dates = [date(2021, month, day) for month in range(12, 0, -1) for day in (11, 6, 2)]
    dates[5], dates[6] = dates[6], dates[5]
    read = read_dates([FORMS["DD/MM/YYYY"](day) for day in dates], today=TODAY)
    assert read.days.tolist() == dates
    assert not read.ambiguous


def test_the_same_day_in_both_orders_is_not_ambiguous() -> None:
    assert not read_dates(["4/4/21", "3/3/21"], today=TODAY).ambiguous


@pytest.mark.parametrize("names", MONTHS, ids=lambda names: names[0])
def test_every_month_name_of_every_language(names: tuple[str, ...]) -> None:
    texts = [f"05-{name}-21" for name in names]
    read = read_dates(texts, today=TODAY)
    assert read.days.tolist() == [date(2021, month, 5) for month in range(1, 13)]
    assert read.form == "DD-MMM-YY"


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.", range(1, 13)),
        ("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", range(1, 13)),
        ("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.", range(1, 13)),
        ("sty lut mar kwi maj cze lip sie wrz paź lis gru", range(1, 13)),
        ("Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara", range(1, 13)),
        ("tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu", range(1, 13)),
        ("jan febr márc ápr máj jún júl aug szept okt nov dec", range(1, 13)),
        ("янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.", range(1, 13)),
        ("січ. лют. бер. квіт. трав. черв. лип. серп. вер. жовт. лист. груд.", range(1, 13)),
        ("Ιαν Φεβ Μαρ Απρ Μαΐ Ιουν Ιουλ Αυγ Σεπ Οκτ Νοε Δεκ", range(1, 13)),
        ("sij velj ožu tra svi lip srp kol ruj lis stu pro", range(1, 13)),
        ("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.", range(1, 13)),
        ("בינו׳ בפבר׳ במרץ באפר׳ במאי ביוני ביולי באוג׳ בספט׳ באוק׳ בנוב׳ בדצמ׳", range(1, 13)),
    ],
)
def test_months_cut_short(short: str, expected: range) -> None:
    texts = [f"05-{name}-21" for name in short.split()]
    assert [int(day[5:7]) for day in days(*texts)] == list(expected)


@pytest.mark.parametrize(
    "text",
    ["5 nov 2021", "5. november 2021", "5 de noviembre de 2021", "Nov 5, 2021",
     "November 5th, 2021", "2021. november 5.", "2021年11月5日", "2021년 11월 5일", "05-NOV-21",
     "05-nov.-21", "2021-11-05T22:10:00Z", '"2021-11-05"', " 5. 11. 2021",
     # calendars and spreadsheets of other countries
     "Fri, Nov 5, 2021", "Friday, November 5, 2021 at 10:15 PM", "vie., 5 nov 2021",
     "5 d’nov. de 2021", "05.Kas.21", "5 нояб. 2021 г.", "5.11.2021 г.", "5 лист. 2021 р.",
     "5 thg 11, 2021", "5 tháng 11 năm 2021", "5 พ.ย. 2564", "5 พฤศจิกายน 2564", "05/11/2564",
     "\u200f5\u200f/11\u200f/2021", "٥\u200f/١١\u200f/٢٠٢١", "5 نوفمبر 2021", "5 בנוב׳ 2021",
     "２０２１／１１／５", "2021年11月5日(金)", "2021-11-05 오후 10:15:00",
     "2021/11/5 下午 10:15:00", "05-11-2021 22.10", "5.11.2021 22.10.33"],
)  # fmt: skip
def test_other_ways_to_write_one_day(text: str) -> None:
    assert days(text, day_first=True) == ["2021-11-05"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "32/1/21",
        "13/13/21",
        "2021-02-30",
        "1/2",
        "1/2/3",
        "1/2/0021",
        "99:99",
        "²/1/21",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert not looks_like_date(text)
    read = read_dates([text, "3/25/21"], today=TODAY)
    assert np.isnat(read.days).tolist() == [True, False]
    assert read.form == "M/D/YY"


def test_damaged_texts_of_any_length_are_no_dates() -> None:
    for text in ("a.", "Fri, ", "5 nov ", "1"):
        assert not looks_like_date(f"5 {text * 50_000}")


def test_two_forms_after_a_spreadsheet() -> None:
    read = read_dates(["3/25/21", "2021-03-24", "3/23/21"], today=TODAY)
    assert [day.day for day in read.days.tolist()] == [25, 24, 23]
    assert read.form == "mixed: M/D/YY, YYYY-MM-DD"


def test_a_spreadsheet_that_read_only_some_rows_keeps_their_order() -> None:
    # Days above 12 stayed as text, the others came back in the spreadsheet's own form.
    assert days("25/03/2021", "9-3-21", "13/02/2021") == ["2021-03-25", "2021-03-09", "2021-02-13"]


def test_a_spreadsheet_that_turned_day_and_month_is_found_out() -> None:
    # 5 March, 4 March and 1 March were read as 3 May, 3 April and 3 January.
    texts = ["25/03/2021", "2021-05-03", "2021-04-03", "2021-01-03", "28/02/2021"]
    assert days(*texts)[1:4] == ["2021-03-05", "2021-03-04", "2021-03-01"]


def test_year_first_stays_as_it_is_without_such_a_sign() -> None:
    assert days("2021-05-03", "2021-07-04") == ["2021-05-03", "2021-07-04"]


def test_times_may_follow_only_some_dates() -> None:
    read = read_dates(["2021-03-25 10:00:00", "2021-03-24"], today=TODAY)
    assert read.form == "mixed: YYYY-MM-DD HH:MM:SS, YYYY-MM-DD"


def test_hours_with_and_without_a_zero_are_one_form() -> None:
    read = read_dates(["3/25/21 10:00", "3/24/21 9:00"], today=TODAY)
    assert read.form == "M/D/YY H:MM"


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}.{0,5}")))
def test_any_text_is_read_or_left(texts: list[str]) -> None:
    read = read_dates(texts, today=TODAY)
    assert len(read.days) == len(texts)
    assert (read.form == "") == bool(np.isnat(read.days).all())


def test_today_is_the_default() -> None:
    tomorrow = date.today() + timedelta(days=1)
    assert not np.isnat(read_dates([f"{tomorrow:%Y-%m-%d}"]).days).any()
