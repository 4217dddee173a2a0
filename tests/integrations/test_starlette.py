"""Real Starlette applications, watched without being told to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgi_calls import Called, call
from asgi_correlation_id import CorrelationIdMiddleware
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, BaseUser
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.websockets import WebSocket

from bongsu.capture.context import request_id
from bongsu.event import Kind
from bongsu.integrations.asgi import BongsuMiddleware
from bongsu.testing import CapturedEvents, capture_events

HERE = "test_starlette.py"


class OutOfStock(Exception):
    """A domain error that the application answers with 503."""


class Unknown(Exception):
    """A domain error that the application answers with 404."""


async def fine(request: Request) -> Response:
    return PlainTextResponse("fine")


async def raises(request: Request) -> Response:
    raise KeyError("pear")


def raises_in_a_thread(request: Request) -> Response:
    raise KeyError("pear")


async def not_found(request: Request) -> Response:
    raise HTTPException(404)


async def unavailable(request: Request) -> Response:
    raise HTTPException(503, "closed")


async def unavailable_because(request: Request) -> Response:
    try:
        raise TimeoutError("the database")
    except TimeoutError:
        raise HTTPException(503)  # noqa: B904  # as many write it


async def out_of_stock(request: Request) -> Response:
    raise OutOfStock("pears")


async def unknown(request: Request) -> Response:
    raise Unknown("pears")


async def answers_500(request: Request) -> Response:
    return PlainTextResponse("sorry", 500)


async def breaks_off(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise KeyError("pear")

    return StreamingResponse(pieces())


async def fails_afterwards(request: Request) -> Response:
    def task() -> None:
        raise KeyError("pear")

    return PlainTextResponse("fine", background=BackgroundTask(task))


async def logs_and_raises(request: Request) -> Response:
    try:
        raise KeyError("pear")
    except KeyError as error:
        logging.getLogger("shop").exception("no pear")
        raise error


class Orders(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        raise KeyError("pear")


async def as_503(request: Request, error: Exception) -> Response:
    return JSONResponse({"sorry": str(error)}, 503)


async def as_404(request: Request, error: Exception) -> Response:
    return JSONResponse({"nothing": str(error)}, 404)


ENDPOINTS = {
    endpoint.__name__: endpoint
    for endpoint in (
        *(fine, raises, raises_in_a_thread, not_found, unavailable, unavailable_because, out_of_stock, unknown),
        *(answers_500, breaks_off, fails_afterwards, logs_and_raises, Orders),
    )
}
ROUTES = [Route(f"/{name}/{{item:int}}", endpoint) for name, endpoint in ENDPOINTS.items()]
HANDLERS: dict[Any, Any] = {OutOfStock: as_503, Unknown: as_404}

# What happens → the title of its event and its status; None: no event of an exception.
OUTCOMES: dict[str, tuple[str, str] | None] = {
    "fine": None,
    "raises": ("KeyError: 'pear'", "500"),
    "raises_in_a_thread": ("KeyError: 'pear'", "500"),
    "not_found": None,
    "unavailable_because": ("HTTPException: 503: Service Unavailable", "503"),
    "out_of_stock": ("OutOfStock: pears", "503"),
    "unknown": None,
    "breaks_off": ("KeyError: 'pear'", "200"),
    "fails_afterwards": ("KeyError: 'pear'", "200"),
    "Orders": ("KeyError: 'pear'", "500"),
}


class Passing(BaseHTTPMiddleware):
    """A middleware of the usual kind, which runs the application in a task of its own."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["X-Passed"] = "yes"
        return response


APPS = {
    "plain": lambda: Starlette(routes=ROUTES, exception_handlers=HANDLERS),
    "debug": lambda: Starlette(debug=True, routes=ROUTES, exception_handlers=HANDLERS),
    "with a middleware": lambda: Starlette(
        routes=ROUTES, exception_handlers=HANDLERS, middleware=[Middleware(Passing)]
    ),
    "with a page for errors": lambda: Starlette(routes=ROUTES, exception_handlers={**HANDLERS, Exception: as_503}),
    "explicitly as well": lambda: BongsuMiddleware(Starlette(routes=ROUTES, exception_handlers=HANDLERS)),
}


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def _call(app: Any, path: str, **options: Any) -> Called:
    return asyncio.run(call(app, path, **options))


def _seen(called: Called) -> tuple[object, ...]:
    """What the client and the server notice, but for our header."""
    heads = [[pair for pair in message.get("headers", ()) if pair[0] != b"x-request-id"] for message in called.messages]
    raised = called.raised
    return [message["type"] for message in called.messages], called.status, heads, called.body, repr(raised)


@pytest.mark.parametrize("kind", APPS)
def test_the_answer_and_what_leaves_the_application_are_the_same_with_and_without_us(kind: str) -> None:
    paths = [f"/{name}/3" for name in ENDPOINTS]
    bare = [_call(APPS[kind](), path) for path in paths]
    with capture_events():
        watched = [_call(APPS[kind](), path) for path in paths]
    for ours, theirs in zip(watched, bare, strict=True):
        is_a_page_of_source = kind == "debug" and theirs.status == 500  # it shows our frame too
        assert is_a_page_of_source or _seen(ours) == _seen(theirs)
        assert (len(ours.ids), len(theirs.ids)) == (1, 0)


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_goes_wrong_is_one_event_and_what_is_only_an_answer_is_none(captured: CapturedEvents, name: str) -> None:
    called = _call(APPS["plain"](), f"/{name}/3", headers={"X-Request-ID": "r-1"}, query_string=b"token=s3cret")
    assert called.ids == ["r-1"]
    told = [(event.title, event.tags["status"]) for event in captured.events]
    assert told == [outcome for outcome in [OUTCOMES[name]] if outcome]
    for event in captured.events:
        assert (event.request_id, event.tags["route"], event.tags["method"]) == ("r-1", f"/{name}/{{item}}", "GET")
        assert event.tags["url"] == f"/{name}/3?token=[scrubbed]"
        assert event.tags["handler"].endswith(f"test_starlette.{name}")
        assert HERE in event.location


HIDDEN = (("plain", "unavailable"), ("plain", "answers_500"), ("with a middleware", "out_of_stock"))


@pytest.mark.parametrize(("kind", "name"), HIDDEN)
def test_a_5xx_answer_whose_exception_nobody_shows_is_an_event_with_its_request(
    captured: CapturedEvents, kind: str, name: str
) -> None:
    called = _call(APPS[kind](), f"/{name}/3")
    [event] = captured.events
    assert (event.kind, event.tags["status"], event.tags["route"]) == (
        Kind.HTTP,
        str(called.status),
        f"/{name}/{{item}}",
    )
    assert [event.request_id] == called.ids


@pytest.mark.parametrize("kind", APPS)
def test_an_exception_is_one_event_in_whatever_stands_around_it(captured: CapturedEvents, kind: str) -> None:
    called = _call(APPS[kind](), "/raises/3")
    logging.getLogger("server").error("as a server logs it", exc_info=called.raised)
    assert isinstance(called.raised, KeyError)
    assert captured.count == 1
    assert [event.request_id for event in captured.events] == called.ids


def test_an_exception_of_a_mounted_application_is_counted_once_though_both_answer_it(captured: CapturedEvents) -> None:
    mounted = Starlette(routes=ROUTES)
    _call(Starlette(routes=[Mount("/inner", mounted)]), "/inner/raises/3")
    assert [event.title for event in captured.events] == ["KeyError: 'pear'"]
    assert captured.count == 1


def test_an_exception_that_was_logged_before_is_one_event(captured: CapturedEvents) -> None:
    _call(APPS["plain"](), "/logs_and_raises/3")
    assert captured.count == 1


async def ws_fails(socket: WebSocket) -> None:
    await socket.accept()
    raise KeyError("pear")


NESTED = [
    Route("/leaf/{item}", raises),
    Mount("/deep/{level:int}", app=Router([Route("/leaf", raises), Route("/{rest:path}", raises)])),
]
TREE = [
    Route("/", raises),
    Route("/files/{name}.{ending}", raises),
    Mount("/users/{user}", routes=NESTED),
    Mount("/inner", app=Starlette(routes=NESTED)),
    Host("{tenant}.example.org", app=Router(NESTED)),
    WebSocketRoute("/socket/{room}", ws_fails),
]
TEMPLATES = (
    ({"path": "/"}, "/"),
    ({"path": "/users/jiwoo/leaf/3"}, "/users/{user}/leaf/{item}"),
    ({"path": "/users/3/leaf/3"}, "/users/{user}/leaf/{item}"),
    ({"path": "/users/users/leaf/leaf"}, "/users/{user}/leaf/{item}"),
    ({"path": "/users/jiwoo/deep/2/leaf"}, "/users/{user}/deep/{level}/leaf"),
    ({"path": "/users/jiwoo/deep/2/a/b/c"}, "/users/{user}/deep/{level}/{rest}"),
    ({"path": "/inner/leaf/3"}, "/inner/leaf/{item}"),
    ({"path": "/inner/deep/2/leaf"}, "/inner/deep/{level}/leaf"),
    ({"path": "/leaf/3", "headers": {"Host": "shop.example.org"}}, "/leaf/{item}"),
    ({"path": "/socket/lobby", "type": "websocket", "incoming": [{"type": "websocket.connect"}]}, "/socket/{room}"),
)


@pytest.mark.parametrize(("request_", "template"), TEMPLATES, ids=lambda value: str(value)[:60])
def test_the_route_is_the_whole_template(captured: CapturedEvents, request_: dict[str, Any], template: str) -> None:
    _call(Starlette(routes=TREE), **request_)
    assert [event.tags.get("route") for event in captured.events] == [template]


def test_what_no_route_takes_has_no_route_and_is_no_event(captured: CapturedEvents) -> None:
    assert _call(Starlette(routes=TREE), "/nowhere").status == 404
    assert _call(APPS["plain"](), "/raises/3", method="DELETE").status == 405
    assert captured.events == []


class Jiwoo(BaseUser):
    id = None

    def __init__(self) -> None:
        self.id = 7

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return "jiwoo@student.example"


class AlwaysJiwoo(AuthenticationBackend):
    async def authenticate(self, conn: Any) -> tuple[AuthCredentials, BaseUser]:
        return AuthCredentials(), Jiwoo()


def test_the_user_of_the_request_is_told_by_id(captured: CapturedEvents) -> None:
    known = [Middleware(AuthenticationMiddleware, backend=AlwaysJiwoo())]
    _call(Starlette(routes=ROUTES, middleware=known), "/raises/3")
    [event] = captured.events
    assert event.user == "7"
    assert "student.example" not in repr(event)


def test_we_stand_outside_all_middleware_and_leave_its_order_alone(captured: CapturedEvents) -> None:
    passed: list[tuple[str, bool]] = []

    def noting(name: str) -> Middleware:
        class Noting:
            def __init__(self, app: Any) -> None:
                self.app = app

            async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
                passed.append((name, request_id() is not None))
                await self.app(scope, receive, send)

        return Middleware(Noting)

    _call(Starlette(routes=ROUTES, middleware=[noting("first"), noting("second")]), "/fine/3")
    assert passed == [("first", True), ("second", True)]


def test_the_id_of_asgi_correlation_id_is_the_one_of_the_answer_and_of_the_event(captured: CapturedEvents) -> None:
    app = Starlette(routes=ROUTES, middleware=[Middleware(CorrelationIdMiddleware)])
    for name in ("raises", "breaks_off", "fine"):
        called = _call(app, f"/{name}/3")
        assert len(called.ids) == 1
        assert captured.events[-1].request_id == called.ids[0] or name == "fine"


def test_after_the_end_starlette_is_as_it_was() -> None:
    before = Starlette.__call__
    with capture_events():
        assert Starlette.__call__ is not before
    assert Starlette.__call__ is before


def test_without_integrations_starlette_is_left_alone() -> None:
    before = Starlette.__call__
    with capture_events(integrations=False) as captured:
        assert Starlette.__call__ is before
        assert _call(APPS["plain"](), "/raises/3").ids == []
        assert captured.events == []
