"""The check-in service of the demo: the example itself, copied, on real sockets of loopback; and its visitors."""

import contextlib
import importlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from werkzeug.serving import WSGIRequestHandler, make_server

from bongsu.clock import SYSTEM

NAME = "checkin"
TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 64 << 10

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / NAME, _PACKAGE.parents[2] / "examples" / NAME)  # of a wheel, of a checkout


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visitor's browser shows in the end."""

    at: float
    status: int
    body: str


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """The service and its intranet; the service's address. `folder` is on `sys.path`.

    The example runs from a copy there: as part of an installed package its frames would not count as the user's own.
    """
    source = next(place for place in _PLACES if place.is_dir())
    shutil.copytree(source, folder / NAME, ignore=shutil.ignore_patterns("__pycache__"))
    app, intranet = (importlib.import_module(f"{NAME}.{module}") for module in ("app", "intranet"))
    with _served(intranet.create_app()) as outside, _served(app.create_app(f"{folder}/users.db", outside)) as url:
        yield url


def visit(url: str) -> Visit:
    """Log in as the next person."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))  # never by a proxy
    try:
        with browser.open(f"{url}/login", timeout=TIMEOUT_S) as answer:
            status, body = answer.status, answer.read(ANSWER_BYTES_MAX)
    except HTTPError as error:
        with error:
            status, body = error.code, error.read(ANSWER_BYTES_MAX)
    return Visit(SYSTEM.now(), status, body.decode("utf-8", "replace").strip())


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the base class's own name
        """Nothing: the terminal belongs to the timeline."""


@contextlib.contextmanager
def _served(application: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
