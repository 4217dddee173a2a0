"""`bongsu run`: memory, health and silence of a command that lives; the kernel's own kill."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import seen
from children import Launch
from running import ONCE, begin, is_alive, shell, through
from shell import wait_until

from bongsu.testing import ScriptedSlack
from bongsu.watchers.run import health

CGROUP = Path("/sys/fs/cgroup/memory")
GROWING = "import os, time\nkept = []\nwhile True:\n    kept.append(os.urandom(1 << 20) * 8)\n    time.sleep(0.05)\n"


def told(slack: ScriptedSlack) -> str:
    return "\n".join(map(seen.everything, slack.posts))


@contextmanager
def cgroup(limit: int) -> Iterator[Path]:
    """A memory cgroup (v1) with a limit; its processes are gone at the end."""
    group = CGROUP / f"bongsu-test-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(limit))
        if (group / "memory.memsw.limit_in_bytes").exists():
            (group / "memory.memsw.limit_in_bytes").write_text(str(limit))
        yield group
    finally:
        wait_until(lambda: not (group / "cgroup.procs").read_text())
        group.rmdir()


def test_a_kill_of_the_kernel_for_want_of_memory_is_told_as_that(launch: Launch, slack: ScriptedSlack) -> None:
    if os.getuid() != 0 or not (CGROUP / "memory.limit_in_bytes").exists():
        pytest.skip("needs root and the memory controller of cgroup v1")
    with cgroup(64 << 20) as group:
        join = f"import os; open({str(group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
        ended = through(launch, *ONCE, "--name", "shop", "--", sys.executable, "-c", join + GROWING)
    assert ended.code == 137
    assert "out of memory" in told(slack)


def test_more_memory_than_allowed_is_told_before_the_stop(launch: Launch, slack: ScriptedSlack) -> None:
    words = ("--name", "shop", "--max-memory", "60M", *ONCE)
    ended = through(launch, *words, "--", sys.executable, "-c", GROWING)
    assert ended.code == 143
    assert "MiB of 60 MiB: it is stopped." in ended.err
    assert "memory" in told(slack)


def test_the_memory_of_helpers_counts(launch: Launch) -> None:
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GROWING!r}])"
    ended = through(launch, "--max-memory", "60M", *ONCE, "--", sys.executable, "-c", start)
    assert "it is stopped." in ended.err


def test_after_a_stop_for_memory_it_is_started_again(launch: Launch) -> None:
    line = f"test -e again && exit 0; touch again; exec {sys.executable} -c '{GROWING}'"
    ended = through(launch, "--name", "shop", "--max-memory", "60M", *shell(line))
    assert ended.code == 0
    assert "shop ended: SIGTERM (memory limit). It is started again in 0.1 s." in ended.err


def test_silence_is_told_and_so_is_its_end(launch: Launch, slack: ScriptedSlack) -> None:
    line = "echo ready; read line; echo again; read line"
    with begin(launch, "--name", "shop", "--no-output-for", "1s", *shell(line)) as child:
        assert child.line() == "ready"
        wait_until(lambda: "no output for 1 s" in told(slack))
        child.say("go")
        assert child.line() == "again"
        count = len(slack.posts)
        wait_until(lambda: len(slack.posts) > count)
        assert is_alive(child.pid)
        child.say("go")
        assert child.end().code == 0


class Answers(BaseHTTPRequestHandler):
    """A service with the status that its server has."""

    def do_GET(self) -> None:
        status: int = self.server.status  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def service(status: int) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.status = status  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/health?deep=1"
        server.shutdown()


@pytest.mark.parametrize("status", [200, 204, 302])
def test_an_address_that_answers_well_is_well(status: int) -> None:
    with service(status) as address:
        assert health.ask(address, os.environ, ()) is None


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_address_that_answers_badly_says_how(status: int) -> None:
    with service(status) as address:
        assert f"GET {address}: {status}" in str(health.ask(address, os.environ, ()))


def test_an_address_where_nobody_listens_says_so() -> None:
    assert "refused" in str(health.ask("http://127.0.0.1:9/", os.environ, ()))


COMMANDS = {
    "true": None,
    "exit 3": "status 3",
    "echo all workers busy; exit 1": "status 1, all workers busy",
    "no-such-command-here": "status 127",
    "seq 1 100000; exit 2": "status 2",
}


@pytest.mark.parametrize(("command", "problem"), COMMANDS.items(), ids=str)
def test_a_command_says_what_is_wrong(command: str, problem: str | None) -> None:
    found = health.ask(command, os.environ, ())
    assert found is None if problem is None else problem in str(found)


def test_a_service_that_hangs_is_told_and_so_is_that_it_is_well_again(launch: Launch, slack: ScriptedSlack) -> None:
    """At the usual pace: three questions, ten seconds apart."""
    words = ("--name", "shop", "--health", "test -e well", *shell("echo ready; exec sleep 1000"))
    with begin(launch, *words) as child:
        assert child.line() == "ready"
        wait_until(lambda: "test -e well: status 1" in told(slack), timeout_s=45.0)
        count = len(slack.posts)
        (launch.folder / "well").touch()
        wait_until(lambda: len(slack.posts) > count, timeout_s=20.0)
