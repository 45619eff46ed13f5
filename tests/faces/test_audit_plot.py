"""The audit as a picture: as many dots as are right, words that fit, and the same for who cannot see it."""

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from fedflex_core.faces.audit_plot import audit_figure, audit_html
from fedflex_core.faces.audit_words import audit_sentences
from fedflex_core.learning.privacy import Mode
from fedflex_core.study.audit import Audit, HitRate


def made_up(mode: str = "local", **more: object) -> Audit:
    values: dict[str, object] = {
        "arm": "svd",
        "round": 2,
        "mode": Mode(mode),
        "items": 1000,
        "watched": 30,
        "blind": 0.03,
        "protected": 0.045,
        "unprotected": 0.97,
        "told": HitRate(130, 200),
        "told_unprotected": HitRate(200, 200),
        "bound": 0.7821,
        "bound_of_study": 0.881,
        "guesses": (901, 902),
        "guesses_unprotected": (903, 904),
    }
    return Audit(**(values | more))  # type: ignore[arg-type]


def dots(audit: Audit) -> list[tuple[int, int]]:
    """Of each row: dots that are filled, wholly or in part, and dots that are wholly or partly empty."""
    (axes,) = audit_figure(audit).axes
    counts = [len(drawn.get_offsets()) for drawn in axes.collections]
    return [(counts[row], counts[row + 2]) for row in range(0, len(counts), 3)]


def words(audit: Audit) -> list[str]:
    (axes,) = audit_figure(audit).axes
    return [text.get_text() for text in axes.texts]


def test_as_many_dots_are_filled_as_guesses_are_right() -> None:
    assert dots(made_up()) == [(3, 97), (4, 96), (97, 3)]
    assert dots(made_up(protected=0.2549))[1] == (25, 75)


@pytest.mark.parametrize(("share", "filled"), [(0.0, 0), (0.009, 0), (0.999, 99), (1.0, 100)])
def test_none_and_all_are_drawn_only_where_it_is_so(share: float, filled: int) -> None:
    assert dots(made_up(unprotected=share))[-1] == (filled, 100 - filled)


def test_a_study_without_noise_has_no_row_with_protection() -> None:
    quiet = made_up("off", protected=0.97, told=HitRate(200, 200), bound=1.0)
    assert len(dots(quiet)) == 2
    assert "With protection" not in words(quiet)
    assert "With protection" not in audit_html(quiet)


def test_every_row_has_its_number_in_words() -> None:
    said = words(made_up())
    for name, number in (("Blind guessing", "3"), ("With protection", "4.5")):
        assert said[said.index(name) + 1] == number
    assert "no attacker can pass 79" in said
    assert "hardly any limit" in words(made_up(bound=0.9999))


def test_each_mode_asks_its_own_question() -> None:
    assert "Whose update is it?" in words(made_up())
    assert "Is your update in the sum?" in words(made_up("distributed"))


@pytest.mark.parametrize("bound", [0.501, 0.56, 0.61, 0.75, 0.9, 0.96, 1.0])
@pytest.mark.parametrize("hits", [60, 199, 200])
def test_all_words_are_in_the_picture_and_none_lie_on_others(bound: float, hits: int) -> None:
    drawing = audit_figure(made_up("central", bound=bound, told=HitRate(hits, 200)))
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    (axes,) = drawing.axes
    boxes = {text: text.get_window_extent(canvas.get_renderer()) for text in axes.texts}
    for box in boxes.values():
        assert 0 <= box.x0 < box.x1 <= drawing.bbox.width
        assert 0 <= box.y0 < box.y1 <= drawing.bbox.height
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        assert not first.overlaps(second), (one.get_text(), other.get_text())


def test_words_are_large_enough_on_a_telephone() -> None:
    drawing = audit_figure(made_up())
    to_dots = 375 / (72 * drawing.get_size_inches()[0])
    assert (
        min(text.get_fontsize() for text in drawing.findobj(Text) if text.get_text()) * to_dots > 11
    )


def test_bars_end_where_the_rate_is_and_none_goes_back_from_a_coin() -> None:
    for hits, share in ((60, 0.0), (100, 0.0), (150, 0.5), (200, 1.0)):
        (axes,) = audit_figure(made_up(told=HitRate(hits, 200))).axes
        track, bar = axes.patches[:2]
        assert bar.get_x() == track.get_x()
        assert bar.get_width() == pytest.approx(share * track.get_width())


def test_the_page_has_the_sentences_and_the_numbers_beside_the_picture() -> None:
    audit = made_up("central")
    page = audit_html(audit)
    for sentence in audit_sentences(audit):
        assert sentence.replace("'", "&#x27;") in page
    assert 'role="img" aria-label="SVD, round 2: what your update gives away"' in page
    cells = re.findall(r"<td>(.*?)</td>", page)
    assert cells == [
        *("What you watched", "3", "4.5", "97", "–"),
        *("Is your update in the sum?", "50", "65 (56–73)", "100 (97–100)", "79"),
    ]


def test_the_picture_takes_the_pages_colour_and_asks_nobody_for_anything() -> None:
    page = audit_html(made_up())
    found = re.search(r"<svg.*</svg>", page, re.DOTALL)
    assert found
    drawn = ElementTree.fromstring(found.group())
    assert "min-width: 0" in drawn.attrib["style"]
    assert "Blind guessing" in "".join(drawn.itertext())
    colours = set(re.findall(r"#[0-9a-f]{6}\b", found.group()))
    assert colours == {"#8a8a8a", "#3b8ea5", "#c8553d"}
    assert "currentColor" in found.group()
    links = set(re.findall(r'(?:href|src)="([^"]+)"', page))
    assert all(link.startswith("#") for link in links)


def test_colours_stand_out_from_light_ground_and_from_dark_and_from_each_other() -> None:
    """By lightness where it is ground (WCAG 2.2, 1.4.11: 3 to 1), so that no hue has to be told apart."""
    for colour in ("#8a8a8a", "#3b8ea5", "#c8553d"):
        for ground in ("#ffffff", "#1a1d23"):
            assert _contrast(colour, ground) >= 3


def _contrast(one: str, other: str) -> float:
    dark, light = sorted(_lightness(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _lightness(colour: str) -> float:
    parts = [int(colour[place:end], 16) / 255 for place, end in pairwise((1, 3, 5, 7))]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
