"""pm2's words to reports: what was heard comes in with the time, and time alone by `passed`.

Nothing is read here but, by `traces`, the source files that a stack names.

what pm2 says                                       what it was
"exited with code", exit                            a death, if nobody had asked for a stop
"Stopping app", exit (stopping), exit (stopped)     a stop; the second exit is the first one again
… then stop                                         by an operator
… then online, restart                              a restart by an operator
… then online                                       a restart by pm2: its cron, its watch on files
… then nothing, and the app is listed no more       deleted
"exceeds --max-memory-restart", the same            a death by memory limit
online while it runs, exits of `_old_3`, reload     a reload in cluster mode
online, start                                       started by an operator
online                                              started again by pm2
restart overlimit, exit                             a death, and pm2 gives up

Fork and cluster mode do the same in all of these but reload.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bongsu.event import Ending
from bongsu.watchers.output import Tail
from bongsu.watchers.pm2.hearing import App, Exited, Heard, Killed, OverMemory, Staged, Stopping, Threw, Wrote
from bongsu.watchers.pm2.life import ASKED_S, Asked, Life, Stream, ending_of
from bongsu.watchers.pm2.records import Records
from bongsu.watchers.pm2.reporting import Reporter
from bongsu.watchers.pm2.settings import Switch
from bongsu.watchers.report import Report, Trace, TraceError, Turn
from bongsu.watchers.stacks import Source
from bongsu.watchers.traces import FATAL_TYPE, Found, newest, of_stack

MORE_EXCEPTIONS = "(more exceptions)"
UPDATE_S = 10.0  # `pm2 update` kills the daemon and has it back after 1 s; many apps take longer


class Turns:
    """The apps of one daemon, and what happens to them."""

    def __init__(self, reporter: Reporter, lives: Callable[[int], bool]) -> None:
        """`lives`: whether a process with that pid is there."""
        self._reporter = reporter
        self._is_alive = lives
        self._lives: dict[str, Life] = {}
        self._records = Records()
        self._is_killed = False  # the daemon says that it is being stopped
        self._killed: tuple[Report, float] | None = None  # that it is gone, and when that is told
        self._is_lost = False
        self._was_there = False
        self._is_hung = False
        self._loose: Exited | None = None  # of an app that is not known yet
        self.wants_list = False  # a list of the apps, with their pids, would be of use

    # -- what is heard

    def hear(self, what: Heard, now: float) -> list[Report]:
        """Take in a word of the daemon."""
        return list(self._heard(what, now))

    def _heard(self, what: Heard, now: float) -> Iterator[Report]:
        match what:
            case Staged(app=app):
                life = self._life(app)
                if life is not None:
                    yield from self._staged(life, what, now)
            case Wrote(app=app) | Threw(app=app):
                life = self._life(app)
                if life is not None:
                    self._said(life, what, now)
            case Exited(id=number) | Stopping(id=number) | OverMemory(id=number):
                life = self._lives.get(number)
                if life is not None:
                    yield from self._noted(life, what, now)
                elif isinstance(what, Exited):
                    self._loose = what
            case Killed():
                self._is_killed = True

    def _staged(self, life: Life, what: Staged, now: float) -> Iterator[Report]:
        life.heard_at = now
        match what.stage:
            case "online":
                yield from self._flush_begun(life, now)
                life.begin(what.app, now)
                self.wants_list = True
            case "exit":
                yield from self._exit(life, what, now)
            case "start":
                yield from self._flush_begun(life, now)
                self._record(Switch.START, Turn.STARTED, life.app, now)
            case "restart" | "reload" | "graceful reload":
                yield from self._restart(life, what.stage, now)
            case "restart overlimit":
                life.is_last = True
            case "stop":
                yield from self._flush_begun(life, now)
                yield from self._flush_death(life, now)
                asked, life.asked = life.asked or Asked(at=now, due_at=now), None
                yield self._reporter.asked_for(asked, life.app)
                life.is_up, life.is_down = False, True
                self._record(Switch.STOP, Turn.ENDED, life.app, now)

    def _exit(self, life: Life, what: Staged, now: float) -> Iterator[Report]:
        exited, life.exited = life.exited or self._loose, None
        exited, self._loose = exited if exited and exited.id == life.app.id else None, None
        if life.is_repeat(what.app):
            if life.asked:
                life.asked.due_at = now + ASKED_S
            return
        yield from self._flush_begun(life, now)
        at = min(what.at or now, now)
        is_asked = what.app.status == "stopping" or life.is_stopping
        if not is_asked or life.is_over_memory:
            life.die(what.app, at, exited, now)
            return
        yield from self._interrupted(life, now)
        life.is_up = False
        life.asked = Asked(at=at, due_at=now + ASKED_S, app=what.app, pid=life.pid)

    def _restart(self, life: Life, stage: str, now: float) -> Iterator[Report]:
        was_down = life.begun is not None and life.begun.was_down and life.asked is None
        yield from self._flush_begun(life, now)
        if was_down:
            self._record(Switch.START, Turn.STARTED, life.app, now)
        elif stage == "restart":
            self._record(Switch.RESTART, Turn.RESTARTED, life.app, now)
        else:
            self._record(Switch.RELOAD, Turn.RELOADED, life.app, now)

    def _noted(self, life: Life, what: Exited | Stopping | OverMemory, now: float) -> Iterator[Report]:
        match what:
            case Exited():
                life.exited = what
            case Stopping():
                self._read(life, life.errors, life.errors.assembler.flush(now), now)
                life.is_stopping = True
                if not life.is_up:
                    life.asked = life.asked or Asked(at=now, due_at=now + ASKED_S)
            case OverMemory(used_bytes=used, limit_bytes=limit):
                life.is_over_memory = True
                yield from self._reporter.over_memory(life.app, life.pid, used, limit, now)

    def _said(self, life: Life, what: Wrote | Threw, now: float) -> None:
        match what:
            case Threw():
                self._hold(life, _trace(what, life.app.cwd), Source.WRAPPER, now)
            case Wrote(is_error=True):
                life.tail.feed(what.text.encode("utf-8", "replace"))
                self._read(life, life.errors, life.errors.assembler.feed(what.text, now), now)
            case Wrote() if self._reporter.tells(Switch.LOG):
                self._read(life, life.output, life.output.assembler.feed(what.text, now), now)

    # -- lists

    def listed(self, apps: Iterable[App], since: float, now: float) -> list[Report]:
        """Take in a list of all apps, which was asked for at `since`: what was heard after that may be newer."""
        self.wants_list = False
        return [*self._answers(now), *self._listed({app.id: app for app in apps}, since, now)]

    def _listed(self, apps: dict[str, App], since: float, now: float) -> Iterator[Report]:
        for app in apps.values():
            life = self._life(app)
            if life is not None and life.app.started_at == app.started_at:
                life.pid = app.pid if life.is_up else 0
        for number, life in list(self._lives.items()):
            if number not in apps and life.heard_at < since:
                yield from self._missing(number, now)

    def back(self, apps: Iterable[App], since: float, now: float) -> list[Report]:
        """The daemon is there, or there again, with these apps: tell what happened meanwhile."""
        self.wants_list = False
        listed = {app.id: app for app in apps}
        is_news = self._is_lost or not self._was_there
        reports = [self._reporter.manager(Turn.BACK, now)] if is_news else []
        reports += [*self._answers(now), *self._caught_up(listed, since, now)]
        self._is_lost, self._is_killed, self._was_there = False, False, True
        self._killed = None
        return reports

    def _caught_up(self, apps: dict[str, App], since: float, now: float) -> Iterator[Report]:
        silent = {number for number, life in self._lives.items() if life.heard_at < since}
        for app in apps.values():
            if app.id in silent:
                yield from self._compared(self._lives[app.id], app, now)
            elif app.id not in self._lives and (life := self._life(app)) is not None:
                yield from self._found(life, app, now)
        yield from self._listed(apps, since, now)

    def _found(self, life: Life, app: App, now: float) -> Iterator[Report]:
        life.is_up, life.is_down, life.pid = app.is_up, not app.is_up, app.pid
        if app.is_up:
            yield self._reporter.started(app, app.pid, now)
        elif app.status == "errored":
            yield from self._reporter.gave_up(app, Ending(code=app.exit_code) if app.exit_code else Ending(), now)

    def _compared(self, life: Life, app: App, now: float) -> Iterator[Report]:
        if life.is_up == app.is_up and life.app.started_at == app.started_at:
            life.pid = app.pid
            return
        if life.is_up:
            yield self._reporter.found_dead(app, life.pid, now, is_told=self._is_lost)
        life.app, life.is_stopping = app, False
        yield from self._found(life, app, now)

    def _missing(self, number: str, now: float) -> Iterator[Report]:
        """It was known, and is listed no more: deleted; or the daemon came back without it.

        What runs in fork mode outlives a daemon that is killed. Then only that is wrong which was told of the daemon.
        """
        life = self._lives[number]
        if not self._is_lost:
            yield from self._deleted(number, now)
            return
        if life.is_up and not (life.pid and self._is_alive(life.pid)):
            yield self._reporter.found_dead(life.app, life.pid, now, is_told=False)
        del self._lives[number]

    def _deleted(self, number: str, now: float) -> Iterator[Report]:
        life = self._lives.pop(number)
        if life.is_up:
            yield self._reporter.asked_for(Asked(at=now, due_at=now, pid=life.pid), life.app)
        yield self._reporter.done(Turn.DELETED, life.app, now)
        self._record(Switch.DELETE, Turn.DELETED, life.app, now)

    def hung(self, span_s: float, now: float) -> list[Report]:
        """The daemon is there, and has not answered for so long."""
        self._is_hung = True
        report = self._reporter.manager(Turn.HUNG, now)
        return [replace(report, span_s=span_s, text="It does not say which apps there are.")]

    def _answers(self, now: float) -> list[Report]:
        was_hung, self._is_hung = self._is_hung, False
        return [self._reporter.manager(Turn.HEALTHY, now)] if was_hung else []

    def remember(self, apps: Iterable[tuple[App, bool]], *, is_lost: bool) -> None:
        """What an earlier watcher knew: the apps, whether they were up, and whether the daemon was gone."""
        for app, is_up in apps:
            life = self._life(app)
            if life is not None:
                life.is_up, life.is_down, life.pid = is_up, not is_up, app.pid
        self._is_lost = is_lost

    def known(self) -> tuple[tuple[App, bool], ...]:
        """The apps for a later watcher."""
        return tuple(life.known() for life in self._lives.values())

    def lost(self, now: float) -> list[Report]:
        """The daemon is gone."""
        return list(self._went(now))

    def _went(self, now: float) -> Iterator[Report]:
        if self._is_killed:
            self._records.forget(Turn.DELETED)
        for life in self._lives.values():
            yield from self._flush_begun(life, now)
            yield from self._flush_death(life, now)
            yield from self._flush_asked(life, now)
        yield from self._records.due(now)
        report = self._reporter.manager(Turn.LOST, now, by_operator=self._is_killed)
        if not self._is_killed:
            yield report
        elif self._reporter.tells(Switch.KILL):
            self._killed = report, now + UPDATE_S
        self._is_lost, self.wants_list = True, False

    # -- what time tells

    def due_at(self) -> float | None:
        """When `passed` has something to tell; None: not before another word."""
        times = [life.due_at() for life in self._lives.values()]
        times += [self._records.due_at(), self._killed[1] if self._killed else None]
        return min((at for at in times if at is not None), default=None)

    def passed(self, now: float) -> list[Report]:
        """Let time pass."""
        reports = [report for life in self._lives.values() for report in self._passed(life, now)]
        if self._killed is not None and self._killed[1] <= now:
            reports.append(self._killed[0])
            self._killed = None
        return [*reports, *self._records.due(now)]

    def _passed(self, life: Life, now: float) -> Iterator[Report]:
        for stream in (life.errors, life.output):
            due_at = stream.assembler.due_at()
            if due_at is not None and due_at <= now:
                self._read(life, stream, stream.assembler.flush(now), now)
        if life.death and life.death.due_at <= now:
            yield from self._flush_death(life, now)
        if life.begun and life.begun.due_at <= now:
            yield from self._flush_begun(life, now)
        if life.asked and life.asked.due_at <= now:
            yield from self._flush_asked(life, now)
        yield from self._failed(life, life.stacks.ripe(now), now)
        for stream in (life.errors, life.output):
            for text, times in stream.lines.due(now):
                yield self._reporter.line(life.app, life.pid, text, times, now)

    def _flush_death(self, life: Life, now: float) -> Iterator[Report]:
        death, life.death = life.death, None
        if death is None:
            return
        self._read(life, life.errors, life.errors.assembler.flush(now), now)
        output, life.tail = life.tail.lines(), Tail()
        held = life.stacks.take()
        ending = ending_of(death, held[-1] if held else None, output)
        cause = held.pop() if held and _explains(held[-1], ending) else None
        yield from self._failed(life, held, now)
        if cause is None:
            life.errors.lines.drop(len(output))
        yield self._reporter.died(death, cause, output)
        if death.is_last:
            yield from self._reporter.gave_up(death.app, ending, now)

    def _flush_begun(self, life: Life, now: float) -> Iterator[Report]:
        """It has started; what ended before that is told first."""
        begun, life.begun = life.begun, None
        if begun is None:
            return
        yield from self._flush_death(life, now)
        yield from self._flush_asked(life, now)
        is_announced = self._reporter.tells(Switch.ONLINE)
        yield self._reporter.started(begun.app, life.pid, now, is_announced=is_announced)

    def _flush_asked(self, life: Life, now: float) -> Iterator[Report]:
        """Nobody says what the stop was part of."""
        asked, life.asked = life.asked, None
        if asked is None:
            return
        if asked.app is not None:
            yield self._reporter.asked_for(asked, life.app)
        if not life.is_up:
            life.is_down = self.wants_list = True

    def _interrupted(self, life: Life, now: float) -> Iterator[Report]:
        """What an app writes when it is asked to stop is no problem: Python's KeyboardInterrupt."""
        life.is_stopping = True
        self._read(life, life.errors, life.errors.assembler.flush(now), now)
        yield from self._failed(life, life.stacks.take(), now)
        life.tail = Tail()

    def _failed(self, life: Life, found: Iterable[Trace], now: float) -> Iterator[Report]:
        for trace in found:
            if not self._reporter.tells(Switch.EXCEPTION):
                continue
            if life.failures.allows(now):
                yield self._reporter.failed(life.app, life.pid, trace, now)
            else:
                life.errors.lines.add(MORE_EXCEPTIONS, now)

    # -- what they are made of

    def _life(self, app: App) -> Life | None:
        """The life of an app; None: nobody wants to hear of it. `_old_3` is one that a reload has replaced."""
        life = self._lives.get(app.id)
        if life is not None:
            return life
        if not app.id.isdecimal() or self._reporter.settings.ignores(app.name, is_module=app.is_module):
            return None
        return self._lives.setdefault(app.id, Life.of(app))

    def _read(self, life: Life, stream: Stream, items: Iterable[Found], now: float) -> None:
        switch = Switch.ERROR if stream is life.errors else Switch.LOG
        for item in items:
            if isinstance(item, Trace):
                self._hold(life, item, Source.OUTPUT, now)
            elif self._reporter.tells(switch):
                stream.lines.add(item, now)

    def _hold(self, life: Life, trace: Trace, source: Source, now: float) -> None:
        if not life.is_stopping or life.death is not None:
            life.stacks.add(trace, source, now)

    def _record(self, switch: Switch, turn: Turn, app: App, now: float) -> None:
        if self._reporter.tells(switch):
            self._records.add(self._reporter.done(turn, app, now, is_record=True), now)


def _explains(trace: Trace, ending: Ending) -> bool:
    """Whether a stack can be what it died of: a signal comes from outside, unless the interpreter itself fell."""
    return ending.why is None and (not ending.signal or trace.errors[0].type == FATAL_TYPE)


def _trace(what: Threw, cwd: str) -> Trace:
    found = newest(what.stack.splitlines(), cwd) or of_stack(what.stack)
    return found or Trace(errors=(TraceError(type=what.type or "Error", module="", message=what.message, frames=()),))
