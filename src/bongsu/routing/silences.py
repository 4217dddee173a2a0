"""Silences: what is counted and not told for a while, and until when. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.event import Event
from bongsu.routing.patterns import meets

SILENCES_MAX = 500  # at once; of more the ones that end first are refused
WHY_MAX = 300  # characters
HOLDS_MAX_S = 30 * 86_400.0  # a silence for ever is a deleted alert that nobody remembers


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence. It ends with the first of its three ends."""

    id: str
    at: float
    until: float
    why: str
    by: str = ""
    group: str = ""  # a fingerprint, or how it begins; empty: any
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # as in a rule; all must hold
    until_count: int | None = None  # so many were held back
    until_release: str = ""  # another release than this one is seen
    held: int = 0  # occurrences held back so far


def holding(silences: Iterable[Silence], fingerprint: str, event: Event, now: float) -> Silence | None:
    """The silence that holds a problem back: of several, the one that does so for longest."""
    found = [each for each in silences if is_in_force(each, event, now) and _is_meant(each, fingerprint, event)]
    return max(found, key=lambda each: (each.until, each.id), default=None)


def is_in_force(silence: Silence, event: Event, now: float) -> bool:
    """Whether it has not ended yet."""
    if not silence.at <= now < silence.until:  # a clock that was set back ends it rather than making it last
        return False
    if is_used_up(silence):
        return False
    return not silence.until_release or (event.release or "") == silence.until_release


def is_used_up(silence: Silence) -> bool:
    """Whether as many were held back as it was to hold back."""
    return silence.until_count is not None and silence.held >= silence.until_count


def _is_meant(silence: Silence, fingerprint: str, event: Event) -> bool:
    return fingerprint.startswith(silence.group) and meets(event, silence.when)


def to_json(silence: Silence) -> dict[str, Any]:
    """The silence as JSON values; `from_json` is its inverse."""
    data = {name: getattr(silence, name) for name in Silence.__slots__ if name != "held"}
    return data | {"when": {name: list(patterns) for name, patterns in silence.when.items()}}


def from_json(data: Mapping[str, Any], held: int) -> Silence:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    when = {str(name): tuple(map(str, patterns)) for name, patterns in data["when"].items()}
    return Silence(**{**data, "when": when, "held": held})
