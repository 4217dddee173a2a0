"""From a decision to the deliveries in each channel of a problem."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from bongsu import routing
from bongsu.alerting import deploys
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.decision import BEGINNINGS, Decision, Reason
from bongsu.alerting.group import Group, Phase, Telling
from bongsu.alerting.storm import Storm
from bongsu.event import Event
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message, Note, State, Trouble
from bongsu.pipeline.digests import causes_of, has_untold
from bongsu.pipeline.policy import Policy, Standing
from bongsu.routing import Ability


def tell(
    group: Group, books: Mapping[str, Storm], message: Message, policy: Policy
) -> tuple[Standing, tuple[Delivery, ...]]:
    """Tell it in each channel of the group; `books` holds the storm book of each."""
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
    if not verbs and message.reason in _ENDS and has_untold(group, telling, storm, policy):
        storm = storms.gathered_end(storm, message.at, hold_till=hold_till)
        return replace(telling, digest=storm.digest), storm, ()
    if Verb.POST in verbs and (hold_till or message.reason not in _ENDS):
        keys = causes_of(group, policy).keys() if message.reason in _GATHERED and not telling.posted else ()
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


_GATHERED = (*BEGINNINGS, Reason.GROWING, Reason.REMINDER)  # by cause; others ask for more attention
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


def record(event: Event, channel: str, now: float, policy: Policy) -> Delivery:
    """An operational record is a message of its own."""
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
