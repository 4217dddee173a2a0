"""`bongsu watch heartbeats`: goes on watching when every process of the program is gone."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass

from bongsu.cli import folders
from bongsu.cli.terminal import Ink, painted, sign
from bongsu.cli.watch.setting_up import CLOSE_S, at_stop
from bongsu.client.client import Client
from bongsu.client.wake import Bell
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.event import Kind
from bongsu.messages.locales import WORDS, clock_time, duration
from bongsu.outcomes import expectations, heartbeats, http
from bongsu.outcomes.heartbeats import Standing
from bongsu.store import Book, StoreError
from bongsu.store.watches import Watch

LOOK_EVERY_S = 1.0
DELIVER_S = 10.0  # for what `--once` and `--forget` have to tell

_EN = WORDS["en"]
_WRONG = (Standing.MISSED, Standing.FAILED, Standing.KILLED, Standing.TOO_LONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How one watch stands."""

    kind: str
    name: str
    heard: str
    due: str
    state: str
    is_wrong: bool


def run(arguments: Namespace) -> int:
    """Watch until told to stop; or once; or forget one."""
    client = Client(folders.settings(arguments.app))  # not started: no hooks, no log handler
    try:
        if arguments.forget is not None:
            return _forget(client, arguments.forget)
        return _once(client) if arguments.once else _until_stopped(client)
    except StoreError as error:
        print(f"The database cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1
    finally:
        client.close(CLOSE_S)


def _once(client: Client) -> int:
    client.flush(DELIVER_S)  # which looks at everything
    if client.worker.books.in_memory:
        return 1  # stderr says why nothing can be seen
    lines = _lines(client)
    if not lines:
        print(_nothing(client))
    for text in _table(lines):
        print(text)
    return 1 if any(line.is_wrong for line in lines) else 0


def _forget(client: Client, name: str) -> int:
    if not client.worker.unwatch(name):
        print(f"Nothing is watched under the name {name!r}.", file=sys.stderr)
        return 1
    client.flush(DELIVER_S)
    print(f"{name} is watched no more, until the program declares it again.")
    return 0


def _until_stopped(client: Client) -> int:
    stop = Bell()
    at_stop(stop.ring)
    client.worker.start()
    known: dict[tuple[str, str], Line] = {}
    print(f"Watching {painted(client.settings.app, Ink.BOLD)}. Ctrl-C ends it.", flush=True)
    if not _lines(client) and not client.worker.books.in_memory:
        print(_nothing(client), flush=True)
    while True:
        lines = {(line.kind, line.name): line for line in _lines(client)}
        for text in _changes(known, lines):
            print(text, flush=True)
        known = lines
        if stop.wait(LOOK_EVERY_S):
            return 0


def _changes(before: dict[tuple[str, str], Line], after: dict[tuple[str, str], Line]) -> Iterator[str]:
    for key, line in after.items():
        if key not in before or before[key].state != line.state:
            due = f", due {line.due}" if line.due else ""
            yield f"{_now()}  {sign(not line.is_wrong)} {line.name}: {line.state}{due}"
    for key in sorted(before.keys() - after.keys()):
        yield f"{_now()}  {before[key].name}: over"


def _nothing(client: Client) -> str:
    return f"{client.settings.app} has not declared anything yet in {client.settings.state_dir}."


# -- how it stands


def _lines(client: Client) -> list[Line]:
    try:
        with client.worker.books.store.reading() as book:
            return list(_all(book))
    except StoreError:
        return []  # the worker meets the same error and sees to it


def _all(book: Book) -> Iterator[Line]:
    for watch in book.all_watches():
        try:
            yield from _of(watch)
        except (KeyError, TypeError, ValueError):  # another version wrote it
            yield Line(kind=watch.kind, name=watch.name, heard="", due="", state="unreadable", is_wrong=False)


def _of(watch: Watch) -> Iterator[Line]:
    match watch.kind:
        case Kind.HEARTBEAT:
            heartbeat = heartbeats.from_json(dict(watch.data))
            state = heartbeats.standing(heartbeat)
            heard, due = _time(heartbeat.heard_at), _time(heartbeats.expected_at(heartbeat))
            yield Line(kind=watch.kind, name=watch.name, heard=heard, due=due, state=state, is_wrong=state in _WRONG)
        case Kind.EXPECTATION:
            expectation = expectations.from_json(dict(watch.data))
            is_short = expectation.told_at is not None
            wanted = f"at least {expectation.at_least} in {duration(expectation.per_s, _EN)}"
            state_told = f"too few, {wanted} expected" if is_short else f"{wanted} expected"
            yield Line(kind=watch.kind, name=watch.name, heard="", due="", state=state_told, is_wrong=is_short)
        case _:
            for name in http.from_json(dict(watch.data)).lasting:
                yield Line(kind=watch.kind, name=name, heard="", due="", state="burst", is_wrong=True)


def _table(lines: list[Line]) -> Iterator[str]:
    if not lines:
        return
    rows = [("NAME", "LAST HEARD", "DUE", "STATE")]
    rows += [(line.name, line.heard or "-", line.due or "-", line.state) for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells, mark in zip(rows, (" ", *(sign(not line.is_wrong) for line in lines)), strict=True):
        padded = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{mark} {'  '.join(padded)}".rstrip()


def _time(at: float | None) -> str:
    now = SYSTEM.now()
    return "" if at is None else clock_time(at, utc_offset_s(at), today=now)


def _now() -> str:
    return _time(SYSTEM.now())
