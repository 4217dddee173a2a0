"""Django on its real servers and its command line: from a broken page or command to one card."""

import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGINT, SIGTERM

import children
import pytest
from children import Child, Ended, Launch
from seen import everything, fields, text

from bongsu.testing import Received, ScriptedSlack

LOOKS_MAX = 300_000  # for a server that begins to listen; each takes some 0.1 ms
PROJECT = Path(__file__).parent / "programs" / "django_project"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def visit(port: int, path: str = "/orders/3/?token=s3cret", **headers: str) -> tuple[int, str | None]:
    """The status and the request id of the answer; waits until somebody listens."""
    for _ in range(LOOKS_MAX):
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers["X-Request-ID"]
        except ConnectionRefusedError:
            continue
        finally:
            connection.close()
    raise AssertionError("nobody listens")


def told(card: Received) -> dict[str, str]:
    return {name: unescape(value) for name, value in fields(card).items()}


@contextmanager
def gunicorn(launch: Launch, init: str) -> Iterator[int]:
    conf = str(children.PROGRAMS / "gunicorn_conf.py")
    command = [sys.executable, "-m", "gunicorn", "-c", conf, "--chdir", str(PROJECT), "shop.wsgi:application"]
    with launch.command(*command, INIT=init, HOME=str(launch.folder)) as server:
        lines = [server.line() for _ in range(5)]  # the port, and of each of two workers, settings and serving
        [port] = [line.removeprefix("port ") for line in lines if line.startswith("port ")]
        yield int(port)
        server.signal(SIGTERM)
        server.end()


@contextmanager
def uvicorn(launch: Launch, init: str) -> Iterator[int]:
    port = free_port()
    options = ("--app-dir", str(PROJECT), "--port", str(port), "--no-access-log")
    with launch.command(sys.executable, "-m", "uvicorn", *options, "shop.asgi:application", INIT=init) as server:
        assert server.line() == "settings read"
        yield port
        server.signal(SIGTERM)
        server.end()


SERVED = [
    (gunicorn, "settings.py", "/orders/3/"),
    (gunicorn, "wsgi.py, before", "/orders/3/"),
    (gunicorn, "wsgi.py, after", "/orders/3/"),
    (gunicorn, "AppConfig.ready", "/async-orders/3/"),
    (uvicorn, "settings.py", "/orders/3/"),
    (uvicorn, "asgi.py, after", "/async-orders/3/"),
    (uvicorn, "AppConfig.ready", "/async-orders/3/"),
]


@pytest.mark.parametrize(("serve", "init", "path"), SERVED)
def test_a_broken_page_is_one_card_that_names_its_request(
    slack: ScriptedSlack, launch: Launch, serve: object, init: str, path: str
) -> None:
    with serve(launch, init) as port:  # type: ignore[operator]
        status, request_id = visit(port, f"{path}?token=s3cret")
        [card] = slack.wait_for(1, timeout_s=20)
        known = told(card)
        assert (status, known["STATUS"], known["REQUEST ID"]) == (500, "500", request_id)
        assert known["ROUTE"] == f"GET {path.replace('3', '<int:number>')}"
        assert "urls.py:" in known["SOURCE"]
        assert "s3cret" not in str(card.payload)
        assert visit(port, "/no-such-page/")[1]
    assert len(slack.messages) == 1


def test_runserver_tells_and_goes_on_to_reload(slack: ScriptedSlack, launch: Launch, tmp_path: Path) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    port = free_port()
    command = [sys.executable, str(project / "manage.py"), "runserver", f"127.0.0.1:{port}"]
    with launch.command(*command, INIT="settings.py") as server:
        assert [_settings(server) for _ in range(2)]  # the reloader, and what it runs
        status, request_id = visit(port)
        [card] = slack.wait_for(1, timeout_s=20)
        assert (status, told(card)["REQUEST ID"]) == (500, request_id)
        with _changing(project / "shop" / "urls.py"):
            assert _settings(server)
        assert visit(port)[0] == 500
        server.signal(SIGINT)
    assert len(slack.posts) == 1


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """The file is changed until that is noticed: the reloader overlooks what changes before its first look."""
    noticed = threading.Event()

    def change() -> None:
        while not noticed.wait(1.5):
            path.touch()

    changing = threading.Thread(target=change)
    changing.start()
    try:
        yield
    finally:
        noticed.set()
        changing.join()


def _settings(server: Child) -> bool:
    """Skips what runserver prints of itself."""
    while server.line() != "settings read":
        pass
    return True


def manage(launch: Launch, *arguments: str, init: str = "settings.py") -> Ended:
    with launch.command(sys.executable, str(PROJECT / "manage.py"), *arguments, INIT=init) as child:
        return child.end()


@pytest.mark.parametrize("init", ["settings.py", "AppConfig.ready"])
def test_what_ends_a_command_is_one_card_with_its_name(slack: ScriptedSlack, launch: Launch, init: str) -> None:
    ended = manage(launch, "order", "badly", init=init)
    [card] = slack.wait_for(1)
    assert "LookupError: no such supplier" in text(card)
    assert "`handler=order`" in everything(card)
    assert (ended.code, ended.err) == ((plain := manage(launch, "order", "badly", init="nowhere")).code, plain.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["order", "well"],
        ["order", "as-expected"],
        ["order", "as-expected", "--traceback"],
        ["order", "early"],
        ["order"],
        ["no-such-command"],
        ["check"],
    ],
)
def test_an_end_that_django_has_a_line_for_is_no_alert(
    slack: ScriptedSlack, launch: Launch, arguments: list[str]
) -> None:
    ended, plain = manage(launch, *arguments), manage(launch, *arguments, init="nowhere")
    assert (ended.code, ended.out, ended.err) == (plain.code, plain.out, plain.err)
    assert slack.messages == []
