"""An aiohttp application that answers and fails in every way, and a client for it."""

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientPayloadError, ClientResponse, ServerDisconnectedError, web
from aiohttp.test_utils import TestClient, TestServer

log = logging.getLogger("shop")
REMEMBERED: list[Any] = []
GONE = asyncio.Event()


async def fine(request):
    return web.Response(text="fine")


async def fails(request):
    raise LookupError("no such user jiwoo")


class Orders(web.View):
    async def get(self):
        raise LookupError("no such order")


def _raising(error):
    async def handler(request):
        raise error()

    return handler


async def fails_for_a_reason(request):
    try:
        await fails(request)
    except LookupError as error:
        raise web.HTTPInternalServerError(text="it broke") from error


async def returns_unavailable(request):
    return web.json_response({"later": True}, status=503)


async def returns_nothing(request):
    return None


async def names_itself(request):
    return web.Response(headers={"X-Request-ID": "the-hosts-own"})


async def streams(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"one,")
    if "fail" in request.query:
        raise LookupError("no more orders")
    await response.write(b"two")
    return response


async def writes_until_nobody_listens(request):
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 100_000)
            await asyncio.sleep(0)
    finally:
        GONE.set()


async def reads_the_body(request):
    try:
        return web.Response(text=str(len(await request.read())))
    finally:
        GONE.set()


async def upstream_resets(request):
    raise ConnectionResetError("by the database")


async def talks_both_ways(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.data == "fail":
            raise LookupError("no such room")
        await socket.send_str(message.data)
    return socket


async def talks(request):
    log.warning("looking for %s", request.query["word"])
    return await (fails if "fail" in request.query else fine)(request)


async def remembers(request):
    REMEMBERED.append(weakref.ref(request))
    return web.Response(text="seen")


async def cancelled(request):
    raise asyncio.CancelledError


@web.middleware
async def untouched(request, handler):
    return await handler(request)


@web.middleware
async def answers(request, handler):
    try:
        return await handler(request)
    except LookupError:
        return web.json_response({"error": "not found"}, status=404)


@web.middleware
async def fails_after(request, handler):
    await handler(request)
    raise LookupError("no such tenant")


def routes():
    return [
        web.get("/", fine),
        web.post("/", fine),
        web.get(r"/fails/{number:\d+}", fails),
        web.get("/reset/{token}", fails),
        web.get("/orders/{number}", Orders),
        web.get("/missing", _raising(web.HTTPNotFound)),
        web.get("/forbidden", _raising(web.HTTPForbidden)),
        web.get("/moved", _raising(lambda: web.HTTPFound("/"))),
        web.get("/unavailable", _raising(web.HTTPServiceUnavailable)),
        web.get("/returns-unavailable", returns_unavailable),
        web.get("/times-out", _raising(TimeoutError)),
        web.get("/reason", fails_for_a_reason),
        web.get("/nothing", returns_nothing),
        web.get("/names-itself", names_itself),
        web.get("/streams", streams),
        web.get("/floods", writes_until_nobody_listens),
        web.post("/body", reads_the_body),
        web.get("/upstream", upstream_resets),
        web.get("/socket", talks_both_ways),
        web.get("/talks", talks),
        web.get("/remembers", remembers),
        web.get("/cancelled", cancelled),
    ]


def application(middlewares: Iterable[Any] = (), inner: Iterable[Any] = ()) -> web.Application:
    """The application, with a smaller one inside at /shop."""
    made, shop = web.Application(middlewares=list(middlewares)), web.Application(middlewares=list(inner))
    made.add_routes(routes())
    shop.add_routes([web.get("/{name}", fails)])
    made.add_subapp("/shop", shop)
    return made


@dataclass(frozen=True)
class Answer:
    """What a client receives."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self):
        return self.headers.get("X-Request-ID")


NO_ANSWER = Answer(0, {}, b"")


async def fetch(client: TestClient, path: str, method: str = "GET", **options: Any) -> Answer:
    """Follows no redirect."""
    try:
        async with client.request(method, path, allow_redirects=False, **options) as response:
            headers = {name: value for name, value in response.headers.items() if name != "Date"}
            return Answer(response.status, headers, await _body(response))
    except ServerDisconnectedError:
        return NO_ANSWER


async def _body(response: ClientResponse) -> bytes:
    parts: list[bytes] = []
    try:
        async for part in response.content.iter_any():
            parts.append(part)
    except ClientPayloadError:
        parts.append(b" and broken off")
    return b"".join(parts)


def serving(use: Callable[[TestClient], Awaitable[Any]], made: web.Application, *, debug: bool = False) -> Any:
    """What `use` answers, with a client for the application."""

    async def run() -> Any:
        async with TestClient(TestServer(made)) as client:
            return await use(client)

    return asyncio.run(run(), debug=debug)


def get(path: str, made: web.Application, *, debug: bool = False, **options: Any) -> Answer:
    """One request to a server of its own."""
    return serving(lambda client: fetch(client, path, **options), made, debug=debug)
