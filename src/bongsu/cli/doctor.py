"""`bongsu doctor`: configuration, state and destinations, one line per check, with what to do under it."""

import os
import socket
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from bongsu import config, pipeline
from bongsu.alerting.group import Occurrence
from bongsu.cli import folders, refusals, terminal
from bongsu.cli.folders import Folder
from bongsu.cli.outbox import troubles
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.config import Settings
from bongsu.delivery import words
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import Destination
from bongsu.delivery.retry import DOWN_AFTER_S
from bongsu.event import Event, Kind, Level
from bongsu.messages.delivery import Delivery
from bongsu.messages.locales import WORDS, duration
from bongsu.messages.style import Style
from bongsu.pipeline import Policy, Standing
from bongsu.store import Book, SqliteStore, StoreDamaged, StoreError

FREE_BYTES_MIN = 64 << 20  # a spool that cannot be taken in grows to 32 MiB, and the store needs as much to take it in
MIB = 1 << 20

TEST_CARD = {
    "en": "Test card of `bongsu doctor` for {}: this is where messages come in",
    "ko": "`bongsu doctor`의 시험 메시지입니다. {}: 알림이 여기로 옵니다",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line, and what a person should do about it."""

    good: bool
    text: str
    remedy: str = ""


def run(arguments: Namespace) -> int:
    """Check all; exit status 0 if all is well."""
    settings = folders.settings(arguments.app)
    found = folders.wanted(settings, arguments.app)
    if arguments.refused:
        return refusals.show(found)
    well = [told(check) for check in _checks(settings, found, arguments.app, sends=not arguments.no_send)]
    return 0 if all(well) else 1


def told(check: Check) -> bool:
    """Say it; whether all is well there."""
    print(f"{terminal.sign(check.good)} {check.text}", flush=True)
    if check.remedy:
        print(f"  → {check.remedy}", flush=True)
    return check.good


def cards(settings: Settings, found: Sequence[Folder]) -> Iterator[Check]:
    """A test card to each destination."""
    for destination, channels in _by_destination(settings).items():
        yield _test(settings, destination, channels, found)


def _checks(settings: Settings, found: Sequence[Folder], app: str | None, *, sends: bool) -> Iterator[Check]:
    """Destinations before state: one that answers again is no longer told to be dead there."""
    yield from _configuration(settings, config.origins(os.environ) | ({"app": "--app"} if app else {}))
    for destination, channels in _by_destination(settings).items():
        if sends:
            yield _test(settings, destination, channels, found)
        else:
            yield Check(True, f"{', '.join(channels)}: {destination.masked}, not tried")
    known = None if settings.is_default_destination else {each.hash for each in settings.destinations.values()}
    for folder in found:
        yield from _state(folder, known)


# -- configuration


def _configuration(settings: Settings, origins: Mapping[str, str]) -> Iterator[Check]:
    def told(key: str, value: str) -> str:
        return f"{key} {value} ({origins.get(key, 'default')})"

    values = [told("app", settings.app), told("environment", settings.environment), told("language", settings.language)]
    yield Check(True, ", ".join([*values, told("level", settings.level)]))
    if settings.is_default_destination:
        remedy = "Set BONGSU_TO, or `to` in bongsu.toml; what a program gives to bongsu.init() is not seen here."
        yield Check(False, "no destination: messages go to the console", remedy)
    else:
        yield Check(True, f"destinations from {origins.get('to') or origins.get('channels')}")


# -- state


def _state(folder: Folder, known: Set[str] | None) -> Iterator[Check]:
    directory = _directory(folder.path)
    yield directory
    if not directory.good or not os.path.isdir(folder.path):
        return
    yield _space(folder.path)
    try:
        store = folder.open()
        if store is None:
            yield from _left(folder, None)
            return
        try:
            yield from _database(folder, store, known)
        finally:
            store.close()
    except StoreDamaged as error:
        remedy = "Nothing to do: the next start of the program sets it aside and begins a fresh one."
        yield Check(False, f"{folder.database} is damaged: {error}", remedy)
    except StoreError as error:
        yield Check(False, f"{folder.database} cannot be used: {error}", "See which process holds it, and its disk.")


def _directory(path: str) -> Check:
    existing = _existing(path)
    if existing == path:
        owner, me = os.stat(path).st_uid, os.geteuid()
        if owner != me:
            remedy = f"Run `bongsu doctor` as the program's user (uid {owner}), or set BONGSU_STATE_DIR."
            return Check(False, f"{path} belongs to uid {owner}, and this is uid {me}", remedy)
    if not os.path.isdir(existing) or not os.access(existing, os.W_OK | os.X_OK):
        remedy = "Let this user write there, or set BONGSU_STATE_DIR to a directory that it can write."
        return Check(False, f"{path} cannot be written", remedy)
    return Check(True, f"{path} is writable" if existing == path else f"{path} is made at the first start")


def _existing(path: str) -> str:
    """The path, or the nearest folder above it that exists."""
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _space(path: str) -> Check:
    space = os.statvfs(path)
    free = space.f_bavail * space.f_frsize
    text = f"{free // MIB:,} MiB are free there"
    return Check(True, text) if free >= FREE_BYTES_MIN else Check(False, text, "Make room: 64 MiB are needed.")


def _database(folder: Folder, store: SqliteStore, known: Set[str] | None) -> Iterator[Check]:
    now = SYSTEM.now()
    with store.transaction() as book:  # proves that it can be written
        lines = [line for line in book.lines() if known is None or line.destination in known]
        checks = [*_left(folder, book), _outbox(book, now), *(Check(False, *told) for told in troubles(lines, now))]
        checks += [Check(False, *told) for told in refusals.told(book.refusals(), folder.app, now)]
    size = os.path.getsize(folder.database)
    yield Check(True, f"{os.path.basename(folder.database)} is sound, {size / MIB:.1f} MiB")
    yield from checks


def _left(folder: Folder, book: Book | None) -> Iterator[Check]:
    if left := folder.left_spools(book):
        remedy = "Start the program again, or use `bongsu send`: either takes it in and sends it."
        yield Check(False, f"what {left} ended process(es) captured is not taken in yet", remedy)


def _outbox(book: Book, now: float) -> Check:
    rows = book.rows()
    dead = sum(row.state == "dead" for row in rows)
    if not rows:
        return Check(True, "nothing waits to be delivered")
    age = now - min(row.created_at for row in rows)
    text = f"{len(rows) - dead} messages wait, {dead} are dead, the oldest since {duration(age, WORDS['en'])}"
    good = dead == 0 and age < DOWN_AFTER_S
    return Check(good, text, "" if good else "`bongsu outbox` shows them, and why.")


# -- destinations


def _by_destination(settings: Settings) -> dict[Destination, list[str]]:
    """Each destination once, with its channels; none if nobody named one."""
    found: dict[Destination, list[str]] = {}
    for channel, destination in settings.destinations.items() if not settings.is_default_destination else ():
        found.setdefault(destination, []).append(channel)
    return found


def _test(settings: Settings, destination: Destination, channels: Sequence[str], found: Sequence[Folder]) -> Check:
    """Send a test card past outbox and pacing, and tell the exact answer."""
    names, place = ", ".join(channels), destination.masked
    began = SYSTEM.monotonic()
    answer = _send(settings, destination, _card(settings, channels))
    took_ms = (SYSTEM.monotonic() - began) * 1000
    remedy = words.remedy(answer.word) if answer.word else ""
    match answer:
        case Delivered():
            reopened = sum(_reopen(folder, destination) for folder in found)
            also = "; it is no longer held back" if reopened else ""
            return Check(True, f"{names}: delivered to {place} in {took_ms:.0f} ms{also}", remedy)
        case RetryAfter(word, after_s):
            wait = f", for {after_s:.0f} s" if after_s else ""
            return Check(False, f"{names}: not now, says {place}: {word}{wait}", remedy)
        case Rejected(word):
            return Check(False, f"{names}: refused by {place}: {word}", remedy)
        case Unknown(word):
            return Check(False, f"{names}: no answer from {place}: {word}", remedy)


def _send(settings: Settings, destination: Destination, delivery: Delivery) -> Answer:
    style = Style(language=settings.language, utc_offset_s=utc_offset_s(SYSTEM.now(), settings.timezone))
    channel = open_channel(destination, style, clock=SYSTEM)
    try:
        return channel.send(delivery.verb, delivery.message)
    finally:
        channel.close()


def _card(settings: Settings, channels: Sequence[str]) -> Delivery:
    """The test card, made as every record is."""
    now = SYSTEM.now()
    event = Event(
        id=os.urandom(16).hex(),
        at=now,
        kind=Kind.RECORD,
        level=Level.INFO,
        message=TEST_CARD[settings.language].format(", ".join(channels)),
        app=settings.app,
        environment=settings.environment,
        release=settings.release,
        host=socket.gethostname(),
        pid=os.getpid(),
        channel=channels[0],
    )
    policy = Policy(channels={name: each.ability for name, each in settings.destinations.items()})
    happening = Occurrence(fingerprint="", at=now, event=event)
    _, (delivery,) = pipeline.handle(Standing(None, {}), happening, now, policy)
    return delivery


def _reopen(folder: Folder, destination: Destination) -> bool:
    """It answers again: a dead or blocked line is neither any more."""
    try:
        store = folder.open()
        if store is None:
            return False
        try:
            with store.transaction() as book:
                lines = [line for line in book.lines() if line.destination == destination.hash and line.failures]
                for line in lines:
                    alive = replace(line, failures=0, down_since=None, blocked_till=0.0, dead_word=None)
                    book.save_line(replace(alive, last_ok_at=SYSTEM.now(), last_word="ok"))
                return bool(lines)
        finally:
            store.close()
    except StoreError as error:
        print(f"{folder.database} cannot be used: {error}", file=sys.stderr)
        return False
