"""Who holds the lease: a name that tells whether its process still lives."""

import os
import socket


def new_holder() -> str:
    """A name for a worker of this process."""
    return f"{_machine()}/{os.getpid()}/{os.urandom(4).hex()}"


def is_gone(holder: str) -> bool:
    """Whether the process of that name is known to be dead: then nobody need wait until its lease runs out."""
    machine, pid, _ = holder.rsplit("/", 2)
    if machine != _machine():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # it lives, as another user
    return False


def _machine() -> str:
    """Where process ids mean the same: this host, and on Linux this container."""
    try:
        return f"{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
