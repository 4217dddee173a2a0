"""More people are told when nobody has acknowledged a problem in time."""

from collections.abc import Sequence
from dataclasses import replace

from bongsu import routing
from bongsu.alerting import group as groups
from bongsu.alerting.decision import BEGINNINGS, Decision, Reason
from bongsu.alerting.group import Group, Phase, Telling, Verdict
from bongsu.event import Event
from bongsu.pipeline.policy import Policy, place
from bongsu.routing import escalation


def escalated(group: Group, decision: Decision | None, now: float, policy: Policy) -> Verdict:
    """More people are told when nobody has acknowledged it in time; an episode that begins or worsens sets when."""
    if not policy.escalations:
        return replace(group, escalate_at=0.0) if group.escalate_at else group, decision
    is_due = 0 < group.escalate_at <= now
    if decision is not None and _sets_escalation(group, decision, is_due=is_due):
        return replace(group, escalate_at=_escalates_at(group, now, policy)), decision
    if group.phase is Phase.QUIET or not is_due or group.silence:
        return group, decision
    asked = reached(group.sample, now - group.began_at, policy)
    return groups.escalated(group, _widened(group.tellings, asked, policy), _next_step_at(group, now, policy), now)


def _sets_escalation(group: Group, decision: Decision, *, is_due: bool) -> bool:
    if decision.reason is Reason.WORSENED:
        return not is_due and not group.acknowledged_at
    return decision.reason in BEGINNINGS


def _escalates_at(group: Group, now: float, policy: Policy) -> float:
    """At once, if it was taken in late, or if those who hear of the worst alone should have by now."""
    due = reached(group.sample, now - group.began_at, policy)
    asked, told = ({place(channel, policy) for channel in channels} for channels in (due, group.channels))
    return _next_step_at(group, now, policy) if asked <= told else now


def _next_step_at(group: Group, now: float, policy: Policy) -> float:
    later = escalation.next_step(policy.escalations, group.sample, now - group.began_at)
    return group.began_at + later.after_s if later else 0.0


def reached(event: Event, age_s: float, policy: Policy) -> tuple[str, ...]:
    """Who has to hear of such a problem at that age."""
    asked = escalation.due(policy.escalations, event, age_s)
    return tuple(dict.fromkeys(routing.substitute(channel, policy.channels) for channel in asked))


def _widened(tellings: Sequence[Telling], channels: Sequence[str], policy: Policy) -> tuple[Telling, ...]:
    """With these channels too. One that leads where another does takes its place: it calls other people there."""
    by_place = {place(telling.channel, policy): telling for telling in tellings}
    known = {telling.channel for telling in tellings}
    for channel in (each for each in channels if each not in known):
        where = place(channel, policy)
        by_place[where] = replace(by_place.get(where, Telling(channel=channel)), channel=channel, digest=0)
    return tuple(by_place.values())
