"""What systemd says of the end of a unit, as recorded, becomes a report."""

import json
from collections.abc import Mapping

import pytest

from bongsu.event import Ending, ProcessState, Why
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.systemd import asking, result, units
from bongsu.watchers.systemd.result import Journal, Result, Unit

NOW = 1795868486.5
INVOCATION = "24e440e378dc4ab495f9db385dee2a36"
SHOWN = """\
Result=exit-code
NRestarts=2
ExecMainStartTimestampMonotonic=14785528316
ExecMainExitTimestampMonotonic=14785832294
ExecMainPID=9334
ExecMainCode=1
ExecMainStatus=3
MemoryPeak=1048576
ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c echo a; exit 3 ; ignore_errors=no ; start_time=[n/a] ; pid=9334 ; code=exited ; status=3 }
WorkingDirectory=!/srv/shop
ActiveState=deactivating
"""  # noqa: E501 - as systemctl writes it
ASKED = Unit(is_known=True, job="stop")


def end(result_: str, code: str = "", status: str = "", *, is_final: bool = False) -> Result:
    return Result(unit="shop.service", result=result_, code=code, status=status, is_final=is_final)


def report(said: Result, unit: Unit | None = None, journal: Journal | None = None, *, has_told: bool = False) -> Report:
    found = result.ended(said, unit or Unit(), journal or Journal(), NOW, lambda _pid, _since: has_told)
    assert found is not None
    return found


ENVIRONMENTS: dict[str, tuple[Mapping[str, str], Result | None]] = {
    "ExecStopPost=, a crash": (
        {"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "1"},
        end("exit-code", "exited", "1"),
    ),
    "OnFailure=": (
        {
            "MONITOR_SERVICE_RESULT": "signal",
            "MONITOR_EXIT_CODE": "killed",
            "MONITOR_EXIT_STATUS": "KILL",
            "MONITOR_UNIT": "other.service",
        },
        Result(unit="other.service", result="signal", code="killed", status="KILL", is_final=True),
    ),
    "no more starts": ({"SERVICE_RESULT": "start-limit-hit"}, end("start-limit-hit", is_final=True)),
    "none of systemd's": ({"EXIT_CODE": "exited"}, None),
}


@pytest.mark.parametrize(("environ", "wanted"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_the_environment_of_a_hook_is_read(environ: Mapping[str, str], wanted: Result | None) -> None:
    assert result.result_of(environ, "shop.service") == wanted


ENDINGS = {
    "a crash": (end("exit-code", "exited", "1"), Ending(code=1)),
    "kill -9": (end("signal", "killed", "KILL"), Ending(signal="SIGKILL")),
    "a segfault": (end("core-dump", "dumped", "SEGV"), Ending(signal="SIGSEGV", why=Why.CORE_DUMPED)),
    "out of memory": (end("oom-kill", "killed", "KILL"), Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY)),
    "out of memory in a child": (end("oom-kill", "exited", "1"), Ending(code=1)),
    "its watchdog": (end("watchdog", "dumped", "ABRT"), Ending(signal="SIGABRT", why=Why.CORE_DUMPED)),
    "too slow to start": (end("timeout", "killed", "TERM"), Ending(signal="SIGTERM")),
    "no process at all": (end("resources"), Ending()),
    "garbage": (end("exit-code", "exited", "many"), Ending()),
    "a clean end": (end("success", "exited", "0"), Ending(code=0)),
}


@pytest.mark.parametrize(("said", "ending"), ENDINGS.values(), ids=ENDINGS.keys())
def test_an_end_by_itself_comes_with_its_reason(said: Result, ending: Ending) -> None:
    found = report(said)
    assert (found.turn, found.process.ending, found.process.by_operator) == (Turn.ENDED, ending, False)
    assert (found.process.state, found.is_announced) == (ProcessState.EXITED, False)


STOPS = {
    "killed by the usual signal": (end("success", "killed", "TERM"), Unit()),
    "ended by itself when asked to": (end("success", "exited", "0"), ASKED),
    "with a code of its own": (end("exit-code", "exited", "143"), ASKED),
}


@pytest.mark.parametrize(("said", "unit"), STOPS.values(), ids=STOPS.keys())
def test_a_stop_that_somebody_asked_for_is_a_record(said: Result, unit: Unit) -> None:
    found = report(said, unit)
    assert (found.process.by_operator, found.is_announced, found.process.state) == (True, True, ProcessState.STOPPED)


def test_a_stop_that_took_too_long_is_known_as_one() -> None:
    found = report(end("timeout", "killed", "KILL"), ASKED)
    assert found.process.ending == Ending(signal="SIGKILL", why=Why.STOP_TIMED_OUT)
    assert found.process.by_operator


def test_a_unit_that_failed_for_good_is_given_up() -> None:
    found = report(end("exit-code", "exited", "1", is_final=True), Unit(is_known=True, state="failed"))
    assert (found.turn, found.process.state, found.process.by_operator) == (Turn.GAVE_UP, ProcessState.FATAL, False)


@pytest.mark.parametrize(
    ("name", "unit", "is_told"),
    [
        ("exit-code", Unit(is_known=True, state="failed"), True),
        ("exit-code", Unit(is_known=True, state="failed", restarts=2), False),
        ("start-limit-hit", Unit(is_known=True, state="failed"), False),
        ("exit-code", Unit(), False),
    ],
)
def test_a_unit_that_was_never_started_again_is_not_told_twice(name: str, unit: Unit, is_told: bool) -> None:
    assert report(end(name, "exited", "1", is_final=True), unit).is_told == is_told


RESTARTED = {"is about to be": Unit(job="start"), "is": Unit(state="active"), "becomes": Unit(state="activating")}


@pytest.mark.parametrize("unit", RESTARTED.values(), ids=RESTARTED.keys())
def test_a_unit_that_failed_and_was_started_by_an_operator_is_not_given_up(unit: Unit) -> None:
    said = end("exit-code", "exited", "1", is_final=True)
    assert result.ended(said, unit, Journal(), NOW, lambda _pid, _since: False) is None


def test_an_end_during_its_own_start_is_nobodys_wish() -> None:
    assert report(end("exit-code", "exited", "1"), Unit(job="start")).process.by_operator is False


def test_a_condition_of_the_unit_is_nothing_to_tell() -> None:
    said = end("exec-condition", "exited", "1")
    assert result.ended(said, Unit(), Journal(), NOW, lambda _pid, _since: False) is None


def test_a_status_that_the_unit_calls_success_is_not_told() -> None:
    assert report(end("success", "exited", "3")).is_told
    assert not report(end("success", "exited", "0")).is_told


def test_what_the_library_in_the_process_told_is_not_told_again() -> None:
    unit = Unit(pid=7)
    assert report(end("exit-code", "exited", "1"), unit, has_told=True).is_told
    assert not report(end("exit-code", "exited", "2"), unit, has_told=True).is_told


def test_what_systemctl_shows_is_read() -> None:
    unit = result.unit_of("shop.service", SHOWN, "1 other.service stop waiting\n107 shop.service restart running\n")
    assert unit == Unit(
        is_known=True,
        pid=9334,
        restarts=2,
        uptime_s=pytest.approx(0.303978),
        peak_bytes=1048576,
        command="/bin/sh -c echo a; exit 3",
        cwd="/srv/shop",
        state="deactivating",
        job="restart",
    )


UNKNOWN = {
    "no answer": "",
    "no numbers": "NRestarts=?\nMemoryPeak=[not set]\nExecMainPID=\n",
    "the number for none": f"MemoryPeak={2**64 - 1}\n",
    "no lines of that kind": "Failed to connect to bus\n",
    "an end before its start": "ExecMainStartTimestampMonotonic=9\nExecMainExitTimestampMonotonic=3\n",
}


@pytest.mark.parametrize("shown", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_systemctl_does_not_show_is_unknown(shown: str) -> None:
    unit = result.unit_of("shop.service", shown, "No jobs running.\n")
    assert (unit.pid, unit.restarts, unit.uptime_s, unit.peak_bytes, unit.job) == (0, 0, None, None, "")


def test_without_a_word_in_the_environment_the_unit_itself_is_asked() -> None:
    failed = SHOWN.replace("deactivating", "failed").replace("MainCode=1", "MainCode=2").replace("Status=3", "Status=9")
    said = result.unit_of("shop.service", failed.replace("exit-code", "signal"), "").result
    assert said == Result(unit="shop.service", result="signal", code="killed", status="KILL", is_final=True)
    assert result.unit_of("shop.service", SHOWN.replace("exit-code", "success"), "").result is None


# -- the journal


def entry(message: object, *, at: float = NOW - 1, pid: int = 9334) -> str:
    return json.dumps({"MESSAGE": message, "_PID": str(pid), "__REALTIME_TIMESTAMP": str(int(at * 1e6))})


JOURNAL = "\n".join(
    [
        entry("started", at=NOW - 60),
        entry([*"결제".encode(), 255]),
        entry("Traceback (most recent call last):"),
        entry('  File "/srv/shop/pay.py", line 7, in pay'),
        entry("    charge(card)"),
        entry("ValueError: no card"),
        entry("what bongsu said", pid=4242),
        entry(None, at=NOW - 60),
        "{half",
        "[1]",
    ]
)


def test_the_lines_of_the_journal_are_read_as_they_were_written() -> None:
    journal = result.journal_of(JOURNAL, 4242, NOW)
    assert journal.lines[0] == "started"
    assert "started" not in journal.recent
    assert journal.lines[1] == "결제�"
    assert "what bongsu said" not in journal.lines


def test_a_stack_in_the_journal_is_what_it_ended_of() -> None:
    journal = result.journal_of(JOURNAL, 4242, NOW)
    crashed = report(end("exit-code", "exited", "1"), journal=journal)
    assert crashed.trace is not None
    assert crashed.trace.errors[0].message == "no card"
    assert crashed.process.output == journal.lines
    assert report(end("signal", "killed", "KILL"), journal=journal).trace is None
    assert report(end("success", "killed", "TERM"), journal=journal).process.output == ()


def test_an_old_stack_is_another_matter() -> None:
    journal = result.journal_of(JOURNAL, 4242, NOW + 3_600)
    assert report(end("exit-code", "exited", "1"), journal=journal).trace is None


# -- starts, names, commands


def test_a_start_is_a_record_if_it_is_not_systemds_own() -> None:
    for unit, is_announced in ((Unit(is_known=True), True), (Unit(is_known=True, restarts=1), False), (Unit(), False)):
        assert result.started("shop.service", unit, NOW).is_announced is is_announced


NAMES = {
    "shop.service": ("shop", ""),
    "mail@3.service": ("mail", "3"),
    "my\\x2dshop.service": ("my-shop", ""),
    "backup.timer": ("backup.timer", ""),
    "@.service": ("@", ""),
}


@pytest.mark.parametrize(("unit", "names"), NAMES.items(), ids=NAMES.keys())
def test_a_unit_is_called_as_people_call_it(unit: str, names: tuple[str, str]) -> None:
    assert result.names(unit) == names


@pytest.mark.parametrize(
    ("text", "is_one"), [(INVOCATION, True), ("", False), ("-f", False), (INVOCATION.upper(), False)], ids=str
)
def test_only_an_invocation_is_handed_to_journalctl(text: str, is_one: bool) -> None:
    assert asking.is_invocation(text) is is_one


def test_an_answer_that_does_not_come_is_none() -> None:
    assert asking.answers(["/no/such/command"], ["false"], ["echo", "a"]) == ["", "", "a\n"]


def test_the_units_call_us_without_making_the_unit_fail() -> None:
    text = units.drop_in("/opt/bongsu", " --app shop", units.SETTINGS)
    assert "ExecStopPost=-/opt/bongsu systemd-event --app shop %n\n" in text
    assert "OnFailure=bongsu-alert@%n.service\n" in text
    assert "ExecStart=/opt/bongsu systemd-event %i\n" in units.alert_unit("/opt/bongsu", "", units.SETTINGS)
