"""Stacks out of a stream of text that comes in pieces."""

from collections import deque
from collections.abc import Callable, Sequence

from bongsu.watchers.output import LINE_LENGTH_MAX, shown
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import faults, node, python
from bongsu.watchers.traces.block import BLOCK_LINES_MAX, Block, Step
from bongsu.watchers.traces.places import located

SETTLE_S = 0.2  # of silence end what may end here; a stack is written at once, and read in pieces
PATIENCE_S = 2.0  # for the rest of one that was cut; a machine that swaps is slow
ALIENS_MAX = 10  # lines of somebody else in the middle of a stack
BEFORE_MAX = 8  # lines before a stack; the name of what it is about may stand there
TAKEN_MAX = 20  # lines given back when they turn out to be no stack
AFTERWARDS_MAX = 50  # lines found behind the last stack; with more of them the process has lived on
_PARTIAL_MAX = 4 * LINE_LENGTH_MAX  # characters of an unfinished line, colours included

Found = Trace | str

# One of these words is in every line that begins a stack, or it ends with a digit.
_SIGNS = (
    "Traceback",
    faults.FATAL_TYPE,
    "Error",
    "Exception",
    "Rejection",
    " at ",
    "  File ",
    "above exception",
    "sub-exception",
    "Process ",
)


class Assembler:
    """Finds the stacks in one stream; two streams never share one."""

    def __init__(self, cwd: str) -> None:
        """`cwd`: of the process that writes."""
        self._locate: Callable[[Trace], Trace] = lambda trace: located(trace, cwd)
        self._partial = ""
        self._block: Block | None = None
        self._taken: list[str] = []
        self._lines = 0
        self._aliens = 0
        self._before: deque[str] = deque(maxlen=BEFORE_MAX)  # the last lines that belong to no stack
        self._heard_at = 0.0

    def feed(self, text: str, now: float) -> list[Found]:
        """What the next piece completes: stacks, and lines that belong to none, the empty ones left out.

        In order, but for the few lines that came while a stack could still go on.
        """
        found: list[Found] = []
        due_at = self.due_at()
        if due_at is not None and now >= due_at:
            self._close(found)
        self._heard_at = now
        *lines, partial = (self._partial + text).split("\n")
        for line in lines:
            self._take(line if line.isprintable() else shown(line), found)
        self._partial = _bounded(partial)
        return found

    def flush(self, now: float) -> list[Found]:
        """What is there although it may not be complete: at the end of the stream, or when it is due."""
        found: list[Found] = []
        if self._partial:
            self._take(shown(self._partial), found)
        self._partial, self._heard_at = "", now
        self._close(found)
        return found

    def due_at(self) -> float | None:
        """When to flush if nothing comes until then."""
        if self._block is None and not self._partial:
            return None
        return self._heard_at + (SETTLE_S if self._block is None or self._block.is_complete else PATIENCE_S)

    def _take(self, line: str, found: list[Found]) -> None:
        line = line[:LINE_LENGTH_MAX]
        if self._block is not None and self._continues(line, found):
            return
        self._close(found)
        self._block = _opening(line, self._before)
        if self._block is not None:
            self._taken = [line]
        elif line.strip():
            self._before.append(line)
            found.append(line)

    def _continues(self, line: str, found: list[Found]) -> bool:
        """Whether the line comes in the middle of the stack that is being read."""
        assert self._block is not None
        self._lines += 1
        step = self._block.take(line) if self._lines <= BLOCK_LINES_MAX else Step.OVER
        if step is Step.ALIEN:
            self._aliens += 1
            if self._aliens > ALIENS_MAX or (self._block.is_complete and _opening(line, self._before)):
                return False
            found.append(line)
            return True
        if step is Step.TAKEN and len(self._taken) < TAKEN_MAX:
            self._taken.append(line)
        return step is Step.TAKEN

    def _close(self, found: list[Found]) -> None:
        if self._block is None:
            return
        trace = self._block.trace()
        lines = [line for line in self._taken if line.strip()]
        found += [self._locate(trace)] if trace else lines
        self._before.extend(lines)
        self._block, self._taken, self._lines, self._aliens = None, [], 0, 0


def newest(lines: Sequence[str], cwd: str) -> Trace | None:
    """The last stack in these lines, if it may be what ended them; a cut one counts as far as it got."""
    assembler = Assembler(cwd)
    found = assembler.feed("".join(f"{line}\n" for line in lines), 0.0) + assembler.flush(0.0)
    return next((each for each in found[: -AFTERWARDS_MAX - 2 : -1] if isinstance(each, Trace)), None)


def _opening(line: str, before: Sequence[str]) -> Block | None:
    if not line[-1:].isdigit() and not any(sign in line for sign in _SIGNS):
        return None
    return faults.opening(line) or python.opening(line, before) or node.opening(line, before)


def _bounded(partial: str) -> str:
    """The head of an unfinished line, in its last state."""
    if "\r" in partial.rstrip("\r"):
        partial = partial.rstrip("\r").rpartition("\r")[2] + "\r" * partial.endswith("\r")
    return partial if len(partial) <= _PARTIAL_MAX else partial[:_PARTIAL_MAX]
