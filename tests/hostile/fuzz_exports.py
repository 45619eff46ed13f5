"""Any bytes at all into the reader of histories, steered by what of the reader they reach.

    python tests/hostile/fuzz_exports.py -max_total_time=600 CORPUS_DIR

The options are those of libFuzzer. Files that reach something new are kept in the folder, and the next run
goes on from them; a file that breaks a rule below is left in the working folder as `crash-…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

if __name__ == "__main__":  # what is imported here tells the fuzzer of every branch it takes
    import atheris

    with atheris.instrument_imports(include=["fedflex_core.viewing"]):
        from fedflex_core.viewing import history
else:
    from fedflex_core.viewing import history

TODAY = date(2024, 6, 30)
BROKEN = "broken row"


def check(data: bytes) -> None:
    """The rules: nothing but `NotAnExport`, which quotes nothing, and an account of every row."""
    try:
        found = history.read_history(data, today=TODAY)
        if found.report.ambiguous_dates:
            found = history.read_history(data, day_first=True, today=TODAY)
    except history.NotAnExport as error:
        assert_quotes_nothing(str(error))
    else:
        assert_accounts(found)
        if len(found.report.profiles) > 1:
            assert_accounts(found.of_profile(next(iter(found.report.profiles))))


def assert_accounts(found: history.History) -> None:
    """Every row is a viewing, or left out for a reason, or broken, and all are typed."""
    report, dropped = found.report, dict(found.report.dropped)
    assert report.rows == len(found.viewings) + sum(dropped.values()), "rows were lost"
    dropped.pop(BROKEN, None)
    dropped.pop("other profile", None)
    listed = found.left_out["reason"].value_counts().to_dict()
    assert listed == dropped, "what was left out is not what the report says"
    table = found.viewings
    assert table[["profile", "title", "date", "kind"]].notna().all(axis=None), "an empty field"
    assert (table["title"] != "").all(), "a viewing of nothing"
    assert (table["series"].isna() == (table["kind"] == "film")).all(), "a film with a series"
    assert sum(report.profiles.values()) == len(table), "profiles do not add up"
    for text in table["title"]:
        text.encode()  # no half of a letter


def assert_quotes_nothing(text: str) -> None:
    """An error has the reader's own words only, and no number: it can hold nothing of the file."""
    assert not re.search(r"\d", text), "an error with a number"
    assert set(_words(text)) <= own_words(), "an error with a word that is not the reader's"


@cache
def own_words() -> frozenset[str]:
    """All words in the source of the modules that refuse a file."""
    folder = Path(history.__file__).parent
    sources = (folder / "history.py", folder / "exports.py", folder.parents[1] / "errors.py")
    texts = (source.read_text(encoding="utf-8") for source in sources)
    return frozenset(word for text in texts for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


# --- what the fuzzer begins with --------------------------------------------------------------

DATES = (
    "3/25/21", "3/25/2021", "25/03/2021", "25/03/21", "25/3/21", "25-03-21", "25.03.2021", "25.3.2021",
    "2021-03-25", "2021/03/25", "25-nov.-21", "2021-03-25 20:01:02", "2021-03-25 20:01", "3/25/21 7:05",
    "3/25/2021 17:05", "2021年3月25日", "March 25, 2021", "3/4/21",
)  # fmt: skip
TITLES = (
    "Dark: Season 1: Lies", "Okja", "Zaklínač: 1. řada: Zrádný měsíc", "Elite: Temporada 2: ¿Qué?",
    "Tower: Episode 1", "Tower: Chapter 2", "Dark: Season 3 (Trailer)", "ダーク: シーズン1: 秘密",
)  # fmt: skip
FULL_HEADER = (
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,"
    "Device Type,Bookmark,Latest Bookmark,Country"
)


def seeds() -> Iterator[bytes]:
    """Small files of every form: each way to write dates, both kinds, other clothes."""
    for number, day in enumerate(DATES):
        delimiter, line_end = ",;\t|"[number % 4], ("\n", "\r\n", "\r")[number % 3]
        plain = [delimiter.join(["Title", "Date"])]
        plain += [delimiter.join([f'"{title}"', f'"{day}"']) for title in TITLES]
        row = 'Ada,{},00:43:26,,"{}",,TV,00:43:26,,DE'
        full = [FULL_HEADER, *(row.format(day, title) for title in TITLES)]
        full += ["Ben,2021-03-24 20:01:02,00:00:09,,Okja,,TV,x,x,DE"]
        full += ["Ben,2021-03-24 19:01:02,00:12:09,,Okja,HOOK,TV,x,x,DE"]
        for lines in (plain, plain[1:], full, full[1:]):
            yield line_end.join([*lines, ""]).encode()
    text = "\n".join(["sep=;", "Date;Title", *(f"3/25/21;{title}" for title in TITLES[:6])])
    for alphabet in ("utf-8-sig", "utf-16", "utf-16-be", "cp1250"):
        yield text.replace("¿", "").encode(alphabet)
    yield from (b"", b"PK\x03\x04", b"<html>", b'{"a": 1}', b'Title,Date\n"Okja,3/25/21\n')


# Pieces that chance would seldom put together.
WORDS = (
    *DATES, *TITLES, FULL_HEADER, "Title,Date", "sep=", '""', "TRAILER", "00:43:26", "Ada,", ": ", "Season",
    "Part", "Episode", "Limited Series", "Chapter", "(Clip)", "\ufeff", "\u200f", "\x00", "\r\n", "\u2028",
)  # fmt: skip


def main() -> None:
    """Fuzz until an option says that it is enough."""
    from fuzzing import fuzz  # it lies beside this file, which is run by itself

    fuzz(check, seeds(), WORDS, longest=4096)


if __name__ == "__main__":
    main()
