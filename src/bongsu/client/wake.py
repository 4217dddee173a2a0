"""A bell that may be rung from anywhere: from a signal handler, from inside its own ringing, at interpreter exit."""

import _thread


class Bell:
    """One sleeper, any number of ringers. `threading.Event.set` takes a lock: it can deadlock in a signal handler.

    Our lock is held while nothing rang; releasing it is one atomic call.
    """

    def __init__(self) -> None:
        self._silence = _thread.allocate_lock()
        self._silence.acquire()

    def ring(self) -> None:
        """Let the sleeper go on; rung twice is rung once."""
        if self._silence.locked():
            try:
                self._silence.release()
            except RuntimeError:  # somebody else rang between the two lines
                return

    def wait(self, timeout_s: float) -> bool:
        """Sleep until rung, `timeout_s` at most; whether it rang."""
        return self._silence.acquire(timeout=max(0.0, timeout_s))
