"""Where the state of programs lies: one folder per app. Looking changes nothing and creates nothing."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from bongsu import config
from bongsu.capture import spool as spools
from bongsu.client.books import FILE_NAME
from bongsu.config import Settings
from bongsu.store import Book, SqliteStore

SPOOL = "spool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The state of one app."""

    app: str  # as its folder is named
    path: str

    @property
    def database(self) -> str:
        return os.path.join(self.path, FILE_NAME)

    @property
    def is_used(self) -> bool:
        """Whether a program has kept something here."""
        return os.path.exists(self.database) or os.path.isdir(os.path.join(self.path, SPOOL))

    def open(self) -> SqliteStore | None:
        """Its store; None if there is none. Raises StoreError."""
        return SqliteStore(self.database) if os.path.exists(self.database) else None

    def left_spools(self, book: Book | None) -> int:
        """How many processes have ended with events that nobody has taken in yet."""
        directory = os.path.join(self.path, SPOOL)
        return sum(_is_left(directory, name, book) for name in spools.adoptable(directory, frozenset()))


def _is_left(directory: str, name: str, book: Book | None) -> bool:
    descriptor = spools.adopt(directory, name)
    if descriptor is None:
        return False  # its process lives
    try:
        records, _ = spools.read_records(descriptor, book.position(name) if book else 0)
    finally:
        os.close(descriptor)
    return any("header" not in record for record in records)


def settings(app: str | None, **arguments: str) -> Settings:
    """The settings as a watched program would have them. Raises ConfigError."""
    return config.load({"app": app, **arguments}, os.environ)


def wanted(settings: Settings, app: str | None) -> list[Folder]:
    """The folder of the app that is named, by option or setting; else those of all apps that kept something."""
    own = Folder(app=settings.app, path=settings.state_dir)
    if app is not None or "app" in config.origins(os.environ):
        return [own]
    return list(_used(os.path.dirname(settings.state_dir))) or [own]


def _used(base: str) -> Iterable[Folder]:
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return
    for name in names:
        folder = Folder(app=name, path=os.path.join(base, name))
        if folder.is_used:
            yield folder
