"""Any WSGI application, called as a server calls it."""

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from asgi_calls import call
from asgiref.wsgi import WsgiToAsgi

import bongsu
from bongsu.capture.context import request_id, work_at_hand
from bongsu.integrations import asgi
from bongsu.integrations.wsgi import BongsuMiddleware
from bongsu.testing import CapturedEvents, capture_events

App = Callable[..., Iterable[bytes]]
HERE = "test_wsgi.py"


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


@dataclass(slots=True)
class Called:
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    raised: BaseException | None = None

    @property
    def ids(self) -> list[str]:
        return [value for name, value in self.headers if name == "X-Request-ID"]


def _environ(path: str = "/", **more: object) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }


def _call(app: App, path: str = "/", **more: object) -> Called:
    called = Called()

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        called.status, called.headers = status, headers
        return called.pieces.append

    try:
        body = app(_environ(path, **more), start_response)
        try:
            called.pieces += body
        finally:
            getattr(body, "close", lambda: None)()
    except BaseException as error:
        called.raised = error
    return called


def answers(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def fails(environ: Any, start_response: Any) -> Iterable[bytes]:
    raise KeyError("pear")


class Body:
    """A body made piece by piece, that notes which request was at hand."""

    def __init__(self, *pieces: bytes | Exception, at_close: Exception | None = None) -> None:
        self.pieces = list(pieces)
        self.at_close = at_close
        self.ids: list[str | None] = []

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.ids.append(request_id())
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        self.ids.append(request_id())
        if self.at_close is not None:
            raise self.at_close

    def app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self


def test_every_answer_has_an_id_and_the_callers_is_taken_over(captured: CapturedEvents) -> None:
    assert _call(BongsuMiddleware(answers), HTTP_X_REQUEST_ID="r-1").ids == ["r-1"]
    [made] = _call(BongsuMiddleware(answers), HTTP_X_REQUEST_ID="a\r\nSet-Cookie: x").ids
    assert len(made) == 32
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert _call(BongsuMiddleware(answers), HTTP_TRACEPARENT=f"00-{trace}-00f067aa0ba902b7-01").ids == [trace]


def test_an_id_that_the_application_answers_itself_stays(captured: CapturedEvents) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("x-request-id", "theirs")])
        yield b"a"
        raise KeyError("pear")

    assert _call(BongsuMiddleware(app)).headers == [("x-request-id", "theirs")]
    assert [event.request_id for event in captured.events] == ["theirs"]


def test_an_exception_that_leaves_is_one_event_with_its_request(captured: CapturedEvents) -> None:
    app = BongsuMiddleware(BongsuMiddleware(fails))
    called = _call(app, "/caf\xc3\xa9", QUERY_STRING="token=s3cret", HTTP_X_REQUEST_ID="r-1", HTTP_COOKIE="a=s3cret")
    logging.getLogger("server").error("as a server logs it", exc_info=called.raised)
    assert isinstance(called.raised, KeyError)
    [event] = captured.events
    assert (event.title, event.request_id) == ("KeyError: 'pear'", "r-1")
    assert HERE in event.location
    tags = dict(event.tags)
    del tags["duration"]
    assert tags == {"method": "GET", "url": "/café?token=[scrubbed]", "status": "500"}
    assert "s3cret" not in repr(event)
    assert captured.count == 1


BODIES = (
    (Body(KeyError("pear")), "500"),
    (Body(b"one", KeyError("pear")), "200"),
    (Body(b"one", at_close=KeyError("pear")), "200"),
)


@pytest.mark.parametrize(("body", "status"), BODIES)
def test_an_exception_while_the_body_is_made_is_an_event_of_its_request(
    captured: CapturedEvents, body: Body, status: str
) -> None:
    called = _call(BongsuMiddleware(body.app), HTTP_X_REQUEST_ID="r-1")
    assert isinstance(called.raised, KeyError)
    assert [(event.request_id, event.tags["status"]) for event in captured.events] == [("r-1", status)]


def test_the_request_is_at_work_in_each_step_of_its_body_and_in_no_other(captured: CapturedEvents) -> None:
    first, second = Body(b"1", b"2"), Body(b"1", b"2")
    bodies = [
        iter(BongsuMiddleware(body.app)(_environ(HTTP_X_REQUEST_ID=name), lambda *_: None))
        for name, body in (("first", first), ("second", second))
    ]
    for _ in range(2):
        for body in bodies:
            assert next(body) in (b"1", b"2")
            assert work_at_hand() is None
    for body in bodies:
        body.close()  # type: ignore[attr-defined]
    assert (first.ids, second.ids) == (["first"] * 3, ["second"] * 3)


def test_a_body_without_close_and_one_that_is_left_early_are_no_errors(captured: CapturedEvents) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield b"1"
        yield b"2"

    body: Any = BongsuMiddleware(app)(_environ(), lambda *_: None)
    assert next(iter(body)) == b"1"
    body.close()
    assert _call(BongsuMiddleware(lambda _, start_response: map(bytes, [start_response("200 OK", []) and b"x"])))
    assert captured.events == []


def test_what_runs_no_code_of_the_applications_reaches_the_server_as_it_is(captured: CapturedEvents) -> None:
    for made in ([b"a"], (b"a",), b"a", FileWrapper(io.BytesIO(b"a"))):

        def app(environ: Any, start_response: Any, made: Any = made) -> Iterable[bytes]:
            start_response("200 OK", [])
            return made

        environ = _environ(**{"wsgi.file_wrapper": FileWrapper})
        assert BongsuMiddleware(app)(environ, lambda *_: None) is made
        assert "bongsu.exchange" not in environ


def test_a_body_that_has_a_length_keeps_it(captured: CapturedEvents) -> None:
    class Sized(Body):
        def __len__(self) -> int:
            return len(self.pieces)

    body: Any = BongsuMiddleware(Sized(b"one").app)(_environ(), lambda *_: None)
    assert len(body) == 1
    assert not hasattr(BongsuMiddleware(Body(b"one").app)(_environ(), lambda *_: None), "__len__")


def test_an_error_page_made_with_exc_info_is_told(captured: CapturedEvents) -> None:
    def answered(status: str) -> App:
        def app(environ: Any, start_response: Any) -> Iterable[bytes]:
            try:
                raise KeyError(status)
            except KeyError:
                start_response(status, [], sys.exc_info())
                return [b"sorry"]

        return app

    for status in ("404 Not Found", "503 Service Unavailable"):
        assert _call(BongsuMiddleware(answered(status))).pieces == [b"sorry"]
    assert [event.tags["status"] for event in captured.events] == ["503"]


def test_write_is_handed_through(captured: CapturedEvents) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])(b"written ")
        return [b"and returned"]

    assert _call(BongsuMiddleware(app)).pieces == [b"written ", b"and returned"]


def _served(app: App, method: str) -> bytes:
    """The whole answer as wsgiref writes it."""
    out = io.BytesIO()
    handler = SimpleHandler(io.BytesIO(), out, io.StringIO(), _environ(REQUEST_METHOD=method), False, False)
    handler.run(app)  # type: ignore[arg-type]
    lines = out.getvalue().split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith((b"x-request-id", b"date:")))


def _file(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return environ["wsgi.file_wrapper"](io.BytesIO(b"a file"))  # type: ignore[no-any-return]


def _fails_late(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one"
    raise KeyError("pear")


def _late(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one"
    yield b"two"


@pytest.mark.parametrize("app", [answers, fails, _file, _fails_late, _late])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_bytes_of_the_answer_are_the_same_with_and_without_us(app: App, method: str) -> None:
    bare = _served(app, method)
    with capture_events():
        assert _served(BongsuMiddleware(app), method) == bare


def test_the_protocol_is_kept_on_both_sides(captured: CapturedEvents) -> None:
    assert _call(validator(BongsuMiddleware(validator(answers)))).pieces == [b"ok"]  # type: ignore[arg-type]


def test_without_init_nothing_is_done() -> None:
    assert _call(BongsuMiddleware(answers)).ids == []
    assert isinstance(_call(BongsuMiddleware(fails)).raised, KeyError)


ODD = (
    {"HTTP_X_REQUEST_ID": "x" * 10_000_000},
    {"HTTP_TRACEPARENT": "\xff" * 10_000_000},
    {"PATH_INFO": "/\xff\xfe\x00"},
    {"PATH_INFO": "/\udcff한국"},
    {"PATH_INFO": "/" + "x" * 1_000_000},
    {"QUERY_STRING": "\xff&&;;=%zz%" * 10_000},
    {"REQUEST_METHOD": "X" * 1_000_000},
    {"wsgi.input": object()},
    {"wsgi.file_wrapper": object()},
)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: next(iter(odd)))
def test_no_request_is_too_odd_to_be_told(captured: CapturedEvents, odd: dict[str, Any]) -> None:
    assert isinstance(_call(BongsuMiddleware(fails), **odd).raised, KeyError)
    [event] = captured.events
    assert event.request_id is not None
    assert len(event.request_id) == 32
    assert len(repr(event)) < 30_000


UNREADABLE = (
    {"HTTP_X_REQUEST_ID": 7},
    {"REQUEST_METHOD": None},
    {"PATH_INFO": None},
    {"QUERY_STRING": None},
    {"status": None},
    {"headers": None},
    {"headers": [("one",)]},
)


@pytest.mark.parametrize("broken", UNREADABLE, ids=str)
def test_what_breaks_the_protocol_reaches_the_other_side_as_it_is(tmp_path: Path, broken: dict[str, Any]) -> None:
    status, headers = broken.get("status", "200 OK"), broken.get("headers", [])

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response(status, headers)
        yield b"x"

    bongsu.init(f"file:{tmp_path}/alerts", app="shop", environment="production", state_dir=tmp_path)
    try:
        called = _call(BongsuMiddleware(app), **broken)
        assert isinstance(_call(BongsuMiddleware(fails), **broken).raised, KeyError)
    finally:
        bongsu.close()
    assert (called.raised, called.pieces, called.status) == (None, [b"x"], status)


def test_threads_keep_their_requests_apart(captured: CapturedEvents) -> None:
    seen: dict[str, str | None] = {}

    def work(name: str) -> None:
        body = Body(*[b"x"] * 50)
        called = _call(BongsuMiddleware(body.app), HTTP_X_REQUEST_ID=name)
        seen[name] = called.ids[0] if set(body.ids) == {name} else None

    threads = [Thread(target=work, args=(f"r-{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(name == told for name, told in seen.items())
    assert len(seen) == 20


def test_inside_an_asgi_application_it_is_the_same_request(captured: CapturedEvents) -> None:
    app = asgi.BongsuMiddleware(WsgiToAsgi(BongsuMiddleware(fails)))
    called = asyncio.run(call(app, "/orders", headers={"X-Request-ID": "r-1"}))
    assert isinstance(called.raised, KeyError)
    assert [event.request_id for event in captured.events] == ["r-1"]
    named = asyncio.run(call(asgi.BongsuMiddleware(WsgiToAsgi(BongsuMiddleware(answers)))))
    assert len(named.ids) == 1
    assert captured.count == 1
