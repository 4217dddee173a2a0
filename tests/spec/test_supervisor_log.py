"""Code and signal of an end, out of the text of supervisord's log."""

import pytest

from bongsu.event import Ending, Why
from bongsu.watchers.supervisor import log

DAY = "2026-11-28 11:58:"


def line(at: str, text: str) -> str:
    return f"{DAY}{at} WARN {text}\n"


HOWS = {
    "exit status 0; expected": Ending(code=0),
    "exit status 7; not expected": Ending(code=7),
    "terminated by SIGKILL; not expected": Ending(signal="SIGKILL"),
    "terminated by SIGSEGV (core dumped); not expected": Ending(signal="SIGSEGV", why=Why.CORE_DUMPED),
    "terminated by signal 35; not expected": Ending(signal="signal 35"),
    "unknown termination cause 0x1234; not expected": Ending(),
}


@pytest.mark.parametrize(("how", "ending"), HOWS.items(), ids=HOWS.keys())
def test_how_it_ended_is_read(how: str, ending: Ending) -> None:
    [end] = log.ends(line("01,000", f"exited: web ({how})"))
    assert end.ending == ending


def test_a_stop_is_an_end_too() -> None:
    [end] = log.ends(line("01,000", "stopped: web (terminated by SIGTERM)"))
    assert end.ending == Ending(signal="SIGTERM")


def test_pid_and_time_of_the_run_come_from_the_line_of_its_start() -> None:
    text = line("01,500", "spawned: 'web' with pid 42") + line("04,000", "exited: web (exit status 1; not expected)")
    assert log.end_of(text, "web", 42, "") == log.End(
        name="web", pid=42, mark=f"{DAY}04,000 exit status 1; not expected", ending=Ending(code=1), uptime_s=2.5
    )


RUNS = (
    line("01,000", "exited: web (exit status 1; not expected)")  # the start of this one lies before the piece
    + line("02,000", "spawned: 'web' with pid 42")
    + line("03,000", "exited: web (exit status 2; not expected)")
    + line("04,000", "spawned: 'web' with pid 43")
    + line("05,000", "exited: other (exit status 9; not expected)")
    + line("06,000", "exited: web (exit status 3; not expected)")
)
ASKED = {
    "by pid": (42, "", 2),
    "by pid, the last": (43, "", 3),
    "by a pid whose start is not there": (41, "", 1),
    "without a pid, the first": (0, "", 1),
    "without a pid, the next": (0, f"{DAY}01,000 exit status 1; not expected", 2),
    "without a pid, later than a time": (0, f"{DAY}03,500", 3),
    "nothing later": (0, f"{DAY}07", None),
    "another pid after all of them": (44, f"{DAY}01,500", None),
}


@pytest.mark.parametrize(("pid", "after", "code"), ASKED.values(), ids=ASKED.keys())
def test_the_end_that_is_meant_is_found(pid: int, after: str, code: int | None) -> None:
    end = log.end_of(RUNS, "web", pid, after)
    assert (end.ending.code if end else None) == code


def test_of_two_processes_of_one_name_the_log_does_not_say_which_one_ended() -> None:
    text = (
        line("01,000", "spawned: 'web' with pid 42")
        + line("01,001", "spawned: 'web' with pid 43")
        + line("02,000", "exited: web (exit status 1; not expected)")
    )
    assert log.end_of(text, "web", 42, "") is None


def test_other_lines_and_broken_ones_are_passed_over() -> None:
    text = "Traceback\n2026-99-99 99:99:99,999 WARN exited: a (exit status 1; x)\nexited: b (exit status 2; x)\n"
    assert [end.name for end in log.ends(text)] == ["a"]


def test_a_clock_that_was_set_back_gives_no_time() -> None:
    text = line("05,000", "spawned: 'web' with pid 42") + line("04,000", "exited: web (exit status 1; not expected)")
    assert [end.uptime_s for end in log.ends(text)] == [None]


SPAWN_ERRORS = {
    "can't find command '/no/such'": Ending(code=127, why=Why.NOT_FOUND),
    "command at '/etc/passwd' is not executable": Ending(code=126, why=Why.NOT_EXECUTABLE),
    "no permission to run command '/root/x'": Ending(code=126, why=Why.NOT_EXECUTABLE),
    "Exited too quickly (process log may have details)": None,
}


@pytest.mark.parametrize(("text", "ending"), SPAWN_ERRORS.items(), ids=SPAWN_ERRORS.keys())
def test_a_program_that_could_not_be_started_says_why(text: str, ending: Ending | None) -> None:
    assert log.ending_of_spawn_error(text) == ending
