"""Signs of life: what is missed, late, failed, killed, overlapping, too long; and that each is told once."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.event import Problem
from bongsu.outcomes import heartbeats
from bongsu.outcomes.durations import DAY_S
from bongsu.outcomes.heartbeats import RUNS_MAX, Beat, Heartbeat, Run, Standing
from bongsu.outcomes.signs import Over, Raised, Sign

START = 1_630_972_800.0
HOUR = 3_600
A, B = "1@web", "2@web"  # processes

Story = list[tuple[float, str]]
Told = list[tuple[float, str]]

NIGHTLY = Heartbeat(
    name="nightly-backup",
    every_s=DAY_S,
    grace_s=HOUR,
    at_most_s=HOUR,
    source="jobs.py:3",
    declared_at=START,
    since=START,
)
UNTIMED = replace(NIGHTLY, every_s=None, grace_s=0.0, at_most_s=None)


class Life:
    """A heartbeat over time. Deeds are `start r`, `ok r`, `fail r`, `stop r`, `gone`; `r` names a run, or nothing."""

    def __init__(self, state: Heartbeat = NIGHTLY) -> None:
        self.state = state
        self.now = START
        self.signs: list[tuple[float, Sign]] = []

    def wait_until(self, at: float, *, unwatched: bool = False) -> None:
        while not unwatched and (due := heartbeats.due_at(self.state)) <= START + at:
            self.now = max(due, self.now)
            self._take(heartbeats.passed(self.state, self.now))
            if heartbeats.is_forgotten(self.state, self.now):
                break
        self.now = START + at

    def do(self, deed: str) -> None:
        verb, _, run = deed.partition(" ")
        by = A if verb == "start" and run else None
        match verb:
            case "gone":
                self._take(heartbeats.gone(self.state, run or A, self.now))
            case "start":
                self._take(heartbeats.heard(self.state, Beat.STARTED, self.now, run=run or "manual", by=by))
            case _:
                beat = {"ok": Beat.OK, "fail": Beat.FAILED, "stop": Beat.STOPPED}[verb]
                self._take(heartbeats.heard(self.state, beat, self.now, run=run or None))

    @property
    def told(self) -> Told:
        return [(at - START, _word(sign)) for at, sign in self.signs]

    def _take(self, step: tuple[Heartbeat, tuple[Sign, ...]]) -> None:
        self.state, signs = step
        self.signs += [(self.now, sign) for sign in signs]


def _word(sign: Sign) -> str:
    if isinstance(sign, Over):
        return f"over: {sign.problem}"
    return f"{sign.finding.problem} ×{sign.times}" if sign.times > 1 else sign.finding.problem.value


def lived(story: Story, until: float, state: Heartbeat = NIGHTLY) -> Life:
    life = Life(state)
    for at, deed in story:
        life.wait_until(at)
        life.do(deed)
    life.wait_until(until)
    return life


D = float(DAY_S)

STORIES: dict[str, tuple[Story, float, Told]] = {
    # what happens: (at, deed); until when; what is told
    "a sign in time says nothing": ([(D, "ok"), (2 * D, "ok")], 3 * D, []),
    "nor does one within the grace": ([(D + HOUR - 1, "ok")], 2 * D, []),
    "nothing heard by the end of the grace is missed": ([], D + HOUR, [(D + HOUR, "missed")]),
    "each further beat is missed once": (
        [],
        3 * D + HOUR,
        [(D + HOUR, "missed"), (2 * D + HOUR, "missed"), (3 * D + HOUR, "missed")],
    ),
    "heard again it is over, and counts from there": (
        [(2 * D, "ok")],
        3 * D + HOUR,
        [(D + HOUR, "missed"), (2 * D, "over: missed"), (3 * D + HOUR, "missed")],
    ),
    "a run that begins in time and ends is fine": ([(D, "start a"), (D + 600, "ok a")], 2 * D, []),
    "the next is due a period after the run began, not after it ended": (
        [(D, "start a"), (D + 3_000, "ok a")],
        2 * D + HOUR,
        [(2 * D + HOUR, "missed")],
    ),
    "a run that goes on for too long is told, and over at its end": (
        [(D, "start a"), (D + 2 * HOUR, "ok a")],
        2 * D,
        [(D + HOUR, "too_long"), (D + 2 * HOUR, "over: too_long")],
    ),
    "one that never ends is too long, and then the next beat is missed": (
        [(D, "start a")],
        2 * D + HOUR,
        [(D + HOUR, "too_long"), (2 * D + HOUR, "missed")],
    ),
    "a failure is over when a run goes well": (
        [(D, "start a"), (D + 60, "fail a"), (2 * D, "start b"), (2 * D + 60, "ok b")],
        3 * D,
        [(2 * D + 60, "over: failed")],
    ),
    "not when another begins, or fails too": (
        [(D, "start a"), (D + 60, "fail a"), (D + 600, "start b"), (D + 660, "fail b")],
        2 * D,
        [],
    ),
    "a run whose process is gone was killed": (
        [(D, "start a"), (D + 60, "gone"), (2 * D, "start b"), (2 * D + 60, "ok b")],
        3 * D,
        [(D + 60, "killed"), (2 * D + 60, "over: killed")],
    ),
    "the end of another process says nothing": ([(D, "start a"), (D + 60, f"gone {B}"), (D + 90, "ok a")], 2 * D, []),
    "nor does the end of a process without a run": ([(D, "start a"), (D + 60, "ok a"), (D + 61, "gone")], 2 * D, []),
    "a run that may end elsewhere outlives its process": ([(D, "start"), (D + 60, "gone"), (D + 90, "ok")], 2 * D, []),
    "a second run while one goes on overlaps": (
        [(D, "start a"), (D + 60, "start b"), (D + 70, "ok a"), (D + 80, "ok b")],
        2 * D,
        [(D + 60, "overlapping")],
    ),
    "a killed one is no overlap": (
        [(D, "start a"), (D + 60, "gone"), (D + 120, "start b"), (D + 180, "ok b")],
        2 * D,
        [(D + 60, "killed"), (D + 180, "over: killed")],
    ),
    "a run of which only the begin is told is given up when the next one begins": (
        [(D, "start"), (2 * D, "start"), (2 * D + 60, "ok")],
        3 * D,
        [(D + HOUR, "too_long"), (2 * D, "over: too_long")],
    ),
    "a cancelled run has neither failed nor recovered": (
        [(D, "fail"), (D + HOUR, "start a"), (D + HOUR + 60, "stop a"), (D + 2 * HOUR, "ok")],
        2 * D,
        [(D + 2 * HOUR, "over: failed")],
    ),
    "a sign of life ends no run of another process": (
        [(D, "start a"), (D + 60, "ok"), (D + 70, "start b")],
        D + 100,
        [(D + 70, "overlapping")],
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_is_told(story: tuple[Story, float, Told]) -> None:
    happenings, until, told = story
    assert lived(happenings, until).told == told


def test_what_came_late_before_anybody_noticed_is_told_as_late() -> None:
    life = Life()
    life.wait_until(D + 2 * HOUR, unwatched=True)
    life.do("ok")
    life.wait_until(2 * D)
    [(at, late)] = life.signs
    assert at == START + D + 2 * HOUR
    assert isinstance(late, Raised)
    assert (late.finding.problem, late.finding.span_s) == (Problem.LATE, 2 * HOUR)


def test_how_late_it_came_stands_in_the_end_of_what_was_missed() -> None:
    [_, (_, over)] = lived([(D + 3 * HOUR, "ok")], D + 3 * HOUR).signs
    assert isinstance(over, Over)
    assert over.finding is not None
    assert over.finding.span_s == 3 * HOUR


def test_beats_that_nobody_was_there_to_miss_are_told_at_once_with_their_number() -> None:
    life = Life()
    life.wait_until(4 * D, unwatched=True)
    life.wait_until(4 * D + 1)
    [(_, missed)] = life.signs
    assert isinstance(missed, Raised)
    assert (missed.times, missed.finding.span_s, missed.finding.allowed_s) == (3, 4 * D, D)


def test_without_a_period_only_failures_and_overlaps_are_told() -> None:
    story: Story = [(0, "ok"), (5 * D, "start a"), (6 * D, "start b"), (6 * D + 1, "ok a"), (6 * D + 2, "fail b")]
    life = lived(story, 7 * D, UNTIMED)
    assert life.told == [(6 * D, "overlapping")]
    assert heartbeats.standing(life.state) is Standing.FAILED


def test_a_start_without_an_end_overlaps_with_the_next_one_and_then_no_more() -> None:
    life = Life(UNTIMED)
    for day in range(1, 4):
        life.wait_until(day * DAY_S)
        life.do("start")
        if day > 1:
            life.do("ok")
    assert life.told == [(2 * DAY_S, "overlapping")]
    assert life.state.runs == ()


def test_runs_are_bounded() -> None:
    life = lived([(number, f"start {number}") for number in range(RUNS_MAX * 2)], 60, UNTIMED)
    assert len(life.state.runs) == RUNS_MAX
    assert all(sign.finding.count <= RUNS_MAX for _, sign in life.signs if isinstance(sign, Raised))


STANDINGS: list[tuple[Heartbeat, Standing]] = [
    (NIGHTLY, Standing.WAITING),
    (replace(NIGHTLY, heard_at=START), Standing.OK),
    (replace(NIGHTLY, runs=(Run(id="a", began_at=START, by=A),)), Standing.RUNNING),
    (replace(NIGHTLY, runs=(Run(id="a", began_at=START, by=A, is_too_long=True),)), Standing.TOO_LONG),
    (replace(NIGHTLY, killed=True, heard_at=START), Standing.KILLED),
    (replace(NIGHTLY, killed=True, failing=True), Standing.FAILED),
    (replace(NIGHTLY, missed=2, failing=True), Standing.MISSED),
]


@pytest.mark.parametrize(("state", "word"), STANDINGS)
def test_how_it_stands_is_one_word_and_it_is_kept_as_json(state: Heartbeat, word: Standing) -> None:
    assert heartbeats.standing(state) is word
    assert heartbeats.from_json(heartbeats.to_json(state)) == state


def test_another_period_counts_from_its_declaration() -> None:
    later = START + 20 * HOUR
    hourly = replace(NIGHTLY, every_s=HOUR, grace_s=60.0, declared_at=later, since=later)
    state = heartbeats.declared(NIGHTLY, hourly)
    assert heartbeats.due_at(state) == later + HOUR + 60
    again = replace(hourly, declared_at=later + 30, since=later + 30)
    assert heartbeats.due_at(heartbeats.declared(state, again)) == later + HOUR + 60


def test_it_is_forgotten_after_a_week_or_three_periods_without_a_declaration_or_a_sign() -> None:
    assert not heartbeats.is_forgotten(NIGHTLY, START + 7 * D - 1)
    assert heartbeats.is_forgotten(NIGHTLY, START + 7 * D)
    assert not heartbeats.is_forgotten(replace(NIGHTLY, every_s=30 * D), START + 89 * D)
    assert not heartbeats.is_forgotten(replace(NIGHTLY, heard_at=START + 5 * D), START + 8 * D)
    wrong = replace(NIGHTLY, missed=1, failing=True)
    assert [sign.problem for sign in heartbeats.left(wrong) if isinstance(sign, Over)] == ["missed", "failed"]


def test_a_clock_set_back_delays_no_alert() -> None:
    state = replace(NIGHTLY, heard_at=START, runs=(Run(id="a", began_at=START, by=A),))
    back = heartbeats.rebased(state, START - DAY_S)
    assert heartbeats.due_at(back) == START - DAY_S + HOUR


def test_a_time_that_nobody_saw_is_neither_missed_nor_too_long() -> None:
    state = replace(NIGHTLY, runs=(Run(id="a", began_at=START, by=A),))
    seen = heartbeats.unobserved(state, START + 5 * D)
    assert heartbeats.passed(seen, START + 5 * D + HOUR) == (seen, ())


# -- for any history

deeds = st.lists(
    st.tuples(
        st.sampled_from([1, 60, 600, HOUR, DAY_S // 2, DAY_S, DAY_S + HOUR, 3 * DAY_S]),
        st.sampled_from(["ok", "fail", "start", "start a", "start b", "ok a", "ok b", "fail a", "stop b", "gone"]),
        st.booleans(),
    ),
    max_size=30,
)


@given(deeds)
def test_a_missed_beat_is_told_once_and_everything_recovers(steps: list[tuple[int, str, bool]]) -> None:
    life = Life()
    for wait_s, deed, unwatched in steps:
        life.wait_until(life.now - START + wait_s, unwatched=unwatched)
        life.do(deed)
    _assert_sound(life)
    for run in life.state.runs:
        life.do(f"ok {run.id}" if run.by else "ok")
    life.do("ok")
    assert heartbeats.standing(life.state) is Standing.OK
    _assert_sound(life)
    assert heartbeats.left(life.state) == ()


@pytest.mark.parametrize("seed", range(30))
def test_a_job_that_sometimes_does_not_run_is_told_once_for_each_beat(seed: int) -> None:
    """Runs at its hour, with some jitter; each day that is left out is one missed beat, told before the next is due."""
    dice = random.Random(seed)
    life, left_out = Life(), 0
    for day in range(1, 60):
        life.wait_until(day * D + dice.uniform(-HOUR / 2, HOUR / 2))
        if dice.random() < 0.3:
            left_out += 1
        else:
            life.do(f"start {day}")
            life.wait_until(life.now - START + dice.uniform(1, HOUR - 1))
            life.do(f"ok {day}")
    life.wait_until(60 * D)
    missed = sum(sign.times for _, sign in life.signs if isinstance(sign, Raised))
    assert missed == left_out
    assert {sign.finding.problem for _, sign in life.signs if isinstance(sign, Raised)} <= {Problem.MISSED}


def _assert_sound(life: Life) -> None:
    """What lasts begins before it ends, and ends once; a silence is told as often as beats fit into it."""
    open_problems: dict[Problem, int] = {}
    silence_began = START
    for at, sign in life.signs:
        problem = sign.finding.problem if isinstance(sign, Raised) else sign.problem
        if isinstance(sign, Raised):
            open_problems[problem] = open_problems.get(problem, 0) + sign.times
            if problem is Problem.MISSED:
                assert open_problems[problem] <= (at - silence_began) // DAY_S
        elif problem is not Problem.FAILED:  # whose event comes by another door
            assert open_problems.pop(problem), "over without having begun"
            if problem is Problem.MISSED:
                silence_began = at
