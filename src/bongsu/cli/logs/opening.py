"""The files that a search goes through: each once, and only those that may hold something."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from io import FileIO

from bongsu.logs.blocks import CHUNK_BYTES, STDIN, LogFile, Readable, Report, is_regular
from bongsu.logs.search import Wanted

KEPT_BYTES_MAX = 4 << 30  # of a pipe that is read twice: it waits in a temporary file
CLOCKS_DIFFER_S = 60.0  # a file server's clock and that of the program which stamped the lines


def opened(names: Sequence[str], wanted: Wanted, report: Report) -> Iterator[LogFile]:
    """The files in the order given. What comes through a pipe is kept where it is read twice."""
    for name in names:
        if wanted.since is not None and _last_written(name) < wanted.since - CLOCKS_DIFFER_S:
            report.old_files += 1
        elif wanted.group is None or is_regular(name):
            yield LogFile(name=name, opened=_stdin() if name == STDIN else None)
        else:
            yield from _kept(name, report)


def distinct(names: Sequence[str]) -> list[str]:
    """Without a file that is named twice, by whatever path."""
    found: dict[object, str] = {}
    for name in names:
        found.setdefault(_identity(name), name)
    return list(found.values())


def size(name: str) -> int:
    """In bytes; 0 where that is not known."""
    try:
        return os.stat(name).st_size if is_regular(name) else 0
    except OSError:
        return 0


def _stdin() -> FileIO:
    return FileIO(0, closefd=False)


def _identity(name: str) -> object:
    try:
        status = os.stat(name)
    except (OSError, ValueError):
        return name
    return (status.st_dev, status.st_ino) if name != STDIN else name


def _last_written(name: str) -> float:
    try:
        return os.stat(name).st_mtime if is_regular(name) else float("inf")
    except OSError:
        return float("inf")


def _kept(name: str, report: Report) -> Iterator[LogFile]:
    """A copy of what comes through a pipe."""
    try:
        with _stdin() if name == STDIN else FileIO(name) as pipe:
            yield LogFile(name=name, opened=_copy(pipe, name, report))
    except OSError as error:
        report.trouble(f"{name}: {error.strerror or error}")


def _copy(pipe: FileIO, name: str, report: Report) -> Readable:
    copy, left = tempfile.TemporaryFile(buffering=0), KEPT_BYTES_MAX  # noqa: SIM115  # closed with the program
    while chunk := pipe.read(CHUNK_BYTES):
        copy.write(chunk[:left])
        left -= len(chunk)
        if left <= 0:
            report.trouble(f"{name}: only its first {KEPT_BYTES_MAX >> 30} GiB are searched; use a file")
            break
    return copy
