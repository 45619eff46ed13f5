"""What made-up people truly watched, and the titles that Netflix writes for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Literal

from .languages import LANGUAGES, Language
from .series import SERIES, Known, read_line

__all__ = ["Kind", "Viewing", "watch"]

Kind = Literal["episode", "film", "clip", "too short", "again"]

_FIRST_DAY = date(2019, 2, 3)
_ARCS = ("East Blue", "Alabasta", "Skypiea")


@dataclass(frozen=True)
class Viewing:
    """One row of an export, and what it truly is.

    Attributes:
        title: As Netflix writes it, in the reader's language.
        series: The catalogue's title; None for films and for series that it does not have.
        name: The series' name, or the film's, as it stands in the title.
        season: None where the title has none.
        kind: `again` goes on with a viewing of the same day.
        marker: Which kind of marker the title has, by its name in `languages`.
        supplemental: What a full data request calls a clip.
    """

    title: str
    series: str | None
    season: int | None
    episode: str | None
    date: date
    kind: Kind
    name: str = ""
    profile: str = ""
    marker: str = ""
    supplemental: str = ""


def watch(code: str, seed: int, *, share: slice, closing: bool, profile: str = "") -> list[Viewing]:
    """What one person watched, newest first: series of their language one after another, films.

    Args:
        code: The person's language.
        seed: Decides everything that is left to chance.
        share: Which of the language's series they watch.
        closing: Whether their episodes close with `(Episode 3)`.
        profile: Their profile's name.
    """
    random, language = Random(seed), LANGUAGES[code]
    known = list(SERIES[code])[share] + [
        read_line(line, known=False) for line in list(language.unknown)[share.start % 2 :: 2]
    ]
    random.shuffle(known)
    films = iter(random.sample(language.films, len(language.films)))
    day, found = _FIRST_DAY + timedelta(days=random.randrange(400)), []
    for one in known:
        for night in _nights(_episodes_of(one, language, random, closing=closing), random):
            day += timedelta(days=random.choice((1, 1, 2, 3, 9)))
            found += [replace(viewing, date=day) for viewing in night]
        for film in islice(films, random.choice((0, 1, 1, 2))):  # an evening, or a double bill
            day += timedelta(days=random.choice((0, 1, 4)))
            found.append(Viewing(film, None, None, None, day, "film", film))
        if random.random() < 0.4:
            clip = language.colon.join((one.name, random.choice(language.clips)))
            found.append(Viewing(clip, None, None, None, day, "clip"))
    return [replace(viewing, profile=profile) for viewing in reversed(found)]


def _nights(episodes: Sequence[Viewing], random: Random) -> Iterator[Sequence[Viewing]]:
    at = 0
    while at < len(episodes):
        many = random.choice((1, 2, 2, 3))
        yield episodes[at : at + many]
        at += many


def _episodes_of(one: Known, language: Language, random: Random, *, closing: bool) -> list[Viewing]:
    """Some episodes of a series, in their order."""
    first = 2 if one.marker == "own" else 1
    without = one.marker in ("none", "numbered", "arc", "chapters")
    seasons = [first] if one.marker.startswith("limited") or without else [first, first + 1]
    found = []
    for season in seasons:
        names = random.sample(language.episodes, random.choice((1, 2, 3, 4, 5, 6, 7)))
        for number, name in enumerate(names, start=1):
            if one.marker == "numbered" or (not without and random.random() < 0.15):
                name = language.numbered.format(n=number)
            elif closing and language.closing and not without:
                name = f"{name} ({language.closing.format(n=number)})"
            parts, episode = _parts(one, language, season, number, name)
            title = language.colon.join(parts)
            of_season = None if without else season
            found.append(
                Viewing(
                    title,
                    one.title,
                    of_season,
                    episode,
                    _FIRST_DAY,
                    "episode",
                    one.name,
                    marker=one.marker,
                )
            )
    return found


def _parts(
    one: Known, language: Language, season: int, number: int, name: str
) -> tuple[list[str], str]:
    """What stands between the colons of a title, and the episode's name."""
    if one.marker == "arc":
        episode = language.numbered.format(n=100 + number)
        return [one.name, _ARCS[number % len(_ARCS)], episode], episode
    if one.marker == "chapters":
        return [one.name, f"CHAPTER {38 + number}"], f"CHAPTER {38 + number}"
    if one.marker in ("none", "numbered"):
        return [one.name, name], name
    if one.marker == "own":
        return [one.name, f"{one.name} {season}", name], name
    marker = language.markers[one.marker].format(n=1 if "limited" in one.marker else season)
    return [one.name, marker, name], name
