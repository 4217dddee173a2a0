"""What the watchers of other process managers share: an app's name of their own, and how `bongsu` is called."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bongsu import config
from bongsu.cli import folders
from bongsu.config import Settings
from bongsu.watchers import single


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


def program() -> list[str]:
    """How this very `bongsu` is called from elsewhere."""
    script = os.path.abspath(sys.argv[0])
    if os.path.basename(script) == "bongsu" and os.access(script, os.X_OK):
        return [script]
    beside = shutil.which("bongsu", path=os.path.dirname(sys.executable))
    return [beside] if beside else [sys.executable, "-m", "bongsu"]
