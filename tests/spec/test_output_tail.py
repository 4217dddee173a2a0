"""The last lines of a process: whole characters, the final state of a progress bar, and never more than the limits."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.watchers.output import LINE_LENGTH_MAX, LINES_MAX, Tail


def lines_of(*pieces: bytes) -> tuple[str, ...]:
    tail = Tail()
    for piece in pieces:
        tail.feed(piece)
    return tail.lines()


SHOWN = [
    ("nothing", b"", ()),
    ("lines with and without an end", b"one\ntwo", ("one", "two")),
    ("an empty line is one", b"one\n\ntwo\n", ("one", "", "two")),
    ("ends of lines as Windows writes them", b"one\r\ntwo\r\n", ("one", "two")),
    ("a progress bar keeps its last state", b"10%\r20%\r30%\ndone\n", ("30%", "done")),
    ("a progress bar that waits at the start of its line", b"10%\r20%\r", ("20%",)),
    ("a progress bar that erases itself", b"10%\r\x1b[K\ndone", ("", "done")),
    ("colours", b"\x1b[1;31mError\x1b[0m: \x1b]8;;http://x\x07no\x1b]8;;\x07\n", ("Error: no",)),
    ("control characters", b"a\x00b\x08c\n", ("abc",)),
    ("broken bytes are replaced", b"a\xff\xfe\xec\x95\n", ("a\ufffd\ufffd\ufffd",)),
    ("Hangul", "봉수대\n".encode(), ("봉수대",)),
]


@pytest.mark.parametrize(("rule", "stream", "expected"), SHOWN, ids=lambda value: value if type(value) is str else "")
def test_lines_are_shown_as_a_terminal_shows_them_in_the_end(
    rule: str, stream: bytes, expected: tuple[str, ...]
) -> None:
    assert lines_of(stream) == expected
    assert lines_of(*(bytes([byte]) for byte in stream)) == expected


def test_the_last_lines_are_kept() -> None:
    stream = b"".join(b"line %d\n" % number for number in range(1_000))
    assert lines_of(stream) == tuple(f"line {number}" for number in range(1_000 - LINES_MAX, 1_000))


def test_of_a_long_line_the_head_is_kept() -> None:
    [line] = lines_of(b"head ", *[b"x" * 70_000] * 20, b" tail\n")
    assert len(line) == LINE_LENGTH_MAX
    assert line.startswith("head xxx")


def test_what_a_line_was_before_a_carriage_return_does_not_fill_it() -> None:
    assert lines_of(b"x" * 1_000_000 + b"\r", b"done") == ("done",)


def test_a_stack_that_is_longer_than_what_is_shown_is_still_there() -> None:
    tail = Tail()
    for number in range(100_000):
        tail.feed(b"line %d\n" % number)
    recent = tail.recent()
    assert recent[-1] == "line 99999"
    assert recent[0] == f"line {100_000 - len(recent)}"
    assert len(recent) > 3_000


def cuts(stream: bytes, lengths: list[int]) -> Iterator[bytes]:
    start = 0
    for length in lengths:
        yield stream[start : start + length]
        start += length
    yield stream[start:]


streams = st.lists(
    st.sampled_from([b"\n", b"\r", b"\r\n", b"\x1b[31m", b"word ", "봉수".encode(), b"\xff", b"\n" * 60, b"x" * 9_000])
).map(b"".join) | st.binary(max_size=300)
lengths = st.lists(st.integers(0, 20))


@given(streams, lengths)
def test_wherever_a_stream_is_cut_its_lines_are_the_same(stream: bytes, lengths: list[int]) -> None:
    whole, cut = Tail(), Tail()
    whole.feed(stream)
    for piece in cuts(stream, lengths):
        cut.feed(piece)
    assert cut.lines() == whole.lines()
    assert cut.recent() == whole.recent()


@given(st.lists(streams))
def test_the_limits_hold_whatever_comes(pieces: list[bytes]) -> None:
    lines = lines_of(*pieces)
    assert len(lines) <= LINES_MAX
    assert all(len(line) <= LINE_LENGTH_MAX for line in lines)


@pytest.mark.parametrize("piece", [b"x" * 65_536, b"\n" * 65_536, b"x", b"x" * 99 + b"\n", b"x\r" * 40_000, b""])
def test_memory_has_a_limit(piece: bytes) -> None:
    tail = Tail()
    for _ in range(max(20, 3_000_000 // max(1, len(piece)))):
        tail.feed(piece)
    kept = (*tail._lines, tail._open, *tail._recent)
    assert sum(map(sys.getsizeof, kept)) < 1_200_000
