"""`bongsu.logs.setup`: one handler of ours on the root logger, and nothing else changes."""

import io
import json
import logging
import os
import pty
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import bongsu.logs
from bongsu.client import guard


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """The root logger with the handlers it had, put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.setLevel(logging.WARNING)
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_logger_writes_its_records_from_the_level_on() -> None:
    stream = io.StringIO()
    bongsu.logs.setup(stream=stream)
    logging.getLogger("shop.orders").info("hello")
    logging.getLogger("shop.orders").debug("nobody wants this")
    assert [(line["logger"], line["message"]) for line in _lines(stream)] == [("shop.orders", "hello")]


def test_a_second_call_replaces_the_first(root: logging.Logger) -> None:
    first, second = io.StringIO(), io.StringIO()
    before = list(root.handlers)
    bongsu.logs.setup(stream=first)
    handler = bongsu.logs.setup(stream=second, level="error")
    logging.getLogger("shop").warning("not wanted any more")
    logging.getLogger("shop").error("hello")
    assert (len(_lines(first)), len(_lines(second))) == (0, 1)
    assert root.handlers == [*before, handler]


def test_other_handlers_and_a_lower_level_stay(root: logging.Logger) -> None:
    theirs = io.StringIO()
    handler = logging.StreamHandler(theirs)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    bongsu.logs.setup(stream=io.StringIO(), level="WARNING")
    logging.getLogger("shop").debug("for the host's own handler")
    assert theirs.getvalue() == "for the host's own handler\n"
    assert root.level == logging.DEBUG


@pytest.mark.parametrize(
    ("level", "number"), [("debug", 10), ("WARN", 30), ("fatal", 50), ("CRITICAL", 50), (15, 15), ("info", 20)]
)
def test_a_level_is_a_word_or_a_number(level: str | int, number: int) -> None:
    assert bongsu.logs.setup(stream=io.StringIO(), level=level).level == number


def test_a_terminal_gets_text_and_everything_else_json() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        for stream, starts_as_json in ((terminal, False), (io.StringIO(), True)):
            handler = bongsu.logs.setup(stream=stream)
            assert handler.format(logging.makeLogRecord({})).startswith("{") is starts_as_json
            assert bongsu.logs.setup(json=True, stream=stream).format(logging.makeLogRecord({})).startswith("{")
    os.close(ours)


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "latin-1", "utf-8"])
@pytest.mark.parametrize("as_json", [True, False])
def test_a_stream_of_any_encoding_gets_every_line(encoding: str, as_json: bool) -> None:
    buffer = io.BytesIO()
    bongsu.logs.setup(json=as_json, stream=io.TextIOWrapper(buffer, encoding=encoding))
    logging.getLogger("shop").error("봉수 🔥 é")
    line = buffer.getvalue().decode(encoding)
    assert line.endswith("\n")
    assert not as_json or json.loads(line)["message"] == "봉수 🔥 é"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"level": "loud"}, "level: is not known; choose one of CRITICAL"),
        ({"level": None}, "level: is not known"),
        ({"level": True}, "level: is not known"),
        ({"json": "yes"}, "json: must be True, False or None, not str"),
        ({"stream": "app.log"}, "stream: must be something with write(), not str"),
        ({"app": ""}, "app: must be a text of 1 to 80 characters"),
        ({"release": 4}, "release: must be a text of 1 to 80 characters"),
    ],
)
def test_a_wrong_argument_is_told_and_changes_nothing(
    root: logging.Logger, arguments: dict[str, Any], words: str
) -> None:
    before = list(root.handlers)
    with pytest.raises(bongsu.ConfigError) as caught:
        bongsu.logs.setup(**arguments)
    assert words in str(caught.value)
    assert root.handlers == before


class Broken(io.StringIO):
    """A disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_stream_that_cannot_be_written_is_told_once_and_without_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bongsu.logs.setup(stream=Broken())
    for number in range(3):
        logging.getLogger("shop").error("password=%s", number)
    assert capsys.readouterr().err == "bongsu: log lines cannot be written: OSError\n"


class Raising(dict[str, object]):
    """Attributes of a record that cannot be read."""

    def items(self) -> Any:
        raise RuntimeError("no")


def test_a_defect_of_ours_costs_the_line_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.makeLogRecord({"extra": Raising(a=1)})
    was, guard.reraise = guard.reraise, False
    try:
        line = json.loads(bongsu.logs.Formatter().format(record))
    finally:
        guard.reraise = was
    assert (line["level"], line["message"]) == ("error", "a line was lost: RuntimeError")
    assert "internal error in bongsu.logs.Formatter: RuntimeError" in capsys.readouterr().err


def test_without_stderr_nothing_happens() -> None:
    was, sys.stderr = sys.stderr, None  # as in a daemon or a program without a console
    try:
        bongsu.logs.setup()
        logging.getLogger("shop").error("nobody hears this")
    finally:
        sys.stderr = was
