"""From what the kernel says of a dead child to how it ended. Pure but for the counters that it is given."""

import errno
import os
import shlex
from dataclasses import dataclass

from bongsu.event import Ending, Why
from bongsu.watchers import probe
from bongsu.watchers.probe import Kills

COMMAND_LENGTH_MAX = 500  # characters
NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as shells have them
SIGNALLED = 128
UNCLEAN = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What wait4(2) says."""

    status: int
    peak_bytes: int | None  # None: no more than ours when it was started, which the kernel counts in


def ending(status: int, why: Why | None = None) -> Ending:
    """A wait status as an ending. `why`: what is known beyond it."""
    if os.WIFEXITED(status):
        return Ending(code=os.WEXITSTATUS(status), why=why)
    dumped = Why.CORE_DUMPED if os.WCOREDUMP(status) else None
    return Ending(signal=probe.signal_name(os.WTERMSIG(status)), why=why or dumped)


def exit_status(status: int) -> int:
    """What a shell would say of this wait status."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else SIGNALLED + os.WTERMSIG(status)


def has_risen(before: Kills | None, after: Kills | None) -> bool:
    """Whether the kernel has killed in this cgroup meanwhile."""
    return before is not None and after is not None and before.path == after.path and after.count > before.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a command could not be started."""

    ending: Ending
    sentence: str

    @property
    def exit_status(self) -> int:
        return NOT_FOUND if self.ending.why is Why.NOT_FOUND else NOT_EXECUTABLE


def refusal(command: tuple[str, ...], error: OSError) -> Refusal:
    """What to say, and what to write instead, when a command could not be started."""
    program = command[0]
    match error.errno:
        case errno.ENOENT:
            why, remedy = Why.NOT_FOUND, "there is no such command; look at its spelling and at PATH"
            remedy = remedy if os.sep not in program else "there is no such file; look at its path"
        case errno.EACCES:
            why, remedy = Why.NOT_EXECUTABLE, f"it may not be executed; try chmod +x {shlex.quote(program)}"
        case errno.ENOEXEC:
            why, remedy = Why.NOT_EXECUTABLE, "its first line (#!) or its link names a file that is not there"
        case _:
            why, remedy = Why.NOT_EXECUTABLE, error.strerror or str(error)
    code = NOT_FOUND if why is Why.NOT_FOUND else NOT_EXECUTABLE
    return Refusal(ending=Ending(code=code, why=why), sentence=f"{program}: {remedy}.")


def written(command: tuple[str, ...], *, is_shell: bool) -> str:
    """The command for people."""
    text = command[-1] if is_shell else shlex.join(command)
    return text if len(text) <= COMMAND_LENGTH_MAX else f"{text[:COMMAND_LENGTH_MAX]}…"


def told(end: Ending) -> str:
    """The ending in a few words, for stderr."""
    said = end.signal or f"exit {end.code}"
    return f"{said} ({end.why.replace('_', ' ')})" if end.why else said
