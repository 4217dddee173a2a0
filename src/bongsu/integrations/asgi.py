"""Any ASGI application: each request and each WebSocket has an id, and what fails in it is told.

The scope is read and the answer's head gets a header; bodies pass through unread.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.work.exchange import Exchange, is_failure, overlook
from bongsu.integrations.work.request_facts import QUERY_READ_MAX, address, user_id
from bongsu.integrations.work.request_ids import HEADER, LENGTH_MAX, TRACE_HEADER, TRACE_LENGTH_MAX, correlated
from bongsu.integrations.work.templates import route_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_MARK = "bongsu.exchange"  # in the scope while the request lasts: who finds it stands inside another one of us
_NAME, _TRACE_NAME = HEADER.lower().encode(), TRACE_HEADER.encode()
_ACCEPTED, _REFUSED, _BROKE_OFF = 101, 403, 1011  # a WebSocket: the answers of its handshake, and RFC 6455 §7.4.1


class BongsuMiddleware:
    """Around an ASGI application, as its outermost layer: `app = BongsuMiddleware(app)`."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(self.app, scope, receive, send)


async def serve(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Call the application, and see what becomes of the request."""
    request = _arrived(scope, send)
    if request is None:
        await app(scope, receive, send)
        return
    try:
        with request.at_work():
            await app(scope, receive, request.send)
    except BaseException as error:
        request.broke(error)
        raise
    finally:
        request.end()


@guarded(None)
def _arrived(scope: Scope, send: Send) -> "_Request | None":
    if scope["type"] not in ("http", "websocket") or active() is None or _MARK in scope:
        return None
    request = scope[_MARK] = _Request(scope, send)
    return request


class _Request(Exchange):
    """A request, or the whole of a WebSocket."""

    __slots__ = ("_is_named_outside", "_path", "_scope", "_send", "_status")

    def __init__(self, scope: Scope, send: Send) -> None:
        given = trace = None
        for name, value in scope["headers"]:
            if name == _NAME:
                given = given or value[: LENGTH_MAX + 1].decode("latin-1")
            elif name == _TRACE_NAME:
                trace = value[:TRACE_LENGTH_MAX].decode("latin-1")
        self._path = scope["path"]  # what is inside may change it
        self._scope = scope
        self._send = send
        self._status: int | None = None
        self._is_named_outside = given is not None and given == correlated()  # its middleware adds the header itself
        super().__init__(scope.get("method", "WEBSOCKET"), given, trace)

    async def send(self, message: Message) -> None:
        """What the application sends, on its way to the server."""
        try:
            await self._send(self._seen(message) or message)
        except OSError as error:  # the client has gone
            overlook(error)
            raise

    @guarded(None)
    def _seen(self, message: Message) -> Message | None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self._status = message["status"]
                self.failed_as(message["status"], sys.exc_info()[1])  # answered from within an except block
                return self._named(message)
            case "websocket.accept":
                self._status = _ACCEPTED
                return self._named(message)
            case "websocket.close" if self._status is None:
                self._status = _REFUSED
        return None

    def _named(self, message: Message) -> Message:
        """The head of the answer with the request's id, unless it has one already."""
        headers = list(message.get("headers") or ())
        own = next((value for name, value in headers if name.lower() == _NAME), None)
        if own is not None:
            self.renamed(own.decode("latin-1"))
        elif not self._is_named_outside:
            headers.append((_NAME, str(self.request_id).encode()))
        return {**message, "headers": headers}

    @guarded(None)
    def broke(self, error: BaseException) -> None:
        """An exception left the application."""
        status = _BROKE_OFF if self._status == _ACCEPTED else self._status or 500
        self.fail(error, status)
        if self._status is None and is_failure(error):
            self._status = status  # the server's own answer

    def end(self) -> None:
        """The application has returned."""
        self._scope.pop(_MARK, None)
        if self._status is not None:
            self.answer(self._status)

    def route(self) -> object:
        return route_of(self._scope, self._path)

    def described(self) -> Mapping[str, object]:
        scope = self._scope
        query = scope.get("query_string", b"")[: QUERY_READ_MAX + 1].decode("latin-1")
        known = {
            "route": self.route(),
            "url": address(self._path, query, scope.get("path_params")),
            "handler": _name(scope.get("endpoint")),
            "user": user_id(scope.get("user")),
        }
        return {name: value for name, value in known.items() if value}


def _name(endpoint: object) -> str | None:
    name = getattr(endpoint, "__qualname__", None)
    return name and f"{getattr(endpoint, '__module__', '')}.{name}"
