"""Watched processes within one transaction: a turn meets what is known, and becomes an occurrence or its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bongsu import pipeline
from bongsu.alerting.group import Occurrence
from bongsu.capture.reading import Sources, event_of
from bongsu.client.intake.outcomes import known, save
from bongsu.client.intake.session import Session
from bongsu.client.leader import lives
from bongsu.event import Event, Kind
from bongsu.messages import sentences
from bongsu.messages.locales import WORDS
from bongsu.outcomes import processes
from bongsu.outcomes.processes import Heard, Turn, Watched
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign
from bongsu.store.watches import Watch

ASK_AGAIN_S = 60.0  # whether the watcher is there again, without which nobody sees a recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTurn:
    """What a watcher has reported, with the event that would tell of it."""

    heard: Heard
    event: Event
    pid: int  # of the watcher; 0: it does not stay
    born: str


def turn_of(record: Mapping[str, Any], header: Mapping[str, Any], sources: Sources) -> ProcessTurn:
    """What the record says. Raises AttributeError, KeyError, TypeError or ValueError when it is none of ours."""
    event = event_of(record, header, sources)
    if event.process is None or event.finding is None:
        raise ValueError("a turn is one of a process")
    said = dict(record["turn"])
    pid, born, turn = said.pop("pid"), said.pop("born"), Turn(said.pop("turn"))
    heard = checked(
        Heard(turn=turn, at=event.at, ending=event.process.ending, fingerprint=pipeline.fingerprint(event), **said)
    )
    return checked(ProcessTurn(heard=heard, event=event, pid=pid, born=born))


def take(session: Session, what: ProcessTurn) -> None:
    """Take in a turn."""
    assert what.event.process is not None, "turn_of has looked"
    name, now = what.event.process.name, session.now
    heard = replace(what.heard, at=min(what.heard.at, now))
    state = known(session.book.watch(Kind.PROCESS, name), processes.from_json) or Watched(name=name)
    after, signs = processes.heard(processes.rebased(state, now), heard)
    _save(session, replace(after, pid=what.pid, born=what.born))
    for sign in signs:
        _tell(session, sign, what.event)


def look(session: Session, watch: Watch) -> None:
    """Let time pass for the processes of one name."""
    state = known(watch, processes.from_json)
    if state is None or processes.is_forgotten(state, session.now):
        forget(session, watch)
        return
    state = processes.rebased(state, session.now)
    if not session.sees_all or (state.pid and not lives(state.pid, state.born)):
        _save(session, state, not_before=session.now + ASK_AGAIN_S)
        return
    after, signs = processes.passed(state, session.now)
    _save(session, after)
    for sign in signs:
        _resolve(session, sign)


def forget(session: Session, watch: Watch) -> None:
    """Watch it no more: what was told of it is over."""
    state = known(watch, processes.from_json)
    for sign in processes.left(state) if state is not None else ():
        _resolve(session, sign)
    session.book.remove_watch(watch.kind, watch.name)


def _save(session: Session, state: Watched, *, not_before: float = 0.0) -> None:
    due_at = processes.due_at(state)
    due_at = state.heard_at + processes.KEPT_S if due_at is None else max(due_at, not_before)
    save(session, Kind.PROCESS, state.name, due_at, processes.to_json(state))


def _tell(session: Session, sign: Sign, event: Event) -> None:
    match sign:
        case Raised():
            told = _told(session, sign, event)
            fingerprint = sign.fingerprint or pipeline.fingerprint(told)
            session.occur(Occurrence(fingerprint=fingerprint, at=sign.at, times=sign.times, event=told))
        case Over():
            _resolve(session, sign)


def _resolve(session: Session, sign: Sign) -> None:
    if isinstance(sign, Over):
        session.resolve(sign.fingerprint, sign.finding)


def _told(session: Session, sign: Raised, event: Event) -> Event:
    """The event as its stage tells it. Who gives up has no stack to show: that of the last end stays."""
    finding = sign.finding
    assert event.process is not None, "turn_of has looked"
    process = replace(event.process, restarts=finding.count, window_s=finding.span_s)
    event = replace(event, finding=finding, process=process)
    known_group = session.group(sign.fingerprint) if sign.fingerprint and not event.exceptions else None
    if known_group is not None and known_group.sample.exceptions:
        sample = known_group.sample
        event = replace(event, kind=sample.kind, exceptions=sample.exceptions, message=sample.message)
    if event.exceptions:
        return replace(event, level=max(event.level, finding.problem.level, key=lambda level: level.rank))
    message = sentences.found(finding, WORDS["en"])
    detail = f"\n{event.message}" if event.message else ""
    return replace(event, level=finding.problem.level, message=f"{message}{detail}")
