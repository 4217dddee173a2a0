"""The event as a Sentry envelope: the wire form that every Sentry-compatible server takes.

https://develop.sentry.dev/sdk/data-model/envelopes/
"""

import json
from datetime import datetime
from typing import Any

from bongsu.event import CapturedException, Event, Frame, LogLine, Process, process_to_json
from bongsu.messages.locales import local
from bongsu.messages.message import Message

Json = dict[str, Any]


def envelope(message: Message, *, sent_at: float, sdk_version: str) -> bytes:
    """One envelope with the sample event of the message; how often it happened is in `extra.bongsu`."""
    if message.event is None:
        raise ValueError("only a message with an event can be forwarded")
    item = _encoded(_event(message.event, message, sdk_version))
    header = {"event_id": message.event.id, "sent_at": _rfc3339(sent_at), "sdk": _sdk(sdk_version)}
    item_header = {"type": "event", "content_type": "application/json", "length": len(item)}
    return b"\n".join([_encoded(header), _encoded(item_header), item, b""])


def _encoded(value: Json) -> bytes:
    """JSON on one line; a lone surrogate becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _event(event: Event, message: Message, sdk_version: str) -> Json:
    data: Json = {
        "event_id": event.id,
        "timestamp": _rfc3339(event.at),
        "platform": "python",
        "level": event.level.value,
        "logger": event.logger,
        "release": event.release,
        "environment": event.environment,
        "server_name": event.host,
        "tags": _tags(event),
        "user": {"id": event.user} if event.user else None,
        "extra": {"bongsu": _counts(event, message)} | ({"process": _process(event.process)} if event.process else {}),
        "breadcrumbs": {"values": [_breadcrumb(line) for line in event.trail]} if event.trail else None,
        "sdk": _sdk(sdk_version),
    }
    if event.exceptions:
        # Sentry reads a chain as Python prints it: the oldest cause first, the captured exception last.
        data["exception"] = {"values": [_exception(one, event) for one in reversed(event.exceptions)]}
    else:
        data["logentry"] = {"message": event.template or event.message, "formatted": event.message, "params": []}
    return {key: value for key, value in data.items() if value not in (None, "", {})}


def _breadcrumb(line: LogLine) -> Json:
    return {
        "timestamp": _rfc3339(line.at),
        "level": line.level.value,
        "category": line.logger,
        "message": line.message,
    }


def _exception(exception: CapturedException, event: Event) -> Json:
    data: Json = {"type": exception.type, "value": exception.message, "module": exception.module}
    if exception.frames:
        data["stacktrace"] = {"frames": [_frame(frame) for frame in exception.frames]}
    if exception is event.exceptions[0]:
        data["mechanism"] = {"type": "bongsu", "handled": event.handled}
    return data


def _frame(frame: Frame) -> Json:
    data: Json = {
        "filename": frame.path,
        "abs_path": frame.path,
        "function": frame.function,
        "module": frame.module,
        "lineno": frame.line,
        "in_app": frame.in_app,
    }
    if frame.source is not None:
        data["context_line"] = frame.source
    if frame.locals:
        data["vars"] = dict(frame.locals)
    return data


def _tags(event: Event) -> dict[str, str]:
    tags = dict(event.tags)
    known = {"app": event.app, "request_id": event.request_id, "source": event.source}
    if event.finding:
        known |= {event.kind.value: event.finding.name, "problem": event.finding.problem.value}
    return tags | {key: value for key, value in known.items() if value}


def _counts(event: Event, message: Message) -> Json:
    return {
        "times": message.count,
        "total": message.total,
        "users": message.users,
        "first_seen": _rfc3339(message.first_seen_at),
        "last_seen": _rfc3339(message.last_seen_at),
        "kind": event.kind.value,
        "process": event.pid,
        "thread": event.thread,
    }


def _process(process: Process) -> Json:
    return {name: value for name, value in process_to_json(process).items() if value not in (None, "", [], 0)}


def _sdk(version: str) -> Json:
    return {"name": "bongsu", "version": version}


def _rfc3339(at: float) -> str:
    moment: datetime = local(at, utc_offset_s=0)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"
