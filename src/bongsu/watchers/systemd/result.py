"""What systemd says of the end of a unit → a report. Environment, answers and journal come as texts.

Nothing is read here but, by `traces`, the source files that a stack names.

ExecStopPost= has SERVICE_RESULT, EXIT_CODE and EXIT_STATUS, at every end. OnFailure= starts another unit, with
MONITOR_SERVICE_RESULT and so on (since systemd 251), when the first one is started no more.
"""

import json
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bongsu.event import Ending, Process, ProcessState, Why
from bongsu.watchers import causes, traces
from bongsu.watchers.output import Tail
from bongsu.watchers.report import NAME_LENGTH_MAX, Report, Turn

WATCHER = "systemd"
PROPERTIES = (
    "ActiveState",
    "ExecMainCode",
    "ExecMainExitTimestampMonotonic",
    "ExecMainPID",
    "ExecMainStartTimestampMonotonic",
    "ExecMainStatus",
    "ExecStart",
    "MemoryPeak",
    "NRestarts",
    "Result",
    "WorkingDirectory",
)
UNSET = 2**64 - 1  # how systemd writes that it does not know a number

_CODES = {"1": "exited", "2": "killed", "3": "dumped"}  # si_code of SIGCHLD, as ExecMainCode has it
_ASKED = frozenset({"stop", "restart", "try-restart"})  # by an operator, or by the end of the host
_STARTED_AGAIN = frozenset({"active", "activating", "reloading"})
_STARTS_NO_PROCESS = frozenset({"resources", "start-limit-hit", "exec-condition"})
_ARGV = re.compile(r"\bargv\[\]=(.*?) ; ignore_errors=")
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What systemd says of an end; texts as it writes them."""

    unit: str
    result: str  # success, exit-code, signal, core-dump, oom-kill, timeout, watchdog, start-limit-hit …
    code: str  # exited, killed, dumped; empty if no process ended
    status: str  # 1, KILL
    is_final: bool  # it is started no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What `systemctl show` says of a unit, as far as we use it."""

    is_known: bool = False
    pid: int = 0
    restarts: int = 0
    uptime_s: float | None = None
    peak_bytes: int | None = None
    command: str = ""
    cwd: str = ""
    state: str = ""  # active, activating, deactivating, failed …
    job: str = ""  # what systemd is about to do with it: start, stop, restart
    result: Result | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The last lines of one run."""

    lines: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()  # those shortly before the end


def result_of(environ: Mapping[str, str], unit: str) -> Result | None:
    """What the hook's environment says; None if it is none of systemd's."""
    for prefix in ("MONITOR_", ""):
        result, code, status = (environ.get(prefix + key, "") for key in ("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"))
        if result:
            named = environ.get("MONITOR_UNIT", "") if prefix else ""
            is_final = bool(prefix) or result == "start-limit-hit"
            return Result(unit=named or unit, result=result, code=code, status=status, is_final=is_final)
    return None


def unit_of(name: str, shown: str, jobs: str) -> Unit:
    """The unit that `systemctl show` describes, in lines `Key=value`, and its line of `systemctl list-jobs`."""
    facts = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if not facts:
        return Unit(job=_job(name, jobs))
    started, ended = (_number(facts.get(f"ExecMain{each}TimestampMonotonic", "")) for each in ("Start", "Exit"))
    command = _ARGV.search(facts.get("ExecStart", ""))
    return Unit(
        is_known=True,
        pid=_number(facts.get("ExecMainPID", "")) or 0,
        restarts=_number(facts.get("NRestarts", "")) or 0,
        uptime_s=(ended - started) / 1e6 if started and ended and ended >= started else None,
        peak_bytes=_number(facts.get("MemoryPeak", "")),
        command=command[1] if command else "",
        cwd=facts.get("WorkingDirectory", "").lstrip("!-"),
        state=facts.get("ActiveState", ""),
        job=_job(name, jobs),
        result=_shown_result(name, facts),
    )


def journal_of(text: str, own_pid: int, now: float) -> Journal:
    """What `journalctl -o json` printed, without what we have written."""
    return Journal(lines=_journal_lines(text, own_pid, 0.0), recent=_journal_lines(text, own_pid, now - causes.SINCE_S))


def _journal_lines(text: str, own_pid: int, since: float) -> tuple[str, ...]:
    tail = Tail()
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and entry.get("_PID") != str(own_pid) and _at(entry) >= since:
            tail.feed(_message(entry.get("MESSAGE")) + b"\n")
    return tail.lines()


def ended(
    result: Result, unit: Unit, journal: Journal, now: float, has_told: Callable[[int, float], bool]
) -> Report | None:
    """The report of an end; None if there is nothing to tell. `has_told`: that process, of an exception, since then."""
    if result.result == "exec-condition":  # a condition of the unit itself: it was not to be started
        return None
    if result.is_final and (unit.job or unit.state in _STARTED_AGAIN):  # an operator's restart came in between
        return None
    was_asked = unit.job in _ASKED
    ending = _ending(result, was_asked=was_asked)
    by_operator = was_asked or (not result.is_final and result.result == "success" and result.code == "killed")
    is_bad = not by_operator and not ending.is_clean
    has_stack = is_bad and not result.is_final and causes.is_of_stack(ending)
    name, instance = names(result.unit)
    process = Process(
        name=name,
        watcher=WATCHER,
        state=_state(result, by_operator=by_operator),
        pid=unit.pid,
        ending=ending,
        by_operator=by_operator,
        uptime_s=unit.uptime_s,
        restarts=unit.restarts,
        peak_bytes=unit.peak_bytes,
        command=unit.command,
        output=journal.lines if is_bad else (),
    )
    is_wanted = result.result == "success" and not ending.is_clean  # SuccessExitStatus= says so
    is_told = ending.code == causes.UNCAUGHT and unit.pid > 0 and has_told(unit.pid, now - causes.SINCE_S)
    return Report(
        turn=Turn.GAVE_UP if result.is_final else Turn.ENDED,
        at=now,
        process=process,
        instance=instance,
        trace=traces.newest(journal.recent, unit.cwd) if has_stack else None,
        text=result.result,
        is_announced=by_operator,
        is_told=_ended_once(result, unit) if result.is_final else is_bad and (is_wanted or is_told),
        cwd=unit.cwd,
    )


def started(unit_name: str, unit: Unit, now: float) -> Report:
    """The report of a start: a record only if nobody but an operator can have asked for it."""
    name, instance = names(unit_name)
    process = Process(
        name=name,
        watcher=WATCHER,
        state=ProcessState.RUNNING,
        pid=unit.pid,
        restarts=unit.restarts,
        command=unit.command,
    )
    is_announced = unit.is_known and unit.restarts == 0
    return Report(
        turn=Turn.STARTED, at=now, process=process, instance=instance, is_announced=is_announced, cwd=unit.cwd
    )


def names(unit: str) -> tuple[str, str]:
    """The service's name, and its instance: `mail@3.service` is the third `mail`."""
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), unit.removesuffix(".service"))
    name, _, instance = plain.partition("@")
    return (name or plain)[:NAME_LENGTH_MAX], instance[:NAME_LENGTH_MAX]


def _ending(result: Result, *, was_asked: bool) -> Ending:
    if result.result in _STARTS_NO_PROCESS and not result.code:
        return Ending()
    match result.code:
        case "exited":
            return Ending(code=_number(result.status))
        case "killed" | "dumped":
            why = Why.CORE_DUMPED if result.code == "dumped" else None
            if result.result == "oom-kill":
                why = Why.OUT_OF_MEMORY
            elif result.result == "timeout" and was_asked:
                why = Why.STOP_TIMED_OUT
            return Ending(signal=f"SIG{result.status}" if result.status else "", why=why)
    return Ending(why=Why.OUT_OF_MEMORY if result.result == "oom-kill" else None)


def _ended_once(result: Result, unit: Unit) -> bool:
    """Whether it was never started again: then nobody gave up, and its ExecStopPost= has told of the end."""
    return unit.is_known and not unit.restarts and result.result != "start-limit-hit"


def _state(result: Result, *, by_operator: bool) -> ProcessState:
    if result.is_final:
        return ProcessState.FATAL
    return ProcessState.STOPPED if by_operator else ProcessState.EXITED


def _job(name: str, jobs: str) -> str:
    """`107 shop.service restart running` → restart."""
    lines = (line.split() for line in jobs.splitlines())
    return next((words[2] for words in lines if len(words) >= 3 and words[1] == name), "")


def _shown_result(name: str, facts: Mapping[str, str]) -> Result | None:
    """For an OnFailure= of a systemd that sets no MONITOR_…: the unit itself is asked."""
    result = facts.get("Result", "")
    if result in ("", "success") or facts.get("ActiveState") not in ("failed", "inactive"):
        return None
    code, status = _CODES.get(facts.get("ExecMainCode", ""), ""), facts.get("ExecMainStatus", "")
    return Result(
        unit=name,
        result=result,
        code=code,
        status=_signal_name(status) if code in ("killed", "dumped") else status,
        is_final=True,
    )


def _signal_name(number: str) -> str:
    try:
        return signal.Signals(int(number)).name.removeprefix("SIG")
    except ValueError:
        return ""


def _at(entry: Mapping[str, object]) -> float:
    """When it was written; of an entry that does not say so, long ago."""
    stamp = entry.get("__REALTIME_TIMESTAMP")
    return (_number(stamp) or 0) / 1e6 if isinstance(stamp, str) else 0.0


def _message(value: object) -> bytes:
    """Text; or a list of bytes, where it is no UTF-8."""
    match value:
        case str():
            return value.encode("utf-8", "replace")
        case list() if all(isinstance(each, int) and 0 <= each < 256 for each in value):
            return bytes(value)
    return b""


def _number(text: str) -> int | None:
    number = int(text) if text.isdecimal() and len(text) <= 20 else None
    return None if number == UNSET else number
