"""Frames on pm2's sockets: bytes in, messages out.

A frame is one byte (version and number of arguments, four bits each), then for every argument its length in four
bytes, big-endian, and its bytes. An argument that begins with `j:` is JSON, with `s:` a text.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

VERSION = 1
ARGUMENTS_MAX = 15  # four bits
FRAME_BYTES_MAX = 32 << 20  # getMonitorData has every app's environment in it: 1,000 apps of 30 KB

Argument: TypeAlias = Any  # JSON, a text, or bytes where it is neither
Message: TypeAlias = tuple[Argument, ...]


class WireError(Exception):
    """What comes is no frame of pm2, or one that nobody sends in earnest: the connection is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled:
    """An argument that is not what its prefix says."""

    length: int  # bytes


class Decoder:
    """Cuts a byte stream into messages; holds one unfinished frame at most."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that are whole with this piece. Raises WireError, after which the stream is lost."""
        self._buffer += piece
        start = 0
        try:
            while (found := _frame(self._buffer, start)) is not None:
                spans, end = found
                yield tuple(_argument(self._buffer[begin:stop]) for begin, stop in spans)
                start = end
        finally:
            del self._buffer[:start]


def encode(*arguments: Argument) -> bytes:
    """One frame; texts are sent as texts, all else as JSON."""
    assert len(arguments) <= ARGUMENTS_MAX
    parts = [f"s:{each}" if isinstance(each, str) else f"j:{json.dumps(each)}" for each in arguments]
    raw = [part.encode("utf-8") for part in parts]
    return bytes([VERSION << 4 | len(raw)]) + b"".join(len(part).to_bytes(4, "big") + part for part in raw)


def _frame(buffer: bytearray, start: int) -> tuple[list[tuple[int, int]], int] | None:
    """Where the arguments of the next frame lie, and where it ends; None: it is not whole yet."""
    if start >= len(buffer):
        return None
    if buffer[start] >> 4 != VERSION:
        raise WireError(f"version {buffer[start] >> 4} of the protocol, where {VERSION} is known")
    spans: list[tuple[int, int]] = []
    position = start + 1
    for _ in range(buffer[start] & 0x0F):
        begin = position + 4
        if begin > len(buffer):
            return None
        position = begin + int.from_bytes(buffer[position:begin], "big")
        if position - start > FRAME_BYTES_MAX:
            raise WireError(f"a message of {position - start:,} bytes, where {FRAME_BYTES_MAX:,} are the most")
        if position > len(buffer):
            return None
        spans.append((begin, position))
    return spans, position


def _argument(raw: bytearray) -> Argument:
    match bytes(raw[:2]):
        case b"s:":
            return raw[2:].decode("utf-8", "replace")
        case b"j:":
            try:
                return json.loads(raw[2:].decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                return Garbled(length=len(raw))
    return bytes(raw)
