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
    """Gives the terminal of our standard input to a process group, where it is ours to give."""

    def __init__(self) -> None:
        self.is_ours = os.isatty(STDIN) and _foreground() == os.getpgrp()
        self.is_given = False
        self._modes: list[Any] | None = None

    @property
    def is_wanted_at_once(self) -> bool:
        """With its output elsewhere, `| less` for instance, the command gets the terminal only when it asks for it."""
        return self.is_ours and os.isatty(STDOUT)

    def give(self, group: int) -> None:
        """Make it the foreground group."""
        if not self.is_ours or self.is_given:
            return
        self._modes = _modes()
        self.is_given = _set(group)
        _signal_group(group, _signal.SIGCONT)  # it may have asked before it was in the foreground

    def take(self, *, restore: bool) -> None:
        """Be the foreground group again. `restore`: the command had no chance to leave the terminal as it was."""
        if not self.is_given:
            return
        self.is_given = False
        _set(os.getpgrp())
        if restore and self._modes is not None:
            _set_modes(self._modes)

    def stop_ourselves(self) -> None:
        """Stop, as everybody does to whom Ctrl-Z is typed; go on when a shell says so."""
        if os.getsid(0) != os.getpid():  # a leader of a session has no shell that could continue it
            os.kill(0, _signal.SIGSTOP)
        self.is_ours = os.isatty(STDIN) and _foreground() == os.getpgrp()


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _foreground() -> int:
    try:
        return os.tcgetpgrp(STDIN)
    except OSError:
        return -1  # a terminal, and not that of our session


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
