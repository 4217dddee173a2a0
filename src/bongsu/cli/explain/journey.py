"""An event on its way through the rules: what each step sees and decides. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bongsu import pipeline
from bongsu.alerting.decision import Decision, Reason
from bongsu.alerting.group import Group, Occurrence
from bongsu.alerting.storm import Storm
from bongsu.event import Event
from bongsu.messages.delivery import Delivery
from bongsu.messages.message import Message
from bongsu.pipeline import Policy, Standing
from bongsu.routing.patterns import meets
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What is known of one event, and what would be decided if it happened at `now`."""

    event: Event
    group: Group | None  # None: nobody has seen such a problem
    fingerprint: str
    policy: Policy
    now: float
    after: Group  # how the problem would stand then
    storms: Mapping[str, Storm]  # the books of the channels that it is told in, then
    deliveries: tuple[Delivery, ...]  # that would be made
    shown: Message  # its card: as it would be told, or as it stands where nothing would be


def journey(event: Event, group: Group | None, storms: Mapping[str, Storm], now: float, policy: Policy) -> Journey:
    """Let it happen once more, on paper. `storms` holds the book of every channel of the policy."""
    fingerprint = policy.sorting.fingerprint(event)
    happening = Occurrence(
        fingerprint=group.fingerprint if group else fingerprint, at=now, event=replace(event, at=now)
    )
    asked = pipeline.concerned(group, happening.event, now, policy)
    standing = Standing(group, {channel: storms.get(channel, Storm()) for channel in asked})
    after, deliveries = pipeline.handle(standing, happening, now, policy)
    assert after.group is not None, "no record is kept with the problems"
    return Journey(
        event=event,
        group=group,
        fingerprint=fingerprint,
        policy=policy,
        now=now,
        after=after.group,
        storms=after.storms,
        deliveries=deliveries,
        shown=_shown(deliveries, group or after.group, now, policy),
    )


def _shown(deliveries: Sequence[Delivery], group: Group, now: float, policy: Policy) -> Message:
    if deliveries:
        return deliveries[0].message
    return pipeline.message_of(group, Decision(reason=Reason.UPDATED), now, policy)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says to an event."""

    number: int  # from 1, as in the file
    to: tuple[str, ...]
    unmet: tuple[str, ...]  # each a condition that does not hold, as a sentence; empty: it matches
    is_asked: bool  # False: an earlier one has decided


def verdicts(event: Event, router: Router) -> Iterator[Verdict]:
    """Every rule in its order."""
    is_decided = False
    for number, rule in enumerate(router.rules, 1):
        unmet = tuple(_unmet(event, rule))
        yield Verdict(number, rule.to, unmet, not is_decided)
        is_decided = is_decided or (not unmet and not rule.goes_on)


def _unmet(event: Event, rule: Rule) -> Iterator[str]:
    known = values(event)
    for name, wanted in rule.when.items():
        if not meets(event, {name: wanted}):
            seen = " or ".join(filter(None, known.get(name, ()))) or "nothing"
            yield f"{name} is {seen}, not {' or '.join(wanted)}"
