"""How many names of real exports find their series, and how many of those found are right.

    python benchmarks/matching.py --histories FOLDER --catalogue FILE

Measured on the readable names of the tests and, where the folder is, on people's own exports, beside two
peers in the same run: the first colon and an equal title, as the paper's code does it, and rapidfuzz's
best of all names by WRatio. `--label` asks for the right answers that are still missing, on screen alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matching_labels import Key, Labels
from rapidfuzz import fuzz, process, utils

from fedflex_core.viewing.catalogue import Catalogue, load_bundled, read_catalogue
from fedflex_core.viewing.history import read_history
from fedflex_core.viewing.matching import Matcher

LABELS = Path(__file__).parent / "matching_labels.csv"
READABLE = Path(__file__).parents[1] / "tests" / "viewing"


class Name(NamedTuple):
    """What a label is of."""

    kind: str
    """`series`, or `title` for a whole title, which goes before the series it begins with."""
    text: str


class Viewing(NamedTuple):
    """One viewing, and what FedFlex made of it."""

    title: str
    series: str | None
    found: str | None


class Case(NamedTuple):
    """A viewing whose right answer is known; those of one `name` together weigh one by name."""

    viewing: Viewing
    name: str
    right: frozenset[str]
    """Ids; two where the catalogue holds a series twice, none where it does not hold it."""


class Known(NamedTuple):
    """A catalogue and what is made of it."""

    catalogue: Catalogue
    ids: list[str]
    matcher: Matcher


# --- viewings with a right answer -----------------------------------------------------------------


def viewings_of(table: pd.DataFrame, known: Known) -> list[Viewing]:
    items = known.matcher.match_viewings(table)["item"]
    cells = zip(table["title"], table["series"], items, strict=True)
    return [
        Viewing(str(title), _text(series), None if pd.isna(item) else known.ids[item])
        for title, series, item in cells
    ]


def names_of(viewing: Viewing, matcher: Matcher) -> list[Name]:
    """What may be labelled; nothing for a film whose title begins with no series."""
    title, series = viewing.title, viewing.series
    if series:
        return [Name("title", title), Name("series", series)]
    beginnings = (title[:at] for at, letter in enumerate(title) if letter in ":：")
    begins = any(matcher.meanings(text, kind="series") for text in beginnings if text.strip())
    return [Name("title", title)] if begins or viewing.found else []


def own_cases(folder: Path, labels: Labels, known: Known) -> tuple[list[Case], int]:
    """Cases of people's own exports, and how many viewings have no label."""
    cases, unlabelled = [], 0
    for key, viewing, names, said in _labelled(folder, labels, known):
        name = next((name for name in names if said[name] is not None), None)
        if name:
            of_one = key.of(viewing.series or viewing.title)
            cases.append(Case(viewing, of_one, said[name] or frozenset()))
        unlabelled += bool(names) and name is None
    return cases, unlabelled


def _labelled(
    folder: Path, labels: Labels, known: Known
) -> Iterator[tuple[Key, Viewing, list[Name], Mapping[Name, frozenset[str] | None]]]:
    for path in sorted(folder.glob("*.csv")):
        export = path.read_bytes()
        key = Key(export)
        said: dict[Name, frozenset[str] | None] = {}
        for viewing in viewings_of(read_history(export).viewings, known):
            names = names_of(viewing, known.matcher)
            for name in names:
                if name not in said:
                    said[name] = labels.right(key, name, known.ids)
            yield key, viewing, names, said


def readable_cases(known: Known) -> list[Case]:
    """The names of `labelled_names.csv`, each watched by a person of its own."""
    table = pd.read_csv(READABLE / "labelled_names.csv", keep_default_na=False)
    is_series = table["as"] == "series"
    viewings = pd.DataFrame({"title": table["name"], "series": table["name"].where(is_series)})
    viewings = viewings.assign(
        profile=table.index.astype("str"),
        kind=is_series.map({True: "episode", False: "film"}),
        episode=viewings["series"],
        season=pd.array([None] * len(table), "Int64"),
        date=pd.Timestamp(2024, 3, 25),
    )
    return _with_titles(viewings_of(viewings, known), table["title"], known)


def unmarked_cases(known: Known) -> list[Case]:
    """The titles of `labelled_unmarked.csv`, as the exports of made-up people."""
    table = pd.read_csv(READABLE / "labelled_unmarked.csv", keep_default_na=False)
    cases = []
    for person, mine in table.groupby("person"):
        export = mine[["title", "date"]].rename(columns=str.title).to_csv(index=False)
        viewings = viewings_of(read_history(export.encode()).viewings, known)
        cases += _with_titles(viewings, mine["means"], known, str(person))
    return cases


def _with_titles(
    viewings: Sequence[Viewing], titles: Any, known: Known, person: str = ""
) -> list[Case]:
    ids: dict[str, set[str]] = defaultdict(set)
    for title, item_id in zip(known.catalogue.titles, known.ids, strict=True):
        ids[title].add(item_id)
    return [
        Case(viewing, f"{person} {at}", frozenset(ids.get(title, ())))
        for at, (viewing, title) in enumerate(zip(viewings, titles, strict=True))
    ]


# --- what the peers say ---------------------------------------------------------------------------


def by_first_colon(cases: Sequence[Case], known: Known) -> list[str | None]:
    ids = dict(zip(known.catalogue.titles, known.ids, strict=True))
    return [ids.get(case.viewing.title.split(":")[0].strip()) for case in cases]


def by_wratio(cases: Sequence[Case], known: Known) -> list[str | None]:
    """The series as FedFlex's reader says, or else the whole title, among all titles and aliases."""
    names: list[str] = []
    ids: list[str] = []
    for item in known.catalogue.rows():
        for name in (item.title, *item.aliases):
            names.append(utils.default_process(name))
            ids.append(item.item_id)
    asked = {case.viewing.series or case.viewing.title for case in cases}
    best = {
        name: process.extractOne(
            utils.default_process(name), names, scorer=fuzz.WRatio, score_cutoff=90
        )
        for name in asked
    }
    found = (best[case.viewing.series or case.viewing.title] for case in cases)
    return [ids[one[2]] if one else None for one in found]


# --- figures --------------------------------------------------------------------------------------


def figures(
    cases: Sequence[Case], found: Sequence[str | None], by_name: bool
) -> tuple[float, float]:
    """Recall and precision."""
    viewings = Counter(case.name for case in cases)
    there = given = right = 0.0
    for case, item in zip(cases, found, strict=True):
        weight = 1 / viewings[case.name] if by_name else 1
        there += weight * bool(case.right)
        given += weight * (item is not None)
        right += weight * (item in case.right)
    return right / max(there, 1e-9), right / max(given, 1e-9)


def show(heading: str, cases: Sequence[Case], known: Known, *, by_episode: bool) -> None:
    answers = {
        "FedFlex": [case.viewing.found for case in cases],
        "first colon, equal title": by_first_colon(cases, known),
        "rapidfuzz WRatio >= 90": by_wratio(cases, known),
    }
    absent = len({case.name for case in cases if not case.right})
    names = len({case.name for case in cases})
    print(
        f"\n{heading}: {names} names, {absent} of them not in the catalogue; {len(cases)} viewings"
    )
    for who, found in answers.items():
        line = "recall {:.3f}  precision {:.3f}".format(*figures(cases, found, True))
        if by_episode:
            line += "   by episode {:.3f}  {:.3f}".format(*figures(cases, found, False))
        print(f"  {who:26}{line}")


# --- labels ---------------------------------------------------------------------------------------


def ask_for_labels(folder: Path, labels: Labels, known: Known) -> None:
    """Show what has no label, or was not in the catalogue and is found now, and ask where one can."""
    shown = set()
    titles = dict(zip(known.ids, known.catalogue.titles, strict=True))
    for key, viewing, names, said in _labelled(folder, labels, known):
        answers = [said[name] for name in names if said[name] is not None]
        new = not answers or (viewing.found and not answers[0])
        if not names or not new or (key, names[-1]) in shown:
            continue
        shown.add((key, names[-1]))
        proposal = f"{viewing.found} ({titles[viewing.found]})" if viewing.found else "none"
        print(f"{names[-1].text}   [{viewing.title}]\n    -> {proposal}")
        if sys.stdin.isatty():
            answer = input("    Enter if right, else its id, - for none, ? to pass: ").strip()
            if answer != "?":
                right = {"": viewing.found, "-": None}.get(answer, answer)
                labels.add(key, names[-1], [right] if right else [])
                labels.write()
    print(f"{len(shown)} to look at.")


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _known(path: Path | None) -> Known:
    catalogue = read_catalogue(path) if path else load_bundled()
    start = time.perf_counter()
    matcher = Matcher(catalogue)
    seconds = time.perf_counter() - start
    print(f"{len(catalogue)} series; the matcher was built in {seconds:.2f} s")
    return Known(catalogue, [str(one) for one in catalogue.items["item_id"]], matcher)


def _histories() -> Path | None:
    shared = os.environ.get("FEDFLEX_SHARED_DATA")
    return Path(shared) / "histories" if shared else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--histories", type=Path, default=_histories(), help="a folder of exports")
    parser.add_argument("--catalogue", type=Path, help="a catalogue; else the bundled one")
    parser.add_argument("--label", action="store_true", help="ask for missing labels, on screen")
    asked = parser.parse_args()
    known, labels = _known(asked.catalogue), Labels(LABELS)
    if asked.label:
        if not asked.histories:
            parser.error("--label needs --histories, or FEDFLEX_SHARED_DATA")
        ask_for_labels(asked.histories, labels, known)
        return
    show("Readable names", readable_cases(known), known, by_episode=False)
    show("Without season markers", unmarked_cases(known), known, by_episode=False)
    if asked.histories and asked.histories.is_dir():
        cases, unlabelled = own_cases(asked.histories, labels, known)
        show("People's own exports", cases, known, by_episode=True)
        print(f"  {unlabelled} viewings have no label yet (--label shows them).")
    else:
        print("\nPeople's own exports are not here: --histories FOLDER, or FEDFLEX_SHARED_DATA.")


if __name__ == "__main__":
    main()
