"""What follows the end of a process: again, when, or no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.watchers.run.restarting import (
    BACKOFF_FIRST_S,
    LONG_RUN_S,
    End,
    Next,
    Restart,
    Rules,
    Streak,
    backoff_s,
    step,
)

CLEAN, FAILED = True, False


def end(*, clean: bool = FAILED, wanted: bool = False, run: bool = True, uptime_s: float = 1.0, at: float = 0.0) -> End:
    return End(is_clean=clean, is_wanted=wanted, has_run=run, uptime_s=uptime_s, at=at)


WANTS = [
    (Restart.ON_FAILURE, FAILED, Next.AGAIN),
    (Restart.ON_FAILURE, CLEAN, Next.OVER),
    (Restart.ALWAYS, FAILED, Next.AGAIN),
    (Restart.ALWAYS, CLEAN, Next.AGAIN),
    (Restart.NEVER, FAILED, Next.OVER),
    (Restart.NEVER, CLEAN, Next.OVER),
]


@pytest.mark.parametrize(("restart", "clean", "expected"), WANTS)
def test_the_policy_says_who_is_started_again(restart: Restart, clean: bool, expected: Next) -> None:
    assert step(Rules(restart=restart), Streak(), end(clean=clean), is_first=True).next is expected


@pytest.mark.parametrize("restart", Restart)
def test_whom_an_operator_stops_is_not_started_again(restart: Restart) -> None:
    assert step(Rules(restart=restart), Streak(), end(wanted=True), is_first=False).next is Next.OVER


def test_what_cannot_be_started_at_all_is_not_tried_again() -> None:
    assert step(Rules(), Streak(), end(run=False, uptime_s=0.0), is_first=True).next is Next.OVER


def test_what_cannot_be_started_for_a_moment_is_tried_again() -> None:
    """As during a deployment."""
    assert step(Rules(), Streak(), end(run=False, uptime_s=0.0), is_first=False).next is Next.AGAIN


PAUSES = [(0, 0.0), (1, 0.1), (2, 0.2), (3, 0.4), (7, 6.4), (8, 10.0), (100, 10.0), (10**9, 10.0)]


@pytest.mark.parametrize(("short_runs", "pause_s"), PAUSES)
def test_pauses_double_up_to_the_longest(short_runs: int, pause_s: float) -> None:
    assert backoff_s(short_runs, 10.0) == pytest.approx(pause_s)


def test_after_a_long_run_it_is_started_at_once_and_counting_begins_anew() -> None:
    found = step(Rules(), Streak(short_runs=9, began_at=1.0), end(uptime_s=LONG_RUN_S), is_first=False)
    assert (found.next, found.delay_s, found.streak) == (Next.AGAIN, 0.0, Streak())


@given(most=st.integers(0, 30), uptimes=st.lists(st.floats(0, LONG_RUN_S - 0.01), min_size=40, max_size=40))
def test_it_is_given_up_after_so_many_restarts(most: int, uptimes: list[float]) -> None:
    rules, streak, at = Rules(max_restarts=most), Streak(), 100.0
    for number, uptime_s in enumerate(uptimes):
        at += uptime_s
        found = step(rules, streak, end(uptime_s=uptime_s, at=at), is_first=number == 0)
        streak = found.streak
        if found.next is Next.GIVE_UP:
            break
        assert found.next is Next.AGAIN
        assert 0 < found.delay_s <= rules.backoff_max_s
    assert (number, streak.restarts) == (most, most)
    assert streak.began_at == 100.0 + uptimes[0]


def test_the_first_pause_is_short() -> None:
    assert step(Rules(), Streak(), end(), is_first=True).delay_s == BACKOFF_FIRST_S
