"""A thread for each destination that something waits for."""

import threading
from collections.abc import Callable

from bongsu.client.wake import Bell
from bongsu.delivery.sender import Sender


class Courier:
    """A thread that serves one destination, so that a slow one delays no other."""

    def __init__(self, carry: Callable[["Courier"], None], destination: str, sender: Sender) -> None:
        self.destination = destination
        self.sender = sender
        self.bell = Bell()
        self.thread = threading.Thread(target=carry, args=(self,), name="bongsu-courier", daemon=True)

    def start(self) -> bool:
        """False when there are no new threads any more: since Python 3.12 an ending interpreter makes none."""
        try:
            self.thread.start()
        except RuntimeError:
            return False
        return True
