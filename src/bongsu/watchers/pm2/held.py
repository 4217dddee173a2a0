"""Stacks of one app that wait for what becomes of it: it dies of the last one, or it lives on."""

from dataclasses import dataclass
from enum import Enum, auto

from bongsu.watchers.report import Trace

HOLD_S = 0.5  # a crash follows its stack after about 15 ms; a loaded machine may take longer
HELD_MAX = 50  # of one app; beyond that the oldest are told at once


TOLD_MAX = 20  # exceptions of one app that are told in TOLD_PER_S; the others are counted
TOLD_PER_S = 5.0


class Budget:
    """How many exceptions may be told now."""

    def __init__(self) -> None:
        self._since = 0.0
        self._told = 0

    def allows(self, now: float) -> bool:
        """Ask for one."""
        if not 0.0 <= now - self._since < TOLD_PER_S:
            self._since, self._told = now, 0
        self._told += 1
        return self._told <= TOLD_MAX


class Source(Enum):
    """Who told of a stack. A node exception comes both ways, in either order, and is one."""

    OUTPUT = auto()
    WRAPPER = auto()  # pm2's, around node programs


@dataclass(slots=True)
class _Held:
    trace: Trace
    at: float
    sources: set[Source]


class Stacks:
    """The stacks that wait."""

    def __init__(self) -> None:
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
        return self._held[0].at + HOLD_S if self._held else None

    def ripe(self, now: float) -> list[Trace]:
        """Those that the app has outlived; they wait no more."""
        young = [each for each in self._held if each.at + HOLD_S > now][-HELD_MAX:]
        old = self._held[: len(self._held) - len(young)]
        self._held = young
        return [each.trace for each in old]

    def take(self) -> list[Trace]:
        """All of them; they wait no more."""
        taken, self._held = self._held, []
        return [each.trace for each in taken]


def _key(trace: Trace) -> tuple[object, ...]:
    error = trace.errors[0]
    return error.type, error.message.partition("\n")[0], error.frames[-1].line if error.frames else None
