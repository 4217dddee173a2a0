"""One watcher at a time for one thing: the second one is refused, with the pid of the first.

For every watcher that runs until it is stopped (pm2, supervisor, docker), before its first report.
"""

import fcntl
import os
from hashlib import sha256

_PID_BYTES_MAX = 20


class Taken(Exception):
    """Another process watches it."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"taken by process {pid or 'unknown'}")
        self.pid = pid  # 0: it has not said


class Lock:
    """Held until it is released; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        os.close(self._descriptor)


def hold(directory: str, what: str) -> Lock:
    """Be the only one that watches `what` with this state directory. Raises Taken, or OSError."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    name = f"watch-{sha256(what.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.lock"
    descriptor = os.open(os.path.join(directory, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
    except BlockingIOError:
        pid = os.pread(descriptor, _PID_BYTES_MAX, 0)
        os.close(descriptor)
        raise Taken(int(pid) if pid.isdigit() else 0) from None
    except OSError:
        os.close(descriptor)
        raise
    return Lock(descriptor)
