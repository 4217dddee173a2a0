"""Which store is in force: the file, or memory while the file cannot be used. Trouble is told once and heals."""

import contextlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from bongsu.alerting import group as groups
from bongsu.alerting import merging
from bongsu.alerting.group import Schedule
from bongsu.capture.spool import make_directory
from bongsu.client.telling import STATE_DIR, forget, tell
from bongsu.messages.message import Note, Trouble
from bongsu.store import ALL, MEMORY, Book, SqliteStore, StoreDamaged, StoreError, StoreUnavailable
from bongsu.store.sqlite import set_aside

RECOVER_EVERY_S = 5.0
FILE_NAME = "bongsu.db"


def open_store(directory: str, gate: "threading.RLock | None" = None) -> SqliteStore:
    """The store of an app, made if there is none. Raises StoreError."""
    try:
        make_directory(directory, levels=1)
    except OSError as error:
        raise StoreUnavailable(str(error)) from error
    return SqliteStore(os.path.join(directory, FILE_NAME), gate)


class Books:
    """The current store, and what is to be said about it."""

    def __init__(self, directory: str, schedule: Schedule, now: Callable[[], float], gate: threading.RLock) -> None:
        self._path = os.path.join(directory, FILE_NAME)
        self._gate = gate
        self.schedule = schedule  # may be replaced
        self._now = now
        self._trouble: str | None = None
        self._tried_at = 0.0
        self.damaged_as: str | None = None  # name of a damaged file set aside, until it was told
        self.store = self._open()

    @property
    def in_memory(self) -> bool:
        return self.store.path == MEMORY

    @property
    def notes(self) -> tuple[Note, ...]:
        """For the footer of every message."""
        notes = [Note(trouble=Trouble.STATE_DIR, detail=self._trouble)] if self._trouble else []
        if self.damaged_as:
            notes.append(Note(trouble=Trouble.STORE_SET_ASIDE, detail=self.damaged_as))
        return tuple(notes)

    def fall_back(self, reason: str, spools: list[str]) -> None:
        """Go on in memory. What was taken in of these spools stays taken in."""
        if self.in_memory:
            return
        memory = SqliteStore(MEMORY, self._gate)
        with memory.transaction() as book:
            _copy_positions(self.store, book, spools)
            _copy_watches(self.store, book)
        self.store.close()
        self.store = memory
        self._say(reason)

    def set_aside(self) -> None:
        """The file is damaged: rename it and begin a fresh one."""
        self.store.close()
        self.store = self._open_fresh()

    def look_after(self, spools: list[str]) -> None:
        """Return to the file when it works again; open it anew when somebody replaced it."""
        if not self.in_memory and not self.store.is_current():
            self.store.close()
            self.store = self._open()
        elif self.in_memory and abs(self._now() - self._tried_at) >= RECOVER_EVERY_S:
            self._tried_at = self._now()
            if not self._tells_a_storm():
                self._return_to_file(spools)

    def close(self) -> None:
        self.store.close()

    def _open(self) -> SqliteStore:
        try:
            return self._opened()
        except StoreDamaged:
            return self._open_fresh()
        except StoreError as error:
            self._say(str(error))
            return SqliteStore(MEMORY, self._gate)

    def _open_fresh(self) -> SqliteStore:
        try:
            self._rename_damaged()
            return self._opened()
        except StoreError as error:
            self._say(str(error))
            return SqliteStore(MEMORY, self._gate)

    def _rename_damaged(self) -> None:
        stamp = datetime.fromtimestamp(self._now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        name = set_aside(self._path, stamp)
        if name:
            self.damaged_as = name
            tell(f"damaged {name}", f"the database was damaged; it is set aside as {name}, and a fresh one begins.")

    def _opened(self) -> SqliteStore:
        """The file's store, proven to be writable."""
        store = open_store(os.path.dirname(self._path), self._gate)
        try:
            with store.transaction() as book:
                book.save_note("opened", "1")
        except StoreError:
            store.close()
            raise
        return store

    def _say(self, reason: str) -> None:
        self._trouble = reason
        tell(STATE_DIR, f"cannot use {self._path}: {reason}. Going on in memory; alerts are still sent.")

    def _return_to_file(self, spools: list[str]) -> None:
        try:
            file = self._absorbed(spools)
        except StoreDamaged:
            with contextlib.suppress(StoreError):  # the next attempt meets the same
                self._rename_damaged()
            return
        except StoreError:
            return
        self.store.close()
        self.store = file
        self._trouble = None
        forget(STATE_DIR)

    def _tells_a_storm(self) -> bool:
        """Whether a digest is open in memory; it is written within a minute, and the file's book has its own."""
        with self.store.reading() as memory:
            return memory.has_open_digest()

    def _absorbed(self, spools: list[str]) -> SqliteStore:
        """The file's store with what the one in memory knows. Raises StoreError."""
        file = self._opened()
        try:
            with file.transaction() as book:
                self._absorb(book, spools)
        except BaseException:
            file.close()
            raise
        return file

    def _absorb(self, book: Book, spools: list[str]) -> None:
        """Add what the store in memory knows to the file's book."""
        with self.store.reading() as memory:
            for each in memory.all_groups():
                group = merging.undigested(each)  # the numbers of memory's storms; those digests are written
                known = book.group(group.fingerprint)
                both = merging.merged(known, group) if known else group
                book.save_group(both, groups.due_at(both, self.schedule))
            for row in memory.rows(limit=ALL):
                book.adopt(row)
            for kind, name, at, times in memory.tallies():
                book.add_tally(kind, name, at, times)
            for rule, times in memory.ignored().items():
                book.add_ignored(rule, times)
        _copy_positions(self.store, book, spools)
        _copy_watches(self.store, book)


def _copy_positions(source: SqliteStore, book: Book, spools: list[str]) -> None:
    try:
        with source.reading() as known:
            for name in spools:
                book.save_position(name, known.position(name))
                for slot, (fingerprint, taken) in known.slots(name).items():
                    book.save_slot(name, slot, fingerprint, taken)
    except StoreError:
        return  # unreadable: what was taken in is counted a second time rather than lost


def _copy_watches(source: SqliteStore, book: Book) -> None:
    """Those that this book does not know better."""
    try:
        with source.reading() as known:
            watches = known.all_watches()
    except StoreError:
        return  # they are declared again
    for watch in watches:
        present = book.watch(watch.kind, watch.name)
        if present is None or present.saved_at <= watch.saved_at:
            book.save_watch(watch)
