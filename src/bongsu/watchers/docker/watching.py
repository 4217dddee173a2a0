"""Watching Docker: one thread listens and finds the daemon again, the other one thinks, asks and reports."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from bongsu.clock import Clock
from bongsu.watchers import causes, traces
from bongsu.watchers.docker import reading
from bongsu.watchers.docker.daemon import Daemon
from bongsu.watchers.docker.reading import Container, Event
from bongsu.watchers.docker.turns import Turns
from bongsu.watchers.output import Tail
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.tables import Wishes

PAUSE_LEAST_S = 0.1  # between two attempts to find the daemon; doubles
PAUSE_MOST_S = 5.0
WAITING_MAX = 20_000  # events
LONGEST_WAIT_S = 5.0
REPEATED_MAX = 256  # events that Docker keeps for those who come back
LOG_LATER_S = 0.05  # a program's last line may be stamped a little later than its end; the next run begins 0.1 s later


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The daemon cannot be reached."""

    why: str


class Watching:
    """Watches until stopped."""

    def __init__(self, *, daemon: Daemon, wishes: Wishes, report: Callable[[Report], None], clock: Clock) -> None:
        self._daemon = daemon
        self._wishes = wishes
        self._report = report
        self._clock = clock
        self._turns = Turns()
        self._waiting: SimpleQueue[Event | list[Container] | Gone | None] = SimpleQueue()  # None: the end
        self._pause = threading.Event()  # never set
        self._shed = 0  # events that were not kept: too many waited
        self._heard: deque[Event] = deque(maxlen=REPEATED_MAX)  # the last events

    def run(self) -> int:
        """The exit status, once stopped."""
        threading.Thread(target=self._listen, name="bongsu-docker", daemon=True).start()
        while True:
            try:
                item = self._waiting.get(timeout=self._patience_s())
            except Empty:
                pass
            else:
                if item is None:
                    self._tell(self._turns.due(float("inf")))
                    return 0
                self._take(item)
            self._tell(self._turns.due(self._clock.now()))

    def stop(self) -> None:
        """May be called from a signal handler."""
        self._waiting.put(None)

    # -- the thread that listens

    def _listen(self) -> None:
        pause_s = PAUSE_LEAST_S
        since_ns = int(self._clock.now() * 1e9)
        while True:
            try:
                for line in self._daemon.events(since_ns):
                    pause_s = PAUSE_LEAST_S
                    if line:
                        self._keep(line)
                    else:
                        self._waiting.put(reading.containers(self._daemon.containers()))
                why = "it closed the connection"
            except OSError as error:
                why = str(error)
            self._waiting.put(Gone(why=why))
            since_ns = self._heard[-1].serial if self._heard else since_ns
            self._pause.wait(pause_s)
            pause_s = min(PAUSE_MOST_S, 2 * pause_s)

    def _keep(self, line: bytes) -> None:
        event = reading.event(line)
        if event is None or event in self._heard:  # `since` gives the last one once more
            return
        self._heard.append(event)  # times are no order: two come at once, and clocks are set back
        if self._waiting.qsize() < WAITING_MAX:
            self._waiting.put(event)
        else:
            self._shed += 1
            if self._shed.bit_count() == 1:  # 1, 2, 4, 8 …
                _warn(f"{self._shed} events were left out in all: they came faster than they could be kept")

    # -- the thread that thinks

    def _take(self, item: Event | list[Container] | Gone) -> None:
        now = self._clock.now()
        match item:
            case Event():
                self._tell(self._turns.take(item, now))
            case Gone():
                reports = list(self._turns.lose(now))
                if reports:
                    _warn(f"Docker cannot be reached: {item.why}")
                self._tell(reports)
            case _:
                self._tell(self._turns.begin(item, now))

    def _patience_s(self) -> float:
        due_at = self._turns.due_at()
        return LONGEST_WAIT_S if due_at is None else min(LONGEST_WAIT_S, max(0.0, due_at - self._clock.now()))

    def _tell(self, reports: Iterable[Report]) -> None:
        for each in reports:
            if (report := self._wishes.applied(each)) is not None:
                self._report(self._with_more(report))

    def _with_more(self, report: Report) -> Report:
        """What the event does not say of a bad end, or of a failed health check."""
        process = report.process
        try:
            if report.turn is Turn.HUNG:
                return replace(report, text=reading.health(self._daemon.inspect(report.instance)))
            if report.turn is Turn.ENDED and not process.by_operator and process.ending and not process.ending.is_clean:
                since = self._turns.logs_since(report.instance)
                lines = self._last_lines(report, since)
                recent = self._last_lines(report, max(since, report.at - causes.SINCE_S))
                trace = traces.newest(recent, "") if causes.is_of_stack(process.ending) else None
                return replace(report, process=replace(process, output=lines), trace=trace)
        except OSError as error:
            _warn(f"nothing more is known of {process.name}: {error}")
        return report

    def _last_lines(self, report: Report, since: float) -> tuple[str, ...]:
        """Of stderr; of stdout where there is none, as in a container with a terminal."""
        tail = Tail()
        for stream in ("stderr", "stdout"):
            body = self._daemon.last_output(report.instance, stream, since, report.at + LOG_LATER_S)
            tail.feed(reading.log_bytes(body))
            if body:
                break
        return tail.lines()


def _warn(text: str) -> None:
    print(f"bongsu: {text}", file=sys.stderr, flush=True)
