"""`bongsu explain`: the journey of one event through the rules that are in force, without a step of it being taken."""

import json
import socket
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bongsu.alerting.group import EVENT_IDS_MAX, Group
from bongsu.cli import WRONG_USE, folders, terminal
from bongsu.cli.explain.journey import Journey, journey
from bongsu.cli.explain.steps import card, payload, steps
from bongsu.cli.terminal import Ink
from bongsu.client.policy import policy_of
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.config import Settings
from bongsu.event import CapturedException, Event, Frame, Kind, Level
from bongsu.ids import new_id
from bongsu.messages.characters import literal
from bongsu.messages.locales import clock_time
from bongsu.messages.style import Style
from bongsu.store import Book, StoreError

SHOWN_MAX = 10  # of those that may be meant
TITLE_LENGTH_MAX = 80  # characters
LINE_LENGTH_MAX = 500
SAMPLE_TEXT = "NOT NULL constraint failed: member.employee_no"


def run(arguments: Namespace) -> int:
    """Tell the journey; exit status 1 where nothing is known of the event."""
    settings = folders.settings(arguments.app)
    folder = folders.Folder(app=settings.app, path=settings.state_dir)
    try:
        store = folder.open()
        if store is None:
            return _told(arguments, settings, None)
        try:
            with store.reading() as book:
                return _told(arguments, settings, book)
        finally:
            store.close()
    except StoreError as error:
        print(f"The database cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1


def _told(arguments: Namespace, settings: Settings, book: Book | None) -> int:
    now = SYSTEM.now()
    if arguments.sample:
        return _show(arguments, _journey(_sample(settings, now), None, settings, book, now), settings)
    found = _found(book.all_groups() if book else (), arguments.event)
    if len(found) != 1:
        _say_why_not(found, arguments.event, settings.app)
        return 1 if not found else WRONG_USE
    return _show(arguments, _journey(found[0].sample, found[0], settings, book, now), settings)


def _journey(event: Event, group: Group | None, settings: Settings, book: Book | None, now: float) -> Journey:
    policy = policy_of(settings)
    if book is None:
        return journey(event, group, {}, now, policy)
    known = replace(policy, silences=tuple(book.silences(now)), deploys=book.deploys())
    return journey(event, group, {channel: book.storm(channel) for channel in policy.channels}, now, known)


def _found(known: Iterable[Group], name: str) -> list[Group]:
    """By an event that it had lately, or by its fingerprint; the first characters do."""
    return [
        group
        for group in known
        if group.fingerprint.startswith(name) or any(each.startswith(name) for each in group.event_ids)
    ]


def _say_why_not(found: Sequence[Group], name: str, app: str) -> None:
    lines = [
        f"Nothing is known of {name} in {app}.",
        f"  → Known by id are the last {EVENT_IDS_MAX} described events of each problem. See `bongsu problems list`.",
        "  → What `ignore` names and what `bongsu.notify` sends belongs to no problem, and is not kept.",
        "  → Another program? Name it with --app. Captured just now? It is taken in within a second.",
    ]
    if found:
        shown = [f"  {group.fingerprint}  {literal(group.sample.title, TITLE_LENGTH_MAX)}" for group in found]
        lines = [f"{name} may be one of {len(found)}:", *shown[:SHOWN_MAX]]
    print("\n".join(lines), file=sys.stderr)


def _show(arguments: Namespace, told: Journey, settings: Settings) -> int:
    offset_s = utc_offset_s(told.now, settings.timezone)
    style = Style(language=settings.language, utc_offset_s=offset_s, links=settings.links)
    if arguments.payload:
        print(json.dumps(payload(told, style), ensure_ascii=False, indent=2))
        return 0
    if not arguments.sample and not told.event.id.startswith(arguments.event):
        print("The newest event of the problem; of others only their number is kept.\n")
    for name, lines in steps(told, lambda at: clock_time(at, utc_offset_s(at, settings.timezone), today=told.now)):
        print(terminal.painted(name, Ink.BOLD))
        for line in lines:
            print(textwrap.indent(literal(line, LINE_LENGTH_MAX), "    " if line.startswith(" ") else "  "))
    print(terminal.painted("Card", Ink.BOLD))
    print(textwrap.indent(card(told, style), "  "))
    return 0


def _sample(settings: Settings, now: float) -> Event:
    """An exception in a request, as a service would have it."""
    frame = Frame(function="callback", module="checkin.auth", path="checkin/auth.py", line=88, in_app=True)
    failure = CapturedException(type="IntegrityError", module="sqlite3", message=SAMPLE_TEXT, frames=(frame,))
    return Event(
        id=new_id(now),
        at=now,
        kind=Kind.EXCEPTION,
        level=Level.ERROR,
        message=SAMPLE_TEXT,
        app=settings.app,
        environment=settings.environment,
        release=settings.release,
        exceptions=(failure,),
        tags={"status": "500", "method": "GET", "route": "/login/callback"},
        request_id="4f2c9a7be1d04c5f",
        host=socket.gethostname(),
        handled=False,
    )
