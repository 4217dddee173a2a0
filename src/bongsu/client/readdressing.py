"""What waits for an address of a channel that the configuration names no more."""

import math
from collections.abc import Iterable, Mapping

from bongsu.delivery.destination import Destination
from bongsu.routing import substitute
from bongsu.store import Book, SqliteStore

STALE_AFTER_S = 600.0  # what waits this long for a destination that nobody here serves is taken over
REMOVED_KEPT_S = 60.0  # until all processes have noticed an edit (5 s), and what they were sending has its answer


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


class Removals:
    """Addresses that this process served until lately: what waits there goes where its channel leads instead."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}  # by the hash of the destination

    def add(self, destinations: Iterable[str], now: float) -> None:
        """Those in force until `now`."""
        self._since.update(dict.fromkeys(destinations, now))

    def look(self, store: SqliteStore, destinations: Mapping[str, Destination], now: float) -> None:
        """Raises StoreError, and does it the next time."""
        served = {each.hash for each in destinations.values()}
        lately = {each: at for each, at in self._since.items() if abs(now - at) < REMOVED_KEPT_S}
        self._since = lately
        if lately.keys() <= served:
            return
        with store.reading() as book:
            left = [each for each in book.destinations() if each[1] in lately.keys() - served]
        if left:
            with store.transaction() as book:
                for channel, former in left:
                    present = destinations[substitute(channel, destinations)]
                    book.readdress(channel, former, present.hash, before=math.inf)
