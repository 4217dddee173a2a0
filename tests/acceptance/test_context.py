"""What is known about the work at hand goes with every event of it, over awaits, tasks, threads and hooks."""

import asyncio
import contextvars
import logging
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


def _trails(captured: CapturedEvents) -> dict[str, list[str]]:
    return {event.message: [f"{line.level} {line.message}" for line in event.trail] for event in captured.events}


def test_an_exception_that_every_call_of_a_recursion_logs_is_told_once(captured: CapturedEvents) -> None:
    def fail(depth: int) -> None:
        try:
            fail(depth - 1) if depth else {}["key"]
        except KeyError:
            logging.getLogger("checkin").exception("at %d", depth)
            raise

    with pytest.raises(KeyError):
        fail(5)
    assert captured.count == 1


def test_the_last_log_lines_of_a_request_ride_with_its_events(captured: CapturedEvents) -> None:
    log = logging.getLogger("checkin.door")
    log.setLevel(logging.INFO)
    log.info("before any request")
    with bongsu.context(request_id="r1"):
        for number in range(30):
            log.info("step %d", number)
        log.warning("the password is hunter2, password=hunter2\nand the door stays shut")
        log.debug("not even written")
        bongsu.capture_message("shut")
    with bongsu.context(request_id="r2"):
        bongsu.capture_message("open")
    trails = _trails(captured)
    assert trails["open"] == []
    assert trails["shut"][:2] == ["info step 11", "info step 12"]
    assert len(trails["shut"]) == 20
    assert "password=hunter2" not in trails["shut"][-1]
    assert trails["shut"][-1].startswith("warning the password is")


def test_an_exception_that_left_its_request_still_has_its_log_lines(captured: CapturedEvents) -> None:
    def fail() -> None:
        with bongsu.context(request_id="r1"), bongsu.context(step="two"):
            logging.getLogger("checkin").warning("the key is missing")
            {}["key"]

    try:
        fail()
    except KeyError:
        bongsu.capture_exception()
    assert _trails(captured) == {"'key'": ["warning the key is missing"]}


def test_requests_that_interleave_keep_their_log_lines_apart(captured: CapturedEvents) -> None:
    log = logging.getLogger("checkin")

    async def request(name: str, mine: asyncio.Event, next_one: asyncio.Event) -> None:
        with bongsu.context(request_id=name):
            for number in range(2):
                await mine.wait()
                mine.clear()
                log.warning("%s %d", name, number)
                next_one.set()
            bongsu.capture_message(f"done with {name}")

    async def both() -> None:
        one, two = asyncio.Event(), asyncio.Event()
        one.set()
        await asyncio.gather(request("a", one, two), request("b", two, one))

    asyncio.run(both())
    assert _trails(captured) == {
        "done with a": ["warning a 0", "warning a 1"],
        "done with b": ["warning b 0", "warning b 1"],
    }
