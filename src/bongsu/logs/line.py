"""A log record as the fields of one line, and the line itself: scrubbed, bounded, never broken by what is in it."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from json import JSONEncoder
from socket import gethostname

from bongsu.capture.context import Mark, current, mark_of, request_id, work_at_hand
from bongsu.capture.exceptions import printable
from bongsu.capture.log_records import level_of, message_of
from bongsu.capture.reading import shown_path
from bongsu.capture.recorder import NAME_LENGTH_MAX, REQUEST_ID_LENGTH_MAX
from bongsu.event import Event, Level
from bongsu.grouping import fingerprint
from bongsu.logs.failure import event_of_text, failure_fields
from bongsu.routing.sorting import Sorting
from bongsu.scrubbing import KEY_LIMIT, names_secret, scrub, scrub_mapping, scrub_value

FIELDS_MAX = 32  # of a record's own; more is a dump, not a log line
FIELD_MAX = 1_024  # characters of one, as of a tag
PLACE_MAX = 300  # characters of a path
TRACE_MAX = 4_096  # characters of a stack that comes as text
NO_RULES = Sorting()
SURE_DIGITS = 10**12  # a longer number may be a card's or a resident's
NUMBER_MAX = 10**18  # every reader of JSON holds as much, in 64 bits
NOISE = frozenset({"color_message"})  # uvicorn: the message once more, with colours


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What all lines of one process share."""

    app: str
    environment: str  # a part of the group
    release: str | None
    roots: tuple[str, ...]  # paths are shown from here
    threshold: Level = Level.ERROR  # records from here on become events, and have a group
    sorting: Sorting = NO_RULES


EMPTY: dict[str, object] = {
    "time": "1970-01-01T00:00:00.000000Z",
    "level": "info",
    "logger": "",
    "message": "",
    "request_id": None,
    "app": "",
    "release": None,
    "source": "",
}
"""The fields that every line has, in their order."""


def fields(record: logging.LogRecord, process: Process) -> dict[str, object]:
    """Everything the line says, by key."""
    level, error = level_of(_number(record.levelno)), _error(record)
    message = message_of(record)
    found: dict[str, object] = {
        "time": _time(record.created),
        "level": level.value,
        "logger": _name(printable(record.name)),
        "message": scrub(message),
        "request_id": _request_id(record, error),
        "app": _name(process.app),
        "release": None if process.release is None else _name(process.release),
        "source": f"{_place(printable(record.pathname), process.roots)}:{_number(record.lineno)}",
    }
    found |= _own(record)
    if record.stack_info:
        found["stack_info"] = scrub(printable(record.stack_info), limit=TRACE_MAX)
    group_of = partial(_group_of, record=record, error=error, level=level, process=process)
    if error is not None:
        found |= failure_fields(error, process.environment, process.roots, group_of)
    elif record.exc_text:  # from another process, where it was an exception
        found["traceback"] = scrub(printable(record.exc_text), limit=TRACE_MAX)
    elif level.rank >= process.threshold.rank:
        found["group"] = group_of(event_of_text(record, message, process.environment))
    return found


def _group_of(
    event: Event, *, record: logging.LogRecord, error: BaseException | None, level: Level, process: Process
) -> str:
    """The group of what is captured of a record; the user's rules may ask for more than the usual fingerprint does."""
    if not process.sorting.regrouped:
        return fingerprint(event)
    known = replace(
        event,
        level=level,
        app=process.app,
        release=process.release,
        host=gethostname(),
        logger=_name(printable(record.name)),
        tags=scrub_mapping(_tags(error)),
    )
    return process.sorting.fingerprint(known)


def _tags(error: BaseException | None) -> Mapping[str, object]:
    """Those of the work that an exception came from, else of the work at hand."""
    mark = None if error is None else mark_of(error)
    left = None if mark is None or mark.context is None else mark
    context, work = (current(), work_at_hand()) if left is None else (left.context or {}, left.work)
    values = {**(work.facts() if work else {}), **context}
    return {name: value for name, value in values.items() if name not in ("request_id", "user")}


def written(fields: Mapping[str, object], *, as_json: bool, ascii_only: bool) -> str:
    """The fields as one line, in JSON or for reading."""
    if not as_json:
        text = _text(fields)
        return text.encode("ascii", "backslashreplace").decode() if ascii_only else text
    if ascii_only:
        return _ascii_json(fields)
    text = _json(fields)
    # json escapes what is below a space; the rest breaks lines for some readers, or is no UTF-8
    return text if text.isascii() else _UNSAFE.sub(_as_json_escape, text)


_json = JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_ascii_json = JSONEncoder(separators=(",", ":"), check_circular=False).encode
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACE = re.compile(r"\s")


def _as_json_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


def _as_escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


# -- the text form


def _text(fields: Mapping[str, object]) -> str:
    """`TIME LEVEL APP@RELEASE LOGGER SOURCE [REQUEST] MESSAGE key=value … | Type: message | stack | group=…`."""
    words = [
        str(fields["time"]),
        str(fields["level"]).upper(),
        f"{_word(fields['app'])}@{_word(fields['release'])}",
        _word(fields["logger"]),
        _word(fields["source"]),
        f"[{_word(fields['request_id'])}]",
        str(fields["message"]),
        *(f"{_word(key)}={value}" for key, value in fields.items() if key not in _PLACED),
    ]
    text = " ".join(words) + "".join(f" | {part}" for part in _parts(fields))
    return text if text.isprintable() else _UNSEEN.sub(_as_escape, text)


_PLACED = EMPTY.keys() | {"exception_type", "exception_message", "causes", "stack", "group"}
_TAKEN = _PLACED | {"stack_info", "traceback"}


def _parts(fields: Mapping[str, object]) -> Iterator[str]:
    if "exception_type" in fields:
        yield f"{fields['exception_type']}: {fields['exception_message']}"
    if isinstance(causes := fields.get("causes"), list):
        yield from causes
    if isinstance(stack := fields.get("stack"), list):
        yield " < ".join(reversed(stack))
    if "group" in fields:
        yield f"group={fields['group']}"


def _word(value: object) -> str:
    """A text without white space, so that the words of a line can be told apart."""
    return _SPACE.sub("_", str(value)) if value else "-"


# -- parts of a record


def _error(record: logging.LogRecord) -> BaseException | None:
    info = record.exc_info
    error = info[1] if isinstance(info, tuple) and len(info) > 1 else info
    return error if issubclass(type(error), BaseException) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _time(created: float) -> str:
    """RFC 3339 in UTC, with microseconds."""
    try:
        second, microsecond = divmod(round(created * 1e6), 1_000_000)
        return f"{_second(second)}.{microsecond:06d}Z"
    except (TypeError, ValueError, OverflowError, OSError):  # the host's own record, or its own clock
        return str(EMPTY["time"])


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"


def _request_id(record: logging.LogRecord, error: BaseException | None) -> str | None:
    """Given with the record; else of the request that the exception came from; else of the one at hand."""
    value = record.__dict__.get("request_id")
    if not value and error is not None:
        value = _left_request(mark_of(error))
    value = value or request_id()
    return scrub(printable(value), limit=REQUEST_ID_LENGTH_MAX) if value else None


def _left_request(mark: Mark) -> object:
    """The id of the request that an exception has left; None if it left none."""
    given = (mark.context or {}).get("request_id")
    return given if given or mark.work is None else mark.work.request_id


def _own(record: logging.LogRecord) -> dict[str, object]:
    """What `extra=` added, each field bounded; under another key where the key is one of ours."""
    found: dict[str, object] = {}
    for key, value in _extras(record.__dict__):
        if len(found) >= FIELDS_MAX:
            break
        name, is_secret = _key(printable(key))
        shown = f"extra_{name}" if name in _TAKEN else name
        found[shown] = scrub_value(name, printable(value)) if is_secret else _value(value)
    return found


def _extras(attributes: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in attributes.items():
        if key in _STANDARD:
            continue
        if key == "extra" and isinstance(value, dict):  # loguru: all of them in one
            yield from ((inner, each) for inner, each in value.items() if inner != "request_id")
        else:
            yield key, value


_STANDARD = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime", "taskName", "request_id"} | NOISE


def _value(value: object) -> object:
    """The value itself where JSON has it and it can hold no secret; else its text, scrubbed."""
    if value is None or type(value) is bool:
        return value
    if type(value) in (int, float) and -SURE_DIGITS < value < SURE_DIGITS:  # type: ignore[operator]
        return value
    text = printable(value)
    scrubbed = scrub(text, limit=FIELD_MAX)
    is_harmless = type(value) is int and -NUMBER_MAX < value < NUMBER_MAX and scrubbed == text
    return value if is_harmless else scrubbed


@lru_cache(maxsize=512)
def _key(name: str) -> tuple[str, bool]:
    """A field's key as it is written, and whether it names a secret."""
    return scrub(name, limit=KEY_LIMIT), names_secret(name)


@lru_cache(maxsize=512)
def _name(text: str) -> str:
    """A name of which there are few, and they come again."""
    return scrub(text, limit=NAME_LENGTH_MAX)


@lru_cache(maxsize=1024)
def _place(path: str, roots: tuple[str, ...]) -> str:
    return scrub(shown_path(path, roots), limit=PLACE_MAX)
