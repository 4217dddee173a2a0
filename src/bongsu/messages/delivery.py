"""The delivery: one message for one channel, decided and not yet delivered."""

from dataclasses import dataclass
from enum import StrEnum

from bongsu.messages.message import Message


class Verb(StrEnum):
    """What to do with the message."""

    POST = "post"  # a message of its own
    EDIT = "edit"  # replace the one posted under the same key
    REPLY = "reply"  # into the thread of the one posted under the same key
    STACK = "stack"  # the full stack as a file in that thread
    FORWARD = "forward"  # the event itself, for a server that decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What `pipeline.handle` returns and the outbox keeps.

    Deliveries of one episode (or digest, or record) share a `key`; while an earlier one of the same key and verb still
    waits, a newer one replaces its text.
    """

    channel: str
    verb: Verb
    key: str
    message: Message
