"""From a spool record to an Event, off the host's threads: source lines read, paths shortened, in-app frames told."""

import os
import re
import sys
import tokenize
from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.event import (
    CapturedException,
    Event,
    Frame,
    Kind,
    Level,
    LogLine,
    Relation,
    finding_from_json,
    process_from_json,
)
from bongsu.scrubbing import scrub

SOURCE_LINE_MAX = 200  # characters
SOURCE_FILE_MAX = 2 << 20  # bytes; a longer file is generated code
LINES_CACHED_MAX = 4_096

_ANY_STDLIB = re.compile(r"/lib(?:64)?/python3\.\d+t?/")  # of another Python, whose stack stands in somebody's output
_PACKAGES = ("/site-packages/", "/dist-packages/", "/node_modules/")
_STDLIB = os.path.dirname(os.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep


def header_of_process(
    *, app: str, environment: str, release: str | None, host: str, cwd: str, pid: int, born: str
) -> dict[str, Any]:
    """What all records of one process share; written once, at the head of its spool."""
    return {
        "app": app,
        "environment": environment,
        "release": release,
        "host": host,
        "pid": pid,
        "born": born,
        "roots": [cwd, *(os.path.abspath(path) for path in sys.path[:1] if path)],
    }


class Sources:
    """Source lines by path and number, each file read once while its lines are in the cache."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], str | None] = {}

    def line(self, path: str, number: int) -> str | None:
        """The stripped, scrubbed line; None where there is no such file or line."""
        key = (path, number)
        if key not in self._lines:
            if len(self._lines) >= LINES_CACHED_MAX:
                self._lines.clear()
            self._lines[key] = _read_line(path, number)
        return self._lines[key]


def event_of(record: Mapping[str, Any], header: Mapping[str, Any], sources: Sources) -> Event:
    """The event. Raises KeyError, TypeError or ValueError when the record is none."""
    own = record.get("cwd")  # of another process than the one that wrote the record
    roots = [own, *header["roots"]] if own else header["roots"]
    return Event(
        id=record["id"],
        at=float(record["at"]),
        kind=Kind(record["kind"]),
        level=Level(record["level"]),
        message=record["message"],
        app=record.get("app", header["app"]),
        environment=header["environment"],
        release=record.get("release", header["release"]),
        host=record.get("host", header["host"]),
        pid=record.get("pid", header["pid"]),
        exceptions=tuple(_exception(each, roots, sources) for each in record.get("exceptions") or ()),
        template=record.get("template"),
        logger=record.get("logger"),
        source=shown_source(record.get("source"), roots),
        source_in_app=in_app(record.get("source") or ""),
        tags={str(name): str(value) for name, value in dict(record.get("tags") or {}).items()},
        user=record.get("user"),
        request_id=record.get("request_id"),
        thread=record.get("thread", ""),
        handled=record.get("handled", True),
        trail=tuple(
            LogLine(at=float(at), level=Level(level), logger=logger, message=message)
            for at, level, logger, message in record.get("trail") or ()
        ),
        finding=finding_from_json(record["finding"]) if record.get("finding") else None,
        process=process_from_json(record["process"]) if record.get("process") else None,
        channel=record.get("channel"),
        payload=record.get("payload"),
        problem=record.get("problem"),
    )


def in_app(path: str) -> bool:
    """Whether a file is the user's: not an installed package, not the standard library, not Bongsu."""
    if path.startswith(("<frozen ", "node:", "[eval]", _OURS, _STDLIB)):
        return False
    parts = path.replace("\\", "/")
    return not any(folder in parts for folder in _PACKAGES) and _ANY_STDLIB.search(parts) is None


def shown_path(path: str, roots: Sequence[str]) -> str:
    """The path from the application's root, or from the installed package; else as it is."""
    for folder in _PACKAGES:
        if folder in path:
            return path.rpartition(folder)[2]
    if path.startswith(_STDLIB):
        return path[len(_STDLIB) :]
    if library := _ANY_STDLIB.search(path):
        return path[library.end() :]
    for root in sorted(roots, key=len, reverse=True):
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return path[len(root.rstrip(os.sep)) + 1 :]
    return path


def _exception(data: Mapping[str, Any], roots: Sequence[str], sources: Sources) -> CapturedException:
    return CapturedException(
        type=data["type"],
        module=data["module"] or "",
        message=data["message"],
        frames=tuple(_frame(values, roots, sources) for values in data["frames"]),
        relation=Relation(data["relation"]),
        frames_omitted=data["omitted"],
    )


def _frame(values: Sequence[Any], roots: Sequence[str], sources: Sources) -> Frame:
    function, module, path, line, local_values = values
    return Frame(
        function=function,
        module=module or "",
        path=shown_path(path, roots),
        line=line or 0,
        in_app=in_app(path),
        source=sources.line(path, line or 0),
        locals=local_values,
    )


def shown_source(source: str | None, roots: Sequence[str]) -> str | None:
    """`path:line` as the card shows it."""
    return shown_path(source, roots) if source else None


def _read_line(path: str, number: int) -> str | None:
    try:
        if os.stat(path).st_size > SOURCE_FILE_MAX:
            return None
        with tokenize.open(path) as file:
            for index, line in enumerate(file, 1):
                if index == number:
                    return scrub(line.strip(), limit=SOURCE_LINE_MAX)
    except (OSError, SyntaxError, UnicodeError, ValueError):  # no file, unknown encoding, not text, NUL in the path
        return None
    return None
