"""What waits for an address of a channel that the configuration names no more."""

import math
from collections.abc import Mapping

from bongsu.delivery.destination import Destination
from bongsu.routing import Ability, substitute
from bongsu.store import Book, SqliteStore

STALE_AFTER_S = 600.0  # what waits this long for a destination that nobody here serves is taken over
FORMER_KEPT_S = 60.0  # until all processes have noticed an edit (5 s), and what they were sending has its answer

Destinations = Mapping[str, Destination]
"""By channel; never empty."""


def readdress(book: Book, destinations: Destinations, now: float) -> None:
    """What waits for a channel's former URL goes to its present one, if that never worked, or none serves it."""
    known = {each.hash for each in destinations.values()}
    for channel, destination in book.destinations():
        if destination not in known:
            line = book.line(destination, channel)
            never_worked = line.dead_word is not None or (line.failures > 0 and line.last_ok_at is None)
            # A channel that is not known here may be another process's, which is trying.
            before = math.inf if never_worked and channel in destinations else now - STALE_AFTER_S
            _move(book, channel, destination, _present(channel, destinations), before)


class FormerAddresses:
    """Where the channels of this process led until lately: what waits there goes where they lead at present."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}  # by channel and the hash of its destination

    def add(self, destinations: Destinations, now: float) -> None:
        """Those in force until `now`."""
        self._since.update({(channel, each.hash): now for channel, each in destinations.items()})

    def look(self, store: SqliteStore, destinations: Destinations, now: float) -> None:
        """Raises StoreError, and does it the next time."""
        self._since = {each: at for each, at in self._since.items() if abs(now - at) < FORMER_KEPT_S}
        moved = [each for each in self._since if each[1] != _present(each[0], destinations).hash]
        if not moved:
            return
        with store.reading() as book:
            left = set(book.destinations()).intersection(moved)
        if left:
            with store.transaction() as book:
                for channel, former in left:
                    _move(book, channel, former, _present(channel, destinations), math.inf)


def _present(channel: str, destinations: Destinations) -> Destination:
    """Where it leads; a channel that is gone leads where another stands in for it."""
    return destinations[substitute(channel, destinations)]


def _move(book: Book, channel: str, former: str, present: Destination, before: float) -> None:
    book.readdress(channel, former, present.hash, before=before, forwards=present.ability is Ability.FORWARDS)
