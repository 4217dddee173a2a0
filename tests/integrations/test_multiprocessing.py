"""multiprocessing: what ends a process is told, however it was started, and what it prints stays as it was."""

import re
import sys
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from children import Ended, Launch
from seen import everything, fields, text

from bongsu.testing import ScriptedSlack, capture_events

PROGRAMS = Path(__file__).parent / "programs"

STARTS = [
    ("fork", "in the parent"),
    ("fork", "everywhere"),
    ("fork", "in its function"),
    ("spawn", "everywhere"),
    ("spawn", "in its function"),
    ("forkserver", "everywhere"),
    ("forkserver", "in its function"),
]


def run(launch: Launch, program: str, *arguments: str) -> Ended:
    with launch.command(sys.executable, str(PROGRAMS / f"{program}.py"), *arguments) as child:
        return child.end()


@pytest.mark.parametrize(("method", "where"), STARTS)
def test_what_ends_a_process_is_told_once_and_at_once(
    slack: ScriptedSlack, launch: Launch, method: str, where: str
) -> None:
    ended = run(launch, "processes", method, where)
    assert (ended.code, ended.out) == (0, "exit code 1\n")
    [told] = slack.wait_for(1, timeout_s=20)
    assert "LookupError: no such user jiwoo" in text(told)
    assert fields(told)["SOURCE"].startswith("processes.py:")
    assert [group.total for group in launch.groups()] == [1]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_its_output_is_the_same_with_and_without_bongsu(launch: Launch, method: str) -> None:
    without, with_ = (run(launch, "processes", method, where) for where in ("nowhere", "everywhere"))
    assert (with_.out, with_.err) == (without.out, without.err)
    assert "Process door:\nTraceback (most recent call last)" in with_.err


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_asynchronous_call_whose_error_nobody_asks_for_is_told(
    slack: ScriptedSlack, launch: Launch, method: str
) -> None:
    ended = run(launch, "pools", method)
    assert (ended.code, ended.err) == (0, "")
    [told] = slack.wait_for(1, timeout_s=20)
    assert "LookupError: unread: " in text(told)
    assert fields(told)["SOURCE"] == "pools.py:12"
    assert [group.total for group in launch.groups()] == [2]


def test_of_a_pool_of_threads_too() -> None:
    def fail():
        raise LookupError("unread")

    with capture_events() as captured:
        with ThreadPool(1) as pool:
            pool.apply_async(fail).wait()
        [event] = captured.events
    assert event.title == "LookupError: unread"


def test_an_error_that_is_a_result_is_none() -> None:
    with capture_events() as captured:
        with ThreadPool(1) as pool:
            pool.apply_async(LookupError, ("a value",)).wait()
        assert captured.events == []


def test_an_object_that_a_queue_drops_is_told(slack: ScriptedSlack, launch: Launch) -> None:
    ended = run(launch, "lost_object")
    assert (ended.code, ended.out) == (0, "the end\n")
    [told] = slack.wait_for(1, timeout_s=20)
    assert re.search("pickle", everything(told))
