"""Stacks that wait for what becomes of their process."""

import pytest

from bongsu.watchers.report import Trace, TraceError, TraceFrame
from bongsu.watchers.stacks import Source, Stacks

HOLD_S, MOST = 0.5, 50


def waiting() -> Stacks:
    return Stacks(hold_s=HOLD_S, most=MOST)


def trace(message: str, line: int = 3, causes: int = 0) -> Trace:
    frame = TraceFrame(function="f", module="", path="/srv/web.js", line=line)
    error = TraceError(type="TypeError", module="", message=message, frames=(frame,))
    return Trace(errors=(error,) * (1 + causes))


@pytest.mark.parametrize("sources", [(Source.OUTPUT, Source.WRAPPER), (Source.WRAPPER, Source.OUTPUT)])
def test_what_both_sources_tell_is_one_stack_and_the_fuller_one_stays(sources: tuple[Source, Source]) -> None:
    stacks = waiting()
    for number, source in enumerate(sources):
        stacks.add(trace("x", causes=1 if source is Source.OUTPUT else 0), source, now=0.01 * number)
    assert stacks.take() == [trace("x", causes=1)]


def test_two_equal_stacks_of_one_source_are_two() -> None:
    stacks = waiting()
    for source in (Source.OUTPUT, Source.OUTPUT, Source.WRAPPER, Source.WRAPPER):
        stacks.add(trace("x"), source, now=0.0)
    assert len(stacks.take()) == 2


def test_a_stack_is_ripe_when_its_app_has_outlived_it() -> None:
    stacks = waiting()
    stacks.add(trace("x"), Source.OUTPUT, now=1.0)
    assert stacks.ripe(1.0 + HOLD_S - 0.01) == []
    assert stacks.due_at() == 1.0 + HOLD_S
    assert stacks.ripe(1.0 + HOLD_S) == [trace("x")]
    assert stacks.due_at() is None


def test_no_more_wait_than_the_limit() -> None:
    stacks = waiting()
    for line in range(MOST + 10):
        stacks.add(trace("x", line), Source.OUTPUT, now=0.0)
    assert len(stacks.ripe(0.0)) == 10


def test_a_clock_that_was_set_back_holds_no_stack_for_long() -> None:
    stacks = waiting()
    stacks.add(trace("x"), Source.OUTPUT, now=1_000.0)
    assert stacks.ripe(1_000.0 - HOLD_S / 2) == []
    assert stacks.ripe(5.0) == [trace("x")]
