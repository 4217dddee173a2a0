"""Whatever way a program has to become many, every occurrence is counted once and what a server catches is told."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from children import PROGRAMS, Launch
from seen import fields, text

import bongsu
from bongsu.client import using
from bongsu.client.client import Client
from bongsu.config import load
from bongsu.testing import ScriptedSlack

WORKERS = 2


def test_an_exception_that_only_gunicorn_catches_is_told(slack: ScriptedSlack, launch: Launch) -> None:
    with _gunicorn(launch) as port, pytest.raises(HTTPError):
        urlopen(f"http://127.0.0.1:{port}/log-in", timeout=20)
    [told] = slack.wait_for(lambda message: "no such user jiwoo" in text(message), timeout_s=20)
    assert fields(told)["SOURCE"].startswith("gunicorn_app.py:")


def test_an_exception_that_only_uvicorn_catches_is_told_with_its_context(slack: ScriptedSlack, launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--app-dir", str(PROGRAMS), "--port", str(port), "--workers", "2", "--no-access-log")
    with launch.command(sys.executable, "-m", "uvicorn", *options, "asgi_app:application") as server:
        pids = {server.line() for _ in range(2)}
        assert len(pids) == 2
        with pytest.raises(HTTPError):
            urlopen(f"http://127.0.0.1:{port}/", timeout=20)
        [told] = slack.wait_for(lambda message: "LookupError: no such user" in text(message), timeout_s=20)
        assert fields(told)["REQUEST ID"] == "request-7"
        server.signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("way", "sharers", "times"),
    [
        ("threads", 8, 1_000),
        ("multiprocessing by fork", 4, 500),
        ("multiprocessing by spawn", 2, 500),
        ("subprocesses", 3, 500),
    ],
)
def test_every_occurrence_is_counted_once(
    slack: ScriptedSlack, launch: Launch, way: str, sharers: int, times: int
) -> None:
    assert launch.run("storm", way, sharers, times).code == 0
    launch.run("idle")
    assert [group.total for group in launch.groups()] == [sharers * times]
    assert len(slack.posts) == 1


def test_a_thread_that_forks_without_waiting_for_another_leaves_no_gate_closed(tmp_path: Path) -> None:
    client = Client(load({"to": f"file:{tmp_path}/alerts.jsonl", "state_dir": tmp_path}, {}))
    with using(client):
        client.before_fork()
        impatient = threading.Thread(target=client.before_fork)
        impatient.start()
        impatient.join()
        client.after_fork_in_parent()
        bongsu.capture_message("the worker goes on")
        assert bongsu.flush(10)


@contextmanager
def _gunicorn(launch: Launch) -> Iterator[int]:
    """Serving with all workers; its port."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROGRAMS / "gunicorn_conf.py"), "--chdir", str(PROGRAMS)]
    with launch.command(*command, "gunicorn_app:application", HOME=str(launch.folder)) as server:
        port = int(server.line().removeprefix("port "))
        for _ in range(WORKERS):
            assert server.line().startswith("served ")
        yield port
        server.signal(signal.SIGTERM)
        server.end()
