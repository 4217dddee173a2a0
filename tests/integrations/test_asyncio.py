"""asyncio and uvloop: what a loop's exception handler is told of is told once, for the request it belongs to."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

import bongsu
from bongsu.testing import capture_events

LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
Loop = Callable[[], asyncio.AbstractEventLoop]


async def fail():
    await asyncio.sleep(0)
    raise LookupError("no such user jiwoo")


def run(loop: Loop, work: Callable[[], Awaitable[object]]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work())  # type: ignore[arg-type]
        gc.collect()


async def never_retrieved():
    with bongsu.context(request_id="request-7"):
        task = asyncio.create_task(fail())
    await asyncio.wait([task])
    with bongsu.context(request_id="another one"):
        del task
        gc.collect()


async def in_a_callback():
    def callback():
        raise LookupError("no such user jiwoo")

    with bongsu.context(request_id="request-7"):
        asyncio.get_running_loop().call_soon(callback)
    with bongsu.context(request_id="another one"):
        await asyncio.sleep(0.01)


async def in_a_future():
    future = asyncio.get_running_loop().create_future()
    future.set_exception(LookupError("no such user jiwoo"))
    with bongsu.context(request_id="another one"):
        del future
        gc.collect()


async def told_and_never_retrieved():
    async def work():
        try:
            await fail()
        except LookupError:
            bongsu.capture_exception()
            raise

    with bongsu.context(request_id="request-7"):
        task = asyncio.create_task(work())
    await asyncio.wait([task])


WAYS = [
    (never_retrieved, "request-7"),
    (in_a_callback, "request-7"),
    (in_a_future, None),
    (told_and_never_retrieved, "request-7"),
]


@LOOPS
@pytest.mark.parametrize(("way", "request_id"), WAYS)
def test_an_error_that_reaches_the_loop_is_told_once_for_its_own_request(
    loop: Loop, way: Callable[[], Awaitable[object]], request_id: str | None
) -> None:
    with capture_events() as captured:
        run(loop, way)
        [event] = captured.events
        assert (event.title, event.request_id) == ("LookupError: no such user jiwoo", request_id)
        assert captured.count == 1


@LOOPS
def test_the_host_s_own_handler_is_called_and_the_error_told(loop: Loop) -> None:
    heard: list[dict[str, Any]] = []

    async def work():
        asyncio.get_running_loop().set_exception_handler(lambda loop, said: heard.append(said))
        asyncio.get_running_loop().call_soon(int, "seven")
        await asyncio.sleep(0.01)

    with capture_events() as captured:
        run(loop, work)
        [event] = captured.events
    assert event.title.startswith("ValueError: invalid literal")
    assert isinstance(heard[0]["exception"], ValueError)


@LOOPS
def test_a_cancellation_is_no_error_and_neither_is_an_error_that_is_asked_for(loop: Loop) -> None:
    async def work():
        cancelled = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        asyncio.get_running_loop().call_exception_handler({"message": "cut", "exception": asyncio.CancelledError()})
        await asyncio.gather(fail(), fail(), return_exceptions=True)

    with capture_events() as captured:
        run(loop, work)
        assert [event for event in captured.events if event.exceptions and "Cancelled" not in event.title] == []


@LOOPS
def test_tasks_that_are_lost_while_they_wait_are_one_problem(loop: Loop) -> None:
    async def waiting(event):
        await event.wait()

    async def work():
        for _ in range(3):
            asyncio.create_task(waiting(asyncio.Event()))  # noqa: RUF006  # that is the mistake
            await asyncio.sleep(0)
            gc.collect()

    with capture_events() as captured:
        run(loop, work)
        gc.collect()
        assert {event.title for event in captured.events} == {"Task was destroyed but it is pending!"}
        assert captured.count == 3


@LOOPS
def test_closing_leaves_the_loop_as_it_was(loop: Loop) -> None:
    running = loop()
    before = type(running).call_exception_handler
    with capture_events():
        assert type(running).call_exception_handler is not before
    assert type(running).call_exception_handler is before
    running.close()


@LOOPS
def test_what_asyncio_logs_is_the_same(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    run(loop, never_retrieved)
    without = [record.getMessage().partition(" name=")[0] for record in caplog.records]
    caplog.clear()
    with caplog.at_level(logging.ERROR), capture_events():
        run(loop, never_retrieved)
    assert [record.getMessage().partition(" name=")[0] for record in caplog.records] == without
