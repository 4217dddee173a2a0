"""Silences in the store: what they hold back is counted to the last occurrence, and all processes follow them."""

import contextlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from program import Program

from bongsu.alerting.decision import Reason
from bongsu.event import Kind, Level
from bongsu.routing.silences import SILENCES_MAX, Silence
from bongsu.store import SqliteStore
from bongsu.testing import FakeClock

HOUR = 3_600.0


@pytest.fixture
def silence(clock: FakeClock) -> Silence:
    return Silence(id="known", at=clock.now(), until=clock.now() + HOUR, why="the database moves")


def begin(program: Program, silence: Silence) -> None:
    with program.books.store.transaction() as book:
        assert book.save_silence(silence)


def held(program: Program) -> int:
    with program.books.store.reading() as book:
        return sum(each.held for each in book.silences(0.0))


def fail(program: Program, times: int, message: str = "no room") -> None:
    for _ in range(times):
        program.recorder.text(Kind.MESSAGE, message, level=Level.ERROR)
    program.take_in()


def told(program: Program) -> list[Reason]:
    return [reason for _, reason in program.told()]


def test_told_and_held_back_are_all_there_was(program: Program, sibling: Program, silence: Silence) -> None:
    fail(program, 3)
    begin(program, silence)
    fail(program, 40)
    fail(sibling, 7)
    program.live(2 * HOUR)
    fail(program, 5)
    with program.books.store.reading() as book:
        (group,) = book.all_groups()
    assert held(program) == 47
    assert group.total == 3 + 47 + 5


def test_what_still_fires_at_its_end_is_told(program: Program, silence: Silence) -> None:
    begin(program, silence)
    for _ in range(8):
        fail(program, 1)
        program.live(600)
    assert told(program) == [Reason.SILENCE_ENDED]


def test_a_count_ends_it(program: Program, silence: Silence) -> None:
    begin(program, replace(silence, until_count=10))
    fail(program, 10)
    assert told(program) == []
    fail(program, 1)
    assert told(program) == [Reason.SILENCE_ENDED]
    assert held(program) == 10


def test_a_count_ends_it_in_the_middle_of_what_is_taken_in_at_once(program: Program, silence: Silence) -> None:
    begin(program, replace(silence, until_count=2))
    for message in ("no room", "no key", "no light"):
        program.recorder.text(Kind.MESSAGE, message, level=Level.ERROR)
    program.take_in()
    assert held(program) == 2
    assert told(program) == [Reason.FIRST_SEEN]


def test_all_that_a_used_up_silence_held_back_is_told(program: Program, silence: Silence) -> None:
    begin(program, replace(silence, until_count=3))
    fail(program, 1, "no room")
    fail(program, 2, "no key")
    program.live(1, step_s=1)
    assert told(program) == [Reason.SILENCE_ENDED] * 2


def test_who_removes_it_is_told_what_still_fires(program: Program, silence: Silence) -> None:
    begin(program, silence)
    fail(program, 2)
    with program.books.store.transaction() as book:
        assert book.remove_silence("known")
        assert not book.remove_silence("known")
        book.wake_groups()
    program.live(1, step_s=1)
    assert told(program) == [Reason.SILENCE_ENDED]


def test_it_is_forgotten_a_week_after_its_end(program: Program, silence: Silence) -> None:
    begin(program, silence)
    with program.books.store.transaction() as book:
        book.prune(silence.until + 6 * 24 * HOUR)
        assert len(book.silences(0.0)) == 1
        book.prune(silence.until + 8 * 24 * HOUR)
        assert book.silences(0.0) == []


def test_their_number_has_a_limit(program: Program, silence: Silence) -> None:
    with program.books.store.transaction() as book:
        taken = [book.save_silence(replace(silence, id=str(number))) for number in range(SILENCES_MAX + 1)]
    assert taken == [True] * SILENCES_MAX + [False]


def test_a_reason_is_kept_as_it_was_written(program: Program, silence: Silence) -> None:
    begin(program, replace(silence, why='"quotes" & <tags> 데이터베이스'))
    with program.books.store.reading() as book:
        (kept,) = book.silences(0.0)
    assert json.loads(json.dumps(kept.why)) == '"quotes" & <tags> 데이터베이스'


def test_those_that_have_ended_make_room(program: Program, silence: Silence) -> None:
    with program.books.store.transaction() as book:
        for number in range(SILENCES_MAX):
            assert book.save_silence(replace(silence, id=str(number)))
        assert book.save_silence(replace(silence, at=silence.until, until=silence.until + HOUR))


def test_a_database_whose_upgrade_was_cut_off_can_be_opened(tmp_path: Path) -> None:
    path = str(tmp_path / "old.db")
    SqliteStore(path).close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript("drop table groups; pragma user_version = 2;")
    store = SqliteStore(path)
    with store.reading() as book:
        assert book.all_groups() == []
    store.close()
