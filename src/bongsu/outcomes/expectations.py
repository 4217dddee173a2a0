"""Too few successes: what was counted in a span of time, compared with what is expected.

state    what was seen                                                next     sign
MET      too few in the whole of the last `per`, observed throughout  SHORT    raised: unmet
SHORT    still too few, `per` after that                              SHORT    raised: once more
SHORT    enough                                                       MET      over

Looked at again and again, whoever looks. When nobody did for a while, nobody can say that nothing was counted either:
observation begins anew.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bongsu.event import Finding, Problem
from bongsu.outcomes.durations import DAY_S, Hours
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign

PER_LEAST_S, PER_MOST_S = 10, DAY_S
SETTLE_S = 8.0  # until all processes have handed over what they counted: every 5 s, a look each second, and a busy disk
GAP_S = 60.0  # without anybody looking for longer, or for a whole `per`, observation begins anew …
GAP_LOOKS = 3  # … or for as many looks as this, where they are rarer
LOOKS = 10  # in one `per` …
LOOK_LEAST_S, LOOK_MOST_S = 5.0, 60.0  # … but no more and no less often
KEPT_S = 7 * DAY_S  # without anybody declaring it


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation and how it stands. Times are seconds since the epoch."""

    name: str
    at_least: int
    per_s: float
    hours: Hours
    source: str  # where it is declared
    declared_at: float
    observed_since: float
    looked_at: float
    told_at: float | None = None  # SHORT: since the newest sign
    counted: int = 0  # at the newest look


def declared(known: Expectation | None, new: Expectation) -> Expectation:
    """The expectation as it is declared now; how it stands stays.

    Of a span that is longer than before nobody has kept all counts.
    """
    if known is None:
        return new
    return replace(
        new,
        observed_since=known.observed_since if new.per_s <= known.per_s else new.observed_since,
        looked_at=known.looked_at,
        told_at=known.told_at,
        declared_at=max(known.declared_at, new.declared_at),
    )


def counted_since(state: Expectation, now: float) -> float:
    """From when on counts matter."""
    return now - SETTLE_S - state.per_s


def looked(
    state: Expectation, counted: int, now: float, utc_offsets_s: Sequence[int]
) -> tuple[Expectation, tuple[Sign, ...]]:
    """Compare what was counted since `counted_since` with what is expected.

    `utc_offsets_s` of then and of now: between them summer time may begin or end.
    """
    unseen = now - state.looked_at > max(min(GAP_S, state.per_s), GAP_LOOKS * look_every_s(state))
    seen = replace(
        state, looked_at=now, counted=counted, observed_since=now if unseen else min(state.observed_since, now)
    )
    if counted >= state.at_least:
        over = Over(problem=Problem.UNMET, name=state.name, finding=_finding(seen))
        return replace(seen, told_at=None), () if state.told_at is None else (over,)
    is_news = state.told_at is None or now - state.told_at >= state.per_s
    if not is_news or not _can_tell(seen, now, utc_offsets_s):
        return seen, ()
    return replace(seen, told_at=now), (Raised(finding=_finding(seen), at=now),)


def unobserved(state: Expectation, now: float) -> Expectation:
    """Nobody can say what was counted until now."""
    return replace(state, looked_at=now, observed_since=now)


def look_every_s(state: Expectation) -> float:
    """The pause between two looks."""
    return min(max(state.per_s / LOOKS, LOOK_LEAST_S), LOOK_MOST_S)


def due_at(state: Expectation) -> float:
    """When to look next."""
    return state.looked_at + look_every_s(state)


def is_forgotten(state: Expectation, now: float) -> bool:
    """Whether nobody has declared it for long."""
    return now - state.declared_at >= KEPT_S


def left(state: Expectation) -> tuple[Sign, ...]:
    """What is over because nobody watches it any more."""
    return () if state.told_at is None else (Over(problem=Problem.UNMET, name=state.name),)


def rebased(state: Expectation, now: float) -> Expectation:
    """The same after the clock was set back: no time of it lies in the future."""
    return replace(
        state,
        declared_at=min(state.declared_at, now),
        observed_since=min(state.observed_since, now),
        looked_at=min(state.looked_at, now),
        told_at=None if state.told_at is None else min(state.told_at, now),
    )


def to_json(state: Expectation) -> dict[str, Any]:
    """The expectation as JSON values; `from_json` is its inverse."""
    data = asdict(state)
    data["hours"]["days"] = sorted(state.hours.days)
    return data


def from_json(data: dict[str, Any]) -> Expectation:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    hours = checked(Hours(**{**data["hours"], "days": frozenset(data["hours"]["days"])}))
    return checked(Expectation(**{**data, "hours": hours}))


def _can_tell(state: Expectation, now: float, utc_offsets_s: Sequence[int]) -> bool:
    """Whether the whole span was observed, and lies in the hours that count."""
    ends_at = now - SETTLE_S
    begins_at = ends_at - state.per_s
    is_open = all(state.hours.cover(begins_at, ends_at, each) for each in utc_offsets_s)
    return state.observed_since <= begins_at and is_open


def _finding(state: Expectation) -> Finding:
    return Finding(
        problem=Problem.UNMET, name=state.name, count=state.counted, wanted=state.at_least, span_s=state.per_s
    )
