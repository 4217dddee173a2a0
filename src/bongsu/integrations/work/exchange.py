"""A request and its answer, as the middleware of every web framework sees them."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext

from bongsu.capture.context import Work, context, mark_of, working
from bongsu.capture.exceptions import traceback_of
from bongsu.client import active, report
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.integrations.work.request_ids import adopted, chosen, sound

ROUTE_LENGTH_MAX = 200  # characters of a route template
METHOD_LENGTH_MAX = 20  # characters; the longest registered one, UPDATEREDIRECTREF, has 17
LOOKED_AT_MAX = 10  # members of a group, groups within groups, and causes
FAILED_FROM = 500  # answers from this status on are the server's own failures (RFC 9110 §15.6)

Described = Callable[[], Mapping[str, object]]
"""What the framework knows by now: route (the template), url, handler, user. Cheap; never queries a database."""

_NO_FAILURES = frozenset(
    {
        ("asyncio.exceptions", "CancelledError"),
        ("builtins", "GeneratorExit"),
        ("builtins", "KeyboardInterrupt"),
        ("greenlet", "GreenletExit"),
        ("gunicorn.http.errors", "NoMoreData"),
        ("starlette.requests", "ClientDisconnect"),
        ("starlette.websockets", "WebSocketDisconnect"),
        ("trio", "Cancelled"),
        ("uvicorn.protocols.utils", "ClientDisconnected"),
        ("werkzeug.exceptions", "ClientDisconnected"),
    }
)
"""Module and name: who ends a request, or leaves before its answer, makes no error."""


class Exchange(Work):
    """One request, from its arrival to its answer.

    A middleware makes it when the request arrives, works inside `with exchange.at_work():`, and calls `fail` for an
    exception that left the host's code, and `answer` once when the answer's status is known.
    """

    __slots__ = ("_began_at", "_described", "_is_answered", "_is_left", "handled", "method")

    def __init__(
        self, method: str, given: str | None, traceparent: str | None, described: Described | None = None
    ) -> None:
        """`given` and `traceparent` are the values of those two headers, as they came in.

        `described` answers for the method of that name.
        """
        super().__init__(request_id=chosen(given, traceparent))
        self.method = method[:METHOD_LENGTH_MAX]
        self._described = described
        self._began_at = SYSTEM.monotonic()
        self._is_answered = False
        self._is_left = False  # by its client: nobody reads the 5xx answer that is made of that
        self.handled: BaseException | None = None  # what the host made an answer of, by a handler of its own

    @property
    def request_id(self) -> str | None:
        if found := adopted():
            self._request_id = found  # it stays after the other library's own block has ended
        return self._request_id

    @property
    def is_answered(self) -> bool:
        """Whether `answer` was called: nothing more belongs to it."""
        return self._is_answered

    def leave_uncounted(self) -> None:
        """Its answer is counted by another exchange, or goes to nobody."""
        self._is_answered = True

    def renamed(self, answered: object) -> None:
        """The host's own answer says another id: that is the one its reader has."""
        self._request_id = sound(answered) or self._request_id

    def at_work(self) -> context:
        """The block in which events and log lines belong to this request."""
        return working(self)

    @guarded({})
    def facts(self) -> Mapping[str, object]:
        passed_ms = (SYSTEM.monotonic() - self._began_at) * 1_000
        return {"method": self.method, **self.described(), "duration": f"{passed_ms:.0f} ms"}

    def described(self) -> Mapping[str, object]:
        """What the framework knows by now; asked for when there is an event."""
        return {} if self._described is None else self._described()

    def route(self) -> object:
        """The route's template, if there is one; asked for at every request, so it should be cheap."""
        return self.described().get("route")

    @guarded(None)
    def fail(self, error: BaseException, status: int = 500) -> None:
        """Capture an exception that the host's code did not handle; the answer will have that status.

        A group of one is told as that one, and one that was raised from a told one not again. A cancelled task or a
        client that went away is no error.
        """
        alone = _alone(error)
        self._let_go_of_earlier(alone)
        fails, told = is_failure(alone), self._told_before(alone)
        self._is_left = self._is_left or (not fails and isinstance(alone, Exception))  # what ends a task is none
        if told is None and fails:
            with self.at_work():
                told = report(alone, tags={"status": status})
        self.told = told or self.told
        if told is not None or not fails:
            overlook(error)

    def _let_go_of_earlier(self, error: BaseException) -> None:
        """An exception object that is raised in many requests is told with each one that it breaks."""
        mark = mark_of(error)
        if self._is_after(mark.work):
            mark.context = mark.work = None
        if self._is_after(mark.told_in) and mark.event_id != self.told:  # else by a part of this request
            mark.event_id = mark.told_in = None

    def _is_after(self, work: Work | None) -> bool:
        return isinstance(work, Exchange) and work is not self and work.is_answered

    def _told_before(self, error: BaseException) -> str | None:
        """The event of this request whose exception this one was raised from, if there is one."""
        cause = error.__cause__
        for _ in range(LOOKED_AT_MAX):
            if cause is None or self.told is None:
                break
            if mark_of(cause).event_id == self.told:
                return self.told
            cause = cause.__cause__
        return None

    def failed_as(self, status: int, error: BaseException | None = None) -> None:
        """The host answers with that status: above 500 the exception it made the answer of is told.

        `error` is that exception, else the one in `handled`. One that is only an answer (`HTTPException`) is not told.
        """
        error, self.handled = self.handled if error is None else error, None
        if error is not None and status >= FAILED_FROM and not is_answer(error):
            self.fail(error, status)

    @guarded(None)
    def answer(self, status: int) -> None:
        """Count the answer; a second call is the same answer."""
        client = active()
        if client is None or self._is_answered or (self._is_left and status >= FAILED_FROM):
            return
        self._is_answered = True
        route = self.route()
        told = str(route)[:ROUTE_LENGTH_MAX] if route else None
        with self.at_work() if status >= FAILED_FROM else nullcontext():  # what it tells is told with its request
            client.answered(self.method, told, status, told=self.told is not None)


def is_failure(error: BaseException) -> bool:
    """Whether it is an error at all: not a cancelled task, a clean exit, or a client that went away."""
    waiting = [error]
    for _ in range(LOOKED_AT_MAX):
        if not waiting:
            return False
        current = waiting.pop()
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        elif not _is_no_failure(current):
            return True
    return bool(waiting)


def _is_no_failure(error: BaseException) -> bool:
    if isinstance(error, SystemExit):  # gunicorn ends a request that takes too long with 1
        return error.code in (None, 0)
    return any((kind.__module__, kind.__name__) in _NO_FAILURES for kind in type(error).__mro__)


def is_answer(error: BaseException) -> bool:
    """Whether it is an HTTP answer in the form of an exception, and there is no other exception behind it."""
    behind = error.__cause__ if error.__suppress_context__ else error.__context__  # a cause suppresses the context
    return behind is None and any(kind.__name__ == "HTTPException" for kind in type(error).__mro__)


def overlook(error: BaseException) -> None:
    """Nothing more is told of it: it is no error, or it has been told as another one."""
    mark = mark_of(error)
    mark.event_id, mark.traceback = mark.event_id or "", traceback_of(error)


def _alone(error: BaseException) -> BaseException:
    """The one exception of a group of one, as anyio's task groups raise it; else the error itself."""
    for _ in range(LOOKED_AT_MAX):
        if not isinstance(error, BaseExceptionGroup) or len(error.exceptions) != 1:
            break
        if traceback_of(error.exceptions[0]) is None:  # collected, never raised: the group alone says where
            break
        error = error.exceptions[0]
    return error
