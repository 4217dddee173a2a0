"""Stacks in streams: however a stream is cut, whatever it holds, whenever its pieces come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces_texts import EVERY, NODE, PYTHON

from bongsu.watchers.output import LINE_LENGTH_MAX
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import Assembler, Found, newest, of_stack
from bongsu.watchers.traces.assembler import PATIENCE_S, SETTLE_S

LINES = sorted({line for text in EVERY for line in text.split("\n")})
PARTS = (*LINES, "INFO: on we go", "x" * 3_000, "Error", "\x1b[31mred\x1b[0m", "봉수", "10%\r20%", "\ud800", "    at ")

texts = (
    st.text(max_size=200)
    | st.lists(st.sampled_from(PARTS) | st.text(max_size=20)).map("\n".join)
    | st.lists(st.sampled_from(EVERY)).map("".join)
)


def fed(pieces: list[str]) -> list[Found]:
    assembler = Assembler("")
    found = [each for piece in pieces for each in assembler.feed(piece, 0.0)]
    return found + assembler.flush(0.0)


@st.composite
def pieces_of(draw: st.DrawFn, text: str) -> list[str]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=20)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(st.data(), texts)
def test_wherever_a_stream_is_cut_the_same_is_found(data: st.DataObject, text: str) -> None:
    assert fed(data.draw(pieces_of(text))) == fed([text])


@given(texts)
def test_whatever_comes_is_bounded_and_nothing_raises(text: str) -> None:
    for each in fed([text]):
        assert isinstance(each, Trace) or 0 < len(each) <= LINE_LENGTH_MAX
    newest(text.split("\n"), "")
    of_stack(text)


@pytest.mark.parametrize("text", EVERY)
def test_every_single_character_may_be_a_piece_of_its_own(text: str) -> None:
    whole = fed([text])
    assert fed(list(text)) == whole
    assert [type(each) for each in whole].count(Trace) == 1


@pytest.mark.parametrize("text", EVERY)
def test_a_stack_is_whole_after_a_short_silence(text: str) -> None:
    assembler = Assembler("")
    found = assembler.feed(text, 100.0)
    if not any(isinstance(each, Trace) for each in found):
        assert assembler.due_at() in (100.0 + SETTLE_S, 100.0 + PATIENCE_S)
        found += assembler.flush(assembler.due_at() or 0.0)
    assert any(isinstance(each, Trace) for each in found)
    assert assembler.due_at() is None


def test_the_rest_of_a_cut_stack_is_waited_for_longer() -> None:
    assembler = Assembler("")
    assert assembler.feed("".join(PYTHON.splitlines(keepends=True)[:5]), 10.0) == []
    assert assembler.due_at() == 10.0 + PATIENCE_S


def test_whoever_comes_too_late_finds_what_was_due() -> None:
    assembler = Assembler("")
    assert assembler.feed(PYTHON, 1.0) == []
    [trace] = assembler.feed("second\n", 100.0)[:1]
    assert isinstance(trace, Trace)
    assert trace.errors[0].message == "no"


def test_a_line_that_never_ends_is_found_in_the_end() -> None:
    assembler = Assembler("")
    assert assembler.feed("password: ", 0.0) == []
    assert assembler.due_at() == SETTLE_S
    assert assembler.flush(1.0) == ["password: "]


def test_two_streams_do_not_mix() -> None:
    first, second = Assembler(""), Assembler("")
    for one, other in zip(PYTHON.splitlines(keepends=True), NODE.splitlines(keepends=True), strict=False):
        assert first.feed(one, 0.0) == second.feed(other, 0.0) == []
    assert [each.errors[0].type for each in first.flush(0.0) if isinstance(each, Trace)] == ["ValueError"]
    assert [each.errors[0].type for each in second.flush(0.0) if isinstance(each, Trace)] == ["TypeError"]
