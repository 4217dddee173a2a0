"""An exception kept for whoever asks for a result: told when nobody did, and nobody can any more."""

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FrameType, TracebackType
from typing import Any

from bongsu.capture.context import carried
from bongsu.capture.hooks import NOT_ERRORS
from bongsu.client import active, report
from bongsu.client.guard import guarded

TAGS = {"result": "never asked for"}
GIVEN_UP = "_bongsu_given_up"
KEPT = "_bongsu_unread"

TRACEBACK_READ_MAX = 64 << 10  # characters of a traceback as text, its end; 100 calls have some 15 000
PLACES_MAX = 100  # calls of it, the innermost; a card shows fewer
CODES_MAX = 1_024  # functions kept, so that equal errors are one problem

_REMOTE = ("_RemoteTraceback", "RemoteTraceback")  # of concurrent.futures and multiprocessing: the stack as a text
_CALL = re.compile(r'^ *File "(.+)", line (\d+), in (.+)$', re.MULTILINE)


class Unread:
    """Lies beside the exception, and goes with it: at that moment it tells of it, unless it was asked for."""

    __slots__ = ("_block", "_error")

    def __init__(self, error: BaseException) -> None:
        self._error: BaseException | None = error
        self._block = carried()

    def forget(self) -> None:
        """Somebody asked, or let it be known that nobody will."""
        self._error = None

    def __del__(self) -> None:
        if self._error is not None and not sys.is_finalizing():
            self._tell(self._error)

    @guarded(None)
    def _tell(self, error: BaseException) -> None:
        if active() is None or hasattr(sys, "ps1"):  # at a prompt, who made the mistake is reading it
            return
        if self._block is None:
            report(with_its_stack(error), tags=TAGS)
            return
        with self._block:
            report(with_its_stack(error), tags=TAGS)


class Watched:
    """Stands before the attribute that holds the exception: sees it set and read, without a frame in any traceback."""

    def __init__(self, name: str, failed: Callable[[dict[str, Any]], BaseException | None]) -> None:
        """`failed` reads the exception, if it is one, from the object's attributes."""
        self._name = name
        self._failed = failed

    def __set__(self, owner: Any, value: object) -> None:
        attributes = owner.__dict__
        attributes[self._name] = value
        if value is not None:
            self._watch(attributes)

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            raise AttributeError(self._name)
        attributes = owner.__dict__
        if KEPT in attributes:
            attributes[KEPT].forget()
        try:
            return attributes[self._name]
        except KeyError:
            raise AttributeError(f"{type(owner).__name__!r} object has no attribute {self._name!r}") from None

    @guarded(None)
    def _watch(self, attributes: dict[str, Any]) -> None:
        error = self._failed(attributes)
        if error is not None and GIVEN_UP not in attributes and is_error(error):
            attributes[KEPT] = Unread(error)


def give_up(owner: Any) -> None:
    """Nobody will ask for this result any more, and that is wanted."""
    attributes = owner.__dict__
    attributes[GIVEN_UP] = True
    if KEPT in attributes:
        attributes[KEPT].forget()


def is_error(error: BaseException) -> bool:
    """Not an end that somebody asked for, and not a cancellation, whichever library's it is."""
    return not isinstance(error, NOT_ERRORS) and all(kind.__name__ != "CancelledError" for kind in type(error).__mro__)


def with_its_stack(error: BaseException) -> BaseException:
    """The exception; one that came from another process gets back the stack that travelled with it as a text."""
    cause = error.__cause__
    if error.__traceback__ is not None or type(cause).__name__ not in _REMOTE:
        return error
    text = str(getattr(cause, "tb", ""))[-TRACEBACK_READ_MAX:].rpartition("Traceback (most recent call last):")[2]
    error.__cause__ = None  # said by the stack
    return error.with_traceback(_stack(_CALL.findall(text)[-PLACES_MAX:]))


def _stack(calls: list[tuple[str, str, str]]) -> TracebackType | None:
    inner: TracebackType | None = None
    for path, line, name in reversed(calls):
        inner = TracebackType(inner, _frame(_code(path, name)), 0, int(line))
    return inner


def _frame(code: CodeType) -> FrameType:
    """A frame of that code: only running code has one."""
    namespace: dict[str, Any] = {"here": sys._getframe, "frame": None}
    exec(code, namespace)
    frame: FrameType = namespace.pop("frame")
    return frame


@lru_cache(maxsize=CODES_MAX)
def _code(path: str, name: str) -> CodeType:
    return compile("frame = here()", path, "exec").replace(co_name=name, co_qualname=name)
