"""supervisord's event listener protocol: what comes is read to the character, and garbage is refused."""

import io
from typing import TextIO

import pytest

from bongsu.watchers.supervisor import protocol
from bongsu.watchers.supervisor.block import block
from bongsu.watchers.supervisor.protocol import Event, OutOfStepError


def told(name: str, payload: str, serial: int = 6) -> str:
    return (
        f"ver:3.0 server:supervisor serial:{serial} pool:bongsu poolserial:{serial} "
        f"eventname:{name} len:{len(payload)}\n{payload}"
    )


def pipe(text: str) -> TextIO:
    """As `protocol.stream` opens it."""
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", errors="replace", newline="\n")


def received(text: str) -> list[Event]:
    stream = pipe(text)
    return list(iter(lambda: protocol.receive(stream), None))


EXITED = "processname:web_00 groupname:web from_state:RUNNING expected:0 pid:8296"

READ = {
    "an exit": (
        told("PROCESS_STATE_EXITED", EXITED),
        Event(
            name="PROCESS_STATE_EXITED",
            server="supervisor",
            serial=6,
            process="web_00",
            group="web",
            pid=8296,
            from_state="RUNNING",
        ),
    ),
    "an expected exit": (
        told("PROCESS_STATE_EXITED", "processname:a groupname:a from_state:RUNNING expected:1 pid:1"),
        Event(
            name="PROCESS_STATE_EXITED",
            server="supervisor",
            serial=6,
            process="a",
            group="a",
            pid=1,
            is_expected=True,
            from_state="RUNNING",
        ),
    ),
    "a tick": (told("TICK_5", "when:1795867158"), Event(name="TICK_5", server="supervisor", serial=6)),
    "nothing to say": (
        told("SUPERVISOR_STATE_CHANGE_STOPPING", ""),
        Event(name="SUPERVISOR_STATE_CHANGE_STOPPING", server="supervisor", serial=6),
    ),
    "output": (
        told("PROCESS_LOG_STDERR", "processname:a groupname:a pid:9 channel:stderr\n결제 실패\r\nx\ry\n"),
        Event(
            name="PROCESS_LOG_STDERR",
            server="supervisor",
            serial=6,
            process="a",
            group="a",
            pid=9,
            output="결제 실패\r\nx\ry\n".encode(),
        ),
    ),
    "output cut inside a character": (
        told("PROCESS_LOG_STDERR", f"processname:a groupname:a pid:9 channel:stderr\nUndecodable: {b'ok '!r}"),
        Event(
            name="PROCESS_LOG_STDERR",
            server="supervisor",
            serial=6,
            process="a",
            group="a",
            pid=9,
            output=b"ok ",
        ),
    ),
}


@pytest.mark.parametrize(("text", "event"), READ.values(), ids=READ.keys())
def test_an_event_is_read(text: str, event: Event) -> None:
    assert received(text) == [event]


def test_a_length_counts_characters_and_line_ends_as_they_are() -> None:
    pieces = ["한\r\n글", "🔥\r", "\n\n", "plain"]
    texts = [told("PROCESS_LOG_STDERR", f"processname:a groupname:a pid:9\n{piece}") for piece in pieces]
    assert [event.output.decode() for event in received("".join(texts))] == pieces


def test_a_piece_that_names_a_literal_without_being_one_stays_text() -> None:
    [event] = received(told("PROCESS_LOG_STDERR", "processname:a groupname:a pid:9\nUndecodable: b'cut"))
    assert event.output == b"Undecodable: b'cut"


def test_of_a_large_piece_the_end_is_kept() -> None:
    [event] = received(told("PROCESS_LOG_STDERR", "processname:a groupname:a pid:9\n" + "x" * 100_000 + "end"))
    assert len(event.output) == protocol.OUTPUT_BYTES_MAX
    assert event.output.endswith(b"end")


ENDS = {"at once": "", "in the header": "ver:3.0 server:sup", "in the payload": told("TICK_5", "when:12")[:-3]}


@pytest.mark.parametrize("text", ENDS.values(), ids=ENDS.keys())
def test_a_stream_that_ends_is_the_end(text: str) -> None:
    assert received(text) == []


GARBAGE = {
    "no length": "ver:3.0 eventname:TICK_5\n",
    "no number": "ver:3.0 eventname:TICK_5 len:ten\nwhen:1",
    "less than nothing": "ver:3.0 eventname:TICK_5 len:-1\n",
    "far too long": f"ver:3.0 eventname:TICK_5 len:{10**9}\n",
    "no event": "ver:3.0 len:3\nabc",
    "no end of line": "x" * 10_000,
    "not the protocol": "HTTP/1.1 200 OK\n\n",
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(OutOfStepError):
        received(text)


@pytest.mark.parametrize(
    ("before", "serial", "lost"), [(None, 7, 0), (6, 7, 0), (6, 10, 3), (7, 7, 0), (900, 0, 0)], ids=str
)
def test_a_gap_in_the_serials_is_a_loss(before: int | None, serial: int, lost: int) -> None:
    assert protocol.lost_between(before, serial) == lost


def test_the_block_for_the_configuration_survives_supervisords_expansion_of_percent_signs() -> None:
    text = block(["/opt/100% ours/bongsu", "watch", "supervisor"])
    assert "command='/opt/100%% ours/bongsu' watch supervisor\n" in text
    assert "events=PROCESS_STATE,PROCESS_LOG_STDERR,SUPERVISOR_STATE_CHANGE,TICK_5\nbuffer_size=1000\n" in text
