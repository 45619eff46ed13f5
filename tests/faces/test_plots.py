"""Plots as pictures and as numbers."""

import re
from xml.etree import ElementTree

from fedflex_core.faces.plots import genre_plot


def svg_of(page: str) -> ElementTree.Element:
    found = re.search(r"<svg.*</svg>", page, re.DOTALL)
    assert found
    return ElementTree.fromstring(found.group())


def test_a_genre_plot_has_a_name_and_its_numbers() -> None:
    page = genre_plot({"History": {"Drama": 0.75, "Crime": 0.25}, "List 1": {"Comedy": 1.0}})
    assert 'role="img" aria-label="Genres: History beside List 1"' in page
    cells = re.findall(r"<td>(.*?)</td>", page)
    assert cells == ["Drama", "75 %", "0 %", "Crime", "25 %", "0 %", "Comedy", "0 %", "100 %"]
    words = "".join(svg_of(page).itertext())
    assert "Drama" in words


def test_a_plot_asks_nobody_for_anything_and_takes_the_pages_colour() -> None:
    page = genre_plot({"History": {"Drama": 1.0}})
    links = set(re.findall(r'(?:href|src)="([^"]+)"', page))
    assert all(link.startswith("#") for link in links)
    assert "@import" not in page
    assert "currentColor" in page


def test_the_largest_genres_are_drawn() -> None:
    shares = {f"Genre {number}": 1 / (number + 1) for number in range(20)}
    page = genre_plot({"History": shares}, most=4)
    assert re.findall(r"<td>(Genre \d+)</td>", page) == [f"Genre {n}" for n in range(4)]


def test_names_are_escaped() -> None:
    assert "<b>" not in genre_plot({"<b>": {"Drama": 1.0}})
