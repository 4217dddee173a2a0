"""The world that Bongsu runs in: the clock, the disk, Slack and its moods. One seed is one exact history.

It outlives every process; what a process keeps in its variables does not. Nothing of Bongsu is replaced here:
recorder, spool files, intake, pipeline, store, books and sender are the real ones.
"""

import contextlib
import string
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.routing import ALARM, DEVOPS, Ability
from bongsu.store import MEMORY, Book, SqliteStore, StoreBusy, StoreUnavailable
from bongsu.testing import FakeClock

CRASH = 0.008  # at each of some ten crash points of a turn
BUSY = 0.003
FATES = {
    "ok": 50,
    "accepted, answer lost": 8,
    "gateway gave up": 4,
    "429, Retry-After": 6,
    "429": 4,
    "503": 5,
    "refused": 8,
    "a page of HTML": 3,
    "layout refused": 2,
    "message deleted": 2,
    "archived": 1,
}
OUTAGE_FATES = {"refused": 5, "503": 2, "a page of HTML": 1, "gateway gave up": 1, "accepted, answer lost": 1}
ARCHIVED_S = 2_000.0
WAITS_S = (0.0, 1.0, 30.0, 3_600.0)


class Crash(BaseException):
    """The process died here (kill -9). Not an Exception: no guard in the code under test can swallow it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message that people see."""

    channel: str
    verb: Verb
    message: Message
    place: str  # the posted message it is, edits or replies to
    overtaken: bool  # so slow to arrive that another sender had taken over


@dataclass(slots=True)
class World:
    """One history's facts, the truth that no process sees."""

    seed: int
    folder: str
    dice: Random = field(init=False)
    clock: FakeClock = field(default_factory=FakeClock)
    database: SqliteStore = field(default_factory=lambda: SqliteStore(MEMORY))
    abilities: Mapping[str, Ability] = field(init=False)
    is_faulty: bool = True  # until the faults stop
    disk_may_fill: bool = field(init=False)
    disk_is_full: bool = False
    fell_back: bool = False  # some process went on in memory
    jumps: int = 0  # of the clock
    outage_till: float = 0.0  # monotonic
    archived_till: float = 0.0  # monotonic
    captured: Counter[str] = field(default_factory=Counter)
    noted: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    doubts: int = 0  # how often something was shown whose sender could not know, or could not write it down
    deleted: set[str] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        first = self.dice.choice([Ability.POSTS, Ability.EDITS, Ability.EDITS, Ability.FORWARDS])
        self.abilities = {ALARM: first, DEVOPS: Ability.POSTS}
        self.disk_may_fill = self.dice.random() < 1 / 3

    def happens(self, probability: float) -> bool:
        return self.is_faulty and self.dice.random() < probability

    def crash_point(self) -> None:
        if self.happens(CRASH):
            self.happened["crash"] += 1
            raise Crash

    def problem(self) -> str:
        """One of sixteen problems; letters only, so that each has a fingerprint of its own."""
        return "no " + "".join(self.dice.choices(string.ascii_lowercase[:4], k=2))

    def answer(self, shown: Shown, *, plain: bool) -> Answer:
        """What Slack says to one message; and people see it, or not."""
        fate = self._fate()
        self.happened[fate] += 1
        if fate == "message deleted" and shown.verb is Verb.EDIT:
            self.deleted.add(shown.place)
        if fate == "archived" and shown.channel == ALARM:
            self.archived_till = self.clock.monotonic() + ARCHIVED_S
        if shown.place in self.deleted:
            return Rejected("message_not_found", gone=True)
        if shown.channel == ALARM and self.is_faulty and self.clock.monotonic() < self.archived_till:
            return Rejected("channel_is_archived", dead=True)
        match fate:
            case "ok":
                return self._show(shown)
            case "accepted, answer lost":
                self._show(shown)
                self.doubts += 1
                return Unknown("timeout")
            case "gateway gave up":
                return Unknown("gateway: 502")
            case "429, Retry-After":
                return RetryAfter("rate_limited", self.dice.choice(WAITS_S))
            case "layout refused":
                return self._show(shown) if plain else Rejected("invalid_blocks", plain=True)
        return RetryAfter(fate)

    def _fate(self) -> str:
        if not self.is_faulty:
            return "ok"
        fates = OUTAGE_FATES if self.clock.monotonic() < self.outage_till else FATES
        return self.dice.choices([*fates], [*fates.values()])[0]

    def _show(self, shown: Shown) -> Delivered:
        self.shown.append(shown)
        self.crash_point()
        return Delivered({"ts": shown.place} if shown.verb is Verb.POST else {})


class Disk(SqliteStore):
    """The one database file as a process sees it: full or locked at times; the process may die around each commit."""

    def __init__(self, world: World) -> None:
        self.path = "disk"
        self.gate = threading.RLock()
        self._world = world
        self._is_open = True

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Book]:
        self._world.crash_point()
        self._check()
        if self._world.happens(BUSY):
            raise StoreBusy("database is locked")
        with self._world.database.transaction() as book:
            yield book
            self._world.crash_point()
            self._check()
        self._world.crash_point()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Book]:
        if not self._is_open:
            raise StoreUnavailable("closed")
        with self._world.database.reading() as book:
            yield book

    def is_current(self) -> bool:
        return True

    def close(self) -> None:
        self._is_open = False

    def _check(self) -> None:
        if not self._is_open:
            raise StoreUnavailable("closed")
        if self._world.is_faulty and self._world.disk_is_full:
            raise StoreUnavailable("database or disk is full")
