"""The SQLite file: opening, transactions, and what can go wrong with it.

Safe for the threads of one process (one connection, one lock) and for many processes (WAL, short `BEGIN IMMEDIATE`).
A connection must not cross a fork: hold `gate` around `os.fork()` and call `forget()` in the child.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator

from bongsu.store.book import Book
from bongsu.store.errors import StoreBusy, StoreDamaged, StoreError, StoreUnavailable

SCHEMA_VERSION = 4  # raised with every field of what is kept, too: an older process would take it for damage
MEMORY = ":memory:"
BUSY_TIMEOUT_S = 5.0  # transactions last milliseconds; who waits longer meets a stuck disk
PAGES_MAX = 65_536  # × 4 KiB = 256 MiB, far above what GROUPS_MAX and the outbox's bound can fill

_kept_from_closing: list[sqlite3.Connection] = []  # inherited over a fork: closing them would disturb the parent


class SqliteStore:
    """State in one SQLite file, or in memory with the path `:memory:`."""

    def __init__(
        self, path: str, gate: "threading.RLock | None" = None, *, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        """Open or create. Raises StoreError; a damaged file is left as it is (see `set_aside`)."""
        self.path = path
        self.gate = gate or threading.RLock()
        with _errors_named(), _alone(path):
            self._connection = _connect(path, busy_timeout_s)
        self._identity = _identity(path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Book]:
        """One short write transaction: all of it happens, or nothing. Raises StoreError."""
        with self.gate, _errors_named():
            self._connection.execute("begin immediate")
            try:
                yield Book(self._connection)
                self._connection.execute("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                    self._connection.execute("rollback")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Book]:
        """A look without a write lock. Raises StoreError."""
        with self.gate, _errors_named():
            yield Book(self._connection)

    def is_current(self) -> bool:
        """Whether the path still names the file that is open: somebody may have removed or replaced it."""
        return self.path == MEMORY or _identity(self.path) == self._identity

    def close(self) -> None:
        """Close; idempotent."""
        with self.gate, contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def forget(self) -> None:
        """In a forked child: let go of the connection without touching the parent's locks."""
        _kept_from_closing.append(self._connection)


def set_aside(path: str, stamp: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> str | None:
    """Rename a damaged database so that a fresh one can be made; the new name, or None if another process already did.

    `stamp` says when, e.g. 20261123T142600Z. Raises StoreError where it cannot be looked at or renamed.
    """
    new = f"{path}.damaged-{stamp}"
    with _alone(path):
        if _is_sound(path, busy_timeout_s):
            return None
        os.rename(path, new)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + suffix)
    return os.path.basename(new)


def _connect(path: str, busy_timeout_s: float) -> sqlite3.Connection:
    if path != MEMORY:
        _create_private(path)
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create_private(path: str) -> None:
    """For this user alone; SQLite gives -wal and -shm the database's mode."""
    if os.path.isdir(path):
        raise StoreDamaged("a directory is in its place")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError:
        return  # SQLite meets the same trouble, and names it


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")  # survives kill -9; a power cut may take the last second
    connection.execute(f"pragma max_page_count = {PAGES_MAX}")
    (version,) = connection.execute("pragma user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreUnavailable(f"written by a newer Bongsu (schema {version}); upgrade, or choose another state_dir")
    if version < SCHEMA_VERSION:
        drop = "drop table if exists groups;" if version in _WITH_OTHER_GROUPS else ""  # all is new again, once
        steps = f"{drop} {_schema()} pragma user_version = {SCHEMA_VERSION};"
        connection.executescript(f"begin immediate; {steps} commit;")


_WITH_OTHER_GROUPS = (1, 2)  # before the first release


def _schema() -> str:
    with open(os.path.join(os.path.dirname(__file__), "schema.sql"), encoding="utf-8") as file:
        return file.read()


def _is_sound(path: str, busy_timeout_s: float) -> bool:
    if os.path.isdir(path):
        return False
    if not os.path.exists(path) or not os.path.getsize(path):  # set aside by another, who has yet to make a fresh one
        return True
    try:
        with _errors_named(), contextlib.closing(sqlite3.connect(path, timeout=busy_timeout_s)) as connection:
            if connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
                return False
            (version,) = connection.execute("pragma user_version").fetchone()
            if version > SCHEMA_VERSION:  # a newer process has raised it under this one, which cannot read it
                return True
            Book(connection).check()
    except StoreDamaged:  # any other error is raised: a locked or unreadable file may be sound
        return False
    return True


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """One process at a time makes or replaces the file: SQLite says "locked" at once when two turn it to WAL."""
    if path == MEMORY:
        yield
        return
    import fcntl

    try:
        descriptor = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreUnavailable(str(error)) from error


@contextlib.contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _named(error) from error


def _named(error: sqlite3.Error) -> StoreError:
    text = str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(text)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(text)
    if code == 0 and isinstance(error, sqlite3.OperationalError):  # sqlite3's own: a text that is no UTF-8
        return StoreDamaged(text)
    return StoreUnavailable(text)
