"""Stacks of JavaScript, and what Node writes around them."""

import re
from collections.abc import Sequence
from enum import Enum

from bongsu.event import Relation
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import v8
from bongsu.watchers.traces.block import CHAIN_MAX, DRAFTS_MAX, MESSAGE_LINES_MAX, Draft, Step, trace_of
from bongsu.watchers.traces.python import begins

_PROPERTY_LINES_MAX = 500  # behind a stack: code, cause, members
_EXCERPT_LINES_MAX = 3  # the code that Node shows, and the mark below it
_HELD_LINES_MAX = 8  # of a message whose stack has not come

_EXCERPT = re.compile(
    r"(?P<path>(?:/|file:///|node:|[A-Za-z]:\\|\[eval\]|<|\.{1,2}/|webpack).*|[\w.-]+\.[cm]?[jt]sx?):(?P<line>\d{1,9})"
)
_MARK = re.compile(r"\s*\^+\s*")
_CAUSE = "[cause]: "
_MEMBERS = "[errors]: ["
_TRAILERS = ("Node.js v", "(Use `node --trace-uncaught")
_NOT_A_FILE = ("node:", "<", "[eval]")
_HEAP_EXHAUSTED = re.compile(r"FATAL ERROR: .*\b(?:heap|process) out of memory")


class _State(Enum):
    EXCERPT = "excerpt"  # of the code, which Node shows first
    HEAD_DUE = "head_due"
    MESSAGE = "message"  # the error is named; its message may go on, and its calls may follow
    CALLS = "calls"
    PROPERTIES = "properties"  # in braces, causes and members among them
    THROWN = "thrown"  # something that is no error and has no stack
    AFTER = "after"


class NodeBlock:
    """An error with its stack, its causes and members."""

    def __init__(self, *, is_sure: bool = False) -> None:
        """`is_sure`: it is known to be one; else a line that looks like an error's may be no more than that."""
        self._draft = Draft()
        self._open = [(0, self._draft)]  # errors that are not closed, with the margins of their heads
        self._member_margins: set[int] = set()
        self._drafts = 1
        self._state = _State.EXCERPT
        self._place: tuple[str, int] | None = None  # of the excerpt
        self._is_sure = is_sure
        self._lines = 0
        self._saw_blank = False

    @property
    def is_complete(self) -> bool:
        return self._state is not _State.PROPERTIES

    def trace(self) -> Trace | None:
        if not self._is_sure:
            return None
        if not self._draft.calls.frames and self._place:
            self._draft.calls.add(v8.ANONYMOUS, *self._place)
        return trace_of(self._draft)

    def show(self, path: str, line: int) -> None:
        """The place that Node shows first."""
        if not path.startswith(_NOT_A_FILE):
            self._place = (v8.local_path(path), line)

    def name(self, head: v8.Head) -> None:
        """The line that names the error."""
        self._draft.name(head.type, head.message, crash_first=True)
        if self._place and head.type == "SyntaxError":
            self._draft.calls.add("<syntax>", *self._place)
        self._state = _State.PROPERTIES if head.has_properties else _State.MESSAGE
        self._is_sure = self._is_sure or head.has_properties

    def take(self, line: str) -> Step:
        match self._state:
            case _State.EXCERPT:
                return self._excerpt(line)
            case _State.HEAD_DUE:
                return self._head(line)
            case _State.MESSAGE:
                return self._more_message(line)
            case _State.CALLS:
                return self._call(line)
            case _State.PROPERTIES:
                return self._property(line)
            case _State.THROWN:
                return self._more_thrown(line)
            case _State.AFTER:
                return Step.TAKEN if not line.strip() or line.startswith(_TRAILERS) else Step.OVER

    def _excerpt(self, line: str) -> Step:
        self._lines += 1
        if _MARK.fullmatch(line):
            self._state = _State.HEAD_DUE
        return Step.TAKEN if self._lines <= _EXCERPT_LINES_MAX else Step.OVER

    def _head(self, line: str) -> Step:
        if not line.strip():
            self._saw_blank = True
            return Step.TAKEN
        self._is_sure = True
        head = v8.head(line) if self._saw_blank else v8.telling_head(line)
        if head:
            self.name(head)
        else:
            self._draft.name("Uncaught", line, crash_first=True)
            self._state = _State.THROWN
        return Step.TAKEN

    def _more_message(self, line: str) -> Step:
        message = self._draft.message
        if v8.call(line):
            self._state, self._is_sure = _State.CALLS, True
            return self._call(line)
        if self._is_sure and not line.strip():
            self._state = _State.AFTER
        elif len(message) >= _HELD_LINES_MAX or (not self._is_sure and (v8.telling_head(line) or begins(line))):
            return Step.OVER
        else:
            message.append(line)
        return Step.TAKEN

    def _more_thrown(self, line: str) -> Step:
        if not line.strip() or line.startswith(_TRAILERS):
            self._state = _State.AFTER
        elif len(self._draft.message) >= MESSAGE_LINES_MAX:
            return Step.OVER
        else:
            self._draft.message.append(line)
        return Step.TAKEN

    def _call(self, line: str) -> Step:
        call = self._called(line, self._draft)
        if call and call.has_properties:
            self._state = _State.PROPERTIES
        elif not call and not line.strip():
            self._state = _State.AFTER
        elif not call and not v8.left_out(line):
            return Step.OVER
        return Step.TAKEN

    def _called(self, line: str, draft: Draft) -> v8.Call | None:
        call = v8.call(line)
        if call and call.path:
            draft.calls.add(call.function, call.path, call.line)
        draft.calls.skip(v8.left_out(line))
        return call

    def _property(self, line: str) -> Step:
        self._lines += 1
        margin, text = len(line) - len(line.lstrip(" ")), line.strip().rstrip(",")
        if self._lines > _PROPERTY_LINES_MAX:
            return Step.OVER
        if self._called(line, self._open[-1][1]):
            return Step.TAKEN
        if text == "}":
            self._close(margin)
        elif text == _MEMBERS:
            self._member_margins.add(margin + 2)
        elif text.startswith(_CAUSE):
            self._nest(margin, v8.head(text.removeprefix(_CAUSE)), Relation.CAUSE)
        elif margin in self._member_margins and text != "]":
            self._nest(margin, v8.head(text), Relation.MEMBER)
        return Step.TAKEN

    def _close(self, margin: int) -> None:
        if margin == 0:
            self._state = _State.AFTER
        self._leave(margin)

    def _leave(self, margin: int) -> None:
        while len(self._open) > 1 and self._open[-1][0] >= margin:
            self._open.pop()

    def _nest(self, margin: int, head: v8.Head | None, relation: Relation) -> None:
        self._leave(margin)
        owner, draft = self._open[-1][1], Draft()
        if head is None or self._drafts >= DRAFTS_MAX:
            return
        draft.name(head.type, head.message, crash_first=True)
        if relation is Relation.CAUSE:
            owner.follow(draft, relation)
        elif len(owner.members) < CHAIN_MAX:
            owner.members.append(draft)
        self._open.append((margin, draft))
        self._drafts += 1


def opening(line: str, before: Sequence[str]) -> NodeBlock | None:
    """The error or stack that this line may begin, the line taken; `before` are the lines before it."""
    block = NodeBlock()
    if head := v8.telling_head(line):
        block.name(head)
    elif v8.call(line):
        block.name(v8.head_before_calls(before[-1] if before else ""))
        block.take(line)
    elif found := _EXCERPT.fullmatch(line):
        block.show(found["path"], int(found["line"]))
    else:
        return None
    return block


def of_stack(text: str) -> Trace | None:
    """What an error's own `stack` says, which begins with its name."""
    first, *others = text.strip("\n").split("\n")
    if not first.strip():
        return None
    block = NodeBlock(is_sure=True)
    block.name(v8.head_before_calls(first))
    for line in others:
        if block.take(line) is Step.OVER:
            break
    return block.trace()


def heap_exhausted(lines: Sequence[str]) -> bool:
    """Whether V8 gave up for want of memory."""
    return any(_HEAP_EXHAUSTED.search(line) for line in lines)
