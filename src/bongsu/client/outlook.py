"""What waiting for delivery would bring, read from the store."""

from collections.abc import Container, Iterable
from enum import Enum, auto

from bongsu.capture.spool import Spool
from bongsu.delivery.sender import LEASE_S
from bongsu.store import Book


class Outlook(Enum):
    """How it stands with everything captured so far."""

    SETTLED = auto()  # all is delivered
    MOVING = auto()
    STUCK = auto()  # every destination that something waits for is blocked for longer than one would wait


def outlook(book: Book, spools: Iterable[Spool], until: float) -> Outlook:
    """Whether waiting `until` then makes sense."""
    if any(not is_taken(spool, book, tallies=False) for spool in spools):
        return Outlook.MOVING
    waiting = book.waiting_counts()
    if not waiting:
        return Outlook.MOVING if book.has_messages() else Outlook.SETTLED
    lines = [line for line in book.lines() if line.destination in waiting]
    is_stuck = len(lines) == len(waiting) and all(line.blocked_till > until for line in lines)
    return Outlook.STUCK if is_stuck else Outlook.MOVING


def is_starving(book: Book, known: Container[str], now: float) -> bool:
    """Whether what we could send is not sent: who has the lease may not know our destination."""
    for destination in book.waiting_counts():
        messages, oldest_at = book.oldest_waiting(destination)
        line = book.line(destination, "")
        is_free = not line.blocked_at <= now < line.blocked_till
        if destination in known and messages and is_free and now - oldest_at > LEASE_S:
            return True
    return False


def is_taken(spool: Spool, book: Book, *, tallies: bool) -> bool:
    """Whether the store has all that a spool holds; a busy service never stands still, so `tallies` may be left out."""
    records, _ = spool.records(book.position(spool.name))
    taken = book.slots(spool.name)
    left_out = frozenset() if tallies else frozenset(spool.tally_slots)
    counters = (each for each in spool.counters() if each.slot not in left_out)
    untaken = any(each.count > taken.get(each.slot, ("", 0))[1] for each in counters)
    return not (records or spool.memory or untaken)
