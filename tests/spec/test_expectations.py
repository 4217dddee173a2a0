"""Too few successes: when it is told, how often, and when it is over."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.event import Problem
from bongsu.outcomes import durations, expectations
from bongsu.outcomes.expectations import KEPT_S, SETTLE_S, Expectation
from bongsu.outcomes.signs import Over, Raised, Sign

START = 1_630_975_200.0  # 2021-09-07 00:40 UTC, a Tuesday
PER_S = 600.0
EXPECTED = Expectation(
    name="checkin.login",
    at_least=3,
    per_s=PER_S,
    hours=durations.Hours(),
    source="checkin/auth.py:12",
    declared_at=START,
    observed_since=START,
    looked_at=START,
)


class Life:
    """An expectation over time, looked at as often as it asks for."""

    def __init__(self, expected: Expectation = EXPECTED) -> None:
        self.state = expected
        self.now = START
        self.counts: list[float] = []
        self.signs: list[tuple[int, Sign]] = []

    def count(self, times: int = 1) -> None:
        self.counts += [self.now] * times

    def wait(self, seconds: float, *, unwatched: bool = False) -> None:
        end = self.now + seconds
        while not unwatched and (due := expectations.due_at(self.state)) <= end:
            self.now = max(self.now, due)
            self.look()
        self.now = end

    def look(self) -> None:
        since = expectations.counted_since(self.state, self.now)
        counted = sum(at >= since for at in self.counts)
        self.state, signs = expectations.looked(self.state, counted, self.now, (0, 0))
        self.signs += [(round(self.now - START), sign) for sign in signs]

    @property
    def told(self) -> list[str]:
        return ["too few" if isinstance(sign, Raised) else "over" for _, sign in self.signs]


def test_too_few_in_the_whole_span_are_told_within_a_minute_after_it() -> None:
    life = Life()
    life.count(2)
    life.wait(PER_S)
    assert life.told == []
    life.wait(SETTLE_S + 60)
    [(at, sign)] = life.signs
    assert PER_S + SETTLE_S <= at <= PER_S + SETTLE_S + 60
    assert isinstance(sign, Raised)
    assert (sign.finding.count, sign.finding.wanted, sign.finding.span_s) == (0, 3, PER_S)


def test_enough_are_not_told() -> None:
    life = Life()
    for _ in range(60):
        life.count()
        life.wait(PER_S / 3 - 1)
    assert life.told == []


def test_it_is_told_again_after_each_further_span() -> None:
    life = Life()
    life.wait(4 * PER_S + SETTLE_S + 60)
    assert life.told == ["too few"] * 4


def test_and_over_once_there_are_enough() -> None:
    life = Life()
    life.wait(PER_S + 100)
    life.count(3)
    life.wait(61)
    life.count(3)
    life.wait(PER_S / 2)
    assert life.told == ["too few", "over"]
    assert life.signs[-1][1] == Over(
        problem=Problem.UNMET,
        name="checkin.login",
        finding=replace(life.signs[0][1].finding, count=3),  # type: ignore[union-attr]
    )


def test_what_nobody_saw_is_not_told() -> None:
    life = Life()
    life.wait(PER_S / 2)
    life.wait(PER_S * 5, unwatched=True)
    life.wait(PER_S)
    assert life.told == []
    life.wait(SETTLE_S + 120)
    assert life.told == ["too few"]


def test_a_gap_of_less_than_a_minute_is_no_gap() -> None:
    life = Life(replace(EXPECTED, per_s=60.0))
    life.wait(20)
    life.wait(55, unwatched=True)
    life.look()
    assert life.told == ["too few"]


def test_a_restart_that_fills_a_short_span_is_a_gap() -> None:
    life = Life(replace(EXPECTED, per_s=10.0))
    for _ in range(30):
        life.count(3)
        life.wait(2)
    life.wait(30, unwatched=True)
    life.look()
    assert life.told == []


def test_summer_time_that_begins_within_the_span_opens_no_hours_early() -> None:
    opens = durations.hours("02:00-06:00", None)
    life = Life(replace(EXPECTED, hours=opens, per_s=3_600.0))
    now = life.now + SETTLE_S + 7_200
    state = replace(life.state, looked_at=now, observed_since=life.now)
    standard_s, summer_s = (int(9_000 - now) % durations.DAY_S + add_s for add_s in (0, 3_600))  # 02:30, 03:30
    assert expectations.looked(state, 0, now, (summer_s, summer_s))[1] != ()
    assert expectations.looked(state, 0, now, (standard_s, summer_s))[1] == ()


def test_outside_the_hours_nothing_is_told_but_what_is_over_is() -> None:
    life = Life(replace(EXPECTED, hours=durations.hours("00:00-00:45", None)))
    life.wait(12 * 3_600)
    assert life.told == []
    life = Life(replace(EXPECTED, hours=durations.hours("00:30-00:55", None)))
    life.wait(3 * 3_600)
    assert life.told == ["too few"]
    life.count(3)
    life.wait(61)
    assert life.told == ["too few", "over"]


def test_declared_anew_it_stands_as_it_stood() -> None:
    life = Life()
    life.wait(PER_S + 100)
    anew = replace(EXPECTED, at_least=5, declared_at=life.now, observed_since=life.now, looked_at=life.now)
    declared = expectations.declared(life.state, anew)
    assert (declared.at_least, declared.told_at, declared.observed_since) == (5, life.state.told_at, START)
    assert expectations.declared(None, anew) == anew


def test_a_longer_span_than_before_is_observed_from_its_declaration_on() -> None:
    life = Life()
    life.count(3)
    life.wait(300)
    longer = replace(EXPECTED, per_s=7_200.0, declared_at=life.now, observed_since=life.now)
    assert expectations.declared(life.state, longer).observed_since == life.now
    shorter = replace(longer, per_s=60.0)
    assert expectations.declared(life.state, shorter).observed_since == START


def test_it_is_forgotten_a_week_after_it_was_declared_and_over_then() -> None:
    life = Life()
    life.wait(PER_S + 100)
    assert not expectations.is_forgotten(life.state, START + KEPT_S - 1)
    assert expectations.is_forgotten(life.state, START + KEPT_S)
    assert expectations.left(life.state) == (Over(problem=Problem.UNMET, name="checkin.login"),)
    assert expectations.left(EXPECTED) == ()


def test_a_clock_set_back_does_not_silence_it() -> None:
    life = Life()
    life.wait(PER_S + 100)
    life.now -= 86_400
    life.state = expectations.rebased(life.state, life.now)
    life.wait(PER_S + 60)
    assert life.told == ["too few"] * 2


@pytest.mark.parametrize("per_s", [10.0, 600.0, 86_400.0])
def test_it_is_kept_as_json(per_s: float) -> None:
    state = replace(EXPECTED, per_s=per_s, hours=durations.hours("22:00-02:00", "mon-fri"), told_at=START)
    assert expectations.from_json(expectations.to_json(state)) == state


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5), st.booleans()), max_size=40))
def test_signs_alternate_and_it_always_recovers(steps: list[tuple[int, int, bool]]) -> None:
    life = Life()
    for seconds, times, unwatched in steps:
        life.count(times)
        life.wait(seconds, unwatched=unwatched)
    before = len(life.signs)
    life.count(3)
    life.wait(60)
    assert life.state.told_at is None
    assert len(life.signs) - before <= 1
    told = [(at, isinstance(sign, Raised)) for at, sign in life.signs]
    for (at, was_raised), (later, is_raised) in pairwise(told):
        assert was_raised or is_raised, "over twice"
        assert not (was_raised and is_raised) or later - at >= PER_S, "told twice for one span"
