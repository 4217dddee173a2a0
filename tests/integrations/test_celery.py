"""Celery: an error of a task is one event, with the task and the request it was ordered in."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, chain, chord, signals
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Ignore, Reject
from celery.result import allow_join_result
from celery.worker.request import Request
from worker_processes import PATIENCE_S

import bongsu
from bongsu.event import Event, Kind
from bongsu.testing import capture_events

app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.update(
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    result_backend_always_retry=False,
)
log = logging.getLogger("shop")


class Unpicklable(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


class Expected(Exception):
    """A task may declare it."""


@app.task
def charge(amount: int) -> float:
    log.warning("about to charge %d", amount)
    return amount / 0


@app.task
def logs_and_raises() -> None:
    try:
        charge.run(1)
    except ZeroDivisionError:
        log.exception("cannot charge")
        raise


@app.task
def chained() -> None:
    try:
        charge.run(1)
    except ZeroDivisionError as error:
        raise RuntimeError("cannot charge") from error


@app.task
def unpicklable() -> None:
    raise Unpicklable("this", "that")


@app.task
def orders_another() -> None:
    charge.delay(2)


@app.task(bind=True, max_retries=2)
def retries_and_fails(self: Any) -> None:
    try:
        charge.run(3)
    except ZeroDivisionError as error:
        raise self.retry(exc=error, countdown=0) from error


@app.task(bind=True, autoretry_for=(KeyError,), retry_backoff=False, default_retry_delay=0, max_retries=3)
def recovers(self: Any) -> str:
    if self.request.retries < 2:
        raise KeyError("not yet")
    return "done"


@app.task(throws=(Expected,))
def throws() -> None:
    raise Expected("declared")


@app.task(throws=Expected)
def throws_one() -> None:
    raise Expected("declared")


@app.task
def ignores() -> None:
    raise Ignore


@app.task
def rejects() -> None:
    raise Reject("not mine", requeue=False)


@app.task
def succeeds(*_: object) -> str:
    return "done"


@pytest.fixture(scope="module", params=["solo", "threads"], autouse=True)
def worker(request: pytest.FixtureRequest) -> Iterator[None]:
    """A worker in a thread of this process; Bongsu comes and goes while it runs."""
    with start_worker(
        app, pool=request.param, concurrency=1, perform_ping_check=False, shutdown_timeout=PATIENCE_S, loglevel="INFO"
    ):
        yield


def _events_of(*tasks: Any) -> list[Event]:
    """What is captured while the worker does the tasks, each ordered in the request `order-7`."""
    with capture_events() as captured:
        with bongsu.context(request_id="order-7"):
            results = [task.delay() for task in tasks]
        with allow_join_result():
            for result in results:
                result.get(timeout=PATIENCE_S, propagate=False)
        return captured.events


def test_an_error_is_one_event_with_the_task_and_the_request_it_was_ordered_in() -> None:
    [event] = _events_of(charge.s(7))
    assert event.title == "ZeroDivisionError: division by zero"
    assert event.culprit is not None
    assert event.culprit.source == "return amount / 0"
    assert event.request_id == "order-7"
    assert event.handled is False
    wanted = {"task": charge.name, "route": charge.name, "retries": "0", "queue": "celery"}
    assert wanted.items() <= event.tags.items()
    assert len(event.tags["task_id"]) == 36
    assert event.tags["duration"].endswith(" ms")
    assert "about to charge 7" in [line.message for line in event.trail]


def test_without_a_request_the_task_is_its_own_and_those_it_orders_belong_to_it() -> None:
    with capture_events() as captured:
        result = orders_another.delay()
        with allow_join_result():
            result.get(timeout=PATIENCE_S)
            assert succeeds.delay().get(timeout=PATIENCE_S) == "done"
        [event] = captured.events
    assert event.tags["task"] == charge.name
    assert event.tags["task_id"] != result.id
    assert event.request_id == result.id


@pytest.mark.parametrize("task", [logs_and_raises, chained, unpicklable], ids=lambda task: task.__name__)
def test_what_is_logged_raised_again_or_cannot_be_pickled_is_still_one_event(task: Any) -> None:
    [event] = _events_of(task)
    assert event.tags["task"] == task.name
    assert event.exceptions[0].type in ("ZeroDivisionError", "RuntimeError", "Unpicklable")


def test_a_chain_that_breaks_is_one_event() -> None:
    [event] = _events_of(chain(succeeds.si(), charge.si(1), succeeds.si()))
    assert event.tags["task"] == charge.name
    assert event.request_id == "order-7"


def test_a_chord_that_loses_a_part_is_one_event() -> None:
    with capture_events() as captured:
        parts = chord([charge.s(1), succeeds.s()])(succeeds.s())
        with allow_join_result():
            parts.get(timeout=PATIENCE_S, propagate=False)
            assert succeeds.delay().get(timeout=PATIENCE_S) == "done"
        [event] = captured.events
    assert event.tags["task"] == charge.name


def test_a_retry_is_no_error_and_giving_up_is() -> None:
    [event] = _events_of(retries_and_fails, recovers)
    assert event.tags["task"] == retries_and_fails.name
    assert event.tags["retries"] == "2"
    assert event.request_id == "order-7"


def test_what_a_task_announces_is_no_error() -> None:
    assert _events_of(throws, throws_one) == []
    with capture_events() as captured:
        ignores.delay()
        rejects.delay()
        with allow_join_result():
            assert succeeds.delay().get(timeout=PATIENCE_S) == "done"
        assert captured.events == []


def test_log_lines_above_the_level_are_told_while_celery_runs_the_logging() -> None:
    with capture_events() as captured:
        logging.getLogger("shop").error("the shelf is empty")
        [event] = captured.events
    assert (event.kind, event.message) == (Kind.LOG, "the shelf is empty")


def test_a_task_that_is_unknown_here_is_one_event() -> None:
    with capture_events() as captured:
        app.send_task("shop.gone")
        with allow_join_result():
            assert succeeds.delay().get(timeout=PATIENCE_S) == "done"
        [event] = captured.events
    assert "shop.gone" in event.message


BAD_IDS = {"too long": "x" * 10_000, "not sound": "a b\n\x00", "no text": 5, "a list": ["a"], "empty": ""}


@pytest.mark.parametrize("given", BAD_IDS.values(), ids=BAD_IDS)
def test_an_id_that_is_not_sound_is_not_taken_from_a_message(given: object) -> None:
    with capture_events() as captured:
        result = charge.apply_async((1,), headers={"bongsu_request_id": given})
        with allow_join_result():
            result.get(timeout=PATIENCE_S, propagate=False)
        [event] = captured.events
    assert event.request_id == result.id


@contextmanager
def eagerly(**settings: Any) -> Iterator[None]:
    """Tasks run where they are ordered."""
    before = {name: app.conf[name] for name in ("task_always_eager", *settings)}
    app.conf.update(task_always_eager=True, **settings)
    try:
        yield
    finally:
        app.conf.update(before)


def test_in_eager_mode_the_request_at_hand_is_the_task_s() -> None:
    with capture_events() as captured, eagerly():
        with bongsu.context(request_id="web-1"):
            retries_and_fails.delay()
        first = captured.events
        outside = unpicklable.delay()
        [_, last] = captured.events
    assert [(event.request_id, event.tags["task"]) for event in first] == [("web-1", retries_and_fails.name)]
    assert last.request_id == outside.id


def test_what_eager_mode_raises_to_the_caller_is_the_caller_s() -> None:
    with capture_events() as captured, eagerly(task_eager_propagates=True):
        with pytest.raises(ZeroDivisionError):
            charge.delay(1)
        assert captured.events == []


def test_close_leaves_celery_as_it_was() -> None:
    def now() -> list[object]:
        wanted = ("before_task_publish", "task_prerun", "task_postrun", "task_failure", "task_internal_error")
        found = [tuple(getattr(signals, name).receivers) for name in wanted]
        return [*found, vars(Request)["on_failure"], vars(Request)["on_timeout"]]

    before = now()
    with capture_events():
        assert now() != before
    assert now() == before
    with capture_events(integrations=False):
        assert now() == before


INIT_FIRST = """
import bongsu
bongsu.init("console:", app="shop")
from celery import Celery
app = Celery("shop", task_always_eager=True)
app.conf.task_always_eager = True
@app.task(name="divide")
def divide():
    return 1 / 0
with bongsu.context(request_id="web-1"):
    divide.delay()
"""


def test_init_may_come_before_celery_is_imported(tmp_path: Path) -> None:
    environ = {**os.environ, "BONGSU_STATE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", INIT_FIRST], env=environ, capture_output=True, text=True, check=True)
    said = done.stdout + done.stderr
    assert said.count("ZeroDivisionError: division by zero") == 1, said
    assert "divide" in said
    assert "web-1" in said
