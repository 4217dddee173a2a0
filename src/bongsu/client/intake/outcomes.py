"""Outcomes within one transaction: tallies, signs of life and the passing of time meet what is expected.

What the machines of `bongsu.outcomes` find becomes an occurrence of a group, or its end.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bongsu import pipeline
from bongsu.alerting.group import Occurrence
from bongsu.capture.reading import shown_source
from bongsu.client.intake.session import Session
from bongsu.client.leader import lives
from bongsu.client.telling import tell
from bongsu.clock import utc_offset_s
from bongsu.event import Event, Finding, Kind, Problem
from bongsu.ids import new_id
from bongsu.messages import sentences
from bongsu.messages.locales import WORDS
from bongsu.outcomes import expectations, heartbeats, http
from bongsu.outcomes.expectations import Expectation
from bongsu.outcomes.heartbeats import Beat, Heartbeat
from bongsu.outcomes.http import Answer, Bursts, Limits
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign
from bongsu.store.watches import COUNT, WATCHES_MAX, Watch

TALLY = "tally/"  # begins what a counter of a tally counts, where an event's has a fingerprint
ANSWERS = ""  # the name of the one watch of all answers

T = TypeVar("T")

_BAD = (Answer.CLIENT, Answer.SERVER)
_KINDS = {Problem.UNMET: Kind.EXPECTATION, Problem.ANSWER: Kind.HTTP, Problem.BURST: Kind.HTTP}


# -- what processes say


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The process that has captured something, or that looks."""

    app: str
    environment: str
    release: str | None
    host: str
    pid: int
    born: str = ""  # tells it from a later process with its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a counter counts from now on; without a `slot`, `times` of it at once."""

    what: str
    slot: int | None
    times: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A sign of life."""

    name: str
    beat: Beat
    at: float
    run: str | None
    is_bound: bool  # the run ends with its process
    origin: Origin


Said = Tally | Signal | Expectation | Heartbeat


def origin_of(header: Mapping[str, Any]) -> Origin:
    """The process as the head of its spool names it. Raises KeyError, TypeError or ValueError for anything else."""
    return checked(Origin(**{name: header[name] for name in Origin.__slots__ if name in header}))


def said(record: Mapping[str, Any], header: Mapping[str, Any]) -> Iterator[Said]:
    """What a record says beside an event. Raises KeyError, TypeError or ValueError when it is none of ours."""
    if tally := record.get("tally"):
        what, times, at = f"{TALLY}{tally['kind']}/{tally['name']}", record.get("times", 0), record.get("at", 0.0)
        yield checked(Tally(what=what, slot=record.get("slot"), times=times, at=at))
    if declared := record.get("declared"):
        data = dict(declared)
        build = expectations.from_json if Kind(data.pop("kind")) is Kind.EXPECTATION else heartbeats.from_json
        yield build({**data, "source": shown_source(data["source"], header["roots"]) or ""})
    if beat := record.get("beat"):
        signal = Signal(
            name=beat["name"],
            beat=Beat(beat["beat"]),
            at=beat["at"],
            run=beat["run"],
            is_bound=beat["bound"],
            origin=origin_of(header),
        )
        yield checked(signal)


def take(session: Session, what: Signal | Expectation | Heartbeat) -> None:
    """Take in a sign of life, or what is expected from now on."""
    match what:
        case Signal():
            _take_signal(session, what)
        case Expectation():
            expected = known(session.book.watch(Kind.EXPECTATION, what.name), expectations.from_json)
            _save_expectation(session, expectations.declared(expected, what))
        case Heartbeat():
            before = known(session.book.watch(Kind.HEARTBEAT, what.name), heartbeats.from_json)
            _save_heartbeat(session, heartbeats.declared(before, what))


def add_tally(session: Session, what: str, times: int, at: float) -> None:
    """Take in what a counter of a tally counted."""
    _, kind, name = what.split("/", 2)
    session.book.add_tally(kind, name, max(0.0, min(session.now, at)), times)  # in this order NaN is now
    if kind in _BAD:
        if session.book.watch(Kind.HTTP, ANSWERS) is None:
            _save_bursts(session, Bursts(looked_at=session.now), due_at=session.now)
        session.book.wake_watch(Kind.HTTP, ANSWERS, session.now, http.LOOK_EVERY_S)


def _take_signal(session: Session, signal: Signal) -> None:
    at = min(signal.at, session.now)
    before = known(session.book.watch(Kind.HEARTBEAT, signal.name), heartbeats.from_json)
    state = before or Heartbeat(name=signal.name, declared_at=at, since=at)
    by = _process(signal.origin) if signal.is_bound else None
    after, signs = heartbeats.heard(state, signal.beat, at, run=signal.run, by=by)
    _save_heartbeat(session, after)
    _tell(session, signs, signal.origin, after.source)


def process_ended(session: Session, header: Mapping[str, Any]) -> None:
    """Somebody has found the spool of a dead process: its runs have ended, unless it only gave the spool away."""
    try:
        origin = origin_of(header)
    except (KeyError, TypeError, ValueError):
        return
    if origin.host == socket.gethostname() and lives(origin.pid, origin.born):
        return
    for watch in session.book.all_watches():
        state = known(watch, heartbeats.from_json) if watch.kind == Kind.HEARTBEAT else None
        if state is not None and state.runs:
            after, signs = heartbeats.gone(state, _process(origin), session.now)
            if signs:
                _save_heartbeat(session, after)
                _tell(session, signs, origin, after.source)


def _process(origin: Origin) -> str:
    return f"{origin.pid}/{origin.born}@{origin.host}"


# -- the passing of time


def look(session: Session, watch: Watch, origin: Origin, limits: Limits) -> None:
    """Let time pass for a watch that is due. `origin` is the process that looks."""
    match watch.kind:
        case Kind.EXPECTATION:
            _look_at_expectation(session, watch, origin)
        case Kind.HEARTBEAT:
            _look_at_heartbeat(session, watch, origin)
        case _:
            _look_at_answers(session, watch, origin, limits)


def forget(session: Session, watch: Watch, origin: Origin) -> None:
    """Watch it no more: what was told of it is over."""
    left: tuple[Sign, ...] = ()
    match watch.kind:
        case Kind.EXPECTATION if expectation := known(watch, expectations.from_json):
            left = expectations.left(expectation)
        case Kind.HEARTBEAT if heartbeat := known(watch, heartbeats.from_json):
            left = heartbeats.left(heartbeat)
        case Kind.HTTP if bursts := known(watch, http.from_json):
            left = http.left(bursts)
    _tell(session, left, origin, "")
    session.book.remove_watch(watch.kind, watch.name)


def _look_at_expectation(session: Session, watch: Watch, origin: Origin) -> None:
    now, state = session.now, known(watch, expectations.from_json)
    if state is None or expectations.is_forgotten(state, now):
        forget(session, watch, origin)
        return
    state = expectations.rebased(state, now)
    if not session.sees_all:
        _save_expectation(session, expectations.unobserved(state, now))
        return
    since = expectations.counted_since(state, now)
    counted = session.book.tallied(COUNT, state.name, since, now)
    state, signs = expectations.looked(state, counted, now, (utc_offset_s(since), utc_offset_s(now)))
    _save_expectation(session, state)
    _tell(session, signs, origin, state.source)


def _look_at_heartbeat(session: Session, watch: Watch, origin: Origin) -> None:
    now, state = session.now, known(watch, heartbeats.from_json)
    if state is None or heartbeats.is_forgotten(state, now):
        forget(session, watch, origin)
        return
    state = heartbeats.rebased(state, now)
    if not session.sees_all:
        _save_heartbeat(session, heartbeats.unobserved(state, now))
        return
    state, signs = heartbeats.passed(state, now)
    _save_heartbeat(session, state)
    _tell(session, signs, origin, state.source)


def _look_at_answers(session: Session, watch: Watch, origin: Origin, limits: Limits) -> None:
    now = session.now
    state = http.rebased(known(watch, http.from_json) or Bursts(), now)
    found = session.book.answers(now - limits.window_s, now)
    counts = {kind: found[kind.value] for kind in Answer if kind.value in found}
    state, signs = http.looked(state, counts, limits, now)
    _save_bursts(session, state, due_at=http.due_at(state))
    _tell(session, signs, origin, "")


# -- what comes of it


def _tell(session: Session, signs: Iterable[Sign], origin: Origin, source: str) -> None:
    for sign in signs:
        match sign:
            case Raised():
                event = _event(sign.finding, sign.at, origin, source=source, detail=sign.detail)
                fingerprint = pipeline.fingerprint(event)
                session.occur(Occurrence(fingerprint=fingerprint, at=sign.at, times=sign.times, event=event))
            case Over():
                event = _event(Finding(problem=sign.problem, name=sign.name), session.now, origin)
                session.resolve(pipeline.fingerprint(event), sign.finding)


def _event(finding: Finding, at: float, origin: Origin, *, source: str = "", detail: str = "") -> Event:
    told = sentences.found(finding, WORDS["en"])
    return Event(
        id=new_id(at),
        at=at,
        kind=_KINDS.get(finding.problem, Kind.HEARTBEAT),
        level=finding.problem.level,
        message=f"{told}\n{detail}" if detail else told,
        app=origin.app,
        environment=origin.environment,
        release=origin.release,
        host=origin.host,
        pid=origin.pid,
        source=source or None,
        finding=finding,
    )


def known(watch: Watch | None, build: Callable[[dict[str, Any]], T]) -> T | None:
    """How it stands; None where another version wrote it: it is declared again."""
    try:
        return None if watch is None else build(dict(watch.data))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _save_expectation(session: Session, state: Expectation) -> None:
    due_at, data = expectations.due_at(state), expectations.to_json(state)
    save(session, Kind.EXPECTATION, state.name, due_at, data, keep_s=state.per_s)


def _save_heartbeat(session: Session, state: Heartbeat) -> None:
    save(session, Kind.HEARTBEAT, state.name, heartbeats.due_at(state), heartbeats.to_json(state))


def _save_bursts(session: Session, state: Bursts, *, due_at: float | None) -> None:
    save(session, Kind.HTTP, ANSWERS, due_at, http.to_json(state))


def save(
    session: Session, kind: Kind, name: str, due_at: float | None, data: Mapping[str, Any], *, keep_s: float = 0.0
) -> None:
    watch = Watch(kind=kind, name=name, due_at=due_at, saved_at=session.now, keep_s=keep_s, data=data)
    if not session.book.save_watch(watch):
        tell("watches", f"{kind} {name!r} is not watched: {WATCHES_MAX:,} others are already.")
