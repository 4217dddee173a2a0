"""What the readers of stacks have in common: the steps of reading, and the errors they draw up on the way."""

from collections import deque
from enum import Enum
from typing import Protocol

from bongsu.event import Relation
from bongsu.watchers.report import Trace, TraceError, TraceFrame

# The limits of bongsu.capture, so that a stack read here and the exception captured inside are cut alike.
FRAMES_HALF = 50  # kept from each end of a long stack: the way in, and the crash
CHAIN_MAX = 10  # exceptions of one chain or group
DRAFTS_MAX = 30  # members of all groups in one stack; more than are ever shown
BLOCK_LINES_MAX = 10_000  # a recursion of 1,000 calls over several functions has some 4,000
MESSAGE_LINES_MAX = 50
MESSAGE_LENGTH_MAX = 4_000  # characters
NAME_LENGTH_MAX = 300  # characters of a function's or a type's name
PATH_LENGTH_MAX = 1_024  # characters


class Step(Enum):
    """What a reader makes of a line."""

    TAKEN = "taken"
    ALIEN = "alien"  # not of the stack, which goes on: somebody else writes too
    OVER = "over"  # not of the stack, which has ended


class Block(Protocol):
    """A stack that is being read, line by line."""

    @property
    def is_complete(self) -> bool:
        """Whether it may end here."""
        ...

    def take(self, line: str) -> Step:
        """The next line."""
        ...

    def trace(self) -> Trace | None:
        """What it says as far as it got; nothing while it may be something else."""
        ...


class Calls:
    """The frames of one stack, of a long one both ends."""

    def __init__(self) -> None:
        self._head: list[TraceFrame] = []
        self._tail: deque[TraceFrame] = deque(maxlen=FRAMES_HALF)
        self._count = 0

    def add(self, function: str, path: str, line: int) -> None:
        """The next frame."""
        function, path = function[:NAME_LENGTH_MAX], path[:PATH_LENGTH_MAX]
        self._repeat(TraceFrame(function=function, module="", path=path, line=line), 1)

    def repeat(self, times: int) -> None:
        """The last frame, so many times more."""
        if self._count:
            self._repeat(self._tail[-1] if self._tail else self._head[-1], times)

    def skip(self, count: int) -> None:
        """Frames that the text leaves out."""
        self._count += count

    def _repeat(self, frame: TraceFrame, times: int) -> None:
        room = min(times, FRAMES_HALF - len(self._head))
        self._head += [frame] * room
        self._tail.extend([frame] * min(times - room, FRAMES_HALF))
        self._count += times

    @property
    def frames(self) -> tuple[TraceFrame, ...]:
        """In the order of the text."""
        return (*self._head, *self._tail)

    @property
    def omitted(self) -> int:
        return self._count - len(self._head) - len(self._tail)


class Draft:
    """One exception as far as it was read."""

    def __init__(self) -> None:
        self.type = ""
        self.module = ""
        self.message: list[str] = []
        self.calls = Calls()
        self.crash_first = False
        self.members: list[Draft] = []
        self.before: Draft | None = None
        self.before_is = Relation.CONTEXT

    def name(self, kind: str, message: str, *, crash_first: bool) -> None:
        """`crash_first`: in the text, the call that failed comes first."""
        self.type, self.message, self.crash_first = kind, [message], crash_first

    def follow(self, before: "Draft", relation: Relation) -> None:
        """Tell what came before; what lies too far back is let go."""
        self.before, self.before_is = before, relation
        link = before
        for _ in range(CHAIN_MAX):
            if link.before is None:
                return
            link = link.before
        link.before = None

    def error(self, relation: Relation) -> TraceError:
        frames = self.calls.frames
        return TraceError(
            type=self.type[:NAME_LENGTH_MAX],
            module=self.module[:NAME_LENGTH_MAX],
            message="\n".join(self.message)[:MESSAGE_LENGTH_MAX],
            frames=frames[::-1] if self.crash_first else frames,
            relation=relation,
            omitted=self.calls.omitted,
        )


def trace_of(captured: Draft) -> Trace:
    """The captured exception, then its members and causes, in the order of bongsu.capture."""
    waiting = deque([(captured, Relation.RAISED)])
    errors: list[TraceError] = []
    while waiting and len(errors) < CHAIN_MAX:
        draft, relation = waiting.popleft()
        errors.append(draft.error(relation))
        waiting.extend((member, Relation.MEMBER) for member in draft.members)
        if draft.before is not None:
            waiting.append((draft.before, draft.before_is))
    return Trace(errors=tuple(errors))
