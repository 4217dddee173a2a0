"""Signs of life of a job: missed, late, killed, overlapping and too long runs.

what happens                                              sign
nothing heard by `due`, and for each further period       raised: missed
heard again after that                                    over: missed
heard after `due`, before anybody had noticed             raised: late
a run begins while another goes on                        raised: overlapping
a run goes on for at_most                                 raised: too long; over when no such run is left
the process of a run is gone, and it has not ended        raised: killed
a run fails                                               (its event tells it)
a run goes well                                           over: failed, killed

`due` is a period and a grace after the last sign. While a run goes on nothing is missed: it may be too long.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from bongsu.event import Finding, Problem
from bongsu.outcomes.durations import DAY_S
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign

EVERY_LEAST_S, EVERY_MOST_S = 10, 366 * DAY_S
GRACE_LEAST_S, GRACE_MOST_S = 1, 31 * DAY_S
AT_MOST_LEAST_S, AT_MOST_MOST_S = 1, 31 * DAY_S
GRACE_OF_PERIOD = 10  # the grace of who names none: a tenth of the period …
GRACE_USUAL_LEAST_S, GRACE_USUAL_MOST_S = 10.0, 3_600.0  # … within these
RUNS_MAX = 20  # at once; of more the oldest are forgotten
KEPT_LEAST_S, KEPT_PERIODS = 7 * DAY_S, 3  # without anybody declaring it, or any sign


class Beat(StrEnum):
    """A sign of life."""

    STARTED = "started"
    OK = "ok"
    FAILED = "failed"
    STOPPED = "stopped"  # the run has ended, and nobody can say how: cancelled, interrupted


class Standing(StrEnum):
    """How a heartbeat stands, in one word; the first that holds."""

    MISSED = "missed"
    FAILED = "failed"
    KILLED = "killed"
    TOO_LONG = "too long"
    RUNNING = "running"
    WAITING = "waiting"  # not heard yet
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that has not ended."""

    id: str
    began_at: float
    by: str | None  # the process it ends with; None: it may end in another
    is_too_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """One heartbeat and how it stands. Times are seconds since the epoch."""

    name: str
    declared_at: float
    since: float  # the next beat is due a period after it
    every_s: float | None = None
    grace_s: float = 0.0
    at_most_s: float | None = None
    source: str = ""  # where it is declared
    heard_at: float | None = None
    missed: int = 0  # beats since then
    failing: bool = False
    killed: bool = False
    runs: tuple[Run, ...] = ()


Step = tuple[Heartbeat, tuple[Sign, ...]]


def usual_grace_s(every_s: float) -> float:
    """The grace of a heartbeat that names none."""
    return min(max(every_s / GRACE_OF_PERIOD, GRACE_USUAL_LEAST_S), GRACE_USUAL_MOST_S)


def declared(known: Heartbeat | None, new: Heartbeat) -> Heartbeat:
    """The heartbeat as it is declared now; how it stands stays."""
    if known is None:
        return new
    return replace(
        known,
        every_s=new.every_s,
        grace_s=new.grace_s,
        at_most_s=new.at_most_s,
        source=new.source,
        declared_at=max(known.declared_at, new.declared_at),
        since=known.since if known.every_s == new.every_s else max(known.since, new.since),
    )


def heard(state: Heartbeat, beat: Beat, at: float, *, run: str | None = None, by: str | None = None) -> Step:
    """Take in a sign of life. `run` is the id of its run; an end that names none ends the newest that has no `by`."""
    ended = () if beat is Beat.STARTED else _named(state, run)
    after, signs = _in_time(state, at, is_fresh=not ended)
    after, more = _without(after, ended, at)
    match beat:
        case Beat.STARTED:
            after, overlapping = _began(after, Run(id=run or "", began_at=at, by=by), at)
            return after, signs + overlapping
        case Beat.OK:
            recovered = _recovered(after)
            return replace(after, failing=False, killed=False), signs + more + recovered
        case Beat.FAILED:
            return replace(after, failing=True), signs + more
        case Beat.STOPPED:
            return after, signs + more


def gone(state: Heartbeat, by: str, at: float) -> Step:
    """A process has ended: so have its runs."""
    lost = tuple(run for run in state.runs if run.by == by)
    if not lost:
        return state, ()
    span_s = max(0.0, at - min(run.began_at for run in lost))
    killed = Raised(finding=Finding(problem=Problem.KILLED, name=state.name, span_s=span_s), at=at)
    state, signs = _without(state, lost, at)
    return replace(state, killed=True), (killed, *signs)


def passed(state: Heartbeat, now: float) -> Step:
    """Let time pass."""
    state, signs = _too_long(state, now)
    times = _beats_missed(state, now) - state.missed
    if times <= 0:
        return state, signs
    silence_s = now - (state.declared_at if state.heard_at is None else state.heard_at)
    finding = _finding(state, Problem.MISSED, span_s=silence_s, allowed_s=state.every_s or 0.0)
    missed = Raised(finding=finding, at=now, times=times)
    return replace(state, missed=state.missed + times), (*signs, missed)


def unobserved(state: Heartbeat, now: float) -> Heartbeat:
    """Nobody can say what was heard until now."""
    return replace(state, since=now, runs=tuple(run for run in state.runs if run.is_too_long))


def due_at(state: Heartbeat) -> float:
    """When `passed` has something to say next, or the heartbeat is forgotten."""
    times = [_kept_till(state)]
    if state.every_s is not None and not _goes_on(state):
        times.append(state.since + state.every_s * (state.missed + 1) + state.grace_s)
    if state.at_most_s is not None:
        times += [run.began_at + state.at_most_s for run in state.runs if not run.is_too_long]
    return min(times)


def expected_at(state: Heartbeat) -> float | None:
    """When the next beat is to come, without grace."""
    return None if state.every_s is None else state.since + state.every_s * (state.missed + 1)


def is_forgotten(state: Heartbeat, now: float) -> bool:
    """Whether nobody has declared it, or given a sign, for long."""
    return now >= _kept_till(state)


def left(state: Heartbeat) -> tuple[Sign, ...]:
    """What is over because nobody watches it any more."""
    return tuple(Over(problem=problem, name=state.name) for problem in _open(state))


def standing(state: Heartbeat) -> Standing:
    """How it stands, in one word."""
    wrong = _open(state)
    if wrong:
        return Standing[wrong[0].name]
    if state.runs:
        return Standing.RUNNING
    return Standing.WAITING if state.heard_at is None else Standing.OK


def rebased(state: Heartbeat, now: float) -> Heartbeat:
    """The same after the clock was set back: no time of it lies in the future."""
    return replace(
        state,
        declared_at=min(state.declared_at, now),
        since=min(state.since, now),
        heard_at=None if state.heard_at is None else min(state.heard_at, now),
        runs=tuple(replace(run, began_at=min(run.began_at, now)) for run in state.runs),
    )


def to_json(state: Heartbeat) -> dict[str, Any]:
    """The heartbeat as JSON values; `from_json` is its inverse."""
    return asdict(state)


def from_json(data: dict[str, Any]) -> Heartbeat:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    return checked(Heartbeat(**{**data, "runs": tuple(checked(Run(**run)) for run in data["runs"])}))


def _in_time(state: Heartbeat, at: float, *, is_fresh: bool) -> Step:
    """Heard: the silence is over. Whether it came late, and somebody has noticed.

    The next beat is due a period after a run's begin; after its end, if the run was longer than that.
    """
    late_s = 0.0 if state.every_s is None or _goes_on(state) else max(0.0, at - state.since - state.every_s)
    finding = _finding(state, Problem.LATE, span_s=late_s)
    signs: tuple[Sign, ...] = ()
    if state.missed:
        signs = (_over(replace(finding, problem=Problem.MISSED)),)
    elif is_fresh and late_s > state.grace_s:
        signs = (Raised(finding=finding, at=at),)
    heard_at = at if state.heard_at is None else max(state.heard_at, at)
    counts_anew = is_fresh or (state.every_s is not None and at >= state.since + state.every_s)
    since = max(state.since, at) if counts_anew else state.since
    return replace(state, heard_at=heard_at, since=since, missed=0), signs


def _began(state: Heartbeat, run: Run, at: float) -> Step:
    """Runs that nobody can see the end of are given up when another begins: those that were too long, and those that
    may take any time, which overlap once.
    """
    state, signs = _without(state, tuple(one for one in state.runs if one.is_too_long and one.by is None), at)
    runs = (*state.runs, run)[-RUNS_MAX:]
    if state.runs:
        signs += (Raised(finding=_finding(state, Problem.OVERLAPPING, count=len(runs)), at=at),)
    if state.at_most_s is None:
        runs = tuple(one for one in runs if one.by is not None or one is run)
    return replace(state, runs=runs), signs


def _named(state: Heartbeat, run_id: str | None) -> tuple[Run, ...]:
    if run_id is not None:
        return tuple(run for run in state.runs if run.id == run_id)
    return tuple(run for run in state.runs if run.by is None)[-1:]


def _without(state: Heartbeat, ended: tuple[Run, ...], at: float) -> Step:
    after = replace(state, runs=tuple(run for run in state.runs if run not in ended))
    if not _has_too_long(state) or _has_too_long(after):
        return after, ()
    span_s = max(at - run.began_at for run in ended)
    return after, (_over(_finding(state, Problem.TOO_LONG, span_s=span_s)),)


def _recovered(state: Heartbeat) -> tuple[Sign, ...]:
    wrong = {Problem.FAILED: state.failing, Problem.KILLED: state.killed}
    return tuple(_over(_finding(state, each)) for each, is_so in wrong.items() if is_so)


def _too_long(state: Heartbeat, now: float) -> Step:
    if state.at_most_s is None:
        return state, ()
    found = [run for run in state.runs if not run.is_too_long and now - run.began_at >= state.at_most_s]
    runs = tuple(replace(run, is_too_long=True) if run in found else run for run in state.runs)
    signs = (
        Raised(finding=_finding(state, Problem.TOO_LONG, span_s=now - run.began_at, allowed_s=state.at_most_s), at=now)
        for run in found
    )
    return replace(state, runs=runs), tuple(signs)


def _beats_missed(state: Heartbeat, now: float) -> int:
    """How many beats have not come since the last one that did."""
    if state.every_s is None or _goes_on(state):
        return 0
    return max(0, int((now - state.since - state.grace_s) // state.every_s))


def _goes_on(state: Heartbeat) -> bool:
    """Whether a run goes on, and not for too long."""
    return any(not run.is_too_long for run in state.runs)


def _has_too_long(state: Heartbeat) -> bool:
    return any(run.is_too_long for run in state.runs)


def _open(state: Heartbeat) -> list[Problem]:
    wrong = {
        Problem.MISSED: state.missed > 0,
        Problem.FAILED: state.failing,
        Problem.KILLED: state.killed,
        Problem.TOO_LONG: _has_too_long(state),
    }
    return [problem for problem, is_so in wrong.items() if is_so]


def _kept_till(state: Heartbeat) -> float:
    kept_s = max(float(KEPT_LEAST_S), KEPT_PERIODS * (state.every_s or 0.0))
    return max(state.declared_at, state.heard_at or 0.0) + kept_s


def _finding(state: Heartbeat, problem: Problem, **numbers: Any) -> Finding:
    return Finding(problem=problem, name=state.name, **numbers)


def _over(finding: Finding) -> Sign:
    return Over(problem=finding.problem, name=finding.name, finding=finding)
