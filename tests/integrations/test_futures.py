"""concurrent.futures: an error nobody asks for is told once, with the request it belongs to; nothing else changes."""

import asyncio
import concurrent.futures
import gc
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

import bongsu
from bongsu.capture.context import request_id
from bongsu.testing import capture_events

FORK = get_context("fork")


def fail(number=0):
    raise LookupError(f"no such user {number}")


def leave(number=0):
    raise SystemExit(number)


def cancelled(number=0):
    raise concurrent.futures.CancelledError


def threads() -> Executor:
    return ThreadPoolExecutor(1)


def processes() -> Executor:
    return ProcessPoolExecutor(1, mp_context=FORK)


def _read_result(future):
    with pytest.raises(LookupError):
        future.result()


def _read_in_a_loop(future):
    async def work():
        await asyncio.wrap_future(future)

    with pytest.raises(LookupError):
        asyncio.run(work())


EXECUTORS = pytest.mark.parametrize("executor", [threads, processes])
READERS: dict[str, Callable[[Future[None]], object]] = {
    "result": _read_result,
    "exception": lambda future: future.exception(),
    "a callback": lambda future: future.add_done_callback(lambda done: done.exception()),
    "cancel": lambda future: future.cancel(),
    "asyncio": _read_in_a_loop,
}


@EXECUTORS
def test_an_error_that_nobody_asks_for_is_told_where_it_was_raised(executor: Callable[[], Executor]) -> None:
    with capture_events() as captured:
        with executor() as pool:
            pool.submit(fail)
        gc.collect()
        [event] = captured.events
    assert (event.title, event.handled) == ("LookupError: no such user 0", False)
    assert event.tags["result"] == "never asked for"
    assert event.culprit is not None
    assert (event.culprit.function, event.culprit.source) == ("fail", 'raise LookupError(f"no such user {number}")')


@EXECUTORS
@pytest.mark.parametrize("reader", READERS)
def test_an_error_that_somebody_asked_for_is_the_asker_s(executor: Callable[[], Executor], reader: str) -> None:
    with capture_events() as captured:
        with executor() as pool:
            future = pool.submit(fail)
            concurrent.futures.wait([future])
            READERS[reader](future)
            del future
        gc.collect()
        assert captured.events == []


@pytest.mark.parametrize("end", [leave, cancelled])
def test_an_end_that_was_asked_for_is_no_error(end: Callable[[], None]) -> None:
    with capture_events() as captured:
        with threads() as pool:
            pool.submit(end)
        gc.collect()
        assert captured.events == []


def test_what_map_leaves_after_its_first_error_is_not_told() -> None:
    with capture_events() as captured:
        with threads() as pool, pytest.raises(LookupError):
            list(pool.map(fail, range(5)))
        gc.collect()
        assert captured.events == []


def test_an_error_told_and_then_unread_is_one_event() -> None:
    def told():
        try:
            fail()
        except LookupError as error:
            bongsu.capture_exception(error)
            raise

    with capture_events() as captured:
        with threads() as pool:
            pool.submit(told)
        gc.collect()
        assert (len(captured.events), captured.count) == (1, 1)


def test_unread_errors_of_one_function_are_one_problem() -> None:
    with capture_events() as captured:
        with processes() as pool:
            for number in range(5):
                pool.submit(fail, number)
        gc.collect()
        assert captured.count == 5
        assert len({event.culprit.function for event in captured.events if event.culprit}) == 1


def test_an_error_of_a_coroutine_that_a_thread_ordered_is_told_when_the_thread_does_not_ask() -> None:
    async def serve():
        asyncio.run_coroutine_threadsafe(_failing(), asyncio.get_running_loop())
        await asyncio.sleep(0.01)

    async def _failing():
        fail()

    with capture_events() as captured:
        asyncio.run(serve())
        gc.collect()
        [event] = captured.events
    assert event.title == "LookupError: no such user 0"


def test_a_thread_of_a_pool_works_for_the_request_that_ordered_it() -> None:
    def work():
        logging.getLogger("shop").error("out of tea")
        fail()

    with capture_events() as captured, threads() as pool:
        with bongsu.context(request_id="request-7", user="jiwoo"):
            pool.submit(work)
            assert pool.submit(request_id).result() == "request-7"
        assert pool.submit(request_id).result() is None
        gc.collect()
        assert {(event.title, event.request_id) for event in captured.events} == {
            ("out of tea", "request-7"),
            ("LookupError: no such user 0", "request-7"),
        }


def test_a_thread_that_an_event_loop_ordered_works_for_the_request_too() -> None:
    async def serve():
        with bongsu.context(request_id="request-7"):
            return await asyncio.get_running_loop().run_in_executor(None, request_id)

    with capture_events():
        assert asyncio.run(serve()) == "request-7"


def test_a_traceback_has_no_frame_of_ours_and_the_future_no_cycle() -> None:
    def printed():
        with threads() as pool, bongsu.context(request_id="request-7"):
            future = pool.submit(fail)
            with pytest.raises(LookupError) as raised:
                future.result()
        return "".join(traceback.format_exception(raised.value))

    with capture_events():
        assert "bongsu/integrations" not in printed()


def test_a_future_and_its_error_go_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        with capture_events() as captured:
            with threads() as pool, bongsu.context(request_id="request-7"):
                pool.submit(fail)
            assert len(captured.events) == 1
    finally:
        gc.enable()


def test_closing_leaves_the_standard_library_as_it_was() -> None:
    from concurrent.futures import _base, thread

    def places():
        return (dict(vars(_base.Future)), dict(vars(thread._WorkItem)))

    before = places()
    with capture_events():
        assert places() != before
    assert places() == before


def test_a_future_of_before_and_one_that_outlives_the_watch_keep_their_results() -> None:
    early: Future[int] = Future()
    early.set_result(3)
    with capture_events():
        late: Future[int] = Future()
        late.set_exception(LookupError("late"))
        assert early.result() == 3
    assert str(late.exception()) == "late"
    del late
    gc.collect()
