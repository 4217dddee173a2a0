"""RQ: an error of a job is one event, told when no retry is left, with the request it was ordered in."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Callback, Queue, Retry, SimpleWorker, Worker
from rq.job import Job
from seen import fields
from worker_processes import PATIENCE_S, PROGRAMS, place, redis_server

import bongsu
from bongsu.event import Event, Kind
from bongsu.testing import ScriptedSlack, capture_events

sys.path.insert(0, str(PROGRAMS))
import rq_jobs


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def queue(url: str) -> Iterator[Queue]:
    with Redis.from_url(url) as connection:
        connection.flushdb()
        yield Queue("work", connection=connection)


def _work_off(queue: Queue, worker: type[Worker] = SimpleWorker) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    worker([queue], connection=queue.connection).work(burst=True)
    for number, handler in before.items():
        signal.signal(number, handler)


def _events_of(queue: Queue, *args: Any, **options: Any) -> list[Event]:
    """What is captured while a job is done that was ordered in the request `order-7`."""
    with capture_events() as captured:
        with bongsu.context(request_id="order-7"):
            queue.enqueue(*args, **options)
        _work_off(queue)
        return captured.events


def test_an_error_is_one_event_with_the_job_and_the_request_it_was_ordered_in(queue: Queue) -> None:
    [event] = _events_of(queue, rq_jobs.raises, 7)
    assert event.title == "LookupError: raised in a work-horse"
    assert event.culprit is not None
    assert event.culprit.source == 'raise LookupError("raised in a work-horse")'
    assert event.request_id == "order-7"
    assert event.handled is False
    assert {"task": "rq_jobs.raises", "route": "rq_jobs.raises", "queue": "work"}.items() <= event.tags.items()
    assert len(event.tags["task_id"]) == 36
    assert event.tags["duration"].endswith(" ms")
    assert "job 7 is on the way to raise" in [line.message for line in event.trail]


def test_without_a_request_the_job_is_its_own(queue: Queue) -> None:
    with capture_events() as captured:
        job = queue.enqueue(rq_jobs.raises, 1)
        _work_off(queue)
        [event] = captured.events
    assert event.request_id == event.tags["task_id"] == job.id


def test_a_job_s_own_meta_stays_and_the_caller_s_dict_is_not_touched(queue: Queue) -> None:
    mine = {"shop": "Gangnam"}
    with capture_events(), bongsu.context(request_id="order-7"):
        job = queue.enqueue(rq_jobs.says, meta=mine)
    assert job.get_meta() == {"shop": "Gangnam", "bongsu_request_id": "order-7"}
    assert mine == {"shop": "Gangnam"}


@pytest.mark.parametrize("given", ["x" * 10_000, "a b\n\x00", 5, ["a"], None, ""])
def test_an_id_that_is_not_sound_is_not_taken_from_a_job(queue: Queue, given: object) -> None:
    with capture_events() as captured:
        job = queue.enqueue(rq_jobs.raises, 1, meta={"bongsu_request_id": given})
        _work_off(queue)
        [event] = captured.events
    assert event.request_id == job.id


def test_with_retries_left_nothing_is_told_and_without_the_last_failure_is(queue: Queue) -> None:
    with capture_events() as captured:
        queue.enqueue(rq_jobs.raises, 1, retry=Retry(max=2))
        _work_off(queue)
        [event] = captured.events
        assert captured.count == 1
    assert event.tags["retries_left"] == "0"


def test_a_callback_that_fails_is_told_with_its_job(queue: Queue) -> None:
    [event] = _events_of(queue, rq_jobs.says, on_success=Callback(rq_jobs.bad_callback))[1:]
    assert event.title == "RuntimeError: the callback failed"
    assert event.tags["task"] == "rq_jobs.says"


def test_a_job_whose_function_is_gone_is_one_event(queue: Queue) -> None:
    [event] = _events_of(queue, "rq_jobs.gone")
    assert event.tags["task"] == "rq_jobs.gone"
    assert event.request_id == "order-7"


def test_a_job_that_cannot_be_read_is_one_event(queue: Queue) -> None:
    with capture_events() as captured:
        job = queue.enqueue(rq_jobs.says)
        queue.connection.hset(job.key, "data", b"\xff not a pickle")
        _work_off(queue)
        [event] = captured.events
    assert event.tags["task"] == "<unreadable>"
    assert event.request_id == job.id


def test_a_queue_that_runs_its_jobs_at_once_tells_of_them_too(queue: Queue) -> None:
    at_once = Queue("now", connection=queue.connection, is_async=False)
    with capture_events() as captured:
        with bongsu.context(request_id="web-1"):
            at_once.enqueue(rq_jobs.raises, 1)
        [event] = captured.events
    assert (event.request_id, event.tags["task"]) == ("web-1", "rq_jobs.raises")


def test_log_records_of_a_job_are_told_as_ever(queue: Queue) -> None:
    [event] = _events_of(queue, rq_jobs.says)
    assert (event.kind, event.message, event.request_id) == (Kind.LOG, "said in a work-horse", "order-7")


def test_close_leaves_rq_as_it_was() -> None:
    def now() -> list[object]:
        names = ("perform_job", "handle_exception", "handle_work_horse_killed")
        return [getattr(Worker, name) for name in names] + [vars(Job)["create"], Queue.run_job]

    before = now()
    with capture_events():
        assert all(one != other for one, other in zip(now(), before, strict=True))
    assert now() == before
    with capture_events(integrations=False):
        assert now() == before


# -- real workers, with a work-horse for each job

ENDS = {
    "raises": ("LookupError: raised in a work-horse", 'raise LookupError("raised in a work-horse")'),
    "killed": ("WorkHorseKilled: rq_jobs.killed: signal 9 (SIGKILL)", ""),
    "exits": ("WorkHorseKilled: rq_jobs.exits: exit status 7", ""),
}


def _run_worker(slack: ScriptedSlack, folder: Path, url: str, kind: str) -> None:
    environ = {
        **os.environ,
        "REDIS": url,
        "BONGSU_TO": slack.webhook_url("alarm"),
        "BONGSU_APP": "shop",
        "BONGSU_STATE_DIR": str(folder),
    }
    command = [sys.executable, "rq_worker.py", kind]
    subprocess.run(command, cwd=PROGRAMS, env=environ, check=True, timeout=PATIENCE_S, capture_output=True)


@pytest.mark.parametrize("name", ENDS)
def test_a_job_that_ends_with_its_work_horse_is_told_once(name: str, queue: Queue, url: str, tmp_path: Path) -> None:
    title, line = ENDS[name]
    with ScriptedSlack() as slack:
        with capture_events(), bongsu.context(request_id="order-7"):
            queue.enqueue(f"rq_jobs.{name}", *([1] if name == "raises" else []))
        _run_worker(slack, tmp_path, url, "Worker")
        [message] = slack.wait_for(1, timeout_s=PATIENCE_S)
    assert title in str(message.payload["text"])
    assert fields(message)["ROUTE"] == f"rq_jobs.{name}"
    assert fields(message)["REQUEST ID"] == "order-7"
    if line:
        assert fields(message)["SOURCE"] == place("rq_jobs.py", line)


def test_a_work_horse_that_is_killed_with_retries_left_is_told_at_the_last(
    queue: Queue, url: str, tmp_path: Path
) -> None:
    with ScriptedSlack() as slack:
        queue.enqueue("rq_jobs.killed", retry=Retry(max=2))
        _run_worker(slack, tmp_path, url, "Worker")
        [message] = slack.wait_for(1, timeout_s=PATIENCE_S)
    assert "retries_left=0" in fields(message)["TAGS"]
    assert fields(message)["COUNT"].startswith("×1")
