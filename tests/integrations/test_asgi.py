"""Any ASGI application, called as a server calls it."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from asgi_calls import Called, call
from asgi_correlation_id import CorrelationIdMiddleware
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import TracerProvider
from starlette.requests import ClientDisconnect

import bongsu
from bongsu.capture.context import request_id, work_at_hand
from bongsu.event import Kind
from bongsu.integrations.asgi import BongsuMiddleware
from bongsu.testing import CapturedEvents, capture_events

App = Callable[..., Awaitable[None]]
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
BODY = {"type": "http.response.body", "body": b"ok"}
HERE = "test_asgi.py"


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def _call(app: App, *arguments: Any, **options: Any) -> Called:
    return asyncio.run(call(app, *arguments, **options))


async def answers(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)


def fails_with(error: BaseException, *before: dict[str, object]) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in before:
            await send(deepcopy(message))  # some middleware writes into it
        raise error

    return app


# -- ids


def test_every_answer_has_the_id_that_is_in_force_inside(captured: CapturedEvents) -> None:
    inside = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        inside.append(request_id())
        await answers(scope, receive, send)

    first, second = _call(BongsuMiddleware(app)), _call(BongsuMiddleware(app))
    assert [first.ids, second.ids] == [[inside[0]], [inside[1]]]
    assert inside[0] != inside[1]
    assert first.body == b"ok"
    assert request_id() is None
    assert work_at_hand() is None


GIVEN = (
    ({"X-Request-ID": "gateway-7"}, "gateway-7"),
    ({"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}, "4bf92f3577b34da6a3ce929d0e0e4736"),
    ([(b"x-request-id", b"first"), (b"x-request-id", b"second")], "first"),
)


@pytest.mark.parametrize(("headers", "expected"), GIVEN)
def test_the_callers_id_is_taken_over(captured: CapturedEvents, headers: Any, expected: str) -> None:
    called = _call(BongsuMiddleware(fails_with(KeyError("pear"), START)), headers=headers)
    assert called.ids == [expected]
    assert [event.request_id for event in captured.events] == [expected]


HOSTILE = (
    b"a\r\nset-cookie: x=1",
    b"\xff\xfe",
    b"x" * 10_000_000,
    b"",
    b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop",
)


@pytest.mark.parametrize("given", HOSTILE, ids=lambda given: ascii(given[:10]))
def test_an_unsound_id_is_replaced(captured: CapturedEvents, given: bytes) -> None:
    headers = [(b"x-request-id", given), (b"traceparent", given)]
    [made] = _call(BongsuMiddleware(answers), headers=headers).ids
    assert len(made) == 32
    assert int(made, 16)


def test_an_id_that_the_application_answers_itself_stays_and_is_the_requests(captured: CapturedEvents) -> None:
    own = {**START, "headers": [(b"X-Request-Id", b"theirs")]}
    called = _call(BongsuMiddleware(fails_with(KeyError("pear"), own)), headers={"X-Request-ID": "given"})
    assert called.messages[0]["headers"] == [(b"X-Request-Id", b"theirs")]
    assert [event.request_id for event in captured.events] == ["theirs"]


def test_an_answer_whose_headers_are_missing_or_made_on_the_way_gets_its_id(captured: CapturedEvents) -> None:
    for headers in ({}, {"headers": None}, {"headers": iter([(b"a", b"b")])}, {"headers": ((b"a", b"b"),)}):
        message = {"type": "http.response.start", "status": 204, **headers}

        async def app(scope: Any, receive: Any, send: Any, message: Any = message) -> None:
            await send(message)

        assert len(_call(BongsuMiddleware(app)).ids) == 1


def test_what_the_application_sent_is_not_changed(captured: CapturedEvents) -> None:
    before = [dict(START), dict(BODY)]
    _call(BongsuMiddleware(answers))
    assert before == [START, BODY]


def test_a_websocket_has_its_id_in_the_handshake(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})
        await send({"type": "websocket.close", "code": 1000})

    called = _call(BongsuMiddleware(app), type="websocket", headers={"X-Request-ID": "w-1"})
    assert called.ids == ["w-1"]
    assert [message["type"] for message in called.messages] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert captured.events == []


# -- errors


def test_an_exception_that_leaves_is_one_event_with_its_request(captured: CapturedEvents) -> None:
    error = LookupError("no such user")
    headers = {"X-Request-ID": "r-1", "Authorization": "Bearer s3cret-s3cret", "Cookie": "session=s3cret"}
    app = BongsuMiddleware(fails_with(error))
    called = _call(app, "/login", method="POST", headers=headers, query_string=b"next=%2F&password=s3cret")
    assert called.raised is error
    assert called.messages == []
    [event] = captured.events
    assert (event.title, event.request_id, event.handled) == ("LookupError: no such user", "r-1", False)
    assert HERE in event.location
    tags = dict(event.tags)
    assert tags.pop("duration").endswith(" ms")
    assert tags == {"method": "POST", "url": "/login?next=/&password=[scrubbed]", "status": "500"}
    assert "s3cret" not in repr(event)


def test_an_exception_after_the_answer_began_is_an_event_too(captured: CapturedEvents) -> None:
    _call(BongsuMiddleware(fails_with(KeyError("pear"), START)))
    assert [event.tags["status"] for event in captured.events] == ["200"]


def test_an_exception_in_a_websocket_is_an_event(captured: CapturedEvents) -> None:
    accept = {"type": "websocket.accept"}
    _call(BongsuMiddleware(fails_with(KeyError("before"))), type="websocket")
    _call(BongsuMiddleware(fails_with(ValueError("after"), accept)), type="websocket")
    told = [(event.title, event.tags["method"], event.tags["status"]) for event in captured.events]
    assert told == [("KeyError: 'before'", "WEBSOCKET", "500"), ("ValueError: after", "WEBSOCKET", "1011")]


def test_what_an_except_block_answers_with_5xx_is_told_and_what_it_answers_with_4xx_is_not(
    captured: CapturedEvents,
) -> None:
    def handles_as(status: int) -> App:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                raise LookupError(f"status {'four' if status < 500 else 'five'}")
            except LookupError:
                await send({**START, "status": status})

        return app

    for status in (404, 499, 502):
        assert _call(BongsuMiddleware(handles_as(status))).raised is None
    assert [(event.title, event.tags["status"]) for event in captured.events] == [("LookupError: status five", "502")]


def test_it_is_one_event_however_many_of_us_stand_around_it(captured: CapturedEvents) -> None:
    app = BongsuMiddleware(BongsuMiddleware(fails_with(KeyError("pear"), START)))
    called = _call(BongsuMiddleware(app), headers={"X-Request-ID": "r-1"})
    assert called.ids == ["r-1"]
    assert captured.count == 1
    assert "bongsu.exchange" not in called.scope


def test_a_5xx_answer_without_an_exception_is_an_event_with_its_request(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "status": 503})

    called = _call(BongsuMiddleware(app), "/orders", query_string=b"token=s3cret")
    [event] = captured.events
    assert (event.kind, event.request_id, event.tags["status"]) == (Kind.HTTP, called.ids[0], "503")
    assert event.tags["url"] == "/orders?token=[scrubbed]"


def test_what_was_logged_before_it_left_is_one_event(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            raise KeyError("pear")
        except KeyError as error:
            logging.getLogger("shop").exception("no pear")
            raise error  # an instruction of its own, as many write it

    _call(BongsuMiddleware(app))
    assert captured.count == 1


def test_what_was_raised_from_a_told_one_is_the_same_event(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            raise KeyError("pear")
        except KeyError as error:
            logging.getLogger("shop").exception("no pear")
            raise RuntimeError("no order") from error

    _call(BongsuMiddleware(app))
    assert [event.title for event in captured.events] == ["KeyError: 'pear'"]


def test_a_cause_that_was_told_in_another_request_hides_nothing(captured: CapturedEvents) -> None:
    cause = KeyError("one object for all")

    async def logs(scope: Any, receive: Any, send: Any) -> None:
        logging.getLogger("shop").error("no pear", exc_info=cause)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no order") from cause

    for each in (logs, app, app):
        _call(BongsuMiddleware(each))
    assert captured.count == 3


def test_the_exception_of_a_task_group_is_told_as_itself(captured: CapturedEvents) -> None:
    async def fail(error: Exception) -> None:
        raise error

    def grouped(*errors: Exception) -> App:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            async with asyncio.TaskGroup() as group:
                for error in errors:
                    group.create_task(fail(error))

        return app

    one = _call(BongsuMiddleware(grouped(KeyError("pear"))))
    assert isinstance(one.raised, ExceptionGroup)
    _call(BongsuMiddleware(grouped(KeyError("a"), ValueError("b"))))
    logging.getLogger("server").error("as a server does", exc_info=one.raised)
    titles = [event.title for event in captured.events]
    assert titles == ["KeyError: 'pear'", "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)"]


def test_a_group_whose_one_member_was_never_raised_says_where_it_was_raised_itself(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ExceptionGroup("checked", [ValueError("no pears")])

    _call(BongsuMiddleware(app))
    [event] = captured.events
    assert event.title == "ExceptionGroup: checked (1 sub-exception)"
    assert HERE in event.location


def test_a_future_that_is_failed_with_one_object_for_all_requests_is_told_with_each(captured: CapturedEvents) -> None:
    lost = ConnectionError("the line is down")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_exception(lost)
        await future

    for _ in range(3):
        _call(BongsuMiddleware(app))
    assert captured.count == 3


# -- no errors

NO_ERRORS = (
    asyncio.CancelledError(),
    ClientDisconnect(),
    ExceptionGroup("gone", [ClientDisconnect()]),
    ExceptionGroup("gone", [ClientDisconnect(), ExceptionGroup("in turn", [ClientDisconnect()])]),
    functools.reduce(lambda inner, _: ExceptionGroup("gone", [inner]), range(5), ClientDisconnect()),
    SystemExit(0),
    KeyboardInterrupt(),
)


@pytest.mark.parametrize("error", NO_ERRORS, ids=repr)
def test_a_cancelled_request_and_a_client_that_left_are_no_errors(
    captured: CapturedEvents, error: BaseException
) -> None:
    async def called() -> BaseException | None:
        return (await call(BongsuMiddleware(fails_with(error)))).raised

    assert asyncio.run(called()) is error
    logging.getLogger("server").error("as a server logs it", exc_info=error)
    assert captured.events == []


def test_a_client_that_left_reads_no_answer_so_a_5xx_that_is_made_of_that_is_no_event(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            raise ClientDisconnect
        except ClientDisconnect:
            await send({**START, "status": 500})
            raise

    assert isinstance(_call(BongsuMiddleware(app)).raised, ClientDisconnect)
    assert captured.events == []


def test_a_5xx_that_is_made_of_a_cancelled_task_is_an_event(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            raise asyncio.CancelledError
        except asyncio.CancelledError:
            await send({**START, "status": 504})

    _call(BongsuMiddleware(app))
    assert [event.kind for event in captured.events] == [Kind.HTTP]


def test_a_group_that_is_too_deep_to_look_into_is_told(captured: CapturedEvents) -> None:
    deep = functools.reduce(lambda inner, _: ExceptionGroup("deep", [inner, inner]), range(500), ClientDisconnect())
    assert _call(BongsuMiddleware(fails_with(deep))).raised is deep
    assert captured.count == 1


def test_who_left_before_the_answer_could_be_sent_makes_no_error(captured: CapturedEvents) -> None:
    for error in (OSError, BrokenPipeError, ConnectionResetError):
        assert isinstance(_call(BongsuMiddleware(answers), send_raises=error).raised, error)
    assert captured.events == []
    _call(BongsuMiddleware(fails_with(OSError("a disk"))))
    assert [event.title for event in captured.events] == ["OSError: a disk"]


def test_lifespan_and_unknown_scopes_pass_through(captured: CapturedEvents) -> None:
    scopes = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append((dict(scope), request_id()))

    for kind in ("lifespan", "webtransport"):
        called = _call(BongsuMiddleware(app), type=kind)
        assert called.raised is None
        assert scopes.pop() == (called.scope, None)


def test_without_init_nothing_is_done() -> None:
    assert _call(BongsuMiddleware(answers)).messages == [START, BODY]
    error = KeyError("pear")
    assert _call(BongsuMiddleware(fails_with(error))).raised is error


# -- odd inputs


def test_bodies_pass_through_unread_whatever_is_in_them(captured: CapturedEvents) -> None:
    read = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        read.append(await receive())
        raise KeyError("pear")

    incoming = [{"type": "http.request", "body": b"\xff\x00" * 5_000_000, "more_body": True}]
    _call(BongsuMiddleware(app), incoming=incoming)
    assert read[0] is incoming[0]
    [event] = captured.events
    assert len(repr(event)) < 20_000


ODD_SCOPES = (
    {"path": "/\udcff\udcfe\x00\n"},
    {"path": "/" + "x" * 1_000_000},
    {"query_string": b"\xff\xfe=\x00&&&=;%zz%"},
    {"query_string": b"a=" * 1_000_000},
    {"method": "X" * 1_000_000},
    {"headers": [(b"\xff", b"\xff" * 1_000_000)] * 100},
    {"user": object()},
    {"endpoint": object(), "path_params": {"token": "\udcff"}},
    {"route": object()},
)


@pytest.mark.parametrize("odd", ODD_SCOPES, ids=lambda odd: next(iter(odd)))
def test_no_request_is_too_odd_to_be_told(captured: CapturedEvents, odd: dict[str, Any]) -> None:
    options = {"path": "/", **odd}
    error = KeyError("pear")
    called = _call(BongsuMiddleware(fails_with(error, START)), options.pop("path"), **({"headers": ()} | options))
    assert called.raised is error
    assert len(called.ids) == 1
    [event] = captured.events
    assert len(repr(event)) < 30_000
    assert event.request_id == called.ids[0]


def test_the_user_is_told_by_id_and_never_by_mail(captured: CapturedEvents) -> None:
    _call(BongsuMiddleware(fails_with(KeyError("a"))), user={"id": 7, "email": "jiwoo@student.example"})
    _call(BongsuMiddleware(fails_with(ValueError("b"))), user={"id": "jiwoo@student.example"})
    assert [event.user for event in captured.events] == ["7", "[email]"]


UNREADABLE = (
    {"headers": None},
    {"headers": [("x-request-id", "text")]},
    {"headers": [b"x-request-id"]},
    {"headers": 7},
    {"path": None},
    {"method": None},
)


@pytest.mark.parametrize("broken", UNREADABLE, ids=str)
def test_a_scope_that_breaks_the_protocol_reaches_the_application_as_it_is(
    tmp_path: Path, broken: dict[str, Any]
) -> None:
    bongsu.init(f"file:{tmp_path}/alerts", app="shop", environment="production", state_dir=tmp_path)
    try:
        called = asyncio.run(_call_raw(BongsuMiddleware(answers), {"type": "http", **broken}))
        assert [message["type"] for message in called] == [START["type"], BODY["type"]]
        with pytest.raises(KeyError, match="pear"):
            asyncio.run(_call_raw(BongsuMiddleware(fails_with(KeyError("pear"))), {"type": "http", **broken}))
    finally:
        bongsu.close()


async def _call_raw(app: App, scope: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, None, send)
    return sent


@pytest.mark.parametrize("status", [None, "200", 10**30])
def test_an_answer_that_breaks_the_protocol_reaches_the_server_as_it_is(tmp_path: Path, status: object) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": 7})

    bongsu.init(f"file:{tmp_path}/alerts", app="shop", environment="production", state_dir=tmp_path)
    try:
        called = asyncio.run(call(BongsuMiddleware(app)))
    finally:
        bongsu.close()
    assert called.raised is None
    assert called.messages == [{"type": "http.response.start", "status": status, "headers": 7}]


# -- beside others


def test_many_requests_at_once_keep_their_ids_apart(captured: CapturedEvents) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.wait_for(everyone.wait(), 10)
        await send({**START, "headers": [(b"inside", str(request_id()).encode())]})

    async def main() -> list[Called]:
        calls = [call(BongsuMiddleware(app), headers={"X-Request-ID": f"r-{number}"}) for number in range(50)]
        tasks = [asyncio.create_task(each) for each in calls]
        await asyncio.sleep(0)
        everyone.set()
        return await asyncio.gather(*tasks)

    everyone = asyncio.Event()
    for number, called in enumerate(asyncio.run(main())):
        assert called.ids == [f"r-{number}"]
        assert dict(called.messages[0]["headers"])[b"inside"] == f"r-{number}".encode()


def _logs_and_fails(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
    logging.getLogger("shop").warning("about to fail")
    return fails_with(KeyError("pear"), START)(scope, receive, send)


@pytest.mark.parametrize("given", [None, "0d3cb1e4f0f54c2b8f8b5fb1f9a2f0c1", "no-uuid"])
@pytest.mark.parametrize("is_outside", [True, False])
def test_the_id_of_asgi_correlation_id_is_used_and_sent_once(
    captured: CapturedEvents, is_outside: bool, given: str | None
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _logs_and_fails(scope, receive, send)

    wrapped = (
        CorrelationIdMiddleware(BongsuMiddleware(app)) if is_outside else BongsuMiddleware(CorrelationIdMiddleware(app))
    )
    called = _call(wrapped, headers={} if given is None else {"X-Request-ID": given})
    assert len(called.ids) == 1
    assert [event.request_id for event in captured.events] == called.ids
    if given != "no-uuid":
        assert given in (None, called.ids[0])


@pytest.mark.parametrize("is_outside", [True, False])
def test_the_trace_of_opentelemetry_is_used(captured: CapturedEvents, is_outside: bool) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    traces = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        traces.append(f"{trace.get_current_span().get_span_context().trace_id:032x}")
        await _logs_and_fails(scope, receive, send)

    def traced(app: App) -> App:
        return OpenTelemetryMiddleware(app, tracer_provider=provider)

    wrapped = traced(BongsuMiddleware(app)) if is_outside else BongsuMiddleware(traced(app))
    called = _call(wrapped)
    assert called.ids == traces
    assert [event.request_id for event in captured.events] == traces
    assert bongsu.flush()
