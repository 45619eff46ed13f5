"""What the doctor has found, on a terminal and as plain values."""

import io
import json
import sys

import pytest

from fedflex_core.faces.doctor_words import findings_as_dict, show_findings
from fedflex_core.study.doctor import Finding

BAD = Finding("Keys", "bad", "The keys are damaged.", "Put them back.")
NOTICE = Finding("Clock", "notice", "The clock is behind.", "Set the clock.")
GOOD = Finding("Pages", "good", "A page can be opened.")


def shown(capsys: pytest.CaptureFixture[str], *findings: Finding) -> list[str]:
    show_findings(findings)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_every_finding_has_a_sign_and_a_word_and_its_way_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shown(capsys, BAD, GOOD, NOTICE) == [
        "✓ good   Pages A page can be opened.",
        "! notice Clock The clock is behind.",
        "               Set the clock.",
        "✗ bad    Keys  The keys are damaged.",
        "               Put them back.",
        "To mend: 1. Worth a look: 1.",
    ]


def test_of_one_state_what_others_build_on_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    second = Finding("Ledger", "bad", "It is damaged.", "Put it back.")
    lines = shown(capsys, BAD, GOOD, second)
    assert lines.index("✗ bad  Keys   The keys are damaged.") < lines.index(
        "✗ bad  Ledger It is damaged."
    )
    assert lines[-1] == "To mend: 2."


def test_where_all_is_well_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, GOOD)[-1] == "All is well."
    assert shown(capsys)[-1] == "All is well."


def test_nothing_is_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    odd = Finding("Odd files", "notice", "Empty files: 1 ([red]a[/red].json).", "See [link=x] :x:.")
    lines = shown(capsys, odd)
    assert lines[0].endswith("1 ([red]a[/red].json).") and lines[1].endswith("See [link=x] :x:.")


def test_long_sentences_stay_in_their_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    long = Finding("Private and shared", "bad", "word " * 40, "way " * 40)
    lines = shown(capsys, long)
    assert max(map(len, lines)) <= 60
    assert all(line.startswith(" " * 25) for line in lines[1:-1])


def test_an_old_terminal_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii", write_through=True))
    show_findings([GOOD, NOTICE, BAD])
    lines = written.getvalue().decode("ascii").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == ["good", "notice", "bad", "To"]


def test_plain_values_are_in_the_order_of_the_checks() -> None:
    answer = findings_as_dict([BAD, GOOD, NOTICE])
    assert json.loads(json.dumps(answer)) == answer
    assert [one["name"] for one in answer["findings"]] == ["Keys", "Pages", "Clock"]
    assert answer["findings"][0] == {
        "name": "Keys", "state": "bad", "found": "The keys are damaged.", "way_out": "Put them back.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "state"),
    [([], "good"), ([GOOD], "good"), ([NOTICE, GOOD], "notice"), ([GOOD, BAD, NOTICE], "bad")],
)
def test_the_worst_state_is_that_of_them_all(findings: list[Finding], state: str) -> None:
    assert findings_as_dict(findings)["state"] == state
