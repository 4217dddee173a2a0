"""Files of any kind → blocks of whole lines: plain or gzip, cut off, broken, with lines of any length."""

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

CHUNK_BYTES = 1 << 18  # read at once; it stays in the processor's cache while it is searched
LINE_BYTES_MAX = 8 << 20  # a longer line is no log line: it is left out and counted
PACKED_BYTES = 1 << 12  # given to zlib at once: so much is lost before a break
TROUBLES_MAX = 20  # told one by one

STDIN = "-"

_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"\xfd7zXZ": "packed with xz",
    b"BZh": "packed with bzip2",
    b"PK\x03\x04": "packed with zip",
    **dict.fromkeys((b"\xff\xfe", b"\xfe\xff"), "written in UTF-16"),  # by PowerShell's >
}


class Readable(Protocol):
    """A file opened for bytes."""

    def read(self, size: int, /) -> bytes | None: ...
    def seekable(self) -> bool: ...
    def seek(self, offset: int, /) -> int: ...


@dataclass(slots=True, kw_only=True)
class Report:
    """What a search went through, and what it could not read."""

    troubles: list[str] = field(default_factory=list)
    troubles_left_out: int = 0
    long_lines: int = 0
    broken_lines: int = 0
    late_lines: int = 0  # out of order, by more than is sorted at once
    bytes_read: int = 0
    files: set[str] = field(default_factory=set)  # by name
    old_files: int = 0  # left out: last written before what is wanted
    heard: Callable[[], None] = field(default=lambda: None)  # told after each read

    def trouble(self, text: str) -> None:
        """Keep it to be told, unless there are many."""
        if text in self.troubles:
            return
        if len(self.troubles) < TROUBLES_MAX:
            self.troubles.append(text)
        else:
            self.troubles_left_out += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A file to be searched, as often as need be; `opened` is one that has no path, or can be read only once."""

    name: str
    opened: Readable | None = None

    @property
    def label(self) -> str:
        """What people call it."""
        return "standard input" if self.name == STDIN else self.name

    def blocks(self, report: Report) -> Iterator[bytes]:
        """Whole lines, in blocks. What cannot be read is told in the report."""
        try:
            yield from whole_lines(self._chunks(report), report)
        except OSError as error:
            report.trouble(f"{self.label}: {error.strerror or error}")

    def head(self) -> bytes:
        """Its first lines, as far as one read gives them; empty where that would use it up."""
        if self.opened is not None or not is_regular(self.name):
            return b""
        return next(self.blocks(Report()), b"")

    def _chunks(self, report: Report) -> Iterator[bytes]:
        if self.opened is not None:
            if self.opened.seekable():
                self.opened.seek(0)
            report.files.add(self.name)
            yield from unpacked(self.opened, self.label, report)
            return
        with open(self.name, "rb", buffering=0) as file:
            report.files.add(self.name)
            yield from unpacked(file, self.name, report)


def is_regular(path: str) -> bool:
    """Whether it is a file that can be read again."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_packed(path: str) -> bool:
    """Whether it is a gzip file, which is written once."""
    try:
        with open(path, "rb", buffering=0) as file:
            return is_regular(path) and file.read(len(_GZIP)) == _GZIP
    except OSError:
        return False


def unpacked(file: Readable, name: str, report: Report) -> Iterator[bytes]:
    """The file's bytes, unpacked where they are gzip's."""
    chunks = _read(file, report)
    first = next(chunks, b"")
    if other := next((word for magic, word in _OTHERS.items() if first.startswith(magic)), None):
        report.trouble(f"{name}: is {other}; turn it into UTF-8 in a pipe: … | bongsu logs -")
    elif first.startswith(_GZIP):
        yield from _gunzipped(first, chunks, name, report)
    else:
        yield first
        yield from chunks


def whole_lines(chunks: Iterator[bytes], report: Report) -> Iterator[bytes]:
    """The chunks, cut anew at line ends."""
    lines = Lines()
    for chunk in chunks:
        if block := lines.feed(chunk):
            yield block
    report.long_lines += lines.left_out
    if rest := lines.rest():
        yield rest


class Lines:
    """Puts lines together that come in pieces; holds LINE_BYTES_MAX at most."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._passing = False  # over a line that is too long
        self.left_out = 0

    def feed(self, chunk: bytes) -> bytes:
        """All lines that end in this chunk."""
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._keep(chunk)
            return b""
        start = chunk.find(b"\n") + 1 if self._passing else 0
        whole = b"".join([*self._pieces, chunk[start:end]])
        self._pieces, self._size, self._passing = [], 0, False
        self._keep(chunk[end:])
        return whole

    def rest(self) -> bytes:
        """The last line, which has no end."""
        return b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        if self._passing or not piece:
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > LINE_BYTES_MAX:
            self._pieces, self._size, self._passing = [], 0, True
            self.left_out += 1


def _read(file: Readable, report: Report) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        report.bytes_read += len(chunk)
        report.heard()
        yield chunk


def _gunzipped(first: bytes, chunks: Iterator[bytes], name: str, report: Report) -> Iterator[bytes]:
    """What can be unpacked; of a broken file, what stands before the break."""
    packed, unpacker, is_inside = first, zlib.decompressobj(wbits=31), False
    try:
        while packed or (packed := next(chunks, b"")):
            piece, packed, is_inside = packed[:PACKED_BYTES], packed[PACKED_BYTES:], True
            while piece:
                yield unpacker.decompress(piece, CHUNK_BYTES)
                piece = unpacker.unconsumed_tail
                if unpacker.eof:  # another file may have been packed behind it
                    packed, piece, is_inside = (unpacker.unused_data + packed).lstrip(b"\0"), b"", False
                    unpacker = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        report.trouble(f"{name}: is broken gzip, searched as far as it goes ({error})")
        return
    if is_inside:
        report.trouble(f"{name}: is gzip cut off before its end, searched as far as it goes")
