"""Two books of one problem become one: a second is kept in memory while the file of the first cannot be used."""

from collections.abc import Mapping
from dataclasses import replace

from bongsu.alerting.group import Group, Phase, Telling

Tellings = Mapping[str, Telling]
"""By channel."""


def merged(group: Group, other: Group) -> Group:
    """The group with what a second book, kept for a while beside the first, knows of the same problem.

    An episode that still fires in either book fires on: its end is told with the counts of both.
    """
    older, newer = sorted((group, other), key=lambda each: each.active_at)
    fires = Phase.FIRING in (group.phase, other.phase)
    is_first = group.phase is Phase.FIRING or (group is newer and not fires)
    base = group if is_first else replace(other, episode=group.episode + other.episode)
    return replace(
        base,
        phase=Phase.FIRING if fires else Phase.QUIET,
        count=newer.count if older.phase is Phase.QUIET else older.count + newer.count,
        total=group.total + other.total,
        sample=newer.sample,
        tellings=_merged_tellings(base, other if base is group else group),
        first_seen_at=min(group.first_seen_at, other.first_seen_at),
        last_seen_at=max(group.last_seen_at, other.last_seen_at),
        active_at=newer.active_at,
        request_ids=newer.request_ids,
        users=group.users | other.users,
    )


def undigested(group: Group) -> Group:
    """The same for another book, whose digests have other numbers."""
    return replace(group, tellings=tuple(replace(telling, digest=0) for telling in group.tellings))


def _merged_tellings(base: Group, other: Group) -> tuple[Telling, ...]:
    own, others = ({telling.channel: telling for telling in each.tellings} for each in (base, other))
    fires = other.phase is Phase.FIRING
    return tuple(_merged_telling(channel, own, others, fires) for channel in (own | others))


def _merged_telling(channel: str, own: Tellings, others: Tellings, fires: bool) -> Telling:
    one, other = (each.get(channel, Telling(channel=channel)) for each in (own, others))
    return replace(one, posted=one.posted or (other.posted and fires), forwarded=one.forwarded + other.forwarded)
