"""A Celery worker with processes of its own: what its children captured outlives them, and their deaths are told."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from celery.exceptions import TaskRevokedError
from seen import everything, fields
from worker_processes import PATIENCE_S, place, redis_server, running

import bongsu
from bongsu.testing import Received, ScriptedSlack, capture_events

ENDS = {  # the task: what its card is titled, and where it points to
    "raises": ("LookupError: raised in a child", 'raise LookupError("raised in a child")'),
    "killed": ("WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL)", 'name="killed")'),
    "exits": ("WorkerLostError: Worker exited prematurely: exitcode 3", 'name="exits")'),
    "killed_once": ("WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL)", 'name="killed_once"'),
    "takes_too_long": ("TimeLimitExceeded", 'name="takes_too_long"'),
    "is_told_to_hurry": ("SoftTimeLimitExceeded", "until it is told to hurry"),
}


@contextmanager
def _celery(slack: ScriptedSlack, folder: Path, *arguments: str) -> Iterator[Celery]:
    """A worker process, and an app that orders from it."""
    results = folder / "results"
    results.mkdir()
    with redis_server(folder) as url:
        environ = {
            "REDIS": url,
            "RESULTS": f"file://{results}",
            "BONGSU_TO": slack.webhook_url("alarm"),
            "BONGSU_APP": "shop",
            "BONGSU_STATE_DIR": str(folder / "state"),
        }
        command = ["-m", "celery", "-A", "celery_tasks", "worker", "--loglevel=INFO", "--concurrency=2", *arguments]
        orders = Celery(broker=url, backend=f"file://{results}", set_as_current=False)
        with running(command, environ, folder / "worker.log"):
            yield orders
        orders.close()


def _route(message: Received) -> str:
    return fields(message).get("ROUTE", "")


# Few at a time: more problems at once would come as one message.
@pytest.mark.parametrize(
    "names", [("killed", "exits"), ("killed_once", "takes_too_long"), ("raises", "is_told_to_hurry")], ids="-".join
)
def test_a_task_that_ends_with_its_process_or_its_time_is_told_once(names: tuple[str, ...], tmp_path: Path) -> None:
    with ScriptedSlack() as slack:
        with _celery(slack, tmp_path) as orders, capture_events(), bongsu.context(request_id="order-7"):
            for name in names:
                orders.send_task(name, args=[str(tmp_path / "mark")] if name == "killed_once" else [])
            for name in names:
                slack.wait_for(lambda message, name=name: _route(message) == name, timeout_s=PATIENCE_S)
    assert sorted(map(_route, slack.messages)) == sorted(names)
    for message in slack.messages:
        title, line = ENDS[_route(message)]
        assert title in str(message.payload["text"])
        assert fields(message)["SOURCE"] == place("celery_tasks.py", line)
        assert fields(message)["REQUEST ID"] == "order-7"
        assert "task_id=" in fields(message)["TAGS"]


def test_a_segfault_is_told_with_its_task_by_the_parent_and_with_its_stack_by_the_interpreter(tmp_path: Path) -> None:
    with ScriptedSlack() as slack:
        with _celery(slack, tmp_path) as orders:
            orders.send_task("segfaults")
            slack.wait_for(2, timeout_s=PATIENCE_S)
        by_parent, by_interpreter = sorted(slack.messages, key=_route, reverse=True)
    assert "WorkerLostError: Worker exited prematurely: signal 11 (SIGSEGV)" in everything(by_parent)
    assert _route(by_parent) == "segfaults"
    assert fields(by_interpreter)["SOURCE"] == place("celery_tasks.py", "ctypes.string_at(0)")


def test_what_a_child_captured_outlives_it(tmp_path: Path) -> None:
    with ScriptedSlack() as slack:
        with _celery(slack, tmp_path, "--max-tasks-per-child=1") as orders:
            orders.send_task("raises").get(timeout=PATIENCE_S, propagate=False)
            orders.send_task("says").get(timeout=PATIENCE_S)
            slack.wait_for(2, timeout_s=PATIENCE_S)
        texts = [everything(message) for message in slack.messages]
    assert len(texts) == 2
    assert any("raised in a child" in text for text in texts)
    assert any("said in a child" in text for text in texts)


def test_a_child_that_dies_after_its_task_is_told_too(tmp_path: Path) -> None:
    with ScriptedSlack() as slack:
        with _celery(slack, tmp_path) as orders:
            os.kill(orders.send_task("says").get(timeout=PATIENCE_S), signal.SIGKILL)
            slack.wait_for(lambda message: "exited with 'signal 9 (SIGKILL)'" in everything(message), PATIENCE_S)


def test_a_task_that_is_terminated_on_request_is_no_error(tmp_path: Path) -> None:
    with ScriptedSlack() as slack:
        with _celery(slack, tmp_path) as orders:
            endless = orders.send_task("endless", args=[str(tmp_path / "began")])
            orders.send_task("waits_for", args=[str(tmp_path / "began")]).get(timeout=PATIENCE_S)
            endless.revoke(terminate=True)
            with pytest.raises(TaskRevokedError):
                endless.get(timeout=PATIENCE_S)
            orders.send_task("raises").get(timeout=PATIENCE_S, propagate=False)
        [message] = slack.messages
    assert _route(message) == "raises"
