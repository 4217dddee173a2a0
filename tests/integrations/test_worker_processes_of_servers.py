"""uvicorn and Granian: a worker that dies or hangs is told by the parent, when the parent has called `bongsu.init`."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from children import Child, Launch
from requests.adapters import HTTPAdapter
from seen import text
from urllib3.util import Retry

from bongsu.testing import ScriptedSlack

PROGRAMS = Path(__file__).parent / "programs"

SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian-asgi", "granian-rsgi", "granian-wsgi"])
ENDS = [
    ("uvicorn", "/kill", "uvicorn worker (pid", "was killed by SIGKILL. Perhaps out of memory?"),
    ("uvicorn", "/exit", "uvicorn worker (pid", "ended with exit status 7"),
    ("uvicorn", "/stop", "uvicorn worker (pid", "did not answer the health check and is killed"),
    ("granian-asgi", "/kill", "Unexpected exit from worker-", ""),
    ("granian-asgi", "/exit", "Unexpected exit from worker-", ""),
]


@contextmanager
def serving(launch: Launch, server: str) -> Iterator[tuple[Child, int]]:
    """With all workers; the process and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(PROGRAMS / "served.py"), server, str(port)]
    with launch.command(*command) as running:
        for _ in range(2 if server == "uvicorn" else 1):
            began(running)
        yield running, port
        running.signal(signal.SIGTERM)


def began(running: Child) -> None:
    """Wait until one more worker serves; Granian, which logs on stdout, can be stopped only after its own line."""
    granian = "granian" in " ".join(map(str, running.process.args))
    while not running.line().startswith("[INFO] Started worker-" if granian else "serving "):
        pass


def call(port: int, path: str) -> int:
    """The status, 0 where the worker died of it; Granian listens a moment later than it says."""
    with requests.Session() as session:
        patient = Retry(connect=10, read=0, redirect=0, status=0, other=0, backoff_factor=0.01)
        session.mount("http://", HTTPAdapter(max_retries=patient))
        try:
            return session.get(f"http://127.0.0.1:{port}{path}", timeout=50).status_code
        except requests.ConnectionError:
            return 0


@pytest.mark.parametrize(("server", "path", "begin", "end"), ENDS)
def test_workers_that_die_are_one_problem(
    slack: ScriptedSlack, launch: Launch, server: str, path: str, begin: str, end: str
) -> None:
    times = 2 if server == "uvicorn" else 1  # a second one within 5.5 s ends Granian
    with serving(launch, server) as (running, port):
        for _ in range(times):
            assert call(port, path) == 0
            began(running)
        told = slack.wait_for(1, timeout_s=20)[0]
        # Granian may overlook SIGTERM while it replaces a worker, and its one event is delivered.
        running.signal(signal.SIGTERM if server == "uvicorn" else signal.SIGKILL)
        running.process.wait()
    assert begin in text(told)
    assert end in text(told)
    assert [group.total for group in launch.groups()] == [times]


@SERVERS
def test_what_the_application_raises_is_told(slack: ScriptedSlack, launch: Launch, server: str) -> None:
    with serving(launch, server) as (running, port):
        assert call(port, "/fail") == 500
        [told] = slack.wait_for(1, timeout_s=20)
        running.signal(signal.SIGTERM)
        running.process.wait()
    assert "LookupError: no such user jiwoo" in text(told)
    assert [group.total for group in launch.groups()] == [1]


@pytest.mark.parametrize("server", ["uvicorn", "granian-asgi"])
def test_an_orderly_end_is_none(slack: ScriptedSlack, launch: Launch, server: str) -> None:
    with serving(launch, server) as (running, port):
        assert call(port, "/") == 200
        running.signal(signal.SIGTERM)
        running.process.wait()
    assert slack.messages == []
