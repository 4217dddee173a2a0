"""Spans of time as people write them, and what they are told when they write something else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.outcomes import durations
from bongsu.outcomes.durations import DAY_S, Hours

SEOUL = 9 * 3_600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("10m", 600), ("1h", 3_600), ("1h30m", 5_400), ("1d", DAY_S), ("1d2h3m4s", 93_784), ("90m", 5_400)],
)
def test_a_duration_is_numbers_with_units(text: str, seconds: int) -> None:
    assert durations.duration_s(text, least_s=1, most_s=2 * DAY_S) == seconds


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "10", "ten minutes", "10 m", "-5m", "1.5h", "5m1h", "1w", "1" * 99 + "s", "１０m", 10, None, b"1m"],
)
def test_anything_else_is_refused_with_examples(wrong: object) -> None:
    with pytest.raises(ValueError, match="'10m'"):
        durations.duration_s(wrong, least_s=1, most_s=DAY_S)


@pytest.mark.parametrize("text", ["9s", "0s", "2d"])
def test_too_short_and_too_long_ones_are_told_the_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="from 10s to 1d"):
        durations.duration_s(text, least_s=10, most_s=DAY_S)


@given(st.integers(1, 400 * DAY_S))
def test_what_is_written_is_read_again(seconds: int) -> None:
    assert durations.duration_s(durations.written(seconds), least_s=1, most_s=400 * DAY_S) == seconds


@pytest.mark.parametrize("wrong", ["", "  ", "a" * 201, "a\nb", "a\x00", 7, None])
def test_a_name_can_be_shown(wrong: object) -> None:
    with pytest.raises(ValueError, match="printable"):
        durations.name(wrong)


@pytest.mark.parametrize(
    ("between", "opens_s", "length_s"),
    [
        ("09:00-18:00", 9 * 3_600, 9 * 3_600),
        ("9:30 – 17:45", 34_200, 29_700),
        ("22:00-02:00", 22 * 3_600, 4 * 3_600),
        ("18:00-24:00", 18 * 3_600, 6 * 3_600),
        ("00:00-24:00", 0, DAY_S),
        ("07:00-07:00", 0, DAY_S),
        (None, 0, DAY_S),
    ],
)
def test_hours_have_a_begin_and_an_end(between: str | None, opens_s: int, length_s: int) -> None:
    assert durations.hours(between, None) == Hours(opens_s=opens_s, length_s=length_s)


@pytest.mark.parametrize("wrong", ["", "9-18", "09:00", "25:00-26:00", "09:60-10:00", "24:00-02:00", 9, "09:00-24:30"])
def test_other_hours_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="09:00-18:00"):
        durations.hours(wrong, None)


@pytest.mark.parametrize(
    ("days", "numbers"),
    [("mon-fri", range(5)), ("sat,sun", (5, 6)), ("Fri-Mon", (4, 5, 6, 0)), ("mon, wed", (0, 2)), ("tue", (1,))],
)
def test_days_are_ranges_and_lists(days: str, numbers: tuple[int, ...]) -> None:
    assert durations.hours(None, days).days == frozenset(numbers)


@pytest.mark.parametrize("wrong", ["monday", "mon-", "-fri", "mon..fri", "1-5", 3])
def test_other_days_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="mon-fri"):
        durations.hours(None, wrong)


def at(text: str) -> float:
    """A moment of the week that began on Monday, 2021-09-06, in Seoul."""
    day, _, clock = text.partition(" ")
    date = 6 + durations.DAYS.index(day)
    hour, minute = clock.split(":")
    return datetime(2021, 9, date, int(hour), int(minute), tzinfo=UTC).timestamp() - SEOUL


@pytest.mark.parametrize(
    ("between", "days", "begins", "ends", "inside"),
    [
        ("09:00-18:00", None, "tue 09:00", "tue 09:10", True),
        ("09:00-18:00", None, "tue 08:59", "tue 09:09", False),
        ("09:00-18:00", None, "tue 17:50", "tue 18:00", True),
        ("09:00-18:00", None, "tue 17:51", "tue 18:01", False),
        ("09:00-18:00", None, "mon 17:50", "tue 09:10", False),
        ("22:00-02:00", None, "tue 23:50", "wed 00:10", True),
        ("22:00-02:00", None, "wed 01:55", "wed 02:05", False),
        ("22:00-02:00", "tue", "wed 00:10", "wed 00:20", True),
        ("22:00-02:00", "wed", "wed 00:10", "wed 00:20", False),
        ("09:00-18:00", "mon-fri", "fri 12:00", "fri 12:10", True),
        ("09:00-18:00", "mon-fri", "sat 12:00", "sat 12:10", False),
        (None, "mon-fri", "fri 23:55", "sat 00:05", False),
        (None, "mon-fri", "mon 12:00", "tue 12:00", True),
        (None, "mon-fri", "tue 23:55", "wed 00:05", True),
        (None, None, "sat 23:00", "sun 23:00", True),
    ],
)
def test_a_span_counts_when_all_of_it_lies_in_the_hours(
    between: str | None, days: str | None, begins: str, ends: str, inside: bool
) -> None:
    assert durations.hours(between, days).cover(at(begins), at(ends), SEOUL) is inside
