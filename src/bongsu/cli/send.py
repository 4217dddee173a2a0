"""`bongsu send`: one operational record, by the same way as those of a program, without hooks into this one."""

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass

from bongsu import slack
from bongsu.cli import WRONG_USE, folders, terminal
from bongsu.client.client import Client
from bongsu.client.payloads import payload_of, problems_of
from bongsu.clock import SYSTEM
from bongsu.config import Settings
from bongsu.delivery import words
from bongsu.errors import ConfigError
from bongsu.routing import substitute
from bongsu.store import StoreError

TEXT_BYTES_MAX = 64 << 10  # read of standard input; a message shows far less
WAIT_S = 10.0
LOOK_EVERY_S = 0.2

NOWHERE = "no destination: set BONGSU_TO, e.g. to an incoming webhook (https://hooks.slack.com/services/T…/B…/…)"
EMPTY = "nothing to send: give a text, or write it to standard input"
BOTH = "give a text or --file, not both: a payload has its own text"


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of the message so far."""

    is_delivered: bool
    is_final: bool
    is_refused: bool = False  # for good: nothing sends it again by itself
    word: str = ""  # the last answer of the destination


def run(arguments: Namespace) -> int:
    """Send it and wait for its delivery."""
    settings = folders.settings(arguments.app)
    must_lead_somewhere(settings)
    what, problems = _what(arguments)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return WRONG_USE
    return through(settings, arguments.channel, lambda client: client.notify(what, arguments.channel, arguments.level))


def must_lead_somewhere(settings: Settings) -> None:
    """Raises ConfigError where nobody has named a destination."""
    if settings.is_default_destination:
        raise ConfigError([NOWHERE])


def through(settings: Settings, to: str, note: Callable[[Client], str | None]) -> int:
    """Let `note` keep a record for a channel, and wait for its delivery."""
    client = Client(settings)  # not started: no hooks, no log handler
    try:
        fate = _fate(client, note(client))
        is_kept = not client.worker.books.in_memory
    finally:
        client.close(0.0)
    channel = substitute(to, settings.destinations)
    if channel != to:
        print(f"Channel {to} is not configured; {channel} stands in for it.", file=sys.stderr)
    if fate.is_delivered:
        print(f"Delivered to {channel} ({settings.destinations[channel].masked}).")
        return 0
    _explain(fate, settings.app, is_kept=is_kept)
    return 1


def _what(arguments: Namespace) -> tuple[object, list[str]]:
    """What is to be sent, or why nothing is."""
    if arguments.file is None:
        text = _from_stdin() if arguments.text in (None, "-") else arguments.text
        return text, [] if text.strip() else [EMPTY]
    if arguments.text is not None:
        return "", [BOTH]
    try:
        payload = payload_of(_payload(arguments.file))
    except OSError as error:
        return "", [f"{arguments.file}: {error.strerror}"]
    except ValueError as error:
        return "", [str(error)]
    return payload, [f"{arguments.file}: {problem}" for problem in problems_of(payload)]


def _payload(path: str) -> object:
    if path != "-":
        return slack.load(path)
    return slack.read(sys.stdin.buffer.read(slack.FILE_BYTES_MAX + 1) if sys.stdin else b"")


def _explain(fate: Fate, app: str, *, is_kept: bool) -> None:
    answer = f": {fate.word}. {words.remedy(fate.word)}" if fate.word else "."
    print(f"{'Refused' if fate.is_refused else 'Not delivered yet'}{answer}", file=sys.stderr)
    later = f"It is kept: see `bongsu outbox --app {app}`. The next `bongsu send`, or the program itself, sends it."
    if fate.is_refused:
        later = f"It is kept; once that is mended, `bongsu outbox retry --all --app {app}` sends it again."
    print(later if is_kept else "It could not be kept either: see `bongsu doctor`.", file=sys.stderr)


def _from_stdin() -> str:
    if terminal.is_interactive():
        print("Write the message; Ctrl-D ends it.", file=sys.stderr)
    return sys.stdin.buffer.read(TEXT_BYTES_MAX).decode("utf-8", "replace") if sys.stdin else ""


def _fate(client: Client, event_id: str | None) -> Fate:
    """Wait until it is delivered, or cannot be, WAIT_S at most."""
    deadline, till = SYSTEM.monotonic() + WAIT_S, SYSTEM.now() + WAIT_S
    while True:
        client.worker.progress.wait(LOOK_EVERY_S)
        fate = _look(client, f"record/{event_id}", till)
        if fate.is_final or SYSTEM.monotonic() >= deadline:
            return fate


def _look(client: Client, key: str, till: float) -> Fate:
    """A row that was made and is gone is delivered: other messages of the same app may go on waiting."""
    spool = client.recorder.spool
    try:
        with client.worker.books.store.reading() as book:
            records, _ = spool.records(book.position(spool.name))
            if records or spool.memory:
                return Fate(is_delivered=False, is_final=False)
            row = next((row for row in book.rows() if row.key == key), None)
            if row is None:
                return Fate(is_delivered=True, is_final=True)
            line = book.line(row.destination, row.channel)
    except StoreError:
        return Fate(is_delivered=False, is_final=False)
    has_no_other = len({each.hash for each in client.settings.destinations.values()}) == 1
    is_refused = row.state == "dead"
    is_stuck = is_refused or (has_no_other and line.blocked_till > till)
    word = row.word or line.last_word
    return Fate(is_delivered=False, is_final=is_stuck, is_refused=is_refused, word=word)
