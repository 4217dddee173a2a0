"""aiohttp's server: what is told of a request, what is not, and that the host's answers stay as they are."""

import asyncio
import gc
import logging
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp_site
import pytest
from aiohttp import WSMsgType, web
from aiohttp_site import NO_ANSWER, application, fetch, get, serving
from children import Launch
from lines import log_lines
from seen import fields

from bongsu.event import Event, Kind
from bongsu.integrations.aiohttp import middleware
from bongsu.testing import CapturedEvents, ScriptedSlack, capture_events

BY_ITSELF, BY_MIDDLEWARE, BOTH = "by itself", "by its middleware", "by both"
HOWS = (BY_ITSELF, BY_MIDDLEWARE, BOTH)
PROGRAMS = Path(__file__).parent / "programs"
everyhow = pytest.mark.parametrize("how", HOWS)


@contextmanager
def watched(how: str) -> Iterator[CapturedEvents]:
    with capture_events(integrations=how != BY_MIDDLEWARE) as captured:
        yield captured


def app(how: str, *hosts: Any) -> web.Application:
    """The application, as somebody writes it who uses Bongsu that way."""
    return application([middleware, *hosts] if how != BY_ITSELF else hosts, [middleware] if how == BOTH else [])


def one(captured: CapturedEvents) -> Event:
    [event] = captured.events
    return event


@everyhow
@pytest.mark.parametrize(
    ("path", "route", "handler"),
    [
        ("/fails/7", r"/fails/{number}", "fails"),
        ("/orders/7", "/orders/{number}", "Orders"),
        ("/shop/tea", "/shop/{name}", "fails"),
    ],
)
def test_an_error_is_one_event_that_says_which_request_it_was(how: str, path: str, route: str, handler: str) -> None:
    with watched(how) as captured:
        answer = get(f"{path}?page=2", app(how))
        event = one(captured)
    assert (answer.status, answer.request_id) == (500, event.request_id)
    assert (event.kind, event.handled) == (Kind.EXCEPTION, False)
    assert "aiohttp_site.py:" in event.location
    assert re.fullmatch(r"\d+ ms", event.tags["duration"])
    assert {name: event.tags[name] for name in ("method", "route", "url", "handler", "status")} == {
        "method": "GET",
        "route": route,
        "url": f"{path}?page=2",
        "handler": f"aiohttp_site.{handler}",
        "status": "500",
    }


@everyhow
@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/missing", 404), ("/forbidden", 403), ("/moved", 302), ("/no-such-page", 404), ("/body", 405)],
)
def test_an_exception_that_is_an_answer_is_no_alert(how: str, path: str, status: int) -> None:
    with watched(how) as captured:
        answer = get(path, app(how))
        assert captured.events == []
    assert (answer.status, bool(answer.request_id)) == (status, True)


@everyhow
@pytest.mark.parametrize("path", ["/unavailable", "/returns-unavailable"])
def test_a_5xx_that_no_exception_explains_is_one_event(how: str, path: str) -> None:
    with watched(how) as captured:
        answer = get(path, app(how))
        event = one(captured)
    assert (answer.status, event.kind) == (503, Kind.HTTP)
    assert (event.request_id, event.tags["route"]) == (answer.request_id, path)


@everyhow
def test_a_5xx_that_was_raised_from_an_exception_is_told_with_it(how: str) -> None:
    with watched(how) as captured:
        assert get("/reason", app(how)).status == 500
        event = one(captured)
    assert [exception.type for exception in event.exceptions] == ["HTTPInternalServerError", "LookupError"]


@everyhow
def test_a_time_out_is_one_event_with_the_status_that_aiohttp_gives_it(how: str) -> None:
    with watched(how) as captured:
        answer = get("/times-out", app(how))
        event = one(captured)
    assert (answer.status, event.title, event.tags["status"]) == (504, "TimeoutError", "504")
    assert answer.request_id == event.request_id


@everyhow
def test_a_handler_that_returns_nothing_is_one_event(how: str) -> None:
    with watched(how) as captured:
        answer = get("/nothing", app(how))
        event = one(captured)
    assert event.title == (
        "TypeError: NoneType instead of a response from aiohttp_site.returns_nothing or its middleware"
    )
    line = aiohttp_site.returns_nothing.__code__.co_firstlineno
    assert event.tags["route"] == "/nothing"
    assert event.location.endswith(f"aiohttp_site.py:{line}")
    assert answer == NO_ANSWER or (answer.status, bool(answer.request_id)) == (500, True)  # aiohttp 3.9 gives none


@everyhow
def test_an_error_in_a_middleware_is_one_event(how: str) -> None:
    with watched(how) as captured:
        answer = get("/", app(how, aiohttp_site.fails_after))
        assert one(captured).request_id == answer.request_id


@everyhow
def test_an_error_that_the_hosts_middleware_makes_an_answer_of_is_no_alert(how: str) -> None:
    with watched(how) as captured:
        assert get("/fails/7", app(how, aiohttp_site.answers)).status == 404
        assert captured.events == []


WAYS = [
    *("/", "/fails/7", "/orders/7", "/shop/tea", "/missing", "/forbidden", "/moved", "/no-such-page", "/body"),
    *("/unavailable", "/returns-unavailable", "/times-out", "/reason", "/nothing", "/names-itself", "/upstream"),
    *("/streams", "/streams?fail"),
]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
@pytest.mark.parametrize("path", WAYS)
def test_an_answer_differs_by_its_header_alone(path: str, accept: str, debug: bool) -> None:
    plain = get(path, application([aiohttp_site.untouched]), debug=debug, headers={"Accept": accept})
    for how in HOWS:
        with watched(how):
            answer = get(path, app(how, aiohttp_site.untouched), debug=debug, headers={"Accept": accept})
        assert answer.request_id or answer == NO_ANSWER
        assert (answer.status, answer.body) == (plain.status, plain.body)
        assert {**answer.headers, "X-Request-ID": ""} == {**plain.headers, "X-Request-ID": ""}


@everyhow
def test_an_error_after_an_answer_has_begun_belongs_to_its_request(how: str) -> None:
    with watched(how) as captured:
        answer = get("/streams?fail", app(how))
        event = one(captured)
    assert (event.title, event.tags["status"]) == ("LookupError: no more orders", "200")
    assert answer.request_id == event.request_id


@everyhow
def test_a_websocket_has_an_id_and_its_error_is_told(how: str) -> None:
    async def talk(client: Any) -> Any:
        async with client.ws_connect("/socket") as socket:
            await socket.send_str("hello")
            assert (await socket.receive()).data == "hello"
            await socket.send_str("fail")
            assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
            return socket._response.headers["X-Request-ID"]

    with watched(how) as captured:
        request_id = serving(talk, app(how))
        event = one(captured)
    assert (event.request_id, event.tags["status"]) == (request_id, "101")


@everyhow
def test_a_websocket_that_ends_well_is_no_alert(how: str) -> None:
    async def talk(client: Any) -> None:
        async with client.ws_connect("/socket") as socket:
            await socket.send_str("hello")

    with watched(how) as captured:
        serving(talk, app(how))
        assert captured.events == []


BROKEN_OFF = {
    "while the answer is written": b"GET /floods HTTP/1.1\r\nHost: x\r\n\r\n",
    "while its body is read": b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
    "while its body is read in chunks": b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
}


@everyhow
@pytest.mark.parametrize("when", BROKEN_OFF)
def test_a_client_that_leaves_is_no_alert(how: str, when: str) -> None:
    async def leave(client: Any) -> None:
        aiohttp_site.GONE = asyncio.Event()
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(BROKEN_OFF[when])
        await writer.drain()
        if "answer" in when:
            await reader.readexactly(1_000)
        writer.transport.abort()
        await asyncio.wait_for(aiohttp_site.GONE.wait(), 20)

    with watched(how) as captured:
        serving(leave, app(how))
        assert captured.events == []


@everyhow
def test_a_connection_that_somebody_behind_us_resets_is_an_error(how: str) -> None:
    with watched(how) as captured:
        get("/upstream", app(how))
        assert one(captured).title == "ConnectionResetError: by the database"


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"x" * 20_000])
def test_what_is_no_http_is_no_alert(noise: bytes) -> None:
    async def send(client: Any) -> None:
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(noise)
        await writer.drain()
        await reader.read()
        writer.close()

    with watched(BY_ITSELF) as captured:
        serving(send, app(BY_ITSELF))
        assert captured.events == []


TRACE = "0af7651916cd43dd8448eb211c80319c"


@everyhow
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Request-ID": "order-7"}, "order-7"),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
        ({"X-Request-ID": "a b"}, None),
        ({"X-Request-ID": "x" * 5_000}, None),
        ({"X-Request-ID": "\xff\xfe"}, None),
    ],
)
def test_a_sound_id_of_the_caller_is_used_and_any_other_replaced(
    how: str, headers: dict[str, str], expected: str | None
) -> None:
    with watched(how) as captured:
        answer = get("/fails/7", app(how), headers=headers)
        assert one(captured).request_id == answer.request_id
    assert answer.request_id == expected or (expected is None and re.fullmatch("[0-9a-f]{32}", answer.request_id))


@everyhow
def test_an_id_that_the_host_gives_itself_stays(how: str) -> None:
    with watched(how):
        assert get("/names-itself", app(how)).request_id == "the-hosts-own"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/fails/7?password=hunter2&token=hunter2", {}),
        ("/fails/7?pass%77ord=hunter2%26hunter2", {}),
        ("/reset/hunter2", {}),
        ("/fails/7", {"Authorization": "Bearer hunter2", "Cookie": "session=hunter2"}),
        ("/fails/7?%ff%fe=%00&mail=hunter2%40example.com", {}),
        ("/shop/%ff%fe%00", {}),
        ("/fails/7?" + "x=1&" * 1_500, {}),
    ],
)
def test_nothing_a_client_sends_is_kept_raw_or_makes_us_fail(path: str, headers: dict[str, str]) -> None:
    plain = get(path, application(), headers=headers)
    with watched(BY_ITSELF) as captured:
        answer = get(path, app(BY_ITSELF), headers=headers)
        told = repr(captured.events)
    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert "hunter2" not in told


@everyhow
def test_a_body_passes_by_unread(how: str) -> None:
    body = b"\x00\xff" * 400_000
    with watched(how) as captured:
        assert get("/body", app(how), method="POST", data=body).body == str(len(body)).encode()
        assert get("/", app(how), method="POST", data=body).body == b"fine"
        assert captured.events == []


@everyhow
def test_the_log_lines_of_a_request_ride_with_its_error(how: str) -> None:
    async def ask(client: Any) -> None:
        await asyncio.gather(*(fetch(client, f"/talks?word={word}") for word in ("milk", "sugar", "tea&fail")))

    with watched(how) as captured:
        serving(ask, app(how))
        assert [line.message for line in one(captured).trail] == ["looking for tea"]


@everyhow
def test_what_the_host_does_when_an_answer_begins_belongs_to_its_request(how: str) -> None:
    async def breaks(request: web.Request, response: web.StreamResponse) -> None:
        raise LookupError("no such header")

    host = app(how)
    host.on_response_prepare.append(breaks)
    with watched(how) as captured:
        get("/", host, headers={"X-Request-ID": "order-7"})
        event = one(captured)
    assert (event.request_id, event.tags["route"]) == ("order-7", "/")


@everyhow
def test_every_log_line_of_a_request_names_it(how: str) -> None:
    async def notes(request: web.Request, response: web.StreamResponse) -> None:
        aiohttp_site.log.warning("answers")

    host = app(how)
    host.on_response_prepare.append(notes)
    with watched(how), log_lines() as lines:
        answer = get("/talks?word=tea&fail", host)
    named = {line["message"]: line["request_id"] for line in lines() if line["level"] != "info"}
    assert {"looking for tea", "answers"} < named.keys()
    assert set(named.values()) == {answer.request_id}


@everyhow
def test_a_request_lives_no_longer_than_without_us(how: str) -> None:
    async def ask(client: Any) -> list[Any]:
        gc.disable()
        try:
            await fetch(client, "/remembers")
            await fetch(client, "/")
            return [seen() for seen in aiohttp_site.REMEMBERED]
        finally:
            gc.enable()

    aiohttp_site.REMEMBERED.clear()
    with watched(how):
        kept = serving(ask, app(how))
    aiohttp_site.REMEMBERED.clear()
    assert kept == serving(ask, application())


def test_after_close_aiohttp_is_as_it_was() -> None:
    before = vars(web.Application)["_handle"], vars(web.StreamResponse)["prepare"]
    with watched(BY_ITSELF):
        assert vars(web.Application)["_handle"] is not before[0]
    assert (vars(web.Application)["_handle"], vars(web.StreamResponse)["prepare"]) == before


def test_without_bongsu_its_middleware_is_not_there() -> None:
    answer = get("/fails/7", app(BY_MIDDLEWARE))
    assert (answer.status, answer.request_id) == (500, None)


def test_the_hosts_own_log_lines_are_told() -> None:
    with watched(BY_ITSELF) as captured:
        logging.getLogger("aiohttp.server").error("the stock is empty")
        assert one(captured).title == "the stock is empty"


def test_who_uses_aiohttp_as_a_client_notices_nothing(tmp_path: Path) -> None:
    program = """
import sys, bongsu
bongsu.init(to="console:", state_dir=sys.argv[1])
import aiohttp
assert "aiohttp.web" not in sys.modules and "bongsu.integrations.aiohttp" not in sys.modules
bongsu.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_on_a_real_server_a_broken_page_is_one_card(slack: ScriptedSlack, launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with launch.command(sys.executable, str(PROGRAMS / "aiohttp_shop.py"), str(port)) as server:
        assert server.line() == "serving"
        with pytest.raises(HTTPError) as answer:
            urlopen(f"http://127.0.0.1:{port}/orders/3?token=s3cret", timeout=20)
        [card] = slack.wait_for(1, timeout_s=20)
        known = fields(card)
        assert (answer.value.code, known["STATUS"]) == (500, "500")
        assert known["REQUEST ID"] == answer.value.headers["X-Request-ID"]
        assert known["ROUTE"] == "GET /orders/{number}"
        assert known["SOURCE"].startswith("aiohttp_shop.py:")
        assert "s3cret" not in str(card.payload)
        answer.value.close()
        server.signal(SIGTERM)
        server.end()
    assert len(slack.messages) == 1
