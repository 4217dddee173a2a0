"""A Slack of one's own: a real HTTP server on loopback that judges messages as Slack does and fails on request."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from bongsu.clock import SYSTEM, Clock
from bongsu.messages.delivery import Verb
from bongsu.testing.workspace import Received, Reply, Request, Script, Workspace

_BODY_MAX_BYTES = 4 * 1024 * 1024
_HANG_MAX_S = 3600.0
_POLL_S = 0.01  # how soon the listener notices that it is to stop


class ScriptedSlack:
    """Incoming webhooks and the part of the Web API that posts; a context manager.

        with ScriptedSlack() as slack:
            bongsu.init(slack.webhook_url("alarm"))
            slack.script(status=429, headers={"Retry-After": "1"})
            ...
            [message] = slack.wait_for(1)

    With `burst`, each channel has a bucket of that many messages that refills at `rate_per_s`; over it the answer is
    429 with Retry-After.
    """

    def __init__(
        self,
        *,
        token: str = "xoxb-scripted",
        burst: int | None = None,
        rate_per_s: float = 1.0,
        clock: Clock = SYSTEM,
    ) -> None:
        self.token = token
        self._clock = clock
        self._place = _bound()
        self._url = f"http://127.0.0.1:{self._place.getsockname()[1]}"
        self._workspace = Workspace(base_url=self._url, token=token, burst=burst, rate_per_s=rate_per_s, clock=clock)
        self._scripts: deque[Script] = deque()
        self._otherwise = Script()
        self._changed = threading.Condition()  # guards the three above
        self._closed = threading.Event()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self.down()
        self._place.close()

    def __repr__(self) -> str:
        lines = "".join(f"\n  {message!r}" for message in self.messages)
        return f"<ScriptedSlack, {len(self.messages)} messages>{lines}"

    def webhook_url(self, channel: str) -> str:
        """An incoming webhook; its messages show up under this channel's name."""
        return f"{self._url}/services/T0/B0/{channel}"

    @property
    def api_url(self) -> str:
        """The base of the Web API, for `BONGSU_SLACK_API`."""
        return f"{self._url}/api/"

    @property
    def messages(self) -> list[Received]:
        """Every message that came in, refused ones too, in order of arrival."""
        with self._changed:
            return list(self._workspace.messages)

    @property
    def posts(self) -> list[Received]:
        """The messages people see in the channel itself."""
        return self._seen(Verb.POST)

    @property
    def edits(self) -> list[Received]:
        """The accepted edits."""
        return self._seen(Verb.EDIT)

    @property
    def replies(self) -> list[Received]:
        """The accepted replies in threads."""
        return self._seen(Verb.REPLY)

    @property
    def files(self) -> list[Received]:
        """The files shared; `payload` has `filename` and `text`."""
        return self._seen(Verb.STACK)

    def script(
        self,
        *,
        word: str = "",
        status: int = 0,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        delay_s: float = 0.0,
        close: bool = False,
        lose: bool = False,
        times: int | None = 1,
    ) -> None:
        """What to do with the next requests, after those already scripted; `times=None`: with all after them.

        `word` refuses as Slack would with it; `status` and `body` answer just that. `delay_s` waits first. `close`
        hangs up without looking at the message; `lose` accepts it and hangs up.
        """
        script = Script(
            word=word, status=status, body=body, headers=headers or {}, delay_s=delay_s, close=close, lose=lose
        )
        with self._changed:
            if times is None:
                self._otherwise = script
            else:
                self._scripts.extend([script] * times)

    def recover(self) -> None:
        """Forget what was scripted: from now on all is well."""
        with self._changed:
            self._scripts.clear()
            self._otherwise = Script()

    def down(self) -> None:
        """Refuse connections. Requests already taken are still answered."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def up(self) -> None:
        """Listen, on the same port as before."""
        if self._server is None:
            self._server = _Server(self._place.getsockname(), self)
            listen = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), daemon=True)
            listen.start()

    def wait_for(self, wanted: int | Callable[[Received], bool], timeout_s: float = 5.0) -> list[Received]:
        """The accepted messages as soon as there are so many, or those that the predicate is true of as soon as one is.

        Raises AssertionError with all that came in, when it takes longer.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._found(wanted), timeout_s):
                raise AssertionError(f"not received within {timeout_s} s: {wanted}\n{self!r}")
            return self._found(wanted)

    def _found(self, wanted: int | Callable[[Received], bool]) -> list[Received]:
        accepted = [message for message in self._workspace.messages if message.accepted]
        if callable(wanted):
            return [message for message in accepted if wanted(message)]
        return accepted if len(accepted) >= wanted else []

    def _seen(self, verb: Verb) -> list[Received]:
        return [message for message in self.messages if message.verb is verb and message.accepted]

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply | None:
        """What is said to one request; None: nothing, hang up. Called in a thread per connection."""
        request = Request(at=self._clock.now(), path=path, headers=headers, body=body, script=self._next_script(path))
        script = request.script
        if script.delay_s:
            self._closed.wait(min(script.delay_s, _HANG_MAX_S))
        if script.close:
            return None
        with self._changed:
            reply = self._workspace.answer(request)
            self._changed.notify_all()
        return None if script.lose else reply

    def _next_script(self, path: str) -> Script:
        if path == "/api/auth.test":
            return Script()
        with self._changed:
            return self._scripts.popleft() if self._scripts else self._otherwise


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], slack: ScriptedSlack) -> None:
        self.slack = slack
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """As the base class does, without its question to a name server."""
        _share_port(self.socket)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _BODY_MAX_BYTES))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.slack._answer(self.path, headers, body)
        self.close_connection = True
        if reply:
            self._write(reply)

    def log_message(self, *_: object) -> None:
        """Nothing: the messages are the log."""

    def _write(self, reply: Reply) -> None:
        """Head and body in one piece, so that no client sees half an answer."""
        body = reply.body.encode()
        kind = "application/json; charset=utf-8" if reply.body.startswith("{") else "text/html"
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", **reply.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(f"HTTP/1.1 {reply.status} Scripted\r\n{lines}\r\n".encode() + body)


def _bound() -> socket.socket:
    """A socket that holds a port of loopback without listening: while Slack is down nobody else can get it."""
    held = socket.socket()
    _share_port(held)
    held.bind(("127.0.0.1", 0))
    return held


def _share_port(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
