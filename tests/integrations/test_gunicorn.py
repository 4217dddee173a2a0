"""gunicorn: a worker that hangs, is killed or cannot begin is one card; the host's hooks are called as ever."""

import http.client
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from children import Child, Launch
from seen import everything, fields, text

from bongsu.testing import ScriptedSlack

PROGRAMS = Path(__file__).parent / "programs"

UVICORN = ("--worker-class", "uvicorn_worker.UvicornWorker")
PLACES = [{"INIT": "app"}, {"INIT": "conf"}, {"INIT": "app", "PRELOAD": "yes"}, {"INIT": "conf", "PRELOAD": "yes"}]


def _name(environ: dict[str, str]) -> str:
    return "-".join((environ["INIT"], *environ.keys() - {"INIT"}))


@contextmanager
def gunicorn(launch: Launch, *options: str, SHOP: str = "wsgi", **environ: str) -> Iterator[tuple[Child, int]]:
    """Serving; the process and its port."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROGRAMS / "gunicorn_conf.py"), "--chdir", str(PROGRAMS)]
    with launch.command(*command, *options, f"gunicorn_shop:{SHOP}", HOME=str(launch.folder), **environ) as server:
        yield server, int(server.line().removeprefix("port "))
        server.signal(signal.SIGTERM)
        server.end()


def call(port: int, path: str) -> None:
    with pytest.raises((RemoteDisconnected, ConnectionResetError, HTTPError)):
        urlopen(f"http://127.0.0.1:{port}{path}", timeout=50)


@pytest.mark.parametrize("environ", PLACES, ids=_name)
def test_a_worker_that_hangs_is_one_card_with_the_place_where_it_hangs(
    slack: ScriptedSlack, launch: Launch, environ: dict[str, str]
) -> None:
    with gunicorn(launch, **environ) as (server, port):
        call(port, "/hang")
        told = slack.wait_for(1, timeout_s=20)[0]
        pid = server.line().removeprefix("aborted ")
        assert server.line() == f"exited {pid}"
    assert "WorkerTimeout" in text(told)
    assert f"worker (pid {pid}) of gunicorn_shop:wsgi showed no sign of life for 2 s" in everything(told)
    assert "wait_for_tea" in everything(told)
    assert fields(told)["SOURCE"].startswith("gunicorn_shop.py:")
    assert len(slack.posts) == 1, [everything(post) for post in slack.posts]


@pytest.mark.parametrize("environ", PLACES[:2], ids=_name)
def test_a_worker_for_asgi_that_hangs_is_one_card_with_the_place_too(
    slack: ScriptedSlack, launch: Launch, environ: dict[str, str]
) -> None:
    served = {**environ, "SHOP": "asgi", "TIMEOUT": "5"}
    with gunicorn(launch, *UVICORN, **served) as (_, port):
        call(port, "/hang")
        [told] = slack.wait_for(1, timeout_s=20)
    assert "wait_for_tea" in everything(told)
    assert fields(told)["SOURCE"].startswith("gunicorn_shop.py:")
    assert len(slack.posts) == 1, [everything(post) for post in slack.posts]


@pytest.mark.parametrize("options", [(), UVICORN], ids=str)
def test_an_orderly_end_is_no_error(slack: ScriptedSlack, launch: Launch, options: tuple[str, ...]) -> None:
    with gunicorn(launch, *options, SHOP="asgi" if options else "wsgi", INIT="conf") as (server, _):
        server.signal(signal.SIGTERM)
        server.end()
    assert slack.messages == []


def test_a_worker_that_cannot_say_where_it_hangs_is_told_by_the_arbiter(slack: ScriptedSlack, launch: Launch) -> None:
    with gunicorn(launch, INIT="conf") as (server, port):
        call(port, "/stuck")
        pid = server.line().removeprefix("exited ")
        told = slack.wait_for(1, timeout_s=20)[0]
    assert f"worker (pid {pid}) of gunicorn_shop:wsgi" in everything(told)
    assert "did not heed SIGABRT" in everything(told)
    assert len(slack.posts) == 1, [everything(post) for post in slack.posts]


@pytest.mark.parametrize("environ", PLACES[1:], ids=_name)
def test_workers_that_are_killed_are_one_problem(slack: ScriptedSlack, launch: Launch, environ: dict[str, str]) -> None:
    with gunicorn(launch, **environ) as (server, port):
        for _ in range(2):
            call(port, "/kill")
            assert server.line().startswith("exited ")
        told = slack.wait_for(1, timeout_s=20)[0]
    assert "was sent SIGKILL! Perhaps out of memory?" in text(told)
    assert [group.total for group in launch.groups()] == [2]


@pytest.mark.parametrize("way", ["hang", "stuck"])
def test_it_can_be_attached_by_hand(slack: ScriptedSlack, launch: Launch, way: str) -> None:
    with gunicorn(launch, INIT="nobody", EXPLICIT="yes") as (_, port):
        call(port, f"/{way}")
        [told] = slack.wait_for(1, timeout_s=20)
    assert "WorkerTimeout" in text(told)
    assert ("wait_for_tea" in everything(told)) == (way == "hang")


@pytest.mark.parametrize("options", [("--worker-class", "gthread", "--threads", "2")])
def test_threads_of_a_worker_may_take_their_time(
    slack: ScriptedSlack, launch: Launch, options: tuple[str, ...]
) -> None:
    with gunicorn(launch, *options, INIT="conf") as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
        connection.request("GET", "/hang")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()
        assert slack.messages == []


def test_a_service_that_cannot_begin_is_told_with_the_reason(slack: ScriptedSlack, launch: Launch) -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROGRAMS / "gunicorn_conf.py"), "--chdir", str(PROGRAMS)]
    with launch.command(*command, "gunicorn_shop:wsgi", HOME=str(launch.folder), INIT="conf", BROKEN="yes") as server:
        assert server.end().code != 0
    first, second = (text(post) for post in slack.posts)
    assert "LookupError: no such shop" in first
    assert "Worker failed to boot" in second
