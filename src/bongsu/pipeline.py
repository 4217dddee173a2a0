"""The whole journey of an event in one readable function. Pure: the shell loads the state, saves it, and sends.

    event ─▶ fingerprint ─▶ decision(reason) ─▶ route ─▶ message ─▶ deliveries

Scrubbing has happened before an `Event` exists: nothing unscrubbed ever reaches a file.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bongsu import routing
from bongsu.alerting import causes, deploys
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.causes import Cause
from bongsu.alerting.decision import Decision, Reason
from bongsu.alerting.deploys import Deploy
from bongsu.alerting.group import Group, Occurrence, Phase, Schedule, Telling, Verdict
from bongsu.alerting.storm import Storm
from bongsu.alerting.summary import Rhythm
from bongsu.event import Event, Finding, Kind
from bongsu.grouping import fingerprint
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Entry, Message, Note, State, Trouble, in_common
from bongsu.routing import Ability, escalation, silences
from bongsu.routing.escalation import Escalation
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.router import Router
from bongsu.routing.silences import Silence
from bongsu.routing.sorting import Sorting

__all__ = [
    "DIGEST_ENTRIES",
    "Acknowledged",
    "Policy",
    "Resolved",
    "Standing",
    "Tick",
    "addresses",
    "concerned",
    "fingerprint",
    "handle",
    "message_of",
    "write_digest",
]

DIGEST_ENTRIES = 5  # named in a digest; the rest is a number (DESIGN §6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about deciding."""

    channels: Mapping[str, Ability]  # never empty
    router: Router = field(default_factory=Router)
    sorting: Sorting = field(default_factory=Sorting)
    destinations: Mapping[str, str] = field(default_factory=dict)  # by channel; channels may share one
    schedule: Schedule = field(default_factory=Schedule)
    silences: tuple[Silence, ...] = ()
    quiet_hours: QuietHours | None = None
    deploys: tuple[Deploy, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    notes: tuple[Note, ...] = ()  # what Bongsu has to say of itself at present
    summary: Rhythm | None = None  # None: nobody wants one


@dataclass(frozen=True, slots=True)
class Standing:
    """The state one happening is judged by: its group, and the storm books of the channels it is told in."""

    group: Group | None
    storms: Mapping[str, Storm]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Something good was seen: a lasting problem is over."""

    finding: Finding | None = None  # how it stands; None: nobody watches it any more


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has taken it on."""


Happening = Occurrence | Tick | Resolved | Acknowledged


def addresses(event: Event, policy: Policy) -> tuple[str, ...]:
    """The configured channels an event goes to; never none, and none twice, also under two names."""
    found: dict[str, str] = {}
    for channel in routing.wanted(event, policy.router):
        found.setdefault(_place(channel, policy), routing.substitute(channel, policy.channels))
    return tuple(found.values())


def concerned(group: Group | None, event: Event | None, now: float, policy: Policy) -> frozenset[str]:
    """Every channel that a problem may be told in when it is judged with this as its newest event."""
    samples = [each for each in (event, group.sample if group else None) if each]
    asked = frozenset(addresses(samples[0], policy)) if samples else frozenset[str]()
    if group is None:
        return asked
    more = (_reached(sample, now - group.began_at, policy) for sample in samples)
    return asked.union(group.channels, *more)


def handle(
    standing: Standing, happening: Happening, now: float, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    """Judge one happening: the next state, and what is to be delivered for it."""
    match happening:
        case Occurrence(event=Event(kind=Kind.RECORD) as event):
            return standing, tuple(_record(event, channel, now, policy) for channel in addresses(event, policy))
        case Occurrence() if standing.group and groups.is_over(standing.group, now, policy.schedule):
            standing, quiet = handle(standing, Tick(), now, policy)
            standing, back = handle(standing, happening, now, policy)
            return standing, quiet + back
        case Occurrence(event=event):
            known = groups.rebased(standing.group, now) if standing.group else None
            newest = event or (known.sample if known else None)
            asked = addresses(newest, policy) if newest else ()
            group, decision = groups.occur(known, asked, happening, now)
            group = _gone_on(group, known, standing.storms)
        case Tick():
            assert standing.group is not None, "only a group lives through time"
            group, decision = groups.tick(groups.rebased(standing.group, now), now, policy.schedule)
        case Resolved():
            assert standing.group is not None, "only what was told can be over"
            group, decision = groups.resolve(groups.rebased(standing.group, now), now)
        case Acknowledged():
            assert standing.group is not None, "only what is known can be acknowledged"
            group, decision = groups.acknowledged(groups.rebased(standing.group, now), now)
    group, decision = _held_back(*_escalated(group, decision, now, policy), now, policy)
    if group.silence and standing.group and not standing.group.silence:
        group = replace(group, is_owed=_is_owed(standing, policy))
    if decision is None:
        return Standing(group, standing.storms), ()
    finding = happening.finding if isinstance(happening, Resolved) else None
    message = replace(message_of(group, decision, now, policy), finding=finding)
    return _tell(group, standing.storms, message, policy)


def _gone_on(group: Group, known: Group | None, books: Mapping[str, Storm]) -> Group:
    """An end that nobody was told of is none: what comes back while its digest is open is counted from its begin."""
    if known is None or known.phase is not Phase.QUIET or not _is_in_open_digest(known, books):
        return group
    numbers = {telling.channel: telling.digest for telling in known.tellings}
    tellings = tuple(replace(telling, digest=numbers.get(telling.channel, 0)) for telling in group.tellings)
    count, users = known.count + group.count, known.users | group.users
    return replace(group, tellings=tellings, began_at=known.began_at, count=count, users=users)


def _is_in_open_digest(group: Group, books: Mapping[str, Storm]) -> bool:
    told_in = ((telling.digest, books[telling.channel]) for telling in group.tellings if telling.channel in books)
    return any(storm.opened_at and storm.digest == number for number, storm in told_in)


def _escalated(group: Group, decision: Decision | None, now: float, policy: Policy) -> Verdict:
    """More people are told when nobody has acknowledged it in time; an episode that begins or worsens sets when."""
    if not policy.escalations:
        return replace(group, escalate_at=0.0) if group.escalate_at else group, decision
    is_due = 0 < group.escalate_at <= now
    if decision is not None and _sets_escalation(group, decision, is_due=is_due):
        return replace(group, escalate_at=_escalates_at(group, now, policy)), decision
    if group.phase is Phase.QUIET or not is_due or group.silence:
        return group, decision
    reached = _reached(group.sample, now - group.began_at, policy)
    return groups.escalated(group, _widened(group.tellings, reached, policy), _next_step_at(group, now, policy), now)


def _sets_escalation(group: Group, decision: Decision, *, is_due: bool) -> bool:
    if decision.reason is Reason.WORSENED:
        return not is_due and not group.acknowledged_at
    return decision.reason in _BEGINNINGS


def _escalates_at(group: Group, now: float, policy: Policy) -> float:
    """At once, if it was taken in late, or if those who hear of the worst alone should have by now."""
    reached = _reached(group.sample, now - group.began_at, policy)
    asked, told = ({_place(channel, policy) for channel in channels} for channels in (reached, group.channels))
    return _next_step_at(group, now, policy) if asked <= told else now


def _next_step_at(group: Group, now: float, policy: Policy) -> float:
    later = escalation.next_step(policy.escalations, group.sample, now - group.began_at)
    return group.began_at + later.after_s if later else 0.0


def _reached(event: Event, age_s: float, policy: Policy) -> tuple[str, ...]:
    """Who has to hear of such a problem at that age."""
    asked = escalation.due(policy.escalations, event, age_s)
    return tuple(dict.fromkeys(routing.substitute(channel, policy.channels) for channel in asked))


def _widened(tellings: Sequence[Telling], channels: Sequence[str], policy: Policy) -> tuple[Telling, ...]:
    """With these channels too. One that leads where another does takes its place: it calls other people there."""
    by_place = {_place(telling.channel, policy): telling for telling in tellings}
    known = {telling.channel for telling in tellings}
    for channel in (each for each in channels if each not in known):
        place = _place(channel, policy)
        by_place[place] = replace(by_place.get(place, Telling(channel=channel)), channel=channel, digest=0)
    return tuple(by_place.values())


def _place(channel: str, policy: Policy) -> str:
    reachable = routing.substitute(channel, policy.channels)
    return policy.destinations.get(reachable, reachable)


def _held_back(group: Group, decision: Decision | None, now: float, policy: Policy) -> Verdict:
    """What is left of a decision while a silence holds; and, at its end, what is to be said of that."""
    asked = (each for each in policy.silences if each.id not in group.outspoken)
    silence = silences.holding(asked, group.fingerprint, group.sample, now)
    has_ended = group.phase is Phase.QUIET
    if silence is not None and not has_ended:
        held, update = groups.silenced(group, silence.id, silence.until, now)
        return held, update or (decision if decision and decision.reason is Reason.UPDATED else None)
    if has_ended and (group.silence or (silence and decision)):
        if group.is_owed and decision:
            return groups.freed(group), decision
        return groups.freed(group), Decision(reason=Reason.UPDATED)  # a message that stands turns green
    return groups.unsilenced(group, now) if group.silence else (group, decision)


def _is_owed(standing: Standing, policy: Policy) -> bool:
    """Whether somebody who was told of it was not told of all that happened since."""
    group = standing.group
    assert group is not None, "the caller has looked"
    return group.phase is Phase.FIRING and any(
        _has_untold(group, telling, standing.storms[telling.channel], policy) for telling in group.tellings
    )


def _has_untold(group: Group, telling: Telling, storm: Storm, policy: Policy) -> bool:
    if telling.posted and policy.channels[routing.substitute(telling.channel, policy.channels)] is Ability.EDITS:
        return False  # its edits show all
    if telling.digest:
        return not storms.tells_of(storm, telling.digest, group.active_at)
    return telling.posted and group.count > group.told_count


def write_digest(
    storm: Storm, channel: str, top: Sequence[Group], problems: int, occurrences: int, now: float, policy: Policy
) -> tuple[Storm, tuple[Delivery, ...]]:
    """Close a storm's open digest. `top` holds its most frequent problems, at most DIGEST_ENTRIES."""
    closed = storms.written(storm, now)
    if problems == 0 or policy.channels[channel] is Ability.FORWARDS:
        return closed, ()
    message = Message(
        reason=Reason.DIGEST,
        state=State.QUIET if storm.is_over else State.FIRING,
        at=now,
        app=in_common(group.sample.app for group in top),
        environment=in_common(group.sample.environment for group in top),
        count=occurrences,
        total=occurrences,
        episode_began_at=storm.opened_at,
        first_seen_at=min(group.began_at for group in top),
        last_seen_at=max(group.last_seen_at for group in top),
        entries=tuple(Entry.of(group.sample, group.count) for group in top),
        problems=problems,
        cause=_shared_cause(storm, top, problems, policy),
        notes=policy.notes,
    )
    # Two channels may share a destination, and a store in memory counts from one again: the number is not enough.
    key = f"digest/{channel}/{storm.digest}/{storm.opened_at}"
    return closed, (Delivery(channel=channel, verb=Verb.POST, key=key, message=message),)


def _shared_cause(storm: Storm, top: Sequence[Group], problems: int, policy: Policy) -> Cause | None:
    """What half of a digest's problems or more have in common; the book knows how many, the problems know what."""
    found = {key: cause for group in top for key, cause in _causes(group, policy).items()}
    for heard in causes.shared(storm.causes, problems):
        if heard.key in found:
            return replace(found[heard.key], problems=min(heard.inside, problems))
    return None


def _causes(group: Group, policy: Policy) -> dict[str, Cause]:
    return causes.of(group.sample, group.began_at, group.first_seen_at, policy.deploys)


def _tell(
    group: Group, books: Mapping[str, Storm], message: Message, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    tellings: list[Telling] = []
    deliveries: list[Delivery] = []
    after = dict(books)
    for telling in group.tellings:
        channel = routing.substitute(telling.channel, policy.channels)
        told, storm, made = _tell_in(channel, group, telling, books[telling.channel], message, policy)
        tellings.append(told)
        after[telling.channel] = storm
        deliveries += made
    return Standing(replace(group, tellings=tuple(tellings)), after), tuple(deliveries)


def _tell_in(
    channel: str, group: Group, telling: Telling, storm: Storm, message: Message, policy: Policy
) -> tuple[Telling, Storm, tuple[Delivery, ...]]:
    """Tell it in one channel, or leave it to the digest that is open there."""
    ability = policy.channels[channel]
    if ability is Ability.FORWARDS:
        return replace(telling, forwarded=group.total), storm, _forward(group, telling, channel)
    verbs = _verbs(ability, group, telling, message.reason)
    hold_till = policy.quiet_hours.waits_till(group.sample, message.at) if policy.quiet_hours else 0.0
    if not verbs and message.reason in _ENDS and _has_untold(group, telling, storm, policy):
        storm = storms.gathered_end(storm, message.at, hold_till=hold_till)
        return replace(telling, digest=storm.digest), storm, ()
    if Verb.POST in verbs and (hold_till or message.reason not in _ENDS):
        keys = _causes(group, policy).keys() if message.reason in _GATHERED and not telling.posted else ()
        storm, alone = storms.admit(
            storm,
            message.at,
            policy.schedule,
            hold_till=hold_till,
            level=group.sample.level,
            keys=keys,
            digest=telling.digest,
        )
        if not alone:
            return replace(telling, digest=storm.digest), storm, ()
        telling = replace(telling, posted=True, digest=0)
    key = f"{group.fingerprint}/{group.episode}"
    made = tuple(Delivery(channel=channel, verb=verb, key=key, message=message) for verb in verbs)
    return telling, storm, made


_BEGINNINGS = (Reason.FIRST_SEEN, Reason.CAME_BACK)
_GATHERED = (*_BEGINNINGS, Reason.GROWING, Reason.REMINDER)  # by cause; others ask for more attention
_ENDS = (Reason.QUIET, Reason.RESOLVED)


def _verbs(ability: Ability, group: Group, telling: Telling, reason: Reason) -> tuple[Verb, ...]:
    if not telling.posted:
        if reason is Reason.UPDATED or reason in _ENDS:
            return ()  # a digest told of it
        sample = group.sample
        has_details = sample.culprit is not None or sample.trail or (sample.process and sample.process.output)
        return (Verb.POST, Verb.STACK) if ability is Ability.EDITS and has_details else (Verb.POST,)
    if ability is Ability.EDITS:
        return (Verb.EDIT,) if reason is Reason.UPDATED else (Verb.EDIT, Verb.REPLY)
    return () if reason is Reason.UPDATED else (Verb.POST,)


def message_of(group: Group, decision: Decision, now: float, policy: Policy) -> Message:
    """The facts of a problem as they stand."""
    return Message(
        reason=decision.reason,
        state=_state(group),
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
        deploy=deploys.before(policy.deploys, group.began_at),
        notes=policy.notes,
    )


def _state(group: Group) -> State:
    if group.phase is Phase.QUIET:
        return State.QUIET
    if group.silence:
        return State.SILENCED
    return State.ACKNOWLEDGED if group.acknowledged_at else State.FIRING


def _forward(group: Group, telling: Telling, channel: str) -> tuple[Delivery, ...]:
    """The newest sample, for the occurrences not yet passed on; sent again it has a new id."""
    if group.total == telling.forwarded:
        return ()
    key = f"forward/{group.fingerprint}"
    sample = group.sample
    if telling.forwarded:
        sample = replace(sample, id=hashlib.sha256(f"{sample.id}/{group.total}".encode()).hexdigest()[:32])
    message = Message(
        reason=Reason.UPDATED,
        state=State.FIRING,
        at=group.last_seen_at,
        event=sample,
        count=group.total - telling.forwarded,
        total=group.total,
        first_seen_at=group.first_seen_at,
        last_seen_at=group.last_seen_at,
    )
    return (Delivery(channel=channel, verb=Verb.FORWARD, key=key, message=message),)


def _record(event: Event, channel: str, now: float, policy: Policy) -> Delivery:
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
