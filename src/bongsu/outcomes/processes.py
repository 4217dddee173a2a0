"""Watched processes: which end is a problem, when ends become a crash loop, and when it is over.

what is heard                                     what comes of it
ended, by an operator or with status 0            nothing; by an operator, a loop is over
ended otherwise                                   exited
ended LOOP_ENDS times in a row, each of them      crash_loop, in the group of the end that made it one
  less than STABLE_S after its start
no more started                                   gave_up, in the group of the loop or of the last end;
                                                  nothing if an operator stopped it: systemd calls that a failure, too
running for STABLE_S after that                   crash_loop or gave_up is over
over its memory                                   memory; the end that follows is no second problem
hung, and healthy again                           hung, and over
the manager lost, and back                        lost, and over
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bongsu.event import Ending, Finding, Problem, Why
from bongsu.outcomes.reading import checked
from bongsu.outcomes.signs import Over, Raised, Sign

LOOP_ENDS = 5  # fewer may be a slow database at boot; pm2 waits for 16, and only when they come within a second each
STABLE_S = 60.0  # who has run for so long has started well
RESTART_WITHIN_S = 10.0  # a clean end belongs to a loop if the next start follows so soon; a job of cron does not
INSTANCES_MAX = 64  # of one name; the oldest are forgotten
KEPT_S = 7 * 86_400.0  # a process that was not heard of for so long, and has no problem, is forgotten


class Turn(StrEnum):
    """What has happened to a process."""

    STARTED = "started"
    ENDED = "ended"  # by itself, or from outside
    GAVE_UP = "gave_up"  # after an end: it is started no more
    OVER_MEMORY = "over_memory"
    HUNG = "hung"
    HEALTHY = "healthy"  # answers or writes again
    LOST = "lost"  # the process manager is gone; the name is its own
    BACK = "back"  # the process manager is there again
    RESTARTED = "restarted"  # by an operator
    RELOADED = "reloaded"  # by an operator
    DELETED = "deleted"  # by an operator
    FAILED = "failed"  # an exception in its output, and it lives on
    LINE = "line"  # an error line in its output


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One turn, as far as the state table needs it."""

    turn: Turn
    at: float
    instance: str = ""  # tells processes of one name apart
    ending: Ending | None = None
    by_operator: bool = False
    is_told: bool = False  # ENDED: somebody has told of it, it only counts for a loop; GAVE_UP: its end says it all
    fingerprint: str = ""  # of the problem that this turn would be
    used_bytes: int = 0
    limit_bytes: int = 0
    span_s: float = 0.0  # HUNG


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The present or last run of one instance."""

    instance: str
    started_at: float | None = None  # None: it does not run, or nobody saw it start
    ended_at: float | None = None
    streak: int = 0  # ends in a row, each soon after its start
    since: float = 0.0  # the first of them
    fingerprint: str = ""  # of the last end
    is_stopped: bool = False  # an operator ended it


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """All processes of one name."""

    name: str
    heard_at: float = 0.0
    runs: tuple[Run, ...] = ()  # the one heard of last is the last
    lasting: Mapping[str, str] = field(default_factory=dict)  # problem → fingerprint of the group that tells of it
    pid: int = 0  # of the watcher, and when it was born: a dead one has seen no recovery; 0: it looks in now and then
    born: str = ""


Verdict = tuple[Watched, tuple[Sign, ...]]


def heard(state: Watched, what: Heard) -> Verdict:
    """Take in a turn."""
    state = replace(state, heard_at=max(state.heard_at, what.at))
    match what.turn:
        case Turn.STARTED:
            return _healthy(_with(state, replace(_run(state, what.instance), started_at=what.at, is_stopped=False)))
        case Turn.ENDED if what.by_operator:
            return _stopped(state, what)
        case Turn.ENDED:
            return _ended(state, what)
        case Turn.GAVE_UP:
            return _gave_up(state, what)
        case Turn.OVER_MEMORY:
            finding = Finding(
                problem=Problem.MEMORY, name=state.name, used_bytes=what.used_bytes, limit_bytes=what.limit_bytes
            )
            return state, (Raised(finding=finding, at=what.at),)
        case Turn.HUNG:
            return _lasts(state, what, Finding(problem=Problem.HUNG, name=state.name, span_s=what.span_s))
        case Turn.LOST:
            return _lasts(state, what, Finding(problem=Problem.LOST, name=state.name))
        case Turn.HEALTHY:
            return _healthy(state)
        case Turn.BACK:
            return _over(state, Problem.LOST, Finding(problem=Problem.LOST, name=state.name))
        case Turn.RESTARTED | Turn.RELOADED:
            return replace(state, runs=tuple(replace(run, streak=0) for run in state.runs)), ()
        case Turn.DELETED:
            after, signs = _stopped(state, what)
            return replace(after, runs=()), signs
    return state, ()


def passed(state: Watched, now: float) -> Verdict:
    """Let time pass: who runs for long enough has recovered."""
    problem = _loop(state)
    due = due_at(state)
    if problem is None or due is None or due > now:
        return state, ()
    finding = Finding(problem=problem, name=state.name, span_s=now - _steady_since(state))
    steady = replace(state, runs=tuple(replace(run, streak=0) for run in state.runs))
    return _over(steady, problem, finding)


def due_at(state: Watched) -> float | None:
    """When `passed` has something to look at; None: only a turn changes something."""
    if _loop(state) is None or not any(run.started_at is not None for run in state.runs):
        return None
    return _steady_since(state) + STABLE_S


def is_forgotten(state: Watched, now: float) -> bool:
    """Whether nothing needs it any more."""
    return not state.lasting and now - state.heard_at >= KEPT_S


def left(state: Watched) -> tuple[Sign, ...]:
    """What is over because nobody watches it any more."""
    return tuple(
        Over(problem=Problem(problem), name=state.name, fingerprint=fingerprint)
        for problem, fingerprint in state.lasting.items()
    )


def rebased(state: Watched, now: float) -> Watched:
    """The same after the clock was set back: no time of it lies in the future."""
    if state.heard_at <= now:
        return state
    return replace(state, heard_at=now, runs=tuple(_run_rebased(run, now) for run in state.runs))


def to_json(state: Watched) -> dict[str, Any]:
    """The processes as JSON values; `from_json` is its inverse."""
    data = {name: getattr(state, name) for name in Watched.__slots__}
    runs = [{name: getattr(run, name) for name in Run.__slots__} for run in state.runs]
    return data | {"runs": runs, "lasting": dict(state.lasting)}


def from_json(data: dict[str, Any]) -> Watched:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    runs = tuple(checked(Run(**run)) for run in data["runs"])
    lasting = {Problem(problem).value: str(fingerprint) for problem, fingerprint in data["lasting"].items()}
    return checked(Watched(**{**data, "runs": runs, "lasting": lasting}))


# -- the rows of the table


def _ended(state: Watched, what: Heard) -> Verdict:
    ending = what.ending or Ending()
    run = _after_end(_run(state, what.instance), what, ending)
    state = _with(state, run)
    loop = _loop(state) or (Problem.CRASH_LOOP if run.streak >= LOOP_ENDS else None)
    if loop is not None:
        fingerprint = state.lasting.get(loop.value, what.fingerprint)
        finding = _stage(loop, state, ending, what.at)
        return _with_lasting(state, loop, fingerprint), (
            Raised(finding=finding, at=what.at, times=0 if what.is_told else 1, fingerprint=fingerprint),
        )
    if what.is_told or ending.is_clean or ending.why is Why.MEMORY_LIMIT:
        return state, ()
    finding = Finding(problem=Problem.EXITED, name=state.name, ending=ending)
    return state, (Raised(finding=finding, at=what.at, fingerprint=what.fingerprint),)


def _gave_up(state: Watched, what: Heard) -> Verdict:
    loop, run = _loop(state), _run(state, what.instance)
    if run.is_stopped or (what.is_told and run.fingerprint and loop is None):
        return state, ()
    before = state.lasting[loop.value] if loop else run.fingerprint
    fingerprint = before or what.fingerprint
    finding = _stage(Problem.GAVE_UP, state, what.ending or Ending(), what.at)
    lasting = {problem: group for problem, group in state.lasting.items() if problem != Problem.CRASH_LOOP}
    state = _with_lasting(replace(state, lasting=lasting), Problem.GAVE_UP, fingerprint)
    return state, (Raised(finding=finding, at=what.at, times=0 if before else 1, fingerprint=fingerprint),)


def _stopped(state: Watched, what: Heard) -> Verdict:
    """An operator's stop ends a loop. One that had to be forced is a problem of its own."""
    state = _with(state, Run(instance=what.instance, ended_at=what.at, is_stopped=True))
    signs: tuple[Sign, ...] = ()
    for problem in (Problem.CRASH_LOOP, Problem.GAVE_UP, Problem.HUNG):
        state, over = _over(state, problem, Finding(problem=Problem.STOPPED, name=state.name))
        signs += over
    if what.ending is not None and what.ending.why is Why.STOP_TIMED_OUT:
        finding = Finding(problem=Problem.EXITED, name=state.name, ending=what.ending)
        signs += (Raised(finding=finding, at=what.at, fingerprint=what.fingerprint),)
    return state, signs


def _lasts(state: Watched, what: Heard, finding: Finding) -> Verdict:
    raised = Raised(finding=finding, at=what.at, fingerprint=what.fingerprint)
    return _with_lasting(state, finding.problem, what.fingerprint), (raised,)


def _healthy(state: Watched) -> Verdict:
    return _over(state, Problem.HUNG, Finding(problem=Problem.HUNG, name=state.name))


def _over(state: Watched, problem: Problem, finding: Finding) -> Verdict:
    fingerprint = state.lasting.get(problem.value)
    if fingerprint is None:
        return state, ()
    lasting = {name: group for name, group in state.lasting.items() if name != problem}
    over = Over(problem=problem, name=state.name, finding=finding, fingerprint=fingerprint)
    return replace(state, lasting=lasting), (over,)


# -- what they are made of


def _after_end(run: Run, what: Heard, ending: Ending) -> Run:
    """A run in a row with those before ended soon after its start; a clean one also began soon after their end."""
    began, before = run.started_at, run.ended_at
    start = before if began is None else began
    is_short = start is not None and what.at - start < STABLE_S
    follows = before is not None and (began is None or began - before < RESTART_WITHIN_S)
    is_first = not run.streak or not is_short or (ending.is_clean and not follows)
    return replace(
        run,
        started_at=None,
        ended_at=what.at,
        is_stopped=False,
        streak=1 if is_first else run.streak + 1,
        since=what.at if is_first else run.since,
        fingerprint=what.fingerprint,
    )


def _stage(problem: Problem, state: Watched, ending: Ending, at: float) -> Finding:
    since = min((run.since for run in state.runs if run.streak), default=at)
    return Finding(
        problem=problem,
        name=state.name,
        count=sum(run.streak for run in state.runs),
        span_s=max(0.0, at - since),
        ending=ending,
    )


def _loop(state: Watched) -> Problem | None:
    """The stage that was told; None: none is."""
    return next((each for each in (Problem.GAVE_UP, Problem.CRASH_LOOP) if each.value in state.lasting), None)


def _steady_since(state: Watched) -> float:
    times = [at for run in state.runs for at in (run.started_at, run.ended_at) if at is not None]
    return max(times, default=state.heard_at)


def _run(state: Watched, instance: str) -> Run:
    return next((run for run in state.runs if run.instance == instance), Run(instance=instance))


def _with(state: Watched, run: Run) -> Watched:
    others = tuple(each for each in state.runs if each.instance != run.instance)
    return replace(state, runs=(*others, run)[-INSTANCES_MAX:])


def _with_lasting(state: Watched, problem: Problem, fingerprint: str) -> Watched:
    return replace(state, lasting={**state.lasting, problem.value: fingerprint})


def _run_rebased(run: Run, now: float) -> Run:
    began = None if run.started_at is None else min(run.started_at, now)
    ended = None if run.ended_at is None else min(run.ended_at, now)
    return replace(run, started_at=began, ended_at=ended, since=min(run.since, now))
