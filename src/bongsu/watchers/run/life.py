"""One service from its first start to its last end. The loop calls it: a child has died, a time has come, a signal."""

import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bongsu.clock import Clock
from bongsu.event import Ending, Process, ProcessState, Why
from bongsu.watchers import causes, probe, traces
from bongsu.watchers.report import Report, Trace, Turn
from bongsu.watchers.run import deaths, restarting
from bongsu.watchers.run.copying import Copy, Last
from bongsu.watchers.run.launch import spawn
from bongsu.watchers.run.restarting import End, Next, Step, Streak
from bongsu.watchers.run.settings import Service
from bongsu.watchers.run.vigil import NEVER, Seen, Sight, Vigil

if TYPE_CHECKING:
    from bongsu.watchers.run.health import Health, Standing

DRAIN_S = 0.5  # for its last lines to be read; only a reader of ours that is slow needs longer
LEFT_BEHIND_EVERY_S = 0.05  # between two looks whether those it left behind have ended
EARLY_S = 1.0  # the first run begins before we can look at the clock
STDERR = 2


class Phase(StrEnum):
    """Where a service stands."""

    RUNNING = "running"
    ENDED = "ended"  # its last lines are being read
    CLEARING = "clearing"  # what it left behind is being stopped
    RESTING = "resting"  # before it is started again
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a service needs of its surroundings."""

    clock: Clock
    report: Callable[[Report], None]
    say: Callable[[str], None]  # a sentence for our stderr
    post: Callable[[Callable[[], None]], None]  # do this in the loop; from any thread
    has_told: Callable[[int, float], bool]  # whether the library in that process has told of an error since then
    trace_in: Callable[[tuple[str, ...]], Trace | None]  # what is found in the last lines
    held: frozenset[int]  # signals that commands have to keep back
    has_input: bool


class Life:
    """A service. Nothing here waits: `due_at` says when `tick` wants to be called."""

    def __init__(self, service: Service, environ: Mapping[str, str], copies: Iterable[Copy], world: World) -> None:
        self.service = service
        self.phase = Phase.RESTING
        self.pid = 0
        self.exit_status = 0
        self._world = world
        self._environ = environ
        self._copies = tuple(copies)
        self._starts = 0
        self._started_at = self._started = 0.0  # since the epoch; monotonic
        self._due = {Phase.RESTING: 0.0}  # when each phase wants to be looked at; monotonic
        self._kill_at = NEVER
        self._why: Why | None = None  # we have stopped it ourselves
        self._is_stopping = False
        self._drains: tuple[int, ...] = ()
        self._ended: tuple[Ending, Process] | None = None
        self._last = Ending()
        self._step = Step(next=Next.OVER, streak=Streak())
        self._vigil: Vigil | None = None
        self._is_silent = False
        self._health = self._new_health()

    @property
    def is_alive(self) -> bool:
        return self.phase is Phase.RUNNING

    @property
    def needs_stderr(self) -> Copy | None:
        """The copy whose last lines belong to a report."""
        return next((copy for copy in self._copies if copy.wire.to == STDERR), None)

    # -- starts

    def start(self, pid: int | None = None) -> None:
        """Start it; or take over what has been started already."""
        world = self._world
        if pid is None:
            for copy in self._copies:
                copy.take_last()  # what others wrote meanwhile is not its own
        self._started_at, self._started = world.clock.now(), world.clock.monotonic()
        self._starts += 1
        self._why, self._kill_at = None, NEVER
        try:
            outputs = [(copy.wire.theirs, copy.wire.to) for copy in self._copies]
            self.pid = pid or spawn(
                self.service.command, self._environ, world.held, outputs=outputs, has_input=world.has_input
            )
        except OSError as error:
            self._refused(error)
            return
        self._runs()

    def _runs(self) -> None:
        self.phase = Phase.RUNNING
        self._vigil = Vigil(
            self.pid,
            self._started,
            max_memory=self.service.max_memory,
            no_output_for_s=self.service.no_output_for_s,
            is_silent=self._is_silent,
        )
        if self._health is not None:
            self._health.is_running = True
        self._tell(Turn.STARTED, self._process(ProcessState.RUNNING), is_announced=self._starts == 1)

    def _refused(self, error: OSError) -> None:
        refusal = deaths.refusal(self.service.command, error)
        self.pid, self.exit_status = 0, refusal.exit_status
        self._world.say(refusal.sentence)
        self._decide(refusal.ending, has_run=False)
        self._tell(Turn.ENDED, self._ending_process(refusal.ending, ()))
        self._go_on()

    # -- ends

    def died(self, death: deaths.Death) -> None:
        """It has ended: read its last lines, then tell."""
        if self._health is not None:
            self._health.is_running = False
        ending = deaths.ending(death.status, self._why_of(death.status))
        self.exit_status = deaths.exit_status(death.status)
        self._decide(ending, has_run=True)
        self._ended = ending, replace(self._ending_process(ending, ()), peak_bytes=death.peak_bytes)
        self._drains = tuple(copy.drain() for copy in self._copies)
        self.phase = Phase.ENDED
        self._due[Phase.ENDED] = self._world.clock.monotonic() + DRAIN_S

    def _why_of(self, status: int) -> Why | None:
        if self._why is not None or not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            return self._why
        vigil = self._vigil
        is_counted = vigil is not None and deaths.has_risen(vigil.kills, vigil.kills_now())
        is_killed = is_counted or probe.was_killed_by_kernel(self.pid, self._world.clock.monotonic())
        return Why.OUT_OF_MEMORY if is_killed else None

    def _decide(self, ending: Ending, *, has_run: bool) -> None:
        clock = self._world.clock
        self._last = ending
        end = End(
            is_clean=ending.is_clean and ending.why is None,
            is_wanted=self._is_stopping,
            has_run=has_run,
            uptime_s=clock.monotonic() - self._started,
            at=clock.now(),
        )
        self._step = restarting.step(self.service.rules, self._step.streak, end, is_first=self._starts == 1)

    def _ending_process(self, ending: Ending, output: tuple[str, ...]) -> Process:
        clock, streak = self._world.clock, self._step.streak
        state = {Next.AGAIN: ProcessState.BACKOFF, Next.GIVE_UP: ProcessState.FATAL}.get(
            self._step.next, ProcessState.STOPPED if self._is_stopping else ProcessState.EXITED
        )
        return replace(
            self._process(state),
            ending=ending,
            by_operator=self._is_stopping,
            uptime_s=clock.monotonic() - self._started,
            restarts=streak.restarts,
            window_s=clock.now() - streak.began_at if streak.restarts else 0.0,
            output=output,
        )

    def _tell_end(self) -> None:
        assert self._ended is not None
        (ending, process), self._ended = self._ended, None
        stderr = self.needs_stderr
        last = stderr.take_last() if stderr else Last()
        output = last.lines()
        is_failure = not ending.is_clean and not process.by_operator
        trace = self._world.trace_in(last.recent()) if is_failure and causes.is_of_stack(ending) else None
        if ending.why is None and is_failure and traces.heap_exhausted(output):
            self._last = ending = replace(ending, why=Why.HEAP_EXHAUSTED)
        is_told = is_failure and causes.may_be_told(ending) and self._has_told()
        self._tell(
            Turn.ENDED,
            replace(process, ending=ending, output=output if is_failure else ()),
            trace=trace,
            is_announced=process.by_operator is True,
            is_told=is_told,
        )
        self._say_end(ending)

    def _has_told(self) -> bool:
        """Whether the library inside has, just before the end; what it told of long ago is another matter."""
        since = self._world.clock.now() - causes.SINCE_S
        return self._world.has_told(self.pid, max(self._started_at - EARLY_S, since))

    def _say_end(self, ending: Ending) -> None:
        step, name, how = self._step, self.service.name, deaths.told(ending)
        if step.next is Next.AGAIN:
            self._world.say(f"{name} ended: {how}. It is started again in {step.delay_s:g} s.")
        elif ending.why is Why.STOP_TIMED_OUT:
            self._world.say(f"{name} did not stop within {self.service.stop_timeout_s:g} s and was killed.")

    def _go_on(self) -> None:
        """What follows its end, and that of those it left behind."""
        if self._step.next is Next.AGAIN and not self._is_stopping:
            self.phase = Phase.RESTING
            self._due[Phase.RESTING] = self._world.clock.monotonic() + self._step.delay_s
            return
        if self._step.next is Next.AGAIN:
            self._tell_stop()
        elif self._step.next is Next.GIVE_UP:
            self._give_up()
        if self._health is not None:
            self._health.end()
        self.phase = Phase.OVER

    def _give_up(self) -> None:
        streak = self._step.streak
        self._tell(Turn.GAVE_UP, self._ending_process(self._last, ()))
        self._world.say(
            f"{self.service.name} was started again {streak.restarts} times and ended each time: giving up."
        )
        self.exit_status = self.exit_status or deaths.UNCLEAN

    # -- time

    def due_at(self) -> float:
        """When `tick` wants to be called."""
        match self.phase:
            case Phase.RUNNING:
                return min(self._kill_at, self._vigil.due_at() if self._vigil else NEVER)
            case Phase.OVER:
                return NEVER
        return min(self._kill_at, self._due[self.phase])

    def tick(self, now: float) -> None:
        """Do what is due."""
        if now >= self._kill_at:
            self._kill()
        match self.phase:
            case Phase.RUNNING:
                self._watch(now)
            case Phase.ENDED:
                if now >= self._due[Phase.ENDED] or self._is_read():
                    self._tell_end()
                    self._clear(now)
            case Phase.CLEARING:
                if now >= self._due[Phase.CLEARING]:
                    self._clear(now)
            case Phase.RESTING:
                if now >= self._due[Phase.RESTING]:
                    self.start()

    def _is_read(self) -> bool:
        return all(copy.drains >= asked for copy, asked in zip(self._copies, self._drains, strict=True))

    def _clear(self, now: float) -> None:
        """Stop those of its group that it left behind; who has left the group, as daemons do, goes on."""
        if self.pid == 0 or not probe.send_to_group(self.pid, 0):
            self._go_on()
            return
        if self.phase is not Phase.CLEARING:
            self.phase = Phase.CLEARING
            probe.send_to_group(self.pid, signal.SIGTERM)
            probe.send_to_group(self.pid, signal.SIGCONT)
            self._kill_at = min(self._kill_at, now + self.service.stop_timeout_s)
        self._due[Phase.CLEARING] = now + LEFT_BEHIND_EVERY_S

    def _watch(self, now: float) -> None:
        assert self._vigil is not None
        written_at = max((copy.written_at for copy in self._copies), default=now)
        for seen in self._vigil.look(now, written_at):
            self._saw(seen)

    def _saw(self, seen: Seen) -> None:
        name = self.service.name
        match seen.sight:
            case Sight.OVER_MEMORY:
                limit = self.service.max_memory or 0
                running = self._process(ProcessState.RUNNING)
                self._tell(Turn.OVER_MEMORY, running, used_bytes=seen.used_bytes, limit_bytes=limit)
                self._world.say(f"{name} uses {seen.used_bytes >> 20} MiB of {limit >> 20} MiB: it is stopped.")
                self._stop(Why.MEMORY_LIMIT, signal.SIGTERM)
            case Sight.SILENT:
                self._is_silent = True
                text = f"no output for {seen.span_s:.0f} s"
                self._tell(Turn.HUNG, self._process(ProcessState.RUNNING), text=text, span_s=seen.span_s)
            case Sight.WRITES_AGAIN:
                self._is_silent = False
                self._tell(Turn.HEALTHY, self._process(ProcessState.RUNNING))

    def _answered(self, standing: "Standing", problem: str) -> None:
        process = self._process(ProcessState.RUNNING)
        if problem:
            span_s = self._world.clock.monotonic() - standing.failed_at
            self._tell(Turn.HUNG, process, text=problem, span_s=span_s)
        else:
            self._tell(Turn.HEALTHY, process)

    def _new_health(self) -> "Health | None":
        question, world = self.service.health, self._world
        if question is None:
            return None
        from bongsu.watchers.run.health import Health  # loads http.client, ssl and email: 4 MiB

        health = Health(
            question,
            self._environ,
            world.held,
            lambda standing, problem: world.post(lambda: self._answered(standing, problem)),
        )
        health.start()
        return health

    # -- stops

    def pass_on(self, number: int, *, to_group: bool) -> None:
        """Forward a signal."""
        if self.is_alive:
            send = probe.send_to_group if to_group or self.service.is_shell else probe.send
            send(self.pid, number)

    def stop(self, number: int, *, to_group: bool) -> None:
        """An operator wants it to end."""
        if self.phase is Phase.RESTING:
            self._is_stopping = True
            self._go_on()
        elif self._is_stopping:
            self.pass_on(number, to_group=to_group)
        elif self.phase is not Phase.OVER:
            self._stop(None, number, to_group=to_group)

    def stopped_at_terminal(self) -> None:
        """It ended by the key for it, before we could know."""
        self._is_stopping = True

    def kill(self) -> None:
        """At once."""
        if self.phase in (Phase.RUNNING, Phase.CLEARING):
            probe.send_to_group(self.pid, signal.SIGKILL)

    def _stop(self, why: Why | None, number: int, *, to_group: bool = False) -> None:
        self._why = why
        self._is_stopping = why is None
        self.pass_on(number, to_group=to_group)
        self.pass_on(signal.SIGCONT, to_group=to_group)  # one that is stopped would not hear it
        self._kill_at = self._world.clock.monotonic() + self.service.stop_timeout_s

    def _kill(self) -> None:
        self._kill_at = NEVER
        if self.is_alive:
            self._why = self._why or Why.STOP_TIMED_OUT
        self.kill()

    def _tell_stop(self) -> None:
        """It was stopped between two runs."""
        process = replace(self._process(ProcessState.STOPPED), pid=0, by_operator=True)
        self._tell(Turn.ENDED, process, is_announced=True, is_told=True)

    # -- tells

    def _process(self, state: ProcessState) -> Process:
        service = self.service
        return Process(
            name=service.name,
            watcher="run",
            state=state,
            pid=self.pid,
            command=deaths.written(service.command, is_shell=service.is_shell),
        )

    def _tell(self, turn: Turn, process: Process, **more: object) -> None:
        report = Report(turn=turn, at=self._world.clock.now(), process=process)
        self._world.report(replace(report, **more))  # type: ignore[arg-type]
