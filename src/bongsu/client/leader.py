"""Who holds the lease: a name that tells whether its process still lives."""

import os
import socket


def new_holder() -> str:
    """A name for a worker of this process."""
    return f"{_machine()}/{os.getpid()}/{os.urandom(4).hex()}"


def is_gone(holder: str) -> bool:
    """Whether the process of that name is known to be dead: then nobody need wait until its lease runs out."""
    machine, pid, _ = holder.rsplit("/", 2)
    return machine == _machine() and not lives(int(pid))


def lives(pid: int, since: str = "") -> bool:
    """Whether there is a process of that id here, which was `born` then, as far as one can see."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # as another user
    return not since or born(pid) in ("", since)


def born(pid: int) -> str:
    """When the process of that id began, as the kernel counts; empty where it does not say.

    In a container that was restarted, the ids are the same again.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2].split()[19].decode("ascii")  # field 22 of proc(5)
    except (OSError, IndexError):
        return ""


def _machine() -> str:
    """Where process ids mean the same: this host, and on Linux this container."""
    try:
        return f"{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
