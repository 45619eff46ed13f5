"""The dashboard's process: who may come in, what others can see, and that it never outlives its parent."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from fedflex_core.faces.server import HOST, PortTaken, Server, serve

_NOTEBOOK = """
import os
from pathlib import Path
Path(os.environ["FEDFLEX_TEST_PID"]).write_text(str(os.getpid()))
"""
_SERVE = """
import sys
from pathlib import Path
from fedflex_core.faces.server import serve
serve(Path(sys.argv[1]), environment={"FEDFLEX_TEST_PID": sys.argv[2]}, open_browser=False,
      announce=lambda url: print(url, flush=True))
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "page.ipynb"
    cells = [nbformat.v4.new_code_cell(_NOTEBOOK)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def server(notebook: Path) -> Iterator[Server]:
    with Server(notebook) as running:
        yield running


@pytest.fixture
def serving(notebook: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str, Path]]:
    """A process that called `serve`, the address it announced, and where its kernel writes its number."""
    pid_file = tmp_path / "pid"
    command = [sys.executable, "-c", _SERVE, str(notebook), str(pid_file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process, process.stdout.readline().strip(), pid_file
        process.kill()


def _get(port: int, path: str, headers: dict[str, str] | None = None):
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def _eventually(holds: Callable[[], bool]) -> bool:
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.05)
    return False


def _is_closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_port_in_use_is_said_and_never_another_one_taken(notebook: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            Server(notebook, port=port).start()


def test_asked_port_is_used_and_free_again_afterwards(notebook: Path) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with Server(notebook, port=port) as server:
        assert server.port == port
        assert server.url.startswith(f"http://{HOST}:{port}/?token=")
    assert _is_closed(port)


def test_every_server_has_its_own_long_token(notebook: Path) -> None:
    tokens = {Server(notebook).url.partition("token=")[2] for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's /proc")
def test_token_is_on_no_command_line_and_in_no_environment(server: Server) -> None:
    token = server.url.partition("token=")[2].encode()
    process = server._process
    assert process is not None
    for name in ("cmdline", "environ"):
        assert token not in Path(f"/proc/{process.pid}/{name}").read_bytes()


@pytest.mark.parametrize(
    "path", ["/voila/files/page.ipynb", "/page.ipynb", "/voila/tree", "/api/kernels"]
)
def test_only_the_page_is_served(server: Server, path: str) -> None:
    assert _get(server.port, path).status in (302, 403, 404)
    token = server.url.partition("token=")[2]
    signed = _get(server.port, path, {"Authorization": f"token {token}"})
    assert signed.status in (302, 403, 404)
    assert "Location" not in signed.headers or "/voila/files/" in signed.headers["Location"]


def test_ticket_opens_once_and_the_browser_never_sees_the_token(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    assert server.open_browser()
    path = opened[0].removeprefix(server.origin)
    assert server.url.partition("token=")[2] not in opened[0]
    first, second = _get(server.port, path), _get(server.port, path)
    assert first.headers["Location"] == "/"
    assert "SameSite=Strict" in first.headers["Set-Cookie"]
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert second.headers["Location"].startswith("/login")
    assert "username" not in (second.headers["Set-Cookie"] or "")


def test_wrong_ticket_is_refused(notebook: Path) -> None:
    with Server(notebook) as server:
        answer = _get(server.port, "/enter/wrong")
        assert answer.headers["Location"].startswith("/login")


def test_serve_announces_an_address_that_answers_and_then_stops(
    notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[str] = []

    def interrupt(_server: Server) -> None:
        port = int(announced[0].split(":")[2].split("/")[0])
        assert _get(port, "/voila/templates/fedflex/static/page.css").status == 200
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "wait", interrupt)
    serve(notebook, environment={}, open_browser=False, announce=announced.append)
    assert len(announced) == 1


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_kernel_and_server_end_with_their_parent(serving, stop: signal.Signals) -> None:
    process, url, pid_file = serving
    port = int(url.split(":")[2].split("/")[0])
    assert _get(port, f"/?{url.partition('?')[2]}").status == 200  # its kernel has run the cell
    kernel = int(pid_file.read_text())
    process.send_signal(stop)
    _, errors = process.communicate(timeout=60)
    assert _eventually(lambda: _is_gone(kernel))
    assert _eventually(lambda: _is_closed(port))
    assert "Traceback" not in errors
    if stop is signal.SIGINT:
        assert process.returncode == 0
