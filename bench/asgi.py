"""What an ASGI middleware costs a request without an error. `python -m bench.asgi ROUNDS` prints the figures."""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from statistics import median
from typing import Any

from bench import harness
from bench.adapters import Bongsu, Sentry
from bench.table import Row, seconds, times

ADDS_MAX_S = 0.000_015
ROUNDS = 40  # of a child; what each application costs is compared within a round, so that a busy machine hits all alike
CALLS = 100  # in a round, of each application
WARM_UP_ROUNDS = 5

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_HEADERS = [  # as a browser behind a proxy sends them
    (b"host", b"shop.example"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"accept-language", b"ko,en;q=0.5"),
    (b"x-forwarded-for", b"203.0.113.7"),
    (b"x-forwarded-proto", b"https"),
    (b"connection", b"keep-alive"),
]
_GIVEN = (b"x-request-id", b"0d3cb1e4f0f54c2b8f8b5fb1f9a2f0c1")


def middleware(rounds: int) -> Iterator[Row]:
    """The bare application and the same within a middleware, in turns."""
    figures = harness.in_module("bench.asgi", rounds)
    ours, bare = figures["bongsu"], figures["bare"]
    peers = ("sentry-sdk", "asgi-correlation-id")
    yield Row(
        what="ASGI middleware, added to a request without an error",
        ratio=times(ours - bare, figures["sentry-sdk"] - bare),
        ours=f"p50 {seconds(ours - bare)} (bare {seconds(bare)})",
        peer=", ".join(f"{peer} p50 {seconds(figures[peer] - bare)}" for peer in peers),
        must="≤ 15 µs",
        met=ours - bare <= ADDS_MAX_S,
    )
    yield Row(
        what="the same, with an X-Request-ID that is taken over",
        ours=f"p50 {seconds(figures['bongsu, given'] - bare)}",
        must="≤ 15 µs",
        met=figures["bongsu, given"] - bare <= ADDS_MAX_S,
    )


async def _shop(_scope: dict[str, Any], _receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def _request(*more: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/orders/3",
        "raw_path": b"/orders/3",
        "query_string": b"page=2",
        "root_path": "",
        "headers": [*_HEADERS, *more],
        "client": ("203.0.113.7", 50_000),
        "server": ("127.0.0.1", 8000),
    }


async def _nothing(*_: object) -> None: ...


def _applications() -> dict[str, tuple[App, tuple[tuple[bytes, bytes], ...]]]:
    """Each by its name, with the headers it is sent."""
    from asgi_correlation_id import CorrelationIdMiddleware
    from sentry_sdk.integrations.asgi import SentryAsgiMiddleware

    from bongsu.integrations.asgi import BongsuMiddleware

    return {
        "bare": (_shop, ()),
        "bongsu": (BongsuMiddleware(_shop), ()),
        "bongsu, given": (BongsuMiddleware(_shop), (_GIVEN,)),
        "sentry-sdk": (SentryAsgiMiddleware(_shop), ()),
        "asgi-correlation-id": (CorrelationIdMiddleware(_shop), ()),
    }


async def _measured() -> dict[str, float]:
    """The median time of a call of each application, in seconds."""
    took: dict[str, list[float]] = defaultdict(list)
    applications = _applications()
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        for name, (app, headers) in applications.items():
            calls = [await _timed(app, _request(*headers)) for _ in range(CALLS)]
            if number >= WARM_UP_ROUNDS:
                took[name] += calls
    return {name: median(calls) for name, calls in took.items()}


async def _timed(app: App, scope: dict[str, Any]) -> float:
    began = time.perf_counter()
    await app(scope, _nothing, _nothing)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    adapters = (Bongsu(), Sentry())
    for adapter in adapters:
        adapter.start(sys.argv[1])
    figures = asyncio.run(_measured())
    for adapter in adapters:
        adapter.finish()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
