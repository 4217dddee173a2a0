"""The whole journey of an event in one readable function. Pure: the shell loads the state, saves it, and sends.

    event ─▶ fingerprint ─▶ decision(reason) ─▶ route ─▶ message ─▶ deliveries

Scrubbing has happened before an `Event` exists: nothing unscrubbed ever reaches a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bongsu.alerting import group as groups
from bongsu.alerting.decision import Decision, Reason
from bongsu.alerting.group import Group, Occurrence, Phase, Verdict
from bongsu.alerting.storm import Storm
from bongsu.event import Event, Finding, Kind
from bongsu.grouping import fingerprint
from bongsu.messages.delivery import Delivery
from bongsu.pipeline.digests import DIGEST_ENTRIES, is_owed, write_digest
from bongsu.pipeline.escalating import escalated, reached
from bongsu.pipeline.policy import Policy, Standing, addresses
from bongsu.pipeline.telling import message_of, record, tell
from bongsu.routing import silences

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


def concerned(group: Group | None, event: Event | None, now: float, policy: Policy) -> frozenset[str]:
    """Every channel that a problem may be told in when it is judged with this as its newest event."""
    samples = [each for each in (event, group.sample if group else None) if each]
    asked = frozenset(addresses(samples[0], policy)) if samples else frozenset[str]()
    if group is None:
        return asked
    more = (reached(sample, now - group.began_at, policy) for sample in samples)
    return asked.union(group.channels, *more)


def handle(
    standing: Standing, happening: Happening, now: float, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    """Judge one happening: the next state, and what is to be delivered for it."""
    match happening:
        case Occurrence(event=Event(kind=Kind.RECORD) as event):
            return standing, tuple(record(event, channel, now, policy) for channel in addresses(event, policy))
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
    group, decision = _held_back(*escalated(group, decision, now, policy), now, policy)
    if group.silence and standing.group and not standing.group.silence:
        group = replace(group, is_owed=is_owed(standing, policy))
    if decision is None:
        return Standing(group, standing.storms), ()
    finding = happening.finding if isinstance(happening, Resolved) else None
    message = replace(message_of(group, decision, now, policy), finding=finding)
    return tell(group, standing.storms, message, policy)


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
