"""Calls to other services carry the id of the request they are made for: one id finds the log lines of both.

Nothing is added where there is no request, and a header that is there already stays. For clients other than these,
`headers()` is what to send.
"""

from collections.abc import Callable, Mapping, MutableMapping
from inspect import iscoroutinefunction
from typing import Any, Protocol, TypeVar

from bongsu.integrations.work.request_ids import outgoing

__all__ = ["for_httpx", "for_requests", "for_urllib3", "headers"]

Client = TypeVar("Client")

_HEADERS_AT = 3  # their place among the arguments of a connection pool's urlopen


class _Call(Protocol):
    """A request of httpx or requests, ready to be sent."""

    @property
    def headers(self) -> MutableMapping[str, Any]: ...


def headers() -> dict[str, str]:
    """The headers of a call that is made now: `X-Request-ID` of the request at hand, else nothing."""
    return outgoing()


def for_httpx(client: Client) -> Client:
    """The same `httpx.Client` or `httpx.AsyncClient`; an event hook of its adds the header."""
    theirs: Any = client
    theirs.event_hooks["request"].append(_add_async if iscoroutinefunction(theirs.send) else _add)
    return client


def for_requests(session: Client) -> Client:
    """The same `requests.Session`; its `send` adds the header."""
    theirs: Any = session
    hosts: Callable[..., Any] = theirs.send

    def send(request: _Call, **options: Any) -> Any:
        _add(request)
        return hosts(request, **options)

    theirs.send = send
    return session


def for_urllib3(pool: Client) -> Client:
    """The same `urllib3.PoolManager`, `ProxyManager` or connection pool; its `urlopen`, so `request` too, adds it."""
    theirs: Any = pool
    hosts: Callable[..., Any] = theirs.urlopen

    def urlopen(*arguments: Any, **options: Any) -> Any:
        if len(arguments) > _HEADERS_AT:  # a connection pool repeats its call so
            given = arguments[_HEADERS_AT]
            named = _with_id(theirs.headers if given is None else given)
            return hosts(*arguments[:_HEADERS_AT], named, *arguments[_HEADERS_AT + 1 :], **options)
        given = options.get("headers")
        return hosts(*arguments, **{**options, "headers": _with_id(theirs.headers if given is None else given)})

    theirs.urlopen = urlopen
    return pool


def _add(call: _Call) -> None:
    for name, value in outgoing().items():
        call.headers.setdefault(name, value)


async def _add_async(call: _Call) -> None:
    _add(call)


def _with_id(given: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """These headers and the request's id; the very same where there is none to add."""
    ours = outgoing()
    known = {name.lower() for name in given or ()}
    missing = {name: value for name, value in ours.items() if name.lower() not in known}
    if not missing:
        return given
    extended: Any = {} if given is None else given.copy() if hasattr(given, "copy") else dict(given)
    extended.update(missing)
    return extended  # type: ignore[no-any-return]
