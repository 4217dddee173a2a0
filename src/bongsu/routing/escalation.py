"""Who hears of a problem that nobody has acknowledged for so long. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bongsu.event import Event
from bongsu.routing.patterns import meets

STEPS_MAX = 20  # of all escalations; a person writes two or three
AFTER_LEAST_S, AFTER_MOST_S = 60, 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One step: after so long, these channels hear of it too."""

    after_s: float
    to: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # as in a rule


def next_step(steps: Iterable[Escalation], event: Event, age_s: float) -> Escalation | None:
    """The first one that comes after an age."""
    later = (each for each in steps if each.after_s > age_s and meets(event, each.when))
    return min(later, key=lambda each: each.after_s, default=None)


def due(steps: Iterable[Escalation], event: Event, age_s: float) -> Sequence[str]:
    """All channels of the steps that have been reached."""
    reached = [each for each in steps if each.after_s <= age_s and meets(event, each.when)]
    return tuple(dict.fromkeys(channel for each in reached for channel in each.to))
