"""APScheduler 3: an error of a job is one event, and a run that did not take place is a warning."""

import asyncio
import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

import pytest
from apscheduler.events import EVENT_ALL, EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

import bongsu
from bongsu.event import Kind, Level
from bongsu.testing import capture_events

PATIENCE_S = 60.0
LONG_AGO = datetime(2021, 9, 7, 14, 26, tzinfo=UTC)
log = logging.getLogger("shop")


def bills() -> None:
    log.warning("about to bill")
    raise LookupError("no bill")


async def bills_async() -> None:
    log.warning("about to bill")
    raise LookupError("no bill")


def logs_and_raises() -> None:
    try:
        bills()
    except LookupError:
        log.exception("cannot bill")
        raise


class Shop:
    def bills(self) -> None:
        bills()


async def waits_for_ever(began: asyncio.Event) -> None:
    began.set()
    await asyncio.Event().wait()


class Heard:
    """What a listener of the host hears; `until` waits for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: list[Any] = []

    def __call__(self, event: Any) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def until(self, code: int) -> Any:
        """The first event of that kind."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._of(code), PATIENCE_S), f"never heard: {code}"
            return self._of(code)[0]

    def _of(self, code: int) -> list[Any]:
        return [event for event in self._events if event.code == code]


@contextmanager
def background(**options: Any) -> Iterator[tuple[BackgroundScheduler, Heard]]:
    scheduler, heard = BackgroundScheduler(**options), Heard()
    scheduler.add_listener(heard, EVENT_ALL)
    scheduler.start()
    try:
        yield scheduler, heard
    finally:
        scheduler.shutdown()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "function": bills,
    "partial": functools.partial(bills),
    "method": Shop().bills,
    "logged and raised again": logs_and_raises,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_an_error_is_one_event_with_the_job_and_an_id_of_its_run(function: Callable[..., Any]) -> None:
    with capture_events() as captured, background() as (scheduler, heard):
        scheduler.add_job(function, "interval", seconds=3_600, id="nightly", next_run_time=datetime.now(UTC))  # noqa: TID251
        assert type(heard.until(EVENT_JOB_ERROR).exception) is LookupError
        [event] = captured.events
    assert event.title == "LookupError: no bill"
    assert event.culprit is not None
    assert event.culprit.source == 'raise LookupError("no bill")'
    assert {"task": "nightly", "route": "nightly", "task_id": "nightly"}.items() <= event.tags.items()
    assert event.tags["duration"].endswith(" ms")
    assert len(event.request_id or "") == 32
    assert "about to bill" in [line.message for line in event.trail]


def test_a_job_without_an_id_is_called_by_its_name() -> None:
    with capture_events() as captured, background() as (scheduler, heard):
        scheduler.add_job(bills, "date")
        heard.until(EVENT_JOB_ERROR)
        [event] = captured.events
    assert event.tags["task"] == "bills"
    assert event.handled is False
    assert len(event.tags["task_id"]) == 32


def test_a_job_ordered_once_belongs_to_the_request_it_was_ordered_in() -> None:
    with capture_events() as captured, background() as (scheduler, heard):
        with bongsu.context(request_id="order-7"):
            scheduler.add_job(bills, "date")
        heard.until(EVENT_JOB_ERROR)
        [event] = captured.events
    assert event.request_id == "order-7"


async def _one_error(function: Callable[..., Any]) -> None:
    scheduler, done = AsyncIOScheduler(), asyncio.Event()
    scheduler.add_listener(lambda _: done.set(), EVENT_JOB_ERROR)
    scheduler.start()
    scheduler.add_job(function, "date", id="nightly")
    await asyncio.wait_for(done.wait(), PATIENCE_S)
    scheduler.shutdown()


@pytest.mark.parametrize("function", [bills, bills_async, functools.partial(bills_async)])
def test_on_an_event_loop_an_error_is_one_event_too(function: Callable[..., Any]) -> None:
    with capture_events() as captured:
        asyncio.run(_one_error(function))
        [event] = captured.events
    assert event.culprit is not None
    assert event.culprit.source == 'raise LookupError("no bill")'
    assert event.tags["task"] == "nightly"
    assert "about to bill" in [line.message for line in event.trail]


async def _shut_down_at_work() -> None:
    scheduler, began = AsyncIOScheduler(), asyncio.Event()
    scheduler.start()
    scheduler.add_job(waits_for_ever, "date", args=[began])
    await asyncio.wait_for(began.wait(), PATIENCE_S)
    scheduler.shutdown()
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)


def test_a_job_that_is_cancelled_at_the_end_is_no_error() -> None:
    with capture_events() as captured:
        asyncio.run(_shut_down_at_work())
        assert captured.events == []


@pytest.mark.parametrize("level", ["error", "warning"])
def test_a_run_that_was_missed_is_a_warning(level: str) -> None:
    with capture_events(level=level) as captured, background() as (scheduler, heard):
        scheduler.add_job(bills, "date", id="nightly", run_date=LONG_AGO, misfire_grace_time=1)
        heard.until(EVENT_JOB_MISSED)
        [event] = captured.events
    assert (event.kind, event.level) == (Kind.MESSAGE, Level.WARNING)
    assert event.message == "A run of job nightly was missed: it could not start in time"
    assert event.tags["task"] == "nightly"
    assert "test_apscheduler.py:" in event.location


@pytest.mark.parametrize("level", ["error", "warning"])
def test_a_run_that_found_the_one_before_still_going_on_is_a_warning(level: str) -> None:
    go_on = threading.Event()
    with capture_events(level=level) as captured, background() as (scheduler, heard):
        scheduler.add_job(go_on.wait, "interval", seconds=0.01, id="slow", max_instances=1, args=[PATIENCE_S])
        heard.until(EVENT_JOB_MAX_INSTANCES)
        scheduler.pause()
        go_on.set()
        heard.until(EVENT_JOB_EXECUTED)
        [event] = captured.events
    assert event.message == "A run of job slow was skipped: the one before it is still going on"


def test_an_error_in_a_pool_s_process_is_one_event() -> None:
    pool = {"mp_context": get_context("spawn")}
    executors = {"default": {"type": "processpool", "max_workers": 1, "pool_kwargs": pool}}
    with capture_events() as captured, background(executors=executors) as (scheduler, heard):
        scheduler.add_job(bills, "date", id="nightly")
        heard.until(EVENT_JOB_ERROR)
        [event] = captured.events
    assert event.title == "LookupError: no bill"


def test_bongsu_may_come_after_the_scheduler() -> None:
    with background() as (scheduler, heard), capture_events() as captured:
        scheduler.add_job(bills, "date")
        heard.until(EVENT_JOB_ERROR)
        [event] = captured.events
    assert event.handled is False


def test_close_leaves_apscheduler_as_it_was() -> None:
    def now() -> list[object]:
        return [BaseScheduler._real_add_job, BaseScheduler._dispatch_event, BaseExecutor.submit_job]

    before = now()
    with capture_events():
        assert all(one != other for one, other in zip(now(), before, strict=True))
    assert now() == before
    with capture_events(integrations=False):
        assert now() == before
