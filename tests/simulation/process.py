"""One process of the watched program: it captures, takes in, decides and sends, on the world's time."""

import threading
from collections.abc import Mapping
from typing import Protocol

from world import Crash, Disk, Shown, World

from bongsu.alerting.group import Schedule
from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import Spool
from bongsu.client.books import Books
from bongsu.client.intake import Intake
from bongsu.delivery.answer import Answer
from bongsu.delivery.sender import LEASE, LEASE_S, Route, Sender
from bongsu.event import Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.pipeline import Policy
from bongsu.routing import DEVOPS
from bongsu.store import SqliteStore, StoreBusy, StoreError

SCHEDULE = Schedule()
HEADER = {"app": "app", "environment": "production", "release": None, "host": "h", "pid": 1, "roots": []}
IDLE_S = 1.0
STEPS_A_TURN = 3
HANG = 0.08
HANGS_S = (0.5, 2.0, 5.0, 8.0, 20.0)  # the lease lasts 6 s


class Refused(Exception):
    """What an endpoint makes of a connection that was refused."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.__cause__ = ConnectionRefusedError("Error 111 connecting to db:5432")


# Five of the sixteen problems share a cause; a type for each, since they have no traceback that tells them apart.
FAILURES = {f"no {name}": type(f"Refused{name}", (Refused,), {}) for name in ("aa", "ab", "ac", "ad", "ba")}


class Town(Protocol):
    """Where processes live: together, in one world."""

    world: World
    processes: "list[Process]"

    def run(self, process: "Process") -> None:
        """One turn of a process; it may die of it."""
        ...


class Process:
    """What `bongsu.client.worker` does, without threads."""

    sender = Sender

    def __init__(self, town: Town, name: str) -> None:
        world = town.world
        self.name = name
        self.town = town
        self.world = world
        self.is_sending = False
        self.lease: tuple[float, int] | None = None  # until when, and between which jumps of the clock
        self.recorder = Recorder(self._new_spool, world.clock, lambda: None, with_locals=False)
        self.books = SharedBooks(world)
        self._intake = Intake(world.folder, {channel: channel for channel in world.abilities})
        self._looked_at = float("-inf")
        self._sender = self.sender(
            {channel: Route(channel, channel, channel) for channel in world.abilities},
            lambda channel: Slack(self, channel),
            name,
            now=world.clock.now,
            dice=world.dice.random,
            tell=lambda key, sentence: None,
        )

    def capture(self, problem: str, times: int = 1) -> None:
        for _ in range(times):
            if failed := FAILURES.get(problem):
                self.recorder.exception(failed(problem))
            else:
                self.recorder.text(Kind.MESSAGE, problem, level=Level.ERROR, template=problem)
            self.world.captured[problem] += 1

    def notify(self, text: str) -> None:
        self.recorder.record(text, level=Level.INFO, channel=DEVOPS)
        self.world.noted.append(text)

    def turn(self) -> None:
        """One round of the worker and of its couriers."""
        self.work()
        try:
            with self.books.store.reading() as book:
                destinations = book.waiting_counts() if self.lease else {}
            for destination in destinations:
                self._send(destination)
        except StoreError:
            return  # the next round of the worker meets it, too

    def work(self) -> None:
        """One round of the worker alone."""
        try:
            self._work(self.world.clock.now())
        except StoreBusy:
            self.lease = None
        except StoreError as error:
            self.lease = None
            self.books.fall_back(str(error), self._own())

    def die(self) -> None:
        """Everything in memory is gone; the files stay."""
        for spool in self.recorder.spools:
            spool.release()
        self.books.close()

    def _new_spool(self) -> Spool:
        return Spool(self.world.folder, self.name, HEADER)

    def _own(self) -> list[str]:
        return [spool.name for spool in self.recorder.spools]

    def _work(self, now: float) -> None:
        policy = Policy(channels=self.world.abilities, schedule=SCHEDULE, notes=self.books.notes)
        made = 0
        for spool in self.recorder.spools:
            made += self._intake.own(self.books.store, spool, HEADER, now, policy).deliveries
        if made or abs(now - self._looked_at) >= IDLE_S:
            self._looked_at = now
            self._look_around(now, policy, made)

    def _look_around(self, now: float, policy: Policy, made: int) -> None:
        self.books.look_after(self._own())
        made += self._intake.dead(self.books.store, frozenset(self._own()), now, policy)
        with self.books.store.reading() as book:
            is_needed = book.has_messages() or book.is_due(now)
        if is_needed and self._take_lease(now, eager=made > 0):
            self._intake.tick(self.books.store, now, policy, HEADER)

    def _take_lease(self, now: float, *, eager: bool) -> bool:
        with self.books.store.transaction() as book:
            leads = book.take_lease(LEASE, self.name, now, LEASE_S, eager=eager)
        self.lease = (now + LEASE_S, self.world.jumps) if leads else None
        return leads

    def _send(self, destination: str) -> None:
        for _ in range(STEPS_A_TURN):
            shown = len(self.world.shown)
            self.is_sending = True
            try:
                wait_s = self._sender.step(self.books.store, destination)
            except (Crash, StoreError):
                self.world.doubts += len(self.world.shown) > shown
                raise
            finally:
                self.is_sending = False
            if wait_s != 0.0:
                return


class SharedBooks(Books):
    """Books whose file is the world's disk."""

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(world.folder, SCHEDULE, world.clock.now, threading.RLock())
        world.fell_back |= self.in_memory

    def fall_back(self, reason: str, spools: list[str]) -> None:
        self._world.fell_back = True
        super().fall_back(reason, spools)

    def _opened(self) -> SqliteStore:
        disk = Disk(self._world)
        with disk.transaction():
            return disk


class Slack:
    """A channel to the world's Slack. While it is slow, life goes on."""

    def __init__(self, process: Process, channel: str) -> None:
        self.ability = process.world.abilities[channel]
        self._process = process
        self._channel = channel

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        world = self._process.world
        self._assert_alone()
        world.crash_point()
        before = len(world.shown)
        while world.happens(HANG):
            self._hang()
        overtaken = len(world.shown) > before
        world.doubts += overtaken
        is_about_another = verb in (Verb.EDIT, Verb.REPLY, Verb.STACK)
        place = (receipt or {}).get("ts", "") if is_about_another else f"ts{len(world.shown)}"
        return world.answer(Shown(self._channel, verb, message, place, overtaken), plain=plain)

    def close(self) -> None:
        """Nothing is open."""

    def _hang(self) -> None:
        """Our own worker works on, unless it is held up with us; so do the siblings, and may take over."""
        world = self._process.world
        world.clock.advance(world.dice.choice(HANGS_S))
        if world.happens(0.5):
            self._process.work()
        for sibling in list(self._process.town.processes):
            if not sibling.is_sending:
                self._process.town.run(sibling)

    def _assert_alone(self) -> None:
        """Nobody sends beside a sender whose lease has not run out."""
        process = self._process
        if process.books.in_memory:
            return  # on its own, until the disk works again
        for sibling in process.town.processes:
            if sibling.is_sending and sibling is not process and sibling.lease and not sibling.books.in_memory:
                until, jumps = sibling.lease
                ran_out = until <= process.world.clock.now() or jumps != process.world.jumps
                assert ran_out, f"two senders: {process.name} sends while {sibling.name} does"
