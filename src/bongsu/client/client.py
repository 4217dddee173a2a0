"""The client: one configured Bongsu inside one program."""

import atexit
import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bongsu.alerting.group import Schedule
from bongsu.capture.exceptions import printable
from bongsu.capture.faults import FaultFile, fault_record
from bongsu.capture.hooks import Hooks
from bongsu.capture.log_records import LogRecords, level_of, message_of, template_of
from bongsu.capture.reading import header_of_process
from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import FAULT, Spool, make_directory
from bongsu.client.arrivals import Arrivals
from bongsu.client.callers import callers_line
from bongsu.client.guard import guarded
from bongsu.client.leader import born
from bongsu.client.outcomes import Outcomes
from bongsu.client.payloads import payload_of, problems_of, text_of
from bongsu.client.telling import STATE_DIR, tell
from bongsu.client.worker import Worker
from bongsu.clock import SYSTEM, Clock, utc_offset_s
from bongsu.config import Settings
from bongsu.delivery.channel import Channel
from bongsu.errors import PayloadError
from bongsu.event import Kind, Level
from bongsu.messages.style import Style

if TYPE_CHECKING:
    from bongsu.client.processes import Processes

EXIT_FLUSH_S = 2.0  # at a normal exit
FATAL_FLUSH_S = 1.0  # when the program dies of an exception
STOP_S = 1.0  # for our threads to end
FORK_WAIT_S = 1.0  # for a transaction to end before the process is copied
LOG_DEPTH_MAX = 3  # a log record made while another one is captured is captured too, but not without end
LOGGING_LEVELS = {
    Level.DEBUG: logging.DEBUG,
    Level.INFO: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.ERROR: logging.ERROR,
    Level.FATAL: logging.CRITICAL,
}


class Client:
    """Captures in this process and sees to delivery. `start` hooks it into the program, `close` takes it out.

    Without `start` it delivers what it is given, and the program notices nothing of it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = SYSTEM,
        schedule: Schedule | None = None,
        open_channel: Callable[[str], Channel] | None = None,
    ) -> None:
        """`clock`, `schedule` and `open_channel` (takes a channel's name) are for tests and demonstrations."""
        self.settings = settings
        self._clock = clock
        self._schedule = schedule or settings.schedule
        self._open_channel = open_channel or self._open
        self._spool_dir = os.path.join(settings.state_dir, "spool")
        self._header = self._header_here()
        self.recorder = Recorder(self._new_spool, clock, self._wake, with_locals=settings.locals)
        self.outcomes = Outcomes(self.recorder, clock, tells_answers=settings.http_5xx)
        self._worker: Worker | None = None
        self._made: dict[str, Worker] = {}
        self._starting_worker = threading.Lock()  # never waited for
        self._gated = threading.local()  # two threads may fork at once, and one of them not get the gate in time
        self._hooks: Hooks | None = None
        self._log_records: LogRecords | None = None
        self._arrivals: Arrivals | None = None
        self._faults: FaultFile | None = None
        self._log_depth = threading.local()
        self._fatal = False
        self._started = self._ended = self._closed = False

    def start(self) -> None:
        """Hook into the program and begin to work."""
        self._started = True
        self._faults = FaultFile(self._fault_path(self.recorder.begin().spool))
        self._hooks = Hooks(self._uncaught)
        self._log_records = LogRecords(self._logged, LOGGING_LEVELS[self.settings.level])
        if self.settings.integrations:
            self._arrivals = Arrivals()
        self.outcomes.declare_all()
        atexit.register(self._at_exit)
        self._wake()

    def unhook(self) -> None:
        """Leave the program as it was before `start`; idempotent."""
        for part in (self._arrivals, self._hooks, self._log_records):
            if part is not None:
                part.remove()
        if self._faults is not None:
            self._faults.close()
        self._arrivals = self._hooks = self._log_records = self._faults = None
        atexit.unregister(self._at_exit)

    def close(self, timeout_s: float = EXIT_FLUSH_S) -> None:
        """Unhook, and deliver what can be delivered in that time."""
        if self._closed:
            return
        self.unhook()
        self._deliver_and_stop(timeout_s)
        self._closed = True
        self.recorder.let_go()

    def _deliver_and_stop(self, timeout_s: float) -> None:
        """What is captured after it goes to a spool of its own, for the next start."""
        self._ended = True
        if self._worker is None and not self.recorder.spools:
            return  # a forked child that captured nothing
        worker = self.worker
        deadline = self._clock.monotonic() + timeout_s
        if not worker.flush(timeout_s) and self._started:
            tell("kept", "not all is delivered yet. It is kept for the next start; see `bongsu outbox`.")
        spools = worker.spools()
        with worker.entered(max(0.0, deadline - self._clock.monotonic())):  # no look of it begins a new spool then
            self.recorder.leave()
        # A run that still goes on dies with this process: who finds its spool tells so.
        left_s = max(0.0, deadline - self._clock.monotonic())
        finished = [spool for spool in spools if worker.has_taken(spool, left_s) and not self.outcomes.has_runs]
        worker.stop(min(STOP_S, max(0.0, deadline - self._clock.monotonic())))
        for spool in spools:
            spool.remove() if spool in finished else spool.release()

    @property
    def worker(self) -> Worker:
        """The worker of this process; a forked child gets its own when it first needs one.

        No lock: a signal handler may need the worker while the thread that it interrupted is making it.
        """
        if self._worker is None:
            self._worker = self._made.setdefault("worker", self._new_worker())  # atomic: all take the first one made
        return self._worker

    # -- doors in

    def capture_exception(
        self, error: BaseException | None, level: str | None, tags: Mapping[str, object]
    ) -> str | None:
        """Capture an exception, by default the one being handled; None when there is none."""
        error = sys.exc_info()[1] if error is None else error
        if error is None or self._closed:
            return None
        if not issubclass(type(error), BaseException):  # a text, a type, sys.exc_info(): told, if not as well
            return self.capture_message(error, level or Level.ERROR, None, tags)
        return self.recorder.exception(error, level=_level(level, Level.ERROR), tags=tags)

    def capture_message(
        self, text: object, level: str | None, channel: str | None, tags: Mapping[str, object]
    ) -> str | None:
        """Capture a message; equal ones are one problem."""
        if self._closed:
            return None
        return self.recorder.text(
            Kind.MESSAGE,
            printable(text),
            level=_level(level, Level.WARNING),
            channel=channel,
            tags=tags,
            source=callers_line(),
        )

    def report(self, error: BaseException, fatal: bool, tags: Mapping[str, object] | None) -> str | None:
        """Capture an exception that an integration saw leave the host's code."""
        if self._closed:
            return None
        level = Level.FATAL if fatal else Level.ERROR
        return self.recorder.exception(error, level=level, handled=False, tags=tags)

    @guarded(None)
    def answered(self, method: str, route: str | None, status: int, *, told: bool) -> None:
        """Count an answer, for an integration. `route` is the template; `told`: its exception is an event already."""
        if not self._closed:
            self.outcomes.answered(method, route, status, told=told)

    def notify(self, what: object, channel: str, level_name: str | None) -> str | None:
        """Keep an operational record: a text, a Slack payload, or anything with `to_payload()`."""
        if self._closed:
            return None
        level, channel = _level(level_name, Level.INFO), printable(channel)
        if isinstance(what, str):
            return self.recorder.record(what, level=level, channel=channel)
        payload = payload_of(what)
        problems = problems_of(payload)
        if problems and self.settings.strict:
            raise PayloadError("; ".join(problems))
        for problem in problems:
            tell(f"payload {problem}", f"notify: {problem}. The message is sent as plain text.")
        text = text_of(payload)
        if problems:
            return self.recorder.record(text, level=level, channel=channel, problem=problems[0])
        return self.recorder.record(text, level=level, channel=channel, payload=json.dumps(payload))

    @property
    def processes(self) -> "Processes":
        """The door for watchers of other processes."""
        from bongsu.client.processes import Processes

        return Processes(self.recorder, self._clock, self.settings.state_dir, pid=os.getpid())

    def flush(self, timeout_s: float) -> bool:
        """Wait until all is delivered; False when the time is over first."""
        return self._ended or self.worker.flush(timeout_s)

    # -- what the interpreter tells

    @guarded(None)
    def _uncaught(self, error: BaseException, fatal: bool) -> None:
        if hasattr(sys, "ps1"):
            return  # a prompt: who made the mistake is reading it
        self.recorder.exception(error, level=Level.FATAL if fatal else Level.ERROR, handled=False)
        self._fatal = self._fatal or fatal

    @guarded(None)
    def _logged(self, record: logging.LogRecord) -> None:
        depth = getattr(self._log_depth, "value", 0)
        if depth >= LOG_DEPTH_MAX or threading.current_thread().name.startswith("bongsu-"):
            return  # what our own work makes others log is never an event: it would feed itself
        self._log_depth.value = depth + 1
        try:
            self._capture_record(record)
        finally:
            self._log_depth.value = depth

    def _capture_record(self, record: logging.LogRecord) -> None:
        level = level_of(record.levelno)
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(error, BaseException):
            self.recorder.exception(error, level=level, logger=record.name)
            return
        self.recorder.text(
            Kind.LOG,
            message_of(record),
            level=level,
            template=template_of(record),
            logger=record.name,
            source=f"{record.pathname}:{record.lineno}",
        )

    @guarded(None)
    def _at_exit(self) -> None:
        self._deliver_and_stop(FATAL_FLUSH_S if self._fatal else EXIT_FLUSH_S)

    # -- fork

    def before_fork(self) -> None:
        """No transaction and no import of ours is under way while the process is copied, FORK_WAIT_S at most."""
        worker = self._worker
        self._gated.by = worker if worker is not None and worker.gate.acquire(timeout=FORK_WAIT_S) else None

    def after_fork_in_parent(self) -> None:
        worker = getattr(self._gated, "by", None)
        if worker is not None:
            worker.gate.release()

    def after_fork_in_child(self) -> None:
        """The child begins anew: its own spool and worker at its first error, nothing of the parent's touched."""
        if self._worker is not None:
            self._worker.forget()
        self._worker = None
        self._made = {}
        self._starting_worker = threading.Lock()
        self.recorder.let_go()  # the parent's spool stays the parent's
        self._faults = None  # and so does its file for crashes, which goes on to take ours
        self._log_depth = threading.local()
        self._header = self._header_here()
        self._fatal = False

    # -- inside

    def _wake(self) -> None:
        worker = self._worker
        if worker is not None and worker.has_started:
            worker.bell.ring()
        elif self._starting_worker.acquire(blocking=False):
            try:
                self.worker.start()
            finally:
                self._starting_worker.release()

    def _new_worker(self) -> Worker:
        return Worker(
            self.settings,
            self._spool_dir,
            self.recorder,
            self._header,
            self._clock,
            self._open_channel,
            schedule=self._schedule,
            takes_over=self._started,
            each_look=self._look,
        )

    def _new_spool(self) -> Spool:
        with contextlib.suppress(OSError):  # the spool says so
            make_directory(self._spool_dir, levels=2)
        spool = Spool(self._spool_dir, f"{os.getpid()}-{os.urandom(4).hex()}", self._header)
        if spool.trouble:
            trouble = f"cannot write to {self._spool_dir}: {spool.trouble}"
            tell(STATE_DIR, f"{trouble}. Going on in memory; alerts are still sent.")
        return spool

    def _header_here(self) -> dict[str, Any]:
        settings = self.settings
        return header_of_process(
            app=settings.app,
            environment=settings.environment,
            release=settings.release,
            host=socket.gethostname(),
            cwd=_working_directory(),
            pid=os.getpid(),
            born=born(os.getpid()),
        )

    def _open(self, channel: str) -> Channel:
        with self.worker.gate:  # no fork while something is imported
            from bongsu.delivery import http, words
            from bongsu.delivery.channels import open_channel

            http.load(secure=self.settings.destinations[channel].url.startswith("https:"))
            assert words, "imported for the day when something is refused"
        style = Style(
            language=self.settings.language,
            utc_offset_s=utc_offset_s(self._clock.now(), self.settings.timezone),
            links=self.settings.links,
            mention=self.settings.channels[channel].calls,
        )
        with self.worker.gate:  # it imports its own
            return open_channel(self.settings.destinations[channel], style, clock=self._clock)

    def _look(self) -> None:
        """Once a second, on the worker's thread."""
        if self._faults is None or self._ended:
            return
        self.outcomes.declare_all()
        if text := self._faults.take():  # a forked child died with our file
            self.recorder.spool.append(fault_record(text, os.urandom(16).hex(), self._clock.now()))
        path = self._fault_path(self.recorder.spool)
        if path != self._faults.path:  # a new spool began: who adopts it looks for its crash under its name
            before, self._faults = self._faults, FaultFile(path, instead_of=self._faults)
            before.close(relieved=True)

    def _fault_path(self, spool: Spool) -> str:
        return os.path.join(self._spool_dir, spool.name + FAULT)


def _level(name: str | None, otherwise: Level) -> Level:
    if name is None:
        return otherwise
    known = _LEVELS.get(name)
    if known is None:
        tell(f"level {name!r}", f"level {name!r} is not known; write one of {', '.join(Level)}. Taken as {otherwise}.")
    return known or otherwise


_LEVELS = {level.value: level for level in Level}


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # removed under us
        return os.sep
