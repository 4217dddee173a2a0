"""A Docker daemon of one's own: an HTTP server on a unix socket that says what a test wants, chunk by chunk."""

import json
import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from bongsu.clock import SYSTEM


class ScriptedDocker:
    """A context manager. What is `said` goes to whoever reads the event stream, and to those who come later."""

    def __init__(self) -> None:
        self._holder = tempfile.TemporaryDirectory(prefix="dk")  # a short path: it is a unix socket's
        self.socket = str(Path(self._holder.name) / "sock")
        self.containers: list[dict[str, Any]] = []
        self.logs = b""  # the body of a container's logs
        self.details: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.stream: SimpleQueue[bytes | None] = SimpleQueue()  # None: hang up
        self.listens = threading.Event()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        self._holder.cleanup()

    def up(self) -> None:
        """Listen."""
        self._server = _Server(self.socket, self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and close the open stream."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            Path(self.socket).unlink()
            self.stream.put(None)
            self._server = None
        self.listens.clear()

    def say(self, action: str, identity: str = "4f2c9a7be1d0", name: str = "web", **attributes: str) -> None:
        """One event."""
        at = int(SYSTEM.now() * 1e9)
        actor = {"ID": identity, "Attributes": {"name": name, "PASSWORD": "hunter2", **attributes}}
        event = {"Type": "container", "Action": action, "Actor": actor, "time": at // 10**9, "timeNano": at}
        self.stream.put(json.dumps(event).encode() + b"\n")


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, docker: ScriptedDocker) -> None:
        self.docker = docker
        super().__init__(path, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        docker, url = self.server.docker, urlsplit(self.path)
        docker.asked.append((url.path, parse_qs(url.query)))
        self.close_connection = True
        if url.path == "/events":
            self._stream(docker)
        elif url.path == "/containers/json":
            self._whole(json.dumps(docker.containers).encode())
        elif url.path.endswith("/logs"):
            self._whole(docker.logs)
        else:
            self._whole(json.dumps(docker.details).encode())

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _stream(self, docker: ScriptedDocker) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        docker.listens.set()
        while (piece := docker.stream.get()) is not None:
            for start in range(0, len(piece), 100_000):  # a line comes in several chunks, as it may
                part = piece[start : start + 100_000]
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.connection.close()

    def _whole(self, body: bytes) -> None:
        self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
