"""An exception as fields of a log line, and the group that its event has."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bongsu.capture.context import mark_of
from bongsu.capture.exceptions import WALK_MAX, describe, printable, traceback_of
from bongsu.capture.log_records import template_of
from bongsu.capture.reading import Sources, event_of
from bongsu.capture.recorder import NAME_LENGTH_MAX
from bongsu.event import CapturedException, Event, Frame, Kind, Level, Relation
from bongsu.scrubbing import scrub

STACK_MAX = 20  # calls of a line; the crash and the way to it
CAUSES_MAX = 4  # further exceptions of the chain
CAUSE_MAX = 500  # characters of each
CALL_MAX = 300  # characters of one call

_WORDS = {Relation.CAUSE: "caused by", Relation.CONTEXT: "while handling", Relation.MEMBER: "member"}


class _NotRead(Sources):
    """No source lines: a log call waits for no disk."""

    def line(self, path: str, number: int) -> None:
        return None


_NOT_READ = _NotRead()


def failure_fields(
    error: BaseException, environment: str, roots: Sequence[str], group_of: Callable[[Event], str]
) -> dict[str, object]:
    """Type, message, causes, in-app stack from the outermost call to the crash, and the group."""
    exceptions, _ = describe(error, with_locals=False)
    event = _event(
        {"kind": Kind.EXCEPTION, "message": exceptions[0]["message"], "exceptions": exceptions}, environment, roots
    )
    raised, *others = event.exceptions
    found: dict[str, object] = {"exception_type": raised.type, "exception_message": raised.message}
    if others:
        found["causes"] = [_cause(each) for each in others[:CAUSES_MAX]]
    found["stack"] = _stack(event)
    found["group"] = group_of(_as_captured(event, error))
    return found


def event_of_text(record: logging.LogRecord, message: str, environment: str) -> Event:
    """A record without an exception as the event that it becomes, as far as its group goes."""
    data = {
        "kind": Kind.LOG,
        "message": scrub(message),
        "template": scrub(template_of(record)),
        "logger": scrub(printable(record.name), limit=NAME_LENGTH_MAX),
    }
    return _event(data, environment, ())


def _event(data: Mapping[str, Any], environment: str, roots: Sequence[str]) -> Event:
    header = {"app": "", "environment": environment, "release": None, "host": "", "pid": 0, "roots": roots}
    return event_of({"id": "", "at": 0.0, "level": Level.ERROR, **data}, header, _NOT_READ)


def _as_captured(event: Event, error: BaseException) -> Event:
    """The event as it was when the exception became one: since then its traceback may have grown by callers."""
    grown = _steps_to(mark_of(error).traceback, error)
    raised, *others = event.exceptions
    frames = raised.frames[grown:]
    return replace(event, exceptions=(replace(raised, frames=frames), *others)) if grown and frames else event


def _steps_to(captured: object, error: BaseException) -> int:
    traceback = traceback_of(error)
    for steps in range(WALK_MAX):
        if traceback is None or traceback is captured:
            return steps if traceback is not None else 0
        traceback = traceback.tb_next
    return 0


def _cause(exception: CapturedException) -> str:
    text = f"{_WORDS[exception.relation]} {exception.type}: {exception.message}"
    return scrub(text, limit=CAUSE_MAX)


def _stack(event: Event) -> list[str]:
    """The in-app calls of the first exception that has any frame; where there are none, the crash."""
    for exception in event.exceptions:
        if exception.frames:
            own = [frame for frame in exception.frames if frame.in_app] or exception.frames[-1:]
            return [_call(frame) for frame in own[-STACK_MAX:]]
    return []


def _call(frame: Frame) -> str:
    text = f"{frame.path}:{frame.line} in {frame.function}"
    return text if len(text) <= CALL_MAX else "…" + text[1 - CALL_MAX :]
