"""One process of an app: what is known of it, and what waits for the next word of pm2."""

from dataclasses import dataclass, field, replace

from bongsu.event import Ending, Why
from bongsu.watchers.output import Tail
from bongsu.watchers.pm2.hearing import NO_SIGNAL, App, Exited
from bongsu.watchers.pm2.lines import Lines
from bongsu.watchers.report import Trace
from bongsu.watchers.stacks import Stacks
from bongsu.watchers.traces import Assembler, heap_exhausted

LAST_WORDS_S = 0.1  # stderr may come after the exit; a program needs longer to start
STAGE_S = 0.25  # `start` or `restart` follows `online` after 0 to 4 ms
ASKED_S = 1.0  # `stop` follows the second exit after 2 ms, the first one after 0.1 s; after a deletion nothing follows
HOLD_S = 0.5  # a crash follows its stack after about 15 ms; a loaded machine may take longer
HELD_MAX = 50  # stacks that wait at once, of one app
TOLD_MAX = 20  # exceptions of one app that are told in TOLD_PER_S; the others are counted
TOLD_PER_S = 5.0


@dataclass(slots=True, kw_only=True)
class Death:
    """An end that nobody asked for: its last words may still come."""

    app: App
    at: float
    due_at: float
    pid: int = 0
    exited: Exited | None = None
    is_over_memory: bool = False
    is_last: bool = False  # pm2 starts it no more


@dataclass(slots=True, kw_only=True)
class Asked:
    """A stop that somebody asked for: what it is part of is told later, or never."""

    at: float
    due_at: float
    app: App | None = None  # that has ended; None: it has not, or did not run
    pid: int = 0


@dataclass(slots=True, kw_only=True)
class Begun:
    """A start: by whom is told later, or never."""

    app: App
    due_at: float
    was_down: bool  # for good, not between two runs


class Budget:
    """How many exceptions may be told now."""

    def __init__(self) -> None:
        self._since = 0.0
        self._told = 0

    def allows(self, now: float) -> bool:
        """Ask for one."""
        if not 0.0 <= now - self._since < TOLD_PER_S:
            self._since, self._told = now, 0
        self._told += 1
        return self._told <= TOLD_MAX


@dataclass(slots=True)
class Stream:
    """What an app writes into one of its two streams."""

    assembler: Assembler
    lines: Lines = field(default_factory=Lines)


@dataclass(slots=True)
class Life:
    """One process under pm2's number; it goes on over restarts."""

    app: App
    errors: Stream
    output: Stream
    is_up: bool = True
    is_down: bool = False  # for good: stopped, errored, or done
    pid: int = 0
    heard_at: float = 0.0  # of one of its stages
    tail: Tail = field(default_factory=Tail)
    stacks: Stacks = field(default_factory=lambda: Stacks(hold_s=HOLD_S, most=HELD_MAX))
    failures: Budget = field(default_factory=Budget)
    exited: Exited | None = None
    is_stopping: bool = False  # in this run: the daemon was asked to stop it
    is_over_memory: bool = False
    is_last: bool = False
    death: Death | None = None
    asked: Asked | None = None
    begun: Begun | None = None

    @classmethod
    def of(cls, app: App) -> "Life":
        """Of an app that runs, as far as anybody knows."""
        return cls(app=app, errors=Stream(Assembler(app.cwd)), output=Stream(Assembler(app.cwd)))

    def due_at(self) -> float | None:
        """When time itself tells something; None: only another word does."""
        times = [each.due_at for each in (self.death, self.begun, self.asked) if each is not None]
        streams = [each for stream in (self.errors, self.output) for each in (stream.assembler, stream.lines)]
        times += [at for each in (*streams, self.stacks) if (at := each.due_at()) is not None]
        return min(times, default=None)

    def known(self) -> tuple[App, bool]:
        """The app as far as it has been told, and whether it is up."""
        if self.death is not None:
            return replace(self.death.app, pid=self.death.pid), True
        return replace(self.app, pid=self.pid), self.is_up

    def begin(self, app: App, now: float) -> None:
        """A new run. The last words of the one before are still waited for."""
        due_at = max(now + STAGE_S, self.death.due_at if self.death else 0.0)
        self.begun = Begun(app=app, due_at=due_at, was_down=self.is_down)
        self.app, self.is_up, self.is_down, self.pid = app, True, False, 0
        self.exited = None
        self.is_stopping = self.is_over_memory = self.is_last = False

    def die(self, app: App, at: float, exited: Exited | None, now: float) -> None:
        """The run has ended by itself."""
        self.is_up, self.is_down = False, self.is_last or not app.is_restarted
        self.death = Death(
            app=app,
            at=at,
            due_at=now + LAST_WORDS_S,
            pid=self.pid,
            exited=exited,
            is_over_memory=self.is_over_memory,
            is_last=self.is_last,
        )

    def is_repeat(self, app: App) -> bool:
        """Whether an exit is the second one of a stop: nothing runs, or the run has begun since."""
        return not self.is_up or 0.0 < app.started_at < self.app.started_at


def ending_of(death: Death, trace: Trace | None, output: tuple[str, ...]) -> Ending:
    """How it ended, as far as pm2 lets anybody know."""
    code, signal = _said(death)
    if death.is_over_memory:
        return Ending(signal=signal, why=Why.MEMORY_LIMIT)
    if signal:
        is_heap = signal == "SIGABRT" and heap_exhausted(output)
        return Ending(signal=signal, why=Why.HEAP_EXHAUSTED if is_heap else None)
    if code:
        return Ending(code=code)
    # Status 0, SIGINT, and in cluster mode also an exception look alike. A job that is not started again is believed.
    return Ending(code=0) if trace is None and not death.app.is_restarted else Ending()


def _said(death: Death) -> tuple[int, str]:
    """The status, 0 if nobody knows, and the signal."""
    if death.exited is None:
        return death.app.exit_code or 0, ""
    signal = death.exited.signal
    return death.exited.code, "" if signal == NO_SIGNAL or not signal.startswith("SIG") else signal
