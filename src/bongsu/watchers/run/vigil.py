"""Looks after one run of a service while it lives: its memory, its silence, its cgroup. It tells, and kills nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bongsu.watchers import probe
from bongsu.watchers.probe import Kills

MEMORY_EVERY_S = 1.0
SILENCE_EVERY_S = 1.0  # while it is silent: whether it writes again
CGROUP_FIRST_S = 0.05  # a program that moves into a cgroup of its own does so soon, ...
CGROUP_LAST_S = 30.0  # ... and after that nobody looks

NEVER = float("inf")


class Sight(StrEnum):
    """What there is to tell."""

    OVER_MEMORY = "over_memory"
    SILENT = "silent"
    WRITES_AGAIN = "writes_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One sight, with its number."""

    sight: Sight
    used_bytes: int = 0
    span_s: float = 0.0


class Vigil:
    """Of one run. `now` is monotonic; `look` is called when `due_at` has come."""

    def __init__(
        self, pid: int, now: float, *, max_memory: int | None, no_output_for_s: float | None, is_silent: bool
    ) -> None:
        """`is_silent`: it was, in the run before."""
        self.kills = probe.kills(pid)
        self.is_silent = is_silent
        self._pid = pid
        self._max_memory = max_memory
        self._no_output_for_s = no_output_for_s
        self._began_at = now
        self._pause_s = CGROUP_FIRST_S
        self._cgroup_at = now + CGROUP_FIRST_S
        self._memory_at = now + MEMORY_EVERY_S if max_memory is not None else NEVER
        self._silence_at = now + no_output_for_s if no_output_for_s is not None else NEVER

    def due_at(self) -> float:
        """When to look next."""
        return min(self._cgroup_at, self._memory_at, self._silence_at)

    def look(self, now: float, written_at: float) -> Iterator[Seen]:
        """What there is to tell; `written_at` is when the service last wrote."""
        if now >= self._cgroup_at:
            self.look_for_cgroup(now)
        if now >= self._memory_at:
            self._memory_at = now + MEMORY_EVERY_S
            yield from self._memory()
        if now >= self._silence_at:
            yield from self._silence(now, max(written_at, self._began_at))

    def look_for_cgroup(self, now: float) -> None:
        """A process may move into another cgroup; of the one in which it is, the first count is the one before."""
        found = probe.kills(self._pid)
        if found is not None and (self.kills is None or self.kills.path != found.path):
            self.kills = found
        self._pause_s *= 2
        self._cgroup_at = now + self._pause_s if self._pause_s <= CGROUP_LAST_S else NEVER

    def kills_now(self) -> Kills | None:
        """The same counter now."""
        return probe.kills_in(self.kills.path) if self.kills else None

    def _memory(self) -> Iterator[Seen]:
        used = probe.group_bytes(self._pid)
        if self._max_memory is not None and used > self._max_memory:
            self._memory_at = NEVER
            yield Seen(sight=Sight.OVER_MEMORY, used_bytes=used)

    def _silence(self, now: float, written_at: float) -> Iterator[Seen]:
        assert self._no_output_for_s is not None
        silent_for_s = now - written_at
        is_silent = silent_for_s >= self._no_output_for_s
        self._silence_at = now + SILENCE_EVERY_S if is_silent else written_at + self._no_output_for_s
        if is_silent != self.is_silent:
            self.is_silent = is_silent
            yield Seen(sight=Sight.SILENT if is_silent else Sight.WRITES_AGAIN, span_s=silent_for_s)
