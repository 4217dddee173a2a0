"""One app is one voice, however many processes, threads and forks it has: one message, and the exact count."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from children import PROGRAMS, Launch
from seen import count, everything, fields, text

from bongsu.messages.delivery import Verb
from bongsu.testing import ScriptedSlack

WORKERS, TIMES = 8, 1_000


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["each worker by itself", "preload"])
def test_eight_gunicorn_workers_that_fail_alike_are_one_message_with_the_count_of_all(
    slack: ScriptedSlack, bot_launch: Launch, options: tuple[str, ...]
) -> None:
    with _gunicorn(bot_launch, *options, TIMES=str(TIMES)):
        slack.wait_for(lambda message: message.verb is Verb.EDIT and count(message) == WORKERS * TIMES, timeout_s=30)
    assert len(slack.posts) == 1
    assert [group.total for group in bot_launch.groups()] == [WORKERS * TIMES]


def test_an_exception_that_only_gunicorn_catches_is_told(slack: ScriptedSlack, launch: Launch) -> None:
    with _gunicorn(launch) as port, pytest.raises(HTTPError):
        urlopen(f"http://127.0.0.1:{port}/uncaught", timeout=20)
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


def test_fifty_forks_of_a_program_that_is_busy_capturing_neither_hang_nor_lose(
    slack: ScriptedSlack, launch: Launch
) -> None:
    ended = launch.run("storm", "forks", 50, 10)
    codes, own = ended.out.split()[1::2]
    assert codes == "0"
    launch.run("idle")
    assert [group.total for group in launch.groups()] == [50 * 10 + int(own)]
    assert len(slack.posts) == 1


def test_one_process_sends_at_a_time(slack: ScriptedSlack, launch: Launch) -> None:
    answer_s = 0.25
    slack.script(delay_s=answer_s, times=None)
    with launch.start("sender") as one, launch.start("sender") as two, launch.start("sender") as three:
        for child in (one, two, three):
            assert child.line() == "ready"
        for child, problem in ((one, "first"), (two, "second"), (three, "third"), (one, "fourth"), (two, "fifth")):
            child.say(f"the {problem} problem")
            assert child.line() == "captured"
        slack.wait_for(5, timeout_s=30)
    arrivals = sorted(message.at for message in slack.messages)
    assert len(arrivals) == 5
    assert min(later - earlier for earlier, later in pairwise(arrivals)) >= answer_s


def test_another_process_takes_over_within_ten_seconds_of_the_senders_death(
    slack: ScriptedSlack, launch: Launch
) -> None:
    slack.script(lose=True)
    with launch.start("sender") as sender, launch.start("idle") as heir:
        assert (sender.line(), heir.line()) == ("ready", "ready")
        sender.say("a problem")
        slack.wait_for(1)
        sender.signal(signal.SIGKILL)
        _, again = slack.wait_for(2, timeout_s=10)
    assert "(repeat)" in everything(again)


@contextmanager
def _gunicorn(launch: Launch, *options: str, **environ: str) -> Iterator[int]:
    """Serving with all workers; its port."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROGRAMS / "gunicorn_conf.py"), "--chdir", str(PROGRAMS)]
    with launch.command(*command, *options, "gunicorn_app:application", HOME=str(launch.folder), **environ) as server:
        port = int(server.line().removeprefix("port "))
        for _ in range(WORKERS):
            assert server.line().startswith("served ")
        yield port
        server.signal(signal.SIGTERM)
        server.end()
