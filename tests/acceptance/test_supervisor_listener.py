"""The event listener at its pipe: it answers at once whatever happens behind it, and says nothing else there."""

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shell import Shell, wait_until

from bongsu.clock import SYSTEM, Clock
from bongsu.testing import FakeClock
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.supervisor import listener as listening
from bongsu.watchers.supervisor import protocol
from bongsu.watchers.supervisor.listener import Listener
from bongsu.watchers.supervisor.rpc import Supervisor
from bongsu.watchers.supervisor.turns import Turns
from bongsu.watchers.tables import Wishes

EVENTS = 50
DEAF = {"SUPERVISOR_ENABLED": "1", "SUPERVISOR_GROUP_NAME": "bongsu"}


def told(number: int, name: str = "PROCESS_STATE_EXITED", payload: str = "") -> bytes:
    payload = payload or f"processname:p{number} groupname:p{number} from_state:RUNNING expected:0 pid:{number + 10}"
    header = f"ver:3.0 server:supervisor serial:{number} pool:bongsu poolserial:{number} eventname:{name}"
    return f"{header} len:{len(payload)}\n{payload}".encode()


class Pipes:
    """Supervisord's side of a listener."""

    def __init__(self, environ: dict[str, str], clock: Clock) -> None:
        self.reports: list[Report] = []
        ours, self._events = os.pipe()
        self._answers, theirs = os.pipe()
        self._pipe = protocol.stream(ours)
        self._written = os.fdopen(theirs, "w", encoding="ascii", newline="\n")
        self._descriptors = [ours, self._answers]
        self.listener = Listener(
            pipe=self._pipe,
            answers=self._written,
            supervisor=Supervisor(environ),
            turns=Turns("bongsu", lambda _pid, _since: False),
            wishes=Wishes(),
            report=self.reports.append,
            clock=clock,
        )
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.code = self.listener.run()

    def read(self, text: bytes) -> None:
        """Exactly this is what the listener says next."""
        found = b""
        while len(found) < len(text):
            found += os.read(self._answers, len(text) - len(found))
        assert found == text

    def give(self, event: bytes) -> None:
        os.write(self._events, event)

    def end(self) -> None:
        """Close the pipe, as the death of supervisord does."""
        os.close(self._events)
        self.thread.join(30)
        assert not self.thread.is_alive()

    def close(self) -> None:
        self._pipe.close()
        self._written.close()
        for each in self._descriptors:
            os.close(each)


@contextmanager
def pipes(environ: dict[str, str] | None = None, clock: Clock = SYSTEM) -> Iterator[Pipes]:
    pipes = Pipes(environ or {}, clock)
    pipes.thread.start()
    try:
        yield pipes
    finally:
        pipes.close()


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """Where somebody takes connections and never answers."""
    with tempfile.TemporaryDirectory(prefix="sv") as folder, socket.socket(socket.AF_UNIX) as server:
        path = str(Path(folder) / "sock")
        server.bind(path)
        server.listen(128)
        yield path


def test_each_event_is_answered_at_once_although_supervisord_answers_no_question(deaf_server: str) -> None:
    with pipes({"SUPERVISOR_SERVER_URL": f"unix://{deaf_server}"}) as supervisord:
        began = SYSTEM.monotonic()
        for number in range(EVENTS):
            supervisord.read(b"READY\n")
            supervisord.give(told(number))
            supervisord.read(b"RESULT 2\nOK")
        took_s = SYSTEM.monotonic() - began
        supervisord.end()
        ends = [each for each in supervisord.reports if each.turn is Turn.ENDED]
    assert len(ends) == EVENTS
    assert took_s < 1.5  # one question alone waits for 2 s


def test_a_gap_in_the_serials_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with pipes() as supervisord:
        for number in (3, 4, 9):
            supervisord.read(b"READY\n")
            supervisord.give(told(number))
            supervisord.read(b"RESULT 2\nOK")
        supervisord.end()
    assert "supervisord threw 4 events away before we heard of them, 4 in all" in capsys.readouterr().err


def test_a_supervisord_that_says_nothing_any_more_is_lost_until_it_speaks_again() -> None:
    clock = FakeClock()
    with pipes(clock=clock) as supervisord:
        for number, turns in enumerate([[Turn.BACK], [Turn.BACK, Turn.LOST, Turn.BACK]]):
            supervisord.read(b"READY\n")
            supervisord.give(told(number, "TICK_5", "when:1"))
            supervisord.read(b"RESULT 2\nOK")
            wait_until(lambda turns=turns: [each.turn for each in supervisord.reports] == turns)
            if number == 0:
                clock.advance(listening.SILENCE_S + 1)
                wait_until(lambda: supervisord.reports[-1].turn is Turn.LOST)
        supervisord.end()


def test_what_is_not_the_protocol_ends_the_listener_so_that_it_is_started_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pipes() as supervisord:
        supervisord.read(b"READY\n")
        supervisord.give(b"HTTP/1.1 400 Bad Request\n\n")
        supervisord.end()
        assert supervisord.code == 1
        assert supervisord.reports == []
    assert "is not its protocol" in capsys.readouterr().err


def test_output_that_comes_faster_than_it_is_understood_has_a_limit_and_ends_are_kept(deaf_server: str) -> None:
    output = "processname:p0 groupname:p0 pid:10 channel:stderr\n" + "x" * 60_000
    flood = 3 * listening.OUTPUTS_WAITING_MAX
    with pipes({"SUPERVISOR_SERVER_URL": f"unix://{deaf_server}"}) as supervisord:
        for number in range(flood):
            supervisord.read(b"READY\n")
            supervisord.give(told(number, protocol.LOG_STDERR, output))
            supervisord.read(b"RESULT 2\nOK")
        supervisord.read(b"READY\n")
        supervisord.give(told(flood))
        supervisord.read(b"RESULT 2\nOK")
        supervisord.end()
        assert [each.turn for each in supervisord.reports] == [Turn.BACK, Turn.ENDED, Turn.LOST]


# -- the command, without supervisord


def test_nothing_but_the_protocol_goes_to_stdout(bongsu: Shell, tmp_path: Path) -> None:
    """Although the destination is the console, which writes to stderr, and the store cannot be made."""
    (tmp_path / "state").write_text("a file where the folder should be")
    text = (told(0) + told(1)).decode()
    done = bongsu("watch", "supervisor", text=text, BONGSU_TO="console:", **DEAF)
    assert done.stdout == "READY\nRESULT 2\nOKREADY\nRESULT 2\nOKREADY\n"
    assert done.returncode == 0
    assert "p0" in done.stderr


def test_a_second_listener_refuses_with_the_reason(bongsu: Shell) -> None:
    with bongsu.start("watch", "supervisor", stdin=subprocess.PIPE, **DEAF) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline() == "READY\n"
            second = bongsu("watch", "supervisor", **DEAF)
        finally:
            first.kill()
    assert (second.returncode, second.stdout) == (1, "")
    assert f"is watched by process {first.pid} already" in second.stderr


def test_a_listener_that_is_asked_to_stop_does_not_call_supervisord_lost(bongsu: Shell) -> None:
    with bongsu.start("watch", "supervisor", stdin=subprocess.PIPE, BONGSU_TO="console:", **DEAF) as listener:
        try:
            assert listener.stdout is not None
            assert listener.stdin is not None
            assert listener.stdout.readline() == "READY\n"
            listener.stdin.write(told(0).decode())
            listener.stdin.flush()
            wait_until(lambda: (bongsu.state / "supervisor" / "bongsu.db").exists())
            listener.terminate()
            _, errors = listener.communicate(timeout=20)
        finally:
            listener.kill()
    assert listener.returncode == 0
    assert "supervisord is gone" not in errors
