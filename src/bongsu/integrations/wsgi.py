"""Any WSGI application: each request has an id, also while its body is made piece by piece, and what fails is told.

The environ is read and the answer's head gets a header; bodies pass through unread.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bongsu.capture.context import work_at_hand
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.work.exchange import Exchange, is_failure
from bongsu.integrations.work.request_facts import QUERY_READ_MAX, address
from bongsu.integrations.work.request_ids import HEADER

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Headers = list[tuple[str, str]]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

_MARK = "bongsu.exchange"  # in the environ while the request lasts: who finds it stands inside another one of us
_NAME = HEADER.lower()


class BongsuMiddleware:
    """Around a WSGI application, as its outermost layer: `app = BongsuMiddleware(app)`."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return serve(self.app, environ, start_response)


class Known:
    """What is known of a request beside its environ; of a bare application, nothing."""

    __slots__ = ("environ",)

    def __init__(self, environ: Environ) -> None:
        self.environ = environ

    def route(self) -> str | None:
        """The route's template; asked for when the answer begins, and later."""
        return None

    def matched(self) -> Mapping[str, object] | None:
        """What the template took from the path."""
        return None

    def facts(self) -> Mapping[str, object]:
        """The handler, the user; what is None or empty is left out."""
        return {}


def serve(
    app: App, environ: Environ, start_response: StartResponse, knows: Callable[[Environ], Known] | None = None
) -> Iterable[bytes]:
    """Call the application, and see what becomes of the request; `knows` is for what its framework knows."""
    request = _arrived(environ, start_response, knows)
    if request is None:
        return app(environ, start_response)
    try:
        with request.at_work():
            body = app(environ, request.start)
    except BaseException as error:
        request.broke(error, 500)  # nothing was sent yet, whatever start_response was told
        request.end()
        raise
    watched = request.passing(body)
    return body if watched is None else watched


@guarded(None)
def _arrived(
    environ: Environ, start_response: StartResponse, knows: Callable[[Environ], Known] | None
) -> "WatchedRequest | None":
    request: WatchedRequest | None = environ.get(_MARK)
    if request is not None and knows is not None:
        request.known = knows(environ)
    if request is not None or active() is None:
        return None
    request = environ[_MARK] = WatchedRequest(environ, start_response, (knows or Known)(environ))
    return request


class WatchedRequest(Exchange):
    """A request to a WSGI application, until its body is closed."""

    __slots__ = ("_environ", "_outside", "_path", "_route", "_start", "_status", "known")

    def __init__(self, environ: Environ, start_response: StartResponse, known: Known) -> None:
        outside = work_at_hand()  # the same request, where an ASGI application has mounted this one
        self._outside = outside if isinstance(outside, Exchange) else None
        self._environ = environ
        self._path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")  # what is inside may change it
        self._start = start_response
        self._status: int | None = None
        self._route: str | None = None
        self.known = known
        given: str | None = environ.get("HTTP_X_REQUEST_ID")
        if given is None and self._outside is not None:
            given = self._outside.request_id
        super().__init__(environ.get("REQUEST_METHOD", ""), given, environ.get("HTTP_TRACEPARENT"))

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        """The application's start_response, on its way to the server's."""
        named = self._seen(status, headers, exc_info)
        error = () if exc_info is None else (exc_info,)
        return self._start(status, headers if named is None else named, *error)

    @guarded(None)
    def _seen(self, status: str, headers: Headers, exc_info: Any) -> Headers | None:
        """The headers with the request's id, unless they have one already."""
        self._status = int(status[:3])
        self._route = self.known.route()  # a framework may have forgotten it when the body is sent
        self.failed_as(self._status, exc_info[1] if exc_info else None)
        own = next((value for name, value in headers if name.lower() == _NAME), None)
        if own is None:
            return [*headers, (HEADER, str(self.request_id))]
        self.renamed(own)
        return None

    @guarded(None)
    def passing(self, body: Iterable[bytes]) -> Iterable[bytes] | None:
        """The body as the server needs it: what runs no code of the host's as it is, else watched while it runs."""
        wrapper = self._environ.get("wsgi.file_wrapper")
        is_file = isinstance(wrapper, type) and isinstance(body, wrapper)  # the server sends it by itself
        if is_file or type(body) in (list, tuple, bytes):
            self.end()
            return body
        self.count()
        return (_SizedBody if hasattr(body, "__len__") else _Body)(body, self)

    @guarded(None)
    def broke(self, error: BaseException, status: int | None = None) -> None:
        """An exception left the application."""
        self.fail(error, status or self._status or 500)
        if is_failure(error):
            self._status = status or self._status or 500

    def count(self) -> None:
        """The answer, as soon as its status is known; what fails in the body later is told as an exception."""
        if self._status is not None and not self.is_answered:
            self.answer(self._status)

    def end(self) -> None:
        """The answer is made."""
        self._environ.pop(_MARK, None)
        if self._outside is not None:
            self._outside.told = self.told or self._outside.told
        self.count()

    def route(self) -> object:
        return self._route or self.known.route()

    def described(self) -> Mapping[str, object]:
        path = self._path.encode("latin-1", "replace").decode("utf-8", "replace")  # PEP 3333 carries bytes so
        query = self._environ.get("QUERY_STRING", "")[: QUERY_READ_MAX + 1]
        known = {"route": self.route(), "url": address(path, query, self.known.matched()), **self.known.facts()}
        return {name: value for name, value in known.items() if value}


def request_of(environ: Environ) -> WatchedRequest | None:
    """The request that is seen to, if it is."""
    return environ.get(_MARK)


class _Body:
    """A body that is still being made; its request is at work in each step, and between them it is not."""

    def __init__(self, body: Iterable[bytes], request: WatchedRequest) -> None:
        self._body = body
        self._request = request
        self._pieces: Iterator[bytes] | None = None
        self._is_begun = False

    def __iter__(self) -> Iterator[bytes]:
        if self._pieces is None:
            self._pieces = self._step(iter, self._body)
        return self

    def __next__(self) -> bytes:
        self.__iter__()
        try:
            piece: bytes = self._step(next, self._pieces)
        except StopIteration:
            self._request.end()  # not every server calls close
            raise
        self._is_begun = self._is_begun or bool(piece)
        self._request.count()
        return piece

    def close(self) -> None:
        """What the server calls at the end, however it ended."""
        close = getattr(self._body, "close", None)
        try:
            if close is not None:
                self._step(close)
        finally:
            self._request.end()

    def _step(self, do: Callable[..., Any], *arguments: object) -> Any:
        try:
            with self._request.at_work():
                return do(*arguments)
        except StopIteration:
            raise
        except BaseException as error:
            self._request.broke(error, None if self._is_begun else 500)
            raise


class _SizedBody(_Body):
    """A body whose length servers may ask for, to send a Content-Length."""

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]
