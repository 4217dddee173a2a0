"""What is known about the work at hand: request id, user, tags. Context variables: they nest, and follow `await`."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any


class Mark(dict[str, object]):
    """What Bongsu remembers on an exception object: the event it became, and the context it left.

    It must not show: copied or pickled with its exception it becomes None, and written as JSON, an empty object.
    """

    __slots__ = ("context", "event_id", "traceback")

    def __init__(self) -> None:
        self.event_id: str | None = None
        self.context: Mapping[str, object] | None = None
        self.traceback: TracebackType | None = None  # as it was when captured; the exception itself holds it anyway

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


# The interpreter's own getter: no property or __getattr__ of the host runs, and none of its classes can refuse.
_attributes_of: Callable[[BaseException], dict[str, Any]] = BaseException.__dict__["__dict__"].__get__

_current: ContextVar[Mapping[str, object]] = ContextVar("bongsu_context")
_EMPTY: Mapping[str, object] = {}


def current() -> Mapping[str, object]:
    """The values in force here."""
    return _current.get(_EMPTY)


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
    leaves the block uncaught carries its values to whatever sees it later.
    """

    __slots__ = ("_token", "_values")

    def __init__(self, *, request_id: str | None = None, user: str | None = None, **tags: object) -> None:
        values: dict[str, object] = tags
        if request_id is not None:
            values["request_id"] = request_id
        if user is not None:
            values["user"] = user
        self._values = values
        self._token: Token[Mapping[str, object]] | None = None

    def __enter__(self) -> None:
        self._token = _current.set({**current(), **self._values})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            mark = mark_of(error)
            if mark.context is None:
                mark.context = current()
        if self._token is not None:
            try:
                _current.reset(self._token)
            except ValueError:  # left in another context than entered (a generator closed elsewhere): nothing to undo
                return
            finally:
                self._token = None
