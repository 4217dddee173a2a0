"""Tracebacks of Python 3.11 and later, as the interpreter, `logging` and `traceback` print them."""

import re
from collections.abc import Sequence
from enum import Enum

from bongsu.event import Relation
from bongsu.watchers.report import Trace
from bongsu.watchers.traces.block import CHAIN_MAX, DRAFTS_MAX, MESSAGE_LINES_MAX, Draft, Step, trace_of
from bongsu.watchers.traces.names import is_type, module_and_type

_HEADER = "Traceback (most recent call last):"
_GROUP_HEADER = "Exception Group Traceback (most recent call last):"
_LINKS = {
    "The above exception was the direct cause of the following exception:": Relation.CAUSE,
    "During handling of the above exception, another exception occurred:": Relation.CONTEXT,
}
_ANNOUNCEMENT = re.compile(r"(?:Exception in thread .*|Process [\w:.-]+):$")  # threading, multiprocessing
_FRAME = re.compile(r'  File "(?P<path>.*)", line (?P<line>\d{1,9}), in (?P<function>.*)')
_SYNTAX = re.compile(r'  File "(?P<path>.*)", line (?P<line>\d{1,9})')
_REPEATED = re.compile(r"  \[Previous line repeated (\d{1,9}) more times?\]")
_RAISED = re.compile(r"(?P<type>[^\s:]+)(?:: ?(?P<message>.*))?")
# A line of a log, which is no part of a message: a date, a time, a level, an address, a JSON object.
_LOGGED = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d\b|\[?\d\d:\d\d:\d\d\b|\d+\.\d+\.\d+\.\d+ |\{\"|"
    r"\[?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b"
)
_MARGIN = re.compile(r"(?P<indent> *)\| ?(?P<content>.*)")
_BARE_GROUP = re.compile(r"  \| [^\s:]+: .*\(\d+ sub-exceptions?\)")
_REMOTE = re.compile(r"[\w.]+\._?RemoteTraceback: ?")  # multiprocessing, concurrent.futures
_MEMBER = re.compile(r"(?P<indent> *)\+(?P<first>-\+)?-+ (?:\d+|\.\.\.) -+")
_CLOSING = re.compile(r"(?P<indent> *)\+-+")
_QUOTES = '"""'  # around the traceback of another process, which is a message here
_SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")


class _State(Enum):
    BEGINNING = "beginning"  # of a chain, or after the words between two exceptions of it
    FRAMES = "frames"
    MESSAGE = "message"  # the exception was named; its message may go on
    QUOTED = "quoted"
    AFTER = "after"  # the message has ended; what grew out of it may follow


class Chain:
    """An exception and what it grew out of; of a chain the text has the captured one last."""

    def __init__(self, before: Draft | None = None, *, is_part: bool = False) -> None:
        """`is_part`: of something that was read already; then its exception may have no traceback."""
        self.captured = before  # the last that was read in full
        self._is_part = is_part
        self._draft = Draft()
        self._relation = Relation.CONTEXT
        self._state = _State.AFTER if before else _State.BEGINNING
        self._syntax_place = ""

    @property
    def is_complete(self) -> bool:
        return self._state in (_State.MESSAGE, _State.AFTER)

    def take(self, line: str) -> Step:
        """The next line, without the margin of a group."""
        match self._state:
            case _State.FRAMES:
                return self._frame(line)
            case _State.MESSAGE:
                return self._more_message(line)
            case _State.QUOTED:
                return self._quoted(line)
            case _State.BEGINNING:
                return self._begin(line)
            case _State.AFTER:
                return self._link(line)

    def _begin(self, line: str) -> Step:
        if line in (_HEADER, _GROUP_HEADER):
            self._state = _State.FRAMES
            return Step.TAKEN
        if _SYNTAX.fullmatch(line):
            self._state = _State.FRAMES
            return self._frame(line)
        if not line.strip():
            return Step.TAKEN
        return Step.TAKEN if self._is_part and self._raised(line) else Step.OVER

    def _frame(self, line: str) -> Step:
        calls = self._draft.calls
        if found := _FRAME.fullmatch(line):
            calls.add(found["function"], found["path"], int(found["line"]))
        elif found := _SYNTAX.fullmatch(line):
            calls.add("<syntax>", found["path"], int(found["line"]))
            self._syntax_place = f" ({found['path'].rpartition('/')[2]}, line {found['line']})"
        elif found := _REPEATED.fullmatch(line):
            calls.repeat(int(found[1]))
        elif line.strip() and not line.startswith("    "):
            return Step.TAKEN if self._raised(line) else _not_taken(line)
        return Step.TAKEN

    def _raised(self, line: str) -> bool:
        """Whether the line names the exception."""
        found = _RAISED.fullmatch(line)
        if not found or not is_type(found["type"]):
            return False
        draft = self._draft
        draft.module, draft.type = module_and_type(found["type"])
        draft.message = [found["message"] or ""]
        if draft.type in _SYNTAX_ERRORS:
            draft.message[0] += self._syntax_place
        if self.captured is not None:
            draft.follow(self.captured, self._relation)
        self.captured, self._state = draft, _State.MESSAGE
        return True

    def _more_message(self, line: str) -> Step:
        message = self._draft.message
        if not line.strip() or line in _LINKS:
            self._state = _State.AFTER
            return self._link(line)
        if line == _QUOTES and len(message) == 1:
            self._state = _State.QUOTED
        elif len(message) >= MESSAGE_LINES_MAX or begins(line) or _LOGGED.match(line):
            self._state = _State.AFTER
            return _not_taken(line)
        message.append(line)
        return Step.TAKEN

    def _quoted(self, line: str) -> Step:
        if len(self._draft.message) < MESSAGE_LINES_MAX:
            self._draft.message.append(line)
        if line == _QUOTES:
            self._state = _State.MESSAGE
        return Step.TAKEN

    def _link(self, line: str) -> Step:
        if line in _LINKS:
            self._relation, self._draft, self._syntax_place = _LINKS[line], Draft(), ""
            self._state, self._is_part = _State.BEGINNING, True
            return Step.TAKEN
        return _not_taken(line) if line.strip() else Step.TAKEN

    def end_of_members(self) -> None:
        """After its members a group goes on only with what grew out of it."""
        self._state = _State.AFTER


class PythonBlock:
    """A traceback with all its causes and members."""

    def __init__(self, prefix: str = "", before: Draft | None = None, *, is_bare: bool = False) -> None:
        """`prefix`: what somebody writes before each line. `before`: a cause that had no traceback.
        `is_bare`: the first exception has none."""
        self._prefix = prefix
        top = Chain(before, is_part=is_bare)
        self._chains = {0: top, 1: top}  # by the depth of the margin; a group has margin 1 in the chain of all
        self._owners: dict[int, Draft] = {}  # by the depth of the member that is being read
        self._depth = 0
        self._members = 0

    @property
    def is_complete(self) -> bool:
        return self._depth <= 1 and self._chains[0].is_complete

    def trace(self) -> Trace | None:
        self._leave(2)
        captured = self._chains[0].captured
        return trace_of(captured) if captured else None

    def take(self, line: str) -> Step:
        line = line.removeprefix(self._prefix)
        if line == f"  + {_GROUP_HEADER}" and self._depth <= 1:
            self._depth = 1
            return self._chains[0].take(_GROUP_HEADER)
        if _BARE_GROUP.fullmatch(line):
            self._depth = max(self._depth, 1)
        return self._in_group(line) if self._depth else self._chains[0].take(line)

    def _in_group(self, line: str) -> Step:
        if found := _MARGIN.fullmatch(line):
            return self._content(len(found["indent"]) // 2, found["content"])
        if found := _MEMBER.fullmatch(line):
            return self._member(len(found["indent"]) // 2 + bool(found["first"]))
        if found := _CLOSING.fullmatch(line):
            return self._close(len(found["indent"]) // 2)
        if self._depth == 1:
            return self._chains[0].take(line)
        # The interpreter gives further lines of a message no margin before 3.13.
        return self._within(self._chains[self._depth], line) if line.strip() else Step.TAKEN

    def _content(self, depth: int, content: str) -> Step:
        if depth not in self._chains:
            return Step.ALIEN
        self._depth = max(depth, 1)
        return self._within(self._chains[depth], content)

    def _within(self, chain: Chain, line: str) -> Step:
        step = chain.take(line)
        return Step.ALIEN if step is Step.OVER else step

    def _member(self, depth: int) -> Step:
        parent = self._chains.get(depth - 1)
        if depth < 2 or parent is None or parent.captured is None:
            return Step.ALIEN
        self._leave(depth)
        self._depth = depth
        self._chains[depth], self._owners[depth] = Chain(is_part=True), parent.captured
        return Step.TAKEN

    def _close(self, depth: int) -> Step:
        if depth < 2 or depth not in self._chains:
            return Step.ALIEN
        self._leave(depth)
        self._depth = depth - 1
        self._chains[self._depth].end_of_members()
        return Step.TAKEN

    def _leave(self, depth: int) -> None:
        """Give the members from this depth on to their groups."""
        for each in sorted((key for key in self._chains if key >= depth), reverse=True):
            member, members = self._chains.pop(each).captured, self._owners.pop(each).members
            if member and len(members) < CHAIN_MAX and self._members < DRAFTS_MAX:
                self._members += 1
                members.append(member)


def opening(line: str, before: Sequence[str]) -> PythonBlock | None:
    """The traceback that this line begins, the line taken; `before` are the lines before it."""
    block = _block_for(line, before)
    if block is not None and not _ANNOUNCEMENT.fullmatch(line):
        block.take(line)
    return block


def _block_for(line: str, before: Sequence[str]) -> PythonBlock | None:
    if line.endswith(_HEADER):
        return PythonBlock(line.removesuffix(_GROUP_HEADER).removesuffix("  + ").removesuffix(_HEADER))
    if line in _LINKS:
        return PythonBlock(before=_bare(before))
    if _BARE_GROUP.fullmatch(line) or _REMOTE.fullmatch(line):
        return PythonBlock(is_bare=True)
    return PythonBlock() if _ANNOUNCEMENT.fullmatch(line) or _SYNTAX.fullmatch(line) else None


def _not_taken(line: str) -> Step:
    return Step.OVER if begins(line) else Step.ALIEN


def begins(line: str) -> bool:
    """Whether the line can be nothing but the beginning of a traceback, or of another one of a chain."""
    return line.endswith(_HEADER) or line in _LINKS or _ANNOUNCEMENT.fullmatch(line) is not None


def _bare(lines: Sequence[str]) -> Draft | None:
    """An exception without a traceback, which is but a line, perhaps with more of its message behind it."""
    for line in reversed(lines):
        found = _RAISED.fullmatch(line)
        if found and found["type"].rpartition(".")[2][:1].isupper():
            chain = Chain(is_part=True)
            chain.take(line)
            return chain.captured
    return None
