"""Serve one notebook as a dashboard, on this machine only.

`Server` starts a process of its own (`fedflex_core.faces._dashboard`), so that a dashboard which fails
cannot take the command line with it, and so that two can run at once. The parent hands the child
everything, the token too, through the child's standard input: nothing secret is ever on a command line or
in a file. The open pipe is also the leash: when the parent ends, however it ends, the child reads the end of
its input and shuts its kernels and itself down.
"""

import http.client
import json
import os
import secrets
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from fedflex_core.errors import FedFlexError

__all__ = ["HOST", "PortTaken", "Server", "ServerFailed", "serve"]

HOST = "127.0.0.1"
_TEMPLATE_ROOT = Path(__file__).parent / "template"
_PROBE = "/voila/templates/fedflex/static/page.css"  # answers without starting a kernel
_PATIENCE = 60.0  # seconds for a slow machine's first import of Voila
_GOODBYE = 20.0  # seconds for kernels to end by themselves


class PortTaken(FedFlexError):
    """The port that was asked for cannot be had.

    >>> PortTaken(8866).found
    'Port 8866 is in use by another program, or reserved by the system.'
    """

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use by another program, or reserved by the system.",
            "A free port between 1024 and 65535.",
            "Choose another one, or name none and a free one is found.",
        )


class ServerFailed(FedFlexError):
    """The dashboard's own process did not come up."""

    def __init__(self) -> None:
        super().__init__(
            "The dashboard stopped while it was starting.",
            "A page that answers within a minute.",
            "Try again; to see the reason, set the environment variable FEDFLEX_DEBUG=1 before.",
        )


class Server:
    """One dashboard; a context manager that starts it and, at the end, stops it and its kernels.

    Args:
        notebook: The notebook to serve; it alone is served, no folder.
        port: Port on 127.0.0.1, or None for a free one.
        environment: Variables added to what the notebook's kernel sees.

    Attributes after `start`: `port`; `url`, the full address with its token; and `origin`, the same without
    token, for example `http://127.0.0.1:8866`.

    Raises:
        PortTaken: On `start`, where the port cannot be had.
        ServerFailed: On `start`, where the process ends or does not answer.
    """

    def __init__(
        self,
        notebook: Path,
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._notebook = Path(notebook).resolve()
        self._environment = dict(environment or {})
        self._asked_port = port
        self._token = secrets.token_urlsafe(24)
        self._ticket = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def origin(self) -> str:
        """The address without token or trailing slash."""
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The full address, with the token that lets a browser in."""
        return f"{self.origin}/?token={self._token}"

    def start(self) -> Self:
        """Start the process and return once the dashboard answers."""
        self._process = _spawn(self._environment)
        try:
            self._send_settings(self._process)
            self.port = self._read_port(self._process)
            self._wait_for_answer(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self) -> None:
        """Block until the dashboard ends by itself or `stop` is called elsewhere."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End kernels and server; quiet, and safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        _close_quietly(process)
        try:
            process.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def open_browser(self) -> bool:
        """Open the dashboard in the person's browser; False where there is none.

        The address given to the browser holds a ticket that is good once, not the token: the address may
        be seen in the list of processes by others who use this machine.
        """
        try:
            return webbrowser.open(f"{self.origin}/enter/{self._ticket}")
        except webbrowser.Error:
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _send_settings(self, process: subprocess.Popen[bytes]) -> None:
        settings = {
            "notebook": str(self._notebook),
            "port": self._asked_port or 0,
            "token": self._token,
            "ticket": self._ticket,
        }
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise ServerFailed from error

    def _read_port(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ServerFailed
        answer = json.loads(line)
        if "taken" in answer:
            raise PortTaken(int(answer["taken"]))
        return int(answer["port"])

    def _wait_for_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            if _answers(self.port):
                return
            time.sleep(0.05)
        raise ServerFailed


def serve(
    notebook: Path,
    *,
    port: int | None = None,
    environment: Mapping[str, str],
    open_browser: bool,
    announce: Callable[[str], None],
) -> None:
    """Serve a notebook until Ctrl-C, which ends it and its kernels without a traceback.

    Args:
        notebook: The notebook to serve.
        port: Port on 127.0.0.1, or None for a free one.
        environment: Variables for the notebook's kernel, such as the study's place.
        open_browser: Whether to open the page in the person's browser as well.
        announce: Called once, with the full address, when the page answers.

    Raises:
        PortTaken: Where the port cannot be had.
        ServerFailed: Where the dashboard's process does not come up.
    """
    server = Server(notebook, port=port, environment=environment)
    try:
        server.start()
        announce(server.url)
        if open_browser:
            server.open_browser()
        server.wait()
    except KeyboardInterrupt:
        pass  # the wish to stop is no error
    finally:
        server.stop()


def _spawn(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then lets go of the leash.
    return subprocess.Popen(
        [sys.executable, "-m", "fedflex_core.faces._dashboard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("FEDFLEX_DEBUG") else subprocess.DEVNULL,
        env=_child_environment(environment),
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The parent's variables and these; our template's folder first among Jupyter's data folders.

    >>> _child_environment({"FEDFLEX_STUDY": "here"})["FEDFLEX_STUDY"]
    'here'
    """
    inherited = os.environ.get("JUPYTER_PATH")
    paths = [str(_TEMPLATE_ROOT), *([inherited] if inherited else [])]
    return {**os.environ, **environment, "JUPYTER_PATH": os.pathsep.join(paths)}


def _close_quietly(process: subprocess.Popen[bytes]) -> None:
    try:
        if process.stdin is not None:
            process.stdin.close()
    except OSError:
        pass  # the child was gone before us


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", _PROBE)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
