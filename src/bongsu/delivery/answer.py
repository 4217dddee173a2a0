"""What a channel answers. The world's failures are values here, never exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivered:
    """A clear yes. The receipt is what a later edit or reply needs, e.g. Slack's channel and ts."""

    receipt: Mapping[str, str] = field(default_factory=dict)
    word: str = ""  # why a nicety was left out, e.g. `missing_scope` for the file with the full stack


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """A clear "not now": nothing was accepted. `after_s` is None when the channel did not say how long."""

    word: str  # the channel's own word, or the system's reason
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A clear no that repeating will not change."""

    word: str
    dead: bool = False  # the destination itself is gone, not only this message
    plain: bool = False  # the layout was refused: the same as plain text may pass
    gone: bool = False  # the message to edit or reply to is gone: a new one may pass
    layout: Mapping[str, Any] | None = field(default=None, compare=False)  # what was refused, to be looked at


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer: the message may have arrived or not."""

    word: str


Answer = Delivered | RetryAfter | Rejected | Unknown


def about(answer: Answer, payload: Mapping[str, Any]) -> Answer:
    """The answer to this payload: a refusal of its layout carries it."""
    return replace(answer, layout=payload) if isinstance(answer, Rejected) and answer.plain else answer
