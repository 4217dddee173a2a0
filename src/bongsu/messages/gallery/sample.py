"""What a sample is."""

from dataclasses import dataclass
from enum import StrEnum

from bongsu.messages.message import Message


class Mode(StrEnum):
    """In which form a message goes out."""

    FIRST = "first"  # a message of its own, or the one that a bot edits
    FOLLOW_UP = "follow_up"  # where nothing can be edited: a further message of the same problem
    REPLY = "reply"  # in the thread of a bot's message
    PLAIN = "plain"  # text alone, after Slack refused the layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message, and what it is a sample of."""

    name: str  # `crash_loop`
    title: str  # for a person, in English
    message: Message
    modes: tuple[Mode, ...] = (Mode.FIRST, Mode.PLAIN)  # those that occur


TOLD_AGAIN = (Mode.FIRST, Mode.FOLLOW_UP, Mode.REPLY, Mode.PLAIN)
"""Of a problem that was told before."""
