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
    PROCESS = "process"  # it ended, loops, hangs: told by a watcher, since a killed program cannot tell


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
    EXITED = "exited"  # a process ended, and nobody had asked it to
    CRASH_LOOP = "crash_loop"  # it does so again and again, soon after each start
    GAVE_UP = "gave_up"  # whoever restarts it does so no more
    MEMORY = "memory"  # it uses more than it may
    HUNG = "hung"  # it runs, and does not answer or write
    LOST = "lost"  # the process manager itself is gone: nobody restarts, and nobody is told
    STARTED = "started"  # from here on: nothing wrong, an operational record
    STOPPED = "stopped"  # by an operator
    RESTARTED = "restarted"  # by an operator
    RELOADED = "reloaded"  # by an operator
    DELETED = "deleted"  # by an operator
    FINISHED = "finished"  # ended with status 0, as programs do
    DEPLOYED = "deployed"  # a release went out

    @property
    def lasts(self) -> bool:
        """Whether it is over only when something good was seen: silence is no recovery."""
        return self in _LASTING

    @property
    def level(self) -> Level:
        """How bad it is."""
        return _LEVELS.get(self, Level.ERROR)

    @property
    def stage(self) -> int:
        """Rises while one problem gets worse: an exit (1) becomes a crash loop, and then somebody gives up. Else 0."""
        return _STAGES.get(self, 0)


_LASTING = frozenset(
    {
        Problem.UNMET,
        Problem.MISSED,
        Problem.FAILED,
        Problem.KILLED,
        Problem.TOO_LONG,
        Problem.BURST,
        Problem.CRASH_LOOP,
        Problem.GAVE_UP,
        Problem.HUNG,
        Problem.LOST,
    }
)
_LEVELS = {
    **dict.fromkeys((Problem.LATE, Problem.OVERLAPPING, Problem.TOO_LONG, Problem.MEMORY), Level.WARNING),
    **dict.fromkeys((Problem.CRASH_LOOP, Problem.GAVE_UP, Problem.LOST), Level.FATAL),
    **dict.fromkeys((Problem.STARTED, Problem.STOPPED, Problem.RESTARTED, Problem.RELOADED), Level.INFO),
    **dict.fromkeys((Problem.DELETED, Problem.FINISHED, Problem.DEPLOYED), Level.INFO),
}
_STAGES = {Problem.EXITED: 1, Problem.CRASH_LOOP: 2, Problem.GAVE_UP: 3}


class Why(StrEnum):
    """What is known of an end beyond its code or signal."""

    CORE_DUMPED = "core_dumped"
    OUT_OF_MEMORY = "out_of_memory"  # the kernel killed it
    HEAP_EXHAUSTED = "heap_exhausted"  # the JavaScript engine gave up
    MEMORY_LIMIT = "memory_limit"  # its manager stopped it: it used more than it may
    STOP_TIMED_OUT = "stop_timed_out"  # asked to stop, it did not in time
    NOT_FOUND = "not_found"  # there is no such command
    NOT_EXECUTABLE = "not_executable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a process ended. Neither code nor signal: nobody could learn it, which does not mean that it went well."""

    code: int | None = None
    signal: str = ""  # its name, SIGKILL
    why: Why | None = None

    @property
    def is_clean(self) -> bool:
        return self.code == 0 and not self.signal


class ProcessState(StrEnum):
    """Where a watched process stands; supervisor's words."""

    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"  # ended, and about to be started again
    STOPPING = "stopping"
    STOPPED = "stopped"
    EXITED = "exited"
    FATAL = "fatal"  # started no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A watched process, as far as its watcher can see. Never its environment."""

    name: str  # of the service, as people call it
    watcher: str  # run, pm2, supervisor, systemd, docker
    state: ProcessState
    pid: int = 0
    ending: Ending | None = None
    by_operator: bool | None = None  # None: the watcher cannot tell
    uptime_s: float | None = None
    restarts: int = 0  # in the window
    window_s: float = 0.0
    peak_bytes: int | None = None  # the most memory it used
    command: str = ""
    output: tuple[str, ...] = ()  # the last lines of its stderr, the newest last


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a watch found: where, what, and the numbers that say it. Not in words: those are the reader's language."""

    problem: Problem
    name: str  # of the expectation, heartbeat or process; of answers, e.g. `5xx` or `503 GET /orders`; app and release
    count: int = 0  # UNMET: how many there were; BURST: bad answers; OVERLAPPING: runs at once; CRASH_LOOP: ends
    wanted: int = 0  # UNMET: how many at least; BURST: all answers
    span_s: float = 0.0  # UNMET, BURST: the window; MISSED: silence; LATE: how late; TOO_LONG, KILLED: the run so far;
    # CRASH_LOOP, GAVE_UP: from the first end to the last; HUNG: how long it has not answered
    allowed_s: float = 0.0  # MISSED: the period; TOO_LONG: the most
    used_bytes: int = 0  # MEMORY
    limit_bytes: int = 0  # MEMORY
    ending: Ending | None = None  # of a process: how it ended last


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
    source_in_app: bool = True  # as of a frame
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
    process: Process | None = None  # that had it, where a watcher tells of it
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
    data["process"] = process_to_json(event.process) if event.process else None
    return data


def from_json(data: Mapping[str, Any]) -> Event:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    values = dict(data)
    values["kind"] = Kind(values["kind"])
    values["level"] = Level(values["level"])
    values["exceptions"] = tuple(_exception_from_json(item) for item in values["exceptions"])
    values["trail"] = tuple(LogLine(**{**line, "level": Level(line["level"])}) for line in values.get("trail", ()))
    values["finding"] = finding_from_json(values["finding"]) if values.get("finding") else None
    values["process"] = process_from_json(values["process"]) if values.get("process") else None
    return Event(**values)


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """The finding as JSON values; `finding_from_json` is its inverse."""
    data = {name: getattr(finding, name) for name in Finding.__slots__}
    return data | {"ending": _ending_to_json(finding.ending)}


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """The inverse of `finding_to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    return Finding(**{**data, "problem": Problem(data["problem"]), "ending": _ending_from_json(data.get("ending"))})


def process_to_json(process: Process) -> dict[str, Any]:
    """The process as JSON values; `process_from_json` is its inverse."""
    data = {name: getattr(process, name) for name in Process.__slots__}
    return data | {"ending": _ending_to_json(process.ending), "output": list(process.output)}


def process_from_json(data: Mapping[str, Any]) -> Process:
    """The inverse of `process_to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    values = {"state": ProcessState(data["state"]), "ending": _ending_from_json(data["ending"])}
    return Process(**{**data, **values, "output": tuple(data["output"])})


def _ending_to_json(ending: Ending | None) -> dict[str, Any] | None:
    return {name: getattr(ending, name) for name in Ending.__slots__} if ending else None


def _ending_from_json(data: Mapping[str, Any] | None) -> Ending | None:
    return Ending(**{**data, "why": Why(data["why"]) if data["why"] else None}) if data else None


def _exception_to_json(exception: CapturedException) -> dict[str, Any]:
    data = {name: getattr(exception, name) for name in CapturedException.__slots__}
    data["frames"] = [{name: getattr(frame, name) for name in Frame.__slots__} for frame in exception.frames]
    return data


def _exception_from_json(data: Mapping[str, Any]) -> CapturedException:
    values = dict(data)
    values["relation"] = Relation(values["relation"])
    values["frames"] = tuple(Frame(**frame) for frame in values["frames"])
    return CapturedException(**values)
