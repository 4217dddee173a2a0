"""`bongsu run`: how a command ends is known, told, and our own exit status."""

import os
import resource
import signal

import pytest
import seen
from children import Launch
from running import ONCE, begin, children, is_alive, kill, shell, through
from shell import wait_until

from bongsu.testing import ScriptedSlack

STATUSES = {
    "exit 0": 0,
    "exit 1": 1,
    "exit 42": 42,
    "exit 255": 255,
    "kill -TERM $$": 128 + signal.SIGTERM,
    "kill -KILL $$": 128 + signal.SIGKILL,
    "kill -SEGV $$": 128 + signal.SIGSEGV,
    "kill -INT $$": 128 + signal.SIGINT,
}


@pytest.mark.parametrize(("line", "status"), STATUSES.items(), ids=str)
def test_the_exit_status_is_that_of_the_command(launch: Launch, line: str, status: int) -> None:
    assert through(launch, *ONCE, *shell(line)).code == status


TITLES = {
    "exit 3": "shop: exit 3",
    "kill -KILL $$": "shop: killed by SIGKILL",
    "kill -SEGV $$": "shop: SIGSEGV",
}


@pytest.mark.parametrize(("line", "title"), TITLES.items(), ids=str)
def test_the_cause_stands_in_the_title(launch: Launch, slack: ScriptedSlack, line: str, title: str) -> None:
    through(launch, *ONCE, "--name", "shop", *shell(line))
    assert any(title in seen.text(post) for post in slack.posts), list(map(seen.text, slack.posts))


def test_a_core_dump_is_told(launch: Launch, slack: ScriptedSlack) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    assert most != 0, "this machine lets nobody dump"
    through(launch, *ONCE, "--name", "shop", *shell("ulimit -c unlimited; kill -SEGV $$"))
    assert any("SIGSEGV (core dumped)" in seen.text(post) for post in slack.posts)


def test_a_command_that_does_not_exist_is_127_and_told_with_a_remedy(launch: Launch, slack: ScriptedSlack) -> None:
    ended = through(launch, "--", "no-such-command")
    assert (ended.code, ended.out) == (127, "")
    assert ended.err == "bongsu: no-such-command: there is no such command; look at its spelling and at PATH.\n"
    assert any("not found" in seen.text(post) for post in slack.posts)


NOT_EXECUTABLE = {
    "a file without the permission": ("#!/bin/sh\n", 0o644, "chmod +x"),
    "a script whose interpreter is missing": ("#!/no/such/interpreter\n", 0o755, "#!"),
}


@pytest.mark.parametrize(("text", "mode", "remedy"), NOT_EXECUTABLE.values(), ids=NOT_EXECUTABLE)
def test_what_cannot_be_executed_is_126(launch: Launch, text: str, mode: int, remedy: str) -> None:
    script = launch.folder / "script"
    script.write_text(text)
    script.chmod(mode)
    ended = through(launch, "--", "./script")
    assert ended.code == 126
    assert remedy in ended.err


def test_a_folder_is_not_executable(launch: Launch) -> None:
    assert through(launch, "--", "/tmp").code == 126


def test_a_script_without_a_first_line_is_run_by_the_shell(launch: Launch) -> None:
    script = launch.folder / "script"
    script.write_text("exit 7\n")
    script.chmod(0o755)
    assert through(launch, *ONCE, "--", "./script").code == 7


def test_a_command_that_failed_is_started_again(launch: Launch, slack: ScriptedSlack) -> None:
    line = "test -e again || { touch again; exit 3; }; echo second"
    ended = through(launch, "--name", "shop", *shell(line))
    assert (ended.code, ended.out) == (0, "second\n")
    assert ended.err == "bongsu: shop ended: exit 3. It is started again in 0.1 s.\n"
    assert any("shop: exit 3" in seen.text(post) for post in slack.posts)


def test_a_clean_end_is_no_alarm(launch: Launch, slack: ScriptedSlack) -> None:
    assert through(launch, "--name", "shop", *shell("exit 0")).code == 0
    assert not any("🔴" in seen.text(post) for post in slack.posts)


def test_a_command_is_started_again_without_end_where_that_is_wanted(launch: Launch) -> None:
    with begin(launch, "--restart", "always", "--backoff-max", "0s", *shell("echo run")) as child:
        assert [child.line() for _ in range(5)] == ["run"] * 5


def test_who_fails_too_often_is_given_up_with_its_last_status(launch: Launch, slack: ScriptedSlack) -> None:
    ended = through(launch, "--name", "shop", "--max-restarts", "5", "--backoff-max", "0s", *shell("echo run; exit 9"))
    assert (ended.code, ended.out) == (9, "run\n" * 6)
    assert ended.err.endswith("bongsu: shop was started again 5 times and ended each time: giving up.\n")
    told = "\n".join(map(seen.everything, slack.posts))
    assert "exit 9" in told
    assert len(slack.posts) <= 3


def test_who_is_given_up_is_never_status_0(launch: Launch) -> None:
    ended = through(launch, "--restart", "always", "--max-restarts", "1", "--backoff-max", "0s", *shell("exit 0"))
    assert ended.code == 1


def test_two_hundred_restarts_leave_nothing_behind(launch: Launch) -> None:
    """Descriptors, threads and zombies of the supervisor, as its child sees them: at the last start as at the first."""
    line = "ls /proc/$PPID/fd | wc -l; ls /proc/$PPID/task | wc -l; cat /proc/$PPID/task/*/children | wc -w; exit 1"
    words = ("--max-restarts", "200", "--backoff-max", "0s", *shell(line))
    ended = through(launch, *words)
    looks = list(map(int, ended.out.split()))
    runs = list(zip(*[iter(looks)] * 3, strict=True))
    assert len(runs) == 201
    assert max(runs[-5:]) <= tuple(max(column) for column in zip(*runs[10:100], strict=True))
    assert {children for _, _, children in runs} == {1}


def test_what_a_run_leaves_in_its_group_ends_before_the_next(launch: Launch) -> None:
    line = "sleep 1000 & echo $!; test -e again || { touch again; exit 3; }"
    ended = through(launch, *shell(line))
    first, second = map(int, ended.out.split())
    assert not is_alive(first)
    assert not is_alive(second)


def test_a_daemon_that_left_the_group_goes_on(launch: Launch) -> None:
    ended = through(launch, *shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!"))
    daemon = int(ended.out)
    assert is_alive(daemon)
    kill(daemon)


def test_a_daemon_that_holds_stderr_does_not_hang_us(launch: Launch) -> None:
    ended = through(launch, *ONCE, *shell("setsid sleep 1000 >/dev/null & echo $! >pid; echo last >&2; exit 4"))
    assert (ended.code, ended.err) == (4, "last\n")
    kill(int((launch.folder / "pid").read_text()))


def test_a_child_that_forks_and_exits_leaves_an_orphan_that_is_ours(launch: Launch, slack: ScriptedSlack) -> None:
    """Its zombie is buried while the command still runs."""
    line = "read go; (setsid sh -c 'echo $$; read line <fifo' >pid &) ; read line"
    os.mkfifo(launch.folder / "fifo")
    with begin(launch, *shell(line)) as child:
        wait_until(lambda: len(slack.posts) > 0)  # all is loaded
        child.say("go")
        wait_until(lambda: len(children(child.pid)) == 2)
        (launch.folder / "fifo").write_text("go\n")
        wait_until(lambda: len(children(child.pid)) == 1)
        child.say("end")
        assert child.end().code == 0


def test_a_wrong_configuration_of_ours_keeps_no_program_from_running(launch: Launch) -> None:
    ended = through(launch, *ONCE, *shell("echo works; exit 3"), BONGSU_LANGUAGE="klingon")
    assert (ended.code, ended.out) == (3, "works\n")
    assert "language: 'klingon' is not known" in ended.err
    assert "alerts go to stderr until that is mended" in ended.err
