"""The worker: a daemon thread that takes in what was captured, lets time pass, and has it delivered.

One worker per process. All workers of an app share its store; one of them at a time holds the lease and is the sender.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import Spool
from bongsu.client.books import Books
from bongsu.client.guard import caught
from bongsu.client.leader import new_holder
from bongsu.client.outlook import Outlook, is_starving, is_taken, outlook
from bongsu.client.plan import Open, Plan, plan_of
from bongsu.client.readdressing import FormerAddresses, readdress
from bongsu.client.reload import Reload
from bongsu.client.sending import Sending
from bongsu.client.telling import tell
from bongsu.client.wake import Bell
from bongsu.clock import Clock
from bongsu.config import Settings
from bongsu.messages.locales import WORDS
from bongsu.messages.message import Note, Trouble
from bongsu.pipeline import Policy
from bongsu.scrubbing import scrub
from bongsu.store import StoreBusy, StoreDamaged, StoreError

IDLE_S = 1.0  # between two looks at time, the dead and the lease; a killed sender is replaced within LEASE_S + this
BUSY_S = 0.1  # between two looks at counters that are going up
RETIRED_KEPT_S = 30.0  # a replaced spool is watched this long for threads that were in the middle of writing
PRUNE_EVERY_S = 600.0
FLUSH_LOOK_S = 0.05  # another process may be the one that sends
WARM_UP = "password=none kim@example.org"  # compiles the scrubbing rules here, not in the first error


class Worker:
    """Drains, decides, ticks, and sees to it that somebody sends."""

    def __init__(
        self,
        settings: Settings,
        spool_dir: str,
        recorder: Recorder,
        header: Mapping[str, Any],
        clock: Clock,
        open_channels: Callable[[Settings, threading.RLock], Open],
        *,
        takes_over: bool,
        follows: bool,
        each_look: Callable[[], None],
        adopt: Callable[[Settings], None],
    ) -> None:
        """Cheap: the store is opened on the worker's own thread.

        `takes_over`: serve what was left for a former destination of a channel. A passing command must not.
        `follows`: put what the configuration file says in force when it changes; `adopt` does that outside of here.
        """
        self._takes_over = takes_over
        self.gate = threading.RLock()  # held in transactions and imports; a fork waits for it
        self.bell = Bell()
        self.progress = Bell()
        self._rest = Bell()
        self._state_dir = settings.state_dir
        self._spool_dir = spool_dir
        self._recorder = recorder
        self._header = header
        self._clock = clock
        self._each_look = each_look
        self._adopt_outside = adopt
        self._holder = new_holder()
        self._books: Books | None = None
        self._open_channels = open_channels
        self._plan = self._plan_of(settings)
        self._sending = Sending(self._plan.sender, self._holder, clock, lambda: self.books.store, self.progress)
        self._reload = Reload(settings, is_command=not takes_over) if follows else None
        self._former_addresses = FormerAddresses()
        self._retired: list[tuple[Spool, float]] = []
        self._shed_told = self._shed_before = 0  # before: by spools that are gone
        self._looked_at = self._pruned_at = float("-inf")
        self._flushes = itertools.count(1)
        self._asked = self._answered = 0  # the newest flush, and that for which all was looked at and taken in
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._is_starting = False  # a signal handler may look at us in the middle of `start`
        self.has_started = False

    # -- life

    @property
    def is_alive(self) -> bool:
        return self._is_starting or (self._thread is not None and self._thread.is_alive())

    @property
    def books(self) -> Books:
        """The store's keeper, opened at the first use."""
        with self.gate:
            if self._books is None:
                self._books = Books(self._state_dir, self._plan.policy.schedule, self._clock.now, self.gate)
            return self._books

    def forget(self) -> None:
        """In a forked child: let go without touching what is the parent's."""
        if self._books is not None:
            self._books.store.forget()
        for spool, _ in self._retired:
            spool.release()

    def start(self) -> None:
        """Begin to work on a thread of its own; idempotent."""
        if not self.is_alive and not self._stopping:
            self._thread = threading.Thread(target=self._run, name="bongsu-worker", daemon=True)
            self._is_starting = True
            try:
                self._thread.start()
            except RuntimeError:  # no more threads, or the interpreter is ending: `flush` works on the caller's
                self._thread = None
            finally:
                self._is_starting = False
        self.has_started = self._thread is not None or self._stopping

    def stop(self, timeout_s: float) -> None:
        """End the threads, give up the lease, close the store. What is not delivered stays in the store."""
        self._stopping = True
        self.bell.ring()
        self._rest.ring()
        self._sending.stop()
        deadline = self._clock.monotonic() + timeout_s
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        self._sending.join(deadline)
        with self.entered(deadline - self._clock.monotonic()) as entered:
            if entered:
                self._leave()
        self._sending.close()

    def _leave(self) -> None:
        with contextlib.suppress(StoreError):  # the lease is void when this process has ended
            self._sending.give_up_lease()
        self.books.close()

    @contextlib.contextmanager
    def entered(self, timeout_s: float) -> Iterator[bool]:
        """Whether the store is ours within that time: the worker may be waiting in it for a lock or a stuck disk."""
        entered = self.gate.acquire(timeout=max(0.0, timeout_s))
        try:
            yield entered
        finally:
            if entered:
                self.gate.release()

    def unwatch(self, name: str) -> bool:
        """Watch nothing of that name any more; False: nothing is."""
        return self._plan.intake.unwatch(self.books.store, name, self._clock.now(), self._policy(), self._header)

    def acknowledge(self, fingerprint: str) -> int:
        """Somebody has taken on the problems that fire and whose fingerprint begins so; how many those are."""
        return self._plan.intake.acknowledge(self.books.store, fingerprint, self._clock.now(), self._policy())

    def has_taken(self, spool: Spool, timeout_s: float) -> bool:
        """Whether a store that outlives us has all that the spool holds, or all of it is delivered."""
        with self.entered(timeout_s) as entered:
            if not entered or (self.books.in_memory and self._outlook_now(0.0) is not Outlook.SETTLED):
                return False
            try:
                with self.books.store.reading() as book:
                    return is_taken(spool, book, tallies=True)
            except StoreError:
                return False

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything captured so far is delivered; False when the time is over first, or cannot suffice."""
        deadline = self._clock.monotonic() + timeout_s
        flush = next(self._flushes)
        self.bell.ring()
        while True:
            self._asked = max(self._asked, flush)
            if not self.is_alive:
                self._turn()  # on the calling thread: there is no other one any more
            left_s = deadline - self._clock.monotonic()
            match self._outlook(left_s, flush):
                case Outlook.SETTLED:
                    return True
                case Outlook.STUCK:
                    return False
            if left_s <= 0:
                return False
            self.progress.wait(min(left_s, FLUSH_LOOK_S))

    def _outlook(self, left_s: float, flush: int) -> Outlook:
        if self._answered < flush:
            return Outlook.MOVING  # what dead processes left, our own children for instance, is not taken in yet
        with self.entered(left_s) as entered:
            return self._outlook_now(left_s) if entered else Outlook.MOVING

    def _outlook_now(self, left_s: float) -> Outlook:
        try:
            with self.books.store.reading() as book:
                return outlook(book, self.spools(), self._clock.now() + left_s)
        except StoreError:
            return Outlook.MOVING

    # -- the loop

    def _run(self) -> None:
        scrub(WARM_UP)
        while not self._stopping:
            busy = self._turn()
            self.progress.ring()
            if busy:
                self._rest.wait(BUSY_S)  # what comes in meanwhile is one transaction, not thousands
            else:
                self.bell.wait(IDLE_S)

    def _turn(self) -> bool:
        """One round; whether there was something to take in."""
        try:
            return self._work(self._clock.now())
        except StoreError as error:
            self._on_store_error(error)
            return True  # again at once: on another store, or on this one a little later
        except Exception as error:  # noqa: BLE001  # the guard of the worker's loop: it must live
            caught("worker", error)
            return False

    def _work(self, now: float) -> bool:
        self._follow(now)
        asked, plan, policy, damaged_as = self._asked, self._plan, self._policy(), self.books.damaged_as
        hurry = asked > self._answered
        taken = [
            plan.intake.own(self.books.store, spool, self._header, now, policy, hurry=hurry) for spool in self.spools()
        ]
        made = sum(each.deliveries for each in taken)
        looks = made > 0 or hurry or abs(now - self._looked_at) >= IDLE_S
        if looks:
            made += self._look_around(now, plan, policy, eager=made > 0)
            self._looked_at, self._answered = now, asked
        if made:
            self._shed_told = self._shed()  # a message has said it
            if self.books.damaged_as == damaged_as:  # and not one that was set aside only now
                self.books.damaged_as = None
        self._rotate(now, heal=looks and not self.books.in_memory)
        self._sending.dispatch()
        return any(each.occurrences for each in taken)

    def _look_around(self, now: float, plan: Plan, policy: Policy, *, eager: bool) -> int:
        own = frozenset(spool.name for spool in self.spools())
        self.books.look_after(sorted(own))
        with self.gate:
            self._each_look()
        made = plan.intake.dead(self.books.store, own, now, policy)
        if self._takes_over:
            plan.intake.expect_summary(self.books.store, now, policy)
        self._former_addresses.look(self.books.store, plan.settings.destinations, now)
        is_eager = eager or made > 0
        if self._is_needed(now) and self._sending.take_lease(eager=is_eager or self._is_starving(now)):
            made += plan.intake.tick(self.books.store, now, policy, self._header)
        if not self.books.in_memory:
            plan.heartbeat.look(self.books.store, now)
        if abs(now - self._pruned_at) >= PRUNE_EVERY_S:
            self._pruned_at = now
            with self.books.store.transaction() as book:
                book.prune(now)
                if self._takes_over:
                    readdress(book, plan.settings.destinations, now)
        return made

    def _is_needed(self, now: float) -> bool:
        """Whether there is something to send or to say. If not, nobody holds the lease, and nothing is written."""
        known = self._plan.sender.serves
        with self.books.store.reading() as book:
            serves = any(destination in known for destination in book.waiting_counts())
            return serves or book.is_sending(self._holder) or book.is_due(now)

    def _is_starving(self, now: float) -> bool:
        with self.books.store.reading() as book:
            return is_starving(book, self._plan.sender.serves, now)

    def _policy(self) -> Policy:
        shed = self._shed()
        notes = (Note(trouble=Trouble.SHED, detail=str(shed)),) if shed > self._shed_told else ()
        return replace(self._plan.policy, notes=(*self.books.notes, *notes))

    def _shed(self) -> int:
        return self._shed_before + sum(spool.shed for spool in self.spools())

    def spools(self) -> list[Spool]:
        """All that this process's threads write to, or lately did."""
        return [*(spool for spool, _ in self._retired), *self._recorder.spools]

    def _rotate(self, now: float, *, heal: bool) -> None:
        for spool, since in list(self._retired):
            is_all_there_is = self.books.in_memory and not spool.is_in_memory  # a crash would leave only the file
            if abs(now - since) >= RETIRED_KEPT_S and not is_all_there_is:
                self._retired.remove((spool, since))
                self._shed_before += spool.shed
                spool.remove()
                self._plan.intake.forget(spool)
                with self.books.store.transaction() as book:
                    book.forget_spool(spool.name)
        for spool in self._recorder.rotate(heal=heal):
            self._retired.append((spool, now))

    # -- the configuration

    def _plan_of(self, settings: Settings) -> Plan:
        return plan_of(
            settings,
            spool_dir=self._spool_dir,
            open_channel=self._open_channels(settings, self.gate),
            holder=self._holder,
            clock=self._clock,
            gate=self.gate,
        )

    def _follow(self, now: float) -> None:
        """Put a changed file in force, and say what there is to say of it."""
        if self._reload is None:
            return
        with self.gate:  # it may import what the file is the first to need
            changed = self._reload.look(self._plan.settings, now)
        if changed is not None:
            self._adopt(changed, now)
        words = WORDS[self._plan.settings.language]
        self._reload.say(self.books.store, words, self._header, self._plan.policy, now)

    def _adopt(self, settings: Settings, now: float) -> None:
        former, self._plan = self._plan, self._plan_of(settings)
        self._sending.adopt(self._plan.sender)
        self._former_addresses.add(former.settings.destinations, now)
        self.books.schedule = settings.schedule
        self._adopt_outside(settings)
        with contextlib.suppress(StoreError), self.books.store.transaction() as book:
            book.wake_groups()  # what is due next may have changed

    def _on_store_error(self, error: StoreError) -> None:
        match error:
            case StoreBusy():
                tell("busy", "the state database is locked for more than 5 s; trying again.")
            case StoreDamaged():
                self.books.set_aside()
            case _:
                self.books.fall_back(str(error), [spool.name for spool in self.spools()])
        self._sending.leads = False
