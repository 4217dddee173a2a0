"""Durable state: what was counted, what was decided, what is not delivered yet. One SQLite file per app and host."""

from bongsu.store.book import Book
from bongsu.store.errors import StoreBusy, StoreDamaged, StoreError, StoreUnavailable
from bongsu.store.outbox import ALL, Line, Row
from bongsu.store.refusals import Refusal
from bongsu.store.sqlite import MEMORY, SqliteStore

__all__ = [
    "ALL",
    "MEMORY",
    "Book",
    "Line",
    "Refusal",
    "Row",
    "SqliteStore",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreUnavailable",
]
