"""The whole journey of an event in one readable function. Pure: the shell loads the state, saves it, and sends.

    event ─▶ fingerprint ─▶ decision(reason) ─▶ route ─▶ message ─▶ deliveries

Scrubbing has happened before an `Event` exists: nothing unscrubbed ever reaches a file.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bongsu import routing
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.decision import Decision, Reason
from bongsu.alerting.group import Group, Occurrence, Phase, Schedule
from bongsu.alerting.storm import Storm
from bongsu.event import Event, Finding, Kind
from bongsu.grouping import fingerprint
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Entry, Message, Note, State, Trouble
from bongsu.routing import Ability

__all__ = [
    "DIGEST_ENTRIES",
    "Policy",
    "Resolved",
    "Standing",
    "Tick",
    "address",
    "fingerprint",
    "handle",
    "write_digest",
]

DIGEST_ENTRIES = 5  # named in a digest; the rest is a number (DESIGN §6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about deciding."""

    channels: Mapping[str, Ability]  # never empty
    schedule: Schedule = field(default_factory=Schedule)
    notes: tuple[Note, ...] = ()  # what Bongsu has to say of itself at present


@dataclass(frozen=True, slots=True)
class Standing:
    """The state one happening is judged by: its group, and its channel's storm book."""

    group: Group | None
    storm: Storm


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Something good was seen: a lasting problem is over."""

    finding: Finding | None = None  # how it stands; None: nobody watches it any more


Happening = Occurrence | Tick | Resolved


def address(event: Event, policy: Policy) -> str:
    """The configured channel an event goes to."""
    return routing.substitute(routing.wanted(event), policy.channels)


def handle(
    standing: Standing, happening: Happening, now: float, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    """Judge one happening: the next state, and what is to be delivered for it."""
    match happening:
        case Occurrence(event=Event(kind=Kind.RECORD) as event):
            return standing, (_record(event, now, policy),)
        case Occurrence() if standing.group and groups.is_over(standing.group, now, policy.schedule):
            standing, quiet = handle(standing, Tick(), now, policy)
            standing, back = handle(standing, happening, now, policy)
            return standing, quiet + back
        case Occurrence(event=event):
            known = groups.rebased(standing.group, now) if standing.group else None
            channel = address(event, policy) if event else ""
            group, decision = groups.occur(known, channel, happening, now)
        case Tick():
            assert standing.group is not None, "only a group lives through time"
            group, decision = groups.tick(groups.rebased(standing.group, now), now, policy.schedule)
        case Resolved():
            assert standing.group is not None, "only what was told can be over"
            group, decision = groups.resolve(groups.rebased(standing.group, now), now)
    if decision is None:
        return Standing(group, standing.storm), ()
    finding = happening.finding if isinstance(happening, Resolved) else None
    return _tell(group, standing.storm, decision, finding, now, policy)


def write_digest(
    storm: Storm, channel: str, top: Sequence[Group], problems: int, occurrences: int, now: float, policy: Policy
) -> tuple[Storm, tuple[Delivery, ...]]:
    """Close a storm's open digest. `top` holds its most frequent problems, at most DIGEST_ENTRIES."""
    closed = storms.written(storm, now)
    if problems == 0 or policy.channels[channel] is Ability.FORWARDS:
        return closed, ()
    message = Message(
        reason=Reason.DIGEST,
        state=State.FIRING,
        at=now,
        count=occurrences,
        total=occurrences,
        episode_began_at=storm.opened_at,
        first_seen_at=min(group.began_at for group in top),
        last_seen_at=max(group.last_seen_at for group in top),
        entries=tuple(_entry(group) for group in top),
        problems=problems,
        notes=policy.notes,
    )
    # Two channels may share a destination, and a store in memory counts from one again: the number is not enough.
    key = f"digest/{channel}/{storm.digest}/{storm.opened_at}"
    return closed, (Delivery(channel=channel, verb=Verb.POST, key=key, message=message),)


def _tell(
    group: Group, storm: Storm, decision: Decision, finding: Finding | None, now: float, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    channel = routing.substitute(group.channel, policy.channels)
    ability = policy.channels[channel]
    if ability is Ability.FORWARDS:
        return Standing(replace(group, forwarded=group.total), storm), _forward(group, channel)
    verbs = _verbs(ability, group, decision.reason)
    if Verb.POST in verbs and decision.reason not in _ENDS:
        storm, alone = storms.admit(storm, now, policy.schedule)
        if not alone:
            return Standing(replace(group, digest=storm.digest), storm), ()
        group = replace(group, posted=True, digest=0)
    message = replace(_message(group, decision, now, policy), finding=finding)
    key = f"{group.fingerprint}/{group.episode}"
    return Standing(group, storm), tuple(
        Delivery(channel=channel, verb=verb, key=key, message=message) for verb in verbs
    )


_ENDS = (Reason.QUIET, Reason.RESOLVED)


def _verbs(ability: Ability, group: Group, reason: Reason) -> tuple[Verb, ...]:
    if not group.posted:
        if reason is Reason.UPDATED or reason in _ENDS:
            return ()  # a digest told of it
        sample = group.sample
        has_details = sample.culprit is not None or sample.trail or (sample.process and sample.process.output)
        return (Verb.POST, Verb.STACK) if ability is Ability.EDITS and has_details else (Verb.POST,)
    if ability is Ability.EDITS:
        return (Verb.EDIT,) if reason is Reason.UPDATED else (Verb.EDIT, Verb.REPLY)
    return () if reason is Reason.UPDATED else (Verb.POST,)


def _message(group: Group, decision: Decision, now: float, policy: Policy) -> Message:
    return Message(
        reason=decision.reason,
        state=State.FIRING if group.phase is Phase.FIRING else State.QUIET,
        at=now,
        event=group.sample,
        step=decision.step,
        count=group.count,
        total=group.total,
        episode_began_at=group.began_at,
        first_seen_at=group.first_seen_at,
        last_seen_at=group.last_seen_at,
        users=groups.distinct_users(group.users),
        request_ids=group.request_ids,
        notes=policy.notes,
    )


def _forward(group: Group, channel: str) -> tuple[Delivery, ...]:
    """The newest sample, for the occurrences not yet passed on; sent again it has a new id."""
    if group.total == group.forwarded:
        return ()
    key = f"forward/{group.fingerprint}"
    sample = group.sample
    if group.forwarded:
        sample = replace(sample, id=hashlib.sha256(f"{sample.id}/{group.total}".encode()).hexdigest()[:32])
    message = Message(
        reason=Reason.UPDATED,
        state=State.FIRING,
        at=group.last_seen_at,
        event=sample,
        count=group.total - group.forwarded,
        total=group.total,
        first_seen_at=group.first_seen_at,
        last_seen_at=group.last_seen_at,
    )
    return (Delivery(channel=channel, verb=Verb.FORWARD, key=key, message=message),)


def _record(event: Event, now: float, policy: Policy) -> Delivery:
    channel = address(event, policy)
    forwards = policy.channels[channel] is Ability.FORWARDS
    wrong = (Note(trouble=Trouble.PAYLOAD, detail=event.problem),) if event.problem else ()
    message = Message(
        reason=Reason.RECORD,
        state=State.NEUTRAL,
        at=now,
        event=event,
        episode_began_at=event.at,
        first_seen_at=event.at,
        last_seen_at=event.at,
        notes=(*wrong, *policy.notes),
    )
    verb = Verb.FORWARD if forwards else Verb.POST
    return Delivery(channel=channel, verb=verb, key=f"record/{event.id}", message=message)


def _entry(group: Group) -> Entry:
    sample = group.sample
    return Entry(title=sample.title, location=sample.location, count=group.count, level=sample.level)
