"""`bongsu` as a person or a script calls it: a real process, in a folder and with settings of its own."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from bongsu.clock import SYSTEM

NOBODY_LISTENS = "http://127.0.0.1:9/services/T0/B0/x"
APP = "shop"


class Shell:
    """Runs commands in one folder; none of the BONGSU_… settings of the test run reach them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("BONGSU_")}
        self.environ |= {"BONGSU_STATE_DIR": str(self.state), "HOME": str(folder)}

    def __call__(self, *arguments: str, text: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run `bongsu` to its end, with `text` as standard input."""
        return self.python("-m", "bongsu", *arguments, text=text, **settings)

    def python(self, *arguments: str, text: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a Python program to its end; its warnings are errors."""
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.folder,
            env=self.environ | settings,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL, **settings: str) -> "subprocess.Popen[str]":
        """Begin `bongsu`, to be looked at while it runs."""
        return subprocess.Popen(
            [sys.executable, "-m", "bongsu", *arguments],
            cwd=self.folder,
            env=self.environ | settings,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def row(self) -> Mapping[str, object]:
        """The first row of the outbox of `shop`; empty if there is none."""
        with sqlite3.connect(self.state / APP / "bongsu.db") as database:
            database.row_factory = sqlite3.Row
            found = database.execute("select * from outbox order by id").fetchone()
        database.close()
        return dict(found) if found else {}


def wait_until(true: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Look again and again."""
    deadline, pause = SYSTEM.monotonic() + timeout_s, Event()
    while not true():
        assert SYSTEM.monotonic() < deadline
        pause.wait(0.05)
