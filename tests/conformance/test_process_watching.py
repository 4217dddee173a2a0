"""Reports of watchers taken in: one problem through all its stages, whatever becomes of the watcher."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from program import HEADER, POLICY, Program

from bongsu.alerting.decision import Reason
from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import FAULT
from bongsu.client.intake.processes import ASK_AGAIN_S
from bongsu.client.processes import OUTPUT_LINE_MAX, Processes
from bongsu.event import Ending, Event, Kind, Level, Problem, Process, ProcessState, Why
from bongsu.outcomes.processes import STABLE_S
from bongsu.testing import FakeClock
from bongsu.watchers.output import LINES_MAX
from bongsu.watchers.report import Report, Trace, TraceError, TraceFrame, Turn

FAILED = Ending(code=1)
CHECKIN = Process(name="checkin", watcher="run", state=ProcessState.EXITED, pid=4711, ending=FAILED)
VALUE_ERROR = TraceError(
    type="ValueError",
    module="builtins",
    message="no room",
    frames=(TraceFrame(function="book", module="rooms", path="/srv/shop/rooms.py", line=7),),
)


class Watcher:
    """What reports, and the program whose store takes it in."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.door = self.door_of(os.getpid())

    def door_of(self, pid: int) -> Processes:
        return Processes(self.program.recorder, self.program.clock, self.program.folder, pid=pid)

    def says(self, turn: Turn, process: Process = CHECKIN, **more: object) -> None:
        at = self.program.clock.now()
        self.door.report(Report(turn=turn, at=at, process=process, **more))  # type: ignore[arg-type]
        self.program.take_in()

    def crashes(self, times: int, process: Process = CHECKIN, **more: object) -> None:
        for _ in range(times):
            self.says(Turn.STARTED, process)
            self.program.live(1, step_s=1)
            self.says(Turn.ENDED, process, **more)

    def told(self) -> list[tuple[str, Reason]]:
        return self.program.told()

    def only_event(self) -> Event:
        (event,) = self.program.events()
        return event


@pytest.fixture
def watcher(program: Program) -> Watcher:
    return Watcher(program)


@pytest.fixture
def other(sibling: Program) -> Watcher:
    return Watcher(sibling)


def test_a_crash_loop_is_one_message_while_it_waits(watcher: Watcher) -> None:
    watcher.crashes(16)
    watcher.says(Turn.GAVE_UP)
    watcher.program.live(600)
    assert watcher.told() == [("gave_up", Reason.WORSENED)]
    with watcher.program.books.store.reading() as book:
        assert [(group.count, group.total) for group in book.all_groups()] == [(16, 16)]


def test_a_loop_is_seen_across_watchers_that_come_and_go(watcher: Watcher, other: Watcher) -> None:
    watcher.crashes(3)
    watcher.program.die()
    other.crashes(2)
    assert other.told()[-1] == ("crash_loop", Reason.WORSENED)


def test_it_recovers_after_a_minute_that_its_watcher_has_seen(watcher: Watcher) -> None:
    watcher.crashes(5)
    watcher.says(Turn.STARTED)
    watcher.program.live(STABLE_S + 1)
    assert watcher.told()[-1] == ("crash_loop", Reason.RESOLVED)


def test_nobody_has_seen_a_recovery_after_the_watcher_has_died(watcher: Watcher) -> None:
    watcher.door = watcher.door_of(2**22 + 1)  # beyond the kernel's largest process id
    watcher.crashes(5)
    watcher.says(Turn.STARTED)
    watcher.program.live(STABLE_S + 2 * ASK_AGAIN_S)
    assert ("crash_loop", Reason.RESOLVED) not in watcher.told()
    watcher.door = watcher.door_of(os.getpid())
    watcher.says(Turn.STARTED)
    watcher.program.live(STABLE_S + 2 * ASK_AGAIN_S)
    assert watcher.told()[-1] == ("crash_loop", Reason.RESOLVED)


def test_what_looks_in_now_and_then_is_believed(watcher: Watcher) -> None:
    unit = replace(CHECKIN, watcher="systemd")
    watcher.crashes(5, unit)
    watcher.says(Turn.STARTED, unit)
    watcher.program.live(STABLE_S + 1)
    assert watcher.told()[-1] == ("crash_loop", Reason.RESOLVED)


def test_an_exception_keeps_its_stack_through_all_stages(watcher: Watcher) -> None:
    trace = Trace(errors=(VALUE_ERROR,))
    watcher.crashes(5, trace=trace, cwd="/srv/shop")
    watcher.says(Turn.GAVE_UP)
    event = watcher.only_event()
    assert (event.kind, event.level) == (Kind.EXCEPTION, Level.FATAL)
    assert event.location == "rooms.py:7"
    assert event.finding is not None
    assert event.finding.problem is Problem.GAVE_UP


def test_an_exception_of_a_program_that_lives_on_is_an_error_of_its_own(watcher: Watcher) -> None:
    watcher.says(Turn.FAILED, trace=Trace(errors=(VALUE_ERROR,)))
    event = watcher.only_event()
    assert (event.kind, event.level, event.handled) == (Kind.EXCEPTION, Level.ERROR, True)
    assert event.finding is None


def test_what_an_operator_does_is_a_record_and_no_alarm(watcher: Watcher) -> None:
    stopped = replace(CHECKIN, by_operator=True, ending=Ending(signal="SIGTERM"))
    watcher.says(Turn.STARTED, is_announced=True)
    watcher.says(Turn.ENDED, stopped, is_announced=True)
    watcher.says(Turn.RESTARTED, is_announced=True)
    watcher.says(Turn.DELETED, is_announced=True)
    assert watcher.told() == [(each, Reason.RECORD) for each in ("started", "stopped", "restarted", "deleted")]


def test_a_record_that_comes_late_says_nothing_of_how_the_process_stands(watcher: Watcher) -> None:
    watcher.crashes(5)
    watcher.says(Turn.GAVE_UP)
    watcher.says(Turn.STARTED, is_announced=True, is_record=True)
    watcher.program.live(STABLE_S + 1, step_s=1)
    assert [reason for _, reason in watcher.told() if reason is Reason.RESOLVED] == []


def test_a_clean_end_is_a_record_where_it_is_announced(watcher: Watcher) -> None:
    clean = replace(CHECKIN, ending=Ending(code=0))
    watcher.says(Turn.ENDED, clean, is_announced=True)
    watcher.says(Turn.ENDED, clean)
    assert watcher.told() == [("finished", Reason.RECORD)]


def test_error_lines_are_counted_exactly(watcher: Watcher) -> None:
    for number in range(50):
        watcher.says(Turn.LINE, text=f"ERROR order {number} has failed", times=100)
    with watcher.program.books.store.reading() as book:
        assert [(group.sample.logger, group.count) for group in book.all_groups()] == [("checkin", 5_000)]


def test_services_of_one_watcher_are_told_under_their_own_names(watcher: Watcher) -> None:
    for name in ("billing", "search"):
        service = replace(CHECKIN, watcher="pm2", name=name)
        watcher.says(Turn.FAILED, service, trace=Trace(errors=(VALUE_ERROR,)), host="pm2-host")
    assert {(event.app, event.host, event.pid) for event in watcher.program.events()} == {
        ("billing", "pm2-host", 4711),
        ("search", "pm2-host", 4711),
    }


def test_under_bongsu_run_the_app_is_the_one_that_is_configured(watcher: Watcher) -> None:
    watcher.says(Turn.ENDED)
    assert watcher.only_event().app == HEADER["app"]


def test_no_secret_is_stored(watcher: Watcher) -> None:
    secret = "xoxb-" + "1234567890-abcdefghijklmnop"
    trace = Trace(errors=(replace(VALUE_ERROR, message=f"token={secret}"),))
    process = replace(CHECKIN, command=f"app --token={secret}", output=(f"Authorization: Bearer {secret}",))
    watcher.says(Turn.ENDED, process, trace=trace, text=f"password={secret}")
    watcher.says(Turn.LINE, process, text=f"ERROR token={secret}")
    kept = b"".join(path.read_bytes() for path in Path(watcher.program.folder).iterdir())
    assert secret.encode() not in kept


def test_whatever_a_program_writes_its_record_is_bounded(watcher: Watcher) -> None:
    endless = replace(CHECKIN, command="x" * 100_000, output=("\x00\ud800" * 50_000,) * 1_000)
    frames = (TraceFrame(function="f" * 9_000, module="", path="/p" * 9_000, line=1),) * 5_000
    watcher.says(Turn.ENDED, endless, trace=Trace(errors=(replace(VALUE_ERROR, frames=frames),) * 99))
    event = watcher.only_event()
    assert event.process is not None
    assert len(event.process.output) <= LINES_MAX
    assert max(map(len, event.process.output)) <= OUTPUT_LINE_MAX + len("…[+100000]")
    assert len(event.exceptions) <= 10


# -- who has told already


@pytest.mark.parametrize("is_taken_in", [True, False])
def test_the_library_inside_a_process_has_told_of_its_exception(
    tmp_path: Path, clock: FakeClock, is_taken_in: bool
) -> None:
    folder = tmp_path / "shop"
    (folder / "spool").mkdir(parents=True)
    inside = Inside(folder, clock)
    inside.raises()
    if is_taken_in:
        inside.take_in()
    inside.die()
    door = Processes(inside.recorder, clock, str(tmp_path / "checkin"), pid=os.getpid())
    assert door.has_told(os.getpid(), clock.now() - 1)
    assert not door.has_told(os.getpid(), clock.now() + 1)
    assert not door.has_told(os.getpid() + 1, clock.now() - 1)


def test_the_library_tells_of_a_crash_at_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "shop" / "spool").mkdir(parents=True)
    inside = Inside(tmp_path / "shop", clock)
    fault = tmp_path / "shop" / "spool" / f"{inside.recorder.spool.name}{FAULT}"
    inside.die()
    door = Processes(inside.recorder, clock, str(tmp_path / "checkin"), pid=os.getpid())
    fault.touch()
    assert not door.has_told(os.getpid(), clock.now())
    fault.write_text("Fatal Python error: Segmentation fault\n")
    assert door.has_told(os.getpid(), clock.now())


class Inside(Program):
    """The library in the process that ends; its spool and its store lie where they do in life."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        super().__init__(folder / "spool", clock, f"{os.getpid()}-")
        self.books.close()
        self.books = type(self.books)(str(folder), self.books.schedule, clock.now, self.books._gate)

    def raises(self) -> None:
        recorder: Recorder = self.recorder
        try:
            raise ValueError("no room")
        except ValueError as error:
            recorder.exception(error)

    def take_in(self, *, hurry: bool = False) -> None:
        here = {**HEADER, "pid": os.getpid(), "host": socket.gethostname()}
        for spool in self.recorder.spools:
            self.intake.own(self.books.store, spool, here, self.clock.now(), POLICY, hurry=hurry)


def test_a_forced_stop_says_so(watcher: Watcher) -> None:
    forced = Ending(signal="SIGKILL", why=Why.STOP_TIMED_OUT)
    watcher.says(Turn.ENDED, replace(CHECKIN, ending=forced, by_operator=True))
    assert watcher.only_event().message == "checkin: killed by SIGKILL (did not stop in time)"
