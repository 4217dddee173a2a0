"""Ends of processes: which is a problem, when they are a crash loop, and when that is over."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.event import Ending, Finding, Problem, Why
from bongsu.outcomes import processes
from bongsu.outcomes.processes import INSTANCES_MAX, KEPT_S, STABLE_S, Heard, Turn, Watched
from bongsu.outcomes.signs import Over, Raised, Sign

START = 1_630_972_800.0

FAILED, KILLED, CLEAN = Ending(code=1), Ending(signal="SIGKILL"), Ending(code=0)
ENDINGS = {
    "fails": FAILED,
    "killed": KILLED,
    "ends": CLEAN,
    "over the limit": Ending(signal="SIGTERM", why=Why.MEMORY_LIMIT),
    "forced": Ending(signal="SIGKILL", why=Why.STOP_TIMED_OUT),
}
TURNS = {
    "starts": Turn.STARTED,
    "given up": Turn.GAVE_UP,
    "too big": Turn.OVER_MEMORY,
    "hangs": Turn.HUNG,
    "answers": Turn.HEALTHY,
    "lost": Turn.LOST,
    "back": Turn.BACK,
    "deleted": Turn.DELETED,
    "restarted": Turn.RESTARTED,
}


class Life:
    """Processes of one name over time. A deed is `[told |stopped ]what[ instance]`."""

    def __init__(self) -> None:
        self.state = Watched(name="checkin")
        self.signs: list[tuple[float, Sign]] = []

    def do(self, at: float, deed: str) -> None:
        self._wait_until(at)
        words, _, instance = deed.partition("@")
        is_told, by_operator = words.startswith("told "), words.startswith("stopped ")
        what = words.removeprefix("told ").removeprefix("stopped ")
        ending = ENDINGS.get(what)
        heard = Heard(
            turn=TURNS.get(what, Turn.ENDED),
            at=START + at,
            instance=instance,
            ending=ending,
            by_operator=by_operator,
            is_told=is_told,
            fingerprint=what,
        )
        self.state = processes.from_json(processes.to_json(self.state))
        self._take(at, processes.heard(self.state, heard))

    def _wait_until(self, at: float) -> None:
        due = processes.due_at(self.state)
        if due is not None and due <= START + at:
            self._take(due - START, processes.passed(self.state, due))

    def _take(self, at: float, verdict: processes.Verdict) -> None:
        self.state, signs = verdict
        self.signs += [(at, sign) for sign in signs]

    def told(self, until: float = 10 * STABLE_S) -> list[tuple[float, str]]:
        self._wait_until(until)
        return [(at, _told(sign)) for at, sign in self.signs]


def _told(sign: Sign) -> str:
    match sign:
        case Raised(finding=finding):
            count = f" {finding.count}" if finding.count else ""
            more = "" if sign.times else " (counted)"
            return f"{finding.problem}{count} in {sign.fingerprint}{more}".removesuffix(" in ")
        case Over(finding=Finding(problem=Problem.STOPPED)):
            return f"stopped: {sign.fingerprint}"
        case Over():
            return f"over: {sign.fingerprint}"


def lived(*deeds: tuple[float, str]) -> list[tuple[float, str]]:
    life = Life()
    for at, deed in deeds:
        life.do(at, deed)
    return life.told()


def crashes(times: int, *, every: float, how: str = "fails", from_: float = 0.0) -> list[tuple[float, str]]:
    """Runs of two thirds of that time, one after the other; whole seconds keep the tables readable."""
    deeds = []
    for number in range(times):
        deeds += [(from_ + number * every, "starts"), (from_ + number * every + every * 2 // 3, how)]
    return deeds


STORIES: dict[str, tuple[list[tuple[float, str]], list[tuple[float, str]]]] = {
    "an end that nobody asked for is told": ([(0, "starts"), (100, "fails")], [(100, "exited in fails")]),
    "a clean end is not": ([(0, "starts"), (100, "ends")], []),
    "an operator's stop is not": ([(0, "starts"), (100, "stopped killed")], []),
    "a stop that had to be forced is": ([(0, "starts"), (100, "stopped forced")], [(100, "exited in forced")]),
    "an end that the library told of is not told again": ([(0, "starts"), (100, "told fails")], []),
    "ends that are far apart are told one by one": (
        crashes(3, every=300),
        [(200, "exited in fails"), (500, "exited in fails"), (800, "exited in fails")],
    ),
    "the fifth end in a row is a loop, and what follows belongs to it": (
        crashes(6, every=3),
        [
            *((2 + 3 * number, "exited in fails") for number in range(4)),
            (14, "crash_loop 5 in fails"),
            (17, "crash_loop 6 in fails"),
        ],
    ),
    "a slow loop is one, too": (
        crashes(5, every=75),
        [*((50 + 75 * number, "exited in fails") for number in range(4)), (350, "crash_loop 5 in fails")],
    ),
    "a loop that changes its cause stays one problem": (
        [*crashes(5, every=3, how="killed"), *crashes(1, every=3, from_=15)],
        [
            *((2 + 3 * number, "exited in killed") for number in range(4)),
            (14, "crash_loop 5 in killed"),
            (17, "crash_loop 6 in killed"),
        ],
    ),
    "clean ends that are restarted at once are a loop": (
        crashes(5, every=3, how="ends"),
        [(14, "crash_loop 5 in ends")],
    ),
    "a short job of cron is none": (
        [deed for number in range(9) for deed in ((60.0 * number, "starts"), (60.0 * number + 2, "ends"))],
        [],
    ),
    "what the library told of counts for the loop, and is counted once": (
        crashes(5, every=3, how="told fails"),
        [(14, "crash_loop 5 in fails (counted)")],
    ),
    "a loop is over after a minute of running": (
        [*crashes(5, every=3, how="told fails"), (20, "starts"), (90, "starts@another")],
        [(14, "crash_loop 5 in fails (counted)"), (80, "over: fails")],
    ),
    "after that, it takes five ends again": (
        [*crashes(5, every=3, how="told fails"), (20, "starts"), (500, "fails")],
        [(14, "crash_loop 5 in fails (counted)"), (80, "over: fails"), (500, "exited in fails")],
    ),
    "an operator's stop ends a loop": (
        [*crashes(5, every=3, how="told fails"), (20, "stopped ends")],
        [(14, "crash_loop 5 in fails (counted)"), (20, "stopped: fails")],
    ),
    "who is deleted loops no more": (
        [*crashes(5, every=3, how="told fails"), (20, "deleted")],
        [(14, "crash_loop 5 in fails (counted)"), (20, "stopped: fails")],
    ),
    "an operator's restarts are no loop": (
        [deed for number in range(9) for deed in ((number, "starts"), (number, "stopped ends"), (number, "restarted"))],
        [],
    ),
    "who gives up does so in the group of the loop, and counts nothing": (
        [*crashes(5, every=3, how="told fails"), (15, "given up")],
        [(14, "crash_loop 5 in fails (counted)"), (15, "gave_up 5 in fails (counted)")],
    ),
    "without a loop, in the group of the last end": (
        [(0, "starts"), (2, "fails"), (2, "given up")],
        [(2, "exited in fails"), (2, "gave_up 1 in fails (counted)")],
    ),
    "without any end, it is told by itself": ([(0, "given up")], [(0, "gave_up in given up")]),
    "whose end says it all, because it was never started again, is not told twice": (
        [(0, "starts"), (2, "fails"), (2, "told given up"), (5, "starts")],
        [(2, "exited in fails")],
    ),
    "but is told if nobody heard of the end": ([(0, "told given up")], [(0, "gave_up in given up")]),
    "who was stopped by an operator is not given up": (
        [(0, "starts"), (9, "stopped fails"), (9, "given up"), (20, "starts"), (500, "fails"), (500, "given up")],
        [(500, "exited in fails"), (500, "gave_up 1 in fails (counted)")],
    ),
    "an end that is heard of after it belongs to it": (
        [(0, "starts"), (1, "given up"), (1, "fails")],
        [(1, "gave_up in given up"), (1, "gave_up 1 in given up")],
    ),
    "who was given up and runs again has recovered": (
        [(0, "starts"), (2, "fails"), (2, "given up"), (100, "starts")],
        [(2, "exited in fails"), (2, "gave_up 1 in fails (counted)"), (160, "over: fails")],
    ),
    "two instances that fail do not make a loop of five ends": (
        [
            deed
            for number in range(4)
            for name in "ab"
            for deed in ((number, f"starts@{name}"), (number, f"told fails@{name}"))
        ],
        [],
    ),
    "the end that follows too much memory is no second problem": (
        [(0, "starts"), (100, "too big"), (101, "over the limit")],
        [(100, "memory")],
    ),
    "who hangs and answers again is well": ([(0, "hangs"), (9, "answers")], [(0, "hung in hangs"), (9, "over: hangs")]),
    "who hangs and is started anew is well": (
        [(0, "hangs"), (9, "starts")],
        [(0, "hung in hangs"), (9, "over: hangs")],
    ),
    "a lost manager is told, and that it is back": (
        [(0, "lost"), (9, "back")],
        [(0, "lost in lost"), (9, "over: lost")],
    ),
    "what is well is not told": ([(0, "starts"), (5, "answers"), (9, "back")], []),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story(name: str) -> None:
    deeds, told = STORIES[name]
    assert lived(*deeds) == told


def test_how_long_a_loop_goes_on_is_told_with_it() -> None:
    life = Life()
    for at, deed in crashes(16, every=3):
        life.do(at, deed)
    _, last = life.signs[-1]
    assert isinstance(last, Raised)
    assert (last.finding.count, last.finding.span_s, last.finding.ending) == (16, 45.0, FAILED)


def test_what_has_no_problem_is_forgotten_and_what_has_one_is_not() -> None:
    well, loops = Life(), Life()
    well.do(0, "starts")
    for at, deed in crashes(5, every=3):
        loops.do(at, deed)
    assert processes.is_forgotten(well.state, START + KEPT_S)
    assert not processes.is_forgotten(loops.state, START + 9 * KEPT_S)
    assert [_told(sign) for sign in processes.left(loops.state)] == ["over: fails"]


def test_a_clock_that_is_set_back_leaves_no_time_in_the_future() -> None:
    life = Life()
    for at, deed in [*crashes(5, every=3), (20, "starts")]:
        life.do(at, deed)
    back = processes.rebased(life.state, START - 3_600)
    assert processes.due_at(back) == START - 3_600 + STABLE_S
    assert processes.rebased(life.state, START + 20) == life.state


@given(st.lists(st.tuples(st.sampled_from([*TURNS, *ENDINGS]), st.integers(0, 99)), max_size=60), st.randoms())
def test_whatever_happens_what_lasts_is_told_before_it_is_over(
    deeds: list[tuple[str, int]], dice: random.Random
) -> None:
    life = Life()
    at = 0.0
    for what, instance in deeds:
        at += dice.choice((0.0, 1.0, 70.0))
        life.do(at, f"{what}@{instance}")
    standing: set[str] = set()
    for _, sign in life.signs:
        if isinstance(sign, Raised) and sign.finding.problem.lasts:
            standing.add(sign.fingerprint)
        if isinstance(sign, Over):
            assert sign.fingerprint in standing
    assert len(life.state.runs) <= INSTANCES_MAX


def test_the_oldest_instances_are_forgotten() -> None:
    life = Life()
    for number in range(INSTANCES_MAX + 10):
        life.do(number, f"starts@{number}")
    assert [run.instance for run in life.state.runs] == [str(number) for number in range(10, INSTANCES_MAX + 10)]


@pytest.mark.parametrize(
    "damage",
    [{"runs": [{"instance": 1}]}, {"lasting": {"nonsense": "x"}}, {"heard_at": "soon"}, {"heard_at": float("nan")}],
)
def test_what_another_version_wrote_is_refused(damage: dict[str, object]) -> None:
    data = processes.to_json(replace(Life().state, heard_at=START))
    with pytest.raises((KeyError, TypeError, ValueError)):
        processes.from_json({**data, **damage})
