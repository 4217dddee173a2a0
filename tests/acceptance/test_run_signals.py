"""`bongsu run`: signals reach the command, an operator's stop is one, and the supervisor's own death loses nothing."""

import os
import signal
import sys
from pathlib import Path

import pytest
import seen
from children import Launch
from running import begin, children, is_alive, kill, shell, through
from shell import wait_until

from bongsu.clock import SYSTEM
from bongsu.testing import ScriptedSlack

TRAPS = "for s in HUP USR1 USR2 WINCH ALRM QUIT TSTP; do trap \"echo $s\" $s; done; trap 'echo TERM; exit 5' TERM"
ORDINARY = (1 << 31) - 1  # signals 32 and 33 are the C library's own
PATIENT = "while :; do read line <fifo; done"  # `read` of a shell ends with a signal


def stubborn(launch: Launch, before: str = "") -> tuple[str, ...]:
    """A command that ignores SIGTERM."""
    os.mkfifo(launch.folder / "fifo")
    return shell(f"trap '' TERM; {before} echo $$; while :; do read line <fifo; done")


FORWARDED = tuple(getattr(signal, f"SIG{name}") for name in ("HUP", "USR1", "USR2", "WINCH", "ALRM", "QUIT", "TSTP"))


@pytest.mark.parametrize("number", FORWARDED, ids=lambda number: number.name)
def test_a_signal_is_passed_on_and_ends_nothing(launch: Launch, number: signal.Signals) -> None:
    os.mkfifo(launch.folder / "fifo")
    with begin(launch, *shell(f"{TRAPS}; echo ready; {PATIENT}")) as child:
        assert child.line() == "ready"
        child.signal(number)
        assert child.line() == number.name.removeprefix("SIG")
        child.signal(signal.SIGTERM)
        assert child.line() == "TERM"
        assert child.end().code == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_is_no_alarm_and_no_reason_to_start_again(
    launch: Launch, slack: ScriptedSlack, number: signal.Signals
) -> None:
    with begin(launch, "--name", "shop", *shell("echo ready; exec sleep 1000")) as child:
        assert child.line() == "ready"
        child.signal(number)
        assert child.end().code == 128 + number
    told = list(map(seen.text, slack.posts))
    assert any("stopped" in text for text in told), told
    assert not any("🔴" in text for text in told)


def test_who_ignores_the_stop_is_killed_with_all_its_group_and_that_is_told(
    launch: Launch, slack: ScriptedSlack
) -> None:
    with begin(launch, "--name", "shop", "--stop-timeout", "1s", *stubborn(launch, "(sleep 1000 & echo $!);")) as child:
        helper, _ = int(child.line()), child.line()
        child.signal(signal.SIGTERM)
        ended = child.end()
    assert ended.code == 128 + signal.SIGKILL
    assert ended.err == "bongsu: shop did not stop within 1 s and was killed.\n"
    assert not is_alive(helper)


def test_a_second_interrupt_kills_at_once(launch: Launch) -> None:
    os.mkfifo(launch.folder / "fifo")
    line = f"trap 'echo once' INT; echo ready; {PATIENT}"
    with begin(launch, "--stop-timeout", "1h", *shell(line)) as child:
        assert child.line() == "ready"
        child.signal(signal.SIGINT)
        assert child.line() == "once"
        child.signal(signal.SIGINT)
        assert child.end().code == 128 + signal.SIGKILL


def test_a_stop_during_the_pause_before_a_restart_ends_it(launch: Launch) -> None:
    with begin(launch, "--name", "shop", *shell("echo ran; exit 3")) as child:
        for _ in range(4):
            assert child.line() == "ran"
        wait_until(lambda: not children(child.pid))
        child.signal(signal.SIGTERM)
        assert child.end().code == 3


def test_a_stopped_command_hears_the_stop(launch: Launch) -> None:
    with begin(launch, *shell("echo $$; exec sleep 1000")) as child:
        pid = int(child.line())
        os.kill(pid, signal.SIGSTOP)
        child.signal(signal.SIGTERM)
        assert child.end().code == 128 + signal.SIGTERM


def test_a_signal_that_our_parent_ignores_stays_ignored(launch: Launch) -> None:
    """As under nohup."""
    line = "grep SigIgn /proc/self/status"
    under = launch.command("sh", "-c", f"trap '' HUP; exec {sys.executable} -m bongsu run -- {line}")
    with under as child:
        ignored = int(child.end().out.split()[1], 16)
    assert ignored & ORDINARY == 1 << (signal.SIGHUP - 1)


def test_the_command_begins_with_no_signal_blocked_and_none_ignored(launch: Launch) -> None:
    ended = through(launch, "--restart", "on-failure", "--", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status")
    assert {int(line.split()[1], 16) & ORDINARY for line in ended.out.splitlines()} == {0}


def test_the_same_holds_for_a_restart(launch: Launch) -> None:
    line = "grep -E 'Sig(Blk|Ign)' /proc/self/status; test -e again || { touch again; exit 3; }"
    ended = through(launch, *shell(line))
    assert [int(line.split()[1], 16) & ORDINARY for line in ended.out.splitlines()] == [0] * 4


def test_the_command_leads_a_process_group_of_its_own(launch: Launch) -> None:
    ended = through(launch, "--", sys.executable, "-c", "import os; print(os.getpid() == os.getpgrp())")
    assert ended.out == "True\n"


def test_a_supervisor_that_is_killed_loses_nothing_that_was_told(launch: Launch, slack: ScriptedSlack) -> None:
    slack.down()
    line = "test -e again || { touch again; exit 3; }; echo $$; exec sleep 1000"
    with begin(launch, "--name", "shop", *shell(line)) as child:
        pid = int(child.line())
        child.signal(signal.SIGKILL)
        kill(pid)
    slack.up()
    for words in (("send", "hello"), ("outbox", "retry", "--all"), ("send", "again")):
        with launch.command(sys.executable, "-m", "bongsu", *words) as after:
            after.end()
    wait_until(lambda: any("exit 3" in seen.text(post) for post in slack.posts))


def test_it_works_as_process_one(launch: Launch) -> None:
    """It buries every orphan, and stops when it is told to."""
    assert os.getuid() == 0, "only root can make a new process namespace"
    os.mkfifo(launch.folder / "fifo")
    line = "(setsid sh -c 'sleep 0' &); trap 'exit 6' TERM; echo $PPID; read line <fifo"
    words = ("unshare", "-p", "-f", "--mount-proc", "--kill-child")
    with launch.command(*words, sys.executable, "-m", "bongsu", "run", *shell(line)) as child:
        assert child.line() == "1"
        [one] = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        children = Path(f"/proc/{one}/task/{one}/children")
        wait_until(lambda: len(children.read_text().split()) == 1)
        os.kill(int(one), signal.SIGTERM)
        assert child.end().code == 6


def test_idle_it_sleeps(launch: Launch, slack: ScriptedSlack) -> None:
    """Nothing but the worker's look once a second."""
    with begin(launch, *shell("exec sleep 1000")) as child:
        wait_until(lambda: len(slack.posts) > 0)  # all is loaded
        busy = _ticks(child.pid)
        began = SYSTEM.monotonic()
        wait_until(lambda: SYSTEM.monotonic() - began > 3.0)
        assert _ticks(child.pid) - busy <= 10, "hundredths of a second in three seconds"


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])
