"""A real supervisord with programs of one's own, in a folder of one's own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from shell import wait_until

BIN = Path(sys.executable).parent

CONFIGURATION = """\
[supervisord]
nodaemon=true
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
[unix_http_server]
file={folder}/sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/sock
"""


class Supervisord:
    """A context manager that leaves no process behind."""

    def __init__(self, listener: str, programs: Mapping[str, Mapping[str, object]], environ: Mapping[str, str]) -> None:
        """`listener`: the block of the event listener; `programs`: their options by name."""
        self._holder = tempfile.TemporaryDirectory(prefix="sv")  # a short path: it holds a unix socket
        self.folder = Path(self._holder.name)
        blocks = [CONFIGURATION.format(folder=self.folder), listener]
        for name, options in programs.items():
            lines = {"stderr_events_enabled": "true", **options}
            blocks.append(f"[program:{name}]\n" + "".join(f"{key}={value}\n" for key, value in lines.items()))
        (self.folder / "conf").write_text("\n".join(blocks))
        self._environ = {**os.environ, **environ}
        self.errors = self.folder / "listener.err"

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [BIN / "supervisord", "-c", self.folder / "conf"],
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: (self.folder / "sock").exists())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pids = self._pids()
        self.process.terminate()
        self.process.wait(30)
        for pid in pids:  # those of a supervisord that was killed live on
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._holder.cleanup()

    def ctl(self, *arguments: str) -> str:
        """Call supervisorctl; what it prints."""
        command = [BIN / "supervisorctl", "-c", self.folder / "conf", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout

    def pid(self, name: str) -> int:
        return int(self.ctl("pid", name))

    def signal(self, name: str, number: int) -> None:
        """Send a signal past supervisord."""
        os.kill(self.pid(name), number)

    def kill(self) -> None:
        """Kill supervisord itself."""
        self._orphans = self._pids()
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return (self.folder / "supervisord.log").read_text()

    def _pids(self) -> list[int]:
        if hasattr(self, "_orphans"):
            return self._orphans
        words = self.ctl("pid", "all").split()
        return [int(word) for word in words if word.isdecimal() and word != "0"]
