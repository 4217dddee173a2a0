"""The hot path: what happens on the thread that has an error.

Known and told in detail lately: one counter goes up. Otherwise a record is built, scrubbed and appended to the spool.
"""

import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.capture.context import Work, current, mark_of, work_at_hand
from bongsu.capture.exceptions import QuickKey, describe, printable, quick_key, traceback_of, was_raised_anew
from bongsu.capture.log_records import level_of
from bongsu.capture.sorting import Sorter
from bongsu.capture.spool import Spool, user_bit
from bongsu.clock import Clock
from bongsu.event import Finding, Kind, Level, finding_to_json
from bongsu.grouping.normalise import normalise
from bongsu.ids import new_id
from bongsu.scrubbing import scrub, scrub_mapping, scrub_user

REQUEST_ID_LENGTH_MAX = 200  # characters; a traceparent has 55
NAME_LENGTH_MAX = 200  # characters of a logger's or thread's name
TEXT_READ_MAX = 4_096  # characters of a text that tell it apart; grouping reads as many
TRAIL_LINE_MAX = 300  # characters of a log line that rides with an event
DETAIL_EVERY_S = 60.0  # a known error is described anew this often, so that its sample stays fresh
TALLY_NAMES_MAX = 200  # of one kind that are told apart: four kinds leave errors a fifth of a spool's counters
OTHERS = "(other)"  # the name of the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """What an event is about that a watch has found: a run that failed, a bad answer."""

    kind: Kind
    finding: Finding
    beat: Mapping[str, Any] | None = None  # the sign of life that it also is
    detail_every_s: float | None = None  # None: as often as any other


class _Known:
    """A place of errors that has a counter."""

    __slots__ = ("detailed_at", "event_id", "named", "slot")

    def __init__(self, slot: int, event_id: str, detailed_at: float, named: list[object]) -> None:
        self.slot = slot
        self.event_id = event_id
        self.detailed_at = detailed_at
        self.named = named  # alive, so that the ids in the key stay theirs


class _Book:
    """A spool, and which of its counters counts what."""

    __slots__ = ("known", "spool", "tallies", "tally_names")

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.known: dict[QuickKey, _Known] = {}
        self.tallies: dict[tuple[str, str], int] = {}  # the counter of a kind and a name
        self.tally_names: dict[str, int] = {}  # of a kind, how many have a counter


class Recorder:
    """Turns happenings into spool records. Thread-safe and signal-safe: it waits for no lock."""

    def __init__(
        self,
        new_spool: Callable[[], Spool],
        clock: Clock,
        wake: Callable[[], None],
        *,
        with_locals: bool,
        detail_every_s: float = DETAIL_EVERY_S,
        sorter: Sorter | None = None,
    ) -> None:
        self._new_spool = new_spool
        self._clock = clock
        self._wake = wake
        self.with_locals = with_locals  # these three may be replaced while it works
        self.detail_every_s = detail_every_s
        self.sorter = sorter
        self.expected: set[str] = set()  # names of tallies that are told apart however many there are
        self.spools: list[Spool] = []  # all that threads may be writing to; two when two began at the same moment
        self._book: _Book | None = None

    def begin(self) -> _Book:
        """Make the spool; a forked child does so at its first error."""
        return self._write_to(self._new_spool())

    def rotate(self, *, heal: bool) -> list[Spool]:
        """Replace a full spool, or with `heal` one whose file is lost; the old ones are the caller's to remove."""
        spool = self._book.spool if self._book else None
        if spool is None or not (spool.is_full or (heal and spool.is_lost)):
            return []
        fresh, old = self._new_spool(), list(self.spools)
        if fresh.is_in_memory and not spool.is_full:  # no better than what there is
            return []
        self._write_to(fresh)
        for spool in old:
            self.spools.remove(spool)
        return old

    def _write_to(self, spool: Spool) -> _Book:
        self.spools.append(spool)
        self._book = _Book(spool)
        return self._book

    def leave(self) -> None:
        """What is captured from now on goes to a new spool; the present ones are the caller's."""
        self._book = None
        self.spools = []

    def let_go(self) -> None:
        """Leave the present spools to the process that has them too, or to the next start."""
        spools = self.spools
        self.leave()
        for spool in spools:
            spool.release()

    @property
    def spool(self) -> Spool:
        """Where records go now."""
        return (self._book or self.begin()).spool

    def exception(
        self,
        error: BaseException,
        *,
        level: Level = Level.ERROR,
        handled: bool = True,
        tags: Mapping[str, object] | None = None,
        logger: str | None = None,
        failed: Failed | None = None,
    ) -> str:
        """Capture an exception; the id of its event. One raise is one event, however often its exception is seen."""
        mark = mark_of(error)
        if mark.event_id is not None and not was_raised_anew(error, mark.traceback):
            return mark.event_id
        context, work = (current(), work_at_hand()) if mark.context is None else (mark.context, mark.work)
        values = _known(context, work)
        key = quick_key(error, level if failed is None else failed.finding)
        kind = Kind.EXCEPTION if failed is None else failed.kind
        key, crowded = self._told_apart(key, kind, level, logger, error, values, tags)
        event_id = self._repeat(key, values, self._detail_every_s(failed))
        if event_id is None:
            event_id = mark.event_id = new_id(self._clock.now())  # now: its __str__ may capture it, or log it
            mark.traceback = traceback_of(error)
            try:
                exceptions, named = describe(error, with_locals=self.with_locals)
            except BaseException:
                mark.event_id = None
                raise
            record = {
                "id": event_id,
                "kind": kind,
                "level": level,
                "message": exceptions[0]["message"],
                "exceptions": exceptions,
                "handled": handled,
                "logger": logger and _name(logger),
                **_found(failed),
                **crowded,
            }
            self._append(record, values, tags, key, named, work)
        mark.event_id, mark.traceback, mark.told_in = event_id, traceback_of(error), work
        if work is not None:
            work.told = event_id
        return event_id

    def text(
        self,
        kind: Kind,
        message: str,
        *,
        level: Level,
        template: str | None = None,
        logger: str | None = None,
        source: str | None = None,
        channel: str | None = None,
        tags: Mapping[str, object] | None = None,
        failed: Failed | None = None,
        times: int = 1,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """Capture a log record or a message; the id of its event. Equal templates at one place are counted.

        `more` goes into the record as it is.
        """
        words = _varying(message) if template is None or template == message else hash(template)
        key: QuickKey = (kind, level, logger, words, source, channel) if failed is None else (failed.finding,)
        work = work_at_hand()
        values = _known(current(), work)
        kind = kind if failed is None else failed.kind
        key, crowded = self._told_apart(key, kind, level, logger, message, values, tags)
        event_id = self._repeat(key, values, self._detail_every_s(failed), times)
        if event_id is not None:
            return event_id
        event_id = new_id(self._clock.now())
        record = {
            "id": event_id,
            "kind": kind,
            "level": level,
            "message": scrub(message),
            "template": scrub(template) if template is not None else None,
            "logger": logger and _name(logger),
            "source": source,
            "channel": channel,
            "times": times,
            **_found(failed),
            **crowded,
            **(more or {}),
        }
        self._append(record, values, tags, key, [], work)
        return event_id

    def record(
        self,
        message: str,
        *,
        level: Level,
        channel: str,
        payload: str | None = None,
        problem: str | None = None,
        tags: Mapping[str, object] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """Keep an operational record; each is told, none is counted away. `more` goes into the record as it is."""
        event_id = new_id(self._clock.now())
        record = {
            "id": event_id,
            "kind": Kind.RECORD,
            "level": level,
            "message": scrub(message),
            "channel": channel,
            "payload": payload,
            "problem": problem,
            **(more or {}),
        }
        self._append(record, current(), tags, None, [], None)
        return event_id

    def is_told(self, error: BaseException) -> bool:
        """Whether this raise of the exception is an event already."""
        mark = mark_of(error)
        return mark.event_id is not None and not was_raised_anew(error, mark.traceback)

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keep what is no event: a sign of life, or a declaration."""
        (self._book or self.begin()).spool.append(record)
        self._wake()

    def tally(self, kind: str, name: str, times: int = 1) -> None:
        """Add to a counter of that kind and name. The first time leaves a record; after that only the number changes.

        It does not wake the worker: tallies are taken in every few seconds.
        """
        book = self._book or self.begin()
        slot = book.tallies.get((kind, name))
        if slot is None:
            slot = self._slot_of_tally(book, kind, name)
        if slot is None:  # no counter is left until the spool is replaced
            self.keep({"tally": {"kind": kind, "name": _name(name)}, "times": times, "at": self._clock.now()})
        else:
            book.spool.count(slot, self._clock.now(), times=times)

    def _slot_of_tally(self, book: _Book, kind: str, name: str) -> int | None:
        if book.tally_names.get(kind, 0) >= TALLY_NAMES_MAX and name not in self.expected:
            name = OTHERS
            if (kind, name) in book.tallies:
                return book.tallies[kind, name]
        slot = book.spool.claim_slot()
        if slot is None or not book.spool.append({"tally": {"kind": kind, "name": _name(name)}, "slot": slot}):
            return None
        book.spool.tally_slots.append(slot)
        book.tallies[kind, name] = slot  # after its record: what is counted there has one
        book.tally_names[kind] = book.tally_names.get(kind, 0) + 1
        self._wake()
        return slot

    def _detail_every_s(self, failed: Failed | None) -> float:
        own = None if failed is None else failed.detail_every_s
        return self.detail_every_s if own is None else own

    def _told_apart(
        self,
        key: QuickKey,
        kind: Kind,
        level: Level,
        logger: str | None,
        what: BaseException | str,
        values: Mapping[str, object],
        tags: Mapping[str, object] | None,
    ) -> tuple[QuickKey, Mapping[str, bool]]:
        """The key with what the rules tell apart at one place, and what a record has to say of that."""
        sorter = self.sorter
        if sorter is None:
            return key, {}
        name, now = _name(logger) if logger else "", self._clock.now()
        return sorter.told_apart(key, kind, level, name, what, values, tags or {}, now)

    def _repeat(
        self, key: QuickKey, context: Mapping[str, object], detail_every_s: float, times: int = 1
    ) -> str | None:
        book = self._book or self.begin()
        known = book.known.get(key)
        if known is None:
            return None
        now = self._clock.now()
        if not 0 <= now - known.detailed_at < detail_every_s:
            return None
        if context:
            request_id, user = context.get("request_id"), context.get("user")
            book.spool.count(
                known.slot,
                now,
                None if request_id is None else scrub(printable(request_id), limit=REQUEST_ID_LENGTH_MAX),
                None if user is None else printable(user),
                times,
            )
        else:
            book.spool.count(known.slot, now, times=times)
        self._wake()
        return known.event_id

    def _append(
        self,
        record: dict[str, Any],
        context: Mapping[str, object],
        tags: Mapping[str, object] | None,
        key: QuickKey | None,
        named: list[object],
        work: Work | None,
    ) -> None:
        book = self._book or self.begin()
        now = self._clock.now()
        record |= {"at": now, "thread": _name(threading.current_thread().name)}
        values = {**context, **(tags or {})}
        request_id, user = _known_text(values.pop("request_id", None)), _known_text(values.pop("user", None))
        record["request_id"] = scrub(request_id, limit=REQUEST_ID_LENGTH_MAX) if request_id else None
        if user:
            record |= {"user": scrub_user(user), "users": 1 << user_bit(user)}
        record["tags"] = scrub_mapping(values) if values else {}
        if work is not None and work.trail:
            record["trail"] = _trail(work)
        known = book.known.get(key) if key is not None else None
        slot = known.slot if known else book.spool.claim_slot() if key is not None else None
        record["slot"] = slot
        if book.spool.append(record) and key is not None and slot is not None:
            book.known[key] = _Known(slot, record["id"], now, named)  # after its record: what is counted there has one
        self._wake()


def _found(failed: Failed | None) -> dict[str, Any]:
    """What the record of an event says when a watch, and no hook, has found it."""
    if failed is None:
        return {}
    return {"finding": finding_to_json(failed.finding), "beat": failed.beat}


def _known(context: Mapping[str, object], work: Work | None) -> Mapping[str, object]:
    """The values in force, and what the request or task says of itself."""
    return context if work is None else {**work.facts(), "request_id": work.request_id, **context}


def _trail(work: Work) -> list[tuple[float, Level, str, str]]:
    return [
        (at, level_of(number), _name(logger), scrub(message, limit=TRAIL_LINE_MAX))
        for at, number, logger, message in work.trail.copy()  # a copy: its other threads go on logging
    ]


def _varying(message: str) -> int:
    """A number for a text that does not change with the numbers and names in it: an f-string is one problem too."""
    return _normalised(message[:TEXT_READ_MAX])


@functools.lru_cache(maxsize=256)
def _normalised(message: str) -> int:
    return hash(normalise(message))


@functools.lru_cache(maxsize=256)
def _name(text: str) -> str:
    """A logger's or thread's name, scrubbed; there are few, and they come again."""
    return scrub(text, limit=NAME_LENGTH_MAX)


def _known_text(value: object) -> str:
    return "" if value is None else printable(value)
