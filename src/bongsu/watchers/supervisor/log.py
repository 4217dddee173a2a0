"""What supervisord's own log says of an end: code and signal stand there and nowhere else.

2026-11-28 11:43:04,123 INFO spawned: 'web' with pid 4711
2026-11-28 11:43:09,456 WARN exited: web (terminated by SIGSEGV (core dumped); not expected)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bongsu.event import Ending, Why

_LINE = re.compile(r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \w+ (?P<text>.*)$")
_SPAWNED = re.compile(r"^spawned: '(?P<name>.+)' with pid (?P<pid>\d{1,10})$")
_ENDED = re.compile(r"^(?:exited|stopped): (?P<name>\S+) \((?P<how>.*)\)$")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S,%f"

_EXIT_STATUS = re.compile(r"^exit status (?P<code>\d{1,5})\b")
_TERMINATED = re.compile(r"^terminated by (?:(?P<name>SIG\w+)|signal (?P<number>\d{1,3}))(?P<core> \(core dumped\))?")
_ABSENT = Ending(code=127, why=Why.NOT_FOUND)  # the codes are those of a shell
_LOCKED = Ending(code=126, why=Why.NOT_EXECUTABLE)
_SPAWN_ERRORS = (
    ("can't find command", _ABSENT),
    ("is not executable", _LOCKED),
    ("no permission to run command", _LOCKED),
    ("is a directory", _LOCKED),
)
_EXEC_ERROR = "supervisor: couldn't exec "
_NOT_EXECUTED = 127  # the exit status of supervisord's own child


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end as the log has it."""

    name: str  # of the process, without its group
    pid: int  # 0: it was started before this piece of the log
    mark: str  # tells it from every other end of that name
    ending: Ending
    uptime_s: float | None


def ends(text: str) -> Iterator[End]:
    """Every end in a piece of the log, oldest first; lines of any other kind are passed over.

    An end names no pid and no group. While two processes of one name run, in two groups, their ends are left out.
    """
    alive: dict[str, dict[int, str]] = {}
    for line in text.splitlines():
        if (match := _LINE.match(line)) is None:
            continue
        if spawned := _SPAWNED.match(match["text"]):
            alive.setdefault(spawned["name"], {})[int(spawned["pid"])] = match["at"]
        elif (ended := _ENDED.match(match["text"])) and len(alive.get(ended["name"], ())) < 2:
            yield _end(ended, match["at"], alive.pop(ended["name"], {}))


def end_of(text: str, name: str, pid: int, after: str) -> End | None:
    """The end of that process in a piece of the log: by its pid where that is known, else the next one.

    `after`: a mark or the beginning of one; older ends are not looked at. None: the log does not say.
    """
    found = [each for each in ends(text) if each.name == name]
    if pid and (with_pid := [each for each in found if each.pid == pid]):
        return with_pid[-1]
    return next((each for each in found if each.mark > after and not (pid and each.pid)), None)


def ending_of_spawn_error(text: str) -> Ending | None:
    """How a program that could not be started "ended"; None if the text does not speak of that."""
    return next((ending for words, ending in _SPAWN_ERRORS if words in text), None)


def of_exec(ending: Ending, lines: Sequence[str]) -> Ending:
    """The same, or better known: what supervisord itself wrote in the place of a program that it could not execute."""
    if ending.code == _NOT_EXECUTED and (words := next((each for each in lines if each.startswith(_EXEC_ERROR)), "")):
        return _ABSENT if words.endswith("ENOENT") else _LOCKED
    return ending


def _end(ended: re.Match[str], at: str, alive: dict[int, str]) -> End:
    pid, started = next(iter(alive.items()), (0, ""))
    mark = f"{at} {ended['how']}"
    return End(name=ended["name"], pid=pid, mark=mark, ending=_ending(ended["how"]), uptime_s=_between(started, at))


def _ending(how: str) -> Ending:
    if match := _EXIT_STATUS.match(how):
        return Ending(code=int(match["code"]))
    if match := _TERMINATED.match(how):
        why = Why.CORE_DUMPED if match["core"] else None
        return Ending(signal=match["name"] or f"signal {match['number']}", why=why)
    return Ending()


def _between(started: str, ended: str) -> float | None:
    """Seconds between two times of the log: local ones, so an hour may be wrong when clocks are changed."""
    try:
        span_s = (_time(ended) - _time(started)).total_seconds()
    except ValueError:  # not started within this piece, or no time at all
        return None
    return span_s if span_s >= 0 else None


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME_FORMAT)  # noqa: DTZ007 - only differences of two are used
