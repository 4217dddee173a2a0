"""What the watchers of other process managers share, from their settings to their end."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bongsu import config
from bongsu.cli import folders
from bongsu.client.client import Client
from bongsu.config import Settings
from bongsu.watchers import single

CLOSE_S = 2.0  # for what is on its way; the rest waits on disk


def settings_or(usual: str, app: str | None) -> Settings:
    """The settings of the app that is named by option or setting, else of the usual one. Raises ConfigError."""
    is_named = app is not None or "app" in config.origins(os.environ)
    return folders.settings(app if is_named else usual)


@contextmanager
def alone(state_dir: str, what: str) -> Iterator[bool]:
    """Whether nobody else watches it with this state directory; as long as the block runs, nobody else will."""
    try:
        lock = single.hold(state_dir, what)
    except single.Taken as taken:
        print(f"bongsu: {what} is watched by process {taken.pid} already.", file=sys.stderr)
        yield False
        return
    except OSError as error:
        print(
            f"bongsu: {state_dir} cannot be written ({error.strerror}): somebody else may watch too.", file=sys.stderr
        )
        yield True
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def sending(settings: Settings) -> Iterator[Client]:
    """A client that sends what it is told, and captures nothing itself: no hooks, no log handler."""
    client = Client(settings)
    client.worker.start()
    try:
        yield client
    finally:
        client.close(CLOSE_S)


def at_stop(act: Callable[[], None]) -> None:
    """Call it when SIGINT or SIGTERM asks for the end, inside the signal handler."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: act())


def program() -> list[str]:
    """How this very `bongsu` is called from elsewhere."""
    script = os.path.abspath(sys.argv[0])
    if os.path.basename(script) == "bongsu" and os.access(script, os.X_OK):
        return [script]
    beside = shutil.which("bongsu", path=os.path.dirname(sys.executable))
    return [beside] if beside else [sys.executable, "-m", "bongsu"]
