"""`bongsu run` at a terminal: the command sees one, has it, and Ctrl-C and Ctrl-Z do what they do without us."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from children import Launch

from bongsu.clock import SYSTEM

BONGSU = f"{sys.executable} -m bongsu run"
PATIENCE_S = 20.0


class Terminal:
    """A shell with job control, or any command, at a terminal that we hold the other end of."""

    def __init__(self, pid: int, ours: int) -> None:
        self.pid = pid
        self._ours = ours
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def until(self, text: str) -> str:
        """Read on until this appears; all that came before it."""
        deadline = SYSTEM.monotonic() + PATIENCE_S
        while text not in self._seen:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - SYSTEM.monotonic()))
            assert ready, f"{text!r} did not come, but {self._seen!r}"
            try:
                self._seen += os.read(self._ours, 65536).decode("utf-8", "replace")
            except OSError:
                raise AssertionError(f"{text!r} did not come, but {self._seen!r}, and the end") from None
        before, _, self._seen = self._seen.partition(text)
        return before

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        os.close(self._ours)


@contextmanager
def terminal(launch: Launch, *command: str) -> Iterator[Terminal]:
    pid, ours = pty.fork()
    if pid == 0:
        os.chdir(launch.folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BONGSU_")}
        environ = {**kept, "BONGSU_STATE_DIR": str(launch.state_dir), "BONGSU_TO": "file:alerts", "PS1": "$ "}
        os.execvpe(command[0], command, environ)
    running = Terminal(pid, ours)
    try:
        running.resize(33, 77)
        yield running
    finally:
        running.close()
        _end(pid)


def _end(pid: int) -> None:
    for each in _session(pid):
        with suppress(ProcessLookupError):  # that its terminal is gone may have ended it meanwhile
            os.kill(each, signal.SIGKILL)
    os.waitpid(pid, 0)


def _session(leader: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == leader:
            found.append(int(path.parent.name))
    return found


@contextmanager
def shell(launch: Launch) -> Iterator[Terminal]:
    with terminal(launch, "bash", "--norc", "--noprofile", "-i") as at:
        at.until("$ ")
        yield at


def test_every_stream_of_the_command_is_a_terminal_of_the_same_size(launch: Launch) -> None:
    look = "import os; print([os.isatty(n) for n in (0, 1, 2)], *map(tuple, map(os.get_terminal_size, (0, 1, 2))))"
    with shell(launch) as at:
        at.type(f'{BONGSU} -- {sys.executable} -c "{look}"\n')
        at.until("[True, True, True] (77, 33) (77, 33) (77, 33)")


def test_the_command_is_in_the_foreground(launch: Launch) -> None:
    look = "import os; print('foreground', os.tcgetpgrp(0) == os.getpgrp() == os.getpid())"
    with shell(launch) as at:
        at.type(f'{BONGSU} -- {sys.executable} -c "{look}"\n')
        at.until("foreground True")
        at.until("$ ")
        at.type("echo the shell has it again\n")
        at.until("\rthe shell has it again")


def test_what_is_typed_reaches_the_command(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c 'echo ready; read line; echo got $line'\n")
        at.until("ready\r\n")
        at.type("hello\n")
        at.until("got hello")


def test_ctrl_c_ends_the_command_and_starts_nothing_again(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c 'echo ready; exec sleep 1000'\n")
        at.until("ready\r\n")
        at.type("\x03")
        at.until("$ ")
        at.type("echo status $?\n")
        at.until("status 130")


def test_ctrl_c_is_the_commands_to_handle(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c \"trap 'echo once; exit 0' INT; echo ready; while :; do sleep 1; done\"\n")
        at.until("ready\r\n")
        at.type("\x03")
        at.until("once")
        at.until("$ ")
        at.type("echo status $?\n")
        at.until("status 0")


def go_on_in_front(at: Terminal) -> None:
    """A shell at its prompt, and a stopped command that reads a line."""
    at.type("fg\n")
    at.until("fg\r\n")
    at.until("read line")  # the shell shows the job
    at.type("hello\n")
    at.until("got hello")


@pytest.mark.parametrize("words", [BONGSU, f"{BONGSU} -- {BONGSU}"], ids=["one", "one in another"])
def test_ctrl_z_stops_it_and_fg_goes_on(launch: Launch, words: str) -> None:
    with shell(launch) as at:
        at.type(f"{words} -- sh -c 'echo ready; read line; echo got $line'\n")
        at.until("ready\r\n")
        at.type("\x1a")
        at.until("Stopped")
        at.until("$ ")
        go_on_in_front(at)


@pytest.mark.parametrize("order", ["-TSTP $PPID", "-STOP $PPID $$"], ids=["us", "both"])
def test_when_we_are_stopped_fg_gives_the_command_the_terminal_again(launch: Launch, order: str) -> None:
    """As when Ctrl-Z comes before the command has the terminal."""
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c 'echo ready; kill {order}; read line; echo got $line'\n")
        at.until("ready\r\n")
        at.until("Stopped")
        at.until("$ ")
        go_on_in_front(at)


def test_a_command_in_the_background_that_reads_stops_us_and_fg_goes_on(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c 'echo ready; read line; echo got $line' &\n")
        at.until("ready\r\n")
        at.type("wait %1; echo status $?\n")
        at.until(f"status {128 + signal.SIGTSTP}")
        go_on_in_front(at)


def test_in_the_background_it_leaves_the_terminal_alone(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} -- sh -c 'echo ready; exec sleep 1000' &\n")
        at.until("ready\r\n")
        at.type("echo still here\n")
        at.until("\rstill here")
        at.type("kill -TERM %1; wait %1; echo status $?\n")
        at.until("status 143")


def test_the_modes_of_the_terminal_are_restored_when_the_command_is_killed(launch: Launch) -> None:
    with shell(launch) as at:
        at.type(f"{BONGSU} --restart never -- sh -c 'stty -echo raw; kill -KILL $$'\n")
        at.until("$ ")
        at.type("stty -a\n")
        assert " -icanon" not in at.until(" echo ")


@pytest.mark.parametrize("words", [[], ["sh", "-c", '"$@"; echo over', "sh"]], ids=["first", "below a script"])
def test_a_session_of_its_own_without_a_shell(launch: Launch, words: list[str]) -> None:
    """As in `docker run -it`: nobody could continue us, so Ctrl-Z must not stop us."""
    with terminal(launch, *words, *BONGSU.split(), "--", "sh", "-c", "echo ready; read line; echo got $line") as at:
        at.until("ready\r\n")
        at.type("\x1a")
        at.type("hello\n")
        at.until("got hello")


def test_a_new_size_of_the_window_reaches_the_command(launch: Launch) -> None:
    look = (
        "import os, signal; signal.signal(signal.SIGWINCH, lambda *_: print('now', os.get_terminal_size(0)));"
        "print('ready', flush=True); signal.pause(); print('two', file=__import__('sys').stderr);"
        "[print('err', os.get_terminal_size(2)) for _ in range(1)]"
    )
    with shell(launch) as at:
        at.type(f'{BONGSU} -- {sys.executable} -c "{look}"\n')
        at.until("ready\r\n")
        at.resize(44, 88)
        at.until("now os.terminal_size(columns=88, lines=44)")


@pytest.mark.parametrize("size", [(10, 20)])
def test_errors_keep_their_bytes_through_a_terminal(launch: Launch, size: tuple[int, int]) -> None:
    with shell(launch) as at:
        at.resize(*size)
        at.type(f"{BONGSU} -- sh -c 'printf \"a\\tb\\033[1mc\\n\" >&2'\n")
        at.until("a\tb\x1b[1mc\r\n")
