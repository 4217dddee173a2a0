"""Too many distinct problems at once: five messages, then one digest a minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import SCHEDULE, START

from bongsu.alerting import storm as storms
from bongsu.alerting.storm import Storm


def played(arrivals: list[float], until: float) -> tuple[list[float], list[tuple[float, int]]]:
    """Problems arrive at these seconds: when each got a message of its own, and when digests came, of how many."""
    storm, alone, digests = Storm(), list[float](), list[tuple[float, int]]()
    inside = 0
    for at in [*sorted(arrivals), until]:
        due = storms.due_at(storm, SCHEDULE)
        if due is not None and due <= START + at:
            digests.append((due - START, inside))
            storm, inside = storms.written(storm, due), 0
        if at < until:
            storm, by_itself = storms.admit(storm, START + at, SCHEDULE)
            alone += [at] * by_itself
            inside += not by_itself
    return alone, digests


STORIES = {
    # problems arrive at, messages of their own, digests
    "five at once are five messages": ([0.0] * 5, [0.0] * 5, []),
    "the sixth waits until no new one came for 5 s": ([0.0] * 6, [0.0] * 5, [(5.0, 1)]),
    "a new one keeps the digest open": ([0.0] * 6 + [4.0, 8.0], [0.0] * 5, [(13.0, 3)]),
    "for a minute at most": (
        [0.0] * 5 + [float(at) for at in range(100)],
        [0.0] * 5 + [60.0, 61.0, 62.0, 63.0, 64.0],
        [(60.0, 60), (120.0, 35)],
    ),
    "one every twelve seconds is no storm": ([at * 12.0 for at in range(20)], [at * 12.0 for at in range(20)], []),
    "a second digest waits for its minute": (
        [0.0] * 6 + [10.0] * 6,
        [0.0] * 5,
        [(5.0, 1), (65.0, 6)],
    ),
}


@pytest.mark.parametrize(("arrivals", "alone", "digests"), STORIES.values(), ids=STORIES)
def test_what_a_storm_is_told_as(arrivals: list[float], alone: list[float], digests: list[tuple[float, int]]) -> None:
    assert played(arrivals, until=300) == (alone, digests)


arrivals_ = st.lists(st.integers(0, 600).map(float), max_size=400)


@given(arrivals_)
def test_every_problem_is_told_alone_or_in_a_digest(arrivals: list[float]) -> None:
    alone, digests = played(arrivals, until=1_000)
    assert len(alone) + sum(problems for _, problems in digests) == len(arrivals)


@given(arrivals_)
def test_never_more_than_ten_of_their_own_and_two_digests_in_any_minute(arrivals: list[float]) -> None:
    """A full budget, and what it regains meanwhile."""
    alone, digests = played(arrivals, until=1_000)
    for start in {*alone, *(at for at, _ in digests)}:
        assert sum(start <= at < start + 60 for at in alone) <= 10
        assert sum(start <= at < start + 60 for at, _ in digests) <= 1


@given(st.integers(1, 400 * 86_400), arrivals_)
def test_a_clock_set_back_delays_no_digest_for_more_than_two_minutes(back: int, arrivals: list[float]) -> None:
    storm = Storm()
    for at in sorted(arrivals) + [600.0] * 6:
        storm, _ = storms.admit(storm, START + at, SCHEDULE)
    now = START + 600 - back
    due = storms.due_at(storms.rebased(storm, now), SCHEDULE)
    assert due is not None
    assert due <= now + 60


def test_a_storm_survives_the_store() -> None:
    storm, _ = storms.admit(Storm(), START, SCHEDULE)
    assert storms.from_json(storms.to_json(storm)) == storm
