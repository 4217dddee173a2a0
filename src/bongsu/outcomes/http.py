"""Bursts of bad answers: too many 5xx of all answers, or too many 4xx on one route.

state    what was seen in the window                       next     sign
-        the least number, and the share                   BURST    raised
BURST    still so, a window after that                     BURST    raised: once more
BURST    below half of either, for a whole window          -        over

Where nothing is answered at all, a burst of 5xx is not over: silence is no recovery.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from bongsu.event import Finding, Problem
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign

WINDOW_LEAST_S, WINDOW_MOST_S = 10, 3_600
LOOK_EVERY_S = 10.0  # while a burst lasts, and between two looks at what came in
WORST = 5  # routes that are named
BURSTS_MAX = 20  # that last at once; of more routes only the whole is told
UNMATCHED = "(unmatched)"  # no route: scanners ask for anything
OTHERS = "(other)"  # beyond the number of routes that are told apart
SERVER = "5xx"  # the name of a burst over all routes


class Answer(StrEnum):
    """How an answer is counted."""

    OK = "ok"
    CLIENT = "4xx"
    SERVER = "5xx"
    TOLD = "told"  # 5xx, with an exception that was told already


Counts = Mapping[Answer, Mapping[str, int]]
"""Answers in the window, by kind and route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is a burst."""

    window_s: float = 300.0
    least: int = 20  # bad answers; 0: nothing is
    share: float = 0.2  # of all answers that are 5xx
    share_4xx: float = 0.5  # of a route's answers: people mistype passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A burst that lasts."""

    told_at: float
    calm_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bursts:
    """All bursts of an app."""

    looked_at: float = 0.0
    lasting: Mapping[str, Burst] = field(default_factory=dict)


def kind_of(status: int, *, is_told: bool) -> Answer:
    """How an answer with this status is counted."""
    if 400 <= status < 500:
        return Answer.CLIENT
    if 500 <= status < 600:
        return Answer.TOLD if is_told else Answer.SERVER
    return Answer.OK


def looked(state: Bursts, counts: Counts, limits: Limits, now: float) -> tuple[Bursts, tuple[Sign, ...]]:
    """Compare the answers in the window with the limits."""
    lasting = dict(state.lasting)
    signs: list[Sign] = []
    for found in _measured(counts, limits, state.lasting):
        before = lasting.pop(found.name, None)
        after, sign = _judged(before, found, limits, now)
        if before is None and len(lasting) >= BURSTS_MAX:
            continue
        if after is not None:
            lasting[found.name] = after
        if sign is not None:
            signs.append(sign)
    return Bursts(looked_at=now, lasting=lasting), tuple(signs)


def left(state: Bursts) -> tuple[Sign, ...]:
    """What is over because nobody watches it any more."""
    return tuple(Over(problem=Problem.BURST, name=name) for name in state.lasting)


def due_at(state: Bursts) -> float | None:
    """When to look next; None: when there are bad answers."""
    return state.looked_at + LOOK_EVERY_S if state.lasting else None


def rebased(state: Bursts, now: float) -> Bursts:
    """The same after the clock was set back: no time of it lies in the future."""
    return Bursts(
        looked_at=min(state.looked_at, now),
        lasting={
            name: Burst(
                told_at=min(burst.told_at, now),
                calm_since=None if burst.calm_since is None else min(burst.calm_since, now),
            )
            for name, burst in state.lasting.items()
        },
    )


def to_json(state: Bursts) -> dict[str, Any]:
    """The bursts as JSON values; `from_json` is its inverse."""
    return {"looked_at": state.looked_at, "lasting": {name: asdict(burst) for name, burst in state.lasting.items()}}


def from_json(data: dict[str, Any]) -> Bursts:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    lasting = {name: checked(Burst(**burst)) for name, burst in data["lasting"].items()}
    return checked(Bursts(looked_at=data["looked_at"], lasting=lasting))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Bad answers and all answers of one possible burst."""

    name: str
    bad: int
    answers: int
    share: float  # that makes it one
    detail: str = ""

    def exceeds(self, least: float, share: float) -> bool:
        return self.bad >= least and self.bad > 0 and self.bad >= share * self.answers


def _measured(counts: Counts, limits: Limits, lasting: Mapping[str, Burst]) -> Iterator[_Measured]:
    """The server's answers as a whole, and each route with refused requests; those of lasting bursts first."""
    answers = sum(sum(routes.values()) for routes in counts.values())
    failed = counts.get(Answer.SERVER, {})
    yield _Measured(name=SERVER, bad=sum(failed.values()), answers=answers, share=limits.share, detail=_worst(failed))
    refused = counts.get(Answer.CLIENT, {})
    last = {name: name.partition(" ")[2] for name in lasting if name != SERVER}
    routes = dict.fromkeys([*last.values(), *sorted(refused, key=lambda route: -refused[route])])
    for route in routes:
        if UNMATCHED not in route and OTHERS not in route:
            all_of_route = sum(each.get(route, 0) for each in counts.values())
            yield _Measured(
                name=f"{Answer.CLIENT} {route}",
                bad=refused.get(route, 0),
                answers=all_of_route,
                share=limits.share_4xx,
            )


def _judged(burst: Burst | None, found: _Measured, limits: Limits, now: float) -> tuple[Burst | None, Sign | None]:
    finding = Finding(
        problem=Problem.BURST, name=found.name, count=found.bad, wanted=found.answers, span_s=limits.window_s
    )
    raised = Raised(finding=finding, at=now, detail=found.detail)
    least = limits.least or math.inf
    is_one = found.exceeds(least, found.share)
    if burst is None:
        return (Burst(told_at=now), raised) if is_one else (None, None)
    if is_one and now - burst.told_at >= limits.window_s:
        return Burst(told_at=now), raised
    if found.exceeds(least / 2, found.share / 2) or (found.name == SERVER and found.answers == 0):
        return replace(burst, calm_since=None), None
    calm = burst if burst.calm_since is not None else replace(burst, calm_since=now)
    if now - (calm.calm_since or 0.0) >= limits.window_s:
        return None, Over(problem=Problem.BURST, name=found.name, finding=finding)
    return calm, None


def _worst(routes: Mapping[str, int]) -> str:
    worst = sorted(routes.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    return "\n".join(f"{count} × {route}" for route, count in worst)
