"""Deaths below Python: a segfault leaves its stack in a file of its own, read at the next start."""

import faulthandler
import os
import re
from typing import Any

from bongsu.capture.spool import identity
from bongsu.event import Kind, Level, Relation
from bongsu.scrubbing import scrub

FATAL_TYPE = "Fatal Python error"  # faulthandler's own word, where an exception has its type
FAULT_BYTES_MAX = 64 << 10  # faulthandler writes at most 100 frames for each of 100 threads

_FRAME = re.compile(r'^  File "(?P<path>.*)", line (?P<line>\d+) in (?P<function>.*)$')


class FaultFile:
    """faulthandler pointed at a file, unless the host already uses it."""

    def __init__(self, path: str, *, instead_of: "FaultFile | None" = None) -> None:
        """`instead_of`: the one before, which this one relieves."""
        self.path = path
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._size_seen = 0
        if faulthandler.is_enabled() and (instead_of is None or instead_of._descriptor is None):
            return
        try:
            self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:  # the spool's own trouble is told; without this file only segfaults stay untold
            return
        self._identity = identity(self._descriptor)
        faulthandler.enable(file=self._descriptor)

    def take(self) -> str:
        """What a forked child that shares this file left in it, once it has not grown since the last look."""
        if self._descriptor is None or identity(self._descriptor) != self._identity:
            return ""  # a daemon closes what it does not know, and the number may be a file of the host by now
        before, self._size_seen = self._size_seen, os.fstat(self._descriptor).st_size
        if self._size_seen != before or before == 0:  # the child writes line by line, and may be in the middle of it
            return ""
        text = os.pread(self._descriptor, FAULT_BYTES_MAX, 0).decode("utf-8", "replace")
        if text:
            os.ftruncate(self._descriptor, 0)
            self._size_seen = 0
        return text

    def close(self, *, relieved: bool = False) -> None:
        """Give the file back. `relieved`: another one has taken over already."""
        if self._descriptor is None:
            return
        if not relieved:
            faulthandler.disable()
        if identity(self._descriptor) == self._identity:
            os.close(self._descriptor)
        self._descriptor = None


def read_fault(path: str) -> str:
    """What a dead process left; empty when it did not die that way."""
    try:
        with open(path, "rb") as file:
            return file.read(FAULT_BYTES_MAX).decode("utf-8", "replace")
    except OSError:
        return ""


def fault_record(text: str, event_id: str, at: float) -> dict[str, Any]:
    """The spool record of a crash, from faulthandler's output, which is not empty."""
    lines = scrub(text, limit=FAULT_BYTES_MAX).splitlines()
    name, _, cause = lines[0].partition(": ")
    return {
        "id": event_id,
        "at": at,
        "kind": Kind.CRASH,
        "level": Level.FATAL,
        "message": cause or name,
        "handled": False,
        "exceptions": [
            {
                "type": FATAL_TYPE,
                "module": "",
                "message": cause or name,
                "relation": Relation.RAISED,
                "frames": _frames(lines),
                "omitted": 0,
            }
        ],
    }


def _frames(lines: list[str]) -> list[tuple[str, str, str, int, None]]:
    """The current thread's frames, the crash last as everywhere; faulthandler writes it first."""
    frames: list[tuple[str, str, str, int, None]] = []
    inside = False
    for line in lines:
        if line.startswith("Current thread"):
            inside = True
        elif inside and (match := _FRAME.match(line)):
            frames.append((match["function"], "", match["path"], int(match["line"]), None))
        elif inside and frames:
            break
    return frames[::-1]
