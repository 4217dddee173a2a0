"""What waits for a channel's former address, when the configuration names another."""

import math
from collections.abc import Mapping

from bongsu.delivery.destination import Destination
from bongsu.store import Book

STALE_AFTER_S = 600.0  # what waits this long for a destination that nobody here serves is taken over


def readdress(book: Book, destinations: Mapping[str, Destination], now: float) -> None:
    """What waits for a channel's former URL goes to its present one, if that never worked, or none serves it."""
    known = {each.hash for each in destinations.values()}
    for channel, destination in book.destinations():
        present = destinations.get(channel)
        if present is not None and destination not in known:
            line = book.line(destination, channel)
            never_worked = line.dead_word is not None or (line.failures > 0 and line.last_ok_at is None)
            before = math.inf if never_worked else now - STALE_AFTER_S
            book.readdress(channel, destination, present.hash, before=before)
