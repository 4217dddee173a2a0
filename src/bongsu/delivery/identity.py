"""A name for a message that stays the same when it is sent again, so that a receiver can see a repeat. Pure."""

from bongsu.messages.message import Message


def identity(message: Message) -> str:
    """32 hex digits. The digest of a backlog is written anew for each attempt, and so is its name."""
    from hashlib import sha256

    event = message.event.id if message.event else ""
    told = f"{message.reason}\n{message.at}\n{event}\n{message.count}\n{message.problems}"
    return sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
