"""What one process wrote to stderr, in pieces: its last lines, and the stacks in it."""

import codecs
from collections.abc import Iterable

from bongsu.watchers.output import Tail
from bongsu.watchers.report import Trace
from bongsu.watchers.stacks import Source, Stacks
from bongsu.watchers.traces import Assembler

HOLD_S = 2.5  # a stack waits so long for the end of its process: supervisord tells of that up to 2 s later, measured
HELD_MAX = 20  # stacks that wait at once, of one process

_Decoder = codecs.getincrementaldecoder("utf-8")


class Stderr:
    """Of one run of one process."""

    def __init__(self, cwd: str = "") -> None:
        """`cwd`: of the process."""
        self._tail = Tail()
        self._assembler = Assembler(cwd)
        self._decoder = _Decoder("replace")  # a piece may end inside a character
        self._stacks = Stacks(hold_s=HOLD_S, most=HELD_MAX)

    def feed(self, piece: bytes, now: float) -> None:
        """The next bytes."""
        self._tail.feed(piece)
        self._hold(self._assembler.feed(self._decoder.decode(piece), now), now)

    def ripe(self, now: float) -> list[Trace]:
        """The stacks whose process has lived on."""
        due_at = self._assembler.due_at()
        if due_at is not None and due_at <= now:
            self._hold(self._assembler.flush(now), now)
        return self._stacks.ripe(now)

    def due_at(self) -> float | None:
        """When `ripe` may have something, if nothing comes before."""
        waits = (self._stacks.due_at(), self._assembler.due_at())
        return min((at for at in waits if at is not None), default=None)

    def end(self, now: float) -> list[Trace]:
        """The stacks that nobody has been told of; the last one is what the process died of."""
        self._hold(self._assembler.flush(now), now)
        return self._stacks.take()

    def lines(self) -> tuple[str, ...]:
        """The last lines."""
        return self._tail.lines()

    def _hold(self, found: Iterable[object], now: float) -> None:
        for each in found:
            if isinstance(each, Trace):
                self._stacks.add(each, Source.OUTPUT, now)
