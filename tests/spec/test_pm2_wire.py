"""Frames on pm2's sockets: whole messages out of any pieces, and bounds for what is none."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.watchers.pm2.wire import FRAME_BYTES_MAX, Decoder, Garbled, WireError, encode

MESSAGES = [
    ("process:event", {"event": "exit", "at": 1}),
    ("log:err", {"data": "메시지 …\n", "process": {"pm_id": 3, "name": "web"}}),
    ({"args": [[]]}, "id-1"),
    (),
    ("",),
]


def frame(*arguments: bytes) -> bytes:
    parts = b"".join(len(each).to_bytes(4, "big") + each for each in arguments)
    return bytes([0x10 | len(arguments)]) + parts


def test_a_frame_as_pm2_writes_it() -> None:
    call = encode({"type": "call"}, "7")
    assert call == b'\x12\x00\x00\x00\x12j:{"type": "call"}\x00\x00\x00\x03s:7'
    assert list(Decoder().feed(call)) == [({"type": "call"}, "7")]


@given(st.lists(st.integers(0, 400), max_size=20))
def test_messages_are_whole_however_they_are_cut(cuts: list[int]) -> None:
    stream = b"".join(encode(*message) for message in MESSAGES)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    decoder = Decoder()
    pieces = [stream[start:end] for start, end in itertools.pairwise(edges)]
    assert [message for piece in pieces for message in decoder.feed(piece)] == MESSAGES


@pytest.mark.parametrize(
    ("raw", "argument"),
    [
        (b"j:{", Garbled(length=3)),
        (b"j:" + b"[" * 100_000, Garbled(length=100_002)),
        (b"s:\xff", "\ufffd"),
        (b"\x00\x01", b"\x00\x01"),
        (b"", b""),
    ],
)
def test_an_argument_that_cannot_be_read_ends_nothing(raw: bytes, argument: object) -> None:
    assert list(Decoder().feed(frame(raw) + frame(b"s:next"))) == [(argument,), ("next",)]


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"HTTP/1.1 400 Bad Request", "version 4"),
        (b"\x00", "version 0"),
        (b"\x11\xff\xff\xff\xff", "a message of"),
        (b"\x12" + (FRAME_BYTES_MAX - 4).to_bytes(4, "big"), "a message of"),
    ],
)
def test_what_is_no_frame_of_pm2_is_given_up_before_its_length_is_believed(stream: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        list(Decoder().feed(stream))


def test_what_came_before_the_broken_frame_is_heard() -> None:
    stream = Decoder().feed(encode("first") + b"\xff")
    assert next(stream) == ("first",)
    with pytest.raises(WireError):
        next(stream)


@given(st.binary(max_size=200))
def test_garbage_is_messages_or_a_reason(stream: bytes) -> None:
    with contextlib.suppress(WireError):
        assert all(isinstance(message, tuple) for message in Decoder().feed(stream))
