"""From Docker's events to reports: a state machine without a clock and without I/O.

`docker stop` is kill (15), die (143), stop; `docker kill` is kill (9), die (137); the kernel's out-of-memory killer is
oom and die (137), in whatever order. So an end waits a moment for what belongs to it.
"""

import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bongsu.event import Ending, Process, ProcessState, Why
from bongsu.watchers.docker.reading import Container, Event
from bongsu.watchers.report import Report, Turn

WATCHER = "docker"
HOLD_S = 0.25  # Docker writes what belongs together within milliseconds
STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM})
STOP_TAKES_S = 600.0  # `docker stop --time`; more than anybody waits for
START_LATE_S = 2.0  # Docker tells of a start some milliseconds after the program has begun to write
OTHER_SIGNAL_TAKES_S = 10.0  # an image may name any STOPSIGNAL; Docker waits 10 s for it
CONTAINERS_MAX = 4_096  # known at once; the oldest that do not run are forgotten first

_HEARD = frozenset({"start", "kill", "oom", "die", "stop", "health_status", "destroy"})
_SIGNALS = {128 + each.value: each.name for each in signal.Signals}  # as a container's exit code has them


@dataclass(slots=True, kw_only=True)
class _Standing:
    """How one container stands."""

    id: str
    name: str
    is_running: bool = True  # it must have run, to do what we hear of
    started_at: float | None = None
    logs_since: float = 0.0  # what it wrote from then on belongs to this run
    asked_till: float = 0.0  # somebody asked it to end; an end until then is that
    has_oom: bool = False
    is_unhealthy: bool = False
    ended: Event | None = None  # that waits for what belongs to it
    ended_till: float = 0.0
    ended_at: float = 0.0  # the last time
    ended_by_itself: bool = False  # so that the next start is Docker's own


class Turns:
    """All containers of one daemon."""

    def __init__(self) -> None:
        self._known: dict[str, _Standing] = {}
        self._is_lost = False
        self._has_begun = False

    def take(self, event: Event, now: float) -> Iterator[Report]:
        """What an event means."""
        if event.action not in _HEARD or (event.action == "destroy" and event.id not in self._known):
            return  # above all create: what was never started cannot end
        standing = self._standing(event.id, event.name)
        match event.action:
            case "start":
                yield from self._let_go(standing)
                yield self._started(standing, event)
            case "kill":
                takes_s = STOP_TAKES_S if event.signal in STOP_SIGNALS else OTHER_SIGNAL_TAKES_S
                standing.asked_till = event.at + takes_s
            case "oom":
                standing.has_oom = True
            case "die" if standing.is_running:
                standing.is_running, standing.ended, standing.ended_till = False, event, now + HOLD_S
            case "stop":
                standing.asked_till = max(standing.asked_till, event.at)
                yield from self._let_go(standing)
            case "health_status":
                yield from _health(standing, event.health == "unhealthy", event.health == "healthy", now)
            case "destroy":
                yield from self._let_go(standing)
                yield _report(Turn.DELETED, standing, now, ProcessState.STOPPED, by_operator=True)
                del self._known[event.id]

    def due(self, now: float) -> Iterator[Report]:
        """The ends that have waited long enough."""
        for standing in list(self._known.values()):
            if standing.ended is not None and not now < standing.ended_till <= now + HOLD_S:
                yield from self._let_go(standing)

    def due_at(self) -> float | None:
        """When `due` may have something to say."""
        waits = (standing.ended_till for standing in self._known.values() if standing.ended)
        return min(waits, default=None)

    def logs_since(self, identity: str) -> float:
        """From when on the container's output belongs to the run of the report that was just made."""
        return self._known[identity].logs_since if identity in self._known else 0.0

    def lose(self, now: float) -> Iterator[Report]:
        """The daemon is gone."""
        if not self._is_lost:
            self._is_lost = True
            yield _of_docker(Turn.LOST, now, ProcessState.EXITED)

    def begin(self, found: Iterable[Container], now: float) -> Iterator[Report]:
        """How everything stands, when watching begins and after the daemon was gone: what was missed is told."""
        if self._is_lost or not self._has_begun:
            yield _of_docker(Turn.BACK, now, ProcessState.RUNNING)
        is_first, self._has_begun, self._is_lost = not self._has_begun, True, False
        listed = {each.id: each for each in found}
        for identity in self._known.keys() - listed.keys():
            standing = self._known.pop(identity)
            yield from self._let_go(standing)
            yield _report(Turn.DELETED, standing, now, ProcessState.STOPPED, by_operator=True)
        for each in listed.values():
            yield from self._compare(each, now, is_first=is_first)

    def _compare(self, container: Container, now: float, *, is_first: bool) -> Iterator[Report]:
        is_known = container.id in self._known
        standing = self._standing(container.id, container.name)
        if not is_known:
            standing.is_running = container.is_running
        yield from self._let_go(standing)
        if standing.is_running and not container.is_running:
            standing.is_running, standing.ended_by_itself = False, True
            ending = _ending(container.code, has_oom=standing.has_oom)
            yield _report(Turn.ENDED, standing, now, ProcessState.EXITED, ending=ending, by_operator=None)
        elif container.is_running and (is_first or not is_known or not standing.is_running):
            standing.is_running, standing.started_at = True, None
            yield _report(Turn.STARTED, standing, now, ProcessState.RUNNING)
        yield from _health(standing, container.is_unhealthy, container.is_running and not container.is_unhealthy, now)

    def _started(self, standing: _Standing, event: Event) -> Report:
        standing.is_running, standing.started_at = True, event.at
        standing.logs_since = max(standing.ended_at, event.at - START_LATE_S)
        standing.has_oom, standing.asked_till, standing.is_unhealthy = False, 0.0, False
        is_announced, standing.ended_by_itself = not standing.ended_by_itself, False
        return _report(Turn.STARTED, standing, event.at, ProcessState.RUNNING, is_announced=is_announced)

    def _let_go(self, standing: _Standing) -> Iterator[Report]:
        """Tell of the end that waited."""
        died, standing.ended = standing.ended, None
        if died is None:
            return
        standing.ended_at = died.at
        by_operator = died.at <= standing.asked_till
        ending = _ending(died.code, has_oom=standing.has_oom)
        standing.ended_by_itself = not by_operator
        yield _report(
            Turn.ENDED,
            standing,
            died.at,
            ProcessState.STOPPED if by_operator else ProcessState.EXITED,
            ending=ending,
            by_operator=by_operator,
            uptime_s=None if standing.started_at is None else max(0.0, died.at - standing.started_at),
            is_announced=by_operator,
        )

    def _standing(self, identity: str, name: str) -> _Standing:
        if identity not in self._known:
            if len(self._known) >= CONTAINERS_MAX:
                self._known.pop(next((key for key, each in self._known.items() if not each.is_running), identity), None)
            self._known[identity] = _Standing(id=identity, name=name)
        return self._known[identity]


def _ending(code: int | None, *, has_oom: bool) -> Ending:
    """Docker has the shell's form of a signal: 128 + its number."""
    name = _SIGNALS.get(code) if code is not None else None
    if name is None:
        return Ending(code=code)
    return Ending(signal=name, why=Why.OUT_OF_MEMORY if has_oom and name == "SIGKILL" else None)


def _health(standing: _Standing, is_unhealthy: bool, is_healthy: bool, now: float) -> Iterator[Report]:
    if is_unhealthy and not standing.is_unhealthy:
        standing.is_unhealthy = True
        yield _report(Turn.HUNG, standing, now, ProcessState.RUNNING)
    elif is_healthy and standing.is_unhealthy:
        standing.is_unhealthy = False
        yield _report(Turn.HEALTHY, standing, now, ProcessState.RUNNING)


def _of_docker(turn: Turn, now: float, state: ProcessState) -> Report:
    return Report(turn=turn, at=now, process=Process(name="docker", watcher=WATCHER, state=state))


def _report(
    turn: Turn,
    standing: _Standing,
    at: float,
    state: ProcessState,
    *,
    ending: Ending | None = None,
    by_operator: bool | None = False,
    uptime_s: float | None = None,
    is_announced: bool = False,
) -> Report:
    process = Process(
        name=standing.name,
        watcher=WATCHER,
        state=state,
        ending=ending,
        by_operator=by_operator,
        uptime_s=uptime_s,
    )
    return Report(turn=turn, at=at, process=process, instance=standing.id, is_announced=is_announced)
