"""`bongsu watch docker` and a daemon that says what we want: its stream, its death, its garbage; and what is told."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from scripted_docker import ScriptedDocker
from seen import everything, text
from shell import Shell, wait_until

from bongsu.clock import SYSTEM
from bongsu.event import Ending, Why
from bongsu.testing import ScriptedSlack
from bongsu.watchers.docker.daemon import LINE_BYTES_MAX, Daemon
from bongsu.watchers.docker.watching import Watching
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.tables import Wishes

TRACEBACK = b"""\
Traceback (most recent call last):
  File "/srv/shop.py", line 7, in pay
    charge(card)
ValueError: no card
"""


@pytest.fixture
def docker() -> Iterator[ScriptedDocker]:
    with ScriptedDocker() as running:
        yield running


class Watched:
    """A watcher in a thread of its own, and its reports."""

    def __init__(self, docker: ScriptedDocker) -> None:
        self.reports: list[Report] = []
        self.watching = Watching(
            daemon=Daemon(docker.socket), wishes=Wishes(), report=self.reports.append, clock=SYSTEM
        )

    def wait(self, *turns: Turn) -> list[Report]:
        """The reports, once these have come."""
        wait_until(lambda: [each.turn for each in self.reports][: len(turns)] == list(turns))
        return self.reports[: len(turns)]


@contextmanager
def watched(docker: ScriptedDocker) -> Iterator[Watched]:
    watched = Watched(docker)
    thread = threading.Thread(target=watched.watching.run)
    thread.start()
    try:
        yield watched
    finally:
        watched.watching.stop()
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def closing_in(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Leave no process behind when a test fails."""
    try:
        yield
    finally:
        process.kill()


def running(identity: str = "4f2c9a7be1d0", state: str = "running", status: str = "Up 2 hours") -> dict[str, object]:
    return {"Id": identity, "Names": ["/web"], "Labels": {}, "State": state, "Status": status}


def frame(data: bytes) -> bytes:
    return b"\2\0\0\0" + len(data).to_bytes(4, "big") + data


def test_a_bad_end_comes_with_the_last_lines_and_the_stack_in_them(docker: ScriptedDocker) -> None:
    docker.logs = frame(b"starting\n") + frame(TRACEBACK)
    with watched(docker) as seen:
        docker.say("start")
        docker.say("die", exitCode="1")
        *_, report = seen.wait(Turn.BACK, Turn.STARTED, Turn.ENDED)
    assert report.process.output[0] == "starting"
    assert report.trace is not None
    assert report.trace.errors[0].message == "no card"
    query, _ = [query for path, query in docker.asked if path == "/containers/4f2c9a7be1d0/logs"]
    assert (query["stderr"], query["tail"]) == (["1"], ["50"])
    assert "hunter2" not in repr(seen.reports)


def test_a_kill_by_the_kernel_is_told_as_what_it_is(docker: ScriptedDocker) -> None:
    with watched(docker) as seen:
        docker.say("die", exitCode="137")
        docker.say("oom")
        *_, report = seen.wait(Turn.BACK, Turn.ENDED)
    assert report.process.ending == Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY)


def test_a_stop_asks_for_no_lines(docker: ScriptedDocker) -> None:
    with watched(docker) as seen:
        docker.say("kill", signal="15")
        docker.say("die", exitCode="143")
        docker.say("stop")
        *_, report = seen.wait(Turn.BACK, Turn.ENDED)
    assert report.process.by_operator
    assert not any(path.endswith("/logs") for path, _ in docker.asked)


def test_a_container_that_is_sick_comes_with_what_its_check_said(docker: ScriptedDocker) -> None:
    docker.details = {
        "State": {"Health": {"Log": [{"Output": "connection refused"}]}},
        "Config": {"Env": ["A=hunter2"]},
    }
    with watched(docker) as seen:
        docker.say("health_status: unhealthy")
        docker.say("health_status: healthy")
        _, sick, _ = seen.wait(Turn.BACK, Turn.HUNG, Turn.HEALTHY)
    assert sick.text == "connection refused"
    assert "hunter2" not in repr(sick)


def test_a_daemon_that_is_gone_is_lost_and_found_again_and_what_was_missed_is_told(docker: ScriptedDocker) -> None:
    docker.containers = [running(), running("b" * 64)]
    with watched(docker) as seen:
        assert docker.listens.wait(20)
        docker.say("start", identity="c" * 12, name="c")
        seen.wait(Turn.BACK, Turn.STARTED, Turn.STARTED, Turn.STARTED)
        docker.down()
        seen.wait(Turn.BACK, Turn.STARTED, Turn.STARTED, Turn.STARTED, Turn.LOST)
        docker.containers = [running(state="exited", status="Exited (139) 1 second ago"), running("b" * 64)]
        docker.up()
        wait_until(lambda: len(seen.reports) == 8)
        docker.say("die", identity="b" * 64, exitCode="3")
        wait_until(lambda: len(seen.reports) == 9)
    told = [(each.turn, each.instance[:1]) for each in seen.reports[5:]]
    assert sorted(told) == sorted([(Turn.BACK, ""), (Turn.DELETED, "c"), (Turn.ENDED, "4"), (Turn.ENDED, "b")])
    since = [query["since"] for path, query in docker.asked if path == "/events"]
    assert len(since) >= 2
    assert since[-1] > since[0]  # from the last event on


def test_an_event_that_a_new_connection_repeats_is_one(docker: ScriptedDocker) -> None:
    with watched(docker) as seen:
        for _ in range(2):
            docker.stream.put(died(at=5))
        docker.say("start", identity="new")
        wait_until(lambda: len(seen.reports) == 3)
    assert {(each.turn, each.instance) for each in seen.reports[1:]} == {(Turn.ENDED, "old"), (Turn.STARTED, "new")}


def test_an_event_with_an_earlier_time_is_heard(docker: ScriptedDocker) -> None:
    with watched(docker) as seen:
        docker.say("start", identity="new")
        docker.stream.put(died(at=5))
        assert seen.wait(Turn.BACK, Turn.STARTED, Turn.ENDED)[-1].instance == "old"


def died(at: int) -> bytes:
    actor = {"ID": "old", "Attributes": {"name": "old", "exitCode": "1"}}
    return json.dumps({"Type": "container", "Action": "die", "Actor": actor, "timeNano": at}).encode() + b"\n"


GARBAGE = {
    "no JSON": b"<html>\n",
    "no UTF-8": b"\xff\xfe\n",
    "empty lines": b"\n\n\n",
    "deep": b"[" * 100_000 + b"\n",
    "a line far too long": b'{"Type":"container","x":"' + b"x" * (3 * LINE_BYTES_MAX) + b'"}\n',
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_between_two_events_is_passed_over(docker: ScriptedDocker, garbage: bytes) -> None:
    with watched(docker) as seen:
        docker.say("start")
        docker.stream.put(garbage)
        docker.say("die", exitCode="7")
        *_, report = seen.wait(Turn.BACK, Turn.STARTED, Turn.ENDED)
    assert report.process.ending == Ending(code=7)


def test_an_event_that_comes_in_pieces_is_one(docker: ScriptedDocker) -> None:
    line = b'{"Type":"container","Action":"start","Actor":{"ID":"a","Attributes":{}},"timeNano":9999999999999999999}\n'
    with watched(docker) as seen:
        for number in range(0, len(line), 7):
            docker.stream.put(line[number : number + 7])
        seen.wait(Turn.BACK, Turn.STARTED)


BAD_ANSWERS: dict[str, Callable[[ScriptedDocker], object]] = {
    "of logs": lambda docker: setattr(docker, "logs", b"\2\0\0\0\xff\xff\xff\xff"),
    "of a list": lambda docker: docker.containers.append({"Id": 7}),
}


@pytest.mark.parametrize("spoil", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_broken_answer_costs_no_report(docker: ScriptedDocker, spoil: Callable[[ScriptedDocker], object]) -> None:
    spoil(docker)
    with watched(docker) as seen:
        docker.say("start")
        docker.say("die", exitCode="7")
        seen.wait(Turn.BACK, Turn.STARTED, Turn.ENDED)


def test_a_daemon_that_was_never_there_is_lost(docker: ScriptedDocker) -> None:
    docker.down()
    with watched(docker) as seen:
        seen.wait(Turn.LOST)


# -- the command


def test_the_command_tells_of_containers_and_the_second_one_refuses(bongsu: Shell, docker: ScriptedDocker) -> None:
    docker.logs = frame(TRACEBACK)
    with ScriptedSlack() as slack:
        to = {"BONGSU_TO": slack.webhook_url("alarm")}
        command = ("watch", "docker", "--socket", docker.socket)
        with bongsu.start(*command, **to) as watch, closing_in(watch):
            assert docker.listens.wait(20)
            docker.say("die", exitCode="1")
            docker.say("die", identity="b", name="cache", exitCode="137")
            docker.say("oom", identity="b", name="cache")
            slack.wait_for(lambda each: "ValueError: no card" in text(each), 20)
            slack.wait_for(lambda each: "cache: killed by SIGKILL (out of memory)" in text(each), 20)
            second = bongsu(*command, **to)
            assert second.returncode == 1
            assert f"is watched by process {watch.pid} already" in second.stderr
            docker.down()
            slack.wait_for(lambda each: "docker is gone" in text(each), 20)
            watch.send_signal(signal.SIGTERM)
            out, errors = watch.communicate(timeout=20)
        assert watch.returncode == 0
        assert out.startswith("Watching the containers of ")
        assert "Docker cannot be reached" in errors
        assert not any("hunter2" in everything(each) for each in slack.posts)
