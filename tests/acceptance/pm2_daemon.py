"""A real pm2 with a home of its own, and a watcher of it that keeps its reports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shell import wait_until

from bongsu.clock import SYSTEM
from bongsu.watchers.pm2.bus import ANSWER_S, Bus
from bongsu.watchers.pm2.memory import Memory, lives
from bongsu.watchers.pm2.reporting import Reporter
from bongsu.watchers.pm2.settings import Pm2Settings
from bongsu.watchers.pm2.turns import Turns
from bongsu.watchers.report import Report, Turn

REPOSITORY = Path(__file__).parents[2]
APPS = Path(__file__).parent / "pm2_apps"
SECRET = "hunter2-in-the-environment"
PATIENCE_S = 30.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Daemon:
    """pm2 in a folder of its own: unix sockets need a short path. A context manager that leaves no process behind."""

    def __init__(self) -> None:
        installed = Path(os.environ.get("BONGSU_TEST_PM2", REPOSITORY / ".venv" / "pm2"))
        self._command = installed / "node_modules" / ".bin" / "pm2"
        assert self._command.exists(), f"no pm2 in {installed}: run `make dev`"
        self._is_orphaned = False
        self.home = Path(tempfile.mkdtemp(prefix="pm2-", dir="/tmp"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "PM2_"))}
        self.environ = {**kept, "PM2_HOME": str(self.home), "SECRET_KEY": SECRET, "PM2_WORKER_INTERVAL": "1000"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self("kill")
        if self._is_orphaned:
            for pid in self._processes():
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self._processes())
        shutil.rmtree(self.home)

    def __call__(self, *arguments: str) -> str:
        """Run a command of pm2."""
        done = subprocess.run(
            [self._command, *arguments],
            env=self.environ,
            cwd=APPS,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.stdout + done.stderr

    def start(self, **apps: Mapping[str, Any]) -> None:
        """Start apps at once: their names, and what pm2's ecosystem file says of each."""
        path = self.home / "ecosystem.json"
        path.write_text(json.dumps({"apps": [{"name": name, **app} for name, app in apps.items()]}))
        self("start", str(path))

    def pid(self, name: str) -> int:
        """Of the only process of that name."""
        [path] = (self.home / "pids").glob(f"{name}-*.pid")
        return int(path.read_text())

    def halt(self) -> None:
        """Let the daemon hang."""
        os.kill(self._pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        return int((self.home / "pm2.pid").read_text())

    def die(self) -> None:
        """Kill the daemon as an out-of-memory killer does. Its apps in fork mode live on."""
        self._is_orphaned = True
        os.kill(self._pid, signal.SIGKILL)

    def _processes(self) -> list[int]:
        """Those that were started with this home."""
        mark = f"PM2_HOME={self.home}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found


class Watching:
    """A watcher of pm2 in a thread; a context manager."""

    def __init__(
        self,
        home: Path,
        folder: Path,
        settings: Pm2Settings | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._reports: list[tuple[float, Report]] = []
        self._changed = threading.Condition()
        self._ear, self._mouth = os.pipe()
        reporter = Reporter(settings=settings or Pm2Settings(), has_told=lambda pid, since: False)
        memory = Memory(str(folder), str(home))
        bus = Bus(str(home), Turns(reporter, lives), memory, self._take, self._hear, SYSTEM, answer_s=answer_s)
        self._thread = threading.Thread(target=bus.run, args=(self._ear,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._mouth, b".")
        self._thread.join(PATIENCE_S)
        os.close(self._ear)
        os.close(self._mouth)

    def _take(self, report: Report) -> None:
        with self._changed:
            self._reports.append((SYSTEM.now(), report))
            self._changed.notify_all()

    def _hear(self, text: str) -> None:
        with self._changed:
            self.said.append(text)
            self._changed.notify_all()

    def of(self, name: str, *turns: Turn) -> list[Report]:
        """What was reported of an app so far."""
        with self._changed:
            reports = [report for _, report in self._reports if report.process.name == name]
        return [report for report in reports if not turns or report.turn in turns]

    def wait(self, name: str, turn: Turn, count: int = 1) -> list[Report]:
        """Wait until so many turns of an app were reported."""
        self.wait_until(lambda: len(self.of(name, turn)) >= count)
        return self.of(name, turn)

    def wait_until(self, true: Callable[[], bool]) -> None:
        """Look again with every report."""
        with self._changed:
            there = self._changed.wait_for(true, PATIENCE_S)
        assert there, "\n".join(map(repr, self.all()))

    def all(self) -> list[Report]:
        with self._changed:
            return [report for _, report in self._reports]

    def delays_s(self, turn: Turn) -> list[float]:
        """How long after it happened each turn was reported."""
        with self._changed:
            return [at - report.at for at, report in self._reports if report.turn is turn]
