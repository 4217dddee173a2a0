"""What the watchers of other process managers share: an app's name of their own, and how `bongsu` is called."""

import os
import shutil
import sys

from bongsu import config
from bongsu.cli import folders
from bongsu.config import Settings


def settings_or(usual: str, app: str | None) -> Settings:
    """The settings of the app that is named by option or setting, else of the usual one. Raises ConfigError."""
    is_named = app is not None or "app" in config.origins(os.environ)
    return folders.settings(app if is_named else usual)


def program() -> list[str]:
    """How this very `bongsu` is called from elsewhere."""
    script = os.path.abspath(sys.argv[0])
    if os.path.basename(script) == "bongsu" and os.access(script, os.X_OK):
        return [script]
    beside = shutil.which("bongsu", path=os.path.dirname(sys.executable))
    return [beside] if beside else [sys.executable, "-m", "bongsu"]
