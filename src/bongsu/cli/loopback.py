"""Pages for one person's browser: served on 127.0.0.1 alone, and closed to what other sites' pages send there."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
BODY_BYTES_MAX = 512 << 10  # a message of 40 000 characters, each written \ud83d\ude00, is shorter
SILENT_S = 10.0  # a client that sends nothing for so long is let go
QUERY_FIELDS_MAX = 20
WAITING_MAX = 128  # connections the system keeps while all threads are busy

# Everything comes from the page itself or from this server; nothing runs that is not a file of it.
_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the browser asks."""

    method: str  # GET or POST
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it gets."""

    body: str
    kind: str = "text/html"
    status: int = 200


NOT_FOUND = Answer(status=404, body="There is no such page.\n", kind="text/plain")
_NOT_OURS = Answer(status=403, body="This address is for this machine's own browser.\n", kind="text/plain")
_TOO_LARGE = Answer(status=413, body=f"More than {BODY_BYTES_MAX >> 10} KiB.\n", kind="text/plain")
_UNREADABLE = Answer(status=400, body="This is no request.\n", kind="text/plain")


@contextlib.contextmanager
def served(answer: Callable[[Request], Answer], port: int) -> Iterator[str]:
    """The address of the pages, while it lasts; port 0: any free one. Raises OSError if the port is taken."""

    class Visit(_Visit):
        answered = staticmethod(answer)

    with _Server((HOST, port), Visit) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://{HOST}:{server.server_port}/"
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # the end does not wait for a slow client
    request_queue_size = WAITING_MAX


class _Visit(BaseHTTPRequestHandler):
    timeout = SILENT_S
    answered: Callable[[Request], Answer]  # each server's own

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):  # the browser's right
            super().handle()

    def do_GET(self) -> None:
        self._write(self._answer(b""))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._write(_UNREADABLE)
        elif len(length) > 10 or int(length) > BODY_BYTES_MAX:
            self._write(_TOO_LARGE)
        else:
            self._write(self._answer(self.rfile.read(int(length))))

    def _answer(self, body: bytes) -> Answer:
        if not self._is_ours():
            return _NOT_OURS
        try:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, max_num_fields=QUERY_FIELDS_MAX))
        except ValueError:
            return _UNREADABLE
        return self.answered(Request(method=self.command, path=parts.path, query=query, body=body))

    def _is_ours(self) -> bool:
        """A name of another host that leads here is a page that got this address by DNS rebinding.

        Any port will do: that of a tunnel is another.
        """
        host = self.headers.get("Host", "").lower()
        name = host.rpartition(":")[0] or host
        return name in _NAMES and self.headers.get("Origin") in (None, f"http://{host}")

    def _write(self, answer: Answer) -> None:
        body = answer.body.encode("utf-8", "replace")
        self.send_response(answer.status)
        headers = {"Content-Type": f"{answer.kind}; charset=utf-8", "Content-Length": str(len(body)), **_HEADERS}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's own name
        """Nothing: the terminal belongs to the command."""
