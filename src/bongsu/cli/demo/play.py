"""The play itself: visitors come, the first of them breaks something, and the team is told."""

import contextlib
import os
import select
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Event

import bongsu
from bongsu import config
from bongsu.cli import WRONG_USE
from bongsu.cli.demo import drawing, page, service
from bongsu.cli.outbox import troubles
from bongsu.cli.terminal import Ink, painted
from bongsu.client.books import FILE_NAME
from bongsu.clock import SYSTEM
from bongsu.config import Settings
from bongsu.messages.delivery import Verb
from bongsu.routing import ALARM, DEV_TEST, DEVOPS
from bongsu.store import SqliteStore, StoreError
from bongsu.testing import Received, ScriptedSlack

CHANNELS = {ALARM: "slack://#000-alarm", DEVOPS: "slack://#devops", DEV_TEST: "slack://#dev-test"}
RELEASE = "2021.09.07"  # the day of the story
ALERT_WAIT_S = 10.0  # promised is 1 s; a machine that does ten other things gets ten
VISITORS_COME_S = 4.5  # all but the first: before the first edit, which comes after 5 s
BREATH_MAX_S = 1.0  # between two visitors
EDIT_WAIT_S = 8.0
LOOK_EVERY_S = 0.25

_SAID = {Verb.POST: "posted", Verb.EDIT: "edited", Verb.REPLY: "thread", Verb.STACK: "thread"}


def with_scripted_slack(arguments: Namespace, folder: Path, *, ends_by_itself: bool) -> int:
    """Slack is played too, so that the team's side can be shown."""
    with ExitStack() as stack:
        slack = stack.enter_context(ScriptedSlack())
        settings = _watch(stack, arguments, folder, slack)
        url = stack.enter_context(service.running(folder))

        def draw() -> str:
            return page.drawn(slack.messages, settings.language)

        try:
            shown = stack.enter_context(page.served(draw, arguments.port))
        except OSError as error:
            print(f"Port {arguments.port}: {error.strerror}. Choose another with --port.", file=sys.stderr)
            return WRONG_USE
        print(f"The team's Slack      {shown}\nThe check-in service  {url}/login\n", flush=True)
        return _tell_story(slack, url, arguments.visitors, ends_by_itself=ends_by_itself)


def for_real(arguments: Namespace, folder: Path, *, ends_by_itself: bool) -> int:
    """The alert goes where BONGSU_TO says; people look there."""
    with ExitStack() as stack:
        settings = _watch(stack, arguments, folder, None)
        url = stack.enter_context(service.running(folder))
        place = (settings.destinations.get(ALARM) or next(iter(settings.destinations.values()))).masked
        print(f"The alert goes to     {place}\nThe check-in service  {url}/login\n", flush=True)
        _first_visitor(url)
        arrived = bongsu.flush(ALERT_WAIT_S)
        _say(SYSTEM.now(), f"delivered to {place}" if arrived else painted(f"not delivered to {place}", Ink.RED))
        if arrived:
            for _ in _other_visitors(url, arguments.visitors):
                pass
            _say(SYSTEM.now(), f"{arguments.visitors} visitors have failed")
        if arrived and not ends_by_itself:
            print("\nLook into Slack. Enter ends the demo.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):  # as good an end as any
                sys.stdin.readline()
        arrived = arrived and bongsu.flush(ALERT_WAIT_S)
        failures = _failures(settings)
        for failure in failures:
            print(failure, file=sys.stderr)
        return 0 if arrived and not failures else 1


# -- before


def _watch(stack: ExitStack, arguments: Namespace, folder: Path, slack: ScriptedSlack | None) -> Settings:
    """`bongsu.init`, as the service's own program would call it."""
    given = {
        "app": service.NAME,
        "environment": "production",
        "release": RELEASE,
        "language": arguments.language,
        "state_dir": str(folder / "state"),
    }
    if slack is not None:
        given |= {"token": slack.token, "slack_api": slack.api_url}
    to = None if slack is None else CHANNELS
    settings = config.load({"to": to, **given}, os.environ)
    bongsu.init(to, **given)
    stack.callback(bongsu.close)
    return settings


# -- the story


def _tell_story(slack: ScriptedSlack, url: str, visitors: int, *, ends_by_itself: bool) -> int:
    failed_at = _first_visitor(url)
    try:
        alert = slack.wait_for(1, ALERT_WAIT_S)[0]
    except AssertionError:
        _say(SYSTEM.now(), painted(f"no alert within {ALERT_WAIT_S:.0f} s", Ink.RED))
        return 1
    told = _tell_new(slack, 0)
    print(f"\n{drawing.card(alert.payload)}\n", flush=True)
    for _ in _other_visitors(url, visitors):
        told = _tell_new(slack, told)
    if visitors > 1:
        _say(SYSTEM.now(), f"{visitors} visitors have failed")
        with contextlib.suppress(AssertionError):  # a slow machine: it is the alert that counts
            slack.wait_for(lambda each: each.verb is Verb.EDIT, EDIT_WAIT_S)
    told = _tell_new(slack, told)
    print(f"\nThe alert was there {max(0.0, alert.at - failed_at):.3f} s after the first visitor failed.", flush=True)
    if not ends_by_itself:
        _wait_for_enter(slack, told)
    return 0


def _first_visitor(url: str) -> float:
    seen = service.visit(url)
    _say(seen.at, f"the first visitor fails: {seen.status} {' '.join(seen.body.split())}")
    return seen.at


def _other_visitors(url: str, visitors: int) -> Iterator[None]:
    pause = Event()
    for _ in range(visitors - 1):
        pause.wait(min(BREATH_MAX_S, VISITORS_COME_S / (visitors - 1)))
        service.visit(url)
        yield


def _wait_for_enter(slack: ScriptedSlack, told: int) -> None:
    print("Log in yourself, and the count grows. Enter ends the demo.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):  # as good an end as any
        while not select.select([sys.stdin], [], [], LOOK_EVERY_S)[0]:
            told = _tell_new(slack, told)


def _tell_new(slack: ScriptedSlack, told: int) -> int:
    """Tell what Slack has received since; how many messages are told now."""
    messages = slack.messages
    for message in messages[told:]:
        _tell(message)
    return len(messages)


def _tell(message: Received) -> None:
    text = message.payload.get("filename") or drawing.unescaped(str(message.payload["text"]))
    _say(message.at, f"{painted(message.channel, Ink.BOLD)} {_SAID[message.verb]}: {text}")


def _say(at: float, text: str) -> None:
    moment = datetime.fromtimestamp(at).astimezone()
    print(f"{painted(f'{moment:%H:%M:%S}.{moment.microsecond // 1000:03}', Ink.DIM)}  {text}", flush=True)


# -- after


def _failures(settings: Settings) -> list[str]:
    """What the destinations said against the alert, and what to do."""
    try:
        path = os.path.join(settings.state_dir, FILE_NAME)
        with contextlib.closing(SqliteStore(path)) as store, store.reading() as book:
            found = [f"{trouble}\n  → {remedy}" for trouble, remedy in troubles(book.lines(), SYSTEM.now())]
            return [*found, *(f"{row.channel} rejected it: {row.word}" for row in book.rows(state="dead"))]
    except StoreError as error:
        return [str(error)]
