"""Who has the terminal: the command, as if a shell had started it, and we again when it stops or ends.

As light as `launch`: a command that has just been started may look at once.
"""

import _signal  # type: ignore[import-not-found]  # see `launch`
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STDIN, STDOUT = 0, 1
READS_OR_WRITES = frozenset({_signal.SIGTTIN, _signal.SIGTTOU})  # what a command is stopped with that wants it


class Foreground:
    """Gives the terminal of our standard input to a process group, where it is ours to give.

    Who has it is asked of the kernel each time: a shell may have taken it, or given it back, without telling us.
    """

    def __init__(self) -> None:
        self._given_to: int | None = None
        self._modes: list[Any] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether we are in the foreground, or the command is in our place."""
        return _foreground() in (os.getpgrp(), self._given_to)

    @property
    def is_given(self) -> bool:
        """The command may have given it on, to a job of its own."""
        return self._given_to is not None

    @property
    def is_wanted_at_once(self) -> bool:
        """With its output elsewhere, `| less` for instance, the command gets the terminal only when it asks for it."""
        return os.isatty(STDOUT)

    def give(self, group: int) -> None:
        """Make it the foreground group."""
        if _foreground() != os.getpgrp():
            return
        self._modes = _modes()
        self._given_to = group if _set(group) else None
        _signal_group(group, _signal.SIGCONT)  # it may have asked before it was in the foreground

    def take(self, *, restore: bool) -> None:
        """Be the foreground group again. `restore`: the command had no chance to leave the terminal as it was."""
        if self._given_to is None:
            return
        self._given_to = None
        _set(os.getpgrp())
        if restore and self._modes is not None:
            _set_modes(self._modes)

    def look(self) -> None:
        """Whoever has let us go on may have taken the terminal from the command."""
        if _foreground() != self._given_to:
            self._given_to = None

    def stop_ourselves(self) -> None:
        """Stop, as everybody does to whom Ctrl-Z is typed; go on when a shell says so.

        The kernel does not stop those who have no shell that could let them go on, and we need not know who has one.
        """
        handler = _signal.getsignal(_signal.SIGTSTP)
        if handler == _signal.SIG_IGN:
            return
        _signal.signal(_signal.SIGTSTP, _signal.SIG_DFL)
        os.kill(0, _signal.SIGTSTP)  # returns when we go on
        _signal.signal(_signal.SIGTSTP, handler)


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _foreground() -> int:
    try:
        return os.tcgetpgrp(STDIN)
    except OSError:
        return -1  # no terminal, or not that of our session


def _set(group: int) -> bool:
    try:
        os.tcsetpgrp(STDIN, group)
    except OSError:  # it has ended already, or the terminal is gone
        return False
    return True


def _modes() -> "list[Any] | None":
    import termios

    try:
        return termios.tcgetattr(STDIN)
    except termios.error:
        return None


def _set_modes(modes: "list[Any]") -> None:
    import termios

    try:
        termios.tcsetattr(STDIN, termios.TCSADRAIN, modes)
    except termios.error:
        return
