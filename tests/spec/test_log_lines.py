"""Of `bongsu.logs`: a record is one line, whatever is in it; it names its request, its place and its failure."""

import contextlib
import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import datetime
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

import bongsu
import bongsu.logs
from bongsu.capture.context import Work, working
from bongsu.client import guard
from bongsu.config import load
from bongsu.event import Kind
from bongsu.logs import Formatter, failure, line
from bongsu.pipeline import fingerprint
from bongsu.testing import capture_events

SECRETS = ("hunter2-hunter2", "xoxb-1234567890-abcdef", "AKIAIOSFODNN7EXAMPLE", "4111111111111111")


@pytest.fixture(autouse=True, scope="module")
def no_line_is_lost() -> Iterator[None]:
    """What the guard would catch is raised."""
    was, guard.reraise = guard.reraise, True
    yield
    guard.reraise = was


class Unprintable:
    """Refuses to be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class Lying(Exception):
    """Its text breaks lines, and its arguments do not help."""

    def __str__(self) -> str:
        return "first\nsecond\r\u2028third\x85fourth\x00\x1b[31m"


def _deep(depth: int) -> object:
    value: object = "end"
    for _ in range(depth):
        value = [value]
    return value


def _raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def _record(**values: Any) -> logging.LogRecord:
    made = {"name": "shop", "levelno": logging.INFO, "msg": "hello", "pathname": "/app/shop.py", "lineno": 7}
    return logging.makeLogRecord({"created": 1_631_000_000.25, **made, **values})


def _fields(record: logging.LogRecord, **options: Any) -> dict[str, Any]:
    return dict(json.loads(Formatter(**options).format(record)))


CYCLE = Lying("a")
CYCLE.__cause__ = CYCLE

NASTY: dict[str, dict[str, Any]] = {
    "line breaks": {"msg": "a\nb\rc\x0bd\x0ce\x1cf\x1dg\x1eh\x85i\u2028j\u2029k"},
    "controls": {"msg": "".join(map(chr, range(32))) + "\x7f"},
    "ansi": {"msg": "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link"},
    "lone surrogates": {"msg": "\ud800 \udfff", "name": "\ud800", "extra\ud800": "\udc00"},
    "ten megabytes": {"msg": "x" * 10_000_000},
    "arguments that do not fit": {"msg": "%d", "args": ("x",)},
    "no text at all": {"msg": None},
    "unprintable": {"msg": Unprintable(), "value": Unprintable()},
    "unprintable argument": {"msg": "%s", "args": (Unprintable(),)},
    "an exception that lies": {"exc_info": (Lying, _raised(Lying()), None)},
    "an exception as it is": {"exc_info": _raised(ValueError("x"))},
    "an exception that causes itself": {"exc_info": (Lying, CYCLE, None)},
    "a group": {"exc_info": (None, _raised(BaseExceptionGroup("g", [KeyError("a"), OSError("b\n")])), None)},
    "no exception": {"exc_info": (None, None, None)},
    "exc_info that is none": {"exc_info": "wrong"},
    "exc_info that is True": {"exc_info": True},
    "exc_info too short": {"exc_info": ()},
    "numbers JSON does not have": {"a": float("nan"), "b": float("inf"), "c": 10**400, "d": 10**5000, "e": 1j},
    "things": {"a": object(), "b": {"x": {1, 2}}, "c": b"\xff", "d": [None], "e": type},
    "deep": {"deep": _deep(3_000)},
    "keys of ours": dict.fromkeys((*line.EMPTY, "stack", "group", "exception_type"), "mine"),
    "many fields": {f"field{number}": "x" * 5_000 for number in range(1_000)},
    "keys that are no words": {"a b\n": 1, "": 2, "\x00": 3},
    "a time from nowhere": {"created": float("nan")},
    "a time after all times": {"created": 1e300},
    "a time that is none": {"created": "yesterday"},
    "a place that is none": {"pathname": "", "lineno": -1},
    "a name of lines": {"name": "a\nb"},
    "a level that is none": {"levelno": None, "levelname": Unprintable()},
    "an error of nobody": {"name": None, "levelno": logging.ERROR, "msg": None},
    "nothing but None": dict.fromkeys(("name", "levelno", "msg", "pathname", "lineno", "created", "exc_info")),
    "nothing but objects": dict.fromkeys(("name", "levelno", "msg", "pathname", "lineno", "created"), Unprintable()),
    "nothing but lists": {key: [[]] for key in ("name", "levelno", "msg", "pathname", "lineno", "created")},
    "stack_info": {"stack_info": "Stack (most recent call last):\n  File x"},
    "a traceback of another process": {"exc_text": "Traceback (most recent call last):\n  File x\nKeyError: 'y'"},
    "a request of lines": {"request_id": "a\n\x00b"},
    "a request that is no text": {"request_id": 12},
    "fields in one": {"extra": {"order": 3, "password": "hunter2-hunter2"}},
}


@pytest.mark.parametrize("values", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_record_is_one_line_of_json_whatever_is_in_it(values: dict[str, Any], ascii_only: bool) -> None:
    text = Formatter(ascii_only=ascii_only).format(_record(**values))
    assert len(text.splitlines()) == 1
    assert text.isascii() or not ascii_only
    assert json.loads(text.encode("utf-8")).keys() >= line.EMPTY.keys()
    assert len(text) < 150_000


@pytest.mark.parametrize("values", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_record_is_one_line_of_text_whatever_is_in_it(values: dict[str, Any], ascii_only: bool) -> None:
    text = Formatter(json=False, ascii_only=ascii_only).format(_record(**values))
    assert len(text.splitlines()) == 1
    assert text.isascii() or not ascii_only
    assert "\x1b" not in text
    text.encode("utf-8")


_secretive = st.one_of(
    texts,
    st.builds("{} password={} {}".format, texts, st.just(SECRETS[0]), texts),
    st.builds("{} {} {}".format, st.text(max_size=9), st.sampled_from(SECRETS[1:]), st.text(max_size=9)),
)
_keys = st.one_of(texts, st.sampled_from(["request_id", "time", "extra", "password", "token"]))
_values = st.one_of(_secretive, st.floats(), st.integers(), st.none(), st.dictionaries(texts, _secretive, max_size=2))


@given(message=_secretive, extra=st.dictionaries(_keys, _values, max_size=4), problem=st.none() | _secretive)
def test_no_text_breaks_the_line_and_no_secret_survives(
    message: str, extra: dict[str, Any], problem: str | None
) -> None:
    record = _record(msg="%s", args=(message,), exc_info=None if problem is None else _raised(ValueError(problem)))
    record.__dict__.update({key: value for key, value in extra.items() if key not in vars(_record())})
    for as_json in (True, False):
        text = Formatter(json=as_json).format(record)
        assert len(text.splitlines()) == 1
        assert not as_json or json.loads(text.encode("utf-8"))
        for secret in SECRETS:
            before = [message, problem, *extra.values(), *extra]
            assert secret not in text or not any(_is_secret_in(secret, each) for each in before)


def _is_secret_in(secret: str, text: object) -> bool:
    """A secret that stands free, or behind its key; glued to other letters it is none."""
    return isinstance(text, str) and (f"password={secret}" in text or f" {secret} " in text)


def test_a_line_says_when_how_bad_where_who_and_what() -> None:
    found = _fields(_record(msg="order %s", args=(3,), total="12.50", items=2), app="shop", release="1.4")
    assert found == {
        "time": "2021-09-07T07:33:20.250000Z",
        "level": "info",
        "logger": "shop",
        "message": "order 3",
        "request_id": None,
        "app": "shop",
        "release": "1.4",
        "source": "/app/shop.py:7",
        "total": "12.50",
        "items": 2,
    }
    assert list(found)[:8] == list(line.EMPTY)


def test_the_time_is_rfc_3339_in_utc() -> None:
    for created in (0.0, 1_631_000_000.999_999_7, 1_631_000_000.123_456):
        told = datetime.fromisoformat(_fields(_record(created=created))["time"])
        assert abs(told.timestamp() - created) < 1e-6
        assert told.utcoffset() is not None


def test_a_failure_has_its_type_message_causes_calls_and_group() -> None:
    def outer() -> None:
        try:
            json.loads("{")
        except ValueError as error:
            raise LookupError("no such order") from error

    with pytest.raises(LookupError) as caught:
        outer()
    found = _fields(_record(exc_info=caught.value))
    assert (found["exception_type"], found["exception_message"]) == ("LookupError", "no such order")
    assert found["causes"] == [
        "caused by JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    ]
    assert [call.rpartition(" in ")[2] for call in found["stack"]] == [
        "test_a_failure_has_its_type_message_causes_calls_and_group",
        "test_a_failure_has_its_type_message_causes_calls_and_group.<locals>.outer",
    ]
    assert found["group"].startswith("1:")


def test_a_deep_stack_is_told_by_its_end() -> None:
    def down(left: int) -> None:
        if left:
            down(left - 1)
        raise KeyError(left)

    with pytest.raises(KeyError) as caught:
        down(200)
    stack = _fields(_record(exc_info=caught.value))["stack"]
    assert len(stack) == failure.STACK_MAX


def test_the_text_form_has_the_failure_on_the_same_line() -> None:
    try:
        {"apple": 3}["pear"]
    except KeyError as error:
        record = _record(msg="failed", levelno=logging.ERROR, exc_info=error, order=7)
    text = Formatter(json=False, app="my shop", release="1.4").format(record)
    head, problem, stack, group = text.split(" | ")
    assert head == "2021-09-07T07:33:20.250000Z ERROR my_shop@1.4 shop /app/shop.py:7 [-] failed order=7"
    assert problem == "KeyError: 'pear'"
    assert stack.endswith(" in test_the_text_form_has_the_failure_on_the_same_line")
    assert group.startswith("group=1:")


# -- which request


def test_a_line_names_the_request_at_hand_in_each_thread() -> None:
    stream = io.StringIO()
    log = _logger(Formatter(), stream)
    meet = threading.Barrier(8)

    def serve(number: int) -> None:
        with bongsu.context(request_id=f"request-{number}"):
            meet.wait()
            log.warning("%s", number)

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert len(lines) == 8
    assert all(each["request_id"] == f"request-{each['message']}" for each in lines)


def test_a_failure_names_the_request_it_comes_from() -> None:
    with pytest.raises(KeyError) as caught, bongsu.context(request_id="where-it-broke"):
        raise KeyError("x")
    with bongsu.context(request_id="where-it-is-logged"):
        assert _fields(_record(exc_info=caught.value))["request_id"] == "where-it-broke"
        assert _fields(_record())["request_id"] == "where-it-is-logged"


def test_a_request_given_with_the_record_wins() -> None:
    with bongsu.context(request_id="at hand"):
        assert _fields(_record(request_id="given"))["request_id"] == "given"
        assert _fields(_record(request_id=""))["request_id"] == "at hand"


def test_lines_name_the_request_of_a_framework() -> None:
    request = Work(request_id="of-the-framework")
    with pytest.raises(KeyError) as caught, working(request):
        assert _fields(_record())["request_id"] == "of-the-framework"
        with bongsu.context(request_id="inner"):
            assert _fields(_record())["request_id"] == "inner"
        raise KeyError("pear")
    assert _fields(_record())["request_id"] is None
    assert _fields(_record(exc_info=caught.value))["request_id"] == "of-the-framework"


# -- whose lines, and which group


def test_a_line_has_the_names_of_init_whenever_that_was_called() -> None:
    formatter = Formatter()
    before = json.loads(formatter.format(_record()))
    with capture_events(app="bakery", release="7"):
        during = json.loads(formatter.format(_record()))
    assert (during["app"], during["release"]) == ("bakery", "7")
    assert json.loads(formatter.format(_record()))["app"] == before["app"] != "bakery"


def test_names_that_were_given_win_over_those_of_init() -> None:
    with capture_events(app="bakery", release="7"):
        found = _fields(_record(), app="shop")
    assert (found["app"], found["release"]) == ("shop", "7")


@pytest.fixture
def told() -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    return _logger(Formatter(), stream), stream


def _logger(formatter: logging.Formatter, stream: io.StringIO) -> logging.Logger:
    log = logging.Logger("shop.orders")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log.addHandler(handler)
    return log


def _buy(article: str) -> int:
    return {"apple": 3}[article]


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_group_of_a_line_is_that_of_its_event(told: tuple[logging.Logger, io.StringIO], environment: str) -> None:
    log, stream = told
    with capture_events(app="shop", environment=environment) as captured:
        try:
            _buy("pear")
        except KeyError:
            log.exception("failed")
        log.error("order %s is lost", 3)
        log.error(f"order {4} is lost")  # no template: the numbers are no part of the group
        log.warning("not captured")
        events = captured.events
    lines = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert [each.get("group") for each in lines] == [*map(fingerprint, events), None]
    assert [event.kind for event in events] == [Kind.EXCEPTION, Kind.LOG, Kind.LOG]


def test_the_group_is_that_of_a_fingerprint_rule_too(told: tuple[logging.Logger, io.StringIO], tmp_path: Path) -> None:
    log, stream = told
    rule = '[[fingerprint]]\nwhen = { app = "shop", level = "error" }\n'
    group = 'group = "{default} {tag.tenant} {route} {logger} {message} {release} {host}"\n'
    (tmp_path / "bongsu.toml").write_text(rule + group)
    with capture_events(app="shop", config=tmp_path / "bongsu.toml", release="v1") as captured:
        with contextlib.suppress(KeyError), working(Work(lambda: {"route": "/buy"})), bongsu.context(tenant="acme"):
            log.error("order %s is lost", 3)
            _buy("pear")
        try:
            with working(Work(lambda: {"route": "/buy"})), bongsu.context(tenant="acme", password="hunter2-hunter2"):
                _buy("pear")
        except KeyError:
            log.exception("failed")
        events = captured.events
    sorting = load({"config": tmp_path / "bongsu.toml"}, {}).sorting
    lines = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert [each["group"] for each in lines] == [*map(sorting.fingerprint, events)]
    assert [each["group"][:3] for each in lines] == ["r1:", "r1:"]


def test_the_group_is_that_of_the_event_although_the_exception_went_on(
    told: tuple[logging.Logger, io.StringIO],
) -> None:
    log, stream = told

    def serve() -> None:
        try:
            _buy("pear")
        except KeyError as error:
            bongsu.capture_exception(error)
            raise

    with capture_events(app="shop") as captured:
        try:
            serve()
        except KeyError:
            log.exception("and logged further up")
        [event] = captured.events
    assert json.loads(stream.getvalue())["group"] == fingerprint(event)


# -- handlers of others


def test_the_record_is_left_as_it_was_for_other_handlers() -> None:
    record = _record(msg="%s", args=("x",), exc_info=(ValueError, _raised(ValueError("x")), None))
    before = dict(vars(record))
    Formatter().format(record)
    assert vars(record) == before


def test_a_queue_handler_formats_where_the_request_is_known() -> None:
    stream, queue = io.StringIO(), Queue[logging.LogRecord]()
    far, near = logging.StreamHandler(stream), QueueHandler(queue)
    near.setFormatter(Formatter())
    log = logging.Logger("shop")
    log.addHandler(near)
    listener = QueueListener(queue, far)
    listener.start()
    with bongsu.context(request_id="r-1"):
        log.error("hello")
    listener.stop()
    assert json.loads(stream.getvalue())["request_id"] == "r-1"
