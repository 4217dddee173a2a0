"""From blocks of lines to the entries that are wanted, from many files in order of time.

Most lines are never looked at: what must stand in a wanted line is searched in the whole block.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bongsu.event import Level
from bongsu.logs.blocks import Report
from bongsu.logs.entry import Entry, Shape, begins, read
from bongsu.logs.finders import Finders, candidates, line_end, of_level, of_words

REQUESTS_MAX = 1_000  # of one group: its newest ones
REST_LINES_MAX = 300  # that belong to one line of plain text: a long traceback
HEAD_LINES_MAX = 100  # of a file, looked at for its first time
WINDOW_ENTRIES = 20_000  # sorted at once
WINDOW_BYTES = 16 << 20  # of their lines; read, they take some five times as much

_EARLIEST = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines; None: any."""

    request: str | None = None
    group: str | None = None
    level: Level | None = None  # this one and worse
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A line that is wanted, with the lines of plain text that belong to it."""

    entry: Entry
    raw: bytes  # as it stands in the file
    at: float  # its time, or that of the line found before it in its file


class Sieve:
    """What is wanted, and how its lines are found. The requests of a group may grow while it is used."""

    def __init__(self, wanted: Wanted, requests: Iterable[str] = ()) -> None:
        self.wanted = wanted
        self.requests: dict[str, None] = dict.fromkeys(requests)
        self._since = None if wanted.since is None else _our_time(wanted.since)
        self._finders: Finders | None = None
        self._knows = -1

    @property
    def finders(self) -> Finders | None:
        """One of them finds every wanted line; None where only reading can tell."""
        if self._knows != len(self.requests):
            self._finders, self._knows = self._made(), len(self.requests)
        return self._finders

    def learn(self, entry: Entry) -> None:
        """Remember the request of a line of the group."""
        for request in entry.requests:
            self.requests.pop(request, None)
            self.requests[request] = None
        while len(self.requests) > REQUESTS_MAX:
            del self.requests[next(iter(self.requests))]

    def takes(self, entry: Entry) -> bool:
        """Whether the line is wanted."""
        wanted = self.wanted
        if wanted.request is not None and not entry.is_of(wanted.request):
            return False
        if wanted.group is not None and not self._is_of_group(entry):
            return False
        if wanted.level is not None and (entry.level is None or entry.level.rank < wanted.level.rank):
            return False
        return wanted.since is None or (entry.at is not None and entry.at >= wanted.since)

    def is_too_old(self, line: bytes) -> bool:
        """Whether a line of ours is, as far as that shows without reading it."""
        return (
            self._since is not None
            and (line.startswith(_OUR_START) and line[_OUR_TIME.stop - 1 : _OUR_TIME.stop] == b"Z")
            and line[_OUR_TIME] < self._since
        )

    def _is_of_group(self, entry: Entry) -> bool:
        return entry.group == self.wanted.group or entry.is_of_one(self.requests.keys())

    def _made(self) -> Finders | None:
        wanted = self.wanted
        if wanted.request is not None:
            return of_words([wanted.request])
        if wanted.group is not None:
            return of_words([wanted.group, *self.requests])
        return None if wanted.level is None else of_level(wanted.level)


_OUR_START = b'{"time":"'
_OUR_TIME = slice(len(_OUR_START), len(_OUR_START) + len("2021-09-07T05:26:01.123456Z"))


def _our_time(at: float) -> bytes | None:
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%fZ}".encode()
    except (ValueError, OverflowError, OSError):  # before the year 1
        return None


def entries(blocks: Iterable[bytes], sieve: Sieve, report: Report, at: float = _EARLIEST) -> Iterator[Found]:
    """The wanted lines of one file, in its order."""
    held: Found | None = None  # its text may go on in the next block
    for block in blocks:
        start = 0
        if held is not None:
            start = _rest_end(block, 0, REST_LINES_MAX)
            held = _longer(held, block[:start])
            if start == len(block):
                continue
            yield held
            held = None
        for begin, end in candidates(block, sieve.finders, start):
            if begin < start:  # it was taken with the line before it
                continue
            found = _found(block[begin : end + 1], sieve, report, at)
            if found is None:
                continue
            at = found.at
            if found.entry.shape is not Shape.TEXT:
                yield found
                continue
            start = _rest_end(block, end + 1, REST_LINES_MAX)
            found = _longer(found, block[end + 1 : start])
            if start == len(block):
                held = found
            else:
                yield found
    if held is not None:
        yield held


def requests_of(group: str, blocks: Iterable[bytes]) -> Iterator[Entry]:
    """The lines of a group in one file; they name the requests that had it."""
    for block in blocks:
        for begin, end in candidates(block, of_words([group])):
            entry = read(block[begin:end])
            if entry.group == group:
                yield entry


def _found(line: bytes, sieve: Sieve, report: Report, at: float) -> Found | None:
    if sieve.is_too_old(line):
        return None
    entry = read(line)
    if sieve.wanted.group is not None and entry.group == sieve.wanted.group:
        sieve.learn(entry)
    if not sieve.takes(entry):
        return None
    report.broken_lines += entry.shape is Shape.BROKEN
    return Found(entry=entry, raw=line, at=at if entry.at is None else entry.at)


def _rest_end(block: bytes, start: int, lines_max: int) -> int:
    """Where the lines end that begin nothing of their own."""
    for _ in range(lines_max):
        if start >= len(block):
            break
        end = line_end(block, start)
        if begins(block[start:end]):
            break
        start = min(end + 1, len(block))
    return start


def _longer(found: Found, rest: bytes) -> Found:
    if not rest:
        return found
    raw = found.raw + rest
    return replace(found, raw=raw, entry=replace(found.entry, text=raw.decode("utf-8", "replace").rstrip("\r\n")))


# -- order


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The wanted lines of one file, begun only when their time comes."""

    begins_at: float
    source: Iterator[Found]


def begins_at(head: bytes) -> float:
    """The first time that a file's first lines tell; long ago if they tell none."""
    lines = head.split(b"\n", HEAD_LINES_MAX)[:HEAD_LINES_MAX]
    return next((at for at in (read(line).at for line in lines) if at is not None), _EARLIEST)


def in_order(streams: Iterable[Stream], report: Report) -> Iterator[Found]:
    """All lines by time, those of one moment as the files were given; WINDOW_ENTRIES are sorted at once."""
    window: list[tuple[float, int, Found]] = []
    size, last = 0, _EARLIEST
    for number, found in enumerate(_merged(streams)):
        heapq.heappush(window, (found.at, number, found))
        size += len(found.raw)
        report.late_lines += found.at < last
        while len(window) > WINDOW_ENTRIES or size > WINDOW_BYTES:
            last, _, first = heapq.heappop(window)
            size -= len(first.raw)
            yield first
    while window:
        yield heapq.heappop(window)[2]


def _merged(streams: Iterable[Stream]) -> Iterator[Found]:
    """The files side by side where their times overlap; a file is opened when its first line is due."""
    waiting = sorted(enumerate(streams), key=lambda each: (each[1].begins_at, each[0]), reverse=True)
    running: list[tuple[float, int, Found, Iterator[Found]]] = []
    while waiting or running:
        while waiting and (not running or waiting[-1][1].begins_at <= running[0][0]):
            number, stream = waiting.pop()
            _advance(running, number, stream.source)
        if running:
            _, number, found, source = heapq.heappop(running)
            yield found
            _advance(running, number, source)


def _advance(running: list[tuple[float, int, Found, Iterator[Found]]], number: int, source: Iterator[Found]) -> None:
    found = next(source, None)
    if found is not None:
        heapq.heappush(running, (found.at, number, found, source))
