"""The summary of a day or a week: when it is told, and which problems it names. Pure.

It begins where the last one ended. Whoever runs first after the moment tells it, so a program that slept is late and
tells it once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from bongsu.alerting.group import Phase

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400.0
LATE_MAX_S = 43_200.0  # nobody ran for half a day after the moment: the next summary covers both
APART_LEAST_S = 21_600.0  # two moments nearer than this are told as one; and a fresh install has something to tell
ON_TIME_S = (
    3_600.0  # one that is later waits for the end of the quiet hours: only who sets a time at night wants it then
)
AHEAD_MAX_S = 9 * DAY_S  # of the next moment; one further away was set by a clock since put back
TOTALS_MAX = 2_000  # problems whose totals are kept for the next summary, some 90 KB; those that lived last
SHOWN_MAX = 5  # problems in one list
NOISIEST_MAX = 3

_LOOKED_DAYS = 8  # a week and the day after: each weekday is among them, whatever the time of the day


class Every(StrEnum):
    """On which days."""

    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When it is told, as the clock on the wall shows it, and where."""

    at: time = time(9)
    every: Every = Every.DAY
    on: int = 0  # the day of a weekly one, and of the sign of life when there is nothing to tell; 0: Monday
    channel: str
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the last one ended."""

    since: float
    told_at: float  # of the last one that was not skipped; at first: the start
    totals: Mapping[str, int] = field(default_factory=dict)  # occurrences ever, by fingerprint, at `since`


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What has to be known of each problem to choose among thousands."""

    fingerprint: str
    is_firing: bool
    is_silenced: bool
    total: int
    count: int
    first_seen_at: float
    began_at: float
    ended_at: float  # of the last episode, unless it fires
    active_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The problems of a span by their fingerprints, those with the most occurrences in it first."""

    begun: Sequence[str]  # nobody had them before
    over: Sequence[str]  # known before
    firing: Sequence[str]  # known before
    noisiest: Sequence[str]  # empty where the others show them already
    times: Mapping[str, int]  # occurrences in the span
    has_news: bool  # a problem that fires and is silenced is none


# -- when


def last_moment(rhythm: Rhythm, now: float) -> float:
    """The newest moment that is not later than now."""
    return max(each for each in _moments(rhythm, now) if each <= now)


def next_moment(rhythm: Rhythm, now: float) -> float:
    """The first moment after now."""
    return min(each for each in _moments(rhythm, now) if each > now)


def is_due(rhythm: Rhythm, since: float, now: float) -> bool:
    """Whether a summary that begins at `since` is to be told now."""
    moment = last_moment(rhythm, now)
    if moment - since < APART_LEAST_S:
        return False
    # Who missed the moment before, too, may run at this hour only: a script of the night.
    return now - moment <= LATE_MAX_S or moment - since > DAY_S


def is_day_of_life(rhythm: Rhythm, now: float) -> bool:
    """Whether the last moment is told even with nothing to tell."""
    return datetime.fromtimestamp(last_moment(rhythm, now), rhythm.zone).weekday() == rhythm.on


def rebased(account: Account, now: float) -> Account:
    """The same; begun anew if the clock was put back by more than a day."""
    return account if account.since <= now + DAY_S else Account(since=now, told_at=now)


def _moments(rhythm: Rhythm, now: float) -> Iterable[float]:
    """A time that the clock skips counts as the one an hour later; of a time that comes twice the first one counts."""
    today = datetime.fromtimestamp(now, rhythm.zone).date()
    days = (today + timedelta(days=each) for each in range(-_LOOKED_DAYS, _LOOKED_DAYS + 1))
    return (datetime.combine(day, rhythm.at, rhythm.zone).timestamp() for day in days if _is_meant(rhythm, day))


def _is_meant(rhythm: Rhythm, day: date) -> bool:
    match rhythm.every:
        case Every.DAY:
            return True
        case Every.WEEKDAY:
            return day.weekday() < DAYS.index("sat")
        case Every.WEEK:
            return day.weekday() == rhythm.on


# -- what


def chosen(glances: Iterable[Glance], account: Account, now: float) -> Chosen:
    """The problems to tell of. One that is new is in no other list but that of the noisiest.

    What happened later than now did so by a clock since put back: it is no news, or it would be for as long.
    """
    known = {each.fingerprint: each for each in glances}
    fresh = {name for name, each in known.items() if account.since <= each.first_seen_at <= now}
    times = {name: each.total if name in fresh else _times(each, account) for name, each in known.items()}
    ranked = sorted(known.values(), key=lambda each: (-times[each.fingerprint], -each.total, each.fingerprint))
    begun = [each for each in ranked if each.fingerprint in fresh]
    old = [each for each in ranked if each.fingerprint not in fresh]
    over = [each for each in old if not each.is_firing and account.since <= each.ended_at <= now]
    firing = [each for each in old if each.is_firing]
    lists = [[each.fingerprint for each in one] for one in (begun, over, firing)]
    noisiest = [each.fingerprint for each in ranked if times[each.fingerprint]][:NOISIEST_MAX]
    shown = {name for one in lists for name in one[:SHOWN_MAX]}
    return Chosen(
        begun=lists[0],
        over=lists[1],
        firing=lists[2],
        noisiest=[] if shown.issuperset(noisiest) else noisiest,
        times=times,
        has_news=bool(begun or over) or any(not each.is_silenced for each in firing),
    )


def kept(glances: Iterable[Glance]) -> dict[str, int]:
    """The totals to subtract from those of the next summary."""
    lived = sorted(glances, key=lambda each: (each.is_firing, each.active_at, each.fingerprint), reverse=True)
    return {each.fingerprint: each.total for each in lived[:TOTALS_MAX]}


def _times(glance: Glance, account: Account) -> int:
    """Occurrences of a known one; if its total was not kept, those of an episode that began in the span."""
    if glance.fingerprint in account.totals:
        return max(0, glance.total - account.totals[glance.fingerprint])
    return glance.count if glance.began_at >= account.since else 0


def glance(group: Mapping[str, Any]) -> Glance:
    """What a group's JSON values say. Raises KeyError, TypeError or ValueError for anything else."""
    return Glance(
        fingerprint=group["fingerprint"],
        is_firing=Phase(group["phase"]) is Phase.FIRING,
        is_silenced=bool(group.get("silence")),
        total=int(group["total"]),
        count=int(group["count"]),
        first_seen_at=float(group["first_seen_at"]),
        began_at=float(group["began_at"]),
        ended_at=float(group["shown_at"]),  # nothing is shown after the end
        active_at=float(group["active_at"]),
    )


def to_json(account: Account) -> dict[str, Any]:
    """The account as JSON values; `from_json` is its inverse."""
    return {"since": account.since, "told_at": account.told_at, "totals": dict(account.totals)}


def from_json(data: Mapping[str, Any]) -> Account:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    totals = {str(name): int(total) for name, total in dict(data["totals"]).items()}
    return Account(since=float(data["since"]), told_at=float(data["told_at"]), totals=totals)
