"""The loop of `bongsu run`: sleeps until a signal comes, a child dies, a thread has something, or a time is due."""

import contextlib
import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterable

from bongsu.clock import Clock
from bongsu.watchers import probe
from bongsu.watchers.run import deaths, launch
from bongsu.watchers.run.foreground import READS_OR_WRITES, Foreground
from bongsu.watchers.run.life import Life, Phase

STOPPING = frozenset({int(signal.SIGTERM), int(signal.SIGINT)})
KEYS = frozenset(
    {int(signal.SIGINT), int(signal.SIGQUIT), int(signal.SIGTSTP)}
)  # a terminal sends them to all in a job
ENDED_BY_KEY = frozenset({deaths.SIGNALLED + signal.SIGINT, deaths.SIGNALLED + signal.SIGQUIT})
READ_BYTES = 4_096


class Inbox:
    """Where everything arrives that ends a sleep: signals as their numbers, tasks of other threads as a zero."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self._tasks: deque[Callable[[], None]] = deque()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)

    def take_signals(self, held: Iterable[int]) -> None:
        """From now on signals come here; those that our parent has us ignore are left alone."""
        signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        for number in launch.WATCHED:
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)
        launch.let_signals(held)

    def let_stops_end_us(self) -> None:
        """All is over and kept: whoever wants us to end now need not wait."""
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)

    def wake(self) -> None:
        """From any thread."""
        with contextlib.suppress(BlockingIOError):  # it is full of wakes
            os.write(self._in, b"\0")

    def post(self, task: Callable[[], None]) -> None:
        """Do this in the loop; from any thread."""
        self._tasks.append(task)
        self.wake()

    def wait(self, timeout_s: float | None) -> list[int]:
        """The signals that came; tasks are done."""
        numbers: list[int] = []
        if self._poll.poll(None if timeout_s is None else max(0, round(timeout_s * 1_000 + 0.5))):
            with contextlib.suppress(BlockingIOError):
                numbers = [number for number in os.read(self._out, READ_BYTES) if number]
        while self._tasks:
            self._tasks.popleft()()
        return numbers


class Loop:
    """Carries the services until all are over."""

    def __init__(self, lives: Iterable[Life], inbox: Inbox, clock: Clock, foreground: Foreground) -> None:
        self.is_stopping = False  # an operator wants it
        self._lives = tuple(lives)
        self._inbox = inbox
        self._clock = clock
        self._foreground = foreground
        self._is_attended = any(os.isatty(number) for number in (0, 1, 2))

    def run(self, early_pid: int | None = None) -> int:
        """Start all, and return when all are over: the worst exit status."""
        for life in self._lives:
            self._start(life, early_pid)
        while True:
            self._tick()
            if all(life.phase is Phase.OVER for life in self._lives):
                break
            for number in sorted(set(self._inbox.wait(self._patience_s())), key=_children_last):
                self._on_signal(number)
        self._foreground.take(restore=False)
        return max((life.exit_status for life in self._lives), default=0)

    def _start(self, life: Life, early_pid: int | None) -> None:
        life.start(early_pid)
        self._show(life)

    @property
    def _alone(self) -> Life | None:
        """The only command, if it runs: several cannot share the terminal."""
        life, *others = self._lives
        return life if life.is_alive and not others else None

    def _show(self, life: Life) -> None:
        """Give a command that begins or goes on the terminal."""
        if life is self._alone and self._foreground.is_wanted_at_once:
            self._foreground.give(life.pid)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        for life in self._lives:
            if now >= life.due_at() or life.phase is Phase.ENDED:
                was_alive = life.is_alive
                life.tick(now)
                if not was_alive:
                    self._show(life)

    def _patience_s(self) -> float | None:
        due_at = min(life.due_at() for life in self._lives)
        return None if due_at == float("inf") else due_at - self._clock.monotonic()

    # -- signals

    def _on_signal(self, number: int) -> None:
        to_group = self._is_attended and number in KEYS
        if number == signal.SIGCHLD:
            self._reap()
        elif number in STOPPING:
            self._on_stop(number, to_group=to_group)
        elif number == signal.SIGTSTP:
            self._suspend(number)
        elif number == signal.SIGCONT:
            self._go_on()
        else:
            for life in self._lives:
                life.pass_on(number, to_group=to_group)

    def _on_stop(self, number: int, *, to_group: bool) -> None:
        is_second_key = self.is_stopping and number == signal.SIGINT
        self.is_stopping = True
        for life in self._lives:
            life.kill() if is_second_key else life.stop(number, to_group=to_group)

    def _suspend(self, number: int) -> None:
        """Ctrl-Z, or an order like it: all stop; and go on when a shell says so."""
        for life in self._lives:
            life.pass_on(number, to_group=True)
        is_followed = self._alone is not None and self._foreground.is_ours  # when it stops, and if it does
        if self._is_attended and not is_followed:
            self._foreground.stop_ourselves()
            self._go_on()

    def _go_on(self) -> None:
        self._foreground.look()
        for life in self._lives:
            self._show(life)
            life.pass_on(signal.SIGCONT, to_group=True)

    # -- children

    def _reap(self) -> None:
        """Bury whoever has died: our commands, and orphans that became ours."""
        by_pid = {life.pid: life for life in self._lives if life.is_alive}
        for life in by_pid.values():
            self._look_whether_stopped(life)
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in by_pid:
                self._bury(by_pid[pid], status, used.ru_maxrss)

    def _bury(self, life: Life, status: int, peak: int) -> None:
        was_shown = self._foreground.is_given
        self._foreground.take(restore=os.WIFSIGNALED(status))
        if was_shown and deaths.exit_status(status) in ENDED_BY_KEY:
            self.is_stopping = True
            life.stopped_at_terminal()
        life.died(deaths.Death(status=status, peak_bytes=self._peak_bytes(peak)))

    def _peak_bytes(self, peak: int) -> int | None:
        """The most memory it used. Until a command is loaded it has ours, which the kernel counts as its own."""
        import resource

        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * probe.MAXRSS_UNIT if peak > own else None

    def _look_whether_stopped(self, life: Life) -> None:
        """As a shell would: a command that wants the terminal gets it, and one that was stopped there stops us."""
        number = probe.stopped_by(life.pid)
        if number is None or life is not self._alone:
            return
        if number not in READS_OR_WRITES:
            self._stop_too()
        elif self._foreground.is_ours:
            self._foreground.give(life.pid)
            life.pass_on(signal.SIGCONT, to_group=True)
        elif self._is_attended:
            self._foreground.stop_ourselves()  # it goes on when we are told to: before that it would only ask again

    def _stop_too(self) -> None:
        if self._foreground.is_ours or self._foreground.is_given:
            self._foreground.take(restore=True)
            self._foreground.stop_ourselves()
            self._go_on()


def _children_last(number: int) -> bool:
    """An order to stop that came together with an end was given before it, as far as anybody can tell."""
    return number == signal.SIGCHLD
