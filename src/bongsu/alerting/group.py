"""The state table of one problem: what an occurrence or the passing of time changes, and what is told for it.

phase    what happens                                   next      decision
-        first occurrence                               FIRING    first_seen
QUIET    occurrence                                     FIRING    came_back (a new episode)
FIRING   occurrence                                     FIRING    none: it is counted
FIRING   occurrence of a worse stage                    FIRING    worsened
FIRING   no occurrence for quiet_after_s, unless it     QUIET     quiet
         lasts until something good is seen
FIRING   something good was seen                        QUIET     resolved
FIRING   count reached a step, not told for a minute    FIRING    growing
FIRING   not told for remind_every_s                    FIRING    reminder
FIRING   count differs from the one shown               FIRING    updated (edits only)
FIRING   nobody has acknowledged it for so long         FIRING    escalated, in more channels
FIRING   somebody acknowledges it                       FIRING    updated (edits only)
any      a silence begins to hold it back               same      updated (edits only); what follows is held back
FIRING   no silence holds it back any more              FIRING    silence_ended
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bongsu import event as events
from bongsu.alerting.decision import Decision, Reason
from bongsu.event import Event, Problem

REQUEST_IDS_MAX = 3  # the newest ones; more does not help a reader
EVENT_IDS_MAX = 10  # the newest described ones, by which people ask; one a minute of a problem is described
OUTSPOKEN_MAX = 20  # silences of one episode; people begin one or two
USER_BITS = 1_024  # linear counting: exact to a few per cent up to some 2 000 users, then "very many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When to speak again. Seconds."""

    quiet_after_s: float = 30 * 60
    remind_every_s: float = 4 * 3600
    growth_every_s: float = 60
    growth_factor: int = 10  # growth is told at 10, 100, 1 000 …
    edit_early_s: float = 5  # pace of edits while the episode is young …
    edit_early_for_s: float = 60
    edit_late_s: float = 30  # … and afterwards; Slack allows some 50 edits a minute per app in all
    storm_budget: int = 5  # messages of their own that distinct problems get per storm window
    storm_window_s: float = 60
    storm_calm_s: float = 5  # a digest closes early when no new problem came for this long


class Phase(StrEnum):
    """Where a problem stands."""

    FIRING = "firing"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One or many equal happenings, as the state table sees them."""

    fingerprint: str
    at: float  # of the newest
    times: int = 1  # 0: counted already, and worse than it was
    event: Event | None = None  # a detailed sample; None: only counted
    request_ids: tuple[str, ...] = ()
    users: int = 0  # bitmap of hashed users


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What one channel has heard of the problem."""

    channel: str
    posted: bool = False  # this episode has a message of its own there
    digest: int = 0  # number of the digest that told of it last; 0: none did since its own message
    forwarded: int = 0  # occurrences already passed on to a server that decides for itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One problem: its counts, its current episode, and what was told of it. Times are seconds since the epoch."""

    fingerprint: str
    tellings: tuple[Telling, ...]  # one for each channel that the episode is told in
    sample: Event
    phase: Phase
    total: int
    first_seen_at: float
    last_seen_at: float
    episode: int  # 1 for the first
    count: int  # in this episode
    began_at: float  # of this episode
    active_at: float  # when the newest occurrence was taken in
    told_at: float
    shown_at: float
    shown_count: int
    step: int  # the count whose growth is told already; 1: of none
    request_ids: tuple[str, ...] = ()
    users: int = 0
    acknowledged_at: float = 0.0  # in this episode; 0: nobody has
    escalate_at: float = 0.0  # when more people are told; 0: never
    told_count: int = 0  # occurrences of the episode that its last message told
    is_owed: bool = False  # some happened between that message and a silence: the end has to tell of them
    silence: str = ""  # the id of the one that holds it back
    silenced_till: float = 0.0
    event_ids: tuple[str, ...] = ()  # of the newest that were described, the newest last
    outspoken: tuple[str, ...] = ()  # silences that held it back in this episode, and whose end was told

    @property
    def channels(self) -> tuple[str, ...]:
        """Where it is told."""
        return tuple(telling.channel for telling in self.tellings)


Verdict = tuple[Group, Decision | None]


def occur(group: Group | None, channels: Sequence[str], occurrence: Occurrence, now: float) -> Verdict:
    """Take in an occurrence. The first one of a problem needs a detailed sample, and somewhere to be told."""
    if group is None:
        assert occurrence.event is not None, "the first occurrence of a group carries its event"
        return _born(channels, occurrence.event, occurrence, now), Decision(reason=Reason.FIRST_SEEN)
    if group.phase is Phase.QUIET:
        back = _new_episode(_counted(group, occurrence, now), channels or group.channels, occurrence, now)
        return back, Decision(reason=Reason.CAME_BACK)
    counted = _counted(group, occurrence, now)
    if _stage(counted.sample) > max(_EXITED, _stage(group.sample)):
        worse = replace(_told(counted, now), step=counted.count)
        return worse, Decision(reason=Reason.WORSENED)
    return counted, None


def resolve(group: Group, now: float) -> Verdict:
    """Something good was seen: the problem is over."""
    if group.phase is not Phase.FIRING:
        return group, None
    return replace(_shown(group, now), phase=Phase.QUIET), Decision(reason=Reason.RESOLVED)


def acknowledged(group: Group, now: float) -> Verdict:
    """Somebody has taken it on: nobody else need be told."""
    if group.phase is not Phase.FIRING or group.acknowledged_at:
        return group, None
    return replace(_shown(group, now), acknowledged_at=now, escalate_at=0.0), Decision(reason=Reason.UPDATED)


def escalated(group: Group, tellings: tuple[Telling, ...], next_at: float, now: float) -> Verdict:
    """Nobody has, for so long: more channels hear of it."""
    told = replace(_told(group, now), tellings=tellings, escalate_at=next_at)
    return told, Decision(reason=Reason.ESCALATED)


def silenced(group: Group, silence: str, till: float, now: float) -> Verdict:
    """A silence holds it back."""
    held = replace(group, silence=silence, silenced_till=till)
    return (held, None) if group.silence else (_shown(held, now), Decision(reason=Reason.UPDATED))


def unsilenced(group: Group, now: float) -> Verdict:
    """No silence holds it back any more, and it fires still: that is worth a word, and once in an episode.

    Of two servers with two releases in turn, one is meant by a silence until the other release, and one is not.
    """
    told = (*group.outspoken, group.silence)[-OUTSPOKEN_MAX:]
    free = replace(_told(freed(group), now), step=group.count, outspoken=told)
    return free, Decision(reason=Reason.SILENCE_ENDED)


def freed(group: Group) -> Group:
    """The same without its silence."""
    return replace(group, silence="", silenced_till=0.0)


def is_over(group: Group, now: float, schedule: Schedule) -> bool:
    """Whether the episode has ended, though no tick may have noticed: nobody was running."""
    return group.phase is Phase.FIRING and not lasts(group) and now - group.active_at >= schedule.quiet_after_s


def lasts(group: Group) -> bool:
    """Whether silence is no recovery: a job that is not heard of makes no noise."""
    return group.sample.finding is not None and group.sample.finding.problem.lasts


def tick(group: Group, now: float, schedule: Schedule) -> Verdict:
    """Let time pass. At most one decision; the most telling one wins."""
    if group.phase is not Phase.FIRING:
        return group, None
    if is_over(group, now, schedule):
        return replace(_shown(group, now), phase=Phase.QUIET), Decision(reason=Reason.QUIET)
    untold_s = now - group.told_at
    if group.count >= next_step(group, schedule) and untold_s >= schedule.growth_every_s:
        reached = step_reached(group.count, schedule.growth_factor)
        return replace(_told(group, now), step=group.count), Decision(reason=Reason.GROWING, step=reached)
    if untold_s >= schedule.remind_every_s:
        return _told(group, now), Decision(reason=Reason.REMINDER)
    if group.count > group.shown_count and now - group.shown_at >= _edit_pace_s(group, schedule):
        return _shown(group, now), Decision(reason=Reason.UPDATED)
    return group, None


def due_at(group: Group, schedule: Schedule) -> float:
    """When `tick` has something to look at next; infinity while quiet."""
    if group.phase is not Phase.FIRING:
        return math.inf
    times = [group.told_at + schedule.remind_every_s]
    if group.silence:
        times.append(group.silenced_till)
    elif group.escalate_at:
        times.append(group.escalate_at)
    if not lasts(group):
        times.append(group.active_at + schedule.quiet_after_s)
    if group.count >= next_step(group, schedule):
        times.append(group.told_at + schedule.growth_every_s)
    if group.count > group.shown_count:
        times.append(group.shown_at + _edit_pace_s(group, schedule))
    return min(times)


def rebased(group: Group, now: float) -> Group:
    """The same group after the clock was set back: no time of it lies in the future, so its timers run on."""
    if max(group.active_at, group.told_at, group.shown_at) <= now:
        return group
    names = ("active_at", "told_at", "shown_at", "began_at", "last_seen_at", "first_seen_at")
    earlier = {name: min(getattr(group, name), now) for name in names}
    escalate_at = group.escalate_at and group.escalate_at - max(0.0, group.began_at - now)
    return replace(group, **earlier, escalate_at=escalate_at)


def next_step(group: Group, schedule: Schedule) -> int:
    """The count at which growth is told next, by the factor in force: it may have been another at the last word."""
    return step_reached(group.step, schedule.growth_factor) * schedule.growth_factor


def step_reached(count: int, factor: int) -> int:
    """The highest power of the factor that `count` has reached: 1 240 → 1 000."""
    step = 1
    while step * factor <= count:
        step *= factor
    return step


def distinct_users(bitmap: int) -> int:
    """How many users set these bits, by linear counting."""
    empty = USER_BITS - bitmap.bit_count()
    return USER_BITS * 4 if empty == 0 else round(USER_BITS * math.log(USER_BITS / empty))


def to_json(group: Group) -> dict[str, Any]:
    """The group as JSON values; `from_json` is its inverse."""
    data = {name: getattr(group, name) for name in Group.__slots__}
    tellings = [{name: getattr(telling, name) for name in Telling.__slots__} for telling in group.tellings]
    return data | {"sample": events.to_json(group.sample), "users": f"{group.users:x}", "tellings": tellings}


def from_json(data: dict[str, Any]) -> Group:
    """The inverse of `to_json`."""
    values = data | {
        "sample": events.from_json(data["sample"]),
        "phase": Phase(data["phase"]),
        "request_ids": tuple(data["request_ids"]),
        "event_ids": tuple(data.get("event_ids", ())),
        "outspoken": tuple(data.get("outspoken", ())),
        "tellings": tuple(Telling(**telling) for telling in data["tellings"]),
        "users": int(data["users"], 16),
    }
    return Group(**values)


def _born(channels: Sequence[str], event: Event, occurrence: Occurrence, now: float) -> Group:
    at = min(occurrence.at, now)
    return Group(
        fingerprint=occurrence.fingerprint,
        tellings=tuple(Telling(channel=channel) for channel in channels),
        sample=event,
        phase=Phase.FIRING,
        total=max(1, occurrence.times),
        first_seen_at=at,
        last_seen_at=at,
        episode=1,
        count=max(1, occurrence.times),
        began_at=at,
        active_at=now,
        told_at=now,
        shown_at=now,
        shown_count=max(1, occurrence.times),
        told_count=max(1, occurrence.times),
        step=1,
        request_ids=occurrence.request_ids[-REQUEST_IDS_MAX:],
        users=occurrence.users,
        event_ids=(event.id,),
    )


def _new_episode(group: Group, channels: Sequence[str], occurrence: Occurrence, now: float) -> Group:
    forwarded = {telling.channel: telling.forwarded for telling in group.tellings}
    return replace(
        group,
        tellings=tuple(Telling(channel=channel, forwarded=forwarded.get(channel, 0)) for channel in channels),
        phase=Phase.FIRING,
        episode=group.episode + 1,
        count=max(1, occurrence.times),
        began_at=min(occurrence.at, now),
        told_at=now,
        shown_at=now,
        shown_count=max(1, occurrence.times),
        told_count=max(1, occurrence.times),
        step=1,
        request_ids=occurrence.request_ids[-REQUEST_IDS_MAX:],
        users=occurrence.users,
        acknowledged_at=0.0,
        escalate_at=0.0,
        is_owed=False,
        outspoken=(),
    )


def _counted(group: Group, occurrence: Occurrence, now: float) -> Group:
    fresh_ids = tuple(name for name in occurrence.request_ids if name not in group.request_ids)
    described = (occurrence.event.id,) if occurrence.event else ()
    return replace(
        group,
        sample=_worse(group, occurrence.event),
        event_ids=(*group.event_ids, *described)[-EVENT_IDS_MAX:],
        total=group.total + occurrence.times,
        count=group.count + occurrence.times,
        last_seen_at=max(group.last_seen_at, min(occurrence.at, now)),
        active_at=now,
        request_ids=(group.request_ids + fresh_ids)[-REQUEST_IDS_MAX:],
        users=group.users | occurrence.users,
    )


def _worse(group: Group, event: Event | None) -> Event:
    """The newest detailed event, unless the episode has seen a worse stage."""
    if event is None or (group.phase is Phase.FIRING and _stage(event) < _stage(group.sample)):
        return group.sample
    return event


def _stage(event: Event) -> int:
    return event.finding.problem.stage if event.finding else 0


_EXITED = Problem.EXITED.stage  # is told as the first occurrence of its group


def _shown(group: Group, now: float) -> Group:
    return replace(group, shown_at=now, shown_count=group.count)


def _told(group: Group, now: float) -> Group:
    return replace(_shown(group, now), told_at=now, told_count=group.count, is_owed=False)


def _edit_pace_s(group: Group, schedule: Schedule) -> float:
    """The pause before the next edit, by when it would be: `tick` and `due_at` must agree."""
    is_young = group.shown_at + schedule.edit_early_s - group.began_at < schedule.edit_early_for_s
    return schedule.edit_early_s if is_young else schedule.edit_late_s
