"""Programs as real processes. Nothing waits by sleeping: a line, an end or a message ends the wait, or the time-out."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bongsu.alerting import group as groups
from bongsu.alerting.group import Group

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE_S = 60.0  # no program of these tests takes so long, on however slow a machine


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it printed after the last line that was read."""

    code: int
    out: str
    err: str


class Child:
    """A running program: a context manager that leaves no process behind."""

    def __init__(self, command: list[str], environ: Mapping[str, str], cwd: Path) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            cwd=cwd,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._alarm = threading.Timer(PATIENCE_S, self._kill)
        self._alarm.daemon = True
        self._alarm.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()
        self.end()

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"it ended instead of saying something: {self.end()}")
        return line.rstrip("\n")

    def say(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> Ended:
        """Close its stdin, and wait until it has ended."""
        out, err = self.process.communicate()
        self._alarm.cancel()
        return Ended(self.process.returncode, out, err)

    def _kill(self) -> None:
        """It and all its children."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Launch:
    """Starts programs that tell one Slack and share one state directory."""

    def __init__(self, to: str, folder: Path, **settings: str) -> None:
        self.state_dir = folder / "state"
        self.folder = folder
        self._settings = {"to": to, "app": "checkin", "state_dir": str(self.state_dir), **settings}

    def elsewhere(self, name: str) -> "Launch":
        """The same with a fresh state directory."""
        folder = self.folder / name
        folder.mkdir()
        settings = {key: value for key, value in self._settings.items() if key != "state_dir"}
        return Launch(settings.pop("to"), folder, **settings)

    def start(self, program: str, *arguments: object, **environ: str) -> Child:
        """Start one of the programs beside this file."""
        path = str(PROGRAMS / f"{program}.py")
        return self.command(sys.executable, path, *map(str, arguments), **environ)

    def command(self, *command: str, **environ: str) -> Child:
        """Start any command, set up the same way."""
        settings = {f"BONGSU_{key.upper()}": value for key, value in self._settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "PYTHON"))}
        return Child(list(command), {**kept, **settings, **environ}, self.folder)

    def run(self, program: str, *arguments: object, **environ: str) -> Ended:
        """Start a program and wait for its end."""
        with self.start(program, *arguments, **environ) as child:
            return child.end()

    def groups(self) -> list[Group]:
        """What the store knows, in the order of first appearance."""
        with closing(sqlite3.connect(self.state_dir / self._settings["app"] / "bongsu.db")) as database:
            rows = database.execute("select data from groups").fetchall()
        found = [groups.from_json(json.loads(data)) for (data,) in rows]
        return sorted(found, key=lambda group: group.first_seen_at)


def place(program: str, statement: str) -> str:
    """`file:line` of the one line of a program that contains the statement."""
    lines = (PROGRAMS / f"{program}.py").read_text().splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if statement in line]
    return f"{program}.py:{number}"
