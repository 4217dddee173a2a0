"""The store's tallies and watches, as a file and in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bongsu.store import MEMORY, SqliteStore, StoreDamaged
from bongsu.store import watches as rules
from bongsu.store.sqlite import SCHEMA_VERSION, set_aside
from bongsu.store.watches import BUCKET_S, COARSE_AFTER_S, COARSE_S, TALLY_KEPT_S, Watch

NOW = 1_630_992_360.0
DAY_S = 86_400


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(str(tmp_path / "bongsu.db") if request.param == "file" else MEMORY)
    yield opened
    opened.close()


def watch(name: str = "login", *, kind: str = "expectation", due_at: float | None = NOW, keep_s: float = 0.0) -> Watch:
    return Watch(kind=kind, name=name, due_at=due_at, saved_at=NOW, keep_s=keep_s, data={"name": name})


def add(store: SqliteStore, *ages_s: float, kind: str = "count", name: str = "login") -> None:
    with store.transaction() as book:
        for age_s in ages_s:
            book.add_tally(kind, name, NOW - age_s, 1)


def counted(store: SqliteStore, window_s: float, name: str = "login") -> int:
    with store.reading() as book:
        return book.tallied("count", name, NOW - window_s, NOW)


def prune(store: SqliteStore, now: float = NOW) -> int:
    """How many tallies are left."""
    with store.transaction() as book:
        book.prune(now)
        return len(book.tallies())


def test_what_came_in_a_window_is_counted_its_edge_included(store: SqliteStore) -> None:
    add(store, 0, 1, 300, 600, 600 + 2 * BUCKET_S)
    add(store, 5, name="order")
    assert counted(store, 600) == 4
    assert counted(store, 10) == 2
    assert counted(store, 600, "nothing") == 0


def test_answers_are_counted_by_kind_and_name(store: SqliteStore) -> None:
    add(store, 1, 2, kind="ok", name="GET /")
    add(store, 3, kind="5xx", name="GET /")
    add(store, 4, kind="count", name="GET /")
    add(store, 400, kind="5xx", name="GET /old")
    with store.reading() as book:
        assert book.answers(NOW - 300, NOW) == {"ok": {"GET /": 2}, "5xx": {"GET /": 1}}


def test_old_tallies_are_forgotten_unless_a_watch_needs_them(store: SqliteStore) -> None:
    ages = (0.0, TALLY_KEPT_S, TALLY_KEPT_S + 1_000, DAY_S, DAY_S + 1_000)
    add(store, *ages)
    add(store, *ages, name="order")
    add(store, *ages, kind="5xx")
    with store.transaction() as book:
        book.save_watch(watch(keep_s=float(DAY_S)))
    prune(store)
    assert counted(store, 2 * DAY_S) == 4
    assert counted(store, 2 * DAY_S, "order") == 2
    with store.reading() as book:
        assert book.answers(0, NOW) == {"5xx": {"login": 2}}


def test_old_tallies_are_kept_by_five_minutes_and_none_is_lost(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_watch(watch(keep_s=float(DAY_S)))
    add(store, *range(0, DAY_S, BUCKET_S))
    rows = prune(store)
    assert rows <= (COARSE_AFTER_S + 2 * COARSE_S) / BUCKET_S + DAY_S / COARSE_S + 2
    assert counted(store, DAY_S) == DAY_S / BUCKET_S
    assert prune(store) == rows
    assert counted(store, DAY_S) == DAY_S / BUCKET_S


def test_what_a_clock_since_put_back_has_counted_is_forgotten(store: SqliteStore) -> None:
    add(store, 0, -DAY_S)
    assert prune(store) == 1


def test_there_are_never_too_many_tallies(store: SqliteStore) -> None:
    with store.transaction() as book:
        for number in range(rules.TALLIES_MAX + 1_000):
            book.add_tally("count", str(number), NOW - (number % 360) * BUCKET_S, 1)
    assert prune(store) <= rules.TALLIES_MAX + rules.TALLIES_MAX / 360


def test_a_watch_is_due_at_its_time_and_when_the_clock_was_put_back(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_watch(watch("now"))
        book.save_watch(watch("later", due_at=NOW + 10))
        book.save_watch(watch("when something comes", due_at=None))
    with store.reading() as book:
        assert [each.name for each in book.due_watches(NOW, 9)] == ["now"]
        assert [each.name for each in book.due_watches(NOW + 10, 9)] == ["now", "later"]
        assert [each.name for each in book.due_watches(NOW + 10, 1)] == ["now"]
        assert [each.name for each in book.due_watches(NOW - 5, 9)] == ["now", "later"]
        assert book.is_due(NOW)


def test_something_that_came_wakes_the_watch_that_waits_but_not_too_soon(store: SqliteStore) -> None:
    with store.transaction() as book:
        book.save_watch(watch("waits", due_at=None))
        book.save_watch(watch("has its time", due_at=NOW + 100))
        for name in ("waits", "has its time"):
            book.wake_watch("expectation", name, NOW + 2, 10)
        assert [each.due_at for each in book.all_watches()] == [NOW + 100, NOW + 10]
        book.save_watch(watch("waits", due_at=None))
        book.wake_watch("expectation", "waits", NOW + 70, 10)
        assert [each.due_at for each in book.all_watches()] == [NOW + 100, NOW + 70]


def test_a_watch_is_kept_by_kind_and_name(store: SqliteStore) -> None:
    with store.transaction() as book:
        assert book.save_watch(watch())
        assert book.save_watch(watch(kind="heartbeat"))
        assert book.save_watch(watch(due_at=NOW + 1))
        assert book.watch("expectation", "login") == watch(due_at=NOW + 1)
        book.remove_watch("expectation", "login")
        assert book.watch("expectation", "login") is None
        assert [each.kind for each in book.all_watches()] == ["heartbeat"]


def test_there_are_so_many_watches_of_a_kind_and_no_more(store: SqliteStore) -> None:
    with store.transaction() as book:
        kept = [book.save_watch(watch(str(number))) for number in range(rules.WATCHES_MAX + 5)]
        assert kept == [True] * rules.WATCHES_MAX + [False] * 5
        assert book.save_watch(watch("0", due_at=None))
        assert book.save_watch(watch(kind="heartbeat"))


def test_a_file_of_the_first_schema_gets_the_new_tables(tmp_path: Path) -> None:
    path = str(tmp_path / "bongsu.db")
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.executescript("drop table tallies; drop table watches; pragma user_version = 1;")
    store = SqliteStore(path)
    with store.transaction() as book:
        book.save_watch(watch())
        book.add_tally("count", "login", NOW, 1)
    store.close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)


def test_garbage_in_a_watch_is_damage(tmp_path: Path) -> None:
    path = str(tmp_path / "bongsu.db")
    store = SqliteStore(path)
    with store.transaction() as book:
        book.save_watch(watch())
    store.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("update watches set data = '{'")
        database.commit()
    store = SqliteStore(path)
    with pytest.raises(StoreDamaged), store.reading() as book:
        book.all_watches()
    store.close()
    assert set_aside(path, "20210907T052600Z")
