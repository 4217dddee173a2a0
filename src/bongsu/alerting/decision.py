"""What can be decided, and the reason that the message tells."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a message is written."""

    FIRST_SEEN = "first_seen"
    CAME_BACK = "came_back"  # after quiet or resolve
    WORSENED = "worsened"  # the next stage: an exit became a crash loop, or its manager gave up
    GROWING = "growing"  # 10, 100, 1 000 … in the episode
    REMINDER = "reminder"  # still firing after hours
    QUIET = "quiet"  # none for half an hour
    RESOLVED = "resolved"  # something good was seen
    DIGEST = "digest"  # many problems in one message
    UPDATED = "updated"  # new numbers for a message that can be edited; never a message of its own
    ESCALATED = "escalated"  # nobody has acknowledged it for so long
    SILENCE_ENDED = "silence_ended"  # and the trouble is still there
    RECORD = "record"  # somebody called notify
    SUMMARY = "summary"  # of a day or a week


BEGINNINGS = (Reason.FIRST_SEEN, Reason.CAME_BACK)
"""Why an episode's first message is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A reason to tell. No Decision means: count, and stay silent."""

    reason: Reason
    step: int = 0  # GROWING: the step reached, 10, 100, …
