"""From supervisord's events to reports."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from bongsu.event import Ending, ProcessState
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.supervisor.protocol import Event
from bongsu.watchers.supervisor.rpc import ProcessInfo
from bongsu.watchers.supervisor.stderr import HELD_MAX, HOLD_S
from bongsu.watchers.supervisor.turns import EVENTS_WAIT_S, Found, Turns, names

TRACEBACK = b"""\
Traceback (most recent call last):
  File "/app/shop.py", line 7, in pay
    charge(card)
ValueError: no card
"""
SERIALS = count()


def event(state: str, **facts: Any) -> Event:
    name = state if "_" in state else f"PROCESS_STATE_{state}"
    return Event(name=name, server="supervisor", serial=next(SERIALS), **{"process": "web", "group": "web"} | facts)


def stderr(output: bytes) -> Event:
    return event("PROCESS_LOG_STDERR", output=output, pid=42)


@pytest.fixture
def turns() -> Turns:
    turns = Turns("bongsu", lambda _pid, _since: False)
    assert turn(turns.take(event("TICK_5", process="", group=""), 0.0)) == [Turn.BACK]
    return turns


def turn(reports: Iterator[Report]) -> list[Turn]:
    return [report.turn for report in reports]


def running(turns: Turns, at: float, before: str = "STOPPED", pid: int = 42) -> list[Report]:
    starting = list(turns.take(event("STARTING", from_state=before), at))
    return [*starting, *turns.take(event("RUNNING", from_state="STARTING", pid=pid), at + 1.0)]


def exited(code: int = 1, **facts: Any) -> tuple[Event, Found]:
    return event("EXITED", from_state="RUNNING", pid=42, **facts), Found(ending=Ending(code=code))


def test_a_first_start_is_announced_and_an_automatic_one_is_not(turns: Turns) -> None:
    for before, is_announced in {"STOPPED": True, "EXITED": False, "FATAL": True}.items():
        [report] = running(turns, 10.0, before)
        assert (report.turn, report.is_announced, report.process.pid) == (Turn.STARTED, is_announced, 42)


def test_a_first_start_is_announced_after_attempts_that_failed(turns: Turns) -> None:
    list(turns.take(event("STARTING", from_state="STOPPED"), 1.0))
    list(turns.take(event("BACKOFF", from_state="STARTING"), 2.0))
    [report] = running(turns, 3.0, "BACKOFF")
    assert report.is_announced


def test_an_exit_is_an_end_with_what_was_learnt_of_it(turns: Turns) -> None:
    running(turns, 10.0)
    [report] = turns.take(event("EXITED", from_state="RUNNING", pid=42), 15.0, Found(ending=Ending(signal="SIGKILL")))
    assert (report.turn, report.process.ending, report.process.by_operator) == (
        Turn.ENDED,
        Ending(signal="SIGKILL"),
        False,
    )
    assert (report.process.uptime_s, report.process.state, report.is_announced) == (5.0, ProcessState.EXITED, False)


def test_an_end_of_which_nothing_could_be_learnt_is_no_clean_one(turns: Turns) -> None:
    running(turns, 10.0)
    [report] = turns.take(event("EXITED", from_state="RUNNING", pid=42), 15.0)
    assert report.process.ending == Ending()
    assert not report.is_told


def test_each_backoff_is_an_end_and_fatal_is_the_last_word(turns: Turns) -> None:
    told = []
    for at in (1.0, 2.0):
        told += list(turns.take(event("STARTING", from_state="BACKOFF"), at))
        told += list(turns.take(event("BACKOFF", from_state="STARTING"), at + 0.5, Found(ending=Ending(code=7))))
    told += list(turns.take(event("FATAL", from_state="BACKOFF"), 3.0))
    assert [report.turn for report in told] == [Turn.ENDED, Turn.ENDED, Turn.GAVE_UP]
    assert {report.process.ending for report in told} == {Ending(code=7)}
    assert told[-1].process.state is ProcessState.FATAL


def test_a_stop_is_an_operators_and_a_record(turns: Turns) -> None:
    running(turns, 10.0)
    assert turn(turns.take(event("STOPPING", from_state="RUNNING", pid=42), 12.0)) == []
    [report] = turns.take(event("STOPPED", from_state="STOPPING", pid=42), 13.0, Found(ending=Ending(signal="SIGTERM")))
    assert (report.turn, report.process.by_operator, report.is_announced) == (Turn.ENDED, True, True)
    [again] = running(turns, 14.0, "STOPPED")
    assert again.is_announced


def test_one_that_waits_for_its_next_start_is_stopped_with_its_last_end(turns: Turns) -> None:
    list(turns.take(event("BACKOFF", from_state="STARTING"), 1.0, Found(ending=Ending(code=7))))
    [report] = turns.take(event("STOPPED", from_state="BACKOFF"), 2.0)
    assert (report.process.by_operator, report.process.ending) == (True, Ending(code=7))


def test_when_supervisord_stops_everything_that_is_one_record(turns: Turns) -> None:
    running(turns, 10.0)
    [closing] = turns.take(event("SUPERVISOR_STATE_CHANGE_STOPPING", process="", group=""), 20.0)
    assert (closing.turn, closing.process.name, closing.is_announced) == (Turn.ENDED, "supervisord", True)
    assert closing.process.by_operator
    [stopped] = turns.take(event("STOPPED", from_state="STOPPING", pid=42), 21.0)
    assert (stopped.process.by_operator, stopped.is_announced) == (True, False)
    assert turn(turns.take(event("FATAL", from_state="BACKOFF", process="b", group="b"), 21.0)) == []
    assert turn(turns.lose(22.0)) == []


def test_when_supervisord_is_gone_that_is_told_once_until_it_is_back(turns: Turns) -> None:
    assert turn(turns.lose(70.0)) == [Turn.LOST]
    assert turn(turns.lose(75.0)) == []
    assert turn(turns.take(event("TICK_5", process="", group=""), 80.0)) == [Turn.BACK]


def test_a_supervisord_with_an_identifier_is_called_by_it() -> None:
    turns = Turns("bongsu", lambda _pid, _since: False)
    [report] = turns.take(Event(name="TICK_5", server="blue", serial=0), 1.0)
    assert report.process.name == "supervisord blue"


def test_we_do_not_watch_ourselves(turns: Turns) -> None:
    assert turn(turns.take(event("RUNNING", process="bongsu", group="bongsu", pid=1), 1.0)) == []


def test_an_exit_status_that_the_program_expects_is_not_told(turns: Turns) -> None:
    for code, is_told in ((2, True), (0, False)):
        died, found = exited(code, is_expected=True)
        [report] = turns.take(died, 5.0, found)
        assert report.is_told is is_told


def test_what_the_library_in_the_process_told_is_not_told_again() -> None:
    asked = []
    turns = Turns("bongsu", lambda pid, since: bool(asked.append((pid, since)) or True))
    list(turns.take(event("TICK_5", process="", group=""), 0.0))
    for code, is_told in ((1, True), (7, False)):
        died, found = exited(code)
        [report] = turns.take(died, 100.0, found)
        assert report.is_told is is_told
    assert asked == [(42, 90.0)]


# -- what it wrote


def test_a_stack_before_an_end_is_what_it_ended_of(turns: Turns) -> None:
    running(turns, 10.0)
    list(turns.take(stderr(TRACEBACK), 15.0))
    died, found = exited()
    [report] = turns.take(died, 15.0 + HOLD_S - 0.1, found)
    assert report.trace is not None
    assert report.trace.errors[0].message == "no card"
    assert report.process.output[-1] == "ValueError: no card"
    assert turn(turns.due(100.0)) == []


def test_a_stack_of_one_that_lives_on_is_a_failure(turns: Turns) -> None:
    running(turns, 10.0)
    list(turns.take(stderr(TRACEBACK), 15.0))
    due_at = turns.due_at()
    assert due_at is not None
    assert turn(turns.due(due_at)) == []  # it is whole, and waits for an end
    due_at = turns.due_at()
    assert due_at is not None
    assert due_at <= 15.0 + HOLD_S + 0.5
    [report] = turns.due(due_at)
    assert (report.turn, report.process.pid) == (Turn.FAILED, 42)
    assert turns.due_at() is None


def test_an_end_soon_after_its_stack_was_told_is_told_already(turns: Turns) -> None:
    running(turns, 10.0)
    list(turns.take(stderr(TRACEBACK), 15.0))
    list(turns.due(15.5))
    assert turn(turns.due(19.0)) == [Turn.FAILED]
    died, found = exited()
    [report] = turns.take(died, 20.0, found)
    assert report.is_told


def test_pieces_cut_inside_a_character_are_put_together(turns: Turns) -> None:
    running(turns, 10.0)
    text = TRACEBACK.replace(b"no card", "카드 없음".encode())
    for number in range(0, len(text), 5):
        list(turns.take(stderr(text[number : number + 5]), 15.0))
    died, found = exited()
    [report] = turns.take(died, 16.0, found)
    assert report.trace is not None
    assert report.trace.errors[0].message == "카드 없음"
    assert report.process.output[-1] == "ValueError: 카드 없음"


def test_the_output_of_one_run_is_not_that_of_the_next(turns: Turns) -> None:
    running(turns, 10.0)
    list(turns.take(stderr(b"first\n"), 15.0))
    running(turns, 20.0, "EXITED")
    died, found = exited()
    [report] = turns.take(died, 22.0, found)
    assert report.process.output == ()


def test_a_storm_of_stacks_has_a_limit_and_none_is_lost(turns: Turns) -> None:
    running(turns, 10.0)
    for _ in range(3 * HELD_MAX):
        list(turns.take(stderr(TRACEBACK + b"\n"), 15.0))
    told = turn(turns.due(15.5))
    assert len(told) >= 2 * HELD_MAX
    assert len(told) + len(turn(turns.due(30.0))) == 3 * HELD_MAX


def test_a_clock_that_was_set_back_holds_no_stack_for_long(turns: Turns) -> None:
    running(turns, 10_000.0)
    list(turns.take(stderr(TRACEBACK), 10_010.0))
    list(turns.due(10_011.0))
    assert turn(turns.due(5.0)) == [Turn.FAILED]


# -- names, and how it stands when watching begins

NAMES = {
    ("web", "web"): ("web", ""),
    ("", "web"): ("web", ""),
    ("web", "web_00"): ("web", "web_00"),
    ("web", "web-3"): ("web", "web-3"),
    ("shop", "web"): ("shop:web", ""),
    ("web", "webhook"): ("web:webhook", ""),
    ("w.b", "wxb1"): ("w.b:wxb1", ""),
}


@pytest.mark.parametrize(("given", "wanted"), NAMES.items(), ids=str)
def test_processes_of_one_program_are_one_service(given: tuple[str, str], wanted: tuple[str, str]) -> None:
    assert names(*given) == wanted


def info(state: str, **facts: Any) -> ProcessInfo:
    given = {"name": "web", "group": "web", "pid": 0, "started_at": 0.0, "spawn_error": "", "exit_code": None}
    return ProcessInfo(state=state, **given | facts)


BEGINNINGS = {
    "given up long ago": (info("FATAL", started_at=100.0), [Turn.GAVE_UP]),
    "given up a moment ago: its event is under way": (info("FATAL", started_at=990.0), []),
    "running": (info("RUNNING", pid=42, started_at=100.0), [Turn.STARTED]),
    "stopped": (info("STOPPED"), []),
    "our own": (info("FATAL", group="bongsu", started_at=100.0), []),
    "unheard of": (info("UNKNOWN"), []),
}


@pytest.mark.parametrize(("found", "told"), BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_how_it_stands_when_watching_begins(found: ProcessInfo, told: list[Turn]) -> None:
    reports = list(Turns("bongsu", lambda _pid, _since: False).begin([found], 940.0 + EVENTS_WAIT_S))
    assert [report.turn for report in reports] == told
    assert not any(report.is_announced for report in reports)
