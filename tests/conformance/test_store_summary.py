"""The summary over the store: once for all processes of an app, from what the store knows, and never noise."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from program import HEADER, POLICY, Program

from bongsu.alerting.decision import Reason
from bongsu.alerting.summary import Every, Rhythm
from bongsu.client.books import FILE_NAME
from bongsu.event import Kind, Level
from bongsu.messages.message import Message
from bongsu.messages.summary import Ending, Standing, Summary, Way
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEVOPS, Ability
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.silences import Silence
from bongsu.store import MEMORY, SqliteStore
from bongsu.store.accounts import ACCOUNT, DUE
from bongsu.testing import FakeClock

HOUR, DAY = 3_600.0, 86_400.0
TUESDAY = datetime(2021, 9, 7, 12, tzinfo=UTC).timestamp()
DAILY = replace(POLICY, summary=Rhythm(channel=DEVOPS))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(TUESDAY)


@pytest.fixture(autouse=True)
def _started(program: Program) -> None:
    program.intake.expect_summary(program.books.store, program.clock.now(), DAILY)


def fail(program: Program, message: str, times: int = 1) -> None:
    for _ in range(times):
        program.recorder.text(Kind.MESSAGE, message, level=Level.ERROR, template=message)
    program.take_in()


def look(program: Program, policy: Policy = DAILY) -> None:
    """As a worker does once a second, while messages get through unless a test says otherwise."""
    with program.books.store.transaction() as book:
        for line in (book.line("a", ALARM), book.line("d", DEVOPS)):
            if line.down_since is None:
                book.save_line(replace(line, last_ok_at=program.clock.now()))
    with program.books.store.reading() as book:
        is_due = book.is_due(program.clock.now())
    if is_due:
        program.intake.tick(program.books.store, program.clock.now(), policy, HEADER)


def wait(program: Program, seconds: float, policy: Policy = DAILY) -> None:
    """Let time pass, with a look every quarter of an hour."""
    end = program.clock.now() + seconds
    while program.clock.now() < end:
        program.clock.advance(900)
        look(program, policy)


def told(program: Program) -> list[Message]:
    with program.books.store.reading() as book:
        return [row.message for row in book.rows() if row.message.reason is Reason.SUMMARY]


def summaries(program: Program) -> list[Summary]:
    return [message.summary for message in told(program) if message.summary]


def hours(program: Program) -> list[str]:
    return [f"{datetime.fromtimestamp(message.at, UTC):%a %H:%M}" for message in told(program)]


def test_a_day_with_problems_is_told_the_next_morning(program: Program) -> None:
    fail(program, "no room", 3)
    wait(program, DAY)
    assert hours(program) == ["Wed 09:00"]
    (summary,) = summaries(program)
    (item,) = summary.begun.shown
    assert (item.title, item.count, item.standing) == ("no room", 3, Standing.OVER)
    assert (summary.app, summary.environment, summary.host) == ("shop", "production", "elsewhere")
    assert summary.since == TUESDAY


def test_it_counts_no_occurrence_as_told(program: Program) -> None:
    fail(program, "no room", 3)
    wait(program, DAY)
    (message,) = told(program)
    assert (message.count, message.total, message.entries) == (0, 0, ())


def test_the_next_one_tells_what_came_after(program: Program) -> None:
    fail(program, "no room", 3)
    wait(program, DAY)
    fail(program, "no room", 5)
    fail(program, "no key", 2)
    wait(program, DAY)
    _, second = summaries(program)
    assert [(each.title, each.count) for each in second.begun.shown] == [("no key", 2)]
    assert [(each.title, each.count) for each in second.over.shown] == [("no room", 5)]
    assert second.noisiest.shown == ()


def test_a_quiet_week_is_told_once_on_the_day_of_life(program: Program) -> None:
    wait(program, 14 * DAY)
    assert hours(program) == ["Mon 09:00", "Mon 09:00"]
    first, second = summaries(program)
    assert (first.since, first.begun.number, first.firing.number) == (TUESDAY, 0, 0)
    assert second.since == told(program)[0].at


def test_a_weekly_one_is_told_on_its_day_whatever_has_happened(program: Program) -> None:
    weekly = replace(DAILY, summary=Rhythm(channel=DEVOPS, every=Every.WEEK, on=3, at=time(7, 30)))
    program.intake.expect_summary(program.books.store, program.clock.now(), weekly)
    wait(program, 14 * DAY, weekly)
    assert hours(program) == ["Thu 07:30", "Thu 07:30"]


def test_several_processes_tell_it_once(tmp_path: Path, program: Program) -> None:
    fail(program, "no room")
    wait(program, 20 * HOUR)
    program.clock.advance(HOUR + 1)
    others = [Program(tmp_path, program.clock, f"other{each}") for each in range(8)]
    start = threading.Barrier(len(others))

    def tell(other: Program) -> None:
        start.wait()
        look(other)

    threads = [threading.Thread(target=tell, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hours(program) == ["Wed 09:00"]
    for other in others:
        other.books.close()


def test_several_processes_that_start_at_once_begin_to_count_once(program: Program, sibling: Program) -> None:
    program.clock.advance(HOUR)
    sibling.intake.expect_summary(sibling.books.store, program.clock.now(), DAILY)
    with sibling.books.store.reading() as book:
        account = book.account()
    assert account is not None
    assert account.since == TUESDAY


def test_whoever_sleeps_through_the_moment_tells_it_late_and_once(program: Program) -> None:
    fail(program, "no room")
    program.clock.advance(25 * HOUR)
    look(program)
    wait(program, 6 * HOUR)
    assert hours(program) == ["Wed 13:00"]


def test_who_is_half_a_day_late_leaves_it_to_the_next(program: Program) -> None:
    fail(program, "no room")
    program.clock.advance(34 * HOUR)
    look(program)
    assert told(program) == []
    wait(program, 12 * HOUR)
    assert hours(program) == ["Thu 09:00"]
    assert [each.title for each in summaries(program)[0].begun.shown] == ["no room"]


def test_a_late_one_waits_for_the_end_of_the_night_and_one_that_is_set_at_night_does_not(program: Program) -> None:
    fail(program, "no room")
    night = replace(DAILY, quiet_hours=QuietHours(begin=time(12), end=time(18)))
    program.clock.advance(25 * HOUR)
    look(program, night)
    wait(program, 6 * HOUR, night)
    assert hours(program) == ["Wed 18:00"]
    fail(program, "no key")
    on_time = replace(night, summary=Rhythm(channel=DEVOPS, at=time(13)))
    program.intake.expect_summary(program.books.store, program.clock.now(), on_time)
    wait(program, DAY, on_time)
    assert hours(program) == ["Wed 18:00", "Thu 13:00"]


def test_an_installation_tells_nothing_in_its_first_hours(program: Program) -> None:
    fail(program, "no room")
    early = replace(DAILY, summary=Rhythm(channel=DEVOPS, at=time(12, 30)))
    program.intake.expect_summary(program.books.store, program.clock.now(), early)
    wait(program, 12 * HOUR, early)
    assert told(program) == []
    wait(program, 13 * HOUR, early)
    assert hours(program) == ["Wed 12:30"]


def test_a_clock_that_is_put_back_tells_it_once(program: Program) -> None:
    fail(program, "no room")
    wait(program, 21 * HOUR)
    program.clock.jump(-HOUR)
    wait(program, 3 * HOUR)
    assert hours(program) == ["Wed 09:00"]


def test_a_clock_that_was_a_year_ahead_costs_one_day(program: Program) -> None:
    fail(program, "no room")
    program.clock.jump(365 * DAY)
    look(program)
    program.clock.jump(-365 * DAY)
    look(program)
    before = len(told(program))
    fail(program, "no key")
    wait(program, 2 * DAY)
    assert hours(program)[before:] == ["Wed 09:00"]


def test_moments_can_be_moved_while_the_program_lives(program: Program) -> None:
    fail(program, "no room")
    evening = replace(DAILY, summary=Rhythm(channel=DEVOPS, at=time(20)))
    program.intake.expect_summary(program.books.store, program.clock.now(), evening)
    wait(program, DAY, evening)
    assert hours(program) == ["Tue 20:00"]


def test_a_process_without_a_summary_leaves_it_to_another(program: Program, sibling: Program) -> None:
    fail(program, "no room")
    program.clock.advance(21 * HOUR)
    look(sibling, POLICY)
    assert told(program) == []
    wait(program, HOUR)
    assert hours(program) == ["Wed 09:15"]


def test_a_store_in_memory_tells_none(program: Program) -> None:
    fail(program, "no room")
    program.books.fall_back("the disk is full", [])
    assert program.books.store.path == MEMORY
    program.intake.expect_summary(program.books.store, program.clock.now(), DAILY)
    wait(program, DAY)
    assert told(program) == []


def test_a_server_that_decides_for_itself_gets_none(program: Program) -> None:
    fail(program, "no room")
    forwards = replace(DAILY, channels={ALARM: Ability.POSTS, DEVOPS: Ability.FORWARDS})
    wait(program, DAY, forwards)
    assert told(program) == []


def test_with_one_channel_it_goes_there(program: Program) -> None:
    fail(program, "no room")
    wait(program, DAY, replace(DAILY, channels={ALARM: Ability.POSTS}))
    with program.books.store.reading() as book:
        assert [row.channel for row in book.rows() if row.message.reason is Reason.SUMMARY] == [ALARM]


def test_what_fails_half_way_is_told_by_the_next(program: Program) -> None:
    fail(program, "no room")
    program.clock.advance(21 * HOUR)
    with pytest.raises(KeyError):
        program.intake.tick(program.books.store, program.clock.now(), DAILY, {})
    assert told(program) == []
    look(program)
    assert hours(program) == ["Wed 09:00"]


GARBAGE = [
    "",
    "{",
    "[]",
    "7",
    '{"since": 1}',
    '{"since": "x", "told_at": 0, "totals": {}}',
    '{"since": NaN, "told_at": NaN, "totals": {}}',
    '{"since": 0, "told_at": 0, "totals": {"a": Infinity}}',
    '{"since": 0, "told_at": 0, "totals": [1]}',
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_another_version_wrote_begins_anew(program: Program, garbage: str) -> None:
    with program.books.store.transaction() as book:
        book.save_note(ACCOUNT, garbage)
        book.save_note(DUE, "soon")
    fail(program, "no room")
    look(program)
    wait(program, DAY)
    assert hours(program) == ["Wed 09:00"]


# -- beside problems


def way(program: Program, **more: object) -> None:
    with program.books.store.transaction() as book:
        book.save_line(replace(book.line("a", ALARM), **more))  # type: ignore[arg-type]


def test_a_dead_channel_is_told_with_its_word(program: Program) -> None:
    way(
        program,
        dead_word="channel_is_archived",
        last_word="channel_is_archived",
        down_since=program.clock.now(),
        failures=1,
    )
    wait(program, DAY)
    assert [each.ways for each in summaries(program)] == [
        (Way(channel=ALARM, word="channel_is_archived", is_dead=True),)
    ]


def test_what_waits_for_a_channel_is_told_with_its_age(program: Program) -> None:
    fail(program, "no room")
    way(program, down_since=program.clock.now(), failures=9, last_word="timeout")
    wait(program, DAY)
    (summary,) = summaries(program)
    assert summary.ways == (Way(channel=ALARM, word="timeout", waiting=1, oldest_at=TUESDAY),)


def test_rejected_messages_are_told_once(program: Program) -> None:
    fail(program, "no room")
    with program.books.store.transaction() as book:
        (row,) = book.rows()
        book.take(row, "me")
        book.bury(row, "me", "invalid_blocks")
    wait(program, 2 * DAY)
    (summary,) = summaries(program)
    assert summary.ways == (Way(channel=ALARM, rejected=1, rejected_word="invalid_blocks"),)


def test_a_channel_that_works_is_not_mentioned(program: Program) -> None:
    fail(program, "no room")
    wait(program, DAY)
    assert [each.ways for each in summaries(program)] == [()]


def test_silences_that_end_before_the_next_one_are_told(program: Program) -> None:
    for name, until in (("soon", 40 * HOUR), ("later", 60 * HOUR), ("over", 10 * HOUR)):
        silence = Silence(id=name, at=TUESDAY, until=TUESDAY + until, why=name, when={"kind": ("log",)})
        with program.books.store.transaction() as book:
            assert book.save_silence(silence)
            book.add_held(name, 7)
    wait(program, DAY)
    assert [each.endings for each in summaries(program)] == [(Ending(why="soon", until=TUESDAY + 40 * HOUR, held=7),)]


def test_what_is_silenced_fires_without_being_news(program: Program) -> None:
    silence = Silence(id="long", at=TUESDAY, until=TUESDAY + 20 * DAY, why="known")
    with program.books.store.transaction() as book:
        assert book.save_silence(silence)
    for _ in range(4 * 24 * 2):
        fail(program, "no room")
        program.clock.advance(900)
        look(program)
    assert hours(program) == ["Wed 09:00"]
    (summary,) = summaries(program)
    assert [each.standing for each in summary.begun.shown] == [Standing.SILENCED]


@pytest.fixture
def crowded(tmp_path: Path, program: Program) -> Iterator[Program]:
    """20 000 problems, as many as a store keeps."""
    fail(program, "no room")
    with program.books.store.transaction() as book:
        (group,) = book.all_groups()
        for number in range(20_000):
            book.save_group(replace(group, fingerprint=f"1:{number:032x}", total=number), TUESDAY + 40 * DAY)
    yield program
    assert (tmp_path / FILE_NAME).exists()


def test_a_full_store_is_summed_up_and_its_account_stays_small(crowded: Program) -> None:
    crowded.clock.advance(21 * HOUR)
    store: SqliteStore = crowded.books.store
    with store.reading() as book:
        assert book.is_summary_due(crowded.clock.now())
    look(crowded)
    (summary,) = summaries(crowded)
    assert summary.begun.number == 20_001
    assert len(summary.begun.shown) == 5
    with store.reading() as book:
        account = book.note(ACCOUNT)
    assert account is not None
    assert len(account) < 150_000
    assert len(json.loads(account)["totals"]) == 2_000
