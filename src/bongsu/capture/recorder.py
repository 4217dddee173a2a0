"""The hot path: what happens on the thread that has an error.

Known and told in detail lately: one counter goes up. Otherwise a record is built, scrubbed and appended to the spool.
"""

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from bongsu.capture.context import Work, current, mark_of, work_at_hand
from bongsu.capture.exceptions import QuickKey, describe, printable, quick_key, traceback_of, was_raised_anew
from bongsu.capture.log_records import level_of
from bongsu.capture.spool import Spool, user_bit
from bongsu.clock import Clock
from bongsu.event import Kind, Level
from bongsu.grouping.normalise import normalise
from bongsu.ids import new_id
from bongsu.scrubbing import scrub, scrub_mapping, scrub_user

REQUEST_ID_LENGTH_MAX = 200  # characters; a traceparent has 55
NAME_LENGTH_MAX = 200  # characters of a logger's or thread's name
TEXT_READ_MAX = 4_096  # characters of a text that tell it apart; grouping reads as many
TRAIL_LINE_MAX = 300  # characters of a log line that rides with an event
DETAIL_EVERY_S = 60.0  # a known error is described anew this often, so that its sample stays fresh


class _Known:
    """A place of errors that has a counter."""

    __slots__ = ("detailed_at", "event_id", "named", "slot")

    def __init__(self, slot: int, event_id: str, detailed_at: float, named: list[object]) -> None:
        self.slot = slot
        self.event_id = event_id
        self.detailed_at = detailed_at
        self.named = named  # alive, so that the ids in the key stay theirs


class Recorder:
    """Turns happenings into spool records. Thread-safe and signal-safe: it waits for no lock."""

    def __init__(
        self, new_spool: Callable[[], Spool], clock: Clock, wake: Callable[[], None], *, with_locals: bool
    ) -> None:
        self._new_spool = new_spool
        self._clock = clock
        self._wake = wake
        self._with_locals = with_locals
        self.spools: list[Spool] = []  # all that threads may be writing to; two when two began at the same moment
        self._book: tuple[Spool, dict[QuickKey, _Known]] | None = None

    def begin(self) -> tuple[Spool, dict[QuickKey, _Known]]:
        """Make the spool; a forked child does so at its first error."""
        return self._write_to(self._new_spool())

    def rotate(self, *, heal: bool) -> list[Spool]:
        """Replace a full spool, or with `heal` one whose file is lost; the old ones are the caller's to remove."""
        spool = self._book[0] if self._book else None
        if spool is None or not (spool.is_full or (heal and spool.is_lost)):
            return []
        fresh, old = self._new_spool(), list(self.spools)
        if fresh.is_in_memory and not spool.is_full:  # no better than what there is
            return []
        self._write_to(fresh)
        for spool in old:
            self.spools.remove(spool)
        return old

    def _write_to(self, spool: Spool) -> tuple[Spool, dict[QuickKey, _Known]]:
        self.spools.append(spool)
        self._book = (spool, {})
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
        return (self._book or self.begin())[0]

    def exception(
        self,
        error: BaseException,
        *,
        level: Level = Level.ERROR,
        handled: bool = True,
        tags: Mapping[str, object] | None = None,
        logger: str | None = None,
    ) -> str:
        """Capture an exception; the id of its event. One raise is one event, however often its exception is seen."""
        mark = mark_of(error)
        if mark.event_id is not None and not was_raised_anew(error, mark.traceback):
            return mark.event_id
        context, work = (current(), work_at_hand()) if mark.context is None else (mark.context, mark.work)
        values = _known(context, work)
        key = quick_key(error, level)
        event_id = self._repeat(key, values)
        if event_id is None:
            event_id = mark.event_id = new_id(self._clock.now())  # now: its __str__ may capture it, or log it
            mark.traceback = traceback_of(error)
            try:
                exceptions, named = describe(error, with_locals=self._with_locals)
            except BaseException:
                mark.event_id = None
                raise
            record = {
                "id": event_id,
                "kind": Kind.EXCEPTION,
                "level": level,
                "message": exceptions[0]["message"],
                "exceptions": exceptions,
                "handled": handled,
                "logger": logger and _name(logger),
            }
            self._append(record, values, tags, key, named, work)
        mark.event_id, mark.traceback = event_id, traceback_of(error)
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
    ) -> str:
        """Capture a log record or a message; the id of its event. Equal templates at one place are counted."""
        words = _varying(message) if template is None or template == message else hash(template)
        key = (kind, level, logger, words, source, channel)
        work = work_at_hand()
        values = _known(current(), work)
        event_id = self._repeat(key, values)
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
        }
        self._append(record, values, tags, key, [], work)
        return event_id

    def record(
        self, message: str, *, level: Level, channel: str, payload: str | None = None, problem: str | None = None
    ) -> str:
        """Keep an operational record; each is told, none is counted away."""
        event_id = new_id(self._clock.now())
        record = {
            "id": event_id,
            "kind": Kind.RECORD,
            "level": level,
            "message": scrub(message),
            "channel": channel,
            "payload": payload,
            "problem": problem,
        }
        self._append(record, current(), None, None, [], None)
        return event_id

    def _repeat(self, key: QuickKey, context: Mapping[str, object]) -> str | None:
        spool, table = self._book or self.begin()
        known = table.get(key)
        if known is None:
            return None
        now = self._clock.now()
        if not 0 <= now - known.detailed_at < DETAIL_EVERY_S:
            return None
        if context:
            request_id, user = context.get("request_id"), context.get("user")
            spool.count(
                known.slot,
                now,
                None if request_id is None else scrub(printable(request_id), limit=REQUEST_ID_LENGTH_MAX),
                None if user is None else printable(user),
            )
        else:
            spool.count(known.slot, now)
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
        spool, table = self._book or self.begin()
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
        known = table.get(key) if key is not None else None
        slot = known.slot if known else spool.claim_slot() if key is not None else None
        record["slot"] = slot
        if spool.append(record) and key is not None and slot is not None:
            table[key] = _Known(slot, record["id"], now, named)  # after its record: what is counted there has one
        self._wake()


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
