"""What is known about the work at hand: request id, user, tags. Context variables: they nest, and follow `await`."""

from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

TRAIL_MAX = 20  # log lines of a request that ride with its event

TrailLine = tuple[float, int, str, str]
"""Of one log record: seconds since the epoch, logging's level number, logger, message as it was (not scrubbed yet)."""


class Work:
    """One request, task or run: its facts are asked for when an event is built, its log lines are kept until then."""

    __slots__ = ("_facts", "_request_id", "told", "trail")

    def __init__(
        self, facts: Callable[[], Mapping[str, object]] | None = None, *, request_id: str | None = None
    ) -> None:
        """`facts` answers for the method of that name."""
        self._facts = facts
        self._request_id = request_id
        self.trail: deque[TrailLine] = deque(maxlen=TRAIL_MAX)
        self.told: str | None = None  # id of the newest event of an exception in it

    def facts(self) -> Mapping[str, object]:
        """What is known by then: route, status, handler, user … Cheap; never raises, never queries a database."""
        return {} if self._facts is None else self._facts()

    @property
    def request_id(self) -> str | None:
        """The id that ties together its answer, its log lines and its events."""
        return self._request_id


class Mark(dict[str, object]):
    """What Bongsu remembers on an exception object: the event it became, and the context it left.

    It must not show: copied or pickled with its exception it becomes None, and written as JSON, an empty object.
    """

    __slots__ = ("context", "event_id", "told_in", "traceback", "work")

    def __init__(self) -> None:
        self.event_id: str | None = None
        self.context: Mapping[str, object] | None = None
        self.work: Work | None = None
        self.told_in: Work | None = None  # the one that its event belongs to
        self.traceback: TracebackType | None = None  # as it was when captured; the exception itself holds it anyway

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


# The interpreter's own getter: no property or __getattr__ of the host runs, and none of its classes can refuse.
_attributes_of: Callable[[BaseException], dict[str, Any]] = BaseException.__dict__["__dict__"].__get__

_current: ContextVar[Mapping[str, object]] = ContextVar("bongsu_context")
_work: ContextVar[Work | None] = ContextVar("bongsu_work", default=None)
_EMPTY: Mapping[str, object] = {}


def current() -> Mapping[str, object]:
    """The values in force here."""
    return _current.get(_EMPTY)


def work_at_hand() -> Work | None:
    """The request, task or run that this code belongs to."""
    return _work.get()


def request_id() -> str | None:
    """The request id in force: that of the innermost block, else of the work at hand."""
    given = current().get("request_id")
    if isinstance(given, str):
        return given
    work = work_at_hand()
    return None if work is None else work.request_id


def mark_of(exception: BaseException) -> Mark:
    """The exception's mark, made when absent."""
    attributes = _attributes_of(exception)
    mark = attributes.get("__bongsu__")
    if type(mark) is not Mark:
        mark = attributes["__bongsu__"] = Mark()
    return mark


class context:  # noqa: N801  # used like a function: `with bongsu.context(request_id=…):`
    """Values for every event inside the block: `request_id`, `user`, and any tags.

    Blocks nest, inner values win. Tasks and threads started inside by `copy_context` inherit them. An exception that
    leaves the block uncaught carries its values to whatever sees it later. With a `request_id` the block is a piece of
    work of its own: the last 20 log lines written inside ride with its events.
    """

    __slots__ = ("_token", "_values", "_work", "_work_token")

    def __init__(self, *, request_id: str | None = None, user: str | None = None, **tags: object) -> None:
        values: dict[str, object] = tags
        if request_id is not None:
            values["request_id"] = request_id
        if user is not None:
            values["user"] = user
        self._values = values
        self._work: Work | None = None if request_id is None else Work(request_id=request_id)
        self._token: Token[Mapping[str, object]] | None = None
        self._work_token: Token[Work | None] | None = None

    def __enter__(self) -> None:
        self._token = _current.set({**current(), **self._values})
        if self._work is not None:
            self._work_token = _work.set(self._work)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            mark = mark_of(error)
            if mark.context is None:
                mark.context, mark.work = current(), work_at_hand()
        try:
            if self._work_token is not None:
                _work.reset(self._work_token)
            if self._token is not None:
                _current.reset(self._token)
        except ValueError:  # left in another context than entered (a generator closed elsewhere): nothing to undo
            return
        finally:
            self._token = self._work_token = None


def working(work: Work, request_id: str | None = None) -> context:
    """The context of a piece of work, for integrations; `request_id` names one that has no id of its own."""
    if request_id is not None:
        work._request_id = request_id
    made = context()
    made._work = work
    return made


def carried() -> context | None:
    """A block with what is in force here, to be entered once in another thread; None where nothing is."""
    values, work = current(), work_at_hand()
    if not values and work is None:
        return None
    made = context()
    made._values, made._work = dict(values), work
    return made
