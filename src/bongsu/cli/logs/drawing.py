"""An entry of a log as a person reads it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from bongsu.cli.terminal import Ink, painted
from bongsu.event import Level
from bongsu.logs.entry import Entry, Shape
from bongsu.logs.folding import folded, is_traceback
from bongsu.messages.characters import clean, clip, one_line

MESSAGE_MAX = 8_192  # characters, as many as our own lines have
VALUE_MAX = 200  # characters of a field

_INKS = {Level.DEBUG: Ink.DIM, Level.WARNING: Ink.YELLOW, Level.ERROR: Ink.RED, Level.FATAL: Ink.RED}
_KNOWN = ("app", "release")  # the same on every line


def drawn(entry: Entry, *, full: bool) -> Iterator[str]:
    """Its lines; everything it says if `full`."""
    if entry.shape in (Shape.TEXT, Shape.BROKEN):
        first, *rest = _lines(entry.text, full=full) or [""]
        ink = _INKS.get(entry.level) if entry.level else None
        yield painted(first, ink) if ink else first
        yield from rest
        return
    message, *rest = _lines(entry.message, full=full) or [""]
    yield " ".join(filter(None, [_time(entry), _level(entry), _logger(entry), message, *_ending(entry, full=full)]))
    yield from (f"    {line}" for line in rest)
    yield from _failure(entry, full=full)
    if full and entry.group:
        yield painted(f"    group {one_line(entry.group)}", Ink.DIM)


def stamp(at: float) -> str:
    """A moment in UTC, to the millisecond; empty if it has no date."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _time(entry: Entry) -> str:
    return painted(stamp(entry.at), Ink.DIM) if entry.at is not None else ""


def _level(entry: Entry) -> str:
    if entry.level is None:
        return ""
    word = f"{entry.level.value.upper():7}"
    ink = _INKS.get(entry.level)
    return painted(word, ink) if ink else word


def _logger(entry: Entry) -> str:
    return painted(f"{one_line(entry.logger)}:", Ink.BOLD) if entry.logger else ""


def _ending(entry: Entry, *, full: bool) -> Iterator[str]:
    for key, value in entry.others.items():
        if full or (key not in _KNOWN and value is not None):
            text = one_line(value if isinstance(value, str) else _json(value))
            yield painted(f"{one_line(key)}={text if full else clip(text, VALUE_MAX)}", Ink.DIM)
    if entry.source:
        yield painted(one_line(entry.source), Ink.DIM)


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # it was read with a little more room
        return "…"


def _failure(entry: Entry, *, full: bool) -> Iterator[str]:
    for number, text in enumerate(entry.failure):
        yield painted(f"    {one_line(text)}", Ink.RED if number == 0 else Ink.DIM)
    if isinstance(entry.stack, str):
        yield from (f"    {line}" for line in _lines(entry.stack, full=full))
    else:
        yield from (painted(f"      {one_line(call)}", Ink.DIM) for call in entry.stack)


def _lines(text: str, *, full: bool) -> list[str]:
    """A text without what a terminal would obey; its tracebacks folded and its length bounded, unless `full`."""
    text = clean(text if full else clip(text, MESSAGE_MAX))
    return list(folded(text)) if not full and is_traceback(text) else text.splitlines()
