"""What an event does not say: code or signal of an end, the working directory of a start."""

import os
from datetime import UTC, datetime, timedelta

from bongsu.clock import utc_offset_s
from bongsu.event import Ending
from bongsu.watchers.supervisor import log
from bongsu.watchers.supervisor.protocol import Event
from bongsu.watchers.supervisor.rpc import Supervisor
from bongsu.watchers.supervisor.turns import Found

RECENT_S = 15.0  # we hear of an end within 2 s, or when we have started


class Lookup:
    """Asks supervisord; what it cannot answer stays unknown."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._log = ""  # as it was read last: a burst of ends is one question
        self._marks: dict[tuple[str, str], str] = {}
        self._has_cwd: set[tuple[str, str]] = set()

    def found(self, event: Event, at: float) -> Found:
        """What else is known of an event that came at that time."""
        match event.state:
            case "STARTING" if (event.group, event.process) not in self._has_cwd:
                info = self._supervisor.info(event.group, event.process)
                return self._start(event, info.pid if info else 0)
            case "RUNNING":
                return self._start(event, event.pid)
            case "EXITED" | "BACKOFF" | "STOPPED" if event.from_state != "BACKOFF":
                return self._end(event, at)
        return Found()

    def _start(self, event: Event, pid: int) -> Found:
        cwd = _cwd(pid)
        if cwd:
            self._has_cwd.add((event.group, event.process))
        return Found(cwd=cwd)

    def _end(self, event: Event, at: float) -> Found:
        end = self._in_log(event, at)
        if end is not None:
            self._marks[event.group, event.process] = end.mark
            return Found(ending=end.ending, uptime_s=end.uptime_s)
        info = self._supervisor.info(event.group, event.process)
        if info is None:
            return Found()
        if event.state == "BACKOFF":
            return Found(ending=log.ending_of_spawn_error(info.spawn_error))
        is_of_this_end = info.state == event.state and info.exit_code is not None
        return Found(ending=Ending(code=info.exit_code) if is_of_this_end else None)

    def _in_log(self, event: Event, at: float) -> log.End | None:
        after = max(self._marks.get((event.group, event.process), ""), _local_time(at - RECENT_S))
        if event.pid:
            end = log.end_of(self._log, event.process, event.pid, after)
            if end is not None and end.pid == event.pid:
                return end
        self._log = self._supervisor.log_tail()
        return log.end_of(self._log, event.process, event.pid, after)


def _cwd(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd") if pid else ""
    except OSError:  # no /proc, another user's, or gone
        return ""


def _local_time(at: float) -> str:
    """As supervisord writes times: local, in milliseconds."""
    local = datetime.fromtimestamp(at, UTC) + timedelta(seconds=utc_offset_s(at))
    return local.strftime(log.TIME_FORMAT)[:-3]
