"""Set FedFlex up and run it: all it needs is Python 3.11 or newer.

    python run.py demo     make .venv, install FedFlex, start the demo study
    python run.py test     the same with the test extras, then the whole test suite
    python run.py check    the same, then ruff, mypy and the examples in the docstrings

    python run.py participant STUDY    take part in the study in the folder STUDY
    python run.py aggregator STUDY     open a study in the folder STUDY, or run the one there
    python run.py results STUDY        its results table
    python run.py helper STUDY         sum the other half of its updates
    python run.py invite STUDY         write invitations to it
    python run.py admit STUDY NUMBER   write a number on its roster
    python run.py audit STUDY          attack your own next update
    python run.py leave STUDY          stop, or with --erase have everything erased
    python run.py doctor STUDY         what is there to mend?
    python run.py inspect EXPORT.csv   what can be read in a Netflix export
    python run.py simulate             try a study in memory
    python run.py evaluate             would lists have held what people went on to watch?
    python run.py catalogue            make a catalogue of your own, or check one

What stands after the command is passed on: python run.py demo --headless --participants 8
A second run starts in seconds. The folder .venv belongs to this file: delete it at any time, and it
is made anew.
"""

# The syntax of this file stays that of Python 3.6, so that an old Python can read the sentence that
# says it is too old. That is why the newer type hints are quoted.

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Iterator, TextIO

__all__ = ["Environment", "Problem", "main"]

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
WINDOWS = os.name == "nt"

# What the commands need beside the plain package
FEDFLEX = (
    "demo", "participant", "aggregator", "helper", "invite", "admit", "leave", "audit", "doctor",
    "inspect", "results", "simulate", "evaluate", "catalogue"
)  # fmt: skip
EXTRAS = dict.fromkeys(FEDFLEX, "")
EXTRAS.update(catalogue="embeddings", evaluate="embeddings", test="test", check="test")

# What compiles the inner loops of the learning, which takes seconds, before anybody waits for it
WARM_UP = "from fedflex_core.learning import _compiled; _compiled.warm_up()"


class Problem(Exception):
    """Something that a person has to put right: what is wrong, and the way out."""

    def __init__(self, found: str, way_out: str) -> None:
        self.found = found
        self.way_out = way_out
        super().__init__("{}\n{}".format(found, way_out))


DISK_FULL = Problem(
    "The disk is full.",
    "FedFlex needs about 1 GB for the demo and 3 GB for the tests. Make room, then run this again.",
)
NOT_WRITABLE = Problem(
    "This folder cannot be written to.",
    "Copy FedFlex to a folder of your own, then run this again there.",
)

# What pip's log says, and what is said to a person of it; the first that fits is taken, because
# pip ends a broken download with "No matching distribution" too.
PIP_FAILURES = (
    (r"No space left on device|Errno 28|not enough space|WinError 112", DISK_FULL),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError",
        Problem(
            "The package index answered with a certificate that this computer does not trust.",
            "Check the computer's clock, or ask whoever runs your network for its certificate and"
            " name it in the variable PIP_CERT; then run this again.",
        ),
    ),
    (
        r"ProxyError|NewConnectionError|Failed to establish a new connection|ConnectTimeoutError"
        r"|ReadTimeoutError|getaddrinfo failed|[Nn]ame resolution|Name or service not known"
        r"|nodename nor servname|Network is unreachable|Connection refused|Connection aborted"
        r"|Connection broken|RemoteDisconnected|Max retries exceeded|not a trusted or secure host",
        Problem(
            "There is no network, or the package index cannot be reached from here.",
            "Connect to the internet (behind a proxy, set HTTPS_PROXY), then run this again.",
        ),
    ),
    (r"Permission denied|Errno 13|Errno 30|Read-only file system|WinError 5\b", NOT_WRITABLE),
    (
        r"No module named pip",
        Problem(
            "The folder .venv was made by something else and has no pip.",
            "Rename or delete .venv, then run this again.",
        ),
    ),
    (
        r"No matching distribution found|ResolutionImpossible|Failed to build",
        Problem(
            "A package in the version that FedFlex is tested with has no build for this Python.",
            "Take a 64-bit Python 3.11 or 3.12 from python.org and run this again with it; which"
            " package it is stands at the end of .venv/install.log.",
        ),
    ),
)


def main(argv: "list[str]") -> int:
    """Run one command; give the exit code.

    >>> main(["dance"])  # doctest: +ELLIPSIS
    There is no command 'dance'.
    There are: demo, participant, ..., test, check.
    2
    """
    try:
        return _run(argv)
    except Problem as problem:
        _say(problem.found, problem.way_out)
    except BrokenPipeError:  # whoever read what is said here has gone: nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        told = _of_os_error(error)
        _say(told.found, told.way_out)
    except KeyboardInterrupt:
        _say("Stopped. What was half done is made anew next time.")
        return 130
    return 1


def _run(argv: "list[str]") -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    command, rest = argv[0], argv[1:]
    if command not in EXTRAS:
        _say("There is no command '{}'.".format(command), "There are: " + ", ".join(EXTRAS) + ".")
        return 2
    _check_python(sys.version_info[:3])
    if command in FEDFLEX:
        _check_port(rest)
    environment = Environment(ROOT)
    environment.prepare(EXTRAS[command])
    return _start(environment, command, rest)


def _start(environment: "Environment", command: str, rest: "list[str]") -> int:
    """Run what the command stands for; a failing check does not hide those after it."""
    python = str(environment.python)
    if command in FEDFLEX:
        return _follow([str(environment.command), command, *rest])
    if command == "test":
        return _follow([python, "-m", "pytest", "-q", *rest], cwd=str(ROOT))
    checks = (
        ["ruff", "check", "."],
        ["mypy"],
        ["pytest", "-q", "--doctest-modules", "fedflex_core", "run.py", *rest],
    )
    codes = [_follow([python, "-m", *check], cwd=str(ROOT)) for check in checks]
    return max(codes)


class Environment:
    """The folder ``.venv`` beside this file: what is in it, and how it is made.

    ``fedflex-stamp.json`` in it tells what was installed, and is written last; ``fedflex-underway``
    is there while something is being installed, so that a killed installation shows.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        programs = self.folder / ("Scripts" if WINDOWS else "bin")
        self.python = programs / ("python.exe" if WINDOWS else "python")
        self.command = programs / ("fedflex.exe" if WINDOWS else "fedflex")
        self.log = self.folder / "install.log"
        self._stamp = self.folder / "fedflex-stamp.json"
        self._underway = self.folder / "fedflex-underway"

    def prepare(self, extra: str) -> None:
        """Make or mend ``.venv`` so that it holds the package with the extra (or none)."""
        if self.is_ready(extra):
            return
        with _alone(self.root):
            if not self.is_ready(extra):  # another run may have made it while this one waited
                self._make(extra)

    def is_ready(self, extra: str) -> bool:
        """Whether the package with the extra is there, as the locked versions have it now."""
        stamp = self._read_stamp()
        return (
            self.why_anew() is None
            and stamp.get("lock:" + extra) == self._lock_digest()
            and self.command.exists()
            and bool(self._count_packages() >= stamp["packages"])
        )

    def why_anew(self) -> "str | None":
        """Why ``.venv`` cannot be built upon; None if it can."""
        if not self.folder.exists():
            return "There is no .venv yet."
        if self._underway.exists():
            return "The last installation did not come to its end."
        if not self.python.exists() or not (self.folder / "pyvenv.cfg").exists():
            return "The folder .venv is not whole."
        if self._read_stamp().get("base", _base(self.root)) != _base(self.root):
            return "The folder .venv was made by another Python, or has been moved."
        return None

    def _make(self, extra: str) -> None:
        why = self.why_anew()
        if why is not None:
            _say(why + " Making it with Python {}.{}.{} ...".format(*sys.version_info[:3]))
            self._create()
        self._underway.touch()
        stamp = {} if why else self._read_stamp()
        _say("Installing FedFlex" + (" with the extras for " + extra if extra else "") + " ...")
        self._install(extra)
        stamp.update({"base": _base(self.root), "packages": self._count_packages()})
        stamp.update({"lock:": self._lock_digest(), "lock:" + extra: self._lock_digest()})
        self._stamp.write_text(json.dumps(stamp, indent=2), encoding="utf-8")
        self._underway.unlink()
        self._warm_up()

    def _create(self) -> None:
        if find_spec("venv") is None or find_spec("ensurepip") is None:
            raise Problem(
                "This Python cannot make environments: its modules venv and ensurepip are missing.",
                "On Debian and Ubuntu: sudo apt install python3-venv. Then run this again.",
            )
        if self.folder.exists():
            shutil.rmtree(str(self.folder))
        self.folder.mkdir()
        self._underway.touch()
        # Not sys.executable: that may be the one inside the .venv which has just been deleted.
        python = getattr(sys, "_base_executable", None) or sys.executable
        made = subprocess.run(
            [python, "-m", "venv", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if made.returncode != 0:
            text = made.stdout.decode("utf-8", "replace")
            raise _of_log(text, "The environment .venv could not be made", text[-300:])

    def _install(self, extra: str) -> None:
        start = time.monotonic()
        what = ".[{}]".format(extra) if extra else "."
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        command = [str(self.python), "-m", "pip", "install", "-c", "constraints.txt", "-e", what]
        code = _logged(command + options, self.log, cwd=str(self.root), env=_pip_environment())
        if code != 0:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            raise _of_log(text, "The installation failed", "All of it is in .venv/install.log.")
        _say("Installed in {:.0f} s.".format(time.monotonic() - start))

    def _warm_up(self) -> None:
        """Make the first use quick; where that fails, it is only as slow as it would have been."""
        command = [str(self.python), "-c", WARM_UP]
        with contextlib.suppress(OSError):
            _logged(command, self.folder / "warm-up.log", cwd=str(self.root))

    def _read_stamp(self) -> "dict[str, Any]":
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _lock_digest(self) -> str:
        digest = hashlib.sha256()
        for name in ("pyproject.toml", "constraints.txt"):
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    def _count_packages(self) -> int:
        """How many packages are in ``.venv``, to notice one that was deleted by half."""
        library = "Lib" if WINDOWS else "lib/python*"
        return len(list(self.folder.glob(library + "/site-packages/*.dist-info")))


def _base(root: Path) -> str:
    """What an environment cannot be carried over: the Python it was made by, and its place."""
    return "Python {}.{}.{} in {}".format(*sys.version_info[:3], root)


def _pip_environment() -> "dict[str, str]":
    environment = dict(os.environ, PYTHONIOENCODING="utf-8", PIP_USER="0")
    # The tools that build the package are locked too: pip before 25.3 takes the first for them, pip
    # after it the second. The value is a name without a folder, because pip parts it at spaces.
    environment.update(PIP_CONSTRAINT="constraints.txt", PIP_BUILD_CONSTRAINT="constraints.txt")
    return environment


def _check_python(version: "tuple[int, ...]") -> None:
    if tuple(version[:2]) >= OLDEST:
        return
    names = ["python3.{}".format(minor) for minor in range(OLDEST[1], 20)]
    newer = next(filter(_runs, names), None)
    raise Problem(
        "This Python is too old: it is {}.{}, and FedFlex needs {}.{} or newer.".format(
            version[0], version[1], *OLDEST
        ),
        "There is a newer one on this computer: {} run.py ...".format(newer)
        if newer
        else "Install Python from python.org, then run this again with it.",
    )


def _runs(name: str) -> bool:
    """Whether there is such a Python; some tools leave an empty shell of the name."""
    found = shutil.which(name)
    return found is not None and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0


def _check_port(arguments: "list[str]") -> None:
    port = _port_in(arguments)
    if port is None:
        return
    with contextlib.closing(socket.socket()) as probe:
        if not WINDOWS:  # a server that has just ended does not hold its port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(
                "Port {} cannot be had: {}.".format(port, error.strerror),
                "Leave --port out and a free one is taken, or name another: --port {}.".format(
                    port + 1 if 1024 <= port < 65535 else 8866
                ),
            ) from None


def _port_in(arguments: "list[str]") -> "int | None":
    """The port asked for, if it is one; what is not a number is left for the command to refuse."""
    for name, value in zip(arguments, [*arguments[1:], ""]):
        if name.startswith("--port="):
            value = name[len("--port=") :]
        elif name != "--port":
            continue
        if value.isdigit() and int(value) < 65536:
            return int(value)
    return None


def _of_log(text: str, what: str, else_see: str) -> Problem:
    """What went wrong, from what pip or venv said of it."""
    for pattern, problem in PIP_FAILURES:
        if re.search(pattern, text):
            return problem
    errors = re.findall(r"^\s*error: (.+)$", text, flags=re.MULTILINE | re.IGNORECASE)
    return Problem("{}: {}".format(what, errors[-1] if errors else "no reason is given"), else_see)


def _of_os_error(error: OSError) -> Problem:
    if error.errno == errno.ENOSPC:
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NOT_WRITABLE
    return Problem("The computer refused a step: {}.".format(error), "Run this again.")


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the right to change ``.venv``, so that two terminals do not install at the same time.

    The right is a lock of the operating system's, which ends with whoever holds it; the children
    inherit it, so it also lasts while pip outlives a killed run.
    """
    with (root / ".venv.lock").open("a") as handle:
        os.set_inheritable(handle.fileno(), True)
        waiting = False
        while not _take(handle.fileno()):
            if not waiting:
                _say("Another run is installing here. Waiting for it ...")
            waiting = True
            time.sleep(1)
        yield


def _take(lock: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Some network drives know no locks; there is nothing to wait for then.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def _logged(command: "list[str]", log: Path, **options: Any) -> int:
    """Run a command with all it says in a log and the gist of it on the screen."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,  # pip keeps the lock if this run is killed
        **options,
    ) as child:
        try:
            with log.open("w", encoding="utf-8") as file, Progress(sys.stdout) as progress:
                for raw in child.stdout or ():
                    line = raw.decode("utf-8", "replace")
                    file.write(line)
                    progress.show(_gist(line))
        except BaseException:
            child.terminate()
            raise
    return child.returncode


def _gist(line: str) -> str:
    """What one line of pip's means to a person; empty for what means nothing.

    >>> _gist("Collecting numpy>=2.2 (from fedflex==0.1.0)")
    'looking for numpy'
    >>> _gist("  Downloading torch-2.13.0-cp311-cp311-linux_x86_64.whl (198.2 MB)")
    'fetching torch-2.13.0 (198.2 MB)'
    >>> _gist("Installing collected packages: rich, numpy")
    'unpacking 2 packages'
    """
    found = re.match(r"\s*Collecting ([\w.-]+)", line)
    if found:
        return "looking for " + found.group(1)
    found = re.match(r"\s*Downloading (?:\S*/)?([\w.]+-[\w.]+)\S* (\(.*\))", line)
    if found:
        return "fetching {} {}".format(*found.groups())
    found = re.match(r"\s*(?:Using cached|Processing) (?:\S*[/\\])?([\w.]+-[\w.]+)", line)
    if found:
        return "taking " + found.group(1)
    found = re.match(r"Installing collected packages: (.*)", line)
    if found:
        number = len(found.group(1).split(","))
        return "unpacking {} package{}".format(number, "s" if number > 1 else "")
    return ""


class Progress:
    """What is going on, on one line that is rewritten; in a file, a line for each long step."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._text = ""
        self._start = time.monotonic()
        self._done = threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        if self._live:
            self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._live:
            self._clock.join()
            self._write("\r\x1b[K" if not WINDOWS else "\r" + " " * 78 + "\r")

    def show(self, text: str) -> None:
        """Say what is being done now; an empty text changes nothing."""
        if not text:
            return
        self._text = text
        if not self._live and re.search(r"unpacking|\d\d\.\d MB|GB", text):
            self._write("  {}\n".format(text))

    def _tick(self) -> None:
        """Keep the seconds running, since pip is silent for a minute while it unpacks."""
        while not self._done.wait(0.2):
            seconds = time.monotonic() - self._start
            self._write("\r" + "  {:3.0f} s  {}".format(seconds, self._text)[:77].ljust(77))

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _follow(command: "list[str]", **options: Any) -> int:
    """Run a command on this terminal to its end; give its exit code."""
    child = subprocess.Popen(command, **options)
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    except KeyboardInterrupt:  # a Ctrl-C reaches the child too: let it end in its own way
        code = _let_end(child)
    finally:
        signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else 128 - code


def _let_end(child: "subprocess.Popen[bytes]") -> int:
    try:
        child.wait(timeout=15)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        child.terminate()
        child.wait()
    return 130


def _say(*sentences: str) -> None:
    for sentence in sentences:
        print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
