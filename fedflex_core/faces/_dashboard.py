"""The process behind one dashboard: Voila, set up so that it is private, quiet and offline.

Started by `fedflex_core.faces.server`, which sends one line of JSON on standard input ({"notebook", "port",
"token", "ticket"}) and reads one on standard output ({"port"} or {"taken"}).
"""

import hmac
import json
import logging
import os
import shutil
import sys
import tempfile
import threading
from typing import Any

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import JupyterHandler
from traitlets.config import Config
from voila.app import Voila

__all__ = ["main"]

_HOST = "127.0.0.1"
_MAX_MESSAGE = 16 * 2**20  # bytes; an upload's chunk is 1 MB
_CULL_AFTER = 12 * 3600  # seconds without a page, after which a forgotten kernel ends
_EXTENSIONS = [
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "@jupyter-widgets/jupyterlab-manager",
]
_CELL_ERROR = "Reload the page to try again. Nothing you did before is lost."


class _ThisPython(KernelSpecManager):  # type: ignore[misc, unused-ignore]
    """Knows one kernel: the Python that runs us, whatever kernels the person has installed."""

    def find_kernel_specs(self) -> dict[str, str]:
        return {"python3": str(RESOURCES)}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=str(RESOURCES), **get_kernel_dict())


class _RefusedHandler(JupyterHandler):  # type: ignore[misc, unused-ignore]
    """Tells who comes without the token where the full address is."""

    @allow_unauthenticated  # type: ignore[untyped-decorator, unused-ignore]
    def get(self) -> None:
        self.set_status(403)
        template = self.settings["voila_jinja2_env"].get_template("refused.html")
        self.finish(template.render())


class _EnterHandler(JupyterHandler):  # type: ignore[misc, unused-ignore]
    """Lets a browser in once, by the ticket that the launcher opened it with."""

    @allow_unauthenticated  # type: ignore[untyped-decorator, unused-ignore]
    def get(self, ticket: str) -> None:
        expected, self.settings["fedflex_ticket"] = self.settings["fedflex_ticket"], None
        if expected is None or not hmac.compare_digest(ticket.encode(), expected.encode()):
            self.redirect("/login")
            return
        provider = self.identity_provider
        provider.set_login_cookie(self, provider.generate_anonymous_user(self))
        self.redirect("/")


class _TokenOnly(IdentityProvider):  # type: ignore[misc, unused-ignore]
    """Entry by token or ticket; no password form."""

    def get_handlers(self) -> list[tuple[str, object]]:
        return [(r"/login", _RefusedHandler), (r"/enter/([\w-]+)", _EnterHandler)]


class _Dashboard(Voila):  # type: ignore[misc, unused-ignore]
    """Voila that says which port it got, never tries another one, and ends with its parent."""

    def listen(self) -> None:
        asked = int(self.port)
        try:
            sockets = tornado.netutil.bind_sockets(asked, _HOST)
        except OSError:
            _tell({"taken": asked})
            self.stop()
            return
        port = sockets[0].getsockname()[1]
        self.app.settings["headers"] = _headers(port)
        server = tornado.httpserver.HTTPServer(self.app)
        server.add_sockets(sockets)
        self.ioloop = tornado.ioloop.IOLoop.current()
        threading.Thread(target=self._follow_parent, daemon=True).start()
        _tell({"port": port})
        try:
            self.ioloop.start()
        finally:
            self.stop()

    def stop(self) -> None:
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        shutil.rmtree(self.connection_dir, ignore_errors=True)

    def _follow_parent(self) -> None:
        sys.stdin.buffer.read()  # returns when the parent closes the pipe, or is gone
        self.ioloop.add_callback(self.ioloop.stop)


def main() -> None:
    """Read the settings from standard input and serve until it is closed."""
    settings = json.loads(sys.stdin.buffer.readline())
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    app = _Dashboard(config=_config(settings))
    app.initialize([])
    app.start()


def _config(settings: dict[str, Any]) -> Config:
    return Config(
        {
            "Voila": {
                "ip": _HOST,
                "port": settings["port"],
                "token": settings["token"],
                "notebook_path": settings["notebook"],
                "open_browser": False,
                "config_file_paths": [],  # what the person set for other servers is not for this one
                "identity_provider_class": _TokenOnly,
                "tornado_settings": _tornado_settings(settings["ticket"]),
                # A cell's error carries its traceback, with viewings in it, into the log.
                "log_level": logging.DEBUG if _debug() else logging.CRITICAL,
            },
            "VoilaConfiguration": {
                "template": "fedflex",
                "theme": "light",  # a name only: the page's own style sheet follows the system
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "extension_allowlist": _EXTENSIONS,
                "kernel_spec_manager_class": _ThisPython,
                "page_config_hook": _without_other_hosts,
            },
            "VoilaExecutor": {"cell_error_instruction": _CELL_ERROR, "timeout": 0},
            "IdentityProvider": {"cookie_options": {"samesite": "Strict", "expires_days": None}},
            "MappingKernelManager": {"cull_idle_timeout": _CULL_AFTER, "cull_interval": 600},
            # A restarted kernel is an empty one: better to say that the connection is lost.
            "KernelRestarter": {"restart_limit": 0},
            "KernelManager": {"transport": _transport()},
            "ZMQChannelsWebsocketConnection": {"limit_rate": False},  # it drops messages silently
        }
    )


def _tornado_settings(ticket: str) -> dict[str, Any]:
    return {
        "websocket_max_message_size": _MAX_MESSAGE,
        # The page's goodbye cannot carry the check's header, and would leave its kernel running. Only
        # with a token, a strict cookie, one address, and no other host name (against DNS rebinding).
        "disable_check_xsrf": True,
        "allow_remote_access": False,
        "local_hostnames": ["localhost"],
        "log_function": lambda handler: None,  # it would write addresses, and so tokens
        "fedflex_ticket": ticket,
    }


def _headers(port: int) -> dict[str, str]:
    sockets = f"ws://{_HOST}:{port} ws://localhost:{port}"
    policy = {
        "default-src": "'none'",
        # Voila's page has inline scripts; anywidget imports a widget's code from a blob.
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {sockets} data: blob:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _without_other_hosts(page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Without the formula engine, which would load itself from another host on every page."""
    disabled = [*page_config.get("disabledExtensions", []), "@jupyterlab/mathjax2-extension"]
    return {**page_config, "disabledExtensions": disabled}


def _transport() -> str:
    """File sockets, which other users of the machine cannot reach, where paths are short enough."""
    longest = len(tempfile.gettempdir()) + 70  # "/voila_xxxxxxxx/kernel-<36 characters>-ipc-5"
    return "ipc" if os.name == "posix" and longest < 104 else "tcp"


def _debug() -> bool:
    return bool(os.environ.get("FEDFLEX_DEBUG"))


def _tell(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
