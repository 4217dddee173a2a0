"""Too many distinct problems at once: a few get messages of their own, the rest one digest. One book per channel.

A digest is open from the first problem over the budget until no new one came for a few seconds, a minute at most, and
at most one is written a minute: 5 000 distinct errors in a minute are five messages and one digest.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from bongsu.alerting.group import Schedule

NIGHT_MAX_S = 25 * 3_600.0  # on the day when the clock is put back


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """The budget of one channel, and its digest."""

    spent: float = 0.0  # messages, decaying over storm_window_s
    spent_at: float = 0.0
    digest: int = 0  # number of the open or the last digest
    opened_at: float = 0.0  # 0: none is open
    newest_at: float = 0.0
    written_at: float = 0.0
    held_till: float = 0.0  # not written before then: it is night


def admit(storm: Storm, now: float, schedule: Schedule, *, hold_till: float = 0.0) -> tuple[Storm, bool]:
    """Ask for a message of one's own. False: told in the digest that is open in the returned book.

    `hold_till`: not before then, and so in that digest, unless one is open that does not wait. What does not wait, and
    is over the budget, ends the waiting of the digest: the worst of a night is told within a minute.
    """
    storm = rebased(storm, now)
    if hold_till:
        opened = storm if storm.opened_at else replace(_opened(storm, now), held_till=hold_till)
        return replace(opened, newest_at=now), False
    decayed = storm.spent - (now - storm.spent_at) * schedule.storm_budget / schedule.storm_window_s
    spent = max(0.0, decayed)
    is_storm = storm.opened_at and storm.held_till <= now
    if not is_storm and spent + 1 <= schedule.storm_budget:
        return replace(storm, spent=spent + 1, spent_at=now), True
    if storm.opened_at:
        return replace(storm, newest_at=now, held_till=0.0), False
    return _opened(storm, now), False


def due_at(storm: Storm, schedule: Schedule) -> float | None:
    """When the open digest is to be written; None when none is open."""
    if not storm.opened_at:
        return None
    calm = min(storm.newest_at + schedule.storm_calm_s, storm.opened_at + schedule.storm_window_s)
    return max(calm, storm.written_at + schedule.storm_window_s, storm.held_till)


def written(storm: Storm, now: float) -> Storm:
    """The book after its digest was written."""
    return replace(storm, opened_at=0.0, written_at=now, held_till=0.0)


def _opened(storm: Storm, now: float) -> Storm:
    return replace(storm, digest=storm.digest + 1, opened_at=now, newest_at=now)


def rebased(storm: Storm, now: float) -> Storm:
    """The same book after the clock was set back."""
    names = ("spent_at", "opened_at", "newest_at", "written_at")
    earlier = {name: min(getattr(storm, name), now) for name in names}
    return replace(storm, **earlier, held_till=min(storm.held_till, now + NIGHT_MAX_S))


def to_json(storm: Storm) -> dict[str, Any]:
    """The book as JSON values; `from_json` is its inverse."""
    return asdict(storm)


def from_json(data: dict[str, Any]) -> Storm:
    """The inverse of `to_json`."""
    return Storm(**data)
