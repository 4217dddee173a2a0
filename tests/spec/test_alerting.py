"""One problem over time: which happening deserves a word, and which is only counted."""

import math
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import DAY, HOUR, MINUTE, SCHEDULE, START, Life, Told, event, lived, occurrence

from bongsu.alerting import group as groups
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import USER_BITS, Phase, Telling
from bongsu.alerting.merging import merged
from bongsu.routing import ALARM, DEVOPS

FIRST, BACK, GROWING = Reason.FIRST_SEEN, Reason.CAME_BACK, Reason.GROWING
REMINDER, QUIET, UPDATED = Reason.REMINDER, Reason.QUIET, Reason.UPDATED


def every(seconds: int, until: int) -> list[tuple[float, int]]:
    return [(at, 1) for at in range(0, until, seconds)]


STORIES: dict[str, tuple[list[tuple[float, int]], list[Told]]] = {
    # what happens: (at, times); what is told: (at, reason, count in the episode)
    "one error is told at once, and that it is over": ([(0, 1)], [(0, FIRST, 1), (1_800, QUIET, 1)]),
    "nine are no growth": ([(0, 1), (1, 8)], [(0, FIRST, 1), (1_801, QUIET, 9)]),
    "ten are, a minute after the first word": (
        [(0, 1), (1, 9)],
        [(0, FIRST, 1), (60, GROWING, 10), (1_801, QUIET, 10)],
    ),
    "the tenth after an hour is told at once": (
        every(400, 4_000),
        [(0, FIRST, 1), (3_600, GROWING, 10), (5_400, QUIET, 10)],
    ),
    "a burst of 100 000 is one step": (
        [(0, 1), (0.5, 99_999)],
        [(0, FIRST, 1), (60, GROWING, 100_000), (1_800.5, QUIET, 100_000)],
    ),
    "a burst in the first moment, too": (
        [(0, 100_000)],
        [(0, FIRST, 100_000), (60, GROWING, 100_000), (1_800, QUIET, 100_000)],
    ),
    "one a second for twenty minutes": (
        every(1, 1_200),
        [(0, FIRST, 1), (60, GROWING, 60), (120, GROWING, 120), (999, GROWING, 1_000), (2_999, QUIET, 1_200)],
    ),
    "steps that are reached fast wait for their minute": (
        [(0, 1), (1, 9), (61, 90), (62, 900)],
        [(0, FIRST, 1), (60, GROWING, 10), (120, GROWING, 1_000), (1_862, QUIET, 1_000)],
    ),
    "what still fires after four hours is told again": (
        every(1_500, 9 * HOUR),
        [(0, FIRST, 1), (13_500, GROWING, 10), (27_900, REMINDER, 19), (31_500 + 1_800, QUIET, 22)],
    ),
    "an error a second before the half hour is over keeps the episode": (
        [(0, 1), (1_799, 1)],
        [(0, FIRST, 1), (3_599, QUIET, 2)],
    ),
    "after quiet it comes back, and counts from one": (
        [(0, 5), (3_600, 2)],
        [(0, FIRST, 5), (1_800, QUIET, 5), (3_600, BACK, 2), (5_400, QUIET, 2)],
    ),
    "it comes back a month later": (
        [(0, 1), (30 * DAY, 1)],
        [(0, FIRST, 1), (1_800, QUIET, 1), (30 * DAY, BACK, 1), (30 * DAY + 1_800, QUIET, 1)],
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_is_told(story: tuple[list[tuple[float, int]], list[Told]]) -> None:
    happenings, told = story
    assert lived(happenings).told() == told


def test_growth_names_the_step_it_reached() -> None:
    life = lived([(0, 1), (1, 1_239)])
    [growing] = [decision for _, _, decision in life.decisions if decision.reason is GROWING]
    assert growing.step == 1_000


STEPS = [(1, 10, 1), (9, 10, 1), (10, 10, 10), (99, 10, 10), (1_240, 10, 1_000), (10**6, 10, 10**6)]
OTHER_STEPS = [(1, 2, 1), (3, 2, 2), (1_240, 2, 1_024), (999, 1_000, 1), (1_000, 1_000, 1_000)]


@pytest.mark.parametrize(("count", "factor", "step"), STEPS + OTHER_STEPS)
def test_steps_are_powers_of_the_factor(count: int, factor: int, step: int) -> None:
    assert groups.step_reached(count, factor) == step


FACTORS = {
    # growth told at 150 by the first factor; the second one comes into force: when is it told next
    "smaller": (10, 2, 256),
    "larger": (10, 1_000, 1_000),
    "the same": (10, 10, 1_000),
    "from small to usual": (2, 10, 1_000),
}


@pytest.mark.parametrize(("before", "after", "told_next"), FACTORS.values(), ids=FACTORS)
def test_another_factor_goes_on_from_what_was_told(before: int, after: int, told_next: int) -> None:
    group = lived([(0, 1), (1, 149)], until=30).group
    assert group is not None
    told, decision = groups.tick(group, START + 120, replace(SCHEDULE, growth_factor=before))
    assert decision is not None
    assert decision.reason is GROWING
    assert groups.next_step(groups.from_json(groups.to_json(told)), replace(SCHEDULE, growth_factor=after)) == told_next


@given(st.integers(1, 10**9), st.integers(2, 1_000), st.integers(1, 10**9))
def test_growth_is_told_at_a_power_of_the_factor_beyond_what_was_told(told: int, factor: int, more: int) -> None:
    group = lived([(0, 1)], until=1).group
    assert group is not None
    schedule = replace(SCHEDULE, growth_factor=factor)
    grown = replace(group, step=told, count=told + more)
    step = groups.next_step(grown, schedule)
    assert told < step <= told * factor
    after, decision = groups.tick(grown, START + 120, schedule)
    assert (decision is not None and decision.reason is GROWING) == (grown.count >= step)
    assert groups.next_step(after, schedule) > after.count or decision is None or decision.reason is not GROWING


def test_the_last_word_has_total_duration_and_last_seen() -> None:
    group = lived([(0, 5), (3_600, 2), (3_700, 1)]).group
    assert group is not None
    assert (group.total, group.count) == (8, 3)
    assert (group.began_at, group.last_seen_at) == (START + 3_600, START + 3_700)
    assert group.first_seen_at == START


def test_edits_come_every_5_s_in_the_first_minute_and_every_30_s_after_it() -> None:
    life = lived(every(1, 180), until=180)
    edits = [at for at, reason, _ in life.told(updates=True) if reason in (UPDATED, GROWING)]
    assert edits == [*range(5, 60, 5), 60, 90, 120, 150, 180]


def test_an_edit_waits_for_something_new() -> None:
    life = lived([(0, 1), (3, 1)], until=600)
    assert [told for told in life.told(updates=True) if told[1] is UPDATED] == [(5, UPDATED, 2)]


def test_a_new_episode_forgets_who_was_hit_in_the_last_one() -> None:
    first = occurrence(event(), users=0b11, request_ids=("a", "b"))
    group, _ = groups.occur(None, [ALARM], first, START)
    group, _ = groups.tick(group, START + HOUR, SCHEDULE)
    again = occurrence(event(at=START + HOUR), users=0b100, request_ids=("c",))
    group, decision = groups.occur(group, [ALARM], again, START + HOUR)
    assert decision is not None
    assert (decision.reason, group.users, group.request_ids) == (BACK, 0b100, ("c",))


def test_the_three_newest_request_ids_are_kept_each_once() -> None:
    group, _ = groups.occur(None, [ALARM], occurrence(event(), request_ids=("a",)), START)
    for ids in (("b",), ("b", "c"), ("d",)):
        group, _ = groups.occur(group, [ALARM], occurrence(event(), request_ids=ids), START)
    assert group.request_ids == ("b", "c", "d")


@pytest.mark.parametrize("users", [0, 1, 7, 120, 2_000])
def test_users_are_counted_well_enough(users: int) -> None:
    bitmap = 0
    for user in range(users):
        bitmap |= 1 << int.from_bytes(sha256(b"%d" % user).digest()) % USER_BITS
    assert groups.distinct_users(bitmap) == pytest.approx(users, rel=0.2, abs=1)


def test_a_full_bitmap_means_very_many() -> None:
    assert groups.distinct_users((1 << USER_BITS) - 1) > 1_000


# -- for any history

happenings = st.lists(
    st.tuples(st.one_of(st.integers(0, 90), st.integers(0, 4 * HOUR)), st.one_of(st.just(1), st.integers(1, 100_000))),
    min_size=1,
    max_size=30,
)


def lived_by_gaps(gaps: list[tuple[int, int]]) -> Life:
    life = Life()
    for gap, times in gaps:
        life.wait(gap)
        life.happens(times)
    life.wait(31 * MINUTE)
    return life


@given(happenings)
def test_every_occurrence_is_counted_and_the_last_words_add_up(gaps: list[tuple[int, int]]) -> None:
    life = lived_by_gaps(gaps)
    assert life.group is not None
    assert life.group.total == sum(times for _, times in gaps)
    assert sum(count for _, reason, count in life.told() if reason is QUIET) == life.group.total


@given(happenings)
def test_every_episode_has_one_beginning_and_one_end(gaps: list[tuple[int, int]]) -> None:
    reasons = [reason for _, reason, _ in lived_by_gaps(gaps).told() if reason in (FIRST, BACK, QUIET)]
    assert reasons[:2] == [FIRST, QUIET]
    assert reasons[2:] == [BACK, QUIET] * (len(reasons[2:]) // 2)


@given(happenings)
def test_between_them_a_word_a_minute_at_most_and_each_step_once(gaps: list[tuple[int, int]]) -> None:
    step, spoke_at = 0, -math.inf
    for at, group, decision in lived_by_gaps(gaps).decisions:
        match decision.reason:
            case Reason.FIRST_SEEN | Reason.CAME_BACK:
                step = 0
            case Reason.GROWING:
                assert at - spoke_at >= 60
                assert step < decision.step <= group.count < decision.step * 10
                step = decision.step
            case Reason.REMINDER:
                assert at - spoke_at >= 4 * HOUR
        if decision.reason is not UPDATED:
            spoke_at = at


@given(happenings)
def test_the_number_shown_is_never_old(gaps: list[tuple[int, int]]) -> None:
    life = Life()
    for gap, times in gaps:
        life.wait(gap)
        life.happens(times)
        life.wait(30)
        assert life.group is not None
        assert life.group.shown_count == life.group.count


@given(happenings, st.integers(0, 2 * HOUR))
def test_nothing_is_due_before_it_is_due(gaps: list[tuple[int, int]], after: int) -> None:
    life = Life()
    for gap, times in gaps:
        life.wait(gap)
        life.happens(times)
    assert life.group is not None
    early = min(life.now + after, groups.due_at(life.group, SCHEDULE) - 0.001)
    assert groups.tick(life.group, early, SCHEDULE) == (life.group, None)


@given(happenings, st.integers(1, 400 * DAY))
def test_a_clock_set_back_stops_no_timer(gaps: list[tuple[int, int]], back: int) -> None:
    life = Life()
    for gap, times in gaps:
        life.wait(gap)
        life.happens(times)
    assert life.group is not None
    life.now -= back
    life.group = groups.rebased(life.group, life.now)
    times_of = (life.group.active_at, life.group.told_at, life.group.shown_at, life.group.last_seen_at)
    assert max(times_of) <= life.now
    total = life.group.total
    life.happens()
    life.wait(31 * MINUTE)
    assert (life.group.phase, life.group.total) == (Phase.QUIET, total + 1)


@given(happenings, st.integers(30 * MINUTE, 400 * DAY))
def test_a_clock_set_forward_ends_the_episode_and_loses_no_count(gaps: list[tuple[int, int]], ahead: int) -> None:
    life = Life()
    for gap, times in gaps:
        life.wait(gap)
        life.happens(times)
    life.wait(ahead)
    assert life.told()[-1][1] is QUIET
    assert sum(count for _, reason, count in life.told() if reason is QUIET) == sum(times for _, times in gaps)


@given(happenings)
def test_a_group_survives_the_store(gaps: list[tuple[int, int]]) -> None:
    group = lived_by_gaps(gaps).group
    assert group is not None
    assert groups.from_json(groups.to_json(group)) == group


# -- two books of one problem

FIRING = lived([(0, 5)], until=10).group
OVER = lived([(0, 5)]).group
assert FIRING is not None
assert OVER is not None
LATE = {
    "total": 9,
    "count": 3,
    "tellings": (Telling(channel=ALARM, forwarded=2), Telling(channel=DEVOPS, posted=True)),
    "active_at": START + 900,
    "last_seen_at": START + 900,
}
LATE_FIRING, LATE_OVER = replace(FIRING, **LATE), replace(OVER, **LATE)

BOOKS = [
    # first book, second book, phase, count of the episode and its number afterwards
    (FIRING, LATE_FIRING, Phase.FIRING, 8, 1),
    (FIRING, LATE_OVER, Phase.FIRING, 8, 1),  # its end is told once more, with the whole count
    (OVER, LATE_FIRING, Phase.FIRING, 3, 2),
    (OVER, LATE_OVER, Phase.QUIET, 3, 2),
    (LATE_FIRING, FIRING, Phase.FIRING, 8, 1),
    (LATE_FIRING, OVER, Phase.FIRING, 3, 1),
    (LATE_OVER, FIRING, Phase.FIRING, 8, 2),
    (LATE_OVER, OVER, Phase.QUIET, 3, 1),
]


@pytest.mark.parametrize(("first", "second", "phase", "count", "episode"), BOOKS)
def test_two_books_become_one(
    first: groups.Group, second: groups.Group, phase: Phase, count: int, episode: int
) -> None:
    both = merged(first, second)
    assert both.total == first.total + second.total
    in_alarm, in_devops = both.tellings
    assert (in_alarm.channel, in_alarm.forwarded) == (ALARM, 2)
    late, _ = (second, first) if first in (FIRING, OVER) else (first, second)
    assert in_devops.channel == DEVOPS
    assert in_devops.posted or late.phase is Phase.QUIET
    assert (both.phase, both.count, both.episode) == (phase, count, episode)
    assert (both.first_seen_at, both.last_seen_at, both.active_at) == (START, START + 900, START + 900)
