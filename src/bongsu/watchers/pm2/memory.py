"""What a watcher knew, for the next one: so that it can tell what happened while nobody watched."""

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bongsu.watchers.pm2.hearing import APPS_MAX, App

FILE_BYTES_MAX = 8 << 20  # APPS_MAX apps with names and paths of 200 characters
PID_FILE = "pm2.pid"  # in PM2_HOME; it stays when the daemon is killed
_LINE_MAX = 1_000
BOOT_FILE = "/proc/sys/kernel/random/boot_id"  # Linux; elsewhere a reboot looks like a death of the daemon


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The daemon and its apps, as they were seen last."""

    daemon: int  # its pid; 0: it was gone
    apps: tuple[tuple[App, bool], ...]  # and whether it was up


class Memory:
    """One file in the state directory. That it cannot be written is no reason not to watch."""

    def __init__(self, directory: str, home: str) -> None:
        digest = sha256(home.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._path = os.path.join(directory, f"watch-pm2-{digest}.json")
        self._kept: Known | None = None

    def recall(self) -> Known | None:
        """What the last watcher knew, unless the machine was started anew since then."""
        try:
            with open(self._path, "rb") as file:
                data = json.loads(file.read(FILE_BYTES_MAX))
            return _known(data) if data["boot"] == _boot() else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, known: Known) -> None:
        """Write it down if it has changed."""
        if known == self._kept:
            return
        self._kept = known
        apps = [[{name: getattr(app, name) for name in App.__slots__}, is_up] for app, is_up in known.apps]
        text = json.dumps({"boot": _boot(), "daemon": known.daemon, "apps": apps})
        with contextlib.suppress(OSError):
            with open(os.open(f"{self._path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
            os.replace(f"{self._path}.new", self._path)


def daemon_pid(home: str) -> int:
    """The pid that pm2 wrote down; 0: none."""
    return int(text) if (text := _first_line(os.path.join(home, PID_FILE))).isdigit() else 0


def lives(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return _first_line(f"/proc/{pid}/stat").rpartition(")")[2].strip()[:1] != "Z"  # ended, but its parent did not look


def _known(data: Any) -> Known:
    apps: Iterable[Any] = data["apps"][:APPS_MAX]
    return Known(daemon=int(data["daemon"]), apps=tuple((App(**fields), bool(is_up)) for fields, is_up in apps))


def _boot() -> str:
    return _first_line(BOOT_FILE)


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.readline(_LINE_MAX).strip()
    except OSError:
        return ""
