"""What is known about the work at hand goes with every event of it, over awaits, tasks, threads and hooks."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator

import pytest
from children import Launch
from seen import everything, fields

import bongsu
from bongsu.event import Event
from bongsu.testing import CapturedEvents, ScriptedSlack, capture_events


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def _known(event: Event) -> dict[str, str | None]:
    return {"request_id": event.request_id, "user": event.user, **event.tags}


def _by_message(captured: CapturedEvents) -> dict[str, dict[str, str | None]]:
    return {event.message: _known(event) for event in captured.events}


def test_blocks_nest_and_the_inner_value_wins(captured: CapturedEvents) -> None:
    with bongsu.context(request_id="r1", route="/login", attempt=1):
        with bongsu.context(user="jiwoo", attempt=2):
            bongsu.capture_message("inner", campus="seoul")
        bongsu.capture_message("outer")
    bongsu.capture_message("outside")
    assert _by_message(captured) == {
        "inner": {"request_id": "r1", "user": "jiwoo", "route": "/login", "attempt": "2", "campus": "seoul"},
        "outer": {"request_id": "r1", "user": None, "route": "/login", "attempt": "1"},
        "outside": {"request_id": None, "user": None},
    }


def test_tasks_that_run_in_turns_do_not_mix_their_contexts(captured: CapturedEvents) -> None:
    async def visit(name: str, mine: asyncio.Event, other: asyncio.Event) -> None:
        with bongsu.context(request_id=name):
            other.set()
            await mine.wait()
            bongsu.capture_message(f"visit {name}")

    async def main() -> None:
        first, second = asyncio.Event(), asyncio.Event()
        await asyncio.gather(visit("one", first, second), visit("two", second, first))

    asyncio.run(main())
    assert {event.message: event.request_id for event in captured.events} == {"visit one": "one", "visit two": "two"}


def test_a_thread_started_with_a_copy_of_the_context_has_it_and_another_has_not(captured: CapturedEvents) -> None:
    with bongsu.context(request_id="r1"):
        copied = contextvars.copy_context()
        for work in (
            lambda: copied.run(bongsu.capture_message, "with a copy"),
            lambda: bongsu.capture_message("without"),
        ):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
    assert {event.message: event.request_id for event in captured.events} == {"with a copy": "r1", "without": None}


def test_an_exception_caught_outside_still_carries_the_innermost_context(captured: CapturedEvents) -> None:
    def fail() -> None:
        with bongsu.context(request_id="r1"), bongsu.context(user="jiwoo"):
            raise LookupError("gone")

    try:
        fail()
    except LookupError:
        bongsu.capture_exception()
    assert [_known(event) for event in captured.events] == [{"request_id": "r1", "user": "jiwoo"}]


def test_a_generator_closed_in_another_context_leaves_without_a_trace(captured: CapturedEvents) -> None:
    def pages() -> Iterator[int]:
        with bongsu.context(page=1):
            yield 1

    generator = pages()
    contextvars.copy_context().run(next, generator)
    generator.close()
    bongsu.capture_message("after")
    assert _by_message(captured) == {"after": {"request_id": None, "user": None}}


@pytest.mark.parametrize("way", ["main", "a thread", "a task", "a log record"])
def test_an_exception_that_leaves_a_block_uncaught_carries_its_context_to_the_hook(
    slack: ScriptedSlack, launch: Launch, way: str
) -> None:
    launch.run("lost_request", way)
    [told] = slack.wait_for(1)
    assert fields(told)["REQUEST ID"] == "request-7"
    assert "/login" in everything(told)
