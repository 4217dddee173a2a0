"""aiohttp's server: every request to an application has an id, and what leaves its handlers and middleware is told.

aiohttp as a client stays as it is.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from typing import Any
from weakref import ref

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bongsu.capture.log_records import ask_first
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.exchange import FAILED_FROM, Exchange, overlook
from bongsu.integrations.work.request_facts import address
from bongsu.integrations.work.request_ids import HEADER, TRACE_HEADER
from bongsu.integrations.work.runs import placed

TIMED_OUT = 504  # what aiohttp answers for a TimeoutError that leaves the handler; for other exceptions 500

# How aiohttp begins its log lines of an exception that left the handler, and of no response.
REPORT = "Error handling request"
NO_RESPONSE = ("Missing return statement on request handler", "Web-handler should return a response instance")

# In the request. aiohttp before 3.14 has texts for keys, and since then warns of them.
_KEPT: Any = web.RequestKey("bongsu.exchange", object) if hasattr(web, "RequestKey") else "bongsu.exchange"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Prepare = Callable[[web.StreamResponse, web.BaseRequest], Awaitable[Any]]


def attach() -> Undo:
    """Stand around every application, outside its middleware: none of the host's is moved."""
    return all_of([watch(web.Application, "_handle", _around), _see_answers()])


@web.middleware
def middleware(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
    """For `web.Application(middlewares=[…])`, first; needed only with `bongsu.init(integrations=False)`."""
    _see_answers_for_good()
    return _served(request, handler)


class AiohttpExchange(Exchange):
    """One request; it keeps aiohttp's own object no longer alive than aiohttp does."""

    __slots__ = ("_seen", "status")

    def __init__(self, request: web.Request) -> None:
        self._seen = ref(request)
        self.status: int | None = None  # of the answer, once it has begun
        headers = request.headers
        super().__init__(request.method, headers.get(HEADER), headers.get(TRACE_HEADER))

    def route(self) -> object:
        request = self._seen()
        return None if request is None else _route_of(request)

    def described(self) -> Mapping[str, object]:
        request = self._seen()
        return {} if request is None else _described(request)

    def leave(self, request: web.Request, error: Exception) -> None:
        """An exception leaves the host's code; aiohttp makes an answer of it if none has begun."""
        if _has_left(request, error):
            overlook(error)
            self.leave_uncounted()
        elif isinstance(error, web.HTTPException):
            self.failed_as(error.status, error)
        else:
            self.fail(error, self.status or (TIMED_OUT if isinstance(error, TimeoutError) else FAILED_FROM))


def _around(handle: Callable[[Any, Any], Any], application: web.Application, request: web.Request) -> Awaitable[Any]:
    return _served(request, partial(handle, application))


def _served(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
    exchange = _begin(request)
    return handler(request) if exchange is None else _respond(exchange, request, handler)


async def _respond(exchange: AiohttpExchange, request: web.Request, handler: Handler) -> web.StreamResponse:
    with exchange.at_work():
        try:
            response = await handler(request)
        except Exception as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # aiohttp's debug page shows it
            exchange.leave(request, error)
            raise
    if not isinstance(response, web.StreamResponse):
        _tell_of_no_response(exchange, request, response)
    return response


@guarded(None)
def _tell_of_no_response(exchange: AiohttpExchange, request: web.Request, returned: object) -> None:
    """aiohttp goes on to answer 500, before 3.10 not at all, and does not say which handler it was."""
    handler = request.match_info.handler
    error = TypeError(f"{type(returned).__name__} instead of a response from {_name_of(handler)} or its middleware")
    exchange.fail(placed(error, getattr(handler, "__code__", None), str(handler.__module__)))


@guarded(None)
def _begin(request: web.Request) -> AiohttpExchange | None:
    if active() is None or _KEPT in request:
        return None
    exchange = request[_KEPT] = AiohttpExchange(request)
    return exchange


def _see_answers() -> Undo:
    """Every answer passes `prepare`, the pages that aiohttp makes itself too."""
    return all_of([watch(web.StreamResponse, "prepare", _prepare), ask_first("aiohttp", _tells)])


@cache
def _see_answers_for_good() -> None:
    _see_answers()


def _prepare(prepare: Prepare, response: web.StreamResponse, request: web.BaseRequest) -> Awaitable[Any]:
    exchange = _answered(response, request)
    preparing = prepare(response, request)
    return preparing if exchange is None else _at_work(exchange, preparing)


async def _at_work(exchange: AiohttpExchange, preparing: Awaitable[Any]) -> Any:
    """The host's `on_response_prepare` runs there, after its handlers."""
    with exchange.at_work():
        return await preparing


@guarded(None)
def _answered(response: web.StreamResponse, request: web.BaseRequest) -> AiohttpExchange | None:
    exchange = request.get(_KEPT)
    if not isinstance(exchange, AiohttpExchange) or response.prepared:
        return None
    exchange.renamed(response.headers.setdefault(HEADER, str(exchange.request_id)))
    exchange.status = response.status
    exchange.answer(response.status)
    return exchange


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    """What aiohttp logs of requests: a TimeoutError, not shown there, is told; a client's noise is no error."""
    if not isinstance(record.msg, str) or not record.msg.startswith(REPORT):
        return isinstance(record.msg, str) and record.msg.startswith(NO_RESPONSE)
    error = record.exc_info[1] if record.exc_info else None
    return error is None or (isinstance(error, HttpProcessingError) and error.code < FAILED_FROM)


def _has_left(request: web.Request, error: Exception) -> bool:
    """Whether the exception says that the client is gone; a service behind us may reset its connections too."""
    transport = request.transport
    return isinstance(error, ConnectionError) and (transport is None or transport.is_closing())


def _described(request: web.Request) -> Mapping[str, object]:
    match = request._match_info  # its property insists that there is one by now
    facts = {"url": address(request.path, request.rel_url.raw_query_string, match), "route": _route_of(request)}
    if match is not None and facts["route"] is not None:
        facts["handler"] = _name_of(match.handler)
    return {name: fact for name, fact in facts.items() if fact is not None}


def _route_of(request: web.Request) -> str | None:
    match = request._match_info
    resource = None if match is None else match.route.resource
    return None if resource is None else resource.canonical


def _name_of(handler: Any) -> str:
    named = handler if hasattr(handler, "__qualname__") else getattr(handler, "func", type(handler))
    return f"{named.__module__}.{named.__qualname__}"
