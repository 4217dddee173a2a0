"""Docker's JSON and log frames → plain values. Only what is named here is kept: labels and the environment are not."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.watchers.report import NAME_LENGTH_MAX

ID_LENGTH = 12  # characters of an id, as `docker ps` shows it
COMPOSE_SERVICE = "com.docker.compose.service"
HEALTH_TEXT_MAX = 500  # characters of what a health check printed

_FRAME_HEADER_BYTES = 8  # stream, three zeros, length as four bytes
_STREAMS = (0, 1, 2)
_ENDED = re.compile(r"^Exited \((\d{1,5})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a container."""

    action: str  # start, die, oom, kill, stop, destroy, health_status …
    id: str
    name: str
    at: float
    serial: int  # nanoseconds since the epoch
    code: int | None = None  # of die
    signal: int = 0  # of kill
    health: str = ""  # of health_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """How a container stands."""

    id: str
    name: str
    is_running: bool
    is_unhealthy: bool
    code: int | None  # of its last end


def event(line: bytes) -> Event | None:
    """The event of one line of the stream; None if it is none, or not of a container."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    actor = data.get("Actor") if isinstance(data, dict) else None
    if not isinstance(actor, dict) or data.get("Type", "container") != "container":
        return None
    attributes = actor.get("Attributes")
    facts = attributes if isinstance(attributes, dict) else {}
    action, _, detail = _text(data.get("Action") or data.get("status")).partition(":")
    identity, serial = _text(actor.get("ID")), data.get("timeNano")
    if not action or not identity or not isinstance(serial, int):
        return None
    return Event(
        action=action,
        id=identity[:ID_LENGTH],
        name=_name(facts, _text(facts.get("name")) or identity[:ID_LENGTH]),
        at=serial / 1e9,
        serial=serial,
        code=_number(facts.get("exitCode")) if action == "die" else None,
        signal=_number(facts.get("signal")) or 0,
        health=detail.strip() if action == "health_status" else "",
    )


def containers(answer: Any) -> list[Container]:
    """Those of `GET /containers/json`."""
    return [found for each in answer if (found := _container(each))] if isinstance(answer, list) else []


def health(answer: Any) -> str:
    """What the last health check of `GET /containers/ID/json` printed."""
    for key in ("State", "Health", "Log"):
        answer = answer.get(key) if isinstance(answer, dict) else None
    last = answer[-1] if isinstance(answer, list) and answer else {}
    return _text(last.get("Output") if isinstance(last, dict) else "").strip()[:HEALTH_TEXT_MAX]


def log_bytes(body: bytes) -> bytes:
    """The text of `GET /containers/ID/logs`: in frames, or as it is where the container has a terminal."""
    return b"".join(_frames(body)) if _is_framed(body) else body


def _frames(body: bytes) -> Iterator[bytes]:
    at = 0
    while _is_framed(body[at : at + _FRAME_HEADER_BYTES]):
        length = int.from_bytes(body[at + 4 : at + 8], "big")
        at += _FRAME_HEADER_BYTES
        yield body[at : at + length]
        at += length


def _is_framed(body: bytes) -> bool:
    return len(body) >= _FRAME_HEADER_BYTES and body[0] in _STREAMS and body[1:4] == b"\0\0\0"


def _container(data: Any) -> Container | None:
    if not isinstance(data, dict) or not _text(data.get("Id")):
        return None
    labels, names, status = data.get("Labels"), data.get("Names"), _text(data.get("Status"))
    first = _text(names[0]) if isinstance(names, list) and names else ""
    identity = _text(data["Id"])[:ID_LENGTH]
    ended = _ENDED.match(status)
    return Container(
        id=identity,
        name=_name(labels if isinstance(labels, dict) else {}, first.removeprefix("/") or identity),
        is_running=data.get("State") in ("running", "paused"),
        is_unhealthy="(unhealthy)" in status,
        code=int(ended[1]) if ended else None,
    )


def _name(labels: Mapping[str, Any], otherwise: str) -> str:
    return (_text(labels.get(COMPOSE_SERVICE)) or otherwise)[:NAME_LENGTH_MAX]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    text = value if isinstance(value, str) else ""
    return int(text) if text.isdecimal() and len(text) <= 9 else None
