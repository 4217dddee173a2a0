"""The store, as a file and in memory: transactions, the order of the outbox, the lease, and what files suffer."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from samples import ALERT, EVENT, NOW

from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Group, Occurrence, Schedule, Telling
from bongsu.alerting.storm import Storm
from bongsu.messages.delivery import Delivery, Verb
from bongsu.store import MEMORY, Line, Row, SqliteStore, StoreBusy, StoreDamaged, StoreError, StoreUnavailable
from bongsu.store import book as books
from bongsu.store import sqlite as files
from bongsu.store.sqlite import set_aside

TO = "hash"
DAY = 86_400
SCHEDULE = Schedule()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(str(tmp_path / "bongsu.db") if request.param == "file" else MEMORY)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "bongsu.db")


def delivery(verb: Verb, key: str = "problem/1", count: int = 1, reason: Reason = Reason.FIRST_SEEN) -> Delivery:
    return Delivery(channel="alarm", verb=verb, key=key, message=replace(ALERT, count=count, reason=reason))


def group(fingerprint: str, at: float = NOW) -> Group:
    born, _ = groups.occur(None, ["alarm"], Occurrence(fingerprint=fingerprint, at=at, event=EVENT), at)
    return born


def digested(fingerprint: str, count: int, **digests: int) -> Group:
    tellings = tuple(Telling(channel=channel, digest=digest) for channel, digest in digests.items())
    return replace(group(fingerprint), count=count, tellings=tellings)


def enqueue(store: SqliteStore, *deliveries: Delivery, to: str = TO, at: float = NOW) -> None:
    with store.transaction() as book:
        for each in deliveries:
            book.enqueue(each, to, at)


def rows(store: SqliteStore) -> list[Row]:
    with store.reading() as book:
        return book.rows()


def held(store: SqliteStore, holder: str) -> Row:
    """A row that somebody is sending."""
    enqueue(store, delivery(Verb.POST))
    with store.transaction() as book:
        [row] = book.rows()
        book.take(row, holder)
        return book.rows()[0]


# -- transactions


def test_all_of_a_transaction_happens(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_group(group("a"), NOW)
        book.save_position("spool", 7)
        book.enqueue(delivery(Verb.POST), TO, NOW)
    with store.reading() as book:
        assert book.group("a") == group("a")
        assert book.position("spool") == 7
        assert [row.message for row in book.rows()] == [ALERT]


def test_or_nothing(store: SqliteStore) -> None:
    with pytest.raises(KeyboardInterrupt):
        with store.transaction() as book:
            book.save_group(group("a"), NOW)
            book.save_position("spool", 7)
            raise KeyboardInterrupt
    with store.transaction() as book:
        assert book.group("a") is None
        assert book.position("spool") == 0


def test_what_the_database_refuses_is_named_and_undone(store: SqliteStore) -> None:
    with pytest.raises(StoreUnavailable):
        with store.transaction() as book:
            book.save_position("spool", 7)
            book.save_position("spool", None)  # type: ignore[arg-type]
    with store.reading() as book:
        assert book.position("spool") == 0


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable):
        with store.transaction():
            pass


# -- the outbox: what replaces what

MERGES = {
    # enqueued, one after the other: what is left
    "a follow-up of a post that still waits becomes its text": (
        [(Verb.POST, 1), (Verb.POST, 10)],
        [(Verb.POST, 10)],
    ),
    "so does an edit": ([(Verb.POST, 1), (Verb.EDIT, 30)], [(Verb.POST, 30)]),
    "and a reply": ([(Verb.POST, 1), (Verb.REPLY, 10)], [(Verb.POST, 10)]),
    "an edit replaces an edit": ([(Verb.EDIT, 2), (Verb.EDIT, 3)], [(Verb.EDIT, 3)]),
    "a reply replaces a reply": (
        [(Verb.EDIT, 10), (Verb.REPLY, 10), (Verb.EDIT, 100), (Verb.REPLY, 100)],
        [(Verb.EDIT, 100), (Verb.REPLY, 100)],
    ),
    "a stack stands by itself": ([(Verb.POST, 1), (Verb.STACK, 1)], [(Verb.POST, 1), (Verb.STACK, 1)]),
    "what is forwarded is added up": ([(Verb.FORWARD, 1), (Verb.FORWARD, 29)], [(Verb.FORWARD, 30)]),
}


@pytest.mark.parametrize(("enqueued", "left"), MERGES.values(), ids=MERGES)
def test_the_newest_text_is_what_waits(
    store: SqliteStore, enqueued: list[tuple[Verb, int]], left: list[tuple[Verb, int]]
) -> None:
    enqueue(store, *(delivery(verb, count=count) for verb, count in enqueued))
    assert [(row.verb, row.message.count) for row in rows(store)] == left


def test_other_keys_and_destinations_are_left_alone(store: SqliteStore) -> None:
    enqueue(store, delivery(Verb.POST, "a/1"), delivery(Verb.POST, "b/1"))
    enqueue(store, delivery(Verb.POST, "a/1", count=10), to="other")
    assert [(row.key, row.destination, row.message.count) for row in rows(store)] == [
        ("a/1", TO, 1),
        ("b/1", TO, 1),
        ("a/1", "other", 10),
    ]


def test_new_numbers_leave_the_reason_as_it_is(store: SqliteStore) -> None:
    growing = replace(delivery(Verb.POST).message, reason=Reason.GROWING, step=10)
    enqueue(store, replace(delivery(Verb.POST), message=growing))
    enqueue(store, delivery(Verb.EDIT, count=57, reason=Reason.UPDATED))
    [row] = rows(store)
    assert (row.message.reason, row.message.step, row.message.count) == (Reason.GROWING, 10, 57)


def test_what_is_being_sent_is_not_changed(store: SqliteStore) -> None:
    held(store, "me")
    enqueue(store, delivery(Verb.EDIT, count=30))
    assert [(row.verb, row.message.count) for row in rows(store)] == [(Verb.POST, 1), (Verb.EDIT, 30)]


def test_what_was_put_back_stays_older_than_what_came_meanwhile(store: SqliteStore) -> None:
    row = held(store, "me")
    enqueue(store, delivery(Verb.EDIT, count=30))
    with store.transaction() as book:
        book.put_back(row, "me", "refused")
    enqueue(store, delivery(Verb.EDIT, count=31))
    assert [(row.verb, row.message.count, row.word) for row in rows(store)] == [
        (Verb.POST, 1, "refused"),
        (Verb.EDIT, 31, ""),
    ]


def test_a_forwarded_event_that_may_have_arrived_keeps_its_number(store: SqliteStore) -> None:
    enqueue(store, delivery(Verb.FORWARD, count=5))
    with store.transaction() as book:
        [row] = book.rows()
        book.take(row, "me")
        book.put_back(replace(row, doubts=1), "me", "timeout")
    enqueue(store, delivery(Verb.FORWARD, count=7), delivery(Verb.FORWARD, count=8))
    assert [row.message.count for row in rows(store)] == [5, 15]


# -- the outbox: what is next


def test_rows_come_in_order_and_never_before_an_earlier_one_of_their_key(store: SqliteStore) -> None:
    enqueue(store, delivery(Verb.POST, "a/1"), delivery(Verb.POST, "b/1"), delivery(Verb.STACK, "a/1"))
    order = []
    with store.transaction() as book:
        for _ in range(3):
            row = book.first_waiting(TO, 8)
            assert row is not None
            order.append((row.key, row.verb))
            book.remove(row.id)
        assert book.first_waiting(TO, 8) is None
    assert order == [("a/1", Verb.POST), ("b/1", Verb.POST), ("a/1", Verb.STACK)]


@pytest.mark.parametrize(("doubts", "first"), [(0, "a/1"), (7, "a/1"), (8, "b/1"), (16, "b/1")])
def test_one_that_was_never_answered_lets_the_others_pass_but_not_those_of_its_key(
    store: SqliteStore, doubts: int, first: str
) -> None:
    enqueue(store, delivery(Verb.POST, "a/1"), delivery(Verb.STACK, "a/1"), delivery(Verb.POST, "b/1"))
    with store.transaction() as book:
        row = book.rows()[0]
        book.take(row, "me")
        book.put_back(replace(row, doubts=doubts), "me", "timeout")
        found = book.first_waiting(TO, 8)
    assert found is not None
    assert (found.key, found.verb) == (first, Verb.POST)


def test_the_age_of_a_line_is_that_of_its_oldest_message(store: SqliteStore) -> None:
    enqueue(store, delivery(Verb.EDIT, "a/1"), at=NOW - 90)
    enqueue(store, delivery(Verb.POST, "b/1"), delivery(Verb.STACK, "b/1"), at=NOW - 60)
    enqueue(store, delivery(Verb.POST, "c/1"), at=NOW)
    with store.reading() as book:
        assert book.oldest_waiting(TO) == (2, NOW - 60)
        assert book.oldest_waiting("other")[0] == 0
        assert book.waiting_counts() == {TO: 4}


# -- the outbox: one holder at a time


def test_what_was_being_sent_waits_again_with_a_doubt(store: SqliteStore) -> None:
    held(store, "dead")
    with store.transaction() as book:
        book.release(TO)
    [row] = rows(store)
    assert (row.state, row.holder, row.doubts, row.attempts) == ("waiting", None, 1, 1)


def test_who_lost_a_row_cannot_put_it_back_or_bury_it(store: SqliteStore) -> None:
    row = held(store, "slow")
    with store.transaction() as book:
        book.release(TO)
        book.take(row, "next")
        book.put_back(row, "slow", "refused")
        book.bury(row, "slow", "invalid_blocks")
    [row] = rows(store)
    assert (row.state, row.holder) == ("sending", "next")


@pytest.mark.parametrize(("renewed", "left"), [(False, 0), (True, 1)])
def test_who_lost_a_row_and_delivered_it_settles_it_unless_there_is_more_to_tell(
    store: SqliteStore, renewed: bool, left: int
) -> None:
    row = held(store, "slow")
    with store.transaction() as book:
        book.release(TO)
    if renewed:
        enqueue(store, delivery(Verb.POST, count=100))
    with store.transaction() as book:
        book.settle(row, "slow")
    assert len(rows(store)) == left


def test_dead_rows_stay_to_be_looked_at_and_can_be_revived(store: SqliteStore) -> None:
    row = held(store, "me")
    with store.transaction() as book:
        book.bury(row, "me", "invalid_blocks")
        assert book.has_messages() is False
        assert [(each.state, each.word) for each in book.rows(state="dead")] == [("dead", "invalid_blocks")]
        assert book.revive(row_id=row.id) == 1
        assert book.first_waiting(TO, 8) is not None


def test_a_row_of_another_store_comes_over_as_it_stands(store: SqliteStore) -> None:
    memory = SqliteStore(MEMORY)
    enqueue(memory, delivery(Verb.POST, "a/1"), delivery(Verb.POST, "b/1"), delivery(Verb.POST, "c/1"), at=NOW - 60)
    with memory.transaction() as book:
        dead, sending, _ = book.rows()
        book.take(dead, "me")
        book.bury(dead, "me", "invalid_blocks")
        book.take(sending, "me")
    with store.transaction() as book:
        for row in rows(memory):
            book.adopt(row)
    memory.close()
    assert [(row.key, row.state, row.doubts, row.word, row.created_at) for row in rows(store)] == [
        ("a/1", "dead", 0, "invalid_blocks", NOW - 60),
        ("b/1", "waiting", 1, "", NOW - 60),
        ("c/1", "waiting", 0, "", NOW - 60),
    ]


def test_a_channels_new_destination_takes_over_what_waited_long_enough(store: SqliteStore) -> None:
    enqueue(store, delivery(Verb.POST, "a/1"), at=NOW - 700)
    enqueue(store, delivery(Verb.POST, "b/1"), at=NOW)
    enqueue(store, delivery(Verb.POST, "c/1"), to="third", at=NOW - 700)
    with store.transaction() as book:
        assert book.readdress("alarm", TO, "new", before=NOW - 600, forwards=False) == 1
        assert [(row.key, row.destination) for row in book.rows()] == [("a/1", "new"), ("b/1", TO), ("c/1", "third")]
        assert sorted(book.destinations()) == [("alarm", TO), ("alarm", "new"), ("alarm", "third")]


# -- the lease

LEASES = [
    # who asks, when, eagerly, gets it
    ("me", 0.0, False, True),
    ("me", 5.0, False, True),
    ("you", 5.0, False, False),
    ("you", 5.0, True, True),  # nothing is being sent at this moment
    ("you", 6.0, False, True),  # it ran out
    ("you", -1.0, False, True),  # the clock was set back: it runs longer than a lease can
    ("you", -86_400.0, False, True),
]


@pytest.mark.parametrize(("who", "at", "eager", "gets_it"), LEASES)
def test_the_lease_is_taken_by_one_at_a_time(
    store: SqliteStore, who: str, at: float, eager: bool, gets_it: bool
) -> None:
    with store.transaction() as book:
        assert book.take_lease("sender", "me", NOW, 6.0)
        assert book.take_lease("sender", who, NOW + at, 6.0, eager=eager) is gets_it
        assert book.has_lease("sender", who) is gets_it


def test_nobody_is_interrupted_while_sending(store: SqliteStore) -> None:
    held(store, "me")
    with store.transaction() as book:
        book.take_lease("sender", "me", NOW, 6.0)
        assert not book.take_lease("sender", "you", NOW + 1, 6.0, eager=True)


def test_only_the_holder_gives_it_up(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.take_lease("sender", "me", NOW, 6.0)
        book.give_up_lease("sender", "you")
        assert book.has_lease("sender", "me")
        book.give_up_lease("sender", "me")
        assert book.take_lease("sender", "you", NOW, 6.0)


# -- spools, groups, storms, receipts, lines, notes


def test_positions_and_slots_are_kept_until_their_spool_is_forgotten(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_position("a", 10)
        book.save_position("a", 20)
        book.save_slot("a", 0, "f", 3)
        book.save_slot("a", 0, "f", 5)
        book.save_slot("b", 0, "g", 1)
        book.save_position("b", 1)
        assert (book.position("a"), book.slots("a"), book.spools()) == (20, {0: ("f", 5)}, ["a", "b"])
        book.forget_spool("a")
        assert (book.position("a"), book.slots("a"), book.spools()) == (0, {}, ["b"])


DUE = [
    # now, is it due?
    (NOW - 3_600, True),  # the clock was set back: its timers are to be set anew
    (NOW - 1, True),
    (NOW, False),
    (NOW + 59, False),
    (NOW + 60, True),
]


@pytest.mark.parametrize(("now", "is_due"), DUE)
def test_a_group_is_due_at_its_time_or_when_the_clock_was_set_back(
    store: SqliteStore, now: float, is_due: bool
) -> None:
    with store.transaction() as book:
        book.save_group(group("a"), NOW + 60)
        book.save_group(group("quiet", NOW + DAY), float("inf"))
        assert book.is_due(now) is is_due
        assert [each.fingerprint for each in book.due_groups(now, 10)] == ["a"] * is_due


def test_the_longest_due_come_first_and_no_more_than_asked_for(store: SqliteStore) -> None:
    with store.transaction() as book:
        for name, due in (("c", 30), ("a", 10), ("b", 20)):
            book.save_group(group(name), NOW + due)
        assert [each.fingerprint for each in book.due_groups(NOW + 99, 2)] == ["a", "b"]


@pytest.mark.parametrize(("now", "is_due"), [(NOW + 4, False), (NOW + 5, True), (NOW - 100, True), (NOW - 3_600, True)])
def test_a_digest_is_due_at_its_time_or_when_the_clock_was_set_back(
    store: SqliteStore, now: float, is_due: bool
) -> None:
    storm = replace(Storm(), digest=1, opened_at=NOW, newest_at=NOW)
    with store.transaction() as book:
        assert not book.has_open_digest()
        book.save_storm("alarm", storm, storms.due_at(storm, SCHEDULE), NOW)
        assert book.has_open_digest()
        assert (book.is_due(now), book.due_storms(now)) == (is_due, [("alarm", storm)] * is_due)
        assert (book.storm("alarm"), book.storm("devops")) == (storm, Storm())


def test_a_digest_counts_the_groups_of_its_channel_and_number(store: SqliteStore) -> None:
    with store.transaction() as book:
        for number in range(8):
            book.save_group(digested(f"g{number}", number, alarm=2, devops=3), NOW)
        book.save_group(digested("before", 99, alarm=1), NOW)
        book.save_group(digested("elsewhere", 99, devops=2), NOW)
        book.save_group(digested("told since", 99, alarm=2), NOW)
        book.save_group(digested("told since", 99, alarm=0), NOW)
        top, problems, occurrences = book.digest_of("alarm", 2, 5)
    assert [each.count for each in top] == [7, 6, 5, 4, 3]
    assert (problems, occurrences) == (8, 28)


def test_receipts_lines_and_notes_are_kept(store: SqliteStore) -> None:
    line = Line(destination=TO, channel="alarm", failures=3, down_since=NOW, blocked_at=NOW, blocked_till=NOW + 4)
    with store.transaction() as book:
        book.save_receipt(TO, "a/1", {"ts": "1.0"}, NOW)
        book.save_line(line)
        book.save_note("told", "yes")
        assert (book.receipt(TO, "a/1"), book.receipt("other", "a/1")) == ({"ts": "1.0"}, None)
        assert (book.line(TO, "alarm"), book.lines()) == (line, [line])
        assert book.line("new", "devops") == Line(destination="new", channel="devops")
        assert book.note("told") == "yes"
        book.forget_receipt(TO, "a/1")
        book.save_note("told", None)
        assert (book.receipt(TO, "a/1"), book.note("told")) == (None, None)


def test_what_nobody_asks_for_any_more_is_forgotten(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_group(group("old and quiet", NOW - 31 * DAY), float("inf"))
        book.save_group(group("old and firing", NOW - 31 * DAY), NOW)
        book.save_group(group("quiet", NOW - 29 * DAY), float("inf"))
        book.save_receipt(TO, "old", {}, NOW - 31 * DAY)
        book.save_receipt(TO, "new", {}, NOW)
        book.prune(NOW)
        assert sorted(each.fingerprint for each in book.all_groups()) == ["old and firing", "quiet"]
        assert (book.receipt(TO, "old"), book.receipt(TO, "new")) == (None, {})


def test_dead_rows_are_bounded_and_living_ones_never_dropped(store: SqliteStore) -> None:
    with store.transaction() as book:
        for number in range(books.DEAD_MAX + 3):
            book.enqueue(delivery(Verb.POST, f"{number}/1"), TO, NOW)
            book.take(book.rows(state="waiting")[0], "me")
            book.bury(book.rows(state="sending")[0], "me", "invalid_blocks")
        book.enqueue(delivery(Verb.POST, "alive/1"), TO, NOW - 99 * DAY)
        book.prune(NOW)
        assert len(book.rows(state="dead")) == books.DEAD_MAX
        assert [row.key for row in book.rows(state="waiting")] == ["alive/1"]


# -- the file


def test_a_file_is_opened_again_as_it_was_left(path: str) -> None:
    with_data = SqliteStore(path)
    enqueue(with_data, delivery(Verb.POST))
    with_data.close()
    again = SqliteStore(path)
    assert [row.key for row in rows(again)] == ["problem/1"]
    again.close()


def test_a_second_writer_waits_and_then_says_busy(path: str) -> None:
    one, other = SqliteStore(path), SqliteStore(path, busy_timeout_s=0.05)
    with one.transaction():
        with pytest.raises(StoreBusy):
            with other.transaction():
                pass
        with other.reading() as book:
            assert book.rows() == []
    for each in (one, other):
        each.close()


def test_a_full_disk_is_unavailable_and_undone(path: str) -> None:
    store = SqliteStore(path)
    enqueue(store, delivery(Verb.POST, "before"))
    pages = store._connection.execute("pragma page_count").fetchone()[0]
    store._connection.execute(f"pragma max_page_count = {pages + 1}")
    with pytest.raises(StoreUnavailable, match="full"):
        enqueue(store, *(delivery(Verb.POST, f"{number}/1") for number in range(100)))
    assert [row.key for row in rows(store)] == ["before"]
    store._connection.execute(f"pragma max_page_count = {files.PAGES_MAX}")
    enqueue(store, delivery(Verb.POST, "after"))
    assert [row.key for row in rows(store)] == ["before", "after"]
    store.close()


@pytest.mark.parametrize("where", ["no/such/folder/bongsu.db", "a file/bongsu.db"])
def test_what_cannot_be_opened_is_unavailable(tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(StoreUnavailable):
        SqliteStore(str(tmp_path / where))


def test_a_newer_schema_is_refused_in_words(path: str) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"pragma user_version = {files.SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreUnavailable, match="newer Bongsu"):
        SqliteStore(path)


@pytest.mark.parametrize("change", ["delete", "replace"])
def test_a_file_that_was_removed_or_replaced_is_noticed(path: str, change: str) -> None:
    store = SqliteStore(path)
    assert store.is_current()
    Path(path).unlink()
    if change == "replace":
        Path(path).touch()
    assert not store.is_current()
    store.close()


def test_memory_is_always_current() -> None:
    store = SqliteStore(MEMORY)
    assert store.is_current()
    store.close()


# -- damage

DAMAGES = {
    "not a database": lambda data: b"not a database" * 1_000,
    "a torn head": lambda data: b"\0" * 100 + data[100:],
    "noise in the middle": lambda data: data[:4_096] + b"\xa5" * (len(data) - 4_096),
}


def damaged(path: str, how: str) -> None:
    store = SqliteStore(path)
    enqueue(store, *(delivery(Verb.POST, f"{number}/1") for number in range(50)))
    store.close()
    Path(path).write_bytes(DAMAGES[how](Path(path).read_bytes()))


def use(path: str) -> None:
    store = SqliteStore(path)
    try:
        enqueue(store, delivery(Verb.POST, "new/1"))
        rows(store)
    finally:
        store.close()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_is_told_apart_and_set_aside_with_a_name_that_says_when(path: str, how: str) -> None:
    damaged(path, how)
    with pytest.raises(StoreDamaged):
        use(path)
    assert set_aside(path, "20261123T142600Z") == "bongsu.db.damaged-20261123T142600Z"
    use(path)
    assert Path(f"{path}.damaged-20261123T142600Z").exists()


@pytest.mark.parametrize("is_there", [False, True], ids=["none", "empty"])
def test_a_file_that_another_has_set_aside_already_is_left_to_become_a_fresh_one(path: str, is_there: bool) -> None:
    if is_there:
        Path(path).touch()
    assert set_aside(path, "now") is None
    assert Path(path).exists() is is_there


def test_a_sound_file_is_not_set_aside(path: str) -> None:
    use(path)
    assert set_aside(path, "now") is None
    assert Path(path).exists()


def test_a_file_that_a_newer_process_has_taken_over_is_not_set_aside_by_one_that_cannot_read_it(path: str) -> None:
    store = SqliteStore(path)
    with sqlite3.connect(path) as newer:
        newer.execute("insert into storms values ('alarm', 0, 0, '{\"of a later version\": 1}')")
        newer.execute(f"pragma user_version = {files.SCHEMA_VERSION + 1}")
    newer.close()
    with pytest.raises(StoreDamaged), store.reading() as book:
        book.storm("alarm")
    store.close()
    assert set_aside(path, "now") is None
    with pytest.raises(StoreUnavailable, match="newer Bongsu"):
        SqliteStore(path)


def test_a_locked_file_is_not_taken_for_a_damaged_one(path: str) -> None:
    use(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("pragma journal_mode = delete")
    other.execute("begin exclusive")
    with pytest.raises(StoreBusy):
        set_aside(path, "now", busy_timeout_s=0.05)
    other.close()
    assert Path(path).exists()


def set_aside_and_use(path: str, number: int) -> str:
    """What a process does that meets a damaged file; who set it aside."""
    try:
        use(path)
    except StoreDamaged:
        name = set_aside(path, f"by-{number}")
        use(path)
        return name or ""
    return ""


def test_many_processes_set_a_damaged_file_aside_once(path: str) -> None:
    damaged(path, "not a database")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        names = pool.starmap(set_aside_and_use, [(path, number) for number in range(8)])
    assert len([name for name in names if name]) == 1
    assert len(list(Path(path).parent.glob("*.damaged-*"))) == 1
    use(path)


def open_and_write(path: str, number: int) -> str:
    try:
        store = SqliteStore(path)
        enqueue(store, delivery(Verb.POST, f"{number}/1"))
        store.close()
    except StoreError as error:
        return repr(error)
    return ""


def test_many_processes_open_a_new_file_at_the_same_moment(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        for attempt in range(5):
            path = str(tmp_path / f"{attempt}.db")
            troubles = pool.starmap(open_and_write, [(path, number) for number in range(8)], chunksize=1)
            assert [trouble for trouble in troubles if trouble] == []
            store = SqliteStore(path)
            assert len(rows(store)) == 8
            store.close()
