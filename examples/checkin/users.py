"""The table of users, and how a row gets into it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
    login TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'checked out'
)
"""


@dataclass(frozen=True, kw_only=True)
class User:
    """One row."""

    login: str
    email: str
    state: str | None = None  # the table has a default


class Users:
    """The table, in a file of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._open() as connection:
            connection.execute(SCHEMA)

    def find(self, login: str) -> User | None:
        """The user of this name, if there is one."""
        with self._open() as connection:
            row = connection.execute("SELECT login, email, state FROM user WHERE login = ?", [login]).fetchone()
        return row and User(login=row[0], email=row[1], state=row[2])

    def add(self, user: User) -> User:
        """Insert a new row."""
        with self._open() as connection:
            connection.execute("INSERT INTO user (login, email, state) VALUES (:login, :email, :state)", asdict(user))
        return user

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            yield connection
