"""`bongsu outbox`: what is not delivered, and why; while the program runs, and without a destination."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bongsu.cli import WRONG_USE, folders, terminal
from bongsu.cli.folders import Folder
from bongsu.cli.terminal import Ink, painted
from bongsu.clock import SYSTEM
from bongsu.config import NO_DESTINATION
from bongsu.delivery.words import remedy
from bongsu.messages import text
from bongsu.messages.characters import clip
from bongsu.messages.locales import WORDS, duration
from bongsu.messages.style import Style
from bongsu.store import Book, Line, Row, SqliteStore, StoreError

TITLE_LENGTH_MAX = 100  # characters; what a wide terminal shows beside the columns
DEAD = "dead"


def run(arguments: Namespace) -> int:
    """List, retry or drop in one or all apps."""
    settings = folders.settings(arguments.app, to=NO_DESTINATION)  # a broken one is no reason not to look
    found = [folder for folder in folders.wanted(settings, arguments.app) if folder.is_used]
    if wrong := _wrong_use(arguments, found):
        print(wrong, file=sys.stderr)
        return WRONG_USE
    if not found:
        print("Nothing waits.")
        return 0
    return max([_in_folder(folder, arguments) for folder in found])


def troubles(lines: Iterable[Line], now: float) -> Iterator[tuple[str, str]]:
    """What is wrong with the ways to destinations, each with its remedy."""
    for line in lines:
        if line.dead_word:
            yield f"{line.channel} is dead: {line.dead_word}", remedy(line.dead_word)
        elif line.down_since is not None:
            since = duration(now - line.down_since, WORDS["en"])
            yield f"{line.channel} is not reached since {since}: {line.last_word}", remedy(line.last_word)


def _wrong_use(arguments: Namespace, found: list[Folder]) -> str:
    if arguments.action == "list" and (arguments.ids or arguments.all):
        return "list shows everything: leave the IDs out"
    if arguments.ids and arguments.all:
        return "give IDs or --all, not both"
    if arguments.action == "drop" and not arguments.ids and not arguments.all:
        return "name the messages to give up by their IDs, or all of them with --all"
    if arguments.ids and len(found) > 1:
        return f"IDs are those of one app: choose it with --app ({', '.join(folder.app for folder in found)})"
    return ""


def _in_folder(folder: Folder, arguments: Namespace) -> int:
    try:
        store = folder.open()
        if store is None:
            _print_left(folder, None)
            return 0
        try:
            return _act(store, folder, arguments)
        finally:
            store.close()
    except StoreError as error:
        print(f"{folder.database} cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1


def _act(store: SqliteStore, folder: Folder, arguments: Namespace) -> int:
    match arguments.action:
        case "retry":
            return _retry(store, folder, arguments.ids)
        case "drop":
            return _drop(store, folder, arguments.ids, agreed=arguments.yes)
    return _list(store, folder)


# -- list


def _list(store: SqliteStore, folder: Folder) -> int:
    now = SYSTEM.now()
    with store.reading() as book:
        rows = book.rows()
        dead = sum(row.state == DEAD for row in rows)
        print(f"{painted(folder.app, Ink.BOLD)}: {len(rows) - dead} waiting, {dead} dead")
        for line in _table(rows, now):
            print(f"  {line}")
        for trouble, what_to_do in troubles(book.lines(), now):
            print(f"  {terminal.sign(False)} {trouble}\n    → {what_to_do}")
        _print_left(folder, book)
    return 0


def _table(rows: list[Row], now: float) -> Iterator[str]:
    if not rows:
        return
    table: list[tuple[str, ...]] = [("ID", "STATE", "AGE", "CHANNEL", "VERB", "TRIES", "LAST ANSWER", "MESSAGE")]
    table += [_cells(row, now) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        *columns, message = cells
        yield "  ".join([*(f"{cell:{width}}" for cell, width in zip(columns, widths, strict=False)), message])


def _cells(row: Row, now: float) -> tuple[str, ...]:
    age = duration(now - row.created_at, WORDS["en"])
    heading = clip(text.heading(row.message, Style()), TITLE_LENGTH_MAX)
    return str(row.id), row.state, age, row.channel, row.verb.value, str(row.attempts), row.word or "-", heading


def _print_left(folder: Folder, book: Book | None) -> None:
    if left := folder.left_spools(book):
        ended = _counted(left, "process has", "processes have")
        print(f"{folder.app}: {ended} ended before all was taken in; the next start or `bongsu send` does it.")


# -- retry


def _retry(store: SqliteStore, folder: Folder, ids: list[int]) -> int:
    with store.transaction() as book:
        rows = {row.id: row for row in book.rows()}
        unknown = [each for each in ids if each not in rows]
        chosen = [rows[each] for each in ids if each in rows] if ids else list(rows.values())
        revived = sum(book.revive(row_id=row.id) for row in chosen)
        wanted = {row.destination for row in chosen} if ids else None
        ways = sum(_unblock(book, line) for line in book.lines() if wanted is None or line.destination in wanted)
    print(
        f"{folder.app}: {_counted(revived, 'dead message waits', 'dead messages wait')} again,"
        f" {_counted(ways, 'destination is', 'destinations are')} tried again at once."
    )
    if revived or ways:
        print("  A running program sends within seconds; else the next start does, or the next `bongsu send`.")
    return _missing(unknown)


def _unblock(book: Book, line: Line) -> bool:
    if not line.failures:
        return False
    book.save_line(replace(line, failures=0, down_since=None, blocked_till=0.0, dead_word=None))
    return True


# -- drop


def _drop(store: SqliteStore, folder: Folder, ids: list[int], *, agreed: bool) -> int:
    with store.reading() as book:
        present = [row.id for row in book.rows()]
    chosen = [each for each in ids if each in present] if ids else present
    if chosen and not agreed and not _agrees(folder, len(chosen)):
        print("Nothing was dropped. --yes drops without asking.", file=sys.stderr)
        return 1
    with store.transaction() as book:
        dropped = sum(book.remove(each) for each in chosen)
    print(f"{folder.app}: {_counted(dropped, 'message', 'messages')} dropped.")
    return _missing([each for each in ids if each not in present])


def _agrees(folder: Folder, count: int) -> bool:
    if not terminal.is_interactive():
        return False
    print(f"{folder.app}: give up {_counted(count, 'message', 'messages')}? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _missing(ids: list[int]) -> int:
    for each in ids:
        print(f"There is no message {each}.", file=sys.stderr)
    return 1 if ids else 0


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
