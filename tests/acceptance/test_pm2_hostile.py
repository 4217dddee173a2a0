"""A peer on pm2's sockets that talks nonsense, says too much, or nothing at all."""

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pm2_daemon import Watching

from bongsu.watchers.pm2.bus import CALLS, EVENTS
from bongsu.watchers.pm2.wire import encode
from bongsu.watchers.report import Turn

APP = {"name": "web", "pm_id": 0, "status": "online", "pm_uptime": 1_795_866_225_642}
LIST = encode({"args": [[{"name": "web", "pm_id": 0, "pid": 7, "pm2_env": APP}]]}, "id")
EXITED = encode("log:PM2", {"data": "App [web:0] exited with code [0] via signal [SIGSEGV]"})
EXIT = encode("process:event", {"event": "exit", "process": APP | {"status": "stopped"}})


class Peer:
    """Listens where pm2 would; each connection to a socket gets the next of its answers, the last one ever again."""

    def __init__(self, home: Path, events: list[bytes], calls: list[bytes]) -> None:
        self._open: list[socket.socket] = []
        for name, answers in ((EVENTS, events), (CALLS, calls)):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(home / name))
            listener.listen()
            self._open.append(listener)
            threading.Thread(target=self._serve, args=(listener, answers), daemon=True).start()

    def _serve(self, listener: socket.socket, answers: list[bytes]) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed
                return
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            try:
                connection.sendall(answer)
            except OSError:
                connection.close()
                continue
            if answer:
                self._open.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # which wakes who waits in accept()
            each.close()


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pm2-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


CASES = {
    "no frame": ([b"HTTP/1.1 400 Bad Request\r\n\r\n", EXITED + EXIT], [LIST]),
    "a frame of 4 GiB": ([b"\x12\xff\xff\xff\xff" + b"x" * 1_000_000, EXITED + EXIT], [LIST]),
    "gone at once": ([b"", b"", EXITED + EXIT], [LIST]),
    "JSON that is none": ([b"\x12\x00\x00\x00\x09s:log:err\x00\x00\x00\x03j:{" + EXITED + EXIT], [LIST]),
    "words of no meaning": ([encode("process:event", {"event": [], "process": 7}) + EXITED + EXIT], [LIST]),
    "a list that is none": ([EXITED + EXIT], [b"garbage", encode({"error": "no", "stack": ""}), LIST]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_peer_says_wrong_hides_nothing_that_it_says_right(home: Path, tmp_path: Path, case: str) -> None:
    events, calls = CASES[case]
    peer = Peer(home, list(events), list(calls))
    try:
        with Watching(home, tmp_path) as watching:
            [end] = watching.wait("web", Turn.ENDED)
            assert end.process.ending is not None
            assert end.process.ending.signal == "SIGSEGV"
            assert len(watching.said) <= 2
    finally:
        peer.close()


def test_what_was_heard_before_the_end_of_the_watcher_is_told(home: Path, tmp_path: Path) -> None:
    peer = Peer(home, [EXITED + EXIT], [LIST])
    try:
        with Watching(home, tmp_path) as watching:
            watching.wait("pm2", Turn.BACK)
        assert len(watching.of("web", Turn.ENDED)) == 1
    finally:
        peer.close()
