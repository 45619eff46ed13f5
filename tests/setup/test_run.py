"""run.py: what it says when something is wrong, and when it installs, mends and lets be."""

import ast
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "run.py"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, working in a made-up checkout."""
    spec = importlib.util.spec_from_file_location("fedflex_run", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n")
    return module


class Pretend:
    """In place of venv and pip: writes the files that they would, and counts the calls."""

    def __init__(self, run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.created = 0
        self.installed: list[str] = []
        self.warmed = 0
        self.on_install: Callable[[], None] = lambda: None
        self.on_warm_up: Callable[[], int] = lambda: 0
        self.environment = run.Environment(run.ROOT)
        monkeypatch.setattr(run.subprocess, "run", self._venv)
        monkeypatch.setattr(run, "_logged", self._pip)

    def _venv(self, command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        assert command[1:3] == ["-m", "venv"]
        self.created += 1
        self.environment.python.parent.mkdir(parents=True)
        self.environment.python.touch()
        (self.environment.folder / "pyvenv.cfg").touch()
        return subprocess.CompletedProcess(command, 0, stdout=b"")

    def _pip(self, command: list[str], *_: object, **__: object) -> int:
        if command[1] == "-c":
            self.warmed += 1
            return self.on_warm_up()
        self.installed.append(command[command.index("-e") + 1])
        self.on_install()
        self.environment.command.touch()
        library = self.packages
        for name in ("numpy", "rich"):
            (library / f"{name}-1.0.dist-info").mkdir(parents=True, exist_ok=True)
        return 0

    @property
    def packages(self) -> Path:
        library = "Lib" if os.name == "nt" else "lib/python3.11"
        return self.environment.folder / library / "site-packages"


@pytest.fixture
def pretend(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Pretend:
    return Pretend(run, monkeypatch)


# Old Pythons


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_finds_all_that_it_evaluates() -> None:
    """Type hints as text, and nothing imported from outside the standard library."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    hints = [a.annotation for a in ast.walk(tree) if isinstance(a, ast.arg) and a.annotation]
    hints += [f.returns for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.returns]
    assert hints
    newer = re.compile(r"^(list|dict|tuple)\[|^[^']*\|")  # a quote begins a hint kept as text
    assert not [ast.unparse(h) for h in hints if newer.search(ast.unparse(h))]
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (2, 7, 18)])
def test_an_old_python_is_refused_with_the_way_out(run: ModuleType, version: tuple) -> None:
    with pytest.raises(run.Problem) as caught:
        run._check_python(version)
    assert f"{version[0]}.{version[1]}" in caught.value.found
    assert "3.11 or newer" in caught.value.found
    assert "run this again" in caught.value.way_out or "run.py" in caught.value.way_out


def test_newer_pythons_pass(run: ModuleType) -> None:
    for version in [(3, 11, 0), (3, 14, 2), (4, 0, 0)]:
        run._check_python(version)


# Commands


@pytest.mark.parametrize("argument", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command_and_installs_nothing(
    run: ModuleType, argument: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(argument) == 0
    said = capsys.readouterr().out
    assert all(f"python run.py {command}" in said for command in run.EXTRAS)
    assert not (run.ROOT / ".venv").exists()


def test_an_unknown_command_is_answered_with_those_there_are(
    run: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["tets"]) == 2
    said = capsys.readouterr().out
    assert "'tets'" in said
    names = (
        "demo, participant, aggregator, helper, invite, admit, leave, audit, doctor, inspect, results, "
        "simulate, evaluate, catalogue, test, check"
    )
    assert names in said


@pytest.mark.parametrize(
    ("command", "extra", "ends_with"),
    [
        ("demo", ".", ["demo", "--headless", "--seed", "3"]),
        ("test", ".[test]", ["-m", "pytest", "-q", "--headless", "--seed", "3"]),
    ],
)
def test_what_follows_the_command_is_passed_on_and_the_exit_code_back(
    run: ModuleType,
    pretend: Pretend,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    extra: str,
    ends_with: list[str],
) -> None:
    followed: list[list[str]] = []
    monkeypatch.setattr(run, "_follow", lambda c, **_: followed.append(c) or 5)
    assert run.main([command, "--headless", "--seed", "3"]) == 5
    assert pretend.installed == [extra]
    assert followed[0][1:] == ends_with
    assert str(run.ROOT / ".venv") in followed[0][0]


def test_check_runs_all_checks_and_fails_if_one_does(
    run: ModuleType, pretend: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[str] = []
    monkeypatch.setattr(run, "_follow", lambda c, **_: followed.append(c[2]) or c[2] == "ruff")
    assert run.main(["check"]) == 1
    assert followed == ["ruff", "mypy", "pytest"]


# A port that is taken


@pytest.mark.parametrize("form", [["--port", "{}"], ["--headless", "--port={}"]])
def test_a_taken_port_is_said_before_anything_is_installed(
    run: ModuleType, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert run.main(["demo", *(part.format(port) for part in form)]) == 1
    said = capsys.readouterr().out
    assert f"Port {port} cannot be had" in said
    assert "--port" in said.split("\n", 1)[1]
    assert not (run.ROOT / ".venv").exists()


@pytest.mark.parametrize("arguments", [[], ["--port"], ["--port", "abc"], ["--port=99999"]])
def test_what_is_no_port_is_left_to_the_command(run: ModuleType, arguments: list[str]) -> None:
    run._check_port(arguments)


# Making .venv, and when to make it anew


def test_the_second_run_installs_nothing(pretend: Pretend) -> None:
    pretend.environment.prepare("")
    pretend.environment.prepare("")
    assert (pretend.created, pretend.installed) == (1, ["."])


def test_the_test_extras_are_added_to_the_same_environment(pretend: Pretend) -> None:
    for extra in ("", "test", "", "test"):
        pretend.environment.prepare(extra)
    assert (pretend.created, pretend.installed) == (1, [".", ".[test]"])


def test_what_takes_seconds_is_compiled_once_after_each_installation(pretend: Pretend) -> None:
    for extra in ("", "", "test", ""):
        pretend.environment.prepare(extra)
    assert pretend.warmed == len(pretend.installed) == 2


def _not_run() -> int:
    raise OSError("no such file")


@pytest.mark.parametrize("failing", [lambda: 1, _not_run])
def test_an_installation_is_whole_where_nothing_could_be_compiled(
    pretend: Pretend, failing: Callable[[], int]
) -> None:
    pretend.on_warm_up = failing
    pretend.environment.prepare("")
    assert pretend.environment.is_ready("")


def test_whoever_stops_the_compiling_keeps_the_installation(pretend: Pretend) -> None:
    def stop() -> int:
        raise KeyboardInterrupt

    pretend.on_warm_up = stop
    with pytest.raises(KeyboardInterrupt):
        pretend.environment.prepare("")
    assert pretend.environment.is_ready("")


def test_what_is_said_to_python_for_that_is_understood(run: ModuleType) -> None:
    subprocess.run([sys.executable, "-c", run.WARM_UP], check=True)


def test_the_test_extras_hold_the_plain_package(pretend: Pretend) -> None:
    pretend.environment.prepare("test")
    pretend.environment.prepare("")
    assert pretend.installed == [".[test]"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_lock_installs_again_for_each_extra(
    run: ModuleType, pretend: Pretend, name: str
) -> None:
    pretend.environment.prepare("test")
    (run.ROOT / name).write_text("# changed\n")
    pretend.environment.prepare("")
    pretend.environment.prepare("test")
    assert (pretend.created, pretend.installed) == (1, [".[test]", ".", ".[test]"])


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, OSError])
def test_a_broken_off_installation_is_made_anew(pretend: Pretend, end: type) -> None:
    def break_off() -> None:
        raise end

    pretend.on_install = break_off
    with pytest.raises(end):
        pretend.environment.prepare("")
    assert not pretend.environment.is_ready("")
    pretend.on_install = lambda: None
    pretend.environment.prepare("")
    assert pretend.created == 2
    assert pretend.environment.is_ready("")


def test_extras_broken_off_half_way_do_not_leave_a_broken_demo(pretend: Pretend) -> None:
    def break_off() -> None:
        raise KeyboardInterrupt

    pretend.environment.prepare("")
    pretend.on_install = break_off
    with pytest.raises(KeyboardInterrupt):
        pretend.environment.prepare("test")
    assert not pretend.environment.is_ready("")


def test_an_environment_that_is_deleted_or_not_whole_is_made_anew(pretend: Pretend) -> None:
    environment = pretend.environment
    environment.prepare("")
    environment.python.unlink()
    environment.prepare("")
    assert pretend.created == 2
    (pretend.packages / "rich-1.0.dist-info").rmdir()
    environment.prepare("")
    assert pretend.installed == [".", ".", "."]


def test_an_environment_of_another_python_is_made_anew(
    run: ModuleType, pretend: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend.environment.prepare("")
    monkeypatch.setattr(run, "_base", lambda root: "Python 3.99.0 elsewhere")
    assert "another Python" in pretend.environment.why_anew()
    pretend.environment.prepare("")
    assert pretend.created == 2


def test_a_spoilt_stamp_counts_as_none(pretend: Pretend) -> None:
    pretend.environment.prepare("")
    for text in ("", "[]", "{not json", "\x00"):
        pretend.environment._stamp.write_text(text)
        assert not pretend.environment.is_ready("")
        pretend.environment.prepare("")
        assert json.loads(pretend.environment._stamp.read_text())["packages"] == 2


def test_an_environment_made_by_hand_is_built_upon(run: ModuleType, pretend: Pretend) -> None:
    pretend._venv(["python", "-m", "venv"])
    pretend.environment.prepare("")
    assert pretend.created == 1
    assert pretend.installed == ["."]


def test_two_runs_do_not_install_at_the_same_time(run: ModuleType) -> None:
    """Another process finds the lock taken, and free again afterwards."""
    try_it = (
        "import importlib.util as u, sys; s = u.spec_from_file_location('r', sys.argv[1]);"
        "r = u.module_from_spec(s); s.loader.exec_module(r);"
        "f = open(sys.argv[2], 'a'); sys.exit(0 if r._take(f.fileno()) else 3)"
    )
    command = [sys.executable, "-c", try_it, str(SCRIPT), str(run.ROOT / ".venv.lock")]
    with run._alone(run.ROOT):
        assert subprocess.run(command, check=False).returncode == 3
    assert subprocess.run(command, check=False).returncode == 0


def test_a_missing_venv_module_is_said_plainly(
    run: ModuleType, pretend: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    with pytest.raises(run.Problem, match="python3-venv"):
        pretend.environment.prepare("")


# What pip's log is told as


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("
            "'<x>: Failed to establish a new connection: [Errno -3] Temporary failure in name"
            " resolution')'\nERROR: No matching distribution found for numpy==2.4.6",
            "no network",
        ),
        ("ReadTimeoutError: Read timed out.", "no network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left", "full"),
        ("connection broken by SSLError(SSLCertVerificationError(1, '[SSL]'))", "certificate"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build for this Python"),
        ("  ERROR: ResolutionImpossible: for help visit", "no build for this Python"),
        ("ERROR: [Errno 13] Permission denied: '/x/.venv/lib'", "cannot be written"),
        ("/x/.venv/bin/python: No module named pip", "has no pip"),
        ("noise\nERROR: something quite new\nmore", "something quite new"),
        ("  error: subprocess-exited-with-error", "subprocess-exited-with-error"),
        ("", "no reason is given"),
    ],
)
def test_a_failure_of_pip_is_told_in_plain_words(run: ModuleType, log: str, sentence: str) -> None:
    problem = run._of_log(log, "The installation failed", "See the log.")
    assert sentence in problem.found
    assert problem.way_out


def test_a_failed_installation_ends_with_sentences_and_no_traceback(
    run: ModuleType,
    pretend: Pretend,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def offline(command: list[str], log: Path, **_: object) -> int:
        log.write_text("socket.gaierror: [Errno -2] Name or service not known")
        return 1

    monkeypatch.setattr(run, "_logged", offline)
    assert run.main(["demo"]) == 1
    said = capsys.readouterr()
    assert "There is no network" in said.out
    assert "Traceback" not in said.out + said.err
    assert not pretend.environment.is_ready("")


@pytest.mark.parametrize(
    ("code", "sentence"), [(28, "The disk is full."), (13, "cannot be written"), (30, "cannot be")]
)
def test_a_refusal_of_the_computer_is_told_in_plain_words(
    run: ModuleType, pretend: Pretend, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise OSError(code, os.strerror(code))

    pretend.on_install = refuse
    assert run.main(["demo"]) == 1
    assert sentence in capsys.readouterr().out


# Children


def test_a_child_is_logged_in_full_and_told_in_brief(
    run: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["Collecting numpy>=2", "warning: \u2026", "Installing collected packages: a, b, c"]
    code = f"import sys; sys.stdout.buffer.write({chr(10).join(lines)!r}.encode()); sys.exit(7)"
    log = tmp_path / "log"
    assert run._logged([sys.executable, "-c", code], log) == 7
    assert log.read_text(encoding="utf-8").splitlines() == lines
    assert capsys.readouterr().out == "  unpacking 3 packages\n"


def test_the_exit_code_of_a_child_is_given_back(run: ModuleType) -> None:
    assert run._follow([sys.executable, "-c", "raise SystemExit(3)"]) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_reaches_the_child_and_ends_quietly(tmp_path: Path, sent: signal.Signals) -> None:
    """As Ctrl-C does (to both) and as a service manager does (to the parent alone)."""
    ready, ended = tmp_path / "ready", tmp_path / "ended"
    child = (
        "import pathlib, signal, sys, time\n"
        "def stop(*_):\n    pathlib.Path(sys.argv[2]).touch(); sys.exit(0)\n"
        "signal.signal(signal.SIGINT, stop); signal.signal(signal.SIGTERM, stop)\n"
        "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)\n"
    )
    parent = (
        "import importlib.util as u, sys; s = u.spec_from_file_location('r', sys.argv[1]);"
        "r = u.module_from_spec(s); s.loader.exec_module(r);"
        "sys.exit(r._follow([sys.executable, '-c', *sys.argv[2:]]))"
    )
    command = [sys.executable, "-c", parent, str(SCRIPT), child, str(ready), str(ended)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.05)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    _, said = process.communicate()
    assert ended.exists()
    assert said == b""
