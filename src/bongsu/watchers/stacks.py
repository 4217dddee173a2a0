"""Stacks of one process that wait for what becomes of it: it dies of the last one, or it lives on."""

from dataclasses import dataclass
from enum import Enum, auto

from bongsu.watchers.report import Trace


class Source(Enum):
    """Who told of a stack. An exception that comes both ways, in either order, is one."""

    OUTPUT = auto()
    WRAPPER = auto()  # around the program, as pm2 has one for node


@dataclass(slots=True, eq=False)
class _Held:
    trace: Trace
    at: float
    sources: set[Source]


class Stacks:
    """The stacks that wait."""

    def __init__(self, *, hold_s: float, most: int) -> None:
        """`hold_s`: how long an end may come after its stack. Beyond `most` the oldest wait no longer."""
        self._hold_s = hold_s
        self._most = most
        self._held: list[_Held] = []

    def add(self, trace: Trace, source: Source, now: float) -> None:
        """Hold one; what the other source has told already is no second one."""
        for each in self._held:
            if source not in each.sources and _key(each.trace) == _key(trace):
                each.sources.add(source)
                each.trace = trace if source is Source.OUTPUT else each.trace  # which shows causes, too
                return
        self._held.append(_Held(trace=trace, at=now, sources={source}))

    def due_at(self) -> float | None:
        """When `ripe` has something; None: nothing waits."""
        return self._held[0].at + self._hold_s if self._held else None

    def ripe(self, now: float) -> list[Trace]:
        """Those that the process has outlived; they wait no more."""
        young = [each for each in self._held if self._is_young(each, now)][-self._most :]
        old = [each.trace for each in self._held if each not in young]
        self._held = young
        return old

    def take(self) -> list[Trace]:
        """All of them; they wait no more."""
        taken, self._held = self._held, []
        return [each.trace for each in taken]

    def _is_young(self, held: _Held, now: float) -> bool:
        """A clock that was set back far makes old what would wait too long."""
        return held.at - self._hold_s < now < held.at + self._hold_s


def _key(trace: Trace) -> tuple[object, ...]:
    error = trace.errors[0]
    return error.type, error.message.partition("\n")[0], error.frames[-1].line if error.frames else None
