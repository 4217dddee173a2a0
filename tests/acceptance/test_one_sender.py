"""All processes of an app are one voice: one message, the exact count of all, one sender, and an heir when it dies."""

import signal
import socket
import sqlite3
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from children import Child, Launch
from seen import count, everything, fields
from shell import wait_until

from bongsu.clock import SYSTEM
from bongsu.messages.delivery import Verb
from bongsu.testing import Received, ScriptedSlack

PROGRAMS = Path(__file__).parent / "programs_many"
WORKERS, TIMES = 8, 1_000
ANSWER_S = 1.2  # longer than any pause that pacing puts between two messages: an overlap would be seen


@pytest.mark.parametrize(("options", "of_master"), [((), 0), (("--preload",), 1_000)], ids=["plain", "preload"])
def test_eight_workers_that_fail_alike_are_one_message_with_the_count_of_all_from_one_sender(
    slack: ScriptedSlack, bot_launch: Launch, options: tuple[str, ...], of_master: int
) -> None:
    slack.script(delay_s=ANSWER_S, times=None)
    all_of_them = WORKERS * TIMES + of_master
    service = str(PROGRAMS / "wsgi_service.py")
    command = (sys.executable, "-m", "gunicorn", "-c", service, "--chdir", str(PROGRAMS), "-w", str(WORKERS))
    environ = {"TIMES": str(TIMES), "MASTER_FAILS": str(of_master), "HOME": str(bot_launch.folder)}
    with bot_launch.command(*command, *options, "wsgi_service:application", **environ) as server:
        pids = {server.line() for _ in range(WORKERS)}
        slack.wait_for(lambda message: _is_edit(message) and count(message) == all_of_them, timeout_s=40)
        server.signal(signal.SIGTERM)
        assert server.end().code == 0
    assert len(pids) == WORKERS
    assert len(slack.posts) == 1
    assert [group.total for group in bot_launch.groups()] == [all_of_them]
    arrivals = sorted(message.at for message in slack.messages)
    assert min(later - earlier for earlier, later in pairwise(arrivals)) >= ANSWER_S


@pytest.mark.parametrize("is_reaped", [True, False], ids=["reaped", "zombie"])
def test_when_the_sender_is_killed_while_slack_hangs_a_sibling_delivers_within_ten_seconds(
    slack: ScriptedSlack, launch: Launch, is_reaped: bool
) -> None:
    slack.script(delay_s=600, times=None)
    with launch.start("sender") as sender:
        assert sender.line() == "ready"
        sender.say("out of tea")
        assert sender.line() == "captured"
        wait_until(lambda: _states(launch) == ["sending"])
        with launch.start("sender") as heir:
            assert heir.line() == "ready"
            slack.recover()
            sender.signal(signal.SIGKILL)
            killed_at = SYSTEM.monotonic()
            if is_reaped:
                sender.end()
            [told] = slack.wait_for(lambda message: "out of tea" in everything(message), timeout_s=10)
            print(f"taken over after {SYSTEM.monotonic() - killed_at:.1f} s")
    assert "(repeat)" in everything(told)  # it may have arrived before


def test_two_uvicorn_workers_are_one_message_with_the_count_of_what_they_captured_and_what_uvicorn_logged(
    slack: ScriptedSlack, bot_launch: Launch
) -> None:
    times, requests = 500, 20
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--app-dir", str(PROGRAMS), "--port", str(port), "--workers", "2", "--no-access-log")
    command = (sys.executable, "-m", "uvicorn", *options, "asgi_service:application")
    with bot_launch.command(*command, TIMES=str(times)) as server:
        assert len({server.line(), server.line()}) == 2
        for _ in range(requests):
            with pytest.raises(HTTPError):
                urlopen(f"http://127.0.0.1:{port}/", timeout=20)
        expected = 2 * times + requests
        slack.wait_for(lambda message: _is_edit(message) and count(message) == expected, timeout_s=20)
        server.signal(signal.SIGTERM)
        server.end()
    assert len(slack.posts) == 1
    assert fields(slack.posts[0])["SOURCE"].startswith("asgi_service.py:")


def test_fifty_forks_of_a_program_that_never_stops_capturing_neither_hang_nor_lose_one(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with _start(launch, "forks") as program:
        all_ended_well, total = program.line().split()
        assert program.end().code == 0
    assert all_ended_well == "True"
    assert _totals_at_next_start(launch) == [int(total)]
    assert len(slack.posts) == 1


def test_a_forked_child_without_errors_of_its_own_does_not_wait_for_its_parents_slack(
    slack: ScriptedSlack, launch: Launch
) -> None:
    slack.script(delay_s=600, times=None)
    with _start(launch, "quiet_fork") as program:
        assert program.end().out == "at once\n"


def test_a_child_forked_while_bongsu_imports_a_module_can_import_it(launch: Launch) -> None:
    with _start(launch, "fork_in_an_import") as program:
        ended = program.end()
    assert ended.out == "importing True\nimported http.client\nchild 0\n"


def _start(launch: Launch, program: str, *arguments: object) -> Child:
    return launch.command(sys.executable, str(PROGRAMS / f"{program}.py"), *map(str, arguments))


def _totals_at_next_start(launch: Launch) -> list[int]:
    """The counts of all problems, when a new process has taken in what the others may have left."""
    launch.run("idle")
    return [group.total for group in launch.groups()]


def _states(launch: Launch) -> list[str]:
    """Of the outbox; nothing as long as there is no store."""
    path = launch.state_dir / "checkin" / "bongsu.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        if not database.execute("select 1 from sqlite_master where name = 'outbox'").fetchone():
            return []
        return [state for (state,) in database.execute("select state from outbox")]


def _is_edit(message: Received) -> bool:
    return message.verb is Verb.EDIT
