"""Commands under `bongsu run`, as real processes."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from children import Child, Ended, Launch

ONCE = ("--restart", "never")


@contextmanager
def begin(launch: Launch, *words: str, **environ: str) -> Iterator[Child]:
    """`bongsu run` with these words behind it; what it runs does not outlive the test."""
    with launch.command(sys.executable, "-m", "bongsu", "run", *words, **environ) as child:
        try:
            yield child
        finally:
            for group in children(child.pid):
                os.killpg(group, signal.SIGKILL)


def through(launch: Launch, *words: str, **environ: str) -> Ended:
    """The same, to its end."""
    with begin(launch, *words, **environ) as child:
        return child.end()


def shell(line: str) -> tuple[str, ...]:
    return ("--", "sh", "-c", line)


def children(pid: int) -> list[int]:
    """Of the process of that id; none if it has ended."""
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except FileNotFoundError:
        return []


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def kill(pid: int) -> None:
    """A daemon that a test has let go."""
    os.kill(pid, signal.SIGKILL)
