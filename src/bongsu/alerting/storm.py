"""Too many distinct problems at once: a few get messages of their own, the rest one digest. One book per channel.

A digest is open from the first problem over the budget until no new one came for a few seconds, a minute at most, and
at most one is written a minute: 5 000 distinct errors in a minute are five messages and one digest.

Problems that share a cause with what was told are in it too, within the budget; others are told at once beside it.
What is fatal has the budget once more: a crash loop that begins in a storm does not wait for the next digest.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from bongsu.alerting import causes
from bongsu.alerting.causes import Heard, Memory
from bongsu.alerting.group import Schedule
from bongsu.event import Level

NIGHT_MAX_S = 25 * 3_600.0  # on the day when the clock is put back
ENDS_GATHERED_S = 600.0  # an end is no news: those of a storm trickle in as its problems did
CLOSINGS_MAX = 50  # digests whose time is remembered: some hours of a storm that never ends


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
    is_shared: bool = False  # the open digest has only problems that share a cause: there is no storm
    is_over: bool = False  # the open digest has only problems that have ended: neither is there one
    causes: Memory = ()
    closings: tuple[tuple[int, float], ...] = ()  # the last digests, and when each was written


def admit(
    storm: Storm,
    now: float,
    schedule: Schedule,
    *,
    hold_till: float = 0.0,
    level: Level = Level.ERROR,
    keys: Collection[str] = (),
    digest: int = 0,
) -> tuple[Storm, bool]:
    """Ask for a message of one's own. False: told in the digest that is open in the returned book.

    `hold_till`: not before then, and so in that digest, unless one is open that does not wait. What does not wait, and
    is over the budget, ends the waiting of the digest: the worst of a night is told within a minute.
    `keys`: the causes of a problem that has no message of its own. `digest`: that which told of it last, or will.
    """
    storm = rebased(storm, now)
    known = causes.recalled(storm.causes, now, schedule.storm_window_s)
    if hold_till:
        after, alone = _held(storm, now, hold_till), False
    elif storm.held_till <= now and causes.goes_along(known, keys, level):
        after, alone = _gathered(storm, now), False
    else:
        after, alone = _admitted(storm, now, schedule, is_fatal=level is Level.FATAL)
    is_counted = bool(storm.opened_at) and digest == storm.digest
    heard = causes.remembered(known, keys, now, level, told=not hold_till, inside=not alone and not is_counted)
    return after if heard == after.causes else replace(after, causes=heard), alone


def _held(storm: Storm, now: float, hold_till: float) -> Storm:
    opened = storm if storm.opened_at else replace(_opened(storm, now), held_till=hold_till)
    return replace(opened, newest_at=now, is_over=False)


def _gathered(storm: Storm, now: float) -> Storm:
    if not storm.opened_at or storm.is_over:
        return replace(storm if storm.is_over else _opened(storm, now), newest_at=now, is_shared=True, is_over=False)
    return replace(storm, newest_at=now)


def _admitted(storm: Storm, now: float, schedule: Schedule, *, is_fatal: bool) -> tuple[Storm, bool]:
    decayed = storm.spent - (now - storm.spent_at) * schedule.storm_budget / schedule.storm_window_s
    spent = max(0.0, decayed)
    is_storm = storm.opened_at and storm.held_till <= now and not (storm.is_shared or storm.is_over)
    if (is_fatal or not is_storm) and spent + 1 <= schedule.storm_budget * (2 if is_fatal else 1):
        return replace(storm, spent=spent + 1, spent_at=now), True
    if storm.opened_at:
        return replace(storm, newest_at=now, held_till=0.0, is_shared=False, is_over=False), False
    return _opened(storm, now), False


def gathered_end(storm: Storm, now: float, *, hold_till: float = 0.0) -> Storm:
    """The book with the end of a problem in its open digest, which tells what came after the problem's own digest."""
    storm = rebased(storm, now)
    return storm if storm.opened_at else replace(_opened(storm, now), held_till=hold_till, is_over=True)


def tells_of(storm: Storm, digest: int, at: float) -> bool:
    """Whether a digest told, or will tell, of what was taken in then."""
    if storm.opened_at and digest == storm.digest:
        return True
    written_at = dict(storm.closings).get(
        digest, storm.written_at
    )  # of a forgotten one no more than it told is claimed
    return at <= written_at


def due_at(storm: Storm, schedule: Schedule) -> float | None:
    """When the open digest is to be written; None when none is open."""
    if not storm.opened_at:
        return None
    calm = min(storm.newest_at + schedule.storm_calm_s, storm.opened_at + schedule.storm_window_s)
    if storm.is_over:
        calm = storm.opened_at + ENDS_GATHERED_S
    return max(calm, storm.written_at + schedule.storm_window_s, storm.held_till)


def written(storm: Storm, now: float) -> Storm:
    """The book after its digest was written."""
    return replace(
        storm,
        opened_at=0.0,
        written_at=now,
        held_till=0.0,
        is_shared=False,
        is_over=False,
        causes=causes.closed(storm.causes),
        closings=(*storm.closings, (storm.digest, now))[-CLOSINGS_MAX:],
    )


def _opened(storm: Storm, now: float) -> Storm:
    return replace(storm, digest=storm.digest + 1, opened_at=now, newest_at=now)


def rebased(storm: Storm, now: float) -> Storm:
    """The same book after the clock was set back."""
    newest = max(
        storm.spent_at, storm.opened_at, storm.newest_at, storm.written_at, *(each.at for each in storm.causes)
    )
    if newest <= now and storm.held_till <= now + NIGHT_MAX_S:
        return storm
    names = ("spent_at", "opened_at", "newest_at", "written_at")
    earlier = {name: min(getattr(storm, name), now) for name in names}
    heard = tuple(causes.rebased(each, now) for each in storm.causes)
    closings = tuple((number, min(at, now)) for number, at in storm.closings)
    held_till = min(storm.held_till, now + NIGHT_MAX_S)
    return replace(storm, **earlier, held_till=held_till, causes=heard, closings=closings)


def to_json(storm: Storm) -> dict[str, Any]:
    """The book as JSON values; `from_json` is its inverse."""
    data = {name: getattr(storm, name) for name in Storm.__slots__}
    heard = [{name: getattr(each, name) for name in Heard.__slots__} for each in storm.causes]
    return data | {"causes": heard}


def from_json(data: dict[str, Any]) -> Storm:
    """The inverse of `to_json`."""
    heard = tuple(causes.heard_from_json(each) for each in data.get("causes", ()))
    closings = tuple((number, at) for number, at in data.get("closings", ()))
    return Storm(**{**data, "causes": heard, "closings": closings})
