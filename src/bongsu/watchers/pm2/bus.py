"""The edge: pm2's two sockets, and the loop that carries their words to `Turns` and its reports on."""

import os
import selectors
import socket
from collections.abc import Callable, Iterable

from bongsu.clock import Clock
from bongsu.ids import new_id
from bongsu.watchers.pm2.hearing import App, heard, listed
from bongsu.watchers.pm2.memory import Known, Memory, daemon_pid
from bongsu.watchers.pm2.turns import Turns
from bongsu.watchers.pm2.wire import Decoder, WireError, encode
from bongsu.watchers.report import Report

EVENTS, CALLS = "pub.sock", "rpc.sock"  # in PM2_HOME
READ_BYTES = 1 << 18
WAIT_LEAST_S = 0.002  # so that no mistake about time can make a busy loop
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 5.0
STEADY_S = 1.0  # a connection that held for so long is made anew at once
COMPLAINTS_MAX = 20
ANSWER_S = 5.0  # getMonitorData takes 5 ms; a busy daemon more
LIST_EVERY_S = 60.0  # pm2 does not say when a stopped app is deleted
UNANSWERED_MAX = 2  # calls in a row; then the daemon hangs
CONNECT_S = 1.0  # a socket of this machine
_LOST = "lost"  # which its report says
SETTLED_S = 60.0  # nothing waits longer than that; for a clock that was set back, and at the end


class Bus:
    """One daemon, over all its lives, for as long as the watcher runs."""

    def __init__(
        self,
        home: str,
        turns: Turns,
        memory: Memory,
        report: Callable[[Report], None],
        say: Callable[[str], None],
        clock: Clock,
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._home = home
        self._memory = memory
        self._turns = turns
        self._report = report
        self._say = say
        self._clock = clock
        self._answer_s = answer_s
        self._selector = selectors.DefaultSelector()
        self._events: _Connection | None = None
        self._call: _Connection | None = None
        self._call_until = 0.0  # monotonic
        self._unanswered = 0  # calls in a row
        self._is_caught_up = False  # a list of all apps came since the connection
        self._asked_at = 0.0
        self._is_known = False  # the daemon was there, and nobody has told that it is gone
        self._connected_at = 0.0  # monotonic, as all that follows
        self._retry_at, self._retry_s = 0.0, RETRY_FIRST_S
        self._last_now = 0.0
        self._said = ""
        self._complaints: set[str] = set()

    def run(self, stop: int) -> None:
        """Watch until there is something to read from the descriptor `stop`."""
        self._selector.register(stop, selectors.EVENT_READ)
        try:
            self._recall()
            while not self._turn(stop):
                self._keep()
            self._hand_in(self._turns.passed(self._clock.now() + SETTLED_S))
            self._keep()
        finally:
            self._hang_up()
            self._selector.close()

    def _recall(self) -> None:
        known = self._memory.recall()
        if known is None:
            return
        self._turns.remember(known.apps, is_lost=not known.daemon)
        self._is_known = known.daemon > 0 and known.daemon == daemon_pid(self._home)
        if known.daemon and not self._is_known:  # it went while nobody watched
            self._hand_in(self._turns.lost(self._clock.now()))

    def _keep(self) -> None:
        if self._is_caught_up or self._said == _LOST:
            pid = daemon_pid(self._home) if self._is_known else 0
            self._memory.keep(Known(daemon=pid, apps=self._turns.known()))

    def _turn(self, stop: int) -> bool:
        if self._events is None and self._clock.monotonic() >= self._retry_at:
            self._connect()
        ready = self._selector.select(self._wait_s())
        for key, _ in ready:
            if self._events is not None and key.fd == self._events.descriptor:
                self._hear(self._events)
            elif self._call is not None and key.fd == self._call.descriptor:
                self._take_answer(self._call)
        self._pass_time()
        return any(key.fd == stop for key, _ in ready)

    def _wait_s(self) -> float | None:
        """Until something is due; None: until somebody says something."""
        now, moment = self._clock.now(), self._clock.monotonic()
        waits = []
        if self._events is None:
            waits.append(self._retry_at - moment)
        else:
            waits.append((self._next_list_at() if self._call is None else self._call_until) - moment)
        if (due_at := self._turns.due_at()) is not None:
            waits.append(due_at - now)
        return max(WAIT_LEAST_S, min(waits)) if waits else None

    def _pass_time(self) -> None:
        now = self._clock.now()
        if now < self._last_now - 1.0:  # set back: what waits for a time that was near then is told
            self._hand_in(self._turns.passed(self._last_now + SETTLED_S))
        self._last_now = now
        self._hand_in(self._turns.passed(now))
        if self._events is None:
            return
        if self._call is not None and self._clock.monotonic() >= self._call_until:
            self._end_call()
            self._unanswered += 1
            if self._unanswered == UNANSWERED_MAX:
                self._hand_in(self._turns.hung(UNANSWERED_MAX * self._answer_s, now))
        if self._call is None and self._clock.monotonic() >= self._next_list_at():
            self._ask()

    def _next_list_at(self) -> float:
        """When to ask for all apps again."""
        if self._is_caught_up and not self._unanswered:
            return self._call_until - self._answer_s + (0.0 if self._turns.wants_list else LIST_EVERY_S)
        return self._call_until

    # -- the bus of events

    def _connect(self) -> None:
        try:
            self._events = _Connection(self._home, EVENTS, self._selector)
        except OSError as error:
            self._miss(error)
            return
        self._connected_at = self._clock.monotonic()
        self._retry_s, self._is_caught_up, self._call_until, self._said = RETRY_FIRST_S, False, 0.0, ""
        self._ask()

    def _miss(self, error: OSError) -> None:
        if self._is_known:
            self._is_known = False
            self._said = _LOST
            self._hand_in(self._turns.lost(self._clock.now()))
        self._tell(_reason(error, self._home))
        self._retry_at = self._clock.monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, RETRY_MOST_S)

    def _hear(self, line: "_Connection") -> None:
        piece = line.read()
        if piece is None:
            return
        try:
            for message in line.decoder.feed(piece):
                what = heard(message)
                if what is not None:
                    self._hand_in(self._turns.hear(what, self._clock.now()))
        except WireError as error:
            self._complain(f"The connection to pm2 is given up, and made anew: {error}.")
            piece = b""
        if not piece:
            self._hang_up()
            moment = self._clock.monotonic()
            self._retry_at = moment + (0.0 if moment - self._connected_at >= STEADY_S else RETRY_FIRST_S)

    def _hang_up(self) -> None:
        for line in (self._events, self._call):
            if line is not None:
                line.close()
        self._events = self._call = None

    # -- calls

    def _ask(self) -> None:
        """Ask for all apps; the answer comes when it comes."""
        self._asked_at, self._call_until = self._clock.now(), self._clock.monotonic() + self._answer_s
        try:
            self._call = _Connection(self._home, CALLS, self._selector)
            self._call.send(encode({"type": "call", "method": "getMonitorData", "args": [{}]}, new_id(0.0)))
        except OSError:
            self._end_call()

    def _take_answer(self, line: "_Connection") -> None:
        piece = line.read()
        if piece is None:
            return
        try:
            answers = [apps for message in line.decoder.feed(piece) if (apps := listed(message)) is not None]
        except WireError as error:
            self._complain(f"pm2 gave no list of its apps: {error}.")
            answers, piece = [], b""
        if answers:
            self._is_known = True
            self._take_list(answers[0], self._clock.now())
        if answers or not piece:
            self._end_call()

    def _take_list(self, apps: tuple[App, ...], now: float) -> None:
        self._unanswered = 0
        if self._is_caught_up:
            self._hand_in(self._turns.listed(apps, self._asked_at, now))
        else:
            self._hand_in(self._turns.back(apps, self._asked_at, now))
        self._is_caught_up = True

    def _end_call(self) -> None:
        if self._call is not None:
            self._call.close()
        self._call = None
        self._turns.wants_list = False

    # -- what both need

    def _hand_in(self, reports: Iterable[Report]) -> None:
        for report in reports:
            self._report(report)

    def _complain(self, text: str) -> None:
        """Say it once."""
        if len(self._complaints) < COMPLAINTS_MAX and text not in self._complaints:
            self._complaints.add(text)
            self._say(text)

    def _tell(self, text: str) -> None:
        """Say it once, until something else is to be said."""
        if text != self._said and self._said != _LOST:
            self._said = text
            self._say(text)


class _Connection:
    """A connection to one of the sockets."""

    def __init__(self, home: str, name: str, selector: selectors.BaseSelector) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._selector = selector
        self.decoder = Decoder()
        try:
            self._socket.settimeout(CONNECT_S)
            self._socket.connect(os.path.join(home, name))
        except OSError:
            self._socket.close()
            raise
        self.descriptor = self._socket.fileno()
        selector.register(self._socket, selectors.EVENT_READ)

    def send(self, message: bytes) -> None:
        self._socket.sendall(message)

    def read(self) -> bytes | None:
        """What has come; empty: the other side is gone; None: nothing yet."""
        try:
            return self._socket.recv(READ_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def _reason(error: OSError, home: str) -> str:
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            return f"pm2 is not running in {home}: waiting for it."
        case PermissionError():
            return f"The sockets of pm2 in {home} belong to another user: run this as that user."
    return f"pm2 in {home} cannot be reached ({error.strerror or error}): waiting."
