"""The layouts that a destination refused: the messages themselves went out as plain text."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

REFUSALS_MAX = 5  # the newest; a defect shows in one
LAYOUT_BYTES_MAX = 200_000  # beyond what a sound payload can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One of them, to be looked at."""

    at: float
    channel: str
    word: str  # the destination's
    layout: Mapping[str, Any]  # the payload as it was sent; empty: too long to be kept


def kept(before: Iterable[Refusal], refusal: Refusal) -> tuple[Refusal, ...]:
    """With this one, the newest last; the same layout is kept once."""
    others = [each for each in before if each.layout != refusal.layout]
    return (*others, refusal)[-REFUSALS_MAX:]


def to_json(refusal: Refusal) -> dict[str, Any]:
    """As JSON values; `from_json` is its inverse."""
    is_long = len(json.dumps(refusal.layout)) > LAYOUT_BYTES_MAX
    return {
        "at": refusal.at,
        "channel": refusal.channel,
        "word": refusal.word,
        "layout": {} if is_long else refusal.layout,
    }


def from_json(data: Mapping[str, Any]) -> Refusal:
    """The inverse of `to_json`. Raises KeyError or TypeError for anything else."""
    return Refusal(**{name: data[name] for name in ("at", "channel", "word", "layout")})
