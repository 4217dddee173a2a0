"""Taking in: every occurrence is counted once, whatever happens to the process, the disk and the file meanwhile."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bongsu.alerting.group import Schedule
from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import Spool
from bongsu.client.books import RECOVER_EVERY_S, Books
from bongsu.client.intake import Intake
from bongsu.event import Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Trouble
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, Ability
from bongsu.store import MEMORY, Row, SqliteStore
from bongsu.testing import FakeClock

HEADER = {"app": "a", "environment": "production", "release": None, "host": "h", "pid": 1, "roots": []}
POLICY = Policy(channels={ALARM: Ability.POSTS})


class Program:
    """A process of the watched program, with its own spool and the folder's store."""

    def __init__(self, folder: Path, name: str = "one") -> None:
        self.clock = FakeClock()
        self.folder = str(folder)
        self.name = name
        self.recorder = Recorder(self._spool, self.clock, lambda: None, with_locals=False)
        self.books = Books(self.folder, Schedule(), self.clock.now, threading.RLock())
        self.intake = Intake(self.folder, {ALARM: "hash"})

    @property
    def spool(self) -> Spool:
        return self.recorder.spool

    def capture(self, text: str, times: int = 1) -> None:
        for _ in range(times):
            self.recorder.text(Kind.MESSAGE, text, level=Level.ERROR, template=text)

    def take_in(self) -> None:
        self.intake.own(self.books.store, self.spool, HEADER, self.clock.now(), POLICY)

    def adopt(self) -> None:
        own = frozenset(spool.name for spool in self.recorder.spools)
        self.intake.dead(self.books.store, own, self.clock.now(), POLICY)

    def lose_the_disk(self) -> None:
        self.books.fall_back("the disk is full", [self.spool.name])

    def find_the_disk(self) -> None:
        self.clock.advance(RECOVER_EVERY_S)
        self.books.look_after([self.spool.name])

    def totals(self) -> dict[str, int]:
        with self.books.store.reading() as book:
            return {group.sample.message: group.total for group in book.all_groups()}

    def rows(self) -> list[Row]:
        with self.books.store.reading() as book:
            return book.rows()

    def _spool(self) -> Spool:
        return Spool(self.folder, self.name, HEADER)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    running = Program(tmp_path)
    yield running
    running.books.close()


def test_records_and_counters_are_counted_once(program: Program) -> None:
    program.capture("no room", 100)
    for _ in range(3):
        program.take_in()
    program.capture("no room", 20)
    program.capture("no key")
    program.take_in()
    assert program.totals() == {"no room": 120, "no key": 1}
    assert [row.verb for row in program.rows()] == [Verb.POST, Verb.POST]


def test_a_detail_after_a_minute_counts_too(program: Program) -> None:
    for _ in range(5):
        program.capture("no room", 10)
        program.clock.advance(61)
        program.take_in()
    assert program.totals() == {"no room": 50}


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_what_a_dead_process_left_is_taken_in_by_the_next_one_from_where_it_stood(
    tmp_path: Path, program: Program, taken: int
) -> None:
    for _ in range(3):
        program.capture("no room", 10)
        program.capture("no key")
        if taken:
            program.take_in()
            taken -= 1
    program.spool.release()
    successor = Program(tmp_path, "two")
    successor.adopt()
    successor.adopt()
    assert successor.totals() == {"no room": 30, "no key": 3}
    assert not [name for name in os.listdir(tmp_path) if name.startswith("one")]
    successor.books.close()


def test_a_living_process_is_left_alone(tmp_path: Path, program: Program) -> None:
    program.capture("no room")
    sibling = Program(tmp_path, "two")
    sibling.adopt()
    assert sibling.totals() == {}
    sibling.books.close()


# -- without a disk


def test_without_a_disk_it_goes_on_in_memory_and_says_so(program: Program) -> None:
    program.lose_the_disk()
    program.capture("no room", 3)
    program.take_in()
    assert program.totals() == {"no room": 3}
    [note] = program.books.notes
    assert (note.trouble, note.detail) == (Trouble.STATE_DIR, "the disk is full")


def test_the_counts_of_file_and_memory_add_up(program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    program.lose_the_disk()
    program.clock.advance(61)
    program.capture("no room", 5)
    program.capture("no key", 2)
    program.take_in()
    program.find_the_disk()
    program.take_in()
    assert program.totals() == {"no room": 15, "no key": 2}
    assert program.books.notes == ()


def test_repeats_that_memory_cannot_name_are_counted_when_the_file_is_back(program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    program.lose_the_disk()
    program.capture("no room", 5)
    program.spool.append({"slot": 0, "repeat": 1, "at": program.clock.now(), "request_id": None})
    program.take_in()
    assert program.totals() == {}
    program.find_the_disk()
    program.take_in()
    program.capture("no room")
    program.take_in()
    assert program.totals() == {"no room": 17}


def test_or_when_their_next_detail_comes(program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    program.lose_the_disk()
    program.capture("no room", 5)
    program.take_in()
    program.clock.advance(61)
    program.capture("no room")
    program.take_in()
    assert program.totals() == {"no room": 6}
    program.find_the_disk()
    assert program.totals() == {"no room": 16}


def test_a_process_that_dies_without_a_disk_has_lost_nothing(tmp_path: Path, program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    program.lose_the_disk()
    program.clock.advance(61)
    program.capture("no room", 5)
    program.take_in()
    program.spool.release()
    successor = Program(tmp_path, "two")
    successor.adopt()
    assert successor.totals() == {"no room": 15}
    successor.books.close()


def test_without_a_disk_nobody_takes_in_the_dead_whose_files_are_all_there_is(tmp_path: Path, program: Program) -> None:
    program.capture("no room")
    program.spool.release()
    successor = Program(tmp_path, "two")
    successor.lose_the_disk()
    successor.adopt()
    assert successor.totals() == {}
    successor.find_the_disk()
    successor.adopt()
    assert successor.totals() == {"no room": 1}
    successor.books.close()


def test_a_digest_that_is_open_in_memory_is_told_before_it_returns_to_the_file(program: Program) -> None:
    program.lose_the_disk()
    for name in ("a", "b", "c", "d", "e", "f"):
        program.capture(f"no {name * 3}")
    program.take_in()
    program.find_the_disk()
    assert program.books.in_memory
    program.intake.tick(program.books.store, program.clock.now(), POLICY, HEADER)
    program.find_the_disk()
    assert not program.books.in_memory
    assert [row.key.partition("/")[0] for row in program.rows()][-1] == "digest"


# -- another file


def test_when_the_file_is_damaged_all_that_the_spool_holds_is_taken_in_again(program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    file = os.path.join(program.folder, "bongsu.db")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")  # else SQLite repairs the file from its log
    Path(file).write_bytes(b"not a database" * 999)
    program.books.set_aside()
    program.take_in()
    assert program.totals() == {"no room": 10}
    assert [note.trouble for note in program.books.notes] == [Trouble.STORE_SET_ASIDE]


def test_when_the_file_is_removed_too(program: Program) -> None:
    program.capture("no room", 10)
    program.take_in()
    for name in ("bongsu.db", "bongsu.db-wal", "bongsu.db-shm"):
        os.unlink(os.path.join(program.folder, name))
    program.books.look_after([program.spool.name])
    program.take_in()
    assert program.totals() == {"no room": 10}


def test_a_failing_transaction_loses_nothing(program: Program) -> None:
    program.capture("no room", 10)
    memory = SqliteStore(MEMORY)
    memory.close()
    with pytest.raises(Exception, match="closed"):
        program.intake.own(memory, program.spool, HEADER, program.clock.now(), POLICY)
    program.take_in()
    assert program.totals() == {"no room": 10}
