"""Edits of the file that settings came from: seen when it has come to rest, and judged."""

from dataclasses import dataclass
from hashlib import sha256

from bongsu import config
from bongsu.config import Settings
from bongsu.config.file import FILE_BYTES_MAX
from bongsu.config.reading import Mark, mark_of
from bongsu.errors import ConfigError

LOOK_EVERY_S = 1.0
SETTLED_S = 1.0  # since it was last written: some editors write a file in pieces
GONE_S = 3.0  # some tools delete a file before they write it anew; promised are 5 s
GONE, UNREADABLE = "gone", "unreadable"  # instead of a digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What the file says from some moment on. Without settings and problems: what is in force already."""

    mark: Mark | None
    digest: str
    settings: Settings | None = None
    problems: tuple[str, ...] = ()


class Edits:
    """Looks at a file; each content that it comes to rest with is judged once."""

    def __init__(self, settings: Settings) -> None:
        self._reading = reading = settings.reading
        self._path = reading.place.path
        self._has_destination = not settings.is_default_destination
        self._judged = self._seen = reading.mark
        self._is_in_force = reading.mark is not None  # the file, rather than its absence
        self._digest = ""
        self._seen_at = self._looked_at = float("-inf")

    def look(self, now: float) -> Edit | None:
        """What is new, if anything; for the first time, what was read at the start."""
        if abs(now - self._looked_at) < LOOK_EVERY_S:
            return None
        self._looked_at = now
        mark = mark_of(self._path)
        if mark != self._seen:
            self._seen, self._seen_at = mark, now
        is_known = mark == self._judged
        if (is_known and (self._digest or mark is None)) or not (is_known or self._is_at_rest(mark, now)):
            return None
        self._judged = mark  # first: what fails in judging it must not fail each time
        edit = self._judged_now(mark, is_known=is_known)
        if edit.digest == UNREADABLE:
            self._judged = None  # it may pass without a change of the file: too many were open
        return edit if mark_of(self._path) == mark and self._is_other(edit) else None

    def is_current(self, edit: Edit) -> bool:
        """Whether the file still is what was judged."""
        return mark_of(self._path) == edit.mark

    def _is_at_rest(self, mark: Mark | None, now: float) -> bool:
        if mark is None:
            return abs(now - self._seen_at) >= GONE_S
        return now - mark.modified_ns / 1e9 >= SETTLED_S or abs(now - self._seen_at) >= SETTLED_S

    def _is_other(self, edit: Edit) -> bool:
        """Remember it; whether it says something else than the last one."""
        former, self._digest = self._digest, edit.digest
        if edit.settings is not None:
            self._is_in_force = True
            self._has_destination = not edit.settings.is_default_destination
        return edit.digest != former

    def _judged_now(self, mark: Mark | None, *, is_known: bool) -> Edit:
        if mark is None:
            name = self._reading.place.name
            gone = (f"{name}: is gone; put it back, or start the program again to go on without it",)
            return Edit(mark=mark, digest=GONE, problems=gone if self._is_in_force else ())
        digest = _digest(self._path)
        if is_known or digest == self._digest:
            return Edit(mark=mark, digest=digest)
        try:
            return Edit(mark=mark, digest=digest, settings=self._loaded())
        except ConfigError as error:
            return Edit(mark=mark, digest=digest, problems=error.problems)

    def _loaded(self) -> Settings:
        """Raises ConfigError, also for what a start would only warn of: alerts that nobody would see any more."""
        settings = config.load_again(self._reading)
        if self._has_destination and settings.is_default_destination:
            raise ConfigError([f"{self._reading.place.name}: names no destination any more; write to or [channels]"])
        return settings


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return sha256(file.read(FILE_BYTES_MAX + 1)).hexdigest()[:16]
    except OSError:
        return UNREADABLE
