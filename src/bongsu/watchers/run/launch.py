"""Starts commands, with only what Python has loaded when it begins: each import here would delay every start."""

import _signal  # type: ignore[import-not-found]  # the module `signal` without its enums, which take 5 ms to make
import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

SHELL = "/bin/sh"
LAST_STANDARD = 2  # stdin, stdout, stderr
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
SIGKILL, SIGPIPE, SIGXFSZ = _signal.SIGKILL, _signal.SIGPIPE, _signal.SIGXFSZ  # Python ignores the latter two

FORWARDED = tuple(
    getattr(_signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGALRM", "SIGCONT")
)
WATCHED = (*FORWARDED, _signal.SIGCHLD, _signal.SIGTSTP)


class Wire:
    """One output of a command: what is written to `theirs` is read from `ours` and copied to `to`."""

    __slots__ = ("is_terminal", "ours", "theirs", "to")

    def __init__(self, to: int) -> None:
        self.to = to
        self.is_terminal = os.isatty(to)
        self.ours, self.theirs = _raw_terminal(to) if self.is_terminal else os.pipe()

    def close(self) -> None:
        """Whoever still writes to it gets what a writer without a reader gets."""
        os.close(self.theirs)
        os.close(self.ours)


def wires(outputs: "Iterable[int]") -> tuple[Wire, ...]:
    """A wire for each of these of our own outputs; those that are closed stay so for the command."""
    occupy()
    return tuple(Wire(to) for to in outputs if os.get_inheritable(to))


def occupy() -> None:
    """Open what is closed of our standard streams, so that nothing of ours gets their numbers; the command does not."""
    number = 0
    while number <= LAST_STANDARD:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)


def hold_signals() -> frozenset[int]:
    """Keep back what we shall forward, until somebody can; what was kept back before, which is the command's to have.

    Without this a signal that comes between the start of the command and that of the loop would kill us alone.
    SIGTTOU is kept back for good: we give the terminal to the command, and take it again from the background.
    """
    return frozenset(map(int, _signal.pthread_sigmask(_signal.SIG_BLOCK, {*WATCHED, _signal.SIGTTOU})))


def let_signals(before: "Iterable[int]") -> None:
    """Let them come: there are handlers."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, {*before, _signal.SIGTTOU})


def spawn(
    command: "Sequence[str]",
    environ: "Mapping[str, str]",
    held: "Iterable[int]",
    *,
    outputs: "Iterable[tuple[int, int]]" = (),
    has_input: bool = True,
) -> int:
    """Start a command as the leader of a process group of its own; its process id. Raises OSError as exec does.

    `held` are the signals that it has to keep back. An output is one of our descriptors, and its number there.
    """
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in outputs]
    if not has_input:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    missing: OSError = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    for path in _places(command[0], environ):
        try:
            return _spawn_at(path, command, environ, held, actions)
        except (FileNotFoundError, NotADirectoryError):
            if os.path.lexists(path):  # a dangling link, or a script whose interpreter is missing
                missing = OSError(errno.ENOEXEC, "it is there, but not what it refers to", path)
        except PermissionError as error:
            missing = error
    raise missing


def _spawn_at(
    path: str, command: "Sequence[str]", environ: "Mapping[str, str]", held: "Iterable[int]", actions: "Sequence[Any]"
) -> int:
    try:
        return os.posix_spawn(
            path,
            list(command),
            environ,
            file_actions=actions,
            setpgroup=0,
            setsigmask=held,
            setsigdef=(SIGPIPE, SIGXFSZ),
        )
    except OSError as error:
        if error.errno != errno.ENOEXEC or path == SHELL:
            raise
    return _spawn_at(SHELL, (SHELL, path, *command[1:]), environ, held, actions)  # as execvp(3) does


def adopt_orphans() -> bool:
    """Become the parent of what our children leave behind; whether that is possible here. PID 1 is that anyway."""
    import ctypes  # only now: the command does not wait for it

    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):  # not Linux
        return False


def inherited() -> "Mapping[str, str]":
    """The environment that we were given. In the C locale, Python adds LC_CTYPE to its own (PEP 538)."""
    if os.environ.get("LC_CTYPE") not in ("C.UTF-8", "C.utf8", "UTF-8"):
        return os.environ
    try:
        with open("/proc/self/environ", "rb") as file:
            was_given = b"\0LC_CTYPE=" in b"\0" + file.read()
    except OSError:
        return os.environ
    return os.environ if was_given else {name: value for name, value in os.environ.items() if name != "LC_CTYPE"}


def _places(program: str, environ: "Mapping[str, str]") -> "Iterable[str]":
    """Where execvp(3) looks, as far as there is something."""
    if os.sep in program or not program:
        return (program,)
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    return filter(os.path.lexists, (os.path.join(folder or os.curdir, program) for folder in folders))


def _raw_terminal(like: int) -> tuple[int, int]:
    """A terminal between the command and ours, which passes on every byte as it is, so that isatty() stays true."""
    import termios
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    termios.tcsetwinsize(theirs, termios.tcgetwinsize(like))
    return ours, theirs
