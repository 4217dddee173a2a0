"""Web applications on their real servers: from a visitor's broken page to the card that names its request."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGTERM

import pytest
from children import PROGRAMS, Child, Launch
from seen import fields

from bongsu.testing import ScriptedSlack

HERE = Path(__file__).parent / "programs_web"


@contextmanager
def _flask(launch: Launch, *options: str) -> Iterator[tuple[int, Child]]:
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROGRAMS / "gunicorn_conf.py"), "--chdir", str(HERE)]
    with launch.command(*command, *options, "flask_shop:app", HOME=str(launch.folder)) as server:
        port = int(server.line().removeprefix("port "))
        for _ in range(2):  # workers
            assert server.line().startswith("served ")
        yield port, server
        server.signal(SIGTERM)
        server.end()


@contextmanager
def _fastapi(launch: Launch) -> Iterator[tuple[int, Child]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--app-dir", str(HERE), "--port", str(port), "--no-access-log")
    with launch.command(sys.executable, "-m", "uvicorn", *options, "fastapi_shop:app") as server:
        assert server.line() == "serving"
        yield _listening(port), server
        server.signal(SIGTERM)
        server.end()


def _listening(port: int) -> int:
    """uvicorn listens a moment after the application is ready."""
    for _ in range(10_000):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return port
    raise AssertionError("it does not listen")


def _order(port: int, **headers: str) -> tuple[int, str | None]:
    """Visit the broken page: the status and the request id of its answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/orders/3?token=s3cret", headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["X-Request-ID"]
    finally:
        connection.close()


@contextmanager
def _preloaded(launch: Launch) -> Iterator[tuple[int, Child]]:
    """`init` runs in gunicorn's master, before its workers are forked."""
    with _flask(launch, "--preload") as served:
        yield served


SHOPS = (
    (_flask, "/orders/<int:number>", "flask_shop.py:"),
    (_preloaded, "/orders/<int:number>", "flask_shop.py:"),
    (_fastapi, "/orders/{number}", "fastapi_shop.py:"),
)


@pytest.mark.parametrize(("serve", "route", "source"), SHOPS)
def test_a_broken_page_is_one_card_that_names_its_request(
    slack: ScriptedSlack, launch: Launch, serve: object, route: str, source: str
) -> None:
    with serve(launch) as (port, _):  # type: ignore[operator]
        status, request_id = _order(port, **{"X-Request-ID": "gateway-7"})
        assert (status, request_id) == (500, "gateway-7")
        [card] = slack.wait_for(1, timeout_s=20)
        told = {name: unescape(value) for name, value in fields(card).items()}
        assert (told["REQUEST ID"], told["ROUTE"], told["STATUS"]) == ("gateway-7", f"GET {route}", "500")
        assert told["SOURCE"].startswith(source)
        assert "s3cret" not in str(card.payload)
    assert len(slack.messages) == 1


def test_a_visitor_who_leaves_an_endless_page_is_no_error(slack: ScriptedSlack, launch: Launch) -> None:
    with _fastapi(launch) as (port, server):
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            visitor.sendall(b"GET /endless HTTP/1.1\r\nHost: shop\r\n\r\n")
            assert visitor.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert server.line() == "the visitor left"
        _, request_id = _order(port)
        [card] = slack.wait_for(1, timeout_s=20)
        assert fields(card)["REQUEST ID"] == request_id
    assert len(slack.messages) == 1
