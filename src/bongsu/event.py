"""The event: one thing that happened, scrubbed and bounded, in plain immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is, in rising order."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Kind(StrEnum):
    """Which door the event came in by."""

    EXCEPTION = "exception"
    LOG = "log"  # a log record without an exception
    MESSAGE = "message"  # capture_message
    RECORD = "record"  # notify: an operational record, never grouped
    CRASH = "crash"  # the interpreter itself died; told by faulthandler at the next start
    HTTP = "http"  # answers of a server that no exception explains
    EXPECTATION = "expectation"  # too few of what was counted
    HEARTBEAT = "heartbeat"  # of a job


class Relation(StrEnum):
    """How an exception of a chain came to be there."""

    RAISED = "raised"  # the one that was captured
    CAUSE = "cause"  # raise … from this
    CONTEXT = "context"  # raised while handling this
    MEMBER = "member"  # of an exception group


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One call of a traceback."""

    function: str
    module: str
    path: str  # as shown: relative to the application's root where possible
    line: int
    in_app: bool
    source: str | None = None  # the source line, stripped and scrubbed
    locals: Mapping[str, str] | None = None  # bounded, scrubbed reprs


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedException:
    """One exception of a chain. Frames run from the outermost call to the crash."""

    type: str
    module: str
    message: str
    frames: tuple[Frame, ...] = ()
    relation: Relation = Relation.RAISED
    frames_omitted: int = 0  # left out of the middle of a long traceback


class Problem(StrEnum):
    """What a watch found to be wrong."""

    UNMET = "unmet"  # an expectation: too few
    MISSED = "missed"  # a heartbeat: nothing heard when it was due, grace included
    LATE = "late"  # it came after that, and nobody had noticed until then
    FAILED = "failed"
    KILLED = "killed"  # the process of a run is gone, and the run had not ended
    OVERLAPPING = "overlapping"  # a run began while another one went on
    TOO_LONG = "too_long"
    ANSWER = "answer"  # one 5xx answer without an exception
    BURST = "burst"  # bad answers beyond the threshold

    @property
    def lasts(self) -> bool:
        """Whether it is over only when something good was seen: silence is no recovery."""
        return self in _LASTING

    @property
    def level(self) -> Level:
        """How bad it is."""
        return Level.WARNING if self in _WARNINGS else Level.ERROR


_WARNINGS = frozenset({Problem.LATE, Problem.OVERLAPPING, Problem.TOO_LONG})
_LASTING = frozenset({Problem.UNMET, Problem.MISSED, Problem.FAILED, Problem.KILLED, Problem.TOO_LONG, Problem.BURST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a watch found: where, what, and the numbers that say it. Not in words: those are the reader's language."""

    problem: Problem
    name: str  # of the expectation or heartbeat; of answers, e.g. `5xx` or `503 GET /orders`
    count: int = 0  # UNMET: how many there were; BURST: bad answers; OVERLAPPING: runs at once
    wanted: int = 0  # UNMET: how many at least; BURST: all answers
    span_s: float = 0.0  # UNMET, BURST: the window; MISSED: silence; LATE: how late; TOO_LONG, KILLED: the run so far
    allowed_s: float = 0.0  # MISSED: the period; TOO_LONG: the most


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A log line of the request that had the event, written before it."""

    at: float
    level: Level
    logger: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One captured happening. Every text in it is scrubbed and capped before it exists."""

    id: str  # 32 hex digits
    at: float  # seconds since the epoch
    kind: Kind
    level: Level
    message: str  # of the exception, the log record (formatted) or the user
    app: str
    environment: str
    exceptions: tuple[CapturedException, ...] = ()  # the captured one first, then its causes and members
    template: str | None = None  # the unformatted log message
    logger: str | None = None
    source: str | None = None  # path:line where a log record or message was made; exceptions have frames
    tags: Mapping[str, str] = field(default_factory=dict)  # "status" and "route" are shown on the card
    user: str | None = None
    request_id: str | None = None
    release: str | None = None
    host: str = ""
    pid: int = 0
    thread: str = ""
    handled: bool = True  # False: nobody caught it (a hook saw it)
    trail: tuple[LogLine, ...] = ()  # the last log lines of the request, the newest last
    finding: Finding | None = None  # of a watch; its events have one, and no others
    channel: str | None = None  # asked for by the caller
    payload: str | None = None  # RECORD only: a raw Slack payload as JSON
    problem: str | None = None  # RECORD only: what was wrong with the payload that is now plain text

    @property
    def title(self) -> str:
        """`Type: first line of the message`, or the message's first line alone."""
        first_line = self.message.strip().partition("\n")[0].strip()
        if not self.exceptions:
            return first_line
        name = self.exceptions[0].type
        return f"{name}: {first_line}" if first_line else name

    @property
    def culprit(self) -> Frame | None:
        """The frame a developer should open first: the innermost in-app one, else the innermost.

        An exception group without frames of its own answers with those of its first member.
        """
        for exception in self.exceptions:
            if exception.frames:
                own = [frame for frame in exception.frames if frame.in_app]
                return own[-1] if own else exception.frames[-1]
        return None

    @property
    def location(self) -> str:
        """`path:line` of the culprit, else of the log call; empty when unknown."""
        frame = self.culprit
        return f"{frame.path}:{frame.line}" if frame else self.source or ""


def to_json(event: Event) -> dict[str, Any]:
    """The event as JSON values; `from_json` is its inverse."""
    data = {name: getattr(event, name) for name in Event.__slots__}
    data["tags"] = dict(event.tags)
    data["exceptions"] = [_exception_to_json(exception) for exception in event.exceptions]
    data["trail"] = [{name: getattr(line, name) for name in LogLine.__slots__} for line in event.trail]
    data["finding"] = finding_to_json(event.finding) if event.finding else None
    return data


def from_json(data: Mapping[str, Any]) -> Event:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    values = dict(data)
    values["kind"] = Kind(values["kind"])
    values["level"] = Level(values["level"])
    values["exceptions"] = tuple(_exception_from_json(item) for item in values["exceptions"])
    values["trail"] = tuple(LogLine(**{**line, "level": Level(line["level"])}) for line in values.get("trail", ()))
    values["finding"] = finding_from_json(values["finding"]) if values.get("finding") else None
    return Event(**values)


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """The finding as JSON values; `finding_from_json` is its inverse."""
    return {name: getattr(finding, name) for name in Finding.__slots__}


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """The inverse of `finding_to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    return Finding(**{**data, "problem": Problem(data["problem"])})


def _exception_to_json(exception: CapturedException) -> dict[str, Any]:
    data = {name: getattr(exception, name) for name in CapturedException.__slots__}
    data["frames"] = [{name: getattr(frame, name) for name in Frame.__slots__} for frame in exception.frames]
    return data


def _exception_from_json(data: Mapping[str, Any]) -> CapturedException:
    values = dict(data)
    values["relation"] = Relation(values["relation"])
    values["frames"] = tuple(Frame(**frame) for frame in values["frames"])
    return CapturedException(**values)
