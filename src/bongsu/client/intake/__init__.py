"""Taking in: spool records and counters become events, run through the pipeline, in one store transaction."""

import operator
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bongsu import pipeline, routing
from bongsu.alerting import storm as storms
from bongsu.alerting.group import USER_BITS, Occurrence
from bongsu.alerting.storm import Storm
from bongsu.capture import spool as spools
from bongsu.capture.faults import fault_record, read_fault
from bongsu.capture.reading import Sources, event_of
from bongsu.capture.spool import Counter, Spool
from bongsu.client.intake import outcomes, processes
from bongsu.client.intake.outcomes import Tally
from bongsu.client.intake.processes import ProcessTurn
from bongsu.client.intake.session import Addresses, Session
from bongsu.client.intake.summaries import Summaries
from bongsu.client.telling import tell
from bongsu.event import Kind
from bongsu.outcomes.http import Limits
from bongsu.pipeline import Policy
from bongsu.scrubbing import scrub
from bongsu.store import MEMORY, SqliteStore
from bongsu.store.watches import Watch

TICK_BATCH = 200  # groups looked at in one transaction
WATCHES_BATCH = 200  # looked at in one transaction
TALLY_EVERY_S = 5.0  # tallies alone are taken in this often: a busy service has new ones every second
DEFAULT_LIMITS = Limits()

_CRASH_SLOT = -1  # marks, in the store, that a dead process's crash was taken in


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look at a spool brought."""

    occurrences: int = 0
    deliveries: int = 0
    exhausted: bool = False  # there was no more


class _Signs(NamedTuple):
    """What changes when there is something to take in: another store may have taken less."""

    store: SqliteStore
    bytes_written: int
    counted: int
    tallied: int


class Intake:
    """Takes in what this process and dead ones have captured."""

    def __init__(self, directory: str, addresses: Addresses, limits: Limits = DEFAULT_LIMITS) -> None:
        self._directory = directory
        self._addresses = addresses
        self._limits = limits
        self._sources = Sources()
        self._summaries = Summaries()
        self._seen: dict[str, tuple[_Signs, float]] = {}  # what a spool looked like when all of it was taken, and when

    def own(
        self,
        store: SqliteStore,
        spool: Spool,
        header: Mapping[str, Any],
        now: float,
        policy: Policy,
        *,
        hurry: bool = False,
    ) -> Taken:
        """Take in this process's spool; with `hurry`, also what would wait a little.

        Raises StoreError, and then nothing is lost.
        """
        taken = Taken()
        while True:
            signs = _Signs(store, spool.bytes_written, *spool.counted())
            if not spool.memory and not self._is_worth_it(spool.name, signs, now, hurry=hurry):
                return taken
            counters = list(spool.counters())  # before the records: a counter's own record is then always there
            taken = self._own_batch(store, spool, header, now, policy, counters, taken)
            if taken.exhausted:
                self._seen[spool.name] = signs, now
                return taken

    def _is_worth_it(self, name: str, signs: _Signs, now: float, *, hurry: bool) -> bool:
        """Whether there is something to take in, and not just tallies again."""
        if name not in self._seen:
            return True
        seen, seen_at = self._seen[name]
        is_tallies_alone = signs != seen and signs == seen._replace(tallied=signs.tallied)
        return signs != seen and (hurry or not is_tallies_alone or not 0 <= now - seen_at < TALLY_EVERY_S)

    def forget(self, spool: Spool) -> None:
        self._seen.pop(spool.name, None)

    def _own_batch(
        self,
        store: SqliteStore,
        spool: Spool,
        header: Mapping[str, Any],
        now: float,
        policy: Policy,
        counters: list[Counter],
        before: Taken,
    ) -> Taken:
        waiting = spool.take_memory()
        try:
            with store.transaction() as book:
                session = Session(book, now, policy)
                position = book.position(spool.name)
                records, end = spool.records(position)
                exhausted = end - position < spools.BATCH_BYTES // 2
                self._take(
                    session, spool.name, [*records, *spools.parsed(waiting)], counters if exhausted else (), header
                )
                book.save_position(spool.name, end)
                session.save(self._addresses)
        except BaseException:
            spool.give_back(waiting)
            raise
        return Taken(before.occurrences + session.occurrences, before.deliveries + len(session.deliveries), exhausted)

    def dead(self, store: SqliteStore, own: frozenset[str], now: float, policy: Policy) -> int:
        """Take in the spools of processes that died; how many deliveries that made.

        Not into memory: a spool's files are deleted then, and would be all there is.
        """
        made = 0
        if store.path == MEMORY:
            return made
        for name in spools.adoptable(self._directory, own):
            descriptor = spools.adopt(self._directory, name)
            if descriptor is not None:
                try:
                    made += self._adopted(store, name, descriptor, now, policy)
                finally:
                    os.close(descriptor)
        return made

    def tick(self, store: SqliteStore, now: float, policy: Policy, header: Mapping[str, Any]) -> int:
        """Let time pass for watches, groups, storms and the summary; how many deliveries that made."""
        with store.transaction() as book:
            session = Session(book, now, policy, sees_all=store.path != MEMORY)
            for watch in book.due_watches(now, WATCHES_BATCH):
                self._look(session, watch, header)
            for group in book.due_groups(now, TICK_BATCH):
                session.tick(session.groups.get(group.fingerprint, group))
            for channel, storm in book.due_storms(now):
                self._write_digest(session, channel, storm)
            session.save(self._addresses)
        return len(session.deliveries) + self._summaries.tick(store, now, policy, header, self._addresses)

    def expect_summary(self, store: SqliteStore, now: float, policy: Policy) -> None:
        """See to it that somebody tells the next one. Raises StoreError."""
        self._summaries.expect(store, now, policy.summary)

    def _look(self, session: Session, watch: Watch, header: Mapping[str, Any]) -> None:
        if watch.kind == Kind.PROCESS:
            processes.look(session, watch)
        else:
            outcomes.look(session, watch, outcomes.origin_of(header), self._limits)

    def unwatch(self, store: SqliteStore, name: str, now: float, policy: Policy, header: Mapping[str, Any]) -> bool:
        """Watch nothing of that name any more; what was told of it is over. False: nothing is."""
        with store.transaction() as book:
            session = Session(book, now, policy)
            found = [watch for watch in book.all_watches() if watch.name == name]
            for watch in found:
                if watch.kind == Kind.PROCESS:
                    processes.forget(session, watch)
                else:
                    outcomes.forget(session, watch, outcomes.origin_of(header))
            session.save(self._addresses)
        return bool(found)

    def acknowledge(self, store: SqliteStore, fingerprint: str, now: float, policy: Policy) -> int:
        """Somebody has taken on the problems that fire and whose fingerprint begins so; how many those are."""
        with store.transaction() as book:
            session = Session(book, now, policy)
            found = [group for group in book.firing() if group.fingerprint.startswith(fingerprint)]
            for group in found:
                session.acknowledge(group)
            session.save(self._addresses)
        return len(found)

    def _write_digest(self, session: Session, channel: str, storm: Storm) -> None:
        storm = session.storms.get(channel, storm)
        due = storms.due_at(storms.rebased(storm, session.now), session.policy.schedule)
        if due is None or due > session.now:
            session.storms[channel] = storms.rebased(storm, session.now)
            return
        top, problems, occurrences = session.book.digest_of(channel, storm.digest, pipeline.DIGEST_ENTRIES)
        reachable = routing.substitute(channel, session.policy.channels)
        closed, deliveries = pipeline.write_digest(
            storm, reachable, top, problems, occurrences, session.now, session.policy
        )
        session.storms[channel] = closed
        session.deliveries.extend(deliveries)

    def _adopted(self, store: SqliteStore, name: str, descriptor: int, now: float, policy: Policy) -> int:
        """Batch by batch, then counters and crash; the files go before the store forgets how far it came."""
        first, _ = spools.read_records(descriptor, 0)
        header: Any = first[0].get("header") if first else None
        made, finished = 0, not isinstance(header, dict)
        while not finished:
            with store.transaction() as book:
                session = Session(book, now, policy)
                position = book.position(name)
                records, end = spools.read_records(descriptor, position)
                finished = end == position
                counters = self._dead_counters(name) if finished else []
                self._take(session, name, records, counters, header)
                if finished:
                    self._take_crash(session, name, header)
                    outcomes.process_ended(session, header)
                book.save_position(name, end)
                session.save(self._addresses)
            made += len(session.deliveries)
        spools.remove_files(self._directory, name)
        if not os.path.exists(os.path.join(self._directory, name + spools.EVENTS)):
            with store.transaction() as book:
                book.forget_spool(name)
        return made

    def _take_crash(self, session: Session, name: str, header: Mapping[str, Any]) -> None:
        path = os.path.join(self._directory, name + spools.FAULT)
        text = read_fault(path)
        if not text or _CRASH_SLOT in session.book.slots(name):
            return
        session.book.save_slot(name, _CRASH_SLOT, "crash", 1)
        self._take(session, name, [fault_record(text, os.urandom(16).hex(), os.stat(path).st_mtime)], [], header)

    def _dead_counters(self, name: str) -> list[Counter]:
        try:
            with open(os.path.join(self._directory, name + spools.COUNTS), "rb") as file:
                data = file.read(spools.COUNTS_BYTES)
        except OSError:
            return []
        return list(spools.read_counters(data, spools.SLOTS)) if len(data) == spools.COUNTS_BYTES else []

    def _take(
        self,
        session: Session,
        name: str,
        records: Iterable[Mapping[str, Any]],
        counters: Iterable[Counter],
        header: Mapping[str, Any],
    ) -> None:
        slots = session.book.slots(name)
        for record in records:
            if "header" not in record:
                self._take_record(session, name, record, header, slots)
        for counter in counters:
            what, taken = slots.get(counter.slot, ("", counter.count))
            if counter.count > taken and _take_counter(session, what, counter, counter.count - taken):
                session.book.save_slot(name, counter.slot, what, counter.count)

    def _take_record(
        self,
        session: Session,
        name: str,
        record: Mapping[str, Any],
        header: Mapping[str, Any],
        slots: dict[int, tuple[str, int]],
    ) -> None:
        for each in self._parsed(record, header, slots, session.policy):
            match each:
                case Occurrence():
                    self._take_event(session, name, record.get("slot"), each, slots)
                case Tally(slot=int() as slot):
                    slots[slot] = (each.what, 0)  # from here on its counter counts it
                    session.book.save_slot(name, slot, each.what, 0)
                case Tally():
                    outcomes.add_tally(session, each.what, each.times, each.at)
                case ProcessTurn():
                    processes.take(session, each)
                case _:
                    outcomes.take(session, each)

    def _parsed(
        self,
        record: Mapping[str, Any],
        header: Mapping[str, Any],
        slots: Mapping[int, tuple[str, int]],
        policy: Policy,
    ) -> list[Occurrence | ProcessTurn | outcomes.Said]:
        """What the record says; nothing when another version wrote it, or it was torn in the middle."""
        try:
            if "turn" in record:
                return [processes.turn_of(record, header, self._sources)]
            is_event = "repeat" in record or "kind" in record
            events = [self._occurrence(record, slots, header, policy)] if is_event else []
            return [*events, *outcomes.said(record, header)]
        except (AttributeError, KeyError, TypeError, ValueError):
            tell(
                "record", "a captured record could not be read, and was left out: another version may have written it."
            )
            return []

    def _take_event(
        self, session: Session, name: str, slot: int | None, occurrence: Occurrence, slots: dict[int, tuple[str, int]]
    ) -> None:
        if occurrence.fingerprint.startswith(outcomes.TALLY):
            outcomes.add_tally(session, occurrence.fingerprint, occurrence.times, occurrence.at)
            return
        what = session.occur(occurrence)
        if slot is None:
            return
        known, taken = slots.get(slot, ("", 0))
        if not what:
            slots[slot] = (known, taken - occurrence.times)  # owed: counted when the group is known
        elif what != known:
            slots[slot] = (what, taken)  # also where the rules have changed since its last detail
        else:
            return
        session.book.save_slot(name, slot, *slots[slot])

    def _occurrence(
        self,
        record: Mapping[str, Any],
        slots: Mapping[int, tuple[str, int]],
        header: Mapping[str, Any],
        policy: Policy,
    ) -> Occurrence:
        """What the record says. Raises AttributeError, KeyError, TypeError or ValueError for anything else."""
        if "repeat" in record:
            return _repeat(record, slots)
        event = event_of(record, header, self._sources)
        return Occurrence(
            fingerprint=policy.sorting.fingerprint(event, crowded=record.get("crowded") is True),
            at=event.at,
            times=max(1, operator.index(record.get("times", 1))),
            event=event,
            request_ids=(event.request_id,) if event.request_id else (),
            users=operator.index(record.get("users", 0)) % (1 << USER_BITS),
        )


def _take_counter(session: Session, what: str, counter: Counter, times: int) -> bool:
    """False: it repeats what this store does not know."""
    if what.startswith(outcomes.TALLY):
        outcomes.add_tally(session, what, times, counter.last_seen_at)
        return True
    return session.occur(_repeats(counter, what, times)) != ""


def _repeat(record: Mapping[str, Any], slots: Mapping[int, tuple[str, int]]) -> Occurrence:
    fingerprint, _ = slots.get(operator.index(record["slot"]), ("", 0))
    ids = (scrub(record["request_id"], limit=spools.ID_BYTES),) if record.get("request_id") else ()
    times = operator.index(record["repeat"])
    return Occurrence(fingerprint=fingerprint, at=float(record["at"]), times=max(1, times), request_ids=ids)


def _repeats(counter: Counter, fingerprint: str, times: int) -> Occurrence:
    return Occurrence(
        fingerprint=fingerprint,
        at=counter.last_seen_at,
        times=times,
        request_ids=tuple(scrub(each, limit=spools.ID_BYTES) for each in counter.request_ids),
        users=counter.users,
    )
