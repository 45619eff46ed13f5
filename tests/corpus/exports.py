"""The bytes of exports as Netflix, and the programs they then went through, write them.

Everything here is made up and follows from a seed. What each export shows of the known formats is
noted in its `covers`, by the names that `test_corpus` lists.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from .papers import PAPERS, Paper
from .viewings import Viewing, watch

__all__ = ["Export", "corpus"]

_DEVICE, _COUNTRY = "Chrome PC (Cadmium)", "NL (Netherlands)"
_EXTRAS = ("TRAILER", "HOOK", "TEASER_TRAILER", "RECAP")


@dataclass(frozen=True)
class Export:
    """One made-up person's or household's file, and what is truly in it.

    Attributes:
        name: Language and form, for messages.
        viewings: One a row, in the file's order.
        day_first: What the person says if asked.
        covers: What of the known formats it shows.
    """

    name: str
    language: str
    data: bytes
    encoding: str
    viewings: tuple[Viewing, ...] = field(repr=False)
    day_first: bool
    covers: frozenset[str]


def corpus() -> list[Export]:
    """All exports, the same ones each time."""
    return [_export(paper, seed) for seed, paper in enumerate(PAPERS)]


def _export(paper: Paper, seed: int) -> Export:
    random = Random(seed)
    viewings = _watched(paper, seed)
    if paper.full:
        viewings = _sittings(viewings, random)
    viewings = _on_days(paper.days, viewings)
    if paper.turned:
        viewings.reverse()
    data = _bytes(paper, viewings, random)
    return Export(
        f"{paper.language} {paper.name} ({', '.join(paper.dates)})",
        paper.language,
        data,
        paper.encoding,
        tuple(viewings),
        paper.day_first,
        _covers(paper, viewings),
    )


def _watched(paper: Paper, seed: int) -> list[Viewing]:
    """What the people of the file watched, one profile after the other unless it is mixed."""
    names = ("Noor", "Sam", "Kids")[: paper.profiles] if paper.full else ("",)
    found: list[Viewing] = []
    for at, name in enumerate(names):
        share = slice((paper.share + at) % paper.shares, None, paper.shares)
        found += watch(
            paper.language, 100 * seed + at, share=share, closing=paper.closing, profile=name
        )
    return sorted(found, key=lambda one: one.date, reverse=True) if paper.mixed else found


def _on_days(days: str, viewings: list[Viewing]) -> list[Viewing]:
    """A file that has no day above 12; a short one may leave the order open."""
    if not days:
        return viewings
    if days == "low":
        return [replace(one, date=one.date.replace(day=min(one.date.day, 12))) for one in viewings]
    month = date(2021, 3, 1) if days == "one month" else date(2024, 6, 1)
    return [
        replace(one, date=month.replace(day=12 - at // 3))
        for at, one in enumerate(viewings[: 3 * 12])
    ]


def _covers(paper: Paper, viewings: Sequence[Viewing]) -> frozenset[str]:
    """What of the known formats the file shows."""
    found = {
        paper.delimiter.join(paper.columns) if paper.header else "no header",
        "full request" if paper.full else "download",
        f"quotes {paper.quotes}",
        paper.encoding,
        f"days {paper.days or 'above 12'}",
        *(f"date {form}" for form in paper.dates),
    }
    found |= {f"column {name}" for name in paper.columns}
    told = {
        "CRLF": paper.newline == "\r\n",
        "blank lines": paper.blank_lines,
        "trailing comma": paper.trailing,
        "household": paper.profiles > 1,
        "mixed dates": len(paper.dates) > 1,
        "oldest first": paper.turned,
        f"{paper.language} closing": paper.closing,
    }
    found |= {what for what, holds in told.items() if holds}
    for one in viewings:
        found |= {one.kind, f"{paper.language} {one.marker}", f"{paper.language} {one.kind}"}
        found |= {one.title.partition(": ")[0]}
        found |= {f"supplemental {one.supplemental}"} if one.supplemental else set()
    return frozenset(found)


def _sittings(viewings: Sequence[Viewing], random: Random) -> list[Viewing]:
    """As in a full data request: clips are called so, a viewing may have several rows."""
    rows: list[Viewing] = []
    for one in viewings:
        if one.kind == "clip":
            one = replace(one, supplemental=random.choice(_EXTRAS))
        elif random.random() < 0.1:
            rows.append(replace(one, kind="again"))
        rows.append(one)
        if random.random() < 0.08:
            rows.append(replace(one, kind="too short", supplemental=""))
    return rows


# --- the file ---------------------------------------------------------------------------------


def _bytes(paper: Paper, viewings: Sequence[Viewing], random: Random) -> bytes:
    lines = [_line(paper, dict(zip(paper.columns, paper.columns, strict=True)))]
    if not paper.header:
        lines = []
    for at, one in enumerate(viewings):
        damaged = paper.quotes != "whole" and at % 5 == 2
        lines.append(_line(paper, _cells(paper, one, random), damaged=damaged))
        if paper.blank_lines and at % 9 == 4:
            lines.append("")
    text = paper.newline.join(lines) + paper.newline
    return text.encode(paper.encoding)


def _cells(paper: Paper, one: Viewing, random: Random) -> dict[str, str]:
    short = one.kind == "too short"
    duration = f"0:00:{random.randint(3, 40):02}" if short else f"0:{random.randint(12, 58)}:17"
    when = _written(paper, one.date, random)
    values = {
        "Title": one.title,
        "Date": when,
        "Profile Name": one.profile,
        "Start Time": when,
        "Duration": duration,
        "Attributes": "Autoplayed: user action: None; ",
        "Supplemental Video Type": one.supplemental,
        "Device Type": _DEVICE,
        "Bookmark": duration,
        "Latest Bookmark": "Not latest view",
        "Country": _COUNTRY,
        "Type": {"film": "Movie"}.get(one.kind, "Series"),
    }
    values |= {"title": one.title, "date": when, "StartTime": when}
    return {column: values[column] for column in paper.columns}


def _line(paper: Paper, cells: dict[str, str], *, damaged: bool = False) -> str:
    values = list(cells.values())
    if damaged and paper.quotes == "lost":
        return paper.delimiter.join(value.replace('"', "") for value in values)
    out = io.StringIO()
    quoting = csv.QUOTE_MINIMAL if paper.full or paper.delimiter != "," else csv.QUOTE_ALL
    csv.writer(out, delimiter=paper.delimiter, quoting=quoting, lineterminator="").writerow(values)
    line = out.getvalue() + paper.delimiter * paper.trailing
    if damaged and paper.quotes == "wrapped":
        return '"' + line.replace('"', '""') + '"'
    if damaged and paper.quotes == "half":
        return line.removeprefix('"')
    return line


# --- dates ------------------------------------------------------------------------------------

_MONTHS = {
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "de": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "tr": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "da": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "sv": "jan feb mars apr maj juni juli aug sep okt nov dec",
    "no": "jan feb mar apr mai jun jul aug sep okt nov des",
    "fi": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "cs": "led úno bře dub kvě čvn čvc srp zář říj lis pro",
    "hu": "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "ro": "ian feb mar apr mai iun iul aug sept oct nov dec",
}


def _month(paper: Paper, day: date) -> str:
    return _MONTHS[paper.language].split()[day.month - 1]


_FORMS: dict[str, Callable[[date], str]] = {
    "M/D/YY": lambda d: f"{d.month}/{d.day}/{d:%y}",
    "M/D/YYYY": lambda d: f"{d.month}/{d.day}/{d:%Y}",
    "DD/MM/YYYY": lambda d: f"{d:%d/%m/%Y}",
    "DD/MM/YY": lambda d: f"{d:%d/%m/%y}",
    "D/M/YY": lambda d: f"{d.day}/{d.month}/{d:%y}",
    "DD-MM-YY": lambda d: f"{d:%d-%m-%y}",
    "DD.MM.YYYY": lambda d: f"{d:%d.%m.%Y}",
    "D.M.YYYY": lambda d: f"{d.day}.{d.month}.{d:%Y}",
    "YYYY-MM-DD": lambda d: f"{d:%Y-%m-%d}",
    "YYYY/MM/DD": lambda d: f"{d:%Y/%m/%d}",
    "YYYY.MM.DD.": lambda d: f"{d:%Y. %m. %d.}",
    "YYYY. M. D.": lambda d: f"{d:%Y}. {d.month}. {d.day}.",
    "YYYY年M月D日": lambda d: f"{d:%Y}年{d.month}月{d.day}日",
    "DD-MM-YYYY": lambda d: f"{d:%d-%m-%Y}",
    "D-M-YY": lambda d: f"{d.day}-{d.month}-{d:%y}",
}


def _written(paper: Paper, day: date, random: Random) -> str:
    forms = paper.dates
    form = forms[0]
    if len(forms) > 1:
        form = forms[random.random() < 0.4]
        if paper.spreadsheet:  # it reads what makes a date in its own order, and leaves the rest
            form = forms[day.day <= 12]
    if form == "swapped":
        day, form = date(day.year, day.day, day.month), "YYYY-MM-DD"
    date_form, time_form = form.split(" ", 1) if " " in form and "H" in form else (form, "")
    if "MMM" in date_form:
        text = f"{day:%d}-{_month(paper, day)}{'.' * ('.' in date_form)}-{day:%y}"
    else:
        text = _FORMS[date_form](day)
    return text + (" " + _clock(time_form, random) if time_form else "")


def _clock(form: str, random: Random) -> str:
    """A time of day, as `HH:MM:SS`, `HH:MM` or `H:MM` say, or as spreadsheets of a country do."""
    hour, minute, second = random.randint(0, 23), random.randint(0, 59), random.randint(0, 59)
    return {
        "HH:MM:SS": f"{hour:02}:{minute:02}:{second:02}",
        "HH:MM": f"{hour:02}:{minute:02}",
        "H:MM": f"{hour}:{minute:02}",
        "HH.MM": f"{hour:02}.{minute:02}",
        "오후 H:MM:SS": f"{'오전' if hour < 12 else '오후'} {hour % 12}:{minute:02}:{second:02}",
    }[form]
