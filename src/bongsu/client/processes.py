"""The door for watchers: what they report of other processes becomes durable here, scrubbed and bounded."""

import os
import socket
from collections.abc import Mapping
from typing import Any

from bongsu.capture import spool as spools
from bongsu.capture.exceptions import CHAIN_MAX, FRAMES_HALF, TYPE_LENGTH_MAX
from bongsu.capture.faults import FATAL_TYPE
from bongsu.capture.recorder import NAME_LENGTH_MAX, Recorder
from bongsu.client.books import FILE_NAME
from bongsu.client.leader import born
from bongsu.clock import Clock
from bongsu.event import Finding, Kind, Level, Problem, Process, finding_to_json, process_to_json
from bongsu.ids import new_id
from bongsu.messages import sentences
from bongsu.messages.locales import WORDS
from bongsu.routing import DEVOPS
from bongsu.scrubbing import scrub
from bongsu.store import SqliteStore, StoreError
from bongsu.watchers.output import LINES_MAX
from bongsu.watchers.report import Report, Trace, TraceError, TraceFrame, Turn

COMMAND_MAX = 200  # characters
OUTPUT_LINE_MAX = 300  # characters
PATH_MAX = 500  # characters; who makes up stacks may write any
LOOKS_IN = frozenset({"systemd"})  # watchers that come for one report and go

_RECORDS = {
    Turn.STARTED: Problem.STARTED,
    Turn.ENDED: Problem.STOPPED,
    Turn.RESTARTED: Problem.RESTARTED,
    Turn.RELOADED: Problem.RELOADED,
    Turn.DELETED: Problem.DELETED,
}
_PROBLEMS = {
    Turn.GAVE_UP: Problem.GAVE_UP,
    Turn.OVER_MEMORY: Problem.MEMORY,
    Turn.HUNG: Problem.HUNG,
    Turn.HEALTHY: Problem.HUNG,
    Turn.LOST: Problem.LOST,
    Turn.BACK: Problem.LOST,
}


class Processes:
    """What one client is told of processes that are not its own. Thread-safe."""

    def __init__(self, recorder: Recorder, clock: Clock, state_dir: str, *, pid: int) -> None:
        """`pid` is the watcher's own: only while it lives can it see a recovery."""
        self._pid = pid
        self._recorder = recorder
        self._clock = clock
        self._state_dir = state_dir

    def report(self, report: Report) -> None:
        """Take it in; from the return on it survives the watcher."""
        name = scrub(report.process.name, limit=NAME_LENGTH_MAX)
        match report.turn:
            case Turn.LINE:
                self._line(report, name)
            case Turn.FAILED if report.trace is not None:
                self._keep(report, name, Kind.EXCEPTION, Level.ERROR)
            case _:
                if not report.is_record:
                    self._turn(report, name)
                if report.is_announced and report.turn in _RECORDS:
                    self._announce(report, name)

    def has_told(self, pid: int, since: float) -> bool:
        """Whether the library inside that process, which has ended, tells of an exception since then, or of a crash."""
        base = os.path.dirname(self._state_dir)
        try:
            folders = [os.path.join(base, name) for name in os.listdir(base)]
        except OSError:
            return False
        return any(_tells_of(folder, pid, since) for folder in folders)

    def _line(self, report: Report, name: str) -> None:
        self._recorder.text(
            Kind.LOG,
            report.text,
            level=Level.ERROR,
            logger=name,
            channel=report.channel,
            times=report.times,
            more=_whose(report, name),
        )

    def _turn(self, report: Report, name: str) -> None:
        ending = report.process.ending
        turn = {
            "turn": report.turn,
            "instance": scrub(report.instance, limit=NAME_LENGTH_MAX),
            "by_operator": report.process.by_operator is True,
            "is_told": report.is_told,
            "used_bytes": report.used_bytes,
            "limit_bytes": report.limit_bytes,
            "span_s": report.span_s,
            "pid": 0 if report.process.watcher in LOOKS_IN else self._pid,
            "born": born(self._pid),
        }
        finding = Finding(problem=_PROBLEMS.get(report.turn, Problem.EXITED), name=name, ending=ending)
        kind = _kind(report.trace) if report.trace else Kind.PROCESS
        level = Level.FATAL if report.trace else finding.problem.level
        self._keep(report, name, kind, level, finding=finding_to_json(finding), turn=turn)

    def _announce(self, report: Report, name: str) -> None:
        problem = _RECORDS[report.turn]
        if problem is Problem.STOPPED and report.process.by_operator is not True:
            problem = Problem.FINISHED
        finding = Finding(problem=problem, name=name, ending=report.process.ending)
        self._keep(
            report,
            name,
            Kind.RECORD,
            problem.level,
            message=sentences.found(finding, WORDS["en"]),
            finding=finding_to_json(finding),
            channel=report.channel or DEVOPS,
        )

    def _keep(self, report: Report, name: str, kind: Kind, level: Level, **more: object) -> None:
        exceptions = _chain(report.trace) if report.trace and kind is not Kind.RECORD else []
        record = {
            "id": new_id(self._clock.now()),
            "at": report.at,
            "kind": kind,
            "level": level,
            "message": exceptions[0]["message"] if exceptions else scrub(report.text),
            "exceptions": exceptions,
            "handled": report.turn is Turn.FAILED,
            "channel": report.channel,
            **_whose(report, name),
        }
        self._recorder.keep(record | more)


def _whose(report: Report, name: str) -> dict[str, Any]:
    """What the record says of the process, where that differs from the watcher's own."""
    process = report.process
    whose: dict[str, Any] = {"process": process_to_json(_scrubbed(process, name)), "cwd": report.cwd or None}
    if process.watcher != "run":
        whose["app"] = name
    if process.pid:
        whose["pid"] = process.pid
    if report.host:
        whose["host"] = scrub(report.host, limit=NAME_LENGTH_MAX)
    return whose


def _scrubbed(process: Process, name: str) -> Process:
    return Process(
        **{each: getattr(process, each) for each in Process.__slots__ if each not in ("name", "command", "output")},
        name=name,
        command=scrub(process.command, limit=COMMAND_MAX),
        output=tuple(scrub(line, limit=OUTPUT_LINE_MAX) for line in process.output[-LINES_MAX:]),
    )


def _kind(trace: Trace) -> Kind:
    """As the library would tell of it: what faulthandler prints is no exception."""
    return Kind.CRASH if trace.errors[0].type == FATAL_TYPE else Kind.EXCEPTION


def _chain(trace: Trace) -> list[dict[str, Any]]:
    """As `capture.exceptions.describe` writes them."""
    return [_error(error) for error in trace.errors[:CHAIN_MAX]]


def _error(error: TraceError) -> dict[str, Any]:
    frames = error.frames
    omitted = max(0, len(frames) - 2 * FRAMES_HALF)
    kept = (*frames[:FRAMES_HALF], *frames[FRAMES_HALF + omitted :])
    return {
        "type": scrub(error.type, limit=TYPE_LENGTH_MAX),
        "module": scrub(error.module, limit=TYPE_LENGTH_MAX),
        "message": scrub(error.message),
        "relation": error.relation,
        "frames": [_entry(frame) for frame in kept],
        "omitted": error.omitted + omitted,
    }


def _entry(frame: TraceFrame) -> tuple[str, str, str, int, None]:
    return frame.function[:TYPE_LENGTH_MAX], frame.module[:TYPE_LENGTH_MAX], frame.path[:PATH_MAX], frame.line, None


# -- who has told already


def _tells_of(folder: str, pid: int, since: float) -> bool:
    return _in_store(os.path.join(folder, FILE_NAME), pid, since) or _in_spool(
        os.path.join(folder, "spool"), pid, since
    )


def _in_store(path: str, pid: int, since: float) -> bool:
    if not os.path.exists(path):
        return False
    try:
        store = SqliteStore(path)
        try:
            with store.reading() as book:
                return book.has_told(socket.gethostname(), pid, since)
        finally:
            store.close()
    except StoreError:
        return False  # told twice rather than not at all


def _in_spool(directory: str, pid: int, since: float) -> bool:
    """What it left behind, and nobody has taken in yet: an exception, or the stack of a crash of the interpreter."""
    names = [name for name in spools.adoptable(directory, frozenset()) if name.partition("-")[0] == str(pid)]
    return any(_has_exception(directory, name, since) or _has_crashed(directory, name) for name in names)


def _has_crashed(directory: str, name: str) -> bool:
    try:
        return os.path.getsize(os.path.join(directory, name + spools.FAULT)) > 0
    except OSError:
        return False


def _has_exception(directory: str, name: str, since: float) -> bool:
    descriptor = spools.adopt(directory, name)
    if descriptor is None:
        return False
    try:
        records, _ = spools.read_records(descriptor, 0)
    finally:
        os.close(descriptor)
    return any(_is_exception(record, since) for record in records)


def _is_exception(record: Mapping[str, Any], since: float) -> bool:
    at = record.get("at")
    return record.get("kind") == Kind.EXCEPTION and isinstance(at, float) and at >= since
