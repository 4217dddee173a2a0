"""Makes the pictures of README and docs, as `bongsu preview --png` does, and the list of all cards in the reference.

    .venv/bin/python docs/images/make.py

It needs Chromium, and fonts for Korean.
`card.png` and `card.ko.png` are the card of `bongsu demo` after 23 visitors: everything in them is received by a Slack
on real sockets; only the clock is put back to the day of the story, and the machine's name is replaced. The others are
samples of the gallery.
"""

import json
import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from bongsu.cli.demo import service
from bongsu.cli.demo.page import of_day
from bongsu.cli.preview import chromium, picture
from bongsu.cli.preview.choice import Choice, payload
from bongsu.cli.preview.chromium import Chromium
from bongsu.client import using
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.config import load
from bongsu.messages import gallery
from bongsu.messages.gallery import Mode
from bongsu.messages.style import LANGUAGES, Language
from bongsu.testing import ScriptedSlack

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "reference" / "cards.md"
VISITORS = 23
HOST = "checkin-1"
GALLERY = (
    Choice(card="crash_loop", language="en", theme="light"),
    Choice(card="too_few", language="en", theme="dark"),
    Choice(card="digest", language="en", theme="light"),
    Choice(card="heartbeat_missed", language="ko", theme="light"),
    Choice(card="http_burst", language="ko", theme="dark"),
    Choice(card="quiet", language="ko", theme="light"),
)
SCALE = 1.5  # a repository keeps every byte


class StoryClock:
    """The system's clock, put back to the minute in which the log-in broke."""

    def __init__(self) -> None:
        self._offset_s = datetime(2021, 9, 7, 14, 26).astimezone().timestamp() - SYSTEM.now()

    def now(self) -> float:
        return SYSTEM.now() + self._offset_s

    def monotonic(self) -> float:
        return SYSTEM.monotonic()


def main() -> None:
    """Take them all, and list the cards in docs/reference/cards.md."""
    _list()
    with chromium.started() as browser:
        for choice in GALLERY:
            seen = {"language": choice.language, "theme": choice.theme, "scale": SCALE}
            _write(f"gallery-{choice.card}.{choice.language}.png", picture.taken(browser, payload(choice), **seen))
        _play(browser)


def _list() -> None:
    head, rule, _ = PAGE.read_text(encoding="utf-8").partition("|---|---|---|\n")
    rows = (f"| `{one.name}` | {one.title} | {', '.join(map(_word, one.modes))} |\n" for one in gallery.cards())
    PAGE.write_text(head + rule + "".join(rows), encoding="utf-8")


def _word(mode: Mode) -> str:
    return f"`{mode.value.replace('_', '-')}`"


def _play(browser: Chromium) -> None:
    """The demo, once per language."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.path.insert(0, name)
        with service.running(folder) as url:
            for language in LANGUAGES:
                told, time = _told(folder, url, language)
                png = picture.taken(browser, told, language=language, theme="light", time=time, scale=SCALE)
                _write("card.png" if language == "en" else f"card.{language}.png", png)


def _told(folder: Path, url: str, language: Language) -> tuple[dict[str, Any], str]:
    """What Slack has got, and at which time of day."""
    clock = StoryClock()
    with ScriptedSlack(clock=clock) as slack:
        given = {"token": slack.token, "slack_api": slack.api_url, "state_dir": folder / language}
        named = {"app": service.NAME, "release": "2021.09.07", "language": language}
        settings = load({"to": "slack://#000-alarm", **given, **named}, environ={})
        with using(Client(settings, clock=clock)):
            for _ in range(VISITORS):
                service.visit(url)
                Event().wait(4.0 / VISITORS)
            edited = slack.wait_for(lambda each: each.verb == "edit", 10.0)[-1]
        told = json.dumps(edited.payload).replace(f"\\n{socket.gethostname()}", f"\\n{HOST}")
        return json.loads(told), of_day(slack.posts[0].at)


def _write(name: str, png: bytes) -> None:
    (HERE / name).write_bytes(png)
    print(f"{name}: {len(png) // 1024} KiB")


if __name__ == "__main__":
    main()
