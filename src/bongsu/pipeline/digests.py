"""What the digest of a channel tells, and what nobody has been told yet."""

from collections.abc import Sequence
from dataclasses import replace

from bongsu import routing
from bongsu.alerting import causes
from bongsu.alerting import storm as storms
from bongsu.alerting.causes import Cause
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Group, Phase, Telling
from bongsu.alerting.storm import Storm
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Entry, Message, State, in_common
from bongsu.pipeline.policy import Policy, Standing
from bongsu.routing import Ability

DIGEST_ENTRIES = 5  # named in a digest; the rest is a number (DESIGN §6)


def is_owed(standing: Standing, policy: Policy) -> bool:
    """Whether somebody who was told of it was not told of all that happened since."""
    group = standing.group
    assert group is not None, "the caller has looked"
    return group.phase is Phase.FIRING and any(
        has_untold(group, telling, standing.storms[telling.channel], policy) for telling in group.tellings
    )


def has_untold(group: Group, telling: Telling, storm: Storm, policy: Policy) -> bool:
    """Whether some of its occurrences have not been told in that channel."""
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
    found = {key: cause for group in top for key, cause in causes_of(group, policy).items()}
    for heard in causes.shared(storm.causes, problems):
        if heard.key in found:
            return replace(found[heard.key], problems=min(heard.inside, problems))
    return None


def causes_of(group: Group, policy: Policy) -> dict[str, Cause]:
    """What it may share with others, by key."""
    return causes.of(group.sample, group.began_at, group.first_seen_at, policy.deploys)
