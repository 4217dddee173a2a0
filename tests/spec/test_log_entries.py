"""What a line of a log says, whoever wrote it."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

import bongsu
from bongsu.event import Level
from bongsu.logs import Formatter
from bongsu.logs.entry import Shape, begins, read
from bongsu.logs.folding import folded
from bongsu.logs.moments import moment, since

AT = 1_631_000_000.25  # 2021-09-07T07:33:20.250Z

SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "python-json-logger": (
        '{"asctime": "2021-09-07T07:33:20,250+00:00", "levelname": "ERROR", "name": "shop", "message": "hi"}',
        {"at": AT, "level": Level.ERROR, "logger": "shop", "message": "hi", "requests": []},
    ),
    "structlog": (
        '{"order": 3, "event": "hi", "level": "warning", "timestamp": "2021-09-07T07:33:20.25Z", "request_id": "r"}',
        {"at": AT, "level": Level.WARNING, "message": "hi", "requests": ["r"], "others": {"order": 3}},
    ),
    "pino": (
        '{"level":50,"time":1631000000250,"pid":1,"msg":"hi","reqId":"req-1"}',
        {"at": AT, "level": Level.ERROR, "message": "hi", "requests": ["req-1"], "others": {"pid": 1}},
    ),
    "zap": (
        '{"level":"warn","ts":1631000000.25,"caller":"shop/order.go:3","msg":"hi","traceId":"t","correlation_id":"c"}',
        {"at": AT, "level": Level.WARNING, "source": "shop/order.go:3", "requests": ["c", "t"]},
    ),
    "Google Cloud": (
        '{"severity":"CRITICAL","timestamp":"2021-09-07T07:33:20.250000000Z","message":"hi"}',
        {"at": AT, "level": Level.FATAL, "message": "hi"},
    ),
    "docker's json-file": (
        json.dumps({"log": '{"level":"error","msg":"hi","requestId":"r"}\n', "stream": "stderr", "time": "2021-09-07"}),
        {"level": Level.ERROR, "message": "hi", "requests": ["r"]},
    ),
    "docker's json-file around text": (
        json.dumps({"log": "hi\n", "stream": "stderr", "time": "2021-09-07T07:33:20.25Z"}),
        {"at": AT, "message": "hi"},
    ),
    "behind docker compose": (
        'shop-1  | {"level":"error","time":1631000000.25,"msg":"hi"}',
        {"at": AT, "level": Level.ERROR, "message": "hi"},
    ),
    "gunicorn": (
        "[2021-09-07 07:33:20 +0000] [12] [INFO] Booting worker with pid: 12",
        {"shape": Shape.TEXT, "at": AT - 0.25, "level": Level.INFO},
    ),
    "nginx": (
        '10.0.0.1 - - [07/Sep/2021:07:33:20 +0000] "GET /orders HTTP/1.1" 200 12',
        {"shape": Shape.TEXT, "at": AT - 0.25, "level": None},
    ),
    "nginx's errors": ("2021/09/07 07:33:20 [error] 7#7: upstream timed out", {"level": Level.ERROR, "at": None}),
    "plain logging": (
        "2021-09-07 07:33:20,250 WARNING shop: hi",
        {"at": datetime(2021, 9, 7, 7, 33, 20, 250_000).timestamp(), "level": Level.WARNING},  # noqa: DTZ001  # local
    ),
    "JSON inside a text": ('INFO got {"message": "x"}', {"shape": Shape.TEXT, "level": Level.INFO}),
    "JSON that is no object": ("[1, 2]", {"shape": Shape.TEXT, "message": "[1, 2]"}),
    "broken JSON": ('{"time": "2021-09-07T07:33:20.25Z", "mess', {"shape": Shape.BROKEN, "at": AT}),
    "JSON built to break readers": ("{" * 100_000, {"shape": Shape.BROKEN}),
    "deep JSON": ('{"a":' * 50_000 + "1" + "}" * 50_000, {"shape": Shape.BROKEN}),
    "a number of many digits": ('{"time": ' + "1" * 5_000 + "}", {"shape": Shape.BROKEN}),
    "wrong types": (
        '{"time": [], "level": {}, "message": 3, "logger": null, "request_id": [1], "stack": 3, "causes": 1}',
        {"at": None, "level": None, "message": "3", "logger": "", "requests": [], "stack": [], "failure": []},
    ),
    "a stack as structlog's dicts": (
        '{"event": "hi", "exception": [{"exc_type": "KeyError"}]}',
        {"message": "hi", "stack": [], "others": {"exception": [{"exc_type": "KeyError"}]}},
    ),
    "a number as a request": ('{"request_id": 12}', {"requests": ["12"]}),
    "a byte order mark": ('\ufeff{"msg": "hi"}', {"shape": Shape.JSON, "message": "hi"}),
    "nothing": ("", {"shape": Shape.TEXT, "message": ""}),
}


@pytest.mark.parametrize(("text", "said"), SAID.values(), ids=SAID)
def test_a_line_of_another_logger_says(text: str, said: dict[str, Any]) -> None:
    entry = read(text.encode() + b"\r\n")
    assert {name: getattr(entry, name) for name in said} == said


def _written() -> list[tuple[bool, bytes]]:
    try:
        {"apple": 3}["pear"]
    except KeyError as error:
        values = {"name": "shop.orders", "levelno": logging.ERROR, "msg": "failed", "exc_info": error, "order": 3}
        record = logging.makeLogRecord({"created": AT, "pathname": "/app/shop.py", "lineno": 7, **values})
    with bongsu.context(request_id="r-1"):
        forms = (True, False)
        return [(as_json, Formatter(json=as_json, app="shop").format(record).encode()) for as_json in forms]


@pytest.mark.parametrize(("as_json", "line"), _written(), ids=["json", "text"])
def test_a_line_of_ours_says_everything_in_both_forms(as_json: bool, line: bytes) -> None:
    entry = read(line + b"\n")
    assert entry.shape is (Shape.JSON if as_json else Shape.OURS)
    assert (entry.at, entry.level, entry.logger, entry.source) == (AT, Level.ERROR, "shop.orders", "/app/shop.py:7")
    assert entry.message == ("failed" if as_json else "failed order=3")
    assert entry.requests == ["r-1"]
    assert entry.failure == ["KeyError: 'pear'"]
    assert [str(call).rpartition(" in ")[2] for call in entry.stack] == ["_written"]
    assert str(entry.group).startswith("1:")


@given(message=texts, name=texts, request=texts.filter(bool), order=texts, problem=texts)
def test_whatever_a_line_of_ours_holds_it_is_read_back(
    message: str, name: str, request: str, order: str, problem: str
) -> None:
    values = {"name": name, "msg": message, "order": order, "exc_info": ValueError(problem)}
    record = logging.makeLogRecord({"created": AT, "levelno": logging.ERROR, **values})
    with bongsu.context(request_id=request):
        written = Formatter().format(record)
        entry, text = read(written.encode()), read(Formatter(json=False).format(record).encode())
    assert entry.data == json.loads(written)
    assert entry.requests == [entry.data["request_id"]]
    assert text.shape is Shape.OURS
    assert (text.at, text.level, text.group) == (entry.at, entry.level, entry.group)


@given(st.one_of(st.binary(max_size=200), texts.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_no_bytes_stop_the_reader(line: bytes) -> None:
    entry = read(line)
    for name in ("at", "level", "logger", "message", "requests", "group", "failure", "stack", "others"):
        getattr(entry, name)
    begins(line)


@pytest.mark.parametrize(
    ("text", "belongs"),
    [
        ('{"request_id": "r-1", "msg": "x"}', True),
        ('{"request_id": "r-2", "msg": "not r-1"}', False),
        ('{"trace_id": "t", "correlation_id": "r-1"}', True),
        ('{"msg": "x", "http": {"request": {"id": "r-1"}}}', True),
        ("2021-09-07 07:33:20 INFO r-1 done", True),
        ("2021-09-07 07:33:20 INFO r-12 done", False),
        ("2021-09-07 07:33:20 INFO xr-1 done", False),
        ("GET /orders?request=r-1&x=2", True),
        ('{"request_id": "r-1", "msg": "cut o', True),
    ],
)
def test_a_line_belongs_to_the_request_it_names(text: str, belongs: bool) -> None:
    assert read(text.encode()).is_of("r-1") is belongs


@pytest.mark.parametrize(
    ("line", "does"),
    [
        (b"2021-09-07 07:33:20,250 INFO x", True),
        (b"[2021-09-07 07:33:20 +0000] [12] [INFO] x", True),
        (b"INFO:shop:x", True),
        (b"Sep  7 07:33:20 host shop[1]: x", True),
        (b'{"msg": 1}', True),
        (b"10.0.0.1 - - [07/Sep/2021:07:33:20 +0000] x", True),
        (b"shop-1 | 2021-09-07T07:33:20Z x", True),
        (b"Traceback (most recent call last):", False),
        (b'  File "x.py", line 3, in f', False),
        (b"KeyError: 'pear'", False),
        (b"", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_line_of_text_begins_something_or_goes_on(line: bytes, does: bool) -> None:
    assert begins(line) is does


# -- moments

NOW = datetime(2021, 9, 7, 14, 30).timestamp()  # noqa: DTZ001  # a person's clock


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("90s", NOW - 90),
        ("10m", NOW - 600),
        ("10 min", NOW - 600),
        ("2h", NOW - 7_200),
        ("3d", NOW - 3 * 86_400),
        ("1w", NOW - 7 * 86_400),
        ("14:26", datetime(2021, 9, 7, 14, 26).timestamp()),  # noqa: DTZ001
        ("9:05:30", datetime(2021, 9, 7, 9, 5, 30).timestamp()),  # noqa: DTZ001
        ("23:59", datetime(2021, 9, 6, 23, 59).timestamp()),  # noqa: DTZ001  # yesterday's
        ("2021-09-07", datetime(2021, 9, 7).timestamp()),  # noqa: DTZ001
        ("2021-09-07T05:26:01.5Z", datetime(2021, 9, 7, 5, 26, 1, 500_000, UTC).timestamp()),
        ("2021-09-07T14:26:01+09:00", datetime(2021, 9, 7, 5, 26, 1, 0, UTC).timestamp()),
        ("2021-09-07 14:26:01 +0900", datetime(2021, 9, 7, 5, 26, 1, 0, UTC).timestamp()),
        ("1631000000", 1_631_000_000.0),
        *((word, None) for word in ("", "soon", "10", "25:00", "14:60", "-5m", "2021-13-01")),
    ],
)
def test_since_is_what_a_person_means(text: str, at: float | None) -> None:
    assert since(text, NOW) == at


@pytest.mark.parametrize("value", [1_631_000_000, 1_631_000_000_000, 1_631_000_000_000_000, 1_631_000_000 * 10**9])
def test_a_number_is_seconds_or_a_part_of_them_by_its_size(value: int) -> None:
    assert moment(value) == moment(str(value)) == 1_631_000_000.0


@pytest.mark.parametrize("value", [None, True, 0, -1, 5, float("nan"), float("inf"), 10**400, [], {}, "x" * 9_999])
def test_what_tells_no_moment_is_none(value: object) -> None:
    assert moment(value) is None


# -- tracebacks

TRACEBACK = """\
Traceback (most recent call last):
  File "/app/shop.py", line 3, in view
    return orders()
           ^^^^^^^^
  File "/venv/lib/python3.11/site-packages/flask/app.py", line 9, in run
    return self.view()
  File "/usr/lib/python3.11/json/__init__.py", line 4, in loads
    raise
  File "/app/orders.py", line 8, in orders
    return {}["pear"]
  File "<frozen importlib._bootstrap>", line 1, in f
KeyError: 'pear'"""


def test_a_traceback_is_folded_to_the_calls_of_the_application() -> None:
    assert list(folded(TRACEBACK)) == [
        "Traceback (most recent call last):",
        '  File "/app/shop.py", line 3, in view',
        "    return orders()",
        "           ^^^^^^^^",
        "  … 2 library frames",
        '  File "/app/orders.py", line 8, in orders',
        '    return {}["pear"]',
        "  … 1 library frame",
        "KeyError: 'pear'",
    ]


def test_a_text_without_a_traceback_stays_as_it_is() -> None:
    assert list(folded("a\n    b\nc")) == ["a", "    b", "c"]
