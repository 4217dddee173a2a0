"""Makes card.png and card.ko.png: the card of `bongsu demo` after 23 visitors, drawn by Chromium.

    .venv/bin/python docs/images/make.py

Everything in it is received by a Slack on real sockets; only the clock is put back to the day of the story, and the
machine's name is replaced.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from threading import Event

from bongsu.cli.demo import service
from bongsu.cli.demo.page import of_day
from bongsu.client import using
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.config import load
from bongsu.messages import html
from bongsu.messages.style import Language
from bongsu.testing import ScriptedSlack

HERE = Path(__file__).resolve().parent
VISITORS = 23
HOST = "checkin-1"
WIDTH = 780
HEIGHT: dict[Language, int] = {"en": 720, "ko": 720}  # of the card with this width, in the fonts of a plain Debian
ONLY_THE_CARD = "<style>nav,h2{display:none!important}body{min-height:0}main{padding:8px 0 0}</style>"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=2",
]


class StoryClock:
    """The system's clock, put back to the minute in which the log-in broke."""

    def __init__(self) -> None:
        self._offset_s = datetime(2021, 9, 7, 14, 26).astimezone().timestamp() - SYSTEM.now()

    def now(self) -> float:
        return SYSTEM.now() + self._offset_s

    def monotonic(self) -> float:
        return SYSTEM.monotonic()


def main() -> None:
    """Play the demo once per language."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.path.insert(0, name)
        with service.running(folder) as url:
            for language, height in HEIGHT.items():
                drawn = folder / f"{language}.html"
                drawn.write_text(_page(folder, url, language), encoding="utf-8")
                suffix = "" if language == "en" else f".{language}"
                _shoot(drawn, HERE / f"card{suffix}.png", height, folder)


def _page(folder: Path, url: str, language: Language) -> str:
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
        payload = json.loads(json.dumps(edited.payload).replace(f"\\n{socket.gethostname()}", f"\\n{HOST}"))
        cards = [("#000-alarm", of_day(slack.posts[0].at), payload)]
    drawn = html.page(cards, title="", refresh_s=None, language=language)
    return drawn.replace("</head>", f"{ONLY_THE_CARD}</head>")


def _shoot(drawn: Path, image: Path, height: int, folder: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("This needs chromium.")
    places = [f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{height}", f"--screenshot={image}"]
    subprocess.run([chromium, *FLAGS, *places, drawn.as_uri()], check=True, capture_output=True, timeout=120)
    print(f"{image.name}: {image.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
