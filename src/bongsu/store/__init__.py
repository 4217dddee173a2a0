"""Durable state: what was counted, what was decided, what is not delivered yet. One SQLite file per app and host."""

from bongsu.store.book import Book, Line, Row
from bongsu.store.sqlite import SqliteStore, StoreBusy, StoreDamaged, StoreError, StoreUnavailable

__all__ = ["Book", "Line", "Row", "SqliteStore", "StoreBusy", "StoreDamaged", "StoreError", "StoreUnavailable"]
