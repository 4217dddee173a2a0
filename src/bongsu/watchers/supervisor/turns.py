"""From supervisord's events to reports: a state machine without a clock.

Nothing is read here but, by `traces`, the source files that a stack names.

A program that dies before its `startsecs` comes as BACKOFF, later as EXITED; both are ends.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from re import escape, fullmatch

from bongsu.event import Ending, Process, ProcessState
from bongsu.watchers import causes
from bongsu.watchers.report import NAME_LENGTH_MAX, Report, Trace, Turn
from bongsu.watchers.supervisor import log, protocol
from bongsu.watchers.supervisor.protocol import Event
from bongsu.watchers.supervisor.rpc import ProcessInfo
from bongsu.watchers.supervisor.stderr import Stderr

WATCHER = "supervisor"
EVENTS_WAIT_S = 60.0  # what happened so shortly before comes as an event: supervisord keeps some for us

_STATES = {state.name: state for state in ProcessState}
_BEFORE_AN_OPERATORS_START = frozenset({"STOPPED", "FATAL"})  # from EXITED and BACKOFF supervisord starts by itself
_TOLD_AT_THE_BEGINNING = {ProcessState.FATAL: Turn.GAVE_UP, ProcessState.RUNNING: Turn.STARTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What could be learnt of an event elsewhere."""

    ending: Ending | None = None  # of the end
    uptime_s: float | None = None  # until the end
    cwd: str = ""


@dataclass(slots=True, kw_only=True)
class Standing:
    """How one process stands."""

    name: str
    instance: str
    state: ProcessState = ProcessState.STOPPED
    pid: int = 0
    started_at: float | None = None
    ending: Ending | None = None  # the last one
    is_announced: bool = False  # its next start is a record
    failed_at: float = 0.0  # when a stack of this run was told
    cwd: str = ""
    stderr: Stderr = field(default_factory=Stderr)


class Turns:
    """All processes of one supervisord."""

    def __init__(self, own_group: str, has_told: Callable[[int, float], bool]) -> None:
        """`own_group`: ours, not watched. `has_told`: whether that process told of an exception itself since then."""
        self._own_group = own_group
        self._has_told = has_told
        self._known: dict[tuple[str, str], Standing] = {}
        self._server = ""
        self._is_lost = True  # whoever watched before us may have lost it
        self._is_closing = False  # supervisord stops everything, itself included

    def begin(self, infos: Iterable[ProcessInfo], now: float) -> Iterator[Report]:
        """How everything stands when watching begins: what runs, and what was given up before."""
        for info in infos:
            if info.group != self._own_group and info.state in _STATES:
                standing = self._standing(info.group, info.name)
                standing.state, standing.pid = _STATES[info.state], info.pid
                standing.started_at = info.started_at if info.pid else None
                is_old = now - info.started_at > EVENTS_WAIT_S
                if is_old and standing.state in _TOLD_AT_THE_BEGINNING:
                    turn = _TOLD_AT_THE_BEGINNING[standing.state]
                    yield _report(turn, standing, info.started_at if turn is Turn.STARTED else now)

    def take(self, event: Event, now: float, found: Found | None = None) -> Iterator[Report]:
        """What an event means. `found`: what else was learnt of what it tells."""
        self._server = event.server or self._server
        if self._is_lost:
            self._is_lost = False
            yield self._of_supervisord(Turn.BACK, now, ProcessState.RUNNING)
        if event.name == protocol.STOPPING:
            yield from self.close(now)
        elif event.process and event.group != self._own_group:
            standing = self._standing(event.group, event.process)
            if event.name == protocol.LOG_STDERR:
                standing.stderr.feed(event.output, now)
            elif event.state in _STATES:
                yield from self._changed(event, standing, now, found or Found())

    def due(self, now: float) -> Iterator[Report]:
        """The stacks whose process has lived on."""
        for standing in self._known.values():
            yield from self._failed(standing, standing.stderr.ripe(now), now)

    def due_at(self) -> float | None:
        """When `due` may have something to say, if nothing happens before."""
        waits = (standing.stderr.due_at() for standing in self._known.values())
        return min((at for at in waits if at is not None), default=None)

    def lose(self, now: float) -> Iterator[Report]:
        """Supervisord is gone, or says nothing any more."""
        if not self._is_lost and not self._is_closing:
            self._is_lost = True
            yield self._of_supervisord(Turn.LOST, now, ProcessState.EXITED)

    def close(self, now: float) -> Iterator[Report]:
        """Supervisord stops everything, itself included, because somebody asked it to."""
        if not self._is_closing:
            self._is_closing = True
            yield self._of_supervisord(Turn.ENDED, now, ProcessState.STOPPING)

    def _changed(self, event: Event, standing: Standing, now: float, found: Found) -> Iterator[Report]:
        standing.state = _STATES[event.state]
        standing.cwd = found.cwd or standing.cwd
        match event.state:
            case "STARTING":
                standing.started_at, standing.pid, standing.stderr = now, 0, Stderr(standing.cwd)
                standing.failed_at = 0.0
                standing.is_announced |= event.from_state in _BEFORE_AN_OPERATORS_START
            case "RUNNING":
                standing.pid = event.pid
                yield _report(Turn.STARTED, standing, now, is_announced=standing.is_announced)
                standing.is_announced = False
            case "EXITED" | "BACKOFF" | "STOPPED":
                yield from self._ended(event, standing, now, found)
            case "FATAL" if not self._is_closing:  # it makes those FATAL that wait for their next start
                yield _report(Turn.GAVE_UP, standing, now)

    def _ended(self, event: Event, standing: Standing, now: float, found: Found) -> Iterator[Report]:
        standing.pid = event.pid or standing.pid
        by_operator = event.state == "STOPPED"
        if event.from_state != "BACKOFF":  # else it had ended before
            standing.ending = log.of_exec(found.ending or Ending(), standing.stderr.lines())
        traces = standing.stderr.end(now)
        trace = traces.pop() if traces and not by_operator and causes.is_of_stack(standing.ending or Ending()) else None
        yield from self._failed(standing, traces, now)
        yield _report(
            Turn.ENDED,
            standing,
            now,
            by_operator=by_operator,
            uptime_s=_uptime_s(standing, found, now),
            trace=trace,
            is_told=not by_operator and self._is_told(event, standing, now),
            is_announced=by_operator and not self._is_closing,
        )
        standing.started_at = None

    def _is_told(self, event: Event, standing: Standing, now: float) -> bool:
        ending = standing.ending or Ending()
        if event.is_expected:  # by the program's own `exitcodes`
            return not ending.is_clean
        if ending.code != causes.UNCAUGHT:
            return False
        since = now - causes.SINCE_S
        return standing.failed_at > since or (standing.pid > 0 and self._has_told(standing.pid, since))

    def _failed(self, standing: Standing, traces: list[Trace], now: float) -> Iterator[Report]:
        if traces and not (standing.pid and self._has_told(standing.pid, now - causes.SINCE_S)):
            standing.failed_at = now
            for trace in traces:
                yield _report(Turn.FAILED, standing, now, trace=trace)

    def _standing(self, group: str, process: str) -> Standing:
        key = (group, process)
        if key not in self._known:
            name, instance = names(group, process)
            self._known[key] = Standing(name=name, instance=instance)
        return self._known[key]

    def _of_supervisord(self, turn: Turn, now: float, state: ProcessState) -> Report:
        name = "supervisord" if self._server in ("", "supervisor") else f"supervisord {self._server}"
        is_end = turn is Turn.ENDED
        process = Process(
            name=name, watcher=WATCHER, state=state, ending=Ending() if is_end else None, by_operator=is_end
        )
        return Report(turn=turn, at=now, process=process, is_announced=is_end)


def names(group: str, process: str) -> tuple[str, str]:
    """The service's name, and the instance: `numprocs` processes of one program are one service."""
    if group in ("", process):
        return process[:NAME_LENGTH_MAX], ""
    if fullmatch(rf"{escape(group)}[_.:-]?\d+", process):
        return group[:NAME_LENGTH_MAX], process[:NAME_LENGTH_MAX]
    return f"{group}:{process}"[:NAME_LENGTH_MAX], ""


def _uptime_s(standing: Standing, found: Found, now: float) -> float | None:
    """As supervisord's log has it; else from our own hearing, which may be 1 s late."""
    if found.uptime_s is not None:
        return found.uptime_s
    return None if standing.started_at is None else max(0.0, now - standing.started_at)


def _report(
    turn: Turn,
    standing: Standing,
    now: float,
    *,
    by_operator: bool = False,
    uptime_s: float | None = None,
    trace: Trace | None = None,
    is_told: bool = False,
    is_announced: bool = False,
) -> Report:
    is_bad = turn in (Turn.ENDED, Turn.GAVE_UP) and not by_operator
    process = Process(
        name=standing.name,
        watcher=WATCHER,
        state=standing.state,
        pid=standing.pid,
        ending=standing.ending if turn in (Turn.ENDED, Turn.GAVE_UP) else None,
        by_operator=by_operator,
        uptime_s=uptime_s,
        output=standing.stderr.lines() if is_bad else (),
    )
    return Report(
        turn=turn,
        at=now,
        process=process,
        instance=standing.instance,
        trace=trace,
        is_told=is_told,
        is_announced=is_announced,
        cwd=standing.cwd,
    )
