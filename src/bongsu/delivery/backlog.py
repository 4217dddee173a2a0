"""After an outage old messages become one digest, never a replay of hundreds. Pure."""

from collections.abc import Sequence

from bongsu.alerting.decision import Reason
from bongsu.messages.message import Entry, Message, State, in_common

BACKLOG_AFTER_S = 300.0  # a message that waited this long is history
BACKLOG_KEPT = 3  # as many old messages are still read one by one
ENTRIES_MAX = 5


def is_backlog(messages: int, oldest_at: float, now: float) -> bool:
    """Whether what waits, the oldest since then, is to become one digest."""
    return messages > BACKLOG_KEPT and now - oldest_at >= BACKLOG_AFTER_S


def collapse(messages: Sequence[Message], oldest_at: float, now: float) -> Message:
    """One digest of many messages, digests of storms among them: the most frequent problems, and how many in all."""
    top = sorted(_entries(messages), key=lambda entry: -entry.count)[:ENTRIES_MAX]
    count = sum(message.count for message in messages)
    return Message(
        reason=Reason.DIGEST,
        state=State.FIRING if any(message.state is State.FIRING for message in messages) else State.QUIET,
        at=now,
        app=in_common((message.event or message).app for message in messages),
        environment=in_common((message.event or message).environment for message in messages),
        count=count,
        total=count,
        episode_began_at=oldest_at,
        first_seen_at=min(message.first_seen_at for message in messages),
        last_seen_at=max(message.last_seen_at for message in messages),
        entries=tuple(top),
        problems=sum(message.problems or 1 for message in messages),
        backlog_s=now - oldest_at,
        notes=tuple(dict.fromkeys(note for message in messages for note in message.notes)),
    )


def _entries(messages: Sequence[Message]) -> list[Entry]:
    """What the messages tell of, each problem once: a storm's digest may name one that has a message, too."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in (entry for message in messages for entry in _entries_of(message)):
        known = found.get((entry.title, entry.location))
        if known is None or known.count < entry.count:
            found[entry.title, entry.location] = entry
    return list(found.values())


def _entries_of(message: Message) -> tuple[Entry, ...]:
    if message.event is None:
        return message.entries
    return (Entry.of(message.event, message.count),)
