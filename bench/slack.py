"""A Slack that says ok to everything and notes when each message arrived."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_NUMBER = re.compile("[0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3})+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request."""

    at: float  # time.perf_counter(), which all processes of a Linux machine share
    path: str
    text: str  # every text of the payload, in one string


@dataclass(slots=True)
class Slack:
    """The address to send to, and what came."""

    url: str
    arrivals: list[Arrival] = field(default_factory=list)

    def tells(self, number: int) -> bool:
        """Whether a message tells exactly this number, however its thousands are set apart."""
        told = (token for arrival in self.arrivals for token in _NUMBER.findall(arrival.text))
        return any(re.sub(r"\D", "", token) == str(number) for token in told)


@contextmanager
def listening() -> Iterator[Slack]:
    """A Slack on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            at = time.perf_counter()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            slack.arrivals.append(Arrival(at, self.path, "\n".join(_texts(json.loads(body)))))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack = Slack(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            yield from _texts(list(value.values()))
