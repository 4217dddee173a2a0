"""Durable state: what was counted, what was decided, what is not delivered yet. One SQLite file per app and host."""

from bongsu.store.book import Book
from bongsu.store.outbox import ALL, Line, Row
from bongsu.store.sqlite import MEMORY, SqliteStore, StoreBusy, StoreDamaged, StoreError, StoreUnavailable

__all__ = [
    "ALL",
    "MEMORY",
    "Book",
    "Line",
    "Row",
    "SqliteStore",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreUnavailable",
]
