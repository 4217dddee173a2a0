"""Somebody outside who expects a sign of life each minute."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

from score import Act
from stage import Stage


class Outside:
    """Counts the signs of life that it gets."""

    def __init__(self, port: int) -> None:
        self.environ = {"HEARTBEAT": f"http://127.0.0.1:{port}/beat"}
        self.heard = 0
        self._asked = 0

    def has_heard(self, *times: int) -> Act:
        """So many, or so many, since the last such question."""

        def act(stage: Stage) -> None:
            stage.look()
            fresh, self._asked = self.heard - self._asked, self.heard
            assert fresh in times, f"{fresh} signs of life, not {times}"

        return act


@contextlib.contextmanager
def listening() -> Iterator[Outside]:
    """A server on loopback."""
    found: list[Outside] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found[0].heard += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.append(Outside(server.server_port))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield found[0]
        finally:
            server.shutdown()
            thread.join()
