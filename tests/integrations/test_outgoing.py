"""Calls to another service, over real sockets, carry the request's id."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import httpx
import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

import bongsu
from bongsu.integrations import outgoing


class _Echo(BaseHTTPRequestHandler):
    """Answers with the X-Request-ID headers it got; /moved sends the caller to /."""

    def do_GET(self) -> None:
        got = json.dumps(self.headers.get_all("X-Request-ID") or []).encode()
        self.send_response(302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/")
        self.send_header("Content-Length", str(len(got)))
        self.end_headers()
        self.wfile.write(got)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's own name
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


Headers = dict[str, str] | None
Call = Callable[[str, Headers], Any]


def with_httpx(url: str, headers: Headers) -> Any:
    with outgoing.for_httpx(httpx.Client(follow_redirects=True, trust_env=False)) as client:
        return client.get(url, headers=headers).json()


def with_async_httpx(url: str, headers: Headers) -> Any:
    async def call() -> Any:
        async with outgoing.for_httpx(httpx.AsyncClient(follow_redirects=True, trust_env=False)) as client:
            return (await client.get(url, headers=headers)).json()

    return asyncio.run(call())


def with_requests(url: str, headers: Headers) -> Any:
    with outgoing.for_requests(requests.Session()) as session:
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=2))
        return session.get(url, headers=headers).json()


def with_urllib3(url: str, headers: Headers) -> Any:
    pool = outgoing.for_urllib3(urllib3.PoolManager())
    with closing(pool.request("GET", url, headers=headers)) as answer:
        return json.loads(answer.data)


def with_a_pool_of_urllib3(url: str, headers: Headers) -> Any:
    host, _, path = url.removeprefix("http://").partition("/")
    with outgoing.for_urllib3(urllib3.HTTPConnectionPool(host)) as pool:
        return json.loads(pool.urlopen("GET", f"/{path}", None, headers).data)


def with_the_headers_alone(url: str, headers: Headers) -> Any:
    if headers is not None:
        return list(headers.values())
    with urlopen(Request(url, headers=outgoing.headers()), timeout=10) as answer:
        return json.load(answer)


CALLS = (with_httpx, with_async_httpx, with_requests, with_urllib3, with_a_pool_of_urllib3, with_the_headers_alone)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
@pytest.mark.parametrize("path", ["/", "/moved"])
def test_the_request_at_hand_is_named(url: str, call: Call, path: str) -> None:
    with bongsu.context(request_id="r-1"):
        assert call(url + path, None) == ["r-1"]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_where_there_is_no_request_nothing_is_added(url: str, call: Call) -> None:
    assert call(url + "/", None) == []


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
@pytest.mark.parametrize("name", ["X-Request-ID", "x-request-id"])
def test_a_header_that_is_there_stays(url: str, call: Call, name: str) -> None:
    with bongsu.context(request_id="r-1"):
        assert call(url + "/", {name: "theirs"}) == ["theirs"]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_an_id_that_no_header_can_hold_is_not_sent(url: str, call: Call) -> None:
    with bongsu.context(request_id="a\r\nX-Evil: 1"):
        assert call(url + "/", None) == []


def test_one_client_names_each_request_it_is_used_for(url: str) -> None:
    session = outgoing.for_requests(outgoing.for_requests(requests.Session()))
    pool = outgoing.for_urllib3(urllib3.PoolManager(headers={"X-Kept": "yes"}))
    with outgoing.for_httpx(httpx.Client(trust_env=False)) as client, session:
        for name in ("r-1", "r-2"):
            with bongsu.context(request_id=name):
                told = [client.get(url).json(), session.get(url).json(), json.loads(pool.request("GET", url).data)]
            assert told == [[name]] * 3
    assert pool.headers == {"X-Kept": "yes"}
    pool.clear()


def test_headers_of_the_callers_own_are_not_written_into(url: str) -> None:
    pool, given = outgoing.for_urllib3(urllib3.PoolManager()), {"X-Mine": "1"}
    with bongsu.context(request_id="r-1"):
        assert json.loads(pool.request("GET", url, headers=given).data) == ["r-1"]
    assert given == {"X-Mine": "1"}
    pool.clear()
