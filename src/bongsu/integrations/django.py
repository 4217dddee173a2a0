"""Django: every request has an id, and what Django itself takes for an unhandled error is told once.

The judge is Django's signal `got_request_exception`: what a view, a middleware's `process_exception` or a 4xx makes an
answer of never reaches it.
"""

import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any
from weakref import ref

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import RequestAborted  # type: ignore[import-untyped]
from django.core.handlers.base import BaseHandler  # type: ignore[import-untyped]
from django.core.signals import got_request_exception  # type: ignore[import-untyped]
from django.http import FileResponse  # type: ignore[import-untyped]
from django.http.request import UnreadablePostError  # type: ignore[import-untyped]
from django.http.response import HttpResponseBase  # type: ignore[import-untyped]
from django.utils.functional import LazyObject, empty  # type: ignore[import-untyped]

from bongsu.capture.context import mark_of, work_at_hand
from bongsu.capture.log_records import ask_first
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.exchange import FAILED_FROM, Exchange, is_failure, overlook
from bongsu.integrations.work.request_facts import address, user_id
from bongsu.integrations.work.request_ids import HEADER

CLIENT_LEFT = (RequestAborted, UnreadablePostError)
FAILURES_MAX = 2  # of a request that are told: a broken error page breaks again in every middleware around it
UID = "bongsu"

_KEPT = "_bongsu_exchange"  # on the request
_GIVEN = "_bongsu_request_id"  # on the response: the id that we gave it, since one response may be answered many times
_REPORTERS = ("django.request", "django.security")  # loggers of what the handler made of a request
_END = object()

Handler = Callable[[Any], Any]


def attach() -> Undo:
    """Stand around every handler, whatever the settings say: no middleware of the host is moved."""
    return all_of(
        [
            watch(BaseHandler, "get_response", _around),
            watch(BaseHandler, "get_response_async", _around_async),
            watch(BaseHandler, "process_exception_by_middleware", _handling),
            _listen(UID),
        ]
    )


class BongsuMiddleware:
    """For `MIDDLEWARE`, best in the first place; needed only with `bongsu.init(integrations=False)`."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        _listen_for_good()

    def __call__(self, request: Any) -> Any:
        exchange = _begin(request) if _exchange_of(request) is None else None
        respond = _respond_async if self._is_async else _respond
        return respond(exchange, self.get_response, request)


class DjangoExchange(Exchange):
    """One request; it keeps Django's own object no longer alive than Django does."""

    __slots__ = ("_failures", "_outer", "_seen")

    def __init__(self, request: Any) -> None:
        work, meta = work_at_hand(), request.META
        self._outer = work if isinstance(work, Exchange) and not work.is_answered else None
        self._seen = ref(request)
        self._failures = 0
        given = _text(meta.get("HTTP_X_REQUEST_ID")) if self._outer is None else self._outer.request_id
        super().__init__(str(request.method), given, _text(meta.get("HTTP_TRACEPARENT")))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a request that is pickled or copied leaves it behind

    def route(self) -> object:
        request = self._seen()
        return None if request is None else _route_of(request)

    def described(self) -> Mapping[str, object]:
        request = self._seen()
        return {} if request is None else _described(request)

    def fail(self, error: BaseException, status: int = 500) -> None:
        """Capture it, unless it says that the client went away: then nobody sees the answer, and it does not count."""
        self._failures += mark_of(error).event_id is None  # else it was seen before
        if isinstance(error, CLIENT_LEFT):
            overlook(error)
            self.leave_uncounted()
        elif self._failures > FAILURES_MAX:
            overlook(error)
        else:
            super().fail(error, status)
        self.handled = None  # this one came after it, or is it

    def answer(self, status: int) -> None:
        """Count the answer, for the exchange of a server's door too: it knows no route."""
        super().answer(status)
        if self._outer is not None:
            self._outer.leave_uncounted()


def _around(get_response: Callable[[Any, Any], Any], handler: Any, request: Any) -> Any:
    return _respond(_begin(request), partial(get_response, handler), request)


def _around_async(get_response: Callable[[Any, Any], Any], handler: Any, request: Any) -> Awaitable[Any]:
    return _respond_async(_begin(request), partial(get_response, handler), request)


def _handling(process: Callable[[Any, Exception, Any], Any], handler: Any, error: Exception, request: Any) -> Any:
    """What left a view, before the host's `process_exception` may make an answer of it: it is told if that is a 5xx."""
    exchange = _exchange_of(request)
    if exchange is not None:
        exchange.handled = error
    return process(handler, error, request)


@guarded(None)
def _begin(request: Any) -> DjangoExchange | None:
    if active() is None:
        return None
    exchange = DjangoExchange(request)
    setattr(request, _KEPT, exchange)
    return exchange


def _exchange_of(request: object) -> DjangoExchange | None:
    kept = getattr(request, _KEPT, None)
    return kept if isinstance(kept, DjangoExchange) else None


def _respond(exchange: DjangoExchange | None, get_response: Handler, request: Any) -> Any:
    if exchange is None:
        return get_response(request)
    with exchange.at_work():
        try:
            response = get_response(request)
        except BaseException as error:
            _leave(exchange, error)
            raise
        _end(exchange, response)
    return response


async def _respond_async(exchange: DjangoExchange | None, get_response: Handler, request: Any) -> Any:
    if exchange is None:
        return await get_response(request)
    with exchange.at_work():
        try:
            response = await get_response(request)
        except BaseException as error:
            _leave(exchange, error)
            raise
        _end(exchange, response)
    return response


def _leave(exchange: DjangoExchange, error: BaseException) -> None:
    """Django makes no answer of it: an exit, a middleware that forgot its answer, `DEBUG_PROPAGATE_EXCEPTIONS`."""
    exchange.fail(error)
    if is_failure(error):
        exchange.answer(500)


@guarded(None)
def _end(exchange: DjangoExchange, response: Any) -> None:
    if not isinstance(response, HttpResponseBase):
        return  # a middleware of the host forgot its answer, and Django is about to say so
    _name(exchange, response)
    exchange.failed_as(response.status_code)
    exchange.answer(response.status_code)
    is_file = isinstance(response, FileResponse)  # the server may send it by itself
    if getattr(response, "streaming", False) and not is_file:
        parts = _AsyncParts if response.is_async else _Parts
        response.streaming_content = parts(exchange, response)


def _name(exchange: DjangoExchange, response: Any) -> None:
    given = response.headers.get(HEADER)
    if given is None or given == getattr(response, _GIVEN, None):
        response.headers[HEADER] = exchange.request_id
        setattr(response, _GIVEN, exchange.request_id)
    else:
        exchange.renamed(given)


class _Parts:
    """What a streamed answer consists of, made in the context of its request."""

    def __init__(self, exchange: DjangoExchange, response: Any) -> None:
        self._exchange, self._status = exchange, response.status_code
        self._parts: Iterator[bytes] = iter(response.streaming_content)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> Any:
        with self._exchange.at_work():
            try:
                part = next(self._parts, _END)
            except Exception as error:
                self._exchange.fail(error, self._status)
                raise
        if part is _END:
            raise StopIteration
        return part


class _AsyncParts:
    """The same for an asynchronous one."""

    def __init__(self, exchange: DjangoExchange, response: Any) -> None:
        self._exchange, self._status = exchange, response.status_code
        self._parts: AsyncIterator[bytes] = aiter(response.streaming_content)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> Any:
        with self._exchange.at_work():
            try:
                part = await anext(self._parts, _END)
            except Exception as error:
                self._exchange.fail(error, self._status)
                raise
        if part is _END:
            raise StopAsyncIteration
        return part


def _listen(uid: str) -> Undo:
    got_request_exception.connect(_tell, weak=False, dispatch_uid=uid)
    stop_asking = ask_first("django", _tells)

    def undo() -> None:
        stop_asking()
        got_request_exception.disconnect(dispatch_uid=uid)

    return undo


@cache
def _listen_for_good() -> None:
    _listen(f"{UID}.middleware")


@guarded(None)
def _tell(request: Any = None, **_: object) -> None:
    error = sys.exc_info()[1]
    if error is None or request is None or active() is None:
        return
    exchange = _exchange_of(request) or DjangoExchange(request)  # a middleware before ours failed before it began
    exchange.fail(error)


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    """What Django logs of an answer: 4xx are the client's affair, and a 5xx without exception is told as such.

    The lines of `runserver` are an access log, some of them at ERROR.
    """
    if record.name == "django.server":
        return hasattr(record, "server_time")
    status = getattr(record, "status_code", None)
    if not isinstance(status, int) or not record.name.startswith(_REPORTERS):
        return False
    if status < FAILED_FROM:
        return True
    return not record.exc_info and _exchange_of(getattr(record, "request", None)) is not None


def _described(request: Any) -> Mapping[str, object]:
    match = getattr(request, "resolver_match", None)
    facts: dict[str, object] = {
        "url": address(request.path, request.META.get("QUERY_STRING", ""), getattr(match, "captured_kwargs", None)),
        "route": _route_of(request),
        "handler": None if match is None else _name_of(match.func),
        "user": _user_of(request),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _route_of(request: Any) -> str | None:
    """The route as written in the URLconf, with the slash before it that Django leaves out, and without the `^`."""
    route = getattr(getattr(request, "resolver_match", None), "route", None)
    return f"/{route}".replace("/^", "/") if isinstance(route, str) else None


def _name_of(view: Any) -> str:
    """The dotted name of a view; of a class, not of the function that its `as_view` made."""
    view = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    named = view if hasattr(view, "__name__") else getattr(view, "func", type(view))  # a partial; an object
    return f"{named.__module__}.{named.__name__}"


def _user_of(request: Any) -> str | None:
    """The id of the user, if the host has looked him up; we never do."""
    held = vars(request)
    user = held.get("user")
    if issubclass(type(user), LazyObject):
        user = user._wrapped
    if user is None or user is empty:
        user = held.get("_acached_user")
    key = getattr(getattr(type(user), "_meta", None), "pk", None)
    return user_id(user if key is None else vars(user).get(key.attname))


def _text(header: object) -> str | None:
    return header if isinstance(header, str) else None
