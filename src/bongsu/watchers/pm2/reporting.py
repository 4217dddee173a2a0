"""Reports about apps of pm2, as the team wants them."""

from collections.abc import Callable
from dataclasses import dataclass

from bongsu.event import Ending, Process, ProcessState
from bongsu.watchers.pm2.hearing import App
from bongsu.watchers.pm2.life import Asked, Death, ending_of
from bongsu.watchers.pm2.settings import Pm2Settings, Switch
from bongsu.watchers.report import Report, Trace, Turn

MANAGER = "pm2"  # its own name, and what its apps are watched by


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Draws up reports; the switches have a say."""

    settings: Pm2Settings
    has_told: Callable[[int, float], bool]  # whether the library inside a process told of an exception since then

    def tells(self, switch: Switch) -> bool:
        return switch in self.settings.on

    def started(self, app: App, pid: int, now: float, *, is_announced: bool = False) -> Report:
        """It runs."""
        process = _process(app, ProcessState.RUNNING, pid)
        at = min(app.started_at or now, now)
        return self._of(Turn.STARTED, app, process, at, is_announced=is_announced)

    def asked_for(self, asked: Asked, app: App, *, is_announced: bool = False) -> Report:
        """It was stopped, and somebody wanted that."""
        ended = asked.app or app
        process = _process(ended, ProcessState.STOPPED, asked.pid, Ending(), by_operator=True, ended_at=asked.at)
        return self._of(Turn.ENDED, ended, process, asked.at, is_announced=is_announced)

    def died(self, death: Death, trace: Trace | None, output: tuple[str, ...]) -> Report:
        """It ended, and nobody had asked for it."""
        app = death.app
        ending = ending_of(death, trace, output)
        state = ProcessState.BACKOFF if app.is_restarted else ProcessState.EXITED
        process = _process(app, state, death.pid, ending, by_operator=False, ended_at=death.at, output=output)
        is_told = not self.tells(Switch.EXIT) or (trace is not None and self._has_told(death))
        return self._of(Turn.ENDED, app, process, death.at, trace=trace, is_told=is_told)

    def found_dead(self, app: App, pid: int, now: float, *, is_told: bool) -> Report:
        """It ended while nobody looked."""
        ending = Ending(code=app.exit_code) if app.exit_code else Ending()
        process = _process(app, ProcessState.EXITED, pid, ending)
        return self._of(Turn.ENDED, app, process, now, is_told=is_told or not self.tells(Switch.EXIT))

    def gave_up(self, app: App, ending: Ending, now: float) -> list[Report]:
        """pm2 starts it no more."""
        process = _process(app, ProcessState.FATAL, 0, ending, by_operator=False)
        return [self._of(Turn.GAVE_UP, app, process, now)] if self.tells(Switch.OVERLIMIT) else []

    def over_memory(self, app: App, pid: int, used_bytes: int, limit_bytes: int, now: float) -> list[Report]:
        """It uses more than it may."""
        process = _process(app, ProcessState.STOPPING, pid)
        report = self._of(Turn.OVER_MEMORY, app, process, now, used_bytes=used_bytes, limit_bytes=limit_bytes)
        return [report] if self.tells(Switch.EXIT) else []

    def failed(self, app: App, pid: int, trace: Trace, now: float) -> Report:
        """An exception, and it lives on."""
        return self._of(Turn.FAILED, app, _process(app, ProcessState.RUNNING, pid), now, trace=trace)

    def line(self, app: App, pid: int, text: str, times: int, now: float) -> Report:
        """What it wrote, outside of stacks."""
        return self._of(Turn.LINE, app, _process(app, ProcessState.RUNNING, pid), now, text=text, times=times)

    def done(self, turn: Turn, app: App, now: float, *, is_record: bool = False) -> Report:
        """What an operator did; or the record of it, which may come later, and for several apps."""
        process = _process(app, _AFTER.get(turn, ProcessState.RUNNING), 0, by_operator=True)
        return self._of(turn, app, process, now, is_announced=is_record, is_record=is_record)

    def manager(self, turn: Turn, now: float, *, by_operator: bool | None = None) -> Report:
        """pm2 itself is gone, or back."""
        state = ProcessState.EXITED if turn is Turn.LOST else ProcessState.RUNNING
        process = Process(name=MANAGER, watcher=MANAGER, state=state, by_operator=by_operator)
        return Report(turn=turn, at=now, process=process, host=self.settings.servername)

    def _has_told(self, death: Death) -> bool:
        return death.pid > 0 and self.has_told(death.pid, death.app.started_at)

    def _of(self, turn: Turn, app: App, process: Process, at: float, **more: object) -> Report:
        return Report(
            turn=turn,
            at=at,
            process=process,
            instance=app.id,
            channel=self.settings.wishes.channel(app.name),
            cwd=app.cwd,
            host=self.settings.servername,
            **more,  # type: ignore[arg-type]
        )


_AFTER = {Turn.ENDED: ProcessState.STOPPED, Turn.DELETED: ProcessState.STOPPED}


def _process(
    app: App,
    state: ProcessState,
    pid: int,
    ending: Ending | None = None,
    *,
    by_operator: bool | None = None,
    ended_at: float | None = None,
    output: tuple[str, ...] = (),
) -> Process:
    lived_s = None if ended_at is None or not app.started_at else max(0.0, ended_at - app.started_at)
    return Process(
        name=app.name,
        watcher=MANAGER,
        state=state,
        pid=pid,
        ending=ending,
        by_operator=by_operator,
        uptime_s=lived_s,
        command=app.command,
        output=output,
    )
