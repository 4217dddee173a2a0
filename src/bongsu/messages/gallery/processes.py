"""What watchers of processes tell."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.alerting.decision import Reason
from bongsu.event import Ending, Event, Finding, Kind, Level, Problem, ProcessState, Why
from bongsu.messages.gallery.sample import TOLD_AGAIN, Sample
from bongsu.messages.gallery.scene import BEGAN, FIRST_SEEN, LOG_IN_FAILS, MIB, MINUTE, PAYMENT, first, watched
from bongsu.messages.message import Message, State

_EXIT_1 = Ending(code=1)
_NO_MEMORY = Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY)
_SAID = (
    "listening on 8080",
    "Error: connect ECONNREFUSED 10.0.3.7:5432",
    "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
)


def samples() -> Iterator[Sample]:
    """A payment service, from its first end to the day it runs again."""
    found = {
        "process_exit": ("A process ended", _process(Problem.EXITED, _EXIT_1)),
        "process_killed": ("A process was killed", _process(Problem.EXITED, _NO_MEMORY)),
        "memory": ("A process uses too much memory", _memory()),
        "hung": ("A process hangs", _process(Problem.HUNG, None, span_s=10 * MINUTE)),
        "manager_lost": ("The process manager is gone", _lost()),
    }
    found["process_exception"] = ("A process died of an exception", _died_of_an_exception())
    for name, (title, event) in found.items():
        yield Sample(name=name, title=title, message=first(event))
    looping = _process(Problem.CRASH_LOOP, _EXIT_1, count=5, span_s=74.0)
    yield Sample(name="crash_loop", title="A crash loop", message=_worse(looping, 5, 74.0), modes=TOLD_AGAIN)
    given_up = _process(Problem.GAVE_UP, _EXIT_1, count=16, span_s=4 * MINUTE)
    yield Sample(name="gave_up", title="It is restarted no more", message=_worse(given_up, 16, 240.0), modes=TOLD_AGAIN)
    at_once = _process(Problem.GAVE_UP, Ending(code=127, why=Why.NOT_FOUND), count=1)
    yield Sample(name="gave_up_at_once", title="It could not be started at all", message=first(at_once))
    yield Sample(name="runs_again", title="It runs again", message=_runs_again(looping), modes=TOLD_AGAIN)
    yield Sample(name="stopped", title="An operator stopped it", message=_noted(Problem.STOPPED))
    yield Sample(name="started", title="It was started", message=_noted(Problem.STARTED))


def _process(problem: Problem, ending: Ending | None, **numbers: float) -> Event:
    finding = Finding(problem=problem, name="payment", ending=ending, **numbers)  # type: ignore[arg-type]
    process = replace(PAYMENT, ending=ending, output=_SAID if ending else ())
    state = ProcessState.RUNNING if ending is None else PAYMENT.state
    return watched(Kind.PROCESS, finding, "\n", app="payment", process=replace(process, state=state), release=None)


def _died_of_an_exception() -> Event:
    finding = Finding(problem=Problem.EXITED, name="checkin", ending=_EXIT_1)
    process = replace(PAYMENT, name="checkin", watcher="run", command="gunicorn checkin:app", ending=_EXIT_1)
    return replace(LOG_IN_FAILS, level=Level.FATAL, finding=finding, process=process, request_id=None, trail=())


def _memory() -> Event:
    event = _process(Problem.MEMORY, None, used_bytes=530 * MIB, limit_bytes=512 * MIB)
    return replace(event, process=replace(PAYMENT, peak_bytes=530 * MIB, state=ProcessState.RUNNING))


def _lost() -> Event:
    return watched(Kind.PROCESS, Finding(problem=Problem.LOST, name="pm2"), "\n", app="pm2", release=None)


def _worse(event: Event, count: int, age_s: float) -> Message:
    late = {"at": BEGAN + age_s, "last_seen_at": BEGAN + age_s, "count": count, "total": count}
    return first(event, reason=Reason.WORSENED, **late)


def _runs_again(event: Event) -> Message:
    over = Finding(problem=Problem.CRASH_LOOP, name="payment", span_s=MINUTE)
    return replace(
        _worse(event, 5, 74.0), reason=Reason.RESOLVED, state=State.QUIET, finding=over, at=BEGAN + 9 * MINUTE
    )


def _noted(problem: Problem) -> Message:
    finding = Finding(problem=problem, name="payment")
    event = watched(Kind.RECORD, finding, f"payment: {problem.value}", app="payment", release=None)
    state = {Problem.STOPPED: ProcessState.STOPPED}.get(problem, ProcessState.RUNNING)
    process = replace(PAYMENT, state=state, ending=None, uptime_s=None, peak_bytes=None)
    told = replace(event, level=Level.INFO, process=process)
    return replace(FIRST_SEEN, reason=Reason.RECORD, state=State.NEUTRAL, event=told, request_ids=())
