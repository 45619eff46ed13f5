"""People and items from two plain tables, as MovieLens has them: ratings with times, and titles.

Harper and Konstan (2015), The MovieLens Datasets: `userId,movieId,rating,timestamp` and
`movieId,title,genres` with `|` between genres. Other common names of these columns are understood.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fedflex_core.errors import FedFlexError
from fedflex_core.learning.factors import Ratings
from fedflex_core.study.held_out import TOO_FEW, HeldOut, Person, places_held_out
from fedflex_core.viewing.alphabets import encoding_of
from fedflex_core.viewing.catalogue import Catalogue
from fedflex_core.viewing.catalogue.row import CatalogueRow

__all__ = ["BadTable", "items_of_table", "people_of_ratings"]

_RATINGS = {
    "user": ("userid", "user", "uid"),
    "item": ("movieid", "itemid", "item", "movie", "iid"),
    "rating": ("rating", "ratings", "stars", "score"),
    "timestamp": ("timestamp", "time", "ts", "date", "datetime"),
}
_ITEMS = {
    "item": ("movieid", "itemid", "item", "movie", "id", "iid"),
    "title": ("title", "name", "movietitle", "itemname"),
}
_ITEMS_TOO = {"genres": ("genres", "genre"), "year": ("year", "releaseyear")}
_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_NO_GENRES = "(no genres listed)"

_EARLIEST = 1e8
"""Seconds since 1970 below which numbers are an order and no dates (March 1973, before any such table)."""
_MILLISECONDS = 1e11


class BadTable(FedFlexError):
    """A table of ratings or items cannot be used; the remedy is to mend or to choose the file."""


def items_of_table(place: Path) -> Catalogue:
    """A catalogue of the items in a table; equal titles stay items of their own.

    A year in brackets at a title's end becomes the item's year. Popularity is unknown.

    Args:
        place: A CSV with columns for the item's id and title, and better for genres, too.

    Raises:
        BadTable: The file cannot be read, lacks a column, or holds no item.
    """
    table = _table(place, "items", _ITEMS, _ITEMS_TOO).drop_duplicates("item").sort_values("item")
    rows = [row for values in table.to_dict("records") if (row := _item(values))]
    if not rows:
        raise _bad("items", "It has no row with an id and a title.", "A row for each item.")
    return Catalogue.of_rows(rows)


def _item(values: Mapping[str, str]) -> CatalogueRow | None:
    """One item; None where its title is missing."""
    whole = values["title"].strip()
    found = _YEAR.search(whole)
    title = whole[: found.start()] if found else whole
    genres = values.get("genres", "")
    year = values.get("year") or (found[1] if found else "")
    if not title or not values["item"]:
        return None
    cells = {
        "item_id": values["item"],
        "title": title[:500],
        "year": year if re.fullmatch(r"19\d\d|20\d\d", year) else None,
        "genres": "" if genres == _NO_GENRES else genres,
    }
    return CatalogueRow.model_validate(cells)


def people_of_ratings(place: Path, catalogue: Catalogue) -> HeldOut:
    """Everybody in a table of ratings, each parted by time; equal times go by the order of rows.

    Stars are the ratings, clipped to 1..5. Of an item rated twice the first rating counts. Times are
    seconds or milliseconds since 1970, or dates; smaller numbers are taken as an order alone, and then
    nothing is known of what was released later.

    Args:
        place: A CSV with columns for user, item, rating and time.
        catalogue: The items, whose ids the table uses.

    Raises:
        BadTable: The file cannot be read, lacks a column, or no rating in it can be used.
    """
    table = _table(place, "ratings", _RATINGS)
    left_out: dict[str, int] = {}
    times, dated = _times(table["timestamp"])
    table = table.assign(rating=pd.to_numeric(table["rating"], errors="coerce"), timestamp=times)
    read = table[np.isfinite(table["rating"]) & table["timestamp"].notna() & (table["user"] != "")]
    _count(left_out, "row whose rating or time cannot be read", len(table) - len(read))
    places = {name: place for place, name in enumerate(catalogue.items["item_id"])}
    known = read.assign(item=read["item"].map(places)).dropna(subset="item")
    _count(
        left_out, "rating of something that is not in the table of items", len(read) - len(known)
    )
    if known.empty:
        raise _bad(
            "ratings",
            "No rating in it is of one of the items.",
            "Ids of the table of items, numbers as ratings, and times.",
        )
    ordered = known.sort_values("timestamp", kind="stable").drop_duplicates(["user", "item"])
    _count(left_out, "rating of an item that the same person had rated", len(known) - len(ordered))
    people = [_person(own, dated) for _, own in ordered.groupby("user", sort=True)]
    _count(left_out, TOO_FEW, people.count(None))
    return HeldOut(tuple(filter(None, people)), left_out, _about_stars(ordered["rating"]))


def _person(own: pd.DataFrame, dated: bool) -> Person | None:
    """One person's ratings, in the order of time, parted."""
    count = places_held_out(len(own))
    if not count:
        return None
    items, stars = own["item"].to_numpy(np.int64), own["rating"].to_numpy(np.float32)
    train = Ratings(items[:-count], np.clip(stars[:-count], 1.0, 5.0))
    last_year = pd.Timestamp(own["timestamp"].max(), unit="s").year if dated else None
    return Person(train, items[-count:], last_year)


def _times(texts: pd.Series) -> tuple[pd.Series, bool]:
    """Seconds since 1970 as float64, NaN where there is no time; and whether they are dates at all."""
    numbers = pd.to_numeric(texts, errors="coerce")
    if numbers.notna().any():
        numbers = numbers.where(np.isfinite(numbers))
        middle = numbers.median()
        return (numbers / 1000 if middle > _MILLISECONDS else numbers), bool(middle >= _EARLIEST)
    days = pd.to_datetime(texts, errors="coerce", format="ISO8601", utc=True)
    seconds = (days - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return seconds, True


def _count(left_out: dict[str, int], reason: str, rows: int) -> None:
    if rows:
        left_out[reason] = rows


def _about_stars(ratings: pd.Series) -> tuple[str, ...]:
    outside = int(((ratings < 1) | (ratings > 5)).sum())
    return (f"{outside:,} ratings outside of 1 to 5 were clipped.",) if outside else ()


def _table(
    place: Path,
    what: str,
    needed: Mapping[str, tuple[str, ...]],
    also: Mapping[str, tuple[str, ...]] | None = None,
) -> pd.DataFrame:
    """The columns asked for under our names, all of them text."""
    read = _read(place, what)
    theirs = {re.sub(r"[\s_-]", "", str(name)).casefold(): name for name in read.columns[::-1]}
    columns = {
        ours: next((theirs[name] for name in names if name in theirs), None)
        for ours, names in {**needed, **(also or {})}.items()
    }
    missing = [ours for ours in needed if columns[ours] is None]
    if missing:
        raise _bad(
            what,
            f"It has no column for {' and '.join(missing)}.",
            "A header with " + ", ".join(f"{names[0]!r}" for names in needed.values()) + ".",
        )
    found = {ours: read[name].str.strip() for ours, name in columns.items() if name is not None}
    return pd.DataFrame(found)


def _read(place: Path, what: str) -> pd.DataFrame:
    try:
        data = place.read_bytes()
        header = data.partition(b"\n")[0].decode(errors="replace")
        table = pd.read_csv(
            io.BytesIO(data), sep=max(",;\t", key=header.count), dtype=str, keep_default_na=False,
            encoding=encoding_of(data), encoding_errors="replace", skipinitialspace=True,
        )  # fmt: skip
        if isinstance(table.index, pd.RangeIndex):
            return table.fillna("")
        found = "Its rows have more cells than its header."
    except OSError as error:
        found = f"It cannot be opened ({error.strerror})."
    except pd.errors.EmptyDataError:
        found = "It is empty."
    except ValueError as error:
        line = re.search(r"line (\d+)", str(error))
        found = f"Line {line[1]} has more cells than the header." if line else "It is no table."
    raise _bad(what, found, "A CSV file with a header line, and quotes around text with commas.")


def _bad(what: str, found: str, expected: str) -> BadTable:
    columns = "userId,movieId,rating,timestamp" if what == "ratings" else "movieId,title,genres"
    return BadTable(
        f"The table of {what} cannot be used. {found}",
        expected,
        f"Choose a file like MovieLens' {what}, with the columns {columns}.",
    )
