"""The spool: what a process has captured and the worker has not taken in yet. It outlives the process.

Two files per process. `NAME.events` holds records, one JSON line each, written with one page-cache `write`, no fsync.
`NAME.counts` is a small shared mapping of counters for errors that are already known. Both survive SIGKILL, `os._exit`
and a segfault. The process holds an `flock` on `NAME.events` for as long as it lives: whoever can take that lock has
found a dead process's spool, and takes it in. How far that has come stands in the store, written in the transaction
that takes it in: exactly once.
"""

import fcntl
import itertools
import json
import mmap
import os
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from typing import Any

from bongsu.alerting.group import REQUEST_IDS_MAX, USER_BITS

SLOTS = 1_024  # distinct places of errors; a full table starts a new spool
SLOT_BYTES = 320
HEADER_BYTES = 64
COUNTS_BYTES = HEADER_BYTES + SLOTS * SLOT_BYTES  # 320 KiB, of which only touched pages cost memory
ID_BYTES = 48  # a UUID has 36
ROTATE_BYTES = 1 << 20  # a spool this long is replaced by a new one
EVENTS_BYTES_MAX = 32 << 20  # of one spool that the worker cannot take in; what comes after is counted as shed
SPOOLS_MAX = 400  # of one app that wait or are in use, 320 KiB each at least; far more than a host runs processes
MEMORY_RECORDS_MAX = 1_000  # kept in memory while the disk refuses
EXCEPTIONS_BYTES_MORE = 8 << 20  # room that a flood of log lines leaves to the first exception of its kind
RECORD_BYTES_MAX = 256 << 10  # of one record; only ten long causes in Korean, or many locals, need more
BATCH_BYTES = 512 << 10  # read at once, some 150 records: a write transaction of a tenth of a second

EVENTS, COUNTS, FAULT = ".events", ".counts", ".fault"

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_COUNT_SEEN = struct.Struct("=Qd")
_USERS_AT = 16
_IDS_AT = _USERS_AT + USER_BITS // 8
_RING_AT = _IDS_AT + REQUEST_IDS_MAX * ID_BYTES


@dataclass(frozen=True, slots=True)
class Counter:
    """What one slot says."""

    slot: int
    count: int
    last_seen_at: float
    users: int
    request_ids: tuple[str, ...]


class Spool:
    """The writing side, used by every thread of one process. Never blocks, never raises for the disk's failures."""

    def __init__(self, directory: str, name: str, header: Mapping[str, Any]) -> None:
        """Create the files; where they cannot be made, keep everything in memory."""
        self.name = name
        self.memory: deque[bytes] = deque(maxlen=MEMORY_RECORDS_MAX)
        self.trouble: str | None = None  # why records go to memory
        self.shed = 0
        self.slots_used = 0
        self.tally_slots: list[int] = []  # counters of what is not an event
        self._slots = itertools.count()  # atomic: signal handlers claim slots too
        self.bytes_written = 0
        self._directory = directory
        self._header = header
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._counts: mmap.mmap = self._open()
        self._numbers = memoryview(self._counts).cast("Q")  # the same bytes as numbers …
        self._times = memoryview(self._counts).cast("d")  # … and as times
        self._lock = threading.Lock()

    @property
    def is_in_memory(self) -> bool:
        """Whether there is no file."""
        return self._descriptor is None

    @property
    def is_lost(self) -> bool:
        """Whether nothing of it would outlive the process: there is no file, or somebody has removed it."""
        return self._descriptor is None or not os.path.exists(os.path.join(self._directory, self.name + EVENTS))

    def append(self, record: Mapping[str, Any]) -> bool:
        """Keep one record; False: it was shed. From the return on it survives the process, unless `trouble` is set."""
        data = _line(record)
        if len(data) > RECORD_BYTES_MAX:
            data = _line(_slimmed(record))
        room = EVENTS_BYTES_MAX + (EXCEPTIONS_BYTES_MORE if record.get("exceptions") else 0)
        if len(data) > RECORD_BYTES_MAX or self.bytes_written > room:
            self.shed += 1
            return False
        if self._descriptor is None or not self._write(self._descriptor, data):
            self.shed += len(self.memory) == MEMORY_RECORDS_MAX
            self.memory.append(data)
        return True

    def claim_slot(self) -> int | None:
        """A counter nobody else has, or None when all are taken."""
        slot = next(self._slots)
        if slot >= SLOTS:
            return None
        self.slots_used = max(self.slots_used, slot + 1)
        return slot

    def count(
        self, slot: int, now: float, request_id: str | None = None, user: str | None = None, times: int = 1
    ) -> None:
        """Add to a counter. Safe in signal handlers: contended, it becomes a record instead of waiting."""
        if not self._lock.acquire(blocking=False):
            self.append(
                {"slot": slot, "repeat": times, "at": now, "request_id": request_id}
            )  # which is scrubbed already
            return
        try:
            at = HEADER_BYTES + slot * SLOT_BYTES
            self._numbers[at // 8] += times
            self._times[at // 8 + 1] = now
            if request_id is not None:
                self._remember_id(at, request_id)
            if user is not None:
                bit = user_bit(user)
                self._counts[at + _USERS_AT + bit // 8] |= 1 << bit % 8
        finally:
            self._lock.release()

    def counted(self) -> tuple[int, int]:
        """All that was counted: repeated events, and tallies."""
        first, step = HEADER_BYTES // 8, SLOT_BYTES // 8
        everything = sum(self._numbers[first : first + self.slots_used * step : step].tolist())
        tallied = sum(self._numbers[first + slot * step] for slot in self.tally_slots.copy())
        return everything - tallied, tallied

    def counters(self) -> Iterator[Counter]:
        """The counters as they stand."""
        return read_counters(self._counts, self.slots_used)

    @property
    def is_full(self) -> bool:
        """Whether a new spool should take over."""
        return self.slots_used == SLOTS or self.bytes_written > ROTATE_BYTES

    def records(self, position: int) -> tuple[list[dict[str, Any]], int]:
        """The records in the file from `position`, and the position after them. What waits in memory: `take_memory`."""
        if self._descriptor is None or not self._is_ours(self._descriptor):
            return [], position
        return read_records(self._descriptor, position)

    def take_memory(self) -> list[bytes]:
        """The records kept in memory; they are the caller's now. See `parsed`."""
        return [self.memory.popleft() for _ in range(len(self.memory))]

    def give_back(self, taken: list[bytes]) -> None:
        """The caller could not store them: keep them, before what came meanwhile."""
        self.memory.extendleft(reversed(taken))

    def remove(self) -> None:
        """Delete the files, everything being taken in."""
        self.release()
        remove_files(self._directory, self.name)

    def release(self) -> None:
        """Let go of the files without deleting them: at exit for the next start, or in a forked child."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and identity(descriptor) == self._identity:
            os.close(descriptor)

    def _is_ours(self, descriptor: int) -> bool:
        """Whether it is still our file: a daemon closes what it does not know, and the host gets the number."""
        if identity(descriptor) == self._identity:
            return True
        self._descriptor = None  # from now on in memory, until the worker begins a new spool
        return False

    def _open(self) -> mmap.mmap:
        try:
            if (
                len(adoptable(self._directory, frozenset())) >= SPOOLS_MAX
            ):  # a crash loop, and no database to take it in
                raise OSError(EDQUOT, f"{SPOOLS_MAX} spools of other processes wait there")
            counts = _create_counts(os.path.join(self._directory, self.name + COUNTS))
            self._descriptor = _create_events(self._directory, self.name, self._header)
            self._identity = identity(self._descriptor)
        except OSError as error:
            self.trouble = error.strerror or str(error)
            remove_files(self._directory, self.name)
            return mmap.mmap(-1, COUNTS_BYTES)
        return counts

    def _write(self, descriptor: int, data: bytes) -> bool:
        if not self._is_ours(descriptor):
            return False
        try:
            written = os.write(descriptor, data)
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return False
        self.bytes_written += written
        complete = written == len(data)
        self.trouble = None if complete else "the disk is full"
        return complete

    def _remember_id(self, at: int, request_id: str) -> None:
        ring = self._counts[at + _RING_AT]
        start = at + _IDS_AT + ring * ID_BYTES
        self._counts[start : start + ID_BYTES] = request_id.encode("utf-8", "replace")[:ID_BYTES].ljust(ID_BYTES, b"\0")
        self._counts[at + _RING_AT] = (ring + 1) % REQUEST_IDS_MAX


def identity(descriptor: int) -> tuple[int, int]:
    """Which file a descriptor means; (0, 0) when it means none."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def user_bit(user: str) -> int:
    """The user's place in a group's bitmap; the same in every process."""
    return zlib.crc32(user.encode("utf-8", "replace")) % USER_BITS


def read_records(descriptor: int, position: int, limit: int = BATCH_BYTES) -> tuple[list[dict[str, Any]], int]:
    """Whole records from `position`, at most `limit` bytes of them, and the position after the last whole line."""
    data = os.pread(descriptor, limit, position)
    end = data.rfind(b"\n") + 1
    return parsed(line for line in data[:end].split(b"\n") if line), position + end


def parsed(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """The records of these lines; torn ones are left out."""
    return [record for line in lines if (record := _parse(line)) is not None]


def read_counters(data: bytes | mmap.mmap, slots: int) -> Iterator[Counter]:
    """Every counter that is not zero."""
    for slot in range(slots):
        at = HEADER_BYTES + slot * SLOT_BYTES
        count, seen = _COUNT_SEEN.unpack_from(data, at)
        if count:
            users = int.from_bytes(data[at + _USERS_AT : at + _IDS_AT], "little")
            yield Counter(slot, count, seen, users, _ids(data, at))


def make_directory(path: str, *, levels: int) -> None:
    """Make it and, where they are missing, that many folders above it, for this user alone. Raises OSError."""
    if levels and not os.path.isdir(parent := os.path.dirname(path)):
        make_directory(parent, levels=levels - 1)
    os.makedirs(path, mode=0o700, exist_ok=True)


def remove_files(directory: str, name: str) -> None:
    """Delete a spool's files; the one with the lock last, so that no half of it is ever adopted."""
    for suffix in (COUNTS, FAULT, EVENTS):
        try:
            os.unlink(os.path.join(directory, name + suffix))
        except OSError:
            continue


def adoptable(directory: str, own: frozenset[str]) -> list[str]:
    """The names of the spools in a directory that are not `own`; `adopt` tells which of them are dead."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted(name[: -len(EVENTS)] for name in names if name.endswith(EVENTS) and name[: -len(EVENTS)] not in own)


def adopt(directory: str, name: str) -> int | None:
    """Lock a dead process's spool and open it for reading; None while its process lives or another has adopted it."""
    try:
        descriptor = os.open(os.path.join(directory, name + EVENTS), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink == 0:  # taken in and removed by another between open and lock
            raise BlockingIOError
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _create_events(directory: str, name: str, header: Mapping[str, Any]) -> int:
    """Created under another name, locked, then renamed: nobody can adopt it before its lock is held."""
    hidden = os.path.join(directory, f".{name}")
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _write_whole(descriptor, json.dumps({"header": header}).encode("ascii") + b"\n")
        os.rename(hidden, os.path.join(directory, name + EVENTS))
    except BaseException:
        os.unlink(hidden)
        os.close(descriptor)
        raise
    return descriptor


def _create_counts(path: str) -> mmap.mmap:
    """Filled with zeros, not sparse: touching a hole on a full disk would kill the process with SIGBUS."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _write_whole(descriptor, bytes(COUNTS_BYTES))
        return mmap.mmap(descriptor, COUNTS_BYTES)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, data: bytes) -> None:
    if os.write(descriptor, data) != len(data):
        raise OSError(ENOSPC, "the disk is full")


def _line(record: Mapping[str, Any]) -> bytes:
    """A line of its own on both ends: a write torn by a full disk spoils no neighbour."""
    return f"\n{_encode(record)}\n".encode("ascii")


def _slimmed(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the card's first lines need: long causes, locals, tags and log lines are left out."""
    slim = [
        {**each, "frames": [(*frame[:4], None) for frame in each["frames"]]}
        for each in (record.get("exceptions") or ())[:1]
    ]
    return {**record, "exceptions": slim, "tags": {}, "trail": []}


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:  # torn by a full disk or a power cut
        return None
    return record if isinstance(record, dict) else None


def _ids(data: bytes | mmap.mmap, at: int) -> tuple[str, ...]:
    ring = data[at + _RING_AT] % REQUEST_IDS_MAX
    order = [(ring + step) % REQUEST_IDS_MAX for step in range(REQUEST_IDS_MAX)]  # the oldest first
    texts = (data[at + _IDS_AT + n * ID_BYTES : at + _IDS_AT + (n + 1) * ID_BYTES].rstrip(b"\0") for n in order)
    return tuple(text.decode("utf-8", "replace") for text in texts if text)
