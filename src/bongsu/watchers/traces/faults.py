"""What faulthandler writes when the interpreter itself dies."""

import re

from bongsu.watchers.report import Trace
from bongsu.watchers.traces.block import Draft, Step, trace_of

FATAL_TYPE = "Fatal Python error"

_TITLE = re.compile(rf"{FATAL_TYPE}: (?P<message>.*)")
_FRAME = re.compile(r'  File "(?P<path>.*)", line (?P<line>\d{1,9}) in (?P<function>.*)')
_CURRENT = "Current thread"
_FURTHER = re.compile(r"Thread 0x|Current thread|Extension modules:|  |Python runtime state:|$")


class FaultBlock:
    """The stack of the thread that died; those of the others are read over."""

    def __init__(self, message: str) -> None:
        self._draft = Draft()
        self._draft.name(FATAL_TYPE, message, crash_first=True)
        self._is_inside = False  # the stack of the thread that died

    @property
    def is_complete(self) -> bool:
        return True

    def trace(self) -> Trace | None:
        return trace_of(self._draft)

    def take(self, line: str) -> Step:
        if found := _FRAME.fullmatch(line):
            if self._is_inside:
                self._draft.calls.add(found["function"], found["path"], int(found["line"]))
        elif _FURTHER.match(line):
            self._is_inside = (line.startswith(_CURRENT) and "C stack" not in line) or (self._is_inside and not line)
        else:
            return Step.OVER
        return Step.TAKEN


def opening(line: str) -> FaultBlock | None:
    """The stack of a death that this line begins."""
    found = _TITLE.fullmatch(line)
    return FaultBlock(found["message"]) if found else None
