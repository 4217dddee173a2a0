"""After an outage old messages become one digest."""

from dataclasses import replace

import pytest
from cards import BACKLOG, DEPLOYED, FIRST_SEEN, FIRST_VISITOR, GROWING, QUIET, STORM
from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerting.decision import Reason
from bongsu.delivery.backlog import ENTRIES_MAX, collapse, is_backlog
from bongsu.messages.message import Message, Note, State, Trouble

NOW = 1_631_000_000.0

LINES = [
    # messages that wait, for how long the oldest does, a backlog?
    (1, 86_400, False),
    (3, 86_400, False),
    (4, 299, False),
    (4, 300, True),
    (5_000, 300, True),
    (5_000, 0, False),
    (5_000, -86_400, False),  # the clock was set back
]


@pytest.mark.parametrize(("waiting", "age", "want"), LINES)
def test_more_than_three_that_wait_for_five_minutes_are_a_backlog(waiting: int, age: float, want: bool) -> None:
    assert is_backlog(waiting, NOW - age, NOW) is want


def named(name: str, count: int) -> Message:
    return replace(FIRST_SEEN, event=replace(FIRST_VISITOR, message=name, exceptions=()), count=count)


def test_the_digest_names_the_most_frequent_and_says_for_how_long_nobody_heard_of_them() -> None:
    told = collapse([named(f"problem {count}", count) for count in range(1, 9)], NOW - 3_600, NOW)
    assert [(entry.title, entry.count) for entry in told.entries] == [
        (f"problem {count}", count) for count in (8, 7, 6, 5, 4)
    ]
    assert (told.reason, told.problems, told.count, told.backlog_s) == (Reason.DIGEST, 8, 36, 3_600)


def test_the_digest_of_a_storm_is_taken_in_with_all_its_problems() -> None:
    told = collapse([STORM, named("late", 10_000)], NOW - 600, NOW)
    assert (told.problems, told.count) == (STORM.problems + 1, STORM.count + 10_000)
    assert [entry.count for entry in told.entries] == [10_000, 9_000, 2_000, 300, 20]


def test_a_problem_is_named_once_with_its_highest_count() -> None:
    told = collapse([named("late", 5), STORM, named("late", 70_000)], NOW - 600, NOW)
    assert [entry.count for entry in told.entries if entry.title == "late"] == [70_000]


@pytest.mark.parametrize(
    ("parts", "want"), [([GROWING, QUIET], State.FIRING), ([QUIET, QUIET], State.QUIET), ([STORM], State.FIRING)]
)
def test_it_is_red_while_one_of_them_fires(parts: list[Message], want: State) -> None:
    assert collapse(parts, NOW - 600, NOW).state is want


def test_notes_are_said_once() -> None:
    note = Note(trouble=Trouble.STATE_DIR, detail="read-only")
    told = collapse([replace(GROWING, notes=(note,)), replace(QUIET, notes=(note,))], NOW - 600, NOW)
    assert told.notes == (note,)


counted = st.builds(
    lambda message, count: replace(message, count=count),
    st.sampled_from([FIRST_SEEN, GROWING, QUIET, STORM, BACKLOG, DEPLOYED]),
    st.integers(1, 100_000),
)


@given(st.lists(counted, min_size=1, max_size=30))
def test_nothing_is_lost_in_it(parts: list[Message]) -> None:
    told = collapse(parts, NOW - 600, NOW)
    assert told.count == sum(part.count for part in parts)
    assert told.problems == sum(part.problems or 1 for part in parts)
    assert len(told.entries) <= ENTRIES_MAX
    assert told.event is None
