"""The sign of life: while messages can be delivered, once a minute and host; none while they cannot."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from office import OK, Post
from samples import DEADLINE_S, NOW
from servers import hangs, request, served, unused_port

from bongsu.clock import SYSTEM
from bongsu.delivery.answer import RetryAfter
from bongsu.delivery.heartbeat import EVERY_S, Heartbeat, fails
from bongsu.delivery.http import Line
from bongsu.messages.delivery import Verb
from bongsu.store import Line as Way
from bongsu.store import StoreError

WAIT_S = 10.0  # for a request on loopback
MINUTE = 60.0


@dataclass
class Watch:
    """Somebody else's watch: a server that counts the calls."""

    status: int = 200
    heads: list[str] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    port: int = 0

    def __call__(self, connection: socket.socket) -> None:
        self.heads.append(request(connection).partition(b"\r\n")[0].decode())
        connection.sendall(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n\r\n".encode())
        self.came.release()

    def hears(self) -> bool:
        return self.came.acquire(timeout=WAIT_S)


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    with served(watch) as watch.port:
        yield watch


def heartbeat(post: Post, port: int, *, deadline_s: float = WAIT_S) -> Heartbeat:
    line = Line(deadline_s=deadline_s, environ={})
    url = f"http://127.0.0.1:{port}/ping/s3cr3t?a=b"
    return Heartbeat(url, threading.RLock(), post.said.setdefault, line=line)


def look(post: Post, *hearts: Heartbeat, seconds: float = 0.0) -> int:
    """Every second each process looks; how many went."""
    gone = 0
    for _ in range(int(seconds) + 1):
        for heart in hearts:
            before = heart.gone
            heart.look(post.store, post.clock.now())
            gone += heart.gone - before
            heart.wait(WAIT_S)
        post.clock.advance(1.0)
    return gone


FAILS = [
    # down since, last yes, oldest message, does it fail?
    (None, None, 0.0, False),  # nothing but new numbers waits
    (None, None, NOW - 10.0, False),
    (NOW - 299.0, None, NOW - 400.0, False),
    (NOW - 300.0, NOW - 301.0, NOW - 10.0, True),
    (None, NOW - 10.0, NOW - 400.0, False),  # a long queue that moves
    (None, NOW - 400.0, NOW - 400.0, True),  # nobody sends
    (None, None, NOW - 400.0, True),
]


@pytest.mark.parametrize(("down_since", "last_ok_at", "oldest_at", "expected"), FAILS)
def test_what_waits_fails_after_five_minutes(
    down_since: float | None, last_ok_at: float | None, oldest_at: float, expected: bool
) -> None:
    line = Way(destination="alarm", channel="alarm", down_since=down_since, last_ok_at=last_ok_at)
    assert fails(line, oldest_at, NOW) is expected


def test_an_idle_host_calls_once_a_minute_whatever_the_number_of_its_processes(post: Post, watch: Watch) -> None:
    hearts = [heartbeat(post, watch.port) for _ in range(4)]
    assert look(post, *hearts, seconds=10 * MINUTE) == 11
    assert all(watch.hears() for _ in range(11))
    assert set(watch.heads) == {"GET /ping/s3cr3t?a=b HTTP/1.1"}


def test_between_two_calls_nothing_is_written(post: Post, watch: Watch) -> None:
    heart = heartbeat(post, watch.port)
    look(post, heart)
    before = changes(post)
    look(post, heart, seconds=EVERY_S - 5.0)
    assert changes(post) == before


def changes(post: Post) -> int:
    with post.store.reading() as book:
        return int(book._connection.total_changes)


def test_while_a_message_cannot_be_delivered_for_five_minutes_nothing_is_called(post: Post, watch: Watch) -> None:
    heart = heartbeat(post, watch.port)
    post.otherwise = RetryAfter("refused")
    post.enqueue(Verb.POST)
    post.work(290.0)
    assert look(post, heart) == 1
    post.work(120.0)
    assert look(post, heart, seconds=10 * MINUTE) == 0
    post.otherwise = OK
    post.work(MINUTE)
    assert post.rows() == []
    assert look(post, heart) == 1


def test_messages_that_nobody_sends_are_no_sign_of_life(post: Post, watch: Watch) -> None:
    heart = heartbeat(post, watch.port)
    post.enqueue(Verb.POST)
    post.clock.advance(6 * MINUTE)
    assert look(post, heart) == 0


def test_a_store_that_cannot_be_used_is_no_sign_of_life(post: Post, watch: Watch) -> None:
    heart = heartbeat(post, watch.port)
    post.store.close()
    with pytest.raises(StoreError):
        look(post, heart)
    assert heart.gone == 0


def test_a_clock_that_was_put_back_stops_nothing(post: Post, watch: Watch) -> None:
    heart = heartbeat(post, watch.port)
    look(post, heart)
    post.clock.jump(-86_400.0)
    assert look(post, heart) == 1


def test_a_host_without_the_setting_asks_nobody(post: Post) -> None:
    assert look(post, Heartbeat(None, threading.RLock(), post.said.setdefault), seconds=3 * MINUTE) == 0


def test_what_does_not_take_it_is_told_once_and_without_the_secret(post: Post, watch: Watch) -> None:
    watch.status = 404
    look(post, heartbeat(post, watch.port), seconds=3 * MINUTE)
    [sentence] = post.said.values()
    assert "status 404" in sentence
    assert "s3cr3t" not in sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1/", "http://h:x/", "nonsense"])
def test_a_broken_url_is_told_and_breaks_nothing(post: Post, url: str) -> None:
    look(post, Heartbeat(url, threading.RLock(), post.said.setdefault))
    assert list(post.said) == ["heartbeat"]


def test_nobody_there_is_told(post: Post) -> None:
    look(post, heartbeat(post, unused_port()))
    assert "refused" in post.said["heartbeat"]


def test_a_watch_that_never_answers_holds_nobody_and_is_asked_by_one_thread(post: Post) -> None:
    with served(hangs) as port:
        heart = heartbeat(post, port, deadline_s=DEADLINE_S)
        began_at = SYSTEM.monotonic()
        heart.look(post.store, post.clock.now())
        assert SYSTEM.monotonic() - began_at < DEADLINE_S
        post.clock.advance(EVERY_S)
        heart.look(post.store, post.clock.now())
        assert heart.gone == 1
        heart.wait(WAIT_S)
    assert "timeout" in post.said["heartbeat"]


# -- in a program

PROGRAM = """
import bongsu, sys
bongsu.init()
print(bongsu.flush(10), flush=True)
sys.stdin.read()
"""


def start(folder: Path, watch: Watch, state_dir: str) -> "subprocess.Popen[str]":
    (folder / "bongsu.toml").write_text(
        f'app = "a"\nstate_dir = "{state_dir}"\n[channels]\nalarm = {{ to = "file:{folder}/alerts.jsonl" }}\n'
        f'[deliver]\nheartbeat_url = "http://127.0.0.1:{watch.port}/ping"\n'
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BONGSU_")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=folder, env=environ, text=True, **pipes)


def test_of_two_idle_programs_one_calls(tmp_path: Path, watch: Watch) -> None:
    running = [start(tmp_path, watch, str(tmp_path / "state")) for _ in range(2)]
    assert watch.hears()
    assert [each.stdout.readline() for each in running if each.stdout] == ["True\n", "True\n"]  # both have looked
    for each in running:
        each.communicate(timeout=WAIT_S)
    assert watch.heads == ["GET /ping HTTP/1.1"]


def test_a_program_that_cannot_write_its_state_does_not_call(tmp_path: Path, watch: Watch) -> None:
    running = start(tmp_path, watch, "/proc/nowhere")
    said, complained = running.communicate(timeout=WAIT_S)
    assert said == "True\n"
    assert "in memory" in complained
    assert watch.heads == []
