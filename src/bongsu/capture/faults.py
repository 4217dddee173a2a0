"""Deaths below Python: a segfault leaves its stack in a file of its own, read at the next start."""

import faulthandler
import os
import re
from typing import Any

from bongsu.event import Kind, Level, Relation

FAULT_BYTES_MAX = 64 << 10  # faulthandler writes at most 100 frames for each of 100 threads

_FRAME = re.compile(r'^  File "(?P<path>.*)", line (?P<line>\d+) in (?P<function>.*)$')


class FaultFile:
    """faulthandler pointed at a file, unless the host already uses it."""

    def __init__(self, path: str) -> None:
        self._descriptor: int | None = None
        if faulthandler.is_enabled():
            return
        try:
            self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:  # the spool's own trouble is told; without this file only segfaults stay untold
            return
        faulthandler.enable(file=self._descriptor)

    def take(self) -> str:
        """What a forked child that shares this file left in it."""
        if self._descriptor is None:
            return ""
        text = os.pread(self._descriptor, FAULT_BYTES_MAX, 0).decode("utf-8", "replace")
        if text:
            os.ftruncate(self._descriptor, 0)
        return text

    def close(self) -> None:
        if self._descriptor is not None:
            faulthandler.disable()
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
    lines = text.splitlines()
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
                "type": "Fatal Python error",
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
