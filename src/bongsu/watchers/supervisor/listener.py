"""The event listener: one thread reads and answers at once, the other one thinks, asks and reports."""

import sys
import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import TextIO

from bongsu.clock import Clock
from bongsu.watchers.report import Report
from bongsu.watchers.supervisor import protocol
from bongsu.watchers.supervisor.lookup import Lookup
from bongsu.watchers.supervisor.protocol import Event, OutOfStepError
from bongsu.watchers.supervisor.rpc import Supervisor
from bongsu.watchers.supervisor.turns import Turns
from bongsu.watchers.tables import Wishes

OUTPUTS_WAITING_MAX = 500  # pieces of output, 32 KiB at most each
EVENTS_WAITING_MAX = 20_000  # all others: small
SILENCE_S = 60.0  # twelve ticks of 5 s
LONGEST_WAIT_S = 5.0


class Listener:
    """Listens until supervisord is gone or stops us."""

    def __init__(
        self,
        *,
        pipe: TextIO,
        answers: TextIO,
        supervisor: Supervisor,
        turns: Turns,
        wishes: Wishes,
        report: Callable[[Report], None],
        clock: Clock,
    ) -> None:
        """`pipe` comes from supervisord (`protocol.stream`), `answers` go to it; nobody else may write there."""
        self._pipe = pipe
        self._answers = answers
        self._supervisor = supervisor
        self._lookup = Lookup(supervisor)
        self._turns = turns
        self._wishes = wishes
        self._report = report
        self._clock = clock
        self._waiting: SimpleQueue[tuple[float, Event] | None] = SimpleQueue()  # None: the end
        self._is_stopped = False
        self._failure = ""
        self._serial: int | None = None
        self._lost = 0  # events of which we never heard
        self._shed = 0  # read, and not kept: too many waited
        self._shed_told = 0

    def run(self) -> int:
        """The exit status: 0 at the end of supervisord, or when it stops us."""
        threading.Thread(target=self._read, name="bongsu-listener", daemon=True).start()
        self._tell(self._turns.begin(self._supervisor.all_infos(), self._clock.now()))
        heard_at, hears_ticks = self._clock.monotonic(), False
        while True:
            try:
                item = self._waiting.get(timeout=self._patience_s())
            except Empty:
                if hears_ticks and self._clock.monotonic() - heard_at > SILENCE_S:
                    self._tell(self._turns.lose(self._clock.now()))
            else:
                if item is None:
                    return self._end()
                at, event = item
                heard_at, hears_ticks = self._clock.monotonic(), hears_ticks or event.name.startswith(protocol.TICK)
                self._take(event, at)
            self._tell(self._turns.due(self._clock.now()))

    def stop(self) -> None:
        """Supervisord, or somebody else, asks us to end; may be called from a signal handler."""
        self._is_stopped = True
        self._waiting.put(None)

    def _read(self) -> None:
        """READY, an event, RESULT; nothing in between that could take time."""
        try:
            while True:
                self._say(protocol.READY)
                event = protocol.receive(self._pipe)
                if event is None:
                    break
                self._keep(event)
                self._say(protocol.RESULT_OK)
        except OutOfStepError as error:
            self._failure = f"what came from supervisord is not its protocol: {error}"
        except OSError:
            pass  # the pipe is closed: supervisord is gone
        self._waiting.put(None)

    def _say(self, words: str) -> None:
        self._answers.write(words)
        self._answers.flush()

    def _keep(self, event: Event) -> None:
        most = OUTPUTS_WAITING_MAX if event.name == protocol.LOG_STDERR else EVENTS_WAITING_MAX
        if self._waiting.qsize() < most:
            self._waiting.put((self._clock.now(), event))
        else:
            self._shed += 1

    def _take(self, event: Event, at: float) -> None:
        lost = protocol.lost_between(self._serial, event.serial)
        self._serial = event.serial
        if lost:
            self._lost += lost
            _warn(f"supervisord threw {lost} events away before we heard of them, {self._lost} in all; see buffer_size")
        if self._shed > self._shed_told:
            self._shed_told = self._shed
            _warn(f"{self._shed} events were left out in all: they came faster than they could be kept")
        self._tell(self._turns.take(event, at, self._lookup.found(event, at)))

    def _end(self) -> int:
        now = self._clock.now()
        if self._failure:
            _warn(self._failure)
            return 1  # supervisord starts us again, and gives us the event once more
        if not self._is_stopped:
            self._tell(self._turns.lose(now))
        elif self._supervisor.is_shutting_down():  # which it does not always tell its listeners in time
            self._tell(self._turns.close(now))
        return 0

    def _patience_s(self) -> float:
        due_at = self._turns.due_at()
        return LONGEST_WAIT_S if due_at is None else min(LONGEST_WAIT_S, max(0.0, due_at - self._clock.now()))

    def _tell(self, reports: Iterable[Report]) -> None:
        for each in reports:
            if (report := self._wishes.applied(each)) is not None:
                self._report(report)


def _warn(text: str) -> None:
    print(f"bongsu: {text}", file=sys.stderr, flush=True)
