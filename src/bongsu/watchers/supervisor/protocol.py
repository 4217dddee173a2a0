"""supervisord's event listener protocol 3.0: text in, events out. Nothing else may ever go to its stdout.

`len` counts characters, not bytes, and line ends count as they are: `stream` opens the pipe in the one right way.
"""

import ast
from dataclasses import dataclass
from typing import TextIO

READY = "READY\n"
RESULT_OK = "RESULT 2\nOK"

HEADER_LENGTH_MAX = 4_096  # characters; supervisord writes about 120, and names it did not limit
PAYLOAD_LENGTH_MAX = 1 << 20  # characters; supervisord reads at most 131 072 bytes of output at once
OUTPUT_BYTES_MAX = 1 << 15  # kept of one piece of output: its end, where the reason stands

PROCESS_STATE = "PROCESS_STATE_"
LOG_STDERR = "PROCESS_LOG_STDERR"
STOPPING = "SUPERVISOR_STATE_CHANGE_STOPPING"
RUNNING = "SUPERVISOR_STATE_CHANGE_RUNNING"
TICK = "TICK_"

_UNDECODABLE = "Undecodable: "


class OutOfStepError(Exception):
    """What came is not the protocol; only a fresh start finds its beginning again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event; what it lacks is empty."""

    name: str  # PROCESS_STATE_EXITED, TICK_5 …
    server: str  # the identifier of supervisord
    serial: int  # within our pool: a gap is a loss
    process: str = ""
    group: str = ""
    pid: int = 0
    is_expected: bool = False  # EXITED: the code is among the program's `exitcodes`
    from_state: str = ""
    output: bytes = b""  # of PROCESS_LOG_STDERR, as the program wrote it

    @property
    def state(self) -> str:
        """EXITED, RUNNING …; empty if the event is not about a state."""
        return self.name.removeprefix(PROCESS_STATE) if self.name.startswith(PROCESS_STATE) else ""


def stream(descriptor: int) -> TextIO:
    """The pipe from supervisord, so that a character is one and no line end is changed."""
    return open(descriptor, encoding="utf-8", errors="replace", newline="\n", closefd=False)


def receive(pipe: TextIO) -> Event | None:
    """Wait for the next event; None at the end of the stream. Raises OutOfStepError."""
    header = pipe.readline(HEADER_LENGTH_MAX)
    if not header.endswith("\n"):
        if len(header) == HEADER_LENGTH_MAX:
            raise OutOfStepError(f"no end of line in {HEADER_LENGTH_MAX} characters")
        return None
    length = _payload_length(header)
    payload = pipe.read(length)
    return event(header, payload) if len(payload) == length else None


def _payload_length(header: str) -> int:
    """How many characters follow the header. Raises OutOfStepError."""
    length = _number(_tokens(header).get("len", ""))
    if length is None or length > PAYLOAD_LENGTH_MAX:
        raise OutOfStepError(f"no length in {header[:120]!r}")
    return length


def event(header: str, payload: str) -> Event:
    """The event of a header and its payload. Raises OutOfStepError."""
    tokens = _tokens(header)
    if "eventname" not in tokens:
        raise OutOfStepError(f"no event in {header[:120]!r}")
    first, _, text = payload.partition("\n")
    facts = _tokens(first)
    return Event(
        name=tokens["eventname"],
        server=tokens.get("server", ""),
        serial=_number(tokens.get("poolserial", "")) or 0,
        process=facts.get("processname", ""),
        group=facts.get("groupname", ""),
        pid=_number(facts.get("pid", "")) or 0,
        is_expected=facts.get("expected") == "1",
        from_state=facts.get("from_state", ""),
        output=_output(text)[-OUTPUT_BYTES_MAX:] if tokens["eventname"] == LOG_STDERR else b"",
    )


def lost_between(before: int | None, serial: int) -> int:
    """How many events supervisord threw away between two that came one after the other."""
    return 0 if before is None else max(0, serial - before - 1)


def _output(text: str) -> bytes:
    """What the program wrote. A piece cut inside a character comes as the text of a Python literal."""
    if text.startswith(_UNDECODABLE):
        try:
            literal = ast.literal_eval(text.removeprefix(_UNDECODABLE))
        except (ValueError, SyntaxError):
            return text.encode("utf-8", "replace")
        return literal if isinstance(literal, bytes) else b""
    return text.encode("utf-8", "replace")


def _tokens(line: str) -> dict[str, str]:
    pairs = (token.partition(":") for token in line.split())
    return {name: value for name, _, value in pairs}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 18 else None
