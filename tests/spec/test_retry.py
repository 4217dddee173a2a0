"""When to try again: what an answer asks for, how back-off grows, how a sender is paced."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.delivery.retry import (
    BACKOFF_MAX_S,
    PACE_BURST,
    PACE_INTERVAL_S,
    RETRY_AFTER_MAX_S,
    backoff_s,
    pace,
    retry_after,
)

NOW = 1_631_000_000.0  # Tue, 07 Sep 2021 07:33:20 GMT

WISHES = [
    # header, body, seconds
    ("1", "", 1.0),
    ("30", "", 30.0),
    (" 7 ", "", 7.0),
    ("0.5", "", 0.5),
    ("0", "", 0.0),
    ("3600", "", RETRY_AFTER_MAX_S),
    ("86400", "", RETRY_AFTER_MAX_S),
    ("1e400", "", RETRY_AFTER_MAX_S),
    ("9" * 5000, "", RETRY_AFTER_MAX_S),
    ("inf", "", RETRY_AFTER_MAX_S),
    ("nan", "", None),
    ("-1", "", None),
    ("-inf", "", None),
    ("", "", None),
    (None, "", None),
    ("soon", "", None),
    ("Tue, 07 Sep 2021 07:33:50 GMT", "", 30.0),
    ("Tue, 07 Sep 2021 07:33:50 -0000", "", 30.0),
    ("Tue, 07 Sep 2021 16:33:50 +0900", "", 30.0),
    ("Tue, 07 Sep 2031 07:33:50 GMT", "", RETRY_AFTER_MAX_S),
    ("Tue, 07 Sep 2021 07:33:10 GMT", "", None),
    ("Tue, 99 Sep 2021 07:33:10 GMT", "", None),
    ("Tue, 07 Sep 99999999999999999999 07:33:10 GMT", "", None),
    (None, '{"retry_after":2,"ok":false,"error":"rate_limited"}', 2.0),
    (None, '{"retry_after":0.25}', 0.25),
    ("5", '{"retry_after":2}', 5.0),
    ("soon", '{"retry_after":2}', 2.0),
    (None, '{"retry_after":' + "9" * 400 + "}", RETRY_AFTER_MAX_S),
    (None, '{"retry_after":NaN}', None),
    (None, '{"retry_after":-3}', None),
    (None, '{"retry_after":true}', None),
    (None, '{"retry_after":"2"}', None),
    (None, "rate_limited", None),
    (None, "[1]", None),
    (None, "[" * 100_000, None),
]


@pytest.mark.parametrize(("header", "body", "seconds"), WISHES, ids=lambda value: str(value)[:40])
def test_retry_after_is_read_in_every_form_it_was_seen_in(header: str | None, body: str, seconds: float | None) -> None:
    assert retry_after(header, body, NOW) == seconds


@given(st.none() | st.text(), st.text(), st.floats(0, 4e9))
def test_no_answer_makes_us_wait_longer_than_the_bound(header: str | None, body: str, now: float) -> None:
    wish = retry_after(header, body, now)
    assert wish is None or 0 <= wish <= RETRY_AFTER_MAX_S


LAST_DICE = math.nextafter(1.0, 0.0)


@pytest.mark.parametrize(
    ("failures", "longest"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (10**9, 60)]
)
def test_backoff_doubles_up_to_its_bound(failures: int, longest: int) -> None:
    assert backoff_s(failures, 0.0) == longest
    assert backoff_s(failures, LAST_DICE) == pytest.approx(longest / 2)


@given(st.integers(-5, 10**30), st.floats(0, LAST_DICE))
def test_backoff_is_never_nothing_and_never_over_its_bound(failures: int, dice: float) -> None:
    assert 0.5 <= backoff_s(failures, dice) <= BACKOFF_MAX_S


def _sent_at(asked_at: list[float]) -> list[float]:
    """The moments of those at which a message may go."""
    tat, sent = 0.0, []
    for now in asked_at:
        turn = pace(tat, now)
        tat = turn.tat
        if turn.go:
            sent.append(now)
    return sent


def test_a_burst_goes_at_once_and_then_one_message_per_interval() -> None:
    asked_at = [NOW + tenth / 10 for tenth in range(60)]
    assert [round(at - NOW, 1) for at in _sent_at(asked_at)] == [0.0, 0.1, 0.2, 1.0, 2.0, 3.0, 4.0, 5.0]


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_window_sees_more_than_the_burst_and_one_message_per_interval(gaps: list[float]) -> None:
    asked_at = [NOW + sum(gaps[: count + 1]) for count in range(len(gaps))]
    sent = _sent_at(asked_at)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = PACE_BURST + (sent[last] - sent[first]) / PACE_INTERVAL_S
            assert last - first + 1 <= allowed + 1e-3


@given(st.floats(0, 4e9), st.floats(0, 4e9))
def test_whatever_the_clock_did_a_message_waits_one_interval_at_most(tat: float, now: float) -> None:
    turn = pace(tat, now)
    assert turn.go == (turn.wait_s == 0)
    assert turn.wait_s <= PACE_INTERVAL_S + 1e-3
    after = pace(turn.tat, now + turn.wait_s + 1e-3)
    assert turn.go or after.go


def test_a_question_costs_nothing_unless_a_message_goes() -> None:
    full = NOW + PACE_BURST * PACE_INTERVAL_S
    turn = pace(full, NOW)
    assert not turn.go
    assert turn.tat == full
