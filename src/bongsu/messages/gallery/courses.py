"""What one problem is told as while it lasts, and after."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.alerting.decision import Reason
from bongsu.messages.gallery.sample import TOLD_AGAIN, Mode, Sample
from bongsu.messages.gallery.scene import BEGAN, FIRST_SEEN, HOUR, MINUTE
from bongsu.messages.message import Message, State

_MANY = replace(
    FIRST_SEEN,
    reason=Reason.GROWING,
    at=BEGAN + 12 * MINUTE,
    step=1_000,
    count=1_240,
    total=1_240,
    last_seen_at=BEGAN + 12 * MINUTE,
    users=310,
    request_ids=("c0ffee0011aa4b7d", "77aa01be93d24f10", "e19b2f4d8c3a4e55"),
)


def samples() -> Iterator[Sample]:
    """The log-in, all afternoon."""
    told = {
        "growing": ("It grows", _MANY),
        "reminder": ("It still fires after hours", _later(Reason.REMINDER, 4 * HOUR)),
        "escalated": ("Nobody has acknowledged it", _later(Reason.ESCALATED, 15 * MINUTE)),
        "silence_ended": ("A silence has ended, and it still fires", _later(Reason.SILENCE_ENDED, HOUR)),
        "quiet": ("It has gone quiet", _over(_MANY)),
        "quiet_once": ("It has gone quiet after one occurrence", _over(FIRST_SEEN)),
        "came_back": ("It is back", _back()),
    }
    for name, (title, message) in told.items():
        yield Sample(name=name, title=title, message=message, modes=TOLD_AGAIN)
    for name, (title, message) in _states().items():
        yield Sample(name=name, title=title, message=message, modes=(Mode.FIRST,))


def _states() -> dict[str, tuple[str, Message]]:
    """What a bot's message looks like between two of those."""
    updated = replace(_MANY, reason=Reason.UPDATED)
    return {
        "updated": ("A bot's message with new numbers", updated),
        "acknowledged": ("Somebody has taken it on", replace(updated, state=State.ACKNOWLEDGED)),
        "silenced": ("It is silenced", replace(updated, state=State.SILENCED)),
        "repeat": ("A message whose first attempt may have arrived", replace(FIRST_SEEN, repeat=True)),
    }


def _later(reason: Reason, age_s: float) -> Message:
    return replace(_MANY, reason=reason, at=BEGAN + age_s, last_seen_at=BEGAN + age_s - 5)


def _over(before: Message) -> Message:
    last = before.last_seen_at
    return replace(before, reason=Reason.QUIET, state=State.QUIET, at=last + 30 * MINUTE)


def _back() -> Message:
    began = BEGAN + 24 * HOUR
    again = replace(FIRST_SEEN, reason=Reason.CAME_BACK, at=began + 0.3, episode_began_at=began, last_seen_at=began)
    return replace(again, total=1_241)
