"""One line of a log as it is read back: ours in JSON or text, JSON of others, or plain text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bongsu.event import Level
from bongsu.logs.moments import moment

PREFIX_MAX = 200  # characters before JSON, such as those of `docker compose logs` and `kubectl logs`
HEAD_MAX = 200  # characters of plain text that hold its time and level

# The names that others use: python-json-logger, structlog, pino, zap, Google Cloud, ECS
TIMES = ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime")
LEVELS = ("level", "severity", "levelname", "log_level", "log.level", "lvl")
MESSAGES = ("message", "msg", "event", "text")
LOGGERS = ("logger", "name", "logger_name", "log.logger", "module")
REQUESTS = (
    *("request_id", "requestId", "request-id", "req_id", "reqId", "x_request_id", "x-request-id", "http.request.id"),
    *("correlation_id", "correlationId", "trace_id", "traceId", "trace.id"),
)
SOURCES = ("source", "caller")
TRACES = ("stack", "exc_info", "exception", "traceback", "stack_trace", "stacktrace", "error.stack_trace")
_TOLD = {*TIMES, *LEVELS, *MESSAGES, *LOGGERS, *REQUESTS, *SOURCES, *TRACES, "stack_info"}
_TOLD |= {"group", "exception_type", "exception_message", "causes", "failure"}

LEVEL_WORDS = {
    **dict.fromkeys(("trace", "debug", "verbose"), Level.DEBUG),
    **dict.fromkeys(("info", "information", "notice", "success"), Level.INFO),
    **dict.fromkeys(("warn", "warning"), Level.WARNING),
    **dict.fromkeys(("error", "err", "severe"), Level.ERROR),
    **dict.fromkeys(("fatal", "critical", "crit", "panic", "alert", "emerg", "emergency"), Level.FATAL),
}
LEVEL_NUMBERS = (
    (60, Level.FATAL),
    (50, Level.ERROR),
    (40, Level.WARNING),
    (30, Level.INFO),
    (0, Level.DEBUG),
)  # pino's

_OURS = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z) (?P<level>DEBUG|INFO|WARNING|ERROR|FATAL) (?P<app>\S+)@(?P<release>\S+)"
    r" (?P<logger>\S+) (?P<source>\S+) \[(?P<request_id>\S*)\] (?P<message>.*)",
    re.DOTALL,
)
_OUR_GROUP = re.compile(r" \| group=(r?\d+:[0-9a-f]+)\Z")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d\b)?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
)
_WORD = re.compile(r"[\w-]+")
_OUR_CALL = re.compile(r":\d+ in \S+\Z")
TEXT_LEVELS = (
    *("TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "SEVERE", "CRITICAL", "FATAL"),
    *("[debug]", "[info]", "[notice]", "[warn]", "[error]", "[crit]"),  # nginx, Apache
)
"""How plain text writes a level; WARNING begins as WARN does."""

_CAPITALS = "|".join(word for word in TEXT_LEVELS if word.isupper())
_LEVEL = re.compile(rf"\b(?:{_CAPITALS})(?:ING)?\b|\[(?:debug|info|notice|warn|error|crit)\]")
_BROKEN_LEVEL = re.compile(r"(?:level|severity|lvl)(?:name)?\"\s*:\s*\"?([A-Za-z]{1,16}|\d{1,2})\b")
_BEGINS = re.compile(rf"[\[({{<]?(?:\d{{1,4}}[-/.:]\d|[A-Z][a-z]{{2}} [ \d]\d |(?:{_CAPITALS})\b)|\{{")


class Shape(Enum):
    """How a line is written."""

    JSON = "json"
    OURS = "ours"  # the text form of bongsu.logs
    TEXT = "text"
    BROKEN = "broken"  # begins as JSON, and is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a line says; looked up when asked for, since most lines are only asked whose they are."""

    shape: Shape
    text: str  # the whole line
    data: Mapping[str, Any]  # its fields; of plain text, those that can be told

    @property
    def at(self) -> float | None:
        """Seconds since the epoch."""
        return next(filter(None, map(moment, _given(self.data, TIMES))), None)

    @property
    def level(self) -> Level | None:
        return next(filter(None, map(_level, _given(self.data, LEVELS))), None)

    @property
    def logger(self) -> str:
        return _first(self.data, LOGGERS)

    @property
    def source(self) -> str:
        return _first(self.data, SOURCES)

    @property
    def message(self) -> str:
        return _first(self.data, MESSAGES)

    @property
    def group(self) -> str | None:
        return _first(self.data, ("group",)) or None

    @property
    def requests(self) -> list[str]:
        """The ids by which it names its request."""
        return [str(value) for value in _given(self.data, REQUESTS) if isinstance(value, str | int)]

    @property
    def failure(self) -> list[str]:
        """`Type: message`, and what that grew out of."""
        if "exception_type" not in self.data:
            return _texts(self.data.get("failure"))
        head = f"{self.data['exception_type']}: {self.data.get('exception_message', '')}"
        return [head, *_texts(self.data.get("causes"))]

    @property
    def stack(self) -> list[str] | str:
        """The calls of a failure, or a traceback as text."""
        stack = next(_given(self.data, TRACES), None)
        return stack if isinstance(stack, str) else _texts(stack)

    @property
    def others(self) -> Mapping[str, Any]:
        """The fields that have no place of their own, or do not fit into it."""
        return {key: value for key, value in self.data.items() if key not in _TOLD or _is_nested(value)}

    def is_of(self, request: str) -> bool:
        """Whether it belongs to a request: it names it, or it names none and the id stands in it as a word."""
        requests = self.requests
        return request in requests if requests else _stands_in(request, self.text)

    def is_of_one(self, requests: Set[str]) -> bool:
        """Whether it belongs to one of many requests."""
        return bool(requests) and not requests.isdisjoint(self.requests or _WORD.findall(self.text))


def read(line: bytes) -> Entry:
    """What the line says; a line that cannot be read is plain text. Never raises."""
    text = line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")
    data = _json_in(text)
    if data is not None:
        return Entry(shape=Shape.JSON, text=text, data=data)
    if ours := _OURS.fullmatch(text):
        return Entry(shape=Shape.OURS, text=text, data=_of_ours(ours))
    if text.startswith("{"):
        return Entry(shape=Shape.BROKEN, text=text, data=_of_broken(text))
    return Entry(shape=Shape.TEXT, text=text, data=_of_text(text))


def begins(line: bytes) -> bool:
    """Whether a line of plain text begins something, rather than goes on with the line before it."""
    head = line[:HEAD_MAX].decode("utf-8", "replace")
    return _BEGINS.match(head) is not None or _TIME.search(head) is not None


def _json_in(text: str) -> Mapping[str, Any] | None:
    start = text.find("{", 0, PREFIX_MAX)
    if start < 0 or not text.endswith("}"):
        return None
    try:
        data = json.loads(text[start:])
    except (ValueError, RecursionError):  # broken, or built to break readers
        return None
    if not isinstance(data, dict) or (start and not _is_a_record(data)):
        return None
    if isinstance(inner := data.get("log"), str) and "stream" in data:  # docker's json-file wraps each line
        return _json_in(inner.rstrip("\r\n")) or {"message": inner.rstrip("\r\n"), "time": data.get("time")}
    return data


def _is_a_record(data: Mapping[str, Any]) -> bool:
    """Rather than some JSON in a text."""
    return any(True for _ in _given(data, MESSAGES)) and any(True for _ in _given(data, TIMES + LEVELS))


def _of_ours(found: re.Match[str]) -> dict[str, Any]:
    group = _OUR_GROUP.search(found["message"])
    message, *failure = found["message"][: group.start() if group else None].split(" | ")
    calls = failure.pop().split(" < ") if failure and _OUR_CALL.search(failure[-1]) else []
    return {
        **found.groupdict(),
        "message": message,
        "stack": calls[::-1],
        "request_id": None if found["request_id"] == "-" else found["request_id"],
        "group": group and group[1],
        "failure": failure,
    }


def _of_text(text: str) -> dict[str, Any]:
    head = text[:HEAD_MAX]
    time, level = _TIME.search(head), _LEVEL.search(head)
    return {"time": time and time[0], "level": level and level[0].strip("[]"), "message": text}


def _of_broken(text: str) -> dict[str, Any]:
    time, level = _TIME.search(text, 0, HEAD_MAX), _BROKEN_LEVEL.search(text)
    value = level and (int(level[1]) if level[1].isdecimal() else level[1])
    return {"time": time and time[0], "level": value, "message": text}


def _level(value: object) -> Level | None:
    if isinstance(value, str):
        return LEVEL_WORDS.get(value.lower())
    if isinstance(value, int) and not isinstance(value, bool):
        return next((level for least, level in LEVEL_NUMBERS if value >= least), None)
    return None


def _given(data: Mapping[str, Any], names: Sequence[str]) -> Iterator[Any]:
    return (data[name] for name in names if data.get(name) not in (None, ""))


def _first(data: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(value) for value in _given(data, names) if isinstance(value, str | int | float)), "")


def _texts(value: object) -> list[str]:
    return value if isinstance(value, list) and not _is_nested(value) else []


def _is_nested(value: object) -> bool:
    """Whether a value is neither a plain one nor a list of texts."""
    return isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(each, str) for each in value))


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
