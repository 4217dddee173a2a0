"""Asks a service whether it is well, on a thread of its own: an answer that does not come holds nobody up."""

import http.client
import os
import select
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bongsu.clock import SYSTEM
from bongsu.watchers import probe
from bongsu.watchers.run.launch import SHELL, spawn

ASK_EVERY_S = 10.0
ANSWER_WITHIN_S = 5.0
FAILURES = 3  # in a row: one may be chance
ANSWER_LENGTH_MAX = 200  # characters of what came
ANSWER_BYTES_MAX = 4_096

_WITH_STATUS = '"$0" -c "$1"; printf "\\n%d" "$?"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a service stands with the questions."""

    failures: int = 0  # in a row
    is_hung: bool = False
    failed_at: float = 0.0  # the first of them, monotonic


def answered(standing: Standing, problem: str | None, now: float) -> Standing:
    """How it stands after an answer; no problem: it is well. Pure."""
    if problem is None:
        return Standing()
    failures = standing.failures + 1
    failed_at = standing.failed_at if standing.failures else now
    return replace(standing, failures=failures, failed_at=failed_at, is_hung=standing.is_hung or failures >= FAILURES)


class Health:
    """Asks every ASK_EVERY_S while the service runs, and says when what it finds has changed."""

    def __init__(
        self, question: str, environ: Mapping[str, str], held: Iterable[int], tell: Callable[[Standing, str], None]
    ) -> None:
        """`tell` gets the standing and what came, on our thread, when a service is hung or well again."""
        self._question = question
        self._environ = environ
        self._held = tuple(held)
        self._tell = tell
        self._standing = Standing()
        self._bell = threading.Event()
        self.is_running = False
        self._thread = threading.Thread(target=self._run, name="bongsu-health", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.is_running = False
        self._question = ""
        self._bell.set()

    def _run(self) -> None:
        while self._question:
            self._bell.wait(ASK_EVERY_S)
            if self.is_running:
                self._ask()

    def _ask(self) -> None:
        problem = ask(self._question, self._environ, self._held)
        if not self.is_running:
            return  # it has ended in the meantime, and that is told
        before = self._standing
        self._standing = answered(before, problem, SYSTEM.monotonic())
        if before.is_hung != self._standing.is_hung:
            self._tell(self._standing if problem else before, problem or "")


def ask(question: str, environ: Mapping[str, str], held: Iterable[int]) -> str | None:
    """What is wrong; None: nothing."""
    if question.startswith(("http://", "https://")):
        return _ask_address(question)
    return _ask_command(question, environ, held)


def _ask_address(address: str) -> str | None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN_S)
        try:
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            answer = connection.getresponse()
        finally:
            connection.close()
    except TimeoutError:
        return f"GET {address}: no answer in {ANSWER_WITHIN_S:.0f} s"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"GET {address}: {_short(str(error) or type(error).__name__)}"
    return None if 200 <= answer.status < 400 else f"GET {address}: {answer.status} {_short(answer.reason)}"


def _ask_command(command: str, environ: Mapping[str, str], held: Iterable[int]) -> str | None:
    """The shell writes the status down: the loop waits for every child, so nobody else can."""
    ours, theirs = os.pipe()
    try:
        words = (SHELL, "-c", _WITH_STATUS, SHELL, command)
        group = spawn(words, environ, held, outputs=((theirs, 1), (theirs, 2)), has_input=False)
    except OSError as error:
        os.close(ours)
        return f"{command}: {error.strerror}"
    finally:
        os.close(theirs)
    with open(ours, "rb", buffering=0) as output:
        said = _last_bytes(output.fileno())
    if said is None:
        probe.send_to_group(group, signal.SIGKILL)
        return f"{command}: no answer in {ANSWER_WITHIN_S:.0f} s"
    text, _, status = said.decode("utf-8", "replace").strip().rpartition("\n")
    return None if status == "0" else f"{command}: status {status}, {_short(text)}"


def _last_bytes(output: int) -> bytes | None:
    """The end of what comes, when all has come; None: it has not in time."""
    poll = select.poll()
    poll.register(output, select.POLLIN)
    deadline, last = SYSTEM.monotonic() + ANSWER_WITHIN_S, b""
    while (left_s := deadline - SYSTEM.monotonic()) > 0 and poll.poll(left_s * 1_000):
        piece = os.read(output, ANSWER_BYTES_MAX)
        if not piece:
            return last
        last = (last + piece)[-ANSWER_BYTES_MAX:]
    return None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= ANSWER_LENGTH_MAX else f"{line[:ANSWER_LENGTH_MAX]}…"
