"""An evaluation in words and as a picture."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from fedflex_core.faces.evaluation_plot import write_curve
from fedflex_core.faces.evaluation_words import say_left_out, show_evaluation
from fedflex_core.faces.pictures import CannotDraw

MEASURES = (
    "p@5", "ndcg@5", "ndcg@10", "recall@10", "mrr", "ild_titles", "ild_metadata", "new_genres",
)  # fmt: skip


def row(value: float) -> dict[str, float]:
    ends = {"": value, "_low": value - 0.111, "_high": value + 0.111}
    measures = {f"{name}{end}": one for name in MEASURES for end, one in ends.items()}
    return {**measures, "distinct_items": 1234.0, "coverage": 0.5}


def rounds(*values: float) -> list[dict[str, float]]:
    return [
        {"round": n, "ndcg@5": v, "ndcg@5_low": v / 2, "ndcg@5_high": v * 2, "distinct_items": 9.0}
        for n, v in enumerate(values)
    ]


def answer(rounds_run: int = 2) -> dict:
    curve = rounds(*(0.2 + n / 1000 for n in range(rounds_run + 1)))
    return {
        "people": 610, "items": 9742, "rounds": rounds_run, "epsilon": 8.0,
        "privacy_mode": "local", "lambda": 0.3, "seeds": [1, 2], "left_out": {},
        "arms": {
            "svd": {"A": row(0.3), "B": row(0.25), "by_round": curve},
            "popularity": {"A": row(0.15), "B": row(0.12), "by_round": rounds(0.15)},
        },
    }  # fmt: skip


def test_means_stand_above_their_intervals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show_evaluation(answer())
    said = capsys.readouterr().out
    assert "610 people, 9,742 items, 2 rounds, ε = 8, local noise, λ = 0.3, means over 2" in (
        " ".join(said.split())
    )
    lines = said.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("SVD A"))
    assert lines[place].split()[2:] == ["0.300"] * 5
    assert lines[place + 1].split() == ["0.189–0.411"] * 5
    assert "popularity B" in said and "1,234" in said
    assert max(map(len, lines)) <= 80


def test_many_rounds_fit_and_the_first_and_the_last_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show_evaluation(answer(100))
    said = capsys.readouterr().out.splitlines()
    (curve,) = (line.split() for line in said if line.startswith("SVD 0"))
    assert len(curve) == 12
    assert curve[1] == "0.200" and curve[-1] == "0.300"
    assert next(line.split() for line in said if line.startswith("Arm "))[-1] == "100"
    assert max(map(len, said)) <= 80


def test_what_was_left_out_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    say_left_out({"file that is no export: The file is empty.": 2, "person [too] few": 1}, ["So."])
    say_left_out({}, [])
    said = capsys.readouterr().out
    assert said == (
        "Left out: 2 × file that is no export: The file is empty; 1 × person [too] few.\nSo.\n"
    )


def test_the_curve_is_a_picture_with_words(tmp_path: Path) -> None:
    place = tmp_path / "curve.svg"
    write_curve(answer(), place)
    first = place.read_bytes()
    ElementTree.fromstring(first)
    write_curve(answer(), place)
    assert place.read_bytes() == first
    assert b"popularity" in first and b"Round" in first
    write_curve(answer(), tmp_path / "curve.PNG")
    assert (tmp_path / "curve.PNG").read_bytes().startswith(b"\x89PNG")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["curve.PNG", "curve.svg"]


def test_yardsticks_alone_can_be_drawn(tmp_path: Path) -> None:
    only = answer()
    del only["arms"]["svd"]
    write_curve(only, tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").exists()


@pytest.mark.parametrize("name", ["curve", "curve.gif", "nowhere/curve.svg"])
def test_a_picture_that_cannot_be_drawn_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotDraw):
        write_curve(answer(), tmp_path / name)
