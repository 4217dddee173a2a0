"""`bongsu silence`: what is counted and not told for a while."""

import getpass
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence

from bongsu.cli import WRONG_USE, folders
from bongsu.client.books import open_store
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.config import NO_DESTINATION, routes
from bongsu.errors import ConfigError
from bongsu.ids import new_id
from bongsu.messages.characters import literal
from bongsu.messages.locales import WORDS, clock_time, number
from bongsu.outcomes.durations import duration_s
from bongsu.routing.silences import HOLDS_MAX_S, WHY_MAX, Silence, is_used_up
from bongsu.scrubbing import scrub
from bongsu.store import Book, StoreError

ID_LENGTH = 8  # of an id as people write it
LEAST_S = 60


def run(arguments: Namespace) -> int:
    """Begin, show or end silences of one app."""
    settings = folders.settings(arguments.app, to=NO_DESTINATION)
    try:
        store = open_store(settings.state_dir)
        try:
            with store.transaction() as book:
                return _act(book, arguments, settings.timezone)
        finally:
            store.close()
    except StoreError as error:
        print(f"The database cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1


def _act(book: Book, arguments: Namespace, timezone: str | None) -> int:
    now = SYSTEM.now()
    match arguments.action:
        case "add":
            return _begin(book, _silence(arguments, now), now, timezone)
        case "remove":
            return _end(book, arguments.id)
    silences = book.silences(now)
    for line in _table(silences, now, timezone) if silences else ["Nothing is silenced."]:
        print(line)
    return 0


def _silence(arguments: Namespace, now: float) -> Silence:
    """What is asked for. Raises ConfigError with every problem."""
    problems: list[str] = []
    if not arguments.group and not arguments.match:
        problems.append("silence: say what, with --group or --match")
    seconds = 0.0
    try:
        seconds = duration_s(arguments.span, least_s=LEAST_S, most_s=int(HOLDS_MAX_S))
    except ValueError as error:
        problems.append(f"--for: {error}")
    when = routes.conditions(_pairs(arguments.match, problems), "--match", problems)
    if problems:
        raise ConfigError(problems)
    return Silence(
        id=new_id(now)[-ID_LENGTH:],
        at=now,
        until=now + seconds,
        why=scrub(arguments.why, limit=WHY_MAX),
        by=_user(),
        group=arguments.group or "",
        when=when,
        until_count=arguments.until_count,
        until_release=arguments.until_release or "",
    )


def _pairs(given: list[str], problems: list[str]) -> dict[str, list[str]]:
    """Of one field given twice, either may match."""
    pairs: dict[str, list[str]] = {}
    for each in given:
        name, sign, pattern = each.partition("=")
        if not sign or not pattern:
            problems.append(f"--match: write FIELD=PATTERN, not {each}")
        else:
            pairs.setdefault(name.strip(), []).append(pattern.strip())
    return pairs


def _begin(book: Book, silence: Silence, now: float, timezone: str | None) -> int:
    if not book.save_silence(silence):
        print("There are too many silences already: remove one.", file=sys.stderr)
        return 1
    book.wake_groups()
    until = _time(silence.until, now, timezone)
    print(f"{silence.id}: silent until {until}. To end it: bongsu silence remove {silence.id}")
    return 0


def _end(book: Book, name: str) -> int:
    if not book.remove_silence(name):
        print(f"There is no silence {name}. `bongsu silence list` shows those there are.", file=sys.stderr)
        return WRONG_USE
    book.wake_groups()
    print(f"{name} has ended. What it held back and still fires is told.")
    return 0


def _table(silences: Sequence[Silence], now: float, timezone: str | None) -> Iterator[str]:
    rows = [("ID", "UNTIL", "HELD BACK", "WHAT", "WHY", "BY")]
    rows += [
        (
            each.id,
            "ended" if is_used_up(each) else _time(each.until, now, timezone),
            number(each.held, WORDS["en"]),
            _what(each),
            _shown(each.why),
            _shown(each.by),
        )
        for each in silences
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _what(silence: Silence) -> str:
    parts = [silence.group] if silence.group else []
    parts += [f"{name}={'|'.join(patterns)}" for name, patterns in silence.when.items()]
    return _shown(" ".join(parts))


def _shown(text: str) -> str:
    """Fit for a terminal: others may have written it."""
    return literal(text, WHY_MAX)


def _time(at: float, now: float, timezone: str | None) -> str:
    return clock_time(at, utc_offset_s(at, timezone), today=now)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody has that number here
        return ""
